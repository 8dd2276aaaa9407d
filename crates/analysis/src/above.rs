//! Interventions: a node's units changed, and what the layers above make of it.
//!
//! What lies below the node does not change, so its values are computed once; the graph begins at the node, goes through one
//! operation of `autograd` that changes units ([`Op`]), and on through the layers above. The operation's numbers are inputs of
//! the graph, written between replays.

use autograd::Node;
use models::{Model, ModelError, Network};
use ndarray::{ArrayView2, s};

use crate::AnalysisError;

/// Samples replayed at once: their values stay in the second-level cache.
pub const CHUNK: usize = 250;

/// What may be done to units; each takes two numbers per unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Times the first number; the second means nothing.
    Scale,
    /// At least the first, at most the second.
    Clamp,
    /// As it is where the first is not 0, else the second.
    Mask,
}

impl Op {
    /// The numbers that change nothing.
    fn neutral(self) -> [f32; 2] {
        match self {
            Self::Scale => [1.0, 0.0],
            Self::Clamp => [f32::NEG_INFINITY, f32::INFINITY],
            Self::Mask => [1.0, 0.0],
        }
    }
}

/// The graph from a node on, for some samples at once.
pub struct Above<'a> {
    model: &'a Model,
    op: Op,
    network: Network,
    /// The units after the operation.
    changed: Node,
    /// Where its numbers go.
    numbers: Vec<Node>,
}

impl<'a> Above<'a> {
    /// For `rows` samples.
    ///
    /// # Errors
    /// When the model has no such node.
    pub fn new(model: &'a Model, node: &str, op: Op, rows: usize) -> Result<Self, AnalysisError> {
        let mut changed = None;
        let network = model.network_above(node, rows, |graph, x| {
            let y = match op {
                Op::Scale => graph.scale(x),
                Op::Clamp => graph.clamp(x),
                Op::Mask => graph.mask(x),
            }?;
            Ok(*changed.insert(y))
        })?;
        let changed = changed.unwrap_or(network.x);
        // A clamp is two nodes, each with its input: the second one's is named after the first.
        let is_setting = |n: &Node| {
            let name = network.graph.name_of(*n);
            *n < changed && [".factor", ".low", ".high", ".keep", ".fill"].iter().any(|suffix| name.ends_with(suffix))
        };
        let numbers = network.graph.nodes().filter(is_setting).collect();
        Ok(Self { model, op, network, changed, numbers })
    }

    /// Writes the numbers of one unit.
    pub fn set(&mut self, unit: usize, numbers: [f32; 2]) {
        for (node, number) in self.numbers.iter().zip(numbers) {
            self.network.graph.value_mut(*node)[unit] = number;
        }
    }

    /// Leaves a unit as it is again.
    pub fn clear(&mut self, unit: usize) {
        self.set(unit, self.op.neutral());
    }

    /// Writes the node's values, rows × units.
    pub fn load<'v>(&mut self, values: impl IntoIterator<Item = &'v f32>) {
        let x = self.network.x;
        self.network.graph.value_mut(x).iter_mut().zip(values).for_each(|(to, from)| *to = *from);
    }

    /// What the layers above make of the changed values: rows × outputs.
    pub fn replay(&mut self) -> &[f32] {
        self.network.graph.forward(&self.model.parameters);
        self.network.graph.value(self.network.output)
    }

    /// The values of a node above as the last replay left them.
    ///
    /// # Errors
    /// When no such node lies above.
    pub fn value(&self, node: &str) -> Result<&[f32], AnalysisError> {
        let graph = &self.network.graph;
        Ok(graph.value(graph.node(node).map_err(ModelError::from)?))
    }

    /// Calls `see` with each row and unit, of the units given, whose value the operation changed.
    fn differences(&self, units: &[usize], mut see: impl FnMut(usize, usize)) {
        let graph = &self.network.graph;
        let (before, after) = (graph.value(self.network.x), graph.value(self.changed));
        let width = graph.shape(self.network.x)[1].max(1);
        for (row, (before, after)) in before.chunks_exact(width).zip(after.chunks_exact(width)).enumerate() {
            units.iter().filter(|u| before[**u] != after[**u]).for_each(|u| see(row, *u));
        }
    }
}

/// The numbers that an intervention writes.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The units it is about, and the two numbers of each.
    pub units: Vec<(usize, [f32; 2])>,
}

/// How far an intervention reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effect {
    /// Units whose value it changed on some sample.
    pub units: usize,
    /// Samples on which it changed some unit.
    pub samples: usize,
}

