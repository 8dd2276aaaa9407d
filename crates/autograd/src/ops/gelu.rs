//! Gaussian error linear unit.
//!
//! y = x Φ(x), Φ the standard normal distribution function; dx = dy · (Φ(x) + x φ(x)), φ its density. The exact form with erf,
//! not the tanh approximation.
//! Hendrycks, Gimpel, *Gaussian error linear units (GELUs)*, 2016.

use tensor::Float;

use crate::{Graph, GraphError, Info, Node, check::Case, unary::Unary};

pub(crate) const INFO: Info = Info { name: "gelu", formula: "x Φ(x)", examples: &[example] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[3, 5])?;
    Ok(case.graph.gelu(x))
}

#[derive(Clone, Copy)]
struct Gelu<F> {
    half: F,
    /// 1/√2
    sqrt_half: F,
    /// 1/√(2π)
    density_at_zero: F,
}

impl<F: Float> Gelu<F> {
    #[inline(always)]
    fn distribution(self, x: F) -> F {
        self.half * (F::ONE + (x * self.sqrt_half).erf())
    }
}

impl<F: Float> Unary<F> for Gelu<F> {
    const INFO: &'static Info = &INFO;
    #[inline(always)]
    fn value(self, x: F) -> F {
        x * self.distribution(x)
    }
    #[inline(always)]
    fn pull(self, x: F, _y: F, dy: F) -> F {
        let density = self.density_at_zero * (-self.half * x * x).exp();
        dy * (self.distribution(x) + x * density)
    }
}

impl<F: Float> Graph<F> {
    /// Gaussian error linear unit, x Φ(x).
    pub fn gelu(&mut self, x: Node) -> Node {
        let f = Gelu {
            half: F::from_f64(0.5),
            sqrt_half: F::from_f64(std::f64::consts::FRAC_1_SQRT_2),
            density_at_zero: F::from_f64(0.398_942_280_401_432_7),
        };
        self.unary(f, x)
    }
}
