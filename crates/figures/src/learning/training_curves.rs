//! Loss and accuracy over the epochs.

use analysis::{Planned, Results, Trained};
use datasets::Split;
use registry::{Config, Problems, TrainRef};
use rendering::{Axis, Dash, Figure, Key, Line, Panel, Scatter, Swatch, palette};
use training::Series;

use crate::{
    Animate, Column, Drawing, FigureError, FigureKind, Table, helpers::frames, helpers::frames::Shown, helpers::names,
    helpers::words,
};

/// Loss and accuracy of one or several training runs over their epochs.
///
/// Each run has a colour; the training split is solid, validation dashed, test dotted.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainingCurves {
    /// The training runs.
    pub models: Vec<TrainRef>,
    /// The splits of the data to show: `["test"]`. Default: all that are measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-formerly" = ["parts"]))]
    pub splits: Vec<Split>,
    /// Whether the loss is on a logarithmic axis. Default true.
    #[serde(default = "yes")]
    pub log: bool,
    /// Moves a dot along the curves, in step with other figures of the same snapshots: `{ every = 50, seconds = 8 }`. Default:
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animate: Option<Animate>,
}

fn yes() -> bool {
    true
}

impl Config for TrainingCurves {
    const KIND: &str = "training_curves";
    const EXAMPLE: &str = "models = [\"polynomial\", \"deep\"]\nlog = true";
}

