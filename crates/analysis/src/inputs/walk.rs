//! The walk of one filter over one picture: at each place the numbers under its window, their products with its weights, and
//! their sum with the bias, which is the number of the filter's map there.
//!
//! y\[i, j] = bias + Σ x\[s·i + d·u − p, s·j + d·v − p] · weight\[u, v] over the taps u, v of the window (see `conv2d`).

use models::Model;
use ndarray::Array2;
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, PlannedModel, Results,
    inputs::convolutions::Convolution,
    inputs::feature_maps::check_one,
    select::{samples::Chosen, split::SplitSelector, units},
};

/// The walk of one filter over one picture: at each of some places the numbers under its window, their products with the filter's
/// weights, and the sum with the bias, which is the number of the filter's map there.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WalkConfig {
    /// The trained model.
    pub model: TrainRef,
    /// The filter, which has to read one channel, by what it gives: `"conv1.pre[3]"`.
    pub unit: String,
    /// The sample: `{ index = 7 }` or `{ first_of = "3" }`.
    pub sample: Chosen,
    /// The split of the model's data.
    #[serde(default)]
    pub split: SplitSelector,
    /// At how many places it stops, 2 to 40: of more places these, evenly in the order of reading, and at last the place where
    /// the filter answers most. Default 24.
    #[serde(default = "stops")]
    pub stops: usize,
}

fn stops() -> usize {
    24
}

impl Config for WalkConfig {
    const KIND: &str = "walk";
    const EXAMPLE: &str = "model = \"cnn\"\nunit = \"conv1.pre[3]\"\nsample = { first_of = \"3\" }";
}

/// A walk.
#[derive(Debug, Clone, PartialEq)]
pub struct Walk {
    /// The model's name.
    pub model: String,
    /// What the filter gives: `conv1.pre`.
    pub node: String,
    /// Which filter.
    pub filter: usize,
    /// What it reads: `x`.
    pub reads: String,
    /// The sample, to go on a sentence.
    pub sample: String,
    /// What it reads of the sample, with the zeros around it: rows × columns.
    pub image: Array2<f32>,
    /// Rows and columns of zeros on each side.
    pub padding: usize,
    /// From one pixel under the window to the next.
    pub dilation: usize,
    /// kernel × kernel.
    pub weights: Array2<f32>,
    /// The filter's bias.
    pub bias: f32,
    /// What it gives, as the model does: rows × columns.
    pub map: Array2<f32>,
    /// In the order of reading, and at last the place of the largest number.
    pub stops: Vec<Stop>,
}

/// One place of a walk.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// Row and column in the map, from 0.
    pub place: [usize; 2],
    /// Row and column of the window's first pixel in the image with its zeros.
    pub corner: [usize; 2],
    /// The numbers under the window: kernel × kernel.
    pub patch: Array2<f32>,
    /// Each times its weight.
    pub products: Array2<f32>,
}

impl Walk {
    /// The map's number at a stop.
    pub fn value(&self, stop: &Stop) -> f32 {
        self.map[stop.place]
    }
}

impl Stop {
    /// The sum of the products.
    pub fn sum(&self) -> f64 {
        self.products.iter().map(|v| f64::from(*v)).sum()
    }
}

/// The convolution that gives the unit.
fn walked<'a>(all: &'a [Convolution], text: &str, node: &str) -> Result<&'a Convolution, String> {
    let known: Vec<&str> = all.iter().map(|c| c.node.as_str()).collect();
    let none = || match known[..] {
        [] => format!("expected a filter of a layer conv2d, and the model of {text} has none"),
        _ => format!("expected a filter by what it gives, of {}, found {text}", known.join(", ")),
    };
    let found = all.iter().find(|c| c.node == node).ok_or_else(none)?;
    match found.inputs() {
        1 => Ok(found),
        n => Err(format!("expected a filter that reads one channel, and those of {node} read {n} each")),
    }
}

/// What is wrong with a filter's name.
fn complaint(model: &PlannedModel, text: &str) -> Option<String> {
    if let Some(message) = model.unknown_unit(text) {
        return Some(message);
    }
    // Layers that do not fit are told elsewhere.
    Model::shapes(&model.layers, &model.data.shape).ok()?;
    let all = Convolution::of(&model.layers, &model.data.shape, model.loss.head());
    walked(&all, text, text.split('[').next().unwrap_or(text).trim()).err()
}

