//! Which output is largest where, and the lines between.
//!
//! The largest of several outputs is itself a piecewise-linear network: m₁ = o₁, mₖ = mₖ₋₁ + max(oₖ − mₖ₋₁, 0). So the linear
//! regions are cut by its kinks as by any other bend, and the boundary is made of the sides at which cells of different classes
//! meet.

use std::collections::BTreeMap;

use super::complex::{Cell, Complex};
use crate::geometry::piecewise::{Affine, Piecewise, Step};

/// A piece of the decision boundary inside one activation pattern's polygon or along its side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// One end: its place in [`super::LinearRegions::points`].
    pub from: u32,
    /// The other end.
    pub to: u32,
    /// The two classes that meet, the lower one first.
    pub classes: [usize; 2],
    /// The pieces on which they meet, in the order of the classes: places in [`super::LinearRegions::pieces`], equal inside one.
    pub pieces: [usize; 2],
}

/// The network that tells the largest of so many outputs.
pub(crate) fn largest(outputs: usize) -> Piecewise {
    let mut steps = Vec::new();
    for k in 1..outputs {
        // From (o₁, …) at first, later from (max(oₖ − m, 0), m, oₖ₊₁, …), to (oₖ₊₁ − m, m, oₖ₊₂, …).
        let inputs = if k == 1 { outputs } else { outputs - k + 2 };
        let units = outputs - k + 1;
        let mut weight = vec![0.0; inputs * units];
        let mut set = |from: usize, to: usize, value: f64| weight[from * units + to] = value;
        let rival = if k == 1 { 1 } else { 2 };
        (0..rival).for_each(|part| set(part, 0, -1.0));
        (0..rival).for_each(|part| set(part, 1, 1.0));
        set(rival, 0, 1.0);
        (2..units).for_each(|unit| set(rival + unit - 1, unit, 1.0));
        steps.push(Step::Affine(Affine { weight, bias: vec![0.0; units] }));
        steps.push(Step::Bend { units: 1, slope: 0.0 });
    }
    Piecewise { inputs: outputs, steps }
}

/// The network that tells whether the only output is above a level.
pub(crate) fn above(level: f64) -> Piecewise {
    let affine = Affine { weight: vec![1.0], bias: vec![-level] };
    Piecewise { inputs: 1, steps: vec![Step::Affine(affine), Step::Bend { units: 1, slope: 0.0 }] }
}

/// The class of a cell cut by one of the networks above, whose bends begin after so many words of the cell's pattern.
pub(crate) fn class(cell: &Cell, words: usize) -> usize {
    // Bit k says that output k + 1 is above all before it.
    cell.pattern.0[words..].iter().rposition(|word| *word != 0).map_or(0, |bend| bend + 1)
}

/// The sides at which cells of different classes meet, in the order of their ends.
pub(crate) fn segments(complex: &Complex, classes: &[usize]) -> Vec<Segment> {
    let mut sides: Vec<(u32, u32, usize, u32)> = Vec::new();
    for (cell, class) in complex.cells.iter().zip(classes) {
        let ends = cell.corners.iter().zip(cell.corners.iter().cycle().skip(1));
        sides.extend(ends.map(|(a, b)| (*a.min(b), *a.max(b), *class, cell.origin)));
    }
    sides.sort_unstable();
    let meeting = sides.chunk_by(|s, t| (s.0, s.1) == (t.0, t.1)).filter_map(|same| match same {
        [(from, to, one, here), (_, _, other, there)] if one != other => {
            Some(Segment { from: *from, to: *to, classes: [*one, *other], pieces: [*here as usize, *there as usize] })
        }
        _ => None,
    });
    meeting.collect()
}

/// How many segments there are if those that meet at a corner, and lie beside the same, are one.
pub(crate) fn straight<T: Ord>(segments: &[Segment], beside: impl Fn(&Segment) -> T) -> usize {
    let mut ends: Vec<(u32, T)> = segments.iter().flat_map(|s| [(s.from, beside(s)), (s.to, beside(s))]).collect();
    ends.sort_unstable();
    segments.len() - ends.chunk_by(|a, b| a == b).filter(|same| same.len() == 2).count()
}

/// Segments between the same two classes, end to end: corners along each line. Closed lines repeat their first corner. Lines end
/// at the rim and where three classes meet.
pub(crate) fn lines(segments: &[Segment]) -> Vec<([usize; 2], Vec<u32>)> {
    let mut ends: BTreeMap<([usize; 2], u32), Vec<usize>> = BTreeMap::new();
    for (i, s) in segments.iter().enumerate() {
        ends.entry((s.classes, s.from)).or_default().push(i);
        ends.entry((s.classes, s.to)).or_default().push(i);
    }
    let mut used = vec![false; segments.len()];
    let mut lines = Vec::new();
    // Lines with two ends first; what is left then is closed.
    let open =
        ends.iter().filter(|(_, at)| at.len() != 2).flat_map(|((_, corner), at)| at.iter().map(|i| (*i, *corner)));
    let closed = segments.iter().enumerate().map(|(i, s)| (i, s.from));
    for (first, start) in open.chain(closed) {
        if used[first] {
            continue;
        }
        let classes = segments[first].classes;
        let mut line = vec![start];
        let mut next = Some(first);
        while let Some(i) = next {
            used[i] = true;
            let here = if line.last() == Some(&segments[i].from) { segments[i].to } else { segments[i].from };
            line.push(here);
            let at = ends.get(&(classes, here)).map_or(&[][..], Vec::as_slice);
            next = at.iter().copied().find(|i| at.len() == 2 && !used[*i]);
        }
        lines.push((classes, line));
    }
    lines
}

/// The outlines of one class's parts together: rings, anticlockwise around the class and clockwise around its holes.
pub(crate) fn outlines<'a>(parts: impl Iterator<Item = &'a [u32]>) -> Vec<Vec<u32>> {
    let mut sides: Vec<(u32, u32)> = Vec::new();
    for corners in parts {
        sides.extend(corners.iter().copied().zip(corners.iter().copied().cycle().skip(1)));
    }
    sides.sort_unstable();
    let outer: Vec<(u32, u32)> =
        sides.iter().copied().filter(|(a, b)| sides.binary_search(&(*b, *a)).is_err()).collect();
    let mut used = vec![false; outer.len()];
    let mut rings = Vec::new();
    for first in 0..outer.len() {
        let mut ring = Vec::new();
        let mut next = Some(first).filter(|i| !used[*i]);
        while let Some(i) = next {
            used[i] = true;
            ring.push(outer[i].0);
            let from = outer.partition_point(|side| side.0 < outer[i].1);
            next = (from..outer.len()).take_while(|j| outer[*j].0 == outer[i].1).find(|j| !used[*j]);
        }
        if !ring.is_empty() {
            rings.push(ring);
        }
    }
    rings
}
