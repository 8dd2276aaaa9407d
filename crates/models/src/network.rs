//! A model's graph for one batch size, with its names.
//!
//! | node | what |
//! |---|---|
//! | `x` | the input |
//! | `polynomial`, `flatten` | layers without units |
//! | `hidden1.pre`, `hidden1.post` | the first layer of units before and after its activation; `hidden2.…` the second |
//! | `conv1.pre`, `conv1.post`, `conv1.pool` | the first convolution before and after its activation, and after its pooling |
//! | `hidden1.norm`, `hidden1.dropout` | the first layer of units after its normalisation, and after its dropout |
//! | `logits` | the last layer of units, under cross-entropy |
//! | `output.pre`, `output` | the same for other losses, before and after its activation; `output` alone where there is none |
//!
//! A normalisation or dropout behind the last layer of units is `output.norm`, `output.dropout`; before the first one `x.norm`,
//! …. A second node of the same name is numbered: `hidden1.norm2`.
//!
//! Parameters are called `hidden1.weight`, `hidden1.bias`, …, `output.weight`, `output.bias`; those of a normalisation
//! `hidden1.norm.weight`, `hidden1.norm.bias`, and its states `hidden1.norm.running_mean`, `hidden1.norm.running_var`.
//!
//! A network is built as it predicts, by whatever looks at a model; only the fit loop asks for one that trains.

use std::collections::BTreeMap;

use autograd::{Graph, GraphError, Node, Parameters};
use tensor::{Float, random::Stream};

use crate::{Layer, Model, layers::ParameterSpec, layers::Role, model::given};

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
    /// What the names of its parameters begin with.
    pub prefix: String,
}

/// Names for a list of layers, as the table above has them.
pub(crate) fn names(layers: &[Layer], head: Head) -> Vec<Names> {
    let last = layers.iter().rposition(|l| matches!(l.role(), Role::Units(_)));
    let mut list: Vec<Names> = Vec::new();
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    let (mut block, mut blocks) = ("x".to_owned(), BTreeMap::<&str, usize>::new());
    for (i, layer) in layers.iter().enumerate() {
        let node = match layer.role() {
            Role::Units(_) if Some(i) == last => {
                block = "output".into();
                let activated = layers[i + 1..].iter().any(|l| l.role() != Role::Features);
                match head {
                    Head::Logits => "logits".into(),
                    Head::Output if activated => "output.pre".into(),
                    Head::Output => "output".into(),
                }
            }
            Role::Units(word) => {
                let number = blocks.entry(word).and_modify(|n| *n += 1).or_insert(1);
                block = format!("{word}{number}");
                format!("{block}.pre")
            }
            Role::Activation if block == "output" => "output".into(),
            Role::Activation => format!("{block}.post"),
            Role::Within(word) => format!("{block}.{word}"),
            Role::Features => layer.kind().to_owned(),
        };
        // A second layer of the same name is numbered.
        let uses = uses.entry(node.clone()).and_modify(|n| *n += 1).or_insert(1);
        let node = if *uses == 1 { node } else { format!("{node}{uses}") };
        let prefix = if matches!(layer.role(), Role::Within(_)) { node.clone() } else { block.clone() };
        list.push(Names { node, prefix });
    }
    list
}

/// What is done with a node (`x`, or the one after a layer) before it goes on, given its name: it has to name what goes on.
pub(crate) type Hook<'a, F> = dyn FnMut(&mut Graph<F>, Node, &str) -> Result<Node, GraphError> + 'a;

/// The hook that does nothing but name the node.
pub(crate) fn name<F: Float>(graph: &mut Graph<F>, node: Node, name: &str) -> Result<Node, GraphError> {
    graph.name(node, name)
}

/// Builds the graph of a model for a batch, its parameters taken by name: as it predicts or, given a stream, as it trains.
pub(crate) fn build<F: Float>(
    model: &Model,
    batch: usize,
    parameters: &Parameters<F>,
    input_gradient: bool,
    mut training: Option<&mut Stream>,
    hook: &mut Hook<'_, F>,
) -> Result<Network<F>, GraphError> {
    let mut graph = Graph::new();
    let shape: Vec<usize> = [&[batch], model.input()].concat();
    let x = if input_gradient { graph.variable("x", &shape)? } else { graph.input("x", &shape)? };
    let mut input = hook(&mut graph, x, "x")?;
    // Pictures come channel by channel, and lie in the graph pixel by pixel.
    if let [_, channels, height, width] = *graph.shape(input) {
        input = match channels {
            1 => graph.reshape(input, &[batch, height, width, 1])?,
            _ => graph.channels_last(input)?,
        };
    }
    let (mut output, mut after) = (input, Vec::with_capacity(model.layers().len()));
    let (shapes, names) = (model.sample_shapes(), names(model.layers(), model.head()));
    for (index, ((layer, names), (_, shape))) in model.layers().iter().zip(names).zip(&shapes).enumerate() {
        let specs = layer.parameters(shape);
        let parameter = |spec: &ParameterSpec| {
            let id = parameters.find(&format!("{}.{}", names.prefix, spec.name)).expect("parameters of this model");
            graph.parameter(id, parameters)
        };
        let mut nodes = specs.iter().map(parameter).collect::<Result<Vec<_>, _>>()?;
        nodes.extend(layer.passes_by().and_then(|over| given::<Node, Node>(index, over, &input, &after)));
        output = layer.build(&mut graph, output, &nodes, training.as_deref_mut())?;
        output = hook(&mut graph, output, &names.node)?;
        after.push(output);
    }
    Ok(Network { graph, x, output })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Dropout, Flatten, LayerNorm, Linear, Polynomial, Relu, Sigmoid, Softmax};

    fn check(layers: &[Layer], head: Head, expected: &[&str]) {
        let names: Vec<String> = names(layers, head).into_iter().map(|n| n.node).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn many_layers_of_one_name_are_numbered_in_one_go() {
        let layers = vec![Layer::from(Relu {}); 20_000];
        assert_eq!(names(&layers, Head::Output).last().map(|n| n.node.as_str()), Some("x.post20000"));
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
        let norm = || Layer::from(LayerNorm { eps: 1e-5 });
        let dropout = || Layer::from(Dropout { p: 0.5, channels: false });
        check(
            &[dropout(), linear(), norm(), relu(), dropout(), linear(), relu(), norm(), norm(), linear()],
            Head::Logits,
            &[
                "x.dropout",
                "hidden1.pre",
                "hidden1.norm",
                "hidden1.post",
                "hidden1.dropout",
                "hidden2.pre",
                "hidden2.post",
                "hidden2.norm",
                "hidden2.norm2",
                "logits",
            ],
        );
        check(&[linear(), norm()], Head::Output, &["output.pre", "output.norm"]);
    }
}
