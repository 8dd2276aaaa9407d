//! One map over the input per unit: saliency, responses to single pixels, weights, the input that excites it most.

use analysis::{
    Planned, Results,
    inputs::unit_maps::{MapKind, UnitMaps as Found},
};
use ndarray::Array2;
use registry::{AnalysisRef, Config, Problems};
use rendering::{ColorBar, ColorScale, Figure, Panel, text};

use crate::{Array, Column, Drawing, FigureError, FigureKind, Table, helpers::input_map, helpers::words};

/// A sheet of one map over the input per unit, all on one scale: pictures where inputs are pictures, bars where they are a few
/// features.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitMaps {
    /// An analysis of kind "saliency", "pixel_response", "input_weights" or "maximal_input".
    #[schemars(extend("x-kinds" = ["saliency", "pixel_response", "input_weights", "maximal_input"]))]
    pub analysis: AnalysisRef,
    /// Maps side by side. Default 4 for up to 16 units, else 8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<usize>,
}

impl Config for UnitMaps {
    const KIND: &str = "unit_maps";
    const EXAMPLE: &str = "analysis = \"saliency\"\ncolumns = 4";
}

/// Up to this many maps side by side, a number of each unit stands above its map.
const NUMBERED: usize = 5;
/// More maps are no picture any more, and their file is too large.
const MOST: usize = 128;

