//! One figure per kind of mark and the usual combinations, from exact made-up data: what the example draws and the test pins.

pub mod moving;
mod spaces;

use rendering::*;

/// A small congruential generator (Knuth, MMIX): scatter that is the same everywhere.
pub struct Noise(u64);

impl Noise {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Uniform in [0, 1).
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Roughly normal, mean 0, standard deviation 1 (Irwin–Hall).
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

/// The K-arm spiral: points and their arms.
pub fn spiral(n: usize, arms: usize, noise: f64) -> (Vec<Point>, Vec<usize>) {
    let mut random = Noise::new(7);
    let mut points = Vec::new();
    let mut classes = Vec::new();
    for i in 0..n {
        let (k, t) = (i % arms, (i / arms) as f64 / (n / arms) as f64);
        let theta = std::f64::consts::TAU / arms as f64 * (2.0 * t + k as f64);
        let jitter = noise * noise;
        points.push((
            t * (libm::sin(theta) + jitter * random.normal()),
            t * (libm::cos(theta) + jitter * random.normal()),
        ));
        classes.push(k);
    }
    (points, classes)
}

fn lines() -> Figure {
    let decay = |rate: f64, floor: f64, seed: u64| {
        let mut random = Noise::new(seed);
        (0..1000).map(move |e| {
            let loss = floor + 1.1 / (1.0 + rate * f64::from(e));
            (f64::from(e), loss * (1.0 + 0.04 * random.normal()))
        })
    };
    let accuracy = |rate: f64| (0..1000).map(move |e| (f64::from(e), 1.0 - 0.66 / (1.0 + rate * f64::from(e))));
    Figure::new("lines", "The folding net fits in a hundred epochs what lifting never fits")
        .caption("Training loss on a log axis and accuracy over 1,000 epochs.")
        .share_x()
        .panel(
            Panel::new(Axis::new("epoch").whole(), Axis::new("cross-entropy (nats)").log())
                .mark(Line::new(decay(0.01, 0.5, 1)).color(palette::class(0)).label("polynomial features, P = 5"))
                .mark(Line::new(decay(0.2, 0.004, 2)).color(palette::class(1)).label("2 → 64 → 32 → 3")),
        )
        .panel(
            Panel::new(Axis::new("epoch").whole(), Axis::new("accuracy (fraction)"))
                .mark(Line::new(accuracy(0.004)).color(palette::class(0)).label("polynomial features, P = 5"))
                .mark(Line::new(accuracy(0.1)).color(palette::class(1)).label("2 → 64 → 32 → 3"))
                .mark(Rule::horizontal(0.99).label("target 0.99")),
        )
}

fn gaps() -> Figure {
    let wave = |phase: f64| (0..200).map(move |i| (f64::from(i) / 20.0, libm::sin(f64::from(i) / 20.0 + phase)));
    let broken = wave(0.0).map(|(x, y)| if (3.0..4.0).contains(&x) { (x, f64::NAN) } else { (x, y) });
    let steps = (0..11).map(|i| (f64::from(i), 0.8 - 0.15 * f64::from(i)));
    Figure::new("gaps", "Ghosts, gaps, dashes and steps")
        .caption("Translucent lines, a line with a gap, broken lines, a step line, a rug and a label.")
        .panel(
            (0..6).fold(
                Panel::new(Axis::new("x (radians)"), Axis::new("f(x)"))
                    .mark(Line::new(broken).color(palette::INK).width(2.5).label("target"))
                    .mark(Line::new(steps).color(palette::class(5)).step().label("learning rate"))
                    .mark(Line::new(wave(2.0)).color(palette::class(2)).dash(Dash::Dashed).label("dashed"))
                    .mark(Line::new(wave(2.6)).color(palette::class(3)).dash(Dash::Dotted).label("dotted"))
                    .mark(Rug::new([0.5, 1.7, 4.4, 4.6, 8.8]))
                    .mark(Rule::vertical(4.5).label("kink of neuron 7"))
                    .mark(Label::new((4.5, -0.95), "σ → 0.2").offset(6.0, 0.0)),
                |panel, i| {
                    panel.mark(
                        Line::new(wave(0.3 + 0.2 * f64::from(i))).color(palette::class(0)).opacity(0.25).width(1.2),
                    )
                },
            ),
        )
}

fn scatter() -> Figure {
    let (points, classes) = spiral(500, 3, 0.2);
    let names = ["arm 0", "arm 1", "arm 2"];
    let radius: Vec<f64> = points.iter().map(|(x, y)| (x * x + y * y).sqrt()).collect();
    let panel = || Panel::new(Axis::new("x"), Axis::new("y")).equal();
    Figure::new("scatter", "Five hundred points on three arms")
        .subtitle("Spiral with noise σ = 0.2, by class and by distance from the centre")
        .caption("Two scatter plots of the same spiral.")
        .columns(2)
        .panel(panel().title("by class").mark(Scatter::new(points.clone()).classes(classes).labels(names)))
        .panel(
            panel()
                .title("by radius")
                .mark(Scatter::new(points).values(radius, ColorScale::magnitude(0.0, 1.0)))
                .color_bar(ColorBar::new("radius", ColorScale::magnitude(0.0, 1.0))),
        )
}

fn palette_of_ten() -> Figure {
    let mut random = Noise::new(3);
    let classes: Vec<usize> = (0..1500).map(|i| i % 10).collect();
    let centre = |k: usize| {
        let angle = std::f64::consts::TAU * k as f64 / 10.0;
        (3.0 * libm::cos(angle), 3.0 * libm::sin(angle))
    };
    let points: Vec<Point> =
        classes.iter().map(|&k| (centre(k).0 + 0.6 * random.normal(), centre(k).1 + 0.6 * random.normal())).collect();
    Figure::new("ten-classes", "Ten classes, ten colours")
        .caption("Ten clusters in the ten class colours with their legend.")
        .legend(LegendPosition::Right)
        .panel(
            Panel::new(Axis::new("component 1"), Axis::new("component 2"))
                .equal()
                .mark(Scatter::new(points).classes(classes).labels((0..10).map(|k| format!("digit {k}")))),
        )
}

fn shapes() -> Figure {
    let row = |y: f64| (0..12).map(move |i| (f64::from(i), y + 0.2 * libm::sin(f64::from(i))));
    let shaped = |shape, k: usize, name: &str| {
        Scatter::new(row(k as f64)).shape(shape).color(palette::class(k)).radius(5.0).label(name)
    };
    Figure::new("shapes", "Four shapes").caption("Circles, squares, diamonds and triangles.").panel(
        Panel::new(Axis::new("index").whole(), Axis::new("row").whole())
            .mark(shaped(Shape::Circle, 0, "circle"))
            .mark(shaped(Shape::Square, 1, "square"))
            .mark(shaped(Shape::Diamond, 2, "diamond"))
            .mark(shaped(Shape::Triangle, 3, "triangle")),
    )
}

fn score_grids(n: usize) -> Vec<Grid> {
    let arm = |k: usize| {
        move |x: f64, y: f64| {
            let r = (x * x + y * y).sqrt();
            libm::cos(libm::atan2(x, y) - std::f64::consts::TAU / 3.0 * (2.0 * r + k as f64))
        }
    };
    (0..3).filter_map(|k| Grid::sample((-1.1, 1.1), (-1.1, 1.1), n, n, arm(k)).ok()).collect()
}

fn regions() -> Figure {
    let (points, classes) = spiral(600, 3, 0.2);
    let names = ["arm 0", "arm 1", "arm 2"];
    let blocks: Vec<usize> = (0..21 * 21).map(|i| ((i / 21) / 7 + (i % 21) / 7) % 3).collect();
    let panel = || Panel::new(Axis::new("x"), Axis::new("y")).equal();
    let data = || Scatter::new(points.clone()).classes(classes.clone()).labels(names).radius(2.8);
    let smooth = Regions::largest(&score_grids(121)).ok();
    let crisp = Regions::classes((-1.1, 1.1), (-1.1, 1.1), 21, 21, &blocks).ok();
    let filled = |panel: Panel, regions: Option<Regions>| match regions {
        Some(regions) => panel.mark(regions.border(palette::INK, 1.0)).mark(data()),
        None => panel,
    };
    Figure::new("regions", "Decision regions with the data on top")
        .caption("Regions of the largest score, interpolated, and regions from labels alone.")
        .columns(2)
        .share_y()
        .panel(filled(panel().title("from scores"), smooth))
        .panel(filled(panel().title("from labels"), crisp))
}

fn surface() -> Figure {
    let bowl = |x: f64, y: f64| {
        let (a, b) = (1.0 - x, y - x * x);
        libm::log10(1.0 + a * a + 10.0 * b * b)
    };
    let levels: Vec<f64> = (1..10).map(|i| 0.2 * f64::from(i)).collect();
    let scale = ColorScale::magnitude(0.0, 2.0);
    let path = |rate: f64| {
        let (mut x, mut y) = (-1.4f64, 1.6f64);
        let mut points = vec![(x, y)];
        for _ in 0..60 {
            let b = y - x * x;
            (x, y) = (x + rate * (2.0 * (1.0 - x) + 40.0 * b * x), y - rate * 20.0 * b);
            points.push((x, y));
        }
        points
    };
    let panel = Panel::new(Axis::new("weight 1"), Axis::new("weight 2")).equal();
    let panel = match Grid::sample((-2.0, 2.0), (-1.0, 2.5), 90, 100, bowl) {
        Ok(grid) => panel
            .mark(Regions::bands(&grid, &levels, scale))
            .mark(Contours::new(grid, levels.clone()).color(palette::PAPER).width(0.7)),
        Err(_) => panel,
    };
    Figure::new("surface", "Two paths down one valley")
        .caption("Filled contours of a curved valley with the trajectories of two step sizes.")
        .panel(
            panel
                .mark(Line::new(path(0.004)).color(palette::class(1)).width(2.5).label("rate 0.004"))
                .mark(Line::new(path(0.012)).color(palette::PAPER).width(2.5).dash(Dash::Dotted))
                .mark(Scatter::new([(1.0, 1.0)]).color(palette::INK).radius(5.0).label("minimum"))
                .color_bar(ColorBar::new("log₁₀(1 + loss)", scale)),
        )
}

fn contours() -> Figure {
    let scale = ColorScale::signed(1.0);
    let levels: Vec<f64> = (-4..=4).map(|i| f64::from(i) / 5.0).collect();
    let panel = Panel::new(Axis::new("x"), Axis::new("y")).equal();
    let panel = match Grid::sample((-3.0, 3.0), (-2.0, 2.0), 61, 91, |x, y| libm::sin(x) * libm::cos(y)) {
        Ok(grid) => panel
            .mark(Contours::new(grid.clone(), levels).scale(scale).width(1.8))
            .mark(Contours::new(grid, [0.0]).dash(Dash::Dashed).label("zero")),
        Err(_) => panel,
    };
    Figure::new("contours", "Contour lines of sin x · cos y")
        .caption("Lines by level on a diverging scale, the zero line dashed.")
        .panel(panel)
        .color_bar(ColorBar::new("level", scale))
}

fn mesh() -> Figure {
    let n = 31;
    let fold = |bend: f64, classes: bool, title: &str| {
        let nodes = Grid::nodes((-1.0, 1.0), (-1.0, 1.0), n, n);
        let folded = nodes.iter().map(|&(x, y)| {
            let turn = bend * (x * x + y * y).sqrt();
            let (c, s) = (libm::cos(turn), libm::sin(turn));
            (c * x - s * y, (s * x + c * y).abs().max(bend.min(1.0) - 1.0) - 0.3 * bend * x * x)
        });
        let panel = Panel::new(Axis::new("component 1"), Axis::new("component 2")).equal().title(title);
        let class = |&(x, y): &Point| palette::class(usize::from(x > 0.0) + usize::from(y > 0.3));
        let Ok(mut mesh) = Mesh::new(n, n, folded.collect()) else { return panel };
        if classes {
            let Ok(colored) = mesh.clone().colors(MeshColors::Vertices(nodes.iter().map(class).collect())) else {
                return panel;
            };
            mesh = colored;
        }
        panel.mark(mesh)
    };
    Figure::new("mesh", "How each layer folds the plane")
        .subtitle("The input grid in the two leading principal directions of each layer")
        .caption("A regular grid, the same grid twisted and folded, coloured by family and by class.")
        .columns(3)
        .panel(fold(0.0, false, "input"))
        .panel(fold(1.2, false, "hidden1.post"))
        .panel(fold(2.2, true, "hidden2.post"))
}

fn confusion() -> Figure {
    let counts: Vec<f64> =
        (0..100).map(|i| if i / 10 == i % 10 { 90.0 + f64::from(i % 7) } else { f64::from(i * 37 % 11) }).collect();
    let scale = ColorScale::magnitude(0.0, 100.0);
    let digits = || (0..10).map(|d| d.to_string());
    let panel = Panel::matrix(Axis::new("predicted digit").names(digits()), Axis::new("true digit").names(digits()));
    Figure::new("confusion", "Confusion matrix").caption("Counts per pair of true and predicted digit.").panel(
        match Heatmap::new(10, 10, counts, scale) {
            Ok(map) => panel.mark(map.numbers(0)).color_bar(ColorBar::new("images", scale)),
            Err(_) => panel,
        },
    )
}

fn heatmaps() -> Figure {
    let mut random = Noise::new(5);
    let values: Vec<f64> =
        (0..24 * 40).map(|i| (i / 40) as f64 / 8.0 + (i % 40) as f64 / 20.0 + 0.4 * random.normal()).collect();
    let change: Vec<f64> = (0..25).map(|i| if i == 7 { f64::NAN } else { (f64::from(i) - 12.0) / 10.0 }).collect();
    let (scale, signed) = (ColorScale::magnitude_of(&values), ColorScale::signed_of(&change));
    let names = ["sky", "blue bird", "a rather long name", "tree", "x"];
    let wide =
        Panel::matrix(Axis::new("epoch").whole(), Axis::new("neuron").whole()).ratio(0.4).title("mean activation");
    let small = Panel::matrix(Axis::new("predicted").names(names), Axis::new("true").names(names)).title("difference");
    Figure::new("heatmaps", "Heat maps: magnitudes and signed values")
        .caption("Neuron by epoch on viridis, and a small signed matrix with numbers and a missing cell.")
        .panel(match Heatmap::new(24, 40, values, scale) {
            Ok(map) => wide.mark(map).color_bar(ColorBar::new("mean activation", scale)),
            Err(_) => wide,
        })
        .panel(match Heatmap::new(5, 5, change, signed) {
            Ok(map) => small.mark(map.numbers(1)).color_bar(ColorBar::new("Δ accuracy", signed)),
            Err(_) => small,
        })
}

fn bars() -> Figure {
    let digits = || (0..10).map(|d| d.to_string());
    let value = |k: usize| (0..10).map(move |d| 0.95 - 0.02 * ((d * 7 + k * 3) % 10) as f64);
    let grouped = Bars::new([
        Series::new("baseline", value(0)).color(palette::class(0)).spread((0..10).map(|d| 0.01 + 0.002 * f64::from(d))),
        Series::new("normalised", value(1)).color(palette::class(1)).spread((0..10).map(|_| 0.015)),
    ]);
    let lying = Bars::new([Series::new("", [0.93, 0.71, 0.4, -0.1]).color(palette::class(2))]);
    let stacked = Bars::new([
        Series::new("dead", [3.0, 5.0, 9.0]).color(palette::class(5)),
        Series::new("sparse", [10.0, 8.0, 6.0]).color(palette::class(4)),
        Series::new("active", [19.0, 19.0, 17.0]).color(palette::class(7)),
    ]);
    let with = |panel: Panel, bars: Result<Bars, RenderingError>, change: fn(Bars) -> Bars| match bars {
        Ok(bars) => panel.mark(change(bars)),
        Err(_) => panel,
    };
    let names = ["hidden1", "hidden2", "logits", "a rather long layer name"];
    Figure::new("bars", "Bars, grouped, lying and stacked")
        .caption("Accuracy per digit with spreads; four lying bars; stacked counts.")
        .panel(with(Panel::new(Axis::new("digit").names(digits()), Axis::new("accuracy (fraction)")), grouped, |b| b))
        .panel(
            with(
                Panel::new(
                    Axis::new("probe accuracy minus chance (fraction)"),
                    Axis::new("layer").names(names).reversed(),
                ),
                lying,
                Bars::horizontal,
            )
            .ratio(0.3),
        )
        .panel(
            with(
                Panel::new(Axis::new("layer").names(names.into_iter().take(3)), Axis::new("units")),
                stacked,
                Bars::stacked,
            )
            .ratio(0.4),
        )
}

fn histogram() -> Figure {
    let mut random = Noise::new(11);
    let mut counts = vec![0.0; 40];
    for _ in 0..4000 {
        let bin = ((random.normal() + 4.0) * 5.0).clamp(0.0, 39.0) as usize;
        counts[bin] += 1.0;
    }
    let edges: Vec<f64> = (0..=40).map(|i| f64::from(i) / 5.0 - 4.0).collect();
    let panel = Panel::new(Axis::new("pre-activation"), Axis::new("units × images"));
    Figure::new("histogram", "A histogram").caption("4,000 roughly normal values in 40 bins.").panel(
        match Bars::histogram(&edges, &counts, palette::class(0)) {
            Ok(bars) => panel.mark(bars),
            Err(_) => panel,
        },
    )
}

fn spread() -> Figure {
    let widths = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];
    let error = |w: f64, k: f64| k / (w * w);
    let curve = move |k: f64| widths.map(|w| (w, error(w, k)));
    let band = move |k: f64| widths.map(|w| (w, error(w, k) * 0.5, error(w, k) * 2.0));
    let mut panel =
        Panel::new(Axis::new("hidden units").log().ticks(Ticks::at(widths)), Axis::new("mean squared error").log());
    for (k, name) in ["trained, mean ± spread of 5 seeds", "best piecewise-linear fit"].into_iter().enumerate() {
        let scale = if k == 0 { 0.5 } else { 0.08 };
        if k == 0 {
            panel = panel.mark(Area::new(band(scale)).color(palette::class(k)));
        }
        panel = panel
            .mark(Line::new(curve(scale)).color(palette::class(k)).label(name))
            .mark(Scatter::new(curve(scale)).color(palette::class(k)).radius(4.0));
    }
    Figure::new("spread", "Error falls with the square of the width")
        .caption("Error against width on log axes with a band of one standard deviation.")
        .panel(panel)
}

