//! What a model gives for each of a few samples, over training.

use analysis::{
    Results,
    predictions::truth_table::{TruthTable as Found, Verdict},
};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Area, Axis, Dash, Figure, Line, Panel, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// The output of a model for each sample over training, one panel per model, with bands around the targets in which it counts as
/// solved; the headline says which models solved the task and which are stuck.
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
        Verdict::Stuck => "stuck in a local minimum".into(),
        Verdict::Unfinished => "not solved yet".into(),
    }
}

/// For a panel whose axis says what the number is.
fn briefly(table: &Found) -> String {
    match table.verdict {
        Verdict::Solved { since } => format!("solved at {}", words::thousands(since)),
        _ => verdict(table),
    }
}

fn headline(found: &[&Found]) -> String {
    let with = |wanted: fn(&Verdict) -> bool| -> Vec<&str> {
        found.iter().filter(|t| wanted(&t.verdict)).map(|t| t.model.as_str()).collect()
    };
    let solved = with(|v| matches!(v, Verdict::Solved { .. }));
    let stuck = with(|v| *v == Verdict::Stuck);
    let unfinished = with(|v| *v == Verdict::Unfinished);
    let tolerance = found.first().map_or(0.0, |t| t.tolerance);
    let samples = found.first().map_or(0, |t| t.x.nrows());
    let all = words::count(samples, "output", "outputs");
    let does = |names: &[&str], one: &str, many: &str| if names.len() == 1 { one.to_owned() } else { many.to_owned() };
    let mut parts = Vec::new();
    if !solved.is_empty() {
        let gets = does(&solved, "gets", "get");
        parts.push(format!("{} {gets} all {all} within {tolerance} of the target", words::list(&solved)));
    }
    if !stuck.is_empty() {
        let falls = does(&stuck, "is stuck in a local minimum", "are stuck in local minima");
        parts.push(format!("{} {falls}", words::list(&stuck)));
    }
    if !unfinished.is_empty() {
        parts.push(format!("{} {} still learning", words::list(&unfinished), does(&unfinished, "is", "are")));
    }
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
    fn the_headline_says_who_is_stuck() {
        let solved = Verdict::Solved { since: 500 };
        let (two, three, bad, slow) = (
            found("two", solved),
            found("three", solved),
            found("bad", Verdict::Stuck),
            found("slow", Verdict::Unfinished),
        );
        assert_eq!(
            headline(&[&two, &bad, &three, &slow]),
            "Two and three get all 4 outputs within 0.1 of the target; bad is stuck in a local minimum; slow is still learning"
        );
        assert_eq!(headline(&[&bad]), "Bad is stuck in a local minimum");
        assert_eq!(levels(&two), [0.0, 1.0]);
    }
}
