//! What every layer makes of one sample, from the input to the probabilities.

use analysis::{
    Planned, Results,
    inputs::{
        answer::Answer,
        feature_maps::{FeatureMaps as Found, LayerMaps},
    },
    select::snapshots::OverTraining,
};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, ColorBar, ColorScale, Figure, Heatmap, Panel};

use crate::{
    Animate, Array, Column, Drawing, FigureError, FigureKind, Table,
    helpers::{frames, frames::Shown, sheet::Sheet, words},
};

/// What every layer makes of one sample, a row for each: the maps of a layer's channels side by side, the numbers of a vector as
/// a strip, and at the end the probability of each class. Numbers stand where they fit; each layer has a scale of its own.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeatureMaps {
    /// An analysis of kind "feature_maps".
    #[schemars(extend("x-kinds" = ["feature_maps"]))]
    pub analysis: AnalysisRef,
    /// The epoch to be shown. Default: the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<usize>,
    /// One frame per snapshot in place of one picture: `{ seconds = 8 }`. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animate: Option<Animate>,
}

impl Config for FeatureMaps {
    const KIND: &str = "feature_maps";
    const EXAMPLE: &str = "analysis = \"maps\"";
}

/// Maps side by side, and numbers of a vector.
const MAPS: usize = 8;
const NUMBERS: usize = 32;
/// Up to so many numbers of a vector stand in their cells.
const FEW: usize = 16;

impl FigureKind for FeatureMaps {
    fn check(&self, problems: &mut Problems) {
        frames::check(self.epoch, self.animate.as_ref(), problems);
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        frames::check_against(&self.analysis, self.epoch, self.animate.as_ref(), planned, problems);
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &OverTraining<Found> = results.outcome(&self.analysis)?;
        let shown = Shown::of(&self.analysis.0, &found.epochs(), self.epoch, self.animate.as_ref())?
            .paced(results, [found.trained().model.as_str()])
            .headlines(|i| taken(&found.0[i].1.answer));
        let (epoch, end) = &found.0[shown.last()];
        let answer = &end.answer;
        let cut = end.layers.iter().any(|layer| layer.channels.len() < layer.of);
        let cut = if cut {
            " Of layers with more channels than are drawn the strongest are: those with the largest mean magnitude."
        } else {
            ""
        };
        let title = format!("{} takes {}, {}", words::sentence(&end.model), answer.sample, for_class(answer));
        let mut figure = Figure::new(id, title)
            .subtitle("What every layer makes of it, from the picture to the probabilities")
            .caption(format!(
                "What every layer of {} makes of {} after {}: of pictures the map of each channel, of vectors each number, row by row, \
                 and the probability of each class. Each layer has a scale of its own. What is white in the first picture is 0.{cut}",
                end.model,
                answer.sample,
                words::epochs(*epoch),
            ));
        for at in 0..end.layers.len() {
            let states: Vec<&LayerMaps> = shown.indices.iter().map(|i| &found.0[*i].1.layers[at]).collect();
            figure = figure.panel(layer_panel(&shown, &states)?);
        }
        let states: Vec<&Answer> = shown.indices.iter().map(|i| &found.0[*i].1.answer).collect();
        figure = figure.panel(probabilities(&shown, &states)?);
        let arrays = end
            .layers
            .iter()
            .map(|layer| Array::new(layer.node.clone(), ["channel", "place"], layer.maps.clone().into_dyn()));
        Ok(Drawing { figure: shown.animate(figure), tables: tables(answer), arrays: arrays.collect() })
    }
}

/// "for 3 (99.8%)".
pub(super) fn for_class(answer: &Answer) -> String {
    format!("for {} ({})", answer.classes[answer.predicted()], words::percent(answer.confidence()))
}

fn taken(answer: &Answer) -> String {
    format!("taken {}", for_class(answer))
}

/// The colours of a layer's numbers in all states.
fn scale(states: &[&LayerMaps]) -> ColorScale {
    let all: Vec<f64> = states.iter().flat_map(|layer| layer.maps.iter().map(|v| f64::from(*v))).collect();
    shades(&all, states.iter().all(|layer| layer.node == "x"))
}

