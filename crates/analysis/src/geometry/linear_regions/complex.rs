//! A rectangle cut into convex cells by the kinks of one bend after another.
//!
//! Each unit of a bend is affine on every cell so far; where it changes sign, it cuts the cell in two by a chord. The idea of
//! cutting cells layer by layer is SplineCam's (Humayun, Balestriero, Balakrishnan, Baraniuk, CVPR 2023); that signs at the
//! corners and cuts of edges are enough to do it is Berzins' (*Polyhedral Complex Extraction from ReLU Networks using Edge
//! Subdivision*, ICML 2023). Corners and cut edges are shared by the cells beside them, so that cells tile the rectangle by
//! construction, whatever is rounded.

use std::collections::BTreeMap;

use crate::{
    geometry::decision::Window,
    geometry::piecewise::{Pattern, Piecewise, Rows, Step},
};

/// A convex polygon on which every unit so far is affine.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell {
    /// Its corners, anticlockwise.
    pub corners: Vec<u32>,
    /// Which units are on.
    pub pattern: Pattern,
    /// What it was cut from: see [`Complex::mark`].
    pub origin: u32,
}

/// Cells that tile a rectangle.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Complex {
    /// Where the corners lie.
    pub points: Vec<[f64; 2]>,
    /// The units' values there.
    pub rows: Rows,
    /// The cells, those cut from one another side by side.
    pub cells: Vec<Cell>,
}

/// More cells than were allowed.
#[derive(Debug, PartialEq)]
pub(crate) struct TooMany;

impl Complex {
    /// One cell: the window.
    pub fn new(window: Window) -> Self {
        let ([left, right], [bottom, top]) = (window.x, window.y);
        let points = vec![[left, bottom], [right, bottom], [right, top], [left, top]];
        let cell = Cell { corners: vec![0, 1, 2, 3], pattern: Pattern::default(), origin: 0 };
        Self { rows: Rows::new(points.concat(), 2), points, cells: vec![cell] }
    }

    /// Cuts the cells wherever a unit of the network bends. At most `limit` cells.
    pub fn cut(&mut self, network: &Piecewise, limit: usize) -> Result<(), TooMany> {
        for step in &network.steps {
            match step {
                Step::Affine(affine) => self.rows.affine(affine),
                Step::Bend { units, slope } => {
                    self.rows.snap(*units);
                    self.divide(*units, limit)?;
                    self.rows.bend(*units, *slope);
                }
            }
        }
        Ok(())
    }

    /// From now on, a cell's origin is its place in today's list.
    pub fn mark(&mut self) {
        self.cells.iter_mut().enumerate().for_each(|(i, cell)| cell.origin = i as u32);
    }

    fn divide(&mut self, units: usize, limit: usize) -> Result<(), TooMany> {
        // The corner at which an edge, ends ascending, was cut. All cells at an edge are cut by units in ascending order, so the
        // edge's two ends say which cut is meant.
        let mut cuts = BTreeMap::new();
        let mut next: Vec<Cell> = Vec::with_capacity(2 * self.cells.len());
        let (mut lowest, mut highest) = (vec![0.0; units], vec![0.0; units]);
        let mut crossing = Vec::new();
        for mut cell in std::mem::take(&mut self.cells) {
            lowest.fill(0.0);
            highest.fill(0.0);
            for corner in &cell.corners {
                for ((v, low), high) in self.rows.at(*corner)[..units].iter().zip(&mut lowest).zip(&mut highest) {
                    *low = if *v < *low { *v } else { *low };
                    *high = if *v > *high { *v } else { *high };
                }
            }
            let first_bit = cell.pattern.extend(units);
            crossing.clear();
            for unit in 0..units {
                match (lowest[unit] < 0.0, highest[unit] > 0.0) {
                    (true, true) => crossing.push(unit),
                    (false, true) => cell.pattern.switch_on(first_bit + unit),
                    _ => {}
                }
            }
            let first = next.len();
            next.push(cell);
            for unit in &crossing {
                for i in first..next.len() {
                    if let Some(on) = self.halve(&mut next[i], *unit, units, first_bit + unit, &mut cuts) {
                        next.push(on);
                    }
                }
                if next.len() > limit {
                    return Err(TooMany);
                }
            }
        }
        self.cells = next;
        Ok(())
    }

    /// Cuts a cell where a unit changes its sign. The cell keeps the part where the unit is off; the other is returned.
    fn halve(
        &mut self,
        cell: &mut Cell,
        unit: usize,
        units: usize,
        bit: usize,
        cuts: &mut BTreeMap<(u32, u32), u32>,
    ) -> Option<Cell> {
        let n = cell.corners.len();
        let corner = |i: usize| cell.corners[i % n];
        let value = |i: usize| self.rows.value(corner(i), unit);
        let top = (1..n).fold(0, |top, i| if value(i) > value(top) { i } else { top });
        if value(top) <= 0.0 {
            return None;
        }
        // The corners from `top` on that are not off, in both directions: first ..= last. A convex cell has one such run.
        let Some(after) = (top + 1..top + n).find(|i| value(*i) < 0.0) else {
            cell.pattern.switch_on(bit);
            return None;
        };
        let last = after - 1;
        // `after` is off, so that the search ends there at the latest.
        let before = (after..top + n).rev().find(|i| value(*i) < 0.0).unwrap_or(after);
        let first = before + 1;
        let on: Vec<u32> = (first..=last + n).map(corner).collect();
        let off: Vec<u32> = (after..=before).map(corner).collect();
        let leave = if value(last) == 0.0 { None } else { Some((corner(last), corner(after))) };
        let enter = if value(first) == 0.0 { None } else { Some((corner(before), corner(first))) };
        let ends = [enter, leave].map(|edge| edge.map(|(a, b)| self.cut_edge(a.min(b), a.max(b), unit, units, cuts)));
        let [enter, leave] = [ends[0].unwrap_or(on[0]), ends[1].unwrap_or(on[on.len() - 1])];

        let mut pattern = cell.pattern.clone();
        pattern.switch_on(bit);
        cell.corners = [leave].into_iter().chain(off).chain([enter]).collect();
        let corners = ends[0].into_iter().chain(on).chain(ends[1]).collect();
        Some(Cell { corners, pattern, origin: cell.origin })
    }

    /// The corner at which a unit is zero on an edge, made by the first cell that asks.
    fn cut_edge(&mut self, a: u32, b: u32, unit: usize, units: usize, cuts: &mut BTreeMap<(u32, u32), u32>) -> u32 {
        *cuts.entry((a, b)).or_insert_with(|| {
            let way = self.rows.split(a, b, unit, units);
            let ([ax, ay], [bx, by]) = (self.points[a as usize], self.points[b as usize]);
            self.points.push([ax + way * (bx - ax), ay + way * (by - ay)]);
            self.points.len() as u32 - 1
        })
    }
}

/// The area inside corners given anticlockwise.
pub(crate) fn area(corners: &[[f64; 2]]) -> f64 {
    let Some([x, y]) = corners.first() else { return 0.0 };
    let cross = |p: &[f64; 2], q: &[f64; 2]| (p[0] - x) * (q[1] - y) - (q[0] - x) * (p[1] - y);
    corners.windows(2).map(|w| cross(&w[0], &w[1])).sum::<f64>() / 2.0
}
