//! How networks bend, fold and divide their input space.

use analysis::{Results, Trained, fixture};
use models::layers::{Linear, Relu, Sigmoid};

use crate::drawn::{after, analysed, figure, solved};

/// The solved exclusive or, from weights of zero.
fn learned() -> Trained {
    after(solved(), 5, &[(0, &[0.0; 12])])
}

fn results(trained: Trained, kind: &str, fields: &str) -> Results {
    analysed(fixture::results(trained), kind, fields)
}

/// The textbook's exclusive or of sigmoids: one unit is OR, the other AND, the output OR and not AND.
fn sigmoids() -> Trained {
    let layers = vec![Linear::new(2).into(), Sigmoid {}.into(), Linear::new(1).into(), Sigmoid {}.into()];
    let parameters = [20.0, 20.0, 20.0, 20.0, -10.0, -30.0, 20.0, -20.0, -10.0];
    after(fixture::trained(layers, &parameters), 5, &[(0, &[0.0; 9])])
}

#[test]
fn decision_regions() {
    let results = results(learned(), "decision_regions", "models = [\"m\"], resolution = 5, snapshots = \"all\"");
    figure("decision_regions", "analysis = \"a\"", &results)
        .titled("Training samples put in the right class: m 100%")
        .panel_titles(0, ["m: 100%"])
        .marks(0, ["regions", "scatter"]);
    figure("decision_regions", "analysis = \"a\", points = false, animate = {}", &results)
        .says("Of the training samples put in the right class at the end: m 100%.")
        .panel_titles(0, ["m: 50.0%", "m: 100%"])
        .frames(["epoch 0", "epoch 5"])
        .marks(0, ["regions"])
        .column("", "epoch", ["0", "5"])
        .column("", "m", ["0.5", "1"]);
}

#[test]
fn linear_regions() {
    // Lines x₁ + x₂ = 0 and 1 through the square from −0.08 to 1.08: two triangles and a strip, in which two slopes are (1, 1).
    let results = results(learned(), "linear_regions", "model = \"m\", snapshots = \"all\"");
    figure("linear_regions", "analysis = \"a\"", &results)
        .titled("M is linear on each of 3 regions (3 activation patterns)")
        .says("They are made of 3 activation patterns")
        .says("The decision boundary, 2 straight pieces")
        .marks(0, ["polygons", "line", "line"])
        .column("", "patterns", ["1", "1", "1"])
        .column("", "slope", ["0", "1.4142135623730951", "1.4142135623730951"])
        .column("", "class", ["same", "several", "several"]);
    figure("linear_regions", "analysis = \"a\", animate = {}", &results)
        .titled("M comes to be linear on each of 3 regions (3 activation patterns)")
        .panel_titles(0, ["1 region (1 activation pattern)", "3 regions (3 activation patterns)"])
        .column("", "epoch", ["0", "5"])
        .column("", "regions", ["1", "3"])
        .column("", "patterns", ["1", "3"])
        .column("", "boundary_pieces", ["0", "2"]);
    // Behind the two lines a layer that is off everywhere: the patterns are those of the lines, and all are one region.
    let layers =
        vec![Linear::new(2).into(), Relu {}.into(), Linear::new(1).into(), Relu {}.into(), Linear::new(2).into()];
    let off = [1.0, 1.0, 1.0, 1.0, 0.0, -1.0, 1.0, 1.0, -9.0, 1.0, 0.0, 0.0, 0.5];
    let results = self::results(fixture::classified(layers, &off), "linear_regions", "model = \"m\"");
    figure("linear_regions", "analysis = \"a\"", &results)
        .titled("M is linear on each of 1 region (3 activation patterns)")
        .says("1 region in all")
        .says("They are made of 3 activation patterns")
        .column("", "patterns", ["3"])
        .column("corners", "pattern", ["0", "0", "0", "1", "1", "1", "1", "2", "2", "2"]);
}

#[test]
fn layer_cuts() {
    // Two parallel lines, both of the first layer.
    let results = results(learned(), "linear_regions", "model = \"m\", snapshots = \"all\"");
    figure("layer_cuts", "analysis = \"a\"", &results)
        .titled("M cuts the plane into 3 pieces after layer 1")
        .panels(1)
        .below_title("The plane of the two inputs, cut into pieces on which the same units are on")
        .panel_titles(0, ["Layer 1 (2 units): 3 pieces"])
        .marks(0, ["line"])
        .column("", "layer1.patterns", ["3"]);
    figure("layer_cuts", "analysis = \"a\", animate = {}", &results)
        .frames(["epoch 0", "epoch 5"])
        .panel_titles(0, ["Layer 1 (2 units): 1 piece", "Layer 1 (2 units): 3 pieces"])
        .column("", "layer1.patterns", ["1", "3"]);
}

#[test]
fn confidence() {
    let results = results(learned(), "decision_regions", "models = [\"m\"], resolution = 5, snapshots = \"all\"");
    // An untrained net of zeros finds both classes equally likely everywhere.
    figure("confidence", "analysis = \"a\", animate = {}", &results)
        .frames(["epoch 0", "epoch 5"])
        .column("", "epoch", ["0", "5"])
        .marks(0, ["together"])
        .starting("", "m.mean", "0.5");
    figure("confidence", "analysis = \"a\"", &results).panels(1).says("softmax of the outputs");
}

