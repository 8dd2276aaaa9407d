//! Where a score comes from, by several methods side by side.

use analysis::{
    Planned, Results,
    inputs::attribution::{Attribution as Found, Method},
};
use registry::{AnalysisRef, Config, Problems};
use rendering::{ColorBar, ColorScale, Figure, text};

use crate::{Array, Column, Drawing, FigureError, FigureKind, Table, helpers::input_map, helpers::words};

/// A row per sample: the input, and what each method says its score comes from, on a diverging scale.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attribution {
    /// An analysis of kind "attribution".
    #[schemars(extend("x-kinds" = ["attribution"]))]
    pub analysis: AnalysisRef,
}

impl Config for Attribution {
    const KIND: &str = "attribution";
    const EXAMPLE: &str = "analysis = \"why\"";
}

impl FigureKind for Attribution {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        input_map::check(&self.analysis, planned, problems);
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let scale = ColorScale::signed(1.0);
        let heads = std::iter::once("input").chain(found.methods.iter().map(|m| m.name()));
        let feature = if input_map::is_picture(&found.shape) { "pixel" } else { "feature" };
        let integrated = found.methods.iter().position(|m| *m == Method::IntegratedGradients);
        let gap = integrated.map(|i| {
            let share =
                |s: &analysis::inputs::attribution::Explained| ((s.sum(i) - s.difference()) / s.difference()).abs();
            found.samples.iter().map(share).fold(0.0, f64::max)
        });
        let check = gap.map(|gap| {
            format!(
                " The integrated gradients of a sample add up to the difference of its score from that of the baseline, but for at most \
                 {} of it, with {} steps.",
                percent(gap),
                found.steps
            )
        });
        let mut figure = Figure::new(id, format!("Where the scores of {} come from", found.model))
            .caption(format!(
                "For each sample, which {feature}s the score named above it comes from: red ones raise it, blue ones lower it; each map \
                 on the scale of its own largest magnitude. F is the score, x the input, x′ the baseline, {} everywhere.{}{}",
                found.baseline,
                found.methods.iter().map(|method| formula(*method, feature, found)).collect::<String>(),
                check.unwrap_or_default(),
            ))
            .subtitle(format!(
                "Red {feature}s raise the score named above them, blue ones lower it{}; the baseline is {} everywhere",
                if found.methods.contains(&Method::SmoothGrad) { " (smoothed gradients are without sign)" } else { "" },
                found.baseline
            ))
            .columns(1 + found.methods.len())
            .column_titles(heads)
            .row_titles(found.samples.iter().map(|s| {
                let taken = s.prediction.as_ref().map(|(class, share)| {
                    format!(", taken for {} ({})", words::class(class), words::percent(*share))
                });
                let [score, baseline] = s.scores.map(number);
                let sample = words::sentence(&s.words) + &taken.unwrap_or_default();
                format!("{sample}: {} = {score} ({baseline} for the baseline)", s.unit)
            }));
        for sample in &found.samples {
            let x: Vec<f64> = sample.x.iter().map(|v| f64::from(*v)).collect();
            let range = x.iter().copied().fold(1.0, f64::max);
            figure = figure.panel(input_map::panel(&x, &found.shape, &found.features, ColorScale::gray(0.0, range))?);
            for map in sample.maps.rows() {
                let largest = map.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
                let map: Vec<f64> = map.iter().map(|v| if largest > 0.0 { v / largest } else { 0.0 }).collect();
                figure = figure.panel(input_map::panel(&map, &found.shape, &found.features, scale)?);
            }
        }
        if input_map::is_picture(&found.shape) {
            figure = figure.color_bar(ColorBar::new("share of the map's largest magnitude", scale));
        }
        let column = |of: &dyn Fn(&analysis::inputs::attribution::Explained) -> f64| {
            Column::Doubles(found.samples.iter().map(of).collect())
        };
        let words = |of: &dyn Fn(&analysis::inputs::attribution::Explained) -> String| {
            Column::Text(found.samples.iter().map(of).collect())
        };
        let mut table = Table::new("")
            .column("sample", words(&|s| s.words.clone()))
            .column("unit", words(&|s| s.unit.clone()))
            .column("predicted", words(&|s| s.prediction.as_ref().map_or(String::new(), |(class, _)| class.clone())))
            .column("probability", column(&|s| s.prediction.as_ref().map_or(f64::NAN, |(_, share)| *share)))
            .column("score", column(&|s| s.scores[0]))
            .column("score.at.baseline", column(&|s| s.scores[1]));
        for (i, method) in found.methods.iter().enumerate() {
            table = table.column(
                format!("sum.{}", method.name().replace(" × ", ".times.").replace(' ', ".")),
                column(&|s| s.sum(i)),
            );
        }
        let numbers = found.samples.iter().flat_map(|s| s.maps.iter().map(|v| *v as f32)).collect();
        let shape = (found.samples.len(), found.methods.len(), found.features.len());
        // Every sample has as many maps as there are methods.
        let values = ndarray::Array3::from_shape_vec(shape, numbers).unwrap_or_default().into_dyn();
        Ok(Drawing {
            figure,
            tables: vec![table],
            arrays: vec![Array::new("maps", ["sample", "method", "feature"], values)],
        })
    }
}

/// What a method computes, as a sentence after others.
fn formula(method: Method, feature: &str, found: &Found) -> String {
    let name = words::sentence(method.name());
    let formula = match (method, found.window) {
        (Method::Gradient, _) => format!("∂F/∂x, by how much the score moves with the {feature}"),
        (Method::GradientTimesInput, _) => "(x − x′) · ∂F/∂x".into(),
        (Method::IntegratedGradients, _) => "(x − x′) · the mean of ∂F/∂x on the straight way from x′ to x".into(),
        (Method::Occlusion, 1) => format!("F(x) − F(x with the {feature} at x′)"),
        (Method::Occlusion, side) => format!(
            "the mean of F(x) − F(x with a window of {side} × {side} pixels at x′) over all windows that cover the pixel"
        ),
        (Method::SmoothGrad, _) => format!(
            "the mean of |∂F/∂x| over {} copies of x with noise of {} of its range, SmoothGrad, which tells how much a {feature} matters and not \
             whether it raises or lowers",
            found.smooth.0,
            percent(found.smooth.1)
        ),
        (Method::GradCam, _) => format!(
            "the channels of {}, each times the mean of ∂F/∂(the channel), added up where that is above 0 and enlarged",
            found.node.as_deref().unwrap_or("a convolution")
        ),
    };
    format!(" {name}: {formula}.")
}

fn number(value: f64) -> String {
    text::fixed(value, 2)
}

/// A small share with two digits.
fn percent(share: f64) -> String {
    format!("{}%", words::quantity(100.0 * share))
}