/// Replays what lies above a node under each setting. `values` are the node's, samples × units; `see` is given the number of the
/// setting, the first sample and the outputs of some samples. Says how far each setting reached.
///
/// # Errors
/// When the model has no such node.
pub fn replay(
    model: &Model,
    node: &str,
    op: Op,
    values: ArrayView2<'_, f32>,
    settings: &[Setting],
    see: &mut dyn FnMut(usize, usize, &[f32]),
) -> Result<Vec<Effect>, AnalysisError> {
    let mut touched = vec![vec![false; values.ncols()]; settings.len()];
    let mut effects = vec![Effect::default(); settings.len()];
    for start in (0..values.nrows()).step_by(CHUNK) {
        let rows = CHUNK.min(values.nrows() - start);
        let mut above = Above::new(model, node, op, rows)?;
        above.load(values.slice(s![start..start + rows, ..]));
        for (i, setting) in settings.iter().enumerate() {
            setting.units.iter().for_each(|(unit, numbers)| above.set(*unit, *numbers));
            see(i, start, above.replay());
            let units: Vec<usize> = setting.units.iter().map(|(unit, _)| *unit).collect();
            let mut last = None;
            above.differences(&units, |row, unit| {
                touched[i][unit] = true;
                effects[i].samples += usize::from(last.replace(row) != Some(row));
            });
            units.iter().for_each(|unit| above.clear(*unit));
        }
    }
    for (effect, touched) in effects.iter_mut().zip(touched) {
        effect.units = touched.into_iter().filter(|t| *t).count();
    }
    Ok(effects)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use ndarray::Array2;

    /// The outputs under one setting.
    fn outputs(model: &Model, node: &str, op: Op, x: &Array2<f32>, units: &[(usize, [f32; 2])]) -> (Vec<f32>, Effect) {
        let values = model.activations(x.view(), &[node]).expect("a node").remove(0);
        let mut all = Vec::new();
        let setting = Setting { units: units.to_vec() };
        let effects = replay(model, node, op, values.view(), &[setting], &mut |_, _, y| all.extend_from_slice(y));
        (all, effects.expect("a node")[0])
    }

    #[test]
    fn interventions_do_what_they_say() {
        let trained = fixture::classifier(&[2], fixture::tanh_layers());
        let (model, x) = (&trained.fit.model, &*trained.data.train.x);
        let a = model.activations(x.view(), &["hidden1.post"]).expect("a node").remove(0);
        let value = |name: &str| model.parameters.value(model.parameters.find(name).expect("a parameter"));
        let (w, b) = (value("output.weight"), value("output.bias"));
        // The chain of fused multiply-adds over k ascending that every product is.
        let by_hand = |change: &dyn Fn(usize, f32) -> f32| -> Vec<f32> {
            let row = |i: usize| (0..3).map(move |o| (i, o));
            let one =
                |(i, o): (usize, usize)| (0..3).fold(b[o], |sum, u| change(u, a[[i, u]]).mul_add(w[u * 3 + o], sum));
            (0..x.nrows()).flat_map(row).map(one).collect()
        };
        let node = "hidden1.post";
        let (found, effect) = outputs(model, node, Op::Scale, x, &[(1, [2.5, 0.0])]);
        assert_eq!(found, by_hand(&|u, v| if u == 1 { 2.5 * v } else { v }));
        assert_eq!(effect, Effect { units: 1, samples: 60 });
        let (found, effect) = outputs(model, node, Op::Mask, x, &[(0, [0.0, 0.0]), (2, [0.0, 0.25])]);
        assert_eq!(found, by_hand(&|u, v| [0.0, v, 0.25][u]));
        assert_eq!(effect, Effect { units: 2, samples: 60 });
        let (found, effect) = outputs(model, node, Op::Clamp, x, &[(1, [-0.1, 0.2])]);
        assert_eq!(found, by_hand(&|u, v| if u == 1 { v.clamp(-0.1, 0.2) } else { v }));
        assert_eq!(effect.samples, a.column(1).iter().filter(|v| !(-0.1..=0.2).contains(*v)).count());
        // Nothing is changed by what changes nothing.
        let (found, effect) = outputs(model, node, Op::Scale, x, &[(1, [1.0, 0.0])]);
        assert_eq!(found, model.predict(x.view()).expect("fits").iter().copied().collect::<Vec<_>>());
        assert_eq!(effect, Effect::default());
    }
}
