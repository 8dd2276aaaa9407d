//! A one-hidden-layer ReLU net as a sum of bent lines: every neuron's part, and below it what they add up to.

use analysis::{
    Planned, Results,
    fit::basis::{Basis, PlacedNeuron},
    select::snapshots::OverTraining,
};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, Dash, Figure, Line, Panel, Point, Rug, Scatter, palette};

use crate::{
    Animate, Array, Column, Drawing, FigureError, FigureKind, Table, helpers::frames, helpers::frames::Shown,
    helpers::words,
};

/// Every neuron's weighted contribution as a thin translucent line with its kink ticked on the x axis, above the sum of all
/// against the ground truth.
///
/// Curves are exact: each bends at its kink and nowhere else. The table's "importance" is |w_out · w_in|, by how much the slope
/// changes at the kink, which rescaling a neuron does not change.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BasisContributions {
    /// An analysis of kind "basis".
    #[schemars(extend("x-kinds" = ["basis"]))]
    pub analysis: AnalysisRef,
    /// Shows the neurons and their sum as they were along training: `{ seconds = 8 }`. Default: only as they are at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animate: Option<Animate>,
}

impl Config for BasisContributions {
    const KIND: &str = "basis_contributions";
    const EXAMPLE: &str = "analysis = \"basis\"";
}

impl FigureKind for BasisContributions {
    fn check(&self, problems: &mut Problems) {
        frames::check(None, self.animate.as_ref(), problems);
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        frames::check_against(&self.analysis, None, self.animate.as_ref(), planned, problems);
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &OverTraining<Basis> = results.outcome(&self.analysis)?;
        let shown = Shown::of(&self.analysis.0, &found.epochs(), None, self.animate.as_ref())?
            .paced(results, [found.trained().model.as_str()]);
        let (end, seen) = (found.trained(), shown.select(&found.0));
        let figure = shown.animate(scene(id, end, &seen));
        if self.animate.is_some() {
            return Ok(Drawing { figure, tables: vec![over_time(&seen)], arrays: Vec::new() });
        }
        let contributions = end.contributions.mapv(|v| v as f32).into_dyn();
        let arrays = vec![Array::new("contributions", ["sample", "neuron"], contributions)];
        Ok(Drawing { figure, tables: vec![neurons(end), samples(end)], arrays })
    }
}

