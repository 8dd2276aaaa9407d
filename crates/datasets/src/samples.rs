//! The numbers of a data set's samples, kept as numbers or, for pictures, as the bytes they came in.
//!
//! 60,000 pictures of 28 × 28 are 47 MB of bytes and 188 MB of `f32`. Training reads the bytes, a batch at a time
//! ([`Samples::gather`]); whoever wants an array gets it by dereferencing, made on first use and then kept.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use ndarray::{Array2, Axis};

/// One sample per row: n × features. Dereferences to an array of numbers. A clone shares the memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples(Kept);

#[derive(Debug, Clone, PartialEq)]
enum Kept {
    Numbers(Arc<Array2<f32>>),
    Bytes(Bytes),
}

/// Bytes, each of which stands for the number `byte·scale + offset`.
#[derive(Debug, Clone)]
struct Bytes {
    bytes: Arc<Array2<u8>>,
    scale: f32,
    offset: f32,
    /// The same as numbers, once someone has asked.
    numbers: Arc<OnceLock<Array2<f32>>>,
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        let meaning = |b: &Self| [b.scale.to_bits(), b.offset.to_bits()];
        self.bytes == other.bytes && meaning(self) == meaning(other)
    }
}

impl Samples {
    /// Samples whose features are bytes, each standing for the number `byte·scale + offset`.
    pub fn of_bytes(bytes: Array2<u8>, scale: f32, offset: f32) -> Self {
        let bytes = Arc::new(if bytes.is_standard_layout() { bytes } else { bytes.as_standard_layout().into_owned() });
        Self(Kept::Bytes(Bytes { bytes, scale, offset, numbers: Arc::default() }))
    }

    /// The bytes, where the samples are kept so, and the scale and offset by which they become numbers.
    pub fn bytes(&self) -> Option<(&Array2<u8>, f32, f32)> {
        match &self.0 {
            Kept::Numbers(_) => None,
            Kept::Bytes(b) => Some((&b.bytes, b.scale, b.offset)),
        }
    }

    /// The same bytes standing for other numbers; samples that are kept as numbers stay as they are.
    #[must_use]
    pub fn rescaled(&self, scale: f32, offset: f32) -> Self {
        match &self.0 {
            Kept::Numbers(_) => self.clone(),
            Kept::Bytes(b) => Self(Kept::Bytes(Bytes { scale, offset, numbers: Arc::default(), ..b.clone() })),
        }
    }

    /// How many samples.
    pub fn n(&self) -> usize {
        match &self.0 {
            Kept::Numbers(x) => x.nrows(),
            Kept::Bytes(b) => b.bytes.nrows(),
        }
    }

    /// How many numbers describe one sample.
    pub fn features(&self) -> usize {
        match &self.0 {
            Kept::Numbers(x) => x.ncols(),
            Kept::Bytes(b) => b.bytes.ncols(),
        }
    }

    /// Writes the samples `rows`, one after the other, to `to`.
    ///
    /// # Panics
    /// If a row is `n` or more, or `to` is not as long as the rows together.
    pub fn gather(&self, rows: &[u32], to: &mut [f32]) {
        let width = self.features();
        assert_eq!(to.len(), rows.len() * width, "gather: room for every row");
        if width == 0 {
            return;
        }
        match &self.0 {
            Kept::Numbers(x) => {
                let x = x.as_slice().expect("`from` made it one piece");
                for (&row, to) in rows.iter().zip(to.chunks_exact_mut(width)) {
                    to.copy_from_slice(&x[row as usize * width..][..width]);
                }
            }
            Kept::Bytes(b) => {
                let bytes = b.bytes.as_slice().expect("`of_bytes` made it one piece");
                tensor::bytes::gather(bytes, width, rows, b.scale, b.offset, to);
            }
        }
    }

