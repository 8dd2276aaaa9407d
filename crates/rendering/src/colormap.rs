//! Colour maps: numbers to colours.
//!
//! Magnitudes use viridis (van der Walt & Smith 2015), signed values a blue–white–red map (ColorBrewer RdBu, Brewer 2003)
//! centred on zero. Both are sampled tables with linear interpolation, and both are quantised to 255 steps, so that runs of
//! equal colour merge and an image needs no more than one palette.

use crate::{Color, palette};

const VIRIDIS: [u32; 33] = [
    0x440154, 0x470d60, 0x48186a, 0x482374, 0x472d7b, 0x453781, 0x424086, 0x3e4989, 0x3b528b, 0x375b8d, 0x33638d,
    0x2f6b8e, 0x2c728e, 0x297a8e, 0x26828e, 0x23898e, 0x21918c, 0x1f988b, 0x1fa088, 0x22a785, 0x28ae80, 0x32b67a,
    0x3fbc73, 0x4ec36b, 0x5ec962, 0x70cf57, 0x84d44b, 0x98d83e, 0xaddc30, 0xc2df23, 0xd8e219, 0xece51b, 0xfde725,
];

/// RdBu reversed: negative is blue, zero nearly white, positive red.
const BLUE_RED: [u32; 21] = [
    0x053061, 0x124984, 0x2065ab, 0x327cb7, 0x4393c3, 0x6bacd1, 0x90c4dd, 0xb1d5e7, 0xd1e5f0, 0xe4eef4, 0xf7f6f6,
    0xfae9df, 0xfddbc7, 0xf8bfa4, 0xf3a481, 0xe48066, 0xd6604d, 0xc43b3c, 0xb1182b, 0x8a0b25, 0x67001f,
];

/// Class 0 of [`palette`], nearly white, class 1: both paler, so that their points show on them.
const SIDES: [u32; 3] = [0x5c9fca, 0xf7f6f6, 0xefbf5a];

const GRAYS: [u32; 2] = [0xffffff, 0x111111];

/// Steps of a map: even, so that the middle step is exactly zero of a signed scale.
const STEPS: f64 = 254.0;

/// Which map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorMap {
    /// Viridis: dark is low, yellow is high.
    Magnitude,
    /// Blue is negative, white zero, red positive.
    Signed,
    /// White is none, red is much: the upper half of [`ColorMap::Signed`], for what should catch the eye where there is any.
    Amount,
    /// White is low, black is high: ink on paper, for pictures.
    Gray,
    /// The colour of class 0 is low, that of class 1 high, white between: a score that divides two classes.
    Sides,
}

/// A map with the values at its two ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColorScale {
    /// The map.
    pub map: ColorMap,
    /// Value at the lower end; values below take its colour.
    pub lo: f64,
    /// Value at the upper end; values above take its colour.
    pub hi: f64,
}

impl ColorScale {
    /// Viridis from `lo` to `hi`.
    pub fn magnitude(lo: f64, hi: f64) -> Self {
        Self { map: ColorMap::Magnitude, lo, hi }
    }

    /// The diverging map from `-limit` to `limit`.
    pub fn signed(limit: f64) -> Self {
        Self { map: ColorMap::Signed, lo: -limit.abs(), hi: limit.abs() }
    }

    /// From the colour of class 0 over white at `level` to that of class 1, `reach` to both sides.
    pub fn sides(level: f64, reach: f64) -> Self {
        Self { map: ColorMap::Sides, lo: level - reach.abs(), hi: level + reach.abs() }
    }

    /// White to red from 0 to the largest finite value given, 1 where none is above 0.
    pub fn amount_of(values: impl IntoIterator<Item = f64>) -> Self {
        let hi = values.into_iter().filter(|v| v.is_finite()).fold(0.0, f64::max);
        Self { map: ColorMap::Amount, lo: 0.0, hi: if hi > 0.0 { hi } else { 1.0 } }
    }

    /// White to black from `lo` to `hi`.
    pub fn gray(lo: f64, hi: f64) -> Self {
        Self { map: ColorMap::Gray, lo, hi }
    }

