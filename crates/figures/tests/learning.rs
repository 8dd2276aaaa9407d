//! How networks learn.

use analysis::{
    Outcome, Results, Trained, fixture,
    learning::{
        epochs_to_accuracy::{ComparedRun, EpochsToAccuracy},
        update_sizes::UpdateSizes,
    },
    sweep::{Sweep, SweepPoint, SweepRun},
};
use models::layers::Linear;
use tensor::Streams;

use crate::drawn::{after, analyse, analysed, figure};

/// The line x₁ − x₂ + ½ on the exclusive or, after the line of zeros and ½ x₁.
fn line() -> Trained {
    let line = fixture::trained(vec![Linear::new(1).into()], &[1.0, -1.0, 0.5]);
    after(line, 4, &[(0, &[0.0, 0.0, 0.0]), (2, &[0.5, 0.0, 0.0])])
}

/// Its run as `m`, and one of two epochs as `n`.
fn runs() -> Results {
    let mut results = fixture::results(line());
    results.insert_trained(Trained { name: "n".into(), ..after(line(), 2, &[(0, &[0.0, 0.0, 0.0])]) });
    results
}

/// What was found, as `a`.
fn only(outcome: impl Outcome) -> Results {
    let mut results = Results::new(Streams::new(1));
    results.insert_outcome("a", Box::new(outcome));
    results
}

#[test]
fn gradient_norms() {
    // Of the line of zeros the gradient is (−½, −½, −1).
    let mut results = analysed(runs(), "gradient_norms", "model = \"m\"");
    figure("gradient_norms", "analyses = [\"a\"]", &results)
        .titled("The gradient falls from 1.2 to 0.71 in m, with rises on the way")
        .says("at the snapshots of training. With respect to all parameters it ")
        .says("The gradient is found as the models predict (nothing dropped, running statistics).")
        .marks(0, ["line"])
        .column("m", "epoch", ["0", "2", "4"])
        .column("m", "output", ["1.224744871391589", "0.5590169943749475", "0.7071067811865476"]);
    figure("gradient_norms", "analyses = [\"a\"], arrays = true", &results).marks(0, ["line", "line"]).column(
        "m",
        "output.bias",
        ["1", "0.5", "0"],
    );
    analyse(&mut results, "b", "gradient_norms", "model = \"m\", mode = \"training\"");
    figure("gradient_norms", "analyses = [\"b\"]", &results).says("as the models train (dropout drawn,");
    figure("gradient_norms", "analyses = [\"a\", \"b\"]", &results)
        .says("in a as the models predict (nothing dropped, running statistics) and in b as the models train");
}

#[test]
fn gradient_check() {
    let results = analysed(runs(), "gradient_check", "model = \"m\"");
    figure("gradient_check", "analysis = \"a\"", &results)
        .says("No kink lies between the two points of any difference.")
        .marks(0, ["bars", "rule", "rule"])
        .column("", "array", ["x", "output.weight", "output.bias"])
        .column("", "places", ["8", "2", "1"])
        .column("", "kinks", ["0", "0", "0"]);
}

#[test]
fn loss_surface() {
    let weights = "weights = [\"output.weight[0,0]\", \"output.weight[1,0]\"]";
    let results = analysed(runs(), "loss_surface", &format!("model = \"m\", {weights}, resolution = 3"));
    figure("loss_surface", "analysis = \"a\"", &results)
        .titled("On this surface m goes from a loss of 0.250 up to 0.7500")
        .says("training's own loss goes from 0.500 to 0.7500.")
        .marks(0, ["space"])
        .column("", "epoch", ["0", "2", "4"])
        .column("", "output.weight[0,0]", ["0", "0.5", "1"])
        .column("", "loss", ["0.5", "0.375", "0.75"])
        // With the bias of the end, ½, in place of 0.
        .column("", "loss.on_surface", ["0.25", "0.375", "0.75"]);
    figure("loss_surface", "analysis = \"a\", view = \"contours\", animate = { every = 4 }", &results)
        .marks(0, ["regions", "contours", "together", "scatter"])
        .frames(["epoch 0", "epoch 4"]);
    figure("loss_surface", "analysis = \"a\", turn = { frames = 2 }", &results).frames(["0°", "90°"]);
    let fields = format!("model = \"m\", {weights}, resolution = 2");
    let still = analysed(fixture::results(after(line(), 0, &[])), "loss_surface", &fields);
    figure("loss_surface", "analysis = \"a\"", &still).column("", "epoch", ["0"]);
}

