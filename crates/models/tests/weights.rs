//! Weights that PyTorch has written (`scripts/torch_weights.py`, PyTorch 2.15, kept in `torch/`): what it gives, we give.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use models::{Assignment, Head, Layer, Misfit, Model, Weights};
use ndarray::Array2;
use tensor::random::{Purpose, Streams};

fn layers(text: &str) -> Vec<Layer> {
    #[derive(serde::Deserialize)]
    struct Table {
        model: Vec<Layer>,
    }
    toml::from_str::<Table>(&format!("model = {text}")).expect("layers").model
}

const DENSE: &str = r#"[{ linear = 4 }, "relu", { linear = 3 }]"#;
const PICTURES: &str = r#"[{ conv2d = 3 }, "batch_norm", "relu", { max_pool = 2 }, { conv2d = { channels = 2, kernel = 2 } },
"relu", "flatten", { linear = 5 }, "relu", { linear = 3 }]"#;

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/torch")
}

fn assigned(
    file: &Path,
    model: &str,
    input: &[usize],
    rename: &[(&str, &str)],
) -> (Weights, Result<Assignment, Vec<Misfit>>) {
    let weights = Weights::load(file).expect("a safetensors file");
    let rename: BTreeMap<String, String> = rename.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let assignment = weights.assign(&layers(model), input, Head::Logits, &rename);
    (weights, assignment)
}

fn taken(file: &Path, model: &str, input: &[usize], rename: &[(&str, &str)]) -> Model {
    let (weights, assignment) = assigned(file, model, input, rename);
    let mut stream = Streams::new(1).stream("test", Purpose::Init);
    let mut taken = Model::new(layers(model), input, Head::Logits, &mut stream).expect("layers fit");
    taken.take(&weights, &assignment.expect("the weights fit"));
    taken
}

/// The largest difference between our outputs and those in PyTorch's table.
fn apart(model: &Model, table: &Path) -> f32 {
    let text = std::fs::read_to_string(table).expect("a table");
    let rows: Vec<Vec<f32>> =
        text.lines().map(|l| l.split(',').map(|v| v.parse().expect("a number")).collect()).collect();
    let n = model.features();
    let x = Array2::from_shape_vec((rows.len(), n), rows.iter().flat_map(|r| r[..n].to_vec()).collect()).expect("rows");
    let y = model.predict(&x).expect("fits");
    let differences =
        y.rows().into_iter().zip(&rows).flat_map(|(y, r)| y.into_iter().zip(&r[n..]).map(|(a, b)| (a - b).abs()));
    differences.fold(0.0, f32::max)
}

fn check_all(folder: &Path) {
    let deep = format!("[{}{{ linear = 2 }}]", "{ linear = 2 }, \"tanh\", ".repeat(11));
    let normalised = r#"[{ linear = 4 }, "batch_norm", "relu", { linear = 2 }]"#;
    let cases: [(&str, &str, &[usize]); 4] = [
        ("dense", DENSE, &[2]),
        // `10.weight` comes after `2.weight`.
        ("deep", &deep, &[2]),
        ("normalised", normalised, &[2]),
        // `classifier` comes before `features`, whose first convolution has no bias: found by their shapes.
        ("pictures", PICTURES, &[1, 8, 8]),
    ];
    for (name, model, input) in cases {
        let model = taken(&folder.join(format!("{name}.safetensors")), model, input, &[]);
        let apart = apart(&model, &folder.join(format!("{name}.csv")));
        assert!(apart < 1e-6, "{name}: {apart}");
    }
}

#[test]
fn a_model_with_the_weights_of_pytorch_gives_its_logits() {
    check_all(&kept());
}

