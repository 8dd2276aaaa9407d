//! Features brought to one scale, by numbers that are fitted on the training split and then hold for every split.
//!
//! A feature v becomes (v − shift) / scale, computed in f64 and rounded once to f32. By mean and standard deviation (of the
//! training samples as a whole population, as in scikit-learn's `StandardScaler`): shift = mean, scale = deviation. By range (as
//! in its `MinMaxScaler`): shift = smallest, scale = largest − smallest. A feature that is constant in the training split has
//! scale 1.
//!
//! Features of very different scales that nobody scales draw a warning ([`warn`]): where the largest standard deviation of a
//! feature is more than [`RATIO`] times the smallest, constant features not counted. A step of gradient descent moves a weight in
//! proportion to its feature, so that the directions of the loss then differ by that ratio squared, here 10⁴.

use crate::{DataError, Dataset, Split, Splits};
use ndarray::{Array2, ArrayView1};
use registry::Problems;

/// The ratio of standard deviations above which features without `normalize` draw a warning.
pub const RATIO: f64 = 100.0;

/// How features are brought to one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// As they are.
    None,
    /// Mean 0 and standard deviation 1 in the training split.
    Standard,
    /// From 0 to 1 in the training split.
    Range,
}

/// The numbers by which one feature was scaled: v becomes (v − shift) / scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaled {
    /// The feature as its source names it.
    pub feature: String,
    /// The mean, or the smallest value, of the training split.
    pub shift: f64,
    /// The standard deviation, or the largest value minus the smallest, of the training split; 1 where that is 0.
    pub scale: f64,
}

impl Scaling {
    /// What follows the name of a feature that is scaled, so that axes say what they show.
    pub fn suffix(self) -> &'static str {
        match self {
            Scaling::None => "",
            Scaling::Standard => " (standardised)",
            Scaling::Range => " (0 to 1)",
        }
    }

    /// Scales every split by numbers fitted on the training split, and notes these. Features that `kept` names stay as they are;
    /// where samples have several axes, as pictures do, all their numbers are scaled alike.
    ///
    /// # Errors
    /// If a number of a split would leave the range of f32.
    pub fn finish(self, splits: &mut Splits, kept: impl Fn(&str) -> bool) -> Result<(), DataError> {
        if self == Scaling::None {
            return Ok(());
        }
        let train = &splits.train;
        let names = &train.feature_names;
        let fitted: Vec<Option<Scaled>> = if train.shape.len() > 1 {
            let all = train.x.as_slice().unwrap_or_default();
            vec![Some(self.fit("all".into(), ArrayView1::from(all))); names.len()]
        } else {
            let named = |name: &str| name.strip_suffix(self.suffix()).unwrap_or(name).to_owned();
            let fit = |(name, x): (&String, _)| (!kept(name)).then(|| self.fit(named(name), x));
            names.iter().zip(train.x.columns()).map(fit).collect()
        };
        let together = train.shape.len() > 1;
        for split in Split::ALL {
            if let Some(data) = splits.get_mut(split) {
                data.x = apply(data, &fitted, split)?.into();
            }
        }
        splits.scaled = fitted.into_iter().flatten().take(if together { 1 } else { usize::MAX }).collect();
        Ok(())
    }

    fn fit(self, feature: String, x: ArrayView1<'_, f32>) -> Scaled {
        let Moments { mean, deviation, least, most } = Moments::of(x);
        let (shift, scale) = match self {
            Scaling::Range => (least, most - least),
            Scaling::None | Scaling::Standard => (mean, deviation),
        };
        // A constant has no scale, and whether its rounded deviation is 0 is chance.
        if least == most { Scaled { feature, shift: least, scale: 1.0 } } else { Scaled { feature, shift, scale } }
    }
}

/// Mean, standard deviation and ends of a feature.
struct Moments {
    mean: f64,
    deviation: f64,
    least: f64,
    most: f64,
}

impl Moments {
    /// Sums in order, in f64.
    fn of(x: ArrayView1<'_, f32>) -> Self {
        let n = x.len() as f64;
        let values = || x.iter().map(|&v| f64::from(v));
        let mean = values().sum::<f64>() / n;
        let variance = values().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
        let least = values().fold(f64::INFINITY, f64::min);
        let most = values().fold(f64::NEG_INFINITY, f64::max);
        Moments { mean, deviation: variance.sqrt(), least, most }
    }
}

fn apply(data: &Dataset, fitted: &[Option<Scaled>], split: Split) -> Result<Array2<f32>, DataError> {
    let mut x = (*data.x).clone();
    for (mut column, fitted) in x.columns_mut().into_iter().zip(fitted) {
        let Some(Scaled { feature, shift, scale }) = fitted else { continue };
        column.mapv_inplace(|v| ((f64::from(v) - shift) / scale) as f32);
        if column.iter().any(|v| !v.is_finite()) {
            return Err(DataError::Unscalable { feature: feature.clone(), split: split.name(), scale: *scale });
        }
    }
    Ok(x)
}

/// Warns at `normalize` if the features in these columns (name and values) have very different scales, by the rule of [`RATIO`].
pub fn warn<'a>(features: impl IntoIterator<Item = (&'a str, ArrayView1<'a, f32>)>, problems: &mut Problems) {
    let spread = |(name, x): (&'a str, _)| {
        let Moments { deviation, least, most, .. } = Moments::of(x);
        (least < most).then_some((deviation, name))
    };
    let mut spreads: Vec<(f64, &str)> = features.into_iter().filter_map(spread).collect();
    spreads.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (Some((least, small)), Some((most, large))) = (spreads.first(), spreads.last()) else { return };
    if *most <= RATIO * least {
        return;
    }
    let message = format!(
        "feature `{large}` varies {} times as much as `{small}` (standard deviations {} and {}): training follows the one \
         and hardly sees the other",
        rounded(most / least),
        rounded(*most),
        rounded(*least)
    );
    let help = "`normalize = \"standard\"` gives each feature mean 0 and standard deviation 1 on the training split, \
                `normalize = \"range\"` 0 to 1; `normalize = \"none\"` says that they are to stay as they are";
    problems.add_with_help("normalize", message, help);
}

/// Three significant digits.
fn rounded(x: f64) -> String {
    let scientific = format!("{x:.2e}");
    let value: f64 = scientific.parse().unwrap_or(x);
    if (1e-3..1e7).contains(&value) { format!("{value}") } else { scientific }
}

#[cfg(test)]
#[path = "scaling_tests.rs"]
mod tests;
