//! What training curves say: the headline, and what in the caption follows from the runs.

use analysis::{
    Trained,
    statistics::order::{ascending, descending},
};
use datasets::Split;
use training::Measure;

use super::Curves;
use crate::helpers::words;

/// What the title tells: the accuracy where it is shown, else the first number that was measured.
pub fn headline(drawn: &[Curves]) -> Measure {
    let measured: Vec<Measure> = drawn.iter().filter_map(|curves| curves.measure()).collect();
    let accuracy = measured.iter().find(|measure| **measure == Measure::Accuracy);
    accuracy.or(measured.first()).copied().unwrap_or_default()
}

/// What the means over the classes are of.
pub fn definitions(drawn: &[Curves]) -> &'static str {
    if !drawn.iter().any(|curves| curves.measure().is_some_and(Measure::is_macro)) {
        return "";
    }
    " Precision (of the samples taken for a class, the share that is of it), recall (of its samples, the share taken for it) \
     and F1 (their harmonic mean) are means over the classes, each counting alike."
}

/// A number as it is told.
pub fn spoken(measure: Measure, value: f64) -> String {
    if measure == Measure::Accuracy { words::percent(value) } else { words::quantity(value) }
}

/// Where the runs end: in the title the best and the worst of many, in the caption all.
pub fn told(ends: &[(&str, f64)], measure: Measure, of: &str) -> [String; 2] {
    let value = |v: f64| spoken(measure, v);
    let each: Vec<String> = ends.iter().map(|(name, v)| format!("{name} {}", value(*v))).collect();
    let each = words::list(&each);
    let what = match measure {
        Measure::Loss => "loss",
        Measure::Accuracy => "accuracy",
        Measure::Precision => "mean precision",
        Measure::Recall => "mean recall",
        Measure::F1 => "mean F1",
    };
    let classifies = measure == Measure::Accuracy;
    let all = match classifies {
        true => format!("Classified right at the end, of the {of}samples: {each}"),
        false => format!("The {of}{what} at the end: {each}"),
    };
    let lower = measure == Measure::Loss;
    let better = |a: &&(&str, f64), b: &&(&str, f64)| if lower { ascending(a.1, b.1) } else { descending(a.1, b.1) };
    let ends_of = if lower { ["lowest", "highest"] } else { ["highest", "lowest"] };
    let title = match ends {
        [] => "Nothing was measured".to_owned(),
        [(name, v)] if classifies => format!("{name} classifies {} of the {of}samples right", value(*v)),
        [(name, v)] => format!("{name} reaches a {of}{what} of {}", value(*v)),
        [(a, v), (b, w)] if classifies => {
            format!("{a} classifies {} of the {of}samples right, {b} {}", value(*v), value(*w))
        }
        [(a, v), (b, w)] => format!("{a} reaches a {of}{what} of {}, {b} one of {}", value(*v), value(*w)),
        // Neither is nothing: there are more than two.
        many => match (many.iter().min_by(better), many.iter().max_by(better)) {
            (Some(best), Some(worst)) if classifies => format!(
                "{} classifies the most {of}samples right ({}), {} the fewest ({})",
                best.0,
                value(best.1),
                worst.0,
                value(worst.1)
            ),
            (Some(best), Some(worst)) => format!(
                "{} reaches the {} {of}{what} ({}), {} the {} ({})",
                best.0,
                ends_of[0],
                value(best.1),
                worst.0,
                ends_of[1],
                value(worst.1)
            ),
            _ => String::new(),
        },
    };
    [words::sentence(&title), all]
}

/// "test " of "test samples"; nothing where no split was asked for and none but the training split is there.
pub fn samples_of(split: Split, asked: &[Split]) -> &'static str {
    match split {
        Split::Train if asked.is_empty() => "",
        Split::Train => "training ",
        Split::Validation => "validation ",
        Split::Test => "test ",
    }
}

/// Which runs ended early or left another epoch's model than their last, in words.
pub fn early(runs: &[&Trained]) -> String {
    let mut text = String::new();
    for run in runs {
        let (name, epochs, epoch) = (&run.name, run.fit.history.epochs(), run.fit.epoch);
        if epochs < run.config.epochs {
            text += &format!(" {name} stopped early, after {}.", words::epochs(epochs));
        }
        if epoch < epochs {
            text += &format!(" Of {name} the best model is kept, that of epoch {epoch}.");
        }
        if run.config.selects_by_test() {
            text += &format!(" The test split decided which model of {name} is left, so that it does not judge it.");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_tells_one_two_or_the_ends_of_many() {
        let runs = [("a", 0.5), ("b", 0.25), ("c", 0.75)];
        let title = |n: usize, measure| told(&runs[..n], measure, "test ")[0].clone();
        assert_eq!(title(1, Measure::Accuracy), "A classifies 50.0% of the test samples right");
        assert_eq!(title(2, Measure::Accuracy), "A classifies 50.0% of the test samples right, b 25.0%");
        assert_eq!(
            title(3, Measure::Accuracy),
            "C classifies the most test samples right (75.0%), b the fewest (25.0%)"
        );
        assert_eq!(title(1, Measure::Loss), "A reaches a test loss of 0.50");
        assert_eq!(title(2, Measure::Loss), "A reaches a test loss of 0.50, b one of 0.25");
        assert_eq!(title(3, Measure::Loss), "B reaches the lowest test loss (0.25), c the highest (0.75)");
        assert_eq!(title(3, Measure::F1), "C reaches the highest test mean F1 (0.75), b the lowest (0.25)");
        assert_eq!(
            told(&runs, Measure::Accuracy, "")[1],
            "Classified right at the end, of the samples: a 50.0%, b 25.0% and c 75.0%"
        );
        assert_eq!(told(&[], Measure::Accuracy, "")[0], "Nothing was measured");
    }
}
