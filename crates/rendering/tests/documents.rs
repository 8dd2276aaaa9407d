//! What every figure's file must be, whatever it shows: well-formed, one element a line, two decimals, no negative zero,
//! unique ids, text inside the page and never on other text, legends off the data, sizes bounded.

// A helper of a test may panic like the test itself.
#![allow(clippy::unwrap_used)]

use crate::gallery;
use crate::soundness::{Box, collisions, complaints, number};
use proptest::prelude::*;
use rendering::*;
use std::collections::BTreeSet;

#[test]
fn the_gallery_is_sound() {
    for figure in gallery::figures() {
        let svg = figure.to_svg().unwrap();
        let wrong: Vec<String> = complaints(&svg).into_iter().chain(collisions(&svg)).collect();
        assert!(wrong.is_empty(), "{}: {wrong:#?}", figure.id);
        assert!(svg.len() < 1_000_000, "{} has {} bytes", figure.id, svg.len());
    }
}

#[test]
fn the_gallery_is_sound_on_a_phone() {
    for figure in gallery::figures() {
        let (id, moves) = (figure.id.clone(), figure.animation.is_some());
        let svg = figure.narrow().to_svg().unwrap();
        let wrong: Vec<String> = complaints(&svg).into_iter().chain(collisions(&svg)).collect();
        assert!(wrong.is_empty(), "{id}: {wrong:#?}");
        assert!(svg.contains(" width=\"360.00\" "), "{id}");
        assert_eq!(svg.contains("\n<animate "), moves, "{id}");
    }
}

#[test]
fn legends_never_cover_data() {
    for figure in gallery::figures() {
        let svg = figure.to_svg().unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let legend = document.descendants().find(|n| n.attribute("id").is_some_and(|id| id.ends_with("-legend")));
        let Some(legend) = legend else { continue };
        // The clip of a panel is its data area with a unit of slack.
        let areas: Vec<Box> = document
            .descendants()
            .filter(|n| n.has_tag_name("clipPath"))
            .filter_map(|n| n.first_element_child())
            .map(|r| {
                let (left, top) = (number(r, "x") + 1.0, number(r, "y") + 1.0);
                let (width, height) = (number(r, "width") - 2.0, number(r, "height") - 2.0);
                Box { what: "data".into(), left, top, right: left + width, bottom: top + height }
            })
            .collect();
        for text in legend.descendants().filter(|n| n.has_tag_name("text")) {
            let (x, y) = (number(text, "x"), number(text, "y"));
            let entry = Box { what: "entry".into(), left: x - 30.0, top: y - 14.0, right: x + 10.0, bottom: y + 4.0 };
            assert!(areas.iter().all(|area| !area.overlaps(&entry)), "{}: {text:?}", figure.id);
        }
    }
}

#[test]
fn ten_thousand_points_stay_under_a_megabyte() {
    let (points, classes) = gallery::spiral(10_000, 10, 0.3);
    let values: Vec<f64> = points.iter().map(|p| p.0).collect();
    let panel = || Panel::new(Axis::new("x"), Axis::new("y"));
    let svg = |mark: Scatter| Figure::new("big", "Big").panel(panel().mark(mark)).to_svg().unwrap();
    let cloud = || Scatter::new(points.clone());
    let scale = ColorScale::magnitude(-1.0, 1.0);
    for mark in [cloud().classes(classes), cloud().values(values, scale).outlined(true), cloud().shape(Shape::Square)] {
        let svg = svg(mark);
        assert!(svg.len() < 1_000_000, "{} bytes", svg.len());
    }
    let long = (0..200_000).map(|i| (f64::from(i), f64::from(i * 7919 % 1000)));
    let svg = Figure::new("long", "Long").panel(panel().mark(Line::new(long))).to_svg().unwrap();
    assert!(svg.len() < 300_000, "{} bytes", svg.len());
}

/// Whether a group of this `<animate>` on `display` is shown at a time, given as a share of the period.
fn is_on(animate: roxmltree::Node, time: f64) -> bool {
    let list = |name: &str| animate.attribute(name).unwrap().split(';').collect::<Vec<_>>();
    let begun = list("keyTimes").iter().rposition(|begin| begin.parse::<f64>().unwrap() <= time).unwrap();
    list("values")[begun] == "inline"
}

#[test]
fn every_moment_of_an_animation_shows_one_frame() {
    let svg = gallery::moving::turning().to_svg().unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let is_frame = |n: &roxmltree::Node| n.first_element_child().is_some_and(|c| c.has_tag_name("animate"));
    let parents: BTreeSet<_> =
        document.descendants().filter(is_frame).map(|n| n.parent().unwrap().id().get()).collect();
    // The clock, three moving marks of the curve, the regions and their title.
    assert_eq!(parents.len(), 6);
    for parent in parents {
        let parent = document.get_node(roxmltree::NodeId::new(parent)).unwrap();
        let frames: Vec<_> = parent.children().filter(is_frame).collect();
        for moment in 0..200 {
            let time = f64::from(moment) / 200.0;
            let showing = frames.iter().filter(|frame| is_on(frame.first_element_child().unwrap(), time));
            assert_eq!(showing.count(), 1, "at {time} of the period");
        }
        // The end is there without animation, and rests for two of the six seconds.
        let last: Vec<_> = frames.iter().filter(|frame| frame.attribute("display").is_none()).collect();
        assert_eq!(last.len(), 1);
        let animate = last[0].first_element_child().unwrap();
        assert_eq!(animate.attribute("dur"), Some("6.000s"));
        assert!(is_on(animate, 0.67) && is_on(animate, 0.999) && !is_on(animate, 0.0));
        assert_eq!(animate.attribute("repeatCount"), Some("indefinite"));
    }
    // Samples, legend, clock, and the moving dot, whose last two of nine places are one.
    assert_eq!(svg.matches("epoch").count(), 9);
    assert_eq!(svg.matches("cx=\"").count(), 150 + 3 + 9 + 8);
    assert!(!svg.contains("<script"));
}

