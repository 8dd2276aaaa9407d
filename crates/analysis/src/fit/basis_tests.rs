//! Nets made by hand, whose kinks are known.

use super::*;
use models::{Head, layers::Linear, layers::Relu};
use tensor::random::{Purpose, Streams};

/// linear(w_in.len()) → relu → linear(1), with these weights.
fn net(w_in: &[f32], bias: &[f32], w_out: &[f32], b_out: f32) -> Model {
    let layers: Vec<Layer> = vec![Linear::new(w_in.len()).into(), Relu {}.into(), Linear::new(1).into()];
    let mut model = Model::new(layers, &[1], Head::Output, &mut Streams::new(1).stream("net", Purpose::Init)).unwrap();
    model.parameters.values_mut().copy_from_slice(&[w_in, bias, w_out, &[b_out]].concat());
    model
}

fn data(x: &[f32], y: &[f32]) -> Dataset {
    let column = |v: &[f32]| Array2::from_shape_vec((v.len(), 1), v.to_vec()).unwrap();
    Dataset {
        x: column(x).into(),
        shape: vec![1],
        y: Targets::Values { values: column(y), columns: vec!["y".into()] },
        feature_names: vec!["x".into()],
        truth: None,
    }
}

#[test]
fn rescaling_a_neuron_changes_nothing_of_its_importance() {
    // w_in and b times 4, w_out divided by 4: the same function.
    let (x, y) = ([-1.0, 0.0, 1.0], [0.0; 3]);
    let importances = |model: &Model| -> Vec<f64> {
        let found = basis("n", model, &data(&x, &y), 0).unwrap();
        found.neurons.iter().map(|n| n.neuron.importance()).collect()
    };
    let plain = net(&[0.5, -2.0], &[0.25, 1.0], &[3.0, -1.5], 0.0);
    let scaled = net(&[2.0, -2.0], &[1.0, 1.0], &[0.75, -1.5], 0.0);
    assert_eq!((importances(&plain), importances(&scaled)), (vec![1.5, 3.0], vec![1.5, 3.0]));
}

#[test]
fn a_hat_is_three_bent_lines() {
    // ReLU(x) − 2 ReLU(x − 1) + ReLU(x − 2): the hat function with its tip at 1. Samples in disorder.
    let model = net(&[1.0, 1.0, 1.0], &[-2.0, 0.0, -1.0], &[1.0, 1.0, -2.0], 0.25);
    let x = [2.5, 0.5, -1.0, 1.0, 1.75];
    let hat = |x: f64| (1.0 - (x - 1.0).abs()).max(0.0) + 0.25;
    let y = x.map(|x| hat(x.into()) as f32 + 0.5);
    let found = basis("hat", &model, &data(&x, &y), 0).unwrap();
    assert_eq!(found.neurons.iter().map(|n| n.kink).collect::<Vec<_>>(), [Some(0.0), Some(1.0), Some(2.0)]);
    assert_eq!(found.neurons.iter().map(|n| n.neuron.unit).collect::<Vec<_>>(), [1, 2, 0]);
    assert_eq!(found.counts(), [3, 0, 0]);
    assert_eq!(found.x, [-1.0, 0.5, 1.0, 1.75, 2.5]);
    assert_eq!(found.sum, found.x.iter().map(|x| hat(*x)).collect::<Vec<_>>());
    assert_eq!(found.largest_difference, 0.0);
    assert_eq!(found.mean_squared_error, Some(0.25));
    assert_eq!(found.contributions.row(4).to_vec(), [2.5, -3.0, 0.5]);
    assert_eq!(found.net.corners(-1.0, 1.5), [-1.0, 0.0, 1.0, 1.5]);
    // ReLU(x) at the samples: 0, 0.5, 1, 1.75, 2.5; 2 ReLU(x − 1): 0, 0, 0, 1.5, 3; ReLU(x − 2): 0, 0, 0, 0, 0.5.
    assert_eq!(found.sizes(), [5.75 / 5.0, 4.5 / 5.0, 0.1]);
    assert_eq!(found.by_size(), [0, 1, 2]);
    let sums = found.partial_sums();
    assert_eq!(sums[0], [0.25; 5]);
    assert_eq!(sums[1], [0.25, 0.75, 1.25, 2.0, 2.75]);
    assert_eq!(sums[3], found.sum);
    assert_eq!((found.partial_errors()[3], found.partial_errors().len()), (0.25, 4));
    assert_eq!(found.residuals(), [-0.5; 5]);
}

