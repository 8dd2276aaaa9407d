//! What a model takes each sample of a split of its data for: the confusion matrix, and the mistakes it is surest of.
//!
//! The class with the largest logit is what the sample is taken for, and its probability e^{z_p} / Σ_c e^{z_c} is the model's
//! confidence.

use datasets::Dataset;
use datasets::Split;
use models::{Model, ModelError};
use registry::{Config, Problems, TrainRef};
use tensor::math;

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results,
    select::{snapshots::Snapshots, split::SplitSelector},
    statistics::{confusion::Confusion, order::descending},
};

/// What a model takes the samples of a split of its data for: the confusion matrix, accuracy, precision, recall and F1 of each
/// class, and the mistakes the model is surest of.
///
/// A row of the matrix is a true class, a column what its samples are taken for. Recall is the share of a class's samples that
/// are recognised (the class's accuracy), precision the share of right ones among the samples taken for the class, F1 their
/// harmonic mean; the macro figures are means over the classes.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassificationConfig {
    /// The trained model, of classes.
    pub model: TrainRef,
    /// The split of the model's data.
    #[serde(default)]
    pub split: SplitSelector,
    /// The model as it was after so many epochs, of which training kept the parameters. Default: as training left it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<usize>,
    /// Snapshots of training whose confusion is counted too: `"all"`, `{ every = 1 }` or `{ epochs = [0, 5] }`. Default: only the
    /// model's that is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<Snapshots>,
    /// How many mistakes are kept, the most confident first. Default 100.
    #[serde(default = "default_mistakes")]
    pub mistakes: usize,
}

fn default_mistakes() -> usize {
    100
}

impl Config for ClassificationConfig {
    const KIND: &str = "classification";
    const EXAMPLE: &str = "model = \"mlp\"\nsplit = \"test\"";
}

/// What the samples are taken for.
#[derive(Debug, Clone, PartialEq)]
pub struct Classification {
    /// The model.
    pub model: TrainRef,
    /// Which split of its data.
    pub split: Split,
    /// After how many epochs.
    pub epoch: usize,
    /// All samples.
    pub confusion: Confusion,
    /// All samples at each of the snapshots asked for, with their epochs; the last is the model that is looked at.
    pub over_training: Vec<(usize, Confusion)>,
    /// The mistakes the model is surest of, the surest first; of equally sure ones the earlier sample first.
    pub mistakes: Vec<Mistake>,
}

/// A sample that is taken for another class than its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mistake {
    /// Which sample of the split, from 0.
    pub index: usize,
    /// Its class.
    pub target: usize,
    /// What it is taken for.
    pub predicted: usize,
    /// The probability the model gives to that, 0 to 1.
    pub confidence: f64,
    /// The probability it gives to the true class.
    pub of_target: f64,
}

