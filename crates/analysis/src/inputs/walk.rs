//! The walk of one filter over one picture: at each place the numbers under its window, their products with its weights, and
//! their sum with the bias, which is the number of the filter's map there.
//!
//! y\[i, j] = bias + Σ x\[c, s·i + d·u − p, s·j + d·v − p] · weight\[c, u, v] over the channels c that the filter reads and the
//! taps u, v of the window (see `conv2d`). Of many channels some are shown, and what the others add is one number.

use models::Model;
use ndarray::{Array2, ArrayView1};
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, PlannedModel, Results,
    inputs::convolutions::Convolution,
    inputs::feature_maps::check_one,
    select::{samples::Chosen, split::SplitSelector, units},
};

/// The walk of one filter over one picture: at each of some places the numbers under its window, their products with the filter's
/// weights, and the sum with the bias, which is the number of the filter's map there. Of a filter that reads several channels
/// this is told of the channels that add most, and of all others what they add up to.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WalkConfig {
    /// The trained model.
    pub model: TrainRef,
    /// The filter, by what it gives: `"conv1.pre[3]"`.
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
    /// How many of the channels that the filter reads are shown, 1 to 6: those whose products add up to most, by magnitude, over
    /// the whole map. Default 3.
    #[serde(default = "three")]
    pub channels: usize,
}

fn three() -> usize {
    3
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
    /// How many channels it reads.
    pub of: usize,
    /// Those that are shown, the one that adds most first.
    pub channels: Vec<Channel>,
    /// Rows and columns of zeros on each side.
    pub padding: usize,
    /// From one pixel under the window to the next.
    pub dilation: usize,
    /// The filter's bias.
    pub bias: f32,
    /// What it gives, as the model does: rows × columns.
    pub map: Array2<f32>,
    /// In the order of reading, and at last the place of the largest number.
    pub stops: Vec<Stop>,
}

/// One channel of what a filter reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// Which one of the node that is read.
    pub channel: usize,
    /// Its numbers, with the zeros around them: rows × columns.
    pub image: Array2<f32>,
    /// The filter's weights for it: kernel × kernel.
    pub weights: Array2<f32>,
}

/// One place of a walk.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// Row and column in the map, from 0.
    pub place: [usize; 2],
    /// Row and column of the window's first pixel in the image with its zeros.
    pub corner: [usize; 2],
    /// Of each channel that is shown.
    pub parts: Vec<Part>,
    /// What the products of all other channels add up to.
    pub others: f64,
}

/// What a filter makes of one channel at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
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
    /// The sum of the products, of all channels.
    pub fn sum(&self) -> f64 {
        self.parts.iter().map(Part::sum).sum::<f64>() + self.others
    }
}

impl Part {
    /// The sum of the products.
    pub fn sum(&self) -> f64 {
        self.products.iter().map(|v| f64::from(*v)).sum()
    }
}

impl Channel {
    /// One channel and the filter's weights for it, from the numbers of a picture of this height and width.
    fn of(
        channel: usize,
        numbers: ArrayView1<'_, f32>,
        [h, w]: [usize; 2],
        padding: usize,
        weights: Array2<f32>,
    ) -> Self {
        let mut image = Array2::zeros((h + 2 * padding, w + 2 * padding));
        for (i, j) in (0..h).flat_map(|i| (0..w).map(move |j| (i, j))) {
            image[[i + padding, j + padding]] = numbers[channel * h * w + i * w + j];
        }
        Self { channel, image, weights }
    }

    /// What is under the window from a corner on.
    fn part(&self, corner: [usize; 2], dilation: usize) -> Part {
        let at = |(u, v): (usize, usize)| self.image[[corner[0] + dilation * u, corner[1] + dilation * v]];
        let patch = Array2::from_shape_fn(self.weights.dim(), at);
        Part { products: &patch * &self.weights, patch }
    }
}

