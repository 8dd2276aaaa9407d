//! Text without fonts: estimated widths, wrapping, escaping, and numbers as a reader wants them.
//!
//! Layout must not depend on installed fonts, so widths come from a fixed table: the advances of Helvetica (Adobe Font
//! Metrics, core 14), which Arial and Liberation Sans share and which [`FONT_FAMILY`] asks for. Characters are counted, not
//! bytes: `σ` is one.

/// The font stack of every figure: metric-compatible faces first.
pub const FONT_FAMILY: &str = "Helvetica, Arial, Liberation Sans, sans-serif";

/// Size of ordinary text in drawing units: on a page 640 units wide shown 400 px wide it is 10 px high.
pub const SIZE: f64 = 16.0;

/// Advances of ASCII 32–126 in thousandths of the font size.
const ADVANCES: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
];

/// Helvetica Bold is about this much wider.
const BOLD: f64 = 1.07;

fn advance(c: char) -> f64 {
    let thousandths = match c {
        ' '..='~' => ADVANCES[c as usize - 32],
        '⁰'..='⁹' | '¹' | '²' | '³' | '₀'..='₉' => 400,
        '⁻' | '⁺' => 530,
        '−' | '×' | '±' | '≤' | '≥' | '≈' => 584,
        '\u{a0}' => 278,
        '\u{2009}' | '\u{202f}' => 200,
        '—' | '→' | '←' | '…' => 1000,
        '\u{300}'..='\u{36f}' => 0,
        '\u{2e80}'.. => 1000,
        _ => 600,
    };
    f64::from(thousandths) / 1000.0
}

/// Estimated width of a line of text at a font size, in the size's unit.
pub fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size
}

/// [`width`] of bold text.
pub fn bold_width(text: &str, size: f64) -> f64 {
    width(text, size) * BOLD
}

/// Breaks text at spaces, not at no-break ones, into lines no wider than `limit` by `measure`; a longer word is broken where
/// it has to be.
pub fn wrap(text: &str, limit: f64, measure: impl Fn(&str) -> f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_ascii_whitespace() {
        match lines.last_mut() {
            Some(line) if measure(&format!("{line} {word}")) <= limit => {
                line.push(' ');
                line.push_str(word);
                continue;
            }
            _ => lines.push(String::new()),
        }
        for c in word.chars() {
            // A line was pushed above.
            let full = lines.last().is_some_and(|line| !line.is_empty() && measure(&format!("{line}{c}")) > limit);
            if full {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
        }
    }
    keep_company(&mut lines, limit, measure);
    lines
}

/// A word alone on the last line takes the one before it along, where that one leaves at least two behind.
fn keep_company(lines: &mut [String], limit: f64, measure: impl Fn(&str) -> f64) {
    let [.., before, last] = lines else { return };
    if last.contains(' ') || before.matches(' ').count() < 2 {
        return;
    }
    let Some((rest, word)) = before.rsplit_once(' ') else { return };
    let longer = format!("{word} {last}");
    if measure(&longer) <= limit {
        (*before, *last) = (rest.to_owned(), longer);
    }
}

/// Text that is not wider than `limit` by `measure`, its end replaced by `…` where it has to be.
pub fn shortened(text: &str, limit: f64, measure: impl Fn(&str) -> f64) -> String {
    if measure(text) <= limit {
        return text.to_string();
    }
    let mut short = text.to_string();
    while short.pop().is_some() {
        let candidate = format!("{}…", short.trim_end());
        if measure(&candidate) <= limit {
            return candidate;
        }
    }
    "…".to_string()
}

/// Text with the five XML characters escaped and control characters, which XML 1.0 forbids, replaced by `�`.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// An `id`: letters, digits, `-`, `_` and `.` are kept, everything else becomes `-`; never empty, never begins with a digit.
pub fn identifier(text: &str) -> String {
    let mut id: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    if !id.starts_with(|c: char| c.is_ascii_alphabetic()) {
        id.insert_str(0, "figure-");
    }
    id
}

/// A number with that many decimals, a true minus sign, and no negative zero.
pub fn fixed(value: f64, decimals: usize) -> String {
    let plain = format!("{value:.decimals$}");
    match plain.strip_prefix('-') {
        Some(digits) if digits.bytes().all(|b| b == b'0' || b == b'.') => digits.to_string(),
        Some(digits) => format!("−{digits}"),
        None => plain,
    }
}

/// `10` raised to a whole power, as text: `10⁻³`.
pub fn power_of_ten(exponent: i32) -> String {
    let superscript = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        // 0 and 4–9 lie at U+2070 plus the digit.
        c => char::from_u32(0x2070 + c.to_digit(10).unwrap_or(0)).unwrap_or(c),
    };
    "10".chars().chain(exponent.to_string().chars().map(superscript)).collect()
}

