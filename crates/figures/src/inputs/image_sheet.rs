//! Samples, each with the units of every layer that count most for the class it is taken for.

use analysis::{
    Planned, Results,
    inputs::answer::Answer,
    inputs::image_sheet::{Followed, ImageSheet as Found, LayerUnits, Strong},
    select::units::unit_name,
};
use registry::{AnalysisRef, Config, Problems};
use rendering::{
    Anchor, Axis, Color, ColorScale, Dash, Figure, Image, Key, Label, LegendPosition, Line, Panel, Point, Polygons,
    Swatch, palette, text,
};

use crate::{
    Column, Drawing, FigureError, FigureKind, Table,
    helpers::{input_map, names, words},
    inputs::feature_maps::{for_class, shades},
};

/// A sheet to browse, sample by sample: the input, of every hidden layer the units that count most for the class that the sample
/// is taken for as small maps, what passes between them as lines, and the probabilities.
///
/// Of each layer the strongest units come first. The marked ones have a frame, red where they speak for the class and blue where
/// they speak against it, and below it what they add to its logit and their numbers. From each of them a line leads to each of
/// the next layer, as wide as the share that it has in what passes there from its layer, in the colour of what it adds. Of the
/// classes the five most probable.
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

/// Drawing units across on a usual page and on a phone's, which panels count.
const WIDTH: f64 = 610.0;
const NARROW: f64 = 330.0;
/// With more hidden layers these stand one below the other on a usual page too.
const MOST_BESIDE: usize = 4;
/// The largest sides of a marked map and of the input.
const SIDE: f64 = 72.0;
const INPUT: f64 = 96.0;
/// From the left edge of the sheet to the marked maps, where layers stand one below the other: their names and further maps.
const NAMES: f64 = 92.0;
/// Width of the bars of the classes with their names, and that of a name in it.
const CLASSES: f64 = 112.0;
const NAME: f64 = 40.0;
/// So many of the classes, the most probable, and from one down to the next.
const MOST_CLASSES: usize = 5;
const CLASS: f64 = 20.0;
/// Height of a layer's name, of the two lines below a marked map, and of the way down to the next layer.
const HEAD: f64 = 24.0;
const LINES: f64 = 34.0;
const WAY: f64 = 40.0;
/// Size of what stands below a map, and of names.
const SIZE: f64 = 13.0;
const NAME_SIZE: f64 = 14.0;
/// Further maps: the least side by side, and the gap between two as a share of one.
const ACROSS: usize = 3;
const GAP: f64 = 0.12;
/// Width of a frame; widths of a connection without a share, and of one that passes on everything.
const FRAME: f64 = 2.5;
const THINNEST: f64 = 0.6;
const THICKEST: f64 = 10.0;

impl FigureKind for ImageSheet {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        input_map::check(&self.analysis, planned, problems);
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let mut figure = Figure::new(id, headline(found))
            .subtitle("Of each layer the units that count most for the class a sample is taken for, and what passes between them")
            .caption(caption(found))
            .legend(LegendPosition::Above);
        for (label, color) in [("raises the score of that class", palette::POSITIVE), ("lowers it", palette::NEGATIVE)]
        {
            figure = figure.key(Key::new(label, Swatch::Line { color, width: FRAME, dash: Dash::Solid }));
        }
        for sample in &found.samples {
            let title = format!("{}, taken {}", words::sentence(&sample.answer.sample), for_class(&sample.answer));
            figure = figure
                .panel(Look::of(found, sample, WIDTH).panel()?.title(&title))
                .narrow_panel(Look::of(found, sample, NARROW).panel()?.title(title));
        }
        Ok(Drawing { figure, tables: tables(found), arrays: Vec::new() })
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
         the unit's number. A line says what of it passes through a marked unit of the next layer (all others of that layer held at \
         their values): as wide as its share, by magnitude, in what all units of the layer pass there, red where it adds and blue \
         where it takes away; the lines to the class are the contributions themselves. A map goes from dark for 0 to bright for the \
         largest number of the maps beside it; where some are negative, from blue over white for 0 to red. A layer of single numbers \
         has one square for each.",
        found.model
    )
}

