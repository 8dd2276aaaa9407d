//! How many epochs several training runs need for the accuracy that a baseline ends with.

use analysis::{
    Results,
    learning::epochs_to_accuracy::{self, ComparedRun},
};
use registry::{AnalysisRef, Config};
use rendering::{Axis, Bars, Figure, Label, Panel, Series, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::colours, helpers::words};

/// The epochs after which training runs first have the accuracy that a baseline ends with, as bars.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EpochsToAccuracy {
    /// An analysis of kind "epochs_to_accuracy".
    #[schemars(extend("x-kinds" = ["epochs_to_accuracy"]))]
    pub analysis: AnalysisRef,
}

impl Config for EpochsToAccuracy {
    const KIND: &str = "epochs_to_accuracy";
    const EXAMPLE: &str = "analysis = \"speed\"";
}

impl FigureKind for EpochsToAccuracy {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &epochs_to_accuracy::EpochsToAccuracy = results.outcome(&self.analysis)?;
        // The first run on top.
        let rows: Vec<&ComparedRun> = found.runs.iter().rev().collect();
        let goal = format!("{} of the {} samples", words::percent(found.accuracy.into()), samples(found));
        let longest = found.runs.iter().map(|r| r.epochs).max().unwrap_or(0) as f64;
        let counted = |run: &ComparedRun| run.reached.map_or(0.0, |n| n as f64);
        // A series of one bar for each, in its model's colour.
        let bars = rows.iter().enumerate().map(|(i, run)| {
            let values = (0..rows.len()).map(move |row| if row == i { counted(run) } else { f64::NAN });
            Series::new("", values).color(colours::model(results, &run.name))
        });
        let mut panel = Panel::new(
            // Room for the numbers behind the bars.
            Axis::new(format!("epochs until {goal} right")).whole().range(0.0, 1.1 * longest),
            Axis::new("").names(rows.iter().map(|r| r.name.clone())),
        )
        .mark(Bars::new(bars)?.stacked().horizontal().fill(0.6));
        for (i, run) in rows.iter().enumerate() {
            let (text, color) = match run.reached {
                Some(reached) => (reached.to_string(), palette::INK),
                None => (format!("not in {}", run.epochs), palette::MUTED),
            };
            panel = panel.mark(Label::new((counted(run), i as f64), text).color(color).offset(6.0, 0.0));
        }
        let figure = Figure::new(id, title(found))
            .caption(format!(
                "Epochs of training until a model first classifies as many {} samples right as {} does in the end: {goal}. \
                 One epoch is one pass over the training samples.",
                samples(found),
                found.runs.first().map_or("", |r| &r.name),
            ))
            .panel(panel);
        let runs = &found.runs;
        let reached = runs.iter().map(|r| r.reached.map_or(f64::NAN, |n| n as f64)).collect();
        let table = Table::new("")
            .column("model", Column::Text(runs.iter().map(|r| r.name.clone()).collect()))
            .column("reached_in", Column::Doubles(reached))
            .column("epochs", Column::Counts(runs.iter().map(|r| r.epochs as u64).collect()))
            .column("accuracy", Column::Singles(runs.iter().map(|r| r.accuracy).collect()));
        Ok(Drawing { figure, tables: vec![table], arrays: Vec::new() })
    }
}

fn samples(found: &epochs_to_accuracy::EpochsToAccuracy) -> &'static str {
    match found.on {
        datasets::Split::Train => "training",
        split => split.name(),
    }
}

fn title(found: &epochs_to_accuracy::EpochsToAccuracy) -> String {
    let Some((baseline, others)) = found.runs.split_first() else { return "Nothing to compare".into() };
    let goal = format!("what {} knows after {}", baseline.name, words::thousands(baseline.epochs));
    let Some(least) = others.iter().filter_map(|run| run.reached).min() else {
        return format!("No other run learns {goal}");
    };
    let quickest = others.iter().filter(|run| run.reached == Some(least)).map(|run| run.name.as_str());
    let quickest: Vec<&str> = quickest.collect();
    let need = if quickest.len() == 1 { "needs" } else { "need" };
    format!("{} {need} {} for {goal}", words::list(&quickest), words::epochs(least))
}
