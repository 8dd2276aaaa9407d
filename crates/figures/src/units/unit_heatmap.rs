//! The mean activation of every unit, epoch by epoch or class by class.

use analysis::{Planned, Results, units::activations::Activations};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, ColorBar, ColorScale, Figure, Heatmap, Panel};

use crate::{Array, Drawing, FigureError, FigureKind, helpers::nodes, helpers::words};

/// The mean of every unit as a heat map, one per node: unit × epoch, of all samples or of one class; or class × unit at one
/// epoch.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitHeatmap {
    /// An analysis of kind "activations".
    #[schemars(extend("x-kinds" = ["activations"]))]
    pub analysis: AnalysisRef,
    /// What the units are set against. Default "epochs".
    #[serde(default)]
    pub against: Against,
    /// The nodes, one panel each. Default: all of the analysis.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true))]
    pub nodes: Vec<String>,
    /// Only the samples of this class, against epochs. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// When, against classes. Default: at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<usize>,
}

/// What the units of a heat map are set against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// A row per unit, a column per epoch.
    #[default]
    Epochs,
    /// A row per class, a column per unit.
    Classes,
}

impl Config for UnitHeatmap {
    const KIND: &str = "unit_heatmap";
    const EXAMPLE: &str = "analysis = \"activations\"\nagainst = \"classes\"";
}

impl FigureKind for UnitHeatmap {
    fn check(&self, problems: &mut Problems) {
        problems.require(self.against == Against::Epochs || self.class.is_none(), "class", || {
            "a map of all classes shows no single one; leave it out or set units against epochs".into()
        });
        problems.require(self.against == Against::Classes || self.epoch.is_none(), "epoch", || {
            "a map of all epochs shows no single one; leave it out or set units against classes".into()
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        nodes::check(planned, &self.analysis, (&self.nodes, &[], self.class.as_ref()), problems);
        let offer = planned.offer_of(&self.analysis);
        let unknown = self.epoch.and_then(|epoch| nodes::unknown_epoch(&offer, &self.analysis, epoch));
        let told = problems.note("epoch", unknown);
        for name in planned.models_of(&self.analysis) {
            let Some(model) = planned.model(name) else { continue };
            problems.require(told || self.epoch.is_none_or(|e| e <= model.epochs), "epoch", || {
                format!("epoch {} is beyond the {} that {} trains", self.epoch.unwrap_or(0), model.epochs, name.0)
            });
            problems.require(self.against == Against::Epochs || model.data.classes().is_some(), "against", || {
                format!("{} has no classes", name.0)
            });
        }
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Activations = results.outcome(&self.analysis)?;
        let shown = nodes::chosen(found, &self.nodes)?;
        let class = nodes::class(found, self.class.as_ref())?;
        let epoch = match self.epoch {
            Some(epoch) => nodes::epochs(found, &[epoch])?[0],
            None => found.epochs.len().saturating_sub(1),
        };
        let what = nodes::quantity(found);
        let present = found.present();
        let meaning = match self.against {
            Against::Epochs => "zero for every sample",
            Against::Classes => "zero for every sample of the class",
        };
        let mut figure = Figure::new(id, "").columns(if self.against == Against::Epochs { 2 } else { 1 });
        let mut arrays = Vec::new();
        // Whether a cell is hatched, and what is close to zero: dark on some maps, white on others.
        let (mut hatched, mut dark, mut white) = (false, false, false);
        for node in &shown {
            let means = match self.against {
                Against::Epochs => node.unit_means(class),
                Against::Classes => node.class_means(epoch).select(ndarray::Axis(0), &present.numbers),
            };
            let values: Vec<f64> = means.iter().copied().collect();
            let signed = values.iter().any(|v| *v < 0.0);
            let scale = match signed {
                true => ColorScale::signed_of(&values),
                false => ColorScale::magnitude(0.0, ColorScale::magnitude_of(&values).hi.max(f64::MIN_POSITIVE)),
            };
            let (rows, columns) = means.dim();
            let units = || Axis::new("unit").whole();
            let names = |label: &str, names: Vec<String>| Axis::new(label).names(names);
            let panel = match self.against {
                Against::Epochs => {
                    let epochs = found.epochs.iter().map(ToString::to_string).collect();
                    Panel::new(names("epoch", epochs), units().reversed()).ratio((rows as f64 / 24.0).clamp(0.55, 1.3))
                }
                Against::Classes => {
                    // As high as all names need.
                    let ratio = (0.039 * rows as f64).clamp(0.1, 1.0);
                    Panel::new(units(), names("class", present.names.clone()).reversed()).ratio(ratio)
                }
            };
            let panel = panel.title(words::sentence(&nodes::name(&node.name)));
            // Where nothing is negative, a mean of exactly zero is one of zeros alone.
            let zero: Vec<bool> = values.iter().map(|v| !signed && *v == 0.0).collect();
            hatched |= zero.contains(&true);
            dark |= !signed;
            white |= signed;
            let map = Heatmap::new(rows, columns, values, scale)?.hatched(zero, meaning)?;
            figure = figure.panel(panel.mark(map).color_bar(ColorBar::new(format!("mean {what}"), scale)));
            let axes = match self.against {
                Against::Epochs => ["unit", "epoch"],
                Against::Classes => ["class", "unit"],
            };
            arrays.push(Array::new(&node.name, axes, means.mapv(|v| v as f32).into_dyn()));
        }
        let model = words::sentence(&found.model.0);
        let on = nodes::on(found);
        let small = match (dark, white) {
            (true, true) => "; close to zero: white beside red and blue, dark elsewhere",
            (true, false) => "; dark: close to zero",
            (false, _) => "",
        };
        let small = if dark && !hatched { format!("{small}, but nowhere zero for every sample") } else { small.into() };
        let of = self.class.as_ref().map_or_else(String::new, |c| format!(" of {}", words::class(c)));
        let scales = "Where there are negative means, blue is negative, white zero and red positive; else dark is close to zero, and \
                      hatched what is zero for every sample. Each map has its own scale.";
        (figure.title, figure.subtitle, figure.caption) = match self.against {
            Against::Epochs => (
                format!("{model}: the mean {what} of every unit over training"),
                words::sentence(&format!("{on}{of}{small}")),
                format!(
                    "The mean {what} of every unit of {} over {on}{of}: a row per unit, a column per epoch, 0 being the untrained model. \
                     {scales}",
                    found.model.0
                ),
            ),
            Against::Classes => (
                format!("{model}: which unit answers to which class after {}", words::epochs(found.epochs[epoch])),
                words::sentence(&format!("{on}{small}")),
                format!(
                    "The mean {what} of every unit of {} over the samples of each class ({on} in all) after {}: a row per class, a column \
                     per unit. {scales}{}",
                    found.model.0,
                    words::epochs(found.epochs[epoch]),
                    words::without_samples(&present.absent, found.split)
                ),
            ),
        };
        Ok(Drawing { figure, tables: Vec::new(), arrays })
    }
}
