//! Contour lines by marching squares (Lorensen & Cline 1987, in two dimensions).
//!
//! Where a level passes between two neighbouring nodes, the crossing lies at the linear interpolation. A cell whose opposite
//! corners lie above and below (a saddle) is decided by the mean of its four corners. Segments are joined over the cell edges
//! they share, open lines first, then rings: the same grid gives the same lines.

use super::Grid;
use crate::Point;

/// A cell edge: its lower node, and whether it runs along y.
type Edge = (usize, bool);

/// The polylines along which the field equals `level`; rings repeat their first point at the end. Cells with a node that is
/// not a finite number are left out.
pub fn contour_lines(grid: &Grid, level: f64) -> Vec<Vec<Point>> {
    let mut segments = Vec::new();
    for row in 0..grid.rows() - 1 {
        for column in 0..grid.columns() - 1 {
            segments.extend(cell_segments(grid, level, row, column));
        }
    }
    let lines = super::join::join(&segments);
    lines.into_iter().map(|line| line.into_iter().map(|edge| crossing(grid, level, edge)).collect()).collect()
}

/// The zero, one or two segments of a cell, as pairs of its edges.
fn cell_segments(grid: &Grid, level: f64, row: usize, column: usize) -> Vec<(Edge, Edge)> {
    let node = row * grid.columns() + column;
    // Corners anticlockwise from the lower left.
    let corners =
        [grid.at(row, column), grid.at(row, column + 1), grid.at(row + 1, column + 1), grid.at(row + 1, column)];
    if corners.iter().any(|v| !v.is_finite()) {
        return Vec::new();
    }
    let [bottom, right, top, left] = [(node, false), (node + 1, true), (node + grid.columns(), false), (node, true)];
    let above = corners.map(|v| v >= level);
    let code = above.iter().enumerate().map(|(i, &a)| usize::from(a) << i).sum::<usize>();
    let centre_above = corners.iter().sum::<f64>() / 4.0 >= level;
    match code {
        0 | 15 => vec![],
        1 | 14 => vec![(left, bottom)],
        2 | 13 => vec![(bottom, right)],
        4 | 11 => vec![(right, top)],
        8 | 7 => vec![(top, left)],
        3 | 12 => vec![(left, right)],
        6 | 9 => vec![(bottom, top)],
        // Saddles: lower left and upper right above (5) or below (10).
        5 if centre_above => vec![(left, top), (bottom, right)],
        5 => vec![(left, bottom), (top, right)],
        _ if centre_above => vec![(left, bottom), (top, right)],
        _ => vec![(left, top), (bottom, right)],
    }
}

fn crossing(grid: &Grid, level: f64, (node, along_y): Edge) -> Point {
    let (row, column) = (node / grid.columns(), node % grid.columns());
    let (a, b) = (grid.at(row, column), if along_y { grid.at(row + 1, column) } else { grid.at(row, column + 1) });
    let t = ((level - a) / (b - a)).clamp(0.0, 1.0);
    if along_y { grid.place(row as f64 + t, column as f64) } else { grid.place(row as f64, column as f64 + t) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(ring: &[Point]) -> f64 {
        ring.windows(2).map(|w| w[0].0 * w[1].1 - w[1].0 * w[0].1).sum::<f64>().abs() / 2.0
    }

    #[test]
    fn a_circle_is_one_ring_with_its_area() {
        let grid = Grid::sample((-2.0, 2.0), (-2.0, 2.0), 201, 201, |x, y| x * x + y * y).unwrap();
        let lines = contour_lines(&grid, 1.0);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].first(), lines[0].last());
        assert!((area(&lines[0]) - std::f64::consts::PI).abs() < 1e-3);
        assert!(lines[0].iter().all(|(x, y)| ((x * x + y * y).sqrt() - 1.0).abs() < 2e-4));
    }

    #[test]
    fn a_line_is_open_and_exact() {
        let grid = Grid::sample((0.0, 1.0), (0.0, 1.0), 5, 5, |x, y| x + y).unwrap();
        let lines = contour_lines(&grid, 0.6);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].iter().all(|(x, y)| (x + y - 0.6).abs() < 1e-12));
        assert_ne!(lines[0].first(), lines[0].last());
    }

    #[test]
    fn saddles_are_decided_by_the_centre() {
        for (corners, level, left_meets) in [
            // Lower left and upper right high; the mean, 0.5, is above 0.4: the low corners are cut off.
            ([1.0, 0.0, 0.0, 1.0], 0.4, "top"),
            ([1.0, 0.0, 0.0, 1.0], 0.6, "bottom"),
            ([0.0, 1.0, 1.0, 0.0], 0.4, "bottom"),
            ([0.0, 1.0, 1.0, 0.0], 0.6, "top"),
        ] {
            let grid = Grid::new((0.0, 1.0), (0.0, 1.0), 2, 2, corners.to_vec()).unwrap();
            let lines = contour_lines(&grid, level);
            assert_eq!(lines.len(), 2);
            let line = lines.iter().find(|l| l.iter().any(|p| p.0 == 0.0)).unwrap();
            let other = line.iter().find(|p| p.0 != 0.0).unwrap();
            assert_eq!(if other.1 == 1.0 { "top" } else { "bottom" }, left_meets, "{corners:?} at {level}");
        }
    }

    #[test]
    fn flat_missing_and_out_of_range_fields_have_no_lines() {
        let flat = Grid::sample((0.0, 1.0), (0.0, 1.0), 4, 4, |_, _| 2.0).unwrap();
        assert!(contour_lines(&flat, 1.0).is_empty() && contour_lines(&flat, 3.0).is_empty());
        let missing = Grid::sample((0.0, 1.0), (0.0, 1.0), 4, 4, |_, _| f64::NAN).unwrap();
        assert!(contour_lines(&missing, 0.0).is_empty());
    }
}