#[test]
fn optimization_trajectories() {
    let results = analysed(runs(), "loss_landscape", "models = [\"m\", \"n\"], resolution = 3");
    // √(1 + 1 + ¼) from the start.
    figure("optimization_trajectories", "analysis = \"a\"", &results)
        .titled("In the space of all weights m ends 1.5 from the start, n 1.5")
        .marks(0, ["regions", "contours", "line", "line", "scatter", "line", "line", "scatter", "scatter"])
        .column("m", "loss", ["0.5", "0.375", "0.75"])
        .column("n", "epoch", ["0", "2"]);
}

#[test]
fn time_to_loss() {
    let mut results = analysed(runs(), "optimizer_benchmark", "models = [\"m\", \"n\"], losses = [0.5, 0.25]");
    // The loss after epoch n is 1/n, n steps, and is known with the next.
    figure("time_to_loss", "analysis = \"a\"", &results)
        .titled("M is first at a loss of 0.25, after 3 steps")
        .marks(0, ["bars", "label", "label", "label", "label"])
        .column("", "model", ["m", "n"])
        .column("", "steps_to_loss_0.5", ["1", "1"])
        .column("", "steps_to_loss_0.25", ["3", ""]);
    results.insert_trained(Trained { seconds: vec![0.5; 4], ..line() });
    figure("time_to_loss", "analysis = \"a\", unit = \"seconds\"", &results)
        .titled("M is first at a loss of 0.25, after 1.5 seconds");
    analyse(&mut results, "a", "optimizer_benchmark", "models = [\"n\"], losses = [0.1]");
    figure("time_to_loss", "analysis = \"a\"", &results).titled("No run reaches the loss");
}

#[test]
fn training_curves() {
    figure("training_curves", "models = [\"m\", \"n\"]", &runs())
        .titled("M reaches a loss of 0.20, n one of 0.33")
        .marks(0, ["line", "line"])
        .column("", "epoch", ["0", "1", "2", "3", "4"])
        .column("", "m.train.loss", ["1", "0.5", "0.33333334", "0.25", "0.2"])
        .column("", "n.train.loss", ["1", "0.5", "0.33333334", "", ""]);
    figure("training_curves", "models = [\"m\", \"n\"], animate = {}", &runs())
        .marks(0, ["line", "line", "together"])
        .frames(["epoch 0", "epoch 2", "epoch 4"]);
    figure("training_curves", "models = [\"m\"]", &fixture::results(after(line(), 0, &[])))
        .titled("M reaches a loss of 1.0");
}

#[test]
fn curves_show_what_is_asked_for() {
    let mut run = line();
    run.config.batch = training::Batch::Size(3);
    let results = fixture::results(run);
    figure("training_curves", "models = [\"m\"], metrics = [\"learning_rate\", \"loss\"]", &results)
        .titled("M reaches a loss of 0.20")
        .says("Learning rate of each epoch's last step and loss")
        .panels(2)
        .column("", "m.learning_rate", ["", "0.1", "0.1", "0.1", "0.1"])
        .marks(0, ["line"])
        .column("", "m.train.loss", ["1", "0.5", "0.33333334", "0.25", "0.2"]);
}

#[test]
fn running_means_are_told_apart_from_the_model_itself() {
    let mut run = line();
    run.fit.history.running = true;
    run.fit.train = Some(training::Score { loss: 0.125, ..training::Score::default() });
    let drawn = figure("training_curves", "models = [\"m\"]", &fixture::results(run))
        // That of the model that was left, not the mean of its last epoch.
        .titled("M reaches a loss of 0.12")
        .says("Training lines are running means")
        .marks(0, ["line", "scatter"])
        .column("", "m.train.running_loss", ["", "0.5", "0.33333334", "0.25", "0.2"])
        .column("", "m.train.loss", ["1", "", "", "", "0.125"]);
    assert_eq!(drawn.0.figure.subtitle, "Training: running mean over each epoch's batches; dots: the model itself");
    assert!(drawn.0.figure.to_svg().expect("draws").contains("training (running mean)"));
    // Of full batches every number is the model's own.
    let plain = figure("training_curves", "models = [\"m\"]", &fixture::results(line())).marks(0, ["line"]);
    assert_eq!(plain.0.figure.subtitle, "");
}

