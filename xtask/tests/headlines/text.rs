//! Words and numbers of headlines.

/// `hidden2.post[13]` as readers know it.
pub fn unit(name: &str) -> String {
    let (layer, unit) = name.split_once('[').unwrap();
    let number: String = layer.chars().take_while(|c| *c != '.').filter(char::is_ascii_digit).collect();
    let [unit_word, block] = if name.starts_with("conv") { ["channel", "convolution"] } else { ["unit", "layer"] };
    format!("{unit_word} {} of {block} {number}", unit.trim_end_matches(']'))
}

/// A class as titles call it: numbers are not names.
pub fn class(name: &str) -> String {
    if name.chars().all(|c| c.is_ascii_digit()) { format!("class {name}") } else { name.to_owned() }
}

/// Letters and digits alone, in lower case: names are shown in other spellings ("Batch norm" for `batch_norm`).
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What follows a word in a text, whatever its spelling.
pub fn after_word(text: &str, word: &str) -> Option<String> {
    let word = plain(word);
    let begins = text.char_indices().map(|(i, _)| i).filter(|i| !text[..*i].ends_with(char::is_alphanumeric));
    let ends = |from: usize| {
        let ends = text[from..].char_indices().map(move |(i, c)| from + i + c.len_utf8());
        ends.into_iter()
            .find(|end| plain(&text[from..*end]) == word && !text[*end..].starts_with(char::is_alphanumeric))
    };
    let end = begins.filter_map(ends).next()?;
    Some(text[end..].to_owned())
}

/// The first number of a text, half its last digit, and what follows it.
pub fn next_number(text: &str) -> Option<(f64, f64, String)> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let length =
        text[start..].find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(text.len() - start);
    let digits = text[start..start + length].trim_end_matches(['.', ',']);
    let mut rest = &text[start + digits.len()..];
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len() as i32);
    let mut power = 0;
    if let Some(raised) = rest.strip_prefix("×10") {
        let digit = |c: char| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|d| d == c);
        let end = raised.find(|c| c != '⁻' && digit(c).is_none()).unwrap_or(raised.len());
        let magnitude = raised[..end].chars().filter_map(digit).fold(0, |n, d| 10 * n + d as i32);
        power = if raised.starts_with('⁻') { -magnitude } else { magnitude };
        rest = &raised[end..];
    }
    let written = format!("{}e{power}", digits.replace(',', ""));
    let half = format!("0.5e{}", power - decimals);
    Some((written.parse().unwrap(), half.parse().unwrap(), rest.to_owned()))
}
