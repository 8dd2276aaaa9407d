//! Who is taken for whom before and after an intervention.

use analysis::{Results, units::intervention::Intervention as Found};
use registry::{AnalysisRef, Config};
use rendering::{Axis, Bars, Figure, Panel, Series, palette};

use crate::{
    Column, Drawing, FigureError, FigureKind, Table, helpers::small_matrix as small, helpers::words,
    predictions::confusion_matrix,
};

/// Confusion matrices before and after an intervention, their difference on a diverging scale, and the mean scores.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Intervention {
    /// An analysis of kind "intervention".
    #[schemars(extend("x-kinds" = ["intervention"]))]
    pub analysis: AnalysisRef,
}

impl Config for Intervention {
    const KIND: &str = "intervention";
    const EXAMPLE: &str = "analysis = \"patched\"";
}

impl FigureKind for Intervention {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let [before, after] = &found.confusions;
        let mistakes = small::mistake_scale(&[before, after]);
        let scale = small::difference_scale(&[(after, before)]);
        let [from, to] = [before, after].map(|c| words::percent(c.accuracy()));
        let classes = &before.classes;
        let bars = Bars::new([
            Series::new("before", found.scores[0].iter().copied()).color(palette::BEFORE),
            Series::new("after", found.scores[1].iter().copied()).color(palette::AFTER),
        ])?;
        let scores = Panel::new(Axis::new("class").names(classes.clone()), Axis::new("mean logit over all samples"));
        let figure = Figure::new(id, format!("With {} {}, accuracy goes from {from} to {to}", found.units, found.words))
            .subtitle(format!(
                "{} of {} get another prediction",
                words::thousands(found.predictions_changed),
                words::samples(found.n, found.split)
            ))
            .caption(format!(
                "What {} makes of {} with {} {}: this changed the activations of {} on {}. Rows are true classes, columns predicted ones; cells are percent of \
                 the row, empty where they round to 0, red for mistakes and gray for what is right; the difference is red where there are more afterwards, blue where there are fewer. \
                 Below, the mean logit (the score of a class before softmax) over all samples, before and after.",
                found.model,
                words::samples(found.n, found.split),
                found.units,
                found.words,
                words::count(found.effect.units, "unit", "units"),
                words::samples(found.effect.samples, found.split),
            ))
            .columns(2)
            .panel(small::shares(before, mistakes)?.title("Before"))
            .panel(small::shares(after, mistakes)?.title("After"))
            .panel(small::difference(after, before, scale)?.title("After minus before"))
            .panel(scores.ratio(1.0).mark(bars).title("Mean logits"))
            .color_bar(small::mistake_bar(mistakes))
            .color_bar(small::difference_bar(scale));
        let mut tables = vec![confusion_matrix::table("before", before), confusion_matrix::table("after", after)];
        let scores = Table::new("scores").column("class", Column::Text(classes.clone()));
        let scores = scores.column("before", Column::Doubles(found.scores[0].clone()));
        tables.push(scores.column("after", Column::Doubles(found.scores[1].clone())));
        Ok(Drawing { figure, tables, arrays: Vec::new() })
    }
}
