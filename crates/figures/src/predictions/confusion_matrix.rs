//! Confusion matrices: how often samples of one class are taken for another, and how that differs between two models.

use analysis::{Planned, Results, predictions::classification::Classification, statistics::confusion::Confusion};
use ndarray::Array2;
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, ColorBar, ColorScale, Figure, Heatmap, Panel, text};

use crate::{
    Animate, Column, Drawing, FigureError, FigureKind, Table,
    helpers::{frames, frames::Shown, words},
};

/// The confusion matrix of a model: a row per true class, a column per predicted class, in each cell how many samples and which
/// share of the row's; or the difference of two matrices, on a diverging scale.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfusionMatrix {
    /// An analysis of kind "classification".
    #[schemars(extend("x-kinds" = ["classification"]))]
    pub analysis: AnalysisRef,
    /// Another one, of the same classes, whose matrix is taken from the first's. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kinds" = ["classification"]))]
    pub minus: Option<AnalysisRef>,
    /// One frame per snapshot in place of one picture: `{ seconds = 8 }`. The colours are those of the last one. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animate: Option<Animate>,
}

impl Config for ConfusionMatrix {
    const KIND: &str = "confusion_matrix";
    const EXAMPLE: &str = "analysis = \"test\"";
}

impl FigureKind for ConfusionMatrix {
    fn check(&self, problems: &mut Problems) {
        problems.require(self.minus.as_ref() != Some(&self.analysis), "minus", || {
            format!("{} without itself leaves nothing; name another analysis", self.analysis.0)
        });
        problems.require(self.minus.is_none() || self.animate.is_none(), "animate", || {
            "a difference of two matrices does not move; leave out minus or animate".into()
        });
        frames::check(None, self.animate.as_ref(), problems);
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        if self.animate.is_some() {
            frames::check_against(&self.analysis, None, self.animate.as_ref(), planned, problems);
        }
        let Some(minus) = &self.minus else { return };
        let classes = |analysis| Some(&planned.model(planned.models_of(analysis).first()?)?.data.target);
        if let (Some(own), Some(other)) = (classes(&self.analysis), classes(minus)) {
            problems.require(own == other, "minus", || {
                format!("{} and {} are about different classes", self.analysis.0, minus.0)
            });
        }
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found = |name: &AnalysisRef| -> Result<Classification, FigureError> {
            Ok(results.outcome::<Classification>(name)?.clone())
        };
        let own = found(&self.analysis)?;
        let confusion = &own.confusion;
        let Some(minus) = &self.minus else {
            return self.over_training(id, &own, results);
        };
        let other = found(minus)?;
        let name = |c: &Classification, of: &AnalysisRef| {
            let same = (own.model == other.model, own.epoch == other.epoch);
            match same {
                (false, _) => c.model.0.clone(),
                (true, false) => format!("{} after {}", c.model.0, words::epochs(c.epoch)),
                (true, true) => of.0.clone(),
            }
        };
        let (after, before) = (name(&own, &self.analysis), name(&other, minus));
        let points = 100.0 * (confusion.accuracy() - other.confusion.accuracy());
        let title = format!("{after} against {before}: {} points of accuracy", signed(points, 1));
        let figure = Figure::new(id, words::sentence(&title))
            .caption(format!(
                "The confusion matrix of {after} minus that of {before}: the row is the class a sample has, the column the one it is \
                 taken for; in each cell by how many samples, and by how many percentage points of the row, the first has more. An \
                 empty cell is no difference. On the diagonal red is better, off it blue is. Accuracy {} and {}.",
                words::percent(confusion.accuracy()),
                words::percent(other.confusion.accuracy()),
            ))
            .panel(difference(confusion, &other.confusion)?);
        let difference = table_of_difference(confusion, &other.confusion);
        let tables = vec![difference, table("after", confusion), table("before", &other.confusion)];
        Ok(Drawing { figure, tables, arrays: Vec::new() })
    }
}

