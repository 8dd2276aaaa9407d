//! Building a graph: nodes, names, shapes, memory.

use std::collections::BTreeMap;

use tensor::{Float, shape::size};

use crate::{
    GraphError, Op, ParameterId, Parameters,
    replay::{Place, Pull},
};

/// Cache lines start every 64 bytes; arrays start there too, so that no vector load of a kernel straddles two.
const ALIGNMENT: usize = 64;

/// A node of the graph that handed it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node(pub(crate) usize);

pub(crate) enum Kind<F: Float> {
    /// Written by the caller.
    Input,
    /// Lies among the parameters.
    Parameter,
    /// Computed.
    Op(Box<dyn Op<F>>),
}

pub(crate) struct Entry<F: Float> {
    pub name: String,
    pub shape: Vec<usize>,
    pub kind: Kind<F>,
    pub sources: Vec<Node>,
    pub inputs: Vec<Place>,
    pub place: Place,
    /// Whether a gradient is wanted here: a parameter, a variable, or anything that depends on one.
    pub wants_gradient: bool,
}

/// A computation, built once and replayed. See the crate's documentation for an example.
pub struct Graph<F: Float = f32> {
    pub(crate) entries: Vec<Entry<F>>,
    names: BTreeMap<String, Node>,
    pub(crate) values: Vec<F>,
    pub(crate) start: usize,
    used: usize,
    pub(crate) gradients: Vec<F>,
    pub(crate) start_gradients: usize,
    pub(crate) scratch: Vec<F>,
    pub(crate) root: Option<Node>,
    pub(crate) pulls: Vec<Pull>,
    /// The nodes whose operations have something to do between steps.
    pub(crate) advancing: Vec<usize>,
}

impl<F: Float> Default for Graph<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: Float> Graph<F> {
    /// An empty graph.
    pub fn new() -> Self {
        Self {
            entries: Vec::new(),
            names: BTreeMap::new(),
            values: Vec::new(),
            start: 0,
            used: 0,
            gradients: Vec::new(),
            start_gradients: 0,
            scratch: Vec::new(),
            root: None,
            pulls: Vec::new(),
            advancing: Vec::new(),
        }
    }

    /// An array the caller writes before each replay; no gradient reaches it.
    ///
    /// # Errors
    /// When the name is taken.
    pub fn input(&mut self, name: &str, shape: &[usize]) -> Result<Node, GraphError> {
        self.source(name, shape, false)
    }

    /// As [`Graph::input`], with a gradient: what saliency maps and gradient checks read.
    ///
    /// # Errors
    /// When the name is taken.
    pub fn variable(&mut self, name: &str, shape: &[usize]) -> Result<Node, GraphError> {
        self.source(name, shape, true)
    }

    fn source(&mut self, name: &str, shape: &[usize], wants_gradient: bool) -> Result<Node, GraphError> {
        self.free(name)?;
        let place = self.allocate(shape);
        Ok(self.push(Entry {
            name: name.to_owned(),
            shape: shape.to_vec(),
            kind: Kind::Input,
            sources: Vec::new(),
            inputs: Vec::new(),
            place,
            wants_gradient,
        }))
    }

    /// A parameter or a state as a node of this graph.
    ///
    /// # Errors
    /// When its name is taken in the graph.
    pub fn parameter(&mut self, id: ParameterId, parameters: &Parameters<F>) -> Result<Node, GraphError> {
        let parameter = parameters.parameter(id);
        self.free(&parameter.name)?;
        Ok(self.push(Entry {
            name: parameter.name.clone(),
            shape: parameter.shape.clone(),
            kind: Kind::Parameter,
            sources: Vec::new(),
            inputs: Vec::new(),
            place: Place::Parameter(parameter.range.clone()),
            wants_gradient: !parameters.is_state(id),
        }))
    }

    /// Adds an operation; what the builder methods (`relu`, `matmul`, …) of the files in `ops/` call once shapes are checked.
    pub fn apply(&mut self, op: impl Op<F> + 'static, sources: &[Node], shape: &[usize]) -> Node {
        self.apply_boxed(Box::new(op), sources, shape)
    }

