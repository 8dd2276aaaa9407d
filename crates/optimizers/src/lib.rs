//! Update rules, one file each, and learning-rate schedules; sees parameters and gradients, never layers.
//!
//! A rule reads one flat slice of gradients g and changes one flat slice of parameters w in place; what it remembers between
//! steps (momentum, second moments) lies in slices of the same length, allocated once. In a pipeline file a rule is written as
//! `optimizer = { adam = { lr = 0.01 } }`, and the rate over time as `schedule = { cosine = { to = 0.1 } }`.
//!
//! ```
//! use optimizers::{OptimizerConfig, Rule, Schedule, sgd::Sgd};
//!
//! let config = OptimizerConfig::Sgd(Sgd { lr: 0.5, weight_decay: 0.0 });
//! let mut optimizer = config.build(2);
//! let (mut w, g) = ([1.0, -2.0], [1.0, -2.0]);
//! optimizer.step(&mut w, &g, config.lr() * Schedule::Constant.factor(0, 1, 10));
//! assert_eq!(w, [0.5, -1.0]);
//! ```
//!
//! A new rule is one file like [`sgd`] and one line in the `rules!` list below.

mod checks;
mod moments;
mod schedule;

pub use schedule::{Cosine, SCHEDULES, Schedule, ScheduleInfo, Step, Warmup};

use registry::{Config, Entry, Problems};

/// A rule at work: its constants and what it remembers between steps.
pub trait Rule: Send {
    /// The rule's name in pipeline files.
    fn name(&self) -> &'static str;

    /// One update of the parameters `w` along the gradient `g` of the loss, with learning rate `lr` (the config's rate times
    /// the schedule's factor). All slices have the length the rule was built for. Allocates nothing.
    fn step(&mut self, w: &mut [f32], g: &[f32], lr: f64);

    /// What the rule remembers, by name (`v`, `m`), each as long as the parameters; in a fixed order.
    fn state(&self) -> Vec<(&'static str, &[f32])>;

    /// Puts back what [`Rule::state`] gave after `steps` steps, in the same order, so that training goes on bit for bit.
    ///
    /// # Errors
    /// If the number of slices or their lengths are not this rule's.
    fn restore(&mut self, state: &[&[f32]], steps: u64) -> Result<(), StateError>;
}

/// A rule at work, behind one pointer.
pub type Optimizer = Box<dyn Rule>;

/// The config of one rule: what a file in this crate provides.
pub trait RuleConfig: std::fmt::Debug {
    /// Notes every number out of range, with its path below the rule's own table (`lr`).
    fn check(&self, problems: &mut Problems);
    /// The rule with its state at zero, for `n_parameters` parameters.
    fn build(&self, n_parameters: usize) -> Optimizer;
    /// The learning rate before any schedule.
    fn lr(&self) -> f64;
}

/// A saved state that does not fit the rule it is given to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Another number of slices than the rule keeps.
    #[error("{rule}: {found} state arrays given, {expected} expected")]
    Count {
        /// The rule's name.
        rule: &'static str,
        /// How many were given.
        found: usize,
        /// How many the rule keeps.
        expected: usize,
    },
    /// A slice of another length than the parameters.
    #[error("{rule}: a state array has {found} elements, the parameters {expected}")]
    Length {
        /// The rule's name.
        rule: &'static str,
        /// Length of the slice given.
        found: usize,
        /// Number of parameters.
        expected: usize,
    },
}

/// One line per rule: module, config struct, which is also the variant's name.
macro_rules! rules {
    ($($module:ident :: $config:ident,)*) => {
        $(pub mod $module;)*

        /// The update rule of a training run: one key, the rule's name, and its settings:
        /// `{ adam = { lr = 0.01 } }`.
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "snake_case")]
        #[schemars(extend("x-group" = "optimizer"))]
        pub enum OptimizerConfig {
            $(#[doc = concat!("See [`", stringify!($module), "`].")] $config($module::$config),)*
        }

        impl OptimizerConfig {
            /// The config of the rule that was chosen.
            pub fn rule(&self) -> &dyn RuleConfig {
                match self { $(Self::$config(config) => config,)* }
            }

            /// The rule's name in pipeline files.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$config(_) => $module::$config::KIND,)* }
            }
        }

        /// Every rule, in the order `list` shows them.
        pub const REGISTRY: &[Entry<dyn RuleConfig>] = &[$(registry::entry!($module::$config => dyn RuleConfig),)*];
    };
}

rules! {
    sgd::Sgd,
    momentum::Momentum,
    nesterov::Nesterov,
    rmsprop::Rmsprop,
    adam::Adam,
    adamw::Adamw,
}

impl OptimizerConfig {
    /// Notes every number out of range, with its path below `optimizer` (`adam.lr`).
    pub fn check(&self, problems: &mut Problems) {
        let mut own = Problems::default();
        self.rule().check(&mut own);
        for problem in own.into_vec() {
            let path = format!("{}.{}", self.name(), problem.path);
            match problem.help {
                Some(help) => problems.add_with_help(path, problem.message, help),
                None => problems.add(path, problem.message),
            }
        }
    }

    /// The rule with its state at zero, for `n_parameters` parameters.
    pub fn build(&self, n_parameters: usize) -> Optimizer {
        self.rule().build(n_parameters)
    }

    /// The learning rate before any schedule.
    pub fn lr(&self) -> f64 {
        self.rule().lr()
    }
}

#[cfg(test)]
mod tests;
