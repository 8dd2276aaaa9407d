//! A one-hidden-layer ReLU net as a sum of bent lines: every neuron's part, and below it what they add up to.

use analysis::{
    Context, Planned,
    basis::{Basis, PlacedNeuron},
    outcome_as,
};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, Dash, Figure, Line, Panel, Point, Rug, Scatter, palette};

use crate::{Array, Column, Drawing, FigureError, FigureKind, Table, words};

/// Every neuron's weighted contribution as a thin translucent line with its kink ticked on the x axis, above the sum of all
/// against the ground truth.
///
/// Curves are exact: each bends at its kink and nowhere else.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BasisContributions {
    /// An analysis of kind "basis".
    #[schemars(extend("x-kinds" = ["basis"]))]
    pub analysis: AnalysisRef,
}

impl Config for BasisContributions {
    const KIND: &str = "basis_contributions";
    const EXAMPLE: &str = "analysis = \"basis\"";
}

impl FigureKind for BasisContributions {
    fn check(&self, _: &mut Problems) {}

    fn check_against(&self, _: &dyn Planned, _: &mut Problems) {}

    fn draw(&self, id: &str, context: &dyn Context) -> Result<Drawing, FigureError> {
        let basis: &Basis = outcome_as(context.outcome(&self.analysis)?, &self.analysis)?;
        let (lo, hi) = (basis.x.first().copied().unwrap_or(0.0), basis.x.last().copied().unwrap_or(1.0));
        let axis = || Axis::new("x").range(lo, hi);
        let kinks: Vec<f64> = basis.neurons.iter().filter(|n| n.inside).filter_map(|n| n.kink).collect();
        let [_, dead, _] = basis.counts();
        let mut parts = Panel::new(axis(), Axis::new("w_out · ReLU(w_in x + b)"))
            .title(format!("What each of the {} adds", words::count(basis.neurons.len(), "neuron", "neurons")))
            .ratio(0.45);
        // The last lie on top: dead neurons, zero everywhere, on the others where they are zero.
        let looks = [
            (palette::class(0), Dash::Solid, "positive w_out".to_owned()),
            (palette::class(3), Dash::Solid, "negative w_out".to_owned()),
            (palette::INK, Dash::Dashed, format!("dead on the data ({dead})")),
        ];
        for (group, (color, dash, label)) in looks.into_iter().enumerate() {
            let neurons = basis.neurons.iter().filter(|n| group_of(n) == group);
            let points: Vec<Point> = neurons.flat_map(|n| ghost(n, lo, hi)).collect();
            if !points.is_empty() {
                parts = parts.mark(Line::new(points).color(color).dash(dash).width(1.5).opacity(0.55).label(label));
            }
        }
        let parts = parts.mark(Rug::new(kinks.iter().copied()));

        let mut sum = Panel::new(axis(), Axis::new("y")).title("Their sum").ratio(0.45);
        let noisy = !basis.truth.is_empty() && basis.truth != basis.targets;
        if noisy || basis.truth.is_empty() && !basis.targets.is_empty() {
            let samples = Scatter::new(pairs(&basis.x, &basis.targets)).color(palette::MUTED).radius(1.8);
            sum = sum.mark(samples.opacity(0.6).outlined(false).label("samples"));
        }
        if !basis.truth.is_empty() {
            let truth = Line::new(pairs(&basis.x, &basis.truth)).color(palette::class(1)).width(6.0).opacity(0.6);
            sum = sum.mark(truth.label("ground truth"));
        }
        let corners = basis.net.corners(lo, hi);
        let sum = sum
            .mark(Line::new(corners.iter().map(|&x| (x, basis.net.at(x)))).color(palette::INK).width(1.8).label("sum"))
            .mark(Rug::new(kinks));

        let error = basis
            .mean_squared_error
            .map(|e| format!(", mean squared error {}", words::quantity(e)))
            .unwrap_or_default();
        let title = format!("{} bent lines add up to one curve{error}", basis.neurons.len());
        let kinds = kinds_of_neurons(basis);
        let figure = Figure::new(id, title)
            .subtitle(format!("Ticks on the x axis: kinks, x = −b/w_in. {kinds}"))
            .caption(format!(
                "Above, the contribution of every hidden neuron of {} over the data; below, their sum with the output's bias, and \
                 the ground truth. {kinds}. The sum and the network's forward pass differ by at most {}.",
                basis.model,
                words::quantity(basis.largest_difference)
            ))
            .share_x()
            .panel(parts)
            .panel(sum);
        Ok(Drawing {
            figure,
            tables: vec![neurons(basis), samples(basis)],
            arrays: vec![Array {
                name: "contributions".into(),
                values: basis.contributions.mapv(|v| v as f32).into_dyn(),
            }],
        })
    }
}

