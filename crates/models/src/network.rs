//! A model's graph for one batch size, with its names.
//!
//! | node | what |
//! |---|---|
//! | `x` | the input |
//! | `polynomial`, `flatten` | layers without units |
//! | `hidden1.pre`, `hidden1.post` | the first layer of units before and after its activation; `hidden2.…` the second |
//! | `logits` | the last layer of units, under cross-entropy |
//! | `output.pre`, `output` | the same for other losses, before and after its activation; `output` alone where there is none |
//!
//! Parameters are called `hidden1.weight`, `hidden1.bias`, …, `output.weight`, `output.bias`.

use autograd::{Graph, GraphError, Node, Parameters};
use tensor::Float;

use crate::{Layer, layers::Role};

/// How the last layer of units is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Head {
    /// `logits`: scores of classes.
    Logits,
    /// `output`: numbers.
    Output,
}

/// A model's graph for one batch size.
pub struct Network<F: Float = f32> {
    /// The graph.
    pub graph: Graph<F>,
    /// The input `x`, batch × sample.
    pub x: Node,
    /// The last node, batch × outputs.
    pub output: Node,
}

/// The names of one layer's node and parameters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Names {
    pub node: String,
    pub block: String,
}

/// Names for a list of layers, as the table above has them.
pub(crate) fn names(layers: &[Layer], head: Head) -> Vec<Names> {
    let last = layers.iter().rposition(|l| l.role() == Role::Units);
    let mut list: Vec<Names> = Vec::new();
    let (mut block, mut hidden) = ("x".to_owned(), 0);
    for (i, layer) in layers.iter().enumerate() {
        let node = match layer.role() {
            Role::Units if Some(i) == last => {
                block = "output".into();
                let activated = layers[i + 1..].iter().any(|l| l.role() == Role::Activation);
                match head {
                    Head::Logits => "logits".into(),
                    Head::Output if activated => "output.pre".into(),
                    Head::Output => "output".into(),
                }
            }
            Role::Units => {
                hidden += 1;
                block = format!("hidden{hidden}");
                format!("{block}.pre")
            }
            Role::Activation if block == "output" => "output".into(),
            Role::Activation => format!("{block}.post"),
            Role::Features => layer.kind().to_owned(),
        };
        // A second activation or feature layer of the same name is numbered.
        let taken = |name: &str| list.iter().any(|n| n.node == name);
        let node = (2..).map(|n| format!("{node}{n}")).find(|n| !taken(n)).filter(|_| taken(&node)).unwrap_or(node);
        list.push(Names { node, block: block.clone() });
    }
    list
}

/// Builds the graph of `layers` for samples of shape `input`, its parameters taken by name.
pub(crate) fn build<F: Float>(
    layers: &[Layer],
    head: Head,
    input: &[usize],
    batch: usize,
    parameters: &Parameters<F>,
    input_gradient: bool,
) -> Result<Network<F>, GraphError> {
    let mut graph = Graph::new();
    let shape: Vec<usize> = [&[batch], input].concat();
    let x = if input_gradient { graph.variable("x", &shape)? } else { graph.input("x", &shape)? };
    let mut output = x;
    for (layer, names) in layers.iter().zip(names(layers, head)) {
        let specs = layer.parameters(&graph.shape(output)[1..]);
        let nodes = specs
            .iter()
            .filter_map(|spec| parameters.find(&format!("{}.{}", names.block, spec.name)))
            .map(|id| graph.parameter(id, parameters))
            .collect::<Result<Vec<_>, _>>()?;
        output = layer.build(&mut graph, output, &nodes)?;
        graph.name(output, &names.node)?;
    }
    Ok(Network { graph, x, output })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Flatten, Linear, Polynomial, Relu, Sigmoid, Softmax};

    fn check(layers: &[Layer], head: Head, expected: &[&str]) {
        let names: Vec<String> = names(layers, head).into_iter().map(|n| n.node).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn names_follow_the_table() {
        let linear = || Layer::from(Linear::new(4));
        let (relu, sigmoid) = (|| Layer::from(Relu {}), || Layer::from(Sigmoid {}));
        check(
            &[linear(), relu(), linear(), relu(), linear()],
            Head::Logits,
            &["hidden1.pre", "hidden1.post", "hidden2.pre", "hidden2.post", "logits"],
        );
        check(&[linear(), Softmax {}.into()], Head::Logits, &["logits", "output"]);
        check(
            &[linear(), sigmoid(), linear(), sigmoid()],
            Head::Output,
            &["hidden1.pre", "hidden1.post", "output.pre", "output"],
        );
        check(&[linear()], Head::Output, &["output"]);
        check(&[Polynomial { degree: 3 }.into(), linear()], Head::Logits, &["polynomial", "logits"]);
        check(
            &[Flatten {}.into(), relu(), Flatten {}.into(), linear(), relu(), relu(), linear()],
            Head::Logits,
            &["flatten", "x.post", "flatten2", "hidden1.pre", "hidden1.post", "hidden1.post2", "logits"],
        );
        check(&[relu(), relu()], Head::Output, &["x.post", "x.post2"]);
    }
}
