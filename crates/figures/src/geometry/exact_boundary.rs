//! Which class a piecewise-linear net gives each place of the plane, without a grid.

use analysis::{Planned, Results, geometry::linear_regions::LinearRegions as Found, select::snapshots::OverTraining};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, Figure, Panel, Regions, geometry::Partition, palette};

use crate::{
    Animate, Drawing, FigureError, FigureKind, Table,
    geometry::linear_regions::{counts, points, samples, segments},
    helpers::frames,
    helpers::frames::Shown,
    helpers::words,
};

/// The plane of a net's two inputs, each place in the colour of its class, the training data on top: with the exact boundary,
/// made of straight segments, in place of one found on a grid.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExactBoundary {
    /// An analysis of kind "linear_regions".
    #[schemars(extend("x-kinds" = ["linear_regions"]))]
    pub analysis: AnalysisRef,
    /// Whether the training data is drawn on top. Default true.
    #[serde(default = "yes")]
    pub points: bool,
    /// Shows the classes' places as they were along training: `{ seconds = 8 }`. Default: only as they are at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animate: Option<Animate>,
}

fn yes() -> bool {
    true
}

impl Config for ExactBoundary {
    const KIND: &str = "exact_boundary";
    const EXAMPLE: &str = "analysis = \"regions\"";
}

impl FigureKind for ExactBoundary {
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
        let ([left, right], [bottom, top]) = (found.window.x, found.window.y);
        let mut panel = Panel::new(
            Axis::new(&found.features[0]).range(left, right),
            Axis::new(&found.features[1]).range(bottom, top),
        )
        .equal()
        .frames(seen.iter().map(|(_, found)| self.areas(found)));
        if self.points {
            panel = panel.mark(samples(found));
        }
        if self.animate.is_some() {
            panel = panel.titles(seen.iter().map(|(_, found)| pieces(found)));
        }
        let title = match found.segments.len() {
            0 => format!("{} draws no boundary here", words::sentence(&found.model)),
            _ => format!("{} divides the classes by {}", words::sentence(&found.model), pieces(found)),
        };
        let caption = format!(
            "{}ach place of the plane in the colour of the class that {} gives it. The boundary is exact: {}, {:.2} long in all, each \
             inside one linear region or along a side of it.",
            if self.animate.is_some() { "Along training, as at its end: e" } else { "E" },
            found.model,
            pieces(found),
            found.boundary_length()
        );
        let figure = Figure::new(id, title).caption(caption).panel(panel);
        let table = match self.animate {
            Some(_) => counts(&seen),
            None => Table { name: String::new(), ..segments(found) },
        };
        Ok(Drawing { figure: shown.animate(figure), tables: vec![table], arrays: Vec::new() })
    }
}

fn pieces(found: &Found) -> String {
    words::count(found.straight_pieces(), "straight piece", "straight pieces")
}

impl ExactBoundary {
    /// The classes' places with the boundary between them.
    fn areas(&self, found: &Found) -> Regions {
        let rings = |class: usize| found.outlines(class).iter().map(|ring| points(found, ring)).collect();
        let partition = Partition {
            regions: (0..found.classes.len()).map(rings).collect(),
            borders: found.boundary.iter().map(|(_, line)| points(found, line)).collect(),
        };
        let ([left, right], [bottom, top]) = (found.window.x, found.window.y);
        let areas = Regions::given(partition, (left, right), (bottom, top)).border(palette::INK, 1.2);
        let labelled = self.points && found.labels.is_some();
        if labelled || found.classes.len() < 2 {
            return areas;
        }
        areas.labels(found.classes.iter().map(|c| words::class(c)))
    }
}
