//! The larger kernels, compiled once for each element type, in this crate: a generic function is compiled anew by every crate
//! that calls it, and these are thousands of instructions for each kernel path.

use std::ops::Range;

use crate::{
    conv::{
        Convolution,
        dense::{self, Plane},
        sparse as scattered,
    },
    matmul::sparse::{self, Occupied},
    reduce,
};

/// The kernels of one element type; what they ask of their arguments is said where they are.
pub trait Precompiled: Sized {
    unsafe fn look(at: &mut Occupied, a: &[Self]);
    unsafe fn sparse(at: &Occupied, rows: Range<usize>, operands: [&[Self]; 3], c: &mut [Self]);
    unsafe fn sparse_transposed(at: &Occupied, columns: Range<usize>, operands: [&[Self]; 2], n: usize, c: &mut [Self]);
    fn sum_axis(x: &[Self], reduced: usize, inner: usize, y: &mut [Self]);
    unsafe fn correlate(plane: &Plane<Self>, groups: usize, y: *mut Self);
    unsafe fn weight_sums(plane: &Plane<Self>, groups: usize, sums: *mut Self);
    unsafe fn sparse_picture(of: &Convolution, columns: usize, weights: &[Self], dy: &[Self], dx: *mut Self);
    unsafe fn sparse_weights(of: &Convolution, columns: usize, x: *const Self, dy: &[Self], sums: *mut Self);
}

macro_rules! precompiled {
    ($($f:ty)*) => {
        $(impl Precompiled for $f {
            unsafe fn look(at: &mut Occupied, a: &[$f]) {
                // SAFETY: the caller's promise, here and below.
                unsafe { sparse::look(at, a) }
            }
            unsafe fn sparse(at: &Occupied, rows: Range<usize>, operands: [&[$f]; 3], c: &mut [$f]) {
                unsafe { sparse::multiply(at, rows, operands, c) }
            }
            unsafe fn sparse_transposed(
                at: &Occupied,
                columns: Range<usize>,
                operands: [&[$f]; 2],
                n: usize,
                c: &mut [$f],
            ) {
                unsafe { sparse::multiply_transposed(at, columns, operands, n, c) }
            }
            fn sum_axis(x: &[$f], reduced: usize, inner: usize, y: &mut [$f]) {
                reduce::along(x, reduced, inner, y);
            }
            unsafe fn correlate(plane: &Plane<$f>, groups: usize, y: *mut $f) {
                unsafe { dense::correlate(plane, groups, y) }
            }
            unsafe fn weight_sums(plane: &Plane<$f>, groups: usize, sums: *mut $f) {
                unsafe { dense::weight_sums(plane, groups, sums) }
            }
            unsafe fn sparse_picture(of: &Convolution, columns: usize, weights: &[$f], dy: &[$f], dx: *mut $f) {
                unsafe { scattered::picture(of, columns, weights, dy, dx) }
            }
            unsafe fn sparse_weights(of: &Convolution, columns: usize, x: *const $f, dy: &[$f], sums: *mut $f) {
                unsafe { scattered::weights(of, columns, x, dy, sums) }
            }
        })*
    };
}

precompiled!(f32 f64);
