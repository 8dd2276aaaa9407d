//! What every layer makes of one sample: its channels as maps, its vectors as numbers.

use models::{Model, layers::Form};
use ndarray::Array2;
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results,
    inputs::answer::Answer,
    select::{
        samples::Chosen,
        snapshots::{OverTraining, Snapshots},
        split::SplitSelector,
    },
};

/// What every layer makes of one sample, from the input to the scores of the classes: of pictures every channel's map, of vectors
/// every number, and the probability of each class.
///
/// Of a layer with many channels those that are strongest for the sample, by the mean magnitude over the map of the last node of
/// the layer in the trained model: the same channels at all nodes of the layer and in all snapshots.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeatureMapsConfig {
    /// The trained model, of classes.
    pub model: TrainRef,
    /// The sample: `{ index = 7 }` or `{ first_of = "3" }`.
    pub sample: Chosen,
    /// The split of the model's data.
    #[serde(default)]
    pub split: SplitSelector,
    /// How many channels of a layer at most, 1 to 64: of more the strongest. Default 16.
    #[serde(default = "sixteen")]
    pub channels: usize,
    /// Snapshots of training to look at too: `"all"`, `{ every = 1 }` or `{ epochs = [0, 5] }`. Default: only the trained model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<Snapshots>,
}

fn sixteen() -> usize {
    16
}

impl Config for FeatureMapsConfig {
    const KIND: &str = "feature_maps";
    const EXAMPLE: &str = "model = \"cnn\"\nsample = { first_of = \"3\" }";
}

/// What every layer makes of a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureMaps {
    /// The model's name.
    pub model: String,
    /// The sample, and what it is taken for.
    pub answer: Answer,
    /// From the input to the scores.
    pub layers: Vec<LayerMaps>,
}

/// What one layer makes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerMaps {
    /// The node.
    pub node: String,
    /// Height and width of a channel's map; none of a vector.
    pub size: Option<[usize; 2]>,
    /// Which channels, by number; of a vector all its numbers.
    pub channels: Vec<usize>,
    /// How many there are.
    pub of: usize,
    /// channels × places, row by row; a vector has one row.
    pub maps: Array2<f32>,
}

