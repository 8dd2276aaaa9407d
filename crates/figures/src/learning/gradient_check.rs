//! How well gradients agree with differences, array by array.

use analysis::{Results, learning::gradient_check::GradientCheck as Check};
use registry::{AnalysisRef, Config};
use rendering::{Axis, Bars, Figure, Label, Panel, Rule, Series, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// The relative error of the gradient against differences, for the input and each array of parameters, in f64 and f32, on a
/// logarithmic axis with the limits drawn.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GradientCheck {
    /// An analysis of kind "gradient_check".
    #[schemars(extend("x-kinds" = ["gradient_check"]))]
    pub analysis: AnalysisRef,
}

impl Config for GradientCheck {
    const KIND: &str = "gradient_check";
    const EXAMPLE: &str = "analysis = \"check\"";
}

/// Errors below this end of the axis are as good as none: f64 itself rounds by 10⁻¹⁶.
const LEAST: f64 = 1e-13;
const PRECISIONS: [&str; 2] = ["f64", "f32"];

impl FigureKind for GradientCheck {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Check = results.outcome(&self.analysis)?;
        let column = |i: usize| found.arrays.iter().map(move |a| a.errors[i]);
        let series =
            (0..2).map(|i| Series::new(PRECISIONS[i], column(i).map(|e| e.max(LEAST))).color(palette::MEASURES[i]));
        let y = Axis::new("").names(found.arrays.iter().map(|a| a.name.as_str())).reversed();
        let highest = found.limits.iter().copied().chain(column(0)).chain(column(1)).fold(LEAST, f64::max);
        let mut panel =
            Panel::new(Axis::new("relative error ‖a − n‖ / (‖a‖ + ‖n‖)").log().range(LEAST, 10.0 * highest), y)
                .mark(Bars::new(series)?.horizontal());
        for (i, limit) in found.limits.iter().enumerate() {
            panel = panel.mark(
                Rule::vertical(*limit)
                    .color(palette::MEASURES[i])
                    .width(2.0)
                    .label(format!("limit in {}", PRECISIONS[i])),
            );
        }
        for (row, array) in found.arrays.iter().enumerate().filter(|(_, a)| a.places == 0) {
            panel = panel.mark(
                Label::new((LEAST, row as f64), format!("all {} places on kinks", array.kinks))
                    .offset(6.0, 0.0)
                    .size(13.0),
            );
        }
        let largest = [0, 1].map(|i| words::quantity(column(i).fold(0.0, f64::max)));
        let kinks: usize = found.arrays.iter().map(|a| a.kinks).sum();
        let figure = Figure::new(
            id,
            format!("The gradient of {} has a relative error of at most {} in f64 and {} in f32", found.model, largest[0], largest[1]),
        )
        .caption(format!(
            "The gradient a of the loss of {} {} ({}), by the chain rule in double (f64) and single precision (f32), against central differences n in f64, \
             for the input x and each array of parameters: ‖a − n‖ / (‖a‖ + ‖n‖) over {} places in all. {} Beyond a limit (dashed \
             or dotted line) the check fails.",
            found.model,
            if found.epoch == 0 { "before training".to_owned() } else { format!("after {}", words::epochs(found.epoch)) },
            words::count(found.samples, "training sample", "training samples"),
            found.arrays.iter().map(|a| a.places).sum::<usize>(),
            match kinks {
                0 => "No kink lies between the two points of any difference.".to_owned(),
                _ => format!(
                    "{} left out because a kink lies between the two points of the difference.",
                    if kinks == 1 { "1 place is".into() } else { format!("{kinks} places are") }
                ),
            },
        ))
        .panel(panel);
        let count = |of: fn(&analysis::learning::gradient_check::Checked) -> usize| {
            Column::Counts(found.arrays.iter().map(|a| of(a) as u64).collect())
        };
        let table = Table::new("")
            .column("array", Column::Text(found.arrays.iter().map(|a| a.name.clone()).collect()))
            .column("places", count(|a| a.places))
            .column("kinks", count(|a| a.kinks))
            .column("error_f64", Column::Doubles(column(0).collect()))
            .column("error_f32", Column::Doubles(column(1).collect()));
        Ok(Drawing { figure, tables: vec![table], arrays: Vec::new() })
    }
}
