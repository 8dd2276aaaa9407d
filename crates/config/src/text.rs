//! The texts a pipeline is read from: the file, and one text per `--set` argument.
//!
//! Every text gets its own stretch of one number line, so that a place in any of them is a plain `Range<usize>` and values of the
//! file and of `--set` mix freely in one tree.

use std::ops::Range;

/// One text: a pipeline file or a `--set` argument.
#[derive(Debug)]
pub struct Text {
    /// What the reader knows it as: the file's path, or `--set`.
    pub name: String,
    /// Its contents.
    pub body: String,
    /// Where its stretch of the number line begins.
    pub base: usize,
}

/// All texts of one pipeline.
#[derive(Debug, Default)]
pub struct Texts {
    list: Vec<Text>,
}

impl Texts {
    /// Adds a text and returns where its stretch begins.
    pub fn add(&mut self, name: impl Into<String>, body: impl Into<String>) -> usize {
        // One past the end belongs to a text too: that is where "the file ended too early" points.
        let base = self.list.last().map_or(0, |t| t.base + t.body.len() + 1);
        self.list.push(Text { name: name.into(), body: body.into(), base });
        base
    }

    /// The texts in the order they were added; the first is the file.
    pub fn iter(&self) -> impl Iterator<Item = &Text> {
        self.list.iter()
    }

    /// The text a place lies in, and the place inside it, clamped to whole characters.
    pub fn locate(&self, at: &Range<usize>) -> Option<(&Text, Range<usize>)> {
        let text = self.list.iter().rev().find(|t| t.base <= at.start)?;
        let body = &text.body;
        let floor = |i: usize| (0..=i.min(body.len())).rev().find(|&i| body.is_char_boundary(i)).unwrap_or(0);
        let ceil =
            |i: usize| (i.min(body.len())..=body.len()).find(|&i| body.is_char_boundary(i)).unwrap_or(body.len());
        let start = floor(at.start - text.base);
        let end = ceil(at.end.saturating_sub(text.base)).max(start);
        Some((text, start..end))
    }

    /// Line and column of a place, both counted from 1, columns in characters.
    pub fn line_column(&self, at: &Range<usize>) -> (usize, usize) {
        let Some((text, at)) = self.locate(at) else { return (1, 1) };
        let before = &text.body[..at.start];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_two_texts_do_not_mix() {
        let mut texts = Texts::default();
        let file = texts.add("a.toml", "seed = 1\nµ = 2");
        let set = texts.add("--set", "seed=3");
        let (text, at) = texts.locate(&(set + 5..set + 6)).unwrap();
        assert_eq!((text.name.as_str(), &text.body[at]), ("--set", "3"));
        assert_eq!(texts.line_column(&(file + 12..file + 13)), (2, 3));
        // In the middle of µ, and past the end of everything.
        assert_eq!(texts.locate(&(10..11)).unwrap().1, 9..11);
        assert_eq!(texts.locate(&(900..901)).unwrap().1, 6..6);
    }
}
