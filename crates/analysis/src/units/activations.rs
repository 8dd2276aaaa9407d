//! What passes through a model's nodes over training: how large, how spread, how often zero, unit by unit and class by class.
//!
//! The model of every snapshot is run on the same samples, some at a time; of these only counts, means and squared deviations
//! are kept ([`training::UnitStatistics`]) and which bin each number falls into ([`training::Histogram`]). Or the same is heard
//! on the batches as they pass, while the model trains.
//!
//! A unit is *dead* where it is exactly zero on every sample: the ReLU it ends with passes no gradient on any of them (Lu et al.,
//! *Dying ReLU and Initialization*, 2019, definition 1, on the samples at hand). It is *saturated* where it lies on the flat part
//! of its activation on nearly all samples.

mod outcome;

pub use outcome::{Activations, Activity, NodeActivity};

use std::{borrow::Cow, ops::Range};

use datasets::Split;
use models::{
    Layer, Model, Reading, Root, Units,
    layers::{Form, Role},
};
use ndarray::s;
use registry::{Config, Problems, TrainRef};
use tensor::Purpose;
use training::{Hook, Quantity, SnapshotConfig, UnitStatistics};

use crate::{
    Analysis, AnalysisError, Offer, Outcome, Planned, PlannedModel, Results, Trained, select::split::SplitSelector,
};

/// Samples whose numbers are read before they are added up: more would only take memory.
const AT_ONCE: usize = 4096;
/// Samples whose numbers are added up together, at most: the last digits of sums depend on it.
const TOGETHER: usize = 256;

/// Statistics of the numbers at a model's nodes over its training: histograms, mean and standard deviation of each node, unit and
/// class, the share of zeros, dead and saturated units.
///
/// A unit is dead where it is exactly zero on every sample. It is saturated where its activation is flat on at least `share` of
/// the samples: `threshold` of the way from what it gives at 0 to a limit, as a ReLU at zero, a tanh beyond ± `threshold`, a
/// sigmoid as near to 0 or 1 (beyond ± `threshold` once 0 … 1 is stretched to −1 … 1), an ELU, SELU or softplus within the same
/// distance of its lower limit; of other activations it cannot be told. Histograms have at most 128 bins of equal width, a power
/// of two, the same for all epochs. Of pictures the units are the channels, and a unit's numbers are those at all of its places.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivationsConfig {
    /// The model.
    pub model: TrainRef,
    /// The nodes: `["hidden1.pre", "logits"]`. Default: before and after every activation, and what comes last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true))]
    pub nodes: Vec<String>,
    /// Their values, or the gradient of the loss with respect to them. Default "value".
    #[serde(default)]
    pub quantity: Signal,
    /// On what. Default "samples".
    #[serde(default)]
    pub on: On,
    /// The split of the model's data.
    #[serde(default)]
    pub split: SplitSelector,
    /// Only so many samples, those that come first. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<usize>,
    /// Only so many samples, drawn at random. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub random: Option<usize>,
    /// Which epochs: of the snapshots, for samples; of the passes, the first being 1, for batches. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epochs: Option<SnapshotConfig>,
    /// How far on its way to its limit, 0 to 1, an activation counts as flat. Default 0.95.
    #[serde(default = "default_level")]
    pub threshold: f64,
    /// On which share of the samples a saturated unit is flat. Default 0.95.
    #[serde(default = "default_level")]
    pub share: f64,
}

fn default_level() -> f64 {
    0.95
}

/// What of a node is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Its numbers.
    #[default]
    Value,
    /// The gradient of the loss with respect to them: of each sample's own loss; on batches, of the batch's mean.
    Gradient,
}

/// On what a model is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// The same samples at every snapshot of training (`snapshots = { every = 1 }` in the training table).
    #[default]
    Samples,
    /// The batches of training as they pass.
    Batches,
}

impl Config for ActivationsConfig {
    const KIND: &str = "activations";
    const EXAMPLE: &str = "model = \"mlp\"\nsplit = \"test\"\nnodes = [\"hidden1.post\", \"logits\"]";
}

