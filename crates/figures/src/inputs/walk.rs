//! The walk of one filter over one picture, place by place.

use analysis::{
    Results,
    inputs::walk::{Stop, Walk as Found},
};
use ndarray::Array2;
use registry::{AnalysisRef, Config, Problems};
use rendering::{Animation, Axis, Color, ColorBar, ColorScale, Figure, Heatmap, Image, Line, Panel, palette, text};

use crate::{Array, Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// The walk of one filter over one picture, as a figure that moves: the picture with the window on it, the numbers under the
/// window, the filter's weights, their products, and the map that the sums make, which fills up as the filter goes. It rests
/// where the filter answers most.
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
        let read =
            if found.reads == "x" { "the picture".to_owned() } else { format!("its channel of {}", found.reads) };
        let strongest = found.stops.last();
        let title = strongest.map(|stop| {
            let [row, column] = stop.place;
            let value = number(f64::from(found.value(stop)));
            format!("{} answers most at row {row}, column {column}: {value}", filter(found))
        });
        let mut figure = Figure::new(id, words::sentence(&title.unwrap_or_default()))
            .subtitle(format!(
                "{}: numbers under the window × weights = products; their sum + bias = one number of the map",
                words::sentence(&found.sample)
            ))
            .caption(format!(
                "{} of {} on its way over {}, {read}{padding}: at each place the numbers under its window (the red frame) are multiplied \
                 by its weights; the sum of the products and the bias is the number of its map there, which is gray where the filter has \
                 not been. Rows and columns count from 0. {stopping} in the order of reading, and rests where its number is largest. \
                 Numbers are rounded to two decimals.",
                words::sentence(&filter(found)),
                found.model,
                found.sample,
            ))
            .columns(3);
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
            Array::new("image", ["row", "column"], found.image.clone().into_dyn()),
            Array::new("weights", ["row", "column"], found.weights.clone().into_dyn()),
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

/// "1.23 − 0.10 = 1.13".
fn sum_in_words(found: &Found, stop: &Stop) -> String {
    let [sign, bias] = signed_bias(found);
    format!("{} {sign} {bias} = {}", number(stop.sum()), number(f64::from(found.value(stop))))
}

/// The bias as what is added or taken away: of none, once rounded, 0.00 is added.
fn signed_bias(found: &Found) -> [String; 2] {
    let text = number(f64::from(found.bias));
    match text.strip_prefix('−') {
        Some(taken) => ["−".into(), taken.to_owned()],
        None => ["+".into(), text],
    }
}

fn number(value: f64) -> String {
    text::fixed(value, 2)
}

/// The colours of pixels, and of weights, products and the map: these on one scale.
fn scales(found: &Found) -> (ColorScale, ColorScale) {
    let image: Vec<f64> = found.image.iter().map(|v| f64::from(*v)).collect();
    let signed = image.iter().any(|v| *v < 0.0);
    let pixels = match signed {
        true => ColorScale::signed_of(&image),
        false => ColorScale::gray(0.0, image.iter().copied().fold(1.0, f64::max)),
    };
    let products = found.stops.iter().flat_map(|stop| stop.products.iter());
    let all: Vec<f64> = found.weights.iter().chain(&found.map).chain(products).map(|v| f64::from(*v)).collect();
    (pixels, ColorScale::signed_of(&all))
}

/// Image, patch, weights, products and map.
fn panels(found: &Found) -> Result<Vec<Panel>, FigureError> {
    let (pixels, signed) = scales(found);
    let (height, width) = found.image.dim();
    let reach = (found.weights.nrows() - 1) * found.dilation + 1;
    let frame = |[row, column]: [usize; 2], side: usize| {
        let [top, left] = [row as f64, column as f64];
        let (bottom, right) = (top + side as f64, left + side as f64);
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        Line::new(corners).color(palette::PATH).width(3.0)
    };
    let cells = |values: &Array2<f32>, scale: ColorScale| -> Result<Heatmap, FigureError> {
        let (rows, columns) = values.dim();
        Ok(Heatmap::new(rows, columns, values.iter().map(|v| f64::from(*v)).collect(), scale)?.numbers(2))
    };
    let plane = |(rows, columns): (usize, usize)| {
        Panel::matrix(Axis::hidden().range(0.0, columns as f64), Axis::hidden().range(0.0, rows as f64))
    };
    let image: Vec<f64> = found.image.iter().map(|v| f64::from(*v)).collect();
    let over = found.stops.iter().map(|stop| frame(stop.corner, reach));
    let patches = found.stops.iter().map(|stop| cells(&stop.patch, pixels)).collect::<Result<Vec<_>, _>>()?;
    let products = found.stops.iter().map(|stop| cells(&stop.products, signed)).collect::<Result<Vec<_>, _>>()?;
    let (rows, columns) = found.map.dim();
    let last = found.stops.len() - 1;
    let filled = |(i, stop): (usize, &Stop)| -> Result<Image, FigureError> {
        let been = if i == last { rows * columns } else { stop.place[0] * columns + stop.place[1] + 1 };
        let color = |(at, v): (usize, &f32)| if at < been { signed.color(f64::from(*v)) } else { palette::MISSING };
        let colors: Vec<Color> = found.map.iter().enumerate().map(color).collect();
        Ok(Image::from_colors(rows, columns, colors)?)
    };
    let maps = found.stops.iter().enumerate().map(filled).collect::<Result<Vec<_>, _>>()?;
    let here = found.stops.iter().map(|stop| frame(stop.place, 1));
    let title = |words: &str| Panel::picture().title(words);
    Ok(vec![
        plane((height, width))
            .title(found.reads.replace('x', "picture"))
            .mark(Image::new(height, width, &image, pixels)?)
            .frames(over),
        title("under the window").frames(patches),
        title("× weights").mark(cells(&found.weights, signed)?),
        Panel::picture()
            .titles(found.stops.iter().map(|stop| format!("= products, sum {}", number(stop.sum()))))
            .frames(products),
        plane((rows, columns))
            .titles(found.stops.iter().map(|stop| {
                let [sign, bias] = signed_bias(found);
                format!("{sign} bias {bias} = {}", number(f64::from(found.value(stop))))
            }))
            .frames(maps)
            .frames(here),
    ])
}

/// A row per stop.
fn table(found: &Found) -> Table {
    let counts = |of: &dyn Fn(&Stop) -> usize| Column::Counts(found.stops.iter().map(|stop| of(stop) as u64).collect());
    let filter = format!("{}[{}]", found.node, found.filter);
    Table::new("")
        .column("unit", Column::Text(vec![filter; found.stops.len()]))
        .column("row", counts(&|stop| stop.place[0]))
        .column("column", counts(&|stop| stop.place[1]))
        .column("sum", Column::Doubles(found.stops.iter().map(Stop::sum).collect()))
        .column("bias", Column::Singles(vec![found.bias; found.stops.len()]))
        .column("value", Column::Singles(found.stops.iter().map(|stop| found.value(stop)).collect()))
}
