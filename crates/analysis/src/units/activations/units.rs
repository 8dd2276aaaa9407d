//! Where an activation is flat, and with it dead to what it is told.

use models::{Layer, layers::Role};

/// Where the curve of an activation is flat, by what it gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Flat {
    /// At zero: ReLU.
    Zero,
    /// Near −1 and 1: tanh.
    BothEnds,
    /// Near 0 and 1: sigmoid.
    UnitEnds,
    /// Near this lower limit: ELU, SELU.
    Below(f64),
    /// Nowhere, or the node is no activation.
    Nowhere,
}

/// λα of SELU: minus its limit at −∞.
const SELU: f64 = 1.673_263_242_354_377_2 * 1.050_700_987_355_480_5;

impl Flat {
    /// Of a layer.
    pub fn of(layer: &Layer) -> Self {
        match layer {
            Layer::Relu(_) => Self::Zero,
            Layer::Tanh(_) => Self::BothEnds,
            Layer::Sigmoid(_) => Self::UnitEnds,
            Layer::Elu(elu) if elu.alpha > 0.0 => Self::Below(-elu.alpha),
            Layer::Selu(_) => Self::Below(-SELU),
            _ => Self::Nowhere,
        }
    }

    /// Whether the activation is flat where it gives `value`: `threshold`, 0 to 1, of the way from its middle to its limit.
    pub fn holds(self, value: f32, threshold: f64) -> bool {
        let value = f64::from(value);
        match self {
            Self::Zero => value == 0.0,
            Self::BothEnds => value.abs() >= threshold,
            Self::UnitEnds => (2.0 * value - 1.0).abs() >= threshold,
            Self::Below(limit) => value <= limit * threshold,
            Self::Nowhere => false,
        }
    }
}

/// Whether a layer is an activation.
pub(super) fn is_activation(layer: &Layer) -> bool {
    layer.role() == Role::Activation
}
