//! Standardising an m×n matrix in groups, its rows or its columns: the shared part of `layer_norm` and `batch_norm`.
//!
//! x̂ = (x − μ) / √(σ² + ε), y = w·x̂ + b; μ and σ² are mean and variance (of a whole, not of a sample) of the element's group, w
//! and b one number per column. With h = w·dy, and mean(·) over the group:
//!
//! dx = (h − mean(h) − x̂ mean(h·x̂)) / √(σ² + ε); dw = Σ dy·x̂ and db = Σ dy over the rows. Where μ and σ² are given rather than
//! measured, dx = h / √(σ² + ε).

use tensor::{Float, reduce::sum_axis};

use crate::{Inputs, Replayed};

/// Which elements share mean and variance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Groups {
    Rows,
    Columns,
}

/// An m×n matrix standardised in groups, with the statistics of the last replay.
pub(super) struct Standard<F> {
    groups: Groups,
    m: usize,
    n: usize,
    eps: F,
    /// One per group.
    pub mean: Vec<F>,
    /// One per group.
    pub variance: Vec<F>,
    /// 1/√(σ² + ε), one per group.
    inverse: Vec<F>,
    /// x̂.
    normal: Vec<F>,
    /// Terms of a sum on its way.
    terms: Vec<F>,
    /// mean(h) and mean(h·x̂), one per group.
    means: [Vec<F>; 2],
    /// Room for a group's number along one row.
    rows: [Vec<F>; 3],
}

impl<F: Float> Standard<F> {
    pub fn new(groups: Groups, [m, n]: [usize; 2], eps: F) -> Self {
        let of = |len| vec![F::ZERO; len];
        let count = if groups == Groups::Rows { m } else { n };
        Self {
            groups,
            m,
            n,
            eps,
            mean: of(count),
            variance: of(count),
            inverse: of(count),
            normal: of(m * n),
            terms: of(m * n),
            means: [of(count), of(count)],
            rows: [of(n), of(n), of(n)],
        }
    }

    /// y from x, w and b, the first three inputs. `given` are mean and variance of each group where they are not to be measured.
    pub fn forward(&mut self, x: Inputs<'_, F>, given: Option<[&[F]; 2]>, y: &mut [F]) {
        let Self { groups, m, n, .. } = *self;
        let (x, w, b) = (&x[0], &x[1], &x[2]);
        let group = (groups, m, n);
        match given {
            Some([mean, _]) => self.mean.copy_from_slice(mean),
            None => means(group, x, &mut self.mean),
        }
        let rows = self.normal.chunks_exact_mut(n).zip(self.terms.chunks_exact_mut(n)).zip(x.chunks_exact(n));
        for (i, ((normal, terms), x)) in rows.enumerate() {
            let mean = along(groups, &self.mean, i, &mut self.rows[0]);
            for j in 0..n {
                let centred = x[j] - mean[j];
                normal[j] = centred;
                terms[j] = centred * centred;
            }
        }
        match given {
            Some([_, variance]) => self.variance.copy_from_slice(variance),
            None => means(group, &self.terms, &mut self.variance),
        }
        for (inverse, variance) in self.inverse.iter_mut().zip(&self.variance) {
            *inverse = F::ONE / (*variance + self.eps).sqrt();
        }
        for (i, (normal, y)) in self.normal.chunks_exact_mut(n).zip(y.chunks_exact_mut(n)).enumerate() {
            let inverse = along(groups, &self.inverse, i, &mut self.rows[0]);
            for j in 0..n {
                normal[j] *= inverse[j];
                y[j] = normal[j] * w[j] + b[j];
            }
        }
    }

    /// The gradient of input `input` of those three; `given` as in the replay before.
    pub fn backward(&mut self, input: usize, given: bool, Replayed { x, dy, .. }: Replayed<'_, F>, dx: &mut [F]) {
        let Self { groups, m, n, .. } = *self;
        let (group, w) = ((groups, m, n), &x[1]);
        match input {
            0 => {
                if !given {
                    fill(&mut self.terms, n, dy, |j, _, dy| dy * w[j]);
                    means(group, &self.terms, &mut self.means[0]);
                    let normal = &self.normal;
                    fill(&mut self.terms, n, dy, |j, k, dy| dy * w[j] * normal[k]);
                    means(group, &self.terms, &mut self.means[1]);
                }
                let [r0, r1, r2] = &mut self.rows;
                let rows = dx.chunks_exact_mut(n).zip(dy.chunks_exact(n)).zip(self.normal.chunks_exact(n));
                for (i, ((dx, dy), normal)) in rows.enumerate() {
                    // Given statistics leave the means at 0.
                    let (h, hx) = (along(groups, &self.means[0], i, r0), along(groups, &self.means[1], i, r1));
                    let inverse = along(groups, &self.inverse, i, r2);
                    for j in 0..n {
                        dx[j] = (dy[j] * w[j] - h[j] - normal[j] * hx[j]) * inverse[j];
                    }
                }
            }
            1 => {
                let normal = &self.normal;
                fill(&mut self.terms, n, dy, |_, k, dy| dy * normal[k]);
                sum_axis(&self.terms, 1, m, n, dx);
            }
            _ => sum_axis(dy, 1, m, n, dx),
        }
    }
}

/// `to` = the mean of each group of `x`.
fn means<F: Float>((groups, m, n): (Groups, usize, usize), x: &[F], to: &mut [F]) {
    let size = match groups {
        Groups::Rows => {
            sum_axis(x, m, n, 1, to);
            n
        }
        Groups::Columns => {
            sum_axis(x, 1, m, n, to);
            m
        }
    };
    let size = F::from_usize(size);
    to.iter_mut().for_each(|v| *v /= size);
}

/// The groups' numbers as row i sees them: one per column.
#[inline(always)]
fn along<'a, F: Float>(groups: Groups, numbers: &'a [F], i: usize, row: &'a mut [F]) -> &'a [F] {
    match groups {
        Groups::Columns => numbers,
        Groups::Rows => {
            row.fill(numbers[i]);
            row
        }
    }
}

/// `to[k] = f(column of k, k, from[k])`.
#[inline(always)]
fn fill<F: Float>(to: &mut [F], n: usize, from: &[F], f: impl Fn(usize, usize, F) -> F) {
    for (i, (to, from)) in to.chunks_exact_mut(n).zip(from.chunks_exact(n)).enumerate() {
        for j in 0..n {
            to[j] = f(j, i * n + j, from[j]);
        }
    }
}