impl Analysis for ActivationsConfig {
    fn check(&self, problems: &mut Problems) {
        for (path, value) in [("threshold", self.threshold), ("share", self.share)] {
            problems.require(value > 0.0 && value <= 1.0, path, || {
                format!("expected a number above 0, at most 1, found {value}")
            });
        }
        let given =
            [("split", self.split.0.is_some()), ("first", self.first.is_some()), ("random", self.random.is_some())];
        for (path, given) in given {
            problems.require(!given || self.on == On::Samples, path, || {
                "what passes in batches is the training split, all of it; leave this out or look at samples".into()
            });
        }
        problems.require(self.first.is_none() || self.random.is_none(), "random", || {
            "expected the first samples or random ones, found both".into()
        });
        for (path, count) in [("first", self.first), ("random", self.random)] {
            problems.require(count != Some(0), path, || "expected at least 1 sample, found 0".into());
        }
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = planned.model(&self.model) else { return };
        self.check_nodes(model, problems);
        if self.on == On::Samples {
            self.check_samples(model, problems);
        }
        if let Some(epochs) = &self.epochs {
            let mut own = Problems::default();
            epochs.check(model.epochs, &mut own);
            let complete = own.is_empty();
            problems.nest("epochs", own);
            let kept =
                |epoch: &&usize| self.on == On::Samples && complete && !model.snapshots.is_empty() && **epoch > 0;
            for (i, epoch) in epochs.epochs.iter().enumerate().filter(|(_, e)| kept(e)) {
                problems.note(format!("epochs.epochs[{i}]"), model.needs_epoch(Some(*epoch)));
            }
        }
    }

    fn offer(&self, planned: &Planned) -> Offer {
        let Some(model) = planned.model(&self.model) else { return Offer::default() };
        let nodes = Model::node_shapes(&model.layers, &model.data.shape, model.loss.head()).ok();
        let names = nodes.map(|nodes| nodes.into_iter().map(|(name, _)| name).collect());
        let asked = self.epochs.as_ref().map(|epochs| epochs.list(model.epochs));
        let looked_at = |epoch: &usize| {
            *epoch == model.epochs || asked.as_ref().is_none_or(|asked| asked.binary_search(epoch).is_ok())
        };
        let epochs = match self.on {
            On::Samples => Some(model.snapshots.iter().copied().filter(looked_at).collect()),
            // The first pass is number 1.
            On::Batches => asked.map(|asked| asked.into_iter().filter(|epoch| *epoch > 0).collect()),
        };
        Offer {
            nodes: names.map(|names| self.nodes_of(names, &model.layers)),
            // Without snapshots, which is told elsewhere, nothing is known.
            epochs: epochs.filter(|epochs: &Vec<usize>| !epochs.is_empty()),
            ..Offer::default()
        }
    }

    fn hooks(&self, model: &Model) -> Vec<Hook> {
        if self.on == On::Samples {
            return Vec::new();
        }
        let quantity = if self.quantity == Signal::Value { Quantity::Value } else { Quantity::Gradient };
        let hook = |node: String| Hook {
            per_unit: true,
            histogram: true,
            epochs: self.epochs.clone(),
            ..Hook::new(node, quantity)
        };
        self.nodes_of(model.nodes(), model.layers()).into_iter().map(hook).collect()
    }

    fn run(&self, stage: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        Ok(Box::new(match self.on {
            On::Samples => self.on_samples(stage, trained, results)?,
            On::Batches => self.on_batches(trained, results.recordings(stage, &self.model)?),
        }))
    }
}

impl ActivationsConfig {
    /// What is wrong with the samples that are asked for.
    fn check_samples(&self, model: &PlannedModel, problems: &mut Problems) {
        problems.note("model", model.needs_snapshots());
        if problems.note("split", model.needs_split(self.split)) {
            return;
        }
        let size = model.split_size(self.split);
        for (path, count) in [("first", self.first), ("random", self.random)] {
            problems.require(count.is_none_or(|n| n <= size), path, || {
                format!("expected at most the {size} samples there are, found {}", count.unwrap_or(0))
            });
        }
    }

