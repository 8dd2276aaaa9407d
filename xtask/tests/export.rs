//! Exported numbers: they are what the run computed with, and lead back to the source.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use libtest_mimic::Trial;
use serde_json::Value;

use crate::xtask;

pub fn trials() -> Vec<Trial> {
    trials![
        exported_predictions_are_those_of_predict_and_the_last_node_s_values_its_logits,
        rows_lead_back_to_the_source_and_data_is_as_the_model_sees_it,
        the_first_snapshot_is_the_initial_model_and_the_last_one_the_saved_model,
        every_epoch_sees_every_sample_in_an_order_of_its_own,
        pictures_are_exported_channel_by_channel,
        an_export_adds_to_what_is_still_of_the_same_run,
        what_a_run_does_not_have_is_told,
        a_run_that_is_stale_damaged_or_unfinished_says_so,
    ]
}

const PIPELINE: &str = r#"title = "table"
seed = 5
[dataset.table]
kind = "csv"
path = "t.csv"
target = "class"
split = { train = 0.7, validation = 0.1, test = 0.2 }
[train.net]
data = "table"
model = [{ linear = 4 }, "tanh", { linear = 3 }]
loss = "cross_entropy"
optimizer = { adam = { lr = 0.02 } }
epochs = 6
batch = 16
snapshots = { every = 2 }
"#;

/// 60 rows of two features and a class.
fn table() -> Vec<[String; 3]> {
    let row =
        |i: i32| [format!("{}.25", i), format!("{}.5", (i * 17) % 23), ["a", "b", "c"][i as usize % 3].to_owned()];
    (0..60).map(row).collect()
}

/// A folder with a finished run, `run`.
fn finished() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = table().iter().map(|row| row.join(",") + "\n").collect();
    fs::write(folder.path().join("t.csv"), format!("u,v,class\n{rows}")).unwrap();
    fs::write(folder.path().join("p.toml"), PIPELINE).unwrap();
    said(folder.path(), &["run", "p.toml", "--quiet", "--out", "run"]);
    folder
}

fn output(folder: &Path, arguments: &[&str]) -> Output {
    xtask().args(arguments).current_dir(folder).output().unwrap()
}

#[track_caller]
fn said(folder: &Path, arguments: &[&str]) -> String {
    let output = output(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8([output.stderr, output.stdout].concat()).unwrap()
}

/// What a command says that does not end well, and its exit code.
fn refused(folder: &Path, arguments: &[&str]) -> (String, i32) {
    let output = output(folder, arguments);
    (String::from_utf8(output.stderr).unwrap(), output.status.code().unwrap())
}

/// The lines of a table as fields by the names of columns.
fn rows(file: &Path) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_path(file).unwrap().deserialize().map(Result::unwrap).collect()
}

/// Header and data of an `.npy` file.
fn npy(file: &Path) -> (String, Vec<u8>) {
    let bytes = fs::read(file).unwrap();
    let end = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    (String::from_utf8(bytes[10..end].to_vec()).unwrap(), bytes[end..].to_vec())
}

fn manifest(export: &Path) -> Value {
    serde_json::from_slice(&fs::read(export.join("manifest.json")).unwrap()).unwrap()
}