/// Where things stand in the panel of one sample: layers from left to right or, where there is no room for them, from top to
/// bottom. Places are counted from the top left corner.
struct Look<'a> {
    found: &'a Found,
    sample: &'a Followed,
    width: f64,
    height: f64,
    /// Whether layers stand one below the other.
    upright: bool,
    /// The side of a marked map, and the top of each layer, or of all.
    side: f64,
    tops: Vec<f64>,
}

/// From left to right and from top to bottom.
#[derive(Clone, Copy)]
struct Rectangle {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl<'a> Look<'a> {
    /// In a panel of this width.
    fn of(found: &'a Found, sample: &'a Followed, width: f64) -> Self {
        let layers = &sample.layers;
        let upright = width < WIDTH || layers.len() > MOST_BESIDE;
        let room = match upright {
            true => 0.7 * (width - NAMES) / found.connections as f64,
            false => 0.62 * (width - CLASSES) / (layers.len() + 1) as f64,
        };
        let mut look = Self { found, sample, width, height: 0.0, upright, side: room.min(SIDE), tops: Vec::new() };
        if upright {
            let mut top = look.input_size().1 + WAY / 2.0;
            for layer in layers {
                look.tops.push(top);
                let names = HEAD + look.further_size(layer).1;
                top += names.max(look.side * aspect(layer) + LINES) + WAY;
            }
            look.height = top + look.classes_height();
        } else {
            look.tops = vec![HEAD; layers.len()];
            let heights = layers.iter().map(|layer| {
                let marked = found.connections.min(layer.units.len()) as f64;
                HEAD + marked * (look.side * aspect(layer) + LINES) + look.further_size(layer).1
            });
            look.height = heights.fold(0.0, f64::max).max(look.middle() - CLASS / 2.0 + look.classes_height());
        }
        look
    }

    /// Width and height of the input.
    fn input_size(&self) -> (f64, f64) {
        let side = if self.upright { INPUT } else { INPUT.min(0.9 * self.pitch()) };
        match self.found.shape[..] {
            [h, w] | [_, h, w] => (side, side * h as f64 / w as f64),
            _ => (side / 3.0, side),
        }
    }

    /// From one layer to the next, side by side.
    fn pitch(&self) -> f64 {
        (self.width - CLASSES) / (self.sample.layers.len() + 1) as f64
    }

    /// How far down the middle of the marked maps is, where layers stand side by side: that of the input, and of the class that
    /// the sample is taken for.
    fn middle(&self) -> f64 {
        let last = |at: usize| self.marked(at, self.found.connections.min(self.sample.layers[at].units.len()) - 1);
        let bottoms = (0..self.sample.layers.len()).map(|at| last(at).top + last(at).height);
        (HEAD + bottoms.fold(HEAD + self.input_size().1, f64::max)) / 2.0
    }

    fn classes_height(&self) -> f64 {
        MOST_CLASSES.min(self.sample.answer.classes.len()) as f64 * CLASS
    }

    /// Where a marked map stands.
    fn marked(&self, at: usize, i: usize) -> Rectangle {
        let (width, height) = (self.side, self.side * aspect(&self.sample.layers[at]));
        let (left, top) = match self.upright {
            true => {
                let pitch = (self.width - NAMES) / self.found.connections as f64;
                (NAMES + (i as f64 + 0.5) * pitch - width / 2.0, self.tops[at])
            }
            false => ((at + 1) as f64 * self.pitch(), self.tops[at] + i as f64 * (height + LINES)),
        };
        Rectangle { left, top, width, height }
    }

