//! The page that shows what changed: every figure old and new, side by side, under a swipe, through each other, or their
//! difference, amplified where it is faint. Pictures that move run by one clock, so that the same moments are compared.
//!
//! It serves a test run whose figures are not the pinned ones (where changes can be accepted) and two runs that are compared.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, PreEscaped, html};

use crate::change::{Change, Fate, TableChange, summary};
use crate::lines::{Line, Piece};
use crate::numbers::{Numbers, moved};
use crate::page::{Page, theme_button};
use crate::picture::{inlined, moves};

/// A value that changed, by its dotted path.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// `train.deep.epochs`.
    pub path: String,
    /// What it was, as it is written; nothing if it is new.
    pub old: Option<String>,
    /// What it is; nothing if it is gone.
    pub new: Option<String>,
}

impl Value {
    /// By how much a number moved; nothing for words.
    pub fn moved(&self) -> Option<String> {
        moved(self.old.as_deref()?, self.new.as_deref()?)
    }
}

/// So many changed values are shown at once.
const FEW: usize = 12;

/// What the page shows.
#[derive(Debug, Default)]
pub struct Review {
    /// The heading says what is compared with what.
    pub title: String,
    /// What the old pictures are called: `pinned`, or a run's folder.
    pub old: String,
    /// What the new pictures are called.
    pub new: String,
    /// What a reader has to know: what was not looked at, and why.
    pub notes: Vec<String>,
    /// Settings that changed.
    pub settings: Vec<Value>,
    /// Results that changed.
    pub metrics: Vec<Value>,
    /// The figures that changed, in the order they are shown.
    pub changes: Vec<Change>,
    /// The command that accepts figures that are named after it; nothing where nothing is to be accepted.
    pub accept: Option<String>,
}

/// The ways to look at a pair of pictures, and the key for each.
const VIEWS: [(&str, &str); 4] =
    [("side", "Side by side"), ("swipe", "Swipe"), ("onion", "Onion skin"), ("difference", "Difference")];

impl Review {
    /// The page.
    pub fn html(&self) -> String {
        let body = html! {
            header {
                h1 { (self.title) }
                p { (summary(&self.changes)) "." @if self.changes.len() > 1 { " The most changed come first." } }
                @for note in &self.notes { p.note { (note) } }
            }
            (self.values("Settings", &self.settings))
            (self.values("Results", &self.metrics))
            @if !self.changes.is_empty() {
                (self.controls())
                div.columns {
                    (self.contents())
                    div { @for (i, change) in self.changes.iter().enumerate() { (self.change(i, change)) } }
                }
                @if let Some(command) = &self.accept { (basket(command)) }
            }
        };
        let style = include_str!("review.css");
        Page { title: &self.title, style, script: include_str!("review.js"), body }.html()
    }

    /// A table of changed values; a long one waits until it is asked for.
    fn values(&self, title: &str, values: &[Value]) -> Markup {
        html! {
            @if !values.is_empty() {
                section.card { details open[values.len() <= FEW] {
                    summary { h2 { (title) " " span.quiet { (values.len()) " changed" } } }
                    div.scroll { table.values {
                        thead { tr {
                            th scope="col" { "name" } th.number scope="col" { (self.old) } th.number scope="col" { (self.new) }
                            th.number scope="col" { "moved by" }
                        } }
                        tbody { @for value in values { tr {
                            th scope="row" { code { (value.path) } }
                            td.number { @match &value.old { Some(old) => code.old { (old) }, None => span.quiet { "absent" } } }
                            td.number { @match &value.new { Some(new) => code.new { (new) }, None => span.quiet { "absent" } } }
                            td.number { (value.moved().unwrap_or_default()) }
                        } } }
                    } }
                } }
            }
        }
    }

    /// Every change in a line.
    fn contents(&self) -> Markup {
        html! {
            nav.contents aria-label="Changed figures" { ol {
                @for (i, change) in self.changes.iter().enumerate() { li data-pipeline=(change.group) {
                    a href={ "#change-" (i) } { (change.address()) }
                    @if change.fate == Fate::Changed {
                        span.pixels { (bar(change)) (change.share_text().trim_end_matches(" of pixels")) }
                    } @else { (badge(change.fate)) }
                } }
            } }
        }
    }

