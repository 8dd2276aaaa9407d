//! The frame of every page: head, style, light and dark.
//!
//! A page reads without its script (which a strict viewer may refuse to run) and prints; the script only adds what is done with a
//! hand.

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// What a page is made of.
#[derive(Debug)]
pub struct Page<'a> {
    /// The document's title, and its heading unless the body begins with one of its own.
    pub title: &'a str,
    /// Rules of this page, beyond those of all pages.
    pub style: &'a str,
    /// What this page does, beyond what all pages do.
    pub script: &'a str,
    /// What is inside `<main>`.
    pub body: Markup,
}

impl Page<'_> {
    /// The whole document.
    pub fn html(&self) -> String {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) }
                    style { (PreEscaped(include_str!("page.css"))) (PreEscaped(self.style)) }
                }
                body {
                    a.skip href="#main" { "Skip to the content" }
                    main #main { (self.body) }
                    script { (PreEscaped(include_str!("page.js"))) (PreEscaped(self.script)) }
                }
            }
        }
        .into_string()
    }
}

/// The button that turns a page from light to dark and back; without a press it follows the reader's system. Shown by the script.
pub fn theme_button() -> Markup {
    html! { button.theme type="button" hidden aria-pressed="false" { "Dark" } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_nothing_is_fetched() {
        let body = html! { p { ("a < b & c") } (theme_button()) };
        let html = Page { title: "<t>", style: "", script: "", body }.html();
        assert!(html.contains("<title>&lt;t&gt;</title>") && html.contains("a &lt; b &amp; c"), "{html}");
        assert!(!html.contains("src=") && !html.contains("@import") && !html.contains("http"), "{html}");
    }
}
