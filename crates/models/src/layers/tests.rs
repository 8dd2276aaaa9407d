use super::*;

/// Parses `layer = …`.
fn parse_toml(text: &str) -> Result<Layer, String> {
    #[derive(serde::Deserialize)]
    struct Document {
        layer: Layer,
    }
    toml::from_str::<Document>(&format!("layer = {text}")).map(|d| d.layer).map_err(|e| e.message().to_owned())
}

#[test]
fn a_layer_is_a_name_a_value_or_a_table() {
    assert_eq!(parse_toml("\"relu\""), Ok(Relu {}.into()));
    assert_eq!(parse_toml("{ relu = {} }"), Ok(Relu {}.into()));
    assert_eq!(parse_toml("{ linear = 64 }"), Ok(Linear::new(64).into()));
    assert_eq!(parse_toml("{ linear = { units = 64 } }"), Ok(Linear::new(64).into()));
    assert_eq!(
        parse_toml("{ linear = { units = 2, init = \"he_normal\", bias = false } }"),
        Ok(Linear { units: 2, init: Init::HeNormal, bias: false }.into())
    );
    assert_eq!(parse_toml("\"leaky_relu\""), Ok(LeakyRelu { slope: 0.01 }.into()));
    assert_eq!(parse_toml("{ leaky_relu = 1 }"), Ok(LeakyRelu { slope: 1.0 }.into()));
    assert_eq!(parse_toml("{ dropout = 0.5 }"), Ok(Dropout { p: 0.5 }.into()));
    assert_eq!(parse_toml("\"batch_norm\""), Ok(BatchNorm { momentum: 0.1, eps: 1e-5 }.into()));
}

#[test]
fn mistakes_are_named() {
    let error = |text| parse_toml(text).expect_err("must fail");
    assert!(error("\"rellu\"").starts_with("unknown variant `rellu`, expected one of `linear`"));
    assert!(error("{ rellu = 3 }").starts_with("unknown variant `rellu`, expected one of `linear`"));
    assert_eq!(error("\"linear\""), "missing field `units`");
    assert_eq!(error("{ linear = { unit = 3 } }"), "unknown field `unit`, expected one of `units`, `init`, `bias`");
    assert_eq!(error("{ relu = 3 }"), "expected a table of settings of the relu layer, not 3");
    assert_eq!(
        error("{ linear = 3, relu = {} }"),
        "one layer per table: linear and relu are two; write { linear = … }, { relu = … }"
    );
    assert!(error("{}").contains("expected one layer"));
    assert!(error("3").contains("expected a layer: its name"));
    assert!(error("{ linear = -3 }").contains("expected usize"));
}

#[test]
fn what_is_written_is_read_again() {
    for info in LAYERS {
        let layer = parse_toml(&format!("{{ {} = {{ {} }} }}", info.kind, info.example)).expect("examples parse");
        assert_eq!(layer.kind(), info.kind);
        let text = toml::Value::try_from(&layer).expect("layers are TOML").to_string();
        assert_eq!(parse_toml(&text), Ok(layer), "{text}");
    }
}

#[test]
fn registry_is_complete() {
    let mut kinds: Vec<&str> = LAYERS.iter().map(|l| l.kind).collect();
    for info in LAYERS {
        let schema = (info.schema)();
        assert!(schema.get("description").is_some(), "{} has no documentation", info.kind);
        let wrong = parse_toml(&format!("{{ {} = {{ surely_unknown = 1 }} }}", info.kind));
        assert!(wrong.expect_err("unknown keys are refused").contains("surely_unknown"), "{}", info.kind);
        if let Some(main) = info.main {
            assert!(schema.get("properties").and_then(|p| p.get(main)).is_some(), "{}", info.kind);
        }
    }
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), LAYERS.len());
}

#[test]
fn numbers_out_of_range_are_noted() {
    let paths = |layer: Layer| {
        let mut problems = Problems::default();
        layer.check(&mut problems);
        problems.into_vec().into_iter().map(|p| p.path).collect::<Vec<_>>()
    };
    assert_eq!(paths(Dropout { p: 1.0 }.into()), ["dropout.p"]);
    assert_eq!(paths(Dropout { p: -0.1 }.into()), ["dropout.p"]);
    assert_eq!(paths(Dropout { p: 0.0 }.into()), [""; 0]);
    assert_eq!(paths(LayerNorm { eps: 0.0 }.into()), ["layer_norm.eps"]);
    assert_eq!(paths(BatchNorm { momentum: 0.0, eps: f64::NAN }.into()), ["batch_norm.momentum", "batch_norm.eps"]);
}

#[test]
fn shapes_that_do_not_meet_are_refused() {
    let image = [28, 28];
    let error = Layer::from(Linear::new(3)).output(&image).expect_err("an image is no vector");
    assert_eq!(error.to_string(), "a linear layer takes a vector of features, and gets 28×28");
    assert_eq!(Layer::from(Flatten {}).output(&image), Ok(vec![784]));
    assert_eq!(Layer::from(Polynomial { degree: 5 }).output(&[2]), Ok(vec![20]));
    assert!(Layer::from(Polynomial { degree: 100 }).output(&[50]).is_err());
    // (P+1)(P+2)/2 − 1 features of two inputs, and as many from the operation itself.
    for degree in 1..12 {
        assert_eq!(Layer::from(Polynomial { degree }).output(&[2]), Ok(vec![(degree + 1) * (degree + 2) / 2 - 1]));
        assert_eq!(autograd::ops::polynomial::monomials(2, degree).len(), (degree + 1) * (degree + 2) / 2 - 1);
    }
}
