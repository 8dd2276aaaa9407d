//! A small network as nodes and edges.

use analysis::{Planned, Results, select::snapshots::OverTraining, units::network::Network as Found};
use registry::{AnalysisRef, Config, Problems};
use rendering::{
    Anchor, Axis, ColorBar, ColorScale, Figure, Label, Line, Panel, Scatter, palette,
    text::{fixed, width},
};

use crate::{
    Animate, Column, Drawing, FigureError, FigureKind, Table, helpers::frames, helpers::frames::Shown,
    helpers::together::Together, helpers::words,
};

/// A small dense network drawn as nodes and edges for one input: edges are as wide and as red (positive) or blue (negative)
/// as their weight, nodes as light as their activation is high; each node says its activation a, its weighted sum z and its
/// bias b, where no layer has more than four units.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// An analysis of kind "network".
    #[schemars(extend("x-kinds" = ["network"]))]
    pub analysis: AnalysisRef,
    /// The epoch to be shown. Default: the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<usize>,
    /// One frame per snapshot in place of one picture: `{ seconds = 8 }`. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animate: Option<Animate>,
}

impl Config for Network {
    const KIND: &str = "network";
    const EXAMPLE: &str = "analysis = \"open\"";
}

/// With more units in a layer there is no room for numbers below the nodes.
const MOST_WITH_NUMBERS: usize = 4;
/// Widths of an edge of no weight and of the largest, in drawing units.
const THINNEST: f64 = 0.6;
const THICKEST: f64 = 7.0;
/// Edges below this share of the largest weight are so pale that they get a grey rim.
const PALE: f64 = 0.25;
/// Where along an edge its weight stands: near its end, where the edges to one node lie apart.
const WEIGHT_AT: f64 = 0.74;
/// How far above the edge, in drawing units.
const ABOVE: f64 = 11.0;

impl FigureKind for Network {
    fn check(&self, problems: &mut Problems) {
        frames::check(self.epoch, self.animate.as_ref(), problems);
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        frames::check_against(&self.analysis, self.epoch, self.animate.as_ref(), planned, problems);
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &OverTraining<Found> = results.outcome(&self.analysis)?;
        let shown = Shown::of(&self.analysis.0, &found.epochs(), self.epoch, self.animate.as_ref())?;
        let (epoch, end) = &found.0[shown.last()];
        let look = Look::of(shown.indices.iter().map(|i| &found.0[*i].1), &end.features);
        let figure = Figure::new(id, title(*epoch, end))
            .subtitle(look.subtitle())
            .caption(format!(
                "The network {} after {} for the input {}: every unit with its activation, weighted sum and bias, every weight as an \
                 edge.",
                end.model,
                words::epochs(*epoch),
                words::point(&end.input())
            ))
            .panel(shown.mark(look.panel(end), |i| look.marks(&found.0[i].1)))
            .color_bar(ColorBar::new("weight", look.weights))
            .color_bar(ColorBar::new("activation a", look.activations));
        Ok(Drawing { figure: shown.animate(figure), tables: tables(end), arrays: Vec::new() })
    }
}

fn title(epoch: usize, network: &Found) -> String {
    let outputs: Vec<String> = network.output().iter().map(|a| fixed(f64::from(*a), 2)).collect();
    format!(
        "{} after {} answers {} with {}",
        words::sentence(&network.model),
        words::epochs(epoch),
        words::point(&network.input()),
        words::list(&outputs)
    )
}

/// What holds for all frames of the picture: where nodes are, what colours mean.
struct Look {
    weights: ColorScale,
    activations: ColorScale,
    inputs: Vec<String>,
    widest: usize,
}