    /// Notes nodes that a model to be trained does not have, or has no gradient at if that is asked for, with the names there
    /// are.
    fn check_nodes(&self, model: &PlannedModel, problems: &mut Problems) {
        let head = model.loss.head();
        // A model that cannot be built is told of elsewhere.
        let Ok(nodes) = Model::node_shapes(&model.layers, &model.data.shape, head) else { return };
        if self.nodes.is_empty() {
            return;
        }
        let names: Vec<&str> = std::iter::once("x").chain(nodes.iter().map(|(name, _)| name.as_str())).collect();
        let quantity = if self.quantity == Signal::Value { Quantity::Value } else { Quantity::Gradient };
        let there = |name: &&str| model.has_hook(&Hook::new(*name, quantity)).is_ok();
        let known: Vec<&str> = names.iter().copied().filter(there).collect();
        for (i, node) in self.nodes.iter().enumerate().filter(|(_, node)| !known.contains(&node.as_str())) {
            problems.add(
                format!("nodes[{i}]"),
                match names.contains(&node.as_str()) {
                    true => format!("no gradient reaches {node}; it reaches {}", known.join(", ")),
                    false => format!("{} has no node {node}, it has {}", self.model.0, known.join(", ")),
                },
            );
        }
    }

    /// The nodes asked for, or those of the layers that compute: not what only changes a shape, nor a dropout, which does nothing
    /// to a trained model. `names` are those of the nodes after the layers.
    fn nodes_of(&self, names: Vec<String>, layers: &[Layer]) -> Vec<String> {
        if !self.nodes.is_empty() {
            return self.nodes.clone();
        }
        let idle = |layer: &Layer| layer.form() == Form::Identity || layer.role() == Role::Features;
        let nodes = names.into_iter().zip(layers);
        nodes.filter(|(_, layer)| !idle(layer)).map(|(name, _)| name).collect()
    }

    fn on_samples(&self, stage: &str, trained: &Trained, results: &Results) -> Result<Activations, AnalysisError> {
        let (split, data) = trained.split(self.split)?;
        let chosen = match (self.first, self.random) {
            (None, Some(n)) => {
                let mut order = results.streams().stream(stage, Purpose::Sample).permutation(data.n());
                order.truncate(n);
                order.sort_unstable();
                order
            }
            (n, _) => (0..data.n().min(n.unwrap_or(usize::MAX))).collect(),
        };
        // Class by class, so that the rows of a chunk are few runs of one class.
        let class = |sample: u32| data.labels().map_or(0, |labels| labels[sample as usize] as usize);
        let mut order: Vec<u32> = chosen.iter().map(|i| *i as u32).collect();
        order.sort_by_key(|i| (class(*i), *i));
        let classes = data.class_names().map(<[String]>::to_vec).unwrap_or_default();
        let mut moments = trained.all_snapshots();
        if let Some(epochs) = &self.epochs {
            let list = epochs.list(trained.config.epochs);
            let last = moments.len().saturating_sub(1);
            let mut i = 0;
            moments.retain(|(epoch, _)| {
                i += 1;
                i > last || list.contains(epoch)
            });
        }
        let (mut nodes, names) =
            (self.outcomes(&trained.fit.model), self.nodes_of(trained.fit.model.nodes(), trained.fit.model.layers()));
        let mut run = trained.fit.model.run(data);
        if self.quantity == Signal::Gradient {
            run = run.gradient_of(Root::Loss(trained.fit.loss));
        }
        for (_, model) in &moments {
            for node in &mut nodes {
                node.epochs.push(Activity::new(node.units, classes.len().max(1)));
            }
            run = run.with(&model.parameters);
            for samples in order.chunks(AT_ONCE) {
                run = run.samples(samples);
                for (reading, node) in run.read(&names)?.readings.iter().zip(&mut nodes) {
                    let flat = node.flat;
                    // One was pushed above.
                    let Some(activity) = node.epochs.last_mut() else { continue };
                    let mut row = 0;
                    for samples in
                        samples.chunks(TOGETHER).flat_map(|some| some.chunk_by(|a, b| class(*a) == class(*b)))
                    {
                        let rows = self.numbers(reading, row..row + samples.len());
                        let is_flat = |v: f32| flat.is_some_and(|curve| curve.is_flat_at(v.into(), self.threshold));
                        activity.add(class(samples[0]), &rows, is_flat);
                        row += samples.len();
                    }
                }
            }
        }
        let epochs = moments.iter().map(|(epoch, _)| *epoch).collect();
        Ok(Activations { split, samples: order.len(), classes, epochs, nodes, ..self.empty() })
    }

