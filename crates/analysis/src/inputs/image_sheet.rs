//! What every layer makes of some samples, and which of its units speak for the predicted class.
//!
//! A unit's contribution to the logit z of that class is Σ over its places of a · ∂z/∂a, with its value a at a place: gradient ×
//! activation (Shrikumar and others 2016, "Not just a black box", of the input). Where all that follows a layer is linear, the
//! contributions of its units add up to z less the biases that follow.

use models::{Root, Units};
use ndarray::ArrayView1;
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metric, Metrics, Outcome, Planned, Results,
    inputs::{answer::Answer, feature_maps::check_one},
    select::{samples::Chosen, split::SplitSelector, units},
};

/// What the last node of every hidden layer makes of some samples, and which of its units count most for the class that each
/// sample is taken for.
///
/// A unit's contribution to the logit z of that class is the sum over its places of its value there times ∂z/∂value: gradient ×
/// activation (Shrikumar and others 2016). Where all that follows a layer is linear, as behind the last hidden one, the
/// contributions of its units add up to z less the biases that follow; elsewhere they are what a small change of the unit in
/// proportion would do.
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
    /// How many units of a layer are marked, those with the largest contributions by magnitude: 1 to 16. Default 3.
    #[serde(default = "three")]
    pub connections: usize,
    /// How many units of a layer are kept, in that order, at least as many as are marked: up to 64. Default 9.
    #[serde(default = "nine")]
    pub channels: usize,
}

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
}

impl Analysis for ImageSheetConfig {
    fn check(&self, problems: &mut Problems) {
        problems.require(!self.samples.is_empty(), "samples", || "expected at least one sample".into());
        for (i, sample) in self.samples.iter().enumerate() {
            let path = format!("samples[{i}]");
            sample.check(&path, problems);
            check_one(sample, &path, problems);
        }
        problems.require((1..=16).contains(&self.connections), "connections", || {
            format!("expected 1 to 16 units, found {}", self.connections)
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
            let layers = found.iter().map(|reading| {
                let (values, gradients) = (reading.values.row(0), reading.gradients.row(0));
                layer(&reading.node, &reading.shape, values, gradients, self.channels)
            });
            Ok(Followed { answer, x: x.row(0).to_vec(), score, layers: layers.collect() })
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

/// The `most` units of a node that contribute most, of one sample.
fn layer(
    node: &str,
    shape: &[usize],
    values: ArrayView1<'_, f32>,
    gradients: ArrayView1<'_, f32>,
    most: usize,
) -> LayerUnits {
    let all = Units::of(node, shape);
    let product = |at: usize| f64::from(values[at]) * f64::from(gradients[at]);
    let contributions: Vec<f64> = (0..all.count).map(|unit| all.numbers(unit).map(product).sum()).collect();
    let magnitude: f64 = contributions.iter().map(|c| c.abs()).sum();
    let mut order: Vec<usize> = (0..all.count).collect();
    order.sort_by(|a, b| contributions[*b].abs().total_cmp(&contributions[*a].abs()).then(a.cmp(b)));
    order.truncate(most);
    let strong = |unit: usize| Strong {
        unit,
        contribution: contributions[unit],
        share: if magnitude > 0.0 { contributions[unit].abs() / magnitude } else { 0.0 },
        map: all.numbers(unit).map(|at| values[at]).collect(),
    };
    LayerUnits {
        node: node.to_owned(),
        size: if let [_, h, w] = *shape { [h, w] } else { [1, 1] },
        of: all.count,
        units: order.into_iter().map(strong).collect(),
        sum: contributions.iter().sum(),
    }
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

    #[test]
    fn no_more_are_marked_than_are_kept() {
        let mut problems = Problems::default();
        ImageSheetConfig { connections: 4, ..config(&[0]) }.check(&mut problems);
        assert_eq!(problems.into_vec()[0].path, "channels");
    }
}
