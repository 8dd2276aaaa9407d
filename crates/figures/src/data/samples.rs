//! The data themselves.

use analysis::{Planned, PlannedData, Results};
use datasets::Split;
use registry::{Config, DatasetRef, Problems};
use rendering::{Axis, Color, Figure, Line, Panel, Scatter, Shape, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// The samples of a data set: points in the plane coloured by class for two features, target against feature for one.
///
/// A set that is split shows its training split as discs, validation as squares and its test split as diamonds.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Samples {
    /// The data set.
    pub data: DatasetRef,
}

impl Config for Samples {
    const KIND: &str = "samples";
    const EXAMPLE: &str = "data = \"spiral\"";
}

impl FigureKind for Samples {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        if let Some(PlannedData { spec, .. }) = planned.data(&self.data)
            && !matches!(spec.shape[..], [1 | 2])
        {
            let shape = tensor::shape::display(&spec.shape);
            problems.add("data", format!("expected data of one or two features, and {} has {shape}", self.data.0));
        }
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let splits = results.data(&self.data)?;
        let there = |split: Split| Some((splits.get(split)?, split.name()));
        let splits: Vec<_> = Split::ALL.into_iter().filter_map(there).collect();
        let train = splits[0].0;
        let n: usize = splits.iter().map(|(split, _)| split.n()).sum();
        let names = &train.feature_names;
        let values: Vec<Vec<f64>> = splits
            .iter()
            .map(|(split, _)| {
                split.values().map(|v| v.column(0).iter().map(|v| f64::from(*v)).collect()).unwrap_or_default()
            })
            .collect();
        let plane = train.features() == 2;
        let y_name = if plane { names[1].clone() } else { "target".into() };
        let mut panel = Panel::new(Axis::new(&names[0]), Axis::new(y_name));
        if plane {
            panel = panel.equal();
        }
        if let (false, Some(truth)) = (plane, &train.truth) {
            let mut line: Vec<(f64, f64)> =
                (0..train.n()).map(|r| (f64::from(train.x[[r, 0]]), f64::from(truth[[r, 0]]))).collect();
            line.sort_by(|a, b| a.0.total_cmp(&b.0));
            panel = panel.mark(Line::new(line).color(palette::TRUTH).width(5.0).label("without noise"));
        }
        let mut crowded = false;
        for (i, (split, name)) in splits.iter().enumerate() {
            let (shape, color, _) = look_of(name);
            let points = (0..split.n()).map(|r| {
                let y = if plane { f64::from(split.x[[r, 1]]) } else { values[i].get(r).copied().unwrap_or(0.0) };
                (f64::from(split.x[[r, 0]]), y)
            });
            let mut scatter = Scatter::new(points).shape(shape);
            match (split.labels(), split.class_names()) {
                (Some(labels), Some(classes)) => {
                    scatter = scatter.classes(labels.iter().map(|l| *l as usize));
                    if i == 0 {
                        scatter = scatter.labels(classes.iter().map(|c| words::class(c)));
                    }
                }
                _ => scatter = scatter.color(color).label(*name),
            }
            crowded |= scatter.is_crowd();
            panel = panel.mark(scatter);
        }
        let what = match train.classes() {
            Some(classes) => {
                format!("{} in {}", words::count(n, "point", "points"), words::count(classes, "class", "classes"))
            }
            None => words::count(n, "point", "points"),
        };
        let mut figure = Figure::new(id, format!("{}: {what}", words::sentence(&self.data.0)))
            .caption(format!("The samples of {}, {what}.", self.data.0))
            .panel(panel);
        // A crowd has no shapes.
        if splits.len() > 1 && !crowded {
            let shapes: Vec<String> = splits
                .iter()
                .map(|(_, name)| {
                    let of = if *name == "train" { "training" } else { name };
                    format!("{} are {of} samples", look_of(name).2)
                })
                .collect();
            figure = figure.subtitle(words::sentence(&words::list(&shapes)));
        }

        let mut split_names = Vec::new();
        let mut columns: Vec<Vec<f32>> = vec![Vec::new(); train.features()];
        let (mut classes, mut targets) = (Vec::new(), Vec::new());
        for (i, (split, name)) in splits.iter().enumerate() {
            for r in 0..split.n() {
                split_names.push((*name).to_owned());
                (0..columns.len()).for_each(|c| columns[c].push(split.x[[r, c]]));
                match (split.labels(), split.class_names()) {
                    (Some(labels), Some(names)) => classes.push(names[labels[r] as usize].clone()),
                    _ => targets.push(values[i].get(r).copied().unwrap_or(f64::NAN)),
                }
            }
        }
        let mut table = Table::new("").column("split", Column::Text(split_names));
        for (name, column) in names.iter().zip(columns) {
            table = table.column(name, Column::Singles(column));
        }
        table = if classes.is_empty() {
            table.column("target", Column::Singles(targets.into_iter().map(|v| v as f32).collect()))
        } else {
            table.column("class", Column::Text(classes))
        };
        Ok(Drawing { figure, tables: vec![table], arrays: Vec::new() })
    }
}

/// The mark of a split of the data, its colour where there are no classes, and the mark's name.
fn look_of(split: &str) -> (Shape, Color, &'static str) {
    match split {
        "train" => (Shape::Circle, palette::TRAINING, "discs"),
        "validation" => (Shape::Square, palette::VALIDATION, "squares"),
        _ => (Shape::Diamond, palette::TEST, "diamonds"),
    }
}
