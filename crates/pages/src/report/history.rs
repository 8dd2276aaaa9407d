//! A training run's history: small curves of what was measured, and the epochs that tell most of it.

use maud::{Markup, html};

use super::values::short;

/// Width and height of a small curve, in pixels.
const WIDE: f64 = 260.0;
const HIGH: f64 = 64.0;
/// A curve is drawn through the least and the largest of so many stretches.
const STRETCHES: usize = 120;
/// After the first row, those at these shares of all epochs.
const SHARES: [f64; 7] = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0];

/// A column of numbers, some of which may be missing.
struct Column<'a> {
    head: &'a str,
    values: Vec<Option<f64>>,
}

impl Column<'_> {
    /// Those that are there.
    fn known(&self) -> impl DoubleEndedIterator<Item = f64> {
        self.values.iter().copied().flatten()
    }
}

/// A column with no more numbers than this is told and not drawn: what is known of two epochs is no curve.
const NO_CURVE: usize = 2;

/// What is shown of a table `epoch,train_loss,…` with a line per epoch.
pub fn markup(name: &str, csv: &str) -> Markup {
    let mut lines = csv.lines();
    let mut columns: Vec<Column<'_>> =
        lines.next().unwrap_or_default().split(',').map(|head| Column { head, values: Vec::new() }).collect();
    for line in lines {
        for (column, field) in columns.iter_mut().zip(line.split(',')) {
            column.values.push(field.parse().ok());
        }
    }
    let epochs = columns.first().map_or(0, |column| column.values.len());
    let last = epochs.saturating_sub(1);
    let shares = SHARES.iter().map(|share| ((share * last as f64) as usize).max(1).min(last));
    let mut chosen: Vec<usize> = std::iter::once(0).chain(shares).collect();
    chosen.dedup();
    html! {
        div.history {
            div { @for kind in ["loss", "accuracy", "precision", "recall", "f1"] {
                @let of_kind: Vec<&Column<'_>> =
                    columns.iter().filter(|column| column.head.ends_with(kind) && column.known().next().is_some()).collect();
                @if !of_kind.is_empty() { (curves(name, kind, &of_kind)) }
            } }
            @if epochs > 0 { details.printed { summary { "Some epochs in numbers" } div.scroll { table {
                thead { tr { @for column in &columns { th.number scope="col" { (super::values::spoken(column.head)) } } } }
                tbody { @for &epoch in &chosen { tr { @for (i, column) in columns.iter().enumerate() {
                    @let value = column.values.get(epoch).copied().flatten().map_or("–".to_owned(), short);
                    @if i == 0 { th.number scope="row" { (value) } } @else { td.number { (value) } }
                } } } }
            } } } }
        }
    }
}

/// The curves of one kind in one frame, from 0 or the least below it to the largest.
fn curves(name: &str, kind: &str, columns: &[&Column<'_>]) -> Markup {
    let finite = || columns.iter().flat_map(|column| column.known()).filter(|value| value.is_finite());
    let (least, most) = (finite().fold(0.0, f64::min), finite().fold(f64::MIN_POSITIVE, f64::max));
    let part =
        |column: &Column<'_>| column.head.strip_suffix(kind).unwrap_or_default().trim_end_matches('_').to_owned();
    let ends = |column: &Column<'_>| {
        let ends = [column.known().next(), column.known().next_back()].map(|v| v.map_or(String::new(), short));
        format!("{} {} → {}", super::values::spoken(&part(column)), ends[0], ends[1])
    };
    let told: Vec<String> = columns.iter().map(|column| ends(column)).collect();
    html! {
        div {
            p.kind { (kind) }
            svg viewBox=(format!("0 0 {WIDE} {HIGH}")) width=(WIDE) height=(HIGH) role="img" aria-label=(format!("{kind} of {name} over its epochs: {}", told.join(", "))) {
                @for column in columns.iter().filter(|column| is_curve(column)) {
                    path class=(part(column)) d=(path(&column.values, least, most)) {}
                }
            }
            p.ends { @for (column, told) in columns.iter().zip(&told) { span class=(part(column)) { (told) } } }
        }
    }
}