#[test]
fn exact_boundary() {
    // x₁ + x₂ = ½ and 1½.
    let results = results(learned(), "linear_regions", "model = \"m\", x = [0, 2], y = [0, 2], snapshots = \"all\"");
    figure("exact_boundary", "analysis = \"a\"", &results)
        .titled("M divides the classes by 2 straight pieces")
        .says("2.83 long in all")
        .marks(0, ["regions", "scatter"])
        .column("", "x1", ["0.5", "0"])
        .column("", "x2", ["0", "1.5"])
        .column("", "class1", ["same", "same"])
        .column("", "class2", ["other", "other"]);
    figure("exact_boundary", "analysis = \"a\", animate = {}", &results)
        .frames(["epoch 0", "epoch 5"])
        .panel_titles(0, ["0 straight pieces", "2 straight pieces"]);
}

#[test]
fn folded_grid() {
    let results = results(learned(), "folding", "model = \"m\", lines = 3, points = 4, snapshots = \"all\"");
    let drawn = figure("folded_grid", "analysis = \"a\"", &results);
    // No layer borrows the label of the input's axis where its panel stands alone.
    let labels: Vec<&str> = drawn.0.figure.panels.iter().map(|panel| panel.y.label.as_str()).collect();
    assert_eq!(labels, ["second input", "2nd direction", "2nd direction"]);
    drawn
        .titled(
            "M folds the plane until lines divide the classes: 50.0% of the training samples right at the input, \
             100% after the last layer",
        )
        .panels(3)
        .panel_titles(1, ["Hidden1.post, 2 units (100%)"])
        .marks(2, ["polygons", "line", "line", "scatter"])
        // ±½ along one direction, turned to lie as the layer before it does.
        .column(
            "logits",
            "first",
            ["-0.158113883008419", "0.158113883008419", "0.158113883008419", "-0.158113883008419"],
        )
        .column("logits", "class", ["same", "other", "other", "same"]);
    figure("folded_grid", "analysis = \"a\", animate = {}", &results)
        .titled("M learns to fold the plane, layer by layer")
        .frames(["epoch 0", "epoch 5"])
        .column("", "epoch", ["0", "5"])
        .column("", "logits.explained1", ["0", "1"]);
}

#[test]
fn probe_accuracy() {
    figure("probe_accuracy", "analysis = \"a\"", &results(learned(), "linear_probe", "model = \"m\""))
        .titled(
            "A linear classifier gets 50.0% of the training samples right at the input of m and 100% at its last layer",
        )
        .marks(0, ["bars", "label", "label", "label"])
        .column("", "layer", ["x", "hidden1.post", "logits"])
        .column("", "train.accuracy", ["0.5", "1", "1"]);
}

#[test]
fn feature_space() {
    let flat = results(sigmoids(), "feature_space", "model = \"m\", snapshots = \"all\"");
    figure("feature_space", "analysis = \"a\"", &flat)
        .titled("After 5 epochs the line of m has 4 of 4 samples on their side")
        .below_title("A logistic regression fitted on the same activations has 4")
        .marks(0, ["together"])
        .column("", "side", ["0", "1", "1", "0"])
        .column("separators", "of", ["output", "logistic regression"]);
    figure("feature_space", "analysis = \"a\", epoch = 0", &flat)
        .titled("After 0 epochs the line of m has 2 of 4 samples on their side")
        .column("", "hidden1.post[0]", ["0.5", "0.5", "0.5", "0.5"]);
    figure("feature_space", "analysis = \"a\", animate = {}", &flat).frames(["epoch 0", "epoch 5"]);
    let layers = vec![Linear::new(3).into(), Linear::new(1).into()];
    let deep = fixture::trained(layers, &[1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, -0.25]);
    let deep = results(deep, "feature_space", "model = \"m\"");
    figure("feature_space", "analysis = \"a\"", &deep)
        .titled("After 0 epochs the plane of m has 3 of 4 samples on their side")
        .marks(0, ["space"]);
    figure("feature_space", "analysis = \"a\", turn = { frames = 3 }", &deep).frames(["0°", "45°", "90°"]);
}

#[test]
fn output_map() {
    let fields = "models = [\"m\"], snapshots = \"all\", resolution = 3";
    let results = results(sigmoids(), "output_map", fields);
    figure("output_map", "analysis = \"a\"", &results)
        .titled("Samples on their side of 0.5 after 5 epochs: m 4 of 4")
        .marks(0, ["together", "scatter"]);
    // An untrained net says ½ everywhere, and so does not fall short of it.
    figure("output_map", "analysis = \"a\", epoch = 0", &results)
        .titled("Samples on their side of 0.5 after 0 epochs: m 2 of 4")
        .array("m.output", &[3, 3], [0.5; 9]);
    figure("output_map", "analysis = \"a\", animate = { seconds = 2 }", &results)
        .panel_titles(0, ["M: 2 of 4", "M: 4 of 4"])
        .frames(["epoch 0", "epoch 5"]);
}
