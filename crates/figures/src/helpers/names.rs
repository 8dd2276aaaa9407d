//! What readers see in place of the names that pipelines and models use: "MLP", "layer 2", "unit 15 of layer 2".
//!
//! Kinds of figures write titles, captions and axes with the names they find; [`display`] turns them all at one place, so that a
//! thing has one name in every figure. What marks themselves carry into a legend is turned where it is made, by the same
//! function.

use rendering::{Figure, Panel, Ticks};

use crate::helpers::words::sentence;

/// Names that have a form of their own.
const FORMS: [(&str, &str); 18] = [
    ("adagrad", "AdaGrad"),
    ("adam", "Adam"),
    ("adamw", "AdamW"),
    ("batch_norm", "batch norm"),
    ("cnn", "CNN"),
    ("elu", "ELU"),
    ("gelu", "GELU"),
    ("layer_norm", "layer norm"),
    ("leaky_relu", "leaky ReLU"),
    ("mlp", "MLP"),
    ("mnist", "MNIST"),
    ("nesterov", "Nesterov"),
    ("relu", "ReLU"),
    ("rmsprop", "RMSProp"),
    ("selu", "SELU"),
    ("sgd", "SGD"),
    ("tanh", "tanh"),
    ("xor", "XOR"),
];

/// A text as a reader sees it. Whole words only: `mlp` is "MLP", `hidden2.post[15]` "unit 15 of layer 2", `hidden2.pre` "layer 2
/// before activation". A node at its beginning gets a capital.
pub(crate) fn display(text: &str) -> String {
    shown(text, true)
}

/// A text that begins no sentence, as in a legend or at an axis.
pub(crate) fn label(text: &str) -> String {
    shown(text, false)
}

fn shown(text: &str, begins: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        let (before, from) = rest.split_at(start);
        out += before;
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let length = from.find(|c| !is_name(c)).unwrap_or(from.len());
        // What goes on with a digit or an underscore before it is another name.
        let apart = !before.chars().next_back().is_some_and(is_name);
        if let Some((shown, used)) = node(from).filter(|_| apart) {
            out += &cased(&shown, begins && out.is_empty());
            rest = &from[used..];
            continue;
        }
        let word = &from[..length];
        let lower = word.to_lowercase();
        let form = FORMS.iter().find(|(name, _)| *name == lower && (word == *name || sentence(name) == word));
        match form {
            Some((_, form)) if apart => out += &cased(form, out.is_empty() && word != lower),
            _ => out += word,
        }
        rest = &from[length..];
    }
    out + rest
}

/// A unit: "unit 15 of layer 2".
pub(crate) fn unit(node: &str, unit: usize) -> String {
    label(&format!("{node}[{unit}]"))
}

/// Turns every text of a figure, but for what its marks carry.
pub(crate) fn display_all(figure: &mut Figure) {
    let turn = |text: &mut String| *text = heading(&display(text));
    for text in [&mut figure.title, &mut figure.subtitle, &mut figure.caption] {
        turn(text);
    }
    figure.column_titles.iter_mut().chain(&mut figure.row_titles).for_each(turn);
    // These go on behind the name of their moment.
    let moments = figure.animation.iter_mut().flat_map(|animation| &mut animation.headlines);
    moments.for_each(|text| *text = display(text));
    let label = |text: &mut String| *text = label(text);
    figure.keys.iter_mut().for_each(|key| label(&mut key.label));
    for Panel { title, titles, x, y, .. } in &mut figure.panels {
        turn(title);
        titles.iter_mut().for_each(turn);
        for axis in [x, y] {
            label(&mut axis.label);
            if let Ticks::Given(ticks) = &mut axis.ticks {
                ticks.iter_mut().for_each(|tick| tick.label = tick_label(&tick.label));
            }
        }
    }
}

/// A text at a tick, where there is little room: of a long name of a channel the words are cut short.
fn tick_label(text: &str) -> String {
    let whole = label(text);
    if whole.chars().count() <= 20 {
        return whole;
    }
    let short = [
        ("channel ", "ch. "),
        ("convolution ", "conv. "),
        (" before activation", ", before"),
        (" after pooling", ", pooled"),
    ];
    short.iter().fold(whole, |text, (word, short)| text.replace(word, short))
}

/// With a capital letter, but for the symbol of a formula: "s = 1".
fn heading(text: &str) -> String {
    let symbol = text.split_once(" = ").is_some_and(|(before, _)| before.chars().count() == 1);
    if symbol { text.to_owned() } else { sentence(text) }
}

fn cased(words: &str, capital_first: bool) -> String {
    if capital_first { sentence(words) } else { words.to_owned() }
}

