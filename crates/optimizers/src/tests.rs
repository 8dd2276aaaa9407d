//! What holds for every optimizer: registry entries, checks, saved states; and the quadratic on which PyTorch's numbers were
//! taken.

use super::*;
use std::collections::BTreeSet;
use toml::de::ValueDeserializer;

/// Runs an optimizer on f(w) = Σ ½aᵢwᵢ² + bᵢwᵢ with a = (1, 10, 0.1), b = (0.5, −1, 0) from w = (1, −2, 3) and compares every
/// step with `expected`, to a few units in the last place of f32.
pub fn follows(config: &dyn OptimizerKind, expected: &[[f64; 3]]) {
    let (a, b) = ([1.0f32, 10.0, 0.1], [0.5f32, -1.0, 0.0]);
    let mut optimizer = config.build(3);
    let mut w = [1.0f32, -2.0, 3.0];
    for (step, row) in expected.iter().enumerate() {
        let g: [f32; 3] = std::array::from_fn(|i| a[i] * w[i] + b[i]);
        optimizer.step(&mut w, &g, config.lr());
        for i in 0..3 {
            let error = (f64::from(w[i]) - row[i]).abs();
            assert!(error < 2e-6, "{config:?}, step {step}: w[{i}] is {}, expected {}", w[i], row[i]);
        }
    }
}

fn parse(text: &str) -> Result<OptimizerConfig, toml::de::Error> {
    serde::Deserialize::deserialize(ValueDeserializer::parse(text)?)
}

fn inline(example: &str) -> String {
    format!("{{ {} }}", example.replace('\n', ", "))
}

#[test]
fn every_entry_is_documented_and_its_example_builds() {
    let kinds: BTreeSet<_> = REGISTRY.iter().map(|e| e.kind).collect();
    assert_eq!(kinds.len(), REGISTRY.len(), "kinds are unique");
    for entry in REGISTRY {
        assert!(!entry.summary().is_empty(), "{} is documented", entry.kind);
        let schema = (entry.schema)();
        let fields = schema.get("properties").and_then(|p| p.as_object()).unwrap();
        for (name, field) in fields {
            assert!(field.get("description").is_some(), "{}.{name} is documented", entry.kind);
        }

        let parsed = (entry.parse)(ValueDeserializer::parse(&inline(entry.example)).unwrap()).unwrap();
        let mut problems = Problems::default();
        parsed.value.check(&mut problems);
        assert_eq!(problems.into_vec(), [], "{}", entry.kind);
        assert_eq!(parsed.resolved.len(), fields.len(), "{}: every default is written out", entry.kind);

        // The same optimizer through the key that pipeline files use.
        let config = parse(&format!("{{ {} = {} }}", entry.kind, inline(entry.example))).unwrap();
        assert_eq!((config.name(), config.lr()), (entry.kind, parsed.value.lr()));
        assert_eq!(config.build(2).name(), entry.kind);
    }
}

#[test]
fn unknown_keys_and_rules_are_refused() {
    for entry in REGISTRY {
        let text = inline(&format!("{}\ninjected = 1", entry.example));
        let error = (entry.parse)(ValueDeserializer::parse(&text).unwrap()).err().unwrap();
        assert!(error.message().contains("injected") && error.span().is_some(), "{}: {error}", entry.kind);
    }
    let error = parse("{ adm = { lr = 0.1 } }").unwrap_err();
    assert!(REGISTRY.iter().all(|e| error.message().contains(e.kind)), "{error}");
}

#[test]
fn impossible_numbers_are_named() {
    for (text, expected) in [
        ("{ sgd = { lr = -0.1 } }", vec!["sgd.lr"]),
        ("{ sgd = { lr = 0, weight_decay = -1 } }", vec!["sgd.lr", "sgd.weight_decay"]),
        ("{ sgd = { lr = nan } }", vec!["sgd.lr"]),
        ("{ momentum = { lr = inf, beta = 1.0 } }", vec!["momentum.lr", "momentum.beta"]),
        ("{ nesterov = { lr = 0.1, beta = -0.1 } }", vec!["nesterov.beta"]),
        ("{ rmsprop = { alpha = nan, eps = 0.0 } }", vec!["rmsprop.alpha", "rmsprop.eps"]),
        ("{ adam = { beta1 = 1.0, beta2 = 2.0 } }", vec!["adam.beta1", "adam.beta2"]),
        ("{ adamw = { lr = 2.0, weight_decay = 0.5 } }", vec!["adamw.weight_decay"]),
        ("{ adam = {} }", vec![]),
    ] {
        let mut problems = Problems::default();
        parse(text).unwrap().check(&mut problems);
        let paths: Vec<_> = problems.into_vec().into_iter().map(|p| p.path).collect();
        assert_eq!(paths, expected, "{text}");
    }
}

#[test]
fn a_restored_rule_goes_on_bit_for_bit() {
    let gradient = |w: &[f32], t: usize| -> Vec<f32> { w.iter().map(|w| w * 0.5 + (t % 7) as f32 - 3.0).collect() };
    for entry in REGISTRY {
        let config = parse(&format!("{{ {} = {} }}", entry.kind, inline(entry.example))).unwrap();
        let mut w: Vec<f32> = (0..37).map(|i| i as f32 / 7.0 - 2.0).collect();
        let mut optimizer = config.build(w.len());
        for t in 0..11 {
            let g = gradient(&w, t);
            optimizer.step(&mut w, &g, config.lr());
        }
        let (mut copied_w, mut copy) = (w.clone(), config.build(w.len()));
        let state: Vec<_> = optimizer.state().into_iter().map(|(_, s)| s).collect();
        copy.restore(&state, 11).unwrap();
        for t in 11..20 {
            let g = gradient(&w, t);
            optimizer.step(&mut w, &g, config.lr());
            copy.step(&mut copied_w, &g, config.lr());
        }
        assert_eq!(w, copied_w, "{}", entry.kind);

        let wrong = [&w[..], &w[..], &w[..]];
        assert!(matches!(copy.restore(&wrong, 1), Err(StateError::Count { found: 3, .. })));
    }
    let mut optimizer = parse("{ momentum = { lr = 1 } }").unwrap().build(2);
    assert_eq!(
        optimizer.restore(&[&[0.0; 3]], 1).unwrap_err().to_string(),
        "momentum: a state array has 3 elements, the parameters 2"
    );
}

#[test]
fn no_parameters_is_no_work() {
    for entry in REGISTRY {
        let config = parse(&format!("{{ {} = {} }}", entry.kind, inline(entry.example))).unwrap();
        config.build(0).step(&mut [], &[], config.lr());
    }
}