#[test]
fn neurons_that_bend_nowhere_are_told_apart() {
    // On [0, 1]: no slope and positive; no slope and never positive; dead; a straight line; a kink, facing left.
    let model = net(&[0.0, 0.0, 1.0, 2.0, -4.0], &[3.0, -1.0, -5.0, 4.0, 2.0], &[1.0; 5], 0.0);
    let found = basis("odd", &model, &data(&[0.0, 1.0], &[0.0, 0.0]), 0).unwrap();
    let row = |n: &PlacedNeuron| (n.neuron.unit, n.kink, n.inside, n.dead);
    assert_eq!(
        found.neurons.iter().map(row).collect::<Vec<_>>(),
        [
            (3, Some(-2.0), false, false),
            (4, Some(0.5), true, false),
            (2, Some(5.0), false, true),
            (0, None, false, false),
            (1, None, false, true),
        ]
    );
    assert_eq!(found.counts(), [1, 2, 2]);
    // ReLU(2x + 4) + ReLU(2 − 4x) + 3.
    assert_eq!(found.sum, [9.0, 9.0]);
}

#[test]
fn the_sum_is_the_forward_pass() {
    let mut stream = Streams::new(3).stream("weights", Purpose::Init);
    let mut draw = |n: usize| (0..n).map(|_| stream.normal() as f32).collect::<Vec<_>>();
    let model = net(&draw(40), &draw(40), &draw(40), 0.3);
    let x: Vec<f32> = (0..500).map(|i| i as f32 / 50.0 - 5.0).collect();
    let found = basis("net", &model, &data(&x, &x), 0).unwrap();
    assert!(found.largest_difference > 0.0 && found.largest_difference < 1e-5, "{}", found.largest_difference);
    let by_rows: Vec<f64> = found.contributions.rows().into_iter().map(|r| r.sum() + f64::from(0.3_f32)).collect();
    assert!(by_rows.iter().zip(&found.sum).all(|(a, b)| (a - b).abs() < 1e-12));
    // Straight between corners: the middle is the mean of the ends.
    for pair in found.net.corners(-5.0, 5.0).windows(2) {
        let (a, b) = (found.net.at(pair[0]), found.net.at(pair[1]));
        assert!((found.net.at((pair[0] + pair[1]) / 2.0) - (a + b) / 2.0).abs() < 1e-12);
    }
}

#[test]
fn layers_without_bias_bend_at_zero() {
    let bare = Linear { bias: false, ..Linear::new(2) };
    let layers: Vec<Layer> = vec![bare.clone().into(), Relu {}.into(), Linear { units: 2, ..bare }.into()];
    let mut model = Model::new(layers, &[1], Head::Logits, &mut Streams::new(1).stream("n", Purpose::Init)).unwrap();
    model.parameters.values_mut().copy_from_slice(&[1.0, -1.0, 10.0, 20.0, 30.0, 40.0]);
    // The second output: 20 ReLU(x) + 40 ReLU(−x).
    let net = BentLines::of(&model, "n", 1).unwrap();
    assert_eq!((net.at(2.0), net.at(-2.0), net.b_out), (40.0, 80.0, 0.0));
    assert!(net.neurons.iter().all(|n| n.kink() == Some(0.0)));
    let error = BentLines::of(&model, "n", 2).unwrap_err();
    assert_eq!(error.to_string(), "there is no output 2 in n, the last is 1");
}

#[test]
fn other_nets_are_refused_with_the_reason() {
    let layers: Vec<Layer> = vec![Linear::new(3).into(), Linear::new(1).into()];
    let model = |input: &[usize]| {
        Model::new(layers.clone(), input, Head::Output, &mut Streams::new(1).stream("n", Purpose::Init))
    };
    let refuse = |input: &[usize]| {
        let model = model(input).unwrap();
        BentLines::of(&model, "n", 0).unwrap_err().to_string()
    };
    let needs = "a sum of bent lines needs a model of the layers linear, relu, linear on one input, and n has";
    assert_eq!(refuse(&[1]), format!("{needs} the layers linear, linear"));
    assert_eq!(refuse(&[2]), format!("{needs} an input of 2"));
}
