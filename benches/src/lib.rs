//! The workloads that PyTorch and JAX are timed on, as training stages.

use std::path::Path;

use datasets::Parts;
use tensor::random::Streams;
use training::{TrainConfig, Trainer};

/// One workload.
#[derive(Debug, Clone, Copy)]
pub struct Workload {
    /// The name the peers' scripts use too.
    pub name: &'static str,
    data: (&'static str, &'static str),
    train: &'static str,
}

/// Those that need no download.
pub const WORKLOADS: &[Workload] = &[
    Workload {
        name: "spiral",
        data: ("spiral", "{ points = 1000, classes = 3, noise = 0.2 }"),
        train: r#"data = "spiral"
model = [{ linear = 64 }, "relu", { linear = 32 }, "relu", { linear = 3 }]
loss = "cross_entropy"
optimizer = { adam = { lr = 0.01 } }
epochs = 1000"#,
    },
    Workload {
        name: "basis",
        data: ("sine", "{ points = 200 }"),
        train: r#"data = "sine"
model = [{ linear = 15 }, "relu", { linear = 1 }]
loss = "mean_squared_error"
optimizer = { adam = { lr = 0.02 } }
epochs = 2000"#,
    },
    Workload {
        name: "xor",
        data: ("xor", "{}"),
        train: r#"data = "xor"
model = [{ linear = 3 }, "sigmoid", { linear = 1 }, "sigmoid"]
loss = "mean_squared_error"
optimizer = { sgd = { lr = 0.1 } }
epochs = 50000"#,
    },
];

impl Workload {
    /// The training stage, ready for its first epoch; `epochs` of them are what the peers are timed on.
    ///
    /// # Panics
    /// If a workload's own settings are wrong.
    pub fn trainer(&self) -> (Trainer, usize) {
        self.trainer_of(&self.config())
    }

    /// The settings of the training stage.
    ///
    /// # Panics
    /// If a workload's own settings are wrong.
    pub fn config(&self) -> TrainConfig {
        toml::from_str(self.train).expect("settings are a training stage")
    }

    /// As [`Workload::trainer`], with other settings on the same data.
    ///
    /// # Panics
    /// If the settings do not fit the data.
    pub fn trainer_of(&self, config: &TrainConfig) -> (Trainer, usize) {
        let streams = Streams::new(2024);
        let (kind, settings) = self.data;
        let entry = datasets::REGISTRY.iter().find(|e| e.kind == kind).expect("a kind of data");
        let table = toml::de::ValueDeserializer::parse(settings).expect("settings are TOML");
        let source = (entry.parse)(table).expect("settings fit the kind").value;
        let train = source.load(Path::new("."), &streams, "data").expect("synthetic data loads");
        let parts = Parts::undivided(train);
        (Trainer::new(config, self.name, &parts, &streams).expect("the model fits the data"), config.epochs)
    }
}
