//! Where the kinks of a one-hidden-layer ReLU net were, epoch by epoch.
//!
//! Training moves a kink, −b/w_in, by moving b and w_in. One whose slope passes through zero leaves the data on one side, passes
//! infinity and comes back from the other.

use models::Model;
use ndarray::Array2;
use registry::{Config, Problems, TrainRef};

use crate::{Analysis, AnalysisError, Metrics, Outcome, Planned, Results, fit::basis::BentLines};

/// Follows the kinks of a one-hidden-layer ReLU net of one input over the epochs whose parameters its training kept.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KinkMigrationConfig {
    /// The trained model: linear, relu, linear, on one input, trained with `snapshots`.
    pub model: TrainRef,
}

impl Config for KinkMigrationConfig {
    const KIND: &str = "kink_migration";
    const EXAMPLE: &str = "model = \"net\"";
}

/// Kinks over time.
#[derive(Debug, Clone, PartialEq)]
pub struct KinkMigration {
    /// The model's name.
    pub model: String,
    /// The epochs that were kept, ascending; the last one among them.
    pub epochs: Vec<usize>,
    /// Slopes before the ReLU: epochs × neurons, neurons by unit.
    pub w_in: Array2<f32>,
    /// Kinks, −b/w_in: epochs × neurons; NaN where w_in is zero.
    pub kinks: Array2<f64>,
    /// The smallest and the largest training sample.
    pub data: [f64; 2],
}

impl Analysis for KinkMigrationConfig {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = planned.model(&self.model) else { return };
        problems.note("model", model.needs_bent_lines());
        problems.note("model", model.needs_snapshots());
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let data = trained.data.train.x.iter().copied().map(f64::from);
        let data = data.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), x| (lo.min(x), hi.max(x)));
        Ok(Box::new(kink_migration(&trained.name, &trained.all_snapshots(), data)?))
    }
}

/// Reads the kinks off a model as it was after several epochs, at least one, on data from `lo` to `hi`.
///
/// # Errors
/// When the model has another form.
fn kink_migration(
    name: &str,
    moments: &[(usize, Model)],
    (lo, hi): (f64, f64),
) -> Result<KinkMigration, AnalysisError> {
    let nets = moments.iter().map(|(_, model)| BentLines::of(model, name, 0)).collect::<Result<Vec<_>, _>>()?;
    let shape = (nets.len(), nets.first().map_or(0, |net| net.neurons.len()));
    Ok(KinkMigration {
        model: name.to_owned(),
        epochs: moments.iter().map(|(epoch, _)| *epoch).collect(),
        w_in: Array2::from_shape_fn(shape, |(e, i)| nets[e].neurons[i].w_in),
        kinks: Array2::from_shape_fn(shape, |(e, i)| nets[e].neurons[i].kink().unwrap_or(f64::NAN)),
        data: [lo, hi],
    })
}

impl KinkMigration {
    /// How many kinks lie among the data at one of the moments kept.
    pub fn inside(&self, moment: usize) -> usize {
        self.kinks.row(moment).iter().filter(|k| self.data[0] < **k && **k < self.data[1]).count()
    }

    /// Whether a neuron's kink passes infinity between a moment and the next: its slope changes sign.
    pub fn passes_infinity(&self, moment: usize, neuron: usize) -> bool {
        let (now, next) = (self.w_in[[moment, neuron]], self.w_in[[moment + 1, neuron]]);
        (now > 0.0 && next < 0.0) || (now < 0.0 && next > 0.0)
    }
}

impl Outcome for KinkMigration {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("kinks_inside_the_data_at_the_start", self.inside(0));
        metrics.add("kinks_inside_the_data_at_the_end", self.inside(self.epochs.len() - 1));
        let steps = 0..self.epochs.len() - 1;
        let passages: usize =
            steps.map(|s| (0..self.kinks.ncols()).filter(|&i| self.passes_infinity(s, i)).count()).sum();
        metrics.add("passages_through_infinity", passages);
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use models::{Head, Layer, layers::Linear, layers::Relu};
    use tensor::random::{Purpose, Streams};

    #[test]
    fn kinks_move_leave_and_return() {
        let layers: Vec<Layer> = vec![Linear::new(2).into(), Relu {}.into(), Linear::new(1).into()];
        let model = Model::new(layers, &[1], Head::Output, &mut Streams::new(1).stream("n", Purpose::Init)).unwrap();
        // Two slopes, two biases, two weights out, one bias out. The first slope passes zero, with a stop there.
        let at = |epoch, w: f32, b: f32| {
            let mut model = model.clone();
            model.parameters.values_mut().copy_from_slice(&[w, 2.0, b, -1.0, 1.0, 1.0, 0.0]);
            (epoch, model)
        };
        let moments = [at(0, 1.0, -0.25), at(5, 0.5, -1.0), at(10, 0.0, -1.0), at(15, -0.5, -1.0), at(20, 0.5, 3.0)];
        let found = kink_migration("n", &moments, (0.0, 1.0)).unwrap();
        assert_eq!(found.epochs, [0, 5, 10, 15, 20]);
        let first = found.kinks.column(0);
        assert_eq!((first[0], first[1], first[3], first[4]), (0.25, 2.0, -2.0, -6.0));
        assert!(first[2].is_nan() && found.kinks.column(1).iter().all(|k| *k == 0.5));
        assert_eq!((found.inside(0), found.inside(1)), (2, 1));
        assert_eq!((0..4).map(|s| found.passes_infinity(s, 0)).collect::<Vec<_>>(), [false, false, false, true]);
    }
}