    /// How wide a further map is, and how high all of them are.
    fn further_size(&self, layer: &LayerUnits) -> (f64, f64) {
        let further = layer.units.len().saturating_sub(self.found.connections);
        let across = across(further) as f64;
        let room = if self.upright { NAMES - 22.0 } else { self.side };
        let width = room / (across + (across - 1.0) * GAP);
        (width, (further as f64 / across).ceil() * width * (aspect(layer) + GAP))
    }

    /// Where a further map stands: below the name of its layer, or below the marked ones.
    fn further(&self, at: usize, i: usize) -> Rectangle {
        let layer = &self.sample.layers[at];
        let (width, height) = (self.further_size(layer).0, self.further_size(layer).0 * aspect(layer));
        let across = across(layer.units.len() - self.found.connections);
        let (left, top) = match self.upright {
            true => (0.0, self.tops[at] + HEAD),
            false => {
                let last = self.marked(at, self.found.connections - 1);
                (last.left, last.top + last.height + LINES)
            }
        };
        let (row, column) = ((i / across) as f64, (i % across) as f64);
        let gap = GAP * width;
        Rectangle { left: left + column * (width + gap), top: top + row * (height + gap), width, height }
    }

    /// Left and top of the classes.
    fn classes(&self) -> (f64, f64) {
        match self.upright {
            true => (NAMES, self.height - self.classes_height()),
            false => (self.width - CLASSES, self.middle() - CLASS / 2.0),
        }
    }

    /// The lines from the marked units of a layer to those of the next, or to the class.
    fn lines(&self, at: usize) -> Vec<([Point; 2], f64, f64)> {
        let layer = &self.sample.layers[at];
        let marked = layer.units.iter().take(self.found.connections).enumerate();
        let (left, top) = self.classes();
        let Answer { classes, .. } = &self.sample.answer;
        let name = text::width(&class_name(&classes[self.sample.answer.predicted()]), NAME_SIZE);
        let class = match self.upright {
            true => (left + NAME - 6.0 - name / 2.0, top),
            false => (left + NAME - 12.0 - name, top + CLASS / 2.0),
        };
        let mut lines = Vec::new();
        for (i, unit) in marked {
            let from = self.marked(at, i);
            let from = match self.upright {
                true => (from.left + from.width / 2.0, from.top + from.height + LINES),
                false => (from.left + from.width, from.top + from.height / 2.0),
            };
            let Some(next) = self.sample.layers.get(at + 1) else {
                lines.push(([from, class], unit.contribution, unit.share));
                continue;
            };
            for way in &unit.onward {
                let to = next.units.iter().position(|unit| unit.unit == way.to).unwrap_or(0);
                let to = self.marked(at + 1, to);
                let to = match self.upright {
                    true => (to.left + to.width / 2.0, to.top),
                    false => (to.left, to.top + to.height / 2.0),
                };
                lines.push(([from, to], way.contribution, way.share));
            }
        }
        // The thin ones lie on the wide ones.
        lines.sort_by(|a, b| b.2.total_cmp(&a.2));
        lines
    }

    /// A place as the panel's axes count it, upwards.
    fn up(&self, (x, y): Point) -> Point {
        (x, self.height - y)
    }

    fn panel(&self) -> Result<Panel, FigureError> {
        let mut panel = Panel::new(Axis::hidden().range(0.0, self.width), Axis::hidden().range(0.0, self.height));
        for (ends, contribution, share) in (0..self.sample.layers.len()).flat_map(|at| self.lines(at)) {
            let width = THINNEST + (THICKEST - THINNEST) * share.min(1.0);
            panel = panel
                .mark(Line::new(ends.map(|end| self.up(end))).color(color(contribution)).width(width).opacity(0.6));
        }
        panel = self.input(panel)?;
        for at in 0..self.sample.layers.len() {
            panel = self.layer(panel, at)?;
        }
        Ok(self.probabilities(panel).ratio(self.height / self.width))
    }

