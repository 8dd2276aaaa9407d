//! The walk of one filter over one picture, place by place.

use analysis::{
    Results,
    inputs::walk::{Channel, Part, Stop, Walk as Found},
};
use ndarray::{Array2, ArrayD};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Animation, Axis, Color, ColorBar, ColorScale, Figure, Heatmap, Image, Line, Panel, palette, text};

use crate::{Array, Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// The walk of one filter over one picture, as a figure that moves: the picture with the window on it, the numbers under the
/// window, the filter's weights, their products, and the map that the sums make, which fills up as the filter goes. It rests
/// where the filter answers most. Of a filter that reads several channels there is a row for each that is shown.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Walk {
    /// An analysis of kind "walk".
    #[schemars(extend("x-kinds" = ["walk"]))]
    pub analysis: AnalysisRef,
    /// Seconds from the first place to the last, 1 to 120. Default 24.
    #[serde(default = "seconds")]
    pub seconds: f64,
}

fn seconds() -> f64 {
    24.0
}

impl Config for Walk {
    const KIND: &str = "walk";
    const EXAMPLE: &str = "analysis = \"walk\"\nseconds = 30";
}

impl FigureKind for Walk {
    fn check(&self, problems: &mut Problems) {
        problems.require((1.0..=120.0).contains(&self.seconds), "seconds", || {
            format!("expected 1 to 120 seconds, found {}", self.seconds)
        });
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let places = found.map.len();
        let even = found.stops.len() - 1;
        let stopping = match even == places {
            true => format!("It stops at each of its {places} places"),
            false => format!("Of its {} it stops at {even}, evenly spaced", words::count(places, "place", "places")),
        };
        let padding = match found.padding {
            0 => String::new(),
            n => {
                format!(", with {} around it", words::count(n, "row and column of zeros", "rows and columns of zeros"))
            }
        };
        let read = match (found.reads.as_str(), found.of) {
            ("x", 1) => "the picture".to_owned(),
            (node, 1) => format!("its channel of {node}"),
            (node, n) => format!("{n} channels of {}", node.replace('x', "the picture")),
        };
        let shown = match (found.channels.len(), found.of) {
            (shown, of) if shown < of => format!(
                " Of the channels {shown} are shown, whose products add up to most over the whole map; what the others add is one \
                 number."
            ),
            _ => String::new(),
        };
        let strongest = found.stops.last();
        let title = strongest.map(|stop| {
            let [row, column] = stop.place;
            let value = number(f64::from(found.value(stop)));
            format!("{} answers most at row {row}, column {column}: {value}", filter(found))
        });
        let mut figure = Figure::new(id, words::sentence(&title.unwrap_or_default()))
            .subtitle(format!(
                "{}: numbers under the window × weights = products; their sum + bias = one number of the map",
                words::sentence(&found.sample),
            ))
            .caption(format!(
                "{} of {} on its way over {}, {read}{padding}: at each place the numbers under its window (the red frame) are multiplied \
                 by its weights; the sum of the products and the bias is the number of its map there, which is gray where the filter has \
                 not been. Rows and columns count from 0. {stopping} in the order of reading, and rests where its number is largest.{shown} \
                 Numbers are rounded to two decimals.",
                words::sentence(&filter(found)),
                found.model,
                found.sample,
            ))
            .columns(if found.channels.len() == 1 { 3 } else { 4 });
        for panel in panels(found)? {
            figure = figure.panel(panel);
        }
        let (pixels, products) = scales(found);
        let figure = figure
            .color_bar(ColorBar::new(pixel(found), pixels))
            .color_bar(ColorBar::new("weight, product, number of the map", products));
        let name = |stop: &Stop| format!("row {}, column {}", stop.place[0], stop.place[1]);
        let animation = Animation::new(found.stops.iter().map(name))
            .seconds(self.seconds)
            .headlines(found.stops.iter().map(|stop| sum_in_words(found, stop)));
        let arrays = vec![
            Array::new("image", ["channel", "row", "column"], stacked(found, |channel| &channel.image)),
            Array::new("weights", ["channel", "row", "column"], stacked(found, |channel| &channel.weights)),
            Array::new("map", ["row", "column"], found.map.clone().into_dyn()),
        ];
        Ok(Drawing { figure: figure.animate(animation), tables: vec![table(found)], arrays })
    }
}

