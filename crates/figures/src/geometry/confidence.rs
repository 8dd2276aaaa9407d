//! How sure classifiers are of their class at each place of the plane.

use analysis::{
    Planned, Results,
    geometry::{
        decision::{OnPlane, Seen},
        decision_regions::DecisionRegions as Found,
    },
};
use ndarray::Array2;
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, ColorBar, ColorScale, Contours, Figure, Grid, Panel, Regions, palette};

use crate::{
    Animate, Array, Column, Drawing, FigureError, FigureKind, Table, helpers::frames, helpers::frames::Shown,
    helpers::together::Together, helpers::words,
};

/// The plane shaded by how sure classifiers of two inputs are: by the largest of the probabilities that the softmax of their
/// outputs gives the classes, with the decision boundary on top, one panel per model.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confidence {
    /// An analysis of kind "decision_regions".
    #[schemars(extend("x-kinds" = ["decision_regions"]))]
    pub analysis: AnalysisRef,
    /// One frame per snapshot in place of one picture: `{ seconds = 8 }`. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animate: Option<Animate>,
}

impl Config for Confidence {
    const KIND: &str = "confidence";
    const EXAMPLE: &str = "analysis = \"boundary\"";
}

/// Colours from the least probability that the largest can have to 1.
const BANDS: usize = 12;

impl FigureKind for Confidence {
    fn check(&self, problems: &mut Problems) {
        frames::check(None, self.animate.as_ref(), problems);
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        frames::check_against(&self.analysis, None, self.animate.as_ref(), planned, problems);
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let shown = Shown::of("", &found.epochs, None, self.animate.as_ref())?
            .paced(results, found.models.iter().map(|model| model.model.as_str()));
        let classes = found.models.iter().flat_map(|m| m.seen.first()).map(|seen| seen.outputs.dim().2).max();
        let scale = ColorScale::magnitude(1.0 / classes.unwrap_or(1).max(1) as f64, 1.0);
        let epochs = Column::Counts(shown.select(&found.epochs).into_iter().map(|e| *e as u64).collect());
        let mut table = Table::new("").column("epoch", epochs);
        let mut figure = Figure::new(id, "").columns(found.models.len().clamp(1, 2));
        let (mut ends, mut arrays) = (Vec::new(), Vec::new());
        for model in &found.models {
            let seen = shown.select(&model.seen);
            let maps: Vec<Array2<f64>> = seen.iter().map(|seen| seen.confidence()).collect();
            let means: Vec<f64> = maps.iter().map(|map| map.mean().unwrap_or(f64::NAN)).collect();
            let told: Vec<String> = means.iter().map(|mean| words::percent(*mean)).collect();
            ends.push(format!("{} {}", model.model, told.last().map_or("", String::as_str)));
            figure = figure.panel(panel(model, &seen, &maps, &told, scale)?);
            table = table.column(format!("{}.mean", model.model), Column::Doubles(means));
            let end = maps.last().map(|map| map.mapv(|v| v as f32).into_dyn());
            arrays.extend(end.map(|values| Array::new(format!("{}.confidence", model.model), ["y", "x"], values)));
        }
        let at_end = if self.animate.is_some() { " at the end" } else { "" };
        figure.title = format!("How sure of their class, on average over the plane: {}", words::list(&ends));
        let figure = figure
            .caption(format!(
                "Each place of the plane shaded by the largest of the class probabilities there (softmax of the outputs), with the line \
                 at which the class changes. Mean over the square that is shown{at_end}: {}. Far from all samples a probability near 1 \
                 is no knowledge.",
                words::list(&ends)
            ))
            .color_bar(ColorBar::new("largest class probability", scale));
        Ok(Drawing { figure: shown.animate(figure), tables: vec![table], arrays })
    }
}

/// One model.
fn panel(
    model: &OnPlane,
    seen: &[&Seen],
    maps: &[Array2<f64>],
    told: &[String],
    scale: ColorScale,
) -> Result<Panel, FigureError> {
    let names = &model.data.train.feature_names;
    let (x, y) = ((model.window.x[0], model.window.x[1]), (model.window.y[0], model.window.y[1]));
    let step = (scale.hi - scale.lo) / BANDS as f64;
    let levels: Vec<f64> = (1..BANDS).map(|i| scale.lo + step * i as f64).collect();
    let shade = |(seen, map): (&&Seen, &Array2<f64>)| -> Result<Together, FigureError> {
        let (rows, columns, classes) = seen.outputs.dim();
        let grid = |values: Vec<f64>| Grid::new(x, y, rows, columns, values);
        let mut marks = Together::default().mark(Regions::bands(&grid(map.iter().copied().collect())?, &levels, scale));
        for class in 0..classes {
            let line = Contours::new(grid(seen.leads(class).iter().copied().collect())?, [0.0]);
            marks = marks.mark(line.color(palette::PAPER).width(2.0));
        }
        Ok(marks)
    };
    let shades = seen.iter().zip(maps).map(shade).collect::<Result<Vec<_>, _>>()?;
    let title = |mean: &String| format!("{}: {mean}", words::sentence(&model.model));
    let panel = Panel::new(Axis::new(&names[0]).range(x.0, x.1), Axis::new(&names[1]).range(y.0, y.1)).equal();
    let panel = match told {
        [only] => panel.title(title(only)),
        several => panel.titles(several.iter().map(title)),
    };
    Ok(panel.frames(shades))
}
