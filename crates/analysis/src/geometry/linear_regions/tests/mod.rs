//! Tiling, and agreement with the network at random points.

use autograd::Parameter;
use datasets::{Dataset, Splits, Targets};
use models::{
    Head, Layer, Loss,
    layers::{BatchNorm, Dropout, Flatten, LayerNorm, LeakyRelu, Linear, Relu},
};
use optimizers::adam::Adam;
use tensor::random::{Purpose, Streams};
use training::{Control, TrainConfig};

use super::*;
use crate::fixture;

mod counts;

const SQUARE: Window = Window { x: [-1.0, 1.0], y: [-1.0, 1.0] };

fn linear(units: usize) -> Layer {
    Linear::new(units).into()
}

fn relu() -> Layer {
    Relu {}.into()
}

/// A model started from a seed.
fn random(layers: Vec<Layer>, seed: u64) -> Model {
    Model::new(layers, &[2], Head::Logits, &mut Streams::new(seed).stream("net", Purpose::Init)).expect("fits")
}

/// A model with given parameters: weights inputs × outputs and biases, layer by layer.
fn given(layers: Vec<Layer>, parameters: &[f32]) -> Model {
    let mut model = random(layers, 0);
    model.parameters.values_mut().copy_from_slice(parameters);
    model
}

/// One hidden layer of lines a x + b y + c = 0, all added up.
fn arrangement(lines: &[[f32; 3]]) -> Model {
    let columns = (0..3).flat_map(|i| lines.iter().map(move |l| l[i]));
    let parameters: Vec<f32> = columns.chain(lines.iter().map(|_| 1.0)).chain([0.0]).collect();
    given(vec![linear(lines.len()), relu(), linear(1)], &parameters)
}

/// `n` numbers from −1 to 1.
fn numbers(n: usize, seed: u64) -> Vec<f64> {
    let mut stream = Streams::new(seed).stream("points", Purpose::Noise);
    (0..n).map(|_| 2.0 * stream.uniform_f64() - 1.0).collect()
}

fn regions(model: &Model, window: Window, verdict: &Verdict) -> LinearRegions {
    let found = linear_regions(model, "net", window, verdict).expect("suits");
    check_tiling(&found);
    found
}

/// How many patterns.
fn count(model: &Model) -> usize {
    regions(model, SQUARE, &Verdict::None).pieces.len()
}

/// Regions and parts are convex, fill the window, and every side has exactly one neighbour or lies on the rim.
fn check_tiling(found: &LinearRegions) {
    let ([left, right], [bottom, top]) = (found.window.x, found.window.y);
    let whole = (right - left) * (top - bottom);
    let pieces: Vec<&[u32]> = found.pieces.iter().map(|p| &p.corners[..]).collect();
    let parts: Vec<&[u32]> = found.parts.iter().map(|p| &p.corners[..]).collect();
    for cells in [pieces, parts] {
        let area: f64 = cells.iter().map(|c| complex::area(&found.places(c))).sum();
        assert!((area - whole).abs() <= 1e-12 * whole, "{area} of {whole}");
        let mut sides = Vec::new();
        for corners in &cells {
            let n = corners.len();
            let places = found.places(corners);
            for i in 0..n {
                let turn = complex::area(&[places[i], places[(i + 1) % n], places[(i + 2) % n]]);
                assert!(turn > -1e-12 * whole, "a dent of {turn}");
                sides.push((corners[i], corners[(i + 1) % n]));
            }
        }
        sides.sort_unstable();
        assert!(sides.windows(2).all(|w| w[0] != w[1]), "no side has two cells on one side of it");
        for (a, b) in &sides {
            if sides.binary_search(&(*b, *a)).is_err() {
                let [p, q] = [a, b].map(|c| found.points[*c as usize]);
                let on_rim = (p[0] == q[0] && (p[0] == left || p[0] == right))
                    || (p[1] == q[1] && (p[1] == bottom || p[1] == top));
                assert!(on_rim, "a side without a neighbour: {p:?} {q:?}");
            }
        }
        // Euler: corners − edges + cells = 1 for a disc cut into discs.
        let rim = sides.iter().filter(|(a, b)| sides.binary_search(&(*b, *a)).is_err()).count();
        let mut corners: Vec<u32> = sides.iter().map(|s| s.0).collect();
        corners.sort_unstable();
        corners.dedup();
        assert_eq!(corners.len() + cells.len(), (sides.len() + rim) / 2 + 1);
    }
}

