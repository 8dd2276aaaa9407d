//! How the mean and the spread of a model's nodes move over training.

use analysis::{
    Planned, Results,
    units::activations::{Activations, NodeActivity},
};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Area, Axis, Color, Dash, Figure, Line, Panel};
use training::UnitStatistics;

use crate::{
    Column, Drawing, FigureError, FigureKind, Table, helpers::class_lines, helpers::names, helpers::nodes,
    helpers::words,
};

/// Mean and standard deviation of the numbers at each node over the epochs: of one model as a line in a band, of several or of
/// each class side by side.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivationDrift {
    /// Analyses of kind "activations", in a colour each.
    #[schemars(extend("x-kinds" = ["activations"]))]
    pub analyses: Vec<AnalysisRef>,
    /// The nodes, one panel each. Default: all of the first analysis.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true))]
    pub nodes: Vec<String>,
    /// Whether each class has a line of its own, for one analysis; the standard deviation then has a panel beside the mean.
    /// Default false.
    #[serde(default)]
    pub by_class: bool,
}

impl Config for ActivationDrift {
    const KIND: &str = "activation_drift";
    const EXAMPLE: &str = "analyses = [\"activations\"]";
}

impl FigureKind for ActivationDrift {
    fn check(&self, problems: &mut Problems) {
        problems.require(!self.analyses.is_empty(), "analyses", || "expected at least one analysis".into());
        problems.require(!self.by_class || self.analyses.len() <= 1, "by_class", || {
            "colours tell classes or models apart, not both; name one analysis".into()
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        for analysis in &self.analyses {
            nodes::check(planned, analysis, (&self.nodes, &[], None), problems);
            let mut models = planned.models_of(analysis).iter().filter_map(|name| Some((name, planned.model(name)?)));
            if let Some((name, _)) = models.find(|(_, model)| model.data.classes().is_none() && self.by_class) {
                problems.add("by_class", format!("{} has no classes", name.0));
            }
        }
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found = nodes::outcomes(results, &self.analyses)?;
        if self.by_class {
            by_class(id, found[0].1, &self.nodes)
        } else {
            together(id, &found, &nodes::looks(results, &found), &self.nodes)
        }
    }
}

/// A number of a set of numbers: its name in tables, its place on an axis, and itself.
type Measure = (&'static str, String, fn(&UnitStatistics) -> f64);

fn measures(what: &str) -> [Measure; 2] {
    [
        ("mean", format!("mean {what}"), UnitStatistics::mean),
        ("std", format!("standard deviation of the {what}"), UnitStatistics::deviation),
    ]
}

/// A panel per node with a line and a band for one model; for several, whose bands would hide each other, two panels and a line
/// per model.
fn together(
    id: &str,
    found: &[(String, &Activations)],
    looks: &[(Color, Dash)],
    chosen: &[String],
) -> Result<Drawing, FigureError> {
    let what = nodes::quantity(found[0].1);
    let many = found.len() > 1;
    let shown = nodes::shared(found, chosen)?;
    let mut figure = Figure::new(id, "").columns(2);
    let mut tables: Vec<Table> = found
        .iter()
        .map(|(name, f)| Table::new(if many { name } else { "" }).column("epoch", nodes::epoch_column(f)))
        .collect();
    let mut spreads = Vec::new();
    let mut moved = false;
    for name in &shown {
        let axis = |label: String| Panel::new(Axis::new("epoch").whole(), Axis::new(label));
        let title = words::sentence(&nodes::name(name));
        let mut panels: Vec<Panel> = match many {
            true => measures(what).map(|(_, label, _)| axis(label)).into(),
            false => vec![axis(format!("{what} (mean ± standard deviation)")).title(title)],
        };
        for ((k, (label, f)), table) in found.iter().enumerate().zip(&mut tables) {
            let Some(node) = f.node(name) else { continue };
            let (color, dash) = looks[k];
            let moments: Vec<UnitStatistics> = node.epochs.iter().map(|e| e.moments(None)).collect();
            let epochs = || f.epochs.iter().map(|e| *e as f64);
            for (panel, (_, _, of)) in panels.iter_mut().zip(measures(what)) {
                let line = Line::new(epochs().zip(moments.iter().map(of))).color(color).dash(dash);
                let band = epochs().zip(&moments).map(|(e, m)| (e, m.mean(), m.deviation()));
                let own = std::mem::replace(panel, Panel::blank());
                *panel = match many {
                    true => own.mark(line.label(names::display(label))),
                    false => own.mark(Area::spread(band).color(color)).mark(line),
                };
            }
            if let (Some(first), Some(last)) = (moments.first(), moments.last()) {
                spreads.push(([first.deviation(), last.deviation()], format!("{} of {label}", nodes::name(name))));
                let differs = |m: &UnitStatistics| (m.mean(), m.deviation()) != (first.mean(), first.deviation());
                moved = moved || moments.iter().any(differs);
            }
            for (word, _, of) in measures(what) {
                let column = Column::Doubles(moments.iter().map(of).collect());
                *table = std::mem::replace(table, Table::new("")).column(format!("{name}.{word}"), column);
            }
        }
        figure = panels.into_iter().fold(figure, Figure::panel);
    }
    if many {
        let names = shown.iter().map(|node| words::sentence(&nodes::name(node)));
        figure = figure.column_titles(["Mean", "Standard deviation"]).row_titles(names.collect::<Vec<_>>());
    }
    let models = words::list(&found.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>());
    let most = if moved { furthest(&spreads) } else { "nothing moves".into() };
    let drawn =
        if many { "Mean and standard deviation" } else { "Mean (line) and mean ± one standard deviation (band)" };
    figure.title = format!("{}: how each layer drifts over training", words::sentence(&models));
    figure.subtitle = words::sentence(&nodes::on(found[0].1));
    figure.caption = format!(
        "{drawn} of the {what} at each layer of {models}, over all units and {}, after each epoch: {most}. Epoch 0 is the untrained \
         model.",
        nodes::on(found[0].1)
    );
    Ok(Drawing { figure, tables, arrays: Vec::new() })
}

/// Where the spread grows most from the first epoch to the last, or else where it shrinks most.
fn furthest(spreads: &[([f64; 2], String)]) -> String {
    let ratios = || spreads.iter().map(|([first, last], place)| (last / first, place)).filter(|(r, _)| r.is_finite());
    let most = ratios().reduce(|best, one| if one.0 > best.0 { one } else { best });
    let least = ratios().reduce(|best, one| if one.0 < best.0 { one } else { best });
    // Such a growth is greater than any factor.
    let from_none = spreads.iter().find(|([first, last], _)| *first == 0.0 && *last > 0.0);
    match (from_none, most, least) {
        (Some((_, place)), ..) => format!("the spread grows from none in {place}"),
        (_, Some((ratio, place)), _) if ratio > 1.0 => {
            format!("the spread grows most in {place}, {} times", words::quantity(ratio))
        }
        (_, _, Some((ratio, place))) if ratio < 1.0 => {
            format!("no spread grows; that in {place} shrinks most, to {} of what it was", words::percent(ratio))
        }
        _ => "at the last epoch every spread is what it was at the first".into(),
    }
}

/// Two panels per node, a line per class.
fn by_class(id: &str, found: &Activations, chosen: &[String]) -> Result<Drawing, FigureError> {
    let what = nodes::quantity(found);
    let mut figure = Figure::new(id, "").columns(2).column_titles(["Mean", "Standard deviation"]);
    let mut tables = Vec::new();
    let shown = nodes::chosen(found, chosen)?;
    let ends = shown.last().and_then(|node| furthest_classes(found, node));
    let told: Vec<usize> = ends.iter().flatten().map(|(class, _)| *class).collect();
    let present = found.present();
    for node in &shown {
        let mut table = Table::new(&node.name).column("epoch", nodes::epoch_column(found));
        for (word, label, of) in measures(what) {
            let values = |class: usize| node.epochs.iter().map(move |e| of(&e.moments(Some(class))));
            let all = |class: usize| found.epochs.iter().map(|e| *e as f64).zip(values(class)).collect();
            let points = |class: usize| if present.numbers.contains(&class) { all(class) } else { Vec::new() };
            let panel = Panel::new(Axis::new("epoch").whole(), Axis::new(label));
            figure = figure.panel(class_lines::draw(panel, &found.classes, &told, points));
            for (class, name) in present.numbers.iter().zip(&present.names) {
                table = table.column(format!("{name}.{word}"), Column::Doubles(values(*class).collect()));
            }
        }
        tables.push(table);
    }
    let names = shown.iter().map(|node| words::sentence(&nodes::name(&node.name)));
    figure = figure.row_titles(names.collect::<Vec<_>>());
    figure.title = match (ends, shown.last()) {
        (Some([(high, most), (low, least)]), Some(node)) => format!(
            "{}: at the end the mean {what} in {} is highest for {} ({}) and lowest for {} ({})",
            words::sentence(&found.model.0),
            nodes::name(&node.name),
            words::class(&found.classes[high]),
            signed(most),
            words::class(&found.classes[low]),
            signed(least)
        ),
        _ => format!("{}: no class differs from another in its mean at the end", words::sentence(&found.model.0)),
    };
    figure.subtitle = words::sentence(&nodes::on(found));
    figure.caption = format!(
        "Mean and standard deviation of the {what} at each layer of {} over the samples of each class ({} in all) and all units, after \
         each epoch. Epoch 0 is the untrained model.{}{}",
        found.model.0,
        nodes::on(found),
        words::without_samples(&present.absent, found.split),
        class_lines::explained(&found.classes)
    );
    Ok(Drawing { figure, tables, arrays: Vec::new() })
}

/// The classes whose mean at a node is highest and lowest at the last epoch, and these means; none where all have the same.
fn furthest_classes(found: &Activations, node: &NodeActivity) -> Option<[(usize, f64); 2]> {
    let last = node.epochs.last()?;
    let means = || (0..found.classes.len()).map(|class| (class, last.moments(Some(class)).mean()));
    let means = || means().filter(|(_, mean)| mean.is_finite());
    let high = means().reduce(|best, one| if one.1 > best.1 { one } else { best })?;
    let low = means().reduce(|best, one| if one.1 < best.1 { one } else { best })?;
    (high.1 > low.1).then_some([high, low])
}

/// A quantity with its sign where it is negative.
fn signed(value: f64) -> String {
    format!("{}{}", if value < 0.0 { "−" } else { "" }, words::quantity(value.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shrinks_is_not_said_to_grow() {
        let told = |spreads: &[[f64; 2]]| {
            let places = spreads.iter().enumerate().map(|(i, spread)| (*spread, format!("h{i}")));
            furthest(&places.collect::<Vec<_>>())
        };
        assert_eq!(told(&[[1.0, 1.5], [2.0, 8.0]]), "the spread grows most in h1, 4.0 times");
        assert_eq!(
            told(&[[1.0, 0.5], [2.0, 2.0]]),
            "no spread grows; that in h0 shrinks most, to 50.0% of what it was"
        );
        assert_eq!(told(&[[0.0, 0.5], [1.0, 2.0]]), "the spread grows from none in h0");
        assert_eq!(told(&[[0.0, 0.0], [2.0, 2.0]]), "at the last epoch every spread is what it was at the first");
    }
}
