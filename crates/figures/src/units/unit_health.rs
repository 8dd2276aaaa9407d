//! How many numbers are zero, and how many units dead or saturated, over training.

use analysis::{
    Planned, Results,
    units::activations::{Activations, NodeActivity},
};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, Figure, Line, Panel};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::names, helpers::nodes, helpers::words};

/// The share of zeros and the numbers of dead and saturated units of each activation over the epochs, of one or several models.
///
/// Dead is a unit that is exactly zero on every sample; saturated one that lies on the flat part of its activation on nearly all
/// of them, as its analysis has it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitHealth {
    /// Analyses of kind "activations", in a colour each.
    #[schemars(extend("x-kinds" = ["activations"]))]
    pub analyses: Vec<AnalysisRef>,
    /// The nodes, one column of panels each. Default: the activations among those of the first analysis.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true))]
    pub nodes: Vec<String>,
}

impl Config for UnitHealth {
    const KIND: &str = "unit_health";
    const EXAMPLE: &str = "analyses = [\"activations\"]";
}

/// One row of panels: its title, its axis, what it counts.
type Measure = (&'static str, &'static str, fn(&Activations, &NodeActivity, usize) -> Option<f64>);

const MEASURES: [Measure; 3] = [
    ("Zeros", "share of values", |_, node, epoch| Some(node.epochs[epoch].moments(None).zero_share())),
    ("Dead units", "units", |_, node, epoch| Some(node.epochs[epoch].dead() as f64)),
    ("Saturated units", "units", |found, node, epoch| node.saturated(epoch, found.share).map(|n| n as f64)),
];

impl FigureKind for UnitHealth {
    fn check(&self, problems: &mut Problems) {
        problems.require(!self.analyses.is_empty(), "analyses", || "expected at least one analysis".into());
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        for analysis in &self.analyses {
            nodes::check(planned, analysis, (&self.nodes, &[], None), problems);
        }
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found = nodes::outcomes(results, &self.analyses)?;
        let mut shown = nodes::shared(&found, &self.nodes)?;
        if self.nodes.is_empty() {
            let activation = |name: &String| found.iter().any(|(_, f)| f.node(name).is_some_and(|n| n.activation));
            shown.retain(activation);
        }
        let many = found.len() > 1;
        let looks = nodes::looks(results, &found);
        let units = |name: &String| found.iter().find_map(|(_, f)| f.node(name)).map_or(0, |n| n.units);
        // That they are activations goes without saying.
        let head = |n: &String| words::sentence(&nodes::name(n));
        let heads = shown.iter().map(|n| format!("{} ({} units)", head(n), units(n)));
        let mut figure = Figure::new(id, "").columns(shown.len().clamp(1, 3)).column_titles(heads.collect::<Vec<_>>());
        let mut tables: Vec<Table> = found
            .iter()
            .map(|(name, f)| Table::new(if many { name } else { "" }).column("epoch", nodes::epoch_column(f)))
            .collect();
        let mut rows = Vec::new();
        for (head, unit, of) in MEASURES {
            rows.push(head);
            for name in &shown {
                // Of units that fall out there are few, if all is well.
                let counted = |f: &Activations| {
                    let node = f.node(name)?;
                    (0..f.epochs.len()).filter_map(|e| of(f, node, e)).reduce(f64::max)
                };
                let largest = found.iter().filter_map(|(_, f)| counted(f)).fold(5.0, f64::max);
                let most = if unit == "units" { largest.min(1.0_f64.max(units(name) as f64)) } else { 1.0 };
                let axis = Axis::new(unit).range(0.0, most * 1.04);
                let axis = if unit == "units" { axis.whole() } else { axis };
                let mut panel = Panel::new(Axis::new("epoch").whole(), axis);
                for (k, ((label, f), table)) in found.iter().zip(&mut tables).enumerate() {
                    let Some(node) = f.node(name) else { continue };
                    let values: Vec<f64> = (0..f.epochs.len()).map(|e| of(f, node, e).unwrap_or(f64::NAN)).collect();
                    let points = f.epochs.iter().map(|e| *e as f64).zip(values.iter().copied());
                    let line = Line::new(points).color(looks[k].0).dash(looks[k].1);
                    panel = panel.mark(if many { line.label(names::display(label)) } else { line });
                    table.columns.push((format!("{name}.{}", head.to_lowercase()), Column::Doubles(values)));
                }
                figure = figure.panel(panel);
            }
        }
        for (table, (_, f)) in tables.iter_mut().zip(&found) {
            for node in shown.iter().filter_map(|name| f.node(name)) {
                let units = Column::Counts(vec![node.units as u64; f.epochs.len()]);
                table.columns.push((format!("{}.units", node.name), units));
            }
        }
        figure = figure.row_titles(rows);
        let dead: Vec<(usize, String)> = found.iter().map(|(name, f)| deaths(name, f, &shown)).collect();
        let deaths: Vec<&str> = dead.iter().map(|(_, words)| words.as_str()).collect();
        let deaths = match dead.iter().all(|(n, _)| *n == 0) {
            true if found.len() > 2 => format!("none in any of {} models", found.len()),
            true => format!("none in {}", words::list(&found.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>())),
            false => words::list(&deaths),
        };
        let (first, on) = (found[0].1, nodes::on(found[0].1));
        figure.title = format!("Dead units at the end: {deaths}");
        let [dead, zeros] = match has_zeros(&found, &shown) {
            true => [
                "Dead: zero on every sample; saturated",
                "the share of values that are exactly zero; dead units, which are exactly zero on every sample",
            ],
            false => [
                "Saturated",
                "no value of these activations is exactly zero, so that no unit can be dead, however little it answers",
            ],
        };
        let share = words::percent(first.share);
        figure.subtitle =
            words::sentence(&format!("{on}. {dead}: on the flat part of the activation on at least {share} of them"));
        figure.caption = format!(
            "After each epoch and over {on}: {zeros}; saturated units, which lie on the flat part of their activation on at least {share} of the samples (a ReLU at zero; \
             tanh, sigmoid, ELU and SELU beyond {} of the way to a limit). At the end dead: {deaths}. Epoch 0 is the untrained model.",
            words::percent(first.threshold),
        );
        Ok(Drawing { figure, tables, arrays: Vec::new() })
    }
}

/// Whether any value was exactly zero at any epoch.
fn has_zeros(found: &[(String, &Activations)], shown: &[String]) -> bool {
    let nodes = || found.iter().flat_map(|(_, f)| shown.iter().filter_map(|name| f.node(name)));
    nodes().flat_map(|node| &node.epochs).any(|epoch| epoch.moments(None).zero_share() > 0.0)
}

/// How many units are dead in the end, and "2 of 48 in mlp".
fn deaths(name: &str, found: &Activations, shown: &[String]) -> (usize, String) {
    let nodes = || shown.iter().filter_map(|node| found.node(node));
    let dead: usize = nodes().filter_map(|node| Some(node.epochs.last()?.dead())).sum();
    (dead, format!("{dead} of {} in {name}", nodes().map(|node| node.units).sum::<usize>()))
}