    /// The numbers of some samples at a node, a row of one per unit after the other: of a picture, a row for each of its places.
    fn numbers<'a>(&self, reading: &'a Reading, samples: Range<usize>) -> Cow<'a, [f32]> {
        let numbers = match self.quantity {
            Signal::Value => &reading.values,
            Signal::Gradient => &reading.gradients,
        };
        let rows = numbers.slice(s![samples, ..]).to_slice().unwrap_or_else(|| unreachable!("whole rows"));
        let Units { count, places } = Units::of(&reading.node, &reading.shape);
        if count == 1 || places == 1 {
            return rows.into();
        }
        let at = |sample: &'a [f32]| (0..places).flat_map(move |place| sample[place..].iter().step_by(places));
        rows.chunks_exact(count * places).flat_map(at).copied().collect()
    }

    fn on_batches(&self, trained: &Trained, recordings: &[training::Recording]) -> Activations {
        let mut nodes = self.outcomes(&trained.fit.model);
        for (node, recording) in nodes.iter_mut().zip(recordings) {
            // What a unit's zeros are is heard, how near it comes to another limit is not.
            node.flat = node.flat.filter(|curve| curve.range[0] == curve.at_zero);
            node.epochs = (recording.epochs.iter())
                .map(|heard| Activity {
                    groups: vec![heard.units.clone()],
                    histograms: vec![heard.histogram.clone().unwrap_or_default()],
                    flat: heard.units.iter().map(UnitStatistics::zeros).collect(),
                })
                .collect();
        }
        let epochs = recordings.first().map_or_else(Vec::new, |r| r.epochs.iter().map(|s| s.epoch).collect());
        let samples = trained.data.train.n();
        Activations { split: Split::Train, samples, epochs, nodes, ..self.empty() }
    }

    fn empty(&self) -> Activations {
        Activations {
            model: self.model.clone(),
            quantity: self.quantity,
            on: self.on,
            split: Split::Train,
            samples: 0,
            classes: Vec::new(),
            epochs: Vec::new(),
            threshold: self.threshold,
            share: self.share,
            nodes: Vec::new(),
        }
    }

    /// The nodes without numbers.
    fn outcomes(&self, model: &Model) -> Vec<NodeActivity> {
        let shapes = Model::node_shapes(model.layers(), model.input(), model.head()).unwrap_or_default();
        let of = |name: String| {
            let place = shapes.iter().position(|(node, _)| *node == name);
            let units = Units::of(&name, place.map_or(model.input(), |i| &shapes[i].1)).count;
            let layer = place.map(|i| &model.layers()[i]).filter(|_| self.quantity == Signal::Value);
            let flat = layer.and_then(|layer| match layer.form() {
                Form::Elementwise(curve) if curve.saturates != [false; 2] => Some(curve),
                _ => None,
            });
            let activation = layer.is_some_and(|layer| layer.role() == Role::Activation);
            NodeActivity { name, units, flat, activation, epochs: Vec::new() }
        };
        self.nodes_of(model.nodes(), model.layers()).into_iter().map(of).collect()
    }
}

#[cfg(test)]
mod tests;