    fn apply_boxed(&mut self, op: Box<dyn Op<F>>, sources: &[Node], shape: &[usize]) -> Node {
        let wants_gradient =
            sources.iter().enumerate().any(|(i, s)| self.entries[s.0].wants_gradient && op.differentiable(i));
        let inputs = sources.iter().map(|s| self.entries[s.0].place.clone()).collect();
        let place = self.allocate(shape);
        if op.advances() {
            self.advancing.push(self.entries.len());
        }
        self.push(Entry {
            name: format!("{}{}", op.info().name, self.entries.len()),
            shape: shape.to_vec(),
            kind: Kind::Op(op),
            sources: sources.to_vec(),
            inputs,
            place,
            wants_gradient,
        })
    }

    /// The memory of `node` as a node of another shape: no gradient may be wanted there.
    pub(crate) fn view(&mut self, node: Node, shape: &[usize]) -> Node {
        let node = self.whole(node);
        let (name, place) = (format!("view{}", self.entries.len()), self.entries[node.0].place.clone());
        let (sources, inputs) = (vec![node], Vec::new());
        let shape = shape.to_vec();
        self.push(Entry { name, shape, kind: Kind::Input, sources, inputs, place, wants_gradient: false })
    }

    /// The node whose memory a view shows; any other node itself.
    fn whole(&self, node: Node) -> Node {
        match (&self.entries[node.0].kind, &self.entries[node.0].sources[..]) {
            (Kind::Input, [of]) => *of,
            _ => node,
        }
    }

    fn push(&mut self, entry: Entry<F>) -> Node {
        let node = Node(self.entries.len());
        self.names.insert(entry.name.clone(), node);
        self.entries.push(entry);
        node
    }

    fn free(&self, name: &str) -> Result<(), GraphError> {
        match self.names.contains_key(name) {
            true => Err(GraphError::NameTaken { name: name.to_owned() }),
            false => Ok(()),
        }
    }

    fn allocate(&mut self, shape: &[usize]) -> Place {
        let line = ALIGNMENT / size_of::<F>();
        let range = self.used..self.used + size(shape);
        self.used = range.end.next_multiple_of(line);
        let (old, filled) = (self.start, self.values.len().saturating_sub(line));
        self.values.resize(self.used + line, F::ZERO);
        self.start = aligned(&self.values);
        self.values.copy_within(old..old + filled, self.start);
        Place::Value(range)
    }

    /// Gives a node its dotted name (`hidden1.pre`) in place of the one made up for it.
    ///
    /// # Errors
    /// When the name is taken by another node.
    pub fn name(&mut self, node: Node, name: &str) -> Result<Node, GraphError> {
        if self.entries[node.0].name != name {
            self.free(name)?;
            let old = std::mem::replace(&mut self.entries[node.0].name, name.to_owned());
            self.names.remove(&old);
            self.names.insert(name.to_owned(), node);
        }
        Ok(node)
    }

    /// The node of this name.
    ///
    /// # Errors
    /// When there is none: the error lists all names.
    pub fn node(&self, name: &str) -> Result<Node, GraphError> {
        self.names.get(name).copied().ok_or_else(|| GraphError::UnknownNode {
            name: name.to_owned(),
            known: self.names().map(str::to_owned).collect(),
        })
    }

    /// All nodes, in the order they are computed.
    pub fn nodes(&self) -> impl Iterator<Item = Node> + use<F> {
        (0..self.entries.len()).map(Node)
    }

