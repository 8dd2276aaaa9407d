//! A change of some units of a node, as an operation of the graph.

use std::collections::BTreeSet;

use autograd::{Graph, GraphError, Node};
use ndarray::ArrayView1;
use tensor::shape::size;

use crate::Units;

/// A change of some units of one node, of channels at all of their places. See [`Units`].
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    pub(super) node: String,
    pub(super) change: Change,
    /// The units, and the numbers that the operation has for each.
    pub(super) units: Vec<(usize, [f32; 2])>,
    /// All that the node gives for another input, where the units take over that.
    other: Option<Vec<f32>>,
}

/// What is done, in the order in which it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    /// Times the first number; the second means nothing.
    Scale,
    /// At least the first, at most the second.
    Clamp,
    /// As it is where the first is not 0, else the second.
    Set,
}

impl Patch {
    /// Multiplies units by factors.
    pub fn scale(node: &str, units: &[(usize, f32)]) -> Self {
        Self::of(node, Change::Scale, units.iter().map(|(unit, factor)| (*unit, [*factor, 0.0])))
    }

    /// Keeps units between two bounds, the lower one first.
    pub fn clamp(node: &str, units: &[(usize, [f32; 2])]) -> Self {
        Self::of(node, Change::Clamp, units.iter().copied())
    }

    /// Holds units at numbers, whatever the input; at 0, they are ablated.
    pub fn set(node: &str, units: &[(usize, f32)]) -> Self {
        Self::of(node, Change::Set, units.iter().map(|(unit, value)| (*unit, [0.0, *value])))
    }

    /// Holds units at what they give for another input: `values` are all of the node's there, a row of a
    /// [`Reading`](super::Reading).
    ///
    /// # Panics
    /// When the node gives other numbers than these many: once it is run.
    pub fn transplant(node: &str, units: &[usize], values: ArrayView1<'_, f32>) -> Self {
        let patch = Self::of(node, Change::Set, units.iter().map(|unit| (*unit, [0.0; 2])));
        Self { other: Some(values.to_vec()), ..patch }
    }

    fn of(node: &str, change: Change, units: impl Iterator<Item = (usize, [f32; 2])>) -> Self {
        Self { node: node.to_owned(), change, units: units.collect(), other: None }
    }

    /// What is written for each number of a sample that changes: the number's place, and the operation's numbers there.
    pub(super) fn numbers(&self, units: Units) -> impl Iterator<Item = (usize, [f32; 2])> {
        self.units.iter().flat_map(move |(unit, numbers)| {
            let at = move |place: usize| self.other.as_ref().map_or(*numbers, |other| [0.0, other[place]]);
            units.numbers(*unit).map(move |place| (place, at(place)))
        })
    }
}

impl Change {
    /// All of them.
    const ALL: [Self; 3] = [Self::Scale, Self::Clamp, Self::Set];

    /// Adds the operation to a graph. The numbers, one of each input per unit, are inputs of this name behind that of `x`.
    fn build(self, graph: &mut Graph, x: Node) -> Result<(Node, [Option<Node>; 2]), GraphError> {
        let name = graph.name_of(x).to_owned();
        let (y, inputs) = match self {
            Self::Scale => (graph.scale(x)?, &["factor"][..]),
            Self::Clamp => (graph.clamp(x)?, &["low", "high"][..]),
            Self::Set => (graph.mask(x)?, &["keep", "fill"][..]),
        };
        let mut nodes = [None; 2];
        for (node, input) in nodes.iter_mut().zip(inputs) {
            *node = Some(graph.node(&format!("{name}.{input}"))?);
        }
        Ok((y, nodes))
    }

    /// The numbers that change nothing.
    fn neutral(self) -> [f32; 2] {
        match self {
            Self::Scale | Self::Set => [1.0, 0.0],
            Self::Clamp => [f32::NEG_INFINITY, f32::INFINITY],
        }
    }
}

/// A node of a graph and the operations behind it.
pub(super) struct PatchedNode {
    /// The node as it is without them.
    pub before: Node,
    /// What goes on.
    pub after: Node,
    /// Its units.
    pub units: Units,
    /// The inputs of each operation.
    inputs: Vec<(Change, [Option<Node>; 2])>,
}

impl PatchedNode {
    /// Adds operations behind a node; what goes on has its name.
    pub fn build(
        graph: &mut Graph,
        before: Node,
        name: &str,
        changes: &BTreeSet<Change>,
        units: Units,
    ) -> Result<Self, GraphError> {
        graph.name(before, &format!("{name}.unpatched"))?;
        let shape = graph.shape(before).to_vec();
        let flat = [shape[0], size(&shape[1..])];
        let mut x = if shape.len() == 2 { before } else { graph.reshape(before, &flat)? };
        let mut inputs = Vec::new();
        for change in Change::ALL.into_iter().filter(|change| changes.contains(change)) {
            let (y, nodes) = change.build(graph, x)?;
            inputs.push((change, nodes));
            x = y;
        }
        let after = if shape.len() == 2 { x } else { graph.reshape(x, &shape)? };
        graph.name(after, name)?;
        Ok(Self { before, after, units, inputs })
    }

    /// Writes a change's numbers for one number of a sample: those given, or those that change nothing.
    pub fn write(&self, graph: &mut Graph, change: Change, place: usize, numbers: Option<[f32; 2]>) {
        let numbers = numbers.unwrap_or(change.neutral());
        let inputs = self.inputs.iter().filter(|(of, _)| *of == change).flat_map(|(_, nodes)| nodes).flatten();
        for (node, number) in inputs.zip(numbers) {
            graph.value_mut(*node)[self.units.in_graph(place)] = number;
        }
    }
}

/// How far patches reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effect {
    /// Units whose value they changed on some sample.
    pub units: usize,
    /// Samples on which they changed some unit.
    pub samples: usize,
}
