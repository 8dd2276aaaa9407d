//! Everything that is trained, in one flat vector: graphs of several batch sizes share it, and an optimizer sees a
//! single slice. Behind it in the same vector lies what is kept from step to step without being trained, such as the running
//! statistics of a batch normalisation: whoever copies or saves all values has a whole model.

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

/// Named parameters with their gradients, and named states.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parameters<F = f32> {
    list: Vec<Parameter>,
    values: Vec<F>,
    gradients: Vec<F>,
    /// How many of the values are trained; states lie behind them.
    trained: usize,
}

impl<F: Float> Parameters<F> {
    /// None yet.
    pub fn new() -> Self {
        Self { list: Vec::new(), values: Vec::new(), gradients: Vec::new(), trained: 0 }
    }

    /// Adds an array of zeros.
    ///
    /// # Errors
    /// When the name is taken, or a state was added before.
    pub fn add(&mut self, name: &str, shape: &[usize]) -> Result<ParameterId, GraphError> {
        if self.trained < self.values.len() {
            return Err(GraphError::BehindStates { name: name.to_owned() });
        }
        let id = self.add_state(name, shape)?;
        self.trained = self.values.len();
        Ok(id)
    }

    /// Adds an array of zeros that is not trained: no gradient reaches it and no optimizer sees it. All parameters come first.
    ///
    /// # Errors
    /// When the name is taken.
    pub fn add_state(&mut self, name: &str, shape: &[usize]) -> Result<ParameterId, GraphError> {
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

    /// Names, shapes and places, in the order they were added: first the parameters, then the states.
    pub fn list(&self) -> &[Parameter] {
        &self.list
    }

    /// Names, shapes and places of what is trained.
    pub fn trained(&self) -> &[Parameter] {
        &self.list[..self.list.partition_point(|p| p.range.end <= self.trained)]
    }

    /// Whether an array is a state.
    pub fn is_state(&self, id: ParameterId) -> bool {
        id.0 >= self.trained().len()
    }

    /// Name, shape and place of one.
    pub fn parameter(&self, id: ParameterId) -> &Parameter {
        &self.list[id.0]
    }

    /// All values, those of states last.
    pub fn values(&self) -> &[F] {
        &self.values
    }

    /// All values, to be changed.
    pub fn values_mut(&mut self) -> &mut [F] {
        &mut self.values
    }

    /// All gradients, as the last backward replay left them; those of states are 0.
    pub fn gradients(&self) -> &[F] {
        &self.gradients
    }

    /// Values and gradients of what is trained, as an optimizer wants them.
    pub fn split_mut(&mut self) -> (&mut [F], &mut [F]) {
        (&mut self.values[..self.trained], &mut self.gradients[..self.trained])
    }

    /// All values and gradients, as a backward replay wants them.
    pub(crate) fn whole_mut(&mut self) -> (&[F], &mut [F]) {
        (&self.values, &mut self.gradients)
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

    /// How many numbers are trained.
    pub fn len(&self) -> usize {
        self.trained
    }

    /// Whether nothing is trained.
    pub fn is_empty(&self) -> bool {
        self.trained == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_lie_behind_what_is_trained() {
        let mut parameters = Parameters::<f32>::new();
        let weight = parameters.add("weight", &[2, 2]).expect("fresh");
        let mean = parameters.add_state("mean", &[3]).expect("fresh");
        assert_eq!(parameters.add("late", &[1]), Err(GraphError::BehindStates { name: "late".into() }));
        assert_eq!(parameters.add_state("mean", &[1]), Err(GraphError::NameTaken { name: "mean".into() }));
        assert!(parameters.is_state(mean) && !parameters.is_state(weight));
        assert_eq!((parameters.len(), parameters.values().len()), (4, 7));
        let (values, gradients) = parameters.split_mut();
        assert_eq!((values.len(), gradients.len()), (4, 4));
        assert_eq!((parameters.trained().len(), parameters.list().len()), (1, 2));
    }
}
