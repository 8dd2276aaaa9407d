//! The curves that the models of a sweep have learned, beside each other.

use analysis::{
    Results,
    fit::fitted_curves::{FittedCurves, FittedValue},
};
use registry::{AnalysisRef, Config};
use rendering::{Axis, Figure, Line, Panel, Scatter, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::colours, helpers::words};

/// What every model of a sweep has learned of a function of one input: a panel per value, the middle run as a bold line, the
/// other seeds as thin ones, the ground truth behind.
///
/// The middle run has the loss that is in the middle, of two the lower. Medians of losses are over all seeds, of an even number
/// the mean of the two in the middle.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fits {
    /// An analysis of kind "fitted_curves".
    #[schemars(extend("x-kinds" = ["fitted_curves"]))]
    pub analysis: AnalysisRef,
}

impl Config for Fits {
    const KIND: &str = "fits";
    const EXAMPLE: &str = "analysis = \"curves\"";
}

impl FigureKind for Fits {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &FittedCurves = results.outcome(&self.analysis)?;
        let (axis, columns) = (&found.axis, columns(found.values.len()));
        let behind_them = if found.truth.is_empty() { "samples" } else { "ground truth" };
        let mut figure = Figure::new(id, title(found))
            .subtitle(format!("Beside each {axis}: the median {} over the seeds", found.loss_unit))
            .caption(format!(
                "The curves that {} has learned with {axis} changed: the run whose loss is in the middle (of two, the lower) as a bold \
                 line, the other seeds as thin ones, and the {behind_them} behind them.",
                found.train
            ))
            .columns(columns)
            .share_x()
            .share_y();
        let mut table = Table::new("").column("x", Column::Singles(found.x.clone()));
        let color = colours::model(results, &found.train);
        for value in &found.values {
            let middle = value.middle();
            let error = value.median_loss().map(|loss| format!(": {}", words::quantity(loss.into())));
            let head = format!("{axis} {}{}", value.label, error.unwrap_or_default());
            let mut panel = behind(Panel::new(Axis::new("x"), Axis::new("y")).title(head).ratio(0.8), found);
            let order = (0..value.runs.len()).filter(|run| Some(*run) != middle).chain(middle);
            for run in order.filter(|run| !value.runs[*run].y.is_empty()) {
                let y = &value.runs[run].y;
                let curve = found.x.iter().zip(y).map(|(x, y)| (f64::from(*x), f64::from(*y)));
                let bold = Some(run) == middle;
                let (color, width, label) =
                    if bold { (color, 2.0, "middle run") } else { (palette::MUTED, 0.8, "other seeds") };
                panel = panel.mark(Line::new(curve).color(color).width(width).label(label));
                table = table.column(format!("{}.seed{run}", value.label), Column::Singles(y.clone()));
            }
            figure = figure.panel(panel);
        }
        let medians = found.values.iter().map(|v| v.median_loss().unwrap_or(f32::NAN)).collect();
        let losses = Table::new("losses")
            .column(axis, Column::Text(found.values.iter().map(|value| value.label.clone()).collect()))
            .column("median.loss", Column::Singles(medians));
        Ok(Drawing { figure, tables: vec![table, losses], arrays: Vec::new() })
    }
}

/// With the ground truth, or else the samples.
fn behind(panel: Panel, found: &FittedCurves) -> Panel {
    if !found.truth.is_empty() {
        let truth = Line::new(found.truth.iter().copied()).color(palette::TRUTH).width(5.0);
        return panel.mark(truth.label("ground truth"));
    }
    let samples = Scatter::new(found.samples.iter().copied()).color(palette::TRUTH).radius(1.6);
    panel.mark(samples.outlined(false).label("samples"))
}

fn title(found: &FittedCurves) -> String {
    let end = |value: &FittedValue| Some((value.label.clone(), f64::from(value.median_loss()?)));
    match (found.values.first().and_then(end), found.values.last().and_then(end)) {
        (Some((from, before)), Some((to, after))) if found.values.len() > 1 => {
            if after == before {
                let same = words::quantity(before);
                return format!("The {} is {same} at {} {from} and at {to}", found.loss_unit, found.axis);
            }
            let goes = if after > before { "rises" } else { "falls" };
            let [before, after] = [before, after].map(words::quantity);
            format!("The {} {goes} from {before} at {} {from} to {after} at {to}", found.loss_unit, found.axis)
        }
        _ => words::sentence(&found.axis),
    }
}

/// Panels side by side: up to four, so that the last row is as full as it can be.
pub(crate) fn columns(panels: usize) -> usize {
    match panels {
        0..=3 => panels.max(1),
        n => (2..=4).rev().min_by_key(|columns| n.next_multiple_of(*columns) - n).unwrap_or(3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_row_is_as_full_as_can_be() {
        assert_eq!([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(columns), [1, 2, 3, 4, 3, 3, 4, 4, 3, 2]);
    }
}
