//! What a `[train.NAME]` table says.

use std::{borrow::Cow, collections::BTreeMap, path::Path};

use datasets::{Spec, Split, TargetSpec};
use models::{
    Assignment, Layer, Loss, Misfit, Model, ModelError, Weights,
    layers::{Form, Role},
};
use optimizers::{OptimizerConfig, Schedule};
use registry::{Config, DatasetRef, Problems, TrainRef};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tensor::shape::size;

use crate::{Augment, EarlyStopping, Keep, Measure, SnapshotConfig, stopping};

/// Trains a model on a data set by following the gradient of a loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainConfig {
    /// The data set, a `[dataset.NAME]`; its training split, where it is split.
    pub data: DatasetRef,
    /// The layers, from input to output: `[{ linear = 64 }, "relu", { linear = 3 }]`.
    pub model: Vec<Layer>,
    /// What training makes small: "cross_entropy" for classes, "mean_squared_error" for numbers.
    pub loss: Loss,
    /// The optimizer: `{ adam = { lr = 0.01 } }`.
    pub optimizer: OptimizerConfig,
    /// The learning rate over time: `{ cosine = { to = 0.1 } }`. Default "constant".
    #[serde(default)]
    pub schedule: Schedule,
    /// How many times every sample is seen.
    pub epochs: usize,
    /// Samples per step: a number, or "full" for all of them. Default "full".
    #[serde(default)]
    pub batch: Batch,
    /// Changes the pictures that a step learns from, otherwise in every epoch: `{ shift = 2, rotate = 10 }`. Default: they are
    /// learned from as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub augment: Option<Augment>,
    /// What is measured of every split after every epoch besides the loss and, of classes, the accuracy: `["precision", "recall",
    /// "f1"]`, which are means over the classes (macro averages). They are in `history/`, and `training_curves` draws them.
    /// Default: no more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true))]
    pub metrics: Vec<Measure>,
    /// Which epochs' parameters to keep for figures of training over time: `{ every = 50 }`. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<SnapshotConfig>,
    /// Stops when a number has not become better for some epochs: `{ patience = 5, on = "validation", by = "loss" }`. Default:
    /// never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_stopping: Option<EarlyStopping>,
    /// Which epoch's model is left: "last", or "best" by what early stopping follows or else by the validation loss. Default
    /// "last".
    #[serde(default)]
    pub keep: Keep,
    /// Another training run, whose initial weights and order of samples this one takes over, so that both differ in nothing but
    /// what their tables say. Layers of weights must be the same, and samples of the same shape; normalisation, dropout and
    /// activations between them may differ. Default: its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-formerly" = ["same_start_as"]))]
    pub same_init_as: Option<TrainRef>,
    /// A safetensors file of weights to start from, such as PyTorch's users save; relative to the pipeline file. Its layers are
    /// taken in order, or where only one fits; shapes are PyTorch's, outputs × inputs. With `epochs = 0` they are only looked at.
    /// Default: weights are drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-path" = true))]
    pub weights: Option<String>,
    /// Which layers or arrays of `weights` are which: `{ hidden1 = "fc1", "output.weight" = "out.w" }`. Default: by order and
    /// shape.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rename: BTreeMap<String, String>,
}

impl Config for TrainConfig {
    const KIND: &str = "train";
    const EXAMPLE: &str = r#"data = "spiral"
model = [{ linear = 64 }, "relu", { linear = 32 }, "relu", { linear = 3 }]
loss = "cross_entropy"
optimizer = { adam = { lr = 0.01 } }
epochs = 1000
batch = "full""#;
}

/// Weights of a file and what becomes of each array, or what does not fit.
pub type Initial = Result<(Weights, Assignment), Vec<Misfit>>;

/// Samples per step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Batch {
    /// All of them: one step per epoch, in the data's own order.
    #[default]
    Full,
    /// This many, drawn without replacement in a new order every epoch; the last batch of an epoch has what is left.
    Size(usize),
}

impl Batch {
    /// Samples per step for `n` samples.
    pub fn size(self, n: usize) -> usize {
        match self {
            Self::Full => n,
            Self::Size(size) => size.min(n),
        }
    }
}

impl Serialize for Batch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Full => serializer.serialize_str("full"),
            Self::Size(size) => serializer.serialize_u64(*size as u64),
        }
    }
}

