//! A small network as nodes and edges.

use analysis::{
    Planned, Results,
    geometry::decision::Window,
    select::snapshots::OverTraining,
    units::network::{Network as Found, NetworkLayer, Unit},
};
use registry::{AnalysisRef, Config, Problems};
use rendering::{
    Anchor, Axis, Color, ColorBar, ColorScale, Figure, Image, Label, Line, Panel, Point, Polygons, Scatter, palette,
    text::{fixed, shortened, width},
};

use crate::{
    Animate, Array, Column, Drawing, FigureError, FigureKind, Table,
    helpers::frames,
    helpers::frames::Shown,
    helpers::names,
    helpers::seats::{Edge, seats},
    helpers::together::Together,
    helpers::words,
};

/// A small dense network drawn as nodes and edges for one input: edges are as wide and as red (positive) or blue (negative)
/// as their weight, nodes as light as their activation is high. Of a network with two inputs each node holds its response map:
/// its activation over the plane of the inputs, with a dot at the input.
///
/// Where no layer has more than four units, each node says its activation a, its weighted sum z and its bias b below it. Weights
/// stand on their edges where they have room: of at most 12 edges between two layers.
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
/// With more edges between two layers there is no room for their weights.
const MOST_WITH_WEIGHTS: usize = 12;
/// Widths of an edge of no weight and of the largest, in drawing units.
const THINNEST: f64 = 0.6;
const THICKEST: f64 = 7.0;
/// Edges below this share of the largest weight are so pale that they get a grey rim.
const PALE: f64 = 0.25;
/// The panel's width in drawing units, which its axes count, on a usual page and on a phone's.
const WIDTH: f64 = 610.0;
const NARROW: f64 = 330.0;
/// Between two layers that stand one above the other: room for their edges, and the weights on them.
const BETWEEN: f64 = 100.0;
/// From the panel's sides to the middles of the first and of the last layer.
const SIDE: f64 = 48.0;
/// Height of a line below a node, and its size.
const LINE: f64 = 18.0;
const SIZE: f64 = 15.0;
/// Lines below a node: a, z and b.
const LINES: usize = 3;
/// From the middle of a node to either end of the lines below it.
const REACH: f64 = 40.0;
/// Colours of a map, less one.
const SHADES: f64 = 63.0;
/// Height of the layers' names.
const NAMES: f64 = 30.0;
/// Height of a weight's plate, and the size of the weight on it.
const PLATE: f64 = 18.0;
const ON_PLATE: f64 = 14.0;

impl FigureKind for Network {
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
            .headlines(|i| answer(&found.0[i].1));
        let (epoch, end) = &found.0[shown.last()];
        let [look, narrow] =
            [WIDTH, NARROW].map(|width| Look::of(shown.indices.iter().map(|i| &found.0[*i].1), end, width));
        let figure = Figure::new(id, title(*epoch, end))
            .subtitle(look.subtitle())
            .caption(format!(
                "The network {} after {} for the input {}: every unit with its activation a, weighted sum with bias z and bias b, every \
                 weight as an edge, as wide as it is large.{}",
                end.model,
                words::epochs(*epoch),
                words::point(&end.input()),
                look.window.map(|window| maps_in_words(&end.features, window)).unwrap_or_default()
            ))
            .panel(shown.mark(look.panel(end), |i| look.marks(&found.0[i].1)))
            .narrow_panel(shown.mark(narrow.panel(end), |i| narrow.marks(&found.0[i].1)))
            .color_bar(ColorBar::new("weight", look.weights))
            .color_bar(ColorBar::new("activation a", look.activations));
        let maps = end.layers.iter().filter(|_| look.window.is_some());
        let arrays = maps.map(|l| Array::new(format!("{}.map", l.name), ["unit", "y", "x"], l.maps.clone().into_dyn()));
        Ok(Drawing { figure: shown.animate(figure), tables: tables(end), arrays: arrays.collect() })
    }
}

/// What the maps in the nodes show.
fn maps_in_words(features: &[String], window: Window) -> String {
    let range = |name: &str, [from, to]: [f64; 2]| format!("{name} from {} to {}", fixed(from, 2), fixed(to, 2));
    format!(
        " Inside each node, its activation over the plane of the inputs, {} to the right and {} upwards; the dot is the input.",
        range(&features[0], window.x),
        range(&features[1], window.y)
    )
}

fn title(epoch: usize, network: &Found) -> String {
    format!("{} after {} {}", words::sentence(&network.model), words::epochs(epoch), answer(network))
}