impl FigureKind for TrainingCurves {
    fn check(&self, problems: &mut Problems) {
        problems.require(!self.models.is_empty(), "models", || "expected at least one training run".into());
        frames::check(None, self.animate.as_ref(), problems);
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let losses: Vec<_> = self.models.iter().filter_map(|m| Some((m, planned.model(m)?.loss))).collect();
        for (i, (name, loss)) in losses.iter().enumerate().skip(1) {
            let (first, first_loss) = &losses[0];
            problems.require(loss == first_loss, format!("models[{i}]"), || {
                let (a, b) = (first_loss.kind(), loss.kind());
                format!("the losses are not comparable: {} has {a}, and {} has {b}", first.0, name.0)
            });
        }
        for (i, split) in self.splits.iter().enumerate() {
            let missing = |name| planned.model(name)?.needs_split(*split);
            problems.note(format!("splits[{i}]"), self.models.iter().find_map(missing));
        }
        let Some(animate) = &self.animate else { return };
        for (name, model) in self.models.iter().filter_map(|name| Some((name, planned.model(name)?))) {
            if !problems.note("animate", model.needs_snapshots()) {
                animate.check_epochs(&format!("train.{}", name.0), &model.snapshots, problems);
            }
        }
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let runs = self.models.iter().map(|m| results.trained(m)).collect::<Result<Vec<_>, _>>()?;
        let unit = runs.first().map_or("loss", |r| r.fit.loss.unit());
        let loss_axis = Axis::new(unit);
        let mut loss =
            Panel::new(Axis::new("epoch").whole(), if self.log { loss_axis.log() } else { loss_axis }).title("Loss");
        let mut accuracy =
            Panel::new(Axis::new("epoch").whole(), Axis::new("accuracy (share of samples)")).title("Accuracy");
        let classifies = runs.iter().any(|r| r.fit.loss.classifies());
        let epochs = runs.iter().map(|r| r.fit.history.epochs()).max().unwrap_or(0);
        let shown = |split: &str| self.splits.is_empty() || self.splits.iter().any(|p| p.name() == split);
        // Everything of an epoch is drawn at its end: the first at 1.
        let mut table = Table::new("").column("epoch", Column::Counts((1..=epochs as u64).collect()));
        let padded = |values: &[f32]| {
            let mut values = values.to_vec();
            values.resize(epochs, f32::NAN);
            Column::Singles(values)
        };
        let mut splits: Vec<&str> = Vec::new();
        for (k, run) in runs.iter().enumerate() {
            for (split, series) in run.fit.history.splits().filter(|(split, _)| shown(split)) {
                let (dash, spoken) = dash_of(split, self.splits.len());
                if !splits.contains(&spoken) {
                    splits.push(spoken);
                }
                // Where several take the same way, the first show on both sides.
                let width = 2.0 + if runs.len() > 2 { 0.7 * (runs.len() - 1 - k) as f64 } else { 0.0 };
                let label = match runs.len() {
                    1 => (self.splits.len() != 1).then(|| spoken.to_owned()),
                    _ => (dash == Dash::Solid).then(|| run.name.clone()),
                };
                let line = |values: &[f32]| {
                    let points = values.iter().enumerate().map(|(e, v)| ((e + 1) as f64, f64::from(*v)));
                    let line = Line::new(points).color(palette::class(k)).width(width).dash(dash);
                    label.iter().fold(line, |line, label| line.label(names::display(label)))
                };
                loss = loss.mark(line(&series.loss));
                table = table.column(format!("{}.{split}.loss", run.name), padded(&series.loss));
                if !series.accuracy.is_empty() {
                    accuracy = accuracy.mark(line(&series.accuracy));
                    table = table.column(format!("{}.{split}.accuracy", run.name), padded(&series.accuracy));
                }
            }
        }
        let kept =
            |run: &&Trained| run.fit.snapshots.iter().map(|s| s.epoch).chain([run.fit.epoch]).collect::<Vec<_>>();
        let mut epochs: Vec<usize> = runs.iter().flat_map(kept).collect();
        epochs.sort_unstable();
        epochs.dedup();
        let shown = Shown::of("training", &epochs, None, self.animate.as_ref())?;
        if self.animate.is_some() {
            // The untrained model has no value: its dot waits at the first.
            let dots = |epoch: usize, of: fn(&Series) -> &Vec<f32>| {
                let of = |run: &&Trained| {
                    let values = of(&run.fit.history.train);
                    let at = epoch.saturating_sub(1).min(values.len().saturating_sub(1));
                    ((at + 1) as f64, values.get(at).map_or(f64::NAN, |v| f64::from(*v)))
                };
                Scatter::new(runs.iter().map(of)).classes(0..runs.len()).radius(5.0)
            };
            loss = shown.mark(loss, |i| dots(epochs[i], |s| &s.loss));
            accuracy = shown.mark(accuracy, |i| dots(epochs[i], |s| &s.accuracy));
        }
        // What was not learned from tells more, where every run has it.
        let everywhere = |split: &Split| {
            let shown = self.splits.is_empty() || self.splits.contains(split);
            shown && runs.iter().all(|run| run.fit.history.split(*split).is_some())
        };
        let split = [Split::Test, Split::Validation].into_iter().find(everywhere).unwrap_or(Split::Train);
        let of = samples_of(split, &self.splits);
        let ends: Vec<(&str, f64)> = runs
            .iter()
            .filter_map(|run| {
                let (series, epoch) = (run.fit.history.split(split)?, run.fit.epoch);
                let end = if classifies { series.accuracy_of(epoch) } else { series.loss_of(epoch) };
                Some((run.name.as_str(), f64::from(end?)))
            })
            .collect();
        let [title, reached] = told(&ends, classifies, of);
        let on = match self.splits[..] {
            [Split::Train] => " on the training split, with dropout leaving units out where there is any,".into(),
            [only] => format!(" on the {} split", only.name()),
            _ => String::new(),
        };
        let passing = match splits.contains(&"training") {
            true => {
                " Training values are means over the batches as they pass during the epoch; others are measured after it."
            }
            false => "",
        };
        let solid = match (runs.len() > 1, &splits[..]) {
            (true, [_, _, ..]) => {
                let split =
                    |split: &&str| format!("{}: {split}", DASHES.iter().find(|d| d.1 == *split).map_or("", |d| d.2));
                format!(" {}.", words::sentence(&splits.iter().map(split).collect::<Vec<_>>().join(", ")))
            }
            _ => String::new(),
        };
        let mut figure = Figure::new(id, title)
            .caption(format!(
                "Loss ({unit}{}){}{on} after each epoch of training. {reached}.{solid}{passing}{}",
                if self.log { ", on a logarithmic axis" } else { "" },
                if classifies { " and share of samples classified right" } else { "" },
                early(&runs)
            ))
            .panel(loss);
        if classifies {
            figure = figure.panel(accuracy).columns(2);
        }
        // Colours tell runs apart, and strokes the splits.
        if runs.len() > 1 && splits.len() > 1 {
            for (dash, split, _) in DASHES.into_iter().filter(|(_, split, _)| splits.contains(split)) {
                figure = figure.key(Key::new(split, Swatch::Line { color: palette::INK, width: 2.0, dash }));
            }
        }
        Ok(Drawing { figure: shown.animate(figure), tables: vec![table], arrays: Vec::new() })
    }
}

