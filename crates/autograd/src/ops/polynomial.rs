//! Polynomial features: all monomials of the inputs up to a total degree, without the constant.
//!
//! For two inputs and degree P: x, y, x², xy, y², x³, … — (P+1)(P+2)/2 − 1 of them. Each is an earlier one times one input,
//! y_j = y_parent(j) · x_variable(j), which is also how the derivative runs back: from the last monomial to the first,
//! dy_parent += dy_j · x_variable, dx_variable += dy_j · y_parent.

use tensor::Float;

use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, check::Case};

pub(crate) const INFO: Info =
    Info { name: "polynomial", formula: "all monomials of x up to a degree", examples: &[example, one_input] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[4, 2])?;
    case.graph.polynomial(x, 4)
}
fn one_input(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[4, 1])?;
    case.graph.polynomial(x, 3)
}

/// A monomial as an earlier one times a variable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Monomial {
    /// The earlier monomial, or none for the variable itself.
    pub parent: Option<usize>,
    /// Which input multiplies it.
    pub variable: usize,
}

/// All monomials of `inputs` variables with total degree 1…`degree`, by degree, then in lexical order (x², xy, y²).
pub fn monomials(inputs: usize, degree: usize) -> Vec<Monomial> {
    let mut list: Vec<Monomial> = (0..inputs).map(|variable| Monomial { parent: None, variable }).collect();
    let mut last_degree = 0..list.len();
    for _ in 1..degree {
        for parent in last_degree.clone() {
            // A monomial is multiplied by its own last variable or a later one only, so that each product comes once.
            list.extend(
                (list[parent].variable..inputs)
                    .map(|variable| Monomial { parent: Some(parent), variable })
                    .collect::<Vec<_>>(),
            );
        }
        last_degree = last_degree.end..list.len();
    }
    if degree == 0 { Vec::new() } else { list }
}

struct Polynomial<F> {
    inputs: usize,
    monomials: Vec<Monomial>,
    /// One row's gradient while it runs back.
    row: Vec<F>,
}

impl<F: Float> Op<F> for Polynomial<F> {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        for (x, y) in x[0].chunks_exact(self.inputs).zip(y.chunks_exact_mut(self.monomials.len())) {
            for (j, m) in self.monomials.iter().enumerate() {
                y[j] = match m.parent {
                    Some(parent) => y[parent] * x[m.variable],
                    None => x[m.variable],
                };
            }
        }
    }
    fn backward(&mut self, _: usize, Replayed { x, y, dy }: Replayed<'_, F>, dx: &mut [F]) {
        let n = self.monomials.len();
        dx.fill(F::ZERO);
        let rows = x[0].chunks_exact(self.inputs).zip(dx.chunks_exact_mut(self.inputs));
        for ((x, dx), (y, dy)) in rows.zip(y.chunks_exact(n).zip(dy.chunks_exact(n))) {
            self.row.copy_from_slice(dy);
            for (j, m) in self.monomials.iter().enumerate().rev() {
                let dy = self.row[j];
                match m.parent {
                    Some(parent) => {
                        self.row[parent] += dy * x[m.variable];
                        dx[m.variable] += dy * y[parent];
                    }
                    None => dx[m.variable] += dy,
                }
            }
        }
    }
}

impl<F: Float> Graph<F> {
    /// All monomials of the columns of `x` with total degree 1…`degree`, in the order of [`monomials`].
    ///
    /// # Errors
    /// When `x` is no matrix.
    pub fn polynomial(&mut self, x: Node, degree: usize) -> Result<Node, GraphError> {
        let [m, inputs] = self.matrix(INFO.name, x)?;
        let monomials = monomials(inputs, degree);
        let n = monomials.len();
        Ok(self.apply(Polynomial { inputs, monomials, row: vec![F::ZERO; n] }, &[x], &[m, n]))
    }
}
