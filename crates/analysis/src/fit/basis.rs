//! A one-hidden-layer ReLU net of one input as what it is: a sum of bent lines.
//!
//! f(x) = Σᵢ w_outⁱ · ReLU(w_inⁱ x + bⁱ) + b_out. Neuron i bends at its kink, x = −bⁱ/w_inⁱ, is zero on one side of it and a
//! straight line of slope w_outⁱ w_inⁱ on the other, so f is continuous, straight between kinks, and has at most as many of them
//! as neurons. The sum is formed here in f64 from the same parameters and compared with the network's own forward pass.

use datasets::{Dataset, Targets};
use models::{
    Layer, Model,
    layers::{Curve, Form},
};
use ndarray::Array2;
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metric, Metrics, Outcome, Planned, PlannedModel, Results,
    select::snapshots::{OverTraining, Snapshots},
    sweep::SweepPoint,
};

/// Takes a one-hidden-layer ReLU net of one input apart into its neurons: slope, kink, importance, and whether the neuron does
/// anything on the data at all.
///
/// A neuron's importance is |w_out · w_in|, by how much the slope of f changes at its kink. Neither weight alone would do: with
/// w_in and b times c and w_out divided by c the net is the same, and so is the importance.
///
/// The net is f(x) = Σᵢ w_outⁱ · ReLU(w_inⁱ x + bⁱ) + b_out; neuron i bends at x = −bⁱ/w_inⁱ, its kink. That the contributions
/// add up to the network's output is checked at every training sample.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BasisConfig {
    /// The trained model: linear, relu, linear, on one input.
    pub model: TrainRef,
    /// Which of the net's outputs, from 0. Default 0.
    #[serde(default)]
    pub output: usize,
    /// Snapshots of training to look at too: `"all"`, `{ every = 50 }` or `{ epochs = [0, 10] }`. Default: only the trained
    /// model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<Snapshots>,
}

impl Config for BasisConfig {
    const KIND: &str = "basis";
    const EXAMPLE: &str = "model = \"net\"";
}

/// One hidden neuron.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neuron {
    /// Which unit of the hidden layer, from 0.
    pub unit: usize,
    /// Slope before the ReLU.
    pub w_in: f32,
    /// Bias.
    pub bias: f32,
    /// The weight with which it enters the output.
    pub w_out: f32,
}

impl Neuron {
    /// Where it bends, −b/w_in; none where w_in is zero.
    pub fn kink(&self) -> Option<f64> {
        (self.w_in != 0.0).then(|| -f64::from(self.bias) / f64::from(self.w_in))
    }

    /// |w_out · w_in|: by how much the slope of the sum changes at its kink. Rescaling the neuron does not change it.
    pub fn importance(&self) -> f64 {
        (f64::from(self.w_out) * f64::from(self.w_in)).abs()
    }

    /// w_out · ReLU(w_in x + b).
    pub fn contribution(&self, x: f64) -> f64 {
        f64::from(self.w_out) * self.before(x).max(0.0)
    }

    /// w_in x + b.
    fn before(&self, x: f64) -> f64 {
        f64::from(self.w_in) * x + f64::from(self.bias)
    }
}

/// A net of the form linear, relu, linear on one input, seen from one of its outputs.
#[derive(Debug, Clone, PartialEq)]
pub struct BentLines {
    /// By unit.
    pub neurons: Vec<Neuron>,
    /// What is added to the sum.
    pub b_out: f32,
}

impl BentLines {
    /// Reads the neurons off a model's parameters.
    ///
    /// # Errors
    /// When the model has another form, or no such output.
    pub fn of(model: &Model, name: &str, output: usize) -> Result<Self, AnalysisError> {
        let outputs = model.outputs();
        if let Some(found) = other_form(model.layers(), model.input()) {
            let (what, expected, name) = ("a sum of bent lines", EXPECTED, name.to_owned());
            return Err(AnalysisError::Shape { what, expected, name, found });
        }
        if output >= outputs {
            let name = name.to_owned();
            return Err(AnalysisError::Output { name, output, last: outputs.saturating_sub(1) });
        }
        // A layer without bias has none among its parameters: its biases are zero.
        let value = |name: &str, i: usize| model.parameters.find(name).map_or(0.0, |p| model.parameters.value(p)[i]);
        let hidden = model.layers()[0].output(model.input()).ok().map_or(0, |shape| shape[0]);
        let neurons = (0..hidden).map(|unit| Neuron {
            unit,
            w_in: value("hidden1.weight", unit),
            bias: value("hidden1.bias", unit),
            w_out: value("output.weight", unit * outputs + output),
        });
        Ok(Self { neurons: neurons.collect(), b_out: value("output.bias", output) })
    }

