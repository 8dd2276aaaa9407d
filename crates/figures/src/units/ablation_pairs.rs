//! How removals of two neurons interact.

use analysis::{Planned, Results, units::ablation::Ablation as Found};
use registry::{AnalysisRef, Config, Problems};
use rendering::{
    Anchor, Axis, Bars, Color, ColorBar, ColorScale, Figure, Heatmap, Label, Panel, Series, Tick, Ticks, palette, text,
};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::names, helpers::words};

/// The interaction of every pair of units as a map: accuracy lost without both minus what is lost without either; and the
/// strongest pairs of both signs as bars.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AblationPairs {
    /// An analysis of kind "ablation", with pairs.
    #[schemars(extend("x-kinds" = ["ablation"]))]
    pub analysis: AnalysisRef,
    /// How many pairs of either sign the bars show. Default 6.
    #[serde(default = "default_pairs")]
    pub pairs: usize,
}

fn default_pairs() -> usize {
    6
}

impl Config for AblationPairs {
    const KIND: &str = "ablation_pairs";
    const EXAMPLE: &str = "analysis = \"ablation\"\npairs = 6";
}

impl FigureKind for AblationPairs {
    fn check(&self, problems: &mut Problems) {
        problems.require((1..=20).contains(&self.pairs), "pairs", || {
            format!("expected 1 to 20 pairs, found {}", self.pairs)
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        if planned.offer_of(&self.analysis).pairs == Some(false) {
            let message = format!("analysis.{} removes no pairs", self.analysis.0);
            problems.add_with_help(
                "analysis",
                message,
                format!("write pairs = true in [analysis.{}]", self.analysis.0),
            );
        }
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let Some(interactions) = found.interactions() else {
            let name = self.analysis.0.clone();
            return Err(analysis::AnalysisError::NoPairs { name }.into());
        };
        let n = found.units.len();
        let points: Vec<f64> = interactions.iter().map(|i| 100.0 * i).collect();
        let scale = ColorScale::signed_of(&points);
        let map = Panel::matrix(nodes(found), nodes(found))
            .mark(Heatmap::new(n, n, points, scale)?)
            .color_bar(ColorBar::new("interaction (percentage points of accuracy)", scale));
        let pairs = found.ranked_pairs();
        let ends = |pairs: &mut dyn Iterator<Item = &(usize, usize, f64)>, sign: f64| -> Vec<(usize, usize, f64)> {
            pairs.take(self.pairs).filter(|p| sign * p.2 > 0.0).copied().collect()
        };
        let mut shown = ends(&mut pairs.iter(), 1.0);
        let mut low = ends(&mut pairs.iter().rev(), -1.0);
        low.reverse();
        shown.extend(low);
        let name = |(i, j, _): &(usize, usize, f64)| match (&found.units[*i], &found.units[*j]) {
            ((node, first), (other, second)) if node == other => format!("{node}[{first}, {second}]"),
            _ => format!("{} and {}", found.name(*i), found.name(*j)),
        };
        let series = |label: &str, color: Color, keep: fn(f64) -> bool| {
            let values = shown.iter().map(|p| if keep(p.2) { 100.0 * p.2 } else { 0.0 });
            Series::new(label, values).color(color)
        };
        let bars = Bars::new([
            series("worse than the sum of both: one stands in for the other", palette::POSITIVE, |v| v > 0.0),
            series("less than the sum of both", palette::NEGATIVE, |v| v <= 0.0),
        ])?;
        let mut strongest = Panel::new(
            Axis::new("interaction (percentage points of accuracy)"),
            Axis::new("").ticks(Ticks::None).range(-0.9, shown.len() as f64 - 0.5).reversed(),
        )
        .ratio(0.1 * shown.len().max(3) as f64)
        .mark(bars.stacked().horizontal().fill(0.35));
        // Each pair's name stands above its bar.
        for (row, pair) in shown.iter().enumerate() {
            let label =
                Label::new((0.0, row as f64 - 0.5), names::label(&name(pair))).anchor(Anchor::Middle).size(14.0);
            strongest = strongest.mark(label);
        }
        let side = shown.iter().map(|p| 100.0 * p.2.abs()).fold(0.0, f64::max);
        strongest.x = strongest.x.range(-1.1 * side, 1.1 * side);
        let figure = Figure::new(id, headline(found, &pairs))
            .subtitle(words::sentence(&format!("{} pairs of units of {}, {}", words::thousands(pairs.len()), found.model, words::samples(found.n, found.split))))
            .caption(format!(
                "Interaction of removing two units of {}: the accuracy lost without both, minus the sum of what is lost without the one and \
                 without the other, in percentage points on {}. Red: worse than the sum, as one unit stands in for the other; blue: less than \
                 the sum, as both are needed for the same thing, or one removal already spoils what the other would. Above all pairs, below \
                 the strongest ones of either sign.",
                found.model,
                words::samples(found.n, found.split),
            ))
            .panel(map.title("All pairs"))
            .panel(strongest.title("The strongest"));
        let column = |of: &dyn Fn(&(usize, usize, f64)) -> f64| Column::Doubles(pairs.iter().map(of).collect());
        // Pairs are there where interactions are.
        let both = |p: &(usize, usize, f64)| found.pairs.as_ref().map_or(f64::NAN, |pairs| pairs[[p.0, p.1]]);
        let table = Table::new("")
            .column("unit", Column::Text(pairs.iter().map(|p| found.name(p.0)).collect()))
            .column("other", Column::Text(pairs.iter().map(|p| found.name(p.1)).collect()))
            .column("accuracy.without.both", column(&both))
            .column("interaction", column(&|p| p.2));
        Ok(Drawing { figure, tables: vec![table], arrays: Vec::new() })
    }
}

/// An axis of all units: ticks where a node begins and every eight units.
fn nodes(found: &Found) -> Axis {
    let tick = |(i, (node, unit)): (usize, &(String, usize))| {
        let begins = i == 0 || found.units[i - 1].0 != *node;
        let label = if begins { format!("{node}[{unit}]") } else { unit.to_string() };
        (begins || unit % 8 == 0).then_some(Tick { value: i as f64, label })
    };
    Axis::new("unit").ticks(Ticks::Given(found.units.iter().enumerate().filter_map(tick).collect()))
}

fn headline(found: &Found, pairs: &[(usize, usize, f64)]) -> String {
    match pairs.first() {
        Some((i, j, interaction)) if *interaction > 0.0 => {
            let points = text::fixed(100.0 * interaction, 1);
            format!(
                "{} and {} stand in for each other: losing both costs {points} points more than the two losses together",
                found.name(*i),
                found.name(*j)
            )
        }
        _ => "No pair of removals is worse than the sum of the two".into(),
    }
}
