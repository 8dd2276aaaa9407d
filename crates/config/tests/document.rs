//! Reading a pipeline file, with toy kinds: the parser knows no real ones.

use config::diagnostics::Report;
use config::document;
use config::families::{Category, Check, Families, Family, Kind};
use config::text::Texts;
use registry::{AnalysisRef, Config, DatasetRef, Problems, TrainRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A toy table.
#[allow(dead_code, reason = "some toys are only parsed")]
enum Toy {
    Ring(Ring),
    Grid(Grid),
    Share(Share),
    Fit(Fit),
    Count(Count),
    Compare(Compare),
}

/// Points on a circle.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ring {
    /// How many points.
    points: usize,
    /// Standard deviation of the noise.
    #[serde(default)]
    noise: f64,
    /// The least and the greatest angle.
    #[serde(default = "turn")]
    angles: (f64, f64),
}
fn turn() -> (f64, f64) {
    (0.0, 6.25)
}

/// Points on a grid.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Grid {
    /// Points per side.
    side: u8,
}

/// What every data set takes.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Share {
    /// The share held back for tests.
    #[serde(default)]
    test: f64,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Layer {
    /// max(0, x)
    Relu,
    Tanh,
    /// A dense layer of so many units.
    Linear(usize),
    Conv(Conv),
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Conv {
    channels: usize,
    #[serde(default)]
    stride: Option<usize>,
}

/// Fits a model.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fit {
    /// What it learns from.
    data: DatasetRef,
    /// Layers, first to last.
    model: Vec<Layer>,
    #[schemars(range(min = 1))]
    epochs: usize,
    #[serde(default)]
    verbose: bool,
}

/// Counts something.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Count {
    model: TrainRef,
    #[serde(default)]
    #[schemars(extend("x-kinds" = ["ring"]))]
    data: Option<DatasetRef>,
}

/// Compares counts.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Compare {
    counts: Vec<AnalysisRef>,
}

macro_rules! config {
    ($($t:ident $kind:literal),*) => { $(impl Config for $t { const KIND: &str = $kind; const EXAMPLE: &str = ""; })* };
}
config!(Ring "ring", Grid "grid", Share "share", Fit "fit", Count "count", Compare "compare");

impl Check for Toy {
    fn check(&self, problems: &mut Problems) {
        match self {
            Toy::Ring(ring) => problems.require(ring.noise >= 0.0, "noise", || "noise cannot be negative".into()),
            Toy::Share(share) => problems.require(share.test < 1.0, "test", || "nothing is left to train on".into()),
            Toy::Fit(fit) => {
                problems.require(!fit.model.is_empty(), "model", || "a model needs a layer".into());
                for (i, layer) in fit.model.iter().enumerate() {
                    if let Layer::Conv(Conv { stride: None, .. }) = layer {
                        problems.add(format!("model[{i}].conv.stride"), "a stride is needed here");
                    }
                }
            }
            Toy::Compare(Compare { counts }) => {
                problems.require(counts.len() > 1, "counts", || "one count compares with nothing".into())
            }
            Toy::Grid(_) | Toy::Count(_) => {}
        }
    }
}

fn families() -> Families<Toy> {
    let family = |name, tagged, kinds: Vec<_>| {
        let categories = Category::only(kinds);
        Family { name, about: "toys", tagged, categories, common: None, only_read: false }
    };
    Families(vec![
        Family {
            common: Some(Kind::single(Toy::Share)),
            only_read: true,
            ..family("dataset", true, vec![Kind::single(Toy::Ring), Kind::single(Toy::Grid)])
        },
        family("train", false, vec![Kind::single(Toy::Fit)]),
        family("analysis", true, vec![Kind::single(Toy::Count), Kind::single(Toy::Compare)]),
    ])
}

/// The findings, one line each: `line:column title | help`.
fn findings(file: &str, settings: &[&str]) -> Vec<String> {
    let mut texts = Texts::new("p.toml", file);
    settings.iter().for_each(|setting| texts.set("--set", *setting));
    let mut report = Report::default();
    document::read(&texts, &families(), &mut report);
    report.sort();
    report.render(&texts, false);
    let line = |d: &config::diagnostics::Diagnostic| {
        let (line, column) = texts.line_column(&d.at);
        format!(
            "{line}:{column} {} | {}{}",
            d.title,
            d.label,
            d.help.iter().map(|h| format!(" | {h}")).collect::<String>()
        )
    };
    report.list().iter().map(line).collect()
}

