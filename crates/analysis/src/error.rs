//! Analyses that cannot be carried out.

/// Why an analysis has no result.
#[derive(Debug, thiserror::Error)]
pub enum AnalysisError {
    /// A stage that has not run.
    #[error("{family}.{name} has no result to look at")]
    Missing {
        /// Its family.
        family: &'static str,
        /// Its name.
        name: String,
    },
    /// An analysis of another kind than the figure draws.
    #[error("analysis.{name} is of another kind than is drawn here")]
    OtherKind {
        /// Its name.
        name: String,
    },
    /// A model of another shape.
    #[error("{what} needs a model of {expected}, and {name} has {found}")]
    Shape {
        /// What was asked for.
        what: &'static str,
        /// What it needs.
        expected: &'static str,
        /// The model's name.
        name: String,
        /// What it has.
        found: String,
    },
    /// An epoch whose parameters were not kept.
    #[error("{name} kept no parameters of epoch {epoch}, only of {kept}")]
    NoSnapshot {
        /// The model's name.
        name: String,
        /// The epoch asked for.
        epoch: usize,
        /// The epochs there are.
        kept: String,
    },
    /// A split that the data does not have.
    #[error("the data of {name} has no {split} split")]
    NoSplit {
        /// The model's name.
        name: String,
        /// The split.
        split: &'static str,
    },
    /// More linear regions than are kept.
    #[error("{name} has more than {limit} linear regions in this window; narrow it")]
    TooManyRegions {
        /// The model's name.
        name: String,
        /// How many are kept.
        limit: usize,
    },
    /// Data that are no pictures.
    #[error("{name} has samples of shape {shape}, expected grey pictures, rows × columns")]
    NoPictures {
        /// The data set's name.
        name: String,
        /// The shape of its samples.
        shape: String,
    },
    /// An output that the model does not have.
    #[error("there is no output {output} in {name}, the last is {last}")]
    Output {
        /// The model's name.
        name: String,
        /// What was asked for, from 0.
        output: usize,
        /// The number of the last one.
        last: usize,
    },
    /// Results about two data sets, set against each other.
    #[error("{what} is about {found}, and {other} learns {expected}")]
    OtherData {
        /// The stage that is set against the other.
        what: String,
        /// Its data set.
        found: String,
        /// The other stage.
        other: String,
        /// Its data set.
        expected: String,
    },
    /// A weight that the model does not have.
    #[error("{message}")]
    Weight {
        /// What is wrong with its name, and which arrays there are.
        message: String,
    },
    /// A gradient that does not agree with differences.
    #[error(
        "the gradient with respect to {name} in {precision} differs from differences by {error}, and {limit} is allowed"
    )]
    Gradient {
        /// The array and its model.
        name: String,
        /// `f64` or `f32`.
        precision: &'static str,
        /// The relative error.
        error: f64,
        /// What is allowed.
        limit: f64,
    },
    /// A model that cannot be drawn as nodes and edges.
    #[error("{name} cannot be drawn as a network: {message}")]
    Diagram {
        /// The model's name.
        name: String,
        /// Why.
        message: String,
    },
    /// Units that the model does not have.
    #[error("{message}")]
    Unit {
        /// What is wrong with their name, and which there are.
        message: String,
    },
    /// A sample that is not there.
    #[error("there is no {what} in the {split} split, which has {n}")]
    NoSample {
        /// What was asked for.
        what: String,
        /// Where.
        split: String,
        /// How many samples are there.
        n: usize,
    },
    /// An intervention that changes nothing: whoever reads its result would draw the wrong conclusion.
    #[error("{what} changes nothing: {unit} has the same value with and without it on all {n} samples")]
    NoEffect {
        /// What was done.
        what: String,
        /// To what.
        unit: String,
        /// On how many samples.
        n: usize,
    },
    /// An ablation of single units where pairs are wanted.
    #[error("analysis.{name} has removed no pairs; write pairs = true there")]
    NoPairs {
        /// The analysis.
        name: String,
    },
    /// A unit that no gradient reaches.
    #[error(
        "{unit} is silent at all {starts} random starts, so that no gradient leads anywhere; look at the node before its activation"
    )]
    Silent {
        /// The unit.
        unit: String,
        /// From how many inputs it was tried.
        starts: usize,
    },
    /// An error of the model.
    #[error(transparent)]
    Model(#[from] models::ModelError),
    /// An error of training, for analyses that fit something.
    #[error(transparent)]
    Train(#[from] training::TrainError),
}
