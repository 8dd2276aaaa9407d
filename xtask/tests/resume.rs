//! Runs that are killed and started again, and runs that find everything as they left it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::Trial;

use crate::xtask;

mod changes;
use changes::{more_epochs_go_on_from_those_that_are_trained, what_did_not_change_is_kept};

pub fn trials() -> Vec<Trial> {
    trials![
        a_run_killed_again_and_again_ends_as_one_that_was_not,
        more_epochs_go_on_from_those_that_are_trained,
        what_did_not_change_is_kept,
        a_figure_is_drawn_again_when_its_models_change_places,
        damage_is_noticed_reported_and_mended,
        a_killed_sweep_goes_on_with_the_runs_it_lacks,
        a_run_of_a_sweep_that_diverges_is_shown_and_the_sweep_goes_on,
        a_digit_changed_in_the_list_of_what_is_finished_is_not_served,
        two_runs_into_one_folder_come_one_after_the_other,
        a_file_changed_while_a_run_is_under_way_is_not_taken_for_what_it_was,
        a_run_that_cannot_write_says_so_and_the_next_one_ends_well,
        a_run_that_waits_for_another_says_so_even_when_it_is_to_be_quiet,
        a_run_whose_model_has_an_infinite_loss_keeps_its_history
    ]
}

/// A pipeline whose training lasts long enough to be killed in the middle of it, with a sweep, an analysis and figures.
const PIPELINE: &str = r#"
title = "Killed"
seed = 3
[dataset.spiral]
kind = "spiral"
points = 300
classes = 3
noise = 0.2
split = { train = 0.8, validation = 0.2 }
[train.deep]
data = "spiral"
model = [{ linear = 16 }, "batch_norm", "relu", { dropout = 0.1 }, { linear = 3 }]
loss = "cross_entropy"
optimizer = { adam = { lr = 0.01 } }
epochs = EPOCHS
batch = 32
snapshots = { every = 50, most = 5 }
keep = "best"
[sweep.width]
train = "deep"
set = "model[0].linear"
values = [2, 4]
[analysis.probe]
kind = "linear_probe"
model = "deep"
[figure.curves]
kind = "training_curves"
models = ["deep"]
[analysis.boundary]
kind = "decision_regions"
models = ["deep"]
resolution = 40
[figure.boundary]
kind = "decision_regions"
analysis = "boundary"
[figure.width]
kind = "sweep_curve"
sweep = "width"
"#;

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("killed.toml"), text).expect("written");
        Place { folder }
    }

    fn out(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, verb: &str, out: &Path, more: &[&str]) -> Command {
        let mut command = xtask();
        command.arg(verb).arg(self.folder.path().join("killed.toml")).arg("--out").arg(out).args(more);
        command.current_dir(self.folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs to the end; what was said.
    fn run(&self, out: &Path, more: &[&str]) -> String {
        let output = self.command("run", out, more).output().expect("starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        said
    }

    fn plan(&self, out: &Path, more: &[&str]) -> String {
        let output = self.command("plan", out, more).output().expect("starts");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// Every file below a folder but for the timings, and nothing temporary among them.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for path in std::fs::read_dir(next).expect("a folder").map(|e| e.expect("an entry").path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).expect("below").display().to_string();
            assert!(!name.ends_with(".tmp"), "{name} was left behind");
            if !name.starts_with("timings") && !name.ends_with(".seconds") {
                found.insert(name, std::fs::read(&path).expect("readable"));
            }
        }
    }
    found
}

pub fn assert_same(a: &BTreeMap<String, Vec<u8>>, b: &BTreeMap<String, Vec<u8>>, what: &str) {
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "{what}");
    let differ: Vec<_> = a.iter().filter(|(name, bytes)| b[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(differ.is_empty(), "{what}: {differ:?} differ");
}

/// Kills the process after a while unless it ends by itself; whether it was killed.
fn kill_after(mut child: Child, wait: Duration) -> bool {
    std::thread::sleep(wait);
    let ended = child.try_wait().expect("known").is_some();
    if !ended {
        // SIGKILL: nothing in the process can prepare for it.
        child.kill().expect("killed");
    }
    child.wait().expect("ended");
    !ended
}

fn a_run_killed_again_and_again_ends_as_one_that_was_not() {
    // UNFOLD_KILLS asks for more of them, longer trained.
    let kills: u64 = std::env::var("UNFOLD_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(6);
    let place = Place::new(&PIPELINE.replace("EPOCHS", if kills > 6 { "20000" } else { "8000" }));
    let whole = place.out("whole");
    let began = Instant::now();
    place.run(&whole, &[]);
    let lasts = began.elapsed();
    let expected = files(&whole);
    let (mut done, mut attempt, mut resumed) = (0, 0u64, false);
    while done < kills {
        let out = place.out(&format!("killed{attempt}"));
        // Moments spread by the golden ratio over as long as a whole run lasts on this machine; each run is killed a few times
        // before it may end.
        for _ in 0..1 + attempt % 3 {
            attempt += 1;
            let wait = lasts * u32::try_from(attempt * 618 % 1000).expect("below a thousand") / 1000;
            let child = place.command("run", &out, &["--quiet"]).spawn().expect("starts");
            done += u64::from(kill_after(child, wait));
        }
        resumed |= place.run(&out, &[]).contains("resumes after epoch");
        assert_same(&files(&out), &expected, &format!("after {done} kills"));
        assert!(attempt < 20 * kills, "the run ends before it can be killed");
    }
    assert!(resumed || kills <= 6, "no training went on from its checkpoint");
}

fn a_figure_is_drawn_again_when_its_models_change_places() {
    let text = PIPELINE.replace("EPOCHS", "60");
    let place = Place::new(&text);
    let out = place.out("run");
    place.run(&out, &[]);
    let curves = || std::fs::read_to_string(out.join("figures/curves.svg")).expect("drawn");
    let first = curves();

    // A model behind the others changes no colour.
    let (head, tail) = text.split_once("[train.deep]").expect("a model");
    let (model, rest) = tail.split_once("[sweep.width]").expect("a sweep");
    let figure = "[figure.other]\nkind = \"training_curves\"\nmodels = [\"other\"]\n";
    let write = |models: String| {
        let text = format!("{head}{models}[sweep.width]{rest}{figure}");
        std::fs::write(place.folder.path().join("killed.toml"), text).expect("written");
    };
    write(format!("[train.deep]{model}[train.other]{model}"));
    let said = place.run(&out, &[]);
    assert!(said.contains("figure.other") && !said.contains("figure.curves"), "{said}");
    assert_eq!(curves(), first);

    // One before it does: nothing is trained again, and the figure is that of a run from nothing.
    write(format!("[train.other]{model}[train.deep]{model}"));
    let plan = place.plan(&out, &[]);
    assert_eq!(plan.matches("will run: its models have other places").count(), 4, "{plan}");
    place.run(&out, &[]);
    let second = curves();
    assert_ne!(second, first);
    place.run(&out, &["--fresh"]);
    assert_eq!(curves(), second);
}

/// The first run's files with this run's provenance and report, which tell of a pipeline file that differs in its comments.
fn again_with(first: &BTreeMap<String, Vec<u8>>, out: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = first.clone();
    for name in ["provenance.json", "report.html"] {
        files.insert(name.into(), std::fs::read(out.join(name)).expect("there"));
    }
    files
}

fn damage_is_noticed_reported_and_mended() {
    let place = Place::new(&PIPELINE.replace("EPOCHS", "60"));
    let out = place.out("run");
    place.run(&out, &[]);
    let first = files(&out);
    let damaged: Vec<&String> = first.keys().filter(|name| !name.ends_with("files")).collect();
    for name in damaged {
        let path = out.join(name);
        let mut bytes = first[name].clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, &bytes).expect("written");
        let said = place.run(&out, &[]);
        let rewritten = ["metrics.json", "provenance.json", "report.html", "resolved.toml", ".stages/finished"];
        let listed = !rewritten.contains(&name.as_str());
        assert_eq!(
            said.contains("is missing or was changed") && said.contains(name.as_str()),
            listed,
            "{name}: {said}"
        );
        let note = ".stages/finished, which lists what is finished, was changed: every stage runs again";
        assert_eq!(said.contains(note), name == ".stages/finished", "{name}: {said}");
        assert_same(&files(&out), &first, name);
    }
    std::fs::remove_file(out.join("figures/curves.svg")).expect("deleted");
    assert!(place.plan(&out, &[]).contains("figures/curves.svg is missing or was changed"));
    place.run(&out, &[]);
    assert_same(&files(&out), &first, "a deleted figure");
}

fn a_digit_changed_in_the_list_of_what_is_finished_is_not_served() {
    let place = Place::new(&PIPELINE.replace("EPOCHS", "60"));
    let out = place.out("run");
    place.run(&out, &[]);
    let first = files(&out);
    let list = String::from_utf8(first[".stages/finished"].clone()).expect("text");
    let at = list.find("\"loss\": 0.").expect("a loss") + "\"loss\": 0.".len();
    let mut changed = list.into_bytes();
    changed[at] = if changed[at] == b'7' { b'8' } else { b'7' };
    std::fs::write(out.join(".stages/finished"), changed).expect("written");
    assert!(place.plan(&out, &[]).contains("will run: .stages/finished, which lists what is finished, was changed"));
    place.run(&out, &[]);
    assert_same(&files(&out), &first, "a changed digit");
}

/// Reads what a run says until a line of it holds `word`.
fn wait_until(child: &mut Child, word: &str) -> BufReader<std::process::ChildStderr> {
    let mut lines = BufReader::new(child.stderr.take().expect("piped"));
    let (mut line, mut said) = (String::new(), String::new());
    while !line.contains(word) {
        said += &line;
        line.clear();
        assert!(lines.read_line(&mut line).expect("text") > 0, "ended without `{word}`: {said}");
    }
    lines
}

fn two_runs_into_one_folder_come_one_after_the_other() {
    let place = Place::new(&PIPELINE.replace("EPOCHS", "8000"));
    let out = place.out("run");
    let mut first = place.command("run", &out, &[]).spawn().expect("starts");
    let _lines = wait_until(&mut first, "dataset.spiral");
    let other = ["--set", "train.deep.epochs=20"];
    let mut second = place.command("run", &out, &other).spawn().expect("starts");
    let mut lines = wait_until(&mut second, &format!("process {} writes into", first.id()));
    // However the first ends.
    first.kill().expect("killed");
    first.wait().expect("ended");
    let mut rest = String::new();
    lines.read_to_string(&mut rest).expect("text");
    assert!(second.wait().expect("ended").success(), "{rest}");
    let alone = place.out("alone");
    place.run(&alone, &other);
    assert_same(&files(&out), &files(&alone), "after another's run was killed");
}

fn a_file_changed_while_a_run_is_under_way_is_not_taken_for_what_it_was() {
    let late = r#"
[dataset.table]
kind = "csv"
path = "table.csv"
target = "y"
task = "regression"
[train.late]
data = "table"
model = [{ linear = 1 }]
loss = "mean_squared_error"
optimizer = { adam = { lr = 0.01 } }
epochs = 3
"#;
    let place = Place::new(&(PIPELINE.replace("EPOCHS", "4000") + late));
    let table = |last: f64| {
        let text = format!("x,y\n0,1\n1,3\n2,5\n3,{last}\n");
        std::fs::write(place.folder.path().join("table.csv"), text).expect("written");
    };
    table(7.0);
    let out = place.out("run");
    let mut child = place.command("run", &out, &[]).spawn().expect("starts");
    let mut lines = wait_until(&mut child, "dataset.spiral");
    table(-7.0);
    let mut said = String::new();
    lines.read_to_string(&mut said).expect("text");
    assert_eq!(child.wait().expect("ended").code(), Some(1), "{said}");
    assert!(said.contains("table.csv was changed while this run was under way; run it again"), "{said}");
    place.run(&out, &[]);
    let fresh = place.out("fresh");
    place.run(&fresh, &[]);
    assert_same(&files(&out), &files(&fresh), "the file as it is now");
}

/// Files may grow no larger than some blocks, as on a disk with a quota; `fuzz/tests/faults.rs` has every step fail in turn.
fn a_run_that_cannot_write_says_so_and_the_next_one_ends_well() {
    if cfg!(not(unix)) {
        return;
    }
    let place = Place::new(&PIPELINE.replace("EPOCHS", "60"));
    let whole = place.out("whole");
    place.run(&whole, &[]);
    for blocks in [0, 4, 32] {
        let out = place.out(&format!("limited{blocks}"));
        let command = place.command("run", &out, &["--quiet"]);
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""));
        shell.arg(command.get_program()).args(command.get_args()).current_dir(place.folder.path());
        let output = shell.output().expect("starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("cannot ") && said.contains("File too large"), "{said}");
        let half = files(&out);
        assert!(half.values().all(|bytes| bytes.len() <= 1024 * blocks), "{blocks}: {:?}", half.keys());
        place.run(&out, &[]);
        assert_same(&files(&out), &files(&whole), "after a disk of too little room");
    }
}

fn a_run_that_waits_for_another_says_so_even_when_it_is_to_be_quiet() {
    let place = Place::new(&PIPELINE.replace("EPOCHS", "2"));
    let out = place.out("shared");
    place.run(&out, &[]);
    let lock = std::fs::File::create(out.join(".unfold-run.lock")).expect("a lock");
    lock.lock().expect("free");
    let child = place.command("run", &out, &["--quiet"]).spawn().expect("starts");
    std::thread::sleep(Duration::from_secs(2));
    drop(lock);
    let output = child.wait_with_output().expect("ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("waiting for it") && said.lines().count() == 1, "{said}");
}

fn a_run_whose_model_has_an_infinite_loss_keeps_its_history() {
    let place = Place::new(
        "title = \"t\"\n[dataset.d]\nkind = \"csv\"\npath = \"near.csv\"\ntest_path = \"far.csv\"\ntarget = \"y\"\ntask = \"regression\"\n\
         [train.net]\ndata = \"d\"\nmodel = [{ linear = 1 }]\nloss = \"mean_squared_error\"\n\
         optimizer = { sgd = { lr = 0.01 } }\nepochs = 3\n",
    );
    let table = |x: &str| format!("x,y\n{x},1\n-{x},2\n");
    std::fs::write(place.folder.path().join("near.csv"), table("0.5")).expect("written");
    std::fs::write(place.folder.path().join("far.csv"), table("3e38")).expect("written");
    let out = place.out("run");
    let output = place.command("run", &out, &[]).output().expect("starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && said.contains("loss of the trained model is infinite"), "{said}");
    let found = files(&out);
    let text = |name: &str| String::from_utf8_lossy(found.get(name).map_or(&[][..], Vec::as_slice)).into_owned();
    let history = text("history/net.csv");
    assert_eq!(history.lines().count(), 1 + 4, "{:?}: {history}", found.keys());
    assert!(text("metrics.json").contains("\"message\": \"the test loss of the trained model is infinite\""));
}

/// A sweep that no analysis reads: its models are not kept.
fn sweep(set: &str, values: &str, epochs: &str) -> String {
    let (head, tail) = PIPELINE.split_once("[sweep.width]").expect("a sweep");
    let head = head.replace("EPOCHS", epochs).replace("{ adam = { lr = 0.01 } }", "{ sgd = { lr = 0.01 } }");
    assert!(tail.ends_with("sweep = \"width\"\n"));
    format!(
        "{head}[sweep.width]\ntrain = \"deep\"\nset = \"{set}\"\nvalues = {values}\n\
         [figure.width]\nkind = \"sweep_curve\"\nsweep = \"width\"\nmeasure = \"loss\"\n"
    )
}

fn a_killed_sweep_goes_on_with_the_runs_it_lacks() {
    let place = Place::new(&sweep("model[0].linear", "[2, 3, 4, 5, 6, 7, 8, 9, 10, 11]", "400"));
    let whole = place.out("whole");
    place.run(&whole, &[]);
    let out = place.out("killed");
    let cells = || {
        let entries = std::fs::read_dir(out.join(".stages/sweep.width")).into_iter().flatten().flatten();
        let cells = entries.filter(|entry| entry.path().extension().is_some_and(|e| e == "run"));
        cells
            .map(|cell| (cell.path(), cell.metadata().and_then(|m| m.modified()).expect("a time")))
            .collect::<BTreeMap<_, _>>()
    };
    let mut child = place.command("run", &out, &["--quiet"]).spawn().expect("starts");
    while cells().len() < 3 {
        assert!(child.try_wait().expect("known").is_none(), "the run ends before it can be killed");
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().expect("killed");
    child.wait().expect("ended");
    let kept = cells();
    assert!(kept.len() < 10, "the sweep ended before it was killed");
    let said = place.run(&out, &[]);
    assert!(said.contains(&format!("sweep.width goes on: {} of 10 runs are there", kept.len())), "{said}");
    assert!(kept.iter().all(|(cell, time)| cells()[cell] == *time), "a run that was there was trained again");
    assert_same(&files(&out), &files(&whole), "a killed sweep");

    // Another value: it alone is trained. The models are not kept, as nothing reads them: a run is a few numbers.
    let more = ["--set", "sweep.width.values=[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]"];
    assert!(place.run(&out, &more).contains("sweep.width goes on: 10 of 11 runs are there"));
    assert!(files(&out).iter().all(|(name, bytes)| !name.ends_with(".run") || bytes.len() < 250));

    // An analysis that reads them has them trained again, and the plan says so.
    let file = place.folder.path().join("killed.toml");
    let before = std::fs::read_to_string(&file).expect("a pipeline");
    std::fs::write(&file, format!("{before}[analysis.starts]\nkind = \"starts\"\nsweep = \"width\"\n"))
        .expect("written");
    let why = "an analysis reads its models, which were not kept: its runs are trained again";
    let told = place.plan(&out, &more);
    assert!(told.contains(why), "{told}");
    place.run(&out, &more);
    assert!(!place.plan(&out, &more).contains(why), "kept now");
}

fn a_run_of_a_sweep_that_diverges_is_shown_and_the_sweep_goes_on() {
    let place = Place::new(&sweep("optimizer.sgd.lr", "[0.01, 0.02, 1e30]", "20"));
    let out = place.out("run");
    let said = place.run(&out, &[]);
    assert!(said.contains("3 runs, 1 of them diverged"), "{said}");
    let table = String::from_utf8(files(&out)["figures/width.runs.csv"].clone()).expect("text");
    assert!(table.ends_with(",0,,\n") && table.lines().count() == 4, "{table}");
    let figure = std::fs::read_to_string(out.join("figures/width.svg")).expect("drawn");
    assert!(
        figure.contains("Runs that diverged have no point, and no part in medians and means: 1 of 3, at "),
        "{figure}"
    );
    let first = files(&out);
    std::fs::remove_file(out.join("figures/width.svg")).expect("deleted");
    place.run(&out, &[]);
    assert_same(&files(&out), &first, "a diverged run from the cache");

    let all = place.command("run", &out, &["--set", "sweep.width.values=[1e29, 1e30]"]).output().expect("starts");
    let said = String::from_utf8_lossy(&all.stderr);
    assert_eq!(all.status.code(), Some(1), "{said}");
    assert!(said.contains("[sweep.width] all 2 runs diverged; the first: training diverged: "), "{said}");
}
