//! Figures of three axes.

use rendering::*;

fn valley(x: f64, y: f64) -> f64 {
    let (a, b) = (1.0 - x, y - x * x);
    libm::log10(1.0 + a * a + 10.0 * b * b)
}

/// A surface of 60 × 60 cells with two paths over it.
fn surface() -> Figure {
    let scale = ColorScale::magnitude(0.0, 2.0);
    let path = |rate: f64| {
        let (mut x, mut y) = (-1.4f64, 1.6f64);
        let step = move |_| {
            let b = y - x * x;
            (x, y) = (x + rate * (2.0 * (1.0 - x) + 40.0 * b * x), y - rate * 20.0 * b);
            (x, y, valley(x, y))
        };
        [(-1.4, 1.6, valley(-1.4, 1.6))].into_iter().chain((0..200).map(step))
    };
    let space = Space::new(Axis::new("weight 1"), Axis::new("weight 2"), Axis::new("log₁₀(1 + loss)"));
    let space = match Grid::sample((-2.0, 2.0), (-1.0, 2.5), 61, 61, valley) {
        Ok(grid) => space.body(Surface::new(grid, scale)),
        Err(_) => space,
    };
    let space = space
        .body(Polyline::new(path(0.004)).color(palette::class(3)).width(2.6).label("rate 0.004"))
        .body(Cloud::new([(1.0, 1.0, 0.0)]).color(palette::INK).label("minimum"))
        .camera(Camera::new(-50.0, 48.0));
    Figure::new("space-surface", "A path down a valley, in three dimensions")
        .caption("A surface of 3,600 cells coloured by height, with the path of gradient descent over it.")
        .panel(Panel::space(space))
        .color_bar(ColorBar::new("log₁₀(1 + loss)", scale))
}

/// Four named points between two planes that cross.
fn planes() -> Figure {
    let unit = |name: &str| Axis::new(name).range(0.0, 1.0);
    let corners = [(0.05, 0.1, 0.93), (0.9, 0.75, 0.12), (0.85, 0.2, 0.88), (0.15, 0.9, 0.3)];
    let space = Space::new(unit("hidden 1"), unit("hidden 2"), unit("hidden 3"))
        .body(Sheet::new([1.0, 0.4, -1.0], 0.1).color(palette::class(4)).label("output 0.5"))
        .body(
            Sheet::new([-1.0, -0.6, 1.0], -0.1)
                .color(palette::class(7))
                .dash(Dash::Dashed)
                .label("logistic regression"),
        )
        .body(
            Cloud::new(corners)
                .classes([0, 1, 1, 0])
                .names(["0, 0", "0, 1", "1, 0", "1, 1"])
                .drops()
                .labels(["false", "true"]),
        );
    Figure::new("space-planes", "Four points and two planes in the unit cube")
        .caption("Activations of three hidden neurons with the output's separating plane and a fitted one.")
        .panel(Panel::space(space))
}

fn saddle() -> Space {
    let f = |x: f64, y: f64| 0.8 * (x * x - y * y) + 0.3 * libm::sin(3.0 * x);
    let space = Space::new(Axis::new("x"), Axis::new("y"), Axis::new("z"))
        .body(Sheet::new([0.3, 1.0, 1.2], 0.1).color(palette::class(3)).opacity(0.4));
    let ring = (0..=120).map(|i| {
        let t = std::f64::consts::TAU * f64::from(i) / 120.0;
        let (x, y) = (0.8 * libm::cos(t), 0.8 * libm::sin(t));
        (x, y, f(x, y))
    });
    let points = (0..40).map(|i| {
        let t = f64::from(i) * 0.7;
        (0.9 * libm::sin(t), 0.9 * libm::cos(1.7 * t), libm::sin(2.3 * t))
    });
    let space = match Grid::sample((-1.0, 1.0), (-1.0, 1.0), 17, 17, f) {
        Ok(grid) => space.body(Surface::new(grid, ColorScale::signed(1.0))),
        Err(_) => space,
    };
    space
        .body(Polyline::new(ring).color(palette::INK).label("ring on it"))
        .body(Cloud::new(points).color(palette::class(1)).radius(3.5).label("points around it"))
}

