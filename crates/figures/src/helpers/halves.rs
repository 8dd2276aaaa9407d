//! Convex polygons cut by lines.

use rendering::Point;

/// The part of a convex polygon where a linear function is not negative (Sutherland, Hodgman 1974).
pub(crate) fn clipped(polygon: &[Point], f: impl Fn(Point) -> f64) -> Vec<Point> {
    let mut kept = Vec::new();
    for (i, &a) in polygon.iter().enumerate() {
        let b = polygon[(i + 1) % polygon.len()];
        let (fa, fb) = (f(a), f(b));
        if fa >= 0.0 {
            kept.push(a);
        }
        if (fa < 0.0) != (fb < 0.0) {
            kept.push(crossing(a, b, fa, fb));
        }
    }
    kept
}

/// The segment along which a linear function vanishes inside a convex polygon; empty where it does not.
pub(crate) fn boundary(polygon: &[Point], f: impl Fn(Point) -> f64) -> Vec<Point> {
    let sides = (0..polygon.len()).map(|i| (polygon[i], polygon[(i + 1) % polygon.len()]));
    let crossed = sides.filter_map(|(a, b)| {
        let (fa, fb) = (f(a), f(b));
        ((fa < 0.0) != (fb < 0.0)).then(|| crossing(a, b, fa, fb))
    });
    crossed.collect()
}

fn crossing(a: Point, b: Point, fa: f64, fb: f64) -> Point {
    let t = fa / (fa - fb);
    (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: [Point; 4] = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];

    #[test]
    fn a_line_cuts_the_square() {
        let right_half = clipped(&SQUARE, |(x, _)| x - 0.5);
        assert_eq!(right_half, [(0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)]);
        assert_eq!(boundary(&SQUARE, |(x, _)| x - 0.5), [(0.5, 0.0), (0.5, 1.0)]);
    }

    #[test]
    fn a_line_beside_the_square_cuts_nothing() {
        assert_eq!(clipped(&SQUARE, |_| 1.0), SQUARE);
        assert!(clipped(&SQUARE, |(x, _)| x - 2.0).is_empty());
        assert!(boundary(&SQUARE, |(x, _)| x + 2.0).is_empty());
        // No direction at all: everywhere or nowhere.
        assert!(boundary(&SQUARE, |_| 0.0).is_empty());
    }
}
