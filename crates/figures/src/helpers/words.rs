//! Numbers and lists in sentences.

use std::borrow::Borrow;

/// A share as a percentage with one decimal, rounded: 0.9873 → "98.7%". Only a whole is "100%", and only nothing "0.0%".
pub(crate) fn percent(share: f64) -> String {
    let tenths = match (share * 1000.0).round() {
        _ if share >= 1.0 => return "100%".into(),
        tenths if share > 0.0 => tenths.clamp(1.0, 999.0),
        tenths => tenths,
    };
    format!("{:.1}%", tenths / 10.0)
}

/// A positive quantity with two digits: 0.16, 4.2, 12; below a hundredth and from a thousand on 9.4×10⁻⁴.
pub(crate) fn quantity(value: f64) -> String {
    let scientific = format!("{value:.1e}");
    // What is not finite has no exponent, and stays as it is.
    let Some((digits, Ok(exponent))) = scientific.split_once('e').map(|(d, e)| (d, e.parse::<i32>())) else {
        return scientific;
    };
    match exponent {
        _ if value == 0.0 => "0".into(),
        -2..=0 => format!("{value:.*}", (1 - exponent) as usize),
        1 | 2 => format!("{value:.0}"),
        _ => format!("{digits}×{}", rendering::text::power_of_ten(exponent)),
    }
}

/// "a", "a and b", "a, b and c".
pub(crate) fn list<S: Borrow<str>>(words: &[S]) -> String {
    match words {
        [] => String::new(),
        [one] => one.borrow().to_owned(),
        [first @ .., last] => format!("{} and {}", first.join(", "), last.borrow()),
    }
}

/// "1 unit", "3,000 units".
pub(crate) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

/// "once", "30 times".
pub(crate) fn times(n: usize) -> String {
    if n == 1 { "once".into() } else { format!("{} times", thousands(n)) }
}

/// "1 epoch", "50,000 epochs".
pub(crate) fn epochs(n: usize) -> String {
    format!("{} epoch{}", thousands(n), if n == 1 { "" } else { "s" })
}

/// " (epoch 25)" for a model whose own epoch is another than that of the frame it is in: its training ended before.
pub(crate) fn own_epoch(frame: usize, own: usize) -> String {
    if frame == own { String::new() } else { format!(" (epoch {})", thousands(own)) }
}

/// "50,000".
pub(crate) fn thousands(n: usize) -> String {
    rendering::text::decimals(&[n as i64], 0).concat()
}

/// A point by its coordinates: "(0, 1)", "(0.25, −1)".
pub(crate) fn point(x: &[f32]) -> String {
    let numbers: Vec<String> = x.iter().map(|v| (v + 0.0).to_string().replace('-', "−")).collect();
    format!("({})", numbers.join(", "))
}

/// What the two sides of a level are called in a legend, below first: by the target, where a side has only one.
pub(crate) fn sides(name: &str, targets: &[f32], level: f64) -> [String; 2] {
    let side = |above: bool, other: String| {
        let mut own = targets.iter().filter(|v| (f64::from(**v) >= level) == above);
        match own.next() {
            Some(first) if own.all(|v| v == first) => format!("{name} = {first}"),
            _ => other,
        }
    };
    [side(false, format!("{name} below {level}")), side(true, format!("{name} {level} or more"))]
}

/// A class as a legend has it: a bare number says that it is a class.
pub(crate) fn class(name: &str) -> String {
    if name.chars().all(|c| c.is_ascii_digit()) { format!("class {name}") } else { name.to_owned() }
}

/// "training", "validation" or "test", before "samples".
pub(crate) fn of_split(split: datasets::Split) -> &'static str {
    if split == datasets::Split::Train { "training" } else { split.name() }
}

/// "10,000 test samples".
pub(crate) fn samples(n: usize, split: datasets::Split) -> String {
    let of = of_split(split);
    format!("{} {of} sample{}", thousands(n), if n == 1 { "" } else { "s" })
}

/// What a caption says of classes without samples, with a space before it; nothing where there are none.
pub(crate) fn without_samples(absent: &[String], split: datasets::Split) -> String {
    let named: Vec<String> = absent.iter().map(|name| class(name)).collect();
    match named[..] {
        [] => String::new(),
        _ => format!(" There are no {} samples of {}.", of_split(split), list(&named)),
    }
}

/// What a caption says first: up to the first full stop, semicolon or colon that comes late enough for a line.
pub(crate) fn beginning(caption: &str) -> &str {
    const LINE: usize = 40;
    let ends = caption.match_indices(['.', ';', ':']).map(|(i, _)| i);
    // A point within a number or a name ends nothing.
    let mut ends = ends.filter(|&i| i >= LINE && caption[i + 1..].starts_with([' ', '\n']) || i + 1 == caption.len());
    &caption[..ends.next().unwrap_or(caption.len())]
}

/// With a capital letter.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        assert_eq!(percent(1.0), "100%");
        assert_eq!(percent(0.99999), "99.9%");
        assert_eq!(
            [0.0, 1e-9, 0.00775, 0.9878, 0.9544, f64::from(0.954_f32)].map(percent),
            ["0.0%", "0.1%", "0.8%", "98.8%", "95.4%", "95.4%"]
        );
        assert_eq!(percent(0.5), "50.0%");
        let quantities = [0.0, 0.1649, 4.2, 12.34, 0.0987, 0.01, 0.00994, 9.38e-4, 123.4, 20_000.0, f64::INFINITY];
        let written = ["0", "0.16", "4.2", "12", "0.099", "0.010", "9.9×10⁻³", "9.4×10⁻⁴", "123", "2.0×10⁴", "inf"];
        assert_eq!(quantities.map(quantity), written);
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(list(&["a"]), "a");
        assert_eq!(count(1, "unit", "units"), "1 unit");
        assert_eq!((epochs(1), epochs(50_000)), ("1 epoch".into(), "50,000 epochs".into()));
        assert_eq!(sides("y", &[0.0, 1.0, 0.0], 0.5), ["y = 0", "y = 1"]);
        assert_eq!(sides("y", &[0.0, 1.0, 0.75], 0.5), ["y = 0", "y 0.5 or more"]);
        assert_eq!(point(&[0.0, -0.25]), "(0, −0.25)");
        assert_eq!(sentence("deep"), "Deep");
        let caption = "The function of a net: straight pieces between 3.5 and 4.5 points; below, slopes. More.";
        assert_eq!(beginning(caption), "The function of a net: straight pieces between 3.5 and 4.5 points");
        assert_eq!((beginning("Short."), beginning("")), ("Short", ""));
        assert_eq!((class("3"), class("arm 3")), ("class 3".into(), "arm 3".into()));
    }
}