impl ConfusionMatrix {
    /// One matrix, or one per snapshot.
    fn over_training(&self, id: &str, own: &Classification, results: &Results) -> Result<Drawing, FigureError> {
        let confusion = &own.confusion;
        let samples = words::samples(confusion.total() as usize, own.split);
        let epochs: Vec<usize> = own.over_training.iter().map(|(epoch, _)| *epoch).collect();
        let right = |i: usize| format!("{} right", words::percent(own.over_training[i].1.accuracy()));
        let shown = Shown::of(&self.analysis.0, &epochs, None, self.animate.as_ref())?
            .paced(results, [own.model.0.as_str()])
            .headlines(right);
        let figure = Figure::new(id, format!("{}: {}", words::sentence(&own.model.0), summary(confusion, &samples)))
            .caption(format!(
                "Confusion matrix of {} after {} on {samples}: the row is the class a sample has, the column the one it is taken \
                 for; in each cell how many, and their share of the row. Mistakes are red, the more the darker; what is right is gray. An \
                 empty cell is 0. {}.",
                own.model.0,
                words::epochs(own.epoch),
                words::sentence(&summary(confusion, &samples)),
            ))
            .panel(counts_over_training(&shown, own)?);
        let mut tables = vec![table("", confusion)];
        if self.animate.is_some() {
            let accuracy = shown.select(&own.over_training).iter().map(|(_, confusion)| confusion.accuracy()).collect();
            let epochs = shown.select(&epochs).into_iter().map(|epoch| *epoch as u64).collect();
            let epochs = Table::new("epochs").column("epoch", Column::Counts(epochs));
            tables.push(epochs.column("accuracy", Column::Doubles(accuracy)));
        }
        Ok(Drawing { figure: shown.animate(figure), tables, arrays: Vec::new() })
    }
}

/// "9,480 of 10,000 test samples right (94.8%); most often 4 is taken for 9 (23 times)".
fn summary(confusion: &Confusion, samples: &str) -> String {
    let right = words::thousands(confusion.right() as usize);
    let share = words::percent(confusion.accuracy());
    let worst = confusion.worst().map(|(target, predicted, n)| {
        let name = |class: usize| &confusion.classes[class];
        format!("; most often {} is taken for {} ({})", name(target), name(predicted), words::times(n as usize))
    });
    format!("{right} of {samples} right ({share}){}", worst.unwrap_or_default())
}

/// A panel of counts and shares, where mistakes are coloured by their share, on the scale of the last matrix, and what is right
/// is gray.
fn counts_over_training(shown: &Shown, own: &Classification) -> Result<Panel, FigureError> {
    let end = &own.over_training[shown.last()].1;
    let scale = ColorScale::amount_of(percent_mistaken(end));
    let all = shown.select(&own.over_training);
    let beyond = all.iter().flat_map(|(_, confusion)| percent_mistaken(confusion)).any(|share| share > scale.hi);
    let mut cells =
        all.iter().map(|(_, confusion)| count_cells(confusion, scale)).collect::<Result<Vec<_>, _>>()?.into_iter();
    let panel = panel(end, ColorBar::new(MISTAKEN, scale).open_above(beyond));
    Ok(shown.mark(panel, |_| cells.next().expect("one for each snapshot")))
}

const MISTAKEN: &str = "mistakes (% of the row)";

fn percent_mistaken(confusion: &Confusion) -> Vec<f64> {
    mistakes(confusion).into_iter().map(|share| 100.0 * share).collect()
}

/// Cells of counts and shares.
fn count_cells(confusion: &Confusion, scale: ColorScale) -> Result<Heatmap, FigureError> {
    let shares = confusion.shares();
    let label = |(share, count): (&f64, &u64)| match count {
        0 => String::new(),
        // Small shares are rounded; of large ones only a whole is 100%.
        _ if *share < 0.5 => format!("{}\n{}%", words::thousands(*count as usize), text::fixed(100.0 * share, 1)),
        _ => format!("{}\n{}", words::thousands(*count as usize), words::percent(*share)),
    };
    let n = confusion.classes.len();
    let labels = shares.iter().zip(&confusion.counts).map(label).collect();
    Ok(Heatmap::new(n, n, percent_mistaken(confusion), scale)?.labels(labels)?)
}

/// The shares of each row that are mistakes, row by row; NaN, which is gray, on the diagonal: next to what is right, nothing else
/// would have a colour.
pub(crate) fn mistakes(confusion: &Confusion) -> Vec<f64> {
    let share = |((row, column), share): ((usize, usize), &f64)| if row == column { f64::NAN } else { *share };
    confusion.shares().indexed_iter().map(share).collect()
}

/// By how many percentage points of its row each cell of `after` has more than in `before`.
pub(crate) fn points(after: &Confusion, before: &Confusion) -> Array2<f64> {
    (after.shares() - before.shares()) * 100.0
}

