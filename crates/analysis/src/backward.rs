//! Gradients of one number per sample with respect to named nodes: of the loss, or of a unit.
//!
//! The model's graph, as it predicts, is replayed forward and backward on the samples, some hundred at a time. Samples do not
//! see each other (normalisation uses the statistics of training), so that the gradient of a sum over samples has each sample's
//! own gradient in its row.

use models::{Loss, Model, ModelError};
use ndarray::{Array2, ArrayView2, s};

use crate::AnalysisError;

/// Samples replayed at once.
const CHUNK: usize = 250;

/// What is differentiated, for each sample.
#[derive(Clone, Copy)]
pub enum Root<'a> {
    /// The loss, given each sample's class.
    Loss(Loss, &'a [u32]),
    /// Units of a node: each sample has its own.
    Units(&'a str, &'a [usize]),
    /// A unit of a node.
    Unit(&'a str, usize),
}

/// A node's values, and the gradients with respect to it: both samples × units.
#[derive(Debug, Clone, PartialEq)]
pub struct Pulled {
    /// The values.
    pub values: Array2<f32>,
    /// ∂root/∂value.
    pub gradients: Array2<f32>,
}

/// Values and gradients of nodes (`x` among them, if asked for) for each row of `x`, samples × features.
///
/// # Errors
/// When the data has another number of features than the model, or no node has one of the names.
pub fn gradients(
    model: &Model,
    root: Root<'_>,
    x: ArrayView2<'_, f32>,
    nodes: &[&str],
) -> Result<Vec<Pulled>, AnalysisError> {
    let (n, features) = x.dim();
    if features != model.features() {
        return Err(ModelError::Features { expected: model.features(), found: features }.into());
    }
    let mut parameters = model.parameters.clone();
    let mut found: Vec<Pulled> = Vec::new();
    for start in (0..n.max(1)).step_by(CHUNK) {
        let rows = CHUNK.min(n - start);
        let mut network = model.network_with_input_gradient(rows, &parameters)?;
        let graph = &mut network.graph;
        let (top, target) = match root {
            Root::Loss(loss, _) => {
                let (target, loss) = loss.build(graph, network.output).map_err(ModelError::from)?;
                (loss, Some(target))
            }
            Root::Units(node, _) | Root::Unit(node, _) => (graph.node(node).map_err(ModelError::from)?, None),
        };
        graph.differentiate(top).map_err(ModelError::from)?;
        let given = x.slice(s![start..start + rows, ..]);
        graph.value_mut(network.x).iter_mut().zip(given).for_each(|(to, from)| *to = *from);
        if let (Root::Loss(_, labels), Some(target)) = (root, target) {
            let labels = labels[start..start + rows].iter().map(|l| *l as f32);
            graph.value_mut(target).iter_mut().zip(labels).for_each(|(to, from)| *to = from);
        }
        graph.forward(&parameters);
        let seed = graph.gradient_mut(top);
        let units = seed.len() / rows.max(1);
        seed.fill(0.0);
        match root {
            // The loss is the mean over the rows, and each row's own is wanted.
            Root::Loss(..) => seed.fill(rows as f32),
            Root::Units(_, own) => (0..rows).for_each(|r| seed[r * units + own[start + r]] = 1.0),
            Root::Unit(_, unit) => (0..rows).for_each(|r| seed[r * units + unit] = 1.0),
        }
        graph.backward_seeded(&mut parameters);
        for (i, name) in nodes.iter().enumerate() {
            let node = graph.node(name).map_err(ModelError::from)?;
            let units = tensor::shape::size(&graph.shape(node)[1..]);
            if start == 0 {
                found.push(Pulled { values: Array2::zeros((n, units)), gradients: Array2::zeros((n, units)) });
            }
            let range = s![start..start + rows, ..];
            let copy = |to: &mut Array2<f32>, from: &[f32]| {
                to.slice_mut(range).iter_mut().zip(from).for_each(|(to, from)| *to = *from);
            };
            copy(&mut found[i].values, graph.value(node));
            copy(&mut found[i].gradients, graph.gradient(node));
        }
    }
    Ok(found)
}

/// The node whose values are the scores of classes: `logits`, or the last node of a model that has none.
pub fn scores(model: &Model) -> String {
    let nodes = model.nodes();
    nodes.iter().find(|n| *n == "logits").or(nodes.last()).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    /// Central differences of the root along every number of the input.
    fn differences(x: &Array2<f32>, root: impl Fn(&Array2<f32>) -> Vec<f64>) -> Array2<f64> {
        let mut slopes = Array2::zeros(x.dim());
        let step = 3e-3;
        for j in 0..x.ncols() {
            let moved = |by: f32| {
                let mut x = x.clone();
                x.column_mut(j).mapv_inplace(|v| v + by);
                root(&x)
            };
            let (up, down) = (moved(step), moved(-step));
            for i in 0..x.nrows() {
                slopes[[i, j]] = (up[i] - down[i]) / (2.0 * f64::from(step));
            }
        }
        slopes
    }

    fn close(found: &Array2<f32>, expected: &Array2<f64>) {
        for (a, b) in found.iter().zip(expected) {
            assert!((f64::from(*a) - b).abs() < 2e-3, "{a} and {b}");
        }
    }

    #[test]
    fn gradients_are_those_of_differences() {
        let trained = fixture::classifier(&[2], fixture::tanh_layers());
        let (model, data) = (&trained.fit.model, &trained.data.train);
        let x = (*data.x).clone();
        let labels = data.labels().expect("classes");
        let found = gradients(model, Root::Loss(trained.fit.loss, labels), x.view(), &["x"]).expect("fits");
        assert_eq!(found[0].values, x);
        let losses = |x: &Array2<f32>| -> Vec<f64> {
            let outputs = model.predict(x.view()).expect("two features").mapv(f64::from);
            let loss = |(row, label): (ndarray::ArrayView1<'_, f64>, &u32)| {
                let sum: f64 = row.iter().map(|v| tensor::math::f64::exp(*v)).sum();
                tensor::math::f64::ln(sum) - row[*label as usize]
            };
            outputs.rows().into_iter().zip(labels).map(loss).collect()
        };
        close(&found[0].gradients, &differences(&x, losses));

        let own: Vec<usize> = labels.iter().map(|l| *l as usize).collect();
        let found = gradients(model, Root::Units("logits", &own), x.view(), &["hidden1.post", "x"]).expect("fits");
        let scores = |x: &Array2<f32>| -> Vec<f64> {
            let outputs = model.predict(x.view()).expect("two features");
            own.iter().enumerate().map(|(i, l)| f64::from(outputs[[i, *l]])).collect()
        };
        close(&found[1].gradients, &differences(&x, scores));
        // The hidden layer lies directly below the logits: the gradient is the weight to the own class.
        let weights = model.parameters.value(model.parameters.find("output.weight").expect("a parameter"));
        assert_eq!(found[0].gradients[[4, 1]], weights[3 + own[4]]);
    }
}
