//! Loss and accuracy over the epochs.

use analysis::{Context, Planned, Trained};
use registry::{Config, Problems, TrainRef};
use rendering::{Axis, Dash, Figure, Line, Panel, Scatter, palette};
use training::Series;

use crate::{Animate, Column, Drawing, FigureError, FigureKind, Table, words};

/// Loss and accuracy of one or several training runs over their epochs.
///
/// Each run has a colour; the training part is solid, validation dashed, test dotted.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainingCurves {
    /// The training runs.
    pub models: Vec<TrainRef>,
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
        let mut table = Table::new("").column("epoch", Column::Counts((0..epochs as u64).collect()));
        let padded = |values: &[f32]| {
            let mut values = values.to_vec();
            values.resize(epochs, f32::NAN);
            Column::Singles(values)
        };
        for (k, run) in runs.iter().enumerate() {
            for (part, series) in run.fit.history.parts() {
                let (dash, label) = match part {
                    "train" => (Dash::Solid, run.name.clone()),
                    "validation" => (Dash::Dashed, format!("{}, validation", run.name)),
                    _ => (Dash::Dotted, format!("{}, test", run.name)),
                };
                let line = |values: &[f32]| {
                    let points: Vec<(f64, f64)> =
                        values.iter().enumerate().map(|(e, v)| (e as f64, f64::from(*v))).collect();
                    Line::new(points).color(palette::class(k)).dash(dash).label(label.clone())
                };
                loss = loss.mark(line(&series.loss));
                table = table.column(format!("{}.{part}.loss", run.name), padded(&series.loss));
                if !series.accuracy.is_empty() {
                    accuracy = accuracy.mark(line(&series.accuracy));
                    table = table.column(format!("{}.{part}.accuracy", run.name), padded(&series.accuracy));
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
        // What is the same for many is said once.
        let many = runs.len() > 2;
        let ends: Vec<String> = runs
            .iter()
            .map(|run| {
                let series = &run.fit.history.train;
                let end = match (series.accuracy.last(), series.loss.last()) {
                    (Some(a), _) if many => words::percent(f64::from(*a)),
                    (Some(a), _) => format!("{} of the samples", words::percent(f64::from(*a))),
                    (None, Some(l)) => format!("a loss of {}", words::quantity(f64::from(*l))),
                    (None, None) => "nothing".into(),
                };
                format!("{} {end}", run.name)
            })
            .collect();
        let ends = words::list(&ends.iter().map(String::as_str).collect::<Vec<_>>());
        let ends = if many && classifies { format!("{ends} of the samples") } else { ends };
        let mut figure = Figure::new(id, format!("{}: {ends}", if classifies { "Learned" } else { "Reached" }))
            .caption(format!(
                "Loss ({unit}){} after each epoch of training: {ends}.",
                if classifies { " and share of samples classified right" } else { "" }
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
