//! Changes to text that keep much of its form: lines and words change places, numbers and words become others.

use std::ops::Range;

use fastrand::Rng;

use crate::mutate::{self, pick};

/// What no field expects.
const HOSTILE: &[&str] = &[
    "0",
    "-1",
    "-0.0",
    "1e-320",
    "1e39",
    "1e308",
    "1e400",
    "nan",
    "inf",
    "-inf",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "4294967295",
    "4294967296",
    "1000000000",
    "1_000",
    "0x7fffffffffffffff",
    "0b1",
    "true",
    "false",
    "1979-05-27",
    "07:32:00",
    "\"\"",
    "''",
    "\"\"\"\"\"\"",
    "[]",
    "{}",
    "[[]]",
    "[{}]",
    "{ a = {} }",
    "\"all\"",
    "\"\\u0000\"",
    "\"\\u001b[2J\"",
    "\"\u{202e}abc\"",
    "\"ünfold\"",
    "\"日本\"",
    "\"👩‍👩‍👧\"",
    "\u{feff}",
    "\u{0}",
    "\u{7f}",
    "\r",
    "\r\n",
    "\t",
    "\"",
    "'",
    "\\",
    "=",
    "==",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    ".",
    "..",
    ",",
    ",,",
    "#",
    "\"../../x\"",
    "\"/dev/null\"",
    "\"CON\"",
    "( ",
    ")",
    "^",
    "x^",
    "-",
    "NaN",
    "None",
    "null",
    "[0]",
    "[-1]",
    "[99999999999999999999]",
    "[1..]",
    "[..]",
];

/// The words, numbers and marks of a text.
fn tokens(text: &str) -> Vec<Range<usize>> {
    let sort = |c: char| match c {
        '\n' => 0,
        c if c.is_whitespace() => 1,
        c if c.is_alphanumeric() || "_.+-".contains(c) => 2,
        _ => 3,
    };
    let mut tokens: Vec<Range<usize>> = Vec::new();
    let mut last = 0;
    for (at, c) in text.char_indices() {
        match tokens.last_mut() {
            Some(token) if sort(c) == last && last != 3 => token.end = at + c.len_utf8(),
            _ => tokens.push(at..at + c.len_utf8()),
        }
        last = sort(c);
    }
    tokens.retain(|token| !text[token.clone()].trim_matches([' ', '\n']).is_empty());
    tokens
}

/// A word, number or mark of a text; none where it has none.
fn token(rng: &mut Rng, text: &str) -> Option<Range<usize>> {
    let tokens = tokens(text);
    (!tokens.is_empty()).then(|| pick(rng, &tokens).clone())
}

/// One of these, changed.
pub fn one(rng: &mut Rng, of: &[Vec<u8>], words: &[String]) -> Vec<u8> {
    let input: &Vec<u8> = pick(rng, of);
    change(rng, input, of, words)
}

/// Changes a text 1 to 8 times, now and then its bytes. Parts are taken from one of `others` and from `words`.
pub fn change(rng: &mut Rng, input: &[u8], others: &[Vec<u8>], words: &[String]) -> Vec<u8> {
    let other: &Vec<u8> = pick(rng, others);
    let (mut text, other) = (String::from_utf8_lossy(input).into_owned(), String::from_utf8_lossy(other));
    for _ in 0..1 << rng.u32(0..4) {
        once(rng, &mut text, &other, words);
    }
    let mut bytes = text.into_bytes();
    if rng.u8(..) < 16 {
        mutate::bytes(rng, &mut bytes, others);
    }
    bytes
}

fn once(rng: &mut Rng, text: &mut String, other: &str, words: &[String]) {
    match rng.u8(0..10) {
        kind @ 0..=3 => {
            let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
            let theirs: Vec<&str> = other.split_inclusive('\n').collect();
            if lines.is_empty() {
                return;
            }
            let (a, b) = (rng.usize(..lines.len()), rng.usize(..lines.len()));
            let some = a..(a + 1 + rng.usize(..6)).min(lines.len());
            match kind {
                0 => lines.swap(a, b),
                1 => drop(lines.drain(some)),
                2 => {
                    let copy = lines[some].to_vec();
                    lines.splice(b..b, copy);
                }
                _ if theirs.is_empty() => {}
                _ => {
                    let from = rng.usize(..theirs.len());
                    lines.splice(b..b, theirs[from..].iter().take(1 + rng.usize(..6)).copied());
                }
            }
            *text = lines.concat();
        }
        kind @ 4..=8 => {
            let Some(at) = token(rng, text) else { return text.push_str(pick::<&str>(rng, HOSTILE)) };
            let new = match kind {
                4 => pick::<&str>(rng, HOSTILE).to_string(),
                5 if !words.is_empty() => pick(rng, words).clone(),
                6 => token(rng, text).map_or(String::new(), |token| text[token].to_owned()),
                7 => token(rng, other).map_or(String::new(), |token| other[token].to_owned()),
                _ => number(rng, &text[at.clone()]),
            };
            text.replace_range(at, &new);
        }
        _ => {
            let Some(at) = token(rng, text) else { return };
            let new = [*pick(rng, HOSTILE), &text[at.clone()]].concat().repeat(1 << rng.u32(0..8));
            text.replace_range(at, &new);
        }
    }
}

/// A number near the one that is there, or any.
fn number(rng: &mut Rng, text: &str) -> String {
    match text.parse::<f64>() {
        Ok(value) if rng.bool() => (value * [-1.0, 0.0, 0.5, 2.0, 10.0, 1e3, 1e6, 1e9][rng.usize(..8)]).to_string(),
        Ok(value) => (value + f64::from(rng.i8(-3..4))).to_string(),
        Err(_) => rng.u64(..).to_string(),
    }
}
