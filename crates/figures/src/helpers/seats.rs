//! Where the numbers of edges stand: on their own edge, over no other number, and over as few other edges as can be.

use rendering::Point;

/// A straight edge, from one end to the other.
pub(crate) type Edge = [Point; 2];

/// How far along its edge a number may stand, the best places first.
const ALONG: [f64; 13] = [0.5, 0.42, 0.58, 0.34, 0.66, 0.28, 0.72, 0.22, 0.78, 0.17, 0.83, 0.12, 0.88];

/// A place on each edge for a plate of this width and height, so that no two plates touch: one edge after the other takes the
/// place at which its plate covers the fewest other edges, the first of several. None where an edge finds no place.
pub(crate) fn seats(edges: &[Edge], (width, height): (f64, f64)) -> Option<Vec<Point>> {
    let mut taken: Vec<Point> = Vec::new();
    for (k, [from, to]) in edges.iter().enumerate() {
        let places = ALONG.map(|t| (from.0 + t * (to.0 - from.0), from.1 + t * (to.1 - from.1)));
        let free =
            |at: &Point| taken.iter().all(|o| (o.0 - at.0).abs() > width + 2.0 || (o.1 - at.1).abs() > height + 2.0);
        let others = || edges.iter().enumerate().filter(|(other, _)| *other != k);
        let covered = |at: &Point| others().filter(|(_, edge)| crosses(edge, *at, (width / 2.0, height / 2.0))).count();
        taken.push(places.into_iter().filter(free).min_by_key(covered)?);
    }
    Some(taken)
}

/// Whether an edge runs through the rectangle around a place (Liang and Barsky 1984).
fn crosses([from, to]: &Edge, at: Point, half: (f64, f64)) -> bool {
    let (mut enters, mut leaves) = (0.0_f64, 1.0_f64);
    for (a, b, middle, half) in [(from.0, to.0, at.0, half.0), (from.1, to.1, at.1, half.1)] {
        let (below, above) = (middle - half - a, middle + half - a);
        if a == b {
            if below > 0.0 || above < 0.0 {
                return false;
            }
            continue;
        }
        let (s, t) = (below / (b - a), above / (b - a));
        (enters, leaves) = (enters.max(s.min(t)), leaves.min(s.max(t)));
    }
    enters <= leaves
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Edges from each of `n` nodes to each of `m`, 190 units apart, rows of 140.
    fn between(n: usize, m: usize) -> Vec<Edge> {
        let y = |units: usize, k: usize| ((units as f64 - 1.0) / 2.0 - k as f64) * 140.0;
        (0..n).flat_map(|i| (0..m).map(move |j| [(0.0, y(n, i)), (190.0, y(m, j))])).collect()
    }

    #[test]
    fn no_two_plates_touch_and_each_is_on_its_edge() {
        let (width, height) = (48.0, 18.0);
        for (n, m) in [(1, 1), (2, 2), (2, 3), (3, 1), (3, 3), (3, 4), (4, 3)] {
            let edges = between(n, m);
            let found = seats(&edges, (width, height)).unwrap_or_else(|| panic!("{n} to {m} have room"));
            for (k, (at, edge)) in found.iter().zip(&edges).enumerate() {
                assert!(crosses(edge, *at, (1e-9, 1e-9)), "{n} to {m}: {k} is on its edge");
                let apart = |o: &Point| (o.0 - at.0).abs() > width || (o.1 - at.1).abs() > height;
                assert!(found[..k].iter().all(apart), "{n} to {m}: {k}");
            }
        }
    }

    #[test]
    fn where_two_edges_cross_neither_has_its_number() {
        let found = seats(&between(2, 2), (48.0, 18.0)).expect("room");
        let crossing = (95.0, 0.0);
        assert!(
            found.iter().all(|at| (at.0 - crossing.0).abs() > 24.0 || (at.1 - crossing.1).abs() > 9.0),
            "{found:?}"
        );
    }

    #[test]
    fn too_many_plates_have_no_room() {
        let flat: Vec<Edge> = (0..20).map(|k| [(0.0, f64::from(k)), (190.0, f64::from(k))]).collect();
        assert_eq!(seats(&flat, (48.0, 18.0)), None);
    }
}
