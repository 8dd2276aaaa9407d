//! How digits are written: points that a pen passes, and the curve it takes.
//!
//! A stroke bends at its points; where the pen turns sharply, one stroke ends and the next begins.

/// x to the right and y downwards, in the unit square before a digit is placed.
pub type Point = [f64; 2];

/// A stroke's points.
type Stroke = &'static [Point];

/// A way of writing a digit: its strokes.
type Way = &'static [Stroke];

/// The ways of writing each digit.
const WAYS: [&[Way]; 10] = [
    &[&[ROUND], &[NARROW]],
    &[&[DOWN], &[FLAG, DOWN], &[FLAG, DOWN, BASE]],
    &[&[SWAN, FOOT], &[LOOPED]],
    &[&[UPPER_BOW, LOWER_BOW], &[FLAT_TOP, FLAT_BACK, LOWER_BOW]],
    &[&[CHAIR, LEG], &[ROOF, SEAT, ROOF_LEG]],
    &[&[HAT, NECK, BELLY], &[HAT_AND_NECK, BELLY]],
    &[&[SIX], &[STRAIGHT_SIX]],
    &[&[TOP, FALL], &[TOP, FALL, CROSS], &[HOOK, TOP, FALL]],
    &[&[EIGHT], &[UPPER_RING, LOWER_RING]],
    &[&[HEAD, TAIL], &[HEAD, CURVED_TAIL]],
];

const ROUND: Stroke = &[
    [0.55, 0.02],
    [0.2, 0.15],
    [0.06, 0.5],
    [0.2, 0.87],
    [0.5, 0.98],
    [0.82, 0.85],
    [0.94, 0.5],
    [0.82, 0.15],
    [0.5, 0.02],
];
const NARROW: Stroke =
    &[[0.6, 0.05], [0.35, 0.15], [0.22, 0.55], [0.35, 0.93], [0.6, 0.93], [0.78, 0.5], [0.7, 0.12], [0.5, 0.04]];
const DOWN: Stroke = &[[0.5, 0.0], [0.5, 0.5], [0.5, 1.0]];
const FLAG: Stroke = &[[0.26, 0.25], [0.4, 0.14], [0.5, 0.0]];
const BASE: Stroke = &[[0.25, 1.0], [0.75, 1.0]];
const SWAN: Stroke = &[[0.14, 0.24], [0.32, 0.04], [0.68, 0.04], [0.82, 0.3], [0.5, 0.66], [0.1, 0.97]];
const FOOT: Stroke = &[[0.1, 0.97], [0.5, 0.95], [0.92, 0.96]];
const LOOPED: Stroke = &[
    [0.15, 0.2],
    [0.4, 0.02],
    [0.75, 0.12],
    [0.72, 0.45],
    [0.4, 0.85],
    [0.15, 0.95],
    [0.12, 0.8],
    [0.35, 0.8],
    [0.6, 0.95],
    [0.92, 0.88],
];
const UPPER_BOW: Stroke = &[[0.14, 0.14], [0.42, 0.0], [0.76, 0.12], [0.72, 0.36], [0.38, 0.47]];
const LOWER_BOW: Stroke = &[[0.38, 0.47], [0.76, 0.56], [0.84, 0.8], [0.52, 1.0], [0.1, 0.9]];
const FLAT_TOP: Stroke = &[[0.15, 0.05], [0.8, 0.04]];
const FLAT_BACK: Stroke = &[[0.8, 0.04], [0.6, 0.25], [0.38, 0.47]];
const CHAIR: Stroke = &[[0.2, 0.02], [0.12, 0.35], [0.16, 0.56], [0.5, 0.56], [0.9, 0.5]];
const LEG: Stroke = &[[0.76, 0.06], [0.72, 0.5], [0.68, 1.0]];
const ROOF: Stroke = &[[0.66, 0.0], [0.35, 0.35], [0.06, 0.64]];
const SEAT: Stroke = &[[0.06, 0.64], [0.5, 0.64], [0.94, 0.62]];
const ROOF_LEG: Stroke = &[[0.66, 0.0], [0.66, 0.5], [0.66, 1.0]];
const HAT: Stroke = &[[0.84, 0.03], [0.55, 0.04], [0.26, 0.05]];
const NECK: Stroke = &[[0.26, 0.05], [0.22, 0.25], [0.2, 0.45]];
const BELLY: Stroke = &[[0.2, 0.45], [0.52, 0.37], [0.84, 0.56], [0.76, 0.88], [0.42, 1.0], [0.1, 0.9]];
const HAT_AND_NECK: Stroke = &[[0.88, 0.0], [0.5, 0.06], [0.28, 0.12], [0.22, 0.3], [0.2, 0.45]];
const SIX: Stroke = &[
    [0.72, 0.02],
    [0.36, 0.22],
    [0.14, 0.62],
    [0.26, 0.94],
    [0.58, 1.0],
    [0.84, 0.78],
    [0.7, 0.52],
    [0.4, 0.55],
    [0.17, 0.76],
];
const STRAIGHT_SIX: Stroke =
    &[[0.42, 0.0], [0.26, 0.35], [0.18, 0.7], [0.34, 0.98], [0.7, 0.95], [0.8, 0.7], [0.56, 0.54], [0.22, 0.72]];
