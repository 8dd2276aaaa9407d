//! What a run found, in a few sentences: headlines of its figures, which state what their numbers are.

use maud::{Markup, PreEscaped, html};

use super::Figure;
use crate::picture::{moves, told};

/// More would not be read.
const MOST: usize = 3;

/// The headlines as a list, each with a link to its figure.
pub fn markup(figures: &[Figure], hero: usize) -> Markup {
    html! {
        @let found = findings(figures, hero);
        @if !found.is_empty() {
            ol.findings { @for (name, headline) in found {
                li { (PreEscaped(headline)) " " a href=(format!("#figure-{name}")) { (name) } }
            } }
        }
    }
}

/// Names and headlines (escaped, as in the figures): the hero's, then those of the next two figures in the file's order, from its
/// end on from its beginning, that state a number and that nobody has read yet. Measured seconds are no findings, and what moves
/// shows how something came about that a figure beside it tells.
fn findings(figures: &[Figure], hero: usize) -> Vec<(&str, &str)> {
    let mut found: Vec<(&str, &str)> = Vec::new();
    for (i, figure) in figures.iter().enumerate().cycle().skip(hero).take(figures.len()) {
        let headline = told(&figure.wide.svg, "title");
        let new = found.iter().all(|(_, known)| *known != headline) && !headline.is_empty();
        let told = !figure.measured && (i == hero || (states_a_number(headline) && !moves(&figure.wide.svg)));
        if new && told && found.len() < MOST {
            found.push((&figure.name, headline));
        }
    }
    found
}

/// Whether a word is a number: `99.8%`, `(0.97)`, `−3`; the digits of a name, as in `hidden2`, are none.
fn states_a_number(headline: &str) -> bool {
    let begins =
        |word: &str| word.trim_start_matches(['(', '−', '-', '+', '≈']).starts_with(|c: char| c.is_ascii_digit());
    headline.split_whitespace().any(begins)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Picture;

    fn figure(name: &str, title: &str) -> Figure {
        let svg = format!("<svg>\n<title>{title}</title>\n</svg>\n");
        Figure { name: name.into(), wide: Picture { svg, ..Picture::default() }, ..Figure::default() }
    }

    #[test]
    fn the_heros_headline_and_the_next_two_that_state_a_number() {
        let mut figures = vec![
            figure("data", "1000 points"),
            figure("hero", "It works"),
            figure("units", "What hidden2 does"),
            figure("net", "Net: 99.8% right"),
            figure("again", "Net: 99.8% right"),
            figure("moving", "Net: 99.8% right at the end"),
            figure("seconds", "Adam takes 3 s"),
        ];
        figures[5].wide.svg += "<animate attributeName=\"display\"/>\n";
        figures[6].measured = true;
        let expected = [("hero", "It works"), ("net", "Net: 99.8% right"), ("data", "1000 points")];
        assert_eq!(findings(&figures, 1), expected);
        assert_eq!(findings(&[], 0), []);
        let html = markup(&figures, 1).into_string();
        assert!(html.contains("<li>Net: 99.8% right <a href=\"#figure-net\">net</a></li>"), "{html}");
    }

    #[test]
    fn a_number_is_a_word_of_its_own() {
        for (headline, states) in
            [("loss (0.278)", true), ("falls by −3", true), ("hidden2.post[13] is dead", false), ("", false)]
        {
            assert_eq!(states_a_number(headline), states, "{headline}");
        }
    }
}
