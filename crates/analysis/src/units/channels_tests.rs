//! Of pictures the units are channels: what analyses of units find of them, against the same by hand.

use models::{Patch, Reading, Root};
use ndarray::{Array1, Array2, Axis};
use training::{Control, Trainer};

use crate::{
    Analysis, Outcome, Trained, fixture,
    inputs::{
        attribution::{Attribution, AttributionConfig},
        unit_maps::UnitMaps,
    },
    statistics::class_means::class_means,
    units::{
        ablation::{Ablation, AblationConfig},
        activations::{Activations, ActivationsConfig, On},
        intervention::{Intervention, InterventionConfig},
        neuron::{Neuron, NeuronConfig},
        selectivity::{Selectivity, SelectivityConfig},
        unit_cards::{UnitCards, UnitCardsConfig},
        unit_ranking::{UnitRanking, UnitRankingConfig},
    },
};

/// Four channels of 3 × 3 places, and of 2 × 2 after pooling.
fn trained() -> Trained {
    fixture::classifier(&[2, 4, 4], fixture::conv_layers())
}

/// What an analysis finds, its settings as a pipeline has them.
fn found<C: Analysis + serde::de::DeserializeOwned, T: Outcome>(settings: &str, trained: &Trained) -> T {
    let config: C = toml::from_str(&format!("model = \"m\"\n{settings}")).expect("settings");
    fixture::run(&config, trained.clone())
}

fn reading(node: &str, trained: &Trained) -> Reading {
    trained.fit.model.run(&trained.data.train).read([node]).expect("a node").readings.remove(0)
}

/// The mean of each channel over its places, by hand.
fn means(values: &Array2<f32>, places: usize) -> Array2<f64> {
    let mean = |i: usize, c: usize| (0..places).map(|p| f64::from(values[[i, c * places + p]])).sum::<f64>();
    Array2::from_shape_fn((values.nrows(), values.ncols() / places), |(i, c)| mean(i, c) / places as f64)
}

/// The channel that gives most, which is not silent.
fn live(trained: &Trained) -> usize {
    let sums = means(&reading("conv1.post", trained).values, 9).sum_axis(Axis(0));
    crate::statistics::class_means::largest(sums, 1)[0]
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-6 * (1.0 + b.abs()), "{a} and {b}");
}

/// The model with a channel whose filter and bias are 0, and which gives 0 therefore.
fn accuracy_without(channel: usize, trained: &Trained) -> f64 {
    let mut model = trained.fit.model.clone();
    for array in ["conv1.weight", "conv1.bias"] {
        let id = model.parameters.find(array).expect("a parameter");
        model.parameters.value_mut(id).iter_mut().skip(channel).step_by(4).for_each(|w| *w = 0.0);
    }
    let data = &trained.data.train;
    model.accuracy(data.x.view(), data.labels().expect("classes")).expect("fits")
}

#[test]
fn means_and_gradients_are_those_of_whole_channels() {
    let trained = trained();
    let data = &trained.data.train;
    let labels = data.labels().expect("classes");
    let values = means(&reading("conv1.post", &trained).values, 9);
    let expected = class_means(values.mapv(|v| v as f32).view(), labels, 3);
    let selective: Selectivity = found::<SelectivityConfig, _>("nodes = [\"conv1.post\"]", &trained);
    assert_eq!(selective.nodes[0].means.dim(), (4, 3));
    selective.nodes[0].means.iter().zip(&expected).for_each(|(a, b)| near(*a, *b));
    let channel = live(&trained);
    let settings = format!("unit = \"conv1.post[{channel}]\"\nsteps = 3");
    let neuron: Neuron = found::<NeuronConfig, _>(&settings, &trained);
    neuron.means.iter().zip(expected.row(channel)).for_each(|(a, b)| near(*a, *b));
    near(neuron.accuracy[0], accuracy_without(channel, &trained));

    let ranked: UnitRanking = found::<UnitRankingConfig, _>("", &trained);
    // Of the one convolution its last node.
    assert_eq!(ranked.nodes.iter().map(|node| node.node.as_str()).collect::<Vec<_>>(), ["conv1.pool"]);
    let loss = trained.fit.model.run(data).gradient_of(Root::Loss(trained.fit.loss)).read(["conv1.pool"]);
    let gradients = loss.expect("a node").readings.remove(0).gradients;
    let sums = means(&gradients, 4).mapv(|mean| (4.0 * mean) as f32);
    let [activation, gradient, _] = &ranked.nodes[0].means;
    assert_eq!(activation.dim(), (4, 3));
    gradient.iter().zip(&class_means(sums.view(), labels, 3)).for_each(|(a, b)| near(*a, *b));
}