/// Whether a column says enough to be drawn, or as much as there is.
fn is_curve(column: &Column<'_>) -> bool {
    let known = column.known().count();
    known > NO_CURVE || known == column.values.len()
}

/// Through the least and the largest of each stretch, from the left edge to the right.
fn path(values: &[Option<f64>], least: f64, most: f64) -> String {
    let n = values.len();
    let x = |i: usize| 2.0 + (WIDE - 4.0) * i as f64 / (n.max(2) - 1) as f64;
    let y = |value: f64| 2.0 + (HIGH - 4.0) * (most - value) / (most - least);
    let mut points: Vec<usize> = Vec::new();
    for stretch in 0..STRETCHES {
        let (from, to) = (n * stretch / STRETCHES, n * (stretch + 1) / STRETCHES);
        let at = |i: usize| values[i].unwrap_or(f64::NAN);
        let finite = || (from..to).filter(|&i| at(i).is_finite());
        points.extend(finite().min_by(|&a, &b| at(a).total_cmp(&at(b))));
        points.extend(finite().max_by(|&a, &b| at(a).total_cmp(&at(b))));
    }
    points.sort_unstable();
    points.dedup();
    let place = |(k, &i): (usize, &usize)| {
        format!("{}{:.1} {:.1}", if k == 0 { "M" } else { "L" }, x(i), y(values[i].unwrap_or(f64::NAN)))
    };
    points.iter().enumerate().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_some_and_last_epochs_and_a_curve_per_kind() {
        let rows: String =
            (0..=1000).map(|i| format!("{i},{},{}\n", 1.0 / f64::from(i + 1), f64::from(i) / 1000.0)).collect();
        let html = markup("deep", &format!("epoch,train_loss,test_accuracy\n{rows}")).into_string();
        let epochs: Vec<&str> =
            html.split("scope=\"row\">").skip(1).map(|part| part.split('<').next().unwrap_or_default()).collect();
        assert_eq!(epochs, ["0", "10", "50", "100", "250", "500", "750", "1000"]);
        assert!(html.contains("<td class=\"number\">0.009901</td><td class=\"number\">0.1</td>"), "{html}");
        assert!(html.contains("aria-label=\"loss of deep over its epochs: train 1 → 9.99e-4\""), "{html}");
        assert_eq!(html.matches("<path").count(), 2);
    }

    #[test]
    fn curves_span_their_frame() {
        assert_eq!(path(&[Some(1.0), Some(0.0)], 0.0, 1.0), "M2.0 2.0L258.0 62.0");
        assert_eq!(path(&[], 0.0, 1.0), "");
        assert_eq!(path(&[Some(0.5)], 0.0, 1.0), "M2.0 32.0");
        let long: Vec<Option<f64>> = (0..100_000).map(|i| Some(f64::from(i % 7))).collect();
        assert!(path(&long, 0.0, 6.0).len() < 16 * 2 * STRETCHES);
    }

    #[test]
    fn the_empty_and_the_ragged() {
        assert!(!markup("x", "").into_string().contains("<table"));
        assert!(!markup("x", "epoch,train_loss\n").into_string().contains("<path"));
        // The epoch that diverged lacks what is measured after it; what is no number is no point.
        let html = markup("x", "epoch,train_loss,test_loss\n1,0.5,0.7\n2,NaN,\n").into_string();
        assert!(html.contains("<td class=\"number\">NaN</td><td class=\"number\">–</td>"), "{html}");
        // The model itself was measured before and after: that is told, and only the running mean is a curve.
        let html =
            markup("x", "epoch,train_loss,train_running_loss\n0,1,\n1,,0.75\n2,,0.5\n3,0.25,0.5\n").into_string();
        assert!(html.contains("train 1 → 0.25") && html.contains("train running 0.75 → 0.5"), "{html}");
        assert_eq!(html.matches("<path").count(), 1);
    }
}
