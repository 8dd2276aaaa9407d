//! What an operation is, and the two walks over the graph; between training steps a third visits the few operations that keep
//! something from step to step.

use std::ops::{Index, Range};

use tensor::Float;

use crate::{Graph, Info, Node, Parameters, graph::Kind};

/// Where an array lies.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Place {
    /// In the flat vector of parameters.
    Parameter(Range<usize>),
    /// In the graph's own memory.
    Value(Range<usize>),
}

/// One operation of a graph, holding its shapes and whatever scratch memory it needs.
pub trait Op<F: Float>: Send {
    /// Its line in the registry.
    fn info(&self) -> &'static Info;

    /// Writes every element of `y`.
    fn forward(&mut self, x: Inputs<'_, F>, y: &mut [F]);

    /// Writes every element of `dx` = ∂L/∂x for input `input`; what was in `dx` before means nothing.
    fn backward(&mut self, input: usize, at: Replayed<'_, F>, dx: &mut [F]);

    /// Which of its smooth pieces each element of `x` lies on, as a hash; the same everywhere for an operation without kinks.
    /// Between two points where it differs, a difference is no derivative.
    fn pieces(&self, _x: Inputs<'_, F>) -> u64 {
        0
    }

    /// Whether ∂y/∂x exists for that input; labels, for one, have none.
    fn differentiable(&self, _input: usize) -> bool {
        true
    }

    /// Whether it keeps something from step to step, so that [`Op::advance`] is called.
    fn advances(&self) -> bool {
        false
    }

    /// Ends a training step: draws the next mask, or writes running statistics. Replays without it repeat themselves.
    fn advance(&mut self, _states: States<'_, F>) {}

    /// Goes on as if so many more steps had ended; what lies among the states is put back by whoever kept it.
    fn skip(&mut self, _steps: u64) {}
}

/// The states among an operation's inputs, to be changed between steps.
pub struct States<'a, F> {
    values: &'a mut [F],
    places: &'a [Place],
}

impl<F> States<'_, F> {
    /// The state that is input `input`; empty where that input is no array of the parameters.
    pub fn input(&mut self, input: usize) -> &mut [F] {
        match &self.places[input] {
            Place::Parameter(range) => &mut self.values[range.clone()],
            Place::Value(_) => &mut [],
        }
    }
}

/// The inputs of an operation; `x[0]` is the first.
#[derive(Clone, Copy)]
pub struct Inputs<'a, F> {
    parameters: &'a [F],
    values: &'a [F],
    places: &'a [Place],
}

impl<F> Index<usize> for Inputs<'_, F> {
    type Output = [F];
    fn index(&self, i: usize) -> &[F] {
        match &self.places[i] {
            Place::Parameter(range) => &self.parameters[range.clone()],
            Place::Value(range) => &self.values[range.clone()],
        }
    }
}

/// What the backward rule may look at: the inputs, the output, and the gradient of the output.
#[derive(Clone, Copy)]
pub struct Replayed<'a, F> {
    /// The inputs.
    pub x: Inputs<'a, F>,
    /// The output.
    pub y: &'a [F],
    /// ∂L/∂y.
    pub dy: &'a [F],
}

/// One step of the backward walk: node `node` tells its input `input`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pull {
    pub node: usize,
    pub input: usize,
    /// Whether an earlier step wrote there already, so that this one adds.
    pub add: bool,
}

/// Where a hash begins: the offset basis of FNV-1a, of 64 bits.
pub(crate) const HASH_START: u64 = 0xcbf2_9ce4_8422_2325;

/// A hash with one more item, as FNV-1a has it.
pub(crate) fn hashed(hash: u64, item: u64) -> u64 {
    (hash ^ item).wrapping_mul(0x0000_0100_0000_01b3)
}

impl<F: Float> Graph<F> {
    /// Computes every node from the inputs and the parameters.
    pub fn forward(&mut self, parameters: &Parameters<F>) {
        self.replay(0, parameters);
    }