/// "answers (0, 1) with 0.98".
fn answer(network: &Found) -> String {
    let outputs: Vec<String> = network.output().iter().map(|a| fixed(f64::from(*a), 2)).collect();
    format!("answers {} with {}", words::point(&network.input()), words::list(&outputs))
}

/// What holds for all frames of the picture: where nodes and numbers are, what colours mean.
struct Look {
    width: f64,
    weights: ColorScale,
    activations: ColorScale,
    inputs: Vec<String>,
    window: Option<Window>,
    /// Units of each layer.
    sizes: Vec<usize>,
    names: Vec<String>,
    /// Layer by layer, where the weights stand (units before × units, row by row) and how wide their plates are; none where they
    /// have no room.
    seats: Vec<Option<(Vec<Point>, f64)>>,
}

impl Look {
    /// For these states of one network, in a panel of this width.
    fn of<'a>(states: impl Iterator<Item = &'a Found> + Clone, end: &Found, width: f64) -> Self {
        let layers = || states.clone().flat_map(|s| &s.layers);
        let weights: Vec<f64> = layers().flat_map(|l| l.weights.iter().map(|w| f64::from(*w))).collect();
        let units = layers().flat_map(|l| l.units.iter().map(|u| f64::from(u.a)));
        // The inputs' maps are the plane's own axes, and say nothing of how far the units' activations go.
        let maps = layers().filter(|l| l.weights.nrows() > 0).flat_map(|l| l.maps.iter().map(|a| f64::from(*a)));
        let activations: Vec<f64> = units.chain(maps).collect();
        let within = activations.iter().all(|a| (0.0..=1.0).contains(a));
        let mut look = Self {
            width,
            weights: ColorScale::signed_of(&weights),
            activations: if within { ColorScale::magnitude(0.0, 1.0) } else { ColorScale::magnitude_of(&activations) },
            inputs: end.features.clone(),
            window: end.window,
            sizes: end.layers.iter().map(|l| l.units.len()).collect(),
            names: end.layers.iter().map(|l| layer_name(&l.name)).collect(),
            seats: Vec::new(),
        };
        look.seats = (0..look.sizes.len()).map(|l| look.seats_of(l, states.clone().map(|s| &s.layers[l]))).collect();
        look
    }

    /// Where the weights of the edges to a layer stand: in the same places in all states.
    fn seats_of<'a>(&self, layer: usize, states: impl Iterator<Item = &'a NetworkLayer>) -> Option<(Vec<Point>, f64)> {
        let edges: Vec<Edge> = self.edges(layer).collect();
        if !self.has_numbers() || edges.is_empty() || edges.len() > MOST_WITH_WEIGHTS {
            return None;
        }
        let texts = states.flat_map(|l| l.weights.iter().map(|w| width(&fixed(f64::from(*w), 2), ON_PLATE)));
        let wide = texts.fold(0.0, f64::max) + 6.0;
        Some((seats(&edges, (wide, PLATE))?, wide))
    }

    fn widest(&self) -> usize {
        self.sizes.iter().copied().max().unwrap_or(1)
    }

    fn has_numbers(&self) -> bool {
        self.widest() <= MOST_WITH_NUMBERS
    }

    /// Half a node's width.
    fn half(&self) -> f64 {
        match (self.has_numbers(), self.window.is_some()) {
            (true, true) => 34.0,
            (true, false) => 23.0,
            (false, true) => 18.0,
            (false, false) => 14.0,
        }
    }

    /// Height of what stands below a node.
    fn below(&self) -> f64 {
        if self.has_numbers() { LINES as f64 * LINE + 6.0 } else { 0.0 }
    }

    /// From one node down to the next where a layer is widest.
    fn pitch(&self) -> f64 {
        2.0 * self.half() + self.below() + if self.has_numbers() { 16.0 } else { 8.0 }
    }

    /// Whether the inputs are on top and the output below rather than at the left and at the right: where numbers have no room
    /// between layers that stand side by side.
    fn upright(&self) -> bool {
        self.has_numbers() && self.width < WIDTH
    }

    /// From one layer down to the next that stands below it.
    fn storey(&self) -> f64 {
        2.0 * self.half() + self.below() + BETWEEN
    }

    fn height(&self) -> f64 {
        match self.upright() {
            true => self.sizes.len() as f64 * self.storey() - BETWEEN + NAMES,
            false => self.widest() as f64 * self.pitch() + NAMES,
        }
    }

    fn subtitle(&self) -> &'static str {
        match (self.has_numbers(), self.window.is_some()) {
            (true, true) => "In each node its activation over the plane; below, a, z and b at the dot",
            (true, false) => "Below each node its activation a, z = weighted sum + b, and the bias b",
            (false, true) => "In each node its activation over the plane, edges by weight",
            (false, false) => "Nodes shaded by activation, edges by weight",
        }
    }

    /// A panel with what stays: the layers' names and the inputs' nodes.
    fn panel(&self, end: &Found) -> Panel {
        let panel = Panel::new(Axis::hidden().range(0.0, self.width), Axis::hidden().range(0.0, self.height()));
        let name = |(l, name): (usize, &String)| {
            let first = self.place(l, 0);
            if self.upright() {
                return Label::new((0.0, first.1 + self.half() + NAMES / 2.0), name.as_str()).size(SIZE);
            }
            let at = (first.0, self.height() - NAMES / 2.0);
            Label::new(at, shortened(name, self.apart() - 8.0, |s| width(s, SIZE))).anchor(Anchor::Middle).size(SIZE)
        };
        let labels = self.names.iter().enumerate().map(name);
        let labels = labels.fold(Together::default(), |all, label| all.mark(label.color(palette::MUTED)));
        let stays = end.layers.iter().take(1).fold(labels, |all, layer| self.node_marks(all, 0, layer, &end.input()));
        panel.ratio(self.height() / self.width).mark(stays)
    }

    /// From one layer to the next.
    fn apart(&self) -> f64 {
        (self.width - 2.0 * SIDE) / (self.sizes.len() as f64 - 1.0).max(1.0)
    }

    /// The middle of a unit's node.
    fn place(&self, layer: usize, unit: usize) -> Point {
        // Few units stand as far apart as many would in all, but not much further than those.
        let units = self.sizes[layer] as f64;
        if self.upright() {
            let down = NAMES + self.half() + layer as f64 * self.storey();
            return ((unit as f64 + 0.5) / units * self.width, self.height() - down);
        }
        let apart = if units > 1.0 { (self.widest() as f64 - 1.0).max(1.0) / (units - 1.0) } else { 0.0 };
        let up = ((units - 1.0) / 2.0 - unit as f64) * apart.min(1.6) * self.pitch();
        (SIDE + layer as f64 * self.apart(), (self.height() - NAMES + self.below()) / 2.0 + up)
    }

    /// The edges to a layer's units, row by row of the weights: from side to side, so that none runs above or below a node, or
    /// from below the numbers to the top.
    fn edges(&self, layer: usize) -> impl Iterator<Item = Edge> {
        let before = if layer == 0 { 0 } else { self.sizes[layer - 1] };
        (0..before).flat_map(move |i| (0..self.sizes[layer]).map(move |j| (i, j))).map(move |(i, j)| {
            let (from, to) = (self.place(layer - 1, i), self.place(layer, j));
            if self.upright() {
                // An input has one line, its value.
                let below = if layer == 1 { self.below() - (LINES - 1) as f64 * LINE } else { self.below() };
                return [(from.0, from.1 - self.half() - below), (to.0, to.1 + self.half())];
            }
            [(from.0 + self.half(), from.1), (to.0 - self.half(), to.1)]
        })
    }

    /// Edges, the nodes behind the inputs, and numbers.
    fn marks(&self, state: &Found) -> Together {
        let layers = || state.layers.iter().enumerate().skip(1);
        let marks = layers().fold(Together::default(), |marks, (l, layer)| self.edge_marks(marks, l, layer));
        layers().fold(marks, |marks, (l, layer)| self.node_marks(marks, l, layer, &state.input()))
    }

    /// The edges to a layer, and the weights on their plates.
    fn edge_marks(&self, mut marks: Together, l: usize, layer: &NetworkLayer) -> Together {
        for (edge, w) in self.edges(l).zip(&layer.weights) {
            let w = f64::from(*w);
            let share = if self.weights.hi > 0.0 { w.abs() / self.weights.hi } else { 0.0 };
            let width = THINNEST + (THICKEST - THINNEST) * share.min(1.0);
            if share < PALE {
                marks = marks.mark(Line::new(edge).color(palette::MISSING).width(width + 1.0));
            }
            marks = marks.mark(Line::new(edge).color(self.weights.color(w)).width(width));
        }
        let Some((seats, wide)) = &self.seats[l] else { return marks };
        for (at, w) in seats.iter().zip(&layer.weights) {
            let plate = Polygons::new([(rectangle(*at, wide / 2.0, PLATE / 2.0), palette::PAPER)]);
            // Flush right, so that digits stay where they are while signs come and go.
            let label = Label::new((at.0 + wide / 2.0 - 3.0, at.1), fixed(f64::from(*w), 2)).anchor(Anchor::End);
            marks = marks.mark(plate.outline(palette::GRID, 1.0)).mark(label.size(ON_PLATE));
        }
        marks
    }

    /// A layer's nodes, and the numbers below them.
    fn node_marks(&self, mut marks: Together, l: usize, layer: &NetworkLayer, input: &[f32]) -> Together {
        for (j, unit) in layer.units.iter().enumerate() {
            let at = self.place(l, j);
            marks = match self.window {
                Some(window) => self.map(marks, at, layer, j, self.spot(at, window, input)),
                None => {
                    let rim = Scatter::new([at]).color(palette::INK).radius(self.half() + 1.2).outlined(false);
                    let disc = Scatter::new([at]).values(vec![f64::from(unit.a)], self.activations);
                    marks.mark(rim).mark(disc.radius(self.half()).outlined(false))
                }
            };
            if self.has_numbers() {
                let name = if l == 0 { self.inputs[j].as_str() } else { "a" };
                marks = self.numbers(marks, at, name, unit);
            }
        }
        marks
    }

    /// A node that holds its map.
    fn map(&self, marks: Together, at: Point, layer: &NetworkLayer, unit: usize, spot: Point) -> Together {
        let (half, (_, rows, columns)) = (self.half(), layer.maps.dim());
        // Few colours make a small file.
        let ColorScale { lo, hi, .. } = self.activations;
        let color = |a: &f32| match hi > lo {
            true => self.activations.at((SHADES * (f64::from(*a) - lo) / (hi - lo)).round() / SHADES),
            false => self.activations.color(f64::from(*a)),
        };
        let colors: Vec<Color> = layer.maps.outer_iter().nth(unit).iter().flatten().map(color).collect();
        let rim = Polygons::new([(rectangle(at, half, half), palette::INK)]).outline(palette::INK, 2.0);
        let marks = marks.mark(rim);
        // A map has two rows and columns at least.
        let Ok(image) = Image::from_colors(rows, columns, colors) else { return marks };
        let image = image.over((at.0 - half, at.1 - half), (at.0 + half, at.1 + half));
        let dot = |color, radius| Scatter::new([spot]).color(color).radius(radius).outlined(false);
        marks.mark(image).mark(dot(palette::INK, 5.0)).mark(dot(palette::PAPER, 3.2))
    }

    /// Where the input is in the map of the node at a place; at its border where it is outside.
    fn spot(&self, at: Point, window: Window, input: &[f32]) -> Point {
        let along = |[from, to]: [f64; 2], value: f32| {
            let share = (f64::from(value) - from) / (to - from);
            (2.0 * share.clamp(0.0, 1.0) - 1.0) * self.half()
        };
        (at.0 + along(window.x, input[0]), at.1 + along(window.y, input[1]))
    }

    /// What stands below a node: names flush left, numbers flush right, so that neither moves when a number changes.
    fn numbers(&self, mut marks: Together, at: Point, name: &str, unit: &Unit) -> Together {
        let rows = [Some((name, unit.a)), unit.z.map(|z| ("z", z)), unit.b.map(|b| ("b", b))];
        for (line, (name, value)) in rows.into_iter().flatten().enumerate() {
            let y = at.1 - self.half() - 5.0 - (line as f64 + 0.5) * LINE;
            let number = fixed(f64::from(value), 2);
            let room = 2.0 * REACH - 6.0 - width(&number, SIZE);
            let name = shortened(name, room, |s| width(s, SIZE));
            let number = Label::new((at.0 + REACH, y), number).anchor(Anchor::End);
            marks = marks.mark(Label::new((at.0 - REACH, y), name).size(SIZE)).mark(number.size(SIZE));
        }
        marks
    }
}

/// What a layer is called: "inputs", "layer 1", "output".
fn layer_name(name: &str) -> String {
    if name == "x" { "inputs".to_owned() } else { names::label(&format!("{name}.post")) }
}

/// The corners of a rectangle around a place.
fn rectangle(at: Point, half_width: f64, half_height: f64) -> Vec<Point> {
    let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
    corners.map(|(x, y)| (at.0 + x * half_width, at.1 + y * half_height)).into()
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