/// Cells near each place of a window, for finding the one around a point.
struct Index<'a> {
    found: &'a LinearRegions,
    buckets: Vec<Vec<usize>>,
}

const BUCKETS: usize = 64;

impl<'a> Index<'a> {
    fn new(found: &'a LinearRegions) -> Self {
        let mut buckets = vec![Vec::new(); BUCKETS * BUCKETS];
        for (r, piece) in found.pieces.iter().enumerate() {
            let at: Vec<[usize; 2]> = found.places(&piece.corners).iter().map(|p| Self::bucket(found, *p)).collect();
            let range = |axis: usize| {
                let places = at.iter().map(|p| p[axis]);
                places.clone().min().unwrap_or(0)..=places.max().unwrap_or(0)
            };
            for row in range(1) {
                range(0).for_each(|column| buckets[row * BUCKETS + column].push(r));
            }
        }
        Self { found, buckets }
    }

    fn bucket(found: &LinearRegions, [x, y]: [f64; 2]) -> [usize; 2] {
        let place = |v: f64, [from, to]: [f64; 2]| ((v - from) / (to - from) * BUCKETS as f64) as usize;
        [place(x, found.window.x).min(BUCKETS - 1), place(y, found.window.y).min(BUCKETS - 1)]
    }

    /// The pieces that have a point strictly inside.
    fn around(&self, p: [f64; 2]) -> Vec<usize> {
        let [column, row] = Self::bucket(self.found, p);
        let inside = |r: &&usize| {
            let places = self.found.places(&self.found.pieces[**r].corners);
            (0..places.len()).all(|i| complex::area(&[places[i], places[(i + 1) % places.len()], p]) > 0.0)
        };
        self.buckets[row * BUCKETS + column].iter().filter(inside).copied().collect()
    }
}

/// The model in f64, by its formulas: which numbers are positive before each kink, and the outputs.
fn by_hand(model: &Model, point: [f64; 2]) -> (Vec<Vec<bool>>, Vec<f64>) {
    let array = |p: &Parameter| -> Vec<f64> {
        model.parameters.values()[p.range.clone()].iter().map(|v| f64::from(*v)).collect()
    };
    let (trained, states) = model.parameters.list().split_at(model.parameters.trained().len());
    let (mut trained, mut states) = (trained.iter().map(array), states.iter().map(array));
    let mut next = || trained.next().expect("an array");
    let (mut x, mut positive) = (point.to_vec(), Vec::new());
    for layer in model.layers() {
        let mut bend = |x: &[f64], slope: f64| {
            positive.push(x.iter().map(|v| *v > 0.0).collect());
            x.iter().map(|v| if *v < 0.0 { slope * v } else { *v }).collect()
        };
        x = match layer {
            Layer::Linear(linear) => {
                let weights = next();
                let biases = if linear.bias { next() } else { vec![0.0; linear.units] };
                let term = |i: usize, unit: usize| x[i] * weights[i * linear.units + unit];
                let sum = |unit: usize| biases[unit] + (0..x.len()).map(|i| term(i, unit)).sum::<f64>();
                (0..linear.units).map(sum).collect()
            }
            Layer::BatchNorm(norm) => {
                let (w, b) = (next(), next());
                let [mean, var] = [(); 2].map(|()| states.next().expect("a state"));
                let one = |i: usize| w[i] * (x[i] - mean[i]) / (var[i] + norm.eps).sqrt() + b[i];
                (0..x.len()).map(one).collect()
            }
            Layer::Relu(_) => bend(&x, 0.0),
            Layer::LeakyRelu(leaky) => bend(&x, leaky.slope),
            _ => x,
        };
    }
    (positive, x)
}