impl Analysis for FeatureMapsConfig {
    fn check(&self, problems: &mut Problems) {
        self.sample.check("sample", problems);
        check_one(&self.sample, "sample", problems);
        problems.require((1..=64).contains(&self.channels), "channels", || {
            format!("expected 1 to 64 channels, found {}", self.channels)
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = self.split.of(&self.model, planned, problems) else { return };
        problems.note("model", model.needs_classes());
        self.sample.check_against("sample", model, self.split, problems);
        Snapshots::check(self.snapshots.as_ref(), [&self.model], planned, problems);
    }

    fn snapshots(&self) -> Option<&Snapshots> {
        self.snapshots.as_ref()
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let (split, data) = trained.split(self.split)?;
        let picked = self.sample.pick(data, split)?;
        let x = picked.rows(data);
        let shapes = distinct(&trained.fit.model);
        let nodes: Vec<&String> = shapes.iter().map(|(node, _)| node).collect();
        let all = trained.fit.model.run(&x).read(&nodes)?.values();
        let chosen: Vec<Vec<usize>> = (0..shapes.len()).map(|at| self.chosen(at, &shapes, &all)).collect();
        let found = OverTraining::of(trained, self.snapshots.as_ref(), |model| {
            let values = model.run(&x).read(&nodes)?.values();
            let layers = shapes.iter().zip(values).zip(&chosen);
            let layers = layers.map(|(((node, shape), values), chosen)| layer(node, shape, &values, chosen)).collect();
            Ok(FeatureMaps { model: trained.name.clone(), answer: Answer::of(model, data, &picked)?, layers })
        })?;
        Ok(Box::new(found))
    }
}

/// Notes a choice of many samples where one is looked at.
pub(crate) fn check_one(sample: &Chosen, path: &str, problems: &mut Problems) {
    problems.require(sample.all_of.is_none(), format!("{path}.all_of"), || {
        "expected one sample: { index = 7 } or { first_of = \"CLASS\" }".into()
    });
}

/// `x` and the nodes of a model whose numbers are others than those of the node before.
fn distinct(model: &Model) -> Vec<(String, Vec<usize>)> {
    let all = model.sample_shapes();
    let is_new = |at: usize| at == 0 || model.layers()[at - 1].form() != Form::Identity;
    all.into_iter().enumerate().filter(|(at, _)| is_new(*at)).map(|(_, node)| node).collect()
}

/// Channels, height and width of a node of pictures.
fn picture(shape: &[usize]) -> Option<[usize; 3]> {
    match *shape {
        [h, w] => Some([1, h, w]),
        [c, h, w] => Some([c, h, w]),
        _ => None,
    }
}

impl FeatureMapsConfig {
    /// The channels of a node that are kept: the strongest at the last node of its layer.
    fn chosen(&self, at: usize, shapes: &[(String, Vec<usize>)], values: &[Array2<f32>]) -> Vec<usize> {
        let block = |node: &str| node.split('.').next().map(str::to_owned);
        let of = |at: usize| picture(&shapes[at].1).map(|[c, ..]| c);
        let Some(channels) = of(at) else { return (0..values[at].ncols()).collect() };
        let same = |other: &usize| block(&shapes[*other].0) == block(&shapes[at].0) && of(*other) == Some(channels);
        let last = (at..shapes.len()).rfind(same).unwrap_or(at);
        let row = values[last].row(0);
        let places = row.len() / channels.max(1);
        let strength = |c: usize| row.iter().skip(c * places).take(places).map(|v| f64::from(v.abs())).sum::<f64>();
        let mut order: Vec<usize> = (0..channels).collect();
        order.sort_by(|a, b| strength(*b).total_cmp(&strength(*a)).then(a.cmp(b)));
        order.truncate(self.channels);
        order.sort_unstable();
        order
    }
}

/// The numbers of one node for the one sample.
fn layer(node: &str, shape: &[usize], values: &Array2<f32>, chosen: &[usize]) -> LayerMaps {
    let row = values.row(0);
    let (size, of, maps) = match picture(shape) {
        Some([channels, h, w]) => {
            let maps = Array2::from_shape_fn((chosen.len(), h * w), |(i, place)| row[chosen[i] * h * w + place]);
            (Some([h, w]), channels, maps)
        }
        None => (None, row.len(), Array2::from_shape_fn((1, row.len()), |(_, i)| row[i])),
    };
    LayerMaps { node: node.to_owned(), size, channels: chosen.to_vec(), of, maps }
}

impl Outcome for FeatureMaps {
    fn metrics(&self) -> Metrics {
        self.answer.metrics()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::{Conv2d, Flatten, Linear, MaxPool, Relu};

    #[test]
    fn maps_are_what_a_reading_of_the_nodes_gives() {
        let layers = vec![
            Conv2d::new(3, 2).into(),
            Relu {}.into(),
            MaxPool { size: 2, stride: None, padding: 0 }.into(),
            Flatten {}.into(),
            Linear::new(3).into(),
        ];
        let trained = fixture::classifier(&[1, 5, 5], layers);
        let model = trained.fit.model.clone();
        let config = FeatureMapsConfig {
            model: TrainRef("m".into()),
            sample: Chosen::index(4),
            split: SplitSelector::default(),
            channels: 2,
            snapshots: None,
        };
        let found: OverTraining<FeatureMaps> = fixture::run(&config, trained.clone());
        let FeatureMaps { answer, layers, .. } = found.trained();
        let nodes: Vec<(&str, usize)> = layers.iter().map(|l| (l.node.as_str(), l.maps.nrows())).collect();
        assert_eq!(nodes, [("x", 1), ("conv1.pre", 2), ("conv1.post", 2), ("conv1.pool", 2), ("logits", 1)]);
        let x = trained.data.train.subset(&[4]).x.clone();
        let pooled = model.run(&*x).values("conv1.pool").expect("a node");
        // The two whose pooled maps have most, and the same two before.
        let sum = |c: usize| pooled.row(0).iter().skip(4 * c).take(4).sum::<f32>();
        let least = (0..3).min_by(|a, b| sum(*a).total_cmp(&sum(*b))).expect("three");
        assert!(layers[1..4].iter().all(|l| l.of == 3 && !l.channels.contains(&least) && l.channels.len() == 2));
        let second = layers[3].channels[1];
        assert_eq!(layers[3].maps[[1, 2]], pooled[[0, 4 * second + 2]]);
        // e^z / Σ e^z of the logits as read.
        assert_eq!(answer.probabilities, crate::predictions::classification::softmax(&layers[4].maps.row(0).to_vec()));
        assert_eq!((answer.target, answer.index), (1, 4));
    }

    #[test]
    fn one_sample_is_looked_at() {
        let all = Chosen { all_of: Some("3".into()), ..Chosen::default() };
        let mut problems = Problems::default();
        check_one(&all, "sample", &mut problems);
        assert_eq!(problems.into_vec()[0].path, "sample.all_of");
    }
}