    fn image(
        &self,
        size: [usize; 2],
        values: &[f64],
        scale: ColorScale,
        over: Rectangle,
    ) -> Result<Image, FigureError> {
        let (left, right) = (over.left, over.left + over.width);
        let image = Image::new(size[0], size[1], values, scale)?;
        Ok(image.over(self.up((left, over.top)), self.up((right, over.top + over.height))))
    }

    /// The sample: a picture, its channels added up, or its features from top to bottom.
    fn input(&self, panel: Panel) -> Result<Panel, FigureError> {
        let x: Vec<f64> = self.sample.x.iter().map(|v| f64::from(*v)).collect();
        let (width, height) = self.input_size();
        let (left, top) = if self.upright { (NAMES, 0.0) } else { (0.0, self.middle() - height / 2.0) };
        let (values, size) = match self.found.shape[..] {
            [h, w] | [_, h, w] => (input_map::added(&x, h * w), [h, w]),
            _ => (x.clone(), [x.len(), 1]),
        };
        let over = Rectangle { left, top, width, height };
        let panel = panel.mark(self.image(size, &values, shades(&values, true), over)?);
        let name = if self.upright { 0.0 } else { top - HEAD };
        Ok(panel.mark(self.name("Input", (0.0, name), width)))
    }

    /// The name of something: above it, or where layers stand one below the other, beside.
    fn name(&self, text: &str, (left, top): Point, width: f64) -> Label {
        let label = Label::new(self.up((left, top + NAME_SIZE / 2.0)), names::display(text)).size(NAME_SIZE);
        if self.upright { label } else { label.offset(width / 2.0, 0.0).anchor(Anchor::Middle) }
    }

    /// The strongest units of a layer.
    fn layer(&self, mut panel: Panel, at: usize) -> Result<Panel, FigureError> {
        let (layer, marked) = (&self.sample.layers[at], self.found.connections);
        let values: Vec<f64> = layer.units.iter().flat_map(|unit| unit.map.iter().map(|v| f64::from(*v))).collect();
        let scale = shades(&values, false);
        for (i, unit) in layer.units.iter().enumerate() {
            let map: Vec<f64> = unit.map.iter().map(|v| f64::from(*v)).collect();
            let over = if i < marked { self.marked(at, i) } else { self.further(at, i - marked) };
            panel = panel.mark(self.image(layer.size, &map, scale, over)?);
            if i < marked {
                panel = self.mark(panel, unit, over);
            }
        }
        let name = layer.node.split('.').next().unwrap_or(&layer.node);
        let left = if self.upright { 0.0 } else { self.marked(at, 0).left };
        let top = if self.upright { self.tops[at] } else { 0.0 };
        Ok(panel.mark(self.name(name, (left, top), self.side)))
    }

    /// A frame around a unit's map, and what it contributes.
    fn mark(&self, panel: Panel, unit: &Strong, Rectangle { left, top, width, height }: Rectangle) -> Panel {
        let (right, bottom) = (left + width, top + height);
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)].map(|at| self.up(at));
        let line = |text: String, row: f64, color: Color| {
            let at = (left + width / 2.0, bottom + (row + 0.6) * (SIZE + 1.5));
            Label::new(self.up(at), text).anchor(Anchor::Middle).size(SIZE).color(color)
        };
        panel
            .mark(Line::new(corners).color(color(unit.contribution)).width(FRAME))
            .mark(line(signed(unit.contribution), 0.0, color(unit.contribution)))
            .mark(line(format!("#{}", unit.unit), 1.0, palette::MUTED))
    }

    /// The most probable classes, a bar for each in a field for all there could be.
    fn probabilities(&self, mut panel: Panel) -> Panel {
        let Answer { probabilities, classes, .. } = &self.sample.answer;
        let mut order: Vec<usize> = (0..classes.len()).collect();
        order.sort_by(|a, b| probabilities[*b].total_cmp(&probabilities[*a]).then(a.cmp(b)));
        order.truncate(MOST_CLASSES);
        let (left, top) = self.classes();
        for (row, class) in order.into_iter().enumerate() {
            let middle = top + (row as f64 + 0.5) * CLASS;
            let name = class_name(&classes[class]);
            let name = Label::new(self.up((left + NAME - 6.0, middle)), name).anchor(Anchor::End).size(NAME_SIZE);
            let bar = |share: f64, color: Color| {
                let (left, right) = (left + NAME, left + NAME + (CLASSES - NAME) * share);
                let (top, bottom) = (middle - 0.35 * CLASS, middle + 0.35 * CLASS);
                let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
                (corners.map(|at| self.up(at)).to_vec(), color)
            };
            let bars = [bar(1.0, palette::GRID), bar(probabilities[class], palette::PLAIN)];
            panel = panel.mark(Polygons::new(bars)).mark(name);
        }
        let (at, width) = if self.upright { ((0.0, top + 3.0), 0.0) } else { ((left, top - HEAD), CLASSES) };
        panel.mark(self.name("Probability", at, width))
    }
}

