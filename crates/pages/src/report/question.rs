//! What a run asks: the plain text in front of a pipeline, as paragraphs, with its list of figures as links.
//!
//! Of markup the text has `*words*` and `` `names` ``. A paragraph whose lines begin with `figures/name` is a list: each line
//! names a figure and says what it shows; a line that is set in goes on, or names a further figure as `name: what it shows`.

use maud::{Markup, html};

/// One line of the list of figures.
#[derive(Debug, PartialEq)]
struct Entry {
    name: String,
    words: String,
}

/// Which of its paragraphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What is asked.
    Words,
    /// The lists of figures.
    Lists,
}

/// A part of the text as HTML. A name of a figure becomes a link to `#figure-name` if `has` knows it.
pub fn markup(text: &str, has: &dyn Fn(&str) -> bool, part: Part) -> Markup {
    let paragraphs = text.split("\n\n").map(str::trim_end).filter(|p| !p.trim().is_empty());
    let paragraphs = paragraphs.map(|paragraph| (paragraph, entries(paragraph, has)));
    html! {
        @for (i, (paragraph, entries)) in paragraphs.filter(|(_, e)| e.is_some() == (part == Part::Lists)).enumerate() {
            @match entries {
                Some(entries) => ul.shown { @for entry in &entries { li {
                    @if has(&entry.name) { a href=(format!("#figure-{}", entry.name)) { (entry.name) } } @else { code { (entry.name) } }
                    " " (inline(&entry.words))
                } } },
                None => p class=[(i == 0).then_some("lead")] { (inline(&joined(paragraph.lines()))) },
            }
        }
    }
}

/// The figures that a paragraph lists, if it is such a list.
fn entries(paragraph: &str, has: &dyn Fn(&str) -> bool) -> Option<Vec<Entry>> {
    let begins = |line: &str| {
        let rest = line.strip_prefix("figures/").or_else(|| line.strip_prefix("timings/"))?;
        let (name, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        Some(Entry { name: name.to_owned(), words: words.trim().to_owned() })
    };
    let mut entries: Vec<Entry> = Vec::new();
    for line in paragraph.lines() {
        if let Some(entry) = begins(line) {
            entries.push(entry);
            continue;
        }
        let last = entries.last_mut()?;
        let line = line.trim();
        match line.split_once(':').filter(|(name, _)| has(name)) {
            Some((name, words)) => entries.push(Entry { name: name.to_owned(), words: words.trim().to_owned() }),
            None => last.words = joined([last.words.as_str(), line].into_iter()),
        }
    }
    Some(entries)
}

fn joined<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `*words*` and `` `names` ``, where the marks enclose something that neither begins nor ends with a space.
fn inline(text: &str) -> Markup {
    let Some(start) = text.find(['*', '`']) else { return html! { (text) } };
    let mark = &text[start..=start];
    let (before, after) = (&text[..start], &text[start + 1..]);
    match after.find(mark).map(|end| (&after[..end], &after[end + 1..])) {
        Some((inside, rest)) if !inside.is_empty() && inside.trim() == inside => html! {
            (before) @if mark == "*" { em { (inside) } } @else { code { (inside) } } (inline(rest))
        },
        _ => html! { (before) (mark) (inline(after)) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let part = |part| markup(text, &|name| ["a", "a_training", "s-1"].contains(&name), part).into_string();
        part(Part::Words) + &part(Part::Lists)
    }

    #[test]
    fn paragraphs_stay_paragraphs_and_marks_mark() {
        assert_eq!(
            shown("What is 1 < 2?\n\nTwo. *Lifting*: a & b,\nand `x*y` of 3 * 4 * 5."),
            "<p class=\"lead\">What is 1 &lt; 2?</p><p>Two. <em>Lifting</em>: a &amp; b, and <code>x*y</code> of 3 * 4 * 5.</p>"
        );
        assert_eq!(shown(""), "");
        assert_eq!(shown("a * b ` *"), "<p class=\"lead\">a * b ` *</p>");
    }

    #[test]
    fn the_list_of_figures_is_made_of_links() {
        let text = "figures/a    the plane\n             a_training: while it learns\n             and on\n\
            timings/s-1  seconds\nfigures/gone  <nothing>";
        assert_eq!(
            shown(text),
            "<ul class=\"shown\"><li><a href=\"#figure-a\">a</a> the plane</li>\
             <li><a href=\"#figure-a_training\">a_training</a> while it learns and on</li>\
             <li><a href=\"#figure-s-1\">s-1</a> seconds</li><li><code>gone</code> &lt;nothing&gt;</li></ul>"
        );
        assert_eq!(shown("set in:\n  figures/a x"), "<p class=\"lead\">set in: figures/a x</p>");
    }
}
