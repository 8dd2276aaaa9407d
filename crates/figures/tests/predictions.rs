//! What classifiers and regressions answer.

use analysis::{
    Results, fixture,
    predictions::starts::{Start, Starts, StartsOfValue},
};
use models::layers::Linear;

use crate::drawn::{after, analyse, analysed, figure, reader, solved};

/// Of the solved exclusive or as `a`, and of a model `n` that answers "other" to everything as `b`.
fn classified() -> Results {
    let mut results = analysed(fixture::results(solved()), "classification", "model = \"m\"");
    let mut always = fixture::classified(vec![Linear::new(2).into()], &[0.0, 0.0, 0.0, 0.0, 1.0, 3.0]);
    always.name = "n".into();
    results.insert_trained(always);
    analyse(&mut results, "b", "classification", "model = \"n\"");
    results
}

#[test]
fn confusion_matrix() {
    let results = classified();
    figure("confusion_matrix", "analysis = \"b\"", &results)
        .titled("N: 2 of 4 training samples right (50.0%); most often same is taken for other (2 times)")
        .marks(0, ["heatmap"])
        .column("", "true class", ["same", "other"])
        .column("", "predicted.same", ["0", "0"])
        .column("", "predicted.other", ["2", "2"]);
    figure("confusion_matrix", "analysis = \"a\"", &results).titled("M: 4 of 4 training samples right (100%)");
    figure("confusion_matrix", "analysis = \"a\", minus = \"b\"", &results)
        .titled("M against n: +50.0 points of accuracy")
        .says("Accuracy 100% and 50.0%.")
        .column("", "predicted.same", ["2", "0"])
        .column("", "predicted.other", ["-2", "0"]);
    // Untrained, every sample is taken for "other".
    let untrained = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
    let learned = after(solved(), 4, &[(0, &untrained)]);
    let results = analysed(fixture::results(learned), "classification", "model = \"m\", snapshots = \"all\"");
    figure("confusion_matrix", "analysis = \"a\", animate = {}", &results)
        .titled("M: 4 of 4 training samples right (100%)")
        .frames(["epoch 0", "epoch 4"])
        .moments(["50.0% right", "100% right"])
        .column("epochs", "accuracy", ["0.5", "1"]);
}

#[test]
fn class_scores() {
    let results = classified();
    figure("class_scores", "analyses = [\"b\"]", &results)
        .titled("Other is recognised best (100%), same worst (0.0%)")
        .marks(0, ["scatter", "scatter"])
        .marks(1, ["heatmap"])
        .column("", "predicted", ["0", "4"])
        .column("", "recall", ["0", "1"])
        .column("", "precision", ["", "0.5"])
        .column("", "F1", ["0", "0.6666666666666666"]);
    figure("class_scores", "analyses = [\"a\", \"b\"]", &results)
        .titled("Between 0.0% and 100% of a class are recognised")
        .panels(3)
        .column("a", "recall", ["1", "1"])
        .column("b", "recall", ["0", "1"]);
}

#[test]
fn misclassified() {
    let results = analysed(fixture::results(reader()), "classification", "model = \"m\"");
    figure("misclassified", "analysis = \"a\"", &results)
        .titled("M: none of 3 training samples is taken for another class")
        .panels(0)
        .column("", "sample", []);
    // The upper row counts 3 more, so that the lower picture is taken for an upper one: by 3 against 2.
    let mut biased = reader();
    biased.fit.model.parameters.values_mut()[8] = 3.0;
    let results = analysed(fixture::results(biased), "classification", "model = \"m\"");
    figure("misclassified", "analysis = \"a\"", &results)
        .titled("M: 1 of 3 training samples wrong; these 1 with the most confidence")
        .panel_titles(0, ["bottom\u{a0}→\u{a0}top 73.1%"])
        .marks(0, ["image"])
        .column("", "sample", ["2"])
        .column("", "true", ["bottom"])
        .column("", "predicted", ["top"]);
    figure("misclassified", "analysis = \"a\", by = \"pair\", columns = 2", &results)
        .titled("M most often takes bottom for top, once")
        .panel_titles(0, ["73.1%"])
        .panels(2)
        .column("", "sample", ["2"]);
}

#[test]
fn calibration() {
    // "other" with p = 1 / (1 + e^-2) for everything, right for two of four.
    let mut results = Results::new(tensor::random::Streams::new(1));
    results.insert_trained(fixture::classified(vec![Linear::new(2).into()], &[0.0, 0.0, 0.0, 0.0, 1.0, 3.0]));
    let results = analysed(results, "calibration", "model = \"m\", bins = 4");
    figure("calibration", "analysis = \"a\"", &results)
        .titled("m is too sure of itself: confidence 88.1% on average, 50.0% right")
        .below_title("M, 4 training samples; expected calibration error 38.1%")
        .marks(0, ["line", "line", "scatter"])
        .marks(1, ["bars"])
        .column("", "samples", ["0", "0", "0", "4"])
        .column("", "accuracy", ["", "", "", "0.5"]);
}

#[test]
fn truth_table() {
    let line = fixture::trained(vec![Linear::new(1).into()], &[1.0, -1.0, 0.5]);
    let results = analysed(fixture::results(line.clone()), "truth_table", "model = \"m\"");
    figure("truth_table", "analyses = [\"a\"]", &results)
        .titled("M is still off by 1.5 after 0 epochs")
        .marks(0, ["area", "area", "line", "line", "line", "line"])
        .column("m", "epoch", ["0"])
        .column("m", "(0, 1) → 1", ["-0.5"])
        .column("m", "(1, 0) → 1", ["1.5"]);
    let results =
        analysed(fixture::results(after(line, 3, &[(0, &[0.0; 3])])), "truth_table", "model = \"m\", tolerance = 1.5");
    figure("truth_table", "analyses = [\"a\"]", &results)
        .titled("M gets all 4 outputs within 1.5 of the target")
        .column("m", "epoch", ["0", "3"])
        .column("m", "(1, 1) → 0", ["0", "0.5"]);
}

#[test]
fn starts() {
    let mut results = fixture::results(fixture::trained(vec![Linear::new(1).into()], &[0.0; 3]));
    let start = |loss: f32, solved: bool| Start { loss, solved };
    let value = |label: &str, starts: &[Start]| StartsOfValue { label: label.into(), starts: starts.to_vec() };
    let found = |tolerance: Option<f64>| Starts {
        train: "m".into(),
        axis: "hidden units".into(),
        loss_unit: "mean squared error",
        tolerance,
        samples: 4,
        values: vec![
            value("2", &[start(0.125, false), start(1e-4, true), start(f32::NAN, false)]),
            value("3", &[start(1e-4, true), start(1e-4, true), start(2e-4, true)]),
        ],
    };
    results.insert_outcome("a", Box::new(found(Some(0.1))));
    figure("starts", "analysis = \"a\"", &results)
        .titled("Starts that solve it, by hidden units: 1 of 3 with 2 and 3 of 3 with 3")
        .says("less than 0.1 from its target")
        .marks(0, ["scatter", "scatter"])
        .column("", "hidden units", ["2", "2", "2", "3", "3", "3"])
        .column("", "solved", ["0", "1", "0", "1", "1", "1"]);
    results.insert_outcome("a", Box::new(found(None)));
    figure("starts", "analysis = \"a\"", &results).says("each of the 4 samples is classified right");
}
