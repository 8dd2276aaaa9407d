//! Figures inside a page: ids that are the page's only ones, and what to do when all of them together are too large.
//!
//! The pictures are those of the `rendering` crate, which writes one element per line.

use std::borrow::Cow;

/// An SVG with every id of its own, and every reference to one, begun by `prefix`: what two figures call alike stays apart.
pub fn inlined(svg: &str, prefix: &str) -> String {
    let mut out = String::with_capacity(svg.len() + svg.len() / 50);
    for line in svg.lines().skip_while(|line| line.starts_with("<?xml") || line.starts_with("<!DOCTYPE")) {
        // Only inside the tag: what is written in a figure may look like an id.
        let (tag, rest) = line.split_at(line.find('>').unwrap_or(line.len()));
        if tag.starts_with('<') && ["id=", "#", "aria-"].iter().any(|mark| tag.contains(mark)) {
            let tag = tag.replace(" id=\"", &format!(" id=\"{prefix}")).replace("url(#", &format!("url(#{prefix}"));
            out += &referring(&tag.replace("href=\"#", &format!("href=\"#{prefix}")), prefix);
        } else {
            out += tag;
        }
        out += rest;
        out.push('\n');
    }
    out
}

/// `aria-labelledby="title desc"`: a list of ids.
fn referring<'a>(tag: &'a str, prefix: &str) -> Cow<'a, str> {
    const NAME: &str = "aria-labelledby=\"";
    let Some(start) = tag.find(NAME).map(|at| at + NAME.len()) else { return tag.into() };
    let end = tag[start..].find('"').map_or(tag.len(), |length| start + length);
    let ids: Vec<String> = tag[start..end].split(' ').map(|id| format!("{prefix}{id}")).collect();
    format!("{}{}{}", &tag[..start], ids.join(" "), &tag[end..]).into()
}

/// What stands in the first element of this name, as it is escaped there: the `title`, the `desc`.
pub fn told<'a>(svg: &'a str, element: &str) -> &'a str {
    let line = svg.lines().find(|line| line.starts_with(&format!("<{element}")));
    line.and_then(|line| Some(line.split_once('>')?.1.rsplit_once("</")?.0)).unwrap_or_default()
}

/// Whether the figure has frames.
pub fn moves(svg: &str) -> bool {
    svg.contains("\n<animate ")
}

/// A moving figure at rest on its last frame, without the others.
pub fn still(svg: &str) -> String {
    let mut out = String::new();
    let mut hidden = 0_usize;
    for line in svg.lines() {
        match line {
            "</g>" if hidden > 0 => hidden -= 1,
            _ if hidden > 0 => hidden += usize::from(line.starts_with("<g") && !line.ends_with("/>")),
            "<g display=\"none\">" => hidden = 1,
            _ if line.starts_with("<animate ") => {}
            _ => {
                out += line;
                out.push('\n');
            }
        }
    }
    out
}

/// How a figure is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// As it is.
    Whole,
    /// Its last frame.
    Still,
    /// By a link: nothing else is small enough.
    Linked,
}