/// The convolution that gives the unit.
fn walked<'a>(all: &'a [Convolution], text: &str, node: &str) -> Result<&'a Convolution, String> {
    let known: Vec<&str> = all.iter().map(|c| c.node.as_str()).collect();
    let none = || match known[..] {
        [] => format!("expected a filter of a layer conv2d, and the model of {text} has none"),
        _ => format!("expected a filter by what it gives, of {}, found {text}", known.join(", ")),
    };
    all.iter().find(|c| c.node == node).ok_or_else(none)
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
        problems.require((1..=6).contains(&self.channels), "channels", || {
            format!("expected 1 to 6 channels, found {}", self.channels)
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
        let (numbers, own) = (read[&*layer.reads].values.row(0), read[&*node].values.row(0));
        let first = filter * size[0] * size[1];
        let map = Array2::from_shape_fn(size, |(i, j)| own[first + i * size[1] + j]);
        let filters = layer.weights(model);
        let channel = |c: usize| {
            let weights = filters.weights.slice(ndarray::s![filter, c, .., ..]).to_owned();
            Channel::of(layer.first_input(filter) + c, numbers, [h, w], window.padding, weights)
        };
        let corner = |place: [usize; 2]| place.map(|at| at * window.stride);
        let all: Vec<Channel> = (0..layer.inputs()).map(channel).collect();
        let adds = |channel: &Channel| -> f64 {
            let places = (0..map.len()).map(|at| corner([at / size[1], at % size[1]]));
            places.map(|corner| channel.part(corner, window.dilation).sum().abs()).sum()
        };
        let mut order: Vec<(f64, Channel)> = all.into_iter().map(|channel| (adds(&channel), channel)).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.channel.cmp(&b.1.channel)));
        let mut channels: Vec<Channel> = order.into_iter().map(|(_, channel)| channel).collect();
        let others = channels.split_off(channels.len().min(self.channels));
        let stop = |place: [usize; 2]| {
            let corner = corner(place);
            let part = |channel: &Channel| channel.part(corner, window.dilation);
            let others = others.iter().map(|channel| part(channel).sum()).sum();
            Stop { place, corner, parts: channels.iter().map(part).collect(), others }
        };
        let stops = places(&map, self.stops).into_iter().map(stop).collect();
        Ok(Box::new(Walk {
            model: trained.name.clone(),
            filter,
            reads: layer.reads.clone(),
            sample: picked.words,
            of: layer.inputs(),
            padding: window.padding,
            dilation: window.dilation,
            bias: filters.biases[filter],
            node,
            map,
            stops,
            channels,
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
            if self.of > 1 {
                metrics.add("channels", self.channels.iter().map(|channel| channel.channel).collect::<Vec<_>>());
                metrics.add("sums", strongest.parts.iter().map(Part::sum).collect::<Vec<_>>());
                metrics.add("others", strongest.others);
            }
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
            channels: 2,
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
    fn of_several_channels_those_that_add_most_are_shown_and_all_add_up_to_the_map() {
        for groups in [1, 2] {
            let conv = Conv2d { groups, padding: 1, stride: 2, ..Conv2d::new(4, 3) };
            let layers = vec![Conv2d::new(8, 2).into(), conv.into(), Flatten {}.into(), Linear::new(3).into()];
            let trained = fixture::classifier(&[1, 6, 6], layers);
            let find = |channels: usize| -> Walk {
                fixture::run(&WalkConfig { channels, ..config("conv2.pre[3]") }, trained.clone())
            };
            let found = find(2);
            assert_eq!((found.channels.len(), found.of), (2, 8 / groups));
            // Of two groups the last filter reads the second half.
            assert!(found.channels.iter().all(|channel| channel.channel >= 8 - 8 / groups));
            for stop in &found.stops {
                let sum = stop.parts[0].sum() + stop.parts[1].sum() + stop.others + f64::from(found.bias);
                assert!((sum - f64::from(found.value(stop))).abs() < 1e-5, "{sum} at {:?}", stop.place);
            }
            // One by one the first is still the first, and its part the same.
            let one = find(1);
            assert_eq!((&one.channels[0], &one.stops[3].parts[0]), (&found.channels[0], &found.stops[3].parts[0]));
            assert!((one.stops[3].others - found.stops[3].parts[1].sum() - found.stops[3].others).abs() < 1e-9);
        }
    }

    #[test]
    fn a_filter_is_named_by_what_it_gives() {
        let layers = vec![Conv2d::new(2, 2).into(), Conv2d::new(2, 2).into(), Flatten {}.into(), Linear::new(3).into()];
        let trained = fixture::classifier(&[1, 4, 4], layers);
        assert_eq!(
            fixture::failure(&config("logits[0]"), trained),
            "expected a filter by what it gives, of conv1.pre, conv2.pre, found logits[0]"
        );
    }
}
