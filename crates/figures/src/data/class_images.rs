//! The mean picture of each class, and where its pictures differ.

use analysis::{Results, data::image_statistics::ImageStatistics};
use ndarray::Array3;
use registry::{AnalysisRef, Config};
use rendering::{Axis, ColorBar, ColorScale, Figure, Image, Panel, Tick, Ticks};

use crate::{Array, Drawing, FigureError, FigureKind, helpers::words};

/// The mean picture of each class, and below it the standard deviation of each pixel: where pictures of one class differ.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassImages {
    /// An analysis of kind "image_statistics".
    #[schemars(extend("x-kinds" = ["image_statistics"]))]
    pub analysis: AnalysisRef,
}

impl Config for ClassImages {
    const KIND: &str = "class_images";
    const EXAMPLE: &str = "analysis = \"pixels\"";
}

/// Classes side by side before the next row begins.
const ACROSS: usize = 5;

impl FigureKind for ClassImages {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &ImageStatistics = results.outcome(&self.analysis)?;
        let means: Vec<&[f64]> = found.classes.iter().map(|c| c.mean_image.as_slice()).collect();
        let deviations: Vec<&[f64]> = found.classes.iter().map(|c| c.deviation_image.as_slice()).collect();
        let names: Vec<&str> = found.classes.iter().map(|c| c.name.as_str()).collect();
        let range = |pictures: &[&[f64]]| {
            let values = pictures.iter().copied().flatten();
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), &v| (lo.min(v), hi.max(v)))
        };
        let (lo, hi) = range(&means);
        let most = range(&deviations).1;
        let mut figure = Figure::new(id, format!("The mean picture of each class of {}, and where its pictures differ", found.data))
            .caption(format!(
                "Each pixel's mean over the training pictures of a class of {}, and each pixel's standard deviation over them: \
                 where it is high, some pictures of the class have ink and others have none.",
                found.data
            ));
        for (title, pictures, scale) in [
            ("mean", &means, ColorScale::gray(lo, hi)),
            ("standard deviation", &deviations, ColorScale::magnitude(0.0, most)),
        ] {
            figure = figure
                .panel(sheet(pictures, &names, found.size, scale)?.title(title))
                .color_bar(ColorBar::new(format!("{title} (pixel value)"), scale));
        }
        let array = |name: &str, pictures: &[&[f64]]| {
            let values: Vec<f32> = pictures.iter().copied().flatten().map(|&v| v as f32).collect();
            let shape = (pictures.len(), found.size[0], found.size[1]);
            // Each class has as many pixels as the size says.
            let values = Array3::from_shape_vec(shape, values).expect("whole pictures").into_dyn();
            Array::new(name, ["class", "row", "column"], values)
        };
        let arrays = vec![array("mean", &means), array("standard_deviation", &deviations)];
        Ok(Drawing { figure, tables: Vec::new(), arrays })
    }
}

/// Pictures in rows, each under its class.
fn sheet(pictures: &[&[f64]], names: &[&str], size: [usize; 2], scale: ColorScale) -> Result<Panel, FigureError> {
    let across = pictures.len().clamp(1, ACROSS);
    let down = pictures.len().div_ceil(across);
    let (rows, columns) = (down * (size[0] + 1) - 1, across * (size[1] + 1) - 1);
    let mut pixels = vec![scale.lo; rows * columns];
    for (i, picture) in pictures.iter().enumerate() {
        for (p, &v) in picture.iter().enumerate() {
            let (y, x) = (p / size[1] + i / across * (size[0] + 1), p % size[1] + i % across * (size[1] + 1));
            pixels[y * columns + x] = v;
        }
    }
    // A row is named by its first and last class.
    let tick = |row: usize| {
        let last = ((row + 1) * across).min(names.len()) - 1;
        let label = words::sentence(&format!("{} … {}", names[row * across], names[last]));
        Tick { value: row as f64 * (size[0] + 1) as f64 + size[0] as f64 / 2.0, label }
    };
    let axis = Axis::new("class").ticks(Ticks::Given((0..down).map(tick).collect()));
    Ok(Panel::matrix(Axis::hidden(), axis).mark(Image::new(rows, columns, &pixels, scale)?))
}
