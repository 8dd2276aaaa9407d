//! What in the input units and scores answer to.

use analysis::{Results, fixture};
use models::{
    Loss,
    layers::{Conv2d, Flatten, Linear},
};

use crate::drawn::{analysed, figure, model, pictures, reader, solved};

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
