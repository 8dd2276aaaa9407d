use super::*;
use crate::{Head, Model, ModelError};
use tensor::random::{Purpose, Streams};

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
    assert_eq!(parse_toml("{ dropout = 0.5 }"), Ok(Dropout { p: 0.5, channels: false }.into()));
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
    assert_eq!(paths(Dropout { p: 1.0, channels: false }.into()), ["dropout.p"]);
    assert_eq!(paths(Dropout { p: -0.1, channels: false }.into()), ["dropout.p"]);
    assert_eq!(paths(Dropout { p: 0.0, channels: false }.into()), [""; 0]);
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

#[test]
fn pictures_have_the_shapes_of_the_formulas() {
    let conv = |text: &str| parse_toml(&format!("{{ conv2d = {text} }}")).expect("parses");
    let output = |layer: Layer, shape: &[usize]| layer.output(shape).map_err(|e| format!("{e}; {}", e.help()));
    assert_eq!(output(conv("8"), &[1, 28, 28]), Ok(vec![8, 26, 26]));
    assert_eq!(
        output(conv("{ channels = 16, kernel = 5, stride = 2, padding = 2 }"), &[8, 27, 14]),
        Ok(vec![16, 14, 7])
    );
    assert_eq!(output(conv("{ channels = 4, dilation = 3 }"), &[2, 7, 8]), Ok(vec![4, 1, 2]));
    assert_eq!(output(parse_toml("{ max_pool = 2 }").expect("parses"), &[16, 11, 11]), Ok(vec![16, 5, 5]));
    assert_eq!(
        output(parse_toml("{ avg_pool = { size = 3, stride = 1, padding = 1 } }").expect("parses"), &[4, 5]),
        Ok(vec![4, 5])
    );
    assert_eq!(output(GlobalAvgPool {}.into(), &[16, 5, 5]), Ok(vec![16]));
    assert_eq!(output(Flatten {}.into(), &[16, 5, 5]), Ok(vec![400]));
    assert_eq!(output(BatchNorm { momentum: 0.1, eps: 1e-5 }.into(), &[16, 5, 5]), Ok(vec![16, 5, 5]));
    let refused = |layer: Layer, shape: &[usize]| output(layer, shape).expect_err("does not fit");
    assert_eq!(
        refused(conv("8"), &[784]),
        "conv2d takes pictures, channels × height × width or height × width, and gets 784; put it before \"flatten\" and \
         the linear layers, on data whose samples are pictures"
    );
    assert_eq!(
        refused(conv("{ channels = 8, kernel = 5, dilation = 2, padding = 1 }"), &[6, 28]),
        "the window of conv2d, 9×9 pixels, is larger than what it slides over, 8×30; choose a window of at most 8×8 pixels, \
         or more padding"
    );
    assert_eq!(
        refused(conv("{ channels = 8, stride = 40 }"), &[28, 28]),
        "conv2d moves by 40 pixels, and so leaves the picture, 28×28, with its first step; choose a stride below 28"
    );
    assert_eq!(
        refused(conv("{ channels = 8, groups = 3 }"), &[6, 28, 28]),
        "6 channels that come in and 8 that go out cannot be divided into 3 groups each; choose a number that divides both: 1, 2"
    );
    assert_eq!(
        refused(Linear::new(3).into(), &[16, 5, 5]),
        "a linear layer takes a vector of features, and gets 16×5×5; put \"flatten\" before it: it then gets 400 features"
    );
    let mut problems = Problems::default();
    MaxPool { size: 2, stride: Some(0), padding: 2 }.check(&mut problems);
    Conv2d { kernel: 0, groups: 0, ..Conv2d::new(0, 3) }.check(&mut problems);
    let messages: Vec<_> = problems.into_vec().into_iter().map(|p| format!("{}: {}", p.path, p.message)).collect();
    assert_eq!(
        messages,
        [
            "stride: expected 1 to 255 pixels, found 0",
            "padding: expected less than the window's 2 pixels, found 2",
            "channels: expected 1 to 4096 channels, found 0",
            "kernel: expected 1 to 255 pixels, found 0",
            "groups: expected 1 to 4096 groups, found 0",
        ]
    );
}

#[test]
fn a_residual_connection_adds_what_the_layers_before_it_were_given() {
    let stream = || Streams::new(1).stream("m", Purpose::Init);
    let residual = |over| Layer::from(Residual { over });
    let refused = |layers: Vec<Layer>| match Model::shapes(&layers, &[3]) {
        Err(ModelError::Layer { index, source }) => format!("{index}: {source}; {}", source.help()),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        refused(vec![Linear::new(3).into(), residual(2)]),
        "1: a residual layer over 2 layers has only 1 before it; pass by at most 1"
    );
    assert_eq!(
        refused(vec![Linear::new(3).into(), Linear::new(2).into(), residual(1)]),
        "2: a residual layer adds what went into the layers before it, 3, to what comes out, 2; let the layers between keep the \
         shape (convolutions by padding), or leave it out"
    );
    let layers = vec![Linear::new(3).into(), Relu {}.into(), residual(2), Relu {}.into(), residual(1)];
    let mut model = Model::new(layers, &[3], Head::Output, &mut stream()).expect("fits");
    assert_eq!(model.nodes(), ["output.pre", "output", "output.sum", "output2", "output.sum2"]);
    // x − 2·x, the rectifier of that, plus x; and then that twice where it is positive.
    let values = model.parameters.values_mut();
    values.fill(0.0);
    [0, 4, 8].into_iter().for_each(|i| values[i] = -1.0);
    let x = ndarray::arr2(&[[1.0_f32, -2.0, 3.0]]);
    let found = model.run(&x).read(["output.sum", "output.sum2"]).expect("nodes");
    assert_eq!(found["output.sum"].values, ndarray::arr2(&[[1.0, 0.0, 3.0]]));
    assert_eq!(found["output.sum2"].values, ndarray::arr2(&[[2.0, 0.0, 6.0]]));
}
