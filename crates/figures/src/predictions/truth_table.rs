//! What a model gives for each of a few samples, over training.

use analysis::{
    Results,
    predictions::truth_table::{TruthTable as Found, Verdict},
};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Area, Axis, Dash, Figure, Line, Panel, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// The output of a model for each sample over training, one panel per model, with bands around the targets in which it counts as
/// solved; the headline says which models solved the task, and by how much the others are still off.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TruthTable {
    /// Analyses of kind "truth_table", one panel each.
    #[schemars(extend("x-kinds" = ["truth_table"]))]
    pub analyses: Vec<AnalysisRef>,
}

impl Config for TruthTable {
    const KIND: &str = "truth_table";
    const EXAMPLE: &str = "analyses = [\"two\", \"three\"]";
}

/// Lines of one target are told apart by these.
const DASHES: [Dash; 3] = [Dash::Solid, Dash::Dashed, Dash::Dotted];

impl FigureKind for TruthTable {
    fn check(&self, problems: &mut Problems) {
        problems.require(!self.analyses.is_empty(), "analyses", || "expected at least one analysis".into());
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found = self.analyses.iter().map(|name| results.outcome::<Found>(name)).collect::<Result<Vec<_>, _>>()?;
        let mut figure = Figure::new(id, headline(&found)).columns(found.len().clamp(1, 2)).share_y();
        let mut tables = Vec::new();
        for table in &found {
            let mut panel = Panel::new(Axis::new("epoch").whole(), Axis::new("output")).title(format!(
                "{}: {}",
                words::sentence(&table.model),
                briefly(table)
            ));
            let ends = [table.epochs.first(), table.epochs.last()].map(|e| e.copied().unwrap_or(0) as f64);
            let targets = levels(table);
            for (k, target) in targets.iter().enumerate() {
                let band = ends.map(|e| (e, target - table.tolerance, target + table.tolerance));
                panel = panel.mark(Area::new(band).color(palette::class(k)));
            }
            let mut numbers = Table::new(&table.model)
                .column("epoch", Column::Counts(table.epochs.iter().map(|e| *e as u64).collect()));
            let mut seen = vec![0; targets.len()];
            for (sample, x) in table.x.rows().into_iter().enumerate() {
                for (output, target) in table.targets.row(sample).iter().enumerate() {
                    let values: Vec<f32> =
                        (0..table.epochs.len()).map(|e| table.outputs[[e, sample, output]]).collect();
                    let class = targets.iter().position(|t| *t == f64::from(*target)).unwrap_or(0);
                    let dash = DASHES[seen[class] % DASHES.len()];
                    seen[class] += 1;
                    let points = table.epochs.iter().zip(&values).map(|(e, v)| (*e as f64, f64::from(*v)));
                    let label = format!("{} → {target}", words::point(&x.to_vec()));
                    panel = panel.mark(Line::new(points).color(palette::class(class)).dash(dash).label(&label));
                    numbers = numbers.column(label, Column::Singles(values));
                }
            }
            figure = figure.panel(panel);
            tables.push(numbers);
        }
        let verdicts: Vec<String> = found.iter().map(|t| format!("{} {}", t.model, verdict(t))).collect();
        let caption = format!(
            "The output for each sample over training; the bands are {} around the targets: {}.",
            found.first().map_or(0.0, |t| t.tolerance),
            words::list(&verdicts)
        );
        Ok(Drawing { figure: figure.caption(caption), tables, arrays: Vec::new() })
    }
}

/// The targets' different values, ascending.
fn levels(table: &Found) -> Vec<f64> {
    let mut targets: Vec<f64> = table.targets.iter().map(|t| f64::from(*t)).collect();
    targets.sort_by(f64::total_cmp);
    targets.dedup();
    targets
}

fn verdict(table: &Found) -> String {
    match table.verdict {
        Verdict::Solved { since } => format!("solved by {}", words::epochs(since)),
        Verdict::Unsolved => still_off(table),
    }
}

/// By how much the worst output misses its target at the end, and when that is.
fn still_off(table: &Found) -> String {
    let end = table.epochs.last().copied().unwrap_or(0);
    format!("still off by {} after {}", words::quantity(error(table)), words::epochs(end))
}

/// The largest distance of an output from its target at the end.
fn error(table: &Found) -> f64 {
    table.largest_error(table.epochs.len().saturating_sub(1))
}

/// For a panel whose axis says what the number is.
fn briefly(table: &Found) -> String {
    match table.verdict {
        Verdict::Solved { since } => format!("solved at {}", words::thousands(since)),
        Verdict::Unsolved => format!("off by {} at the end", words::quantity(error(table))),
    }
}

fn headline(found: &[&Found]) -> String {
    let with = |wanted: fn(&Verdict) -> bool| -> Vec<&str> {
        found.iter().filter(|t| wanted(&t.verdict)).map(|t| t.model.as_str()).collect()
    };
    let solved = with(|v| matches!(v, Verdict::Solved { .. }));
    let tolerance = found.first().map_or(0.0, |t| t.tolerance);
    let samples = found.first().map_or(0, |t| t.x.nrows());
    let all = words::count(samples, "output", "outputs");
    let does = |names: &[&str], one: &str, many: &str| if names.len() == 1 { one.to_owned() } else { many.to_owned() };
    let mut parts = Vec::new();
    if !solved.is_empty() {
        let gets = does(&solved, "gets", "get");
        parts.push(format!("{} {gets} all {all} within {tolerance} of the target", words::list(&solved)));
    }
    let unsolved = found.iter().filter(|table| table.verdict == Verdict::Unsolved);
    parts.extend(unsolved.map(|table| format!("{} is {}", table.model, still_off(table))));
    words::sentence(&parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(model: &str, verdict: Verdict) -> Found {
        Found {
            model: model.into(),
            tolerance: 0.1,
            x: ndarray::Array2::zeros((4, 2)),
            features: Vec::new(),
            targets: ndarray::arr2(&[[1.0], [0.0], [0.0], [1.0]]),
            epochs: vec![500],
            outputs: ndarray::Array3::zeros((1, 4, 1)),
            verdict,
        }
    }

    #[test]
    fn the_headline_says_who_solved_it_and_by_how_much_the_others_are_off() {
        let solved = Verdict::Solved { since: 500 };
        let (two, three) = (found("two", solved), found("three", solved));
        // Its outputs are 0 where the targets are 1, and why it ends so nobody has measured.
        let bad = found("bad", Verdict::Unsolved);
        assert_eq!(
            headline(&[&two, &bad, &three]),
            "Two and three get all 4 outputs within 0.1 of the target; bad is still off by 1.0 after 500 epochs"
        );
        assert_eq!(headline(&[&bad]), "Bad is still off by 1.0 after 500 epochs");
        assert_eq!(levels(&two), [0.0, 1.0]);
    }
}
