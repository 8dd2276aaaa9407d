//! Colours for where a picture goes. A figure's file says its colours on paper and, in one line of style, what they become on a
//! dark page; only browsers evaluate that, so it is done here.

use serde::Deserialize;

/// What a picture is to lie on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// White paper.
    Light,
    /// A dark page.
    Dark,
    /// Whatever light one shines through.
    Transparent,
    /// Whatever dark one shines through.
    TransparentDark,
}

impl Theme {
    fn dark(self) -> bool {
        matches!(self, Theme::Dark | Theme::TransparentDark)
    }

    /// Whether what lies below shines through.
    pub fn transparent(self) -> bool {
        matches!(self, Theme::Transparent | Theme::TransparentDark)
    }
}

/// Whether a figure of this program has written it.
pub fn is_ours(svg: &str) -> bool {
    let mut lines = svg.lines();
    let mut begins = |words: &str| lines.next().is_some_and(|line| line.starts_with(words));
    begins("<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"")
        && begins("<title id=\"")
        && begins("<desc id=\"")
        && begins("<style>")
}

/// The figure with the colours of a theme as its own, and no style. On plates, where colours mean values, they are those on paper
/// everywhere; a figure without such colours has neither paper nor plates where it is transparent.
pub fn dressed(svg: &str, theme: Theme) -> String {
    let mut out = String::with_capacity(svg.len());
    let mut twins = Vec::new();
    let plated = svg.lines().next().is_some_and(|root| root.contains(" class=\"plated\""));
    // How many groups are open since the plate began that keeps its colours.
    let mut on_plate = 0;
    // Whether the next line is paper.
    let mut paper = false;
    for line in svg.lines() {
        if let Some(rules) = line.strip_prefix("<style>") {
            twins = if theme.dark() { twins_in(rules) } else { Vec::new() };
            paper = true;
            continue;
        }
        let group = line.starts_with("<g>") || line.starts_with("<g ");
        let plate = group && line.contains(" class=\"plate\"");
        let left_out = std::mem::replace(&mut paper, plate && !plated) && theme.transparent();
        if left_out && line.starts_with("<rect ") && line.ends_with(" fill=\"#ffffff\"/>") {
            continue;
        }
        if on_plate > 0 {
            on_plate = on_plate + usize::from(group) - usize::from(line == "</g>");
        } else if plate && plated {
            on_plate = 1;
        }
        if on_plate > 0 {
            out += line
        } else {
            out += &recoloured(line, &twins)
        }
        out.push('\n');
    }
    out
}

/// Pairs of attributes, ` fill="#222222"` and what it becomes, from `[fill="#222222"]{fill:light-dark(#222222,#e8e8e8)}…`.
fn twins_in(rules: &str) -> Vec<(String, String)> {
    let twin = |rule: &str| {
        let (attribute, rest) = rule.split_once("=\"")?;
        let (light, rest) = rest.split_once('"')?;
        let dark = rest.split_once("light-dark(")?.1.split_once(')')?.0.split_once(',')?.1;
        Some((format!(" {attribute}=\"{light}\""), format!(" {attribute}=\"{dark}\"")))
    };
    rules.split('[').filter_map(twin).collect()
}

/// A line with the twins of its colours. Quotes in its text are escaped, so that only attributes are met.
fn recoloured(line: &str, twins: &[(String, String)]) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let mut rest = line;
    // One after the other from the left: what has been replaced is not looked at again.
    while let Some(at) = rest.find("=\"#") {
        let begin = rest[..at].rfind(' ').unwrap_or(at);
        let end = at + 3 + rest[at + 3..].find('"').map_or(rest.len() - at - 3, |quote| quote + 1);
        let twin = twins.iter().find(|(light, _)| *light == rest[begin..end]);
        parts.extend([&rest[..begin], twin.map_or(&rest[begin..end], |(_, dark)| dark.as_str())]);
        rest = &rest[end..];
    }
    parts.push(rest);
    parts.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = "<style>@media screen{svg{color-scheme:light dark}.plated .plate{color-scheme:only light}\
        [fill=\"#222222\"]{fill:light-dark(#222222,#e8e8e8)}[fill=\"#ffffff\"]{fill:light-dark(#ffffff,#212326)}\
        [stroke=\"#e8e8e8\"]{stroke:light-dark(#e8e8e8,#222222)}}</style>\n";

    fn figure(class: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"f\"{class} width=\"9.00\">\n{RULES}<rect fill=\"#ffffff\"/>\n\
             <g class=\"plate\">\n<rect fill=\"#ffffff\"/>\n<g>\n<path fill=\"#222222\" stroke=\"#e8e8e8\"/>\n</g>\n</g>\n\
             <text fill=\"#222222\">x</text>\n</svg>\n"
        )
    }

    fn body(svg: &str) -> String {
        svg.lines().skip(1).filter(|line| line.contains("fill")).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_figure_on_a_dark_page_has_the_twins_of_its_colours() {
        let dark = "<rect fill=\"#212326\"/>\n<rect fill=\"#212326\"/>\n<path fill=\"#e8e8e8\" stroke=\"#222222\"/>\n\
            <text fill=\"#e8e8e8\">x</text>";
        assert_eq!(body(&dressed(&figure(""), Theme::Dark)), dark);
        // Where colours mean values, plates stay.
        let plated = "<rect fill=\"#212326\"/>\n<rect fill=\"#ffffff\"/>\n<path fill=\"#222222\" stroke=\"#e8e8e8\"/>\n\
            <text fill=\"#e8e8e8\">x</text>";
        assert_eq!(body(&dressed(&figure(" class=\"plated\""), Theme::Dark)), plated);
        let light = dressed(&figure(""), Theme::Light);
        assert_eq!(light, figure("").replace(RULES, ""));
    }

    #[test]
    fn a_transparent_figure_has_no_paper_and_keeps_the_plates_on_which_colours_mean_values() {
        let count = |class: &str| dressed(&figure(class), Theme::Transparent).matches("<rect").count();
        assert_eq!((count(""), count(" class=\"plated\"")), (0, 1));
        assert!(dressed(&figure(""), Theme::TransparentDark).contains("<text fill=\"#e8e8e8\">"));
    }
}
