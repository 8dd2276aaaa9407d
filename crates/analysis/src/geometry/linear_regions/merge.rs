//! Activation patterns joined to linear regions.
//!
//! Pieces that share a side and have the same affine map belong to one region, and so do those that are joined by others (union
//! and find, Tarjan 1975). Pieces that meet in a corner only, or are the same map's at two places, are regions of their own.

use super::{
    Piece, Region,
    complex::{self, Complex},
};
use crate::geometry::{
    decision::Window,
    piecewise::{Maps, Piecewise},
};

/// The part of what is summed by which two maps may differ and count as one: sums of n terms in f64 err by about n · 2⁻⁵³.
const TOLERANCE: f64 = 1.0 / (1_u64 << 40) as f64;

/// What tells an output's maps apart: the largest inputs of the window in magnitude, and what each output is summed from.
struct Sameness<'a> {
    inputs: [f64; 2],
    sums: &'a [f64],
}

impl Sameness<'_> {
    /// Whether two maps differ nowhere in the window by more than rounding.
    fn of(&self, one: &[[f64; 3]], other: &[[f64; 3]]) -> bool {
        let size = |[a, b, c]: [f64; 3]| a.abs() * self.inputs[0] + b.abs() * self.inputs[1] + c.abs();
        one.iter().zip(other).zip(self.sums).all(|((m, n), sum)| {
            let difference = [m[0] - n[0], m[1] - n[1], m[2] - n[2]];
            size(difference) <= TOLERANCE * (sum + size(*m) + size(*n))
        })
    }
}

/// The pieces and regions of a plane that the network's bends have cut.
pub(crate) fn merge(complex: &Complex, network: &Piecewise, window: Window) -> (Vec<Piece>, Vec<Region>) {
    let mut columns = Maps::new(network);
    let outputs = network.outputs();
    let map = |cell: &complex::Cell| -> Vec<[f64; 3]> {
        let columns = columns.of(&cell.pattern);
        (0..outputs).map(|o| [0, 1, 2].map(|column| columns[column * outputs + o])).collect()
    };
    let maps: Vec<Vec<[f64; 3]>> = complex.cells.iter().map(map).collect();
    let inputs = [window.x, window.y].map(|[from, to]| if from.abs() > to.abs() { from.abs() } else { to.abs() });
    let sameness = Sameness { inputs, sums: complex.rows.scale() };

    let mut parents: Vec<usize> = (0..maps.len()).collect();
    for (one, other) in neighbours(complex) {
        if sameness.of(&maps[one], &maps[other]) {
            let (one, other) = (root(&mut parents, one), root(&mut parents, other));
            // The root of a region is its first piece.
            parents[one.max(other)] = one.min(other);
        }
    }
    let (mut pieces, mut regions): (Vec<Piece>, Vec<Region>) = (Vec::with_capacity(maps.len()), Vec::new());
    for (i, (cell, map)) in complex.cells.iter().zip(maps).enumerate() {
        let corners: Vec<[f64; 2]> = cell.corners.iter().map(|c| complex.points[*c as usize]).collect();
        let area = complex::area(&corners);
        let first = root(&mut parents, i);
        let region = if first == i { regions.len() } else { pieces[first].region };
        if first == i {
            regions.push(Region { pieces: Vec::new(), slope: slope(&map), map, area: 0.0, class: None });
        }
        regions[region].pieces.push(i);
        regions[region].area += area;
        pieces.push(Piece { corners: cell.corners.clone(), pattern: cell.pattern.clone(), area, region });
    }
    (pieces, regions)
}

/// Cells that share a side.
fn neighbours(complex: &Complex) -> impl Iterator<Item = (usize, usize)> {
    let mut sides: Vec<(u32, u32, usize)> = Vec::new();
    for (i, cell) in complex.cells.iter().enumerate() {
        let ends = cell.corners.iter().zip(cell.corners.iter().cycle().skip(1));
        sides.extend(ends.map(|(a, b)| (*a.min(b), *a.max(b), i)));
    }
    sides.sort_unstable();
    let pairs: Vec<(usize, usize)> =
        sides.windows(2).filter(|w| (w[0].0, w[0].1) == (w[1].0, w[1].1)).map(|w| (w[0].2, w[1].2)).collect();
    pairs.into_iter()
}

/// The first piece of a region, the way to it made shorter.
fn root(parents: &mut [usize], mut piece: usize) -> usize {
    while parents[piece] != piece {
        parents[piece] = parents[parents[piece]];
        piece = parents[piece];
    }
    piece
}

/// The largest singular value of an outputs × 2 matrix: the root of the larger eigenvalue of AᵀA = [[p, q], [q, r]].
fn slope(map: &[[f64; 3]]) -> f64 {
    let sum = |f: fn(&[f64; 3]) -> f64| map.iter().map(f).sum::<f64>();
    let (p, q, r) = (sum(|a| a[0] * a[0]), sum(|a| a[0] * a[1]), sum(|a| a[1] * a[1]));
    let half = (p - r) / 2.0;
    ((p + r) / 2.0 + (half * half + q * q).sqrt()).sqrt()
}
