//! Writing a scene: faces in painter's order, and between them the pieces of lines and the dots that they cover or do not.

use super::camera::{V3, View, between};
use super::order::{Covers, painted};
use super::parts::{Dot, Face, Parts, Skin, Stroke};
use crate::plane::Pixel;
use crate::svg::{Anchor, Group, Style, hundredths};
use crate::{Plane, geometry, palette, text};

/// Lines are cut into pieces no longer than this in drawing units: each is covered as a whole or not at all.
const PIECE: f64 = 3.0;
/// Curves are drawn within this many hundredths of a unit of where they are.
const TOLERANCE: i64 = 4;
/// The rim of a dot.
const RIM: f64 = 0.8;

/// A run of pieces, or a dot, before the face it is drawn.
enum Item<'a> {
    Run(&'a Stroke, Vec<V3>),
    Dot(&'a Dot, V3),
}

fn pixel(p: V3) -> Pixel {
    (hundredths(p[0]), hundredths(p[1]))
}

/// Draws a scene.
pub(crate) fn paint(plane: &Plane, parts: Parts, view: &View) {
    let faces = painted(parts.faces, parts.cuts, view.towards());
    let covers = Covers::new(&faces, view);
    let mut items: Vec<(usize, Item<'_>)> = Vec::new();
    for stroke in &parts.strokes {
        items.extend(runs(stroke, &covers, view));
    }
    let mut dots: Vec<(V3, &Dot)> = parts.dots.iter().map(|dot| (view.project(dot.at), dot)).collect();
    dots.sort_by(|(a, _), (b, _)| a[2].total_cmp(&b[2]));
    items.extend(dots.iter().map(|&(at, dot)| (covers.slot(at), Item::Dot(dot, at))));
    // Stable: of what goes before the same face, lines come first, then dots from back to front.
    items.sort_by_key(|(slot, _)| *slot);

    let mut items = items.into_iter().peekable();
    let mut start = 0;
    while start < faces.len() || items.peek().is_some() {
        let mut waiting = Vec::new();
        while let Some((_, item)) = items.next_if(|(slot, _)| *slot <= start) {
            waiting.push(item);
        }
        draw_items(plane, &waiting);
        // Faces of one look up to the next item are one group.
        let Some(first) = faces.get(start) else { continue };
        let next = items.peek().map_or(faces.len(), |(slot, _)| *slot);
        let same = faces[start..next].iter().take_while(|f| f.skin == first.skin).count();
        draw_faces(plane, &faces[start..start + same], view);
        start += same;
    }
    draw_names(plane, &dots);
}

/// A line's pieces, joined where neighbours go before the same face.
fn runs<'a>(stroke: &'a Stroke, covers: &Covers, view: &View) -> Vec<(usize, Item<'a>)> {
    let mut runs: Vec<(usize, Vec<V3>)> = Vec::new();
    for pair in stroke.places.windows(2) {
        let (a, b) = (view.project(pair[0]), view.project(pair[1]));
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let pieces = libm::ceil((dx * dx + dy * dy).sqrt() / PIECE).clamp(1.0, 1000.0);
        for i in 0..pieces as usize {
            let at = |k: f64| between(a, b, (i as f64 + k) / pieces);
            let slot = covers.slot(at(0.5));
            match runs.last_mut() {
                Some((last, places)) if *last == slot => places.push(at(1.0)),
                _ => runs.push((slot, vec![at(0.0), at(1.0)])),
            }
        }
    }
    runs.into_iter().map(|(slot, places)| (slot, Item::Run(stroke, places))).collect()
}

fn draw_faces(plane: &Plane, faces: &[Face], view: &View) {
    let Some(Face { fill, skin: Skin { edge, opacity }, .. }) = faces.first() else { return };
    let style = edge.map_or(Style::filled(*fill), |(color, width)| Style::outlined(*fill, color, width));
    plane.group(Group::styled(style).opacity(*opacity).round(), || {
        for face in faces {
            let corners: Vec<Pixel> = face.corners.iter().map(|&p| pixel(view.project(p))).collect();
            plane.canvas(|c| c.polygon(&corners, face.fill));
        }
    });
}

/// Items in their order, those of one look that follow each other in one group.
fn draw_items(plane: &Plane, items: &[Item<'_>]) {
    let alike = |a: &Item<'_>, b: &Item<'_>| match (a, b) {
        (Item::Run(a, _), Item::Run(b, _)) => a.color == b.color && a.width == b.width && a.dash == b.dash,
        (Item::Dot(..), Item::Dot(..)) => true,
        _ => false,
    };
    for same in items.chunk_by(alike) {
        let group = match &same[0] {
            Item::Run(stroke, _) => Group::styled(Style::stroked(stroke.color, stroke.width)).dash(stroke.dash).round(),
            Item::Dot(dot, _) => Group::styled(Style::outlined(dot.color, palette::PAPER, RIM)),
        };
        plane.group(group, || {
            for item in same {
                match item {
                    Item::Run(_, places) => {
                        let pixels: Vec<Pixel> = places.iter().map(|&p| pixel(p)).collect();
                        let kept = geometry::simplified(&pixels, TOLERANCE).into_iter().map(|i| pixels[i]);
                        plane.canvas(|c| c.polyline(kept));
                    }
                    Item::Dot(dot, at) => plane.canvas(|c| c.disc(pixel(*at), dot.radius, dot.color)),
                }
            }
        });
    }
}

/// Words beside dots, on top of everything.
fn draw_names(plane: &Plane, dots: &[(V3, &Dot)]) {
    let named: Vec<&(V3, &Dot)> = dots.iter().filter(|(_, dot)| !dot.name.is_empty()).collect();
    if named.is_empty() {
        return;
    }
    let style = Style::text(palette::INK, text::SIZE, Anchor::Start).haloed();
    plane.group(Group::styled(style).stroke_below(), || {
        for (at, dot) in named {
            let place = pixel([at[0] + dot.radius + 4.0, at[1] - dot.radius - 1.0, 0.0]);
            plane.canvas(|c| c.text(place, &dot.name, 0));
        }
    });
}