#[test]
fn curves_can_be_against_steps_and_on_a_logarithmic_axis() {
    let mut run = line();
    run.config.batch = training::Batch::Size(3);
    let results = fixture::results(run);
    // Four samples in batches of three: two steps an epoch.
    figure("training_curves", "models = [\"m\"], x = \"step\"", &results)
        .says("after each epoch of training, against the steps made.")
        .column("", "m.step", ["0", "2", "4", "6", "8"])
        .column("", "m.train.loss", ["1", "0.5", "0.33333334", "0.25", "0.2"]);
    figure("training_curves", "models = [\"m\"], x = \"step\", log_x = true", &results)
        .below_title("A logarithmic axis has no step 0")
        .says(
            "The logarithmic axis has no place for step 0, before the first step: the loss there is 1.0 (m, training).",
        )
        .column("", "epoch", ["0", "1", "2", "3", "4"]);
    figure("training_curves", "models = [\"m\"], log_x = true, animate = {}", &results)
        .frames(["epoch 0", "epoch 2", "epoch 4"]);
}

#[test]
fn epochs_to_accuracy() {
    let run = |name: &str, reached| ComparedRun { name: name.into(), epochs: 20, reached, accuracy: 0.75 };
    let found = |runs| EpochsToAccuracy { on: datasets::Split::Test, accuracy: 0.75, runs };
    figure("epochs_to_accuracy", "analysis = \"a\"", &only(found(vec![run("plain", Some(18)), run("norm", Some(3))])))
        .titled("norm needs 3 epochs for what plain knows after 20")
        .says("as many test samples right as plain does in the end: 75.0% of the test samples.")
        .marks(0, ["bars", "label", "label"])
        .column("", "model", ["plain", "norm"])
        .column("", "reached_in", ["18", "3"])
        .column("", "accuracy", ["0.75", "0.75"]);
    figure("epochs_to_accuracy", "analysis = \"a\"", &only(found(vec![run("plain", Some(18)), run("norm", None)])))
        .titled("No other run learns what plain knows after 20")
        .column("", "reached_in", ["18", ""]);
}

#[test]
fn update_sizes() {
    let (gradients, updates) = (ndarray::arr2(&[[4.0], [1.0]]), ndarray::arr2(&[[0.4], [0.1]]));
    let ratios = ndarray::arr2(&[[0.03], [0.01]]);
    let (model, layers) = ("m".to_owned(), vec!["output".to_owned()]);
    figure(
        "update_sizes",
        "analyses = [\"a\"]",
        &only(UpdateSizes { model, epochs: vec![1, 2], layers, gradients, updates, ratios }),
    )
    .titled("On average a step of m moves a layer by 2.0% of its norm")
    .panels(2)
    .marks(1, ["line"])
    .column("m", "epoch", ["1", "2"])
    .column("m", "output.gradient", ["4", "1"])
    .column("m", "output.update_ratio", ["0.03", "0.01"]);
}