impl FigureKind for UnitMaps {
    fn check(&self, problems: &mut Problems) {
        problems.require(self.columns.is_none_or(|c| (1..=16).contains(&c)), "columns", || {
            format!("expected 1 to 16 maps side by side, found {}", self.columns.unwrap_or(0))
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        input_map::check(&self.analysis, planned, problems);
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let n = found.units.len().min(MOST);
        let maps = drawn(found);
        let values: Vec<f64> = maps.iter().copied().collect();
        let scale = match found.kind {
            MapKind::Saliency => ColorScale::magnitude(0.0, values.iter().copied().fold(0.0, f64::max)),
            MapKind::Response | MapKind::Weights => ColorScale::signed_of(&values),
            MapKind::Maximal => {
                let [low, high] = found.range.unwrap_or([0.0, 1.0]);
                ColorScale::gray(low, high)
            }
        };
        let columns = self.columns.unwrap_or(if n <= 16 { 4 } else { 8 });
        let above = above(found.kind, columns <= NUMBERED);
        let [title, mut caption] = text_of(found, &above);
        if n < found.units.len() {
            caption += &format!(" Of {} the first {n} are drawn.", words::count(found.units.len(), "unit", "units"));
        }
        let first = found
            .subject
            .as_ref()
            .map_or_else(|| words::beginning(&caption).into(), |(_, x)| format!("First the input: {x}"));
        let mut figure = Figure::new(id, title).subtitle(format!("{first}. {above}")).caption(caption).columns(columns);
        if let Some((x, _)) = &found.subject {
            let x: Vec<f64> = x.iter().map(|v| f64::from(*v)).collect();
            let range = x.iter().copied().fold(1.0, f64::max);
            figure = figure.panel(
                input_map::panel(&x, &found.shape, &found.features, ColorScale::gray(0.0, range))?.title("input"),
            );
            for _ in 1..columns {
                figure = figure.panel(Panel::blank());
            }
        }
        // Above narrow maps there is room for the unit's number only.
        let shown = found.numbers.first().filter(|_| columns <= NUMBERED);
        for (i, unit) in found.units.iter().enumerate().take(n) {
            let map = maps.row(i).to_vec();
            let number = shown.map(|(_, values)| format!(" ({})", text::fixed(f64::from(values[i]), 1)));
            let panel = input_map::panel(&map, &found.shape, &found.features, scale)?;
            figure = figure.panel(panel.title(format!("{unit}{}", number.unwrap_or_default())));
        }
        if input_map::is_picture(&found.shape) {
            figure = figure.color_bar(ColorBar::new(unit_of(found.kind), scale));
        }
        let mut table = Table::new("").column("unit", Column::Counts(found.units.iter().map(|u| *u as u64).collect()));
        for (name, values) in &found.numbers {
            table = table.column(*name, Column::Singles(values.clone()));
        }
        let arrays = vec![Array::new("maps", ["unit", "feature"], found.maps.clone().into_dyn())];
        Ok(Drawing { figure, tables: vec![table], arrays })
    }
}

/// What is drawn: responses as differences from those to an input of zeros, else the maps as they are.
fn drawn(found: &Found) -> Array2<f64> {
    Array2::from_shape_fn(found.maps.dim(), |(unit, feature)| {
        let value = f64::from(found.maps[[unit, feature]]);
        match (found.kind, found.numbers.first()) {
            (MapKind::Response, Some((_, blank))) => value - f64::from(blank[unit]),
            _ => value,
        }
    })
}

/// The quantity on the colour bar.
fn unit_of(kind: MapKind) -> &'static str {
    match kind {
        MapKind::Saliency => "|∂unit/∂pixel|",
        MapKind::Response => "value of the unit minus its value for zeros",
        MapKind::Weights => "weight",
        MapKind::Maximal => "pixel",
    }
}

/// What stands above a map.
fn above(kind: MapKind, numbered: bool) -> String {
    let what = match kind {
        MapKind::Saliency => "its value",
        MapKind::Response => "its value for an input of zeros",
        MapKind::Weights => "its bias",
        MapKind::Maximal => "the value it reaches",
    };
    let number = if numbered { format!(" and, in parentheses, {what}") } else { String::new() };
    format!("Above each map stands the unit's number{number}")
}

/// Title and caption.
fn text_of(found: &Found, above: &str) -> [String; 2] {
    let (node, model) = (&found.node, &found.model);
    let feature = if input_map::is_picture(&found.shape) { "pixel" } else { "feature" };
    match found.kind {
        MapKind::Saliency => {
            let about = found.subject.as_ref().map_or("", |(_, words)| words);
            [
                format!("Which {feature}s of {about} the units of {node} are sensitive to"),
                format!(
                    "Saliency of the units of {node} of {model} for {about}: the magnitude of the gradient of the unit with \
                     respect to each {feature}, by how much the unit would move if the {feature} were moved a little. The \
                     first panel is the input. {above}. All maps have one scale."
                ),
            ]
        }
        MapKind::Response => [
            format!("What single {feature}s do to the units of {node}"),
            format!(
                "The value of each unit of {node} of {model} for inputs that are 0 but for one {feature}, which is 1, minus \
                     its value for an input of zeros; it is drawn at the place of that {feature}: red excites the unit, blue \
                     inhibits it. {above}. All maps have one scale."
            ),
        ],
        MapKind::Weights => [
            format!("What the units of {node} look for: their weights"),
            format!(
                "The weights of each unit of the first layer of {model} ({node}), each at the place of its {feature}: red \
                     excites the unit, blue inhibits it. {above}. All maps have one scale."
            ),
        ],
        MapKind::Maximal => {
            let [low, high] = found.range.unwrap_or([0.0, 1.0]);
            let exceeds = match &found.numbers[..] {
                [(_, reached), (_, seen)] => reached.iter().zip(seen).filter(|(r, s)| r > s).count(),
                _ => 0,
            };
            let units = words::count(found.units.len(), "unit", "units");
            if found.one_place {
                return [
                    format!("The patches that excite the channels of {node} most"),
                    format!(
                        "For each channel of {node} of {model} the patch, every pixel between {low} and {high}, that excites it most \
                         at one place, the middle of its map, as far as gradient ascent from random patches finds it: all that this \
                         place looks at. {above}. For {exceeds} of {units} the value is more than any sample of the data reaches at \
                         any place."
                    ),
                ];
            }
            [
                format!("The inputs that excite the units of {node} most"),
                format!(
                    "For each unit of {node} of {model} the input, every {feature} between {low} and {high}, that excites it \
                     most, as far as gradient ascent from random inputs finds it; where a {feature} hardly matters to the unit, \
                     it is as random as it was. {above}. For {exceeds} of {units} the value is more than any sample of the data \
                     reaches."
                ),
            ]
        }
    }
}
