//! The loss on the validation split against the learning rate, optimizer by optimizer: which rate each deserves.

use analysis::{
    Planned, Results,
    statistics::order::ascending,
    sweep::{Sweep, median},
};
use registry::{Config, Problems, SweepRef};
use rendering::{Axis, Color, Dash, Figure, Line, Panel, Scatter, Shape};

use crate::{
    Column, Drawing, FigureError, FigureKind, Table,
    helpers::{colours, names, words},
};

/// The validation loss against the learning rate, a colour for each optimizer: every run a point, the line through the medians
/// over the seeds, and a diamond at the rate of the training run itself, with which it is compared elsewhere.
///
/// Validation chooses the rates, so that the test split can judge the optimizers.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LearningRates {
    /// Sweeps over the learning rates of one optimizer each, whose data have a validation split.
    pub sweeps: Vec<SweepRef>,
}

impl Config for LearningRates {
    const KIND: &str = "learning_rates";
    const EXAMPLE: &str = "sweeps = [\"rates-sgd\", \"rates-adam\"]";
}

impl FigureKind for LearningRates {
    fn check(&self, problems: &mut Problems) {
        problems.require(!self.sweeps.is_empty(), "sweeps", || "expected at least one sweep".into());
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        for (i, name) in self.sweeps.iter().enumerate() {
            let models = planned.sweep(name).unwrap_or_default();
            problems
                .note(format!("sweeps[{i}]"), models.iter().find_map(|m| m.needs_split(datasets::Split::Validation)));
        }
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let sweeps = self.sweeps.iter().map(|name| results.sweep(name)).collect::<Result<Vec<_>, _>>()?;
        let rates: Vec<Rates> = sweeps.iter().filter_map(|sweep| Rates::of(sweep)).collect();
        let unit = sweeps.first().map_or("loss", |s| s.loss_unit);
        let mut panel = Panel::new(Axis::new("learning rate").log(), Axis::new(format!("validation {unit}")).log());
        let models: Vec<&str> = rates.iter().map(|own| own.name).collect();
        for (k, own) in rates.iter().enumerate() {
            panel = own.drawn(panel, colours::model(results, own.name), colours::dash(results, &models, k));
        }
        let seeds = sweeps.first().and_then(|s| s.points.first()).map_or(0, |p| p.runs.len());
        let over = if seeds > 1 {
            format!(", {seeds} runs at each rate (small points), the line through their medians")
        } else {
            String::new()
        };
        let figure = Figure::new(id, title(&rates))
            .caption(format!(
                "Loss on the validation split after training with each learning rate{over}, diamonds at the rates of the runs that are \
                 compared on the test split.{}{}",
                edges(&rates),
                sweeps.iter().map(|sweep| sweep.divergences()).collect::<String>()
            ))
            .panel(panel);
        Ok(Drawing { figure, tables: vec![table(&rates)], arrays: Vec::new() })
    }
}

/// What one optimizer reached.
struct Rates<'a> {
    /// The training run's name.
    name: &'a str,
    /// The rate of the training run itself.
    own: Option<f64>,
    /// The rates, ascending, each with the losses of its runs.
    runs: Vec<(f64, Vec<f32>)>,
}

impl<'a> Rates<'a> {
    /// Those of a sweep over numbers that measured a validation split.
    fn of(sweep: &'a Sweep) -> Option<Self> {
        let of_point = |p: &analysis::sweep::SweepPoint| {
            Some((p.value?, p.runs.iter().map(|r| r.validation_loss).collect::<Option<Vec<_>>>()?))
        };
        let mut runs = sweep.points.iter().map(of_point).collect::<Option<Vec<_>>>()?;
        runs.sort_by(|a, b| ascending(a.0, b.0));
        (!runs.is_empty()).then_some(Rates { name: &sweep.train, own: sweep.own, runs })
    }