    /// What stays in sight: how to look, and at which pipeline.
    fn controls(&self) -> Markup {
        let mut groups: Vec<&str> = self.changes.iter().map(|c| c.group.as_str()).collect();
        groups.sort_unstable();
        groups.dedup();
        html! {
            div.controls.bar hidden {
                div.views role="group" aria-label="How to compare" {
                    @for (i, (view, name)) in VIEWS.iter().enumerate() {
                        button type="button" data-view=(view) aria-pressed=(if i == 0 { "true" } else { "false" })
                            title={ "Key " (i + 1) } { (name) }
                    }
                }
                @if groups.len() > 1 {
                    label { span { "Pipeline " } select.pipeline {
                        option value="" { "all (" (self.changes.len()) ")" }
                        @for group in groups {
                            option value=(group) { (group) " (" (self.changes.iter().filter(|c| c.group == group).count()) ")" }
                        }
                    } }
                }
                label.amplify hidden { "Amplified "
                    input type="range" min="0" max="6" step="1" value="0" aria-label="How much differences are amplified";
                    output { "1×" } }
                span.keys.quiet { "Keys: " kbd { "n" } " next, " kbd { "p" } " previous, " kbd { "1" } "–" kbd { "4" } " view" }
                (theme_button())
            }
        }
    }

    fn change(&self, i: usize, change: &Change) -> Markup {
        let address = change.address();
        let same = change.old == change.new;
        let single = same || change.fate != Fate::Changed;
        html! {
            article.card.change id={ "change-" (i) } tabindex="-1" data-pipeline=(change.group) data-view="side" {
                header {
                    h2 { (address) " " (badge(change.fate)) }
                    @if change.fate == Fate::Changed {
                        p.facts { (change.share_text()) " · " (change.lines_text()) " of markup · " (change.numbers_text()) }
                    }
                    @if self.accept.is_some() {
                        label.accept hidden { input type="checkbox" value=(address); " Accept" }
                    }
                }
                div.pair.single[single] {
                    @if let Some(old) = change.old.as_ref().filter(|_| !same) { (picture("old", &self.old, &address, old, i)) }
                    @if let Some(new) = &change.new { (picture("new", if same { "the picture is the same" } else { &self.new }, &address, new, i)) }
                }
                @if !single {
                    label.slide hidden { span { (self.old) } input type="range" min="0" max="100" value="50"
                        aria-label={ "How much of the new " (address) " is seen" }; span { (self.new) } }
                }
                @if [&change.old, &change.new].into_iter().flatten().any(|svg| moves(svg)) {
                    p.motion hidden { button type="button" { "Pause" } span.quiet { "They share a clock, which also stands while the \
                        pointer is on them." } }
                }
                @if !change.tables.is_empty() {
                    details open { summary { "Numbers" } @for (name, table) in &change.tables { (self.table(name, table)) } }
                }
                @if change.lines.added + change.lines.removed > 0 {
                    details { summary { "Markup" } (self.lines(change)) }
                }
            }
        }
    }

    fn table(&self, name: &str, table: &TableChange) -> Markup {
        let told = match table {
            TableChange::New => "is new".to_owned(),
            TableChange::Gone => "is gone".to_owned(),
            TableChange::Changed(numbers) if numbers.is_empty() => "is written in another way".to_owned(),
            TableChange::Changed(numbers) => numbers.summary(),
        };
        html! {
            p { code { (name) } " " (told) }
            @if let TableChange::Changed(Numbers { most, changed, .. }) = table { @if !most.is_empty() {
                div.scroll { table {
                    thead { tr {
                        th scope="col" { "row" } th scope="col" { "column" } th.number scope="col" { (self.old) }
                        th.number scope="col" { (self.new) } th.number scope="col" { "moved by" }
                    } }
                    tbody { @for cell in most { tr {
                        td { (cell.row) } td { (cell.column) } td.number { (cell.old) } td.number { (cell.new) }
                        td.number { (cell.moved().unwrap_or_default()) }
                    } } }
                } }
                @if *changed > most.len() { p.quiet { "and " (changed - most.len()) " more, which moved less" } }
            } }
        }
    }

    fn lines(&self, change: &Change) -> Markup {
        let left = change.lines.added.max(change.lines.removed).saturating_sub(change.lines.first.len());
        html! {
            div.scroll.lines { table { tbody { @for line in &change.lines.first { (changed_line(line)) } } } }
            @if left > 0 { p.quiet { "and " (left) " more" } }
        }
    }
}

