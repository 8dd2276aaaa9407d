//! Which parts of an input a score comes from, by several methods side by side.
//!
//! | method | of the score F at the input x, baseline x′ | where |
//! |---|---|---|
//! | gradient | ∂F/∂x | here |
//! | gradient × input | (x − x′) · ∂F/∂x | here |
//! | integrated gradients | (x − x′) · mean over the way from x′ to x of ∂F/∂x | `attribution/integrated.rs` |
//! | occlusion | mean of F(x) − F(x with a window at x′), over the windows that cover a pixel | `attribution/occlusion.rs` |

mod integrated;
mod occlusion;

use models::{Model, Root};
use ndarray::Array2;
use registry::{Config, Problem, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metric, Metrics, Outcome, Planned, Results,
    inputs::saliency::mean,
    select::samples::{self, Chosen},
    select::{split::SplitSelector, units},
};

/// Divides a score among the features of an input, by up to four methods: the gradient, gradient × input, integrated gradients
/// (Sundararajan, Taly, Yan 2017), whose sum is checked against the difference of the scores that they explain, and occlusion.
///
/// Of a score F at the input x, with the baseline x′, a feature j gets: by the gradient ∂F/∂xⱼ; by gradient × input (xⱼ − x′ⱼ) ·
/// ∂F/∂xⱼ; by integrated gradients (xⱼ − x′ⱼ) · the mean of ∂F/∂xⱼ on the straight way from x′ to x; by occlusion the mean, over
/// all windows that cover j, of F(x) − F(x with the window at the baseline).
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributionConfig {
    /// The trained model.
    pub model: TrainRef,
    /// The samples to explain, each one as `{ index = 7 }`, `{ first_of = "3" }` or, on average, `{ all_of = "3" }`.
    pub samples: Vec<Chosen>,
    /// The unit whose value is explained: `"logits[3]"`, `"hidden2.pre[14]"`. Default: the score of the sample's own class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// "gradient", "gradient_times_input", "integrated_gradients", "occlusion". Default: all.
    #[serde(default = "all_methods")]
    pub methods: Vec<Method>,
    /// What a feature is that is not there: x′ of gradient × input and of integrated gradients, and what occlusion covers with.
    /// Default 0: black, for pictures.
    #[serde(default)]
    pub baseline: f64,
    /// Points on the way from the baseline to the input at which integrated gradients are taken. Default 64.
    #[serde(default = "default_steps")]
    pub steps: usize,
    /// Pixels along the side of the window that occlusion covers, at every place where it fits: a pixel's number is the mean over
    /// the windows that cover it. Inputs that are no pictures lose one feature at a time. Default 4.
    #[serde(default = "default_window")]
    pub window: usize,
    /// The split of the model's data.
    #[serde(default)]
    pub split: SplitSelector,
}

/// A way to divide a score among features.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// ∂F/∂x.
    Gradient,
    /// (x − x′) · ∂F/∂x: the input is measured from the baseline x′.
    GradientTimesInput,
    /// The mean gradient on the way from the baseline, times the way.
    IntegratedGradients,
    /// What the score loses when a window of the input is set to the baseline: of each feature the mean over all windows that
    /// cover it.
    Occlusion,
}

impl Method {
    /// Its name in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gradient => "gradient",
            Self::GradientTimesInput => "gradient × input",
            Self::IntegratedGradients => "integrated gradients",
            Self::Occlusion => "occlusion",
        }
    }
}

fn all_methods() -> Vec<Method> {
    vec![Method::Gradient, Method::GradientTimesInput, Method::IntegratedGradients, Method::Occlusion]
}

fn default_steps() -> usize {
    64
}

fn default_window() -> usize {
    4
}

impl Config for AttributionConfig {
    const KIND: &str = "attribution";
    const EXAMPLE: &str =
        "model = \"mlp\"\nsamples = [{ first_of = \"3\" }, { index = 7 }]\nmethods = [\"integrated_gradients\"]";
}

/// Scores, divided among features.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// The model's name.
    pub model: String,
    /// The methods, in the order of the maps.
    pub methods: Vec<Method>,
    /// What a missing feature is.
    pub baseline: f64,
    /// Points of integrated gradients.
    pub steps: usize,
    /// Side of occlusion's window, 1 where features are covered one by one.
    pub window: usize,
    /// The shape of a sample.
    pub shape: Vec<usize>,
    /// A name for each feature.
    pub features: Vec<String>,
    /// One by one.
    pub samples: Vec<Explained>,
}

/// One sample's score, divided.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The sample, in words.
    pub words: String,
    /// The unit whose value is explained.
    pub unit: String,
    /// The input; of several, their mean.
    pub x: Vec<f32>,
    /// F(x), and F at the baseline.
    pub scores: [f64; 2],
    /// methods × features.
    pub maps: Array2<f64>,
}

impl Explained {
    /// Σ over the features of a method's map.
    pub fn sum(&self, method: usize) -> f64 {
        self.maps.row(method).sum()
    }

