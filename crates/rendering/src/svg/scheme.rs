//! A figure on a dark page.
//!
//! The file's colours are those on paper, and every reader of SVG shows them so. One that knows styles, as browsers do, and whose
//! user prefers dark pages shows the palette's twins instead: text, axes, grid, paper and the colours of classes. The rules say
//! both by `light-dark()` (CSS Color 5), so that they follow the `color-scheme` of wherever the figure is: the reader's wish
//! where it is opened alone, the page's where it is an image or part of one. Paper is printed light.
//!
//! A colour that means a value is the same on every page, because captions name it and a colour bar explains it. Where a figure
//! has one, all its data and its legend lie on plates that stay as they are on paper: what is drawn over a map is chosen for the
//! map.

use crate::{Color, palette};
use std::collections::BTreeSet;
use std::fmt::Write;

/// What a figure's colours become.
pub(super) struct Scheme {
    /// Its colours that have a twin, by attribute.
    twins: BTreeSet<(&'static str, Color)>,
    /// Whether there are others.
    pub plated: bool,
}

impl Scheme {
    /// Of the colours in this markup.
    pub fn of(body: &str) -> Self {
        let mut scheme = Self { twins: BTreeSet::new(), plated: body.contains("\n<image") };
        for attribute in ["fill", "stroke", "stop-color"] {
            for color in colors(body, &format!(" {attribute}=\"#")) {
                match palette::on_dark(color) {
                    Some(_) if attribute != "stop-color" => {
                        scheme.twins.insert((attribute, color));
                    }
                    _ => scheme.plated = true,
                }
            }
        }
        scheme
    }

    /// The element that says it, on one line.
    pub fn style(&self) -> String {
        let mut rules = String::from("<style>@media screen{svg{color-scheme:light dark}");
        if self.plated {
            rules.push_str(".plated .plate{color-scheme:only light}");
        }
        for &(attribute, color) in &self.twins {
            if let Some(dark) = palette::on_dark(color) {
                let _ = write!(rules, "[{attribute}=\"{color}\"]{{{attribute}:light-dark({color},{dark})}}");
            }
        }
        rules + "}</style>"
    }
}

/// The colours that follow each occurrence of an attribute's beginning, up to its `#`.
fn colors(body: &str, begins: &str) -> impl Iterator<Item = Color> {
    body.match_indices(begins).filter_map(|(at, found)| {
        let digits = body.get(at + found.len()..at + found.len() + 6)?;
        u32::from_str_radix(digits, 16).ok().map(Color::hex)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_palette_has_twins_and_other_colours_call_for_plates() {
        let scheme = Scheme::of("<g fill=\"#222222\">\n<path stroke=\"#0072b2\"/>\n</g>\n");
        assert!(!scheme.plated);
        assert_eq!(
            scheme.style(),
            "<style>@media screen{svg{color-scheme:light dark}[fill=\"#222222\"]{fill:light-dark(#222222,#e8e8e8)}\
             [stroke=\"#0072b2\"]{stroke:light-dark(#0072b2,#0075b7)}}</style>"
        );
        for other in
            ["<rect fill=\"#440154\"/>", "<stop offset=\"0\" stop-color=\"#ffffff\"/>", "<g>\n<image x=\"0\"/>"]
        {
            let scheme = Scheme::of(other);
            assert!(scheme.plated && scheme.style().contains(".plate{color-scheme:only light}"), "{other}");
        }
        // What cannot be a colour is none.
        assert!(!Scheme::of("<text> fill=\"#é</text> fill=\"#12").plated);
    }
}