    /// Which rate is best: the least median loss.
    fn best(&self) -> usize {
        // A run that diverged is worse than any.
        let worst = |loss: &f32| if loss.is_nan() { f32::INFINITY } else { *loss };
        let ranked = |losses: &[f32]| median(&losses.iter().map(worst).collect::<Vec<_>>());
        let medians: Vec<f64> = self.runs.iter().map(|(_, losses)| ranked(losses)).collect();
        (0..medians.len()).min_by(|a, b| ascending(medians[*a], medians[*b])).unwrap_or_default()
    }

    fn best_rate(&self) -> f64 {
        self.runs[self.best()].0
    }

    fn drawn(&self, panel: Panel, color: Color, dash: Dash) -> Panel {
        let medians: Vec<(f64, f64)> = self.runs.iter().map(|(rate, losses)| (*rate, median(losses))).collect();
        let single = self.runs.iter().flat_map(|(rate, losses)| losses.iter().map(|loss| (*rate, f64::from(*loss))));
        let own = medians.iter().copied().filter(|(rate, _)| self.own == Some(*rate));
        panel
            .mark(Line::new(medians.clone()).color(color).dash(dash).label(names::display(self.name)))
            .mark(Scatter::new(single).color(color).radius(2.5).opacity(0.7).outlined(false))
            .mark(Scatter::new(own).color(color).shape(Shape::Diamond).radius(6.0))
    }
}

/// Whether every run is at its best rate, and at which.
fn title(rates: &[Rates]) -> String {
    let told = |r: &Rates| format!("{} at {}", r.name, number(r.best_rate()));
    let elsewhere: Vec<String> = rates
        .iter()
        .filter(|r| r.own != Some(r.best_rate()))
        .map(|r| match r.own {
            Some(own) => format!("{} runs at {} though {} is better", r.name, number(own), number(r.best_rate())),
            None => format!("{} is best at {}", r.name, number(r.best_rate())),
        })
        .collect();
    match (rates, elsewhere.is_empty()) {
        ([], _) => "Nothing was measured".into(),
        (_, true) => {
            let each: Vec<String> = rates.iter().map(told).collect();
            words::sentence(&format!("{}: on validation the best rates of those tried", words::list(&each)))
        }
        (_, false) => words::sentence(&words::list(&elsewhere)),
    }
}

/// Where the best rate is the first or the last tried: a better one may lie beyond.
fn edges(rates: &[Rates]) -> String {
    let at_edge = |r: &&Rates| r.runs.len() > 1 && (r.best() == 0 || r.best() + 1 == r.runs.len());
    let names: Vec<&str> = rates.iter().filter(at_edge).map(|r| r.name).collect();
    match names[..] {
        [] => String::new(),
        _ => format!(" At the edge of what was tried, so that a better rate may lie beyond: {}.", words::list(&names)),
    }
}

fn number(rate: f64) -> String {
    format!("{rate}")
}

/// Every run: optimizer, rate, seed, loss; and which rate is best and which the training run's own.
fn table(rates: &[Rates]) -> Table {
    let rows = || {
        rates.iter().flat_map(|r| {
            let best = r.best_rate();
            r.runs.iter().flat_map(move |(rate, losses)| {
                losses.iter().enumerate().map(move |(seed, loss)| (r, *rate, seed, *loss, *rate == best))
            })
        })
    };
    Table::new("")
        .column("model", Column::Text(rows().map(|r| r.0.name.to_owned()).collect()))
        .column("rate", Column::Doubles(rows().map(|r| r.1).collect()))
        .column("seed", Column::Counts(rows().map(|r| r.2 as u64).collect()))
        .column("validation.loss", Column::Singles(rows().map(|r| r.3).collect()))
        .column("best", Column::Counts(rows().map(|r| u64::from(r.4)).collect()))
        .column("own", Column::Counts(rows().map(|r| u64::from(r.0.own == Some(r.1))).collect()))
}
