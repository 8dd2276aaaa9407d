//! Loss and accuracy over the epochs.

use analysis::{Context, Planned, Trained};
use registry::{Config, Problems, TrainRef};
use rendering::{Axis, Dash, Figure, Line, Panel, Scatter, palette};
use training::{Part, Series};

use crate::{Animate, Column, Drawing, FigureError, FigureKind, Table, words};

/// Loss and accuracy of one or several training runs over their epochs.
///
/// Each run has a colour; the training part is solid, validation dashed, test dotted.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainingCurves {
    /// The training runs.
    pub models: Vec<TrainRef>,
    /// The parts of the data to show: `["test"]`. Default: all that are measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Whether the loss is on a logarithmic axis. Default true.
    #[serde(default = "yes")]
    pub log: bool,
    /// Moves a dot along the curves, in step with other figures of the same moments: `{ every = 50, seconds = 8 }`. Default: none.
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
        if let Some(animate) = &self.animate {
            animate.check(problems);
        }
    }

    fn check_against(&self, planned: &dyn Planned, problems: &mut Problems) {
        let losses: Vec<_> = self.models.iter().filter_map(|m| Some((m, planned.model(m)?.loss))).collect();
        for (i, (name, loss)) in losses.iter().enumerate().skip(1) {
            let (first, first_loss) = &losses[0];
            problems.require(loss == first_loss, format!("models[{i}]"), || {
                let (a, b) = (first_loss.kind(), loss.kind());
                format!("the losses are not comparable: {} has {a}, and {} has {b}", first.0, name.0)
            });
        }
        for (i, part) in self.parts.iter().enumerate() {
            let missing = |name| planned.model(name)?.needs_part(name, Some(*part));
            if let Some((message, help)) = self.models.iter().find_map(missing) {
                problems.add_with_help(format!("parts[{i}]"), message, help);
            }
        }
        if let Some(animate) = &self.animate {
            animate.check_against(&self.models, planned, problems);
        }
    }

    fn draw(&self, id: &str, context: &dyn Context) -> Result<Drawing, FigureError> {
        let runs = self.models.iter().map(|m| context.trained(m)).collect::<Result<Vec<_>, _>>()?;
        let unit = runs.first().map_or("loss", |r| r.fit.loss.unit());
        let loss_axis = Axis::new(unit);
        let mut loss =
            Panel::new(Axis::new("epoch").whole(), if self.log { loss_axis.log() } else { loss_axis }).title("Loss");
        let mut accuracy =
            Panel::new(Axis::new("epoch").whole(), Axis::new("accuracy (share of samples)")).title("Accuracy");
        let classifies = runs.iter().any(|r| r.fit.loss.classifies());
        let epochs = runs.iter().map(|r| r.fit.history.epochs()).max().unwrap_or(0);
        let shown = |part: &str| self.parts.is_empty() || self.parts.iter().any(|p| p.name() == part);
        // The training part is measured on the way through an epoch, the others at its end.
        let starts = |part: &str| usize::from(part != "train");
        let drawn = runs.iter().flat_map(|run| run.fit.history.parts()).filter(|(part, _)| shown(part));
        let rows = epochs + drawn.map(|(part, _)| starts(part)).max().unwrap_or(0);
        let mut table = Table::new("").column("epoch", Column::Counts((0..rows as u64).collect()));
        let padded = |values: &[f32], start: usize| {
            let mut values = [&[f32::NAN; 1][..start], values].concat();
            values.resize(rows, f32::NAN);
            Column::Singles(values)
        };
        for (k, run) in runs.iter().enumerate() {
            for (part, series) in run.fit.history.parts().filter(|(part, _)| shown(part)) {
                let (dash, label) = match part {
                    // One part alone needs no telling apart.
                    _ if self.parts.len() == 1 => (Dash::Solid, run.name.clone()),
                    "train" => (Dash::Solid, run.name.clone()),
                    "validation" => (Dash::Dashed, format!("{}, validation", run.name)),
                    _ => (Dash::Dotted, format!("{}, test", run.name)),
                };
                let start = starts(part);
                let line = |values: &[f32]| {
                    let points: Vec<(f64, f64)> =
                        values.iter().enumerate().map(|(e, v)| ((e + start) as f64, f64::from(*v))).collect();
                    Line::new(points).color(palette::class(k)).dash(dash).label(label.clone())
                };
                loss = loss.mark(line(&series.loss));
                table = table.column(format!("{}.{part}.loss", run.name), padded(&series.loss, start));
                if !series.accuracy.is_empty() {
                    accuracy = accuracy.mark(line(&series.accuracy));
                    table = table.column(format!("{}.{part}.accuracy", run.name), padded(&series.accuracy, start));
                }
            }
        }
        let moments: Vec<usize> =
            self.animate.iter().flat_map(|a| a.moments(&runs)).map(|moment| moment.epoch).collect();
        if self.animate.is_some() {
            // The first value of a curve is what there was after one epoch: the untrained model has none, and shares it.
            let dots = |epoch: usize, of: fn(&Series) -> &Vec<f32>| {
                let of = |run: &&Trained| {
                    let values = of(&run.fit.history.train);
                    let at = epoch.saturating_sub(1).min(values.len().saturating_sub(1));
                    (at as f64, values.get(at).map_or(f64::NAN, |v| f64::from(*v)))
                };
                Scatter::new(runs.iter().map(of)).classes(0..runs.len()).radius(5.0)
            };
            loss = loss.frames(moments.iter().map(|e| dots(*e, |s| &s.loss)));
            accuracy = accuracy.frames(moments.iter().map(|e| dots(*e, |s| &s.accuracy)));
        }
        // What was not learned from tells more, where every run has it.
        let everywhere = |part: &Part| {
            let shown = self.parts.is_empty() || self.parts.contains(part);
            shown && runs.iter().all(|run| run.fit.history.part(*part).is_some())
        };
        let part = [Part::Test, Part::Validation].into_iter().find(everywhere).unwrap_or(Part::Train);
        let of = samples_of(part, &self.parts);
        // What is the same for many is said once.
        let many = runs.len() > 2;
        let ends: Vec<String> = runs
            .iter()
            .map(|run| {
                let (series, epoch) = (run.fit.history.part(part), run.fit.epoch);
                let end = match series.map(|s| (s.accuracy_of(epoch), s.loss_of(epoch))) {
                    Some((Some(a), _)) if many => words::percent(f64::from(a)),
                    Some((Some(a), _)) => format!("{} of the {of}samples", words::percent(f64::from(a))),
                    Some((None, Some(l))) => format!("a {of}loss of {}", words::quantity(f64::from(l))),
                    _ => "nothing".into(),
                };
                format!("{} {end}", run.name)
            })
            .collect();
        let ends = words::list(&ends.iter().map(String::as_str).collect::<Vec<_>>());
        let ends = if many && classifies { format!("{ends} of the {of}samples") } else { ends };
        let on = match self.parts[..] {
            [Part::Train] => " on the training part, in passing, where dropout leaves units out,".into(),
            [only] => format!(" on the {} part", only.name()),
            _ => String::new(),
        };
        let mut figure = Figure::new(id, format!("{}: {ends}", if classifies { "Learned" } else { "Reached" }))
            .caption(format!(
                "Loss ({unit}){}{on} after each epoch of training: {ends}.{}",
                if classifies { " and share of samples classified right" } else { "" },
                early(&runs)
            ))
            .panel(loss);
        if classifies {
            figure = figure.panel(accuracy).columns(2);
        }
        if let Some(animate) = &self.animate {
            figure = figure.animate(animate.animation(moments));
        }
        Ok(Drawing { figure, tables: vec![table], arrays: Vec::new() })
    }
}

/// "test " of "test samples"; nothing where no part was asked for and none but the training part is there.
fn samples_of(part: Part, asked: &[Part]) -> &'static str {
    match part {
        Part::Train if asked.is_empty() => "",
        Part::Train => "training ",
        Part::Validation => "validation ",
        Part::Test => "test ",
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
