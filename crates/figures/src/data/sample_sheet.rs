//! Pictures of a data set, a row for each class.

use analysis::{
    Planned, PlannedData, Results,
    data::image_statistics::{needs_pictures, picture_size},
};
use registry::{Config, DatasetRef, Problems};
use rendering::{Axis, ColorScale, Figure, Image, Panel, Tick, Ticks};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// The first pictures of a data set's training split, a row for each class.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SampleSheet {
    /// A data set of pictures.
    pub data: DatasetRef,
    /// How many pictures of each class. Default 12.
    #[serde(default = "default_columns")]
    pub columns: usize,
}

fn default_columns() -> usize {
    12
}

impl Config for SampleSheet {
    const KIND: &str = "sample_sheet";
    const EXAMPLE: &str = "data = \"digits\"";
}

/// So many pixels, stored without compression, still make a picture of less than a megabyte.
const MOST_PIXELS: usize = 600_000;

impl FigureKind for SampleSheet {
    fn check(&self, problems: &mut Problems) {
        problems.require((1..=100).contains(&self.columns), "columns", || {
            format!("{} pictures of each class, expected 1 to 100", self.columns)
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        needs_pictures(planned, &self.data, problems);
        if let Some(PlannedData { spec, .. }) = planned.data(&self.data)
            && let Some(size) = picture_size(&spec.shape)
        {
            let pixels = sheet(size, spec.classes().unwrap_or(1), self.columns);
            problems.require(pixels[0] * pixels[1] <= MOST_PIXELS, "columns", || {
                format!("a sheet of {}×{} pixels, expected at most {MOST_PIXELS} in all", pixels[0], pixels[1])
            });
        }
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let train = &results.data(&self.data)?.train;
        let size = picture_size(&train.shape).unwrap_or([1, train.features()]);
        let names: Vec<String> = train.class_names().map_or_else(|| vec![String::new()], <[_]>::to_vec);
        let of_class = |class: usize| {
            let own = move |i: &usize| train.labels().is_none_or(|labels| labels[*i] as usize == class);
            (0..train.n()).filter(own).take(self.columns).collect::<Vec<_>>()
        };
        let chosen: Vec<Vec<usize>> = (0..names.len()).map(of_class).collect();
        let pictures = train.x.select(&chosen.concat());
        let (lo, hi) = pictures.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(lo, hi), &v| (lo.min(v), hi.max(v)));
        // Between pictures lies paper, the lightest colour.
        let [rows, columns] = sheet(size, names.len(), self.columns);
        let mut pixels = vec![f64::from(lo); rows * columns];
        let mut next = pictures.rows().into_iter();
        for (row, chosen) in chosen.iter().enumerate() {
            for (column, picture) in next.by_ref().take(chosen.len()).enumerate() {
                for (p, &v) in picture.iter().enumerate() {
                    let (y, x) = (p / size[1] + row * (size[0] + 1), p % size[1] + column * (size[1] + 1));
                    pixels[y * columns + x] = f64::from(v);
                }
            }
        }
        let middle = |row: usize| row as f64 * (size[0] + 1) as f64 + size[0] as f64 / 2.0;
        let ticks = names.iter().enumerate().map(|(row, name)| Tick { value: middle(row), label: name.clone() });
        let mut axis = Axis::new("class").ticks(Ticks::Given(ticks.collect()));
        if train.classes().is_none() {
            axis = Axis::hidden();
        }
        let scale = ColorScale::gray(f64::from(lo), f64::from(hi));
        let panel = Panel::matrix(Axis::hidden(), axis).mark(Image::new(rows, columns, &pixels, scale)?);
        let shown: usize = chosen.iter().map(Vec::len).sum();
        let figure = Figure::new(id, format!("{}: the first pictures of each class", words::sentence(&self.data.0)))
            .subtitle(format!("{}×{} pixels each; black is the highest value, white the lowest", size[0], size[1]))
            .caption(format!(
                "{shown} of the {} training pictures of {}, a row for each class, in the order of the data: \
                 black is the highest value, white the lowest.",
                words::thousands(train.n()),
                self.data.0
            ))
            .panel(panel);
        let classes = chosen.iter().zip(&names).flat_map(|(own, name)| vec![name.clone(); own.len()]).collect();
        let table = Table::new("")
            .column("class", Column::Text(classes))
            .column("sample", Column::Counts(chosen.concat().iter().map(|&i| i as u64).collect()));
        Ok(Drawing { figure, tables: vec![table], arrays: Vec::new() })
    }
}

/// Rows and columns of a sheet, a pixel between pictures.
fn sheet(size: [usize; 2], classes: usize, columns: usize) -> [usize; 2] {
    [classes * (size[0] + 1) - 1, columns * (size[1] + 1) - 1]
}
