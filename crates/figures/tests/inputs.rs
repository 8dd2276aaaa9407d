//! What in the input units and scores answer to.

use analysis::{Results, fixture};
use models::{
    Loss,
    layers::{Conv2d, Flatten, Linear, Relu, Tanh},
};

use crate::drawn::{after, analysed, figure, model, pictures, reader, solved};

/// Of the sums of a picture's upper and lower row.
fn results(kind: &str, fields: &str) -> Results {
    analysed(fixture::results(reader()), kind, &format!("model = \"m\"{fields}"))
}

const ROWS: [f32; 8] = [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0];

#[test]
fn unit_maps() {
    figure("unit_maps", "analysis = \"a\"", &results("input_weights", ""))
        .titled("What the units of logits look for: their weights")
        .below_title(
            "The weights of each unit of the first layer of m (logits), each at the place of its pixel. Above each map stands the \
             unit's number and, in parentheses, its bias",
        )
        .panel_titles(1, ["1 (0.0)"])
        .marks(0, ["image"])
        .column("", "unit", ["0", "1"])
        .column("", "bias", ["0", "0"])
        .array("maps", &[2, 4], ROWS);
    figure("unit_maps", "analysis = \"a\"", &results("pixel_response", ", units = \"logits\""))
        .titled("What single pixels do to the units of logits")
        .array("maps", &[2, 4], ROWS);
    figure("unit_maps", "analysis = \"a\"", &results("saliency", ", units = \"logits\", sample = { index = 2 }"))
        .titled("Which pixels of training sample 2, a \"bottom\" the units of logits are sensitive to")
        .below_title(
            "First the input: training sample 2, a \"bottom\". Above each map stands the unit's number and, in parentheses, its value",
        )
        .panel_titles(0, ["input"])
        .panel_titles(5, ["1 (2.0)"])
        .column("", "value", ["0", "2"])
        .array("maps", &[2, 4], ROWS);
    // Two black pixels of one row are the most; no picture but the last has them.
    figure("unit_maps", "analysis = \"a\"", &results("maximal_input", ", units = \"logits\""))
        .titled("The inputs that excite the units of logits most")
        .says("For 1 of 2 units the value is more than any sample of the data reaches.")
        .column("", "reached", ["2", "2"])
        .column("", "largest on data", ["1", "2"]);
    figure("unit_maps", "analysis = \"a\"", &results("input_weights", ", units = [1]")).panels(1);
}

#[test]
fn attribution() {
    figure("attribution", "analysis = \"a\"", &results("attribution", ", samples = [{ index = 2 }], window = 1"))
        .titled("Where the scores of m come from")
        .below_title("Red pixels raise the score named above them, blue ones lower it; the baseline is 0 everywhere")
        .says("x′ the baseline, 0 everywhere. Gradient: ∂F/∂x,")
        .says("Gradient × input: (x − x′) · ∂F/∂x. Integrated gradients: (x − x′) · the mean of ∂F/∂x on the straight way")
        .says("Occlusion: F(x) − F(x with the pixel at x′).")
        .panels(5)
        .marks(4, ["image"])
        .column("", "sample", ["training sample 2, a \"bottom\""])
        .column("", "unit", ["logits[1]"])
        .column("", "score", ["2"])
        .column("", "sum.integrated.gradients", ["2"])
        .column("", "sum.occlusion", ["2"]);
    let fields = ", samples = [{ index = 2 }], window = 2, baseline = 0.5, methods = [\"occlusion\"]";
    figure("attribution", "analysis = \"a\"", &results("attribution", fields)).says(
        "x′ the baseline, 0.5 everywhere. Occlusion: the mean of F(x) − F(x with a window of 2 × 2 pixels at x′) over all \
         windows that cover the pixel.",
    );
    // One channel passes the picture on: the score of the lower row moves with all of its places by half on average.
    let layers = vec![Conv2d::new(1, 1).into(), Flatten {}.into(), Linear::new(2).into()];
    let parameters = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0];
    let results = fixture::results(model(pictures(), Loss::CrossEntropy, layers, &parameters));
    let fields = "model = \"m\", samples = [{ index = 2 }], methods = [\"smooth_grad\", \"grad_cam\"]";
    figure("attribution", "analysis = \"a\"", &analysed(results, "attribution", fields))
        .says("Smoothed gradient: the mean of |∂F/∂x| over 50 copies of x with noise of 15% of its range")
        .says("Grad-CAM: the channels of conv1.pre, each times the mean of ∂F/∂(the channel)")
        .panels(3)
        .column("", "predicted", ["bottom"])
        .column("", "probability", ["0.8807970779778823"])
        .array("maps", &[1, 2, 4], [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.5, 0.5]);
    let fields = "model = \"m\", samples = [{ index = 1 }], methods = [\"gradient\"]";
    let few_features = analysed(fixture::results(solved()), "attribution", fields);
    figure("attribution", "analysis = \"a\"", &few_features).panels(2).marks(1, ["bars"]).array(
        "maps",
        &[1, 1, 2],
        [1.0, 1.0],
    );
}

