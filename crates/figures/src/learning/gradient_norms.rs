//! The length of the gradient, layer by layer, over training.

use analysis::{
    Results,
    learning::gradient_norms::{GradientNorms as Norms, Mode},
};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, Dash, Figure, Line, Panel, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::names, helpers::words};

/// The norm of the loss's gradient with respect to each layer's parameters over training, on a logarithmic axis, one panel
/// per model. The title is about the norm with respect to all parameters.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GradientNorms {
    /// Analyses of kind "gradient_norms", one panel each.
    #[schemars(extend("x-kinds" = ["gradient_norms"]))]
    pub analyses: Vec<AnalysisRef>,
    /// Whether weights and biases are drawn apart. Default false: a line per layer.
    #[serde(default)]
    pub arrays: bool,
}

impl Config for GradientNorms {
    const KIND: &str = "gradient_norms";
    const EXAMPLE: &str = "analyses = [\"gradients\"]";
}

impl FigureKind for GradientNorms {
    fn check(&self, problems: &mut Problems) {
        problems.require(!self.analyses.is_empty(), "analyses", || "expected at least one analysis".into());
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found = self.analyses.iter().map(|name| results.outcome::<Norms>(name)).collect::<Result<Vec<_>, _>>()?;
        let (mut panels, mut tables, mut growths) = (Vec::new(), Vec::new(), Vec::new());
        let named = self.named(&found);
        for (name, norms) in &named {
            let epochs: Vec<f64> = norms.epochs.iter().map(|e| *e as f64).collect();
            let mut panel = Panel::new(Axis::new("epoch").whole(), Axis::new("norm of the gradient").log())
                .title(words::sentence(name));
            let mut table =
                Table::new(name).column("epoch", Column::Counts(norms.epochs.iter().map(|e| *e as u64).collect()));
            let (names, values) =
                if self.arrays { (&norms.arrays, &norms.by_array) } else { (&norms.layers, &norms.by_layer) };
            for (name, column) in names.iter().zip(values.columns()) {
                let layer = norms.layers.iter().position(|l| name.starts_with(l.as_str())).unwrap_or(0);
                let dash = if name.ends_with(".bias") { Dash::Dashed } else { palette::layer_dash(layer) };
                let line = Line::new(epochs.iter().copied().zip(column.iter().copied()));
                panel = panel.mark(line.color(palette::layer(layer)).dash(dash).label(names::label(name)));
                table = table.column(name, Column::Doubles(column.to_vec()));
            }
            growths.push(growth(name, norms));
            panels.push(panel);
            tables.push(table);
        }
        let mut figure = Figure::new(id, format!("The gradient {}", words::list(&growths)))
            .caption(format!(
                "Norm of the gradient of the loss on the training split with respect to each layer's parameters at the snapshots of \
                 training. With respect to all parameters it {}. The gradient is found {}.",
                words::list(&growths),
                mode(&named)
            ))
            .columns(found.len().clamp(1, 2))
            .share_y();
        for panel in panels {
            figure = figure.panel(panel);
        }
        Ok(Drawing { figure, tables, arrays: Vec::new() })
    }
}

impl GradientNorms {
    /// The norms by what they are called: their model, or the analysis where several are of one model.
    fn named<'a>(&self, found: &[&'a Norms]) -> Vec<(String, &'a Norms)> {
        let alone = |norms: &Norms| found.iter().filter(|other| other.model == norms.model).count() == 1;
        let name = |(analysis, norms): (&AnalysisRef, &&'a Norms)| {
            (if alone(norms) { norms.model.clone() } else { analysis.0.clone() }, *norms)
        };
        self.analyses.iter().zip(found).map(name).collect()
    }
}

