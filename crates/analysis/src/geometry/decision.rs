//! A model's outputs over a rectangle of its two inputs.

use ndarray::{Array2, Array3};

use models::Model;

use crate::AnalysisError;

/// A rectangle of the input plane: `[from, to]` in x and in y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Along the first input.
    pub x: [f64; 2],
    /// Along the second input.
    pub y: [f64; 2],
}

impl Window {
    /// The square around the points (n × 2), 8 % wider on each side than they are; ±1 around nothing.
    pub fn around(points: &Array2<f32>) -> Self {
        let range = |column: usize| {
            let finite = points.column(column).into_iter().copied().filter(|v| v.is_finite()).map(f64::from);
            finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)))
        };
        let ranges = [range(0), range(1)];
        let widest = ranges.iter().map(|(lo, hi)| hi - lo).fold(0.0, f64::max);
        let half = if widest > 0.0 && widest.is_finite() { 0.58 * widest } else { 1.0 };
        let sides = ranges.map(|(lo, hi)| {
            let middle = if lo <= hi { (lo + hi) / 2.0 } else { 0.0 };
            [middle - half, middle + half]
        });
        Self { x: sides[0], y: sides[1] }
    }

    /// The points of a grid of `columns` × `rows`, borders included, row by row from the lowest y.
    pub fn grid(&self, columns: usize, rows: usize) -> Array2<f32> {
        let (xs, ys) = (ticks(self.x, columns), ticks(self.y, rows));
        Array2::from_shape_fn((columns * rows, 2), |(i, axis)| {
            (if axis == 0 { xs[i % columns] } else { ys[i / columns] }) as f32
        })
    }
}

/// `n` evenly spaced numbers from one end of a range to the other.
pub fn ticks([from, to]: [f64; 2], n: usize) -> Vec<f64> {
    let steps = n.saturating_sub(1).max(1) as f64;
    (0..n).map(|i| from + (to - from) * (i as f64 / steps)).collect()
}

/// A model's outputs on a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Where the columns lie.
    pub x: Vec<f64>,
    /// Where the rows lie, ascending.
    pub y: Vec<f64>,
    /// rows × columns × outputs.
    pub outputs: Array3<f32>,
}

impl Decision {
    /// The largest output's index at each point, rows × columns.
    pub fn classes(&self) -> Array2<u32> {
        let (rows, columns, _) = self.outputs.dim();
        Array2::from_shape_fn((rows, columns), |(r, c)| {
            let outputs = self.outputs.slice(ndarray::s![r, c, ..]);
            outputs.as_slice().map_or(0, tensor::reduce::argmax) as u32
        })
    }
}

/// Evaluates a model of two inputs on a grid of `resolution`² points.
///
/// # Errors
/// When the model takes another number of inputs.
pub fn decision(model: &Model, name: &str, window: Window, resolution: usize) -> Result<Decision, AnalysisError> {
    if model.features() != 2 {
        return Err(AnalysisError::Shape {
            what: "a picture of the input plane",
            expected: "two inputs",
            name: name.to_owned(),
            found: tensor::shape::display(model.input()),
        });
    }
    let outputs = model.predict(window.grid(resolution, resolution).view())?;
    let shape = (resolution, resolution, outputs.ncols());
    let outputs = Array3::from_shape_fn(shape, |(r, c, k)| outputs[[r * resolution + c, k]]);
    Ok(Decision { x: ticks(window.x, resolution), y: ticks(window.y, resolution), outputs })
}

#[cfg(test)]
mod tests {
    use super::*;
    use models::{Head, Layer, layers::Linear};
    use tensor::random::{Purpose, Streams};

    #[test]
    fn a_linear_model_divides_the_plane_where_its_weights_say() {
        let layers: Vec<Layer> = vec![Linear::new(2).into()];
        let mut model =
            Model::new(layers, &[2], Head::Logits, &mut Streams::new(1).stream("m", Purpose::Init)).expect("fits");
        // Class 1 where x + 2y > 0.5.
        model.parameters.values_mut().copy_from_slice(&[0.0, 1.0, 0.0, 2.0, 0.0, -0.5]);
        let window = Window { x: [-1.0, 1.0], y: [-2.0, 2.0] };
        let decision = decision(&model, "m", window, 21).expect("two inputs");
        let classes = decision.classes();
        for (r, y) in decision.y.iter().enumerate() {
            for (c, x) in decision.x.iter().enumerate() {
                let score = x + 2.0 * y - 0.5;
                if score.abs() > 1e-6 {
                    assert_eq!(classes[[r, c]] == 1, score > 0.0, "at {x}, {y}");
                }
            }
        }
        assert_eq!((decision.x[0], decision.x[20], decision.y[20]), (-1.0, 1.0, 2.0));
    }

    #[test]
    fn windows_hold_their_points() {
        let points = ndarray::arr2(&[[0.0, 0.0], [1.0, 3.0], [f32::NAN, 1.0]]);
        let window = Window::around(&points);
        assert!(window.x[0] < 0.0 && window.x[1] > 1.0 && window.y[0] < 0.0 && window.y[1] > 3.0);
        assert!(((window.x[1] - window.x[0]) - (window.y[1] - window.y[0])).abs() < 1e-12, "square");
        assert_eq!(Window::around(&Array2::zeros((0, 2))), Window { x: [-1.0, 1.0], y: [-1.0, 1.0] });
        assert_eq!(Window::around(&Array2::zeros((3, 2))), Window { x: [-1.0, 1.0], y: [-1.0, 1.0] });
    }
}