/// How each split is drawn, called, and its stroke called.
const DASHES: [(Dash, &str, &str); 3] =
    [(Dash::Solid, "training", "solid"), (Dash::Dashed, "validation", "dashed"), (Dash::Dotted, "test", "dotted")];

/// How a split of this name is drawn, and what it is called; one split alone needs no telling apart.
fn dash_of(split: &str, asked: usize) -> (Dash, &'static str) {
    let of = match split {
        "train" => 0,
        "validation" => 1,
        _ => 2,
    };
    (if asked == 1 { Dash::Solid } else { DASHES[of].0 }, DASHES[of].1)
}

/// Where the runs end: in the title the best and the worst of many, in the caption all.
fn told(ends: &[(&str, f64)], classifies: bool, of: &str) -> [String; 2] {
    let value = |v: f64| if classifies { words::percent(v) } else { words::quantity(v) };
    let each: Vec<String> = ends.iter().map(|(name, v)| format!("{name} {}", value(*v))).collect();
    let each = words::list(&each);
    let all = match classifies {
        true => format!("Classified right at the end, of the {of}samples: {each}"),
        false => format!("The {of}loss at the end: {each}"),
    };
    let better =
        |a: &&(&str, f64), b: &&(&str, f64)| if classifies { b.1.total_cmp(&a.1) } else { a.1.total_cmp(&b.1) };
    let title = match ends {
        [] => "Nothing was measured".to_owned(),
        [(name, v)] if classifies => format!("{name} classifies {} of the {of}samples right", value(*v)),
        [(name, v)] => format!("{name} reaches a {of}loss of {}", value(*v)),
        [(a, v), (b, w)] if classifies => {
            format!("{a} classifies {} of the {of}samples right, {b} {}", value(*v), value(*w))
        }
        [(a, v), (b, w)] => format!("{a} reaches a {of}loss of {}, {b} one of {}", value(*v), value(*w)),
        // Neither is nothing: there are more than two.
        many => match (many.iter().min_by(better), many.iter().max_by(better)) {
            (Some(best), Some(worst)) if classifies => format!(
                "{} classifies most {of}samples right ({}), {} fewest ({})",
                best.0,
                value(best.1),
                worst.0,
                value(worst.1)
            ),
            (Some(best), Some(worst)) => format!(
                "{} reaches the lowest {of}loss ({}), {} the highest ({})",
                best.0,
                value(best.1),
                worst.0,
                value(worst.1)
            ),
            _ => String::new(),
        },
    };
    [words::sentence(&title), all]
}

/// "test " of "test samples"; nothing where no split was asked for and none but the training split is there.
fn samples_of(split: Split, asked: &[Split]) -> &'static str {
    match split {
        Split::Train if asked.is_empty() => "",
        Split::Train => "training ",
        Split::Validation => "validation ",
        Split::Test => "test ",
    }
}

/// Which runs ended early or left another epoch's model than their last, in words.
fn early(runs: &[&Trained]) -> String {
    let mut text = String::new();
    for run in runs {
        let (name, epochs, epoch) = (&run.name, run.fit.history.epochs(), run.fit.epoch);
        if epochs < run.config.epochs {
            text += &format!(" {name} stopped early, after {}.", words::epochs(epochs));
        }
        if epoch < epochs {
            text += &format!(" Of {name} the best model is kept, that of epoch {epoch}.");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_tells_one_two_or_the_ends_of_many() {
        let runs = [("a", 0.5), ("b", 0.25), ("c", 0.75)];
        let title = |n: usize, classifies: bool| told(&runs[..n], classifies, "test ")[0].clone();
        assert_eq!(title(1, true), "A classifies 50.0% of the test samples right");
        assert_eq!(title(2, true), "A classifies 50.0% of the test samples right, b 25.0%");
        assert_eq!(title(3, true), "C classifies most test samples right (75.0%), b fewest (25.0%)");
        assert_eq!(title(1, false), "A reaches a test loss of 0.50");
        assert_eq!(title(2, false), "A reaches a test loss of 0.50, b one of 0.25");
        assert_eq!(title(3, false), "B reaches the lowest test loss (0.25), c the highest (0.75)");
        assert_eq!(
            told(&runs, true, "")[1],
            "Classified right at the end, of the samples: a 50.0%, b 25.0% and c 75.0%"
        );
        assert_eq!(told(&[], true, "")[0], "Nothing was measured");
    }
}
