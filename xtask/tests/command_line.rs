//! The program as a user meets it: exit codes, what lies in a run's folder, and what an interrupt or a kill leaves there.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use libtest_mimic::Trial;
use tempfile::TempDir;

use crate::xtask;

pub fn trials() -> Vec<Trial> {
    trials![
        exit_codes_tell_who_is_at_fault,
        the_resolved_pipeline_gives_the_same_bytes_elsewhere,
        seeds_draw_anew_what_they_name,
        what_is_measured_lies_with_the_timings,
        a_figure_that_cannot_be_drawn_costs_no_other,
        memory_is_estimated_before_a_run_and_too_much_is_refused,
        an_interrupt_or_a_kill_at_any_moment_leaves_whole_files,
        an_interrupt_says_after_which_epoch_training_goes_on
    ]
}

/// A pipeline that takes a moment and writes many files.
const PIPELINE: &str = r#"title = "small"
seed = 3

[dataset.table]
kind = "csv"
path = "table.csv"
target = "class"

[train.net]
data = "table"
model = [{ linear = 8 }, "relu", { linear = 2 }]
loss = "cross_entropy"
optimizer = { adam = { lr = 0.01 } }
epochs = 30
batch = 4

[figure.data]
kind = "samples"
data = "table"

[analysis.regions]
kind = "decision_regions"
models = ["net"]

[figure.regions]
kind = "decision_regions"
analysis = "regions"

[figure.curves]
kind = "training_curves"
models = ["net"]
"#;

fn workshop() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..40).map(|i| format!("{},{},{}\n", i % 7, (i * i) % 11, i % 2)).collect();
    std::fs::write(folder.path().join("table.csv"), format!("x,y,class\n{rows}")).unwrap();
    let file = folder.path().join("small.toml");
    std::fs::write(&file, PIPELINE).unwrap();
    (folder, file)
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = xtask();
    command.args(arguments).current_dir(folder);
    command
}

fn output(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Every file below a folder, relative, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// Panics if any file of a run is cut short. Returns how many temporary files there are.
fn assert_whole(run: &Path) -> usize {
    let mut temporary = 0;
    for path in files(run) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".tmp") {
            temporary += 1;
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let whole = match path.extension().and_then(|e| e.to_str()) {
            Some("svg") => bytes.ends_with(b"</svg>\n"),
            Some("html") => bytes.ends_with(b"</html>"),
            Some("json") => serde_json::from_slice::<serde_json::Value>(&bytes).is_ok(),
            Some("csv" | "toml") => bytes.ends_with(b"\n"),
            // 8 bytes of length, the header, the numbers: 8·2 + 8 weights and biases, then 2·8 + 2.
            Some("safetensors") => {
                let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
                bytes.len() == 8 + header + 4 * (2 * 8 + 8 + 8 * 2 + 2)
            }
            _ => true,
        };
        assert!(whole, "{} is cut short", path.display());
    }
    temporary
}