/// At random points: exactly one piece is found; its pattern is the model's own in f64, its map gives the model's output.
fn check_points(model: &Model, found: &LinearRegions, n: usize) {
    let index = Index::new(found);
    let coordinates = numbers(2 * n, 99);
    let place = |v: f64, [from, to]: [f64; 2]| f64::from((from + (to - from) * (v + 1.0) / 2.0) as f32);
    let points: Vec<[f64; 2]> =
        coordinates.chunks(2).map(|c| [place(c[0], found.window.x), place(c[1], found.window.y)]).collect();
    let x = Array2::from_shape_fn((n, 2), |(i, axis)| points[i][axis] as f32);
    let predicted = model.predict(x.view()).expect("fits");
    let mut hit = 0;
    for (i, p) in points.iter().enumerate() {
        let (expected, exact) = by_hand(model, *p);
        let [piece] = index.around(*p)[..] else { continue };
        hit += 1;
        assert_eq!(found.pieces[piece].pattern.unpack(&found.activations), expected, "at {p:?}");
        for ((mapped, single), double) in
            found.outputs(found.pieces[piece].region, *p).iter().zip(predicted.row(i)).zip(exact)
        {
            assert!(
                (mapped - f64::from(*single)).abs() <= f64::from(1e-4 * single.abs().max(1.0)),
                "{mapped} and {single}"
            );
            assert!((mapped - double).abs() <= 1e-9 * double.abs().max(1.0), "{mapped} and {double}");
        }
    }
    // A point within rounding of a side may be in none; more than a few would be a gap, or an overlap.
    assert!(hit + 5 >= n, "{hit} of {n} points lie in exactly one piece");
}

fn trained_spiral(epochs: usize) -> (Model, Dataset) {
    let n = 600;
    let noise = numbers(n, 7);
    let at = |i: usize| {
        let (class, t) = (i % 3, (i / 3) as f64 / (n / 3) as f64);
        let angle = 4.0 * t + 2.1 * class as f64 + 0.2 * noise[i];
        [t * tensor::math::f64::cos(angle), t * tensor::math::f64::sin(angle)]
    };
    let data = Dataset {
        x: Array2::from_shape_fn((n, 2), |(i, axis)| at(i)[axis] as f32).into(),
        shape: vec![2],
        y: Targets::Classes {
            labels: (0..n as u32).map(|i| i % 3).collect(),
            names: ["a", "b", "c"].map(String::from).into(),
        },
        feature_names: ["x", "y"].map(String::from).into(),
        truth: None,
    };
    let layers = vec![linear(64), relu(), linear(32), relu(), linear(3)];
    let config = TrainConfig::new("spiral", layers, Loss::CrossEntropy, Adam::new(0.01).into(), epochs);
    let parts = Splits::undivided(data.clone());
    let fit = training::fit(&config, "deep", &parts, &Streams::new(1), &mut |_| Control::Continue).expect("trains");
    (fit.model, data)
}

#[test]
fn a_trained_net_is_described_exactly() {
    let (model, data) = trained_spiral(300);
    let window = Window { x: [-1.5, 1.5], y: [-1.5, 1.5] };
    let verdict = Verdict::Largest(["a", "b", "c"].map(String::from).into());
    let found = regions(&model, window, &verdict);
    assert!(found.regions.len() > 500, "{}", found.regions.len());
    check_points(&model, &found, 100_000);

    // On the boundary the two classes tie and no other is above.
    for segment in &found.segments {
        let [p, q] = [segment.from, segment.to].map(|c| found.points[c as usize]);
        let middle = ndarray::arr2(&[[(p[0] + q[0]) as f32 / 2.0, (p[1] + q[1]) as f32 / 2.0]]);
        let outputs = model.predict(middle.view()).expect("fits").row(0).to_vec();
        let [one, other] = segment.classes.map(|c| outputs[c]);
        let top = outputs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        assert!((one - other).abs() < 1e-3 && top - one < 1e-3, "{outputs:?} {:?}", segment.classes);
    }
    let joined: usize = found.boundary.iter().map(|(_, line)| line.len() - 1).sum();
    assert_eq!(joined, found.segments.len());
    // The part around a sample has the class that the model gives it.
    let outputs = model.predict(data.x.view()).expect("fits");
    for (x, outputs) in data.x.rows().into_iter().zip(outputs.rows()) {
        let p = [f64::from(x[0]), f64::from(x[1])];
        let inside = |part: &&Part| {
            let places = found.places(&part.corners);
            (0..places.len()).all(|i| complex::area(&[places[i], places[(i + 1) % places.len()], p]) > 0.0)
        };
        let part = found.parts.iter().find(inside).expect("no sample lies on a side");
        assert_eq!(part.class, tensor::reduce::argmax(&outputs.to_vec()));
    }
}

