//! What becomes of the predictions when one neuron is turned down and up.

use analysis::{Results, units::neuron::Neuron};
use ndarray::ArrayView1;
use registry::{AnalysisRef, Config};
use rendering::{Axis, Dash, Figure, Line, Panel, Point, Rule, palette};

use crate::{Array, Column, Drawing, FigureError, FigureKind, Table, helpers::class_lines, helpers::words};

/// Accuracy per class, and the mean score of each class over all samples, against the factor by which one unit's activation is
/// multiplied.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NeuronScaling {
    /// An analysis of kind "neuron".
    #[schemars(extend("x-kinds" = ["neuron"]))]
    pub analysis: AnalysisRef,
}

impl Config for NeuronScaling {
    const KIND: &str = "neuron_scaling";
    const EXAMPLE: &str = "analysis = \"neuron14\"";
}

impl FigureKind for NeuronScaling {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Neuron = results.outcome(&self.analysis)?;
        let axis = || Axis::new(format!("factor s on {}", found.unit));
        let mean = found.mean_scores();
        let as_it_is = || Rule::vertical(1.0).label("as it is (s = 1)");
        let mut accuracy =
            Panel::new(axis(), Axis::new("accuracy (share of the class's samples)").range(0.0, 1.0)).mark(as_it_is());
        let mut scores = Panel::new(axis(), Axis::new("mean logit over all samples")).mark(as_it_is());
        let mut table = Table::new("")
            .column("scale", Column::Doubles(found.scales.clone()))
            .column("samples.changed", Column::Counts(found.effects.iter().map(|e| e.samples as u64).collect()))
            .column("accuracy", Column::Doubles(found.accuracy.clone()));
        let curve = |values: ArrayView1<f64>| found.scales.iter().copied().zip(values.to_vec()).collect::<Vec<_>>();
        let told = most_hurt(found).map(|(class, ..)| class);
        let draw = |panel, points: &dyn Fn(usize) -> Vec<Point>| {
            class_lines::draw(panel, &found.classes, told.as_slice(), points)
        };
        let recognised = |class: usize| found.present.numbers.iter().position(|own| *own == class);
        let recognised = |class: usize| recognised(class).map(|column| found.class_accuracy.column(column));
        accuracy = draw(accuracy, &|class| recognised(class).map(curve).unwrap_or_default());
        scores = draw(scores, &|class| curve(mean.column(class)));
        for (c, class) in found.classes.iter().enumerate() {
            if let Some(own) = recognised(c) {
                table = table.column(format!("accuracy.{class}"), Column::Doubles(own.to_vec()));
            }
            table = table.column(format!("mean.logit.{class}"), Column::Doubles(mean.column(c).to_vec()));
        }
        let all = Line::new(curve(found.accuracy.as_slice().into()));
        accuracy = accuracy.mark(all.color(palette::INK).width(3.0).dash(Dash::Dashed).label("all classes"));
        let figure = Figure::new(id, headline(found))
            .caption(format!(
                "The activation of {} of {} is multiplied by s while everything else stays: s = 0 removes the unit, s = 1 leaves it \
                 as it is. Above, the share of each class's samples that is still recognised; below, the mean logit (the score of a class \
                 before softmax) over all samples. {}; scaling changes the unit on {} of them.{}{}",
                found.unit,
                found.model,
                words::samples(found.n, found.split),
                words::thousands(found.effects.iter().map(|e| e.samples).max().unwrap_or(0)),
                words::without_samples(&found.present.absent, found.split),
                class_lines::explained(&found.classes),
            ))
            .panel(accuracy)
            .panel(scores);
        let arrays =
            vec![Array::new("scores", ["factor", "true class", "score"], found.scores.mapv(|v| v as f32).into_dyn())];
        Ok(Drawing { figure, tables: vec![table], arrays })
    }
}

/// The class whose accuracy falls most without the unit, and from where to where; none where no class needs it.
fn most_hurt(found: &Neuron) -> Option<(usize, f64, f64)> {
    Some(found.most_hurt()).filter(|(_, with, without)| with > without)
}

/// "Without hidden2.post[14], class 3 falls from 95.0% to 4.0%".
pub(crate) fn headline(found: &Neuron) -> String {
    let Some((class, with, without)) = most_hurt(found) else { return format!("No class needs {}", found.unit) };
    let class = words::class(&found.classes[class]);
    let [from, to] = [with, without].map(words::percent);
    format!("Without {}, the accuracy of {class} falls from {from} to {to}", found.unit)
}