/// Counts of `10^exponent` written out alike: all plainly with the same decimals and thousands with commas, or, where that
/// would be long, all with the same power of ten: `2.5×10⁻⁷`, `10.0×10⁻⁷`. Zero is `0`.
pub fn decimals(counts: &[i64], exponent: i32) -> Vec<String> {
    let largest = counts.iter().map(|c| c.unsigned_abs()).max().unwrap_or(0);
    let magnitude = exponent + largest.to_string().len() as i32 - 1;
    let short = if exponent >= 0 { magnitude <= 6 } else { exponent >= -6 && (-4..=4).contains(&magnitude) };
    let one = |&count: &i64| match count {
        0 => "0".to_string(),
        _ if short => plain(count, exponent),
        1 if counts.len() == 1 => power_of_ten(magnitude),
        _ => format!("{}×{}", plain(count, exponent - magnitude), power_of_ten(magnitude)),
    };
    counts.iter().map(one).collect()
}

fn plain(count: i64, exponent: i32) -> String {
    let sign = if count < 0 { "−" } else { "" };
    let digits = count.unsigned_abs().to_string();
    if exponent >= 0 {
        return format!("{sign}{}", with_commas(&(digits + &"0".repeat(exponent.unsigned_abs() as usize))));
    }
    let decimals = exponent.unsigned_abs() as usize;
    let padded = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, fraction) = padded.split_at(padded.len() - decimals);
    format!("{sign}{}.{fraction}", with_commas(whole))
}

fn with_commas(digits: &str) -> String {
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_count_characters_not_bytes() {
        assert!((width("00", 10.0) - 11.12).abs() < 1e-9);
        assert!((width("σ", 10.0) - 6.0).abs() < 1e-9);
        assert!(bold_width("a", 10.0) > width("a", 10.0));
    }

    #[test]
    fn wraps_at_spaces() {
        let characters = |s: &str| s.chars().count() as f64;
        assert_eq!(wrap("one two  three fourteen", 7.0, characters), ["one two", "three", "fourtee", "n"]);
        assert_eq!(wrap("99.8\u{a0}% of all", 7.0, characters), ["99.8\u{a0}%", "of all"]);
        assert_eq!(wrap("σσσ", 0.0, characters), ["σ", "σ", "σ"]);
        // No word is left alone.
        assert_eq!(wrap("falls by more than 99.8%", 20.0, characters), ["falls by more", "than 99.8%"]);
        assert_eq!(wrap("falls by 99.8%", 8.0, characters), ["falls by", "99.8%"]);
        assert!(wrap("", 10.0, |s| width(s, 1.0)).is_empty());
    }

    #[test]
    fn shortens() {
        let characters = |s: &str| s.chars().count() as f64;
        assert_eq!(shortened("hidden layer", 12.0, characters), "hidden layer");
        assert_eq!(shortened("hidden layer", 8.0, characters), "hidden…");
        assert_eq!(shortened("hidden", 0.0, characters), "…");
    }

    #[test]
    fn escapes() {
        assert_eq!(escape("a<b & \"c\">'d'\u{7}"), "a&lt;b &amp; &quot;c&quot;&gt;&apos;d&apos;\u{fffd}");
        assert_eq!(identifier("loss at σ=0.2"), "loss-at---0.2");
        assert_eq!(identifier("3d"), "figure-3d");
        assert_eq!(identifier(""), "figure-");
    }

    #[test]
    fn numbers() {
        assert_eq!(fixed(-0.004, 2), "0.00");
        assert_eq!(fixed(-1.5, 1), "−1.5");
        assert_eq!(decimals(&[0, 5, -25], -2), ["0", "0.05", "−0.25"]);
        assert_eq!(decimals(&[95, 100], -1), ["9.5", "10.0"]);
        assert_eq!(decimals(&[2, 12, 1000], 3), ["2,000", "12,000", "1,000,000"]);
        assert_eq!(decimals(&[25, 100], 6), ["0.25×10⁸", "1.00×10⁸"]);
        assert_eq!(decimals(&[-3, 0, 11], -10), ["−0.3×10⁻⁹", "0", "1.1×10⁻⁹"]);
        assert_eq!(decimals(&[12_345], -1), ["1,234.5"]);
        assert_eq!(decimals(&[1], 9), ["10⁹"]);
        assert!(decimals(&[], 0).is_empty());
        assert_eq!(power_of_ten(-145), "10⁻¹⁴⁵");
    }
}
