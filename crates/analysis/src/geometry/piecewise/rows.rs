//! The units' values at the corners of pieces.
//!
//! A corner is shared by the pieces around it, and its values are computed once. Whether a unit is on, off or exactly at its
//! kink at a corner is therefore the same for all of them, so that neighbouring pieces are cut at the same places.

use super::Affine;

/// A value below this part of what it is summed from counts as zero: the corner lies on the unit's kink.
///
/// Sums of n terms in f64 err by at most about n · 2⁻⁵³ of the sum of their magnitudes, 2⁻⁴⁶ for n = 128; 2⁻⁴⁰ leaves room for
/// several layers. In the plane it is a distance of some 10⁻¹² of the window.
const TOLERANCE: f64 = 1.0 / (1_u64 << 40) as f64;

/// Values of one layer's units at every corner.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rows {
    /// corners × units.
    values: Vec<f64>,
    units: usize,
    /// For each unit, what its values are summed from, in magnitude.
    scale: Vec<f64>,
}

impl Rows {
    /// The inputs at the first corners, so many numbers for each.
    pub fn new(values: Vec<f64>, inputs: usize) -> Self {
        Self { scale: largest(&values, inputs), values, units: inputs }
    }

    /// The units' values at one corner.
    pub fn at(&self, corner: u32) -> &[f64] {
        &self.values[corner as usize * self.units..][..self.units]
    }

    /// One unit's value at one corner.
    pub fn value(&self, corner: u32, unit: usize) -> f64 {
        self.values[corner as usize * self.units + unit]
    }

    /// For each unit, what its values are summed from, in magnitude.
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }

    /// Passes all values through an affine step.
    pub fn affine(&mut self, affine: &Affine) {
        let (corners, units) = (self.values.len() / self.units.max(1), affine.bias.len());
        let largest = largest(&self.values, self.units);
        let magnitudes = Affine {
            weight: affine.weight.iter().map(|w| w.abs()).collect(),
            bias: affine.bias.iter().map(|b| b.abs()).collect(),
        };
        self.scale.clone_from(&magnitudes.bias);
        magnitudes.add_product(&largest, &mut self.scale);
        let mut next = affine.bias.repeat(corners);
        affine.add_product(&self.values, &mut next);
        (self.values, self.units) = (next, units);
    }

    /// Sets to zero what counts as zero among the first `units` units.
    pub fn snap(&mut self, units: usize) {
        for row in self.values.chunks_exact_mut(self.units.max(1)) {
            snap(&mut row[..units], &self.scale);
        }
    }

    /// Adds the corner between two others at which a unit, of opposite signs there, is zero; the way to it from the first, 0 to
    /// 1. The new corner's number is the number of corners so far.
    pub fn split(&mut self, from: u32, to: u32, unit: usize, units: usize) -> f64 {
        let (a, b) = (self.value(from, unit), self.value(to, unit));
        let way = a / (a - b);
        let start = self.values.len();
        let (from, to) = (from as usize * self.units, to as usize * self.units);
        for i in 0..self.units {
            let (a, b) = (self.values[from + i], self.values[to + i]);
            self.values.push(a + way * (b - a));
        }
        let row = &mut self.values[start..];
        snap(&mut row[..units], &self.scale);
        row[unit] = 0.0;
        way
    }

    /// Passes all values through a bend.
    pub fn bend(&mut self, units: usize, slope: f64) {
        for row in self.values.chunks_exact_mut(self.units.max(1)) {
            row[..units].iter_mut().filter(|v| **v < 0.0).for_each(|v| *v *= slope);
        }
    }
}

/// The largest magnitude of each unit.
fn largest(values: &[f64], units: usize) -> Vec<f64> {
    let mut largest = vec![0.0; units];
    for row in values.chunks_exact(units.max(1)) {
        for (largest, v) in largest.iter_mut().zip(row) {
            *largest = if v.abs() > *largest { v.abs() } else { *largest };
        }
    }
    largest
}

fn snap(row: &mut [f64], scale: &[f64]) {
    for (v, scale) in row.iter_mut().zip(scale) {
        *v = if v.abs() <= TOLERANCE * scale { 0.0 } else { *v };
    }
}