    /// Computes again every node behind `node`, from the values that it and those before it have: what is enough where only
    /// inputs behind it were written.
    pub fn forward_after(&mut self, node: Node, parameters: &Parameters<F>) {
        self.replay(node.0 + 1, parameters);
    }

    fn replay(&mut self, first: usize, parameters: &Parameters<F>) {
        let values = &mut self.values[self.start..];
        for entry in &mut self.entries[first..] {
            let (Kind::Op(op), Place::Value(range)) = (&mut entry.kind, &entry.place) else { continue };
            let (before, rest) = values.split_at_mut(range.start);
            let x = Inputs { parameters: parameters.values(), values: before, places: &entry.inputs };
            op.forward(x, &mut rest[..range.len()]);
        }
    }

    /// A hash of the smooth pieces that all operations are on, as the last forward replay left them.
    pub fn pieces(&self, parameters: &Parameters<F>) -> u64 {
        let values = &self.values[self.start..];
        self.entries.iter().fold(HASH_START, |hash, entry| match &entry.kind {
            Kind::Op(op) => {
                hashed(hash, op.pieces(Inputs { parameters: parameters.values(), values, places: &entry.inputs }))
            }
            _ => hash,
        })
    }

    /// Computes the gradient of the node given to [`Graph::differentiate`] (summed over its elements) with respect to every
    /// parameter and node it depends on.
    pub fn backward(&mut self, parameters: &mut Parameters<F>) {
        if let Some(root) = self.root {
            self.gradient_mut(root).fill(F::ONE);
        }
        self.backward_seeded(parameters);
    }

    /// As [`Graph::backward`], starting from the gradient that the caller has written to the root by [`Graph::gradient_mut`].
    pub fn backward_seeded(&mut self, parameters: &mut Parameters<F>) {
        let (values, gradients) = parameters.whole_mut();
        self.pull(values, gradients);
    }

    /// As [`Graph::backward_seeded`], after [`Graph::differentiate_towards`]: no parameter's gradient is asked for.
    pub fn backward_to_nodes(&mut self, parameters: &Parameters<F>) {
        self.pull(parameters.values(), &mut []);
    }

    fn pull(&mut self, parameter_values: &[F], parameter_gradients: &mut [F]) {
        let values = &self.values[self.start..];
        let gradients = &mut self.gradients[self.start_gradients..];
        for pull in &self.pulls {
            let entry = &mut self.entries[pull.node];
            // Only operations with a place in the graph's memory are ever planned.
            let (Kind::Op(op), Place::Value(range)) = (&mut entry.kind, &entry.place) else { continue };
            let (before, rest) = gradients.split_at_mut(range.start);
            let dx = match &entry.inputs[pull.input] {
                Place::Parameter(range) => &mut parameter_gradients[range.clone()],
                Place::Value(range) => &mut before[range.clone()],
            };
            let at = Replayed {
                x: Inputs { parameters: parameter_values, values, places: &entry.inputs },
                y: &values[range.clone()],
                dy: &rest[..range.len()],
            };
            if pull.add {
                let more = &mut self.scratch[..dx.len()];
                op.backward(pull.input, at, more);
                tensor::map::update(dx, [], more, |sum, [], more| (sum + more, []));
            } else {
                op.backward(pull.input, at, dx);
            }
        }
    }

    /// Goes on as if so many more training steps had ended: what a run that is taken up again does, besides putting back the
    /// parameters and states.
    pub fn skip(&mut self, steps: u64) {
        for &node in &self.advancing {
            if let Kind::Op(op) = &mut self.entries[node].kind {
                op.skip(steps);
            }
        }
    }

    /// Ends a training step, where some operation keeps something from step to step: a dropout draws its next mask, a batch
    /// normalisation writes its running statistics to the states. Until then replays repeat themselves.
    pub fn advance(&mut self, parameters: &mut Parameters<F>) {
        for &node in &self.advancing {
            let entry = &mut self.entries[node];
            if let Kind::Op(op) = &mut entry.kind {
                op.advance(States { values: parameters.values_mut(), places: &entry.inputs });
            }
        }
    }
}
