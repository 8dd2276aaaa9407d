//! What breaks when a neuron is removed: the most harmful removals, overall and per class.

use analysis::{
    Results,
    units::ablation::{Ablation as Found, Filling},
};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, ColorBar, ColorScale, Figure, Heatmap, Panel};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// The units whose removal costs most, in order: accuracy lost over all samples and per class, as a map with numbers.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ablation {
    /// An analysis of kind "ablation".
    #[schemars(extend("x-kinds" = ["ablation"]))]
    pub analysis: AnalysisRef,
    /// How many units to show, the most harmful first. Default 20.
    #[serde(default = "default_units")]
    pub units: usize,
}

fn default_units() -> usize {
    20
}

impl Config for Ablation {
    const KIND: &str = "ablation";
    const EXAMPLE: &str = "analysis = \"ablation\"\nunits = 20";
}

impl FigureKind for Ablation {
    fn check(&self, problems: &mut Problems) {
        problems.require((1..=64).contains(&self.units), "units", || {
            format!("expected 1 to 64 units, found {}", self.units)
        });
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let order = found.order();
        let shown = &order[..self.units.min(order.len())];
        let classes = found.classes.len();
        let cell = |unit: usize, column: usize| {
            100.0
                * match column {
                    0 => found.damage(unit),
                    class => found.class_damage(unit, class - 1),
                }
        };
        let values: Vec<f64> = shown.iter().flat_map(|u| (0..=classes).map(move |c| cell(*u, c))).collect();
        let scale = ColorScale::signed_of(&values);
        let columns = std::iter::once("all".to_owned()).chain(found.classes.clone());
        let panel = Panel::new(
            Axis::new("accuracy lost: over all samples, and of each class").names(columns),
            Axis::new("removed unit, the most harmful first").names(shown.iter().map(|u| found.name(*u))).reversed(),
        )
        .ratio(ROW * shown.len() as f64)
        .mark(Heatmap::new(shown.len(), classes + 1, values, scale)?.numbers(0))
        .color_bar(ColorBar::new("accuracy lost (percentage points)", scale));
        let idle = found.changed.iter().filter(|n| **n == 0).count();
        let by = match found.by {
            Filling::Zero => "gives 0",
            Filling::Mean => "gives its mean over the samples",
        };
        let figure = Figure::new(id, headline(found))
            .subtitle(format!("{}, {}, accuracy {}", words::sentence(&found.model), words::samples(found.n, found.split), words::percent(found.whole.0)))
            .caption(format!(
                "Each unit of {} in turn is removed ({by} instead of its activation); a row says how many percentage points of accuracy on \
                 {} are lost without it, over all and among the samples of each class; blue where accuracy grows. The {} most harmful of {} \
                 removals; {}. {}{}",
                found.model,
                words::samples(found.n, found.split),
                shown.len(),
                words::thousands(order.len()),
                if idle == 0 { "each changes its unit on some sample".to_owned() } else { format!("{} silent on every sample, so that removing them changes nothing", words::count(idle, "unit is", "units are")) },
                bottlenecks(found),
                words::without_samples(&found.absent, found.split),
            ))
            .panel(panel);
        let all = |of: &dyn Fn(usize) -> f64| Column::Doubles(order.iter().map(|u| of(*u)).collect());
        let mut table = Table::new("")
            .column("unit", Column::Text(order.iter().map(|u| found.name(*u)).collect()))
            .column("samples.changed", Column::Counts(order.iter().map(|u| found.changed[*u] as u64).collect()))
            .column("accuracy", all(&|u| found.accuracy[u]))
            .column("lost", all(&|u| found.damage(u)));
        for (c, class) in found.classes.iter().enumerate() {
            table = table.column(format!("accuracy.{class}"), all(&|u| found.class_accuracy[[u, c]]));
        }
        let intact = Table::new("intact")
            .column("class", Column::Text(found.classes.clone()))
            .column("accuracy", Column::Doubles(found.whole.1.to_vec()));
        Ok(Drawing { figure, tables: vec![table, intact], arrays: Vec::new() })
    }
}

/// Height of a row over the width of the data area.
const ROW: f64 = 0.052;

/// The bottleneck, or the worst removal.
fn headline(found: &Found) -> String {
    let bottleneck = found.bottlenecks().first().copied();
    let Some(worst) = bottleneck.or(found.worst()) else { return "No unit was removed".into() };
    let class = words::class(&found.classes[worst.class]);
    let [with, without] = [worst.with, worst.without].map(words::percent);
    match bottleneck {
        Some(_) => format!(
            "{} is a bottleneck: without it, the accuracy of {class} falls from {with} to {without}",
            found.name(worst.unit)
        ),
        None => format!(
            "No unit is a bottleneck; {} costs most, {class} falls from {with} to {without}",
            found.name(worst.unit)
        ),
    }
}

/// All bottlenecks, in a sentence.
fn bottlenecks(found: &Found) -> String {
    let named: Vec<String> = found
        .bottlenecks()
        .iter()
        .map(|b| {
            format!(
                "{} ({}: {} to {})",
                found.name(b.unit),
                words::class(&found.classes[b.class]),
                words::percent(b.with),
                words::percent(b.without)
            )
        })
        .collect();
    match named[..] {
        [] => "No unit is a bottleneck, one without which a class that was recognised at least half of the time is recognised at most a \
               tenth of the time."
            .into(),
        _ => format!(
            "Bottlenecks, without which a class that was recognised at least half of the time is recognised at most a tenth of the time: {}.",
            words::list(&named)
        ),
    }
}
