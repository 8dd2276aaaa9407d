//! One file per layer: its config, the shape it gives, its parameters, and its nodes in a graph.
//!
//! In a pipeline file a layer is its name (`"relu"`), its name with its main setting (`{ linear = 64 }`), or its name with all
//! settings (`{ linear = { units = 64, init = "he_normal" } }`). To add one: write the file, and add a line to the list below.

use autograd::{Graph, GraphError, Node};
use registry::{Config, Problems};
use serde::de::{self, Deserialize, Deserializer};
use serde_json::Value as Json;
use tensor::{Float, random::Stream};

use crate::Init;
pub use crate::error::LayerError;
pub use form::{Activation, Curve, Form};

mod form;
mod pictures;

/// What a layer is to the naming of activations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Opens a new block, called by this word and a number (`hidden1`, `conv1`); its node is `hidden1.pre`.
    Units(&'static str),
    /// Ends a block: its node is `hidden<n>.post`.
    Activation,
    /// Changes a block on its way: its node is `hidden<n>.<word>`, and its parameters are below that name.
    Within(&'static str),
    /// Neither: its node is called as the layer is.
    Features,
}

/// An array that a layer needs.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterSpec {
    /// `weight` or `bias`, or what PyTorch calls a state.
    pub name: &'static str,
    /// Its shape: weights are inputs × outputs.
    pub shape: Vec<usize>,
    /// How it starts.
    pub start: Start,
    /// Whether it is trained; else it is a state, which layers change by themselves between steps.
    pub trained: bool,
}

/// How an array starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Start {
    /// The weights of a layer, drawn by its rule.
    Weights {
        /// The rule.
        init: Init,
        /// Inputs of one unit.
        fan_in: usize,
        /// Outputs of the layer, as initialisation counts them.
        fan_out: usize,
    },
    /// Its biases.
    Biases {
        /// The rule.
        init: Init,
        /// Inputs of one unit.
        fan_in: usize,
    },
    /// One number everywhere.
    Constant(f32),
}

impl Start {
    /// Fills a new array.
    pub fn fill(self, values: &mut [f32], stream: &mut Stream) {
        match self {
            Self::Weights { init, fan_in, fan_out } => init.fill_weights(values, fan_in, fan_out, stream),
            Self::Biases { init, fan_in } => init.fill_biases(values, fan_in, stream),
            Self::Constant(value) => values.fill(value),
        }
    }
}

/// What a file of this folder provides.
pub trait LayerConfig: Config {
    /// The setting that a bare value stands for: `{ linear = 64 }` is `{ linear = { units = 64 } }`.
    const MAIN: Option<&'static str> = None;

    /// How its nodes are named.
    fn role(&self) -> Role;

    /// What it does to a sample when it predicts.
    fn form(&self) -> Form;

    /// For an elementwise layer, the only number from which it makes y. See [`Activation::inverse`].
    fn inverse(&self, _y: f64) -> Option<f64> {
        None
    }

    /// The shape of one sample after the layer, from its shape before.
    ///
    /// # Errors
    /// When the layer cannot take that shape.
    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError>;

    /// What is trained or kept from step to step, for samples of shape `input`.
    fn parameters(&self, _input: &[usize]) -> Vec<ParameterSpec> {
        Vec::new()
    }

    /// How many layers before it are passed by what they were given, which then comes to this one, too. None, unless it says so.
    fn passes_by(&self) -> Option<usize> {
        None
    }

    /// Adds the layer to a graph, as it predicts; `parameters` are nodes in the order of [`LayerConfig::parameters`], and behind
    /// them what passed by other layers.
    ///
    /// # Errors
    /// When shapes do not fit, which [`LayerConfig::output`] would have said.
    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, parameters: &[Node]) -> Result<Node, GraphError>;

    /// As [`LayerConfig::build`], as it trains: the same, unless the layer says otherwise. `stream` is what units are dropped by.
    ///
    /// # Errors
    /// As [`LayerConfig::build`].
    fn build_training<F: Float>(
        &self,
        graph: &mut Graph<F>,
        x: Node,
        parameters: &[Node],
        _stream: &mut Stream,
    ) -> Result<Node, GraphError> {
        self.build(graph, x, parameters)
    }

    /// Whether [`LayerConfig::build_training`] builds something else than [`LayerConfig::build`].
    fn trains_otherwise(&self) -> bool {
        false
    }

    /// Numbers out of range, with paths inside the layer's own settings.
    fn check(&self, _problems: &mut Problems) {}
}

