//! Figures, one file each: results to a scene with title, caption and the numbers behind it.
//!
//! A kind of figure is a config struct with [`FigureKind`] and one line in the `mod.rs` of its subject. What it draws is a
//! [`Drawing`]: a scene for `rendering`, and the same numbers as tables and arrays, which a run keeps beside the picture.
//!
//! ```
//! use analysis::{fixture, predictions::truth_table::TruthTableConfig};
//! use figures::{FigureKind, predictions::truth_table::TruthTable};
//! use models::layers::Linear;
//! use registry::{AnalysisRef, TrainRef};
//!
//! let mut results = fixture::results(fixture::trained(vec![Linear::new(1).into()], &[1.0, -1.0, 0.5]));
//! results.analyse("table", &TruthTableConfig { model: TrainRef("m".into()), tolerance: 0.1 })?;
//! let drawing = TruthTable { analyses: vec![AnalysisRef("table".into())] }.draw("table", &results)?;
//! assert!(drawing.figure.to_svg()?.starts_with("<svg"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod data;
mod error;
pub mod fit;
pub mod geometry;
mod helpers;
pub mod inputs;
pub mod learning;
pub mod predictions;
pub mod units;

pub use error::FigureError;
pub use helpers::drawing::{Array, Column, Drawing, Table};
pub use helpers::frames::Animate;
pub use helpers::turn::Turn;

use analysis::{Planned, Results};
use registry::{Category, Problems};

/// What a `[figure.NAME]` table asks for.
pub trait FigureKind: std::fmt::Debug + Send + Sync {
    /// Notes numbers out of range, with paths inside the table.
    fn check(&self, _problems: &mut Problems) {}

    /// Notes what does not fit the models and data it refers to, as far as these are known before anything runs.
    fn check_against(&self, _planned: &Planned, _problems: &mut Problems) {}

    /// Whether it draws measured seconds: then it is not the same every time, and lies apart from those that are.
    fn measures_time(&self) -> bool {
        false
    }

    /// Draws it. `id` begins every id inside the picture.
    ///
    /// # Errors
    /// When what it is given does not suit it, which [`FigureKind::check_against`] would have said.
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError>;
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

/// Draws a figure as a run shows it: with the names that readers know ("unit 15 of layer 2" for `hidden2.post[15]`), with the
/// beginning of its caption below the headline where its kind says nothing there, and with its table's own words where it has
/// some.
///
/// # Errors
/// As for [`FigureKind::draw`].
pub fn draw(
    kind: &dyn FigureKind,
    common: Option<&Common>,
    id: &str,
    results: &Results,
) -> Result<Drawing, FigureError> {
    let mut drawing = kind.draw(id, results)?.packed();
    let figure = &mut drawing.figure;
    if figure.subtitle.is_empty() {
        figure.subtitle = helpers::words::beginning(&figure.caption).to_owned();
    }
    helpers::names::display_all(figure);
    if let Some(common) = common {
        common.apply(&mut drawing);
    }
    Ok(drawing)
}

impl Common {
    /// Puts the table's own words in place of the figure's.
    fn apply(&self, drawing: &mut Drawing) {
        if let Some(title) = &self.title {
            drawing.figure.title.clone_from(title);
        }
        if let Some(caption) = &self.caption {
            drawing.figure.caption.clone_from(caption);
        }
    }
}

/// Every kind of figure, by subject.
pub const REGISTRY: &[Category<dyn FigureKind>] = &[
    data::CATEGORY,
    fit::CATEGORY,
    geometry::CATEGORY,
    inputs::CATEGORY,
    learning::CATEGORY,
    predictions::CATEGORY,
    units::CATEGORY,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registry_is_complete() {
        registry::assert_categories(REGISTRY, |config, problems| config.check(problems));
    }
}