const GOOD: &str = r#"title = "t"
[dataset.ring]
kind = "ring"
points = 9
test = 0.5
[train.a]
data = "ring"
model = [{ linear = 3 }, "relu", { conv = { channels = 2, stride = 1 } }]
epochs = 2
[analysis.n]
kind = "count"
model = "a"
"#;

#[track_caller]
fn check(file: &str, expected: &[&str]) {
    let expected: Vec<String> = expected.iter().map(|e| e.replace("LAYERS", LAYERS)).collect();
    assert_eq!(findings(file, &[]), expected);
}

const LAYERS: &str = r#"expected "tanh", "relu", { linear = … } or { conv = … }"#;

#[test]
fn a_good_file_has_no_findings() {
    check(GOOD, &[]);
}

#[test]
fn every_mistake_of_a_file_is_found_at_once() {
    check(
        r#"titel = "t"
seed = -1
[dataset.ring]
kind = "ring"
pionts = 9
noise = -0.5
angles = [1, "2", 3]
[dataset.grid]
kind = "gird"
[train.a]
data = "rnig"
model = ["rellu", { liner = 3 }, { linear = "4" }, "linear", { tanh = 1 }, 7, {}, { conv = { strid = 1 } }]
epochs = 0
verbose = "true"
[analysis.n]
kind = "fit"
model = "ring"
[figures.f]
kind = "x"
"#,
        &[
            "1:1 unknown key `titel` | not a field of a pipeline | did you mean `title`?",
            "2:8 `seed` is -1 | expected a number ≥ 0",
            "5:1 unknown key `dataset.ring.pionts` | not a field of `ring` | did you mean `points`?",
            // Found although the key above it is misspelt: the table was read as it was meant.
            "6:9 noise cannot be negative | `dataset.ring.noise`",
            "7:10 `dataset.ring.angles` has 3 items | expected exactly 2",
            "7:14 `dataset.ring.angles[1]` is the string \"2\" | expected a number | write 2 without quotes",
            "8:1 `grid` needs `side` | add `side = …`, a whole number ≥ 0",
            "9:8 unknown kind `gird` | not a kind of dataset | did you mean `grid`?",
            "11:8 there is no [dataset.rnig] | `train.a.data` refers to it | did you mean `ring`?",
            "12:10 unknown name `rellu` in `train.a.model[0]` | LAYERS | did you mean `relu`?",
            "12:21 unknown name `liner` in `train.a.model[1]` | LAYERS | did you mean `linear`?",
            "12:45 `train.a.model[2].linear` is the string \"4\" | expected a whole number ≥ 0 | write 4 without quotes",
            "12:52 `linear` in `train.a.model[3]` needs a value | write { linear = … }, a whole number ≥ 0",
            "12:64 `tanh` in `train.a.model[4]` takes no value | write \"tanh\"",
            "12:76 `train.a.model[5]` is an integer | LAYERS",
            "12:79 `train.a.model[6]` has 0 entries | expected exactly one, such as { name = … }",
            "12:92 `train.a.model[7].conv` needs `channels` | add `channels = …`, a whole number ≥ 0",
            "12:94 unknown key `train.a.model[7].conv.strid` | not a field of `train.a.model[7].conv` | did you mean `stride`?",
            "13:10 `train.a.epochs` is 0 | expected a number ≥ 1",
            "14:11 `train.a.verbose` is the string \"true\" | expected true or false | write true without quotes",
            "16:8 unknown kind `fit` | not a kind of analysis | `fit` is a kind of train: its table is [train.NAME]",
            "18:2 unknown key `figures` | not a field of a pipeline",
        ],
    );
}

#[test]
fn syntax_errors_do_not_hide_other_mistakes_nor_invent_them() {
    check(
        "titel = \"t\"\n[dataset.ring]\nkind = ring\npoints = [1,\n",
        &[
            "1:1 unknown key `titel` | not a field of a pipeline | did you mean `title`?",
            "3:8 string values must be quoted | expected quotes | write text in double quotes",
            "4:13 unclosed array | expected `]`",
        ],
    );
    check("", &["1:1 a pipeline needs `title` | add `title = …`, a string"]);
    check(
        "a = 1\na = 2",
        &[
            "1:1 unknown key `a` | not a field of a pipeline",
            "2:1 duplicate key |  | a key may appear only once in a table, and a table only once in a file",
        ],
    );
}

