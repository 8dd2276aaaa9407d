//! Means by class of what each unit gives.

use ndarray::{Array2, ArrayView2};

use super::order::descending;

/// The mean over the samples of each class of every column: columns × classes, NaN for a class without samples. `x` is samples ×
/// columns; sums are in f64, in the samples' order.
pub fn class_means(x: ArrayView2<'_, f32>, labels: &[u32], classes: usize) -> Array2<f64> {
    let mut sums = Array2::<f64>::zeros((classes, x.ncols()));
    let mut counts = vec![0_u32; classes];
    for (row, label) in x.rows().into_iter().zip(labels) {
        counts[*label as usize] += 1;
        sums.row_mut(*label as usize).iter_mut().zip(row).for_each(|(sum, v)| *sum += f64::from(*v));
    }
    for (mut row, count) in sums.rows_mut().into_iter().zip(counts) {
        row.mapv_inplace(|sum| if count == 0 { f64::NAN } else { sum / f64::from(count) });
    }
    sums.reversed_axes().as_standard_layout().into_owned()
}

/// The indices of the `k` largest values, the largest first, of equal ones the first; what is no number comes last.
pub fn largest(values: impl IntoIterator<Item = f64>, k: usize) -> Vec<usize> {
    let values: Vec<f64> = values.into_iter().collect();
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| descending(values[*a], values[*b]).then(a.cmp(b)));
    order.truncate(k);
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn means_are_by_class() {
        let x = arr2(&[[1.0, 2.0], [3.0, 4.0], [5.0, 8.0]]);
        let means = class_means(x.view(), &[0, 1, 0], 3);
        assert_eq!(means.slice(ndarray::s![.., ..2]), arr2(&[[3.0, 3.0], [5.0, 4.0]]));
        assert!(means[[0, 2]].is_nan() && means[[1, 2]].is_nan());
        assert_eq!(class_means(Array2::zeros((0, 1)).view(), &[], 1).dim(), (1, 1));
    }

    #[test]
    fn order_is_total() {
        assert_eq!(largest([1.0, 3.0, f64::NAN, 3.0, -0.0, 0.0], 6), [1, 3, 0, 4, 5, 2]);
        assert_eq!(largest([1.0, 2.0], 1), [1]);
        assert!(largest([], 3).is_empty());
    }
}
