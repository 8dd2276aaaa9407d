//! Normalisation against PyTorch 2.15.0 in double precision (`layer_norm` with eps 1e-5; `BatchNorm1d` with momentum 0.3 and eps
//! 1e-3, one training step and then evaluation), printed with twelve digits; gradients are of Σ c·y. And dropout against its
//! definition.

use autograd::{Graph, Node, Parameters, ops::batch_norm::Statistics};
use tensor::{
    Float,
    random::{Purpose, Streams},
};

const X: [f64; 12] = [1.0, 2.0, -1.0, 0.5, 0.25, 4.0, -3.0, 0.75, 1.5, 2.5, -0.5, 0.0];
const C: [f64; 12] = [1.0, -2.0, 0.5, 3.0, -1.0, 0.75, 0.25, -0.5, 2.0, 1.25, -1.5, 0.6];

/// y, and the gradients of x, weight and bias.
type Expected<'a> = [&'a [f64]; 4];

fn write<F: Float>(to: &mut [F], from: &[f64]) {
    assert_eq!(to.len(), from.len());
    to.iter_mut().zip(from).for_each(|(to, from)| *to = F::from_f64(*from));
}

fn close<F: Float>(ours: &[F], theirs: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), theirs.len());
    for (a, b) in ours.iter().zip(theirs) {
        assert!((a.to_f64() - b).abs() <= tolerance * (1.0 + b.abs()), "{ours:?} against {theirs:?}");
    }
}

/// Parameters as PyTorch had them, running statistics among them.
fn parameters<F: Float>() -> Parameters<F> {
    let mut parameters = Parameters::new();
    for (name, values) in [("weight", [1.5, -0.5, 2.0]), ("bias", [0.1, 0.2, -0.3])] {
        let id = parameters.add(name, &[3]).expect("fresh name");
        write(parameters.value_mut(id), &values);
    }
    for (name, values) in [("running_mean", [0.5, -1.0, 2.0]), ("running_var", [1.0, 0.25, 4.0])] {
        let id = parameters.add_state(name, &[3]).expect("fresh name");
        write(parameters.value_mut(id), &values);
    }
    parameters
}

fn check<F: Float>(
    parameters: &mut Parameters<F>,
    build: impl Fn(&mut Graph<F>, Node, &[Node]) -> Node,
    expected: Expected<'_>,
    tolerance: f64,
) {
    let mut graph = Graph::<F>::new();
    let x = graph.variable("x", &[4, 3]).expect("fresh name");
    let names = ["weight", "bias", "running_mean", "running_var"];
    let nodes = names.map(|n| graph.parameter(parameters.find(n).expect("there"), parameters).expect("fresh"));
    let y = build(&mut graph, x, &nodes);
    graph.differentiate(y).expect("depends on x");
    write(graph.value_mut(x), &X);
    for _ in 0..2 {
        // A replay repeats itself until the step ends.
        graph.forward(parameters);
        write(graph.gradient_mut(y), &C);
        graph.backward_seeded(parameters);
        close(graph.value(y), expected[0], tolerance);
        close(graph.gradient(x), expected[1], tolerance);
        close(&parameters.gradients()[..3], expected[2], tolerance);
        close(&parameters.gradients()[3..6], expected[3], tolerance);
        assert_eq!(parameters.gradients()[6..], [F::ZERO; 6]);
    }
    graph.advance(parameters);
}

const DB: [f64; 3] = [5.5, -5.0, 3.85];

fn layer_norm<F: Float>(tolerance: f64) {
    let y = [
        0.500890574294,
        -0.334520765725,
        -2.97260382863,
        -0.849243528286,
        0.589433242374,
        2.52339100721,
        -1.99549939163,
        -0.0539999262588,
        1.47799948381,
        2.19549601181,
        0.644499154021,
        -1.31599806633,
    ];
    let dx = [
        0.257715430549,
        -0.171810000684,
        -0.085905429865,
        1.22505409459,
        -1.14338280282,
        -0.0816712917708,
        0.154651252346,
        -0.92791838415,
        0.773267131804,
        -0.0193544541382,
        -0.09678786699,
        0.116142321128,
    ];
    let dw = [-0.234229895803, -0.279719042349, 1.86382073446];
    let build = |g: &mut Graph<F>, x, p: &[Node]| g.layer_norm(x, p[0], p[1], 1e-5).expect("shapes fit");
    check(&mut parameters::<F>(), build, [&y, &dx, &dw, &DB], tolerance);
}

