//! What analyses ask of layers: which form a layer has and, for activations, what their curves are like. Tests compare it with
//! the graphs.

use autograd::{Graph, GraphError, Node};
use registry::{Config, Problems};
use tensor::Float;

use super::{LayerConfig, LayerError, Role};

/// What a layer that predicts does to a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Form {
    /// Leaves every number as it is, if in another shape.
    Identity,
    /// x · W + b: its arrays are W, inputs × units, and b where it has a `bias`.
    Dense {
        /// Whether there is a b.
        bias: bool,
    },
    /// w (x − m) / √(v + ε) + b for each number by itself: its arrays are w, b, m and v.
    Normalization {
        /// ε.
        eps: f64,
    },
    /// The same curve for each number by itself.
    Elementwise(Curve),
    /// Something else.
    Other,
}

/// The curve y(x) of an activation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Curve {
    /// y(0).
    pub at_zero: f64,
    /// What y lies between; infinite where it grows for ever.
    pub range: [f64; 2],
    /// Whether y comes arbitrarily close to the lower and to the upper end of its range as x falls and as it grows, and so is
    /// flat there.
    pub saturates: [bool; 2],
    /// The slopes below and above x = 0, where these are straight lines from the origin.
    pub slopes: Option<[f64; 2]>,
}

impl Curve {
    /// Whether it is flat where it gives `y`: `threshold`, 0 to 1, of the way from y(0) to an end at which it saturates.
    pub fn is_flat_at(&self, y: f64, threshold: f64) -> bool {
        let [lower, upper] = self.range.map(|end| self.at_zero + threshold * (end - self.at_zero));
        (self.saturates[0] && y <= lower) || (self.saturates[1] && y >= upper)
    }
}

/// An activation: a curve for each number by itself, without parameters. Its file provides this, which makes it a layer.
pub trait Activation: Config {
    /// As [`LayerConfig::MAIN`].
    const MAIN: Option<&'static str> = None;

    /// Adds it to a graph.
    fn apply<F: Float>(&self, graph: &mut Graph<F>, x: Node) -> Node;

    /// What its curve is like.
    fn curve(&self) -> Curve;

    /// The only x at which it gives y; `None` where there is none, more than one, or no formula for it.
    fn inverse(&self, y: f64) -> Option<f64>;

    /// As [`LayerConfig::check`].
    fn check(&self, _problems: &mut Problems) {}
}

impl<A: Activation> LayerConfig for A {
    const MAIN: Option<&'static str> = A::MAIN;

    fn role(&self) -> Role {
        Role::Activation
    }

    fn form(&self) -> Form {
        Form::Elementwise(self.curve())
    }

    fn inverse(&self, y: f64) -> Option<f64> {
        Activation::inverse(self, y)
    }

    fn output(&self, input: &[usize]) -> Result<Vec<usize>, LayerError> {
        Ok(input.to_vec())
    }

    fn build<F: Float>(&self, graph: &mut Graph<F>, x: Node, _: &[Node]) -> Result<Node, GraphError> {
        Ok(self.apply(graph, x))
    }

    fn check(&self, problems: &mut Problems) {
        Activation::check(self, problems);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Elu, LAYERS, LayerInfo, LeakyRelu};
    use super::*;
    use crate::{Head, Layer, Model};
    use ndarray::{Array2, ArrayView2};
    use tensor::random::{Purpose, Streams};

    /// The layer alone as a model, its parameters any numbers that are not 0 nor 1.
    fn model(layer: &Layer, inputs: usize) -> Model {
        let mut stream = Streams::new(1).stream("m", Purpose::Init);
        let mut model = Model::new(vec![layer.clone()], &[inputs], Head::Output, &mut stream).expect("fits");
        let values = model.parameters.values_mut().iter_mut().enumerate();
        values.for_each(|(i, v)| *v = 0.25 + 0.5 * ((i * 7 + 3) % 11) as f32);
        model
    }

    fn outputs(model: &Model, x: ArrayView2<'_, f32>) -> Array2<f64> {
        model.predict(x).expect("as many features").mapv(f64::from)
    }

    /// Its arrays as they are listed, then its states.
    fn arrays(model: &Model) -> Vec<Vec<f64>> {
        let wide = |values: &[f32]| values.iter().map(|v| f64::from(*v)).collect();
        model.parameters.list().iter().map(|p| wide(&model.parameters.values()[p.range.clone()])).collect()
    }

    /// The layer of every kind's example, and such whose settings change their form.
    fn layers() -> Vec<Layer> {
        let example = |info: &LayerInfo| {
            let text = format!("layer = {{ {} = {{ {} }} }}", info.kind, info.example);
            let mut table: toml::Table = toml::from_str(&text).expect("TOML");
            table.remove("layer").expect("a layer").try_into().expect("examples parse")
        };
        let special: [Layer; 3] =
            [LeakyRelu { slope: 0.0 }.into(), LeakyRelu { slope: 1.0 }.into(), Elu { alpha: 0.0 }.into()];
        LAYERS.iter().map(example).chain(special).collect()
    }

