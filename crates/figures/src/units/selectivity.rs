//! How selective units are for classes: a map of all, and a table of the most selective.

use analysis::{
    Results,
    units::selectivity::{SelectiveNode, Selectivity as Found},
};
use registry::{AnalysisRef, Config};
use rendering::{Axis, ColorBar, ColorScale, Figure, Heatmap, Panel, text};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// The selectivity of every unit for every class on a diverging scale, and below the most selective units of each class.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Selectivity {
    /// An analysis of kind "selectivity".
    #[schemars(extend("x-kinds" = ["selectivity"]))]
    pub analysis: AnalysisRef,
}

impl Config for Selectivity {
    const KIND: &str = "selectivity";
    const EXAMPLE: &str = "analysis = \"selectivity\"";
}

impl FigureKind for Selectivity {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let scale = ColorScale::signed(1.0);
        let title = found.nodes.last().and_then(|node| headline(found, node));
        let mut figure = Figure::new(id, title.unwrap_or_else(|| "No unit answers".into()))
            .subtitle(words::sentence(&format!(
                "{}, {}. S is 1 where only this class excites the unit, 0 where it makes no difference, −1 where all but this class do",
                found.model,
                words::samples(found.n, found.split)
            )))
            .caption(format!(
                "Selectivity S = (μ − μ̄) / (μ + μ̄ + 0.001) of each unit of {} for each class over {}: μ is the unit's mean activation for \
                 the class, μ̄ the mean of its means for the other classes. 1 (red): only this class excites the unit; 0 (white): it makes \
                 no difference; −1 (blue): all but this class do. The tables name the most selective units of each class, with S \
                 where it is above 0. Hatched units are silent: their mean is for no class above a hundredth of the largest of their layer; they \
                 are ranked last, and the title leaves them out.{}",
                found.model,
                words::samples(found.n, found.split),
                words::without_samples(&found.absent, found.split),
            ))
            .color_bar(ColorBar::new("selectivity S", scale));
        let mut tables = Vec::new();
        for node in &found.nodes {
            let (units, classes) = node.selectivity.dim();
            let class = || Axis::new("class").names(found.classes.clone()).reversed();
            let shown = |(unit, class): (usize, usize)| {
                if node.silent[unit] { f64::NAN } else { node.selectivity[[unit, class]] }
            };
            let values = (0..classes).flat_map(|c| (0..units).map(move |u| (u, c))).map(shown).collect();
            let map = Panel::new(
                Axis::new(format!("unit of {}", node.node)).names((0..units).map(|u| u.to_string())),
                class(),
            );
            let silent = (0..classes).flat_map(|_| node.silent.iter().copied()).collect();
            let cells = Heatmap::new(classes, units, values, scale)?.numbers(1).hatched(silent, SILENT)?;
            figure = figure.panel(map.ratio(0.42).title(&node.node).mark(cells));
            let cells = || node.top.iter().enumerate().flat_map(|(c, top)| top.iter().map(move |u| (*u, c)));
            let values: Vec<f64> = cells().map(shown).collect();
            // A unit that answers less to a class than to the others is not selective for it.
            let label = |((u, _), s): ((usize, usize), &f64)| match *s > 0.0 {
                true => format!("{u}: {}", text::fixed(*s, 2)),
                false => String::new(),
            };
            let labels = cells().zip(&values).map(label).collect();
            let k = node.top.first().map_or(0, Vec::len);
            let silent = cells().map(|(unit, _)| node.silent[unit]).collect();
            let top = Heatmap::new(classes, k, values, scale)?.labels(labels)?.hatched(silent, SILENT)?;
            let rank = Axis::new("rank").names((1..=k).map(|rank| rank.to_string()));
            figure = figure.panel(
                Panel::new(rank, class())
                    .ratio(0.42)
                    .title(format!("Most selective units of {}, each with its S", node.node))
                    .mark(top),
            );
            tables.push(table(found, node));
        }
        Ok(Drawing { figure, tables, arrays: Vec::new() })
    }
}

/// What a legend says of silent units.
const SILENT: &str = "silent unit";

/// The two darkest cells of a node's map: the class that a unit answers to most selectively, and the one that a unit spares most.
fn headline(found: &Found, node: &SelectiveNode) -> Option<String> {
    let cells = node.selectivity.indexed_iter().filter(|((unit, _), s)| !node.silent[*unit] && !s.is_nan());
    let by = |a: &((usize, usize), &f64), b: &((usize, usize), &f64)| a.1.total_cmp(b.1);
    let (most, least) = (cells.clone().max_by(by)?, cells.min_by(by)?);
    let told = |((unit, class), s): ((usize, usize), &f64)| {
        (format!("unit {unit}"), words::class(&found.classes[class]), format!("S\u{a0}=\u{a0}{}", text::fixed(*s, 2)))
    };
    let spared = match told(least) {
        (unit, class, s) if *least.1 < 0.0 => format!("; {unit} spares {class} most ({s})"),
        _ => String::new(),
    };
    let (unit, class, s) = told(most);
    Some(format!("In {}, {unit} answers most selectively to {class} ({s}){spared}", node.node))
}

/// A row per unit and class.
fn table(found: &Found, node: &SelectiveNode) -> Table {
    let (units, classes) = node.selectivity.dim();
    let rows = || (0..units).flat_map(move |u| (0..classes).map(move |c| (u, c)));
    Table::new(&node.node)
        .column("unit", Column::Counts(rows().map(|(u, _)| u as u64).collect()))
        .column("class", Column::Text(rows().map(|(_, c)| found.classes[c].clone()).collect()))
        .column("mean.activation", Column::Doubles(rows().map(|r| node.means[r]).collect()))
        .column("selectivity", Column::Doubles(rows().map(|r| node.selectivity[r]).collect()))
        .column(
            "silent",
            Column::Text(rows().map(|(u, _)| if node.silent[u] { "yes" } else { "no" }.to_owned()).collect()),
        )
}