/// A node, or units of one, at the beginning of a text: as readers see it, and how many bytes it took.
fn node(text: &str) -> Option<(String, usize)> {
    let after = |word: &str| text.strip_prefix(word).or_else(|| text.strip_prefix(&*sentence(word)));
    let conv = after("conv");
    let (block, rest) = match after("output") {
        Some(rest) => ("output".to_owned(), rest),
        None => {
            let rest = after("hidden").or(conv)?;
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            if digits == 0 {
                return None;
            }
            let (number, rest) = rest.split_at(digits);
            (format!("{} {number}", if conv.is_some() { "convolution" } else { "layer" }), rest)
        }
    };
    let place = rest.strip_prefix('.').filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    let (place, rest) = match place {
        Some(rest) => rest.split_at(rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len())),
        None if block == "output" || rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') => return None,
        None => ("post", rest),
    };
    let node = match place {
        "post" => block,
        "pre" => format!("{block} before activation"),
        "weight" | "bias" => format!("{place} of {block}"),
        _ if place.starts_with("norm") => format!("{block}, normalised"),
        _ if place.starts_with("dropout") => format!("{block} after dropout"),
        _ if place.starts_with("pool") => format!("{block} after pooling"),
        _ if place.starts_with("sum") => format!("{block} after its sum"),
        _ => return None,
    };
    let units = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (units, rest) = match units {
        Some((units, rest)) if units.chars().all(|c| c.is_ascii_digit() || c == ',' || c == ' ') => (Some(units), rest),
        _ => (None, rest),
    };
    let unit = if conv.is_some() { "channel" } else { "unit" };
    let shown = match units {
        Some(entry) if place == "weight" || place == "bias" => {
            let entry = entry.replace(',', ", ").replace("  ", " ");
            node.replacen(place, &format!("{place}[{entry}]"), 1)
        }
        Some(units) => match units.rsplit_once(", ") {
            Some((first, last)) => format!("{unit}s {first} and {last} of {node}"),
            None => format!("{unit} {units} of {node}"),
        },
        None => node,
    };
    Some((shown, text.len() - rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_has_room_for_a_channel() {
        assert_eq!(tick_label("conv1.pool[2]"), "ch. 2 of conv. 1, pooled");
        assert_eq!(tick_label("conv2.pre[11]"), "ch. 11 of conv. 2, before");
        assert_eq!(tick_label("hidden1.post[3]"), "unit 3 of layer 1");
        assert_eq!(tick_label("hidden2.pre[3]"), "unit 3 of layer 2, before");
    }

    #[test]
    fn what_stands_above_begins_with_a_capital_and_a_formula_with_its_symbol() {
        let panel = |title: &str| Panel::picture().title(title);
        let mut figure = Figure::new("f", "deep learns").subtitle("epochs 1 and 5").column_titles(["looks for"]);
        figure = figure.panel(panel("class 0")).panel(panel("s = 1, as it is")).panel(panel("15 (4.3)"));
        display_all(&mut figure);
        let titles: Vec<&str> = figure.panels.iter().map(|panel| panel.title.as_str()).collect();
        assert_eq!(titles, ["Class 0", "s = 1, as it is", "15 (4.3)"]);
        let above = [&figure.title, &figure.subtitle, &figure.column_titles[0]];
        assert_eq!(above, ["Deep learns", "Epochs 1 and 5", "Looks for"]);
    }

    #[test]
    fn a_thing_has_one_name() {
        for (written, shown) in [
            ("Without hidden2.post[15], the accuracy falls", "Without unit 15 of layer 2, the accuracy falls"),
            ("hidden2.post[11, 13] stand in", "Units 11 and 13 of layer 2 stand in"),
            ("hidden1.pre and hidden1.post", "Layer 1 before activation and layer 1"),
            ("Mlp: 95% of Mnist", "MLP: 95% of MNIST"),
            ("batch_norm, then relu", "batch norm, then ReLU"),
            ("Batch_norm helps", "Batch norm helps"),
            ("sgd-momentum and my_mlp, mlp2", "SGD-momentum and my_mlp, mlp2"),
            ("hidden units, hidden3. Hidden4a", "hidden units, layer 3. Hidden4a"),
            ("hidden1.weight[0,1]", "Weight[0, 1] of layer 1"),
            (
                "conv1.post[3] and conv2.pool[0, 1]",
                "Channel 3 of convolution 1 and channels 0 and 1 of convolution 2 after pooling",
            ),
            ("a conv2d layer, conv2.pre", "a conv2d layer, convolution 2 before activation"),
            ("μ of hidden1.norm2", "μ of layer 1, normalised"),
            ("Adamant adam", "Adamant Adam"),
        ] {
            assert_eq!(display(written), shown);
        }
        assert_eq!(unit("logits", 3), "logits[3]");
    }
}
