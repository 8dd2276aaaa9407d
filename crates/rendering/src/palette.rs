//! The categorical palette and the neutral colours.
//!
//! Blue, orange and green are Okabe & Ito's (*Color Universal Design*, 2008). The other seven were searched for so that any
//! two of the ten stay well apart for normal, deuteranope and protanope eyes (Machado et al. 2009, severity 1) and each
//! stands out from the paper; the test below holds the distances.

use crate::Color;

/// Behind everything: opaque, so that a figure reads on dark pages too.
pub const PAPER: Color = Color::hex(0xffffff);
/// Text and axes.
pub const INK: Color = Color::hex(0x222222);
/// Secondary text and reference lines.
pub const MUTED: Color = Color::hex(0x5c5c5c);
/// Grid lines.
pub const GRID: Color = Color::hex(0xe4e4e4);
/// Missing values in maps.
pub const MISSING: Color = Color::hex(0xc8c8c8);

/// The ten class colours.
pub const CLASSES: [Color; 10] = [
    Color::hex(0x0072b2),
    Color::hex(0xe69f00),
    Color::hex(0x009e73),
    Color::hex(0xe5084e),
    Color::hex(0x20d1ef),
    Color::hex(0x602760),
    Color::hex(0x4a4ed4),
    Color::hex(0xbfc776),
    Color::hex(0xc74600),
    Color::hex(0x63300e),
];

/// The colour of class `k`, the same in every figure; from the eleventh class on they repeat.
pub const fn class(k: usize) -> Color {
    CLASSES[k % CLASSES.len()]
}

/// Class `k` as an area that lies under data: a light tint of [`class`].
pub fn class_area(k: usize) -> Color {
    class(k).tint(0.62)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    /// CIELAB with white D65.
    fn lab(rgb: [f64; 3]) -> [f64; 3] {
        let xyz = times(
            [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]],
            rgb.map(|v| v.clamp(0.0, 1.0)),
        );
        let f = |v: f64| if v > 0.008856 { libm::cbrt(v) } else { 7.787 * v + 16.0 / 116.0 };
        let (x, y, z) = (f(xyz[0] / 0.95047), f(xyz[1]), f(xyz[2] / 1.08883));
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    /// Machado, Oliveira, Fernandes 2009, table 1, severity 1.0.
    const VISIONS: [(&str, [[f64; 3]; 3]); 3] = [
        ("normal", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        (
            "protanope",
            [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        ),
        (
            "deuteranope",
            [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        ),
    ];

    #[test]
    fn classes_stay_apart_for_colour_blind_eyes() {
        for (vision, matrix) in VISIONS {
            for i in 0..10 {
                for j in 0..i {
                    let (a, b) = (lab(times(matrix, linear(class(i)))), lab(times(matrix, linear(class(j)))));
                    let distance = (0..3).map(|c| (a[c] - b[c]) * (a[c] - b[c])).sum::<f64>().sqrt();
                    let bound = if vision == "normal" { 42.0 } else { 24.0 };
                    assert!(distance > bound, "classes {i} and {j} are {distance:.1} apart to a {vision} eye");
                }
            }
        }
    }

    #[test]
    fn classes_stand_out_from_the_paper() {
        for k in 0..10 {
            let [r, g, b] = linear(class(k));
            let contrast = 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05);
            assert!(contrast > 1.75, "class {k} has contrast {contrast:.2}");
        }
    }
}
