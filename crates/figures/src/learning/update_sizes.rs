//! How long the gradient is and how far a step moves, layer by layer, several runs together.

use analysis::{Results, learning::update_sizes::UpdateSizes as Sizes, statistics::order::descending};
use ndarray::Array2;
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, Figure, Line, Panel};

use tensor::math::f64::{log10, powi};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::colours, helpers::names, helpers::words};

/// The norm of the gradient, and that of a step against that of the weights, over the epochs: a column of panels per layer, a
/// line per training run, logarithmic axes.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateSizes {
    /// Analyses of kind "update_sizes", a line each.
    #[schemars(extend("x-kinds" = ["update_sizes"]))]
    pub analyses: Vec<AnalysisRef>,
}

impl Config for UpdateSizes {
    const KIND: &str = "update_sizes";
    const EXAMPLE: &str = "analyses = [\"updates\"]";
}

/// Layers side by side.
const COLUMNS: usize = 3;

/// A quantity that is drawn: what its axis says, and where it lies.
type Quantity = (&'static str, fn(&Sizes) -> &Array2<f64>);

impl FigureKind for UpdateSizes {
    fn check(&self, problems: &mut Problems) {
        problems.require(!self.analyses.is_empty(), "analyses", || "expected at least one analysis".into());
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found = self.analyses.iter().map(|name| results.outcome::<Sizes>(name)).collect::<Result<Vec<_>, _>>()?;
        let mut layers: Vec<&String> = Vec::new();
        for layer in found.iter().flat_map(|sizes| &sizes.layers) {
            if !layers.contains(&layer) {
                layers.push(layer);
            }
        }
        let quantities: [Quantity; 2] = [("norm of the gradient", |s| &s.gradients), ("step ÷ weights", |s| &s.ratios)];
        let mut figure = Figure::new(id, title(&found))
            .caption(
                "Each layer's weights and biases w together, on the batches as they pass, averaged over the steps of an epoch: above, \
                 the Euclidean norm of the gradient of the training loss, ‖∂L/∂w‖; below, how far a step moves them against their own \
                 norm, ‖Δw‖/‖w‖. The title has the mean of that over layers and epochs.",
            )
            .columns(layers.len().min(COLUMNS));
        for layers in layers.chunks(COLUMNS) {
            for (axis, values) in quantities {
                let (lo, hi) = range(&found, values);
                for (i, layer) in layers.iter().enumerate() {
                    // What the first panel of a row says of its axis holds for all.
                    let y = Axis::new(if i == 0 { axis } else { "" }).log().range(lo, hi);
                    let mut panel = Panel::new(Axis::new("epoch").whole(), y).title(words::sentence(layer));
                    for sizes in &found {
                        let Some(column) = sizes.layers.iter().position(|l| l == *layer) else { continue };
                        let points =
                            sizes.epochs.iter().zip(values(sizes).column(column)).map(|(e, v)| (*e as f64, *v));
                        let line = Line::new(points).color(colours::model(results, &sizes.model));
                        let line = line.dash(colours::model_dash(results, &sizes.model));
                        // One run alone is in the title.
                        panel =
                            panel.mark(if found.len() > 1 { line.label(names::display(&sizes.model)) } else { line });
                    }
                    figure = figure.panel(panel);
                }
            }
        }
        Ok(Drawing { figure, tables: found.iter().map(|sizes| table(sizes)).collect(), arrays: Vec::new() })
    }
}

/// Whole powers of ten around all positive values.
fn range(found: &[&Sizes], values: fn(&Sizes) -> &Array2<f64>) -> (f64, f64) {
    let all = found.iter().flat_map(|sizes| values(sizes).iter().copied()).filter(|v| *v > 0.0);
    let (lo, hi) = all.fold((f64::INFINITY, 0.0_f64), |(lo, hi), v| (lo.min(v), hi.max(v)));
    if lo > hi {
        return (0.1, 1.0);
    }
    let (first, last) = (log10(lo).floor() as i32, log10(hi).ceil() as i32);
    (powi(10.0, first), powi(10.0, last.max(first + 1)))
}

/// Whose steps are longest.
fn title(found: &[&Sizes]) -> String {
    // The mean over layers and epochs, as a share in words.
    let mut steps: Vec<(f64, &str)> = found
        .iter()
        .map(|sizes| (sizes.ratios.iter().sum::<f64>() / sizes.ratios.len().max(1) as f64, sizes.model.as_str()))
        .collect();
    steps.sort_by(|a, b| descending(a.0, b.0));
    let share = |share: f64| format!("{}%", words::quantity(100.0 * share));
    match steps.as_slice() {
        [] => String::new(),
        [(only, name)] => format!("On average a step of {name} moves a layer by {} of its norm", share(*only)),
        [(most, first), .., (least, last)] => format!(
            "On average a step moves a layer by {} of its norm with {first}, by {} with {last}",
            share(*most),
            share(*least)
        ),
    }
}

fn table(sizes: &Sizes) -> Table {
    let mut table =
        Table::new(&sizes.model).column("epoch", Column::Counts(sizes.epochs.iter().map(|e| *e as u64).collect()));
    for (i, layer) in sizes.layers.iter().enumerate() {
        for (name, values) in
            [("gradient", &sizes.gradients), ("update", &sizes.updates), ("update_ratio", &sizes.ratios)]
        {
            table = table.column(format!("{layer}.{name}"), Column::Doubles(values.column(i).to_vec()));
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(model: &str, ratio: f64) -> Sizes {
        let of = |value| Array2::from_elem((2, 2), value);
        Sizes {
            model: model.into(),
            epochs: vec![1, 2],
            layers: vec!["hidden1".into(), "output".into()],
            gradients: of(0.0),
            updates: of(1.0),
            ratios: of(ratio),
        }
    }

    #[test]
    fn the_title_tells_the_longest_and_the_shortest_step() {
        let (a, b, c) = (sizes("a", 1e-3), sizes("b", 2e-2), sizes("c", 4e-4));
        assert_eq!(
            title(&[&a, &b, &c]),
            "On average a step moves a layer by 2.0% of its norm with b, by 0.040% with c"
        );
        assert_eq!(title(&[&a]), "On average a step of a moves a layer by 0.10% of its norm");
    }

    #[test]
    fn a_gradient_that_vanishes_has_an_axis() {
        assert_eq!(range(&[&sizes("a", 1.0)], |s| &s.gradients), (0.1, 1.0));
        assert_eq!(range(&[&sizes("a", 0.03), &sizes("b", 2.0)], |s| &s.ratios), (0.01, 10.0));
        assert_eq!(range(&[&sizes("a", 1.0)], |s| &s.ratios), (1.0, 10.0));
    }
}
