//! The convolutions of a model: which layers they are, what each reads, and its filters.

use models::{
    Head, Layer, Model,
    layers::{Conv2d, Form},
};
use ndarray::Array4;

/// One convolution of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Convolution {
    /// The node it gives: `conv1.pre`.
    pub node: String,
    /// The node it reads: `x`, `conv1.pool`.
    pub reads: String,
    /// Channels, height and width of what it reads.
    pub input: [usize; 3],
    /// Its settings.
    pub layer: Conv2d,
}

/// The filters of one convolution.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// filters × channels that each reads × rows × columns.
    pub weights: Array4<f32>,
    /// One per filter; zeros where the layer has none.
    pub biases: Vec<f32>,
}

impl Convolution {
    /// Those of a list of layers, in order; none where the layers do not fit, which is told elsewhere.
    pub fn of(layers: &[Layer], input: &[usize], head: Head) -> Vec<Self> {
        let mut found = Vec::new();
        let (mut reads, mut shape) = ("x".to_owned(), input.to_vec());
        let nodes = Model::node_shapes(layers, input, head).unwrap_or_default();
        for (layer, (node, after)) in layers.iter().zip(nodes) {
            let picture = match shape[..] {
                [h, w] => Some([1, h, w]),
                [c, h, w] => Some([c, h, w]),
                _ => None,
            };
            if let (Layer::Conv2d(layer), Some(input)) = (layer, picture) {
                found.push(Self { node: node.clone(), reads: reads.clone(), input, layer: layer.clone() });
            }
            // What hands on what it gets is no other node to look at.
            if layer.form() != Form::Identity {
                reads = node;
            }
            shape = after;
        }
        found
    }

    /// Its name, with which those of its parameters begin: `conv1`, and `output` where it is the last layer of units.
    pub fn name(&self) -> &str {
        match self.node.split('.').next() {
            Some("logits") | None => "output",
            Some(name) => name,
        }
    }

    /// How many channels each filter reads.
    pub fn inputs(&self) -> usize {
        self.input[0] / self.layer.groups.max(1)
    }

    /// Which channels of what it reads a filter reads begin with this one.
    pub fn first_input(&self, filter: usize) -> usize {
        filter / (self.layer.channels / self.layer.groups.max(1)).max(1) * self.inputs()
    }

    /// Its filters in a model that has it.
    pub fn weights(&self, model: &Model) -> Weights {
        let array = |what: &str| model.parameters.find(&format!("{}.{what}", self.name()));
        let values = model.parameters.value(array("weight").expect("a layer of this model"));
        let (kernel, inputs, filters) = (self.layer.kernel, self.inputs(), self.layer.channels);
        let weights = Array4::from_shape_fn((filters, inputs, kernel, kernel), |(o, c, u, v)| {
            values[((u * kernel + v) * inputs + c) * filters + o]
        });
        let biases = array("bias").map_or(vec![0.0; filters], |id| model.parameters.value(id).to_vec());
        Weights { weights, biases }
    }
}

/// What is wrong, if anything, with a layer of this name, and which convolutions there are.
pub fn unknown(found: &[Convolution], layer: &str) -> Option<String> {
    let names: Vec<&str> = found.iter().map(Convolution::name).collect();
    match names[..] {
        [] => Some("expected a model with a layer conv2d, and this one has none".into()),
        _ if names.contains(&layer) => None,
        _ => Some(format!("there is no convolution {layer}, there are {}", names.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use models::layers::{Flatten, GlobalAvgPool, Linear, MaxPool, Relu};

    #[test]
    fn convolutions_are_found_with_what_they_read() {
        let layers: Vec<Layer> = vec![
            Conv2d::new(4, 3).into(),
            Relu {}.into(),
            MaxPool { size: 2, stride: None, padding: 0 }.into(),
            Conv2d { groups: 2, ..Conv2d::new(6, 2) }.into(),
            Flatten {}.into(),
            Linear::new(2).into(),
        ];
        let found = Convolution::of(&layers, &[8, 8], Head::Logits);
        let read: Vec<(&str, &str, [usize; 3])> = found.iter().map(|c| (c.name(), c.reads.as_str(), c.input)).collect();
        assert_eq!(read, [("conv1", "x", [1, 8, 8]), ("conv2", "conv1.pool", [4, 3, 3])]);
        assert_eq!((found[1].inputs(), found[1].first_input(2), found[1].first_input(3)), (2, 0, 2));
        assert_eq!(unknown(&found, "conv1"), None);
        assert_eq!(unknown(&found, "conv3"), Some("there is no convolution conv3, there are conv1, conv2".into()));
        // A network that ends with one: the mean of each of its channels is the score of a class.
        let ends: Vec<Layer> = vec![Conv2d::new(2, 3).into(), GlobalAvgPool {}.into()];
        let last = &Convolution::of(&ends, &[4, 4], Head::Logits)[0];
        assert_eq!((last.name(), last.node.as_str()), ("output", "logits"));
        let stream = &mut tensor::Streams::new(1).stream("m", tensor::Purpose::Init);
        let model = Model::new(ends, &[4, 4], Head::Logits, stream).expect("layers that fit");
        assert_eq!(last.weights(&model).weights.dim(), (2, 1, 3, 3));
        let none = Convolution::of(&[Linear::new(2).into()], &[2], Head::Logits);
        assert!(unknown(&none, "conv1").expect("a complaint").starts_with("expected a model with a layer conv2d"));
    }
}
