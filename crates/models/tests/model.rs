//! Models as a whole: shapes, saved files, predictions whatever the batch.

use std::path::Path;

use models::{
    Head, Layer, Model,
    layers::{BatchNorm, Dropout, Flatten, LayerNorm, Linear, Relu},
};
use ndarray::Array2;
use tensor::random::{Purpose, Streams};

fn deep(seed: u64) -> Model {
    let layers: Vec<Layer> = vec![
        Linear::new(16).into(),
        Relu {}.into(),
        Linear { units: 5, init: models::Init::HeNormal, bias: false }.into(),
        Relu {}.into(),
        Linear::new(3).into(),
    ];
    Model::new(layers, &[2], Head::Logits, &mut Streams::new(seed).stream("deep", Purpose::Init)).expect("layers fit")
}

fn points(n: usize) -> Array2<f32> {
    Array2::from_shape_fn((n, 2), |(i, j)| ((i * 37 + j * 11) % 101) as f32 / 50.0 - 1.0)
}

#[test]
fn parameters_are_named_and_drawn_from_the_seed() {
    let model = deep(1);
    let names: Vec<&str> = model.parameters.list().iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["hidden1.weight", "hidden1.bias", "hidden2.weight", "output.weight", "output.bias"]);
    assert_eq!(deep(1), model);
    assert_ne!(deep(2).parameters, model.parameters);
}

#[test]
fn layers_that_do_not_fit_are_found_with_their_place() {
    let build = |layers: Vec<Layer>| {
        let mut stream = Streams::new(1).stream("deep", Purpose::Init);
        Model::new(layers, &[14, 14], Head::Logits, &mut stream).expect_err("must fail").to_string()
    };
    assert_eq!(build(vec![]), "a model needs at least one layer");
    assert_eq!(
        build(vec![Relu {}.into(), Linear::new(3).into()]),
        "a linear layer takes a vector of features, and gets 14×14"
    );
    let mut stream = Streams::new(1).stream("deep", Purpose::Init);
    let model = Model::new(vec![Flatten {}.into(), Linear::new(3).into()], &[14, 14], Head::Logits, &mut stream);
    assert_eq!(model.expect("fits").features(), 196);
}

#[test]
fn saved_files_hold_the_same_bytes_and_the_same_model() {
    let model = deep(7);
    let bytes = model.to_safetensors(None).expect("saves");
    for _ in 0..5 {
        assert_eq!(model.to_safetensors(None).expect("saves"), bytes);
    }
    assert_eq!(Model::from_safetensors(&bytes, Path::new("deep.safetensors")).expect("loads"), (model, None));
}

/// A net with everything that trains in another way than it predicts.
fn normalised() -> Model {
    let layers: Vec<Layer> = vec![
        Linear::new(4).into(),
        BatchNorm { momentum: 0.1, eps: 1e-5 }.into(),
        Relu {}.into(),
        Dropout { p: 0.5, channels: false }.into(),
        Linear::new(3).into(),
        LayerNorm { eps: 1e-5 }.into(),
        Relu {}.into(),
        Linear::new(3).into(),
    ];
    Model::new(layers, &[2], Head::Logits, &mut Streams::new(1).stream("m", Purpose::Init)).expect("layers fit")
}