    /// F(x) − F(x′).
    pub fn difference(&self) -> f64 {
        self.scores[0] - self.scores[1]
    }
}

/// What a method explains: a unit of a model, against a baseline.
pub(crate) struct Score<'a> {
    model: &'a Model,
    node: &'a str,
    unit: usize,
    baseline: f32,
}

impl Score<'_> {
    /// F of each row.
    fn at(&self, x: &Array2<f32>) -> Result<Vec<f32>, AnalysisError> {
        Ok(self.model.run(x).values(self.node)?.column(self.unit).to_vec())
    }

    /// ∂F/∂x of each row.
    fn gradient(&self, x: &Array2<f32>) -> Result<Array2<f32>, AnalysisError> {
        let run = self.model.run(x).gradient_of(Root::Unit(self.node, self.unit));
        Ok(run.read(["x"])?.readings.remove(0).gradients)
    }
}

/// As many replays as a picture of 64 × 64 has windows are made at most.
const MOST_FEATURES: usize = 4096;

impl Analysis for AttributionConfig {
    fn check(&self, problems: &mut Problems) {
        problems.require(!self.samples.is_empty(), "samples", || "expected at least one sample".into());
        self.samples.iter().enumerate().for_each(|(i, s)| s.check(&format!("samples[{i}]"), problems));
        problems.require(!self.methods.is_empty(), "methods", || "expected at least one method".into());
        for (i, method) in self.methods.iter().enumerate() {
            problems.require(!self.methods[..i].contains(method), format!("methods[{i}]"), || {
                format!("the {} is named twice", method.name())
            });
        }
        problems.require(self.baseline.is_finite(), "baseline", || "expected a number".into());
        problems.require((1..=10_000).contains(&self.steps), "steps", || {
            format!("expected 1 to 10000 steps, found {}", self.steps)
        });
        problems.require(self.window > 0, "window", || "expected a window of at least 1 pixel, found 0".into());
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = self.split.of(&self.model, planned, problems) else { return };
        for (i, sample) in self.samples.iter().enumerate() {
            sample.check_against(&format!("samples[{i}]"), model, self.split, problems);
        }
        let name_it = |message| Problem::from(message).help("name the unit to explain: unit = \"output[0]\"");
        match &self.unit {
            Some(unit) => problems.note("unit", model.unknown_unit(unit)),
            None => problems.note("model", model.needs_classes().map(name_it)),
        };
        let shape = &model.data.shape;
        if let Some([_, height, width]) = occlusion::picture(shape)
            && self.methods.contains(&Method::Occlusion)
        {
            problems.require(self.window <= height.min(width), "window", || {
                format!("a window of {0} × {0} does not fit into pictures of {height} × {width}", self.window)
            });
        }
        problems.note("model", model.needs_few_features(MOST_FEATURES));
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let model = &trained.fit.model;
        let (split, data) = trained.split(self.split)?;
        let own_score = units::scores(model);
        let mut samples = Vec::new();
        for chosen in &self.samples {
            let picked = chosen.pick(data, split)?;
            let x = picked.rows(data);
            let (node, unit) = match &self.unit {
                Some(unit) => units::find_one(unit, model)?,
                // Samples picked together are of one class.
                None => (own_score.clone(), samples::classes(data)?.0[picked.indices[0]] as usize),
            };
            let score = Score { model, node: &node, unit, baseline: self.baseline as f32 };
            let mut maps = Array2::zeros((self.methods.len(), data.features()));
            for (mut map, method) in maps.rows_mut().into_iter().zip(&self.methods) {
                let found = match method {
                    Method::Gradient => score.gradient(&x)?.mapv(f64::from),
                    Method::GradientTimesInput => {
                        let gradient = score.gradient(&x)?;
                        let product = |(g, v): (&f32, &f32)| f64::from(*g) * f64::from(*v - score.baseline);
                        let products: Vec<f64> = gradient.iter().zip(&x).map(product).collect();
                        // As many as the gradient has.
                        Array2::from_shape_vec(x.dim(), products).unwrap_or_default()
                    }
                    Method::IntegratedGradients => integrated::gradients(&score, &x, self.steps)?,
                    Method::Occlusion => occlusion::drops(&score, &x, &data.shape, self.window)?,
                };
                map.assign(&(found.sum_axis(ndarray::Axis(0)) / x.nrows() as f64));
            }
            let average = |values: Vec<f32>| values.iter().map(|v| f64::from(*v)).sum::<f64>() / values.len() as f64;
            let blank = Array2::from_elem((1, data.features()), score.baseline);
            let scores = [average(score.at(&x)?), average(score.at(&blank)?)];
            let unit = units::unit_name(&node, unit);
            samples.push(Explained { words: picked.words, unit, x: mean(&x).to_vec(), scores, maps });
        }
        Ok(Box::new(Attribution {
            model: trained.name.clone(),
            methods: self.methods.clone(),
            baseline: self.baseline,
            steps: self.steps,
            window: if occlusion::picture(&data.shape).is_some() { self.window } else { 1 },
            shape: data.shape.clone(),
            features: data.feature_names.clone(),
            samples,
        }))
    }
}