/// A plane through a surface, points on both sides of both: four views.
fn cut() -> Figure {
    let views = [(-60.0, 30.0), (25.0, 15.0), (120.0, 60.0), (-150.0, -20.0)];
    views.into_iter().fold(
        Figure::new("space-cut", "A plane through a saddle, from four sides")
            .caption("Surface, plane, line and points cover each other as they should from every side.")
            .columns(2),
        |figure, (azimuth, elevation)| {
            let title = format!("azimuth {azimuth}°, elevation {elevation}°").replace('-', "−");
            figure.panel(Panel::space(saddle().camera(Camera::new(azimuth, elevation))).title(title))
        },
    )
}

/// The same, turning.
fn turn() -> Figure {
    let n = 13;
    Figure::new("space-turn", "A saddle that turns")
        .caption("A quarter turn in thirteen frames.")
        .animate(Animation::new((0..n).map(|i| format!("{}°", 30 * i / 4))).seconds(3.0))
        .panel(Panel::spaces(saddle().turn(n, 90.0)))
}

/// Points that move between walls that stay.
fn moving() -> Figure {
    let unit = |name: &str| Axis::new(name).range(0.0, 1.0);
    let frame = |i: usize| {
        let t = i as f64 / 10.0;
        let at = |x: f64, y: f64, z: f64| (0.5 + (x - 0.5) * t, 0.5 + (y - 0.5) * t, 0.5 + (z - 0.5) * t);
        Space::new(unit("hidden 1"), unit("hidden 2"), unit("hidden 3"))
            .body(Sheet::new([1.0 - t, t, 1.0], 0.5 + 0.4 * t).color(palette::class(4)).label("output 0.5"))
            .body(
                Cloud::new([at(0.05, 0.1, 0.93), at(0.9, 0.75, 0.12), at(0.85, 0.2, 0.88), at(0.15, 0.9, 0.3)])
                    .classes([0, 1, 1, 0])
                    .drops()
                    .labels(["false", "true"]),
            )
    };
    Figure::new("space-moving", "Four points part")
        .caption("Points move apart and a plane comes between them; the walls stay.")
        .animate(Animation::new((0..=10).map(|i| format!("epoch {}", 500 * i))).seconds(3.0))
        .panel(Panel::spaces((0..=10).map(frame)))
}

fn odd() -> Figure {
    let nothing = Space::new(Axis::new("x"), Axis::new("y"), Axis::new("z"));
    let hole = Grid::sample((0.0, 1.0), (0.0, 1.0), 8, 8, |x, y| if x + y > 1.4 { f64::NAN } else { x * y });
    let holed = match hole {
        Ok(grid) => nothing.clone().body(Surface::new(grid, ColorScale::magnitude(0.0, 0.5))),
        Err(_) => nothing.clone(),
    };
    let outside = Space::new(
        Axis::new("a rather long label (units)").range(0.0, 1.0),
        Axis::new("another rather long label (units)").range(0.0, 1.0),
        Axis::new("log").log().range(0.001, 1.0),
    )
    .body(Polyline::new([(-1.0, 0.5, 0.1), (0.5, 0.5, 0.1), (f64::NAN, 0.0, 0.1), (0.2, 0.2, 0.01), (2.0, 0.9, 0.5)]))
    .body(Cloud::new([(0.5, 0.5, 0.1), (3.0, 0.0, 0.1), (0.1, 0.1, -1.0)]))
    .body(Sheet::new([0.0; 3], 1.0));
    Figure::new("space-odd", "Odd boxes")
        .caption("An empty box, a surface with a hole, data beyond the box, and views along an axis and from above.")
        .columns(2)
        .panel(Panel::space(nothing.clone()).title("empty"))
        .panel(Panel::space(holed.clone()).title("a hole"))
        .panel(Panel::space(outside).title("beyond the box"))
        .panel(Panel::space(holed.clone().camera(Camera::new(-90.0, 0.0))).title("along y"))
        .panel(Panel::space(holed.clone().camera(Camera::new(0.0, 90.0))).title("from above"))
        .panel(Panel::space(nothing.proportions([2.0, 1.0, 0.3])).title("flat"))
}

pub fn figures() -> Vec<Figure> {
    vec![surface(), planes(), cut(), turn(), moving(), odd()]
}
