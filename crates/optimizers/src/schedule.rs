//! Learning-rate schedules: the factor that multiplies an optimizer's `lr` at each step.
//!
//! Lengths are in epochs, so that a schedule means the same whatever the batch size; cosine and warm-up move with every step
//! inside an epoch. With s the step (from 0), E the steps per epoch and N the epochs:
//!
//! | schedule | factor |
//! |---|---|
//! | constant | 1 |
//! | step | factor^⌊⌊s/E⌋ / every⌋ |
//! | cosine | to + (1 − to)(1 + cos(π s/(E·N)))/2 |
//! | warm-up | (s + 1)/(E·epochs) for s < E·epochs, then `then` on the steps that are left |

use registry::Problems;
use tensor::Float;

/// How the learning rate changes over training: `"constant"` (the default), `{ step = { every = 100 } }`,
/// `{ cosine = { to = 0.1 } }` or `{ warmup = { epochs = 5, then = { cosine = {} } } }`.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(extend("x-group" = "schedule"))]
pub enum Schedule {
    /// The learning rate stays as it is.
    #[default]
    Constant,
    /// The rate drops by a factor every so many epochs.
    Step(Step),
    /// The rate falls along half a cosine wave until the last step.
    Cosine(Cosine),
    /// The rate rises linearly over the first epochs, then follows another schedule.
    Warmup(Warmup),
}

/// A schedule's line in the registry.
#[derive(Debug, Clone, Copy)]
pub struct ScheduleInfo {
    /// The name in pipeline files.
    pub kind: &'static str,
    /// An example, as it is written after `schedule =`.
    pub example: &'static str,
    /// JSON schema of its settings.
    pub schema: fn() -> schemars::Schema,
}

/// Every schedule.
pub const SCHEDULES: &[ScheduleInfo] = &[
    ScheduleInfo {
        kind: "constant",
        example: "\"constant\"",
        schema: || schemars::json_schema!({ "description": "The learning rate stays as it is." }),
    },
    ScheduleInfo {
        kind: "step",
        example: "{ step = { every = 100, factor = 0.5 } }",
        schema: registry::schema_of::<Step>,
    },
    ScheduleInfo { kind: "cosine", example: "{ cosine = { to = 0.1 } }", schema: registry::schema_of::<Cosine> },
    ScheduleInfo {
        kind: "warmup",
        example: "{ warmup = { epochs = 5, then = { cosine = {} } } }",
        schema: registry::schema_of::<Warmup>,
    },
];

/// The rate is multiplied by `factor` every `every` epochs.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Epochs between two drops, at least 1.
    pub every: usize,
    /// What the rate is multiplied by at each drop, above 0 and at most 1. Default 0.1.
    #[serde(default = "default_factor")]
    pub factor: f64,
}

fn default_factor() -> f64 {
    0.1
}

/// Half a cosine wave from the full rate down to `to` of it (Loshchilov & Hutter 2017, "SGDR", equation 5, without restarts).
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cosine {
    /// The fraction of the rate that the wave falls to, 0 ≤ to ≤ 1. Default 0.
    #[serde(default)]
    pub to: f64,
}

/// A linear rise to the full rate (Goyal et al. 2017, section 2.2), then another schedule over the epochs that are left.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Warmup {
    /// Length of the rise in epochs, at least 1 and below the number of epochs.
    pub epochs: usize,
    /// What follows the rise. Default `"constant"`.
    #[serde(default)]
    pub then: Box<Schedule>,
}

impl Schedule {
    /// What to multiply the learning rate by at `step` (counted from 0 over the whole training) of `epochs` epochs of
    /// `steps_per_epoch` steps. Past the end it stays at its last value.
    pub fn factor(&self, step: usize, steps_per_epoch: usize, epochs: usize) -> f64 {
        let steps_per_epoch = steps_per_epoch.max(1);
        let total = steps_per_epoch.saturating_mul(epochs).max(1);
        let step = step.min(total);
        match self {
            Schedule::Constant => 1.0,
            Schedule::Step(Step { every, factor }) => {
                // More drops than i32 counts end at the same 0 (or at 1, where the factor is 1).
                let drops = i32::try_from(step / steps_per_epoch / every.max(&1)).unwrap_or(i32::MAX);
                Float::powi(*factor, drops)
            }
            Schedule::Cosine(Cosine { to }) => {
                let angle = std::f64::consts::PI * (step as f64 / total as f64);
                to + (1.0 - to) * (0.5 + 0.5 * Float::cos(angle))
            }
            Schedule::Warmup(Warmup { epochs: rise, then }) => {
                let rise_steps = rise.saturating_mul(steps_per_epoch);
                if step < rise_steps {
                    (step + 1) as f64 / rise_steps as f64
                } else {
                    then.factor(step - rise_steps, steps_per_epoch, epochs.saturating_sub(*rise))
                }
            }
        }
    }

    /// Whether the rate of a step depends on how many epochs there are.
    pub fn knows_its_end(&self) -> bool {
        match self {
            Schedule::Constant | Schedule::Step(_) => false,
            Schedule::Cosine(_) => true,
            Schedule::Warmup(Warmup { then, .. }) => then.knows_its_end(),
        }
    }

    /// Notes every number out of range for a training of `epochs` epochs, with its path below `schedule`
    /// (`warmup.epochs`).
    pub fn check(&self, epochs: usize, problems: &mut Problems) {
        self.check_below("", epochs, problems);
    }

