//! The spanned TOML tree, and dotted paths into it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One step of a path: a key, or an index into a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A key of a table.
    Key(String),
    /// An index into a list, from 0.
    Index(usize),
}

/// Where a path cannot be read, and what was expected there.
pub type Unreadable = (Range<usize>, String);

/// A dotted path: `train.deep.model[0].linear`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// This path and one key more.
    pub fn key(&self, key: &str) -> Path {
        Path(self.0.iter().cloned().chain([Step::Key(key.to_owned())]).collect())
    }

    /// This path and one index more.
    pub fn index(&self, index: usize) -> Path {
        Path(self.0.iter().cloned().chain([Step::Index(index)]).collect())
    }

    /// The steps that lead to what its last one is in.
    pub fn parents(&self) -> &[Step] {
        &self.0[..self.0.len().saturating_sub(1)]
    }

    /// This path with its last key renamed.
    pub fn renamed(&self, key: &str) -> Path {
        Path(self.parents().to_vec()).key(key)
    }

    /// Whether this path is `other` or lies inside it.
    pub fn is_within(&self, other: &Path) -> bool {
        self.0.starts_with(&other.0)
    }

    /// Whether any step is an index.
    pub fn enters_list(&self) -> bool {
        self.0.iter().any(|s| matches!(s, Step::Index(_)))
    }

    /// Reads `a.b[0].c`; keys that need it are in double quotes. Returns each step with its span in `text`.
    pub fn parse(text: &str) -> Result<Vec<(Step, Range<usize>)>, Unreadable> {
        let bytes = text.as_bytes();
        let mut steps = Vec::new();
        let mut i = 0;
        loop {
            let start = i;
            if bytes.get(i) == Some(&b'"') {
                let Some(length) = text[i + 1..].find('"') else {
                    return Err((start..text.len(), "this quote is never closed".to_owned()));
                };
                steps.push((Step::Key(text[i + 1..i + 1 + length].to_owned()), start..i + length + 2));
                i += length + 2;
            } else {
                i += text[i..].find(['.', '[', '"']).unwrap_or(text.len() - i);
                let key = text[start..i].trim();
                if key.is_empty() {
                    return Err((start..i.max(start + 1).min(text.len()), "expected a name here".to_owned()));
                }
                steps.push((Step::Key(key.to_owned()), start..i));
            }
            while bytes.get(i) == Some(&b'[') {
                let Some(length) = text[i..].find(']') else {
                    return Err((i..text.len(), "this bracket is never closed".to_owned()));
                };
                let Ok(index) = text[i + 1..i + length].trim().parse() else {
                    return Err((i + 1..i + length, "expected a number counted from 0".to_owned()));
                };
                steps.push((Step::Index(index), i..i + length + 1));
                i += length + 1;
            }
            match bytes.get(i) {
                None => return Ok(steps),
                Some(b'.') => i += 1,
                Some(_) => return Err((i..text.len(), "expected `.` or `[` here".to_owned())),
            }
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if i == 0 => write!(f, "{key}")?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// A value with its span; what a whole file is made of.
pub type Node<'s> = Spanned<DeValue<'s>>;

/// Moves every span of a value by `offset`.
pub fn shift<'s>(node: Node<'s>, offset: usize) -> Node<'s> {
    let span = node.span();
    let value = match node.into_inner() {
        DeValue::Array(list) => {
            let mut out = toml::de::DeArray::new();
            for item in list {
                out.push(shift(item, offset));
            }
            DeValue::Array(out)
        }
        DeValue::Table(table) => {
            let mut out = DeTable::new();
            for (key, value) in table {
                let at = key.span();
                out.insert(Spanned::new(at.start + offset..at.end + offset, key.into_inner()), shift(value, offset));
            }
            DeValue::Table(out)
        }
        other => other,
    };
    Spanned::new(span.start + offset..span.end + offset, value)
}

/// The span of what is at `path` below `node`, or of the nearest ancestor that exists.
pub fn span_of(node: &Node<'_>, path: &[Step]) -> Range<usize> {
    let Some((step, rest)) = path.split_first() else { return node.span() };
    let child = match (step, node.get_ref()) {
        (Step::Key(key), DeValue::Table(table)) => table.get(key.as_str()),
        (Step::Index(index), DeValue::Array(list)) => list.get(*index),
        _ => None,
    };
    child.map_or(node.span(), |child| span_of(child, rest))
}

