//! How well each class is recognised: bars and a table.

use analysis::{Planned, Results, predictions::classification::Classification};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, ColorScale, Figure, Heatmap, Panel, Scatter, Shape, palette, text};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::colours, helpers::names, helpers::words};

/// The share of each class's samples that a model recognises, as points, and a table of samples, recall, precision and F1 below;
/// of several analyses the points stand beside each other.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassScores {
    /// Analyses of kind "classification", of the same classes.
    #[schemars(extend("x-kinds" = ["classification"]))]
    pub analyses: Vec<AnalysisRef>,
}

impl Config for ClassScores {
    const KIND: &str = "class_scores";
    const EXAMPLE: &str = "analyses = [\"test\"]";
}

impl FigureKind for ClassScores {
    fn check(&self, problems: &mut Problems) {
        problems.require(!self.analyses.is_empty(), "analyses", || "expected at least one analysis".into());
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let classes = |analysis| Some(&planned.model(planned.models_of(analysis).first()?)?.data.target);
        let Some(first) = self.analyses.first() else { return };
        for (i, other) in self.analyses.iter().enumerate().skip(1) {
            if let (Some(a), Some(b)) = (classes(first), classes(other)) {
                problems.require(a == b, format!("analyses[{i}]"), || {
                    format!("{} and {} are about different classes", first.0, other.0)
                });
            }
        }
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found = (self.analyses.iter())
            .map(|name| Ok((name, results.outcome::<Classification>(name)?)))
            .collect::<Result<Vec<_>, FigureError>>()?;
        let classes = found.first().map(|(_, f)| f.confusion.classes.clone()).unwrap_or_default();
        let axis = || Axis::new("class").names(classes.clone());
        let scores: Vec<_> = found.iter().map(|(_, f)| f.confusion.scores()).collect();
        let (least, greatest) = ends(scores.iter().flatten().map(|s| s.recall));
        let many = found.len() > 1;
        // Points, not bars: they need no zero, next to which all classes would look alike.
        let drawn =
            || scores.iter().flatten().flat_map(|s| if many { vec![s.recall] } else { vec![s.recall, s.precision] });
        let lowest = drawn().filter(|v| v.is_finite()).fold(1.0, f64::min);
        let room = (1.0 - lowest).max(0.01);
        let mut points = Panel::new(
            axis().range(-0.5, classes.len() as f64 - 0.5),
            Axis::new("share").range((lowest - 0.12 * room).max(0.0), 1.0 + 0.12 * room),
        );
        let at = |values: &[f64], shift: f64| -> Vec<(f64, f64)> {
            values.iter().enumerate().filter(|(_, v)| v.is_finite()).map(|(i, v)| (i as f64 + shift, *v)).collect()
        };
        let models: Vec<&str> = found.iter().map(|(_, f)| f.model.0.as_str()).collect();
        for (k, ((name, _), scores)) in found.iter().zip(&scores).enumerate() {
            let recall: Vec<f64> = scores.iter().map(|s| s.recall).collect();
            let color = if many { colours::model(results, models[k]) } else { palette::MEASURES[0] };
            let shift = if many { 0.5 * ((k as f64 + 0.5) / found.len() as f64 - 0.5) } else { 0.0 };
            let label =
                if many { names::display(&name.0) } else { "recall: of the class, how many are recognised".into() };
            let scatter = Scatter::new(at(&recall, shift)).color(color).shape(colours::shape(&models, k)).radius(6.0);
            points = points.mark(scatter.label(label));
            if !many {
                let precision: Vec<f64> = scores.iter().map(|s| s.precision).collect();
                let scatter =
                    Scatter::new(at(&precision, 0.0)).color(palette::MEASURES[1]).shape(Shape::Diamond).radius(6.0);
                points = points.mark(scatter.label("precision: of those taken for the class, how many are of it"));
            }
        }
        let ends = match (named(&classes, &scores[0], least), named(&classes, &scores[0], greatest)) {
            (Some(worst), Some(best)) if !many => format!(
                "{best} is recognised best ({}), {worst} worst ({})",
                words::percent(greatest),
                words::percent(least)
            ),
            _ => {
                format!("between {} and {} of a class are recognised", words::percent(least), words::percent(greatest))
            }
        };
        let whose: Vec<String> = found
            .iter()
            .map(|(name, f)| {
                let of = if many { &name.0 } else { &f.model.0 };
                format!("{of} ({})", words::samples(f.confusion.total() as usize, f.split))
            })
            .collect();
        let whose = words::list(&whose);
        let mut figure = Figure::new(id, words::sentence(&ends)).subtitle(words::sentence(&whose)).caption(format!(
            "How well each class is recognised by {whose}. Recall: right samples as a share of those of the class, its accuracy. \
             Precision: as a share of those taken for it. F1: their harmonic mean. {}.",
            words::sentence(&ends)
        ));
        figure = figure.panel(points);
        let mut tables = Vec::new();
        for ((name, _), scores) in found.iter().zip(&scores) {
            let columns: [(&str, Vec<f64>); 3] = [
                ("recall", scores.iter().map(|s| s.recall).collect()),
                ("precision", scores.iter().map(|s| s.precision).collect()),
                ("F1", scores.iter().map(|s| s.f1).collect()),
            ];
            let counts = |of: fn(&analysis::statistics::confusion::ClassScores) -> u64| {
                scores.iter().map(of).collect::<Vec<_>>()
            };
            let heads = ["samples", "right"].into_iter().chain(columns.iter().map(|(head, _)| *head));
            let whole = [counts(|s| s.samples), counts(|s| s.right)].concat();
            let labels = whole.iter().map(|n| words::thousands(*n as usize));
            let labels = labels.chain(columns.iter().flat_map(|(_, v)| v.iter().map(|v| three(*v)))).collect();
            // A table: what is seen is above.
            let values = vec![0.0; 5 * classes.len()];
            let scale = ColorScale::amount_of([]);
            let title = if many { words::sentence(&name.0) } else { "In numbers".to_owned() };
            let panel = Panel::new(axis(), Axis::new("").names(heads.collect::<Vec<_>>()).reversed()).title(title);
            figure =
                figure.panel(panel.ratio(0.32).mark(Heatmap::new(5, classes.len(), values, scale)?.labels(labels)?));
            let mut table = Table::new(if many { &name.0 } else { "" })
                .column("class", Column::Text(classes.clone()))
                .column("samples", Column::Counts(counts(|s| s.samples)))
                .column("predicted", Column::Counts(counts(|s| s.predicted)))
                .column("right", Column::Counts(counts(|s| s.right)));
            for (head, values) in columns {
                table = table.column(head, Column::Doubles(values));
            }
            tables.push(table);
        }
        Ok(Drawing { figure, tables, arrays: Vec::new() })
    }
}

/// Three decimals, nothing for what is not a number.
fn three(value: f64) -> String {
    if value.is_nan() { String::new() } else { text::fixed(value, 3) }
}

/// The least and the greatest of the finite numbers.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let finite = values.filter(|v| v.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)))
}

/// The first class with this recall.
fn named(classes: &[String], scores: &[analysis::statistics::confusion::ClassScores], recall: f64) -> Option<String> {
    let place = scores.iter().position(|s| s.recall == recall)?;
    classes.get(place).map(|name| words::class(name))
}