/// The colours of a layer's numbers: from 0 on where none is negative, gray of the input, else around 0.
pub(super) fn shades(all: &[f64], is_input: bool) -> ColorScale {
    let most = all.iter().copied().fold(0.0, f64::max).max(1e-9);
    match all.iter().any(|v| *v < 0.0) {
        true => ColorScale::signed_of(all),
        false if is_input => ColorScale::gray(0.0, most),
        false => ColorScale::magnitude(0.0, most),
    }
}

/// One layer.
fn layer_panel(shown: &Shown, states: &[&LayerMaps]) -> Result<Panel, FigureError> {
    let (end, scale) = (states[states.len() - 1], scale(states));
    let name = if end.node == "x" { "picture" } else { end.node.as_str() };
    let n = end.channels.len();
    let (sheet, title) = match end.size {
        Some([h, w]) => {
            let which = match n < end.of {
                true => format!("the strongest {n} of {} channels", end.of),
                false => words::count(n, "channel", "channels"),
            };
            (Sheet { size: [h, w], across: MAPS, maps: n }, format!("{name}: {which} of {h} × {w}"))
        }
        None => (
            Sheet { size: [n.div_ceil(NUMBERS), n.min(NUMBERS)], across: 1, maps: 1 },
            format!("{name}: {}", rows_of(n)),
        ),
    };
    let value =
        |state: &LayerMaps, map: usize, at: usize| state.maps.get([map, at]).map_or(f64::NAN, |v| f64::from(*v));
    let [rows, columns] = sheet.cells();
    let panel = Panel::picture().title(title).color_bar(ColorBar::new("", scale));
    if end.size.is_none() && n <= FEW {
        let cells = |state: &&LayerMaps| -> Result<Heatmap, FigureError> {
            let values = (0..n).map(|at| value(state, 0, at)).collect();
            Ok(Heatmap::new(rows, columns, values, scale)?.numbers(2))
        };
        let mut marks = states.iter().map(cells).collect::<Result<Vec<_>, _>>()?.into_iter();
        return Ok(shown.mark(panel, |_| marks.next().expect("one for each snapshot")));
    }
    let marks = states.iter().map(|state| sheet.mark(scale, |map, at| value(state, map, at)));
    let mut marks = marks.collect::<Result<Vec<_>, _>>()?.into_iter();
    Ok(shown.mark(panel, |_| marks.next().expect("one for each snapshot")))
}

/// "128 numbers in rows of 32".
fn rows_of(n: usize) -> String {
    let rows = if n > NUMBERS { format!(" in rows of {NUMBERS}") } else { String::new() };
    words::count(n, "number", "numbers") + &rows
}

/// The probability of each class.
fn probabilities(shown: &Shown, states: &[&Answer]) -> Result<Panel, FigureError> {
    let scale = ColorScale::magnitude(0.0, 1.0);
    let (n, classes) = (states[0].classes.len(), states[0].classes.clone());
    let panel = Panel::matrix(Axis::new("class").names(classes), Axis::hidden());
    let cells = |state: &&Answer| -> Result<Heatmap, FigureError> {
        Ok(Heatmap::new(1, n, state.probabilities.clone(), scale)?.numbers(2))
    };
    let mut marks = states.iter().map(cells).collect::<Result<Vec<_>, _>>()?.into_iter();
    let panel = panel.title("probability").color_bar(ColorBar::new("", scale));
    Ok(shown.mark(panel, |_| marks.next().expect("one for each snapshot")))
}

/// What the sample is taken for, and the probability of each class.
fn tables(answer: &Answer) -> Vec<Table> {
    let name = |class: usize| Column::Text(vec![answer.classes[class].clone()]);
    vec![
        Table::new("")
            .column("sample", Column::Counts(vec![answer.index as u64]))
            .column("class", name(answer.target))
            .column("predicted", name(answer.predicted()))
            .column("probability", Column::Doubles(vec![answer.confidence()])),
        Table::new("probabilities")
            .column("class", Column::Text(answer.classes.clone()))
            .column("probability", Column::Doubles(answer.probabilities.clone())),
    ]
}
