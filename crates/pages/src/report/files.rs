//! The files of a run as links: small texts inside the page, the others beside it.

use maud::{Markup, html};

/// A file of the run.
#[derive(Debug, Clone, Default)]
pub struct File {
    /// Where it lies in the run's folder, with `/`.
    pub path: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// What is in it, if it is a text that may be carried inside the page.
    pub text: Option<String>,
}

impl File {
    /// Its name without the folders.
    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// A link that saves it: from the page itself where it is carried inside, else from beside the page.
    pub fn link(&self, run: &str) -> Markup {
        let size = size(self.bytes);
        match &self.text {
            Some(text) => html! {
                a href=(data(&self.path, text)) download=(format!("{run}-{}", self.name())) { (self.name()) } " " span.quiet { (size) }
            },
            None => html! { a.beside href=(relative(&self.path)) { (self.path) } " " span.quiet { (size) } },
        }
    }
}

/// Keeps the texts of the smallest files inside, of at most `each` bytes and `all` together; the others become links.
pub fn carry<'a>(files: impl Iterator<Item = &'a mut File>, each: u64, all: u64) {
    let mut files: Vec<&mut File> = files.collect();
    // Stable: of two alike, the first.
    files.sort_by_key(|file| file.bytes);
    let mut sum = 0;
    for file in files {
        sum += file.bytes;
        if file.bytes > each || sum > all {
            file.text = None;
        }
    }
}

/// `34 kB`: decimal, two digits or more.
fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..10_000 => format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100),
        10_000..1_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// A text as an address that holds it (RFC 2397).
pub fn data(path: &str, text: &str) -> String {
    let kind = match path.rsplit('.').next() {
        Some("csv") => "text/csv",
        Some("json") => "application/json",
        _ => "text/plain",
    };
    format!("data:{kind};charset=utf-8,{}", escaped(text, b"-_.!~*(),;:@$+=/?"))
}

/// A path as an address beside the page.
pub fn relative(path: &str) -> String {
    escaped(path, b"-_.!~*(),@$+=/")
}

/// Percent-encoded but for letters, digits and `plain`.
fn escaped(text: &str, plain: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() * 5 / 4);
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            out.push(char::from(byte));
        } else {
            const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
            out.extend(['%', char::from(DIGITS[usize::from(byte >> 4)]), char::from(DIGITS[usize::from(byte & 15)])]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_an_address_that_nothing_in_it_ends() {
        assert_eq!(
            data("a/b.csv", "x,\"<&>\"\né #1%\n"),
            "data:text/csv;charset=utf-8,x,%22%3C%26%3E%22%0A%C3%A9%20%231%25%0A"
        );
        assert_eq!(data("a.toml", "[a]"), "data:text/plain;charset=utf-8,%5Ba%5D");
        assert_eq!(relative("figures/a b?.csv"), "figures/a%20b%3F.csv");
    }

    #[test]
    fn sizes_are_round() {
        let sizes = [0, 999, 1000, 9_999, 34_567, 999_999, 1_234_567].map(size);
        assert_eq!(sizes, ["0 B", "999 B", "1.0 kB", "9.9 kB", "34 kB", "999 kB", "1.2 MB"]);
    }

    #[test]
    fn the_smallest_are_carried_inside() {
        let mut files: Vec<File> =
            [60, 10, 50, 200].map(|bytes| File { path: format!("{bytes}"), bytes, text: Some(String::new()) }).into();
        carry(files.iter_mut(), 100, 70);
        assert_eq!(files.iter().map(|f| f.text.is_some()).collect::<Vec<_>>(), [false, true, true, false]);
        assert!(files[0].link("run").into_string().contains("href=\"60\""));
        assert!(files[1].link("run").into_string().contains("download=\"run-10\""));
    }
}
