//! Everything that is trained, in one flat vector: graphs of several batch sizes share it, and an update rule sees a
//! single slice.

use std::ops::Range;

use tensor::{Float, shape::size};

use crate::GraphError;

/// Which parameter of a [`Parameters`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParameterId(pub(crate) usize);

/// One named array among the parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Dotted name: `hidden1.weight`.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Where it lies in the flat vector.
    pub range: Range<usize>,
}

/// Named parameters with their gradients.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parameters<F = f32> {
    list: Vec<Parameter>,
    values: Vec<F>,
    gradients: Vec<F>,
}

impl<F: Float> Parameters<F> {
    /// None yet.
    pub fn new() -> Self {
        Self { list: Vec::new(), values: Vec::new(), gradients: Vec::new() }
    }

    /// Adds an array of zeros.
    ///
    /// # Errors
    /// When the name is taken.
    pub fn add(&mut self, name: &str, shape: &[usize]) -> Result<ParameterId, GraphError> {
        if self.find(name).is_some() {
            return Err(GraphError::NameTaken { name: name.to_owned() });
        }
        let start = self.values.len();
        let range = start..start + size(shape);
        self.values.resize(range.end, F::ZERO);
        self.gradients.resize(range.end, F::ZERO);
        self.list.push(Parameter { name: name.to_owned(), shape: shape.to_vec(), range });
        Ok(ParameterId(self.list.len() - 1))
    }

    /// The parameter of this name.
    pub fn find(&self, name: &str) -> Option<ParameterId> {
        self.list.iter().position(|p| p.name == name).map(ParameterId)
    }

    /// Names, shapes and places, in the order they were added.
    pub fn list(&self) -> &[Parameter] {
        &self.list
    }

    /// Name, shape and place of one.
    pub fn parameter(&self, id: ParameterId) -> &Parameter {
        &self.list[id.0]
    }

    /// All values.
    pub fn values(&self) -> &[F] {
        &self.values
    }

    /// All values, to be changed.
    pub fn values_mut(&mut self) -> &mut [F] {
        &mut self.values
    }

    /// All gradients, as the last backward replay left them.
    pub fn gradients(&self) -> &[F] {
        &self.gradients
    }

    /// Values and gradients together, as an update rule or a backward replay wants them.
    pub fn split_mut(&mut self) -> (&mut [F], &mut [F]) {
        (&mut self.values, &mut self.gradients)
    }

    /// The values of one.
    pub fn value(&self, id: ParameterId) -> &[F] {
        &self.values[self.list[id.0].range.clone()]
    }

    /// The values of one, to be changed.
    pub fn value_mut(&mut self, id: ParameterId) -> &mut [F] {
        &mut self.values[self.list[id.0].range.clone()]
    }

    /// The gradient of one.
    pub fn gradient(&self, id: ParameterId) -> &[F] {
        &self.gradients[self.list[id.0].range.clone()]
    }

    /// How many numbers in all.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}
