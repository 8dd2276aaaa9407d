//! The gradient of a trained model's loss against differences, array by array: is what training follows really the slope?
//!
//! n = (L(w + h) − L(w − h))/2h for single weights, in f64, against a by the chain rule: ‖a − n‖/(‖a‖ + ‖n‖) over the chosen
//! places of an array (Stanford's CS231n notes on gradient checks state this measure). Once with a computed in f64, which shows
//! that the formulas are right, and once with a in f32 as training computes it, which shows that rounding does no harm. In f32
//! the differences themselves would be good to three digits only, so that they are always taken in f64.
//!
//! A difference across the kink of a ReLU is no derivative: such places are left out and counted.

use autograd::check::relative_error;
use registry::{Config, Problems, TrainRef};
use tensor::random::{Purpose, Stream};

use crate::{Analysis, AnalysisError, Metrics, Outcome, Planned, Results, Trained};

/// Numerical gradient check: how well the gradient of the loss by the chain rule agrees with differences, for each array of
/// parameters and for the input, in f64 and in f32. The run fails where a limit is exceeded.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GradientCheckConfig {
    /// The trained model.
    pub model: TrainRef,
    /// After how many epochs, of which it must keep a snapshot. Default: the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<usize>,
    /// Training samples the loss is taken of, evenly spread. Default 8.
    #[serde(default = "default_samples")]
    pub samples: usize,
    /// Places of each array that are compared, chosen at random; all where there are fewer. Default 100.
    #[serde(default = "default_places")]
    pub places: usize,
    /// The largest relative error allowed in f64. Default 1e-7.
    #[serde(default = "default_limit_f64")]
    pub limit_f64: f64,
    /// The largest relative error allowed in f32. Default 1e-3.
    #[serde(default = "default_limit_f32")]
    pub limit_f32: f64,
}

fn default_samples() -> usize {
    8
}

fn default_places() -> usize {
    100
}

/// Far above the rounding of differences, far below any mistake in a formula.
fn default_limit_f64() -> f64 {
    1e-7
}

/// Some thousand times f32's rounding: sums over many samples lose some digits.
fn default_limit_f32() -> f64 {
    1e-3
}

impl Config for GradientCheckConfig {
    const KIND: &str = "gradient_check";
    const EXAMPLE: &str = "model = \"deep\"\nsamples = 8";
}

/// How well gradients agree.
#[derive(Debug, Clone, PartialEq)]
pub struct GradientCheck {
    /// The model's name.
    pub model: String,
    /// After how many epochs.
    pub epoch: usize,
    /// How many samples the loss was taken of.
    pub samples: usize,
    /// The limits in f64 and in f32.
    pub limits: [f64; 2],
    /// The input `x` and every array of parameters.
    pub arrays: Vec<Checked>,
}

/// One array.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// Its name.
    pub name: String,
    /// How many places were compared.
    pub places: usize,
    /// How many were left out because of a kink.
    pub kinks: usize,
    /// ‖a − n‖/(‖a‖ + ‖n‖) in f64 and in f32.
    pub errors: [f64; 2],
}

impl Analysis for GradientCheckConfig {
    fn check(&self, problems: &mut Problems) {
        problems.require(self.samples > 0, "samples", || "expected at least 1 sample, found 0".into());
        problems.require(self.places > 0, "places", || "expected at least 1 place, found 0".into());
        for (path, limit) in [("limit_f64", self.limit_f64), ("limit_f32", self.limit_f32)] {
            problems.require(limit > 0.0 && limit <= 1.0, path, || {
                format!("expected a share above 0, up to 1, found {limit}")
            });
        }
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        problems.note("epoch", planned.model(&self.model).and_then(|model| model.needs_epoch(self.epoch)));
    }

    fn run(&self, stage: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let mut stream = results.streams().stream(stage, Purpose::Sample);
        let found = self.compare(trained, &mut stream)?;
        let exceeded = found.arrays.iter().flat_map(|array| {
            let sides = [("f64", 0), ("f32", 1)].into_iter();
            sides
                .filter(|(_, i)| array.errors[*i].is_nan() || array.errors[*i] > found.limits[*i])
                .map(move |side| (array, side))
        });
        match exceeded.into_iter().next() {
            None => Ok(Box::new(found)),
            Some((array, (precision, i))) => Err(AnalysisError::Gradient {
                name: format!("{} of {}", array.name, found.model),
                precision,
                error: array.errors[i],
                limit: found.limits[i],
            }),
        }
    }
}