#[test]
fn circles_and_wrong_targets_are_found() {
    let circle = "title = \"t\"\n[analysis.a]\nkind = \"compare\"\ncounts = [\"b\", \"c\"]\n[analysis.b]\nkind = \"compare\"\ncounts = [\"a\", \"c\"]\n[analysis.c]\nkind = \"compare\"\ncounts = [\"a\", \"b\"]\n";
    check(
        circle,
        &[
            "4:11 tables refer to one another in a circle: [analysis.a] → [analysis.b] → [analysis.a] | none of them could ever start",
        ],
    );
    let kinds =
        "[dataset.sq]\nkind = \"grid\"\nside = 2\n[analysis.m]\nkind = \"count\"\nmodel = \"sq\"\ndata = \"sq\"\n";
    check(
        &format!("{GOOD}{kinds}"),
        &[
            "18:9 there is no [train.sq] | `analysis.m.model` refers to it | [dataset.sq] exists, but `model` refers to a [train] table",
            "19:8 [dataset.sq] is of the wrong kind | expected a table of kind `ring`, this one is `grid`",
        ],
    );
    check(
        &format!("{GOOD}[dataset.\"a/b\"]\nkind = \"grid\"\nside = 2\n[dataset.Ring]\nkind = \"grid\"\nside = 300\n"),
        &[
            "13:10 `a/b` cannot be the name of a [dataset] table | names become file names: letters, digits, `_` and `-` only",
            "16:10 [dataset.ring] and [dataset.Ring] differ only in case | names become file names, and some systems cannot tell these apart",
            "18:8 `dataset.Ring.side` is 300 | expected a number ≤ 255",
        ],
    );
}

#[test]
fn settings_are_laid_over_the_file() {
    let good = [
        "train.a.epochs=5",
        "train.a.verbose=true",
        "dataset.ring.test = 0.25",
        "train.a.model[0].linear=7",
        "title=word",
        "seed=1",
    ];
    assert_eq!(findings(GOOD, &good), [""; 0]);
    let mut texts = Texts::new("p.toml", GOOD);
    good.iter().for_each(|setting| texts.set("--set", *setting));
    let document = document::read(&texts, &families(), &mut Report::default());
    let train = &document.tables[1].resolved;
    assert_eq!(train.to_string().lines().filter(|l| l.starts_with("epochs") || l.starts_with("verb")).count(), 2);
    assert_eq!(train["epochs"].as_integer(), Some(5));
    assert_eq!(train["model"][0]["linear"].as_integer(), Some(7));
    assert_eq!(document.header.unwrap().title, "word");
}

#[test]
fn wrong_settings_point_into_the_argument() {
    let cases = [
        ("train.a.epohcs=5", "1:9 unknown key `train.a.epohcs` | not a field of [train.a] | did you mean `epochs`?"),
        ("train.b.epochs=5", "1:7 there is no `train.b` to set | not in `train`"),
        ("trian.a.epochs=5", "1:1 there is no `trian` to set | not in this pipeline | did you mean `train`?"),
        ("train.a.model[9].linear=1", "1:14 `train.a.model` has 3 items, there is no number 9 | expected 0 to 2"),
        ("train.a.model[1].linear=1", "1:18 `train.a.model[1]` is a string | there is nothing inside it to set"),
        ("train.a.epochs", "1:1 `--set` needs a value | expected `path=value`"),
        ("train.a.epochs=", "1:16 this value cannot be read | expected a value after `=`"),
        ("train.a.epochs=ten", "1:16 `train.a.epochs` is the string \"ten\" | expected a whole number ≥ 1"),
        ("train.a.epochs=[1", "1:18 this value cannot be read | unclosed array, expected `]`"),
        ("train..epochs=1", "1:7 this path cannot be read | expected a name here"),
        ("seed=-3", "1:6 `seed` is -3 | expected a number ≥ 0"),
    ];
    for (setting, expected) in cases {
        assert_eq!(findings(GOOD, &[setting]), [expected], "{setting}");
    }
}

