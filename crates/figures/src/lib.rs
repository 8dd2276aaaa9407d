//! Figures, one file each: results to a scene with title, caption and the numbers behind it.
//!
//! A kind of figure is a config struct with [`FigureKind`] and one line in [`REGISTRY`]. What it draws is a [`Drawing`]: a scene
//! for `rendering`, and the same numbers as tables and arrays, which a run keeps beside the picture.

mod ablation;
mod ablation_pairs;
mod activation_drift;
mod activation_histograms;
mod animate;
mod attribution;
mod basis_contributions;
mod breakpoints;
mod class_images;
mod class_intensity;
mod class_scores;
mod confusion_matrix;
mod decision_regions;
mod drawing;
mod epochs_to_accuracy;
mod error;
mod exact_boundary;
mod feature_space;
mod fits;
mod folded_grid;
mod gradient_check;
mod gradient_norms;
mod input_map;
mod intervention;
mod kink_migration;
mod linear_regions;
mod loss_surface;
mod misclassified;
mod moments;
mod network;
mod neuron_confusion;
mod neuron_scaling;
mod nodes;
mod output_map;
mod pixel_histogram;
mod probe_accuracy;
mod sample_sheet;
mod samples;
mod selectivity;
mod small_matrix;
mod sweep_curve;
mod time_to_loss;
mod together;
mod training_curves;
mod trajectories;
mod truth_table;
mod turn;
mod unit_health;
mod unit_heatmap;
mod unit_maps;
mod unit_ranking;
mod update_sizes;
mod width_error;
mod words;

pub use ablation::Ablation;
pub use ablation_pairs::AblationPairs;
pub use activation_drift::ActivationDrift;
pub use activation_histograms::ActivationHistograms;
pub use animate::Animate;
pub use attribution::Attribution;
pub use basis_contributions::BasisContributions;
pub use breakpoints::Breakpoints;
pub use class_images::ClassImages;
pub use class_intensity::ClassIntensity;
pub use class_scores::ClassScores;
pub use confusion_matrix::ConfusionMatrix;
pub use decision_regions::DecisionRegions;
pub use drawing::{Array, Column, Drawing, Table};
pub use epochs_to_accuracy::EpochsToAccuracyFigure;
pub use error::FigureError;
pub use exact_boundary::ExactBoundary;
pub use feature_space::FeatureSpace;
pub use fits::Fits;
pub use folded_grid::FoldedGrid;
pub use gradient_check::GradientCheck;
pub use gradient_norms::GradientNorms;
pub use intervention::Intervention;
pub use kink_migration::KinkMigration;
pub use linear_regions::LinearRegions;
pub use loss_surface::LossSurface;
pub use misclassified::Misclassified;
pub use network::Network;
pub use neuron_confusion::NeuronConfusion;
pub use neuron_scaling::NeuronScaling;
pub use output_map::OutputMap;
pub use pixel_histogram::PixelHistogram;
pub use probe_accuracy::ProbeAccuracy;
pub use sample_sheet::SampleSheet;
pub use samples::Samples;
pub use selectivity::Selectivity;
pub use sweep_curve::SweepCurve;
pub use time_to_loss::TimeToLoss;
pub use training_curves::TrainingCurves;
pub use trajectories::Trajectories;
pub use truth_table::TruthTable;
pub use turn::Turn;
pub use unit_health::UnitHealth;
pub use unit_heatmap::{Against, UnitHeatmap};
pub use unit_maps::UnitMaps;
pub use unit_ranking::UnitRanking;
pub use update_sizes::UpdateSizes;
pub use width_error::WidthError;

use analysis::{Context, Planned};
use registry::{Entry, Problems, entry};

/// What a `[figure.NAME]` table asks for.
pub trait FigureKind: std::fmt::Debug + Send + Sync {
    /// Notes numbers out of range, with paths inside the table.
    fn check(&self, problems: &mut Problems);

    /// Notes what does not fit the models and data it refers to, as far as these are known before anything runs.
    fn check_against(&self, planned: &dyn Planned, problems: &mut Problems);

    /// Whether it draws measured seconds: then it is not the same every time, and lies apart from those that are.
    fn measures_time(&self) -> bool {
        false
    }

    /// Draws it. `id` begins every id inside the picture.
    ///
    /// # Errors
    /// When what it is given does not suit it, which [`FigureKind::check_against`] would have said.
    fn draw(&self, id: &str, context: &dyn Context) -> Result<Drawing, FigureError>;
}

/// The keys that every figure table may have, whatever its kind.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Common {
    /// The headline, in place of the one made from the results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The explanation, in place of the one made from the results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
}

impl Common {
    /// Puts the table's own words in place of the figure's.
    pub fn apply(&self, drawing: &mut Drawing) {
        if let Some(title) = &self.title {
            drawing.figure.title.clone_from(title);
        }
        if let Some(caption) = &self.caption {
            drawing.figure.caption.clone_from(caption);
        }
    }
}

/// Every kind of figure.
pub const REGISTRY: &[Entry<dyn FigureKind>] = &[
    entry!(Samples => dyn FigureKind),
    entry!(TrainingCurves => dyn FigureKind),
    entry!(EpochsToAccuracyFigure => dyn FigureKind),
    entry!(DecisionRegions => dyn FigureKind),
    entry!(SweepCurve => dyn FigureKind),
    entry!(FoldedGrid => dyn FigureKind),
    entry!(ProbeAccuracy => dyn FigureKind),
    entry!(LinearRegions => dyn FigureKind),
    entry!(ExactBoundary => dyn FigureKind),
    entry!(Breakpoints => dyn FigureKind),
    entry!(BasisContributions => dyn FigureKind),
    entry!(KinkMigration => dyn FigureKind),
    entry!(Fits => dyn FigureKind),
    entry!(WidthError => dyn FigureKind),
    entry!(TruthTable => dyn FigureKind),
    entry!(Network => dyn FigureKind),
    entry!(OutputMap => dyn FigureKind),
    entry!(FeatureSpace => dyn FigureKind),
    entry!(GradientNorms => dyn FigureKind),
    entry!(LossSurface => dyn FigureKind),
    entry!(ClassImages => dyn FigureKind),
    entry!(ClassIntensity => dyn FigureKind),
    entry!(PixelHistogram => dyn FigureKind),
    entry!(SampleSheet => dyn FigureKind),
    entry!(ConfusionMatrix => dyn FigureKind),
    entry!(ClassScores => dyn FigureKind),
    entry!(Misclassified => dyn FigureKind),
    entry!(GradientCheck => dyn FigureKind),
    entry!(Trajectories => dyn FigureKind),
    entry!(TimeToLoss => dyn FigureKind),
    entry!(UpdateSizes => dyn FigureKind),
    entry!(UnitRanking => dyn FigureKind),
    entry!(Selectivity => dyn FigureKind),
    entry!(NeuronScaling => dyn FigureKind),
    entry!(NeuronConfusion => dyn FigureKind),
    entry!(Intervention => dyn FigureKind),
    entry!(Ablation => dyn FigureKind),
    entry!(AblationPairs => dyn FigureKind),
    entry!(UnitMaps => dyn FigureKind),
    entry!(Attribution => dyn FigureKind),
    entry!(ActivationHistograms => dyn FigureKind),
    entry!(ActivationDrift => dyn FigureKind),
    entry!(UnitHeatmap => dyn FigureKind),
    entry!(UnitHealth => dyn FigureKind),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registry_is_complete() {
        registry::assert_complete(REGISTRY, |config, problems| config.check(problems));
    }
}