impl GradientCheckConfig {
    fn compare(&self, trained: &Trained, stream: &mut Stream) -> Result<GradientCheck, AnalysisError> {
        let (epoch, model) = trained.model_after(self.epoch)?;
        let n = trained.data.train.n();
        let samples = self.samples.min(n);
        let data = trained.data.train.subset(&(0..samples).map(|i| i * n / samples).collect::<Vec<_>>());
        let found = model.check_gradient(&data, trained.fit.loss, &mut |n| choose(n, self.places, stream))?;
        let arrays = found.into_iter().map(|found| Checked {
            places: found.numeric.len(),
            kinks: found.kinks,
            errors: [&found.double, &found.single].map(|chain| relative_error(chain, &found.numeric)),
            name: found.name,
        });
        Ok(GradientCheck {
            model: trained.name.clone(),
            epoch,
            samples,
            limits: [self.limit_f64, self.limit_f32],
            arrays: arrays.collect(),
        })
    }
}

/// At most so many of n places, each once, ascending.
fn choose(n: usize, most: usize, stream: &mut Stream) -> Vec<usize> {
    let mut places: Vec<usize> = (0..n).collect();
    if n > most {
        // The first steps of Fisher and Yates' shuffle.
        for i in 0..most {
            places.swap(i, i + stream.below(n - i));
        }
        places.truncate(most);
        places.sort_unstable();
    }
    places
}

impl Outcome for GradientCheck {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        for (i, name) in ["largest_error_f64", "largest_error_f32"].into_iter().enumerate() {
            metrics.add(name, self.arrays.iter().map(|a| a.errors[i]).fold(0.0, f64::max));
        }
        for array in &self.arrays {
            let mut own = Metrics::default();
            own.add("places", array.places);
            own.add("kinks", array.kinks);
            own.add("error_f64", array.errors[0]);
            own.add("error_f32", array.errors[1]);
            metrics.add(&array.name, own);
        }
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::{Linear, Relu, Sigmoid};
    use tensor::random::Streams;

    fn config() -> GradientCheckConfig {
        toml::from_str("model = \"m\"").expect("parses")
    }

    #[test]
    fn gradients_of_smooth_and_of_bent_nets_agree() {
        let smooth = vec![Linear::new(2).into(), Sigmoid {}.into(), Linear::new(1).into()];
        let bent = vec![Linear::new(2).into(), Relu {}.into(), Linear::new(1).into()];
        for layers in [smooth, bent] {
            let parameters = [1.0, -1.0, 0.5, 0.75, 0.1, 0.2, -0.6, 0.8, 0.5];
            let found: GradientCheck = fixture::run(&config(), fixture::trained(layers, &parameters));
            let names: Vec<&str> = found.arrays.iter().map(|a| a.name.as_str()).collect();
            assert_eq!(names, ["x", "hidden1.weight", "hidden1.bias", "output.weight", "output.bias"]);
            assert_eq!(found.arrays.iter().map(|a| a.places).sum::<usize>(), 8 + 9);
            for array in &found.arrays {
                assert!(array.errors[0] < 1e-9 && array.errors[1] < 1e-5, "{array:?}");
                // An error of nothing at all would be no comparison.
                assert!(array.errors[1] > 0.0 || array.name == "output.bias", "{array:?}");
            }
        }
    }

    #[test]
    fn differences_across_a_kink_are_left_out_and_counted() {
        // Zero weights: every hidden unit lies on its kink, whichever of its weights or inputs is moved.
        let layers = vec![Linear::new(2).into(), Relu {}.into(), Linear::new(1).into()];
        let mut parameters = [0.0; 9];
        parameters[6..8].fill(1.0);
        let found: GradientCheck = fixture::run(&config(), fixture::trained(layers, &parameters));
        let kinks: Vec<(&str, usize, usize)> =
            found.arrays.iter().map(|a| (a.name.as_str(), a.places, a.kinks)).collect();
        // Moving the input of weights that are zero moves nothing.
        assert_eq!(
            kinks,
            [
                ("x", 8, 0),
                ("hidden1.weight", 0, 4),
                ("hidden1.bias", 0, 2),
                ("output.weight", 2, 0),
                ("output.bias", 1, 0)
            ]
        );
    }

    #[test]
    fn a_limit_that_is_exceeded_fails_the_run() {
        let trained = fixture::trained(vec![Linear::new(1).into()], &[1.0, 2.0, 3.0]);
        let config = GradientCheckConfig { limit_f32: 1e-12, ..config() };
        let error = fixture::failure(&config, trained);
        assert!(
            error.starts_with("the gradient with respect to x of m in f32 differs from differences by "),
            "{error}"
        );
        assert!(error.ends_with(", and 0.000000000001 is allowed"), "{error}");
    }

    #[test]
    fn places_are_chosen_once_each() {
        let mut stream = Streams::new(1).stream("s", Purpose::Sample);
        let places = choose(1000, 50, &mut stream);
        assert!(places.len() == 50 && places.windows(2).all(|p| p[0] < p[1]) && places[49] < 1000);
        assert_eq!(choose(3, 50, &mut stream), [0, 1, 2]);
    }
}
