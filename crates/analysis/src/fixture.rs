//! Trained models by hand, for the tests of analyses and figures.

use std::{any::Any, sync::Arc};

use datasets::{Dataset, Splits, Targets};
use models::{Head, Layer, Loss, Model};
use ndarray::arr2;
use tensor::random::{Purpose, Streams};
use training::{Control, Fit, History, TrainConfig, Trainer};

use crate::{Analysis, AnalysisError, Outcome, Planned, PlannedModel, Results, Trained};

/// The four corners of the unit square, 1 where the coordinates differ.
pub fn exclusive_or() -> Dataset {
    Dataset {
        x: arr2(&[[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]).into(),
        shape: vec![2],
        y: Targets::Values { values: arr2(&[[0.0], [1.0], [1.0], [0.0]]), columns: vec!["y".into()] },
        feature_names: ["x1", "x2"].map(String::from).into(),
        truth: None,
    }
}

/// The stage `m`: a model of these layers and parameters, as if trained on the exclusive or for no epochs.
pub fn trained(layers: Vec<Layer>, parameters: &[f32]) -> Trained {
    let streams = Streams::new(1);
    let mut model = Model::new(layers.clone(), &[2], Head::Output, &mut streams.stream("m", Purpose::Init))
        .expect("layers that fit");
    model.parameters.values_mut().copy_from_slice(parameters);
    let loss = Loss::MeanSquaredError;
    let rule = optimizers::sgd::Sgd { lr: 0.1, weight_decay: 0.0 };
    let config = TrainConfig::new("xor", layers, loss, rule.into(), 1);
    let splits = Splits::undivided(exclusive_or());
    let fit = Fit {
        model,
        epoch: 0,
        history: History::default(),
        train: None,
        last: None,
        loss,
        snapshots: Vec::new(),
        recordings: Vec::new(),
    };
    Trained { name: "m".into(), config, fit, data: Arc::new(splits), seconds: Vec::new() }
}

/// As [`trained`], for the exclusive or as two classes, "same" and "other".
pub fn classified(layers: Vec<Layer>, parameters: &[f32]) -> Trained {
    let streams = Streams::new(1);
    let mut model = Model::new(layers.clone(), &[2], Head::Logits, &mut streams.stream("m", Purpose::Init))
        .expect("layers that fit");
    model.parameters.values_mut().copy_from_slice(parameters);
    let mut trained = trained(vec![models::layers::Linear::new(1).into()], &[0.0; 3]);
    let (labels, names) = (vec![0, 1, 1, 0], ["same", "other"].map(String::from).into());
    trained.data = Arc::new(Splits::undivided(Dataset { y: Targets::Classes { labels, names }, ..exclusive_or() }));
    trained.config = TrainConfig { model: layers, loss: Loss::CrossEntropy, ..trained.config };
    trained.fit = Fit { model, loss: Loss::CrossEntropy, ..trained.fit };
    trained
}

/// Sixty samples of three classes in turn, their features at places of their class with a little spread.
fn of_classes(shape: &[usize]) -> Dataset {
    let place = |i: usize, j: usize| {
        let (class, spread) = (i % 3, ((i * 37 + j * 101) % 19) as f32 / 40.0);
        if (j + class).is_multiple_of(3) { 1.0 - spread } else { 0.4 * spread }
    };
    let features = shape.iter().product();
    Dataset {
        x: ndarray::Array2::from_shape_fn((60, features), |(i, j)| place(i, j)).into(),
        shape: shape.to_vec(),
        y: Targets::Classes {
            labels: (0..60).map(|i| i % 3).collect(),
            names: ["a", "b", "c"].map(String::from).into(),
        },
        feature_names: (0..features).map(|j| format!("x{j}")).collect(),
        truth: None,
    }
}

/// Samples of two features and three classes.
pub fn blobs() -> Dataset {
    of_classes(&[2])
}

/// Three hidden units and three classes.
pub fn tanh_layers() -> Vec<Layer> {
    use models::layers::{Linear, Tanh};
    vec![Linear::new(3).into(), Tanh {}.into(), Linear::new(3).into()]
}

/// Two hidden layers above pictures, and three classes.
pub fn relu_layers() -> Vec<Layer> {
    use models::layers::{Flatten, Linear, Relu};
    let relu = || Layer::from(Relu {});
    vec![Flatten {}.into(), Linear::new(6).into(), relu(), Linear::new(4).into(), relu(), Linear::new(3).into()]
}

/// Four channels, pooled, above pictures of at least 3 × 3 pixels, and three classes.
pub fn conv_layers() -> Vec<Layer> {
    use models::layers::{Conv2d, Flatten, Linear, MaxPool, Relu};
    let pool = MaxPool { size: 2, stride: Some(1), padding: 0 };
    vec![Conv2d::new(4, 2).into(), Relu {}.into(), pool.into(), Flatten {}.into(), Linear::new(3).into()]
}

/// The stage `m`: a model of these layers that has learned three classes of samples of this shape.
pub fn classifier(shape: &[usize], layers: Vec<Layer>) -> Trained {
    let config = TrainConfig::new("blobs", layers, Loss::CrossEntropy, optimizers::adam::Adam::new(0.05).into(), 40);
    let splits = Splits::undivided(of_classes(shape));
    let fit = training::fit(&config, "train.m", &splits, &Streams::new(1), &mut |_| Control::Continue).expect("trains");
    Trained { name: "m".into(), config, fit, data: Arc::new(splits), seconds: Vec::new() }
}

/// This trained model and nothing else.
pub fn results(trained: Trained) -> Results {
    let mut results = Results::new(Streams::new(1));
    results.insert_trained(trained);
    results
}

/// Runs an analysis of the stage `m`; what it wants to hear of its training comes from a run of its settings.
pub fn run<T: Outcome>(analysis: &dyn Analysis, trained: Trained) -> T {
    let outcome: Box<dyn Any> = attempt(analysis, trained).expect("suits the model");
    *outcome.downcast().expect("the analysis' own outcome")
}

/// Why an analysis of the stage `m` has no result.
pub fn failure(analysis: &dyn Analysis, trained: Trained) -> String {
    attempt(analysis, trained).err().expect("it fails").to_string()
}

fn attempt(analysis: &dyn Analysis, trained: Trained) -> Result<Box<dyn Outcome>, AnalysisError> {
    let hooks = analysis.hooks(&trained.fit.model);
    let mut results = results(trained.clone());
    if !hooks.is_empty() {
        let trainer = Trainer::new(&trained.config, "m", &trained.data, &Streams::new(1)).expect("fits");
        let fit = trainer.with_hooks(&hooks).expect("hooks there are").run(&mut |_| Control::Continue).expect("trains");
        results.insert_recordings("analysis.a", "m", fit.recordings);
    }
    analysis.run("analysis.a", &results)
}

/// The stage `m`, a line on the exclusive or that is to be trained, and nothing else.
pub fn planned(epochs: usize) -> Planned {
    let mut planned = Planned::default();
    planned.insert_model(PlannedModel {
        name: "m".into(),
        data: exclusive_or().spec().into(),
        sizes: [4, 0, 0],
        layers: vec![models::layers::Linear::new(1).into()],
        loss: Loss::MeanSquaredError,
        measures: vec![training::Measure::Loss],
        augmented: None,
        epochs,
        snapshots: Vec::new(),
    });
    planned
}