    /// Asks memory for the samples `rows`, which will be gathered soon; only where they are kept as bytes.
    ///
    /// # Panics
    /// If a row is `n` or more.
    pub fn ask(&self, rows: &[u32]) {
        if let Kept::Bytes(b) = &self.0 {
            tensor::bytes::ask(b.bytes.as_slice().expect("`of_bytes` made it one piece"), self.features(), rows);
        }
    }

    /// The samples at `indices`, in that order, kept as these are.
    ///
    /// # Panics
    /// If an index is `n` or more.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        match &self.0 {
            Kept::Numbers(x) => x.select(Axis(0), indices).into(),
            Kept::Bytes(b) => {
                // By whole rows: a large data set is divided in the time that memory takes to copy it.
                let (width, all) = (b.bytes.ncols(), b.bytes.as_slice().expect("`of_bytes` made it one piece"));
                let mut bytes = Vec::with_capacity(indices.len() * width);
                indices.iter().for_each(|&i| bytes.extend_from_slice(&all[i * width..][..width]));
                let bytes = Array2::from_shape_vec((indices.len(), width), bytes).expect("whole rows");
                Self::of_bytes(bytes, b.scale, b.offset)
            }
        }
    }
}

impl From<Array2<f32>> for Samples {
    fn from(numbers: Array2<f32>) -> Self {
        Self(Kept::Numbers(Arc::new(numbers.as_standard_layout().into_owned())))
    }
}

impl Deref for Samples {
    type Target = Array2<f32>;

    fn deref(&self) -> &Array2<f32> {
        match &self.0 {
            Kept::Numbers(x) => x,
            Kept::Bytes(b) => b.numbers.get_or_init(|| {
                let mut x = Array2::zeros(b.bytes.raw_dim());
                if let (Some(bytes), Some(x)) = (b.bytes.as_slice(), x.as_slice_mut()) {
                    tensor::bytes::widen(bytes, b.scale, b.offset, x);
                }
                x
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn gathered(samples: &Samples, rows: &[u32]) -> Vec<f32> {
        let mut to = vec![0.0; rows.len() * samples.features()];
        samples.gather(rows, &mut to);
        to
    }

    #[test]
    fn bytes_and_numbers_read_alike() {
        let bytes = Samples::of_bytes(array![[0, 255], [51, 102], [1, 2]], 1.0 / 255.0, 0.0);
        let numbers = Samples::from((*bytes).clone());
        for samples in [&bytes, &numbers] {
            assert_eq!((samples.n(), samples.features()), (3, 2));
            assert_eq!(samples[[0, 1]], 1.0);
            assert_eq!(gathered(samples, &[2, 0]), [1.0 / 255.0, 2.0 / 255.0, 0.0, 1.0]);
            assert_eq!(*samples.select(&[1]), array![[51.0 * (1.0 / 255.0), 102.0 * (1.0 / 255.0)]]);
            assert_eq!(gathered(samples, &[]), [0.0; 0]);
        }
        assert!(bytes.bytes().is_some() && bytes.select(&[1, 0]).bytes().is_some() && numbers.bytes().is_none());
        assert_eq!(*bytes.rescaled(2.0, -1.0), array![[-1.0, 509.0], [101.0, 203.0], [1.0, 3.0]]);
    }

    #[test]
    fn equal_means_the_same_numbers_kept_alike() {
        let samples = || Samples::of_bytes(array![[3]], 0.5, 0.0);
        let asked = samples();
        assert_eq!(asked[[0, 0]], 1.5);
        assert_eq!(asked, samples());
        assert_ne!(asked, samples().rescaled(0.25, 0.0));
        assert_ne!(asked, Samples::from(array![[1.5]]));
    }

    #[test]
    fn transposed_arrays_are_read_by_rows() {
        let samples = Samples::from(array![[1.0, 2.0], [3.0, 4.0]].reversed_axes());
        assert_eq!(gathered(&samples, &[1]), [2.0, 4.0]);
        assert_eq!(gathered(&Samples::from(Array2::zeros((3, 0))), &[1]), [0.0; 0]);
    }
}
