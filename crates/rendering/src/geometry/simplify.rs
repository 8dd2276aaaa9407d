//! Polylines with fewer points (Ramer 1972; Douglas & Peucker 1973), on whole-number coordinates, so that the choice is exact.

type Node = (i32, i32);

/// Indices of the points to keep, ends included: every point left out lies within `tolerance` of the line that is drawn
/// instead of it.
pub(crate) fn simplified(points: &[Node], tolerance: i64) -> Vec<usize> {
    let Some(last) = points.len().checked_sub(1) else { return Vec::new() };
    let mut keep = vec![false; points.len()];
    keep[0] = true;
    keep[last] = true;
    let mut open = vec![(0, last)];
    while let Some((from, to)) = open.pop() {
        let farthest = (from + 1..to).map(|i| (squared_distance(points[i], points[from], points[to]), i));
        // Of equally far points the first.
        let farthest = farthest.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        if let Some((distance, i)) = farthest
            && distance > (tolerance * tolerance) as f64
        {
            keep[i] = true;
            open.extend([(from, i), (i, to)]);
        }
    }
    (0..points.len()).filter(|&i| keep[i]).collect()
}

/// Squared distance of a point from a segment.
fn squared_distance(p: Node, a: Node, b: Node) -> f64 {
    let difference = |p: Node, q: Node| (i64::from(p.0) - i64::from(q.0), i64::from(p.1) - i64::from(q.1));
    let ((dx, dy), (px, py)) = (difference(b, a), difference(p, a));
    let (length, along) = (dx * dx + dy * dy, px * dx + py * dy);
    if along <= 0 {
        return (px * px + py * py) as f64;
    }
    if along >= length {
        let (qx, qy) = difference(p, b);
        return (qx * qx + qy * qy) as f64;
    }
    let cross = (px * dy - py * dx) as f64;
    cross * cross / length as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_ends_corners_and_reversals() {
        assert!(simplified(&[], 1).is_empty());
        assert_eq!(simplified(&[(5, 5)], 1), [0]);
        assert_eq!(simplified(&[(0, 0), (10, 0), (20, 0), (20, 10)], 1), [0, 2, 3]);
        assert_eq!(simplified(&[(0, 0), (100, 1), (50, 0)], 1), [0, 1, 2], "out and back along one line");
        let ring = [(0, 0), (50, 0), (100, 0), (100, 100), (0, 100), (0, 0)];
        assert_eq!(simplified(&ring, 1), [0, 2, 3, 4, 5]);
    }

    #[test]
    fn stays_within_the_tolerance() {
        let wave: Vec<Node> = (0..5000).map(|i| (i * 10, (libm::sin(f64::from(i) / 300.0) * 5000.0) as i32)).collect();
        let kept = simplified(&wave, 4);
        assert!(kept.len() < 500);
        for piece in kept.windows(2) {
            assert!((piece[0]..piece[1]).all(|i| squared_distance(wave[i], wave[piece[0]], wave[piece[1]]) <= 16.0));
        }
    }
}
