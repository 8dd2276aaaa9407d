//! Figures that move.

use rendering::*;

/// Nine frames: regions that turn under points that stay, a curve that approaches its target, titles that count along.
pub fn turning() -> Figure {
    let n = 9;
    let (points, classes) = super::spiral(150, 3, 0.2);
    let third = std::f64::consts::TAU / 3.0;
    let regions = |i: usize| {
        let bend = i as f64 * 0.5;
        let score = |k: usize| {
            move |x: f64, y: f64| {
                let (r, phase) = ((x * x + y * y).sqrt(), third * k as f64);
                let (s, c) = (libm::sin(bend * r + phase), libm::cos(bend * r + phase));
                x * s + y * c
            }
        };
        let grids: Result<Vec<Grid>, _> =
            (0..3).map(|k| Grid::sample((-1.1, 1.1), (-1.1, 1.1), 41, 41, score(k))).collect();
        grids.and_then(|g| Regions::largest(&g)).map(|r| r.border(palette::INK, 1.2))
    };
    let plane = Panel::new(Axis::new("x"), Axis::new("y")).equal();
    let plane = match (0..n).map(regions).collect::<Result<Vec<_>, _>>() {
        Ok(regions) => plane.mark(Frames::new(regions)),
        Err(_) => plane,
    };
    let wave = |share: f64| (0..80).map(move |i| (f64::from(i) / 12.0, share * libm::sin(f64::from(i) / 12.0)));
    let fit = |i: usize| Line::new(wave(i as f64 / 8.0)).color(palette::class(1)).label("fit");
    let swarm = |i: usize| {
        let place = move |k: usize| {
            let t = (k * 7919 % 600) as f64 / 100.0;
            (t, -1.0 + 0.25 * libm::cos(t + i as f64 / 3.0))
        };
        Scatter::new((0..40).map(place)).classes((0..40).map(|k| k % 2 + 3)).radius(1.5).joined()
    };
    // The last two frames are equal: their content is written once.
    let end = |i: usize| Scatter::new([(6.0, i.min(7) as f64 / 8.0)]).color(palette::class(2));
    Figure::new("turning", "Regions that turn while a curve rises")
        .subtitle("Nine frames over four seconds")
        .caption("The arms of a spiral are told apart step by step; a curve approaches a sine.")
        .columns(2)
        .animate(Animation::new((0..n).map(|i| format!("epoch {}", 50 * i))).seconds(4.0))
        .panel(
            plane
                .titles((0..n).map(|i| format!("{}% right", 33 + 8 * i)))
                .mark(Scatter::new(points).classes(classes).labels(["arm 0", "arm 1", "arm 2"]).radius(2.6)),
        )
        .panel(
            Panel::new(Axis::new("x (radians)"), Axis::new("f(x)"))
                .title("the target stays")
                .mark(Line::new(wave(1.0)).color(palette::INK).dash(Dash::Dashed).label("target"))
                .mark(Frames::new((0..n).map(fit)))
                .mark(Frames::new((0..n).map(swarm)))
                .mark(Frames::new((0..n).map(end))),
        )
}
