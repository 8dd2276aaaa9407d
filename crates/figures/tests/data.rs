//! What the data is like.

use analysis::{Results, fixture};
use datasets::{Dataset, Splits};
use tensor::Streams;

use crate::drawn::{analysed, curve, figure, pictures};

fn results(data: Dataset) -> Results {
    let mut results = Results::new(Streams::new(1));
    results.insert_data("d", Splits::undivided(data));
    results
}

fn statistics(data: Dataset) -> Results {
    analysed(results(data), "image_statistics", "data = \"d\", bins = 2")
}

/// One picture of one class.
fn one() -> Dataset {
    pictures().subset(&[2])
}

#[test]
fn class_images() {
    figure("class_images", "analysis = \"a\"", &statistics(pictures()))
        .titled("The mean picture of each class of d, and where its pictures differ")
        .panel_titles(0, ["mean"])
        .marks(0, ["image"])
        .marks(1, ["image"])
        .array("mean", &[2, 2, 2], [0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
    figure("class_images", "analysis = \"a\"", &statistics(one())).panels(2);
}

#[test]
fn class_intensity() {
    let results = statistics(pictures());
    figure("class_intensity", "analysis = \"a\"", &results)
        .titled("In d, bottom takes the most ink and top the least")
        .says("The line is the mean over all pictures, 0.3333.")
        .marks(0, ["bars", "rule"])
        .column("", "class", ["top", "bottom"])
        .column("", "pictures", ["2", "1"])
        .column("", "mean", ["0.25", "0.5"])
        .column("", "standard_deviation", ["0", "0"]);
    figure("class_intensity", "analysis = \"a\", spread = true", &results)
        .titled("In d, the ink varies within a class, too: mean and standard deviation");
    figure("class_intensity", "analysis = \"a\"", &statistics(one())).column("", "class", ["bottom"]);
}

#[test]
fn pixel_histogram() {
    let results = statistics(pictures());
    figure("pixel_histogram", "analysis = \"a\"", &results)
        .titled("66.7% of the pixels in the first 3 pictures of d are blank")
        .marks(0, ["bars"])
        .column("", "to", ["0.5", "1"])
        .column("", "pixels", ["8", "4"]);
    figure("pixel_histogram", "analysis = \"a\", by_class = true", &results)
        .panels(2)
        .panel_titles(1, ["bottom"])
        .column("", "top", ["6", "2"])
        .column("", "bottom", ["2", "2"]);
}

#[test]
fn sample_sheet() {
    figure("sample_sheet", "data = \"d\", columns = 1", &results(pictures()))
        .titled("D: the first pictures of each class")
        .says("2 of the 3 training pictures of d")
        .marks(0, ["image"])
        .column("", "class", ["top", "bottom"])
        .column("", "sample", ["0", "2"]);
    figure("sample_sheet", "data = \"d\"", &results(one())).column("", "sample", ["0"]);
}

#[test]
fn sample_sheet_of_changed_pictures() {
    let mut results = results(pictures());
    let mut run = fixture::classified(vec![models::layers::Linear::new(2).into()], &[0.0; 6]);
    run.config.augment = Some(training::Augment { shift: 1.0, whole_pixels: true, ..Default::default() });
    run.config.epochs = 3;
    results.insert_trained(run);
    let drawn = figure("sample_sheet", "data = \"d\", augmented = \"m\"", &results)
        .titled("D: pictures as m learns from them")
        .below_title("Left as they are, then epoch by epoch: moved by up to 1 whole pixels")
        .says("as it is and as m learns from it in its first 3 epochs")
        .marks(0, ["image"])
        .column("", "class", ["top", "bottom"])
        .column("", "sample", ["0", "2"]);
    drop(drawn);
}

#[test]
fn samples() {
    figure("samples", "data = \"d\"", &results(fixture::exclusive_or()))
        .titled("D: 4 points")
        .marks(0, ["scatter"])
        .column("", "x1", ["0", "0", "1", "1"])
        .column("", "target", ["0", "1", "1", "0"]);
    let mut halves = Splits::undivided(fixture::blobs().subset(&[0, 1]));
    halves.test = Some(fixture::blobs().subset(&[3]));
    let mut results = Results::new(Streams::new(1));
    results.insert_data("d", halves);
    figure("samples", "data = \"d\"", &results)
        .titled("D: 3 points in 3 classes")
        .below_title("Discs are training samples and diamonds are test samples")
        .marks(0, ["scatter", "scatter"])
        .column("", "split", ["train", "train", "test"])
        .column("", "class", ["a", "b", "a"]);
    let mut known = curve(&[(1.0, 2.0), (0.0, 0.5)]);
    known.truth = Some(ndarray::arr2(&[[1.5], [0.0]]));
    results.insert_data("d", Splits::undivided(known));
    figure("samples", "data = \"d\"", &results).marks(0, ["line", "scatter"]).column("", "target", ["2", "0.5"]);
}