/// How to show figures, each a wide and a narrow picture, so that together they take at most `limit` bytes: narrow pictures are
/// stilled first, then figures, then these are left to links, always the largest.
pub fn fitting(figures: &[[&str; 2]], limit: usize) -> Vec<[Shown; 2]> {
    let mut shown = vec![[Shown::Whole; 2]; figures.len()];
    let mut sizes: Vec<[usize; 2]> = figures.iter().map(|pictures| pictures.map(str::len)).collect();
    while sizes.iter().flatten().sum::<usize>() > limit {
        let largest = |size: &dyn Fn(usize) -> usize| {
            (0..sizes.len()).filter(|&i| size(i) > 0).max_by_key(|&i| (size(i), std::cmp::Reverse(i)))
        };
        let moving_narrow =
            |i: usize| if shown[i][1] == Shown::Whole && moves(figures[i][1]) { sizes[i][1] } else { 0 };
        let both = |i: usize| sizes[i][0] + sizes[i][1];
        let (i, next) = match (largest(&moving_narrow), largest(&both)) {
            (Some(i), _) => (i, [shown[i][0], Shown::Still]),
            (None, Some(i)) if shown[i][0] == Shown::Whole && moves(figures[i][0]) => (i, [Shown::Still, shown[i][1]]),
            (None, Some(i)) => (i, [Shown::Linked; 2]),
            (None, None) => break,
        };
        shown[i] = next;
        sizes[i] = [0, 1].map(|p| match next[p] {
            Shown::Whole => figures[i][p].len(),
            Shown::Still => still(figures[i][p]).len(),
            Shown::Linked => 0,
        });
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOVING: &str = "<svg id=\"a\" role=\"img\" aria-labelledby=\"a-title a-desc\">\n<title id=\"a-title\">x &lt; \"id=\"</title>\n\
        <desc id=\"a-desc\">said: id=\"q\" url(#q)</desc>\n<g clip-path=\"url(#a-clip)\">\n<g display=\"none\">\n\
        <animate attributeName=\"display\" values=\"inline;none\" keyTimes=\"0;0.5\" dur=\"1.000s\"/>\n<g fill=\"red\">\n<path d=\"M0 0\"/>\n</g>\n</g>\n\
        <g>\n<animate attributeName=\"display\" values=\"none;inline\" keyTimes=\"0;0.5\" dur=\"1.000s\"/>\n<use href=\"#a-dot\"/>\n</g>\n</g>\n</svg>\n";

    #[test]
    fn ids_and_what_refers_to_them_get_the_prefix_and_words_do_not() {
        let svg = inlined(MOVING, "f1-");
        for part in [
            "<svg id=\"f1-a\" role=\"img\" aria-labelledby=\"f1-a-title f1-a-desc\">",
            "<title id=\"f1-a-title\">x &lt; \"id=\"</title>",
            "<desc id=\"f1-a-desc\">said: id=\"q\" url(#q)</desc>",
            "clip-path=\"url(#f1-a-clip)\"",
            "<use href=\"#f1-a-dot\"/>",
        ] {
            assert!(svg.contains(part), "{part}: {svg}");
        }
        assert_eq!(inlined("<?xml version=\"1.0\"?>\n<svg>\n</svg>\n", "p"), "<svg>\n</svg>\n");
    }

    #[test]
    fn title_and_caption_are_as_the_figure_has_them() {
        assert_eq!(told(MOVING, "title"), "x &lt; \"id=\"");
        assert_eq!(told(MOVING, "desc"), "said: id=\"q\" url(#q)");
        assert_eq!(told("<svg>\n</svg>\n", "desc"), "");
    }

    #[test]
    fn a_still_is_the_last_frame() {
        let svg = still(MOVING);
        assert!(!svg.contains("<animate") && !svg.contains("red") && svg.contains("<use"), "{svg}");
        assert_eq!(svg.matches("<g").count(), svg.matches("</g>").count());
        assert_eq!(still(&svg), svg);
    }

    #[test]
    fn the_largest_give_way_first_and_only_as_far_as_they_must() {
        let plain = "<svg>\n</svg>\n".to_owned() + &" ".repeat(100);
        use Shown::{Linked, Still, Whole};
        let all = [[MOVING; 2], [plain.as_str(), ""]];
        let total = 2 * MOVING.len() + plain.len();
        assert_eq!(fitting(&all, total), [[Whole; 2], [Whole; 2]]);
        // A phone shows the last frame before a desk does.
        assert_eq!(fitting(&all, total - 1), [[Whole, Still], [Whole; 2]]);
        assert_eq!(fitting(&all, 2 * still(MOVING).len() + plain.len()), [[Still; 2], [Whole; 2]]);
        assert_eq!(fitting(&all, 200), [[Linked; 2], [Whole; 2]]);
        assert_eq!(fitting(&all, 0), [[Linked; 2], [Linked; 2]]);
        assert!(fitting(&[], 0).is_empty());
    }
}