/// Integrated gradients are called complete where their sum misses the difference of scores by at most this share of it.
pub const COMPLETE: f64 = 0.01;

impl Outcome for Attribution {
    fn metrics(&self) -> Metrics {
        let of = |sample: &Explained| {
            let mut own = Metrics::default();
            own.add("sample", sample.words.as_str());
            own.add("unit", sample.unit.as_str());
            own.add("score", sample.scores[0]);
            own.add("score_at_baseline", sample.scores[1]);
            own.add("difference", sample.difference());
            if let Some(i) = self.methods.iter().position(|m| *m == Method::IntegratedGradients) {
                let gap = sample.sum(i) - sample.difference();
                own.add("integrated_gradients_sum", sample.sum(i));
                own.add("completeness_gap", gap);
                let complete = gap.abs() <= COMPLETE * sample.difference().abs();
                own.add("complete", if complete { "yes" } else { "no: take more steps" });
            }
            own
        };
        let mut metrics = Metrics::default();
        metrics.add("samples", Metric::from(self.samples.iter().map(of).collect::<Vec<_>>()));
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::{Flatten, Linear};

    fn config(samples: Vec<Chosen>) -> AttributionConfig {
        let methods = all_methods();
        AttributionConfig {
            model: TrainRef("m".into()),
            samples,
            unit: None,
            methods,
            baseline: 0.0,
            steps: 64,
            window: 2,
            split: SplitSelector::default(),
        }
    }

    #[test]
    fn all_methods_agree_on_a_line() {
        // F = w·x + b: every method that multiplies by the input gives wᵢ xᵢ, and occlusion of single features too.
        let trained = fixture::classifier(&[2], vec![Linear::new(3).into()]);
        let weights = trained.fit.model.parameters.values().to_vec();
        let found: Attribution = fixture::run(&config(vec![Chosen::index(4)]), trained);
        let sample = &found.samples[0];
        assert_eq!((sample.unit.as_str(), found.window), ("logits[1]", 1));
        for j in 0..2 {
            let w = f64::from(weights[j * 3 + 1]);
            assert_eq!(sample.maps[[0, j]], w);
            for method in 1..4 {
                let expected = w * f64::from(sample.x[j]);
                assert!((sample.maps[[method, j]] - expected).abs() < 1e-5, "{method}");
            }
        }
    }

    #[test]
    fn the_input_is_measured_from_the_baseline() {
        // F = w·x + b with x′ = ½: gradient × input and integrated gradients give wᵢ (xᵢ − ½), and so does occlusion.
        let trained = fixture::classifier(&[2], vec![Linear::new(3).into()]);
        let weights = trained.fit.model.parameters.values().to_vec();
        let half = AttributionConfig { baseline: 0.5, ..config(vec![Chosen::index(4)]) };
        let found: Attribution = fixture::run(&half, trained);
        let sample = &found.samples[0];
        for j in 0..2 {
            let expected = f64::from(weights[j * 3 + 1]) * (f64::from(sample.x[j]) - 0.5);
            assert!((1..4).all(|method| (sample.maps[[method, j]] - expected).abs() < 1e-5), "{j}");
        }
    }

    #[test]
    fn integrated_gradients_add_up_on_either_model() {
        for (shape, layers) in [(&[2][..], fixture::tanh_layers()), (&[1, 3, 4][..], fixture::relu_layers())] {
            let all = Chosen { all_of: Some("c".into()), ..Chosen::default() };
            let found: Attribution =
                fixture::run(&config(vec![Chosen::index(3), all]), fixture::classifier(shape, layers));
            for sample in &found.samples {
                let gap = sample.sum(2) - sample.difference();
                assert!(gap.abs() < 0.02 * sample.difference().abs() + 1e-4, "{gap} of {}", sample.difference());
            }
            assert!(found.samples[1].words.starts_with("the 20 training samples of class c"));
        }
    }

    #[test]
    fn windows_of_a_linear_picture_drop_what_they_cover() {
        let layers = vec![Flatten {}.into(), Linear::new(3).into()];
        let trained = fixture::classifier(&[1, 3, 4], layers);
        let weights = trained.fit.model.parameters.values().to_vec();
        let found: Attribution = fixture::run(&config(vec![Chosen::index(0)]), trained);
        let sample = &found.samples[0];
        let term = |r: usize, c: usize| f64::from(weights[(r * 4 + c) * 3]) * f64::from(sample.x[r * 4 + c]);
        let window = |r: usize, c: usize| term(r, c) + term(r, c + 1) + term(r + 1, c) + term(r + 1, c + 1);
        // A corner is covered by one window, its neighbour by two.
        assert!((sample.maps[[3, 0]] - window(0, 0)).abs() < 1e-5);
        assert!((sample.maps[[3, 1]] - (window(0, 0) + window(0, 1)) / 2.0).abs() < 1e-5);
        assert!((sample.maps[[3, 11]] - window(1, 2)).abs() < 1e-5);
    }
}
