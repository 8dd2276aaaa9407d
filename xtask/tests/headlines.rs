//! Headlines against the numbers beside them: what the title of every shipped figure says is found again in its own tables.
//!
//! For each kind of figure there is here what its tables say the title has to say, computed anew, in the title's order: words
//! that must be there, and numbers, right to the last digit shown. A number that is not accounted for is an error, too. Kinds
//! whose titles only name what is drawn are listed as such.

mod several;
mod tables;
mod text;

use std::collections::BTreeMap;
use std::path::Path;

use libtest_mimic::{Failed, Trial};

use tables::Table;
use text::{after_word, class, next_number, unit};

/// Kinds whose titles state nothing: they name what is seen.
const NAMES: [&str; 8] = [
    "activation_drift",
    "activation_histograms",
    "attribution",
    "class_images",
    "filters",
    "sample_sheet",
    "unit_heatmap",
    "unit_maps",
];

pub fn trials() -> Vec<Trial> {
    trials![numbers_are_read_to_their_last_digit, words_are_found_in_every_spelling]
}

fn numbers_are_read_to_their_last_digit() {
    let of = |text: &str| next_number(text).map(|(number, half, rest)| (number, half as f32, rest));
    assert_eq!(of("has 1,360 pieces"), Some((1360.0, 0.5, " pieces".to_owned())));
    assert_eq!(of("falls to 1.8×10⁻⁴."), Some((1.8e-4, 0.5e-5, ".".to_owned())));
    assert_eq!(of("92.5%, so"), Some((92.5, 0.05, "%, so".to_owned())));
    assert_eq!(of("none"), None);
}

fn words_are_found_in_every_spelling() {
    assert_eq!(after_word("Batch norm (92.6%)", "batch_norm").as_deref(), Some(" (92.6%)"));
    assert_eq!(after_word("selective: S = 0.6", "S").as_deref(), Some(" = 0.6"));
    assert_eq!(after_word("Dropout", "drop"), None);
}

/// Checks the headline of every figure of a run.
pub fn check(run: &Path) -> Result<(), Failed> {
    let settings = std::fs::read_to_string(run.join("resolved.toml"))?;
    let settings: toml::Table = settings.parse()?;
    let figures = settings.get("figure").and_then(toml::Value::as_table);
    let wrong: Vec<String> = figures
        .into_iter()
        .flatten()
        .filter_map(|(name, table)| {
            let kind = table["kind"].as_str().unwrap();
            let figure = Figure { folder: &run.join("figures"), name, table: table.as_table().unwrap() };
            let title = figure.title()?;
            let wrong = figure.against(kind, &title).err()?;
            Some(format!("{name} ({kind}): {wrong}\n  title: {title}"))
        })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// A figure of a run.
struct Figure<'a> {
    folder: &'a Path,
    name: &'a str,
    table: &'a toml::Table,
}

/// What a title says.
enum Said {
    Word(String),
    Number(f64),
}

fn word(word: impl Into<String>) -> Said {
    Said::Word(word.into())
}

use Said::Number;

fn percent(share: f64) -> Said {
    Number(100.0 * share)
}

