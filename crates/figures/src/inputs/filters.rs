//! The filters of a convolution as small pictures.

use analysis::{Planned, Results, inputs::filters::Filters as Found, select::snapshots::OverTraining};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, ColorBar, ColorScale, Figure, Heatmap, Panel, Tick, Ticks, text};

use crate::{
    Animate, Array, Column, Drawing, FigureError, FigureKind, Table,
    helpers::{frames, frames::Shown, sheet::Sheet, words},
};

/// The filters of a convolution, red where a weight is positive and blue where it is negative, all on one scale: of filters that
/// read one channel a picture each, with its numbers where they fit and its bias; of others a column for each filter and a row
/// for each channel that it reads.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filters {
    /// An analysis of kind "filters".
    #[schemars(extend("x-kinds" = ["filters"]))]
    pub analysis: AnalysisRef,
    /// The epoch to be shown. Default: the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<usize>,
    /// One frame per snapshot in place of one picture: `{ seconds = 8 }`. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animate: Option<Animate>,
}

impl Config for Filters {
    const KIND: &str = "filters";
    const EXAMPLE: &str = "analysis = \"filters\"";
}

/// More filters, or channels of one, are no picture any more, and their file is too large.
const MOST: usize = 64;

impl FigureKind for Filters {
    fn check(&self, problems: &mut Problems) {
        frames::check(self.epoch, self.animate.as_ref(), problems);
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        frames::check_against(&self.analysis, self.epoch, self.animate.as_ref(), planned, problems);
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &OverTraining<Found> = results.outcome(&self.analysis)?;
        let shown = Shown::of(&self.analysis.0, &found.epochs(), self.epoch, self.animate.as_ref())?
            .paced(results, [found.trained().model.as_str()]);
        let (epoch, end) = &found.0[shown.last()];
        let all: Vec<f64> =
            shown.indices.iter().flat_map(|i| found.0[*i].1.weights.iter().map(|w| f64::from(*w))).collect();
        let scale = ColorScale::signed_of(&all);
        let (filters, inputs, ..) = end.weights.dim();
        let read = match (end.reads.as_str(), inputs) {
            ("x", 1) => "the picture".to_owned(),
            (node, 1) => format!("one channel of {node}"),
            (node, n) => format!("{n} channels of {node}"),
        };
        let how = match (inputs, &end.damage) {
            (1, None) => "Above each filter stands its number and, in parentheses, its bias",
            (1, Some(_)) => {
                "Above each filter stands its number and, in parentheses, the accuracy lost without it, in points"
            }
            _ => "A column is a filter, a row the channel that it reads",
        };
        let order = end.damage.as_ref().map_or(String::new(), |damage| {
            let samples = words::samples(damage.n, damage.split);
            let [with, without] = [damage.accuracy, damage.without[end.order()[0]]].map(words::percent);
            format!(
                " The filter stands first without which most accuracy is lost when its channel gives 0: without filter {} {} has \
                 {without} of {samples} right, with all {with}.",
                end.order()[0], end.model
            )
        });
        let cut = match filters.max(inputs) > MOST {
            true => format!(" Of filters and channels the first {MOST} are drawn."),
            false => String::new(),
        };
        let title =
            format!("What the {} of {} look for: their weights", words::count(filters, "filter", "filters"), end.layer);
        let figure = Figure::new(id, title)
            .subtitle(match &end.damage {
                None => format!("{how}; red weights excite, blue ones inhibit"),
                Some(_) => format!("{how}; the filter that costs most to lose is first"),
            })
            .caption(format!(
                "The weights of the filters of {} of {} after {}: at every place each filter multiplies the numbers of {read} under its \
                 window by them, and adds up the products and its bias. {how}. All weights have one scale.{order}{cut}",
                end.layer,
                end.model,
                words::epochs(*epoch),
            ));
        let states: Vec<&Found> = found.0.iter().map(|(_, state)| state).collect();
        let figure = match inputs {
            1 => singles(figure, &shown, &states, scale)?,
            _ => figure.panel(grid(&shown, &states, scale)?),
        };
        let figure = figure.color_bar(ColorBar::new("weight", scale));
        Ok(Drawing {
            figure: shown.animate(figure),
            tables: vec![table(end)],
            arrays: vec![Array::new("weights", ["filter", "channel", "row", "column"], end.weights.clone().into_dyn())],
        })
    }
}