fn changed_line(line: &Line) -> Markup {
    let side = |class: &str, sign: &str, number: usize, piece: &Piece| {
        html! { tr.(class) {
            th scope="row" { (number) } td { code { (sign) " " (piece.before) mark { (piece.changed) } (piece.after) } }
        } }
    };
    html! {
        @if let Some((number, piece)) = &line.old { (side("old", "−", *number, piece)) }
        @if let Some((number, piece)) = &line.new { (side("new", "+", *number, piece)) }
    }
}

fn badge(fate: Fate) -> Markup {
    html! { span.badge.(fate.word()) { (fate.word()) } }
}

/// The share of pixels as a bar whose length goes with the square root, so that small shares are seen.
fn bar(change: &Change) -> Markup {
    let width = change.share.as_ref().map_or(0.0, |share| 100.0 * share.sqrt());
    html! { span.share aria-hidden="true" { span style=(format!("width:{width:.0}%")) {} } }
}

/// A picture as an image of its own, so that no name in it meets a name in another. One that moves is a part of the page, its
/// names begun by whose it is: only there can a script set its clock.
fn picture(class: &str, label: &str, address: &str, svg: &str, index: usize) -> Markup {
    let source = || format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg));
    // Known before it is decoded, so that nothing on the page moves meanwhile.
    let [width, height] = ["width", "height"].map(|side| size(svg, side));
    html! {
        figure.(class) {
            figcaption { (label) }
            @if moves(svg) {
                div.picture.moving { (PreEscaped(inlined(svg, &format!("c{index}-{class}-")))) }
            } @else {
                img.picture alt={ (address) ", " (label) } width=[width] height=[height] src=(source()) decoding="async" draggable="false";
            }
        }
    }
}

/// A side of the picture by its root element: `width="640.00"` is 640.
fn size(svg: &str, side: &str) -> Option<String> {
    let root = svg.split_once("<svg")?.1.split_once('>')?.0;
    let length: f64 = root.split_once(&format!(" {side}=\""))?.1.split_once('"')?.0.parse().ok()?;
    Some(format!("{length:.0}"))
}

/// What gathers the accepted figures into a command.
fn basket(command: &str) -> Markup {
    html! {
        div.controls.basket hidden data-command=(command) role="region" aria-label="Accept" {
            button.all type="button" { "Accept all shown" }
            code.command tabindex="0" { (command) }
            button.copy type="button" disabled { "Copy" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Figure;

    fn figure(fill: &str) -> Figure {
        Figure {
            svg: format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"4\"><rect width=\"4\" height=\"4\" fill=\"{fill}\"/></svg>"
            ),
            ..Figure::default()
        }
    }

    #[test]
    fn every_change_is_on_the_page_and_nothing_is_fetched() {
        let (red, blue) = (figure("red"), figure("blue"));
        let changes = vec![
            Change::of("p", "a<b", Some(&red), Some(&blue)).unwrap(),
            Change::of("p", "new", None, Some(&blue)).unwrap(),
            Change::of("q", "gone", Some(&red), None).unwrap(),
        ];
        let html = Review {
            title: "Review".into(),
            old: "pinned".into(),
            new: "this run".into(),
            notes: vec!["r was not run".into()],
            settings: vec![Value { path: "seed".into(), old: Some("1".into()), new: None }],
            accept: Some("cargo xtask bless".into()),
            changes,
            ..Review::default()
        }
        .html();
        assert!(html.contains("1 figure changed, 1 is new, 1 is gone.") && html.contains("r was not run"), "{html}");
        assert!(html.contains("p/a&lt;b") && !html.contains("a<b"), "{html}");
        assert_eq!(html.matches("<article").count(), 3);
        assert_eq!(html.matches("src=\"data:image/svg+xml;base64,").count(), html.matches("src=").count());
        // What moves is a part of the page, each picture's names its own.
        let moving = |fill: &str| Figure {
            svg: format!("<svg id=\"m\" fill=\"{fill}\">\n<g>\n<animate attributeName=\"display\"/>\n</g>\n</svg>\n"),
            ..Figure::default()
        };
        let changes = vec![Change::of("p", "m", Some(&moving("red")), Some(&moving("blue"))).unwrap()];
        let html = Review { changes, ..Review::default() }.html();
        for id in ["id=\"c0-old-m\"", "id=\"c0-new-m\"", "class=\"motion\""] {
            assert_eq!(html.matches(id).count(), 1, "{id}: {html}");
        }
        assert!(!html.contains("<img"));
        // An empty review is a page, too.
        assert!(Review::default().html().contains("No figure changed."));
    }
}