#[test]
fn a_channel_is_removed_at_all_of_its_places() {
    let trained = trained();
    let values = reading("conv1.post", &trained).values;
    let ablation: Ablation = found::<AblationConfig, _>("units = [\"conv1.post\"]", &trained);
    let cards: UnitCards = found::<UnitCardsConfig, _>("units = \"conv1.post\"\ncards = 4", &trained);
    assert_eq!(ablation.units.len(), 4);
    for channel in 0..4 {
        near(ablation.accuracy[channel], accuracy_without(channel, &trained));
        let rows = values.rows().into_iter();
        let active = rows.filter(|row| row.iter().skip(9 * channel).take(9).any(|v| *v != 0.0)).count();
        assert_eq!(ablation.changed[channel], active);
        let card = cards.cards.iter().find(|card| card.unit == channel);
        assert!(card.is_none_or(|card| card.accuracy == ablation.accuracy[channel]));
    }
    assert!(!cards.cards.is_empty());
    // The mean over all places and samples stands in for it.
    let channel = live(&trained);
    let changed = |change: &str| -> Intervention {
        let settings = format!("units = \"conv1.post[{channel}]\"\nchange = {change}");
        found::<InterventionConfig, _>(&settings, &trained)
    };
    let mean = (means(&values, 9).column(channel).sum() / 60.0) as f32;
    let by_hand = |patch: Patch| {
        let run = trained.fit.model.run(&trained.data.train).patch(patch);
        run.values("logits").expect("a node").mapv(f64::from).mean_axis(Axis(0)).expect("samples")
    };
    let scores = by_hand(Patch::set("conv1.post", &[(channel, mean)]));
    changed("{ ablate = \"mean\" }").scores[1].iter().zip(&scores).for_each(|(a, b)| near(*a, *b));
    // From another sample it takes over every place.
    let scores = by_hand(Patch::transplant("conv1.post", &[channel], values.row(7)));
    changed("{ patch = { index = 7 } }").scores[1].iter().zip(&scores).for_each(|(a, b)| near(*a, *b));
}

#[test]
fn maps_over_the_input_are_of_the_mean_over_places() {
    use crate::inputs::{
        maximal_input::MaximalInputConfig, pixel_response::PixelResponseConfig, saliency::SaliencyConfig,
    };
    let trained = trained();
    let model = &trained.fit.model;
    let at = |x: &Array2<f32>, channel: usize| {
        means(&model.run(x).values("conv1.pre").expect("a node"), 9).column(channel).to_owned()
    };
    let units = "units = \"conv1.pre[3, 1]\"";
    let response: UnitMaps = found::<PixelResponseConfig, _>(units, &trained);
    let (one_hot, blank) = (Array2::eye(32), Array2::zeros((1, 32)));
    for (row, channel) in [3, 1].into_iter().enumerate() {
        near(f64::from(response.numbers[0].1[row]), at(&blank, channel)[0]);
        let expected: Array1<f64> = at(&one_hot, channel);
        response.maps.row(row).iter().zip(&expected).for_each(|(a, b)| near(f64::from(*a), *b));
    }
    // What is drawn for a channel goes by one place: its number stands beside the largest of any sample at any place.
    let best: UnitMaps = found::<MaximalInputConfig, _>(units, &trained);
    let values = model.run(&trained.data.train).values("conv1.pre").expect("a node");
    for (row, channel) in [3, 1].into_iter().enumerate() {
        let places = values.slice(ndarray::s![.., 9 * channel..9 * (channel + 1)]);
        near(f64::from(best.numbers[1].1[row]), f64::from(places.iter().copied().fold(f32::NEG_INFINITY, f32::max)));
    }
    let settings = "units = \"conv1.pre[3, 1]\"\nsample = { index = 5 }";
    let saliency: UnitMaps = found::<SaliencyConfig, _>(settings, &trained);
    let x = trained.data.train.x.select(&[5]);
    near(f64::from(saliency.numbers[0].1[1]), at(&x, 1)[0]);
    // Before the activation a channel's mean is a line in the input: its slope is what a whole step changes.
    let moved = Array2::from_shape_fn((32, 32), |(i, j)| x[[0, j]] + f32::from(u8::from(i == j)));
    for (slope, after) in saliency.maps.row(1).iter().zip(&at(&moved, 1)) {
        near(f64::from(*slope), (after - at(&x, 1)[0]).abs());
    }
    let settings = "samples = [{ index = 5 }]\nunit = \"conv1.pre[1]\"\nmethods = [\"gradient\"]";
    let attributed: Attribution = found::<AttributionConfig, _>(settings, &trained);
    near(attributed.samples[0].scores[0], at(&x, 1)[0]);
}

#[test]
fn statistics_of_a_channel_are_those_of_all_its_places_and_of_batches_too() {
    let mut trained = trained();
    // A channel that is silent, and steps too small to change a number: batches see what the samples do.
    trained.config.optimizer = optimizers::sgd::Sgd { lr: 1e-30, weight_decay: 0.0 }.into();
    trained.config.epochs = 1;
    let streams = tensor::random::Streams::new(1);
    let trainer = Trainer::new(&trained.config, "m", &trained.data, &streams).expect("fits");
    trained.fit = trainer.run(&mut |_| Control::Continue).expect("trains");
    let nodes = "nodes = [\"conv1.pre\", \"conv1.post\", \"flatten\"]";
    let of = |on: On| -> Activations {
        let on = if on == On::Samples { "samples" } else { "batches" };
        found::<ActivationsConfig, _>(&format!("{nodes}\non = \"{on}\""), &trained)
    };
    let (samples, batches) = (of(On::Samples), of(On::Batches));
    let units: Vec<usize> = samples.nodes.iter().map(|node| node.units).collect();
    assert_eq!(units, [4, 4, 16]);
    for (node, places) in samples.nodes.iter().zip([9, 9, 1]) {
        let values = reading(&node.name, &trained).values;
        let heard = batches.node(&node.name).expect("there");
        let seen = node.epochs.last().expect("the trained model");
        for unit in 0..node.units {
            let own: Vec<f64> =
                (0..60 * places).map(|k| values[[k / places, unit * places + k % places]].into()).collect();
            let (mean, zeros) = (own.iter().sum::<f64>() / own.len() as f64, own.iter().filter(|v| **v == 0.0).count());
            for statistics in [seen.unit(unit, None), heard.epochs[0].unit(unit, None)] {
                near(statistics.mean(), mean);
                assert_eq!((statistics.count(), statistics.zeros()), (own.len() as u64, zeros as u64), "{}", node.name);
            }
        }
    }
}
