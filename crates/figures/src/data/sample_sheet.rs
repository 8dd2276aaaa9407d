//! Pictures of a data set, a row for each class.

use analysis::{
    Planned, PlannedData, Results, Trained,
    data::image_statistics::{needs_pictures, picture_size},
};
use datasets::Splits;
use registry::{Config, DatasetRef, Problems, TrainRef};
use rendering::{Axis, ColorScale, Figure, Image, Panel, Tick, Ticks};

use training::{Augment, Augmenter};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// The first pictures of a data set's training split, a row for each class; or the first one of each class as training changes
/// it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SampleSheet {
    /// A data set of pictures.
    pub data: DatasetRef,
    /// A training run with `augment` on this data: each row then has the first picture of a class as it is, and after it as this
    /// run learns from it in its first epochs. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub augmented: Option<TrainRef>,
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
        if let Some((name, model)) = self.augmented.as_ref().and_then(|name| Some((&name.0, planned.model(name)?))) {
            match &model.augmented {
                Some(data) if *data == self.data => {}
                Some(other) => {
                    problems.add("augmented", format!("{name} learns from {}, not from {}", other.0, self.data.0))
                }
                None => problems.add_with_help(
                    "augmented",
                    format!("{name} learns from pictures as they are"),
                    format!("write augment = {{ shift = 2 }} in [train.{name}]"),
                ),
            }
        }
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
        let splits = results.data(&self.data)?;
        let train = &splits.train;
        let size = picture_size(&train.shape).unwrap_or([1, train.features()]);
        let names: Vec<String> = train.class_names().map_or_else(|| vec![String::new()], <[_]>::to_vec);
        let run = self.augmented.as_ref().map(|name| results.trained(name)).transpose()?;
        let columns = run.map_or(self.columns, |run| self.columns.min(1 + run.config.epochs));
        let of_class = |class: usize| {
            let own = move |i: &usize| train.labels().is_none_or(|labels| labels[*i] as usize == class);
            (0..train.n()).filter(own).take(if run.is_some() { 1 } else { columns }).collect::<Vec<_>>()
        };
        let chosen: Vec<Vec<usize>> = (0..names.len()).map(of_class).collect();
        // Column by column: as they are, or with a column for each epoch.
        let shown = chosen.concat();
        let mut changed = vec![0.0; shown.len() * train.features()];
        let mut sheets: Vec<Vec<f32>> = vec![train.x.select(&shown).iter().copied().collect()];
        if let Some((run, mut augmenter)) = run.and_then(|run| Some((run, augmenter(run, splits, results)?))) {
            let rows: Vec<u32> = shown.iter().map(|&i| i as u32).collect();
            sheets.extend((1..columns.min(1 + run.config.epochs)).map(|epoch| {
                augmenter.gather(&rows, epoch - 1, &mut changed);
                changed.clone()
            }));
        }
        let all = || sheets.iter().flatten();
        let (lo, hi) = all().fold((f32::INFINITY, f32::NEG_INFINITY), |(lo, hi), &v| (lo.min(v), hi.max(v)));
        // Between pictures lies paper, the lightest colour.
        let [height, width] = sheet(size, names.len(), columns);
        let mut pixels = vec![f64::from(lo); height * width];
        for (epoch, pictures) in sheets.iter().enumerate() {
            let mut next = pictures.chunks_exact(train.features().max(1));
            for (row, chosen) in chosen.iter().enumerate() {
                for (place, picture) in next.by_ref().take(chosen.len()).enumerate() {
                    for (p, &v) in picture.iter().enumerate() {
                        let (y, x) = (p / size[1] + row * (size[0] + 1), p % size[1] + (epoch + place) * (size[1] + 1));
                        pixels[y * width + x] = f64::from(v);
                    }
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
        let panel = Panel::matrix(Axis::hidden(), axis).mark(Image::new(height, width, &pixels, scale)?);
        let [title, what] = told(&self.data.0, shown.len(), train.n(), run, sheets.len());
        let figure = Figure::new(id, title)
            .subtitle(match run {
                None => format!("{}×{} pixels each; black is the highest value, white the lowest", size[0], size[1]),
                Some(run) => format!("Left as they are, then epoch by epoch: {}", changes(run)),
            })
            .caption(format!("{what}: black is the highest value, white the lowest."))
            .panel(panel);
        let classes = chosen.iter().zip(&names).flat_map(|(own, name)| vec![name.clone(); own.len()]).collect();
        let table = Table::new("")
            .column("class", Column::Text(classes))
            .column("sample", Column::Counts(shown.iter().map(|&i| i as u64).collect()));
        Ok(Drawing { figure, tables: vec![table], arrays: Vec::new() })
    }
}

/// What changes the pictures of a training run.
fn augmenter(run: &Trained, splits: &Splits, results: &Results) -> Option<Augmenter> {
    let stage = format!("train.{}", run.name);
    Augmenter::new(run.config.augment.as_ref()?, splits, results.streams(), &run.config.start(&stage))
}

/// What a training run changes in its pictures.
fn changes(run: &Trained) -> String {
    let Augment { shift, whole_pixels, rotate, scale, noise } = run.config.augment.clone().unwrap_or_default();
    let whole = if whole_pixels { " whole" } else { "" };
    let changes = [
        (shift, format!("moved by up to {shift}{whole} pixels")),
        (rotate, format!("turned by up to {rotate}°")),
        (scale, format!("scaled by up to {}%", 100.0 * scale)),
        (noise, format!("noise of deviation {noise}")),
    ];
    words::list(&changes.into_iter().filter(|(most, _)| *most > 0.0).map(|(_, words)| words).collect::<Vec<_>>())
}

/// The title, and what is shown: pictures as they are, or in so many columns as a run learns from them.
fn told(data: &str, shown: usize, of: usize, run: Option<&Trained>, columns: usize) -> [String; 2] {
    let (name, of) = (words::sentence(data), words::thousands(of));
    match run {
        None => [
            format!("{name}: the first pictures of each class"),
            format!("{shown} of the {of} training pictures of {data}, a row for each class, in the order of the data"),
        ],
        Some(run) => [
            format!("{name}: pictures as {} learns from them", run.name),
            format!(
                "The first training picture of each class of {data}, of {of} in all, as it is and as {} learns from it in its first \
                 {}, each changed at random ({}); what comes in from outside is 0 as the data has it",
                run.name,
                words::epochs(columns - 1),
                changes(run)
            ),
        ],
    }
}

/// Rows and columns of a sheet, a pixel between pictures.
fn sheet(size: [usize; 2], classes: usize, columns: usize) -> [usize; 2] {
    [classes * (size[0] + 1) - 1, columns * (size[1] + 1) - 1]
}
