//! What of a data set a trained model needs to be used on other samples: names, and what was done to the numbers.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::{Scaling, Splits, Targets};

/// What a model has to know of the data that it was trained on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Prepared {
    /// What the outputs are: the classes' names, in order, or those of the target's columns.
    pub outputs: Vec<String>,
    /// The names of the features as their source has them; none where samples have several axes.
    pub features: Vec<String>,
    /// What was done to the numbers.
    pub numbers: Numbers,
}

/// How the numbers of a source become those that a model takes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Numbers {
    /// They stay as they are.
    #[default]
    Plain,
    /// A pixel v, 0 to 255, becomes v·scale + offset in single precision. Kept in double precision, whose decimals are exact.
    Pixels {
        /// What one step is worth.
        scale: f64,
        /// What 0 becomes.
        offset: f64,
    },
    /// v becomes (v − shift) / scale in double precision, then rounded once: shift and scale of each feature, or `None` where it
    /// stays as it is; one for all where samples have several axes.
    Scaled(Vec<Option<[f64; 2]>>),
}

impl Prepared {
    /// That of a data set.
    pub fn of(splits: &Splits) -> Self {
        let train = &splits.train;
        let outputs = match &train.y {
            Targets::Classes { names, .. } => names.clone(),
            Targets::Values { columns, .. } => columns.clone(),
            Targets::None => Vec::new(),
        };
        let together = train.shape.len() > 1;
        let mut scaled = splits.scaled.iter().peekable();
        let mut features = Vec::new();
        let mut numbers = Vec::new();
        for name in train.feature_names.iter().filter(|_| !together) {
            // Features are scaled in their order, and named for it.
            let own = scaled.next_if(|scaled| {
                let suffix = name.strip_prefix(scaled.feature.as_str());
                suffix.is_some_and(|s| [Scaling::Standard, Scaling::Range].map(Scaling::suffix).contains(&s))
            });
            features.push(own.map_or_else(|| name.clone(), |scaled| scaled.feature.clone()));
            numbers.push(own.map(|scaled| [scaled.shift, scaled.scale]));
        }
        if together {
            numbers.extend(scaled.next().map(|all| Some([all.shift, all.scale])));
        }
        let numbers = match splits.pixels {
            Some(pixels) => Numbers::Pixels { scale: pixels.scale.into(), offset: pixels.offset.into() },
            None if numbers.iter().any(Option::is_some) => Numbers::Scaled(numbers),
            None => Numbers::Plain,
        };
        Self { outputs, features, numbers }
    }

    /// What does not fit a model of so many features and outputs, if anything.
    pub fn misfit(&self, features: usize, outputs: usize) -> Option<String> {
        let finite = |numbers: &[f64]| numbers.iter().all(|v| v.is_finite());
        let fine = match &self.numbers {
            Numbers::Plain => true,
            Numbers::Pixels { scale, offset } => finite(&[*scale, *offset]),
            Numbers::Scaled(list) => {
                [1, features].contains(&list.len()) && list.iter().flatten().all(|own| finite(own) && own[1] != 0.0)
            }
        };
        let named = |names: &[String], n| names.is_empty() || names.len() == n;
        match () {
            () if !fine => Some(format!("numbers that scale other samples than those of {features} features")),
            () if !named(&self.outputs, outputs) => Some(format!("{} names for {outputs} outputs", self.outputs.len())),
            () if !named(&self.features, features) => {
                Some(format!("{} names for {features} features", self.features.len()))
            }
            () => None,
        }
    }

    /// The numbers of a source (samples × features; of pictures 0 to 255) as the model takes them: with the bits of training.
    pub fn apply(&self, mut x: Array2<f32>) -> Array2<f32> {
        match &self.numbers {
            Numbers::Plain => {}
            Numbers::Pixels { scale, offset } => {
                let (scale, offset) = (*scale as f32, *offset as f32);
                x.mapv_inplace(|v| v * scale + offset);
            }
            Numbers::Scaled(list) => {
                for (feature, mut column) in x.columns_mut().into_iter().enumerate() {
                    let own = list.get(if list.len() == 1 { 0 } else { feature }).copied().flatten();
                    let Some([shift, scale]) = own else { continue };
                    column.mapv_inplace(|v| ((f64::from(v) - shift) / scale) as f32);
                }
            }
        }
        x
    }
}