    /// Viridis over the finite values given, [0, 1] where there are none.
    pub fn magnitude_of(values: &[f64]) -> Self {
        let finite = || values.iter().copied().filter(|v| v.is_finite());
        let (lo, hi) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
        if lo <= hi { Self::magnitude(lo, hi) } else { Self::magnitude(0.0, 1.0) }
    }

    /// The diverging map whose limit is the largest finite magnitude given, 1 where there is none.
    pub fn signed_of(values: &[f64]) -> Self {
        let limit = values.iter().copied().filter(|v| v.is_finite()).fold(0.0, |m: f64, v| m.max(v.abs()));
        Self::signed(if limit > 0.0 { limit } else { 1.0 })
    }

    /// The colour of a value: clamped at the ends, [`palette::MISSING`] for NaN, the middle where the ends meet.
    pub fn color(&self, value: f64) -> Color {
        if value.is_nan() {
            return palette::MISSING;
        }
        let t = if self.hi > self.lo { ((value - self.lo) / (self.hi - self.lo)).clamp(0.0, 1.0) } else { 0.5 };
        self.at((t * STEPS).round() / STEPS)
    }

    /// The colour at fraction `t` of the way from `lo` to `hi`.
    pub fn at(&self, t: f64) -> Color {
        let table: &[u32] = match self.map {
            ColorMap::Magnitude => &VIRIDIS,
            ColorMap::Signed => &BLUE_RED,
            ColorMap::Amount => &BLUE_RED[BLUE_RED.len() / 2..],
            ColorMap::Gray => &GRAYS,
            ColorMap::Sides => &SIDES,
        };
        let place = t.clamp(0.0, 1.0) * (table.len() - 1) as f64;
        let left = (place.floor() as usize).min(table.len() - 2);
        Color::hex(table[left]).mix(Color::hex(table[left + 1]), place - left as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_and_middle() {
        let scale = ColorScale::magnitude(2.0, 4.0);
        // matplotlib 3: viridis(0.0), viridis(0.5) = (0.127568, 0.566949, 0.550556), viridis(1.0).
        assert_eq!(scale.color(2.0), Color::hex(0x440154));
        assert_eq!(scale.color(3.0), Color::hex(0x21918c));
        assert_eq!(scale.color(9.0), Color::hex(0xfde725));
        assert_eq!(scale.color(f64::NAN), palette::MISSING);
        assert_eq!(scale.color(f64::INFINITY), scale.color(4.0));
    }

    #[test]
    fn signed_is_centred_on_zero() {
        let scale = ColorScale::signed_of(&[-1.0, 3.0, f64::NAN]);
        assert_eq!((scale.lo, scale.hi), (-3.0, 3.0));
        assert_eq!(scale.color(0.0), Color::hex(0xf7f6f6));
        assert_eq!(ColorScale::signed_of(&[0.0, 0.0]).color(0.0), Color::hex(0xf7f6f6));
    }

    #[test]
    fn sides_are_those_of_the_classes() {
        let scale = ColorScale::sides(0.5, 0.5);
        assert_eq!((scale.lo, scale.hi), (0.0, 1.0));
        let near = |a: Color, b: Color| {
            (i32::from(a.r) - i32::from(b.r)).abs() < 24 && (i32::from(a.b) - i32::from(b.b)).abs() < 24
        };
        assert!(
            near(scale.color(0.0), palette::class(0).tint(0.36))
                && near(scale.color(1.0), palette::class(1).tint(0.36))
        );
        assert_eq!(scale.color(0.5), Color::hex(0xf7f6f6));
    }

    #[test]
    fn viridis_grows_lighter() {
        let scale = ColorScale::magnitude(0.0, 1.0);
        let luma = |c: Color| 299 * u32::from(c.r) + 587 * u32::from(c.g) + 114 * u32::from(c.b);
        let lumas: Vec<u32> = (0..=100).map(|i| luma(scale.color(f64::from(i) / 100.0))).collect();
        assert!(lumas.windows(2).all(|w| w[0] < w[1]));
    }

    #[test]
    fn all_equal_and_empty_have_a_colour() {
        assert_eq!(ColorScale::magnitude_of(&[5.0, 5.0]).color(5.0), Color::hex(0x21918c));
        assert_eq!(ColorScale::magnitude_of(&[]), ColorScale::magnitude(0.0, 1.0));
    }
}