/// Height over width of a layer's maps.
fn aspect(layer: &LayerUnits) -> f64 {
    layer.size[0] as f64 / layer.size[1] as f64
}

/// The name of a class, so far as there is room.
fn class_name(name: &str) -> String {
    text::shortened(name, NAME - 12.0, |s| text::width(s, NAME_SIZE))
}

/// How many further maps stand side by side.
fn across(further: usize) -> usize {
    ACROSS.max(further.isqrt())
}

fn color(contribution: f64) -> Color {
    if contribution < 0.0 { palette::NEGATIVE } else { palette::POSITIVE }
}

/// "+2.3", "−0.4".
fn signed(value: f64) -> String {
    let text = text::fixed(value, 1);
    if text.starts_with('−') { text } else { format!("+{text}") }
}

/// What each sample is taken for, the units that are shown, and what passes between those that are marked.
fn tables(found: &Found) -> Vec<Table> {
    let samples = &found.samples;
    let text = |of: &dyn Fn(&Followed) -> &str| Column::Text(samples.iter().map(|s| of(s).to_owned()).collect());
    let shown = || {
        let layers = samples.iter().flat_map(|s| s.layers.iter().map(move |layer| (s.answer.index, layer)));
        layers.flat_map(|(sample, layer)| layer.units.iter().map(move |unit| (sample, layer, unit)))
    };
    let ways = || {
        let next = |sample: &'_ Followed, at: usize| {
            sample.layers.get(at + 1).map(|next| next.node.clone()).unwrap_or_default()
        };
        samples.iter().flat_map(move |s| {
            s.layers.iter().enumerate().flat_map(move |(at, layer)| {
                let next = next(s, at);
                layer.units.iter().flat_map(move |unit| {
                    let next = next.clone();
                    unit.onward.iter().map(move |way| (s.answer.index, layer, unit, next.clone(), way))
                })
            })
        })
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
        Table::new("connections")
            .column("sample", Column::Counts(ways().map(|(sample, ..)| sample as u64).collect()))
            .column("from", Column::Text(ways().map(|(_, l, unit, ..)| unit_name(&l.node, unit.unit)).collect()))
            .column("to", Column::Text(ways().map(|(.., next, way)| unit_name(&next, way.to)).collect()))
            .column("contribution", Column::Doubles(ways().map(|(.., way)| way.contribution).collect()))
            .column("share", Column::Doubles(ways().map(|(.., way)| way.share).collect())),
        Table::new("probabilities")
            .column("sample", Column::Counts(classes().map(|(s, _)| s.answer.index as u64).collect()))
            .column("class", Column::Text(classes().map(|(s, class)| s.answer.classes[class].clone()).collect()))
            .column(
                "probability",
                Column::Doubles(classes().map(|(s, class)| s.answer.probabilities[class]).collect()),
            ),
    ]
}
