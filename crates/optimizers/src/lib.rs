//! Optimizers, one file each, and learning-rate schedules; sees parameters and gradients, never layers.
//!
//! An optimizer reads one flat slice of gradients g and changes one flat slice of parameters w in place; what it remembers
//! between steps (momentum, second moments) lies in slices of the same length, allocated once. In a pipeline file an optimizer is
//! written as
//! `optimizer = { adam = { lr = 0.01 } }`, and the rate over time as `schedule = { cosine = { to = 0.1 } }`.
//!
//! ```
//! use optimizers::{OptimizerConfig, Schedule, sgd::Sgd};
//!
//! let config = OptimizerConfig::Sgd(Sgd { lr: 0.5, weight_decay: 0.0 });
//! let mut optimizer = config.build(2);
//! let (mut w, g) = ([1.0, -2.0], [1.0, -2.0]);
//! optimizer.step(&mut w, &g, config.lr() * Schedule::Constant.factor(0, 1, 10));
//! assert_eq!(w, [0.5, -1.0]);
//! ```
//!
//! A new optimizer is one file like [`sgd`] and one line in the `optimizers!` list below.

mod checks;
mod moments;
mod schedule;

pub use schedule::{Cosine, SCHEDULES, Schedule, ScheduleInfo, Step, Warmup};

use registry::{Config, Entry, Problems};

/// An optimizer: its constants and what it remembers between steps.
pub trait Optimizer: Send {
    /// The optimizer's name in pipeline files.
    fn name(&self) -> &'static str;

    /// One update of the parameters `w` along the gradient `g` of the loss, with learning rate `lr` (the config's rate times
    /// the schedule's factor). All slices have the length the optimizer was built for. Allocates nothing.
    fn step(&mut self, w: &mut [f32], g: &[f32], lr: f64);

    /// What the optimizer remembers, by name (`v`, `m`), each as long as the parameters; in a fixed order.
    fn state(&self) -> Vec<(&'static str, &[f32])>;

    /// Puts back what [`Optimizer::state`] gave after `steps` steps, in the same order, so that training goes on bit for bit.
    ///
    /// # Errors
    /// If the number of slices or their lengths are not this optimizer's.
    fn restore(&mut self, state: &[&[f32]], steps: u64) -> Result<(), StateError>;
}

/// The settings of one kind of optimizer: what a file in this crate provides.
pub trait OptimizerKind: std::fmt::Debug {
    /// Notes every number out of range, with its path below the optimizer's own table (`lr`).
    fn check(&self, _problems: &mut Problems) {}
    /// The optimizer with its state at zero, for `n_parameters` parameters.
    fn build(&self, n_parameters: usize) -> Box<dyn Optimizer>;
    /// The learning rate before any schedule.
    fn lr(&self) -> f64;
}

/// A saved state that does not fit the optimizer it is given to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Another number of slices than the optimizer keeps.
    #[error("{optimizer}: {found} state arrays given, {expected} expected")]
    Count {
        /// The optimizer's name.
        optimizer: &'static str,
        /// How many were given.
        found: usize,
        /// How many the optimizer keeps.
        expected: usize,
    },
    /// A slice of another length than the parameters.
    #[error("{optimizer}: a state array has {found} elements, the parameters {expected}")]
    Length {
        /// The optimizer's name.
        optimizer: &'static str,
        /// Length of the slice given.
        found: usize,
        /// Number of parameters.
        expected: usize,
    },
}

/// One line per optimizer: module, config struct, which is also the variant's name.
macro_rules! optimizers {
    ($($module:ident :: $config:ident,)*) => {
        $(pub mod $module;)*

        /// The optimizer of a training run: one key, the optimizer's name, and its settings:
        /// `{ adam = { lr = 0.01 } }`.
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "snake_case")]
        #[schemars(extend("x-group" = "optimizer"))]
        pub enum OptimizerConfig {
            $(#[doc = concat!("See [`", stringify!($module), "`].")] $config($module::$config),)*
        }

        impl OptimizerConfig {
            /// The config of the optimizer that was chosen.
            pub fn kind(&self) -> &dyn OptimizerKind {
                match self { $(Self::$config(config) => config,)* }
            }

            /// The optimizer's name in pipeline files.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$config(_) => $module::$config::KIND,)* }
            }
        }

        $(impl From<$module::$config> for OptimizerConfig {
            fn from(config: $module::$config) -> Self {
                Self::$config(config)
            }
        })*

        /// Every optimizer, in the order `list` shows them.
        pub const REGISTRY: &[Entry<dyn OptimizerKind>] = &[$(registry::entry!($module::$config => dyn OptimizerKind),)*];
    };
}

optimizers! {
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
        self.kind().check(&mut own);
        for problem in own.into_vec() {
            let path = format!("{}.{}", self.name(), problem.path);
            match problem.help {
                Some(help) => problems.add_with_help(path, problem.message, help),
                None => problems.add(path, problem.message),
            }
        }
    }

    /// The optimizer with its state at zero, for `n_parameters` parameters.
    pub fn build(&self, n_parameters: usize) -> Box<dyn Optimizer> {
        self.kind().build(n_parameters)
    }

    /// The learning rate before any schedule.
    pub fn lr(&self) -> f64 {
        self.kind().lr()
    }
}

#[cfg(test)]
mod tests;
