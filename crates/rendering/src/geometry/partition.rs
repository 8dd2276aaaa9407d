//! Dividing the plane: which part of a rectangle belongs to the class with the largest score, or to a band of values.
//!
//! Each grid cell is two triangles, in which the fields are taken as linear. A class's share of a triangle is then exactly a
//! convex polygon, the triangle clipped by one half-plane per rival (Sutherland & Hodgman 1974); three classes meet in true
//! corners. Vertices are rounded to 1/65536 of a cell, edges that two pieces of one region share cancel, and what is left is
//! traced into rings. The pieces tile the rectangle: no gaps and no overlaps beyond that rounding.

use super::{Grid, join::join};
use crate::{Point, RenderingError};

/// Lattice steps per cell, 2¹⁶: a power of two, so that nodes and midpoints are exact.
const STEPS: f64 = 65_536.0;

/// A grid node: row, column.
type Place = (usize, usize);

/// A vertex on the lattice: column, row.
type Node = (i64, i64);

/// Weights of a triangle's three corners.
type Weights = [f64; 3];

/// A field's values at a triangle's three corners.
type Corners = [f64; 3];

/// The plane divided.
#[derive(Debug, Clone, PartialEq)]
pub struct Partition {
    /// For each class or band its rings, holes by the even-odd rule; the last point of a ring joins the first.
    pub regions: Vec<Vec<Vec<Point>>>,
    /// The lines between different regions; rings repeat their first point.
    pub borders: Vec<Vec<Point>>,
}

/// Gives every place to the class with the largest score there; of equal ones to the first. One grid per class, over the
/// same nodes; for labels alone, grids of 0 and 1. Cells with a score that is not finite belong to nobody.
///
/// # Errors
/// Grids of different sizes, or none.
pub fn largest(scores: &[Grid]) -> Result<Partition, RenderingError> {
    let Some(first) = scores.first() else {
        return Err(RenderingError::TooFewNodes { what: "scores", rows: 0, columns: 0 });
    };
    for other in scores {
        if (other.rows(), other.columns()) != (first.rows(), first.columns()) {
            return Err(RenderingError::LengthMismatch {
                what: "scores",
                left_name: "the first class",
                left: first.values().len(),
                right_name: "another class",
                right: other.values().len(),
            });
        }
    }
    let n_classes = scores.len();
    let owner = |(r, c): Place| {
        let finite = scores.iter().all(|s| s.at(r, c).is_finite());
        let first_best = (1..n_classes).fold(0, |k, j| if scores[j].at(r, c) > scores[k].at(r, c) { j } else { k });
        finite.then_some(first_best)
    };
    let shares = |corners: [Place; 3]| {
        let difference = |k: usize, j: usize| corners.map(|(r, c)| scores[k].at(r, c) - scores[j].at(r, c));
        // Where two scores agree all over the triangle, the first class has it.
        let contends = |k: usize, d: &Corners, j: usize| d.iter().any(|&v| v > 0.0) || k < j && *d == [0.0; 3];
        let against_all = |k: usize| -> Option<Vec<Corners>> {
            let rivals = (0..n_classes).filter(|&j| j != k);
            rivals.map(|j| Some(difference(k, j)).filter(|d| contends(k, d, j))).collect()
        };
        (0..n_classes).filter_map(|k| Some((k, against_all(k)?))).collect()
    };
    Ok(divide(first, n_classes, owner, shares))
}

/// Divides by value at ascending `levels`: region 0 lies below the first, region i between levels i − 1 and i, the last one
/// above the last.
pub fn bands(grid: &Grid, levels: &[f64]) -> Partition {
    let owner = |(r, c): Place| {
        let value = grid.at(r, c);
        value.is_finite().then(|| levels.iter().filter(|&&level| level <= value).count())
    };
    let shares = |corners: [Place; 3]| {
        let values = corners.map(|(r, c)| grid.at(r, c));
        let share = |band: usize| {
            let above = band.checked_sub(1).map(|b| values.map(|v| v - levels[b]));
            let below = levels.get(band).map(|level| values.map(|v| level - v));
            let empty =
                above.is_some_and(|a| a.iter().all(|&v| v < 0.0)) || below.is_some_and(|b| b.iter().all(|&v| v <= 0.0));
            (!empty).then(|| (band, above.into_iter().chain(below).collect()))
        };
        (0..=levels.len()).filter_map(share).collect()
    };
    divide(grid, levels.len() + 1, owner, shares)
}