    /// Σᵢ w_outⁱ · ReLU(w_inⁱ x + bⁱ) + b_out, in f64.
    pub fn at(&self, x: f64) -> f64 {
        self.neurons.iter().map(|n| n.contribution(x)).sum::<f64>() + f64::from(self.b_out)
    }

    /// The places from `lo` to `hi` between which the sum is straight: both ends, and every kink between them, ascending.
    pub fn corners(&self, lo: f64, hi: f64) -> Vec<f64> {
        let kinks = self.neurons.iter().filter_map(Neuron::kink).filter(|k| *k > lo && *k < hi);
        let mut corners: Vec<f64> = [lo, hi].into_iter().chain(kinks).collect();
        corners.sort_by(f64::total_cmp);
        corners
    }
}

/// How many neurons the hidden layer of a sweep's models has at one of its values, and so how many kinks there can be.
///
/// # Errors
/// When they have another form.
pub fn width(point: &SweepPoint, sweep: &str) -> Result<usize, AnalysisError> {
    if let Some(found) = other_form(&point.layers, &[1]) {
        return Err(AnalysisError::Shape {
            what: "a sum of bent lines",
            expected: EXPECTED,
            name: sweep.to_owned(),
            found,
        });
    }
    Ok(point.layers[0].output(&[1]).ok().map_or(0, |shape| shape[0]))
}

const EXPECTED: &str = "the layers linear, relu, linear on one input";

/// What a net that is no sum of bent lines has instead.
fn other_form(layers: &[Layer], input: &[usize]) -> Option<String> {
    if input != [1] {
        return Some(format!("an input of {}", tensor::shape::display(input)));
    }
    let bent = |layer: &Layer| matches!(layer.form(), Form::Elementwise(Curve { slopes: Some([0.0, 1.0]), .. }));
    let fits = matches!(layers, [first, second, third] if first.is_dense() && bent(second) && third.is_dense());
    (!fits).then(|| format!("the layers {}", layers.iter().map(Layer::kind).collect::<Vec<_>>().join(", ")))
}

impl PlannedModel {
    /// What is wrong, if anything, with reading this model as a sum of bent lines.
    pub fn needs_bent_lines(&self) -> Option<String> {
        let found = other_form(&self.layers, &self.data.shape)?;
        Some(format!("expected a model of {EXPECTED}, and {} has {found}", self.name))
    }
}

/// A neuron, and what it does on the data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlacedNeuron {
    /// Its weights.
    pub neuron: Neuron,
    /// Its kink; none where w_in is zero.
    pub kink: Option<f64>,
    /// Whether the kink lies between the smallest and the largest training sample.
    pub inside: bool,
    /// Whether it is zero at every training sample.
    pub dead: bool,
}

/// A net taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Basis {
    /// The model's name.
    pub model: String,
    /// Which of its outputs, from 0.
    pub output: usize,
    /// The net, neurons by unit.
    pub net: BentLines,
    /// The neurons, sorted by kink; those without one come last.
    pub neurons: Vec<PlacedNeuron>,
    /// The training samples' inputs, ascending.
    pub x: Vec<f64>,
    /// Their targets; empty where these are classes.
    pub targets: Vec<f64>,
    /// Their values without noise, where the source knows them; empty elsewhere.
    pub truth: Vec<f64>,
    /// Each neuron's contribution at each sample: samples × neurons, neurons as in `neurons`.
    pub contributions: Array2<f64>,
    /// Σ contributions + b_out at each sample.
    pub sum: Vec<f64>,
    /// The largest absolute difference between `sum` and the network's forward pass.
    pub largest_difference: f64,
    /// Mean squared error of `sum` against the targets.
    pub mean_squared_error: Option<f64>,
}

impl Analysis for BasisConfig {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        Snapshots::check(self.snapshots.as_ref(), [&self.model], planned, problems);
        let Some(model) = planned.model(&self.model) else { return };
        if problems.note("model", model.needs_bent_lines()) {
            return;
        }
        if let Some(outputs) = model.data.outputs() {
            problems.require(self.output < outputs, "output", || {
                let (name, last) = (&self.model.0, outputs.saturating_sub(1));
                format!("there is no output {} in {name}, the last is {last}", self.output)
            });
        }
    }

    fn snapshots(&self) -> Option<&Snapshots> {
        self.snapshots.as_ref()
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let search = |model: &Model| basis(&trained.name, model, &trained.data.train, self.output);
        Ok(Box::new(OverTraining::of(trained, self.snapshots.as_ref(), search)?))
    }
}

