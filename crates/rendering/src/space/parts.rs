//! What bodies are made of once they are in the box: faces, lines and dots, and how planes cut them.

use super::camera::{V3, between, cross, dot};
use crate::{Color, Dash};

/// How faces look, besides their colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Skin {
    /// Colour and width of the edges.
    pub edge: Option<(Color, f64)>,
    /// 1 is opaque.
    pub opacity: f64,
}

/// A convex polygon, or the nearly flat cell of a surface.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Face {
    pub corners: Vec<V3>,
    pub fill: Color,
    pub skin: Skin,
}

/// A flat face that cuts whatever crosses it: all places p with n · p = d.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cut {
    pub face: Face,
    pub normal: V3,
    pub offset: f64,
}

/// A line through places.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stroke {
    pub places: Vec<V3>,
    pub color: Color,
    pub width: f64,
    pub dash: Dash,
}

/// A point, and a word beside it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dot {
    pub at: V3,
    pub radius: f64,
    pub color: Color,
    pub name: String,
}

/// All of a scene.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Parts {
    pub faces: Vec<Face>,
    pub cuts: Vec<Cut>,
    pub strokes: Vec<Stroke>,
    pub dots: Vec<Dot>,
}

/// Places closer to a plane than this lie on it: a millionth of a drawing unit on a page.
const ON: f64 = 1e-9;

/// The parts of a polygon on the far (n · p ≤ d) and the near side of a plane; empty where there is none.
pub(crate) fn split(corners: &[V3], normal: V3, offset: f64) -> [Vec<V3>; 2] {
    let sides: Vec<f64> = corners.iter().map(|&p| dot(normal, p) - offset).collect();
    if sides.iter().all(|s| *s <= ON) {
        return [corners.to_vec(), Vec::new()];
    }
    if sides.iter().all(|s| *s >= -ON) {
        return [Vec::new(), corners.to_vec()];
    }
    let mut parts = [Vec::new(), Vec::new()];
    for (i, (&p, &s)) in corners.iter().zip(&sides).enumerate() {
        let (q, t) = (corners[(i + 1) % corners.len()], sides[(i + 1) % corners.len()]);
        if s <= ON {
            parts[0].push(p);
        }
        if s >= -ON {
            parts[1].push(p);
        }
        if (s < -ON && t > ON) || (s > ON && t < -ON) {
            let crossing = between(p, q, s / (s - t));
            parts.iter_mut().for_each(|part| part.push(crossing));
        }
    }
    parts
}

/// The part of a polygon inside the box of these half sides.
pub(crate) fn inside(mut corners: Vec<V3>, half: V3) -> Vec<V3> {
    for axis in 0..3 {
        for sign in [1.0, -1.0] {
            let mut normal = [0.0; 3];
            normal[axis] = sign;
            [corners, _] = split(&corners, normal, half[axis]);
            if corners.is_empty() {
                return corners;
            }
        }
    }
    corners
}

/// The part of a segment inside the box of these half sides.
pub(crate) fn segment_inside(a: V3, b: V3, half: V3) -> Option<(V3, V3)> {
    let (mut from, mut to) = (0.0f64, 1.0f64);
    for axis in 0..3 {
        let (start, step) = (a[axis], b[axis] - a[axis]);
        if step == 0.0 {
            if start.abs() > half[axis] + ON {
                return None;
            }
            continue;
        }
        let ends = [(-half[axis] - start) / step, (half[axis] - start) / step];
        from = from.max(ends[0].min(ends[1]));
        to = to.min(ends[0].max(ends[1]));
    }
    // The ends themselves where nothing is cut off, so that joined segments still meet.
    let at = |t: f64| {
        if t <= 0.0 {
            a
        } else if t >= 1.0 {
            b
        } else {
            between(a, b, t)
        }
    };
    (from <= to + ON).then(|| (at(from), at(to)))
}

/// The polygon in which the plane n · p = d crosses the box; empty where it misses it or has no direction.
pub(crate) fn plane_in_box(normal: V3, offset: f64, half: V3) -> Vec<V3> {
    let length = dot(normal, normal).sqrt();
    if !(length > 0.0 && length.is_finite() && offset.is_finite()) {
        return Vec::new();
    }
    let n = normal.map(|v| v / length);
    let foot = n.map(|v| v * offset / length);
    // The axis least along the normal gives a direction in the plane that is far from zero.
    let least = (0..3).min_by(|&i, &j| n[i].abs().total_cmp(&n[j].abs())).unwrap_or(0);
    let mut axis = [0.0; 3];
    axis[least] = 1.0;
    let first = cross(n, axis);
    let reach = 4.0 * half.iter().sum::<f64>() / dot(first, first).sqrt();
    let second = cross(n, first);
    let corner = |a: f64, b: f64| std::array::from_fn(|i| foot[i] + reach * (a * first[i] + b * second[i]));
    inside(vec![corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0)], half)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(corners: &[V3]) -> f64 {
        let fan = (2..corners.len()).map(|i| {
            let side = |j: usize| std::array::from_fn(|k| corners[j][k] - corners[0][k]);
            let c = cross(side(i - 1), side(i));
            dot(c, c).sqrt() / 2.0
        });
        fan.sum()
    }

    #[test]
    fn planes_cut_the_unit_cube_in_known_polygons() {
        let half = [0.5; 3];
        // A regular hexagon of side 1/√2: area 3√3/4.
        let hexagon = plane_in_box([1.0, 1.0, 1.0], 0.0, half);
        assert_eq!(hexagon.len(), 6);
        assert!((area(&hexagon) - 0.75 * 3.0f64.sqrt()).abs() < 1e-9);
        assert!((area(&plane_in_box([0.0, 0.0, -3.0], 0.6, half)) - 1.0).abs() < 1e-9);
        assert!(plane_in_box([1.0, 1.0, 1.0], 2.0, half).is_empty());
        assert!(plane_in_box([0.0; 3], 0.0, half).is_empty());
    }

    #[test]
    fn splitting_keeps_the_area() {
        let square = vec![[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 1.0, 0.0]];
        let [far, near] = split(&square, [1.0, 0.0, 0.0], 0.25);
        assert!((area(&far) - 0.25).abs() < 1e-12 && (area(&near) - 0.75).abs() < 1e-12);
        let [far, near] = split(&square, [1.0, 0.0, 0.0], 0.0);
        assert!(far.is_empty() && near == square);
        let [far, near] = split(&square, [1.0, 1.0, 0.0], 1.0);
        assert_eq!((far.len(), near.len()), (3, 3));
    }

    #[test]
    fn segments_end_at_the_box() {
        let half = [0.5; 3];
        assert_eq!(segment_inside([-1.0, 0.0, 0.0], [1.0, 0.0, 0.0], half), Some(([-0.5, 0.0, 0.0], [0.5, 0.0, 0.0])));
        assert_eq!(segment_inside([0.1; 3], [0.2; 3], half), Some(([0.1; 3], [0.2; 3])));
        assert_eq!(segment_inside([-1.0, 0.7, 0.0], [1.0, 0.7, 0.0], half), None);
        assert_eq!(segment_inside([0.6; 3], [0.9; 3], half), None);
    }
}