/// The first span at or inside `node` that begins beyond `end`.
pub fn first_after(node: &Node<'_>, end: usize) -> Option<Range<usize>> {
    if node.span().start > end {
        return Some(node.span());
    }
    match node.get_ref() {
        DeValue::Table(table) => table.values().find_map(|child| first_after(child, end)),
        DeValue::Array(list) => list.iter().find_map(|child| first_after(child, end)),
        _ => None,
    }
}

/// The value at `path`.
fn find_mut<'n, 's>(node: &'n mut Node<'s>, path: &[Step]) -> Option<&'n mut Node<'s>> {
    let Some((step, rest)) = path.split_first() else { return Some(node) };
    let child = match (step, node.get_mut()) {
        (Step::Key(key), DeValue::Table(table)) => table.get_mut(key.as_str()),
        (Step::Index(index), DeValue::Array(list)) => list.get_mut(*index),
        _ => None,
    };
    find_mut(child?, rest)
}

/// A change that makes a table readable, so that what else is wrong with it can be reported as well.
#[derive(Debug, Clone)]
pub enum Repair {
    /// Take the key out.
    Remove(Path),
    /// Put a value of the right type there, so that the rest can be read.
    Put(Path, DeValue<'static>),
    /// Give the key its right name.
    Rename(Path, String),
    /// Put the right word there.
    Replace(Path, String),
}

impl Repair {
    /// What it changes.
    pub fn path(&self) -> &Path {
        match self {
            Repair::Remove(path) | Repair::Put(path, _) | Repair::Rename(path, _) | Repair::Replace(path, _) => path,
        }
    }
}

/// Applies repairs of values that stand beside each other, at once: a table of many mistakes is gone through a single time. A
/// path that leads nowhere changes nothing.
pub fn apply_within(siblings: &[&Repair], node: &mut Node<'_>) {
    let (mut removed, mut renamed, mut added) = (BTreeSet::new(), BTreeMap::new(), Vec::new());
    for repair in siblings {
        let target = find_mut(node, &repair.path().0);
        match (repair, repair.path().0.last(), target) {
            (Repair::Replace(_, word), _, Some(target)) => *target.get_mut() = DeValue::String(word.clone().into()),
            (Repair::Put(_, value), _, Some(target)) => *target.get_mut() = value.clone(),
            (Repair::Put(_, value), Some(Step::Key(key)), None) => added.push((key, value)),
            (Repair::Remove(_), Some(Step::Key(key)), _) => drop(removed.insert(key.as_str())),
            (Repair::Rename(_, name), Some(Step::Key(key)), _) => drop(renamed.insert(key.as_str(), name)),
            _ => {}
        }
    }
    let Some(parent) = siblings.first().and_then(|repair| find_mut(node, repair.path().parents())) else { return };
    let at = parent.span();
    let DeValue::Table(table) = parent.get_mut() else { return };
    if !(removed.is_empty() && renamed.is_empty()) {
        for (key, value) in std::mem::take(table) {
            match renamed.get(key.get_ref().as_ref()) {
                Some(name) => drop(table.insert(Spanned::new(key.span(), (*name).clone().into()), value)),
                None if removed.contains(key.get_ref().as_ref()) => {}
                None => drop(table.insert(key, value)),
            }
        }
    }
    for (key, value) in added {
        table.insert(Spanned::new(at.clone(), key.clone().into()), Spanned::new(at.clone(), value.clone()));
    }
}

/// What TOML calls the value, with an article.
pub fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> String {
        Path(Path::parse(text).unwrap().into_iter().map(|(s, _)| s).collect()).to_string()
    }

    #[test]
    fn paths_are_read_and_shown_alike() {
        for text in ["a", "a.b", "train.deep.model[0].linear", "a[1][2].b"] {
            assert_eq!(steps(text), text);
        }
        assert_eq!(steps("a.\"b c\".d"), "a.b c.d");
        for bad in ["", ".", "a.", "a[", "a[x]", "a[0]b", "a.\"b", "a..b"] {
            assert!(Path::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_missing_key_is_placed_at_its_nearest_ancestor() {
        let node = DeValue::parse("{ a = { b = 1 } }").unwrap();
        let at = |text: &str| {
            let steps: Vec<_> = Path::parse(text).unwrap().into_iter().map(|(s, _)| s).collect();
            span_of(&node, &steps)
        };
        assert_eq!(at("a.b"), 12..13);
        assert_eq!(at("a.c.d"), 6..15);
        assert_eq!(at("z"), 0..17);
    }
}