fn exported_predictions_are_those_of_predict_and_the_last_node_s_values_its_logits() {
    let folder = finished();
    let here = folder.path();
    let told = said(here, &["export", "run", "--predictions", "--activations", "logits", "--format", "csv"]);
    assert!(told.contains("predictions/net.train.csv  csv 42×10\n"), "{told}");
    said(here, &["predict", "run/models/net.safetensors", "t.csv", "--out", "all.csv"]);
    let predicted = rows(&here.join("all.csv"));
    let (mut seen, mut loss) = (0, 0.0);
    for split in ["train", "validation", "test"] {
        let own = rows(&here.join(format!("run/export/predictions/net.{split}.csv")));
        let logits = rows(&here.join(format!("run/export/activations/net.logits.{split}.csv")));
        assert_eq!(own.len(), logits.len());
        for (own, logits) in own.iter().zip(&logits) {
            let other = &predicted[own["row"].parse::<usize>().unwrap()];
            for (k, class) in ["a", "b", "c"].into_iter().enumerate() {
                assert_eq!(own[&format!("probability.{class}")], other[class]);
                assert_eq!(own[&format!("logit.{class}")], logits[&format!("logits[{k}]")]);
            }
            assert_eq!(["a", "b", "c"][own["predicted"].parse::<usize>().unwrap()], other["class"]);
            assert_eq!(own["row"], logits["row"]);
            loss += if split == "test" { own["loss"].parse::<f64>().unwrap() } else { 0.0 };
        }
        seen += own.len();
    }
    assert_eq!(seen, 60);
    let metrics: Value = serde_json::from_slice(&fs::read(here.join("run/metrics.json")).unwrap()).unwrap();
    let measured = metrics["train"]["net"]["test"]["loss"].as_f64().unwrap();
    assert!((loss / 12.0 - measured).abs() < 1e-6 * measured, "{} for {measured}", loss / 12.0);
}

fn rows_lead_back_to_the_source_and_data_is_as_the_model_sees_it() {
    let folder = finished();
    let here = folder.path();
    said(here, &["export", "run", "--data", "--format", "csv"]);
    let source = table();
    let mut seen = Vec::new();
    for split in ["train", "validation", "test"] {
        for own in rows(&here.join(format!("run/export/data/table.{split}.csv"))) {
            let row: usize = own["row"].parse().unwrap();
            let class = ["a", "b", "c"][own["label"].parse::<usize>().unwrap()];
            assert_eq!([&own["u"], &own["v"], class], [&source[row][0], &source[row][1], &*source[row][2]]);
            seen.push(row);
        }
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..60).collect::<Vec<_>>());
    let told = &manifest(&here.join("run/export"))["datasets"]["table"];
    assert_eq!(told["targets"]["classes"], serde_json::json!(["a", "b", "c"]));
    assert_eq!(told["samples"], serde_json::json!({ "train": 42, "validation": 6, "test": 12 }));
    // One split alone, elsewhere.
    said(here, &["export", "run", "--data", "--split", "test", "--out", "only"]);
    let (header, data) = npy(&here.join("only/data/table.test.x.npy"));
    assert!(header.contains("'<f4'") && header.contains("(12, 2)") && data.len() == 12 * 2 * 4, "{header}");
    assert!(!here.join("only/data/table.train.x.npy").exists());
}

fn the_first_snapshot_is_the_initial_model_and_the_last_one_the_saved_model() {
    let folder = finished();
    let here = folder.path();
    said(here, &["export", "run", "--initial", "--snapshots"]);
    let bytes = |file: &str| fs::read(here.join("run").join(file)).unwrap();
    assert_eq!(bytes("export/models/net.initial.safetensors"), bytes("export/models/net.epoch-0000.safetensors"));
    assert_eq!(bytes("export/models/net.epoch-0006.safetensors"), bytes("models/net.safetensors"));
    assert_eq!(bytes("export/models/net.safetensors"), bytes("models/net.safetensors"));
    assert_ne!(bytes("export/models/net.epoch-0002.safetensors"), bytes("export/models/net.epoch-0004.safetensors"));
}

fn every_epoch_sees_every_sample_in_an_order_of_its_own() {
    let folder = finished();
    let here = folder.path();
    said(here, &["export", "run", "--order"]);
    let (header, data) = npy(&here.join("run/export/training/net.order.npy"));
    assert!(header.contains("'<u4'") && header.contains("(6, 42)"), "{header}");
    let order: Vec<u32> = data.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
    let mut epochs: Vec<Vec<u32>> = order.chunks(42).map(<[u32]>::to_vec).collect();
    assert!(epochs.windows(2).all(|pair| pair[0] != pair[1]));
    epochs.iter_mut().for_each(|epoch| epoch.sort_unstable());
    assert!(epochs.iter().all(|epoch| *epoch == (0..42).collect::<Vec<_>>()));
    let (header, rates) = npy(&here.join("run/export/training/net.learning_rate.npy"));
    assert!(header.contains("'<f8'") && header.contains("(6, 3)"), "{header}");
    assert!(rates.as_chunks::<8>().0.iter().all(|bytes| f64::from_le_bytes(*bytes) == 0.02));
    let model = &manifest(&here.join("run/export"))["models"]["net"];
    assert_eq!([&model["batch"], &model["epochs"], &model["steps_per_epoch"]], [16, 6, 3]);
    assert_eq!(model["settings"]["optimizer"]["adam"]["beta2"], 0.999);
}