/// Two filters of two by two pixels, which look for a black pixel above a white one and for four black ones, and the sum of each
/// map as the score of a class: pictures of two by two pixels have one place.
fn convolved() -> Results {
    let layers = vec![Conv2d::new(2, 2).into(), Relu {}.into(), Flatten {}.into(), Linear::new(2).into()];
    // Tap by tap, the first filter's weight and the second's; biases; the dense layer and its biases.
    let weights = [1.0, 1.0, 0.0, 1.0, -1.0, 1.0, 0.0, 1.0, 0.25, -0.5, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    let mut untrained = weights;
    untrained[..8].fill(0.0);
    fixture::results(after(model(pictures(), Loss::CrossEntropy, layers, &weights), 2, &[(0, &untrained)]))
}

#[test]
fn filters() {
    let results = analysed(convolved(), "filters", "model = \"m\", snapshots = \"all\"");
    figure("filters", "analysis = \"a\"", &results)
        .titled("What the 2 filters of conv1 look for: their weights")
        .panels(2)
        .marks(0, ["heatmap"])
        .panel_titles(1, ["1 (−0.50)"])
        .column("", "bias", ["0.25", "-0.5"])
        .column("", "norm", ["1.4142135623730951", "2"])
        .array("weights", &[2, 1, 2, 2], [1.0, 0.0, -1.0, 0.0, 1.0, 1.0, 1.0, 1.0]);
    figure("filters", "analysis = \"a\", animate = {}", &results).frames(["epoch 0", "epoch 2"]);
    // Without the filter of the lower row's pictures half of them are lost; without the other none are.
    let results = analysed(convolved(), "filters", "model = \"m\", order = \"damage\"");
    figure("filters", "analysis = \"a\"", &results)
        .says("The filter stands first without which most accuracy is lost when its channel gives 0: without filter")
        .panels(2);
    // Filters of several channels are columns of one picture.
    let layers = vec![
        Conv2d::new(2, 1).into(),
        Conv2d { bias: false, ..Conv2d::new(3, 2) }.into(),
        Flatten {}.into(),
        Linear::new(2).into(),
    ];
    let weights: Vec<f32> = (0..36).map(|i| i as f32).collect();
    let deep = fixture::results(model(pictures(), Loss::CrossEntropy, layers, &weights));
    figure("filters", "analysis = \"a\"", &analysed(deep, "filters", "model = \"m\", layer = \"conv2\""))
        .panels(1)
        .says("2 channels of conv1.pre")
        .marks(0, ["together"]);
}

#[test]
fn walk() {
    let results = analysed(convolved(), "walk", "model = \"m\", unit = \"conv1.pre[1]\", sample = { index = 2 }");
    figure("walk", "analysis = \"a\"", &results)
        .titled("Filter 1 of conv1 answers most at row 0, column 0: 1.50")
        .says("It stops at each of its 1 places")
        .panels(5)
        .frames(["row 0, column 0", "row 0, column 0"])
        .moments(["2.00 − 0.50 = 1.50", "2.00 − 0.50 = 1.50"])
        .panel_titles(3, ["= products, sum 2.00", "= products, sum 2.00"])
        .panel_titles(4, ["− bias 0.50 = 1.50", "− bias 0.50 = 1.50"])
        .column("", "sum", ["2", "2"])
        .column("", "value", ["1.5", "1.5"])
        .array("map", &[1, 1], [1.5]);
    // Of a filter that reads four channels the two are shown that add most.
    let layers = vec![
        Conv2d { bias: false, padding: 1, ..Conv2d::new(4, 2) }.into(),
        Conv2d { bias: false, ..Conv2d::new(1, 2) }.into(),
        Flatten {}.into(),
        Linear::new(2).into(),
    ];
    let mut weights = vec![0.0; 16 + 16 + 10];
    // Every channel is the pixel under the last tap, times 1, 2, 3 and 4; the filter takes its last tap of each.
    (0..4).for_each(|c| (weights[12 + c], weights[16 + 12 + c]) = (1.0 + c as f32, 1.0));
    let deep = fixture::results(model(pictures(), Loss::CrossEntropy, layers, &weights));
    let fields = "model = \"m\", unit = \"conv2.pre[0]\", sample = { index = 2 }, channels = 2";
    figure("walk", "analysis = \"a\"", &analysed(deep, "walk", fields))
        .panels(9)
        .says("Of the channels 2 are shown")
        .panel_titles(0, ["conv1.pre[3]"])
        .panel_titles(4, ["conv1.pre[2]"])
        .starting("", "sum of channel 3", "4")
        .starting("", "sum of channel 2", "3")
        .starting("", "sum of others", "3")
        .starting("", "sum", "10");
}

#[test]
fn feature_maps() {
    let results = analysed(convolved(), "feature_maps", "model = \"m\", sample = { index = 2 }, snapshots = \"all\"");
    // The maps are ¼ − 1 and 2 − ½, the scores 0 and 1.5.
    figure("feature_maps", "analysis = \"a\", animate = {}", &results)
        .titled("M takes training sample 2, a \"bottom\", for bottom (81.8%)")
        .frames(["epoch 0", "epoch 2"])
        .moments(["taken for top (56.2%)", "taken for bottom (81.8%)"])
        .panels(5)
        .panel_titles(1, ["conv1.pre: 2 channels of 1 × 1"])
        .column("", "predicted", ["bottom"])
        .column("probabilities", "class", ["top", "bottom"])
        .array("conv1.pre", &[2, 1], [-0.75, 1.5])
        .array("conv1.post", &[2, 1], [0.0, 1.5]);
}

#[test]
fn image_sheet() {
    let fields = "model = \"m\", samples = [{ index = 2 }, { index = 0 }], connections = 1";
    let results = analysed(convolved(), "image_sheet", fields);
    // Sample 2 makes −¾ and 1½, above 0 the scores 0 and 1.5.
    figure("image_sheet", "analysis = \"a\"", &results)
        .titled("M is right on 2 of 2 samples")
        .says("The strongest has a frame")
        .panels(2)
        .panel_titles(0, ["Training sample 2, a \"bottom\", taken for bottom (81.8%)"])
        .column("", "predicted", ["bottom", "top"])
        .column("units", "unit", ["conv1.post[1]", "conv1.post[0]", "conv1.post[0]", "conv1.post[1]"])
        .column("units", "contribution", ["1.5", "0", "1.25", "0"])
        .column("units", "share", ["1", "0", "1", "0"]);
    // With more layers than stand side by side these stand one below the other.
    let mut layers = vec![Flatten {}.into()];
    (0..5).for_each(|_| layers.extend([Linear::new(2).into(), Tanh {}.into()]));
    layers.push(Linear::new(2).into());
    let deep = fixture::results(model(pictures(), Loss::CrossEntropy, layers, &[-0.5; 10 + 5 * 6]));
    figure("image_sheet", "analysis = \"a\"", &analysed(deep, "image_sheet", fields))
        .panels(2)
        .starting("connections", "from", "hidden1.post[0]")
        .starting("connections", "share", "0.5");
    // Inputs that are no pictures are strips.
    let layers = vec![Linear::new(2).into(), Tanh {}.into(), Linear::new(2).into()];
    let features = fixture::results(fixture::classified(layers, &[0.5; 12]));
    figure("image_sheet", "analysis = \"a\"", &analysed(features, "image_sheet", fields)).marks(
        0,
        [
            "line", "image", "label", "image", "line", "label", "label", "image", "label", "polygons", "label",
            "polygons", "label", "label",
        ],
    );
}
