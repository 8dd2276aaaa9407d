//! Who is taken for whom when one neuron is removed, left alone, and turned up.

use analysis::{Results, units::neuron::Neuron};
use registry::{AnalysisRef, Config};
use rendering::{Axis, Bars, Figure, Panel, Series};

use crate::{
    Drawing, FigureError, FigureKind, helpers::small_matrix as small, helpers::words, predictions::confusion_matrix,
    units::neuron_scaling::headline,
};

/// Confusion matrices with a unit's activation multiplied by 0, by 1 and by the largest factor, and what the first and the last
/// change, on a diverging scale.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NeuronConfusion {
    /// An analysis of kind "neuron".
    #[schemars(extend("x-kinds" = ["neuron"]))]
    pub analysis: AnalysisRef,
}

impl Config for NeuronConfusion {
    const KIND: &str = "neuron_confusion";
    const EXAMPLE: &str = "analysis = \"neuron14\"";
}

impl FigureKind for NeuronConfusion {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Neuron = results.outcome(&self.analysis)?;
        let [(_, without), (_, whole), (most, turned_up)] = &found.confusions;
        let scale = small::difference_scale(&[(without, whole), (turned_up, whole)]);
        let mistakes = small::mistake_scale(&[whole, without, turned_up]);
        let accuracy = |c: &analysis::statistics::confusion::Confusion| words::percent(c.accuracy());
        let bars = Bars::new([Series::new("", found.means.iter().copied())])?;
        let class = Axis::new("true class").names(found.present.names.clone());
        let answers = Panel::new(class, Axis::new("mean activation")).mark(bars);
        let figure = Figure::new(id, headline(found))
            .caption(format!(
                "Confusion matrices of {} on {} with the activation of {} multiplied by s: s = 1 leaves it as it is, s = 0 removes it, \
                 s = {most} turns it up. The row is the true class, the column the predicted one; cells are percent of the row, empty \
                 where they round to 0, red for mistakes and gray for what is right. On the right what the change adds (red) and takes away (blue), in percentage points; above it the unit's mean activation for each class, \
                 as it is.{}",
                found.model,
                words::samples(found.n, found.split),
                found.unit,
                words::without_samples(&found.present.absent, found.split),
            ))
            .columns(2)
            .panel(small::shares(whole, mistakes)?.title(format!("s = 1, as it is: {} right", accuracy(whole))))
            .panel(answers.ratio(1.0).title("What the unit gives"))
            .panel(small::shares(without, mistakes)?.title(format!("s = 0: {} right", accuracy(without))))
            .panel(small::difference(without, whole, scale)?.title("s = 0 minus s = 1"))
            .panel(small::shares(turned_up, mistakes)?.title(format!("s = {most}: {} right", accuracy(turned_up))))
            .panel(small::difference(turned_up, whole, scale)?.title(format!("s = {most} minus s = 1")))
            .color_bar(small::mistake_bar(mistakes))
            .color_bar(small::difference_bar(scale));
        let tables = vec![
            confusion_matrix::table("as_it_is", whole),
            confusion_matrix::table("ablated", without),
            confusion_matrix::table("most", turned_up),
        ];
        Ok(Drawing { figure, tables, arrays: Vec::new() })
    }
}
