//! Painter's order: what is farther is drawn first, so that what is nearer covers it.
//!
//! *Cuts* (flat sheets through the box) divide space: a binary space partition with the cuts as its nodes (Fuchs, Kedem & Naylor,
//! *On visible surface generation by a priori tree structures*, 1980) splits every face that crosses one, and then draws what is
//! beyond the cut, the cut, and what is before it. Between cuts, cells of surfaces z = f(x, y) over a regular grid are sorted by
//! how far away they are *horizontally*: a line of sight moves monotonically over the floor, and of two equal cells of a grid it
//! meets the one with the nearer centre first, so that this order is exact for one surface however steep it is.
//!
//! Points and short pieces of lines go before the first face that covers them on the page and is nearer than they are.

use super::camera::{V3, View, dot};
use super::parts::{Cut, Face, split};

/// A line or a point lies on a face rather than beneath it when it is no farther behind it than this, in units of the box: paths
/// over a surface are computed more finely than its cells.
const ON: f64 = 0.02;

/// The faces and the pieces of the cuts, from the farthest to the nearest.
pub(crate) fn painted(faces: Vec<Face>, cuts: Vec<Cut>, towards: V3) -> Vec<Face> {
    let mut out = Vec::with_capacity(faces.len());
    partition(faces, cuts, towards, &mut out);
    out
}

fn partition(faces: Vec<Face>, mut cuts: Vec<Cut>, towards: V3, out: &mut Vec<Face>) {
    if cuts.is_empty() {
        out.extend(sorted(faces, towards));
        return;
    }
    let cut = cuts.remove(0);
    // With the normal towards the viewer, the far side is the negative one.
    let sign = if dot(cut.normal, towards) < 0.0 { -1.0 } else { 1.0 };
    let (normal, offset) = (cut.normal.map(|v| v * sign), cut.offset * sign);
    let (mut far_faces, mut near_faces, mut far_cuts, mut near_cuts) = (vec![], vec![], vec![], vec![]);
    for face in faces {
        let [far, near] = split(&face.corners, normal, offset);
        if !far.is_empty() && !near.is_empty() {
            far_faces.push(Face { corners: far, ..face });
            near_faces.push(Face { corners: near, ..face });
        } else if near.is_empty() {
            far_faces.push(face);
        } else {
            near_faces.push(face);
        }
    }
    for other in cuts {
        let [far, near] = split(&other.face.corners, normal, offset);
        for (part, list) in [(far, &mut far_cuts), (near, &mut near_cuts)] {
            if !part.is_empty() {
                list.push(Cut { face: Face { corners: part, ..other.face }, ..other });
            }
        }
    }
    partition(far_faces, far_cuts, towards, out);
    out.push(cut.face);
    partition(near_faces, near_cuts, towards, out);
}

/// By horizontal distance, farthest first; of equally far ones the one behind in height; then in the order given.
fn sorted(faces: Vec<Face>, towards: V3) -> Vec<Face> {
    let mut keyed: Vec<([f64; 2], Face)> = (faces.into_iter())
        .map(|face| {
            let n = face.corners.len() as f64;
            let centre: V3 = std::array::from_fn(|i| face.corners.iter().map(|p| p[i]).sum::<f64>() / n);
            // Rounded, so that cells of one row, whose centres differ in the last bits, are equally far.
            let near = (centre[0] * towards[0] + centre[1] * towards[1]) * 1e9;
            ([near.round(), centre[2] * towards[2]], face)
        })
        .collect();
    keyed.sort_by(|(a, _), (b, _)| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    keyed.into_iter().map(|(_, face)| face).collect()
}

/// The faces on the page, for asking what covers a place.
pub(crate) struct Covers {
    faces: Vec<(Vec<V3>, [f64; 4])>,
}

impl Covers {
    pub fn new(faces: &[Face], view: &View) -> Self {
        let on_page = |face: &Face| {
            let corners: Vec<V3> = face.corners.iter().map(|&p| view.project(p)).collect();
            let range = |i: usize| {
                let values = || corners.iter().map(|p| p[i]);
                (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max))
            };
            let ((left, right), (top, bottom)) = (range(0), range(1));
            (corners, [left, right, top, bottom])
        };
        Self { faces: faces.iter().map(on_page).collect() }
    }

    /// Before which face a place (projected) is to be drawn; after all of them where none covers it.
    pub fn slot(&self, place: V3) -> usize {
        let covered = |(corners, [left, right, top, bottom]): &(Vec<V3>, [f64; 4])| {
            let [x, y, depth] = place;
            *left <= x
                && x <= *right
                && *top <= y
                && y <= *bottom
                && depth_at(corners, x, y).is_some_and(|d| d > depth + ON)
        };
        self.faces.iter().position(covered).unwrap_or(self.faces.len())
    }
}