impl Look {
    /// For these states of one network.
    fn of<'a>(states: impl Iterator<Item = &'a Found> + Clone, inputs: &[String]) -> Self {
        let layers = || states.clone().flat_map(|s| &s.layers);
        let weights: Vec<f64> = layers().flat_map(|l| l.weights.iter().map(|w| f64::from(*w))).collect();
        let activations: Vec<f64> = layers().flat_map(|l| l.units.iter().map(|u| f64::from(u.a))).collect();
        let within = activations.iter().all(|a| (0.0..=1.0).contains(a));
        Self {
            weights: ColorScale::signed_of(&weights),
            activations: if within { ColorScale::magnitude(0.0, 1.0) } else { ColorScale::magnitude_of(&activations) },
            inputs: inputs.to_vec(),
            widest: layers().map(|l| l.units.len()).max().unwrap_or(1),
        }
    }

    fn has_numbers(&self) -> bool {
        self.widest <= MOST_WITH_NUMBERS
    }

    fn radius(&self) -> f64 {
        if self.has_numbers() { 23.0 } else { 14.0 }
    }

    fn subtitle(&self) -> &'static str {
        if self.has_numbers() {
            "In each node its activation a; below it z = weighted sum + bias b"
        } else {
            "Nodes shaded by activation, edges by weight"
        }
    }

    /// An empty panel with room for the nodes.
    fn panel(&self, state: &Found) -> Panel {
        let last = state.layers.len() as f64 - 1.0;
        let half = self.widest as f64 / 2.0;
        let rows = if self.has_numbers() { 115.0 } else { 40.0 };
        Panel::new(Axis::hidden().range(-0.3, last + 0.3), Axis::hidden().range(-half - 0.1, half - 0.05))
            .ratio((self.widest as f64 + 0.05) * rows / 610.0)
    }

    /// Where a unit is.
    fn place(&self, layer: usize, unit: usize, units: usize) -> (f64, f64) {
        // Few units stand as far apart as many would in all.
        let apart = if units > 1 { (self.widest as f64 - 1.0).max(1.0) / (units as f64 - 1.0) } else { 0.0 };
        let apart = apart.min(1.6);
        (layer as f64, ((units as f64 - 1.0) / 2.0 - unit as f64) * apart)
    }

    /// Edges, nodes and numbers.
    fn marks(&self, state: &Found) -> Together {
        let mut marks = Together::default();
        let mut numbers = Vec::new();
        let sizes: Vec<usize> = state.layers.iter().map(|l| l.units.len()).collect();
        for (l, layer) in state.layers.iter().enumerate().skip(1) {
            for ((i, j), w) in layer.weights.indexed_iter() {
                let (w, from, to) = (f64::from(*w), self.place(l - 1, i, sizes[l - 1]), self.place(l, j, sizes[l]));
                let share = if self.weights.hi > 0.0 { w.abs() / self.weights.hi } else { 0.0 };
                let width = THINNEST + (THICKEST - THINNEST) * share.min(1.0);
                if share < PALE {
                    marks = marks.mark(Line::new([from, to]).color(palette::MISSING).width(width + 1.0));
                }
                marks = marks.mark(Line::new([from, to]).color(self.weights.color(w)).width(width));
                if self.has_numbers() {
                    let at = (from.0 + WEIGHT_AT * (to.0 - from.0), from.1 + WEIGHT_AT * (to.1 - from.1));
                    numbers.push(Label::new(at, fixed(w, 1)).anchor(Anchor::Middle).offset(0.0, ABOVE).size(15.0));
                }
            }
        }
        for (l, layer) in state.layers.iter().enumerate() {
            let places: Vec<(f64, f64)> = (0..sizes[l]).map(|j| self.place(l, j, sizes[l])).collect();
            let activations: Vec<f64> = layer.units.iter().map(|u| f64::from(u.a)).collect();
            let rim = Scatter::new(places.clone()).color(palette::INK).radius(self.radius() + 1.2).outlined(false);
            let discs = Scatter::new(places.clone()).values(activations, self.activations).radius(self.radius());
            marks = marks.mark(rim).mark(discs.outlined(false));
            if !self.has_numbers() {
                continue;
            }
            for (unit, place) in layer.units.iter().zip(&places) {
                let a = fixed(f64::from(unit.a), 2);
                // A number too wide for its node loses its decimals.
                let a = if width(&a, 16.0) > 2.0 * self.radius() - 4.0 { fixed(f64::from(unit.a), 0) } else { a };
                numbers.push(Label::new(*place, a).anchor(Anchor::Middle));
                let below = [unit.z.map(|z| ("z", z)), unit.b.map(|b| ("b", b))];
                for (line, (name, value)) in below.into_iter().flatten().enumerate() {
                    let text = format!("{name} = {}", fixed(f64::from(value), 2));
                    let down = self.radius() + 13.0 + 19.0 * line as f64;
                    numbers.push(Label::new(*place, text).anchor(Anchor::Middle).offset(0.0, -down));
                }
            }
            if l == 0 {
                for (name, place) in self.inputs.iter().zip(&places) {
                    numbers.push(Label::new(*place, name).anchor(Anchor::Middle).offset(0.0, self.radius() + 14.0));
                }
            }
        }
        numbers.into_iter().fold(marks, Together::mark)
    }
}

/// The same numbers as rows: units, and weights.
fn tables(state: &Found) -> Vec<Table> {
    let units = || state.layers.iter().flat_map(|l| l.units.iter().enumerate().map(move |(j, u)| (l, j, u)));
    let or_nan = |value: Option<f32>| value.unwrap_or(f32::NAN);
    let names = Table::new("")
        .column("layer", Column::Text(units().map(|(l, ..)| l.name.clone()).collect()))
        .column("unit", Column::Counts(units().map(|(_, j, _)| j as u64).collect()))
        .column("z", Column::Singles(units().map(|(.., u)| or_nan(u.z)).collect()))
        .column("a", Column::Singles(units().map(|(.., u)| u.a).collect()))
        .column("b", Column::Singles(units().map(|(.., u)| or_nan(u.b)).collect()));
    let edges = || state.layers.iter().flat_map(|l| l.weights.indexed_iter().map(move |(ij, w)| (l, ij, *w)));
    let weights = Table::new("weights")
        .column("layer", Column::Text(edges().map(|(l, ..)| l.name.clone()).collect()))
        .column("from", Column::Counts(edges().map(|(_, (i, _), _)| i as u64).collect()))
        .column("to", Column::Counts(edges().map(|(_, (_, j), _)| j as u64).collect()))
        .column("weight", Column::Singles(edges().map(|(.., w)| w).collect()));
    vec![names, weights]
}
