//! Samples, each with the units of every layer that count most for the class it is taken for.

use analysis::{
    Planned, Results,
    inputs::answer::Answer,
    inputs::image_sheet::{Followed, ImageSheet as Found, LayerUnits, Strong},
    select::units::unit_name,
};
use registry::{AnalysisRef, Config, Problems};
use rendering::{
    Anchor, Axis, Bars, Color, ColorScale, Dash, Figure, Image, Key, Label, LegendPosition, Line, Panel, Series,
    Swatch, palette, text,
};

use crate::{
    Column, Drawing, FigureError, FigureKind, Table,
    helpers::{input_map, words},
    inputs::feature_maps::{for_class, shades},
};

/// A sheet to browse, a row per sample: the input, of every hidden layer the units that count most for the class that the sample
/// is taken for as small maps, and the probabilities.
///
/// Of each layer the strongest units come first. The marked ones have a frame, red where they speak for the class and blue where
/// they speak against it, and below it what they add to its logit and their numbers. Of the classes the five most probable.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageSheet {
    /// An analysis of kind "image_sheet".
    #[schemars(extend("x-kinds" = ["image_sheet"]))]
    pub analysis: AnalysisRef,
}

impl Config for ImageSheet {
    const KIND: &str = "image_sheet";
    const EXAMPLE: &str = "analysis = \"sheet\"";
}

/// Panels side by side: with more layers a sample goes on in the row below.
const COLUMNS: usize = 5;
/// Maps side by side in a panel.
const ACROSS: usize = 3;
/// From one map to the next, in maps, and the height of two lines below a marked one.
const STEP: f64 = 1.15;
const LINES: f64 = 0.85;
/// So many of the classes, the most probable.
const CLASSES: usize = 5;
/// The size of what stands below a map, in drawing units, and the heights of the two lines below its edge.
const SIZE: f64 = 12.0;
const BELOW: [f64; 2] = [9.0, 22.0];

impl FigureKind for ImageSheet {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        input_map::check(&self.analysis, planned, problems);
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let mut figure = Figure::new(id, headline(found))
            .subtitle("A row per sample: of each layer those units first that count most for the class it is taken for")
            .caption(caption(found))
            .columns(COLUMNS)
            .legend(LegendPosition::Above);
        for (label, color) in [("raises the score of that class", palette::POSITIVE), ("lowers it", palette::NEGATIVE)]
        {
            figure = figure.key(Key::new(label, Swatch::Line { color, width: FRAME, dash: Dash::Solid }));
        }
        let mut rows = Vec::new();
        for sample in &found.samples {
            let mut panels = vec![input(found, sample)?.title("input")];
            for layer in &sample.layers {
                panels.push(layer_panel(layer, found.connections)?);
            }
            panels.push(probabilities(sample)?);
            rows.push(format!("{}, taken {}", words::sentence(&sample.answer.sample), for_class(&sample.answer)));
            let further = panels.len().div_ceil(COLUMNS) - 1;
            rows.extend(std::iter::repeat_n(String::new(), further));
            panels.resize_with((further + 1) * COLUMNS, Panel::blank);
            figure = panels.into_iter().fold(figure, Figure::panel);
        }
        Ok(Drawing { figure: figure.row_titles(rows), tables: tables(found), arrays: Vec::new() })
    }
}

/// "CNN is right on 3 of 4 samples".
fn headline(found: &Found) -> String {
    let (right, n) = (found.right(), found.samples.len());
    format!("{} is right on {right} of {}", words::sentence(&found.model), words::count(n, "sample", "samples"))
}

fn caption(found: &Found) -> String {
    let marked = match found.connections {
        1 => "The strongest has".to_owned(),
        n => format!("The {n} strongest have"),
    };
    format!(
        "For each sample: the input; of every hidden layer of {} the units that contribute most to the logit of the class that the \
         sample is taken for, the strongest first; and the most probable classes. The contribution of a unit is the sum over its \
         places of its value there times the gradient of the logit with respect to it; of the last hidden layer all contributions add \
         up to the logit less its bias. {marked} a frame, red for the class and blue against it; below it stand the contribution and \
         the unit's number. A map goes from dark for 0 to bright for the largest number of the maps beside it; where some are \
         negative, from blue over white for 0 to red. A layer of single numbers has one square for each.",
        found.model
    )
}

/// The sample.
fn input(found: &Found, sample: &Followed) -> Result<Panel, FigureError> {
    let x: Vec<f64> = sample.x.iter().map(|v| f64::from(*v)).collect();
    let range = x.iter().copied().fold(1.0, f64::max);
    input_map::panel(&x, &found.shape, &found.features, ColorScale::gray(0.0, range))
}