impl<'de> Deserialize<'de> for Batch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Batch;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number of samples, or \"full\"")
            }
            fn visit_i64<E: de::Error>(self, v: i64) -> Result<Batch, E> {
                usize::try_from(v).map(Batch::Size).map_err(|_| E::invalid_value(de::Unexpected::Signed(v), &self))
            }
            fn visit_u64<E: de::Error>(self, v: u64) -> Result<Batch, E> {
                Ok(Batch::Size(v as usize))
            }
            fn visit_str<E: de::Error>(self, v: &str) -> Result<Batch, E> {
                if v == "full" { Ok(Batch::Full) } else { Err(E::invalid_value(de::Unexpected::Str(v), &self)) }
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl schemars::JsonSchema for Batch {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Batch".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [{ "type": "integer", "minimum": 1 }, { "type": "string", "enum": ["full"] }] })
    }
}

/// More epochs than anyone means, refused because the history of each is kept.
const MOST_EPOCHS: usize = 10_000_000;

impl TrainConfig {
    /// A run over all samples at once, and every other setting by default.
    pub fn new(data: &str, model: Vec<Layer>, loss: Loss, optimizer: OptimizerConfig, epochs: usize) -> Self {
        Self {
            data: DatasetRef(data.to_owned()),
            model,
            loss,
            optimizer,
            schedule: Schedule::default(),
            epochs,
            batch: Batch::default(),
            augment: None,
            metrics: Vec::new(),
            snapshots: None,
            early_stopping: None,
            keep: Keep::default(),
            same_init_as: None,
            weights: None,
            rename: BTreeMap::new(),
        }
    }

    /// Notes everything wrong with the table by itself.
    pub fn check(&self, problems: &mut Problems) {
        problems.require(!self.model.is_empty(), "model", || "a model needs at least one layer".into());
        for (i, layer) in self.model.iter().enumerate() {
            let mut own = Problems::default();
            layer.check(&mut own);
            problems.nest(&format!("model[{i}]"), own);
        }
        let mut own = Problems::default();
        self.optimizer.check(&mut own);
        problems.nest("optimizer", own);
        let mut own = Problems::default();
        self.schedule.check(self.epochs, &mut own);
        problems.nest("schedule", own);
        if let Some(augment) = &self.augment {
            let mut own = Problems::default();
            augment.check(&mut own);
            problems.nest("augment", own);
        }
        for (i, measure) in self.metrics.iter().enumerate() {
            problems.require(self.loss.classifies() || *measure == Measure::Loss, format!("metrics[{i}]"), || {
                format!("a model that predicts numbers has no {}, only a loss", measure.name())
            });
        }
        if let Some(snapshots) = &self.snapshots {
            let mut own = Problems::default();
            snapshots.check(self.epochs, &mut own);
            problems.nest("snapshots", own);
        }
        if let Some(stopping) = &self.early_stopping {
            let mut own = Problems::default();
            stopping.check(self.loss.classifies(), &mut own);
            problems.nest("early_stopping", own);
        }
        if self.epochs == 0 && self.weights.is_none() {
            problems.add_with_help(
                "epochs",
                format!("expected 1 to {MOST_EPOCHS} epochs, found 0"),
                "with weights = \"FILE\", 0 epochs only look at them",
            );
        }
        problems.require(self.epochs <= MOST_EPOCHS, "epochs", || {
            format!("expected 1 to {MOST_EPOCHS} epochs, found {}", self.epochs)
        });
        problems.require(self.weights.as_ref().is_none_or(|file| !file.is_empty()), "weights", || {
            "an empty path, expected a file".into()
        });
        problems.require(self.rename.is_empty() || self.weights.is_some(), "rename", || {
            "there is no file of weights whose layers it could name".into()
        });
        problems.require(self.same_init_as.is_none() || self.weights.is_none(), "same_init_as", || {
            "the model cannot start both as another run does and from a file of weights".into()
        });
        problems.require(self.batch != Batch::Size(0), "batch", || "expected at least 1 sample, found 0".into());
    }

    /// The weights to start from, if the table names a file, and what becomes of each array; `base` is where its path starts, and
    /// `input` the shape of a sample.
    ///
    /// # Errors
    /// When the file cannot be read or is no safetensors file, and in the inner result everything that does not fit.
    pub fn initial(&self, base: &Path, input: &[usize]) -> Result<Option<Initial>, ModelError> {
        let Some(file) = &self.weights else { return Ok(None) };
        let weights = Weights::load(&base.join(file))?;
        let assignment = weights.assign(&self.model, input, self.loss.head(), &self.rename);
        Ok(Some(assignment.map(|assignment| (weights, assignment))))
    }

    /// Notes everything in the file of weights that does not fit the model on samples of the shape `input`.
    pub fn check_weights(&self, base: &Path, input: &[usize], problems: &mut Problems) {
        match self.initial(base, input) {
            Err(error) => problems.add("weights", error.to_string()),
            Ok(Some(Err(misfits))) => {
                for Misfit { message, help, key } in misfits {
                    problems.add_with_help(if key.is_some() { "rename" } else { "weights" }, message, help);
                }
            }
            Ok(_) => {}
        }
    }