fn exit_codes_tell_who_is_at_fault() {
    let (folder, _) = workshop();
    let here = folder.path();
    let done = output(here, &["run", "small.toml"]);
    assert_eq!(code(&done), 0, "{}", text(&done.stderr));
    assert!(text(&done.stdout).contains("3 figures in runs/small/figures"), "{}", text(&done.stdout));

    let diverging = ["run", "small.toml", "--set", "train.net.optimizer={sgd={lr=1e30}}"];
    let failed = output(here, &diverging);
    assert_eq!(code(&failed), 1, "{}", text(&failed.stderr));
    for word in ["[train.net] training diverged", "first became", "at epoch", "step", "try: "] {
        assert!(text(&failed.stderr).contains(word), "{word}: {}", text(&failed.stderr));
    }
    let metrics = std::fs::read_to_string(here.join("runs/small/metrics.json")).unwrap();
    assert!(metrics.contains("diverged"), "{metrics}");
    assert!(here.join("runs/small/history/net.csv").exists());
    let figures: Vec<_> =
        std::fs::read_dir(here.join("runs/small/figures")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(figures.iter().all(|f| f.to_str().unwrap().starts_with("data.")), "{figures:?} would pass for this run's");
    assert!(["provenance.json", "report.html"].iter().all(|file| !here.join("runs/small").join(file).exists()));

    std::fs::create_dir(here.join("mine")).unwrap();
    std::fs::write(here.join("mine/notes.txt"), "mine").unwrap();
    for wrong in [
        &["run", "smal.toml"][..],
        &["run", "small.toml", "--set", "train.net.epohcs=1"],
        &["run", "small.toml", "--threads", "0"],
        &["check", "small.toml", "--set", "train.net.epochs=0"],
        &["plan", "small.toml", "--set", "train.net.epochs=0"],
        &["explain", "adm"],
        &["bless", "nothing"],
        &["run", "small.toml", "--out", "mine"],
        &["run", "small.toml", "--seed", "9223372036854775808"],
        &["fetch", "mnist", "--from", "ftp://me:secret@host/mnist"],
        &["fly"],
        &[],
    ] {
        let output = output(here, wrong);
        assert_eq!(code(&output), 2, "{wrong:?}: {}", text(&output.stderr));
        assert!(!output.stderr.is_empty(), "{wrong:?} says nothing");
        assert!(!text(&output.stderr).contains("secret"), "{}", text(&output.stderr));
    }
    for fine in
        [&["check", "small.toml"][..], &["plan", "small.toml"], &["list"], &["explain", "adam"], &["run", "--help"]]
    {
        let output = output(here, fine);
        assert_eq!(code(&output), 0, "{fine:?}: {}", text(&output.stderr));
        assert!(!output.stdout.is_empty(), "{fine:?} says nothing");
    }
    let kernel = command(here, &["run", "small.toml"]).env("UNFOLD_KERNEL", "abacus").output().unwrap();
    assert_eq!(code(&kernel), 2);
    assert!(
        text(&kernel.stderr).contains("UNFOLD_KERNEL") && text(&kernel.stderr).contains("portable"),
        "{}",
        text(&kernel.stderr)
    );
    let nowhere = command(here, &["fetch", "mnist"]).env("UNFOLD_DATA", "no/such/folder").output().unwrap();
    let told = text(&nowhere.stderr);
    assert!(code(&nowhere) == 2 && told.contains("UNFOLD_DATA names ") && told.contains("no/such/folder"), "{told}");
    let quiet = output(here, &["run", "small.toml", "-q"]);
    assert!(quiet.stdout.is_empty() && quiet.stderr.is_empty(), "{}", text(&quiet.stderr));
}

fn the_resolved_pipeline_gives_the_same_bytes_elsewhere() {
    let (folder, _) = workshop();
    let here = folder.path();
    let set = ["run", "small.toml", "--set", "train.net.epochs=7", "--seed", "9", "--out", "a"];
    assert_eq!(code(&output(here, &set)), 0);
    let again = output(here, &["run", "a/resolved.toml", "--out", "b", "--threads", "1"]);
    assert_eq!(code(&again), 0, "{}", text(&again.stderr));
    let names = |run: &str| -> Vec<PathBuf> {
        let run = here.join(run);
        files(&run).iter().map(|p| p.strip_prefix(&run).unwrap().to_owned()).collect()
    };
    assert_eq!(names("a"), names("b"));
    let measured = |n: &Path| {
        matches!(n.to_str(), Some("timings.json" | "provenance.json" | "report.html"))
            || n.extension().is_some_and(|e| e == "seconds")
    };
    for name in names("a").iter().filter(|n| !measured(n)) {
        assert!(
            std::fs::read(here.join("a").join(name)).unwrap() == std::fs::read(here.join("b").join(name)).unwrap(),
            "{name:?}"
        );
    }
    // Two figures fewer: the next run takes them away, and what the user put there stays.
    std::fs::write(here.join("a/figures/mine.txt"), "mine").unwrap();
    std::fs::write(here.join("small.toml"), PIPELINE.split("\n[analysis.regions]").next().unwrap()).unwrap();
    assert_eq!(code(&output(here, &["run", "small.toml", "--out", "a"])), 0);
    let left: Vec<String> =
        files(&here.join("a/figures")).iter().map(|p| p.file_name().unwrap().to_string_lossy().into()).collect();
    assert_eq!(left, ["data.csv", "data.narrow.svg", "data.svg", "mine.txt"]);
}

fn seeds_draw_anew_what_they_name() {
    let (folder, file) = workshop();
    let sweep = |name: &str, seeds: &str| {
        format!("[sweep.{name}]\ntrain = \"net\"\nset = \"epochs\"\nvalues = [2]\nseeds = {seeds}\n")
    };
    let train = PIPELINE.split("[train.net]").nth(1).unwrap().split("[figure").next().unwrap();
    let pipeline = |split: &str| {
        let moons = format!("[dataset.table]\nkind = \"moons\"\npoints = 40\nnoise = 0.3\n{split}");
        format!("title = \"seeds\"\nseed = 3\n{moons}\n[train.net]{train}")
    };
    let all = [("a", "2"), ("b", "{ count = 2, vary = [\"split\"] }"), ("c", "{ count = 2, vary = [\"data\"] }")];
    let sweeps: String = all.iter().map(|(name, seeds)| sweep(name, seeds)).collect();
    std::fs::write(&file, format!("{}{sweeps}", pipeline("split = { train = 0.5, test = 0.5 }"))).unwrap();
    let done = output(folder.path(), &["run", "small.toml"]);
    assert_eq!(code(&done), 0, "{}", text(&done.stderr));
    let metrics = std::fs::read_to_string(folder.path().join("runs/small/metrics.json")).unwrap();
    let metrics: serde_json::Value = serde_json::from_str(&metrics).unwrap();
    for (name, _) in all {
        let losses = metrics["sweep"][name]["2"]["loss"].as_array().unwrap();
        assert!(losses.len() == 2 && losses[0] != losses[1], "{name}: {losses:?}");
    }
    // Without a split there is none to draw anew.
    std::fs::write(&file, format!("{}{}", pipeline(""), sweep("b", all[1].1))).unwrap();
    let done = output(folder.path(), &["run", "small.toml"]);
    assert_eq!(code(&done), 1);
    assert!(text(&done.stderr).contains("drawing `table` anew changes nothing"), "{}", text(&done.stderr));
}

fn memory_is_estimated_before_a_run_and_too_much_is_refused() {
    let (folder, _) = workshop();
    let here = folder.path();
    let refused = output(here, &["run", "small.toml", "--memory", "10MB"]);
    assert_eq!(code(&refused), 2);
    for words in ["would take about ", "it may take 10.0 MB; most of it:", " for [train.net]: ", "or say --memory "] {
        assert!(text(&refused.stderr).contains(words), "{words}: {}", text(&refused.stderr));
    }
    assert!(!here.join("runs").exists());
    // Near what is measured, by a loose factor.
    for name in ["uat", "glyphs-mlp"] {
        let file = datasets::manifest::root().join("pipelines").join(format!("{name}.toml"));
        let (file, out) = (file.to_str().unwrap(), here.join(name));
        let told = text(&output(here, &["plan", file, "--out", out.to_str().unwrap(), "--memory", "1TB"]).stdout);
        let estimate =
            told.lines().last().unwrap().strip_prefix("memory: about ").unwrap().split(" of ").next().unwrap();
        let estimate = pipeline::memory::parse(estimate).unwrap();
        let done = output(here, &["run", file, "--out", out.to_str().unwrap(), "--quiet"]);
        assert_eq!(code(&done), 0, "{}", text(&done.stderr));
        let timings = std::fs::read(out.join("timings.json")).unwrap();
        let timings: serde_json::Value = serde_json::from_slice(&timings).unwrap();
        // Absent where the system does not tell.
        let Some(peak) = timings["peak_memory_bytes"].as_u64() else { continue };
        assert!((estimate / 3..=estimate * 3).contains(&peak), "{name}: {estimate} bytes estimated, {peak} measured");
    }
}

fn what_is_measured_lies_with_the_timings() {
    let (folder, file) = workshop();
    let here = folder.path();
    let race = "[analysis.race]\nkind = \"optimizer_benchmark\"\nmodels = [\"net\"]\nlosses = [100.0, 1e-9]\n";
    let figure = |unit| format!("[figure.{unit}]\nkind = \"time_to_loss\"\nanalysis = \"race\"\nunit = \"{unit}\"\n");
    std::fs::write(&file, format!("{PIPELINE}\n{race}\n{}\n{}", figure("steps"), figure("seconds"))).unwrap();
    let done = output(here, &["run", "small.toml"]);
    assert_eq!(code(&done), 0, "{}", text(&done.stderr));
    assert!(text(&done.stdout).contains("4 figures in runs/small/figures"), "{}", text(&done.stdout));
    let run = here.join("runs/small");
    let names = |part: &str| -> Vec<String> {
        files(&run.join(part)).iter().map(|p| p.file_name().unwrap().to_string_lossy().into()).collect()
    };
    assert_eq!(names("timings"), ["seconds.csv", "seconds.narrow.svg", "seconds.svg"]);
    assert!(
        names("figures").contains(&"steps.svg".to_owned()) && !names("figures").contains(&"seconds.svg".to_owned())
    );
    // The first loss is reached before any step, the second never.
    assert_eq!(
        std::fs::read_to_string(run.join("figures/steps.csv")).unwrap(),
        "model,steps_to_loss_100,steps_to_loss_0.000000001\nnet,0,\n"
    );
    assert!(!std::fs::read_to_string(run.join("metrics.json")).unwrap().contains("seconds"));
    // The report shows it, and says what it is.
    let report = std::fs::read_to_string(run.join("report.html")).unwrap();
    let card = report.split("id=\"figure-seconds\"").nth(1).unwrap();
    assert!(card.split("<svg").next().unwrap().contains("Measured seconds: different every time"), "{card}");
    // Where the files lie is nobody else's business.
    assert!(!report.contains(here.to_str().unwrap()) && report.contains("path = &quot;table.csv&quot;"));
}

fn an_interrupt_or_a_kill_at_any_moment_leaves_whole_files() {
    let (folder, _) = workshop();
    let here = folder.path();
    for round in 0..24_u64 {
        let signal = ["-INT", "-KILL", "-TERM"][round as usize % 3];
        // Long enough never to end by itself in the rounds with long delays; the early rounds fall into its writing.
        let epochs = if round < 12 { "train.net.epochs=20" } else { "train.net.epochs=3000000" };
        let mut child = command(here, &["run", "small.toml", "--set", epochs]);
        let child = child.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(if round < 12 { 2 + 2 * round } else { 150 }));
        Command::new("kill").args([signal, &child.id().to_string()]).stderr(Stdio::null()).status().unwrap();
        let done = child.wait_with_output().unwrap();
        let (status, said) = (done.status, text(&done.stderr));
        let temporary = assert_whole(&here.join("runs/small"));
        if status.code() == Some(130) {
            assert_eq!(temporary, 0, "an interrupt takes its temporary files away");
        }
        if round >= 12 && signal != "-KILL" {
            assert_eq!(status.code(), Some(130));
            let kept = said.rsplit("interrupted; what is finished is kept in runs/small").next().unwrap();
            assert!(kept.ends_with(", and the same command goes on from there\n") && kept.len() < said.len(), "{said}");
        }
    }
    assert_eq!(code(&output(here, &["run", "small.toml"])), 0);
    assert_eq!(assert_whole(&here.join("runs/small")), 0, "the next run takes away what a killed one left");
}

