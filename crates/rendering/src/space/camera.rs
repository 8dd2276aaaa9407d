//! From where a box is looked at: parallel projection.
//!
//! With azimuth φ and elevation ε the viewer stands in the direction v = (cos ε cos φ, cos ε sin φ, sin ε). On the page, right is
//! r = (−sin φ, cos φ, 0) and up is u = v × r. Parallel lines stay parallel and equal lengths along an axis stay equal, so that
//! values can be read off; there is no perspective.

/// A place in the box, its centre at the origin.
pub(crate) type V3 = [f64; 3];

/// Where the viewer stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Camera {
    /// Degrees from the x axis towards the y axis; default −60.
    pub azimuth: f64,
    /// Degrees above the floor; default 30. Between −90 and 90.
    pub elevation: f64,
}

impl Default for Camera {
    fn default() -> Self {
        Self { azimuth: -60.0, elevation: 30.0 }
    }
}

impl Camera {
    /// A viewer in this direction, in degrees.
    pub fn new(azimuth: f64, elevation: f64) -> Self {
        Self { azimuth, elevation }
    }

    /// The directions that are right, up and towards the viewer.
    pub(crate) fn directions(&self) -> [V3; 3] {
        let radians = |degrees: f64| degrees * (std::f64::consts::PI / 180.0);
        let (a, e) = (radians(self.azimuth), radians(self.elevation.clamp(-90.0, 90.0)));
        let (ca, sa, ce, se) = (libm::cos(a), libm::sin(a), libm::cos(e), libm::sin(e));
        [[-sa, ca, 0.0], [-se * ca, -se * sa, ce], [ce * ca, ce * sa, se]]
    }
}

pub(crate) fn dot(a: V3, b: V3) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(crate) fn cross(a: V3, b: V3) -> V3 {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// `a` at `t = 0`, `b` at `t = 1`.
pub(crate) fn between(a: V3, b: V3, t: f64) -> V3 {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * t)
}

/// The camera with the scale and the place on the page: box to drawing units, `y` downward.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct View {
    directions: [V3; 3],
    /// Drawing units per unit of the box.
    pub scale: f64,
    /// Where the box's centre lies on the page.
    pub centre: (f64, f64),
}

impl View {
    pub fn new(camera: &Camera, scale: f64, centre: (f64, f64)) -> Self {
        Self { directions: camera.directions(), scale, centre }
    }

    /// Towards the viewer.
    pub fn towards(&self) -> V3 {
        self.directions[2]
    }

    /// A place on the page in drawing units, and how near the viewer it is in units of the box.
    pub fn project(&self, p: V3) -> V3 {
        let [right, up, towards] = self.directions;
        let (x, y) = (self.centre.0 + self.scale * dot(p, right), self.centre.1 - self.scale * dot(p, up));
        [x, y, dot(p, towards)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_orthonormal_and_turn_as_they_should() {
        for (azimuth, elevation) in [(-60.0, 30.0), (0.0, 0.0), (200.0, -45.0), (90.0, 90.0)] {
            let d = Camera::new(azimuth, elevation).directions();
            for i in 0..3 {
                for j in 0..3 {
                    assert!((dot(d[i], d[j]) - f64::from(u8::from(i == j))).abs() < 1e-12);
                }
            }
            let up = cross(d[2], d[0]);
            assert!((0..3).all(|i| (up[i] - d[1][i]).abs() < 1e-12));
        }
        // Seen from the negative y axis, x runs right, z up, and y away.
        let view = View::new(&Camera::new(-90.0, 0.0), 10.0, (100.0, 50.0));
        let p = view.project([1.0, 2.0, 3.0]);
        assert!((p[0] - 110.0).abs() < 1e-9 && (p[1] - 20.0).abs() < 1e-9 && (p[2] + 2.0).abs() < 1e-9);
    }
}
