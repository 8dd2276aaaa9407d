//! What every layer makes of some samples, which of its units speak for the predicted class, and through which units of the next
//! layer they do.
//!
//! A unit's contribution to the logit z of that class is Σ over its places of a · ∂z/∂a, with its value a at a place: gradient ×
//! activation (Shrikumar and others 2016, "Not just a black box", of the input). Where all that follows a layer is linear, the
//! contributions of its units add up to z less the biases that follow.
//!
//! What passes from a unit i to the logit through a unit j of the next layer is Σ over the places of i of a_i · ∂(Σ over the
//! places of j of g_j · a_j)/∂a_i, with g_j = ∂z/∂a_j held as it is: the chain rule cut at the next layer. It is found by a run
//! in which all other units of that layer are held at the values they have, less one in which j is held too (what goes round the
//! layer, as in a residual block). Over all units j it adds up to the contribution of i less what goes round; over all units i,
//! where a_j is linear in them, to the contribution of j less that of its bias.

use std::slice;

use models::{Model, Patch, Reading, Root, Units};
use ndarray::{Array2, ArrayView1};
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metric, Metrics, Outcome, Planned, Results,
    inputs::{answer::Answer, feature_maps::check_one},
    select::{samples::Chosen, split::SplitSelector, units},
};

/// What the last node of every hidden layer makes of some samples, which of its units count most for the class that each sample
/// is taken for, and how much of that passes through which unit of the next layer.
///
/// A unit's contribution to the logit z of that class is the sum over its places of its value there times ∂z/∂value: gradient ×
/// activation (Shrikumar and others 2016). Where all that follows a layer is linear, as behind the last hidden one, the
/// contributions of its units add up to z less the biases that follow; elsewhere they are what a small change of the unit in
/// proportion would do. What passes through a unit of the next layer is the same with all other units of that layer held at their
/// values: over all of its units, it adds up to the contribution.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageSheetConfig {
    /// The trained model, of classes.
    pub model: TrainRef,
    /// The samples, each one as `{ index = 7 }` or `{ first_of = "3" }`.
    pub samples: Vec<Chosen>,
    /// The split of the model's data.
    #[serde(default)]
    pub split: SplitSelector,
    /// How many units of a layer are marked, those with the largest contributions by magnitude, 1 to 6, with what
    /// passes from each to each of the next layer. Default 3.
    #[serde(default = "three")]
    pub connections: usize,
    /// How many units of a layer are kept, in that order, at least as many as are marked: up to 64. Default 9.
    #[serde(default = "nine")]
    pub channels: usize,
}

/// More units side by side, each tied to each of the next layer, are no picture any more.
const MOST: usize = 6;

fn three() -> usize {
    3
}

fn nine() -> usize {
    9
}

impl Config for ImageSheetConfig {
    const KIND: &str = "image_sheet";
    const EXAMPLE: &str = "model = \"cnn\"\nsamples = [{ first_of = \"4\" }, { index = 7 }]";
}

/// Samples, layer by layer.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageSheet {
    /// The model's name.
    pub model: String,
    /// The shape of a sample.
    pub shape: Vec<usize>,
    /// A name for each of its features.
    pub features: Vec<String>,
    /// How many units of a layer are marked.
    pub connections: usize,
    /// One by one.
    pub samples: Vec<Followed>,
}

/// One sample, layer by layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    /// The sample, and what it is taken for.
    pub answer: Answer,
    /// Its features.
    pub x: Vec<f32>,
    /// The logit of the class that it is taken for.
    pub score: f32,
    /// The hidden layers.
    pub layers: Vec<LayerUnits>,
}

/// The units of a layer that count most.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerUnits {
    /// The node.
    pub node: String,
    /// Height and width of a unit's map, 1 × 1 of a number.
    pub size: [usize; 2],
    /// How many units there are.
    pub of: usize,
    /// Those with the largest contributions by magnitude, the largest first.
    pub units: Vec<Strong>,
    /// Σ of all the layer's contributions.
    pub sum: f64,
}