#[test]
fn no_mutation_of_a_file_makes_the_parser_panic() {
    // SplitMix64 (Steele, Lea, Flood 2014): small, seeded, enough for a test.
    let mut state = 1_u64;
    let mut next = |below: usize| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        ((z ^ (z >> 27)) >> 11) as usize % below
    };
    let pieces = [
        "[",
        "]",
        "{",
        "}",
        "=",
        "\"",
        "'",
        ".",
        ",",
        "\n",
        "[[",
        "\"\"\"",
        "1e999",
        "-",
        "µ",
        "\0",
        "\r",
        "\t",
        "kind",
        "#",
        "inf",
        "0x",
        "1979-05-27",
    ];
    for _ in 0..4000 {
        let mut file: Vec<char> = GOOD.chars().collect();
        for _ in 0..=next(4) {
            let at = next(file.len());
            match next(4) {
                0 => drop(file.remove(at)),
                1 => file.truncate(at.max(1)),
                2 => {
                    let end = (at + next(20)).min(file.len());
                    let part: Vec<char> = file[at..end].to_vec();
                    let to = next(file.len());
                    file.splice(to..to, part);
                }
                _ => drop(file.splice(at..at, pieces[next(pieces.len())].chars())),
            }
            if file.is_empty() {
                file.push('x');
            }
        }
        let file: String = file.into_iter().collect();
        let set: String = file.chars().skip(next(50)).take(20).collect();
        findings(&file, &[&set]);
    }
}

/// A chain of so many tables, each of which reads the one behind it and the one called `end`.
fn chain(n: usize, end: &str) -> String {
    let link = |i: usize| format!("[analysis.a{i}]\nkind = \"compare\"\ncounts = [\"a{}\", \"{end}\"]\n", i + 1);
    let count = |name: &str| format!("[analysis.{name}]\nkind = \"count\"\nmodel = \"a\"\n");
    (0..n).map(link).chain([count(&format!("a{n}")), count("b")]).collect()
}

#[test]
fn time_grows_with_the_file_and_not_with_its_square() {
    // At these sizes anything that goes through all tables for each table, or through the text for each mistake, takes minutes.
    let many = 3_000;
    assert_eq!(findings(&format!("{GOOD}{}", chain(many, "b")), &[]), [""; 0]);
    assert_eq!(findings(&format!("{GOOD}{}", chain(many, "a0")), &[]).len(), 1);
    let missing: String =
        (0..many).map(|i| format!("[analysis.c{i}]\nkind = \"count\"\nmodel = \"no{i}\"\n")).collect();
    assert_eq!(findings(&format!("{GOOD}{missing}"), &[]).len(), many);
    let lines = |line: fn(usize) -> String| (0..30_000).map(line).collect::<String>();
    assert_eq!(findings(&format!("title = \"t\"\n{}", lines(|i| format!("x = = {i}\n"))), &[]).len(), 30_000);
    let twice = lines(|i| format!("x{i} = 1\n"));
    // Each is unknown, and its second a duplicate.
    assert_eq!(findings(&format!("title = \"t\"\n{twice}{twice}"), &[]).len(), 60_000);
    assert_eq!(findings(&format!("title = \"t\"\n{twice}"), &[]).len(), 30_000);
}

#[test]
fn of_very_many_mistakes_the_first_are_shown_and_all_are_counted() {
    let file = format!("title = \"t\"\n{}", (0..1000).map(|i| format!("x = = {i}\n")).collect::<String>());
    let texts = Texts::new("p.toml", file);
    let mut report = Report::default();
    document::read(&texts, &families(), &mut report);
    let shown = report.render(&texts, false);
    assert_eq!((report.errors(), shown.matches("p.toml:").count()), (1000, 200));
    assert!(shown.ends_with("and 800 more, shown once these are mended\n\n"), "{shown}");
    // Of a line that is very long even fewer: each mistake in it would go through all of it.
    let model = "\"rela\", ".repeat(30_000);
    let texts = Texts::new("p.toml", GOOD.replace("model = [", &format!("model = [{model}")));
    let mut report = Report::default();
    document::read(&texts, &families(), &mut report);
    let shown = report.render(&texts, false);
    assert_eq!(shown.matches("p.toml:").count(), 5, "{shown}");
    assert!(shown.ends_with("and 29995 more, shown once these are mended\n\n"), "{shown}");
}