/// A layer's line in the registry.
#[derive(Debug)]
pub struct LayerInfo {
    /// The name in pipeline files.
    pub kind: &'static str,
    /// The setting that a bare value stands for.
    pub main: Option<&'static str>,
    /// An example of its settings.
    pub example: &'static str,
    /// JSON schema of its settings.
    pub schema: fn() -> schemars::Schema,
}

macro_rules! layers {
    ($($file:ident :: $config:ident),* $(,)?) => {
        $(mod $file; pub use $file::$config;)*

        /// One layer of a model.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Layer {
            $(#[doc = concat!("See [`", stringify!($config), "`].")] $config($config),)*
        }

        $(impl From<$config> for Layer {
            fn from(config: $config) -> Self {
                Self::$config(config)
            }
        })*

        /// Every layer.
        pub const LAYERS: &[LayerInfo] = &[$(LayerInfo {
            kind: $config::KIND,
            main: <$config as LayerConfig>::MAIN,
            example: $config::EXAMPLE,
            schema: registry::schema_of::<$config>,
        }),*];

        const KINDS: &[&str] = &[$($config::KIND),*];

        macro_rules! each {
            ($layer:expr, $name:ident => $result:expr) => {
                match $layer { $(Layer::$config($name) => $result,)* }
            };
        }

        fn parse(kind: &str, given: Option<Json>) -> Result<Layer, serde_json::Error> {
            match kind {
                $($config::KIND => settings::<$config>(given).map(Layer::$config),)*
                other => Err(de::Error::unknown_variant(other, KINDS)),
            }
        }
    };
}

layers! {
    linear::Linear,
    polynomial::Polynomial,
    conv2d::Conv2d,
    max_pool::MaxPool,
    avg_pool::AvgPool,
    global_avg_pool::GlobalAvgPool,
    flatten::Flatten,
    residual::Residual,
    relu::Relu,
    leaky_relu::LeakyRelu,
    selu::Selu,
    elu::Elu,
    gelu::Gelu,
    sigmoid::Sigmoid,
    tanh::Tanh,
    softplus::Softplus,
    softmax::Softmax,
    layer_norm::LayerNorm,
    batch_norm::BatchNorm,
    dropout::Dropout,
}

impl Layer {
    /// The name in pipeline files.
    pub fn kind(&self) -> &'static str {
        fn kind<C: Config>(_: &C) -> &'static str {
            C::KIND
        }
        each!(self, layer => kind(layer))
    }

    /// How its nodes are named.
    pub fn role(&self) -> Role {
        each!(self, layer => layer.role())
    }

    /// What it does to a sample when it predicts.
    pub fn form(&self) -> Form {
        each!(self, layer => layer.form())
    }

    /// Whether it trains in another way than it predicts, so that the outputs of a training step are not those of the model.
    pub fn trains_otherwise(&self) -> bool {
        each!(self, layer => layer.trains_otherwise())
    }

    /// Whether every unit is a weighted sum of all inputs.
    pub fn is_dense(&self) -> bool {
        matches!(self.form(), Form::Dense { .. })
    }

    /// For an elementwise layer, the only number from which it makes y. See [`Activation::inverse`].
    pub fn inverse(&self, y: f64) -> Option<f64> {
        each!(self, layer => LayerConfig::inverse(layer, y))
    }

    /// The shape of one sample after the layer. See [`LayerConfig::output`].
    ///
    /// # Errors
    /// When the layer cannot take that shape.
    pub fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        each!(self, layer => layer.output(input))
    }

    /// How many layers are passed by what this one is given besides. See [`LayerConfig::passes_by`].
    pub fn passes_by(&self) -> Option<usize> {
        each!(self, layer => layer.passes_by())
    }

    /// What is trained or kept from step to step. See [`LayerConfig::parameters`].
    pub fn parameters(&self, input: &[usize]) -> Vec<ParameterSpec> {
        each!(self, layer => layer.parameters(input))
    }

    /// Adds the layer to a graph, as it predicts or, given a stream, as it trains. See [`LayerConfig::build`].
    ///
    /// # Errors
    /// When shapes do not fit.
    pub fn build<F: Float>(
        &self,
        graph: &mut Graph<F>,
        x: Node,
        parameters: &[Node],
        training: Option<&mut Stream>,
    ) -> Result<Node, GraphError> {
        match training {
            Some(stream) => each!(self, layer => layer.build_training(graph, x, parameters, stream)),
            None => each!(self, layer => layer.build(graph, x, parameters)),
        }
    }

    /// Numbers out of range, with paths that begin with the layer's name (`linear.units`).
    pub fn check(&self, problems: &mut Problems) {
        let mut own = Problems::default();
        each!(self, layer => LayerConfig::check(layer, &mut own));
        for problem in own.into_vec() {
            problems.add(format!("{}.{}", self.kind(), problem.path), problem.message);
        }
    }
}