#[test]
fn sweep_curve() {
    let run = |accuracy: f32| SweepRun { loss: 1.0 - accuracy, accuracy: Some(accuracy), ..SweepRun::default() };
    let point = |(i, accuracies): (usize, &Vec<f32>)| {
        let runs = accuracies.iter().copied().map(run).collect();
        SweepPoint {
            label: (i + 1).to_string(),
            value: Some(i as f64 + 1.0),
            parameters: 10 * (i + 1),
            runs,
            ..SweepPoint::default()
        }
    };
    let swept = |accuracies: &[Vec<f32>]| {
        let points = accuracies.iter().enumerate().map(point).collect();
        let (train, set, axis) = ("m".into(), "model[0].linear".into(), "degree".into());
        let sweep = Sweep {
            name: "s".into(),
            train,
            set,
            axis,
            classifies: true,
            loss_unit: "cross-entropy",
            points,
            ..Sweep::default()
        };
        let mut results = Results::new(Streams::new(1));
        results.insert_sweep(sweep);
        results
    };
    let results = swept(&[vec![0.25, 0.75], vec![1.0, 1.0], vec![0.5, 0.75]]);
    figure("sweep_curve", "sweep = \"s\"", &results)
        .titled("Degree 1 to 3: 50.0% to 62.5% of the training samples right in the median of 2 runs, best 100% at 2")
        .says("with 2 seeds for each (small points), the line through their medians.")
        .says("Parameters of the models, in this order: 10, 20 and 30.")
        .marks(0, ["line", "scatter", "scatter"])
        .column("", "degree", ["1", "2", "3"])
        .column("", "parameters", ["10", "20", "30"])
        .column("", "train.accuracy.median", ["0.5", "1", "0.625"])
        .column("", "train.accuracy.least", ["0.25", "1", "0.5"])
        .column("runs", "seed", ["0", "1", "0", "1", "0", "1"])
        .column("runs", "train.accuracy", ["0.25", "0.75", "1", "1", "0.5", "0.75"]);
    figure("sweep_curve", "sweep = \"s\", measure = \"loss\"", &results).column(
        "",
        "train.loss.median",
        ["0.5", "0", "0.375"],
    );
    // Two groups at the same value are told as such, and no band hides them.
    let groups = swept(&[vec![0.5, 0.5, 1.0], vec![0.5, 0.75, 1.0]]);
    figure("sweep_curve", "sweep = \"s\"", &groups).titled(
        "Degree 1 to 2: 50.0% to 75.0% of the training samples right in the median of 3 runs, but single runs differ more, \
         at 2 from 50.0% to 100%",
    );
    figure("sweep_curve", "sweep = \"s\"", &swept(&[vec![0.5]])).marks(0, ["line", "scatter"]);
    figure("sweep_curve", "sweep = \"s\"", &swept(&[])).titled("Degree");
    // Validation chooses and test judges: the best by test is named nowhere, and test is shown where it is asked for.
    let run = |validation, test| SweepRun {
        accuracy: Some(1.0),
        validation_loss: Some(1.0),
        validation_accuracy: validation,
        test_loss: Some(1.0),
        test_accuracy: Some(test),
        ..SweepRun::default()
    };
    let swept = |validation: [Option<f32>; 3]| {
        let mut results = swept(&[vec![1.0], vec![1.0], vec![1.0]]);
        let mut sweep = results.sweep(&registry::SweepRef("s".into())).expect("inserted").clone();
        for (i, test) in [0.5, 1.0, 0.75].into_iter().enumerate() {
            sweep.points[i].runs = vec![run(validation[i], test)];
            if validation[i].is_none() {
                sweep.points[i].runs[0].validation_loss = None;
            }
        }
        results.insert_sweep(sweep);
        results
    };
    let all = swept([Some(0.25), Some(0.5), Some(0.375)]);
    figure("sweep_curve", "sweep = \"s\"", &all)
        .titled("Degree 1 to 3: 25.0% to 37.5% of the validation samples right, best 50.0% at 2")
        .marks(0, ["line", "scatter", "line", "scatter"])
        .column("", "validation.accuracy.median", ["0.25", "0.5", "0.375"]);
    figure("sweep_curve", "sweep = \"s\", splits = [\"test\"]", &all)
        .titled("Degree 1 to 3: 50.0% to 75.0% of the test samples right")
        .marks(0, ["line", "scatter"]);
    figure("sweep_curve", "sweep = \"s\"", &swept([None; 3]))
        .titled("Degree 1 to 3: 100% to 100% of the training samples right")
        .column("", "test.accuracy.median", ["0.5", "1", "0.75"]);
}

/// Runs of two models of three seeds each, and of one at three rates, as sweep `s`.
fn sweep_of(points: Vec<SweepPoint>, own: Option<f64>) -> Results {
    let (train, set, axis) = ("m".into(), "optimizer.sgd.lr".into(), "model".into());
    let sweep = Sweep {
        name: "s".into(),
        train,
        set,
        own,
        axis,
        classifies: true,
        loss_unit: "cross-entropy",
        points,
        ..Sweep::default()
    };
    let mut results = Results::new(Streams::new(1));
    results.insert_sweep(sweep);
    results
}

/// What is known of a run that diverged.
fn diverge(run: &mut SweepRun) {
    let accuracy = |known: Option<f32>| known.map(|_| f32::NAN);
    *run = SweepRun {
        loss: f32::NAN,
        validation_loss: accuracy(run.validation_loss),
        test_accuracy: accuracy(run.test_accuracy),
        diverged: Some("diverged in epoch 3".into()),
        ..SweepRun::default()
    };
}

