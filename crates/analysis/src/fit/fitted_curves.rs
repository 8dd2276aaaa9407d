//! The functions of one input that the models of a sweep have learned, as curves over the data.

use datasets::Dataset;
use ndarray::Array2;
use registry::{Config, Problems, SweepRef, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results, geometry::decision::ticks, statistics::median::median,
};

/// What every model of a sweep has learned of a function of one input: its curve from the smallest to the largest training
/// sample, at 400 evenly spaced places.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FittedCurvesConfig {
    /// The sweep, of models of one input and one output.
    pub sweep: SweepRef,
}

impl Config for FittedCurvesConfig {
    const KIND: &str = "fitted_curves";
    const EXAMPLE: &str = "sweep = \"width\"";
}

/// Places along each curve: two per drawing unit of a panel at three columns.
const PLACES: usize = 400;

/// The curves of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedCurves {
    /// The training stage that was varied.
    pub train: String,
    /// What was changed.
    pub axis: String,
    /// The loss and its unit.
    pub loss_unit: &'static str,
    /// Where the curves are known, ascending.
    pub x: Vec<f32>,
    /// The training samples and their targets, by x.
    pub samples: Vec<(f64, f64)>,
    /// The same without noise, where the source knows them.
    pub truth: Vec<(f64, f64)>,
    /// One per value of the sweep.
    pub values: Vec<FittedValue>,
}

/// All runs with one value.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedValue {
    /// The value in words.
    pub label: String,
    /// One per seed.
    pub runs: Vec<FittedCurve>,
}

/// One run.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedCurve {
    /// Loss on the training split.
    pub loss: f32,
    /// The model's output at each place; empty where training left none.
    pub y: Vec<f32>,
    /// |fit − wanted| at each sample, by x; wanted is its value without noise where that is known, or else its target.
    pub errors: Vec<f64>,
}

impl FittedValue {
    /// The place of the run whose loss is in the middle; of two in the middle, the one of lower loss.
    pub fn middle(&self) -> Option<usize> {
        let mut order: Vec<usize> = (0..self.runs.len()).filter(|&i| !self.runs[i].loss.is_nan()).collect();
        order.sort_by(|&i, &j| self.runs[i].loss.total_cmp(&self.runs[j].loss));
        order.get(order.len().saturating_sub(1) / 2).copied()
    }

    /// The median of all runs' losses: of an even number of runs the mean of the two in the middle.
    pub fn median_loss(&self) -> Option<f32> {
        let losses = self.runs.iter().map(|run| f64::from(run.loss));
        let mut losses: Vec<f64> = losses.filter(|loss| !loss.is_nan()).collect();
        losses.sort_by(f64::total_cmp);
        (!losses.is_empty()).then(|| median(&losses) as f32)
    }
}

impl Analysis for FittedCurvesConfig {
    fn check(&self, _: &mut Problems) {}

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        problems.note("sweep", planned.needs_same_samples(&self.sweep));
        let odd = |m: &&crate::PlannedModel| m.data.shape != [1] || m.data.outputs() != Some(1);
        let Some(odd) = planned.sweep(&self.sweep).unwrap_or_default().iter().find(odd) else { return };
        let (shape, outputs) = (tensor::shape::display(&odd.data.shape), odd.data.outputs().unwrap_or(0));
        let plural = if outputs == 1 { "" } else { "s" };
        let message = format!(
            "expected models of one input and one output, and those of {} take {shape} and give {outputs} output{plural}",
            self.sweep.0
        );
        problems.add("sweep", message);
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let sweep = results.sweep(&self.sweep)?;
        let data = &results.trained(&TrainRef(sweep.train.clone()))?.data.train;
        let x = places(data);
        let mut values = Vec::new();
        for point in &sweep.points {
            let curve = |run: &crate::sweep::SweepRun| {
                let y = run.model.as_ref().map(|model| model.predict(x.view())).transpose()?;
                let y = y.map(|y| y.column(0).to_vec()).unwrap_or_default();
                let errors = run.model.as_ref().map(|model| errors(model, data)).transpose()?.unwrap_or_default();
                Ok(FittedCurve { loss: run.loss, y, errors })
            };
            let runs = point.runs.iter().map(curve).collect::<Result<_, AnalysisError>>()?;
            values.push(FittedValue { label: point.label.clone(), runs });
        }
        Ok(Box::new(FittedCurves {
            train: sweep.train.clone(),
            axis: sweep.axis.clone(),
            loss_unit: sweep.loss_unit,
            x: x.column(0).to_vec(),
            samples: data.values().map(|values| by_x(data, values)).unwrap_or_default(),
            truth: data.truth.as_ref().map(|values| by_x(data, values)).unwrap_or_default(),
            values,
        }))
    }
}