    /// What is measured of every split, in the order in which it is told.
    pub fn measures(&self) -> Vec<Measure> {
        let always = |measure| measure == Measure::Loss || measure == Measure::Accuracy && self.loss.classifies();
        let followed = |measure| self.early_stopping.as_ref().is_some_and(|stopping| stopping.by == measure);
        let asked = |measure: &Measure| always(*measure) || followed(*measure) || self.metrics.contains(measure);
        Measure::ALL.into_iter().filter(asked).collect()
    }

    /// The learning rate of a step, counted from 0.
    pub fn learning_rate(&self, step: usize, steps_per_epoch: usize) -> f64 {
        self.optimizer.lr() * self.schedule.factor(step, steps_per_epoch, self.epochs)
    }

    /// The settings that the steps of a run depend on: where its schedule does not know of its end, those of a run of any other
    /// number of epochs are the same.
    pub fn course(&self) -> Self {
        let epochs = if self.schedule.knows_its_end() { self.epochs } else { 0 };
        TrainConfig { epochs, ..self.clone() }
    }

    /// Whether the test split decides when training ends or which model is left.
    pub fn selects_by_test(&self) -> bool {
        self.early_stopping.as_ref().is_some_and(|stopping| stopping.on == Split::Test)
    }

    /// The stage whose random streams this one draws from: itself, `stage`, or the one it starts like.
    pub fn start<'a>(&self, stage: &'a str) -> Cow<'a, str> {
        match &self.same_init_as {
            Some(TrainRef(other)) => Cow::Owned(format!("train.{other}")),
            None => Cow::Borrowed(stage),
        }
    }

    /// Notes why it cannot start like `other`, the run it names; `alike` says whether samples of both have one shape.
    pub fn check_start(&self, other: &TrainConfig, alike: bool, problems: &mut Problems) {
        let (Some(TrainRef(name)), path) = (&self.same_init_as, "same_init_as") else { return };
        if let Some(TrainRef(first)) = &other.same_init_as {
            let message = format!("{name} itself starts like {first}");
            problems.add_with_help(path, message, format!("write {path} = \"{first}\""));
        }
        problems.require(alike, path, || {
            format!("{name} learns samples of another shape: {} instead of {}", other.data.0, self.data.0)
        });
        // What is drawn: other layers start from constants or have no weights at all.
        let drawn = |layer: &&models::Layer| matches!(layer.role(), Role::Units(_) | Role::Features);
        problems.require(self.model.iter().filter(drawn).eq(other.model.iter().filter(drawn)), path, || {
            format!("{name} has other layers of weights, so its initial weights do not fit")
        });
    }

    /// Notes everything that does not fit the data: shapes, outputs, targets. `sizes` are the numbers of training, validation and
    /// test samples.
    pub fn check_against(&self, data: &Spec, sizes: [usize; 3], problems: &mut Problems) {
        let n = sizes[0];
        let name = &self.data.0;
        if let Batch::Size(size) = self.batch
            && size > n
        {
            problems.add_with_help(
                "batch",
                format!("a batch of {size} is more than the {n} training samples of {name}"),
                "write batch = \"full\" to use them all in every step",
            );
        }
        let rows = self.batch.size(n).max(1);
        if let Some(i) = self.model.iter().position(|l| matches!(l.form(), Form::Normalization { .. }))
            && (rows == 1 || n % rows == 1)
        {
            let which = if rows == 1 { "a batch" } else { "the last batch of an epoch" };
            problems.add_with_help(
                "batch",
                format!("{which} has a single sample, over which the batch_norm of model[{i}] cannot normalise"),
                format!("choose a batch size that leaves none or at least two of the {n} training samples of {name}"),
            );
        }
        if let Some(augment) = &self.augment {
            let mut own = Problems::default();
            augment.check_against(name, &data.shape, &mut own);
            problems.nest("augment", own);
        }
        stopping::check_against(self, sizes, problems);
        match (&data.target, self.loss.classifies()) {
            (TargetSpec::None, _) => problems.add("data", format!("{name} has no targets to learn")),
            (TargetSpec::Classes { .. }, false) => problems.add_with_help(
                "loss",
                format!("{} needs numbers as targets, and {name} has classes", self.loss.kind()),
                "use loss = \"cross_entropy\"",
            ),
            (TargetSpec::Values { .. }, true) => problems.add_with_help(
                "loss",
                format!("{} needs classes as targets, and {name} has numbers", self.loss.kind()),
                "use loss = \"mean_squared_error\"",
            ),
            _ => {}
        }
        match Model::shapes(&self.model, &data.shape) {
            Err(ModelError::Layer { index, source }) => {
                problems.add_with_help(format!("model[{index}]"), source.to_string(), source.help());
            }
            // An empty list is noted by `check`.
            Err(_) => {}
            Ok(shapes) => {
                let outputs = shapes.last().map_or(0, |s| size(s));
                if let Some(expected) = data.outputs()
                    && outputs != expected
                {
                    let what = if data.classes().is_some() { "classes" } else { "target values" };
                    let last = self.model.iter().rposition(|l| matches!(l.role(), Role::Units(_))).unwrap_or(0);
                    problems.add_with_help(
                        format!("model[{last}]"),
                        format!("the model gives {outputs} outputs, and {name} has {expected} {what}"),
                        format!("end the model with {{ linear = {expected} }}"),
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> TrainConfig {
        toml::from_str(text).expect("parses")
    }

    fn spec() -> Spec {
        Spec {
            n: 100,
            shape: vec![2],
            target: TargetSpec::Classes { names: ["a", "b", "c"].map(String::from).into() },
            feature_names: ["x", "y"].map(String::from).into(),
        }
    }

    fn messages(config: &TrainConfig, data: &Spec) -> Vec<String> {
        let mut problems = Problems::default();
        config.check(&mut problems);
        config.check_against(data, [data.n, 0, 0], &mut problems);
        problems.into_vec().into_iter().map(|p| format!("{}: {}", p.path, p.message)).collect()
    }

    #[test]
    fn the_example_is_right_and_is_written_as_it_is_read() {
        let config = parse(TrainConfig::EXAMPLE);
        assert_eq!(messages(&config, &spec()), [""; 0]);
        let again = toml::to_string(&config).expect("is TOML");
        assert_eq!(parse(&again), config);
        assert_eq!(parse(&again.replace("\"full\"", "32")).batch, Batch::Size(32));
    }

    #[test]
    fn everything_wrong_is_noted_at_once() {
        let mut config = parse(TrainConfig::EXAMPLE);
        config.epochs = 0;
        config.batch = Batch::Size(500);
        config.loss = Loss::MeanSquaredError;
        config.model = vec![models::layers::Linear::new(0).into(), models::layers::Linear::new(4).into()];
        assert_eq!(
            messages(&config, &spec()),
            [
                "model[0].linear.units: expected 1 to 65536 units, found 0",
                "epochs: expected 1 to 10000000 epochs, found 0",
                "batch: a batch of 500 is more than the 100 training samples of spiral",
                "loss: mean_squared_error needs numbers as targets, and spiral has classes",
                "model[1]: the model gives 4 outputs, and spiral has 3 classes",
            ]
        );
        let mut config = parse(TrainConfig::EXAMPLE);
        config.model.insert(1, models::layers::BatchNorm { momentum: 0.1, eps: 1e-5 }.into());
        let complaint = |batch| messages(&TrainConfig { batch, ..config.clone() }, &spec()).pop();
        assert_eq!(complaint(Batch::Full), None);
        assert_eq!(complaint(Batch::Size(32)), None);
        let message = "has a single sample, over which the batch_norm of model[1] cannot normalise";
        assert_eq!(complaint(Batch::Size(33)), Some(format!("batch: the last batch of an epoch {message}")));
        assert_eq!(complaint(Batch::Size(1)), Some(format!("batch: a batch {message}")));
        let mut config = parse(TrainConfig::EXAMPLE);
        config.keep = Keep::Best;
        assert_eq!(messages(&config, &spec()), ["keep: spiral has no validation split to follow"]);
        config.early_stopping = Some(toml::from_str("patience = 0\nmin_delta = -1.0\non = \"test\"").expect("parses"));
        assert_eq!(
            messages(&config, &spec()),
            [
                "early_stopping.patience: expected at least 1 epoch, found 0",
                "early_stopping.min_delta: expected a finite number, at least 0, found -1",
                "early_stopping.on: the test split would choose the model that it is to judge",
                "early_stopping.on: spiral has no test split to follow",
            ]
        );
        let mut problems = Problems::default();
        stopping::check_against(&config, [80, 0, 20], &mut problems);
        assert!(problems.is_empty());
        let image = Spec { shape: vec![14, 14], ..spec() };
        let config = parse(TrainConfig::EXAMPLE);
        assert_eq!(messages(&config, &image), ["model[0]: a linear layer takes a vector of features, and gets 14×14"]);
    }
}
