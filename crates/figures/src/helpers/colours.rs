//! One colour per thing per run: that of a model by its place in the run, not in a figure's list, so that every figure of the run
//! shows it in the same one. Classes have theirs by their number and layers by their place in the model (`rendering::palette`).

use analysis::{Results, sweep::Sweep};
use rendering::{Color, ColorScale, Dash, Shape, palette};

/// The colour of a model of the run. What is no model of the run is the only one of its figure.
pub(crate) fn model(results: &Results, name: &str) -> Color {
    palette::model(results.place(name).unwrap_or_default())
}

/// The stroke of a model, where strokes tell nothing else apart: from the ninth model on, colours come again.
pub(crate) fn model_dash(results: &Results, name: &str) -> Dash {
    palette::model_dash(results.place(name).unwrap_or_default())
}

/// The stroke of the `k`-th of several lines of models: of a model that has lines before, another one than theirs.
pub(crate) fn dash(results: &Results, models: &[&str], k: usize) -> Dash {
    [model_dash(results, models[k]), Dash::Dashed, Dash::Dotted][earlier(models, k).min(2)]
}

/// The shape of the `k`-th of several clouds of models: of a model that has clouds before, another one than theirs.
pub(crate) fn shape(models: &[&str], k: usize) -> Shape {
    [Shape::Circle, Shape::Diamond, Shape::Square, Shape::Triangle][earlier(models, k).min(3)]
}

/// How many before are of the same model.
fn earlier(models: &[&str], k: usize) -> usize {
    models[..k].iter().filter(|model| **model == models[k]).count()
}

/// The colour of one of a sweep's values: of the model, where models were repeated; else by its rank among the values.
pub(crate) fn value(results: &Results, sweep: &Sweep, index: usize) -> Color {
    match sweep.models.get(index) {
        Some(name) => model(results, name),
        None => ordered(index, sweep.points.len()),
    }
}

/// The `k`-th of `n` things in order, such as epochs: from dark for the first to light, but not too light for paper, for the
/// last.
pub(crate) fn ordered(k: usize, n: usize) -> Color {
    ColorScale::magnitude(0.0, 1.0).at(0.82 * k as f64 / (n.max(2) - 1) as f64)
}