/// Takes a net apart over the samples of `data`.
///
/// # Errors
/// When the model has another form, or no such output.
pub fn basis(name: &str, model: &Model, data: &Dataset, output: usize) -> Result<Basis, AnalysisError> {
    let net = BentLines::of(model, name, output)?;
    let mut order: Vec<usize> = (0..data.n()).collect();
    order.sort_by(|&i, &j| data.x[[i, 0]].total_cmp(&data.x[[j, 0]]).then(i.cmp(&j)));
    let column = |values: &Array2<f32>| -> Vec<f64> { order.iter().map(|&i| values[[i, output]].into()).collect() };
    let x: Vec<f64> = order.iter().map(|&i| data.x[[i, 0]].into()).collect();
    let targets = match &data.y {
        Targets::Values { values, .. } => column(values),
        _ => Vec::new(),
    };
    let truth = data.truth.as_ref().map(column).unwrap_or_default();
    let forward = column(&model.predict(data)?);

    let (lo, hi) = (x.first().copied().unwrap_or(f64::NAN), x.last().copied().unwrap_or(f64::NAN));
    let mut neurons: Vec<PlacedNeuron> = net
        .neurons
        .iter()
        .map(|&neuron| {
            let kink = neuron.kink();
            let inside = kink.is_some_and(|k| lo < k && k < hi);
            PlacedNeuron { neuron, kink, inside, dead: x.iter().all(|&x| neuron.before(x) <= 0.0) }
        })
        .collect();
    let place = |n: &PlacedNeuron| n.kink.unwrap_or(f64::INFINITY);
    neurons.sort_by(|a, b| place(a).total_cmp(&place(b)).then(a.neuron.unit.cmp(&b.neuron.unit)));

    let contributions = Array2::from_shape_fn((x.len(), neurons.len()), |(s, i)| neurons[i].neuron.contribution(x[s]));
    let sum: Vec<f64> = x.iter().map(|&x| net.at(x)).collect();
    let largest_difference = sum.iter().zip(&forward).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    let squares = |targets: &[f64]| sum.iter().zip(targets).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
    let mean_squared_error = (!targets.is_empty()).then(|| squares(&targets) / targets.len() as f64);
    let model = name.to_owned();
    Ok(Basis {
        model,
        output,
        net,
        neurons,
        x,
        targets,
        truth,
        contributions,
        sum,
        largest_difference,
        mean_squared_error,
    })
}

impl Basis {
    /// How many neurons have a kink among the data, how many are dead on it, and how many have no kink at all.
    pub fn counts(&self) -> [usize; 3] {
        let count = |is: fn(&PlacedNeuron) -> bool| self.neurons.iter().filter(|n| is(n)).count();
        [count(|n| n.inside), count(|n| n.dead), count(|n| n.kink.is_none())]
    }
}

impl Outcome for Basis {
    fn metrics(&self) -> Metrics {
        let [inside, dead, without_kink] = self.counts();
        let mut metrics = Metrics::default();
        metrics.add("neurons", self.neurons.len());
        metrics.add("kinks_inside_the_data", inside);
        metrics.add("dead", dead);
        metrics.add("without_kink", without_kink);
        if let Some(error) = self.mean_squared_error {
            metrics.add("mean_squared_error", error);
        }
        metrics.add("largest_difference_to_forward_pass", self.largest_difference);
        let list = |of: &dyn Fn(&PlacedNeuron) -> Metric| Metric::List(self.neurons.iter().map(of).collect());
        let mut table = Metrics::default();
        table.add("unit", list(&|n| n.neuron.unit.into()));
        table.add("kink", list(&|n| n.kink.unwrap_or(f64::NAN).into()));
        table.add("w_in", list(&|n| n.neuron.w_in.into()));
        table.add("bias", list(&|n| n.neuron.bias.into()));
        table.add("w_out", list(&|n| n.neuron.w_out.into()));
        table.add("importance", list(&|n| n.neuron.importance().into()));
        table.add("inside", list(&|n| Metric::Count(n.inside.into())));
        table.add("dead", list(&|n| Metric::Count(n.dead.into())));
        metrics.add("by_kink", table);
        if !self.wanted().is_empty() {
            metrics.add("error_of_the_largest", self.partial_errors());
        }
        metrics
    }
}

#[cfg(test)]
#[path = "basis_tests.rs"]
mod tests;
