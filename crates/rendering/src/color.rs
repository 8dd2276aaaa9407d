//! An opaque sRGB colour and the little arithmetic figures need: mixing by weighted mean of the channels, and luminance.

/// An opaque colour, sRGB, 8 bits a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Color {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
}

impl Color {
    /// From `0xRRGGBB`.
    pub const fn hex(rgb: u32) -> Self {
        Self { r: (rgb >> 16) as u8, g: (rgb >> 8) as u8, b: rgb as u8 }
    }

    /// `self` at `t = 0`, `other` at `t = 1`, channel by channel in between; `t` outside [0, 1] is clamped.
    pub fn mix(self, other: Self, t: f64) -> Self {
        let t = t.clamp(0.0, 1.0);
        let channel = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * t).round() as u8;
        Self { r: channel(self.r, other.r), g: channel(self.g, other.g), b: channel(self.b, other.b) }
    }

    /// Mixed with the paper: 0 leaves the colour, 1 gives paper. For areas under other marks.
    pub fn tint(self, t: f64) -> Self {
        self.mix(crate::palette::PAPER, t)
    }

    /// Whether white text reads better on it than black text: where the two contrasts meet (WCAG 2.1, relative luminance 0.179),
    /// both are 4.58. The sRGB transfer function is taken as the cubic `v (v (0.305306011 v + 0.682171111) + 0.012522878)`, which
    /// keeps to it within 0.002.
    pub fn is_dark(self) -> bool {
        let linear = |v: u8| {
            let v = f64::from(v) / 255.0;
            v * (v * (0.305306011 * v + 0.682171111) + 0.012522878)
        };
        0.2126 * linear(self.r) + 0.7152 * linear(self.g) + 0.0722 * linear(self.b) < 0.179
    }
}

impl std::fmt::Display for Color {
    /// `#rrggbb`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.r, self.g, self.b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixes_and_prints() {
        assert_eq!(Color::hex(0x0072b2).to_string(), "#0072b2");
        assert_eq!(Color::hex(0x000000).mix(Color::hex(0xffffff), 0.5), Color::hex(0x808080));
        assert_eq!(Color::hex(0x123456).mix(Color::hex(0xffffff), -3.0), Color::hex(0x123456));
        assert!(Color::hex(0x440154).is_dark() && !Color::hex(0xfde725).is_dark());
    }
}
