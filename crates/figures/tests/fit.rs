//! Functions of one input.

use analysis::{
    Results, Trained, fixture,
    sweep::{Sweep, SweepPoint, SweepRun},
};

use models::{
    Loss,
    layers::{Linear, Relu},
};

use crate::drawn::{after, analyse, analysed, curve, figure, model};

/// 2 ReLU(x), from ReLU(x + 2), on samples of itself.
fn bent() -> Trained {
    let layers = vec![Linear::new(1).into(), Relu {}.into(), Linear::new(1).into()];
    let data = curve(&[(-1.0, 0.0), (1.0, 2.0), (0.0, 0.0)]);
    let trained = model(data, Loss::MeanSquaredError, layers, &[1.0, 0.0, 2.0, 0.0]);
    after(trained, 4, &[(0, &[1.0, 2.0, 1.0, 0.0])])
}

/// A sweep `s` of runs of [`bent`] with these losses, three at each of several widths.
fn swept(losses: &[[f32; 3]]) -> Results {
    let trained = bent();
    let run = |loss: f32| SweepRun { loss, model: Some(trained.fit.model.clone()), ..SweepRun::default() };
    let point = |(i, losses): (usize, &[f32; 3])| {
        let (label, runs) = ((i + 1).to_string(), losses.map(run).into());
        SweepPoint {
            label,
            value: Some(i as f64 + 1.0),
            parameters: 4,
            layers: vec![Linear::new(i + 1).into(), Relu {}.into(), Linear::new(1).into()],
            runs,
        }
    };
    let (set, axis, loss_unit) = ("model[0].linear".into(), "width".into(), "mean squared error");
    let points = losses.iter().enumerate().map(point).collect();
    let sweep = Sweep { name: "s".into(), train: "m".into(), set, axis, loss_unit, points, ..Sweep::default() };
    let data = (*trained.data).clone();
    let mut results = fixture::results(trained);
    results.insert_sweep(sweep);
    results.insert_data("xor", data);
    results
}

#[test]
fn basis_contributions() {
    let results = analysed(fixture::results(bent()), "basis", "model = \"m\", snapshots = \"all\"");
    figure("basis_contributions", "analysis = \"a\"", &results)
        .titled("1 bent line adds up to one curve, mean squared error 0")
        .says("1 neuron bends inside the data. The sum and the network's forward pass differ by at most 0.")
        .marks(0, ["line", "rug"])
        .marks(1, ["scatter", "line", "rug"])
        .column("", "kink", ["0"])
        .column("", "w_out", ["2"])
        .column("samples", "x", ["-1", "0", "1"])
        .column("samples", "sum", ["0", "0", "2"])
        .array("contributions", &[3, 1], [0.0, 0.0, 2.0]);
    // ReLU(x + 2) is 1, 2, 3 where 0, 0, 2 are wanted.
    figure("basis_contributions", "analysis = \"a\", animate = {}", &results)
        .titled("1 bent line learns to add up to one curve")
        .frames(["epoch 0", "epoch 4"])
        .panel_titles(1, ["Their sum, mean squared error 2.0", "Their sum, mean squared error 0"])
        .column("", "epoch", ["0", "4"])
        .column("", "kink", ["-2", "0"]);
}

#[test]
fn basis_sum() {
    // 2 ReLU(x) is what is wanted: one neuron is all of it.
    let results = analysed(fixture::results(bent()), "basis", "model = \"m\"");
    figure("basis_sum", "analysis = \"a\"", &results)
        .titled("1 neuron of m by size")
        .panels(4)
        .marks(0, ["rule", "line"])
        .marks(1, ["scatter", "line"])
        .column("", "unit", ["0"])
        .column("", "mean_absolute_contribution", ["0.6666666666666666"])
        // 0, 0, 2 without any neuron.
        .column("sums", "mean_squared_error", ["1.3333333333333333", "0"])
        .column("residuals", "residual", ["0", "0", "0"]);
}