/// Reads the settings of a layer: none (`"relu"`), a table of them, or a bare value as the main one. Always from a value, so that
/// no layer is read by code of its own for each format.
fn settings<C: LayerConfig>(given: Option<Json>) -> Result<C, serde_json::Error> {
    let table = match (given, C::MAIN) {
        (None, _) => Json::Object(serde_json::Map::new()),
        (Some(table @ Json::Object(_)), _) => table,
        (Some(bare), Some(main)) => Json::Object([(main.to_owned(), bare)].into_iter().collect()),
        (Some(bare), None) => {
            return Err(de::Error::custom(format!(
                "expected a table of settings of the {} layer, not {bare}",
                C::KIND
            )));
        }
    };
    C::deserialize(table)
}

impl<'de> Deserialize<'de> for Layer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LayerVisitor)
    }
}

struct LayerVisitor;

impl<'de> de::Visitor<'de> for LayerVisitor {
    type Value = Layer;
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a layer: its name, as \"relu\", or a table of one key, as { linear = 64 }")
    }
    fn visit_str<E: de::Error>(self, kind: &str) -> Result<Layer, E> {
        parse(kind, None).map_err(E::custom)
    }
    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Layer, A::Error> {
        let Some(Kind(kind)) = map.next_key::<Kind>()? else {
            return Err(de::Error::invalid_length(0, &"one layer, as { linear = 64 }"));
        };
        let layer = parse(kind, Some(map.next_value()?)).map_err(de::Error::custom)?;
        match map.next_key::<String>()? {
            Some(more) => Err(de::Error::custom(format!(
                "one layer per table: {kind} and {more} are two; write {{ {kind} = … }}, {{ {more} = … }}"
            ))),
            None => Ok(layer),
        }
    }
}

/// A layer's name; an unknown one is refused while its position is still known.
struct Kind(&'static str);

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        match KINDS.iter().find(|k| **k == name) {
            Some(kind) => Ok(Self(kind)),
            None => Err(de::Error::unknown_variant(&name, KINDS)),
        }
    }
}

impl serde::Serialize for Layer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let settings = each!(self, layer => registry::resolve(layer));
        if settings.is_empty() {
            return serializer.serialize_str(self.kind());
        }
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.kind(), &settings)?;
        map.end()
    }
}

impl schemars::JsonSchema for Layer {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Layer".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<&str> = KINDS.to_vec();
        let mut options = vec![schemars::json_schema!({ "type": "string", "enum": names })];
        for info in LAYERS {
            let settings = (info.schema)();
            let description = settings.get("description").cloned();
            let value = match info.main.and_then(|main| settings.get("properties")?.get(main).cloned()) {
                Some(main) => serde_json::json!({ "anyOf": [main, settings] }),
                None => settings.to_value(),
            };
            options.push(schemars::json_schema!({
                "type": "object",
                "description": description,
                "properties": { (info.kind): value },
                "required": [info.kind],
                "additionalProperties": false
            }));
        }
        schemars::json_schema!({
            "description": "A layer: its name, or { name = settings }.",
            "x-group": "layer",
            "anyOf": options
        })
    }
}

#[cfg(test)]
mod tests;