fn an_interrupt_says_after_which_epoch_training_goes_on() {
    let (folder, _) = workshop();
    let here = folder.path();
    let interrupted = |more: &[&str]| {
        let run = ["run", "small.toml", "--set", "train.net.epochs=3000000"];
        let mut child = command(here, &[&run, more].concat());
        let child = child.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(1500));
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        let done = child.wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(130));
        text(&done.stderr)
    };
    let said = interrupted(&[]);
    let (_, told) = said.split_once("runs/small, train.net as it was after ").unwrap();
    let epoch = told.strip_suffix(", and the same command goes on from there\n").unwrap();
    assert!(epoch.starts_with("epoch ") && epoch.ends_with(" of 3000000"), "{said}");
    let plan = output(here, &["plan", "small.toml", "--set", "train.net.epochs=3000000"]);
    assert!(text(&plan.stdout).contains(&format!("; trained so far: {epoch}\n")), "{}", text(&plan.stdout));
    assert!(interrupted(&[]).contains(&format!("train.net resumes after {epoch}\n")), "{epoch}");
    let said = interrupted(&["--fresh"]);
    assert!(!said.contains("resumes") && said.ends_with(", and the same command without --fresh goes on from there\n"));
}

/// More frames than a file of bearable size can hold.
fn a_figure_that_cannot_be_drawn_costs_no_other() {
    let (folder, file) = workshop();
    let folding = "[analysis.regions]\nkind = \"folding\"\nmodel = \"net\"\nsnapshots = \"all\"\n\n\
                   [figure.regions]\nkind = \"folded_grid\"\nanalysis = \"regions\"\nanimate = {}\n\n";
    let from = PIPELINE.find("[analysis.regions]").unwrap();
    let to = PIPELINE.find("[figure.curves]").unwrap();
    let pipeline = [&PIPELINE[..from], folding, &PIPELINE[to..]].concat();
    let pipeline = pipeline.replace("epochs = 30", "epochs = 390\nsnapshots = { every = 1 }");
    std::fs::write(&file, pipeline).unwrap();
    let done = output(folder.path(), &["run", "small.toml"]);
    assert_eq!(code(&done), 1, "{}", text(&done.stderr));
    assert!(text(&done.stderr).contains("[figure.regions]"), "{}", text(&done.stderr));
    let figures = folder.path().join("runs/small/figures");
    assert!(figures.join("curves.svg").exists() && !figures.join("regions.svg").exists());
}