/// Neurons that push up, neurons that pull down, and dead ones.
fn group_of(n: &PlacedNeuron) -> usize {
    match n.neuron.w_out {
        _ if n.dead => 2,
        w if w < 0.0 => 1,
        _ => 0,
    }
}

/// A neuron's contribution from `lo` to `hi`, and a point that is nowhere, which parts it from the next one's.
fn ghost(n: &PlacedNeuron, lo: f64, hi: f64) -> Vec<Point> {
    let kink = n.kink.filter(|_| n.inside);
    let corners = [Some(lo), kink, Some(hi)].into_iter().flatten();
    corners.map(|x| (x, n.neuron.contribution(x))).chain([(f64::NAN, f64::NAN)]).collect()
}

/// "9 neurons bend inside the data, 5 are straight there, 1 is dead".
fn kinds_of_neurons(basis: &Basis) -> String {
    let [inside, dead, _] = basis.counts();
    let straight = basis.neurons.iter().filter(|n| !n.inside && !n.dead).count();
    let verb = |n: usize, what: &str| format!("{n} {} {what}", if n == 1 { "is" } else { "are" });
    let mut kinds = vec![format!("{} inside the data", words::count(inside, "neuron bends", "neurons bend"))];
    kinds.extend((straight > 0).then(|| verb(straight, "straight there")));
    kinds.extend((dead > 0).then(|| verb(dead, "dead")));
    kinds.join(", ")
}

fn pairs(x: &[f64], y: &[f64]) -> Vec<Point> {
    x.iter().copied().zip(y.iter().copied()).collect()
}

/// A row per neuron, sorted by kink.
fn neurons(basis: &Basis) -> Table {
    let singles = |of: fn(&PlacedNeuron) -> f32| Column::Singles(basis.neurons.iter().map(of).collect());
    let words =
        |of: fn(&PlacedNeuron) -> &'static str| Column::Text(basis.neurons.iter().map(|n| of(n).to_owned()).collect());
    Table::new("")
        .column("unit", Column::Counts(basis.neurons.iter().map(|n| n.neuron.unit as u64).collect()))
        .column("kink", Column::Doubles(basis.neurons.iter().map(|n| n.kink.unwrap_or(f64::NAN)).collect()))
        .column("w_in", singles(|n| n.neuron.w_in))
        .column("bias", singles(|n| n.neuron.bias))
        .column("w_out", singles(|n| n.neuron.w_out))
        .column("inside", words(|n| if n.inside { "yes" } else { "no" }))
        .column("dead", words(|n| if n.dead { "yes" } else { "no" }))
}

/// A row per sample.
fn samples(basis: &Basis) -> Table {
    let mut table = Table::new("samples").column("x", Column::Doubles(basis.x.clone()));
    for (name, values) in [("target", &basis.targets), ("truth", &basis.truth), ("sum", &basis.sum)] {
        if !values.is_empty() {
            table = table.column(name, Column::Doubles(values.clone()));
        }
    }
    table
}
