//! How a piecewise-linear net cuts the plane, layer by layer.

use analysis::{Planned, Results, geometry::linear_regions::LinearRegions as Found, select::snapshots::OverTraining};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, Figure, Line, Panel, palette};

use crate::{
    Animate, Column, Drawing, FigureError, FigureKind, Table, geometry::linear_regions::points, helpers::frames,
    helpers::frames::Shown, helpers::words,
};

/// How a piecewise-linear net of two inputs cuts the plane: a panel for each of its activation layers with the lines along which
/// the layer's units cut, those of the layers before in grey, and how many pieces there are then, of one activation pattern each.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerCuts {
    /// An analysis of kind "linear_regions".
    #[schemars(extend("x-kinds" = ["linear_regions"]))]
    pub analysis: AnalysisRef,
    /// One frame per snapshot in place of one picture: `{ seconds = 8 }`. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animate: Option<Animate>,
}

impl Config for LayerCuts {
    const KIND: &str = "layer_cuts";
    const EXAMPLE: &str = "analysis = \"regions\"";
}

impl FigureKind for LayerCuts {
    fn check(&self, problems: &mut Problems) {
        frames::check(None, self.animate.as_ref(), problems);
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        frames::check_against(&self.analysis, None, self.animate.as_ref(), planned, problems);
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let all: &OverTraining<Found> = results.outcome(&self.analysis)?;
        let shown = Shown::of(&self.analysis.0, &all.epochs(), None, self.animate.as_ref())?
            .paced(results, [all.trained().model.as_str()]);
        let (found, seen) = (all.trained(), shown.select(&all.0));
        let moments: Vec<Moment> = seen.iter().map(|(_, found)| Moment::of(found)).collect();
        let layers = found.activations.len();
        let mut figure = Figure::new(id, title(found)).columns(layers.clamp(1, 2)).share_x().share_y();
        for layer in 0..layers {
            figure = figure.panel(panel(found, &moments, layer));
        }
        let along = if self.animate.is_some() { " Along training; the numbers are those of its end." } else { "" };
        let figure = figure.subtitle(subtitle(layers)).caption(format!(
            "The plane of the two inputs of {}, cut into pieces on which the same units are on: for each layer of units the lines along \
             which it cuts, one for each unit that turns on or off, bent where the layers before have cut (in grey). Pieces after \
             each layer: {}. Pieces side by side on which the outputs are the same linear map are one linear region.{along}",
            found.model,
            words::list(&found.patterns_by_layer().iter().map(|n| words::thousands(*n)).collect::<Vec<_>>())
        ));
        let mut table =
            Table::new("").column("epoch", Column::Counts(seen.iter().map(|(epoch, _)| *epoch as u64).collect()));
        for layer in 0..layers {
            let patterns = moments.iter().map(|moment| moment.patterns[layer] as u64).collect();
            table = table.column(format!("layer{}.patterns", layer + 1), Column::Counts(patterns));
        }
        Ok(Drawing { figure: shown.animate(figure), tables: vec![table], arrays: Vec::new() })
    }
}

/// What the lines are; under those of a layer lie the ones of the layers before.
fn subtitle(layers: usize) -> String {
    let before = if layers > 1 { "; in grey the cuts of the layers before" } else { "" };
    format!("The plane of the two inputs, cut into pieces on which the same units are on{before}")
}

/// One snapshot.
struct Moment {
    /// Pieces after each layer.
    patterns: Vec<usize>,
    /// Each layer's lines one after the other, a gap after each.
    lines: Vec<Vec<(f64, f64)>>,
}

impl Moment {
    fn of(found: &Found) -> Self {
        let ended = |line: &Vec<u32>| points(found, line).into_iter().chain([(f64::NAN, f64::NAN)]).collect::<Vec<_>>();
        let cuts = found.cuts();
        let lines = cuts.iter().map(|cuts| cuts.iter().flat_map(ended).collect());
        Self { patterns: found.patterns_by_layer(), lines: lines.collect() }
    }
}

/// The plane as a layer cuts it.
fn panel(found: &Found, moments: &[Moment], layer: usize) -> Panel {
    let axis = |i: usize, [from, to]: [f64; 2]| Axis::new(&found.features[i]).range(from, to);
    let units = words::count(found.activations[layer], "unit", "units");
    let title = |moment: &Moment| {
        format!("Layer {} ({units}): {}", layer + 1, words::count(moment.patterns[layer], "piece", "pieces"))
    };
    let mut panel = Panel::new(axis(0, found.window.x), axis(1, found.window.y)).equal();
    panel = match moments {
        [only] => panel.title(title(only)),
        several => panel.titles(several.iter().map(title)),
    };
    for before in 0..layer {
        let line = |moment: &Moment| Line::new(moment.lines[before].clone()).color(palette::MISSING).width(0.7);
        panel = panel.frames(moments.iter().map(line));
    }
    let line = |moment: &Moment| Line::new(moment.lines[layer].clone()).color(palette::layer(layer)).width(0.9);
    panel.frames(moments.iter().map(line))
}

/// "Deep cuts the plane into 40 pieces after layer 1 and 312 pieces after layer 2".
fn title(found: &Found) -> String {
    let pieces = found.patterns_by_layer();
    let each: Vec<String> = pieces
        .iter()
        .enumerate()
        .map(|(layer, n)| format!("{} after layer {}", words::count(*n, "piece", "pieces"), layer + 1))
        .collect();
    format!("{} cuts the plane into {}", words::sentence(&found.model), words::list(&each))
}