fn pictures_are_exported_channel_by_channel() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let pipeline = "title = \"p\"\n[dataset.g]\nkind = \"glyphs\"\npoints = 40\nper_class = 2\ndownsample = 4\n[train.cnn]\ndata = \"g\"\n\
                    model = [{ conv2d = { channels = 3, kernel = 2 } }, \"relu\", \"flatten\", { linear = 10 }]\n\
                    loss = \"cross_entropy\"\noptimizer = { sgd = { lr = 0.1 } }\nepochs = 1\n";
    fs::write(here.join("p.toml"), pipeline).unwrap();
    said(here, &["run", "p.toml", "--quiet", "--out", "run"]);
    let told = said(here, &["export", "run", "--data", "--activations", "*", "--gradients", "x"]);
    for line in
        ["activations/cnn.conv1.post.train.npy  float32 20×3×6×6\n", "gradients/cnn.x.train.npy  float32 20×1×7×7\n"]
    {
        assert!(told.contains(line), "{told}");
    }
    assert!(!told.contains("activations/cnn.x.train.npy"), "{told}");
    let axes = &manifest(&here.join("run/export"))["files"]["activations/cnn.conv1.post.train.npy"]["axes"];
    assert_eq!(*axes, serde_json::json!(["sample", "channel", "row", "column"]));
    // Flattening leaves the numbers in their order, and of a table each has its place in its name.
    let [post, flat] =
        ["conv1.post", "flatten"].map(|node| npy(&here.join(format!("run/export/activations/cnn.{node}.train.npy"))).1);
    assert_eq!(post, flat);
    said(here, &["export", "run", "--activations", "conv1.post", "--format", "csv"]);
    let table = rows(&here.join("run/export/activations/cnn.conv1.post.train.csv"));
    let number = post.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).nth(36 * 2 + 6 + 5).unwrap();
    assert_eq!(table[0]["conv1.post[2][1][5]"], number.to_string());
    // Of four of each digit two are taken: rows tell which.
    let taken: Vec<usize> = table.iter().map(|row| row["row"].parse().unwrap()).collect();
    assert!(taken.iter().any(|row| *row >= 20) && taken.is_sorted(), "{taken:?}");
}

fn an_export_adds_to_what_is_still_of_the_same_run() {
    let folder = finished();
    let here = folder.path();
    let export = here.join("run/export");
    said(here, &["export", "run", "--data"]);
    said(here, &["export", "run", "--predictions"]);
    let listed = |word: &str| manifest(&export)["files"].as_object().unwrap().keys().any(|file| file.starts_with(word));
    assert!(listed("data/") && listed("predictions/") && export.join("data/table.train.x.npy").exists());
    // Another training of the same data: the data stays, what the model before gave goes.
    said(here, &["run", "p.toml", "--quiet", "--out", "run", "--set", "train.net.epochs=7"]);
    said(here, &["export", "run", "--initial"]);
    assert!(listed("data/") && !listed("predictions/") && listed("models/"));
    assert!(!export.join("predictions").exists() && export.join("data/table.train.x.npy").exists());
}