    /// The names of all nodes, in the order they are computed.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|e| e.name.as_str())
    }

    /// A node's name.
    pub fn name_of(&self, node: Node) -> &str {
        &self.entries[node.0].name
    }

    /// Whether the gradient reaches a node: whether it is trained, or depends on something that is.
    pub(crate) fn wants_gradient(&self, node: Node) -> bool {
        self.entries[node.0].wants_gradient
    }

    /// A node's shape.
    pub fn shape(&self, node: Node) -> &[usize] {
        &self.entries[node.0].shape
    }

    /// A node's values as the last forward replay left them; for a parameter, look into [`Parameters`].
    pub fn value(&self, node: Node) -> &[F] {
        match &self.entries[node.0].place {
            Place::Value(range) => &self.values[self.start..][range.clone()],
            Place::Parameter(_) => &[],
        }
    }

    /// The values of an input, to be written before a replay.
    pub fn value_mut(&mut self, node: Node) -> &mut [F] {
        match &self.entries[node.0].place {
            Place::Value(range) => &mut self.values[self.start..][range.clone()],
            Place::Parameter(_) => &mut [],
        }
    }

    /// ∂root/∂node as the last backward replay left it; empty for a parameter (look into [`Parameters`]) and before
    /// [`Graph::differentiate`], zeros where the root does not depend on the node.
    pub fn gradient(&self, node: Node) -> &[F] {
        match &self.entries[node.0].place {
            Place::Value(range) if !self.gradients.is_empty() => &self.gradients[self.start_gradients..][range.clone()],
            _ => &[],
        }
    }

    /// The gradient of a node, to be written before [`Graph::backward_seeded`].
    pub fn gradient_mut(&mut self, node: Node) -> &mut [F] {
        match &self.entries[node.0].place {
            Place::Value(range) if !self.gradients.is_empty() => {
                &mut self.gradients[self.start_gradients..][range.clone()]
            }
            _ => &mut [],
        }
    }

    /// Plans the backward walk from `root` to every parameter and variable, and the memory it needs. A node used by several
    /// others receives the sum of what each tells it; the first of them (from the end) writes, the others add.
    ///
    /// # Errors
    /// When `root` depends on nothing that wants a gradient.
    pub fn differentiate(&mut self, root: Node) -> Result<(), GraphError> {
        if !self.entries[root.0].wants_gradient {
            return Err(GraphError::NoGradient { name: self.entries[root.0].name.clone() });
        }
        let wanted: Vec<bool> = self.entries.iter().map(|e| e.wants_gradient).collect();
        self.plan(root, &wanted);
        Ok(())
    }

    /// Plans the backward walk from `root` to some nodes only, inputs among them: what their gradients do not need is not
    /// computed, parameters' gradients first of all. For [`Graph::backward_to_nodes`].
    pub fn differentiate_towards(&mut self, root: Node, nodes: &[Node]) {
        let mut wanted = vec![false; self.entries.len()];
        nodes.iter().for_each(|n| wanted[self.whole(*n).0] = true);
        for (i, entry) in self.entries.iter().enumerate() {
            wanted[i] |= entry.sources.iter().any(|s| wanted[s.0]);
        }
        self.plan(root, &wanted);
    }

    /// Plans the walk to the nodes that are wanted.
    fn plan(&mut self, root: Node, wanted: &[bool]) {
        let mut reached = vec![false; self.entries.len()];
        reached[self.whole(root).0] = true;
        let mut written = vec![false; self.entries.len()];
        self.pulls.clear();
        for node in (0..=root.0).rev().filter(|&n| wanted[n]) {
            let Kind::Op(op) = &self.entries[node].kind else { continue };
            if !reached[node] {
                continue;
            }
            for (input, source) in self.entries[node].sources.iter().enumerate() {
                if wanted[source.0] && op.differentiable(input) {
                    let whole = self.whole(*source).0;
                    reached[whole] = true;
                    let add = std::mem::replace(&mut written[whole], true);
                    self.pulls.push(Pull { node, input, add });
                }
            }
        }
        let added = self
            .pulls
            .iter()
            .filter(|p| p.add)
            .map(|p| size(&self.entries[self.entries[p.node].sources[p.input].0].shape));
        self.scratch = vec![F::ZERO; added.max().unwrap_or(0)];
        self.gradients = vec![F::ZERO; self.values.len()];
        self.start_gradients = aligned(&self.gradients);
        self.root = Some(root);
    }

    /// The first node, in the order they are computed, whose value is not finite.
    pub fn first_not_finite(&self) -> Option<Node> {
        self.nodes().find(|&n| self.value(n).iter().any(|v| !v.is_finite()))
    }
}

/// Where the first cache line of a vector begins.
fn aligned<F>(values: &[F]) -> usize {
    values.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT / size_of::<F>())
}
