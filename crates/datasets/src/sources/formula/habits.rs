//! What is written from habit, of programs and of paper, and what a formula says instead.

use super::{FUNCTIONS, is_of_name};

/// Constants and the variable.
const OTHERS: &[&str] = &["x", "pi", "e"];

/// Names by which other programs, or paper, call something that a formula has.
const ELSEWHERE: &[(&str, &str)] = &[("π", "pi"), ("log", "ln"), ("fabs", "abs"), ("absolute", "abs")];

/// Signs of paper, and what a formula has in their place.
const SIGNS: &[(char, char)] = &[('×', '*'), ('·', '*'), ('⋅', '*'), ('∙', '*'), ('÷', '/'), ('−', '-'), ('–', '-')];

/// The raised characters that stand for exponents, and what they raise.
const RAISED: &[(char, char)] = &[
    ('⁰', '0'),
    ('¹', '1'),
    ('²', '2'),
    ('³', '3'),
    ('⁴', '4'),
    ('⁵', '5'),
    ('⁶', '6'),
    ('⁷', '7'),
    ('⁸', '8'),
    ('⁹', '9'),
    ('⁻', '-'),
    ('ˣ', 'x'),
];

/// What to write where `rest` follows an operand, whose last part is `last`, and is no operator.
pub fn operator(last: &str, rest: &str) -> Option<String> {
    if let Some(power) = rest.strip_prefix("**") {
        return Some(format!("a power is written `{last}^{}`", operand(power)));
    }
    let exponent: String = rest.chars().map_while(|c| instead(RAISED, c)).collect();
    if !exponent.is_empty() {
        return Some(format!("a power is written `{last}^{exponent}`"));
    }
    let first = rest.chars().next()?;
    let begins = is_of_name(first) || matches!(first, '(' | '.' | '|' | '√');
    sign(first).or_else(|| begins.then(|| format!("a product needs its `*`: write `{last}*{}`", operand(rest))))
}

/// What to write where `rest` stands in place of an operand.
pub fn start(rest: &str) -> Option<String> {
    match rest.chars().next()? {
        '|' => Some(format!("an absolute value is written `{}`", operand(rest))),
        '√' => Some(format!("a square root is written `{}`", operand(rest))),
        other => sign(other),
    }
}

/// What to write for a name that no formula has; `rest` follows it.
pub fn name(name: &str, rest: &str) -> Option<String> {
    if let Some(member) = rest.strip_prefix('.').filter(|member| member.starts_with(char::is_alphabetic)) {
        let path = run(member);
        let own = path.rsplit('.').next().unwrap_or(path);
        let written = called(own, &member[path.len()..])?;
        return Some(format!("a function has no module before it: write `{written}`"));
    }
    if let Some(digits) = name.strip_prefix('x').filter(|d| d.chars().all(|c| c.is_ascii_digit())) {
        return Some(format!("unknown name `{name}`: write `x^{digits}` or `x*{digits}`"));
    }
    Some(format!("unknown name `{name}`: write `{}`", called(name, rest)?))
}

/// A name of another notation as a formula has it, with what is in parentheses behind it.
fn called(name: &str, rest: &str) -> Option<String> {
    let arguments = group(rest);
    if let ("pow" | "power", Some((base, exponent))) = (name, arguments.and_then(|inside| inside.split_once(','))) {
        return Some(format!("{}^{}", factor(base), factor(exponent)));
    }
    let lower = name.to_lowercase();
    let elsewhere = ELSEWHERE.iter().find(|(other, _)| *other == lower).map(|(_, own)| *own);
    let own = elsewhere.or_else(|| functions().chain(OTHERS.iter().copied()).find(|own| *own == lower))?;
    Some(match arguments {
        Some(inside) if functions().any(|function| function == own) => format!("{own}({inside})"),
        _ => own.to_owned(),
    })
}

/// A text as part of a power, in parentheses unless it is one name or number.
fn factor(text: &str) -> String {
    let text = text.trim();
    if text.chars().all(|c| is_of_name(c) || c == '.') { text.to_owned() } else { format!("({text})") }
}

/// The operand at the beginning of a text, as a formula has it: `3`, `x`, `sin(x)`, `(x+1)`, `abs(x)` of `|x|`.
pub fn operand(text: &str) -> String {
    let text = text.trim_start();
    if let Some(inside) = text.strip_prefix('|') {
        return format!("abs({})", inside.split('|').next().unwrap_or(inside).trim());
    }
    if let Some(root) = text.strip_prefix('√') {
        return format!("sqrt({})", group(root).unwrap_or_else(|| run(root)));
    }
    let run = run(text);
    let parentheses = run.is_empty() || functions().any(|function| function == run);
    match group(&text[run.len()..]).filter(|_| parentheses) {
        Some(inside) => format!("{run}({inside})"),
        None if run.is_empty() => "…".to_owned(),
        None => run.to_owned(),
    }
}

/// The name or number with which a text begins.
fn run(text: &str) -> &str {
    &text[..text.find(|c| !is_of_name(c) && c != '.').unwrap_or(text.len())]
}

/// What is inside the parentheses with which a text begins; to its end where they are not closed.
fn group(text: &str) -> Option<&str> {
    let inside = text.trim_start().strip_prefix('(')?;
    let mut depth = 1_usize;
    let closes = |(_, c): &(usize, char)| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth == 0
    };
    let end = inside.char_indices().find(closes).map_or(inside.len(), |(i, _)| i);
    Some(&inside[..end])
}

fn functions() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|(name, _)| *name)
}

fn instead(pairs: &[(char, char)], sign: char) -> Option<char> {
    pairs.iter().find(|(other, _)| *other == sign).map(|(_, own)| *own)
}

fn sign(found: char) -> Option<String> {
    instead(SIGNS, found).map(|own| format!("write `{own}` for `{found}`"))
}
