//! Statistics against closed forms and sums of the plainest kind; names; bits.

use models::layers::{Linear, Polynomial, Relu};

use super::*;

fn complaint(tensor: &str, quantity: Quantity, per_unit: bool) -> String {
    let layers: Vec<Layer> =
        vec![Polynomial { degree: 2 }.into(), Linear::new(3).into(), Relu {}.into(), Linear::new(2).into()];
    let hook = Hook { per_unit, ..Hook::new(tensor, quantity) };
    hook.check(&layers, &[2], Head::Logits).map_or_else(|e| e.to_string(), |()| String::new())
}

#[test]
fn names_that_lead_nowhere_are_told_what_there_is() {
    for (tensor, quantity) in [
        ("x", Quantity::Value),
        ("polynomial", Quantity::Value),
        ("hidden1.pre", Quantity::Gradient),
        ("logits", Quantity::Gradient),
        ("hidden1.weight", Quantity::Update),
        ("output.*", Quantity::Gradient),
        ("*", Quantity::Value),
    ] {
        assert_eq!(complaint(tensor, quantity, false), "", "{tensor}");
    }
    assert_eq!(
        complaint("hidden2.post", Quantity::Value, false),
        "there is no tensor hidden2.post, there are x, polynomial, hidden1.pre, hidden1.post, logits, hidden1.weight, \
         hidden1.bias, output.weight, output.bias, hidden1.*, output.*, *"
    );
    assert_eq!(
        complaint("polynomial", Quantity::Gradient, false),
        "no gradient reaches polynomial: nothing that is trained comes before it; those with one are hidden1.pre, hidden1.post, \
         logits, hidden1.weight, hidden1.bias, output.weight, output.bias, hidden1.*, output.*, *"
    );
    assert_eq!(
        complaint("logits", Quantity::Update, false),
        "logits is no parameter, so no step updates it; parameters are hidden1.weight, hidden1.bias, output.weight, output.bias, \
         hidden1.*, output.*, *"
    );
    assert_eq!(
        complaint("*", Quantity::Value, true),
        "* stands for several arrays, which have no units in common; name one array"
    );
}

#[test]
fn batches_add_up_to_what_they_are_together() {
    // Far from zero, where Σx² − n m² would have no digits left.
    let batches: [&[f32]; 4] =
        [&[1000.25, 1000.5, 1000.0, 1000.75], &[1001.0, 999.5], &[0.0, 1000.0, 1000.0, 999.0], &[1000.0, 1000.125]];
    let mut found = Statistics::new(1, 2, true);
    let norms = batches.map(|b| found.add(b));
    let check = |found: UnitStatistics, numbers: &[f32]| {
        let n = numbers.len() as f64;
        let mean = numbers.iter().map(|x| f64::from(*x)).sum::<f64>() / n;
        let variance = numbers.iter().map(|x| (f64::from(*x) - mean) * (f64::from(*x) - mean)).sum::<f64>() / n;
        assert_eq!(found.count(), numbers.len() as u64);
        assert!((found.mean() - mean).abs() < 1e-9, "{} {mean}", found.mean());
        assert!((found.variance() / variance - 1.0).abs() < 1e-12, "{} {variance}", found.variance());
        let zeros = numbers.iter().filter(|x| **x == 0.0).count();
        assert_eq!(found.zero_share(), zeros as f64 / n);
    };
    let all: Vec<f32> = batches.concat();
    check(found.all, &all);
    for unit in 0..2 {
        check(found.units[unit], &all.iter().skip(unit).step_by(2).copied().collect::<Vec<_>>());
    }
    assert_eq!((found.min, found.max, found.steps), (0.0, 1001.0, 4));
    // Bins of 8 reach from 0 to 1001: one number at 0, the last bin from 1000 on, and 999 and 999.5 below.
    let histogram = found.histogram.clone().expect("was asked for");
    let (counts, edges) = (histogram.counts(), histogram.edges());
    assert_eq!((counts.len(), edges[1], edges[126]), (126, 8.0, 1008.0));
    assert_eq!((counts[0], counts[124], counts[125]), (1, 2, 9));
    let expected = batches.map(|b| b.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt());
    assert!(norms.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{norms:?} {expected:?}");
    assert!((found.norm() - expected.iter().sum::<f64>() / 4.0).abs() < 1e-9);
}

#[test]
fn long_arrays_are_looked_at_in_full() {
    // Longer than the interleaved sums, with a rest: 0, 1, …, 19 but for the last, which is −3.
    let mut numbers: Vec<f32> = (0..20).map(|i| i as f32).collect();
    numbers[19] = -3.0;
    let mut found = Statistics::new(1, 0, false);
    let norm = found.add(&numbers);
    assert_eq!((found.min, found.max, found.all.zero_share()), (-3.0, 18.0, 0.05));
    assert_eq!(found.all.mean(), (171.0 - 3.0) / 20.0);
    // Σi² to 18 is 18·19·37/6.
    assert!((norm - (2109.0_f64 + 9.0).sqrt()).abs() < 1e-12);
}

#[test]
fn nothing_has_no_statistics() {
    let none = Statistics::new(1, 1, false);
    assert!(none.all.mean().is_nan() && none.all.variance().is_nan() && none.units[0].zero_share().is_nan());
    assert!(none.norm().is_nan() && none.ratio().is_nan() && none.histogram.is_none());
    let mut one = none;
    one.add(&[-2.0]);
    assert_eq!((one.all.mean(), one.all.variance(), one.norm()), (-2.0, 0.0, 2.0));
}