    #[test]
    fn a_form_is_what_the_graph_computes() {
        let x = Array2::from_shape_fn((6, 4), |(i, j)| ((i * 13 + j * 29) % 23) as f32 / 5.0 - 2.0);
        // Layers of pictures take no vectors; their forms say nothing that could be wrong.
        for layer in layers().into_iter().filter(|layer| Model::shapes(std::slice::from_ref(layer), &[4]).is_ok()) {
            let (model, wide) = (model(&layer, 4), x.mapv(f64::from));
            let (y, arrays) = (outputs(&model, x.view()), arrays(&model));
            let expected = match layer.form() {
                Form::Identity => wide,
                Form::Dense { bias } => {
                    let weight = ArrayView2::from_shape((4, y.ncols()), &arrays[0]).expect("inputs × units");
                    assert_eq!(arrays.len(), 1 + usize::from(bias), "{layer:?}");
                    let offsets = if bias { arrays[1].clone() } else { vec![0.0; y.ncols()] };
                    #[allow(clippy::disallowed_methods, reason = "compared with a tolerance")]
                    let product = wide.dot(&weight);
                    product + &ndarray::Array1::from(offsets)
                }
                Form::Normalization { eps } => Array2::from_shape_fn((6, 4), |(i, j)| {
                    let [w, b, m, v] = [0, 1, 2, 3].map(|k: usize| arrays[k][j]);
                    w * (wide[[i, j]] - m) / (v + eps).sqrt() + b
                }),
                Form::Elementwise(_) => {
                    // Whatever stands beside a number, the same comes of it.
                    let mut column = Array2::zeros((6, 4));
                    for j in 0..4 {
                        let alone = Array2::from_shape_fn((6, 4), |(i, _)| x[[i, j]]);
                        column.column_mut(j).assign(&outputs(&model, alone.view()).column(3 - j));
                    }
                    column
                }
                Form::Other => {
                    let mut other = x.clone();
                    other.column_mut(3).fill(0.5);
                    let others = outputs(&model, other.view());
                    let together = (0..6).any(|i| (0..3).any(|j| (others[[i, j]] - y[[i, j]]).abs() > 1e-6));
                    let own = !arrays.is_empty() || y.ncols() != 4;
                    assert!(together || own, "{layer:?} is a curve for each number by itself: say which");
                    continue;
                }
            };
            assert_eq!(y.dim(), expected.dim(), "{layer:?}");
            let error = (&y - &expected).mapv(f64::abs).fold(0.0, |worst: f64, e| worst.max(*e));
            assert!(error < 1e-5, "{layer:?} is off by {error}");
        }
    }

    #[test]
    fn a_curve_is_as_it_is_described() {
        let grid: Vec<f32> = (-400..=400).map(|i| i as f32 / 8.0).collect();
        let column = Array2::from_shape_fn((grid.len(), 1), |(i, _)| grid[i]);
        for layer in layers() {
            let Form::Elementwise(curve) = layer.form() else { continue };
            let y: Vec<f64> = outputs(&model(&layer, 1), column.view()).into_iter().collect();
            let [lower, upper] = curve.range;
            let (first, last) = (y[0], y[y.len() - 1]);
            let near = |a: f64, b: f64| (a - b).abs() < 1e-3;
            assert!((curve.at_zero - y[400]).abs() < 1e-6, "{layer:?}: {}", y[400]);
            let least = y.iter().copied().fold(f64::INFINITY, f64::min);
            let most = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            assert!(if lower.is_finite() { near(least, lower) } else { first < -4.0 }, "{layer:?} from {least}");
            assert!(if upper.is_finite() { near(most, upper) } else { last > 4.0 }, "{layer:?} to {most}");
            let flat = [near(first, lower) && near(y[1], first), near(last, upper) && near(y[y.len() - 2], last)];
            assert_eq!(curve.saturates, flat, "{layer:?}");
            let line = |x: f64| if x < 0.0 { x * y[392] / -1.0 } else { x * y[408] };
            let straight = grid.iter().zip(&y).all(|(x, y)| (line(f64::from(*x)) - y).abs() < 1e-4);
            assert_eq!(curve.slopes.is_some(), straight, "{layer:?}");
            if let Some([below, above]) = curve.slopes {
                assert!((below + y[392]).abs() < 1e-6 && (above - y[408]).abs() < 1e-6, "{layer:?}");
            }
            for (x, y) in grid.iter().zip(&y).filter(|(x, _)| x.abs() < 4.0) {
                // Of one y that stands for two places there is no inverse.
                let back = layer.inverse(*y).is_none_or(|found| (found - f64::from(*x)).abs() < 1e-3);
                assert!(back, "{layer:?} at {x}: {:?}", layer.inverse(*y));
            }
            for beyond in [lower - 0.5, upper + 0.5].into_iter().filter(|y| y.is_finite()) {
                assert_eq!(layer.inverse(beyond), None, "{layer:?} never gives {beyond}");
            }
        }
    }

    #[test]
    fn flat_is_near_a_limit() {
        use super::super::{Gelu, Relu, Sigmoid, Softplus, Tanh};
        let flat = |layer: Layer, y: &[f64]| match layer.form() {
            Form::Elementwise(curve) => y.iter().map(|y| curve.is_flat_at(*y, 0.75)).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        assert_eq!(flat(Relu {}.into(), &[0.0, 1e-9, f64::NAN]), [true, false, false]);
        assert_eq!(flat(Tanh {}.into(), &[-0.75, -0.74, 0.74, 0.75]), [true, false, false, true]);
        assert_eq!(flat(Sigmoid {}.into(), &[0.125, 0.126, 0.874, 0.875]), [true, false, false, true]);
        assert_eq!(flat(Elu { alpha: 2.0 }.into(), &[-1.5, -1.4, 9.0]), [true, false, false]);
        assert_eq!(flat(Softplus {}.into(), &[0.17, 0.18, 9.0]), [true, false, false]);
        assert_eq!(flat(Gelu {}.into(), &[-0.1, 0.0, 9.0]), [false; 3]);
    }
}