/// A unit that counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Strong {
    /// Which one.
    pub unit: usize,
    /// What it adds to the logit, negative where it takes away.
    pub contribution: f64,
    /// |contribution| as a share of those of all units of the layer; 0 where all are 0.
    pub share: f64,
    /// Its values, row by row.
    pub map: Vec<f32>,
    /// Of a marked unit, what passes through each of the marked units of the next hidden layer; empty of others, and of the last
    /// layer, whose units add what they contribute to the logit itself.
    pub onward: Vec<Passing>,
}

/// What passes from one unit to the logit through another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Passing {
    /// The unit of the next hidden layer.
    pub to: usize,
    /// What adds to the logit on this way, negative where it takes away.
    pub contribution: f64,
    /// |contribution| as a share of what passes to that unit from all units of the layer, by magnitude; 0 where nothing does.
    pub share: f64,
}

impl Analysis for ImageSheetConfig {
    fn check(&self, problems: &mut Problems) {
        problems.require(!self.samples.is_empty(), "samples", || "expected at least one sample".into());
        for (i, sample) in self.samples.iter().enumerate() {
            let path = format!("samples[{i}]");
            sample.check(&path, problems);
            check_one(sample, &path, problems);
        }
        problems.require((1..=MOST).contains(&self.connections), "connections", || {
            format!("expected 1 to {MOST} units, found {}", self.connections)
        });
        problems.require((self.connections..=64).contains(&self.channels), "channels", || {
            format!(
                "expected at least the {} units that are marked and at most 64, found {}",
                self.connections, self.channels
            )
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = self.split.of(&self.model, planned, problems) else { return };
        problems.note("model", model.needs_classes());
        for (i, sample) in self.samples.iter().enumerate() {
            sample.check_against(&format!("samples[{i}]"), model, self.split, problems);
        }
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let model = &trained.fit.model;
        let (split, data) = trained.split(self.split)?;
        let follow = |chosen: &Chosen| -> Result<Followed, AnalysisError> {
            let picked = chosen.pick(data, split)?;
            let (answer, x) = (Answer::of(model, data, &picked)?, picked.rows(data));
            let logits = units::scores(model);
            let hidden = units::hidden_nodes(&model.nodes());
            let nodes = hidden.iter().chain([&logits]);
            let mut found = model.run(&x).gradient_of(Root::Unit(&logits, answer.predicted())).read(nodes)?.readings;
            let score = found.pop().map_or(f32::NAN, |reading| reading.values[[0, answer.predicted()]]);
            let mut layers: Vec<LayerUnits> = found.iter().map(|reading| layer(reading, self.channels)).collect();
            let root = Root::Unit(&logits, answer.predicted());
            for at in 1..layers.len() {
                let [before, after] = &mut layers[at - 1..=at] else { unreachable!("two layers") };
                let marked: Vec<usize> = after.units.iter().take(self.connections).map(|strong| strong.unit).collect();
                let passing = passing(model, &x, root, [&found[at - 1].node, &found[at].node], &marked)?;
                before
                    .units
                    .iter_mut()
                    .take(self.connections)
                    .for_each(|from| from.onward = onward(from.unit, &passing));
            }
            Ok(Followed { answer, x: x.row(0).to_vec(), score, layers })
        };
        Ok(Box::new(ImageSheet {
            model: trained.name.clone(),
            shape: data.shape.clone(),
            features: data.feature_names.clone(),
            connections: self.connections,
            samples: self.samples.iter().map(follow).collect::<Result<_, _>>()?,
        }))
    }
}

/// Each unit's value times its gradient, summed over its places, of one sample.
fn contributions(reading: &Reading) -> Vec<f64> {
    let (values, gradients): (ArrayView1<f32>, _) = (reading.values.row(0), reading.gradients.row(0));
    let all = Units::of(&reading.node, &reading.shape);
    let product = |at: usize| f64::from(values[at]) * f64::from(gradients[at]);
    (0..all.count).map(|unit| all.numbers(unit).map(product).sum()).collect()
}

/// The `most` units of a node that contribute most, of one sample.
fn layer(reading: &Reading, most: usize) -> LayerUnits {
    let all = Units::of(&reading.node, &reading.shape);
    let contributions = contributions(reading);
    let magnitude: f64 = contributions.iter().map(|c| c.abs()).sum();
    let mut order: Vec<usize> = (0..all.count).collect();
    order.sort_by(|a, b| contributions[*b].abs().total_cmp(&contributions[*a].abs()).then(a.cmp(b)));
    order.truncate(most);
    let strong = |unit: usize| Strong {
        unit,
        contribution: contributions[unit],
        share: share(contributions[unit], magnitude),
        map: all.numbers(unit).map(|at| reading.values[[0, at]]).collect(),
        onward: Vec::new(),
    };
    LayerUnits {
        node: reading.node.clone(),
        size: if let [_, h, w] = reading.shape[..] { [h, w] } else { [1, 1] },
        of: all.count,
        units: order.into_iter().map(strong).collect(),
        sum: contributions.iter().sum(),
    }
}

fn share(contribution: f64, of: f64) -> f64 {
    if of > 0.0 { contribution.abs() / of } else { 0.0 }
}

/// What passes from every unit of a node to the root through each of some units of a later node, these first.
fn passing(
    model: &Model,
    x: &Array2<f32>,
    root: Root<'_>,
    [from, to]: [&String; 2],
    through: &[usize],
) -> Result<Vec<(usize, Vec<f64>)>, AnalysisError> {
    let own = model.run(x).read([to])?.readings.remove(0);
    let all = Units::of(to, &own.shape).count;
    let hold = |open: Option<usize>| {
        let held: Vec<usize> = (0..all).filter(|unit| Some(*unit) != open).collect();
        vec![Patch::transplant(to, &held, own.values.row(0))]
    };
    // What goes round the later node: all of it is held.
    let variants: Vec<_> = through.iter().map(|unit| hold(Some(*unit))).chain([hold(None)]).collect();
    let found = model.run(x).gradient_of(root).variants(&variants).read(slice::from_ref(from))?;
    let mut found: Vec<Vec<f64>> = found.iter().map(|found| contributions(&found.readings[0])).collect();
    let around = found.pop().unwrap_or_default();
    let less = |own: Vec<f64>| own.iter().zip(&around).map(|(own, around)| own - around).collect();
    Ok(through.iter().copied().zip(found.into_iter().map(less)).collect())
}

/// One unit's part of it.
fn onward(unit: usize, passing: &[(usize, Vec<f64>)]) -> Vec<Passing> {
    let of = |(to, from): &(usize, Vec<f64>)| {
        let magnitude = from.iter().map(|c| c.abs()).sum();
        Passing { to: *to, contribution: from[unit], share: share(from[unit], magnitude) }
    };
    passing.iter().map(of).collect()
}

impl ImageSheet {
    /// How many samples are taken for what they are.
    pub fn right(&self) -> usize {
        self.samples.iter().filter(|sample| sample.answer.is_right()).count()
    }
}

impl Outcome for ImageSheet {
    fn metrics(&self) -> Metrics {
        let of = |sample: &Followed| {
            let mut own = sample.answer.metrics();
            own.add("right", if sample.answer.is_right() { "yes" } else { "no" });
            own.add("score", f64::from(sample.score));
            for layer in &sample.layers {
                let Some(strongest) = layer.units.first() else { continue };
                let mut unit = Metrics::default();
                unit.add("unit", strongest.unit);
                unit.add("contribution", strongest.contribution);
                unit.add("sum", layer.sum);
                if let Some(way) = strongest.onward.first() {
                    unit.add("onward_to", way.to);
                    unit.add("onward", way.contribution);
                }
                own.add(format!("strongest_of_{}", layer.node), Metric::from(vec![unit]));
            }
            own
        };
        let mut metrics = Metrics::default();
        metrics.add("right", self.right());
        metrics.add("samples", Metric::from(self.samples.iter().map(of).collect::<Vec<_>>()));
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::{Linear, Relu};

    fn config(samples: &[usize]) -> ImageSheetConfig {
        ImageSheetConfig {
            model: TrainRef("m".into()),
            samples: samples.iter().map(|i| Chosen::index(*i)).collect(),
            split: SplitSelector::default(),
            connections: 1,
            channels: 2,
        }
    }

    #[test]
    fn behind_the_last_hidden_layer_contributions_add_up_to_the_logit_less_its_bias() {
        // Hidden: x₁ + x₂, x₁ − x₂ and x₂, above 0; logits: 2h₁ − h₂ + ¼h₃ + ½, and 3h₁ − 4h₂ − h₃ − ¼.
        let first = [1.0, 1.0, 0.0, 1.0, -1.0, 1.0, 0.0, 0.0, 0.0];
        let second = [2.0, 3.0, -1.0, -4.0, 0.25, -1.0, 0.5, -0.25];
        let parameters: Vec<f32> = first.into_iter().chain(second).collect();
        let layers = vec![Linear::new(3).into(), Relu {}.into(), Linear::new(2).into()];
        let found: ImageSheet = fixture::run(&config(&[2, 1]), fixture::classified(layers, &parameters));
        // (1, 0) makes 1, 1, 0 and the logits 1.5 and −1.25; it is of the other class. (0, 1) makes 1, 0, 1: 2.75 and 1.75.
        let [a, b] = [&found.samples[0], &found.samples[1]];
        assert_eq!((a.answer.predicted(), a.score, b.score, found.right()), (0, 1.5, 2.75, 0));
        let strong = |sample: &Followed| {
            let units = &sample.layers[0].units;
            units.iter().map(|u| (u.unit, u.contribution, u.map.clone())).collect::<Vec<_>>()
        };
        assert_eq!(strong(a), [(0, 2.0, vec![1.0]), (1, -1.0, vec![1.0])]);
        assert_eq!(strong(b), [(0, 2.0, vec![1.0]), (2, 0.25, vec![1.0])]);
        assert_eq!([a.layers[0].sum, b.layers[0].sum], [1.5 - 0.5, 2.75 - 0.5]);
        assert_eq!(
            (a.layers[0].node.as_str(), a.layers[0].of, a.layers[0].units[0].share),
            ("hidden1.post", 3, 2.0 / 3.0)
        );
    }

    #[test]
    fn a_channel_contributes_at_all_of_its_places() {
        let trained = fixture::classifier(&[1, 5, 5], fixture::conv_layers());
        let parameters = trained.fit.model.parameters.values().to_vec();
        let found: ImageSheet = fixture::run(&config(&[4]), trained);
        let [sample] = &found.samples[..] else { panic!("one sample") };
        let layer = &sample.layers[0];
        // The dense layer reads the channels' numbers; its three biases are the last parameters.
        let bias = parameters[parameters.len() - 3 + sample.answer.predicted()];
        let expected = f64::from(sample.score) - f64::from(bias);
        assert!((layer.sum - expected).abs() < 1e-4, "{} and {expected}", layer.sum);
        assert_eq!((layer.node.as_str(), layer.size, layer.of, layer.units[0].map.len()), ("conv1.pool", [3, 3], 4, 9));
    }

    /// The contributions of the first sample's units of each layer, and what passes from each, by their numbers.
    fn ways(found: &ImageSheet) -> Vec<Vec<(f64, Vec<f64>)>> {
        let own = |strong: &Strong| {
            let mut onward = strong.onward.clone();
            onward.sort_by_key(|way| way.to);
            (strong.unit, strong.contribution, onward.iter().map(|way| way.contribution).collect())
        };
        let of = |layer: &LayerUnits| {
            let mut units: Vec<(usize, f64, Vec<f64>)> = layer.units.iter().map(own).collect();
            units.sort_by_key(|(unit, ..)| *unit);
            units.into_iter().map(|(_, contribution, onward)| (contribution, onward)).collect()
        };
        found.samples[0].layers.iter().map(of).collect()
    }

    #[test]
    fn in_a_linear_network_the_ways_into_a_unit_add_up_to_it_less_its_bias() {
        // Hidden 1: x₁ + x₂ and x₁ − x₂; hidden 2: 2h₁ + h₂ + ½ and h₁ − 3h₂ − 1; logits: 4g₁ − g₂ and none.
        // At (1, 0): 1, 1 and 3½, −3.
        let first = [1.0, 1.0, 1.0, -1.0, 0.0, 0.0];
        let second = [2.0, 1.0, 1.0, -3.0, 0.5, -1.0];
        let last = [4.0, 0.0, -1.0, 0.0, 0.0, 0.0];
        let parameters: Vec<f32> = first.into_iter().chain(second).chain(last).collect();
        let linear = || models::Layer::from(Linear::new(2));
        let config = ImageSheetConfig { connections: 2, ..config(&[2]) };
        let found: ImageSheet =
            fixture::run(&config, fixture::classified(vec![linear(), linear(), linear()], &parameters));
        assert_eq!((found.samples[0].answer.predicted(), found.samples[0].score), (0, 17.0));
        let [one, two] = &ways(&found)[..] else { panic!("two hidden layers") };
        // Through g₁ 4 · (2h₁ + h₂), through g₂ −(h₁ − 3h₂); 4 · ½ and −1 · −1 are the biases'.
        assert_eq!(*one, [(7.0, vec![8.0, -1.0]), (7.0, vec![4.0, 3.0])]);
        assert_eq!(*two, [(14.0, vec![]), (3.0, vec![])]);
        for (at, bias) in [2.0, 1.0].into_iter().enumerate() {
            assert_eq!(one.iter().map(|(_, onward)| onward[at]).sum::<f64>(), two[at].0 - bias);
        }
        let shares: Vec<f64> = found.samples[0].layers[0].units[0].onward.iter().map(|way| way.share).collect();
        assert_eq!(shares, [8.0 / 12.0, 0.25]);
    }

    #[test]
    fn what_passes_through_all_channels_of_the_next_layer_is_the_contribution() {
        use models::layers::{Conv2d, Flatten};
        let conv = |channels| models::Layer::from(Conv2d::new(channels, 2));
        let relu = || models::Layer::from(Relu {});
        let layers = vec![conv(2), relu(), conv(3), relu(), Flatten {}.into(), Linear::new(3).into()];
        let config = ImageSheetConfig { connections: 3, channels: 3, ..config(&[4]) };
        let found: ImageSheet = fixture::run(&config, fixture::classifier(&[1, 5, 5], layers));
        for (contribution, onward) in &ways(&found)[0] {
            assert!((onward.iter().sum::<f64>() - contribution).abs() < 1e-5, "{onward:?} and {contribution}");
        }
    }

    #[test]
    fn what_goes_round_a_layer_does_not_pass_through_it() {
        // Hidden 1 is x, hidden 2 twice that, hidden 3 adds both; the logits are its units.
        let unity = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
        let twice = [2.0, 0.0, 0.0, 2.0, 0.0, 0.0];
        let parameters: Vec<f32> = [unity, twice, unity, unity].concat();
        let linear = || models::Layer::from(Linear::new(2));
        let layers = vec![linear(), linear(), linear(), models::layers::Residual { over: 2 }.into(), linear()];
        let found: ImageSheet = fixture::run(&config(&[2]), fixture::classified(layers, &parameters));
        let [one, two, _] = &ways(&found)[..] else { panic!("three hidden layers") };
        assert_eq!(found.samples[0].layers[2].node, "hidden3.sum");
        assert_eq!((&one[0], &two[0]), (&(3.0, vec![2.0]), &(2.0, vec![2.0])));
    }

    #[test]
    fn no_more_are_marked_than_are_kept() {
        let mut problems = Problems::default();
        ImageSheetConfig { connections: 4, ..config(&[0]) }.check(&mut problems);
        assert_eq!(problems.into_vec()[0].path, "channels");
    }
}