#[test]
fn states_are_named_kept_apart_and_saved() {
    let mut model = normalised();
    let names: Vec<&str> = model.parameters.list().iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names[2..4], ["hidden1.norm.weight", "hidden1.norm.bias"]);
    assert_eq!(names[names.len() - 2..], ["hidden1.norm.running_mean", "hidden1.norm.running_var"]);
    // 2·4 + 4, 4 + 4, 4·3 + 3, 3 + 3, 3·3 + 3; the running statistics are not trained.
    assert_eq!((model.parameters.len(), model.parameters.values().len()), (53, 61));
    let value = |model: &Model, name| model.parameters.value(model.parameters.find(name).expect("there")).to_vec();
    assert_eq!(value(&model, "hidden1.norm.weight"), [1.0; 4]);
    assert_eq!(value(&model, "hidden1.norm.running_mean"), [0.0; 4]);
    assert_eq!(value(&model, "hidden1.norm.running_var"), [1.0; 4]);
    let arrays = Model::arrays(model.layers(), model.input(), model.head()).expect("layers fit");
    assert!(arrays.iter().all(|(name, _)| !name.contains("running")), "{arrays:?}");
    model.parameters.values_mut()[53..].copy_from_slice(&[0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let bytes = model.to_safetensors(None).expect("saves");
    assert_eq!(Model::from_safetensors(&bytes, Path::new("m.safetensors")).expect("loads").0, model);
}

#[test]
fn a_model_predicts_otherwise_than_it_trains() {
    let mut model = normalised();
    let x = points(40);
    let before = model.run(&x).read(["hidden1.post", "hidden1.dropout"]).expect("names are there").values();
    assert_eq!(before[0], before[1], "nothing is dropped in prediction");
    let mut network = model.training_network(40, &mut Streams::new(1).stream("m", Purpose::Dropout)).expect("builds");
    let input = network.x;
    network.graph.value_mut(input).copy_from_slice(x.as_slice().expect("whole rows"));
    let value =
        |network: &models::Network, name| network.graph.value(network.graph.node(name).expect("there")).to_vec();
    for _ in 0..200 {
        network.graph.forward(&model.parameters);
        network.graph.advance(&mut model.parameters);
    }
    let (post, dropped) = (value(&network, "hidden1.post"), value(&network, "hidden1.dropout"));
    assert!(dropped.iter().zip(&post).all(|(d, p)| *d == 0.0 || *d == 2.0 * p));
    assert!(dropped.iter().zip(&post).any(|(d, p)| *d == 0.0 && *p > 0.0));
    // After so many steps on one batch the running statistics are the batch's, but for its variance as of a sample.
    let after = model.run(&x).values("hidden1.norm").expect("the name is there");
    let training = value(&network, "hidden1.norm");
    for (after, training) in after.iter().zip(&training) {
        assert!((after - training * (39.0_f32 / 40.0).sqrt()).abs() < 1e-4, "{after} and {training}");
    }
    // And what one row gives does not depend on the others.
    let alone = model.predict(x.slice(ndarray::s![7..8, ..])).expect("two features");
    assert_eq!(alone.row(0), model.predict(x.view()).expect("two features").row(7));
}

#[test]
fn layers_that_train_otherwise_than_they_predict_say_so() {
    let otherwise = |text: &str| {
        let layer: toml::Table = toml::from_str(&format!("layer = {text}")).expect("TOML");
        let layer: models::Layer = layer["layer"].clone().try_into().expect("a layer");
        if Model::shapes(std::slice::from_ref(&layer), &[2]).is_err() {
            // A layer of pictures.
            return layer.trains_otherwise();
        }
        let model =
            Model::new(vec![layer.clone()], &[2], Head::Output, &mut Streams::new(1).stream("m", Purpose::Init));
        let mut model = model.expect("fits a vector");
        let x = points(40);
        let predicted = model.predict(x.view()).expect("two features");
        let stream = &mut Streams::new(1).stream("m", Purpose::Dropout);
        let mut network = model.training_network(40, stream).expect("builds");
        let input = network.x;
        network.graph.value_mut(input).copy_from_slice(x.as_slice().expect("whole rows"));
        network.graph.advance(&mut model.parameters);
        network.graph.forward(&model.parameters);
        let differs = network.graph.value(network.output).iter().ne(predicted.iter());
        assert_eq!(layer.trains_otherwise(), differs, "{text}");
        differs
    };
    let found: Vec<&str> = (models::layers::LAYERS.iter())
        .filter(|info| info.kind != "flatten" && otherwise(&format!("{{ {} = {{ {} }} }}", info.kind, info.example)))
        .map(|info| info.kind)
        .collect();
    assert_eq!(found, ["batch_norm", "dropout"]);
}

#[test]
fn damaged_files_are_errors() {
    let bytes = deep(7).to_safetensors(None).expect("saves");
    let load = |bytes: &[u8]| Model::from_safetensors(bytes, Path::new("deep.safetensors"));
    for end in 0..bytes.len() {
        assert!(load(&bytes[..end]).is_err(), "cut at {end}");
    }
    for i in 0..bytes.len().min(1500) {
        let mut damaged = bytes.clone();
        damaged[i] ^= 0x15;
        // Not every flip can be noticed (some hit a weight or a name in the description), but none may panic.
        let _ = load(&damaged);
    }
    let error = load(b"").expect_err("empty").to_string();
    assert!(error.starts_with("deep.safetensors: not a safetensors file"), "{error}");
}

#[test]
fn a_description_of_more_than_is_there_takes_no_memory_and_no_panic() {
    let bytes = deep(7).to_safetensors(None).expect("saves");
    let length = u64::from_le_bytes(*bytes.first_chunk().expect("a length")) as usize;
    let head = std::str::from_utf8(&bytes[8..8 + length]).expect("JSON");
    let told = |from: &str, to: &str| {
        assert!(head.contains(from), "{head}");
        let head = head.replacen(from, to, 1);
        let changed = [&(head.len() as u64).to_le_bytes()[..], head.as_bytes(), &bytes[8 + length..]].concat();
        Model::from_safetensors(&changed, Path::new("m.safetensors")).expect_err("refused").to_string()
    };
    let units = "\\\"units\\\":16";
    for (to, why) in [
        ("65536", "hidden1.weight is F32"),
        ("9223372036854775807", "unfold is expected 1 to 65536 units, found 9223372036854775807"),
        ("0", "unfold is expected 1 to 65536 units, found 0"),
    ] {
        let said = told(units, &format!("\\\"units\\\":{to}"));
        assert!(said.contains(why), "{said}");
    }
    for shape in ["[4294967296,4294967296]", "[0]", "[]"] {
        let said = told("\\\"input\\\":[2]", &format!("\\\"input\\\":{shape}"));
        assert!(shape == "[]" || said.contains("unfold is samples of shape"), "{said}");
    }
}

#[test]
fn what_is_to_be_known_of_the_data_is_saved_with_the_model() {
    use datasets::{Numbers, Prepared};
    let data = Prepared {
        outputs: ["a", "b", "c"].map(String::from).to_vec(),
        features: ["u", "v"].map(String::from).to_vec(),
        numbers: Numbers::Scaled(vec![Some([0.1, 3.0]), None]),
    };
    let through = |data: &Prepared| {
        let bytes = deep(7).to_safetensors(Some(data)).expect("saves");
        Model::from_safetensors(&bytes, Path::new("m.safetensors"))
    };
    let (model, read) = through(&data).expect("loads");
    assert_eq!((model, read), (deep(7), Some(data.clone())));
    let pixels = Numbers::Pixels { scale: f64::from(1.0_f32 / 255.0), offset: -0.1 };
    assert_eq!(
        through(&Prepared { numbers: pixels.clone(), ..data.clone() }).expect("loads").1.map(|d| d.numbers),
        Some(pixels)
    );
    let told = |data: Prepared| through(&data).expect_err("refused").to_string();
    let outputs = Prepared { outputs: vec!["a".into()], ..data.clone() };
    assert_eq!(told(outputs), "m.safetensors: unfold is 1 names for 3 outputs, and the model needs those of its data");
    assert!(
        told(Prepared { numbers: Numbers::Scaled(vec![Some([0.0, 0.0]); 2]), ..data.clone() }).contains("2 features")
    );
    assert!(told(Prepared { numbers: Numbers::Scaled(vec![None; 5]), ..data }).contains("2 features"));
}
