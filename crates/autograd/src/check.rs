//! Numerical gradient check: the derivative by the chain rule against the central difference
//! (f(x + h) − f(x − h)) / 2h, whose own error is of order h².

use tensor::{
    random::{Purpose, Stream, Streams},
    shape::size,
};

use crate::{Graph, GraphError, Info, Node, Parameters, graph::Kind, replay::Place};

/// Half the distance of the two points of a central difference: near the cube root of f64's rounding, where truncation (h²) and
/// rounding (ε/h) balance.
pub const STEP: f64 = 1e-5;

/// A small graph in the making, with random numbers to fill it.
pub struct Case {
    /// The graph.
    pub graph: Graph<f64>,
    stream: Stream,
    count: usize,
}

impl Case {
    /// An empty graph; the numbers depend on `name` alone.
    pub fn new(name: &str) -> Self {
        Self { graph: Graph::new(), stream: Streams::new(1).stream(name, Purpose::Sample), count: 0 }
    }

    /// A variable of standard normal numbers.
    ///
    /// # Errors
    /// None in practice: names are made up fresh.
    pub fn variable(&mut self, shape: &[usize]) -> Result<Node, GraphError> {
        self.variable_away_from(shape, &[])
    }

    /// A variable that keeps 0.1 away from the points where a function bends, because a difference across a kink is no
    /// derivative.
    ///
    /// # Errors
    /// None in practice.
    pub fn variable_away_from(&mut self, shape: &[usize], kinks: &[f64]) -> Result<Node, GraphError> {
        self.count += 1;
        let node = self.graph.variable(&format!("variable{}", self.count), shape)?;
        for value in self.graph.value_mut(node) {
            *value = loop {
                let candidate = self.stream.normal();
                if kinks.iter().all(|kink| (candidate - kink).abs() > 0.1) {
                    break candidate;
                }
            };
        }
        Ok(node)
    }

    /// An input of `n` labels below `classes`.
    ///
    /// # Errors
    /// None in practice.
    pub fn labels(&mut self, n: usize, classes: usize) -> Result<Node, GraphError> {
        self.count += 1;
        let node = self.graph.input(&format!("labels{}", self.count), &[n])?;
        for value in self.graph.value_mut(node) {
            *value = self.stream.below(classes) as f64;
        }
        Ok(node)
    }
}

/// How well a gradient agrees with the numerical one.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// The variable's or parameter's name.
    pub name: String,
    /// ‖a − n‖ / (‖a‖ + ‖n‖), a by the chain rule and n by differences; 0 when both vanish.
    pub relative_error: f64,
}

/// A gradient beside differences, at some places of one variable or parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The variable's or parameter's name.
    pub name: String,
    /// The places that were compared.
    pub places: Vec<usize>,
    /// The derivative there by the chain rule.
    pub chain: Vec<f64>,
    /// The derivative there by differences.
    pub numeric: Vec<f64>,
    /// How many places were left out because a kink of some operation lies between the two points of their difference.
    pub kinks: usize,
}

/// Checks the gradient of `root` (weighted by fixed numbers, so that no element's error can cancel another's) with respect to
/// every variable and parameter it depends on. In f64: in f32 the differences themselves would be good to three digits only.
///
/// # Errors
/// When `root` depends on nothing that wants a gradient.
pub fn gradients(
    graph: &mut Graph<f64>,
    parameters: &mut Parameters<f64>,
    root: Node,
    step: f64,
) -> Result<Vec<Agreement>, GraphError> {
    let list = compare(graph, parameters, root, step, &mut |_, n| (0..n).collect())?;
    let agreement = |c: Comparison| Agreement { relative_error: relative_error(&c.chain, &c.numeric), name: c.name };
    Ok(list.into_iter().map(agreement).collect())
}

/// As [`gradients`], at the places chosen for a name and a number of elements, with the numbers themselves. A root of one element
/// has the weight 1.
///
/// # Errors
/// When `root` depends on nothing that wants a gradient.
pub fn compare(
    graph: &mut Graph<f64>,
    parameters: &mut Parameters<f64>,
    root: Node,
    step: f64,
    choose: &mut dyn FnMut(&str, usize) -> Vec<usize>,
) -> Result<Vec<Comparison>, GraphError> {
    graph.differentiate(root)?;
    let mut stream = Streams::new(2).stream("weights", Purpose::Sample);
    let weights: Vec<f64> = match size(graph.shape(root)) {
        1 => vec![1.0],
        n => (0..n).map(|_| stream.uniform_f64() + 0.5).collect(),
    };
    graph.forward(parameters);
    graph.gradient_mut(root).copy_from_slice(&weights);
    graph.backward_seeded(parameters);

    let mut list = Vec::new();
    for leaf in graph.nodes().collect::<Vec<_>>() {
        let entry = &graph.entries[leaf.0];
        if !entry.wants_gradient || matches!(entry.kind, Kind::Op(_)) {
            continue;
        }
        let (name, place) = (entry.name.clone(), entry.place.clone());
        let gradient: Vec<f64> = match &place {
            Place::Parameter(range) => parameters.gradients()[range.clone()].to_vec(),
            Place::Value(_) => graph.gradient(leaf).to_vec(),
        };
        let mut at = |graph: &mut Graph<f64>, i: usize, shift: f64| {
            let value = match &place {
                Place::Parameter(range) => &mut parameters.values_mut()[range.start + i],
                Place::Value(_) => &mut graph.value_mut(leaf)[i],
            };
            let kept = *value;
            *value = kept + shift;
            graph.forward(parameters);
            let sum: f64 = graph.value(root).iter().zip(&weights).map(|(y, w)| y * w).sum();
            let pieces = graph.pieces(parameters);
            match &place {
                Place::Parameter(range) => parameters.values_mut()[range.start + i] = kept,
                Place::Value(_) => graph.value_mut(leaf)[i] = kept,
            }
            (sum, pieces)
        };
        let mut found = Comparison { name, places: Vec::new(), chain: Vec::new(), numeric: Vec::new(), kinks: 0 };
        for i in choose(&found.name, gradient.len()) {
            let ((above, piece), (below, other)) = (at(graph, i, step), at(graph, i, -step));
            if piece != other {
                found.kinks += 1;
                continue;
            }
            found.places.push(i);
            found.chain.push(gradient[i]);
            found.numeric.push((above - below) / (2.0 * step));
        }
        list.push(found);
    }
    graph.forward(parameters);
    Ok(list)
}

/// ‖a − b‖ / (‖a‖ + ‖b‖); 0 when both vanish.
pub fn relative_error(a: &[f64], b: &[f64]) -> f64 {
    let norm = |x: &mut dyn Iterator<Item = f64>| x.map(|v| v * v).sum::<f64>().sqrt();
    let difference = norm(&mut a.iter().zip(b).map(|(a, b)| a - b));
    let scale = norm(&mut a.iter().copied()) + norm(&mut b.iter().copied());
    if scale == 0.0 { 0.0 } else { difference / scale }
}

/// Checks every example of an operation.
///
/// # Errors
/// When an example does not build.
pub fn operation(info: &Info) -> Result<Vec<Agreement>, GraphError> {
    let mut list = Vec::new();
    for (i, example) in info.examples.iter().enumerate() {
        let mut case = Case::new(&format!("{}{i}", info.name));
        let root = example(&mut case)?;
        list.extend(gradients(&mut case.graph, &mut Parameters::new(), root, STEP)?);
    }
    Ok(list)
}