/// The picture of one or several snapshots, the last of which is the end of training.
fn scene(id: &str, end: &Basis, seen: &[&(usize, Basis)]) -> Figure {
    let seen: Vec<&Basis> = seen.iter().map(|(_, basis)| basis).collect();
    let (lo, hi) = (end.x.first().copied().unwrap_or(0.0), end.x.last().copied().unwrap_or(1.0));
    let axis = || Axis::new("x").range(lo, hi);
    let rugs = || seen.iter().map(|b| Rug::new(b.neurons.iter().filter(|n| n.inside).filter_map(|n| n.kink)));
    let still = seen.len() == 1;
    let [_, dead, _] = end.counts();
    let mut parts = Panel::new(axis(), Axis::new("w_out · ReLU(w_in x + b)"))
        .title(format!("What each of the {} adds", words::count(end.neurons.len(), "neuron", "neurons")))
        .ratio(0.45);
    // The last lie on top: dead neurons, zero everywhere, on the others where they are zero.
    let looks = [
        (palette::POSITIVE, Dash::Solid, "positive w_out".to_owned()),
        (palette::NEGATIVE, Dash::Solid, "negative w_out".to_owned()),
        (
            palette::INK,
            Dash::Dashed,
            if still { format!("dead on the data ({dead})") } else { "dead on the data".into() },
        ),
    ];
    for (group, (color, dash, label)) in looks.into_iter().enumerate() {
        let ghosts = |b: &Basis| -> Vec<Point> {
            b.neurons.iter().filter(|n| group_of(n) == group).flat_map(|n| ghost(n, lo, hi)).collect()
        };
        let points: Vec<Vec<Point>> = seen.iter().copied().map(ghosts).collect();
        if points.iter().any(|p| !p.is_empty()) {
            let line = |p| Line::new(p).color(color).dash(dash).width(1.5).opacity(0.55).label(label.clone());
            parts = parts.frames(points.into_iter().map(line));
        }
    }
    let parts = parts.frames(rugs());

    let error = |b: &Basis| b.mean_squared_error.map(|e| format!(", mean squared error {}", words::quantity(e)));
    let error = |b: &Basis| error(b).unwrap_or_default();
    let mut sum = Panel::new(axis(), Axis::new("y")).ratio(0.45);
    sum =
        if still { sum.title("Their sum") } else { sum.titles(seen.iter().map(|b| format!("Their sum{}", error(b)))) };
    let noisy = !end.truth.is_empty() && end.truth != end.targets;
    if noisy || end.truth.is_empty() && !end.targets.is_empty() {
        let samples = Scatter::new(pairs(&end.x, &end.targets)).color(palette::TRUTH).radius(1.8);
        sum = sum.mark(samples.opacity(0.6).outlined(false).label("samples"));
    }
    if !end.truth.is_empty() {
        let truth = Line::new(pairs(&end.x, &end.truth)).color(palette::TRUTH).width(6.0);
        sum = sum.mark(truth.label("ground truth"));
    }
    let curve = |b: &Basis| {
        let corners = b.net.corners(lo, hi);
        Line::new(corners.iter().map(|&x| (x, b.net.at(x)))).color(palette::INK).label("sum")
    };
    let sum = sum.frames(seen.iter().copied().map(curve)).frames(rugs());

    let (n, kinds) = (end.neurons.len(), kinds_of_neurons(end));
    let (title, over, at_end) = if still {
        (format!("{} up to one curve{}", words::count(n, "bent line adds", "bent lines add"), error(end)), "", "")
    } else {
        let lines = words::count(n, "bent line learns", "bent lines learn");
        (format!("{lines} to add up to one curve"), ", along training", "At the end, ")
    };
    Figure::new(id, title)
        .subtitle(format!("Ticks on the x axis: kinks, x = −b/w_in. {at_end}{kinds}"))
        .caption(format!(
            "Above, the contribution of every hidden neuron of {} over the data{over}; below, their sum with the output's bias, and \
             the {}. {at_end}{kinds}. The sum and the network's forward pass differ by at most {}.",
            end.model,
            if end.truth.is_empty() { "samples" } else { "ground truth" },
            words::quantity(end.largest_difference)
        ))
        .share_x()
        .panel(parts)
        .panel(sum)
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
        .column("importance", Column::Doubles(basis.neurons.iter().map(|n| n.neuron.importance()).collect()))
        .column("inside", words(|n| if n.inside { "yes" } else { "no" }))
        .column("dead", words(|n| if n.dead { "yes" } else { "no" }))
}

/// A row per snapshot and neuron, neurons by unit.
fn over_time(seen: &[&(usize, Basis)]) -> Table {
    let rows: Vec<_> = seen.iter().flat_map(|(e, b)| b.net.neurons.iter().map(move |n| (*e, n))).collect();
    Table::new("")
        .column("epoch", Column::Counts(rows.iter().map(|(e, _)| *e as u64).collect()))
        .column("unit", Column::Counts(rows.iter().map(|(_, n)| n.unit as u64).collect()))
        .column("kink", Column::Doubles(rows.iter().map(|(_, n)| n.kink().unwrap_or(f64::NAN)).collect()))
        .column("w_in", Column::Singles(rows.iter().map(|(_, n)| n.w_in).collect()))
        .column("bias", Column::Singles(rows.iter().map(|(_, n)| n.bias).collect()))
        .column("w_out", Column::Singles(rows.iter().map(|(_, n)| n.w_out).collect()))
        .column("importance", Column::Doubles(rows.iter().map(|(_, n)| n.importance()).collect()))
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
