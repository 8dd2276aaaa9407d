//! The workloads that PyTorch and JAX are timed on, as training stages.

use std::{path::Path, time::Instant};

use datasets::{DataError, Splits};
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

/// All of them; those on `mnist` need its files (`cargo xtask fetch mnist`, or UNFOLD_DATA).
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
    Workload {
        name: "mlp_mnist",
        data: ("mnist", "{}"),
        train: r#"data = "mnist"
model = ["flatten", { linear = 32 }, "relu", { linear = 16 }, "relu", { linear = 10 }]
loss = "cross_entropy"
optimizer = { sgd = { lr = 0.01 } }
batch = 64
epochs = 20"#,
    },
    Workload {
        name: "cnn",
        data: ("mnist", "{}"),
        train: r#"data = "mnist"
model = [
    { conv2d = 8 }, "relu", { max_pool = 2 }, { conv2d = 16 }, "relu", { max_pool = 2 },
    "flatten", { linear = 128 }, "relu", { linear = 10 },
]
loss = "cross_entropy"
optimizer = { adam = { lr = 0.001 } }
batch = 32
epochs = 1"#,
    },
    Workload { name: "optimizers/sgd", data: ("mnist", "{ per_class = 1000 }"), train: SGD },
    Workload { name: "optimizers/adam", data: ("mnist", "{ per_class = 1000 }"), train: ADAM },
];

const SGD: &str = r#"data = "mnist"
model = ["flatten", { linear = 128 }, "relu", { linear = 64 }, "relu", { linear = 10 }]
loss = "cross_entropy"
optimizer = { sgd = { lr = 0.01 } }
batch = 64
epochs = 20"#;

const ADAM: &str = r#"data = "mnist"
model = ["flatten", { linear = 128 }, "relu", { linear = 64 }, "relu", { linear = 10 }]
loss = "cross_entropy"
optimizer = { adam = { lr = 0.001 } }
batch = 64
epochs = 20"#;

impl Workload {
    /// The training stage, ready for its first epoch; `epochs` of them are what the peers are timed on.
    ///
    /// # Errors
    /// If the data's files are not there.
    ///
    /// # Panics
    /// If a workload's own settings are wrong.
    pub fn trainer(&self) -> Result<(Trainer, usize), DataError> {
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
    /// # Errors
    /// If the data's files are not there.
    ///
    /// # Panics
    /// If the settings do not fit the data.
    pub fn trainer_of(&self, config: &TrainConfig) -> Result<(Trainer, usize), DataError> {
        let streams = Streams::new(2024);
        let (kind, settings) = self.data;
        let entry = datasets::REGISTRY.iter().find(|e| e.kind == kind).expect("a kind of data");
        let table = toml::de::ValueDeserializer::parse(settings).expect("settings are TOML");
        let source = (entry.parse)(table).expect("settings fit the kind").value;
        // The peers are timed on training alone.
        let train = datasets::splits(&*source, &datasets::Common::default(), Path::new("."), &streams, "data")?.train;
        let parts = Splits::undivided(train);
        Ok((Trainer::new(config, self.name, &parts, &streams).expect("the model fits the data"), config.epochs))
    }
}

/// Seconds that one call takes, at best.
pub fn seconds(mut f: impl FnMut()) -> f64 {
    let mut timed = |calls: usize| {
        let start = Instant::now();
        (0..calls).for_each(|_| f());
        start.elapsed().as_secs_f64() / calls as f64
    };
    timed(1);
    let calls = (0.01 / timed(1).max(1e-9)).clamp(3.0, 1e6) as usize;
    (0..7).map(|_| timed(calls)).fold(f64::INFINITY, f64::min)
}
