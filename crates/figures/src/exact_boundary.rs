//! Which class a piecewise-linear net gives each place of the plane, without a grid.

use analysis::{Context, Planned, linear_regions::LinearRegions as Found, outcome_as};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, Figure, Panel, Regions, geometry::Partition, palette};

use crate::{
    Drawing, FigureError, FigureKind, Table,
    linear_regions::{points, samples, segments},
    words,
};

/// The plane of a net's two inputs, each place in the colour of its class, the training data on top: with the exact boundary, made
/// of straight segments, in place of one found on a grid.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExactBoundary {
    /// An analysis of kind "linear_regions".
    #[schemars(extend("x-kinds" = ["linear_regions"]))]
    pub analysis: AnalysisRef,
    /// Whether the training data is drawn on top. Default true.
    #[serde(default = "yes")]
    pub points: bool,
}

fn yes() -> bool {
    true
}

impl Config for ExactBoundary {
    const KIND: &str = "exact_boundary";
    const EXAMPLE: &str = "analysis = \"regions\"";
}

impl FigureKind for ExactBoundary {
    fn check(&self, _: &mut Problems) {}

    fn check_against(&self, _: &dyn Planned, _: &mut Problems) {}

    fn draw(&self, id: &str, context: &dyn Context) -> Result<Drawing, FigureError> {
        let found: &Found = outcome_as(context.outcome(&self.analysis)?, &self.analysis)?;
        let rings = |class: usize| found.outlines(class).iter().map(|ring| points(found, ring)).collect();
        let partition = Partition {
            regions: (0..found.classes.len()).map(rings).collect(),
            borders: found.boundary.iter().map(|(_, line)| points(found, line)).collect(),
        };
        let ([left, right], [bottom, top]) = (found.window.x, found.window.y);
        let labelled = self.points && !found.labels.is_empty();
        let mut areas = Regions::given(partition, (left, right), (bottom, top)).border(palette::INK, 1.2);
        if !labelled && found.classes.len() > 1 {
            areas = areas.labels(found.classes.iter().map(|c| words::class(c)));
        }
        let mut panel = Panel::new(
            Axis::new(&found.features[0]).range(left, right),
            Axis::new(&found.features[1]).range(bottom, top),
        )
        .equal()
        .mark(areas);
        if self.points {
            panel = panel.mark(samples(found));
        }
        let pieces = words::count(found.segments.len(), "straight piece", "straight pieces");
        let title = match found.segments.len() {
            0 => format!("{} draws no boundary here", words::sentence(&found.model)),
            _ => format!("{} divides the classes by {pieces}", words::sentence(&found.model)),
        };
        let figure = Figure::new(id, title)
            .caption(format!(
                "Each place of the plane in the colour of the class that {} gives it. The boundary is exact: {pieces}, {:.2} long \
                 in all, one for each linear region it runs through or along.",
                found.model,
                found.boundary_length()
            ))
            .panel(panel);
        Ok(Drawing { figure, tables: vec![Table { name: String::new(), ..segments(found) }], arrays: Vec::new() })
    }
}