#[test]
fn animations_keep_to_their_limit_and_their_number_of_frames() {
    let mut figure = gallery::moving::turning();
    let bytes = figure.to_svg().unwrap().len();
    if let Some(animation) = &mut figure.animation {
        animation.limit = bytes / 2;
    }
    let error = figure.to_svg().unwrap_err();
    let RenderingError::TooLarge { frames: 9, fit, .. } = error else { panic!("{error}") };
    assert!((2..9).contains(&fit), "{fit}");
    assert!(error.to_string().contains("show at most"), "{error}");
    figure.animation = Some(Animation::new(["one", "two"]));
    let error = figure.to_svg().unwrap_err().to_string();
    assert_eq!(error, "panel 0: regions has 9 frames, and the animation has 2");
    figure.animation = Some(Animation::new(vec!["x"; 9]).headlines(["one"]));
    let error = figure.to_svg().unwrap_err().to_string();
    assert_eq!(error, "panel 0: the clock's headline has 1 frame, and the animation has 9");
    figure.animation = None;
    let still = figure.to_svg().unwrap();
    assert!(!still.contains("<animate") && still.len() < bytes / 3);
}

#[test]
fn equal_figures_have_equal_bytes() {
    let (first, second) = (gallery::figures(), gallery::figures());
    assert!(first.iter().zip(&second).all(|(a, b)| a.to_svg().unwrap() == b.to_svg().unwrap()));
}

#[test]
fn an_empty_figure_is_a_file() {
    assert!(complaints(&Figure::new("", "").to_svg().unwrap()).is_empty());
    assert!(
        complaints(&Figure::new("a b", "<&>\u{1}").caption("\"\u{0}'").panel(Panel::blank()).to_svg().unwrap())
            .is_empty()
    );
}

#[test]
fn every_colour_changes_on_a_dark_page_or_lies_on_a_plate() {
    for figure in gallery::figures() {
        let svg = figure.to_svg().unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let style = document.root_element().children().find(|n| n.has_tag_name("style")).unwrap().text().unwrap();
        let plated = document.root_element().attribute("class") == Some("plated");
        assert_eq!(plated, style.contains(".plated .plate{color-scheme:only light}"), "{}", figure.id);
        for node in document.descendants() {
            let on_plate = plated && node.ancestors().any(|n| n.attribute("class") == Some("plate"));
            // The strip of a colour bar explains colours that do not change.
            let colors = ["fill", "stroke"].into_iter().filter_map(|name| Some((name, node.attribute(name)?)));
            for (name, color) in colors.filter(|(_, color)| color.starts_with('#')) {
                let follows = style.contains(&format!("[{name}=\"{color}\"]{{{name}:light-dark({color},#"));
                assert!(follows || on_plate, "{}: {name}=\"{color}\"", figure.id);
            }
        }
    }
}

fn words() -> impl Strategy<Value = String> {
    let letter = prop_oneof![9 => proptest::char::range('a', 'z'), 1 => Just('σ'), 1 => Just('→')];
    let word = proptest::collection::vec(letter, 1..10).prop_map(String::from_iter);
    proptest::collection::vec(word, 0..6).prop_map(|w| w.join(" "))
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -5.0..5.0f64,
        2 => (-12i32..12, -9.0..9.0f64).prop_map(|(e, m)| m * libm::pow(10.0, f64::from(e))),
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::MAX), Just(f64::MIN_POSITIVE), Just(0.0)],
    ]
}

fn axis() -> impl Strategy<Value = Axis> {
    (words(), 0..6usize, any::<bool>()).prop_map(|(label, kind, reversed)| {
        let axis = Axis::new(label);
        let axis = match kind {
            0 => axis.log(),
            1 => axis.whole(),
            2 => axis.names(["one", "two or three", "four"]),
            _ => axis,
        };
        if reversed { axis.reversed() } else { axis }
    })
}

fn panel() -> impl Strategy<Value = Panel> {
    let points = proptest::collection::vec((value(), value()), 0..20);
    (axis(), axis(), words(), points, words(), 0..4usize).prop_map(|(x, y, title, points, label, kind)| {
        let panel = Panel::new(x, y).title(title);
        let scale = ColorScale::signed(2.0);
        let panel = match kind {
            0 => panel.mark(Line::new(points).label(label)),
            1 => panel.mark(Scatter::new(points).label(label)),
            2 => panel.mark(Area::new(points.iter().map(|p| (p.0, p.1, p.1 + 1.0))).label(label)),
            _ => panel.mark(Line::new(points).step()).color_bar(ColorBar::new(label, scale)),
        };
        if kind == 1 { panel.equal() } else { panel }
    })
}

proptest! {
    #[test]
    fn any_figure_is_sound(
        panels in proptest::collection::vec(panel(), 0..6),
        columns in 1..4usize,
        title in words(),
        shares: (bool, bool),
        position in 0..3usize,
    ) {
        let mut figure = Figure::new("any", title.clone()).subtitle(title).columns(columns);
        figure.panels = panels;
        (figure.share_x, figure.share_y) = shares;
        figure.legend = [LegendPosition::Below, LegendPosition::Right, LegendPosition::None][position];
        figure.column_titles = vec!["a column".into(), "another one".into()];
        for svg in [figure.to_svg().unwrap(), figure.narrow().to_svg().unwrap()] {
            let wrong: Vec<String> = complaints(&svg).into_iter().chain(collisions(&svg)).collect();
            prop_assert!(wrong.is_empty(), "{wrong:#?}");
        }
    }
}
