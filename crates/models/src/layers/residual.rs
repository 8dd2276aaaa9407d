//! Residual connection: what some layers were given is added to what they make of it, so that they need to learn the difference
//! only (He, Zhang, Ren, Sun, *Deep residual learning for image recognition*, 2016).
//!
//! y = x + what went into the first of the `over` layers before this one. Both have the same shape.

use autograd::{Graph, GraphError, Node};
use registry::{Config, Problems};
use tensor::Float;

use super::{Form, LayerConfig, LayerError, Role};

/// Residual connection: adds what some layers before it were given to what they made of it (He, Zhang, Ren, Sun 2016). Both must
/// have the same shape.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Residual {
    /// How many layers it passes by: `["relu", { linear = 8 }, "tanh", { residual = 2 }]` adds what the relu gives.
    pub over: usize,
}

impl Config for Residual {
    const KIND: &str = "residual";
    const EXAMPLE: &str = "over = 1";
}

impl LayerConfig for Residual {
    const MAIN: Option<&'static str> = Some("over");

    fn role(&self) -> Role {
        Role::Within("sum")
    }

    fn form(&self) -> Form {
        Form::Other
    }

    fn passes_by(&self) -> Option<usize> {
        Some(self.over)
    }

    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        Ok(input.to_vec())
    }

    /// The second node is what the layers were given.
    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, given: &[Node]) -> Result<Node, GraphError> {
        given.iter().try_fold(x, |x, given| graph.add(x, *given))
    }

    fn check(&self, problems: &mut Problems) {
        problems.require(self.over > 0, "over", || "expected at least 1 layer, found 0".into());
    }
}
