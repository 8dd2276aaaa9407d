//! Piecewise-linear networks as a list of affine steps and bends, in f64.
//!
//! A net of linear, relu, leaky_relu and flatten layers is affine on each set of inputs that switch the same units on; so is one
//! with batch normalisation, which by its running statistics is affine, and with dropout, which does nothing once training is
//! over. What the analyses of its pieces share is here: the steps, the units' values at the corners of pieces ([`rows`]) and the
//! affine map of a piece ([`maps`]).

mod maps;
mod rows;

pub(crate) use maps::Maps;
pub(crate) use rows::Rows;

use models::{
    Layer, Model,
    layers::{Curve, Form},
};
use tensor::{Init, Product, matmul};

use crate::PlannedModel;

/// The layers a piecewise-linear network is made of, in words.
pub(crate) const LAYERS: &str = "linear, relu, leaky_relu, flatten, batch_norm and dropout layers";

/// A network as a list of steps.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piecewise {
    /// How many inputs.
    pub inputs: usize,
    /// From input to output.
    pub steps: Vec<Step>,
}

/// What happens to a vector of units.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    /// All units are replaced by sums of them.
    Affine(Affine),
    /// The first `units` units: v where v > 0, slope · v elsewhere. The others stay as they are.
    Bend { units: usize, slope: f64 },
}

/// x · W + b.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Affine {
    /// inputs × outputs, row by row.
    pub weight: Vec<f64>,
    /// One per output.
    pub bias: Vec<f64>,
}

impl Affine {
    /// Scales and shifts every output.
    fn rescale(&mut self, scale: &[f64], shift: &[f64]) {
        let scaled = |row: &mut [f64]| row.iter_mut().zip(scale).for_each(|(v, s)| *v *= s);
        self.weight.chunks_exact_mut(scale.len()).for_each(scaled);
        scaled(&mut self.bias);
        self.bias.iter_mut().zip(shift).for_each(|(b, s)| *b += s);
    }

    /// The map that leaves every unit as it is.
    fn identity(units: usize) -> Self {
        let weight = (0..units * units).map(|k| if k % (units + 1) == 0 { 1.0 } else { 0.0 }).collect();
        Self { weight, bias: vec![0.0; units] }
    }

    /// Adds x · W to `out`, for as many rows as `out` has.
    pub fn add_product(&self, x: &[f64], out: &mut [f64]) {
        let outputs = self.bias.len();
        let (rows, inputs) = (out.len() / outputs.max(1), self.weight.len() / outputs.max(1));
        matmul(Product::new(rows, inputs, outputs), x, &self.weight, out, Init::Accumulate);
    }
}

/// Whether a layer is linear on each of some pieces.
fn suits(layer: &Layer) -> bool {
    match layer.form() {
        Form::Identity | Form::Dense { .. } | Form::Normalization { .. } => true,
        Form::Elementwise(curve) => matches!(curve.slopes, Some([_, 1.0])),
        Form::Other => false,
    }
}

impl PlannedModel {
    /// What is wrong, if anything, with taking this model apart into pieces on which it is linear.
    pub(crate) fn needs_pieces(&self) -> Option<String> {
        let (place, layer) = self.layers.iter().enumerate().find(|(_, layer)| !suits(layer))?;
        Some(format!("expected a model of {LAYERS}, and {} has {} (model[{place}])", self.name, layer.kind()))
    }
}

