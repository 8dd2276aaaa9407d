//! What every figure's file must be, whatever it shows, by the estimated widths that layout uses. Other crates that draw figures
//! test theirs with it.

// A helper of a test may panic like the test itself.
#![allow(clippy::unwrap_used)]

use rendering::text;
use std::collections::BTreeSet;

/// A box around something on the page.
#[derive(Debug, Clone)]
pub struct Box {
    pub what: String,
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Box {
    /// Whether the two share more than a rim.
    pub fn overlaps(&self, other: &Self) -> bool {
        let (x, y) = (
            self.right.min(other.right) - self.left.max(other.left),
            self.bottom.min(other.bottom) - self.top.max(other.top),
        );
        x > 1.0 && y > 1.0
    }
}

/// An attribute that is a number; 0 where there is none.
pub fn number(node: roxmltree::Node, name: &str) -> f64 {
    node.attribute(name).map_or(0.0, |v| v.parse().unwrap())
}

/// An attribute of the node or of the nearest ancestor that states it.
fn inherited<'a>(node: roxmltree::Node<'a, 'a>, name: &str) -> Option<&'a str> {
    node.ancestors().find_map(|n| n.attribute(name))
}

/// Whether the node shows when the animation has ended, or where there is none.
fn shows(node: roxmltree::Node) -> bool {
    inherited(node, "display") != Some("none")
}

/// The boxes of all level texts that show at the end, by the estimated widths that layout uses; capitals reach 0.72 em up, tails
/// 0.2 em down.
fn texts(document: &roxmltree::Document) -> Vec<Box> {
    let level =
        document.descendants().filter(|n| n.has_tag_name("text") && n.attribute("transform").is_none() && shows(*n));
    level
        .map(|n| {
            let content: String = n.text().unwrap_or_default().to_string();
            let size: f64 = inherited(n, "font-size").unwrap().parse().unwrap();
            let bold = inherited(n, "font-weight") == Some("bold");
            let width = if bold { text::bold_width(&content, size) } else { text::width(&content, size) };
            let (x, y) = (number(n, "x"), number(n, "y"));
            let left = match inherited(n, "text-anchor") {
                Some("middle") => x - width / 2.0,
                Some("end") => x - width,
                _ => x,
            };
            Box { what: content, left, top: y - 0.72 * size, right: left + width, bottom: y + 0.2 * size }
        })
        .collect()
}

/// Everything that can be wrong with a file; none is.
pub fn complaints(svg: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let document = match roxmltree::Document::parse(svg) {
        Ok(document) => document,
        Err(error) => return vec![format!("not well-formed: {error}")],
    };
    for line in svg.lines() {
        let opened = line.matches('<').count() - line.matches("</").count();
        let whole_text = ["<text", "<title", "<desc", "<style"].iter().any(|tag| line.starts_with(tag));
        if opened > 1 || (opened == 1 && line.contains("</") && !whole_text) || !line.starts_with('<') {
            wrong.push(format!("more or less than one element: {line}"));
        }
    }
    let mut ids = BTreeSet::new();
    for node in document.descendants() {
        for attribute in
            node.attributes().filter(|a| !["id", "href", "clip-path", "aria-labelledby"].contains(&a.name()))
        {
            if ["-0.00", "NaN", "inf"].iter().any(|bad| attribute.value().contains(bad)) {
                wrong.push(format!("{}=\"{}\"", attribute.name(), attribute.value()));
            }
        }
        if let Some(id) = node.attribute("id")
            && !ids.insert(id)
        {
            wrong.push(format!("id {id} twice"));
        }
        for name in ["x", "y", "cx", "cy", "r", "width", "height", "stroke-width", "font-size"] {
            let Some(value) = node.attribute(name) else { continue };
            if value.split_once('.').is_none_or(|(_, decimals)| decimals.len() != 2) {
                wrong.push(format!("{name}=\"{value}\" has not two decimals"));
            }
        }
    }
    let root = document.root_element();
    let page = (number(root, "width"), number(root, "height"));
    if !["title", "desc"].iter().all(|tag| root.children().any(|n| n.has_tag_name(*tag))) {
        wrong.push("no title or no description".into());
    }
    wrong
        .into_iter()
        .chain(texts(&document).iter().filter_map(|b| {
            let inside = b.left >= -0.5 && b.top >= -0.5 && b.right <= page.0 + 0.5 && b.bottom <= page.1 + 0.5;
            (!inside).then(|| format!("{b:?} leaves the page {page:?}"))
        }))
        .collect()
}

/// Pairs of texts that lie on each other.
pub fn collisions(svg: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let boxes = texts(&document);
    let mut found = Vec::new();
    for (i, a) in boxes.iter().enumerate() {
        found.extend(
            boxes[..i].iter().filter(|b| a.overlaps(b)).map(|b| format!("{} on {}: {a:?} {b:?}", a.what, b.what)),
        );
    }
    found
}
