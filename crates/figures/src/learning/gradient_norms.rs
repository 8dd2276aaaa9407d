//! The length of the gradient, layer by layer, over training.

use analysis::{Results, learning::gradient_norms::GradientNorms as Norms};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, Dash, Figure, Line, Panel, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// The norm of the loss's gradient with respect to each layer's parameters over training, on a logarithmic axis, one panel
/// per model.
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
        for norms in &found {
            let epochs: Vec<f64> = norms.epochs.iter().map(|e| *e as f64).collect();
            let mut panel = Panel::new(Axis::new("epoch").whole(), Axis::new("norm of the gradient").log())
                .title(words::sentence(&norms.model));
            let mut table = Table::new(&norms.model)
                .column("epoch", Column::Counts(norms.epochs.iter().map(|e| *e as u64).collect()));
            let (names, values) =
                if self.arrays { (&norms.arrays, &norms.by_array) } else { (&norms.layers, &norms.by_layer) };
            for (name, column) in names.iter().zip(values.columns()) {
                let layer = norms.layers.iter().position(|l| name.starts_with(l.as_str())).unwrap_or(0);
                let dash = if name.ends_with(".bias") { Dash::Dashed } else { Dash::Solid };
                let line = Line::new(epochs.iter().copied().zip(column.iter().copied()));
                panel = panel.mark(line.color(palette::class(layer)).dash(dash).label(name));
                table = table.column(name, Column::Doubles(column.to_vec()));
            }
            growths.push(growth(norms));
            panels.push(panel);
            tables.push(table);
        }
        let mut figure = Figure::new(id, format!("The gradient {}", words::list(&growths)))
            .caption(format!(
                "Norm of the gradient of the training loss with respect to each layer's parameters at the snapshots of training. It \
                 {}.",
                words::list(&growths)
            ))
            .columns(found.len().clamp(1, 2))
            .share_y();
        for panel in panels {
            figure = figure.panel(panel);
        }
        Ok(Drawing { figure, tables, arrays: Vec::new() })
    }
}

/// A norm that grows by less is said to fall.
const GROWTH: f64 = 2.0;

/// Where the gradient of all parameters grows most: "grows 40-fold in deep (epochs 3,000 to 15,000)".
fn growth(norms: &Norms) -> String {
    let squares = norms.by_layer.rows().into_iter().map(|r| r.iter().map(|v| v * v).sum::<f64>());
    let lengths: Vec<f64> = squares.map(f64::sqrt).collect();
    let (mut least, mut best) = (0, (0, 0, 1.0));
    for (i, length) in lengths.iter().enumerate() {
        if *length < lengths[least] {
            least = i;
        }
        let ratio = if lengths[least] > 0.0 { length / lengths[least] } else { 1.0 };
        if ratio > best.2 {
            best = (least, i, ratio);
        }
    }
    let (from, to, ratio) = best;
    if ratio < GROWTH {
        return format!("falls throughout in {}", norms.model);
    }
    let number = |i: usize| words::thousands(norms.epochs[i]);
    format!("grows {ratio:.0}-fold in {} (epochs {} to {})", norms.model, number(from), number(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn norms(lengths: &[f64]) -> Norms {
        Norms {
            model: "m".into(),
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
        assert_eq!(growth(&norms(&[5.0, 0.5, 2.0, 0.1, 1.0, 0.5])), "grows 10-fold in m (epochs 3,000 to 4,000)");
        assert_eq!(growth(&norms(&[5.0, 0.5, 0.7, 0.1])), "falls throughout in m");
        assert_eq!(growth(&norms(&[0.0, 0.0])), "falls throughout in m");
    }
}
