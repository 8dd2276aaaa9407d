//! Which parts of an input a score comes from, by several methods side by side.
//!
//! | method | of the score F at the input x, baseline x′ | where |
//! |---|---|---|
//! | gradient | ∂F/∂x | here |
//! | gradient × input | (x − x′) · ∂F/∂x | here |
//! | integrated gradients | (x − x′) · mean over the way from x′ to x of ∂F/∂x | `attribution/integrated.rs` |
//! | occlusion | mean of F(x) − F(x with a window at x′), over the windows that cover a pixel | `attribution/occlusion.rs` |
//! | SmoothGrad | mean of \|∂F/∂x\| over noisy copies of x | `attribution/smooth_grad.rs` |
//! | Grad-CAM | channels, each times the mean of ∂F/∂(the channel), added up, where that is above 0 | `attribution/grad_cam.rs` |

mod grad_cam;
mod integrated;
mod occlusion;
mod smooth_grad;

pub(crate) use occlusion::picture;

use models::{Loss, Model, Root};
use ndarray::Array2;
use registry::{Config, Problem, Problems, TrainRef};
use tensor::{Purpose, reduce::argmax};

use crate::{
    Analysis, AnalysisError, Metric, Metrics, Outcome, Planned, PlannedModel, Results,
    inputs::saliency::mean,
    predictions::classification::softmax,
    select::samples::{self, Chosen},
    select::{split::SplitSelector, units},
};

/// Divides a score among the features of an input, by up to six methods: the gradient, gradient × input, integrated gradients
/// (Sundararajan, Taly, Yan 2017), whose sum is checked against the difference of the scores that they explain, occlusion,
/// SmoothGrad (Smilkov and others 2017) and, of networks with convolutions, Grad-CAM (Selvaraju and others 2017).
///
/// Of a score F at the input x, with the baseline x′, a feature j gets: by the gradient ∂F/∂xⱼ; by gradient × input (xⱼ − x′ⱼ) ·
/// ∂F/∂xⱼ; by integrated gradients (xⱼ − x′ⱼ) · the mean of ∂F/∂xⱼ on the straight way from x′ to x; by occlusion the mean, over
/// all windows that cover j, of F(x) − F(x with the window at the baseline); by SmoothGrad the mean of |∂F/∂xⱼ| over noisy copies
/// of x. Grad-CAM adds up the channels of a layer, each times the mean of ∂F/∂(the channel) over its places, keeps what is above
/// 0 and enlarges that to the size of the input.
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
    /// "gradient", "gradient_times_input", "integrated_gradients", "occlusion", "smooth_grad", "grad_cam". Default: the first
    /// four.
    #[serde(default = "first_methods")]
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
    /// How many noisy copies of the input SmoothGrad looks at. Default 50.
    #[serde(default = "default_copies")]
    pub copies: usize,
    /// The standard deviation of their noise, as a share of the range of the input's numbers. Default 0.15.
    #[serde(default = "default_noise")]
    pub noise: f64,
    /// The node of channels that Grad-CAM adds up: `"conv2.post"`. Default: the last one that is no pooling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
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
    /// The mean of |∂F/∂x| over noisy copies of the input.
    SmoothGrad,
    /// The channels of a layer, each times the mean gradient of the score with respect to it, added up: where that is above 0.
    GradCam,
}

impl Method {
    /// Its name in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gradient => "gradient",
            Self::GradientTimesInput => "gradient × input",
            Self::IntegratedGradients => "integrated gradients",
            Self::Occlusion => "occlusion",
            Self::SmoothGrad => "smoothed gradient",
            Self::GradCam => "Grad-CAM",
        }
    }
}

fn first_methods() -> Vec<Method> {
    vec![Method::Gradient, Method::GradientTimesInput, Method::IntegratedGradients, Method::Occlusion]
}

fn default_steps() -> usize {
    64
}

fn default_window() -> usize {
    4
}

fn default_copies() -> usize {
    50
}