fn small_multiples() -> Figure {
    let panel = |i: usize| {
        let wave =
            (0..60).map(move |x| (f64::from(x), libm::sin(f64::from(x) / (4.0 + i as f64)) * (1.0 + i as f64 / 4.0)));
        Panel::new(Axis::new("epoch").whole(), Axis::new("mean activation"))
            .title(format!("neuron {i}"))
            .mark(Line::new(wave).color(palette::class(0)).label("mean"))
    };
    (0..11).fold(
        Figure::new("small-multiples", "Eleven neurons, four to a row")
            .caption("Small multiples with shared axes and a short last row.")
            .columns(4)
            .share_x()
            .share_y(),
        |figure, i| figure.panel(panel(i)),
    )
}

fn pictures() -> Figure {
    let picture = |i: usize| {
        let pixel = |r: usize, c: usize| {
            let (x, y) = (c as f64 - 13.5, r as f64 - 13.5);
            let ring = (x * x + y * y).sqrt() - 4.0 - i as f64;
            (1.0 - ring.abs() / 2.5).max(0.0)
        };
        let values: Vec<f64> = (0..784).map(|p| pixel(p / 28, p % 28)).collect();
        let panel = Panel::picture().title(format!("{i} as {}", (i + 3) % 8));
        match Image::new(28, 28, &values, ColorScale::gray(0.0, 1.0)) {
            Ok(image) => panel.mark(image),
            Err(_) => panel,
        }
    };
    (0..8).fold(
        Figure::new("pictures", "Eight rings").caption("A sheet of 28 × 28 pictures.").columns(4),
        |figure, i| figure.panel(picture(i)),
    )
}