#[test]
fn sweep_differences() {
    let point = |label: &str, accuracies: [f32; 3]| SweepPoint {
        label: label.into(),
        value: None,
        parameters: 1,
        runs: accuracies.map(|a| SweepRun { test_accuracy: Some(a), ..SweepRun::default() }).into(),
        ..SweepPoint::default()
    };
    let points =
        vec![point("plain", [0.5, 0.75, 0.25]), point("norm", [0.75, 0.875, 0.5]), point("drop", [0.25, 0.5, 0.125])];
    // 25, 12.5 and 25 points, seed by seed; their mean is 20.8.
    figure("sweep_differences", "sweep = \"s\"", &sweep_of(points, None))
        .titled("Against plain, better with every seed: norm +20.8; worse with every seed: drop −20.8 (points of test accuracy)",
        )
        .says("for each of 3 seeds (points), and their mean ± one standard deviation (diamond and line)")
        .marks(0, ["rule", "line", "scatter", "scatter", "line", "scatter", "scatter"])
        .column("", "model", ["norm", "norm", "norm", "drop", "drop", "drop"])
        .column("", "test.accuracy.difference.points", ["25", "12.5", "25", "-25", "-25", "-12.5"]);
    let mixed = vec![point("plain", [0.5, 0.75, 0.25]), point("norm", [0.75, 0.5, 0.5])];
    figure("sweep_differences", "sweep = \"s\"", &sweep_of(mixed, None))
        .titled("Against plain, better or worse by seed: norm +8.3 (points of test accuracy)");
    figure("sweep_differences", "sweep = \"s\"", &sweep_of(Vec::new(), None)).titled("Nothing to compare");
    // A pair of which one diverged has no difference.
    let mut broken = vec![point("plain", [0.5, 0.75, 0.25]), point("norm", [0.75, 0.875, 0.5])];
    diverge(&mut broken[1].runs[2]);
    figure("sweep_differences", "sweep = \"s\"", &sweep_of(broken, None))
        .titled("Against plain, better with every seed: norm +18.8 (points of test accuracy)")
        .says("Runs that diverged have no point, and no part in medians and means: 1 of 6, at model norm.")
        .column("", "test.accuracy.difference.points", ["25", "12.5", ""]);
}

#[test]
fn learning_rates() {
    let point = |rate: f64, losses: [f32; 3]| SweepPoint {
        label: rate.to_string(),
        value: Some(rate),
        parameters: 1,
        runs: losses.map(|l| SweepRun { validation_loss: Some(l), ..SweepRun::default() }).into(),
        ..SweepPoint::default()
    };
    // By the median 0.1 is best, by the mean it would be 0.01.
    let points = || vec![point(1.0, [2.0, 3.0, 4.0]), point(0.1, [0.25, 0.25, 8.0]), point(0.01, [1.0, 0.5, 0.75])];
    figure("learning_rates", "sweeps = [\"s\"]", &sweep_of(points(), Some(0.1)))
        .titled("M at 0.1: on validation the best rates of those tried")
        .says("with each learning rate, 3 runs at each rate (small points), the line through their medians, diamonds at the rates")
        .marks(0, ["line", "scatter", "scatter"])
        .column("", "rate", ["0.01", "0.01", "0.01", "0.1", "0.1", "0.1", "1", "1", "1"])
        .column("", "best", ["0", "0", "0", "1", "1", "1", "0", "0", "0"])
        .column("", "own", ["0", "0", "0", "1", "1", "1", "0", "0", "0"]);
    figure("learning_rates", "sweeps = [\"s\"]", &sweep_of(points(), Some(1.0)))
        .titled("M runs at 1 though 0.1 is better");
    figure("learning_rates", "sweeps = [\"s\"]", &sweep_of(points()[1..].to_vec(), Some(0.1)))
        .says("At the edge of what was tried, so that a better rate may lie beyond: m.");
    let mut broken = points();
    broken[0].runs.iter_mut().for_each(diverge);
    figure("learning_rates", "sweeps = [\"s\"]", &sweep_of(broken, Some(0.1)))
        .titled("M at 0.1: on validation the best rates of those tried")
        .says("Runs that diverged have no point, and no part in medians and means: 3 of 9, at model 1.");
}