fn what_a_run_does_not_have_is_told() {
    let folder = finished();
    let here = folder.path();
    for (arguments, words) in [
        (
            &["export", "run"][..],
            &["nothing is asked for", "--predictions", "net (hidden1.pre, hidden1.post, logits)"][..],
        ),
        (&["export", "run", "--data", "--model", "nett"], &["no model `nett`", "did you mean `net`?"]),
        (
            &["export", "run", "--activations", "hidden1.pots"],
            &["no node `hidden1.pots`", "did you mean `hidden1.post`?"],
        ),
        (&["export", "run", "--data", "--out", "run"], &["run is a run's folder", "run/export"]),
        (&["export", "rum", "--data"], &["there is no run `rum`"]),
        (&["export", "t.csv", "--data"], &["t.csv"]),
        (&["export", "run", "--data", "--split", "half"], &["'half'", "validation"]),
    ] {
        let (told, code) = refused(here, arguments);
        assert!(code == 2 && words.iter().all(|word| told.contains(word)), "{arguments:?}: {code}, {told}");
        assert!(!here.join("run/export").exists(), "{arguments:?} wrote something");
    }
    fs::write(here.join("file"), "mine").unwrap();
    let (told, code) = refused(here, &["export", "run", "--data", "--out", "file"]);
    assert!(code == 1 && told.contains("it is a file; choose another folder by --out"), "{code}, {told}");
    let only = PIPELINE.split("[train.net]").next().unwrap().replace("validation = 0.1, test = 0.2", "test = 0.3");
    fs::write(here.join("only.toml"), only).unwrap();
    said(here, &["run", "only.toml", "--quiet", "--out", "only"]);
    let (told, _) = refused(here, &["export", "only", "--predictions"]);
    assert!(told.contains("this run trains no models"), "{told}");
    let (told, _) = refused(here, &["export", "only", "--data", "--split", "validation"]);
    assert!(told.contains("table has no validation split"), "{told}");
    said(here, &["run", "p.toml", "--quiet", "--out", "bare", "--set", "train.net.snapshots.every=99"]);
    said(here, &["export", "bare", "--snapshots"]);
    fs::write(here.join("none.toml"), PIPELINE.replace("snapshots = { every = 2 }\n", "")).unwrap();
    said(here, &["run", "none.toml", "--quiet", "--out", "none"]);
    let (told, _) = refused(here, &["export", "none", "--snapshots"]);
    assert!(told.contains("no snapshots were kept of net") && !here.join("none/export").exists(), "{told}");
}

fn a_run_that_is_stale_damaged_or_unfinished_says_so() {
    let folder = finished();
    let here = folder.path();
    let file = |name: &str| here.join("run").join(name);
    let asked = ["export", "run", "--predictions"];
    let told = |words: &[&str]| {
        let (told, code) = refused(here, &asked);
        assert!(code == 2 && words.iter().all(|word| told.contains(word)), "{code}, {told}");
    };
    let swapped = |name: &str, bytes: Vec<u8>, words: &[&str]| {
        let before = fs::read(file(name)).unwrap();
        fs::write(file(name), bytes).unwrap();
        told(words);
        fs::write(file(name), before).unwrap();
    };
    let resolved = fs::read_to_string(file("resolved.toml")).unwrap();
    swapped(
        "resolved.toml",
        resolved.replace("epochs = 6", "epochs = 60").into(),
        &["train.net", "its settings changed"],
    );
    swapped(
        "resolved.toml",
        resolved.replace("seed = 5", "seed = 6").into(),
        &["train.net", "seed or numerics changed"],
    );
    swapped("models/net.safetensors", vec![0; 8], &["net.safetensors is not what it was when the run used it"]);
    swapped(".stages/finished", Vec::new(), &["no run has finished train.net in run"]);
    let source = fs::read_to_string(here.join("t.csv")).unwrap();
    fs::write(here.join("t.csv"), source.replace("3.25", "4.25")).unwrap();
    told(&["dataset.table", "changed"]);
    fs::write(here.join("t.csv"), source).unwrap();
    fs::remove_file(file("provenance.json")).unwrap();
    let told = said(here, &asked);
    assert!(told.contains("note: the run in run is not finished"), "{told}");
}