#[test]
fn so_does_one_with_weights_that_pytorch_writes_now() {
    let folder = std::env::temp_dir().join(format!("unfold-torch-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/torch_weights.py");
    let python = std::env::var("UNFOLD_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    match Command::new(&python).arg(script).arg(&folder).output() {
        Ok(output) if output.status.success() => check_all(&folder),
        _ => eprintln!("skipped: {python} has no torch with safetensors; UNFOLD_PYTHON may name one that has"),
    }
    let _ = std::fs::remove_dir_all(&folder);
}

#[test]
fn numbers_of_sixteen_and_sixty_four_bits_are_read() {
    let plain = taken(&kept().join("dense.safetensors"), DENSE, &[2], &[]);
    for (file, least) in [("half", 1e-3), ("brain", 1e-2), ("double", 0.0)] {
        let other = taken(&kept().join(format!("dense.{file}.safetensors")), DENSE, &[2], &[]);
        let pairs = plain.parameters.values().iter().zip(other.parameters.values());
        let apart = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(apart <= least && (file == "double" || apart > 0.0), "{file}: {apart}");
    }
}

#[test]
fn what_the_file_leaves_out_is_told() {
    let (_, assignment) = assigned(&kept().join("pictures.safetensors"), PICTURES, &[1, 8, 8], &[]);
    assert_eq!(assignment.expect("fits").left_out().collect::<Vec<_>>(), ["conv1.bias"]);
}

fn told(model: &str, rename: &[(&str, &str)]) -> Vec<String> {
    let (_, found) = assigned(&kept().join("dense.safetensors"), model, &[2], rename);
    found.expect_err("does not fit").into_iter().map(|m| format!("{}: {}", m.message, m.help)).collect()
}

#[test]
fn layers_are_named_by_the_user_where_he_says_so() {
    let file = kept().join("dense.safetensors");
    let all = [("hidden1", "0"), ("output.weight", "2.weight"), ("output.bias", "2.bias")];
    assert!(apart(&taken(&file, DENSE, &[2], &all), &kept().join("dense.csv")) < 1e-6);
    // Of a file with more arrays than the model has places for, those that are named are taken.
    let (_, first) = assigned(&file, "[{ linear = 4 }]", &[2], &[("output", "0")]);
    assert!(first.is_ok(), "{first:?}");
    assert_eq!(
        told(DENSE, &[("hiden1", "0"), ("hidden1", "7")]),
        [
            "the file has no array or layer `7`: it has `0`, `2`",
            "the model has no layer or parameter `hiden1`: its layers are `hidden1`, `output`",
        ]
    );
}

#[test]
fn everything_that_does_not_fit_is_told_with_both_shapes() {
    let other = told(r#"[{ linear = 5 }, "relu", { linear = 3 }]"#, &[]);
    assert_eq!(other.len(), 3, "{other:#?}");
    assert!(other[0].starts_with("hidden1.weight of the model is 5×2, and 0.weight of the file 4×2: "), "{other:#?}");
    let more = told("[{ linear = 4 }]", &[]);
    assert!(more[0].starts_with("the model has no place for `2.bias`, `2.weight`: "), "{more:#?}");
    let fewer = told(r#"[{ linear = 4 }, "relu", { linear = 3 }, "relu", { linear = 3 }]"#, &[]);
    assert!(fewer[0].starts_with("the file has nothing for output.weight of the model, 3×3: "), "{fewer:#?}");
    let turned = told(r#"[{ linear = 2 }, "relu", { linear = 3 }]"#, &[("hidden1.weight", "0.weight")]);
    assert!(turned.iter().any(|t| t.contains("2×2") && t.contains("4×2")), "{turned:#?}");
    assert!(told(r#"[{ linear = 4 }, "relu", { linear = 3 }]"#, &[("output.weight", "0.bias")])[0].contains("3×4"));
}

#[test]
fn a_damaged_file_is_an_error_however_it_is_damaged() {
    let bytes = std::fs::read(kept().join("dense.safetensors")).expect("kept");
    let path = Path::new("net.safetensors");
    for cut in 0..bytes.len() {
        assert!(Weights::from_bytes(&bytes[..cut], path).is_err(), "cut at {cut}");
    }
    let mut counted = bytes.clone();
    counted[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    let error = Weights::from_bytes(&counted, path).expect_err("too long a header").to_string();
    assert!(error.starts_with("net.safetensors: not a safetensors file"), "{error}");
}