    fn check_below(&self, path: &str, epochs: usize, problems: &mut Problems) {
        match self {
            Schedule::Constant => {}
            Schedule::Step(Step { every, factor }) => {
                problems.require(*every > 0, format!("{path}step.every"), || {
                    "the rate drops every 0 epochs, expected at least 1".into()
                });
                problems.require(*factor > 0.0 && *factor <= 1.0, format!("{path}step.factor"), || {
                    format!("factor is {factor}, expected 0 < factor ≤ 1")
                });
            }
            Schedule::Cosine(Cosine { to }) => {
                problems.require((0.0..=1.0).contains(to), format!("{path}cosine.to"), || {
                    format!("to is {to}, expected a fraction of the learning rate, 0 ≤ to ≤ 1")
                });
            }
            Schedule::Warmup(Warmup { epochs: rise, then }) => {
                problems.require(*rise > 0 && *rise < epochs, format!("{path}warmup.epochs"), || {
                    format!(
                        "a warm-up of {rise} epochs in a training of {epochs}, expected at least 1 and fewer than all"
                    )
                });
                then.check_below(&format!("{path}warmup.then."), epochs.saturating_sub(*rise), problems);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Schedule, toml::de::Error> {
        serde::Deserialize::deserialize(toml::de::ValueDeserializer::parse(text)?)
    }

    fn check(text: &str, steps_per_epoch: usize, epochs: usize, factors: &[(usize, f64)]) {
        let schedule = parse(text).unwrap();
        for &(step, expected) in factors {
            let factor = schedule.factor(step, steps_per_epoch, epochs);
            assert!((factor - expected).abs() < 1e-15, "{text} at step {step}: {factor}, expected {expected}");
        }
    }

    #[test]
    fn factors_are_the_formulas() {
        check("\"constant\"", 10, 5, &[(0, 1.0), (49, 1.0), (1000, 1.0)]);
        check(
            "{ step = { every = 2, factor = 0.5 } }",
            10,
            5,
            &[(0, 1.0), (19, 1.0), (20, 0.5), (39, 0.5), (40, 0.25)],
        );
        check("{ step = { every = 1 } }", 1, 4, &[(0, 1.0), (1, 0.1), (2, 0.01), (3, 0.001)]);
        // cos 0, π/3, π/2, π
        check("{ cosine = { to = 0.2 } }", 2, 6, &[(0, 1.0), (4, 0.8), (6, 0.6), (12, 0.2), (99, 0.2)]);
        check("{ warmup = { epochs = 2 } }", 2, 6, &[(0, 0.25), (1, 0.5), (3, 1.0), (4, 1.0), (11, 1.0)]);
        check(
            "{ warmup = { epochs = 1, then = { cosine = {} } } }",
            4,
            3,
            &[(0, 0.25), (3, 1.0), (4, 1.0), (8, 0.5), (12, 0.0)],
        );
    }

    #[test]
    fn follows_pytorch() {
        // torch.optim.lr_scheduler.CosineAnnealingLR(T_max=10, eta_min=0) on lr=1, PyTorch 2.15.0, float64
        let expected = [1.0, 0.9755282581475768, 0.9045084971874737, 0.7938926261462366, 0.6545084971874737, 0.5];
        let factors: Vec<_> = expected.into_iter().enumerate().collect();
        check("{ cosine = {} }", 1, 10, &factors);
    }

    #[test]
    fn empty_trainings_divide_by_nothing() {
        for text in ["\"constant\"", "{ step = { every = 1 } }", "{ cosine = {} }", "{ warmup = { epochs = 1 } }"] {
            let factor = parse(text).unwrap().factor(0, 0, 0);
            assert!(factor.is_finite(), "{text}: {factor}");
        }
    }

    #[test]
    fn impossible_numbers_are_named() {
        for (text, path) in [
            ("{ step = { every = 0 } }", "step.every"),
            ("{ step = { every = 1, factor = -0.5 } }", "step.factor"),
            ("{ step = { every = 1, factor = nan } }", "step.factor"),
            ("{ cosine = { to = 1.5 } }", "cosine.to"),
            ("{ warmup = { epochs = 10 } }", "warmup.epochs"),
            ("{ warmup = { epochs = 2, then = { cosine = { to = -1.0 } } } }", "warmup.then.cosine.to"),
        ] {
            let mut problems = Problems::default();
            parse(text).unwrap().check(10, &mut problems);
            let paths: Vec<_> = problems.into_vec().into_iter().map(|p| p.path).collect();
            assert_eq!(paths, [path], "{text}");
        }
    }

    #[test]
    fn every_schedule_has_its_line() {
        let variants = registry::schema_of::<Schedule>().to_value()["oneOf"].as_array().map_or(0, Vec::len);
        assert_eq!(SCHEDULES.len(), variants);
        for info in SCHEDULES {
            let parsed = parse(info.example).unwrap();
            parsed.check(10_000, &mut Problems::default());
            let name = toml::Value::try_from(&parsed).unwrap();
            assert!(
                name.as_str().or(name.as_table().and_then(|t| t.keys().next().map(String::as_str))) == Some(info.kind)
            );
            let schema = (info.schema)().to_value();
            assert!(schema["description"].as_str().is_some_and(|d| !d.is_empty()), "{}", info.kind);
        }
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(parse("{ cosine = { too = 0.1 } }").unwrap_err().message().contains("too"));
        assert!(parse("{ cosin = {} }").unwrap_err().message().contains("cosine"));
    }
}
