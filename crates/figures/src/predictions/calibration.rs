//! Whether a classifier is as often right as it says: a reliability diagram.

use analysis::{Results, predictions::calibration::Calibration as Found};
use registry::{AnalysisRef, Config};
use rendering::{Axis, Bars, Dash, Figure, Line, Panel, Scatter, Series, Ticks, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::colours, helpers::words};

/// A reliability diagram: the share of right predictions against the confidence the model has in them, and below how many samples
/// have that confidence. On the diagonal a model is as often right as it says; below it, it is too sure.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// An analysis of kind "calibration".
    #[schemars(extend("x-kinds" = ["calibration"]))]
    pub analysis: AnalysisRef,
}

impl Config for Calibration {
    const KIND: &str = "calibration";
    const EXAMPLE: &str = "analysis = \"calibration\"";
}

impl FigureKind for Calibration {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let samples = words::samples(found.n, found.split);
        let filled = || found.bins.iter().filter(|bin| bin.n > 0);
        let points: Vec<(f64, f64)> = filled().map(|bin| (bin.mean_confidence(), bin.accuracy())).collect();
        let color = colours::model(results, &found.model);
        let axis = || Axis::new("confidence (probability of the predicted class)").range(0.0, 1.0);
        let reliability = Panel::new(axis(), Axis::new("accuracy (share that is right)").range(0.0, 1.0))
            .ratio(0.62)
            .mark(
                Line::new([(0.0, 0.0), (1.0, 1.0)])
                    .color(palette::INK)
                    .dash(Dash::Dashed)
                    .label("as often right as it says"),
            )
            .mark(Line::new(points.iter().copied()).color(color))
            .mark(Scatter::new(points.iter().copied()).color(color).radius(5.0).label("the model, bin by bin"));
        let width = 1.0 / found.bins.len() as f64;
        let names = (0..found.bins.len()).map(|i| {
            let end = |i: usize| rendering::text::fixed(100.0 * i as f64 * width, 0);
            format!("{}–{}", end(i), end(i + 1))
        });
        let counts = Panel::new(Axis::new("confidence (%)").ticks(Ticks::names(names)), Axis::new("samples"))
            .ratio(0.25)
            .mark(Bars::new([Series::new("", found.bins.iter().map(|bin| bin.n as f64))])?);
        let figure = Figure::new(id, headline(found))
            .subtitle(words::sentence(&format!(
                "{}, {samples}; expected calibration error {}",
                found.model,
                words::percent(found.ece)
            )))
            .caption(format!(
                "Whether {} is as often right as it says, over {samples}. Samples are put into {} by the probability the model gives to \
                 its prediction; a point is a bin's mean confidence and the share of it that is right. On the dashed line both agree; \
                 below it the model is too sure of itself. Expected calibration error, the mean distance from the line over the samples: \
                 {}; Brier score {}. Bins of few samples say little: below, how many each has.",
                found.model,
                words::count(found.bins.len(), "bin", "bins"),
                words::percent(found.ece),
                rendering::text::fixed(found.brier, 3),
            ))
            .panel(reliability)
            .panel(counts);
        let column = |of: &dyn Fn(&analysis::predictions::calibration::Bin) -> f64| {
            Column::Doubles(found.bins.iter().map(of).collect())
        };
        let table = Table::new("")
            .column("from", Column::Doubles((0..found.bins.len()).map(|i| i as f64 * width).collect()))
            .column("samples", Column::Counts(found.bins.iter().map(|bin| bin.n as u64).collect()))
            .column("mean.confidence", column(&|bin| bin.mean_confidence()))
            .column("accuracy", column(&|bin| bin.accuracy()));
        Ok(Drawing { figure, tables: vec![table], arrays: Vec::new() })
    }
}

/// Percentage points between confidence and accuracy that are worth a word.
const NOTABLE: f64 = 0.01;

/// Which way it errs, over all samples.
fn headline(found: &Found) -> String {
    let (sure, right) = (words::percent(found.confidence), words::percent(found.accuracy));
    match found.confidence - found.accuracy {
        gap if gap > NOTABLE => {
            format!("{} is too sure of itself: confidence {sure} on average, {right} right", found.model)
        }
        gap if gap < -NOTABLE => {
            format!("{} is right more often than it says: confidence {sure} on average, {right} right", found.model)
        }
        _ => format!("On average {} is as sure as it is right: confidence {sure}, {right} right", found.model),
    }
}