#[test]
fn nets_of_all_kinds_of_layers_are_described_exactly() {
    // Slopes that f32 holds exactly, as the formulas are computed in f64.
    let leaky = |slope: f64| Layer::from(LeakyRelu { slope });
    let norm = || Layer::from(BatchNorm { momentum: 0.1, eps: 0.0625 });
    let without_bias = || Layer::from(Linear { bias: false, ..Linear::new(7) });
    let nets: Vec<Vec<Layer>> = vec![
        vec![linear(2)],
        vec![relu()],
        vec![leaky(0.25), Flatten {}.into(), linear(9), leaky(1.5), linear(3), relu()],
        vec![linear(70), relu(), linear(65), leaky(0.0625), linear(2)],
        // Several lines through the origin at once, in every layer.
        vec![without_bias(), relu(), without_bias(), relu(), without_bias(), relu(), linear(1)],
        vec![
            linear(12),
            relu(),
            relu(),
            leaky(0.125),
            linear(6),
            relu(),
            linear(6),
            relu(),
            linear(6),
            relu(),
            linear(4),
        ],
        // By running statistics: behind the input, behind a dense layer, behind an activation.
        vec![
            norm(),
            linear(12),
            norm(),
            relu(),
            norm(),
            Dropout { p: 0.5, channels: false }.into(),
            linear(9),
            relu(),
            linear(3),
        ],
    ];
    for (seed, layers) in nets.into_iter().enumerate() {
        let mut model = random(layers, seed as u64);
        for array in model.parameters.list().to_vec().iter().filter(|p| p.name.contains("norm")) {
            // Scales and variances of ½ to 1½, shifts and means of −½ to ½.
            let base = if array.name.ends_with("weight") || array.name.ends_with("var") { 1.0 } else { 0.0 };
            let drawn = numbers(array.range.len(), array.range.start as u64);
            let values = &mut model.parameters.values_mut()[array.range.clone()];
            values.iter_mut().zip(drawn).for_each(|(to, v)| *to = base + 0.5 * v as f32);
        }
        let names = (0..model.outputs()).map(|k| k.to_string()).collect();
        let found = regions(&model, Window { x: [-2.0, 1.0], y: [-1.0, 3.0] }, &Verdict::Largest(names));
        check_points(&model, &found, 2000);
    }
}

#[test]
fn what_does_not_suit_is_refused() {
    let model = random(vec![linear(3), LayerNorm { eps: 1e-5 }.into(), linear(2)], 1);
    let error = linear_regions(&model, "deep", SQUARE, &Verdict::None).expect_err("it divides by a root");
    let layers = "linear, relu, leaky_relu, flatten, batch_norm and dropout layers";
    assert_eq!(error.to_string(), format!("linear_regions needs a model of {layers}, and deep has a layer_norm layer"));
    let three = Model::new(vec![linear(1)], &[3], Head::Output, &mut Streams::new(1).stream("net", Purpose::Init));
    let error = linear_regions(&three.expect("fits"), "deep", SQUARE, &Verdict::None).expect_err("three inputs");
    assert_eq!(error.to_string(), "linear_regions needs a model of two inputs, and deep has 3");
    let mut complex = Complex::new(SQUARE);
    let network = Piecewise::new(&random(vec![linear(30), relu()], 1)).expect("suits");
    assert_eq!(complex.cut(&network, 10), Err(complex::TooMany));
}

#[test]
fn snapshots_are_seen_in_the_same_window_with_the_same_samples() {
    let [before, after] = [1, 2].map(|seed| random(vec![linear(5), relu(), linear(2)], seed));
    let mut trained = fixture::classified(vec![linear(5), relu(), linear(2)], after.parameters.values());
    trained.fit.snapshots = vec![training::Snapshot { epoch: 0, parameters: before.parameters.values().to_vec() }];
    trained.fit.epoch = 7;
    let snapshots = Some(Snapshots::All);
    let config = LinearRegionsConfig { model: TrainRef("m".into()), x: None, y: None, level: 0.0, snapshots };
    let found: OverTraining<LinearRegions> = fixture::run(&config, trained);
    assert_eq!(found.epochs(), [0, 7]);
    let (first, last) = (&found.0[0].1, found.trained());
    assert_ne!(first.regions, last.regions);
    let verdict = Verdict::Largest(["same", "other"].map(String::from).into());
    assert_eq!(last.regions, regions(&after, last.window, &verdict).regions);
    assert_eq!((first.window, &first.labels, &first.samples), (last.window, &last.labels, &last.samples));
    let [.., (name, crate::Metric::List(each))] = &found.metrics().0[..] else { panic!("a list comes last") };
    assert_eq!((name.as_str(), each.len()), ("snapshots", 2));
}