/// Of which loss the gradients are, in words.
fn mode(found: &[(String, &Norms)]) -> String {
    let words = |mode: Mode| match mode {
        Mode::Evaluation => "as the models predict (nothing dropped, running statistics)",
        Mode::Training => {
            "as the models train (dropout drawn, statistics of each batch; mean over an epoch of batches)"
        }
    };
    match found {
        [(_, first), rest @ ..] if rest.iter().all(|(_, norms)| norms.mode == first.mode) => words(first.mode).into(),
        _ => {
            let each: Vec<String> =
                found.iter().map(|(name, norms)| format!("in {name} {}", words(norms.mode))).collect();
            words::list(&each)
        }
    }
}

/// A growth by less is not the headline.
const GROWTH: f64 = 2.0;

/// What the gradient of all parameters does: where it grows most, "grows 40-fold in deep (epochs 3,000 to 15,000)", or else how
/// it falls.
fn growth(model: &str, norms: &Norms) -> String {
    let squares = norms.by_layer.rows().into_iter().map(|r| r.iter().map(|v| v * v).sum::<f64>());
    let lengths: Vec<f64> = squares.map(f64::sqrt).collect();
    let epoch = |i: usize| words::thousands(norms.epochs[i]);
    let (mut least, mut best) = (0, (0, 0, 1.0));
    for (i, length) in lengths.iter().enumerate() {
        if *length < lengths[least] {
            least = i;
        }
        // From nothing to something is more than any factor.
        let ratio = if *length > lengths[least] { length / lengths[least] } else { 1.0 };
        if ratio > best.2 {
            best = (least, i, ratio);
        }
    }
    let (from, to, ratio) = best;
    let (first, last) = (lengths.first().copied().unwrap_or(0.0), lengths.last().copied().unwrap_or(0.0));
    match () {
        () if ratio.is_infinite() => format!("grows from 0 in {model} (epochs {} to {})", epoch(from), epoch(to)),
        () if ratio >= GROWTH => format!("grows {ratio:.0}-fold in {model} (epochs {} to {})", epoch(from), epoch(to)),
        () if lengths.iter().all(|length| *length == first) => format!("is the same throughout in {model}"),
        () if ratio == 1.0 => format!("falls throughout in {model}"),
        () if last < first => {
            let [first, last] = [first, last].map(words::quantity);
            format!("falls from {first} to {last} in {model}, with rises on the way")
        }
        () => {
            let [lo, hi] = [f64::min, f64::max].map(|of| words::quantity(lengths.iter().copied().fold(first, of)));
            format!("moves between {lo} and {hi} in {model}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn norms(lengths: &[f64]) -> Norms {
        Norms {
            model: "m".into(),
            mode: Mode::Evaluation,
            epochs: (0..lengths.len()).map(|i| 1000 * i).collect(),
            losses: Vec::new(),
            arrays: Vec::new(),
            by_array: ndarray::Array2::zeros((lengths.len(), 0)),
            layers: vec!["output".into()],
            by_layer: ndarray::Array2::from_shape_fn((lengths.len(), 1), |(i, _)| lengths[i]),
        }
    }

    #[test]
    fn the_greatest_growth_is_told() {
        assert_eq!(growth("m", &norms(&[5.0, 0.5, 2.0, 0.1, 1.0, 0.5])), "grows 10-fold in m (epochs 3,000 to 4,000)");
        assert_eq!(growth("m", &norms(&[5.0, 0.5, 0.5, 0.1])), "falls throughout in m");
        assert_eq!(growth("m", &norms(&[0.0, 0.5])), "grows from 0 in m (epochs 0 to 1,000)");
    }

    #[test]
    fn what_rises_on_the_way_does_not_fall_throughout() {
        assert_eq!(growth("m", &norms(&[5.0, 0.5, 0.7, 0.1])), "falls from 5.0 to 0.10 in m, with rises on the way");
        assert_eq!(growth("m", &norms(&[1.0, 0.75, 1.25])), "moves between 0.75 and 1.2 in m");
        assert_eq!(growth("m", &norms(&[0.0, 0.0])), "is the same throughout in m");
        assert_eq!(growth("m", &norms(&[3.0])), "is the same throughout in m");
    }
}