/// From the smallest to the largest sample.
fn places(data: &Dataset) -> Array2<f32> {
    let (lo, hi) = data.x.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(lo, hi), x| (lo.min(*x), hi.max(*x)));
    let places = ticks([lo.into(), hi.into()], PLACES);
    Array2::from_shape_fn((PLACES, 1), |(i, _)| places[i] as f32)
}

/// By how much a model misses what is wanted at each sample: its value without noise, or else its target.
fn errors(model: &models::Model, data: &Dataset) -> Result<Vec<f64>, AnalysisError> {
    let Some(wanted) = data.truth.as_ref().or(data.values()) else { return Ok(Vec::new()) };
    let pairs = by_x(data, &model.predict(data.x.view())?).into_iter().zip(by_x(data, wanted));
    Ok(pairs.map(|((_, fit), (_, wanted))| (fit - wanted).abs()).collect())
}

/// Samples with these values, by x.
fn by_x(data: &Dataset, values: &Array2<f32>) -> Vec<(f64, f64)> {
    let mut order: Vec<usize> = (0..data.n()).collect();
    order.sort_by(|&i, &j| data.x[[i, 0]].total_cmp(&data.x[[j, 0]]));
    order.into_iter().map(|i| (data.x[[i, 0]].into(), values[[i, 0]].into())).collect()
}

impl Outcome for FittedCurves {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        for value in &self.values {
            let mut own = Metrics::default();
            if let (Some(run), Some(median)) = (value.middle(), value.median_loss()) {
                own.add("middle_run", run);
                own.add("middle_loss", value.runs[run].loss);
                own.add("median_loss", median);
            }
            metrics.add(&value.label, own);
        }
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixture,
        sweep::{Sweep, SweepPoint, SweepRun},
    };
    use models::layers::Linear;

    #[test]
    fn curves_go_from_the_smallest_to_the_largest_sample() {
        let mut trained = fixture::trained(vec![Linear::new(1).into()], &[0.0; 3]);
        let x = ndarray::arr2(&[[3.0], [-1.0]]);
        let y = datasets::Targets::Values { values: ndarray::arr2(&[[6.0], [-2.0]]), columns: vec!["y".into()] };
        let data = Dataset { x: x.into(), shape: vec![1], y, feature_names: vec!["x".into()], truth: None };
        trained.data = std::sync::Arc::new(datasets::Splits::undivided(data));
        let layers = vec![Linear::new(1).into()];
        let stream = &mut tensor::Streams::new(1).stream("m", tensor::Purpose::Init);
        let mut model = models::Model::new(layers, &[1], models::Head::Output, stream).expect("fits");
        model.parameters.values_mut().copy_from_slice(&[2.0, 0.5]);
        let run = SweepRun { loss: 0.25, model: Some(model), ..SweepRun::default() };
        let point = SweepPoint { label: "1".into(), runs: vec![run, SweepRun::default()], ..SweepPoint::default() };
        let sweep = Sweep { name: "s".into(), train: "m".into(), points: vec![point], ..Sweep::default() };
        let mut results = fixture::results(trained);
        results.insert_sweep(sweep);
        let found = results.analyse("a", &FittedCurvesConfig { sweep: SweepRef("s".into()) }).map(|_| ());
        found.expect("one input");
        let found: &FittedCurves = results.outcome(&registry::AnalysisRef("a".into())).expect("its own");
        assert_eq!(
            (found.x[0], found.x[PLACES - 1], found.samples.as_slice()),
            (-1.0, 3.0, &[(-1.0, -2.0), (3.0, 6.0)][..])
        );
        let [learned, lost] = &found.values[0].runs[..] else { panic!("two runs") };
        // 2x + 0.5 is half above 2x everywhere.
        assert_eq!((learned.errors.as_slice(), lost.errors.len()), (&[0.5, 0.5][..], 0));
        assert_eq!((learned.y[0], learned.y[PLACES - 1], lost.y.len()), (-1.5, 6.5, 0));
    }

    #[test]
    fn the_median_of_an_even_number_of_runs_is_between_two_of_them() {
        let value = |losses: &[f32]| FittedValue {
            label: "3".into(),
            runs: losses.iter().map(|loss| FittedCurve { loss: *loss, y: Vec::new(), errors: Vec::new() }).collect(),
        };
        assert_eq!(value(&[0.3, 0.1, 0.2]).middle(), Some(2));
        let four = value(&[0.75, 0.125, 0.25, 1.0]);
        assert_eq!((four.middle(), four.median_loss()), (Some(2), Some(0.5)));
        assert_eq!((value(&[]).middle(), value(&[]).median_loss()), (None, None));
    }
}