/// A panel per filter of one channel.
fn singles(mut figure: Figure, shown: &Shown, states: &[&Found], scale: ColorScale) -> Result<Figure, FigureError> {
    let (filters, _, kernel, _) = states[shown.last()].weights.dim();
    figure = figure.columns(if filters <= 16 { 4 } else { 8 });
    for filter in states[shown.last()].order().into_iter().take(filters.min(MOST)) {
        let map = |state: &Found| -> Result<Heatmap, FigureError> {
            let own = state.weights.slice(ndarray::s![filter, 0, .., ..]);
            Ok(Heatmap::new(kernel, kernel, own.iter().map(|w| f64::from(*w)).collect(), scale)?.numbers(2))
        };
        let mut maps =
            shown.select(states).into_iter().map(|state| map(state)).collect::<Result<Vec<_>, _>>()?.into_iter();
        let title = |state: &Found| match &state.damage {
            None => format!("{filter} ({})", text::fixed(f64::from(state.biases[filter]), 2)),
            Some(damage) => format!("{filter} ({})", text::fixed(100.0 * damage.lost(filter), 1)),
        };
        let titles: Vec<String> = shown.select(states).into_iter().map(|state| title(state)).collect();
        let panel = match &titles[..] {
            [only] => Panel::picture().title(only),
            _ => Panel::picture().titles(titles),
        };
        // One map for each of the snapshots shown.
        figure = figure.panel(shown.mark(panel, |_| maps.next().expect("as many maps as snapshots")));
    }
    Ok(figure)
}

/// A column per filter and a row per channel that it reads.
fn grid(shown: &Shown, states: &[&Found], scale: ColorScale) -> Result<Panel, FigureError> {
    let (filters, inputs, kernel, _) = states[shown.last()].weights.dim();
    let (filters, inputs) = (filters.min(MOST), inputs.min(MOST));
    let sheet = Sheet { size: [kernel, kernel], across: filters, maps: filters * inputs };
    let order = states[shown.last()].order();
    let sheets = shown.select(states).into_iter().map(|state| {
        let weight =
            |map: usize, at: usize| state.weights[[order[map % filters], map / filters, at / kernel, at % kernel]];
        sheet.mark(scale, |map, at| f64::from(weight(map, at)))
    });
    let mut sheets = sheets.collect::<Result<Vec<_>, _>>()?.into_iter();
    let ticks = |n: usize, name: &dyn Fn(usize) -> usize| {
        let middle = |i: usize| (i * (kernel + 1)) as f64 + kernel as f64 / 2.0;
        let every = n.div_ceil(16);
        Ticks::Given((0..n).step_by(every).map(|i| Tick { value: middle(i), label: name(i).to_string() }).collect())
    };
    let [rows, columns] = sheet.cells();
    let axis = |label: &str, n: usize, cells: usize, name: &dyn Fn(usize) -> usize| {
        Axis::new(label).ticks(ticks(n, name)).range(0.0, cells as f64)
    };
    let panel = Panel::matrix(axis("filter", filters, columns, &|i| order[i]), axis("channel", inputs, rows, &|i| i));
    Ok(shown.mark(panel, |_| sheets.next().expect("as many sheets as snapshots")))
}

/// A row per filter.
fn table(found: &Found) -> Table {
    let weights = || found.weights.outer_iter();
    let norm =
        |own: ndarray::ArrayView3<'_, f32>| own.iter().map(|w| f64::from(*w) * f64::from(*w)).sum::<f64>().sqrt();
    let table = Table::new("")
        .column("filter", Column::Counts((0..found.biases.len() as u64).collect()))
        .column("bias", Column::Singles(found.biases.clone()))
        .column("norm", Column::Doubles(weights().map(norm).collect()));
    match &found.damage {
        None => table,
        Some(damage) => table.column("accuracy.without", Column::Doubles(damage.without.clone())),
    }
}
