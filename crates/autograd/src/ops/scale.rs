//! Intervention: multiply units by factors that may change between replays.
//!
//! y = x · factor, one factor per element of the last axis; dx = dy · factor. The factors are an input node called
//! `<name of x>.factor`, 1 until they are written; 0 ablates a unit.

use tensor::Float;

use crate::{Graph, GraphError, Info, Node, broadcast::Binary, check::Case};

pub(crate) const INFO: Info = Info { name: "scale", formula: "x · factor", examples: &[example] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[4, 3])?;
    let y = case.graph.scale(x)?;
    let factor = case.graph.node(&format!("{}.factor", case.graph.name_of(x)))?;
    case.graph.value_mut(factor).copy_from_slice(&[0.0, 1.0, 2.5]);
    Ok(y)
}

#[derive(Clone, Copy)]
struct Scale;

impl<F: Float> Binary<F> for Scale {
    const INFO: &'static Info = &INFO;
    #[inline(always)]
    fn value(self, x: F, factor: F) -> F {
        x * factor
    }
    #[inline(always)]
    fn pull_left(self, _x: F, factor: F, dy: F) -> F {
        dy * factor
    }
    #[inline(always)]
    fn pull_right(self, x: F, _factor: F, dy: F) -> F {
        dy * x
    }
}

impl<F: Float> Graph<F> {
    /// Multiplies each unit (element of the last axis) by a factor of its own, held by the new input `<name of x>.factor`.
    ///
    /// # Errors
    /// When that name is taken.
    pub fn scale(&mut self, x: Node) -> Result<Node, GraphError> {
        let factor = self.per_unit(x, "factor", F::ONE)?;
        self.binary(Scale, x, factor)
    }

    /// A new input `<name of x>.<suffix>`, one number per element of the last axis.
    pub(super) fn per_unit(&mut self, x: Node, suffix: &str, value: F) -> Result<Node, GraphError> {
        let units = self.shape(x).last().copied().unwrap_or(1);
        let node = self.input(&format!("{}.{suffix}", self.name_of(x)), &[units])?;
        self.value_mut(node).fill(value);
        Ok(node)
    }
}