impl Analysis for WalkConfig {
    fn check(&self, problems: &mut Problems) {
        self.sample.check("sample", problems);
        check_one(&self.sample, "sample", problems);
        problems.require((2..=40).contains(&self.stops), "stops", || {
            format!("expected 2 to 40 places, found {}", self.stops)
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = self.split.of(&self.model, planned, problems) else { return };
        problems.note("unit", complaint(model, &self.unit));
        self.sample.check_against("sample", model, self.split, problems);
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let model = &trained.fit.model;
        let (node, filter) = units::find_one(&self.unit, model)?;
        let all = Convolution::of(model.layers(), model.input(), model.head());
        let layer = walked(&all, &self.unit, &node).map_err(|message| AnalysisError::Unit { message })?;
        let (split, data) = trained.split(self.split)?;
        let picked = self.sample.pick(data, split)?;
        let read = model.run(&picked.rows(data)).read([&layer.reads, &node])?;
        let (window, [_, h, w]) = (layer.layer.window(), layer.input);
        let size = [window.places(h), window.places(w)];
        let (channel, own) = (read[&*layer.reads].values.row(0), read[&*node].values.row(0));
        let (from, first) = (layer.first_input(filter) * h * w, filter * size[0] * size[1]);
        let map = Array2::from_shape_fn(size, |(i, j)| own[first + i * size[1] + j]);
        let mut image = Array2::zeros((h + 2 * window.padding, w + 2 * window.padding));
        for (i, j) in (0..h).flat_map(|i| (0..w).map(move |j| (i, j))) {
            image[[i + window.padding, j + window.padding]] = channel[from + i * w + j];
        }
        let filters = layer.weights(model);
        let weights = filters.weights.slice(ndarray::s![filter, 0, .., ..]).to_owned();
        let stop = |place: [usize; 2]| {
            let corner = place.map(|at| at * window.stride);
            let patch = Array2::from_shape_fn(weights.dim(), |(u, v)| {
                image[[corner[0] + window.dilation * u, corner[1] + window.dilation * v]]
            });
            Stop { place, corner, products: &patch * &weights, patch }
        };
        let stops = places(&map, self.stops).into_iter().map(stop).collect();
        Ok(Box::new(Walk {
            model: trained.name.clone(),
            filter,
            reads: layer.reads.clone(),
            sample: picked.words,
            padding: window.padding,
            dilation: window.dilation,
            bias: filters.biases[filter],
            node,
            image,
            weights,
            map,
            stops,
        }))
    }
}

/// So many places of a map: evenly in the order of reading from the first to the last, and then that of the largest number.
fn places(map: &Array2<f32>, most: usize) -> Vec<[usize; 2]> {
    let (n, columns) = (map.len(), map.ncols().max(1));
    let stops = (most - 1).min(n);
    let even = (0..stops).map(|i| if stops > 1 { i * (n - 1) / (stops - 1) } else { 0 });
    let numbers: Vec<f32> = map.iter().copied().collect();
    even.chain([tensor::reduce::argmax(&numbers)]).map(|at| [at / columns, at % columns]).collect()
}

impl Outcome for Walk {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("sample", self.sample.as_str());
        if let Some(strongest) = self.stops.last() {
            metrics.add("row", strongest.place[0]);
            metrics.add("column", strongest.place[1]);
            metrics.add("sum", strongest.sum());
            metrics.add("bias", self.bias);
            metrics.add("value", self.value(strongest));
        }
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::{Conv2d, Flatten, Linear, Relu};

    fn config(unit: &str) -> WalkConfig {
        WalkConfig {
            model: TrainRef("m".into()),
            unit: unit.into(),
            sample: Chosen::index(5),
            split: SplitSelector::default(),
            stops: 9,
        }
    }

    #[test]
    fn sums_and_bias_are_the_numbers_of_the_map() {
        for (kernel, stride, padding, dilation) in [(3, 1, 0, 1), (3, 2, 1, 1), (2, 1, 1, 2)] {
            let conv = Conv2d { stride, padding, dilation, ..Conv2d::new(3, kernel) };
            let layers = vec![conv.into(), Relu {}.into(), Flatten {}.into(), Linear::new(3).into()];
            let trained = fixture::classifier(&[1, 6, 6], layers);
            let found: Walk = fixture::run(&config("conv1.pre[2]"), trained);
            for stop in &found.stops {
                let sum = stop.sum() + f64::from(found.bias);
                assert!((sum - f64::from(found.value(stop))).abs() < 1e-6, "{sum} at {:?}", stop.place);
            }
            let last = found.stops.last().expect("stops");
            assert!(found.map.iter().all(|v| *v <= found.value(last)));
        }
    }

    #[test]
    fn a_walk_goes_from_the_first_place_to_the_last_and_rests_at_the_strongest() {
        let map = ndarray::arr2(&[[0.0, 1.0, 5.0], [2.0, 3.0, 4.0]]);
        assert_eq!(places(&map, 40), [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2], [0, 2]]);
        assert_eq!(places(&map, 4), [[0, 0], [0, 2], [1, 2], [0, 2]]);
        assert_eq!(places(&map, 2), [[0, 0], [0, 2]]);
    }

    #[test]
    fn a_filter_reads_one_channel_and_is_named_by_what_it_gives() {
        let layers = vec![Conv2d::new(2, 2).into(), Conv2d::new(2, 2).into(), Flatten {}.into(), Linear::new(3).into()];
        let trained = fixture::classifier(&[1, 4, 4], layers);
        let told = |unit: &str| fixture::failure(&config(unit), trained.clone());
        assert_eq!(
            told("conv2.pre[0]"),
            "expected a filter that reads one channel, and those of conv2.pre read 2 each"
        );
        assert_eq!(told("logits[0]"), "expected a filter by what it gives, of conv1.pre, conv2.pre, found logits[0]");
    }
}
