//! The categorical palette and the neutral colours.
//!
//! Blue, orange and green are Okabe & Ito's (*Color Universal Design*, 2008). The other seven were searched for so that any
//! two of the ten stay well apart for normal, deuteranope and protanope eyes (Machado et al. 2009, severity 1) and each
//! stands out from the paper; the test below holds the distances.

use crate::Color;

/// Behind everything, opaque.
pub const PAPER: Color = Color::hex(0xffffff);
/// Text and axes.
pub const INK: Color = Color::hex(0x222222);
/// Text on light cells of a map: [`INK`] would not reach a contrast of 4.5 on the middle ones.
pub const ON_LIGHT: Color = Color::hex(0x000000);
/// Secondary text and reference lines.
pub const MUTED: Color = Color::hex(0x5c5c5c);
/// The second of two families of lines that cross.
pub const FAINT: Color = Color::hex(0xa8a8a8);
/// Grid lines.
pub const GRID: Color = Color::hex(0xe4e4e4);
/// Missing values in maps.
pub const MISSING: Color = Color::hex(0xc8c8c8);
/// The walls of a box of three axes.
pub const WALL: Color = Color::hex(0xf6f6f6);

/// The neutral colours, and what each is on a dark page.
const NEUTRALS: [(Color, Color); 7] = [
    (PAPER, DARK_PAPER),
    (INK, Color::hex(0xe8e8e8)),
    (MUTED, Color::hex(0xb0b2b7)),
    (FAINT, Color::hex(0x6a6d73)),
    (GRID, Color::hex(0x3d4045)),
    (MISSING, Color::hex(0x62656b)),
    (WALL, Color::hex(0x2a2d31)),
];
/// Paper on a dark page: the colour of a report's cards.
const DARK_PAPER: Color = Color::hex(0x212326);

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

/// The class colours on a dark page: of the same hue as on paper, and searched for in the same way, so that any two stay apart
/// and each stands out.
const DARK_CLASSES: [Color; 10] = [
    Color::hex(0x0075b7),
    Color::hex(0xe69e06),
    Color::hex(0x34ddb7),
    Color::hex(0xff6881),
    Color::hex(0x24ceee),
    Color::hex(0x9c5682),
    Color::hex(0x6259e4),
    Color::hex(0xc7cc76),
    Color::hex(0xc84605),
    Color::hex(0x955f3e),
];

/// The colour of class `k`, the same in every figure; from the eleventh class on they repeat.
pub const fn class(k: usize) -> Color {
    CLASSES[k % CLASSES.len()]
}

/// Class `k` as an area that lies under data: a light tint of [`class`].
pub fn class_area(k: usize) -> Color {
    class(k).tint(AREA)
}

/// How much of an area under data is paper, on light and on dark pages.
const AREA: f64 = 0.62;
const DARK_AREA: f64 = 0.66;

/// What a colour of this palette is on a dark page; nothing for others, which mean a value and do not change.
pub fn on_dark(color: Color) -> Option<Color> {
    let neutral = NEUTRALS.iter().find(|(light, _)| *light == color).map(|(_, dark)| *dark);
    let class = || (0..CLASSES.len()).find(|&k| class(k) == color).map(|k| DARK_CLASSES[k]);
    let area =
        || (0..CLASSES.len()).find(|&k| class_area(k) == color).map(|k| DARK_CLASSES[k].mix(DARK_PAPER, DARK_AREA));
    neutral.or_else(class).or_else(area)
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
        for (page, classes, bounds) in [("light", CLASSES, [42.0, 24.0]), ("dark", DARK_CLASSES, [40.0, 21.9])] {
            for (vision, matrix) in VISIONS {
                for i in 0..10 {
                    for j in 0..i {
                        let (a, b) = (lab(times(matrix, linear(classes[i]))), lab(times(matrix, linear(classes[j]))));
                        let distance = (0..3).map(|c| (a[c] - b[c]) * (a[c] - b[c])).sum::<f64>().sqrt();
                        let bound = bounds[usize::from(vision != "normal")];
                        assert!(
                            distance > bound,
                            "{page} classes {i} and {j} are {distance:.1} apart to a {vision} eye"
                        );
                    }
                }
            }
        }
    }

    /// The contrast of two colours (WCAG 2.1).
    fn contrast(a: Color, b: Color) -> f64 {
        let luminance = |c: Color| times([[0.2126, 0.7152, 0.0722]; 3], linear(c))[0] + 0.05;
        let (a, b) = (luminance(a), luminance(b));
        a.max(b) / a.min(b)
    }

    #[test]
    fn classes_stand_out_from_the_paper() {
        for k in 0..10 {
            let (light, dark) = (contrast(class(k), PAPER), contrast(DARK_CLASSES[k], DARK_PAPER));
            assert!(light > 1.75 && dark > 2.9, "class {k} has contrast {light:.2}, {dark:.2} on a dark page");
        }
    }

    #[test]
    fn text_reads_on_paper_and_on_class_areas_of_light_and_dark_pages() {
        let grounds = || [PAPER, WALL].into_iter().chain((0..10).map(class_area));
        for (ink, ground) in [INK, MUTED].into_iter().flat_map(|ink| grounds().map(move |ground| (ink, ground))) {
            let dark = contrast(on_dark(ink).unwrap(), on_dark(ground).unwrap());
            let bound = if ink == MUTED && ground != PAPER { 3.0 } else { 4.5 };
            assert!(contrast(ink, ground) >= bound && dark >= bound, "{ink} on {ground}: {dark:.2} on a dark page");
        }
    }

    #[test]
    fn words_read_on_every_colour_of_a_map() {
        use crate::{ColorMap, ColorScale};
        for map in [ColorMap::Magnitude, ColorMap::Signed, ColorMap::Gray, ColorMap::Sides] {
            let scale = ColorScale { map, lo: 0.0, hi: 1.0 };
            for ground in (0..=1000).map(|i| scale.color(f64::from(i) / 1000.0)).chain([MISSING]) {
                let ink = if ground.is_dark() { PAPER } else { ON_LIGHT };
                assert!(contrast(ink, ground) >= 4.5, "{ink} on {ground}: {:.2}", contrast(ink, ground));
            }
        }
    }

    #[test]
    fn a_colour_of_a_map_is_the_same_on_a_dark_page() {
        assert_eq!(on_dark(Color::hex(0x440154)), None);
        assert_eq!(on_dark(class(13)), Some(DARK_CLASSES[3]));
        assert_eq!(on_dark(PAPER), Some(DARK_PAPER));
    }
}
