//! Intervention: keep units between bounds that may change between replays.
//!
//! y = min(max(x, low), high), one pair of bounds per element of the last axis; dx = dy where low ≤ x ≤ high, else 0. The bounds
//! are input nodes `<name of x>.low` and `.high`, −∞ and ∞ until they are written; low = high pins a unit.

use tensor::Float;

use crate::{Graph, GraphError, Info, Node, broadcast::Binary, check::Case};

pub(crate) const INFO: Info = Info { name: "clamp", formula: "min(max(x, low), high)", examples: &[example] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable_away_from(&[4, 3], &[-0.5, 0.0, 0.5])?;
    let y = case.graph.clamp(x)?;
    let x = case.graph.name_of(x).to_owned();
    let (low, high) = (case.graph.node(&format!("{x}.low"))?, case.graph.node(&format!("{x}.high"))?);
    case.graph.value_mut(low).copy_from_slice(&[-0.5, 0.0, 0.5]);
    case.graph.value_mut(high).copy_from_slice(&[0.5, f64::INFINITY, 0.5]);
    Ok(y)
}

/// min(x, high), after max(x, low): two operations, so that each stays a function of two numbers.
#[derive(Clone, Copy)]
struct AtMost;
#[derive(Clone, Copy)]
struct AtLeast;

impl<F: Float> Binary<F> for AtLeast {
    const INFO: &'static Info = &INFO;
    #[inline(always)]
    fn value(self, x: F, low: F) -> F {
        if x < low { low } else { x }
    }
    #[inline(always)]
    fn pull_left(self, x: F, low: F, dy: F) -> F {
        if x < low { F::ZERO } else { dy }
    }
    #[inline(always)]
    fn pull_right(self, x: F, low: F, dy: F) -> F {
        if x < low { dy } else { F::ZERO }
    }
}

impl<F: Float> Binary<F> for AtMost {
    const INFO: &'static Info = &INFO;
    #[inline(always)]
    fn value(self, x: F, high: F) -> F {
        if x > high { high } else { x }
    }
    #[inline(always)]
    fn pull_left(self, x: F, high: F, dy: F) -> F {
        if x > high { F::ZERO } else { dy }
    }
    #[inline(always)]
    fn pull_right(self, x: F, high: F, dy: F) -> F {
        if x > high { dy } else { F::ZERO }
    }
}

impl<F: Float> Graph<F> {
    /// Keeps each unit (element of the last axis) between bounds held by the new inputs `<name of x>.low` and `.high`.
    ///
    /// # Errors
    /// When one of those names is taken.
    pub fn clamp(&mut self, x: Node) -> Result<Node, GraphError> {
        let low = self.per_unit(x, "low", F::NEG_INFINITY)?;
        let high = self.per_unit(x, "high", F::INFINITY)?;
        let raised = self.binary(AtLeast, x, low)?;
        self.binary(AtMost, raised, high)
    }
}