fn batch_norm<F: Float>(tolerance: f64) {
    let y = [
        0.658087622171,
        -0.55502737367,
        -2.55634120732,
        0.28602920739,
        0.405916556456,
        2.75269692756,
        -2.31837969607,
        0.131361147848,
        0.0981778601161,
        1.77426286651,
        0.817749669367,
        -1.49453358035,
    ];
    let dx = [
        -0.399217717668,
        0.241089699598,
        -0.305263613633,
        1.16913187918,
        -0.0907113188547,
        -0.477040915933,
        -0.316377838064,
        -0.427355241394,
        1.06883322231,
        -0.453536323443,
        0.276976860651,
        -0.286528692744,
    ];
    let dw = [1.73627260231, -0.823666225822, 0.620493832014];
    let build = |statistics| {
        move |g: &mut Graph<F>, x, p: &[Node]| {
            g.batch_norm(x, [p[0], p[1]], [p[2], p[3]], statistics, 1e-3).expect("shapes fit")
        }
    };
    let mut p = parameters::<F>();
    check(&mut p, build(Statistics::Batch { momentum: 0.3 }), [&y, &dx, &dw, &DB], tolerance);
    let running = [0.425, -0.5125, 1.7375, 2.325, 0.50625, 4.21875];
    close(&p.values()[6..], &running, tolerance);
    let y = [
        0.665528177475,
        -1.56386379867,
        -2.96526724838,
        0.173764544888,
        -0.335301948849,
        1.90280078519,
        -3.26858088322,
        -0.686319620225,
        -0.531233231595,
        2.14081907524,
        0.191224558216,
        -1.99165364167,
    ];
    let dx = [
        0.983527265174,
        1.40407068551,
        0.486806803358,
        2.95058179552,
        0.702035342753,
        0.730210205036,
        0.245881816294,
        0.351017671376,
        1.94722721343,
        1.22940908147,
        1.05305301413,
        0.584168164029,
    ];
    let dw = [1.66380029025, -9.03870503794, -0.578995841743];
    check(&mut p, build(Statistics::Running), [&y, &dx, &dw, &DB], tolerance);
    close(&p.values()[6..], &running, tolerance);
}

#[test]
fn normalisation_agrees_with_pytorch() {
    layer_norm::<f64>(1e-11);
    layer_norm::<f32>(2e-6);
    batch_norm::<f64>(1e-11);
    batch_norm::<f32>(2e-6);
}

#[test]
fn equal_numbers_and_single_rows_stay_finite() {
    let mut p = parameters::<f32>();
    let mut graph = Graph::new();
    let nodes = ["weight", "bias", "running_mean", "running_var"]
        .map(|n| graph.parameter(p.find(n).expect("there"), &p).expect("fresh"));
    let x = graph.variable("x", &[1, 3]).expect("fresh");
    let layer = graph.layer_norm(x, nodes[0], nodes[1], 1e-5).expect("shapes fit");
    let (affine, running) = ([nodes[0], nodes[1]], [nodes[2], nodes[3]]);
    let batch = graph.batch_norm(x, affine, running, Statistics::Batch { momentum: 1.0 }, 1e-5).expect("shapes fit");
    let sum = graph.add(layer, batch).expect("shapes fit");
    graph.differentiate(sum).expect("depends on x");
    graph.value_mut(x).fill(7.0);
    graph.forward(&p);
    graph.backward(&mut p);
    graph.advance(&mut p);
    // No element differs from its mean: what is left is the bias.
    assert_eq!(graph.value(layer), [0.1, 0.2, -0.3]);
    assert_eq!(graph.value(batch), [0.1, 0.2, -0.3]);
    assert_eq!(p.values()[6..], [7.0, 7.0, 7.0, 0.0, 0.0, 0.0]);
    assert!(graph.gradient(x).iter().all(|g| g.is_finite()));
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let mut graph = Graph::<f32>::new();
    let x = graph.input("x", &[4, 3]).expect("fresh");
    let (w, narrow) = (graph.input("w", &[3]).expect("fresh"), graph.input("narrow", &[2]).expect("fresh"));
    let error = graph.layer_norm(x, w, narrow, 1e-5).expect_err("two numbers for three columns").to_string();
    assert_eq!(error, "layer_norm: x is 4×3 and narrow is 2");
    let error = graph.batch_norm(x, [w, w], [narrow, w], Statistics::Running, 1e-5).expect_err("two for three");
    assert_eq!(error.to_string(), "batch_norm: x is 4×3 and narrow is 2");
    let empty = graph.input("empty", &[4, 0]).expect("fresh");
    assert!(graph.layer_norm(empty, w, w, 1e-5).is_err());
    assert!(graph.layer_norm(w, w, w, 1e-5).is_err());
}

#[test]
fn dropout_scales_what_it_keeps_and_draws_anew_each_step() {
    const N: usize = 40_000;
    let run = |p: f64| {
        let mut graph = Graph::<f32>::new();
        let x = graph.variable("x", &[N]).expect("fresh");
        let y = graph.dropout(x, p, &mut Streams::new(1).stream("t", Purpose::Dropout));
        graph.differentiate(y).expect("depends on x");
        graph.value_mut(x).fill(3.0);
        let mut parameters = Parameters::new();
        let mut masks = Vec::new();
        for _ in 0..2 {
            graph.forward(&parameters);
            graph.backward(&mut parameters);
            masks.push((graph.value(y).to_vec(), graph.gradient(x).to_vec()));
            graph.advance(&mut parameters);
        }
        masks
    };
    let masks = run(0.4);
    for (y, dx) in &masks {
        let kept = y.iter().filter(|v| **v != 0.0).count() as f64 / N as f64;
        // Five standard deviations of a binomial share.
        assert!((kept - 0.6).abs() < 5.0 * (0.24 / N as f64).sqrt(), "{kept}");
        let scale = (1.0 / 0.6) as f32;
        assert!(y.iter().zip(dx).all(|(y, dx)| (*y, *dx) == (0.0, 0.0) || (*y, *dx) == (3.0 * scale, scale)));
    }
    assert_ne!(masks[0], masks[1]);
    assert_eq!(run(0.4), masks);
    assert!(run(0.0).iter().all(|(y, _)| y.iter().all(|v| *v == 3.0)));
}
