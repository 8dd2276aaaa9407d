//! An epoch allocates nothing, whatever the batch, the rule and the hooks.

use datasets::Splits;
use tensor::random::Streams;
use training::{Hook, Quantity, TrainConfig, Trainer};

use crate::process::{allocations_of_all, is_alone};

#[test]
fn an_epoch_allocates_nothing() {
    if !is_alone("allocations::an_epoch_allocates_nothing") {
        return;
    }
    let entry = datasets::REGISTRY.iter().find(|e| e.kind == "spiral").expect("a source");
    let table = toml::de::ValueDeserializer::parse("{ points = 1000, classes = 3, noise = 0.2 }").expect("TOML");
    let source = (entry.parse)(table).expect("settings").value;
    let data = source.load(std::path::Path::new("."), &Streams::new(1), "data").expect("loads");
    let splits = Splits { validation: Some(data.clone()), test: Some(data.clone()), ..Splits::undivided(data) };
    let plain = r#"[{ linear = 64 }, "relu", { linear = 32 }, "tanh", { linear = 3 }]"#;
    let normalised = r#"[{ linear = 64 }, "batch_norm", "relu", { dropout = 0.2 }, { linear = 32 }, "layer_norm", "relu", { linear = 3 }]"#;
    let rules = || optimizers::REGISTRY.iter().map(|e| e.kind);
    for batch in ["\"full\"", "64"] {
        for (rule, model) in rules().map(|rule| (rule, plain)).chain([("sgd", normalised)]) {
            let config: TrainConfig = toml::from_str(&format!(
                "data = \"d\"\nmodel = {model}\n\
                 loss = \"cross_entropy\"\noptimizer = {{ {rule} = {{ lr = 0.01 }} }}\nepochs = 200\nbatch = {batch}\n\
                 metrics = [\"f1\"]\nkeep = \"best\"\nearly_stopping = {{ patience = 500 }}"
            ))
            .expect("parses");
            let hooks = ["hidden1.post", "hidden2.weight"].map(|name| Hook {
                per_unit: true,
                histogram: true,
                ..Hook::new(name, Quantity::Gradient)
            });
            let hooks = [hooks.to_vec(), vec![Hook::new("*", Quantity::Update)]].concat();
            let trainer = Trainer::new(&config, "t", &splits, &Streams::new(1)).expect("fits");
            let mut trainer = trainer.with_hooks(&hooks).expect("known names");
            // A worker thread sets up its memory when it first gets work, which may take it a few epochs: what counts is that
            // allocation ends.
            let quiet = (0..20).any(|_| {
                let before = allocations_of_all();
                for _ in 0..10 {
                    trainer.epoch().expect("trains");
                }
                allocations_of_all() == before
            });
            assert!(quiet, "{rule}, batch {batch}, {model}");
        }
    }
}