/// The strongest units of a layer, row by row.
fn layer_panel(layer: &LayerUnits, marked: usize) -> Result<Panel, FigureError> {
    let [h, w] = layer.size;
    let values: Vec<f64> = layer.units.iter().flat_map(|unit| unit.map.iter().map(|v| f64::from(*v))).collect();
    let scale = shades(&values, false);
    // Maps are one wide, and as high as they are.
    let height = h as f64 / w as f64;
    let down = |row: usize| row as f64 * (height + STEP - 1.0) + row.min(marked.div_ceil(ACROSS)) as f64 * LINES;
    let rows = layer.units.len().div_ceil(ACROSS);
    let (right, bottom) = (ACROSS as f64 * STEP, down(rows));
    let margin = (STEP - 1.0) / 2.0;
    let mut panel = Panel::matrix(Axis::hidden().range(-margin, right - margin), Axis::hidden().range(-margin, bottom));
    for (i, unit) in layer.units.iter().enumerate() {
        let (x, y) = ((i % ACROSS) as f64 * STEP, down(i / ACROSS));
        let map: Vec<f64> = unit.map.iter().map(|v| f64::from(*v)).collect();
        panel = panel.mark(Image::new(h, w, &map, scale)?.over((x, y), (x + 1.0, y + height)));
        if i < marked {
            panel = mark(panel, unit, [x, y, y + height]);
        }
    }
    let name = layer.node.split('.').next().unwrap_or(&layer.node);
    Ok(panel.title(name))
}

/// Width of a frame in drawing units.
const FRAME: f64 = 2.5;

/// A frame around a unit's map, and what it contributes.
fn mark(panel: Panel, unit: &Strong, [left, top, bottom]: [f64; 3]) -> Panel {
    let color = if unit.contribution < 0.0 { palette::NEGATIVE } else { palette::POSITIVE };
    let right = left + 1.0;
    let corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
    let line = |text: String, below: f64, color: Color| {
        Label::new((left + 0.5, bottom), text).anchor(Anchor::Middle).offset(0.0, -below).size(SIZE).color(color)
    };
    panel
        .mark(Line::new(corners).color(color).width(FRAME))
        .mark(line(signed(unit.contribution), BELOW[0], color))
        .mark(line(format!("#{}", unit.unit), BELOW[1], palette::MUTED))
}

/// "+2.3", "−0.4".
fn signed(value: f64) -> String {
    let text = text::fixed(value, 1);
    if text.starts_with('−') { text } else { format!("+{text}") }
}

/// The most probable classes.
fn probabilities(sample: &Followed) -> Result<Panel, FigureError> {
    let Answer { probabilities, classes, .. } = &sample.answer;
    let mut order: Vec<usize> = (0..classes.len()).collect();
    order.sort_by(|a, b| probabilities[*b].total_cmp(&probabilities[*a]).then(a.cmp(b)));
    order.truncate(CLASSES);
    let bars = Bars::new([Series::new("", order.iter().map(|class| probabilities[*class]))])?.horizontal();
    let names = Axis::new("").names(order.iter().map(|class| classes[*class].as_str())).reversed();
    Ok(Panel::new(Axis::new("").range(0.0, 1.0), names).title("probability").mark(bars).ratio(1.0))
}

/// What each sample is taken for, and the units that are shown.
fn tables(found: &Found) -> Vec<Table> {
    let samples = &found.samples;
    let text = |of: &dyn Fn(&Followed) -> &str| Column::Text(samples.iter().map(|s| of(s).to_owned()).collect());
    let shown = || {
        let layers = samples.iter().flat_map(|s| s.layers.iter().map(move |layer| (s.answer.index, layer)));
        layers.flat_map(|(sample, layer)| layer.units.iter().map(move |unit| (sample, layer, unit)))
    };
    let classes = || samples.iter().flat_map(|s| (0..s.answer.classes.len()).map(move |class| (s, class)));
    let number = |of: &dyn Fn(&Strong) -> f64| Column::Doubles(shown().map(|(_, _, unit)| of(unit)).collect());
    vec![
        Table::new("")
            .column("sample", Column::Counts(samples.iter().map(|s| s.answer.index as u64).collect()))
            .column("class", text(&|s| &s.answer.classes[s.answer.target]))
            .column("predicted", text(&|s| &s.answer.classes[s.answer.predicted()]))
            .column("probability", Column::Doubles(samples.iter().map(|s| s.answer.confidence()).collect()))
            .column("score", Column::Singles(samples.iter().map(|s| s.score).collect())),
        Table::new("units")
            .column("sample", Column::Counts(shown().map(|(sample, ..)| sample as u64).collect()))
            .column("unit", Column::Text(shown().map(|(_, layer, unit)| unit_name(&layer.node, unit.unit)).collect()))
            .column("of", Column::Counts(shown().map(|(_, layer, _)| layer.of as u64).collect()))
            .column("contribution", number(&|unit| unit.contribution))
            .column("share", number(&|unit| unit.share)),
        Table::new("probabilities")
            .column("sample", Column::Counts(classes().map(|(s, _)| s.answer.index as u64).collect()))
            .column("class", Column::Text(classes().map(|(s, class)| s.answer.classes[class].clone()).collect()))
            .column(
                "probability",
                Column::Doubles(classes().map(|(s, class)| s.answer.probabilities[class]).collect()),
            ),
    ]
}
