//! How the numbers at a model's nodes are distributed, epoch over epoch.

use analysis::{Planned, Results, units::activations::Activations};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, Figure, Line, Panel};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::colours, helpers::nodes, helpers::words};

/// Histograms of the numbers at each node of a model, those of chosen epochs over each other; of all samples or of one class.
///
/// Exact zeros, which a ReLU gives at every other unit, are left out of the histogram and told in numbers.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivationHistograms {
    /// An analysis of kind "activations".
    #[schemars(extend("x-kinds" = ["activations"]))]
    pub analysis: AnalysisRef,
    /// The epochs. Default: four or fewer, evenly thinned, with the first and the last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true))]
    pub epochs: Vec<usize>,
    /// The nodes, one panel each. Default: all of the analysis.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true))]
    pub nodes: Vec<String>,
    /// Only the samples of this class. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Whether shares are on a logarithmic axis, from 10⁻⁴ on, so that an untrained layer's narrow peak and a trained one's tails
    /// are seen together. Default true.
    #[serde(default = "yes")]
    pub log: bool,
}

fn yes() -> bool {
    true
}

impl Config for ActivationHistograms {
    const KIND: &str = "activation_histograms";
    const EXAMPLE: &str = "analysis = \"activations\"\nepochs = [0, 1, 5, 20]";
}

/// Lines that can be told apart on each other.
const FEW: usize = 4;
/// The least share that a logarithmic axis shows.
const FLOOR: f64 = 1e-4;

impl FigureKind for ActivationHistograms {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        nodes::check(planned, &self.analysis, (&self.nodes, &self.epochs, self.class.as_ref()), problems);
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Activations = results.outcome(&self.analysis)?;
        let shown = nodes::chosen(found, &self.nodes)?;
        let class = nodes::class(found, self.class.as_ref())?;
        let epochs = match self.epochs.is_empty() {
            true => training::thin(&(0..found.epochs.len()).collect::<Vec<_>>(), FEW),
            false => nodes::epochs(found, &self.epochs)?,
        };
        let mut figure = Figure::new(id, "").columns(2);
        let mut tables = Vec::new();
        for node in &shown {
            let frame = node.frame(&epochs, class);
            let edges = frame.edges();
            let mut table = Table::new(&node.name)
                .column("from", Column::Doubles(edges.iter().take(edges.len().saturating_sub(1)).copied().collect()))
                .column("to", Column::Doubles(edges.iter().skip(1).copied().collect()));
            let zeros: Vec<f64> = epochs.iter().map(|e| node.epochs[*e].moments(class).zero_share()).collect();
            let hollow = zeros.iter().any(|share| *share > 0.0);
            let y = if hollow { "share of all values (zeros left out)" } else { "share of all values" };
            let y = if self.log { Axis::new(y).log().range(FLOOR, 1.0) } else { Axis::new(y) };
            let mut panel = Panel::new(Axis::new(nodes::quantity(found)), y).title(title(&node.name, &zeros));
            for (k, &epoch) in epochs.iter().enumerate() {
                let (activity, moments) = (&node.epochs[epoch], node.epochs[epoch].moments(class));
                let mut counts = activity.histogram(class).counts_in(&frame);
                // Zero is an edge, so that zeros are in the bin above it.
                if let Some(bin) = edges.iter().position(|edge| *edge == 0.0).and_then(|bin| counts.get_mut(bin)) {
                    *bin -= moments.zeros();
                }
                let shares: Vec<f64> = counts.iter().map(|n| *n as f64 / moments.count() as f64).collect();
                // Less than the axis shows runs along its lower end.
                let floor = if self.log { FLOOR } else { 0.0 };
                let outline = edges.iter().copied().zip(shares.iter().copied().chain([0.0]).map(|s| s.max(floor)));
                let name = label(found, epoch);
                panel = panel.mark(Line::new(outline).step().color(colours::ordered(k, epochs.len())).label(&name));
                table = table.column(name, Column::Doubles(shares));
            }
            figure = figure.panel(panel);
            tables.push(table);
        }
        let of = self.class.as_ref().map_or_else(String::new, |c| format!(" of {}", words::class(c)));
        let only = self.class.as_ref().map_or_else(String::new, |c| format!(", {} only", words::class(c)));
        let what = if nodes::quantity(found) == "value" { "values" } else { "gradients" };
        let names: Vec<String> = epochs.iter().map(|e| found.epochs[*e].to_string()).collect();
        let names = words::list(&names);
        // Of a class only its own samples count.
        let of_class = |node: &&analysis::units::activations::NodeActivity| {
            let values = node.epochs.first()?.moments(class).count() as usize;
            (class.is_some() && found.on == analysis::units::activations::On::Samples && node.units > 0)
                .then(|| values / node.units)
        };
        let on = match shown.first().and_then(of_class) {
            Some(samples) => words::samples(samples, found.split),
            None => nodes::on(found),
        };
        let untrained =
            if epochs.iter().any(|e| found.epochs[*e] == 0) { " Epoch 0 is the untrained model." } else { "" };
        figure.title = format!("{}: the {what} in each layer over training{only}", words::sentence(&found.model.0));
        figure.subtitle = format!("epochs {names}; {on}{of}");
        figure.caption = format!(
            "How the {what} at each layer of {} are distributed after epochs {names}, over all units and {on}{of}. Bins are equally \
             wide and the same for all epochs{}. Exact zeros are left out of the curves; their share is in the panels' titles.{untrained}",
            found.model.0,
            if self.log { "; shares below 0.0001 lie on the lower axis" } else { "" },
        );
        Ok(Drawing { figure, tables, arrays: Vec::new() })
    }
}

/// The node, and how many of its numbers are zero at first and at last.
fn title(node: &str, zeros: &[f64]) -> String {
    let name = words::sentence(&nodes::name(node));
    match (zeros.first(), zeros.last()) {
        (Some(first), Some(last)) if zeros.iter().any(|z| *z > 0.0) => {
            format!("{name}: {} zeros at first, {} at last", words::percent(*first), words::percent(*last))
        }
        _ => name,
    }
}

/// "untrained", "epoch 5".
fn label(found: &Activations, epoch: usize) -> String {
    match found.epochs[epoch] {
        0 => "untrained".into(),
        epoch => format!("epoch {epoch}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_tell_of_zeros_where_there_are_any() {
        assert_eq!(title("hidden1.post", &[0.5, 0.25]), "Layer 1: 50.0% zeros at first, 25.0% at last");
        assert_eq!(title("logits", &[0.0, 0.0]), "Logits");
    }
}
