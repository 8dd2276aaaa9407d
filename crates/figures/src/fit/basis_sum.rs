//! How bent lines add up: the neurons one above the other by size, the sum of the largest, and what is still wrong.

use analysis::{Results, fit::basis::Basis, select::snapshots::OverTraining};
use registry::{AnalysisRef, Config};
use rendering::{Axis, Figure, Line, Panel, Point, Rule, Scatter, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::colours, helpers::words};

/// How the neurons of a one-hidden-layer ReLU net add up, in four panels: each neuron's contribution as a ridge, the largest on
/// top; the sum of the 1, 2, 4, … largest; the error of that sum against their number; and the residual of the whole net.
///
/// A neuron is as large as its contribution is on average over the training samples, in absolute value.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BasisSum {
    /// An analysis of kind "basis".
    #[schemars(extend("x-kinds" = ["basis"]))]
    pub analysis: AnalysisRef,
}

impl Config for BasisSum {
    const KIND: &str = "basis_sum";
    const EXAMPLE: &str = "analysis = \"basis\"";
}

/// How far the largest ridge reaches over the distance of two.
const REACH: f64 = 2.2;
/// Neurons that are drawn as ridges at most.
const MOST_RIDGES: usize = 24;

impl FigureKind for BasisSum {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let all: &OverTraining<Basis> = results.outcome(&self.analysis)?;
        let found = all.trained();
        let (sums, errors, residuals) = (found.partial_sums(), found.partial_errors(), found.residuals());
        let mut figure = Figure::new(id, title(found, &errors))
            .caption(format!(
                "The {} of {}, by size: by the mean absolute value of their contribution w_out · ReLU(w_in x + b) over the {}. Ridges: \
                 each neuron's contribution over x from its own zero line, all to one scale{}. Sums: the output's bias and the \
                 contributions of so many of the largest neurons. Error: their mean squared error against the {}. Residual: the whole \
                 net minus the {}.",
                words::count(found.neurons.len(), "neuron", "neurons"),
                found.model,
                words::count(found.x.len(), "training sample", "training samples"),
                if found.neurons.len() > MOST_RIDGES { format!(", the {MOST_RIDGES} largest") } else { String::new() },
                wanted(found),
                wanted(found)
            ))
            .columns(2)
            .panel(ridges(found))
            .panel(growing(found, &sums));
        if !errors.is_empty() {
            figure = figure.panel(by_number(&errors)).panel(residual(found, &residuals));
        }
        let mut tables = vec![neurons(found)];
        if !errors.is_empty() {
            let counts = (0..errors.len() as u64).collect();
            let errors = Table::new("sums")
                .column("neurons", Column::Counts(counts))
                .column("mean_squared_error", Column::Doubles(errors));
            let residuals = Table::new("residuals")
                .column("x", Column::Doubles(found.x.clone()))
                .column("residual", Column::Doubles(residuals));
            tables.extend([errors, residuals]);
        }
        Ok(Drawing { figure, tables, arrays: Vec::new() })
    }
}

fn wanted(found: &Basis) -> &'static str {
    if found.truth.is_empty() { "targets" } else { "ground truth" }
}

fn x_axis(found: &Basis) -> Axis {
    let (lo, hi) = (found.x.first().copied().unwrap_or(0.0), found.x.last().copied().unwrap_or(1.0));
    Axis::new("x").range(lo, hi)
}

/// Each neuron's contribution, the largest on top.
fn ridges(found: &Basis) -> Panel {
    let order: Vec<usize> = found.by_size().into_iter().take(MOST_RIDGES).collect();
    let largest = found.contributions.iter().fold(0.0_f64, |most, c| most.max(c.abs()));
    let scale = if largest > 0.0 { REACH / largest } else { 0.0 };
    let rows = order.len();
    let name = |k: &usize| found.neurons[*k].neuron.unit.to_string();
    let top = rows as f64 + REACH - 0.6;
    let mut panel =
        Panel::new(x_axis(found), Axis::new("hidden unit").names(order.iter().rev().map(name)).range(-REACH, top))
            .title("Contributions, the largest on top")
            .ratio(1.0);
    for (row, k) in order.iter().enumerate() {
        let zero = (rows - 1 - row) as f64;
        let ridge = found.x.iter().zip(found.contributions.column(*k)).map(|(x, c)| (*x, zero + scale * c));
        let positive = found.neurons[*k].neuron.w_out >= 0.0;
        let (color, label) = match positive {
            true => (palette::POSITIVE, "positive w_out"),
            false => (palette::NEGATIVE, "negative w_out"),
        };
        panel = panel
            .mark(Rule::horizontal(zero).color(palette::GRID).width(0.8))
            .mark(Line::new(ridge.collect::<Vec<Point>>()).color(color).label(label));
    }
    panel
}