/// How near a projected polygon is at a place of the page; none where it does not cover it.
fn depth_at(corners: &[V3], x: f64, y: f64) -> Option<f64> {
    (2..corners.len()).find_map(|i| {
        let [a, b, c] = [corners[0], corners[i - 1], corners[i]];
        let area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
        let u = ((x - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (y - a[1])) / area;
        let v = ((b[0] - a[0]) * (y - a[1]) - (x - a[0]) * (b[1] - a[1])) / area;
        // A face seen edge-on has no area: the quotients are not finite and it covers nothing.
        (u >= 0.0 && v >= 0.0 && u + v <= 1.0).then(|| a[2] + u * (b[2] - a[2]) + v * (c[2] - a[2]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::camera::Camera;
    use crate::space::parts::{Skin, plane_in_box};
    use crate::{Color, palette};

    const SKIN: Skin = Skin { edge: None, opacity: 1.0 };

    fn face(corners: Vec<V3>, fill: Color) -> Face {
        Face { corners, fill, skin: SKIN }
    }

    fn cut(normal: V3, fill: Color) -> Cut {
        Cut { face: face(plane_in_box(normal, 0.0, [0.5; 3]), fill), normal, offset: 0.0 }
    }

    /// The cells of a surface over the square of side 1.
    fn cells(n: usize, f: impl Fn(f64, f64) -> f64) -> Vec<Face> {
        let at = |i: usize, j: usize| {
            let (x, y) = (i as f64 / n as f64 - 0.5, j as f64 / n as f64 - 0.5);
            [x, y, f(x, y)]
        };
        let cell = |k: usize| {
            let (i, j) = (k % n, k / n);
            face(vec![at(i, j), at(i + 1, j), at(i + 1, j + 1), at(i, j + 1)], palette::class(k))
        };
        (0..n * n).map(cell).collect()
    }

    /// What the eye sees at places of the page is, of all faces there, the nearest: checked against depths at many places.
    fn check(faces: Vec<Face>, cuts: Vec<Cut>, camera: Camera) {
        let view = View::new(&camera, 100.0, (0.0, 0.0));
        let painted = painted(faces, cuts, view.towards());
        let projected = Covers::new(&painted, &view).faces;
        let mut covered = 0;
        for k in 0..4000 {
            // A lattice that misses edges and diagonals.
            let (x, y) = ((k % 63) as f64 * 2.7283 - 85.1, (k / 63) as f64 * 2.6457 - 83.3);
            let depths: Vec<f64> = projected.iter().filter_map(|(corners, _)| depth_at(corners, x, y)).collect();
            let Some(last) = depths.last() else { continue };
            covered += 1;
            let nearest = depths.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            assert!(nearest - last < 0.004, "{camera:?} at {x}, {y}: drew {last} over {nearest}");
        }
        assert!(covered > 300, "{covered}");
    }

    #[test]
    fn the_nearest_is_drawn_last() {
        let hill = |x: f64, y: f64| 0.45 * libm::sin(9.0 * x) * libm::cos(7.0 * y);
        let planes = || vec![cut([1.0, 0.4, 0.3], palette::class(1)), cut([-0.2, 1.0, -1.0], palette::class(2))];
        for azimuth in [-60.0, 0.0, 33.0, 120.0, 250.0] {
            for elevation in [5.0, 30.0, 70.0, -25.0] {
                let camera = Camera::new(azimuth, elevation);
                check(cells(30, hill), Vec::new(), camera);
                check(Vec::new(), planes(), camera);
                check(cells(30, hill), planes(), camera);
            }
        }
    }

    #[test]
    fn places_go_before_what_covers_them() {
        let view = View::new(&Camera::new(-90.0, 0.0), 1.0, (0.0, 0.0));
        let wall =
            |y: f64| face(vec![[-1.0, y, -1.0], [1.0, y, -1.0], [1.0, y, 1.0], [-1.0, y, 1.0]], palette::class(0));
        let painted = painted(vec![wall(-0.2), wall(0.2)], Vec::new(), view.towards());
        let covers = Covers::new(&painted, &view);
        let slot = |y: f64| covers.slot(view.project([0.1, y, 0.3]));
        assert_eq!([0.5, 0.21, 0.0, -0.19, -0.5].map(slot), [0, 1, 1, 2, 2]);
        assert_eq!(covers.slot(view.project([3.0, 0.5, 0.0])), 2);
    }
}