#[test]
fn fit_errors() {
    let results = analysed(swept(&[[0.5, 0.25, 1.0], [0.25, 0.125, 0.5]]), "fitted_curves", "sweep = \"s\"");
    figure("fit_errors", "analysis = \"a\"", &results)
        .titled("With width 2 the fit is at most 0 off, at x = −1.00")
        .below_title("|fit − targets| of the run in the middle by loss; dashed, and beside each width: its mean")
        .panels(2)
        .marks(0, ["line", "rule"])
        .column("", "x", ["-1", "0", "1"])
        .column("", "2", ["0", "0", "0"]);
}

#[test]
fn breakpoints() {
    figure("breakpoints", "analysis = \"a\"", &analysed(fixture::results(bent()), "breakpoints", "model = \"m\""))
        .titled("M bends at 1 point")
        .marks(0, ["scatter", "line", "scatter"])
        .marks(1, ["line"])
        .column("", "x", ["0"])
        .column("", "layer.unit", ["1.0"])
        .column("pieces", "from", ["-1", "0"])
        .column("pieces", "slope", ["0", "2"]);
}

#[test]
fn kink_migration() {
    let results = analysed(fixture::results(bent()), "kink_migration", "model = \"m\"");
    figure("kink_migration", "analysis = \"a\"", &results)
        .titled("0 kinks are inside the data at the start, 1 at the end")
        .marks(0, ["line", "rule", "rule"])
        .column("", "epoch", ["0", "4"])
        .column("", "unit0", ["-2", "0"]);
}

#[test]
fn fits() {
    let results = analysed(swept(&[[0.5, 0.25, 1.0], [0.25, 0.125, 0.5]]), "fitted_curves", "sweep = \"s\"");
    let drawn = figure("fits", "analysis = \"a\"", &results)
        .titled("The mean squared error falls from 0.50 at width 1 to 0.25 at 2")
        .panel_titles(0, ["width 1: 0.50"])
        .marks(1, ["scatter", "line", "line", "line"]);
    // The median comes last, on top.
    let heads: Vec<&str> = drawn.0.tables[0].columns.iter().map(|(head, _)| head.as_str()).collect();
    assert_eq!(heads, ["x", "1.seed1", "1.seed2", "1.seed0", "2.seed1", "2.seed2", "2.seed0"]);
    assert_eq!(drawn.0.tables[0].columns[3].1.cell(399), "2");
    let rising = analysed(swept(&[[0.5; 3], [0.75; 3]]), "fitted_curves", "sweep = \"s\"");
    figure("fits", "analysis = \"a\"", &rising)
        .titled("The mean squared error rises from 0.50 at width 1 to 0.75 at 2");
    let level = analysed(swept(&[[0.5; 3], [0.5; 3]]), "fitted_curves", "sweep = \"s\"");
    figure("fits", "analysis = \"a\"", &level).titled("The mean squared error is 0.50 at width 1 and at 2");
    let single = analysed(swept(&[[0.5; 3]]), "fitted_curves", "sweep = \"s\"");
    figure("fits", "analysis = \"a\"", &single).titled("Width").panels(1);
}

#[test]
fn width_error() {
    let mut results = swept(&[[0.5, 0.25, 0.75]]);
    analyse(&mut results, "lines", "piecewise_linear", "data = \"xor\", knots = [1]");
    // One knot is enough for samples of one bend.
    figure("width_error", "sweep = \"s\", best_fits = \"lines\"", &results)
        .titled("Width 1: the best net found has an error of 0.25, the best line of 1 free kink one of 0")
        .says("the best net found, of 3 seeds.")
        .says("The lower bound is for any such fit, and so for any such net")
        .column("", "width", ["1"])
        .column("", "loss.mean", ["0.5"])
        .column("", "loss.spread", ["0.25"])
        .column("", "loss.least", ["0.25"])
        .column("", "loss.most", ["0.75"])
        .column("knots", "knots", ["1"])
        .column("knots", "free_knots", ["0"])
        .column("knots", "knots_at_samples", ["0"])
        .column("knots", "lower_bound", ["0"]);
}