/// The sum of the first 1, 2, 4, … neurons, and of all.
fn growing(found: &Basis, sums: &[Vec<f64>]) -> Panel {
    let last = sums.len() - 1;
    let mut shown: Vec<usize> = std::iter::successors(Some(1), |n| Some(2 * n)).take_while(|n| *n < last).collect();
    shown.push(last);
    let sums_shown = shown.len();
    let mut panel = Panel::new(x_axis(found), Axis::new("y")).title("Sums of the largest").ratio(1.0);
    if !found.wanted().is_empty() {
        let line: Vec<Point> = found.x.iter().copied().zip(found.wanted().iter().copied()).collect();
        panel = match found.truth.is_empty() {
            false => panel.mark(Line::new(line).color(palette::TRUTH).width(5.0).label("ground truth")),
            true => panel.mark(Scatter::new(line).color(palette::TRUTH).radius(1.6).outlined(false).label("samples")),
        };
    }
    for (i, n) in shown.into_iter().enumerate() {
        let line: Vec<Point> = found.x.iter().copied().zip(sums[n].iter().copied()).collect();
        let (color, label) = match n == last {
            true => (palette::INK, format!("all {n}")),
            false if n == 1 => (colours::ordered(i, sums_shown), "the largest".to_owned()),
            false => (colours::ordered(i, sums_shown), format!("the {n} largest")),
        };
        panel = panel.mark(Line::new(line).color(color).label(label));
    }
    panel
}

/// The error of the sum against the number of neurons.
fn by_number(errors: &[f64]) -> Panel {
    let places = || errors.iter().enumerate().map(|(n, e)| (n as f64, *e));
    Panel::new(Axis::new("neurons in the sum").whole(), Axis::new("mean squared error").log())
        .title("Error of the sum")
        .ratio(0.7)
        .mark(Line::new(places()).color(palette::INK))
        .mark(Scatter::new(places()).color(palette::INK).radius(3.0))
}

/// What the whole net is above or below what is wanted.
fn residual(found: &Basis, residuals: &[f64]) -> Panel {
    let line: Vec<Point> = found.x.iter().copied().zip(residuals.iter().copied()).collect();
    Panel::new(x_axis(found), Axis::new(format!("sum − {}", wanted(found))))
        .title("Residual of the whole net")
        .ratio(0.7)
        .mark(Rule::horizontal(0.0))
        .mark(Line::new(line).color(palette::INK))
}

/// The neurons by size.
fn neurons(found: &Basis) -> Table {
    let (order, sizes) = (found.by_size(), found.sizes());
    let kink = |k: &usize| found.neurons[*k].kink.unwrap_or(f64::NAN);
    Table::new("")
        .column("unit", Column::Counts(order.iter().map(|k| found.neurons[*k].neuron.unit as u64).collect()))
        .column("mean_absolute_contribution", Column::Doubles(order.iter().map(|k| sizes[*k]).collect()))
        .column("kink", Column::Doubles(order.iter().map(kink).collect()))
}

/// "The 4 largest of 15 neurons leave a mean squared error of 0.1, all of them 2.0e-4".
fn title(found: &Basis, errors: &[f64]) -> String {
    let n = found.neurons.len();
    match (errors.get(n.div_ceil(2)), errors.last()) {
        (Some(half), Some(all)) if n > 1 => format!(
            "The {} largest of {n} neurons leave a mean squared error of {}, all of them {}",
            n.div_ceil(2),
            words::quantity(*half),
            words::quantity(*all)
        ),
        _ => format!("{} of {} by size", words::count(n, "neuron", "neurons"), found.model),
    }
}