/// Cuts every triangle into its shares and joins them by region.
///
/// `owner` is the region of a node; a triangle whose corners have one owner is all theirs, since linear fields have no more to
/// say. `shares` divides the others: regions, each with the fields that are not negative in its share.
fn divide(
    grid: &Grid,
    n_regions: usize,
    owner: impl Fn(Place) -> Option<usize>,
    shares: impl Fn([Place; 3]) -> Vec<(usize, Vec<Corners>)>,
) -> Partition {
    let (rows, columns) = (grid.rows(), grid.columns());
    let owners: Vec<Option<usize>> = (0..rows * columns).map(|i| owner((i / columns, i % columns))).collect();
    let owner = |(r, c): Place| owners[r * columns + c];
    let one_owner =
        |places: &[Place]| owner(places[0]).filter(|_| places.iter().all(|&p| owner(p) == owner(places[0])));
    // Cells that lie all in one region; those beyond the edge are nobody's.
    let whole = |row: usize, column: usize| {
        let inside = row < rows - 1 && column < columns - 1;
        inside
            .then(|| one_owner(&[(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)]))
            .flatten()
    };
    let mut edges: Vec<Vec<(Node, Node)>> = vec![Vec::new(); n_regions];
    for row in 0..rows - 1 {
        for column in 0..columns - 1 {
            if let Some(region) = whole(row, column) {
                // Sides towards such a neighbour would cancel: they need not even be written.
                let [a, b, c, d] =
                    [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)].map(corner);
                let neighbours = [
                    (a, b, row.checked_sub(1).and_then(|below| whole(below, column))),
                    (b, c, whole(row, column + 1)),
                    (c, d, whole(row + 1, column)),
                    (d, a, column.checked_sub(1).and_then(|left| whole(row, left))),
                ];
                let open = neighbours.iter().filter(|side| side.2 != Some(region));
                edges[region].extend(open.map(|&(from, to, _)| (from, to)));
                continue;
            }
            for triangle in triangles(row, column) {
                let parts = match one_owner(&triangle) {
                    Some(region) => vec![(region, vec![])],
                    None if triangle.iter().any(|&p| owner(p).is_none()) => vec![],
                    None => shares(triangle),
                };
                for (region, fields) in parts {
                    let polygon = anticlockwise(lattice(&clip(&fields), triangle));
                    let next = polygon.iter().cycle().skip(1);
                    edges[region].extend(polygon.iter().copied().zip(next.copied()));
                }
            }
        }
    }
    let outlines: Vec<Vec<(Node, Node)>> = edges.into_iter().map(uncancelled).collect();
    let place = |&(c, r): &Node| grid.place(r as f64 / STEPS, c as f64 / STEPS);
    let borders = join(&shared(&outlines));
    Partition {
        regions: outlines
            .iter()
            .map(|outline| rings(outline).iter().map(|ring| ring.iter().map(place).collect()).collect())
            .collect(),
        borders: borders.iter().map(|line| straightened(line, false).iter().map(place).collect()).collect(),
    }
}

/// A cell's two triangles, corners in the order of their nodes, so that neighbours compute a common edge alike. The diagonal
/// alternates, so that no direction is favoured.
fn triangles(row: usize, column: usize) -> [[Place; 3]; 2] {
    let [a, b, c, d] = [(row, column), (row, column + 1), (row + 1, column), (row + 1, column + 1)];
    if (row + column).is_multiple_of(2) { [[a, b, d], [a, c, d]] } else { [[a, b, c], [b, c, d]] }
}

