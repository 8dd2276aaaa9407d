//! How well a linear classifier reads the classes off each layer.

use analysis::{Results, geometry::linear_probe::LinearProbe, statistics::softmax};
use registry::{AnalysisRef, Config};
use rendering::{Axis, Bars, Figure, Label, Panel, Series, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// Accuracy of a linear classifier on each layer of a model, as bars.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProbeAccuracy {
    /// An analysis of kind "linear_probe".
    #[schemars(extend("x-kinds" = ["linear_probe"]))]
    pub analysis: AnalysisRef,
}

impl Config for ProbeAccuracy {
    const KIND: &str = "probe_accuracy";
    const EXAMPLE: &str = "analysis = \"probe\"";
}

impl FigureKind for ProbeAccuracy {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let probe: &LinearProbe = results.outcome(&self.analysis)?;
        let name = |node: &str| if node == "x" { "input".to_owned() } else { node.to_owned() };
        let train: Vec<f64> = probe.layers.iter().map(|l| f64::from(l.train)).collect();
        let test: Option<Vec<f64>> = probe.layers.iter().map(|l| l.test.map(f64::from)).collect();
        let own = Series::new(if test.is_some() { "training" } else { "" }, train.iter().copied());
        let mut series = vec![own.color(palette::TRAINING)];
        series.extend(test.as_ref().map(|test| Series::new("test", test.iter().copied()).color(palette::TEST)));
        let mut panel = Panel::new(
            Axis::new("layer").names(probe.layers.iter().map(|l| name(&l.node))),
            Axis::new("accuracy (share of samples)").range(0.0, 1.08),
        )
        .mark(Bars::new(series)?);
        if test.is_none() {
            for (i, value) in train.iter().enumerate() {
                let label = Label::new((i as f64, *value), words::percent(*value)).anchor(rendering::Anchor::Middle);
                panel = panel.mark(label.offset(0.0, 11.0));
            }
        }
        // What was not learned from tells more.
        let (judged, of) = test.as_ref().map_or((&train, "training"), |test| (test, "test"));
        let title = match (judged.first(), judged.last()) {
            (Some(first), Some(last)) => format!(
                "A linear classifier gets {} of the {of} samples right at the input of {} and {} at its last layer",
                words::percent(*first),
                probe.model,
                words::percent(*last)
            ),
            _ => format!("{} has no layers", probe.model),
        };
        let figure = Figure::new(id, title)
            .caption(format!(
                "Share of samples that a linear classifier, fitted on the training samples, gets right when it is given one layer \
                 of {}: the higher, the further the layers below have pulled the classes apart. The classifier is a softmax \
                 regression on standardised activations with a small ridge (10⁻⁴), {}.",
                probe.model,
                fitted(probe)
            ))
            .panel(panel);
        let mut table = Table::new("")
            .column("layer", Column::Text(probe.layers.iter().map(|l| l.node.clone()).collect()))
            .column("units", Column::Counts(probe.layers.iter().map(|l| l.units as u64).collect()))
            .column("train.accuracy", Column::Singles(probe.layers.iter().map(|l| l.train).collect()));
        if test.is_some() {
            let test = probe.layers.iter().map(|l| l.test.unwrap_or(f32::NAN)).collect();
            table = table.column("test.accuracy", Column::Singles(test));
        }
        Ok(Drawing { figure, tables: vec![table], arrays: Vec::new() })
    }
}

/// Whether the classifiers are what they are called.
fn fitted(probe: &LinearProbe) -> String {
    let short: Vec<&str> =
        probe.layers.iter().filter(|l| l.gradient > softmax::CLOSE).map(|l| l.node.as_str()).collect();
    match short[..] {
        [] => "fitted until its gradient vanishes".into(),
        _ => {
            format!("fitted until its gradient vanishes, but at {} for as many steps as are made", words::list(&short))
        }
    }
}
