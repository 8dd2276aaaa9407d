//! Formulas: `y` of a data set of the kind `expression`.

use std::path::Path;

use datasets::Source;
use datasets::sources::expression::Expression;
use fastrand::Rng;
use registry::Problems;
use tensor::Streams;

use super::{Attempt, SLOW, Target, files};
use crate::mutate::pick;
use crate::text;

/// One formula each.
pub const EXPRESSIONS: Target = Target {
    name: "expressions",
    of_all: true,
    corpus: || files("corpus/expressions", ""),
    change: |rng, corpus| {
        if rng.bool() {
            let mut formula = String::new();
            grow(rng, 6, &mut formula);
            return formula.into_bytes();
        }
        text::one(rng, corpus, &PARTS.map(str::to_owned))
    },
    prepare,
    slow: SLOW,
};

const PARTS: [&str; 16] =
    ["sin(", "cos(", "tanh(", "exp(", "ln(", "sqrt(", "abs(", "pi", "e", "x", "^-", "2e", "1.5e-3", "((", "))", "- -"];

/// Adds a formula by the rules, or nearly.
fn grow(rng: &mut Rng, depth: u32, to: &mut String) {
    match if depth == 0 { 0 } else { rng.u8(0..6) } {
        0 => to.push_str(pick::<&str>(rng, &["x", "pi", "e", "2", "0.5", "1e300", "1e-300", "", " x "])),
        1 => {
            to.push_str(pick::<&str>(
                rng,
                &["sin(", "cos(", "tanh(", "exp(", "ln(", "sqrt(", "abs(", "(", "-(", "ünd("],
            ));
            grow(rng, depth - 1, to);
            to.push(')');
        }
        _ => {
            grow(rng, depth - 1, to);
            to.push_str(pick::<&str>(rng, &["+", "-", "*", "/", "^", " ^ -", "**"]));
            grow(rng, depth - 1, to);
        }
    }
}

fn prepare(folder: &Path) -> Attempt {
    let (base, streams) = (folder.to_owned(), Streams::new(1));
    Box::new(move |input| {
        let y = String::from_utf8_lossy(input).into_owned();
        let source = Expression { y, lo: -2.0, hi: 2.0, points: 3, noise: 0.0 };
        let mut problems = Problems::default();
        source.check(&mut problems);
        let loaded = source.load(&base, &streams, "data");
        assert!(problems.is_empty() || loaded.is_err(), "loaded what the check refused");
    })
}