/// "filter 3 of conv1".
fn filter(found: &Found) -> String {
    format!("filter {} of {}", found.filter, found.node.trim_end_matches(".pre"))
}

fn pixel(found: &Found) -> &'static str {
    if found.reads == "x" { "pixel" } else { "number of the channel" }
}

/// Something of each channel as one array.
fn stacked(found: &Found, of: impl Fn(&Channel) -> &Array2<f32>) -> ArrayD<f32> {
    let all: Vec<_> = found.channels.iter().map(|channel| of(channel).view()).collect();
    ndarray::stack(ndarray::Axis(0), &all).expect("channels of one size").into_dyn()
}

/// "1.23 − 0.10 = 1.13", of several channels "1.50 − 0.30 + 0.03 (others) − 0.10 (bias) = 1.13".
fn sum_in_words(found: &Found, stop: &Stop) -> String {
    let value = number(f64::from(found.value(stop)));
    let bias = signed(f64::from(found.bias));
    let [first, further @ ..] = &stop.parts[..] else { return value };
    if found.of == 1 {
        return format!("{} {bias} = {value}", number(first.sum()));
    }
    let further: String = further.iter().map(|part| format!(" {}", signed(part.sum()))).collect();
    let others = others(found, stop).map(|others| format!(" {others} (others)")).unwrap_or_default();
    format!("{}{further}{others} {bias} (bias) = {value}", number(first.sum()))
}

/// What the channels add that are not shown, if there are such.
fn others(found: &Found, stop: &Stop) -> Option<String> {
    (found.channels.len() < found.of).then(|| signed(stop.others))
}

/// A number as what is added or taken away: of none, once rounded, 0.00 is added.
fn signed(value: f64) -> String {
    let text = number(value);
    match text.strip_prefix('−') {
        Some(taken) => format!("− {taken}"),
        None => format!("+ {text}"),
    }
}

fn number(value: f64) -> String {
    text::fixed(value, 2)
}

/// The colours of pixels, and of weights, products and the map: these on one scale.
fn scales(found: &Found) -> (ColorScale, ColorScale) {
    let image: Vec<f64> = found.channels.iter().flat_map(|c| c.image.iter().map(|v| f64::from(*v))).collect();
    let signed = image.iter().any(|v| *v < 0.0);
    let pixels = match signed {
        true => ColorScale::signed_of(&image),
        false => ColorScale::gray(0.0, image.iter().copied().fold(1.0, f64::max)),
    };
    let products = found.stops.iter().flat_map(|stop| &stop.parts).flat_map(|part| &part.products);
    let weights = found.channels.iter().flat_map(|channel| &channel.weights);
    let all: Vec<f64> = weights.chain(&found.map).chain(products).map(|v| f64::from(*v)).collect();
    (pixels, ColorScale::signed_of(&all))
}

/// Of each channel image, patch, weights and products, and at last the map.
fn panels(found: &Found) -> Result<Vec<Panel>, FigureError> {
    let mut panels = Vec::new();
    for (i, channel) in found.channels.iter().enumerate() {
        panels.extend(channel_panels(found, i, channel)?);
    }
    panels.push(map_panel(found)?);
    Ok(panels)
}

/// A frame around so many cells from a place on.
fn frame([row, column]: [usize; 2], side: usize) -> Line {
    let [top, left] = [row as f64, column as f64];
    let (bottom, right) = (top + side as f64, left + side as f64);
    let corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
    Line::new(corners).color(palette::PATH).width(3.0)
}

/// A plane whose axes count cells.
fn plane((rows, columns): (usize, usize)) -> Panel {
    Panel::matrix(Axis::hidden().range(0.0, columns as f64), Axis::hidden().range(0.0, rows as f64))
}