fn default_noise() -> f64 {
    0.15
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
    /// Copies of SmoothGrad, and their noise.
    pub smooth: (usize, f64),
    /// The node of Grad-CAM, where there is one.
    pub node: Option<String>,
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
    /// Of a classifier and one sample: the class that it is taken for, with which probability.
    pub prediction: Option<(String, f64)>,
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
        Ok(self.model.run(x).units(self.node)?.column(self.unit).to_vec())
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
        problems.require((1..=1000).contains(&self.copies), "copies", || {
            format!("expected 1 to 1000 copies, found {}", self.copies)
        });
        problems.require(self.noise > 0.0 && self.noise <= 1.0, "noise", || {
            format!("expected a share above 0 and up to 1, found {}", self.noise)
        });
        problems.require(self.node.is_none() || self.methods.contains(&Method::GradCam), "node", || {
            "this is for Grad-CAM, which is none of the methods; add \"grad_cam\" to them, or leave this out".into()
        });
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
        self.check_channels(model, problems);
    }

    fn run(&self, stage: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let model = &trained.fit.model;
        let (split, data) = trained.split(self.split)?;
        let own_score = units::scores(model);
        let channels = self.node.clone().or_else(|| grad_cam::last(&model.sample_shapes()));
        let mut noise = results.streams().stream(stage, Purpose::Noise);
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
                    Method::SmoothGrad => smooth_grad::magnitudes(&score, &x, self.copies, self.noise, &mut noise)?,
                    Method::GradCam => {
                        grad_cam::maps(&score, &x, &data.shape, channels.as_deref().unwrap_or_default())?
                    }
                };
                map.assign(&(found.sum_axis(ndarray::Axis(0)) / x.nrows() as f64));
            }
            let average = |values: Vec<f32>| values.iter().map(|v| f64::from(*v)).sum::<f64>() / values.len() as f64;
            let blank = Array2::from_elem((1, data.features()), score.baseline);
            let scores = [average(score.at(&x)?), average(score.at(&blank)?)];
            let unit = units::unit_name(&node, unit);
            let logits = model.run(&x).values(&own_score)?;
            let one =
                (trained.fit.loss == Loss::CrossEntropy && x.nrows() == 1).then(|| softmax(&logits.row(0).to_vec()));
            let prediction = one.zip(data.class_names()).map(|(probabilities, names)| {
                let class = argmax(&logits.row(0).to_vec());
                (names[class].clone(), probabilities[class])
            });
            let (words, x) = (picked.words, mean(&x).to_vec());
            samples.push(Explained { words, unit, prediction, x, scores, maps });
        }
        Ok(Box::new(Attribution {
            model: trained.name.clone(),
            methods: self.methods.clone(),
            baseline: self.baseline,
            steps: self.steps,
            window: if occlusion::picture(&data.shape).is_some() { self.window } else { 1 },
            smooth: (self.copies, self.noise),
            node: channels.filter(|_| self.methods.contains(&Method::GradCam)),
            shape: data.shape.clone(),
            features: data.feature_names.clone(),
            samples,
        }))
    }
}

impl AttributionConfig {
    /// Notes what keeps Grad-CAM from being made.
    fn check_channels(&self, model: &PlannedModel, problems: &mut Problems) {
        let Some(method) = self.methods.iter().position(|method| *method == Method::GradCam) else { return };
        // Layers that do not fit are told elsewhere.
        let Ok(nodes) = Model::node_shapes(&model.layers, &model.data.shape, model.loss.head()) else { return };
        let known: Vec<&str> = grad_cam::nodes(&nodes).map(String::as_str).collect();
        let explained = self.unit.as_deref().map_or("logits", |unit| unit.split('[').next().unwrap_or(unit).trim());
        let place = |name: &str| nodes.iter().position(|(node, _)| node == name).unwrap_or(nodes.len());
        match &self.node {
            _ if known.is_empty() => {
                let message = format!("Grad-CAM adds up the channels of a convolution, and {} has none", model.name);
                let problem = Problem::from(message).help("leave \"grad_cam\" out of the methods");
                problems.note(format!("methods[{method}]"), Some(problem));
            }
            Some(node) if !known.contains(&node.as_str()) => problems.add(
                "node",
                format!(
                    "expected a node of channels, found \"{node}\"; those of {} are {}",
                    model.name,
                    known.join(", ")
                ),
            ),
            node => {
                let node = node.clone().or_else(|| grad_cam::last(&nodes)).unwrap_or_default();
                problems.require(place(&node) < place(explained), if self.node.is_some() { "node" } else { "unit" }, || {
                    format!("Grad-CAM adds up channels that lead to the unit, and {node} does not come before {explained}")
                });
            }
        }
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
            if let Some((class, probability)) = &sample.prediction {
                own.add("predicted", class.as_str());
                own.add("probability", *probability);
            }
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
mod tests;