impl Piecewise {
    /// The steps of a trained model.
    ///
    /// # Errors
    /// The name of the first layer that is not piecewise linear.
    pub fn new(model: &Model) -> Result<Self, &'static str> {
        let wide = |values: &[f32]| values.iter().map(|v| f64::from(*v)).collect::<Vec<f64>>();
        let mut arrays = model.parameters.list().iter();
        let mut array = || wide(arrays.next().map_or(&[][..], |p| &model.parameters.values()[p.range.clone()]));
        let mut width = model.features();
        let mut steps = Vec::new();
        for (layer, node) in model.layers().iter().zip(model.nodes()) {
            match layer.form() {
                Form::Identity => {}
                Form::Dense { bias } => {
                    let weight = array();
                    width = weight.len() / width.max(1);
                    let bias = if bias { array() } else { vec![0.0; width] };
                    steps.push(Step::Affine(Affine { weight, bias }));
                }
                Form::Elementwise(Curve { slopes: Some([slope, 1.0]), .. }) => {
                    // The graph computes with the slope in f32.
                    steps.push(Step::Bend { units: width, slope: f64::from(slope as f32) })
                }
                Form::Normalization { eps } => {
                    let state = |name: &str| {
                        let id = model.parameters.find(&format!("{node}.{name}")).expect("a state of the layer");
                        wide(model.parameters.value(id))
                    };
                    let (weight, mut shift) = (array(), array());
                    // The graph computes with ε in f32.
                    let deviation = |variance: &f64| (variance + f64::from(eps as f32)).sqrt();
                    let scale: Vec<f64> =
                        weight.iter().zip(&state("running_var")).map(|(w, v)| w / deviation(v)).collect();
                    let means = scale.iter().zip(state("running_mean"));
                    shift.iter_mut().zip(means).for_each(|(b, (s, mean))| *b -= s * mean);
                    if !matches!(steps.last(), Some(Step::Affine(_))) {
                        steps.push(Step::Affine(Affine::identity(width)));
                    }
                    if let Some(Step::Affine(affine)) = steps.last_mut() {
                        affine.rescale(&scale, &shift);
                    }
                }
                Form::Elementwise(_) | Form::Other => return Err(layer.kind()),
            }
        }
        Ok(Self { inputs: model.features(), steps })
    }

    /// How many units each bend has, in order.
    pub fn bends(&self) -> Vec<usize> {
        let units = |step: &Step| if let Step::Bend { units, .. } = step { Some(*units) } else { None };
        self.steps.iter().filter_map(units).collect()
    }

    /// How many outputs.
    pub fn outputs(&self) -> usize {
        let width = |step: &Step| if let Step::Affine(affine) = step { Some(affine.bias.len()) } else { None };
        self.steps.iter().rev().find_map(width).unwrap_or(self.inputs)
    }
}

/// Which units of each bend are on (above 0) in a piece: one bit per unit, each bend beginning at a new word.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Pattern(pub(crate) Vec<u64>);

impl Pattern {
    /// Makes room for the units of one more bend, all off; their first bit.
    pub(crate) fn extend(&mut self, units: usize) -> usize {
        let first = 64 * self.0.len();
        self.0.resize(self.0.len() + units.div_ceil(64), 0);
        first
    }

    pub(crate) fn switch_on(&mut self, bit: usize) {
        self.0[bit / 64] |= 1 << (bit % 64);
    }

    pub(crate) fn is_on(&self, bit: usize) -> bool {
        self.0[bit / 64] >> (bit % 64) & 1 == 1
    }

    /// For each bend, given how many units each has, which units are on.
    pub fn unpack(&self, bends: &[usize]) -> Vec<Vec<bool>> {
        let mut first = 0;
        bends
            .iter()
            .map(|units| {
                let on = (first..first + units).map(|bit| self.is_on(bit)).collect();
                first += 64 * units.div_ceil(64);
                on
            })
            .collect()
    }

    /// The units, as layer and unit, that are on in one of two patterns only.
    pub fn difference(&self, other: &Self, bends: &[usize]) -> Vec<(usize, usize)> {
        let (ours, theirs) = (self.unpack(bends), other.unpack(bends));
        let layers = ours.iter().zip(&theirs).enumerate();
        let units = layers.flat_map(|(layer, (ours, theirs))| {
            let differ = ours.iter().zip(theirs).enumerate().filter(|(_, (a, b))| a != b);
            differ.map(move |(unit, _)| (layer, unit))
        });
        units.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layers_are_those_that_are_linear_on_pieces() {
        let example = |info: &models::LayerInfo| {
            let text = format!("{{ {} = {{ {} }} }}", info.kind, info.example);
            let layer = toml::de::ValueDeserializer::parse(&text).expect("TOML");
            <Layer as serde::Deserialize>::deserialize(layer).expect("examples parse")
        };
        let mut kinds: Vec<&str> =
            models::LAYERS.iter().filter(|info| suits(&example(info))).map(|info| info.kind).collect();
        let mut told: Vec<&str> =
            LAYERS.trim_end_matches(" layers").split(", ").flat_map(|w| w.split(" and ")).collect();
        kinds.sort_unstable();
        told.sort_unstable();
        assert_eq!(told, kinds);
    }
}