const TOP: Stroke = &[[0.1, 0.08], [0.5, 0.05], [0.88, 0.05]];
const FALL: Stroke = &[[0.88, 0.05], [0.62, 0.42], [0.42, 1.0]];
const CROSS: Stroke = &[[0.34, 0.52], [0.82, 0.5]];
const HOOK: Stroke = &[[0.12, 0.26], [0.1, 0.08]];
const EIGHT: Stroke = &[
    [0.8, 0.14],
    [0.5, 0.0],
    [0.22, 0.16],
    [0.34, 0.38],
    [0.66, 0.58],
    [0.82, 0.82],
    [0.5, 1.0],
    [0.18, 0.82],
    [0.34, 0.58],
    [0.7, 0.36],
    [0.8, 0.14],
];
const UPPER_RING: Stroke = &[[0.5, 0.45], [0.24, 0.3], [0.36, 0.04], [0.66, 0.04], [0.76, 0.28], [0.5, 0.45]];
const LOWER_RING: Stroke = &[[0.5, 0.45], [0.16, 0.66], [0.26, 0.95], [0.7, 0.97], [0.84, 0.68], [0.5, 0.45]];
const HEAD: Stroke = &[[0.8, 0.18], [0.5, 0.01], [0.2, 0.18], [0.24, 0.44], [0.56, 0.46], [0.8, 0.18]];
const TAIL: Stroke = &[[0.8, 0.18], [0.76, 0.55], [0.66, 1.0]];
const CURVED_TAIL: Stroke = &[[0.8, 0.18], [0.82, 0.6], [0.64, 0.94], [0.24, 0.94]];

/// The ways of writing a digit.
///
/// # Panics
/// If it is none: above 9.
pub fn of(digit: usize) -> &'static [Way] {
    WAYS[digit]
}

/// Straight pieces between two points of a stroke: short enough to look bent at 28 pixels.
const PIECES: usize = 5;

/// The curve through the points, as the ends of straight pieces: Catmull and Rom's spline, on which the direction at a point is
/// that from the point before to the point after, and the ends are points of their own.
pub fn bend(points: &[Point]) -> Vec<Point> {
    let mut line = Vec::with_capacity(points.len() * PIECES + 1);
    let at = |i: isize| points[i.clamp(0, points.len() as isize - 1) as usize];
    if let [only] | [only, _] = points {
        return vec![*only, at(1)];
    }
    for i in 0..points.len() as isize - 1 {
        let (a, b, c, d) = (at(i - 1), at(i), at(i + 1), at(i + 2));
        for piece in 0..PIECES {
            let t = piece as f64 / PIECES as f64;
            line.push(std::array::from_fn(|k| {
                let (linear, quadratic) = (c[k] - a[k], 2.0 * a[k] - 5.0 * b[k] + 4.0 * c[k] - d[k]);
                let cubic = 3.0 * (b[k] - c[k]) + d[k] - a[k];
                b[k] + 0.5 * t * (linear + t * (quadratic + t * cubic))
            }));
        }
    }
    line.extend(points.last());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_lie_in_the_unit_square() {
        for (digit, ways) in WAYS.iter().enumerate() {
            let points = ways.iter().flat_map(|way| way.iter()).flat_map(|stroke| stroke.iter()).flatten();
            assert!(points.clone().count() > 0 && points.into_iter().all(|c| (0.0..=1.0).contains(c)), "{digit}");
        }
    }

    #[test]
    fn the_curve_passes_its_points_and_keeps_straight_lines() {
        let points = [[0.0, 0.0], [1.0, 2.0], [3.0, 1.0], [4.0, 4.0]];
        let line = bend(&points);
        assert_eq!(line.len(), 3 * PIECES + 1);
        assert!(line.iter().step_by(PIECES).eq(&points));
        // Evenly spaced points of a straight line stay on it.
        let straight = bend(&[[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]);
        assert!(straight.iter().all(|[x, y]| (x - y).abs() < 1e-12));
        assert_eq!(bend(&[[0.5, 0.5], [1.0, 0.0]]), [[0.5, 0.5], [1.0, 0.0]]);
        assert_eq!(bend(&[[0.5, 0.5]]), [[0.5, 0.5]; 2]);
    }
}
