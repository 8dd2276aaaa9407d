//! The texts a configuration is read from: the file, and one text per `--set` argument.
//!
//! Every text gets its own stretch of one number line, so that a span in any of them is a plain `Range<usize>` and values of the
//! file and of `--set` mix freely in one tree.

use std::ops::Range;

/// One text: a file or a `--set` argument.
#[derive(Debug)]
pub struct Text {
    /// What the reader knows it as: the file's path, or `--set`.
    pub name: String,
    /// Its contents.
    pub body: String,
    /// Where its stretch of the number line begins.
    pub base: usize,
    /// Where each line of it begins, ascending.
    line_starts: Vec<usize>,
}

impl Text {
    fn new(name: String, body: String, base: usize) -> Self {
        let line_starts = std::iter::once(0).chain(body.match_indices('\n').map(|(i, _)| i + 1)).collect();
        Text { name, body, base, line_starts }
    }

    /// The line of a byte of its body, from 0.
    pub fn line(&self, byte: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= byte) - 1
    }

    /// Where a line begins, and where the one after it does.
    pub fn span_of_line(&self, line: usize) -> Range<usize> {
        self.line_starts[line]..self.line_starts.get(line + 1).copied().unwrap_or(self.body.len())
    }

    /// Where its stretch of the number line ends.
    pub fn end(&self) -> usize {
        self.base + self.body.len()
    }
}

/// A file and the settings applied to it.
#[derive(Debug)]
pub struct Texts {
    /// The file.
    pub file: Text,
    /// The `--set` arguments, in order.
    pub settings: Vec<Text>,
}

impl Texts {
    /// A file by its path and contents.
    pub fn new(name: impl Into<String>, body: impl Into<String>) -> Self {
        Texts { file: Text::new(name.into(), body.into(), 0), settings: Vec::new() }
    }

    /// Adds a `path=value` argument, given by the option `name`.
    pub fn set(&mut self, name: impl Into<String>, body: impl Into<String>) {
        // One past the end belongs to a text too: that is where "the file ended too early" points.
        let base = self.settings.last().unwrap_or(&self.file).end() + 1;
        self.settings.push(Text::new(name.into(), body.into(), base));
    }

    /// The text a span lies in, and the span inside it, clamped to whole characters.
    pub fn locate(&self, at: &Range<usize>) -> (&Text, Range<usize>) {
        let text = self.settings.iter().rfind(|t| t.base <= at.start).unwrap_or(&self.file);
        let body = &text.body;
        let floor = |i: usize| (0..=i.min(body.len())).rev().find(|&i| body.is_char_boundary(i)).unwrap_or(0);
        let ceil =
            |i: usize| (i.min(body.len())..=body.len()).find(|&i| body.is_char_boundary(i)).unwrap_or(body.len());
        let start = floor(at.start - text.base);
        let end = ceil(at.end.saturating_sub(text.base)).max(start);
        (text, start..end)
    }

    /// Line and column of a span, both counted from 1, columns in characters.
    pub fn line_column(&self, at: &Range<usize>) -> (usize, usize) {
        let (text, at) = self.locate(at);
        let line = text.line(at.start);
        (line + 1, text.body[text.span_of_line(line).start..at.start].chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_two_texts_do_not_mix() {
        let mut texts = Texts::new("a.toml", "seed = 1\nµ = 2");
        texts.set("--set", "seed=3");
        let set = texts.settings[0].base;
        let (text, at) = texts.locate(&(set + 5..set + 6));
        assert_eq!((text.name.as_str(), &text.body[at]), ("--set", "3"));
        assert_eq!(texts.line_column(&(12..13)), (2, 3));
        // In the middle of µ, and past the end of everything.
        assert_eq!(texts.locate(&(10..11)).1, 9..11);
        assert_eq!(texts.locate(&(900..901)).1, 6..6);
    }
}