/// The part of a triangle in which no field is negative, as corner weights.
fn clip(fields: &[Corners]) -> Vec<Weights> {
    let mut polygon = vec![[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for field in fields {
        let value = |w: &Weights| w[0] * field[0] + w[1] * field[1] + w[2] * field[2];
        let mut kept = Vec::with_capacity(polygon.len() + 1);
        for i in 0..polygon.len() {
            let (here, next) = (polygon[i], polygon[(i + 1) % polygon.len()]);
            let (at_here, at_next) = (value(&here), value(&next));
            if at_here >= 0.0 {
                kept.push(here);
            }
            if (at_here > 0.0 && at_next < 0.0) || (at_here < 0.0 && at_next > 0.0) {
                // Both triangles at an edge, and both classes at a border, interpolate from the same side.
                let ((p, at_p), (q, at_q)) =
                    if here < next { ((here, at_here), (next, at_next)) } else { ((next, at_next), (here, at_here)) };
                let t = at_p / (at_p - at_q);
                kept.push(std::array::from_fn(|i| p[i] + t * (q[i] - p[i])));
            }
        }
        polygon = kept;
    }
    polygon
}

/// A grid node on the lattice.
fn corner((row, column): Place) -> Node {
    // Grids have far fewer than 2⁴⁷ nodes a side.
    ((column << 16) as i64, (row << 16) as i64)
}

fn lattice(polygon: &[Weights], triangle: [Place; 3]) -> Vec<Node> {
    let along = |w: &Weights, f: fn(Place) -> usize| {
        let [a, b, c] = triangle.map(|node| f(node) as f64);
        ((w[0] * a + w[1] * b + w[2] * c) * STEPS).round() as i64
    };
    let mut nodes: Vec<Node> = polygon.iter().map(|w| (along(w, |n| n.1), along(w, |n| n.0))).collect();
    nodes.dedup();
    nodes
}

/// Turned so that its area is positive; nothing where there is no area.
fn anticlockwise(mut polygon: Vec<Node>) -> Vec<Node> {
    let n = polygon.len();
    let twice: i64 = (0..n).map(|i| cross((0, 0), polygon[i], polygon[(i + 1) % n])).sum();
    match twice.signum() {
        0 => polygon.clear(),
        -1 => polygon.reverse(),
        _ => {}
    }
    polygon
}

/// Twice the signed area of a triangle; lattice coordinates stay below 2³¹ (grids below 32,768 nodes a side).
fn cross(a: Node, b: Node, c: Node) -> i64 {
    (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)
}

/// The edges that have no opposite, in order.
fn uncancelled(mut edges: Vec<(Node, Node)>) -> Vec<(Node, Node)> {
    let undirected = |&(a, b): &(Node, Node)| (a.min(b), a.max(b));
    edges.retain(|(a, b)| a != b);
    edges.sort_unstable_by_key(|e| (undirected(e), *e));
    let mut left = Vec::new();
    for same in edges.chunk_by(|e, f| undirected(e) == undirected(f)) {
        let forward = same.iter().filter(|(a, b)| a < b).count();
        let backward = same.len() - forward;
        let (a, b) = undirected(&same[0]);
        left.extend(std::iter::repeat_n((a, b), forward.saturating_sub(backward)));
        left.extend(std::iter::repeat_n((b, a), backward.saturating_sub(forward)));
    }
    left.sort_unstable();
    left
}

/// Closed walks over directed edges (sorted by where they start), straight runs merged.
fn rings(edges: &[(Node, Node)]) -> Vec<Vec<Node>> {
    let mut used = vec![false; edges.len()];
    let mut rings = Vec::new();
    for first in 0..edges.len() {
        if used[first] {
            continue;
        }
        let mut ring = Vec::new();
        let mut edge = Some(first);
        while let Some(e) = edge {
            used[e] = true;
            ring.push(edges[e].0);
            let from = edges.partition_point(|other| other.0 < edges[e].1);
            edge = (from..edges.len()).take_while(|&i| edges[i].0 == edges[e].1).find(|&i| !used[i]);
        }
        let ring = straightened(&ring, true);
        if ring.len() > 2 {
            rings.push(ring);
        }
    }
    rings
}

/// The edges that two regions share, each once.
fn shared(outlines: &[Vec<(Node, Node)>]) -> Vec<(Node, Node)> {
    let mut all: Vec<(Node, Node)> = outlines.iter().flatten().map(|&(a, b)| (a.min(b), a.max(b))).collect();
    all.sort_unstable();
    all.chunk_by(|e, f| e == f).filter(|same| same.len() > 1).map(|same| same[0]).collect()
}

/// Without the vertices that lie straight between their neighbours.
fn straightened(line: &[Node], closed: bool) -> Vec<Node> {
    let n = line.len();
    let kept = |i: usize| {
        let open_end = !closed && (i == 0 || i + 1 == n);
        open_end || cross(line[(i + n - 1) % n], line[i], line[(i + 1) % n]) != 0
    };
    (0..n).filter(|&i| kept(i)).map(|i| line[i]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(rings: &[Vec<Point>]) -> f64 {
        let ring_area = |r: &Vec<Point>| {
            (0..r.len()).map(|i| r[i].0 * r[(i + 1) % r.len()].1 - r[(i + 1) % r.len()].0 * r[i].1).sum::<f64>() / 2.0
        };
        rings.iter().map(ring_area).sum()
    }

    fn sample(n: usize, f: impl Fn(f64, f64) -> f64) -> Grid {
        Grid::sample((-1.0, 1.0), (-1.0, 1.0), n, n, f).unwrap()
    }

    #[test]
    fn a_disc_and_its_surroundings_fill_the_square() {
        let p = bands(&sample(101, |x, y| x * x + y * y), &[0.25]);
        let (inside, outside) = (area(&p.regions[0]), area(&p.regions[1]));
        assert!((inside - std::f64::consts::PI / 4.0).abs() < 1e-3);
        assert!((inside + outside - 4.0).abs() < 1e-6);
        assert_eq!((p.regions[0].len(), p.regions[1].len(), p.borders.len()), (1, 2, 1));
    }

    #[test]
    fn three_classes_meet_in_one_corner() {
        // Three linear scores whose gradients are 120° apart: the borders are three rays from the origin.
        let s = 0.75f64.sqrt();
        let scores =
            [sample(8, |x, _| x), sample(8, move |x, y| -x / 2.0 + s * y), sample(8, move |x, y| -x / 2.0 - s * y)];
        let p = largest(&scores).unwrap();
        assert_eq!(p.regions.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1]);
        assert!((p.regions.iter().map(|r| area(r)).sum::<f64>() - 4.0).abs() < 1e-6);
        let at_origin = |ring: &Vec<Point>| ring.iter().any(|(x, y)| x.abs() < 1e-4 && y.abs() < 1e-4);
        assert!(p.regions.iter().all(|rings| at_origin(&rings[0])));
    }

    #[test]
    fn equal_scores_go_to_the_first_class() {
        let p = largest(&[sample(3, |_, _| 1.0), sample(3, |_, _| 1.0)]).unwrap();
        assert_eq!((p.regions[0].len(), p.regions[1].len()), (1, 0));
        assert_eq!(p.regions[0][0].len(), 4, "the square itself, straight sides merged");
        assert!(p.borders.is_empty());
    }

    #[test]
    fn holes_and_islands() {
        let ring = |x: f64, y: f64| ((x * x + y * y).sqrt() - 0.5).abs();
        let p = bands(&sample(81, ring), &[0.2]);
        assert_eq!(p.regions[0].len(), 2, "an annulus has an outer and an inner ring");
        assert_eq!(p.regions[1].len(), 3, "the island, and the outside with its hole");
    }

    #[test]
    fn missing_scores_leave_a_hole() {
        let p = largest(&[sample(5, |x, y| if x == 0.0 && y == 0.0 { f64::NAN } else { 1.0 })]).unwrap();
        assert_eq!(p.regions[0].len(), 2);
        assert!(area(&p.regions[0]) < 4.0);
    }

    #[test]
    fn sizes_must_agree() {
        assert!(largest(&[]).is_err());
        assert!(largest(&[sample(3, |x, _| x), sample(4, |x, _| x)]).is_err());
    }
}
