//! Which units speak for each class, by three measures, and where these agree.

use analysis::{
    Results,
    units::unit_ranking::{LISTS, Order, RankedNode, UnitRanking as Found},
};
use registry::{AnalysisRef, Config};
use rendering::{Axis, ColorScale, Figure, Heatmap, Key, Panel, Swatch};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// The units that speak most for each class: one table per node and measure (mean activation, gradient of the loss, gradient of
/// the class's own logit), a row per class, the first unit on the left; a unit that is in two or in all three lists of a class is
/// marked.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitRanking {
    /// An analysis of kind "unit_ranking".
    #[schemars(extend("x-kinds" = ["unit_ranking"]))]
    pub analysis: AnalysisRef,
}

impl Config for UnitRanking {
    const KIND: &str = "unit_ranking";
    const EXAMPLE: &str = "analysis = \"ranking\"";
}

/// From the colour of a unit in one list to that of one in all three: white to red.
fn scale() -> ColorScale {
    ColorScale::signed(4.0)
}

/// The value of a unit in that many lists on the scale.
fn mark(lists: usize) -> f64 {
    1.2 * lists.saturating_sub(1) as f64
}

impl FigureKind for UnitRanking {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let [loss, logit] = match found.order {
            Order::Support => ["lowers the loss", "raises the logit"],
            Order::Magnitude => ["moves the loss", "moves the logit"],
        };
        let heads = ["most active", loss, logit];
        let samples = words::samples(found.n, found.split);
        let title = words::sentence(&agreement(found));
        let meaning = match found.order {
            Order::Support => "largest first where it lowers the loss or raises the logit",
            Order::Magnitude => "by magnitude, whatever the sign",
        };
        let mut figure = Figure::new(id, title)
            .subtitle(format!("{} units per class, the first one on the left; cells are numbers of units", found.k))
            .caption(format!(
                "Units of {} ranked for each class over {samples}, each sample counting for its own class: by mean activation, by the mean \
                 gradient of the sample's loss with respect to the unit, and by the mean gradient of the class's own logit; gradients \
                 {meaning}. A unit in two of a class's lists is light red, in all three red. {}.{}",
                found.model,
                words::sentence(&agreement(found)),
                words::without_samples(&found.absent, found.split),
            ))
            .columns(LISTS.len())
            .share_y()
            .row_titles(found.nodes.iter().map(|n| n.node.clone()));
        let names = ["in one list", "in two lists", "in all three lists"];
        for (lists, name) in (1..).zip(names) {
            figure = figure.key(Key::new(name, Swatch::Area(scale().color(mark(lists)))));
        }
        let mut tables = Vec::new();
        for node in &found.nodes {
            for (list, head) in heads.into_iter().enumerate() {
                figure = figure.panel(panel(found, node, list)?.title(head));
            }
            tables.push(table(found, node));
        }
        Ok(Drawing { figure, tables, arrays: Vec::new() })
    }
}

/// One list of every class.
fn panel(found: &Found, node: &RankedNode, list: usize) -> Result<Panel, FigureError> {
    let columns = node.top[list].first().map_or(0, Vec::len);
    let cells = || node.top[list].iter().enumerate().flat_map(|(c, units)| units.iter().map(move |u| (c, *u)));
    let values = cells().map(|(class, unit)| mark(node.lists_with(class, unit))).collect();
    let labels = cells().map(|(_, unit)| unit.to_string()).collect();
    let map = Heatmap::new(found.classes.len(), columns, values, scale())?.labels(labels)?;
    let x = Axis::new("rank").names((1..=columns).map(|rank| rank.to_string()));
    let y = Axis::new("class").names(found.classes.clone()).reversed();
    Ok(Panel::new(x, y).ratio(HEIGHT * found.classes.len() as f64).mark(map))
}

/// Of a row, against the width of a panel.
const HEIGHT: f64 = 0.13;

/// "hidden2.post: 2.1 of 5 units per class are in all three lists".
fn agreement(found: &Found) -> String {
    let of = |node: &RankedNode| {
        let shared: usize = (0..found.classes.len()).map(|c| node.in_all(c).len()).sum();
        let mean = shared as f64 / found.classes.len().max(1) as f64;
        format!("{mean:.1} in {}", node.node)
    };
    let parts: Vec<String> = found.nodes.iter().map(of).collect();
    format!("on average {} of the top {} units of a class are in all three rankings", words::list(&parts), found.k)
}

/// A row per unit and class.
fn table(found: &Found, node: &RankedNode) -> Table {
    let (units, classes) = node.means[0].dim();
    let rows = || (0..units).flat_map(move |u| (0..classes).map(move |c| (u, c)));
    let rank = |list: usize| {
        let place = |(u, c): (usize, usize)| node.top[list][c].iter().position(|x| *x == u);
        Column::Text(rows().map(|r| place(r).map(|p| (p + 1).to_string()).unwrap_or_default()).collect())
    };
    let mut table = Table::new(&node.node)
        .column("unit", Column::Counts(rows().map(|(u, _)| u as u64).collect()))
        .column("class", Column::Text(rows().map(|(_, c)| found.classes[c].clone()).collect()));
    for (list, name) in LISTS.into_iter().enumerate() {
        let means = rows().map(|r| node.means[list][r]).collect();
        table = table.column(format!("mean.{name}"), Column::Doubles(means)).column(format!("rank.{name}"), rank(list));
    }
    table
}