impl Figure<'_> {
    /// The headline; none of a figure that was not drawn (measured seconds lie apart).
    fn title(&self) -> Option<String> {
        let svg = std::fs::read_to_string(self.folder.join(format!("{}.svg", self.name))).ok()?;
        let title = svg.split("<title").nth(1)?.split_once('>')?.1.split("</title>").next()?;
        Some(title.replace("&quot;", "\"").replace("&apos;", "'").replace("&lt;", "<").replace("&amp;", "&"))
    }

    fn table(&self, name: &str) -> Table {
        let dot = if name.is_empty() { "" } else { "." };
        let path = self.folder.join(format!("{}{dot}{name}.csv", self.name));
        Table::read(&path)
    }

    /// The names of the tables beside the first one.
    fn tables(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        let own = |file: String| Some(file.strip_prefix(&format!("{}.", self.name))?.strip_suffix(".csv")?.to_owned());
        let mut names: Vec<String> = names.filter_map(own).collect();
        names.sort();
        names
    }

    fn setting(&self, name: &str) -> Option<&str> {
        self.table.get(name)?.as_str()
    }

    fn settings(&self, name: &str) -> Vec<&str> {
        self.table[name].as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect()
    }

    /// Whether the best model of a training run is kept rather than the last.
    fn keeps_best(&self, model: &str) -> bool {
        let settings = std::fs::read_to_string(self.folder.join("../resolved.toml")).unwrap_or_default();
        let settings: toml::Table = settings.parse().unwrap_or_default();
        let keep = || settings.get("train")?.get(model)?.get("keep")?.as_str();
        keep() == Some("best")
    }

    /// Whether the title says what it has to, and no other number.
    fn against(&self, kind: &str, title: &str) -> Result<(), String> {
        let mut rest = title.to_owned();
        for said in self.said(kind, title)? {
            rest = match said {
                Said::Word(word) => after_word(&rest, &word).ok_or(format!("{word:?} is expected, in {rest:?}"))?,
                Number(number) => {
                    let (found, half, after) =
                        next_number(&rest).ok_or(format!("no number where {number} is expected"))?;
                    let near = (found.abs() - number.abs()).abs() <= half * (1.0 + 1e-6) + 1e-12 * number.abs();
                    if !near {
                        return Err(format!("{found} where the tables have {number}"));
                    }
                    after
                }
            };
        }
        match next_number(&rest) {
            Some((number, _, _)) if !NAMES.contains(&kind) => Err(format!("{number} is not in the tables")),
            _ => Ok(()),
        }
    }

    /// What the tables have to say in the title.
    #[allow(clippy::too_many_lines, reason = "a list of kinds")]
    fn said(&self, kind: &str, title: &str) -> Result<Vec<Said>, String> {
        let first = || self.table("");
        Ok(match kind {
            _ if NAMES.contains(&kind) => Vec::new(),
            "ablation" | "unit_cards" | "neuron_confusion" | "neuron_scaling" => self.harm(kind, title),
            "ablation_pairs" => {
                let t = first();
                let most = t.greatest("interaction");
                vec![
                    word(unit(t.word("unit", most))),
                    word(unit(t.word("other", most))),
                    percent(t.number("interaction", most)),
                ]
            }
            "basis_contributions" if title.contains("learn") => vec![Number(first().distinct("unit").len() as f64)],
            "basis_contributions" => {
                let samples = self.table("samples");
                let wanted = if samples.has("truth") { "truth" } else { "target" };
                let squares =
                    samples.numbers("sum").into_iter().zip(samples.numbers(wanted)).map(|(a, b)| (a - b) * (a - b));
                vec![Number(first().len() as f64), Number(mean(squares.collect()))]
            }
            "basis_sum" => {
                let errors = self.table("sums").numbers("mean_squared_error");
                let all = errors.len() - 1;
                let (shown, _, _) = next_number(title).ok_or("no number")?;
                vec![Number(shown), Number(all as f64), Number(errors[shown as usize]), Number(errors[all])]
            }
            "calibration" => {
                let t = first();
                let n = t.numbers("samples");
                let of =
                    |head| n.iter().zip(t.numbers(head)).filter(|(n, _)| **n > 0.0).map(|(n, v)| n * v).sum::<f64>();
                let [confidence, right] = ["mean.confidence", "accuracy"].map(|head| of(head) / n.iter().sum::<f64>());
                let sure = if confidence > right { "too sure" } else { "more often than it says" };
                vec![word(sure), percent(confidence), percent(right)]
            }
            "class_intensity" if title.contains("deviation") => Vec::new(),
            "class_intensity" => {
                let t = first();
                let [most, least] = [t.greatest("mean"), t.least("mean")].map(|row| class(t.word("class", row)));
                vec![word(most), word("most ink"), word(least)]
            }
            "class_scores" => {
                let t = first();
                let of = |row| [word(class(t.word("class", row))), percent(t.number("recall", row))];
                of(t.greatest("recall")).into_iter().chain(of(t.least("recall"))).collect()
            }
            "confidence" => {
                let t = first();
                let models = t.heads.iter().filter_map(|head| head.strip_suffix(".mean"));
                models.flat_map(|m| [word(m), percent(t.last(&format!("{m}.mean")))]).collect()
            }
            "confusion_matrix" if self.setting("minus").is_some() => {
                let [after, before] = ["after", "before"].map(|name| self.table(name).accuracy());
                epochs_in(title).into_iter().chain([percent(after - before)]).collect()
            }
            "confusion_matrix" => {
                let t = first();
                let (total, right) = (t.samples(), t.right());
                let (truth, taken, n) = t.worst();
                let worst = [word(truth), word(taken)].into_iter().chain(times(n));
                [Number(right), Number(total), percent(right / total)].into_iter().chain(worst).collect()
            }
            "decision_regions" => {
                let t = first();
                t.heads[1..].iter().flat_map(|model| [word(model), percent(t.last(model))]).collect()
            }
            "epochs_to_accuracy" => {
                let t = first();
                let reached = t.numbers("reached_in");
                let least = reached[1..].iter().copied().fold(f64::INFINITY, f64::min);
                let quickest = (1..t.len()).filter(|row| reached[*row] == least).map(|row| word(t.word("model", row)));
                let goal = [Number(least), word(t.word("model", 0)), Number(t.number("epochs", 0))];
                quickest.chain(goal).collect()
            }
            "feature_maps" => {
                let t = first();
                let [own, predicted] = ["class", "predicted"].map(|head| word(t.word(head, 0)));
                // Only a whole is 100%.
                let share = t.number("probability", 0);
                let shown = if share < 1.0 { share.min(0.999) } else { share };
                vec![Number(t.number("sample", 0)), own, predicted, percent(shown)]
            }
            "feature_space" => {
                let (t, lines) = (first(), self.table("separators"));
                let units = &t.heads[2..];
                let score = |row: usize| {
                    let terms = units.iter().map(|unit| lines.number(unit, 0) * t.number(unit, row));
                    terms.sum::<f64>() + lines.number("bias", 0)
                };
                let right = (0..t.len()).filter(|&row| (score(row) > 0.0) == (t.number("side", row) == 1.0)).count();
                let shape = if units.len() == 2 { "line" } else { "plane" };
                let epochs = epochs_in(title);
                epochs.into_iter().chain([word(shape), Number(right as f64), Number(t.len() as f64)]).collect()
            }
            "fit_errors" => {
                let t = first();
                let widest = t.heads.last().unwrap();
                let most = t.greatest(widest);
                vec![
                    Number(widest.parse().unwrap()),
                    Number(t.number(widest, most)),
                    word("x"),
                    Number(t.number("x", most)),
                ]
            }
            "fits" => {
                let losses = self.table("losses");
                let of = |row| (losses.number(&losses.heads[0], row), losses.number("median.loss", row));
                let ((from, start), (to, end)) = (of(0), of(losses.len() - 1));
                let way = if end < start { "falls" } else { "rises" };
                vec![word(way), Number(start), Number(from), Number(end), Number(to)]
            }
            "folded_grid" if title.contains("learns") => Vec::new(),
            "folded_grid" => {
                let accuracy = self.table("probe").numbers("accuracy");
                vec![percent(accuracy[0]), percent(accuracy[accuracy.len() - 1])]
            }
            "gradient_check" => {
                let t = first();
                let most = |head| t.number(head, t.greatest(head));
                // f64 and f32 are names.
                vec![Number(most("error_f64")), word("f64"), Number(most("error_f32")), word("f32")]
            }
            "gradient_norms" => {
                let mut said = Vec::new();
                for name in [String::new()].into_iter().chain(self.tables()) {
                    let t = self.table(&name);
                    let (from, to, ratio) = growth(&t);
                    let epochs = t.numbers("epoch");
                    said.extend([Number(ratio), word("epochs"), Number(epochs[from]), Number(epochs[to])]);
                }
                said
            }
            "image_sheet" => {
                let t = first();
                let right = (0..t.len()).filter(|row| t.word("class", *row) == t.word("predicted", *row)).count();
                vec![Number(right as f64), Number(t.len() as f64)]
            }
            "intervention" => {
                let what = title.rsplit_once("accuracy goes").ok_or("no accuracy")?.0;
                let [before, after] = [first(), self.table("after")].map(|t| t.accuracy());
                vec![word(what), percent(before), percent(after)]
            }
            "kink_migration" => {
                let t = first();
                let data = self.table("data");
                let (lo, hi) = (data.number("from", 0), data.number("to", 0));
                let inside = |row| {
                    let kinks = t.heads[1..].iter().map(|unit| t.number(unit, row));
                    kinks.filter(|kink| lo < *kink && *kink < hi).count() as f64
                };
                vec![Number(inside(0)), Number(inside(t.len() - 1))]
            }
            "layer_cuts" => {
                let t = first();
                let layer = |head: &String| head.split('.').next().unwrap().to_owned();
                t.heads[1..].iter().flat_map(|head| [Number(t.last(head)), word(layer(head))]).collect()
            }
            "learning_rates" => {
                let t = first();
                let best = (0..t.len()).filter(|row| t.number("best", *row) == 1.0);
                if let Some(row) = best.clone().find(|row| t.number("own", *row) != 1.0) {
                    return Err(format!(
                        "{} does not run at its best rate, and the title says so",
                        t.word("model", row)
                    ));
                }
                let mut seen = BTreeMap::new();
                let fresh = |row: &usize| seen.insert(t.word("model", *row).to_owned(), ()).is_none();
                let rows: Vec<usize> = best.filter(fresh).collect();
                rows.into_iter().flat_map(|row| [word(t.word("model", row)), Number(t.number("rate", row))]).collect()
            }
            "linear_regions" => {
                let t = first();
                vec![Number(t.len() as f64), Number(t.numbers("patterns").iter().sum())]
            }
            "loss_surface" => {
                let loss = first().numbers("loss.on_surface");
                let way = if loss[loss.len() - 1] < loss[0] { "down" } else { "up" };
                vec![Number(loss[0]), word(way), Number(loss[loss.len() - 1])]
            }
            "misclassified" if self.setting("by") == Some("pair") => {
                let (truth, taken, n) = self.table("confusion").worst();
                [word(truth), word(taken)].into_iter().chain(times(n)).collect()
            }
            "misclassified" => {
                let all = self.table("confusion");
                let wrong = all.samples() - all.right();
                vec![Number(wrong), Number(all.samples()), Number(first().len() as f64)]
            }
            "network" => {
                let t = first();
                let input =
                    (0..t.len()).filter(|row| t.word("layer", *row) == "x").map(|row| Number(t.number("a", row)));
                epochs_in(title).into_iter().chain(input).chain([Number(t.last("a"))]).collect()
            }
            "optimization_trajectories" => {
                let t = self.table("ends");
                let of = |row| [word(t.word("model", row)), Number(t.number("distance.from.start", row))];
                of(t.greatest("distance.from.start")).into_iter().chain(of(t.least("distance.from.start"))).collect()
            }
            "output_map" => {
                let t = first();
                let level = next_number(title).ok_or("no level")?.0;
                let of = |row| {
                    [word(t.word("model", row)), Number(t.number("right", row)), Number(t.number("samples", row))]
                };
                [Number(level), Number(t.number("epoch", 0))].into_iter().chain((0..t.len()).flat_map(of)).collect()
            }
            "pixel_histogram" if title.contains("by class") => Vec::new(),
            "pixel_histogram" => {
                let pixels = first();
                let blank = pixels.number("pixels", 0) / pixels.numbers("pixels").iter().sum::<f64>();
                vec![percent(blank), word("first 1,000 pictures")]
            }
            "probe_accuracy" => {
                let t = first();
                let judged = if title.contains("test") { "test.accuracy" } else { "train.accuracy" };
                vec![percent(t.number(judged, 0)), percent(t.last(judged))]
            }
            "samples" => {
                let t = first();
                vec![Number(t.len() as f64), Number(t.distinct("class").len() as f64)]
            }
            "selectivity" => {
                let tables = self.tables();
                let t = self.table(tables.last().unwrap());
                let answers = |row: &usize| t.word("silent", *row) == "no";
                let s = |row: &usize| t.number("selectivity", *row);
                let by = |a: &usize, b: &usize| s(a).total_cmp(&s(b));
                let rows = || (0..t.len()).filter(answers);
                let (most, least) = (rows().max_by(by).ok_or("no unit answers")?, rows().min_by(by).unwrap());
                let node: String = tables.last().unwrap().chars().filter(char::is_ascii_digit).collect();
                let of = |row: usize| {
                    let name = word(format!("unit {}", t.word("unit", row)));
                    [name, word(class(t.word("class", row))), word("S"), Number(s(&row))]
                };
                [word(format!("layer {node}"))].into_iter().chain(of(most)).chain(of(least)).collect()
            }
            "starts" => {
                let t = first();
                let axis = t.heads[0].clone();
                let of = |value: String| {
                    let own = (0..t.len()).filter(|row| t.word(&axis, *row) == value);
                    let solved = own.clone().filter(|row| t.number("solved", *row) == 1.0).count();
                    [Number(solved as f64), Number(own.count() as f64), word(value)]
                };
                t.distinct(&axis).into_iter().flat_map(of).collect()
            }
            "sweep_curve" => self.sweep(title),
            "sweep_differences" => self.differences(),
            "time_to_loss" => {
                let t = first();
                let steps = |head: &String| (0..t.len()).map(|row| t.number(head, row)).fold(f64::INFINITY, f64::min);
                let loss = |head: &&String| head.rsplit('_').next().unwrap().parse::<f64>().unwrap();
                let reached = t.heads[1..].iter().filter(|head| steps(head).is_finite());
                let lowest = reached.min_by(|a, b| loss(a).total_cmp(&loss(b))).ok_or("no loss is reached")?;
                let first = (0..t.len()).filter(|row| t.number(lowest, *row) == steps(lowest));
                let first = first.map(|row| word(t.word("model", row)));
                first.chain([Number(loss(&lowest)), Number(steps(lowest))]).collect()
            }
            "training_curves" => self.curves(title),
            "truth_table" => self.outputs(title)?,
            "unit_health" => self.deaths(title)?,
            "unit_ranking" => self.agreement(),
            "update_sizes" => {
                let mut tables: Vec<(f64, String)> = [String::new()]
                    .into_iter()
                    .chain(self.tables())
                    .map(|name| {
                        let t = self.table(&name);
                        let ratios = t.heads.iter().filter(|head| head.ends_with(".update_ratio"));
                        (mean(ratios.flat_map(|head| t.numbers(head)).collect()), name)
                    })
                    .collect();
                tables.sort_by(|a, b| b.0.total_cmp(&a.0));
                match tables.as_slice() {
                    [(only, _)] => vec![percent(*only)],
                    [(most, _), .., (least, _)] => vec![percent(*most), percent(*least)],
                    [] => Vec::new(),
                }
            }
            "walk" => {
                let t = first();
                let last = t.len() - 1;
                let (layer, filter) = t.word("unit", last).split_once(".pre[").unwrap();
                let layer: f64 = layer.trim_start_matches("conv").parse().unwrap();
                let [row, column, value] = ["row", "column", "value"].map(|head| Number(t.number(head, last)));
                vec![Number(filter.trim_end_matches(']').parse().unwrap()), Number(layer), row, column, value]
            }
            "width_error" => {
                let (t, knots) = (first(), self.table("knots"));
                let widest = t.greatest("width");
                let width = t.number("width", widest);
                let same = (0..knots.len()).find(|row| knots.number("knots", *row) == width).ok_or("no such knots")?;
                vec![
                    Number(width),
                    Number(t.number("loss.least", widest)),
                    Number(width),
                    Number(knots.number("free_knots", same)),
                ]
            }
            _ => return Err("this kind is not known here: say what its tables have to say in its title".into()),
        })
    }
}

/// "3 times", "once".
fn times(n: f64) -> Option<Said> {
    Some(if n == 1.0 { word("once") } else { Number(n) })
}

/// The epoch that a title names: of the pipeline's, not of the tables.
fn epochs_in(title: &str) -> Vec<Said> {
    let mut rest = title.to_owned();
    let mut said = Vec::new();
    while let Some((number, _, after)) = next_number(&rest) {
        if after.trim_start().starts_with("epoch") {
            said.push(Number(number));
        }
        rest = after;
    }
    said
}

/// The greatest growth of the gradient of all parameters: from which row, to which, by which factor.
fn growth(t: &Table) -> (usize, usize, f64) {
    let length = |row: usize| t.heads[1..].iter().map(|h| t.number(h, row) * t.number(h, row)).sum::<f64>().sqrt();
    let pairs = (0..t.len()).flat_map(|to| (0..to).map(move |from| (from, to)));
    let ratios = pairs.map(|(from, to)| (from, to, length(to) / length(from)));
    ratios.max_by(|a, b| a.2.total_cmp(&b.2)).unwrap()
}

fn mean(values: Vec<f64>) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