fn polygons() -> Figure {
    let mut cells = Vec::new();
    for i in 0..12 {
        for j in 0..8 {
            let (x, y) = (f64::from(i), f64::from(j));
            let shift = if j % 2 == 0 { 0.0 } else { 0.5 };
            let corners =
                vec![(x + shift, y), (x + 1.0 + shift, y), (x + 1.5 - shift, y + 1.0), (x + 0.5 - shift, y + 1.0)];
            cells.push((corners, ColorScale::magnitude(0.0, 20.0).color(x + y)));
        }
    }
    Figure::new("polygons", "Given polygons")
        .caption("A tiling by parallelograms, coloured by magnitude.")
        .panel(
            Panel::new(Axis::new("x"), Axis::new("y"))
                .ratio(0.5)
                .mark(Polygons::new(cells).outline(palette::PAPER, 0.8)),
        )
        .color_bar(ColorBar::new("norm of the slope", ColorScale::magnitude(0.0, 20.0)))
}

fn odd() -> Figure {
    let nothing = Line::new([(0.0, f64::NAN), (1.0, f64::INFINITY)]);
    Figure::new(
        "odd",
        "Empty, constant, single and <escaped> \"data\" & a title that is much too long to fit on one line of the page",
    )
    .caption("Panels without data, with one value, with one point, and with a hostile title.")
    .columns(2)
    .panel(Panel::new(Axis::new("x"), Axis::new("y")).title("no finite data").mark(nothing))
    .panel(
        Panel::new(Axis::new("x"), Axis::new("y"))
            .title("constant")
            .mark(Line::new((0..5).map(|x| (f64::from(x), 0.25)))),
    )
    .panel(Panel::new(Axis::new("x"), Axis::new("y")).title("one <point> & more").mark(Scatter::new([(3.0, 1e-9)])))
    .panel(Panel::new(Axis::new("x").log(), Axis::new("y").log()).title("log of nothing").mark(Line::new([(1.0, 0.0)])))
    .panel(
        Panel::new(
            Axis::new("a long label that must wrap in its panel (many units)"),
            Axis::new("another long label that must wrap (units)"),
        )
        .mark(Line::new([(0.0, 1.23e7), (12_345.0, 9.9e7)])),
    )
    .panel(Panel::blank())
}

/// All of them.
pub fn figures() -> Vec<Figure> {
    let mut figures = vec![
        lines(),
        gaps(),
        scatter(),
        palette_of_ten(),
        shapes(),
        regions(),
        surface(),
        contours(),
        mesh(),
        confusion(),
        heatmaps(),
        bars(),
        histogram(),
        spread(),
        small_multiples(),
        pictures(),
        polygons(),
        odd(),
        moving::turning(),
    ];
    figures.extend(spaces::figures());
    figures
}
