//! Pictures that a model takes for something else.

use std::collections::BTreeMap;

use analysis::{
    Planned, Results,
    data::image_statistics::picture_size,
    predictions::classification::{Classification, Mistake},
};
use registry::{AnalysisRef, Config, Problems};
use rendering::{ColorScale, Figure, Image, Panel};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words, predictions::confusion_matrix};

/// A sheet of the pictures that a model takes for another class than their own, the ones it is surest of first: the true class,
/// what it is taken for, and the probability the model gives to that.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Misclassified {
    /// An analysis of kind "classification", of a model of pictures.
    #[schemars(extend("x-kinds" = ["classification"]))]
    pub analysis: AnalysisRef,
    /// How many pictures, at most as many as the analysis keeps. Default 24.
    #[serde(default = "default_count")]
    pub count: usize,
    /// How many stand side by side. Default 6.
    #[serde(default = "default_columns")]
    pub columns: usize,
    /// In which order. Default "confidence".
    #[serde(default)]
    pub by: By,
}

/// The order of mistakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The surest first.
    #[default]
    Confidence,
    /// A row for each pair of classes that are confused, the most frequent first.
    Pair,
}

fn default_count() -> usize {
    24
}

fn default_columns() -> usize {
    6
}

impl Config for Misclassified {
    const KIND: &str = "misclassified";
    const EXAMPLE: &str = "analysis = \"test\"\ncount = 24";
}

/// More pictures than anyone looks at.
const MOST: usize = 200;

impl FigureKind for Misclassified {
    fn check(&self, problems: &mut Problems) {
        problems.require((1..=MOST).contains(&self.count), "count", || {
            format!("expected 1 to {MOST} pictures, found {}", self.count)
        });
        problems.require((1..=10).contains(&self.columns), "columns", || {
            format!("expected 1 to 10 columns, found {}", self.columns)
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let models = planned.models_of(&self.analysis);
        for (name, model) in models.iter().filter_map(|name| Some((name, planned.model(name)?))) {
            problems.require(picture_size(&model.data.shape).is_some(), "analysis", || {
                let shape = tensor::shape::display(&model.data.shape);
                format!("expected a model of grey pictures, and {} takes {shape}", name.0)
            });
        }
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Classification = results.outcome(&self.analysis)?;
        let trained = results.trained(&found.model)?;
        let (_, data) = trained.split(found.split.into())?;
        let [rows, columns] = picture_size(&data.shape).unwrap_or([1, data.features()]);
        let confusion = &found.confusion;
        let pairs = match self.by {
            By::Confidence => Vec::new(),
            By::Pair => confusion.mistakes().into_iter().take(self.count.div_ceil(self.columns)).collect(),
        };
        let of_pair = |(target, predicted, _): &(usize, usize, u64)| {
            let own = |m: &&Mistake| (m.target, m.predicted) == (*target, *predicted);
            found.mistakes.iter().filter(own).take(self.columns).collect::<Vec<_>>()
        };
        let shown: Vec<&Mistake> = match self.by {
            By::Confidence => found.mistakes.iter().take(self.count).collect(),
            By::Pair => pairs.iter().flat_map(of_pair).collect(),
        };
        let wrong = (confusion.total() - confusion.right()) as usize;
        let samples = words::samples(confusion.total() as usize, found.split);
        let title = match wrong {
            0 => format!("{}: none of {samples} is taken for another class", words::sentence(&found.model.0)),
            _ if self.by == By::Pair => {
                let often: Vec<String> = pairs.iter().take(1).map(|pair| confused(found, pair)).collect();
                format!("{} most often takes {}", words::sentence(&found.model.0), often.concat())
            }
            _ => format!(
                "{}: {} of {samples} wrong; these {} with the most confidence",
                words::sentence(&found.model.0),
                words::thousands(wrong),
                shown.len()
            ),
        };
        let caption = format!(
            "Pictures that {} takes for another class than their own after {}, of {samples}{}: the true class, an arrow to what it is \
             taken for, and the model's confidence, the probability it gives to that.",
            found.model.0,
            words::epochs(found.epoch),
            match self.by {
                By::Confidence => ", the surest first",
                By::Pair => "; a row for each pair of classes, the most frequent first, and in it the surest first",
            }
        );
        let mut figure = Figure::new(id, title)
            .subtitle(match self.by {
                By::Confidence => "true → predicted and its confidence",
                By::Pair => "the surest mistakes of each pair, with the model's confidence",
            })
            .caption(caption);
        figure = match self.by {
            By::Confidence => figure.columns(self.columns.min(shown.len().max(1))),
            By::Pair => figure
                .columns(self.columns)
                .row_titles(pairs.iter().map(|pair| words::sentence(&confused(found, pair)))),
        };
        // How many places stay empty behind the last picture of a pair.
        let mut ends = BTreeMap::new();
        pairs.iter().map(|pair| of_pair(pair).len()).fold(0, |before, n| {
            ends.insert(before + n, self.columns - n);
            before + n
        });
        for (i, mistake) in shown.iter().enumerate() {
            let pixels: Vec<f64> = data.x.select(&[mistake.index]).iter().map(|v| f64::from(*v)).collect();
            let scale = ink(&pixels);
            let panel = Panel::picture().title(self.words(found, mistake));
            figure = figure.panel(panel.mark(Image::new(rows, columns, &pixels, scale)?));
            let missing = ends.get(&(i + 1)).copied().unwrap_or(0);
            figure = (0..missing).fold(figure, |figure, _| figure.panel(Panel::blank()));
        }
        let class =
            |of: fn(&Mistake) -> usize| Column::Text(shown.iter().map(|m| confusion.classes[of(m)].clone()).collect());
        let table = Table::new("")
            .column("sample", Column::Counts(shown.iter().map(|m| m.index as u64).collect()))
            .column("true", class(|m| m.target))
            .column("predicted", class(|m| m.predicted))
            .column("confidence", Column::Doubles(shown.iter().map(|m| m.confidence).collect()))
            .column("of true class", Column::Doubles(shown.iter().map(|m| m.of_target).collect()));
        let all = confusion_matrix::table("confusion", confusion);
        Ok(Drawing { figure, tables: vec![table, all], arrays: Vec::new() })
    }
}

/// "4 for 9, 30 times".
fn confused(found: &Classification, (target, predicted, n): &(usize, usize, u64)) -> String {
    let name = |class: usize| &found.confusion.classes[class];
    format!("{} for {}, {}", name(*target), name(*predicted), words::times(*n as usize))
}

impl Misclassified {
    fn words(&self, found: &Classification, mistake: &Mistake) -> String {
        let name = |class: usize| &found.confusion.classes[class];
        let sure = words::percent(mistake.confidence);
        match self.by {
            By::Confidence => format!("{}\u{a0}→\u{a0}{} {sure}", name(mistake.target), name(mistake.predicted)),
            By::Pair => sure,
        }
    }
}

/// White to black over the picture's own range: standardised pixels are not between 0 and 1.
pub(crate) fn ink(pixels: &[f64]) -> ColorScale {
    let scale = ColorScale::magnitude_of(pixels);
    ColorScale::gray(scale.lo, scale.hi)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_spans_what_there_is() {
        let scale = ink(&[-0.4, 2.8]);
        assert_eq!((scale.lo, scale.hi), (-0.4, 2.8));
    }
}
