//! Intervention: put other values in place of units, by a mask that may change between replays.
//!
//! y = x where keep ≠ 0, else fill; dx = dy where kept, else 0. Mask and filling are input nodes `<name of x>.keep` (1 until
//! written) and `<name of x>.fill` (0 until written), one number per element of the last axis: mean ablation writes the units'
//! means there.

use tensor::Float;

use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, check::Case};

pub(crate) const INFO: Info = Info { name: "mask", formula: "x where keep, else fill", examples: &[example] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[4, 3])?;
    let y = case.graph.mask(x)?;
    let x = case.graph.name_of(x).to_owned();
    let (keep, fill) = (case.graph.node(&format!("{x}.keep"))?, case.graph.node(&format!("{x}.fill"))?);
    case.graph.value_mut(keep).copy_from_slice(&[1.0, 0.0, 1.0]);
    case.graph.value_mut(fill).copy_from_slice(&[7.0, 8.0, 9.0]);
    Ok(y)
}

struct Mask {
    units: usize,
}

impl<F: Float> Op<F> for Mask {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        let (keep, fill) = (&x[1], &x[2]);
        for (x, y) in x[0].chunks_exact(self.units).zip(y.chunks_exact_mut(self.units)) {
            for i in 0..self.units {
                y[i] = if keep[i] == F::ZERO { fill[i] } else { x[i] };
            }
        }
    }
    fn backward(&mut self, _: usize, Replayed { x, dy, .. }: Replayed<'_, F>, dx: &mut [F]) {
        for (dy, dx) in dy.chunks_exact(self.units).zip(dx.chunks_exact_mut(self.units)) {
            for i in 0..self.units {
                dx[i] = if x[1][i] == F::ZERO { F::ZERO } else { dy[i] };
            }
        }
    }
    fn differentiable(&self, input: usize) -> bool {
        input == 0
    }
}

impl<F: Float> Graph<F> {
    /// Replaces units (elements of the last axis) by the values of the new input `<name of x>.fill` where the new input
    /// `<name of x>.keep` is 0.
    ///
    /// # Errors
    /// When one of those names is taken, or `x` is empty along its last axis.
    pub fn mask(&mut self, x: Node) -> Result<Node, GraphError> {
        let units = super::rows::Rows::of(self, INFO.name, x)?.classes;
        let (keep, fill) = (self.per_unit(x, "keep", F::ONE)?, self.per_unit(x, "fill", F::ZERO)?);
        let shape = self.shape(x).to_vec();
        Ok(self.apply(Mask { units }, &[x, keep, fill], &shape))
    }
}