/// A panel of the difference of two matrices, on a diverging scale centred on zero.
pub(crate) fn difference(after: &Confusion, before: &Confusion) -> Result<Panel, FigureError> {
    let points = points(after, before);
    let values: Vec<f64> = points.iter().copied().collect();
    difference_on(after, before, ColorScale::signed_of(&values))
}

/// As [`difference`], on a given scale: several of them beside each other share one.
pub(crate) fn difference_on(after: &Confusion, before: &Confusion, scale: ColorScale) -> Result<Panel, FigureError> {
    let points = points(after, before);
    let counts = after.counts.iter().zip(&before.counts).map(|(a, b)| *a as f64 - *b as f64);
    let label = |(count, points): (f64, &f64)| match (count == 0.0, *points == 0.0) {
        (true, true) => String::new(),
        _ => format!("{}\n{}", signed(count, 0), signed(*points, 1)),
    };
    let labels = counts.zip(&points).map(label).collect();
    let n = after.classes.len();
    let cells = Heatmap::new(n, n, points.iter().copied().collect(), scale)?.labels(labels)?;
    Ok(panel(after, ColorBar::new("difference (percentage points of the row)", scale)).mark(cells))
}

/// A panel for the cells of a matrix.
fn panel(confusion: &Confusion, bar: ColorBar) -> Panel {
    let axis = |label: &str| Axis::new(label).names(confusion.classes.clone());
    Panel::matrix(axis("predicted class"), axis("true class")).color_bar(bar)
}

/// "+12", "−1.5", "0".
fn signed(value: f64, decimals: usize) -> String {
    let text = text::fixed(value, decimals);
    let positive = value > 0.0 && text.chars().any(|c| ('1'..='9').contains(&c));
    if positive { format!("+{text}") } else { text }
}

/// A row per true class, as a table of this name.
pub(crate) fn table(name: &str, confusion: &Confusion) -> Table {
    rows(name, confusion, |column| Column::Counts(confusion.counts.column(column).to_vec()))
}

/// The same of a difference.
pub(crate) fn table_of_difference(after: &Confusion, before: &Confusion) -> Table {
    let difference = after.counts.mapv(|n| n as f64) - before.counts.mapv(|n| n as f64);
    rows("", after, |column| Column::Doubles(difference.column(column).to_vec()))
}

fn rows(name: &str, confusion: &Confusion, column: impl Fn(usize) -> Column) -> Table {
    let classes = &confusion.classes;
    let table = Table::new(name).column("true class", Column::Text(classes.clone()));
    (0..classes.len()).fold(table, |table, c| table.column(format!("predicted.{}", classes[c]), column(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confusion(samples: &[(usize, usize)]) -> Confusion {
        Confusion::of(&["a".into(), "b".into()], samples.iter().copied())
    }

    fn svg(panel: Panel) -> String {
        Figure::new("f", "t").panel(panel).to_svg().expect("a figure")
    }

    #[test]
    fn cells_say_how_many_and_which_share() {
        let found = confusion(&[(0, 0), (0, 0), (0, 1), (0, 0), (1, 1)]);
        let words = summary(&found, "5 test samples");
        assert_eq!(words, "4 of 5 test samples right (80.0%); most often a is taken for b (once)");
        let scale = ColorScale::amount_of(percent_mistaken(&found));
        let drawn = svg(panel(&found, ColorBar::new("", scale)).mark(count_cells(&found, scale).expect("a matrix")));
        for cell in [">3<", ">75.0%<", ">1<", ">25.0%<", ">100%<"] {
            assert!(drawn.contains(cell), "{cell}");
        }
        assert!(!drawn.contains(">0.0%<"));
    }

    #[test]
    fn differences_are_signed_and_centred_on_zero() {
        let (before, after) = (confusion(&[(0, 0), (0, 1), (1, 1)]), confusion(&[(0, 0), (0, 0), (1, 1)]));
        assert_eq!(points(&after, &before), ndarray::array![[50.0, -50.0], [0.0, 0.0]]);
        let drawn = svg(difference(&after, &before).expect("a matrix"));
        for cell in [">+1<", ">−1<", ">+50.0<", ">−50.0<"] {
            assert!(drawn.contains(cell), "{cell}");
        }
        assert_eq!([signed(0.04, 1), signed(-0.04, 1), signed(3.0, 0)], ["0.0", "0.0", "+3"]);
    }
}