impl Analysis for ClassificationConfig {
    fn check(&self, problems: &mut Problems) {
        problems.require(self.epoch.is_none() || self.snapshots.is_none(), "epoch", || {
            "expected one epoch, or snapshots up to the trained model".into()
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = self.split.of(&self.model, planned, problems) else { return };
        problems.note("model", model.needs_classes());
        problems.note("epoch", model.needs_epoch(self.epoch));
        Snapshots::check(self.snapshots.as_ref(), [&self.model], planned, problems);
    }

    fn snapshots(&self) -> Option<&Snapshots> {
        self.snapshots.as_ref()
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let (split, data) = trained.split(self.split)?;
        let (epoch, model) = trained.model_after(self.epoch)?;
        let (confusion, mistakes) = classify(&model, data, self.mistakes)?;
        // A table of one epoch has no snapshots besides.
        let asked = self.snapshots.as_ref().map(|which| trained.snapshots(Some(which))).unwrap_or_default();
        let before = asked.into_iter().filter(|(at, _)| *at != epoch);
        let counted = before.map(|(at, model)| Ok((at, classify(&model, data, 0)?.0)));
        let mut over_training = counted.collect::<Result<Vec<_>, AnalysisError>>()?;
        over_training.push((epoch, confusion.clone()));
        Ok(Box::new(Classification { model: self.model.clone(), split, epoch, confusion, over_training, mistakes }))
    }
}

/// What `model` takes the samples for, and at most `most` of its mistakes.
fn classify(model: &Model, data: &Dataset, most: usize) -> Result<(Confusion, Vec<Mistake>), AnalysisError> {
    let (Some(labels), Some(names)) = (data.labels(), data.class_names()) else {
        return Err(ModelError::Targets { loss: "a confusion matrix", expected: "classes" }.into());
    };
    let logits = model.predict(data)?;
    let confusion = Confusion::of_scores(names, labels, logits.view());
    let mut mistakes = Vec::new();
    for (index, (row, label)) in logits.rows().into_iter().zip(labels).enumerate() {
        let (row, target) = (row.to_vec(), *label as usize);
        let predicted = tensor::reduce::argmax(&row);
        if predicted != target {
            let probabilities = softmax(&row);
            let (confidence, of_target) = (probabilities[predicted], probabilities[target]);
            mistakes.push(Mistake { index, target, predicted, confidence, of_target });
        }
    }
    mistakes.sort_by(|a, b| descending(a.confidence, b.confidence).then(a.index.cmp(&b.index)));
    mistakes.truncate(most);
    Ok((confusion, mistakes))
}

/// e^{z_i} / Σ e^{z_j}, shifted by the largest so that nothing overflows.
pub fn softmax(logits: &[f32]) -> Vec<f64> {
    let largest = f64::from(logits[tensor::reduce::argmax(logits)]);
    let exponentials: Vec<f64> = logits.iter().map(|z| math::f64::exp(f64::from(*z) - largest)).collect();
    let sum: f64 = exponentials.iter().sum();
    exponentials.into_iter().map(|e| e / sum).collect()
}

impl Outcome for Classification {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("split", self.split.name());
        metrics.add("epoch", self.epoch);
        metrics.0.extend(self.confusion.metrics().0);
        let accuracy = |(epoch, confusion): &(usize, Confusion)| {
            let mut own = Metrics::default();
            own.add("accuracy", confusion.accuracy());
            (*epoch, own)
        };
        metrics.with_snapshots(self.over_training.iter().map(accuracy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::{Linear, Relu};

    fn config() -> ClassificationConfig {
        ClassificationConfig {
            model: TrainRef("m".into()),
            split: SplitSelector::default(),
            epoch: None,
            snapshots: None,
            mistakes: 10,
        }
    }

    #[test]
    fn a_line_on_the_exclusive_or_has_two_wrong() {
        // Class 1 wherever 2·x2 > 0.5 + x1: right at (0, 0) and (0, 1), wrong at (1, 0), whose logits are 1.5 and 0, and at (1,
        // 1) with 1.5 and 2.
        let trained = fixture::classified(vec![Linear::new(2).into()], &[1.0, 0.0, 0.0, 2.0, 0.5, 0.0]);
        let found: Classification = fixture::run(&config(), trained);
        assert_eq!(found.confusion.counts, ndarray::array![[1, 1], [1, 1]]);
        let [first, second] = &found.mistakes[..] else { panic!("two mistakes") };
        assert_eq!((first.index, first.target, first.predicted), (2, 1, 0));
        // 1 / (1 + e^{−1.5}) and 1 / (1 + e^{−0.5}).
        assert!((first.confidence - 0.817_574_476_193_643_6).abs() < 1e-12, "{}", first.confidence);
        assert!((second.confidence - 0.622_459_331_201_854_6).abs() < 1e-12);
        assert!((second.of_target + second.confidence - 1.0).abs() < 1e-12);
        let kept: Classification = fixture::run(
            &ClassificationConfig { mistakes: 1, ..config() },
            fixture::classified(vec![Linear::new(2).into()], &[1.0, 0.0, 0.0, 2.0, 0.5, 0.0]),
        );
        assert_eq!(kept.mistakes, found.mistakes[..1]);
    }

    #[test]
    fn a_net_of_two_hidden_units_has_none_wrong() {
        // |x1 − x2| against a half.
        let layers = vec![Linear::new(2).into(), Relu {}.into(), Linear::new(2).into()];
        let trained = fixture::classified(layers, &[1.0, -1.0, -1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.5, 0.0]);
        let found: Classification = fixture::run(&config(), trained);
        assert_eq!((found.confusion.accuracy(), found.mistakes.len()), (1.0, 0));
    }

    #[test]
    fn snapshots_are_counted_up_to_the_trained_model() {
        let mut trained = fixture::classified(vec![Linear::new(2).into()], &[1.0, 0.0, 0.0, 2.0, 0.5, 0.0]);
        // At first all are taken for class 1.
        let always = training::Snapshot { epoch: 0, parameters: vec![0.0, 0.0, 0.0, 0.0, 0.0, 1.0] };
        (trained.fit.snapshots, trained.fit.epoch) = (vec![always], 3);
        let found: Classification =
            fixture::run(&ClassificationConfig { snapshots: Some(Snapshots::All), ..config() }, trained.clone());
        let epochs: Vec<usize> = found.over_training.iter().map(|(epoch, _)| *epoch).collect();
        assert_eq!(epochs, [0, 3]);
        assert_eq!(found.over_training[0].1.counts, ndarray::array![[0, 2], [0, 2]]);
        assert_eq!(found.over_training[1].1, found.confusion);
        let alone: Classification = fixture::run(&config(), trained);
        assert_eq!(alone.over_training.len(), 1);
    }

    #[test]
    fn large_logits_do_not_overflow() {
        assert_eq!(softmax(&[1e30, 0.0]), [1.0, 0.0]);
    }

    #[test]
    fn impossible_settings_are_refused() {
        let config = ClassificationConfig { split: Split::Test.into(), epoch: Some(3), ..config() };
        let mut problems = Problems::default();
        config.check_against(&fixture::planned(10), &mut problems);
        let paths: Vec<String> = problems.into_vec().into_iter().map(|p| p.path).collect();
        assert_eq!(paths, ["split", "model", "epoch"]);
    }
}
