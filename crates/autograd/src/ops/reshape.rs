//! The same numbers in another shape.
//!
//! y = x, row-major order kept; dx = dy. Data is not copied: its other shape is a view of the same memory.

use tensor::{Float, shape::size};

use crate::{Graph, GraphError, Info, Inputs, Node, Op, Replayed, check::Case};

pub(crate) const INFO: Info = Info { name: "reshape", formula: "x in another shape", examples: &[example] };

fn example(case: &mut Case) -> Result<Node, GraphError> {
    let x = case.variable(&[2, 6])?;
    case.graph.reshape(x, &[3, 2, 2])
}

struct Reshape;

impl<F: Float> Op<F> for Reshape {
    fn info(&self) -> &'static Info {
        &INFO
    }
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]) {
        y.copy_from_slice(&x[0]);
    }
    fn backward(&mut self, _: usize, at: Replayed<'_, F>, dx: &mut [F]) {
        dx.copy_from_slice(at.dy);
    }
}

impl<F: Float> Graph<F> {
    /// The same numbers in another shape of the same size.
    ///
    /// # Errors
    /// When the sizes differ.
    pub fn reshape(&mut self, x: Node, shape: &[usize]) -> Result<Node, GraphError> {
        if size(self.shape(x)) != size(shape) {
            let (from, to) = (self.shape(x).to_vec(), shape.to_vec());
            return Err(GraphError::Reshape { name: self.name_of(x).to_owned(), from, to });
        }
        if !self.wants_gradient(x) {
            return Ok(self.view(x, shape));
        }
        Ok(self.apply(Reshape, &[x], shape))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Parameters;

    #[test]
    fn data_is_not_copied() {
        let (mut graph, parameters) = (Graph::<f32>::new(), Parameters::new());
        let x = graph.input("x", &[2, 3]).expect("a free name");
        let y = graph.reshape(x, &[3, 2]).expect("the same size");
        let z = graph.relu(y);
        graph.value_mut(x).copy_from_slice(&[1.0, -2.0, 3.0, -4.0, 5.0, -6.0]);
        assert_eq!(graph.value(y), graph.value(x));
        graph.forward(&parameters);
        assert_eq!((graph.shape(z), graph.value(z)), (&[3, 2][..], &[1.0, 0.0, 3.0, 0.0, 5.0, 0.0][..]));
    }
}
