//! The folded plane along training: layer by layer what [`crate::geometry::folding`] shows, at several snapshots, so that they
//! can follow each other.
//!
//! Every snapshot is seen in its own two leading principal directions, in units of the data's spread along both (the root of the
//! two variances' sum): activations grow a hundredfold while a network learns, and in one fixed frame the beginning would be a
//! speck. So that the plane neither jumps nor flips from one snapshot to the next, each is turned, and mirrored where that is
//! closer, onto the one after it: of all orthogonal Q the one that makes ‖A Q − B‖ least for the data A and B of the two
//! (Schönemann, *A generalized solution of the orthogonal Procrustes problem*, 1966; in the plane in closed form). The last one
//! is turned by nothing.

use models::Model;
use ndarray::{Array2, Array3, ArrayView2};

use crate::{AnalysisError, geometry::folding::Mesh, statistics::pca::Pca};

/// The plane after one layer at one snapshot, in units of the data's spread.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldedSnapshot {
    /// Lines of constant y: lines × points × 2.
    pub rows: Array3<f64>,
    /// Lines of constant x: lines × points × 2.
    pub columns: Array3<f64>,
    /// The data: samples × 2.
    pub data: Array2<f64>,
    /// The share of the data's variance along the two directions.
    pub explained: [f64; 2],
}

/// The mesh and the data `x` (samples × 2) at the nodes named, for each of the models: nodes × models.
///
/// # Errors
/// When a model does not take two inputs, or has no such node.
pub(crate) fn folding_snapshots(
    models: &[Model],
    nodes: &[&str],
    x: &Array2<f32>,
    mesh: &Mesh,
) -> Result<Vec<Vec<FoldedSnapshot>>, AnalysisError> {
    let mut layers: Vec<Vec<FoldedSnapshot>> = vec![Vec::new(); nodes.len()];
    for model in models {
        let of_data = model.run(x).read(nodes)?.values();
        let of_rows = model.run(&mesh.rows).read(nodes)?.values();
        let of_columns = model.run(&mesh.columns).read(nodes)?.values();
        for (((layer, data), rows), columns) in layers.iter_mut().zip(of_data).zip(of_rows).zip(of_columns) {
            let pca = Pca::fit(data.view());
            let spread = pca.variances.iter().take(2).sum::<f64>().sqrt();
            let unit = if spread > 0.0 { 1.0 / spread } else { 1.0 };
            let seen = |at: ArrayView2<'_, f32>| pca.project(at, 2) * unit;
            let explained = pca.explained();
            layer.push(FoldedSnapshot {
                rows: mesh.lines(seen(rows.view())),
                columns: mesh.lines(seen(columns.view())),
                data: seen(data.view()),
                explained: [0, 1].map(|k| explained.get(k).copied().unwrap_or(0.0)),
            });
        }
    }
    for layer in &mut layers {
        for i in (1..layer.len()).rev() {
            let (before, after) = layer.split_at_mut(i);
            let snapshot = &mut before[i - 1];
            let turn = procrustes(&snapshot.data, &after[0].data);
            turn_points(snapshot.data.as_slice_mut(), turn);
            turn_points(snapshot.rows.as_slice_mut(), turn);
            turn_points(snapshot.columns.as_slice_mut(), turn);
        }
    }
    Ok(layers)
}

/// The orthogonal 2 × 2 matrix Q, row by row, for which A Q is closest to B: with M = AᵀB, the rotation or the reflection that
/// gives tr(QᵀM) its largest value.
pub(crate) fn procrustes(a: &Array2<f64>, b: &Array2<f64>) -> [[f64; 2]; 2] {
    let mut m = [[0.0; 2]; 2];
    for (p, q) in a.rows().into_iter().zip(b.rows()) {
        for i in 0..2 {
            for j in 0..2 {
                m[i][j] += p[i] * q[j];
            }
        }
    }
    let (c, s) = (m[0][0] + m[1][1], m[0][1] - m[1][0]);
    let (mirrored_c, mirrored_s) = (m[0][0] - m[1][1], m[0][1] + m[1][0]);
    let (turned, mirrored) = ((c * c + s * s).sqrt(), (mirrored_c * mirrored_c + mirrored_s * mirrored_s).sqrt());
    if turned >= mirrored {
        let (c, s) = if turned > 0.0 { (c / turned, s / turned) } else { (1.0, 0.0) };
        [[c, s], [-s, c]]
    } else {
        let (c, s) = (mirrored_c / mirrored, mirrored_s / mirrored);
        [[c, s], [s, -c]]
    }
}

/// Multiplies every point, a row of two, by Q.
pub(crate) fn turn_points(points: Option<&mut [f64]>, q: [[f64; 2]; 2]) {
    for point in points.expect("arrays made in one piece").chunks_exact_mut(2) {
        let (x, y) = (point[0], point[1]);
        point[0] = x * q[0][0] + y * q[1][0];
        point[1] = x * q[0][1] + y * q[1][1];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use models::{Head, Layer, layers::Linear};
    use tensor::random::{Purpose, Streams};

    #[test]
    fn turned_and_mirrored_points_are_turned_back() {
        let a = Array2::from_shape_fn((20, 2), |(i, k)| ((i * 7 + k * 5) % 11) as f64 - 4.0 * k as f64);
        for q in [[[0.6, 0.8], [-0.8, 0.6]], [[0.6, 0.8], [0.8, -0.6]], [[-1.0, 0.0], [0.0, -1.0]]] {
            let mut b = a.clone();
            turn_points(b.as_slice_mut(), q);
            let found = procrustes(&a, &b);
            let off = (0..4).map(|k| (found[k / 2][k % 2] - q[k / 2][k % 2]).abs()).fold(0.0, f64::max);
            assert!(off < 1e-12, "{q:?} {found:?}");
        }
        assert_eq!(procrustes(&Array2::zeros((3, 2)), &a), [[1.0, 0.0], [0.0, 1.0]]);
    }

    #[test]
    fn rotated_and_scaled_layers_show_the_same_picture() {
        let layers: Vec<Layer> = vec![Linear::new(2).into()];
        let model = |weights: [f32; 4]| {
            let stream = &mut Streams::new(1).stream("m", Purpose::Init);
            let mut model = Model::new(layers.clone(), &[2], Head::Output, stream).expect("fits");
            model.parameters.values_mut()[..4].copy_from_slice(&weights);
            model
        };
        let models = [model([0.0, 5.0, -5.0, 0.0]), model([1.0, 0.0, 0.0, 1.0])];
        let x = Array2::from_shape_fn((30, 2), |(i, k)| ((i * 13 + k * 7) % 17) as f32 * [1.0, 0.3][k]);
        let node = models[0].nodes().pop().expect("a layer");
        let seen = folding_snapshots(&models, &[&node], &x, &Mesh::around(&x, 3, 4)).expect("two inputs");
        let [first, last] = &seen[0][..] else { panic!("two snapshots") };
        for (a, b) in [(&first.rows, &last.rows), (&first.columns, &last.columns)] {
            assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5));
        }
        let variance: f64 = last.data.iter().map(|v| v * v).sum::<f64>() / 30.0;
        assert!((variance - 1.0).abs() < 1e-5, "{variance}");
        assert!((last.explained[0] + last.explained[1] - 1.0).abs() < 1e-9);
    }
}
