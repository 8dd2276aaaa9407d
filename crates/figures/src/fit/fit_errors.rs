//! Where along x the models of a sweep are wrong.

use analysis::{Results, fit::fitted_curves::FittedCurves};
use registry::{AnalysisRef, Config};
use rendering::{Axis, Figure, Line, Panel, Rule};

use crate::{Column, Drawing, FigureError, FigureKind, Table, fit::fits, helpers::colours, helpers::words};

/// The absolute error |fit − target| along x, one panel per value of a sweep on one logarithmic axis, of the run whose loss is in
/// the middle; the dashed line is its mean.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FitErrors {
    /// An analysis of kind "fitted_curves".
    #[schemars(extend("x-kinds" = ["fitted_curves"]))]
    pub analysis: AnalysisRef,
}

impl Config for FitErrors {
    const KIND: &str = "fit_errors";
    const EXAMPLE: &str = "analysis = \"curves\"";
}

/// An error below this share of the largest is drawn at it: where a fit crosses its target the logarithm has no end.
const LEAST: f64 = 1e-5;

impl FigureKind for FitErrors {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &FittedCurves = results.outcome(&self.analysis)?;
        let (axis, wanted) = (&found.axis, if found.truth.is_empty() { "targets" } else { "ground truth" });
        let medians: Vec<(&str, &[f64])> = found
            .values
            .iter()
            .filter_map(|value| Some((value.label.as_str(), value.runs[value.middle()?].errors.as_slice())))
            .filter(|(_, errors)| !errors.is_empty())
            .collect();
        let most = medians.iter().flat_map(|(_, errors)| *errors).copied().fold(0.0, f64::max);
        let least = LEAST * if most > 0.0 { most } else { 1.0 };
        let mut figure = Figure::new(id, title(found, &medians))
            .subtitle(format!("|fit − {wanted}| of the run in the middle by loss; dashed, and beside each {axis}: its mean"))
            .caption(format!(
                "The absolute difference of the curve that {} has learned, with {axis} changed, from the {wanted}, at the {} along x: \
                 of each {axis} the run whose loss is in the middle. Errors below {} are drawn there. The dashed line is the mean over \
                 the samples.",
                found.train,
                words::count(found.samples.len(), "training sample", "training samples"),
                words::quantity(least)
            ))
            .columns(fits::columns(medians.len()))
            .share_x()
            .share_y();
        let color = colours::model(results, &found.train);
        let x: Vec<f64> = found.samples.iter().map(|(x, _)| *x).collect();
        let mut table = Table::new("").column("x", Column::Doubles(x.clone()));
        for (label, errors) in medians {
            let mean = errors.iter().sum::<f64>() / errors.len() as f64;
            let line = x.iter().zip(errors).map(|(x, error)| (*x, error.max(least)));
            figure = figure.panel(
                Panel::new(Axis::new("x"), Axis::new("absolute error").log())
                    .title(format!("{axis} {label}: {}", words::quantity(mean)))
                    .ratio(0.8)
                    .mark(Line::new(line.collect::<Vec<_>>()).color(color).width(1.2))
                    .mark(Rule::horizontal(mean.max(least))),
            );
            table = table.column(label, Column::Doubles(errors.to_vec()));
        }
        Ok(Drawing { figure, tables: vec![table], arrays: Vec::new() })
    }
}

/// Where the widest is worst.
fn title(found: &FittedCurves, medians: &[(&str, &[f64])]) -> String {
    let Some((label, errors)) = medians.last() else { return words::sentence(&found.axis) };
    let worst = (0..errors.len()).reduce(|worst, i| if errors[i] > errors[worst] { i } else { worst });
    let at = worst.map(|i| (found.samples[i].0, errors[i]));
    at.map_or_else(String::new, |(x, error)| {
        format!(
            "With {} {label} the fit is at most {} off, at x = {}",
            found.axis,
            words::quantity(error),
            rendering::text::fixed(x, 2)
        )
    })
}
