//! How far apart colours are to the eyes of readers.
//!
//! Distances are those of CIELAB for the white of D65 (CIE 1976, ΔE*ab), of what protanopes and deuteranopes see by Machado,
//! Oliveira and Fernandes (2009, table 1, severity 1). Contrast is that of the Web Content Accessibility Guidelines 2.1.

use crate::Color;

/// Eyes, by their cones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vision {
    /// With all three kinds.
    Normal,
    /// Without those for long waves.
    Protanope,
    /// Without those for middle waves.
    Deuteranope,
}

impl Vision {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Normal, Self::Protanope, Self::Deuteranope];

    /// From linear light to the linear light that looks the same to normal eyes.
    fn matrix(self) -> [[f64; 3]; 3] {
        match self {
            Self::Normal => [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            Self::Protanope => {
                [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
            }
            Self::Deuteranope => {
                [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
            }
        }
    }

    /// How far apart two colours are to these eyes: 0 for the same, 100 for black and white.
    pub fn distance(self, a: Color, b: Color) -> f64 {
        let [a, b] = [a, b].map(|color| lab(times(self.matrix(), linear(color))));
        (0..3).map(|i| (a[i] - b[i]) * (a[i] - b[i])).sum::<f64>().sqrt()
    }
}

/// The contrast of two colours, from 1 for the same to 21 for black and white.
pub fn contrast(a: Color, b: Color) -> f64 {
    let luminance = |c: Color| times([[0.2126, 0.7152, 0.0722]; 3], linear(c))[0] + 0.05;
    let (a, b) = (luminance(a), luminance(b));
    a.max(b) / a.min(b)
}

/// Linear-light RGB, by the sRGB transfer function (IEC 61966-2-1).
fn linear(c: Color) -> [f64; 3] {
    [c.r, c.g, c.b].map(|v| {
        let v = f64::from(v) / 255.0;
        if v <= 0.04045 { v / 12.92 } else { libm::pow((v + 0.055) / 1.055, 2.4) }
    })
}

fn times(m: [[f64; 3]; 3], v: [f64; 3]) -> [f64; 3] {
    m.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
}

/// CIELAB of linear-light RGB.
fn lab(rgb: [f64; 3]) -> [f64; 3] {
    let xyz = times(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]],
        rgb.map(|v| v.clamp(0.0, 1.0)),
    );
    let f = |v: f64| if v > 0.008856 { libm::cbrt(v) } else { 7.787 * v + 16.0 / 116.0 };
    let (x, y, z) = (f(xyz[0] / 0.95047), f(xyz[1]), f(xyz[2] / 1.08883));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_and_white_are_a_hundred_apart_to_all_eyes_and_red_and_green_near_only_to_some() {
        let (black, white) = (Color::hex(0x000000), Color::hex(0xffffff));
        for vision in Vision::ALL {
            assert!((vision.distance(black, white) - 100.0).abs() < 0.01, "{vision:?}");
            assert_eq!(vision.distance(black, black), 0.0);
        }
        // Red and green of one lightness to a deuteranope.
        let (red, green) = (Color::hex(0xc05050), Color::hex(0x7d7a00));
        assert!(Vision::Normal.distance(red, green) > 2.0 * Vision::Deuteranope.distance(red, green));
        assert!((contrast(black, white) - 21.0).abs() < 1e-9);
    }

    #[test]
    fn distances_are_those_of_cielab() {
        // skimage.color.rgb2lab: (53.24, 80.09, 67.20) for red, (32.30, 79.19, -107.86) for blue.
        let distance = Vision::Normal.distance(Color::hex(0xff0000), Color::hex(0x0000ff));
        assert!((distance - 176.3).abs() < 0.1, "{distance}");
    }
}