/// What the filter does with one of the channels that are shown.
fn channel_panels(found: &Found, i: usize, channel: &Channel) -> Result<[Panel; 4], FigureError> {
    let (pixels, products) = scales(found);
    let (height, width) = channel.image.dim();
    let reach = (channel.weights.nrows() - 1) * found.dilation + 1;
    let cells = |values: &Array2<f32>, scale: ColorScale| -> Result<Heatmap, FigureError> {
        let (rows, columns) = values.dim();
        Ok(Heatmap::new(rows, columns, values.iter().map(|v| f64::from(*v)).collect(), scale)?.numbers(2))
    };
    let parts = || found.stops.iter().map(|stop| &stop.parts[i]);
    let all = |of: &dyn Fn(&Part) -> Array2<f32>, scale| {
        parts().map(|part| cells(&of(part), scale)).collect::<Result<Vec<_>, _>>()
    };
    let (patches, made) = (all(&|part| part.patch.clone(), pixels)?, all(&|part| part.products.clone(), products)?);
    let image: Vec<f64> = channel.image.iter().map(|v| f64::from(*v)).collect();
    let name = match (found.reads.as_str(), found.of) {
        ("x", 1) => "picture".to_owned(),
        (node, 1) => node.to_owned(),
        (node, _) => format!("{node}[{}]", channel.channel),
    };
    Ok([
        plane((height, width))
            .title(name)
            .mark(Image::new(height, width, &image, pixels)?)
            .frames(found.stops.iter().map(|stop| frame(stop.corner, reach))),
        Panel::picture().title("under the window").frames(patches),
        Panel::picture().title("× weights").mark(cells(&channel.weights, products)?),
        Panel::picture().titles(parts().map(|part| format!("= products, sum {}", number(part.sum())))).frames(made),
    ])
}

/// The map, as far as the filter has been.
fn map_panel(found: &Found) -> Result<Panel, FigureError> {
    let (_, scale) = scales(found);
    let (rows, columns) = found.map.dim();
    let last = found.stops.len() - 1;
    let filled = |(i, stop): (usize, &Stop)| -> Result<Image, FigureError> {
        let been = if i == last { rows * columns } else { stop.place[0] * columns + stop.place[1] + 1 };
        let color = |(at, v): (usize, &f32)| if at < been { scale.color(f64::from(*v)) } else { palette::MISSING };
        let colors: Vec<Color> = found.map.iter().enumerate().map(color).collect();
        Ok(Image::from_colors(rows, columns, colors)?)
    };
    let maps = found.stops.iter().enumerate().map(filled).collect::<Result<Vec<_>, _>>()?;
    let title = |stop: &Stop| {
        let others = others(found, stop).map(|others| format!("{others} (others) ")).unwrap_or_default();
        let bias = signed(f64::from(found.bias)).replace(' ', " bias ");
        format!("{others}{bias} = {}", number(f64::from(found.value(stop))))
    };
    Ok(plane((rows, columns))
        .titles(found.stops.iter().map(title))
        .frames(maps)
        .frames(found.stops.iter().map(|stop| frame(stop.place, 1))))
}

/// A row per stop.
fn table(found: &Found) -> Table {
    let counts = |of: &dyn Fn(&Stop) -> usize| Column::Counts(found.stops.iter().map(|stop| of(stop) as u64).collect());
    let filter = format!("{}[{}]", found.node, found.filter);
    let doubles = |of: &dyn Fn(&Stop) -> f64| Column::Doubles(found.stops.iter().map(of).collect());
    let mut table = Table::new("")
        .column("unit", Column::Text(vec![filter; found.stops.len()]))
        .column("row", counts(&|stop| stop.place[0]))
        .column("column", counts(&|stop| stop.place[1]));
    if found.of > 1 {
        for (i, channel) in found.channels.iter().enumerate() {
            table = table.column(format!("sum of channel {}", channel.channel), doubles(&|stop| stop.parts[i].sum()));
        }
        table = table.column("sum of others", doubles(&|stop| stop.others));
    }
    table
        .column("sum", doubles(&Stop::sum))
        .column("bias", Column::Singles(vec![found.bias; found.stops.len()]))
        .column("value", Column::Singles(found.stops.iter().map(|stop| found.value(stop)).collect()))
}
