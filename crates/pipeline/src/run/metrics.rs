//! `metrics.json`: results only, in the plan's order, the same bytes for the same pipeline.

use analysis::Metric;
use datasets::Splits;
use serde_json::{Map, Value, json};
use training::{Fit, History, Measure, Score, Series};

/// An `f32` as a JSON number with as few digits as identify it; `null` if it is not finite.
pub fn number(value: f32) -> Value {
    // The shortest decimal of the f32, not of the f64 next to it: 0.1, not 0.10000000149011612.
    let shortest: f64 = format!("{value}").parse().unwrap_or(f64::NAN);
    serde_json::Number::from_f64(shortest).map_or(Value::Null, Value::Number)
}

/// Results by family and name.
#[derive(Debug, Default)]
pub struct Metrics {
    families: Map<String, Value>,
}

impl Metrics {
    /// Adds the results of one stage.
    pub fn add(&mut self, family: &str, name: &str, results: Value) {
        let family = self.families.entry(family).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(stages) = family {
            stages.insert(name.to_owned(), results);
        }
    }

    /// The results of one stage.
    pub fn get(&self, family: &str, name: &str) -> Option<&Value> {
        self.families.get(family)?.get(name)
    }

    /// All of them.
    pub fn value(&self) -> Value {
        Value::Object(self.families.clone())
    }

    /// The file.
    pub fn text(&self) -> String {
        format!("{:#}\n", self.value())
    }

    /// One line per number that a reader looks for first: those of the stages' top levels.
    pub fn key_lines(&self) -> Vec<String> {
        let stages = self.families.iter().flat_map(|(family, stages)| {
            stages.as_object().into_iter().flatten().map(move |(name, results)| (format!("{family}.{name}"), results))
        });
        stages.filter_map(|(address, results)| Some(format!("{address}: {}", key_numbers(results)?))).collect()
    }
}

/// `train loss 0.01, train accuracy 0.99`: the loss and accuracy of each split, or plain numbers and words at the top.
fn key_numbers(results: &Value) -> Option<String> {
    let results = results.as_object()?;
    let mut words = Vec::new();
    for (key, value) in results {
        match value {
            Value::Number(n) if !matches!(key.as_str(), "epochs" | "best_epoch" | "parameters") => {
                words.push(format!("{} {}", spoken(key), short(n)))
            }
            Value::String(word) => words.push(word.clone()),
            Value::Object(inner) if matches!(key.as_str(), "train" | "train_running" | "validation" | "test") => {
                let numbers = inner.iter().filter_map(|(k, v)| Some((k, v.as_number()?)));
                words.extend(numbers.map(|(k, n)| format!("{} {} {}", spoken(key), spoken(k), short(n))));
            }
            _ => {}
        }
    }
    words.truncate(if results.contains_key(SELECTION.0) { 7 } else { 6 });
    (!words.is_empty()).then(|| words.join(", "))
}

fn spoken(key: &str) -> String {
    key.replace('_', " ")
}

/// A number for reading: four significant digits.
fn short(number: &serde_json::Number) -> String {
    match number.as_f64() {
        _ if number.is_i64() || number.is_u64() => number.to_string(),
        Some(0.0) => "0".to_owned(),
        Some(x) if x.abs() >= 1e-3 && x.abs() < 1e6 => {
            let fixed = format!("{x:.4}");
            fixed.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        Some(x) => format!("{x:.2e}"),
        None => number.to_string(),
    }
}

/// The key and the word of a model that the test split has chosen.
pub const SELECTION: (&str, &str) = ("selection", "chosen by the test split");

/// Results of a training run: how many epochs and parameters, loss and accuracy of the model that it left on each split.
pub fn of_training(fit: &Fit) -> Map<String, Value> {
    let mut results = Map::new();
    results.insert("epochs".into(), fit.history.epochs().into());
    results.insert("parameters".into(), fit.model.parameters.len().into());
    results.extend(fit.scores().map(|(split, score)| (split.name().to_owned(), of_score(score))));
    results
}

/// Results of a training run that diverged: how many epochs it had, and each split's loss and accuracy in the last of them.
pub fn of_history(history: &History) -> Map<String, Value> {
    let mut results = Map::new();
    let last = history.epochs();
    results.insert("epochs".into(), last.into());
    for (split, series) in history.splits() {
        let running = if split == "train" && history.running && last > 0 { "_running" } else { "" };
        results.extend(series.score(last).map(|score| (format!("{split}{running}"), of_score(score))));
    }
    results
}

fn of_score(score: Score) -> Value {
    Value::Object(score.numbers().map(|(name, value)| (name.to_owned(), number(value))).collect())
}

/// `loss 0.0412, accuracy 0.9870`.
pub fn told(score: &Score) -> String {
    score.numbers().map(|(name, value)| format!("{name} {value:.4}")).collect::<Vec<_>>().join(", ")
}

/// Results of a data set: the numbers by which its training split scales every split, and how many labels are wrong on purpose.
pub fn of_data(splits: &Splits) -> Option<Value> {
    let mut results = Map::new();
    if let Some(standard) = &splits.standard {
        results.insert("mean".to_owned(), standard.mean.into());
        results.insert("standard_deviation".to_owned(), standard.deviation.into());
    }
    let scaled = splits.scaled.iter().map(|s| (s.feature.clone(), json!({ "shift": s.shift, "scale": s.scale })));
    let scaled: Map<String, Value> = scaled.collect();
    if !scaled.is_empty() {
        results.insert("scaled".to_owned(), scaled.into());
    }
    if let Some((wrong, of)) = wrong_labels(splits) {
        results.insert("training_labels".to_owned(), of.into());
        results.insert("wrong_on_purpose".to_owned(), wrong.into());
    }
    (!results.is_empty()).then(|| results.into())
}

/// How many training labels are not the true ones, and of how many, where they were made wrong.
pub fn wrong_labels(splits: &Splits) -> Option<(usize, usize)> {
    let (labels, truth) = (splits.train.labels()?, splits.true_labels.as_ref()?);
    Some((labels.iter().zip(truth).filter(|(label, truth)| label != truth).count(), labels.len()))
}

/// Each training sample, its label and its true class as CSV; samples are counted from 0 in the order of the whole data.
pub fn labels_csv(splits: &Splits) -> String {
    let (labels, truth) =
        (splits.train.labels().unwrap_or_default(), splits.true_labels.as_deref().unwrap_or_default());
    let names = splits.train.class_names().unwrap_or_default();
    let name = |class: u32| match names.get(class as usize) {
        Some(name) if name.contains([',', '"', '\n', '\r']) => format!("\"{}\"", name.replace('"', "\"\"")),
        Some(name) => name.clone(),
        None => String::new(),
    };
    let mut out = String::from("sample,label,true_label\n");
    for ((sample, &label), &truth) in splits.indices[0].iter().zip(labels).zip(truth) {
        out += &format!("{sample},{},{}\n", name(label), name(truth));
    }
    out
}

/// Results of an analysis.
pub fn of_outcome(metrics: &analysis::Metrics) -> Value {
    Value::Object(metrics.0.iter().map(|(name, metric)| (name.clone(), of_metric(metric))).collect())
}

fn of_metric(metric: &Metric) -> Value {
    match metric {
        Metric::Count(n) => (*n).into(),
        Metric::Single(x) => number(*x),
        Metric::Double(x) => serde_json::Number::from_f64(*x).map_or(Value::Null, Value::Number),
        Metric::Text(text) => text.as_str().into(),
        Metric::List(list) => list.iter().map(of_metric).collect(),
        Metric::Table(table) => of_outcome(table),
    }
}

/// What was measured before the first step (epoch 0) and after every epoch as CSV, and `rate`, the learning rate of an epoch's
/// last step. Running means have columns of their own,
/// `train_running_loss`; beside them `train_loss` has what is known of the model itself: epoch 0, and `left`, the epoch and the
/// score of the model that was left.
pub fn history_csv(history: &History, left: Option<(usize, Score)>, rate: &dyn Fn(usize) -> f64) -> String {
    let epochs = history.train.loss.len();
    let mut columns: Vec<(String, Vec<Option<f32>>)> = Vec::new();
    let mut add = |name: &str, scores: &[Option<Score>]| {
        for measure in Measure::ALL {
            let values: Vec<Option<f32>> = scores.iter().map(|score| (*score)?.get(measure)).collect();
            if measure == Measure::Loss || values.iter().any(Option::is_some) {
                columns.push((format!("{name}_{}", measure.name()), values));
            }
        }
    };
    for (split, series) in history.splits() {
        let all = |series: &Series| -> Vec<Option<Score>> { (0..epochs).map(|epoch| series.score(epoch)).collect() };
        if split == "train" && history.running {
            let (mut model, mut running) = (vec![None; epochs], all(series));
            left.into_iter().for_each(|(epoch, score)| model[epoch] = Some(score));
            if let (Some(of_model), Some(of_running)) = (model.first_mut(), running.first_mut()) {
                *of_model = of_running.take();
            }
            add("train", &model);
            add("train_running", &running);
        } else {
            add(split, &all(series));
        }
    }
    let mut out = String::from("epoch");
    columns.iter().for_each(|(name, _)| out += &format!(",{name}"));
    out += ",learning_rate\n";
    for epoch in 0..epochs {
        out += &epoch.to_string();
        columns.iter().for_each(|(_, values)| out += &values[epoch].map_or(",".to_owned(), |v| format!(",{v}")));
        out += &if epoch == 0 { ",\n".to_owned() } else { format!(",{}\n", rate(epoch)) };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_short_as_they_can_be() {
        assert_eq!(number(0.1).to_string(), "0.1");
        assert_eq!(number(1.0).to_string(), "1.0");
        assert_eq!(number(f32::NAN), Value::Null);
        assert_eq!(number(16_777_216.0).to_string(), "16777216.0");
    }

    #[test]
    fn wrong_labels_are_counted_and_listed_beside_the_true_ones() {
        let names = vec!["a".to_owned(), "b, c".to_owned()];
        let train = datasets::Dataset {
            x: ndarray::Array2::zeros((3, 1)).into(),
            shape: vec![1],
            y: datasets::Targets::Classes { labels: vec![0, 1, 1], names },
            feature_names: vec!["x".into()],
            truth: None,
        };
        let scaled = vec![datasets::Scaled { feature: "x".into(), shift: 2.0, scale: 0.5 }];
        let mut splits = Splits { true_labels: Some(vec![0, 0, 1]), scaled, ..Splits::undivided(train) };
        splits.indices[0] = vec![2, 5, 7];
        assert_eq!(labels_csv(&splits), "sample,label,true_label\n2,a,a\n5,\"b, c\",a\n7,\"b, c\",\"b, c\"\n");
        let expected = json!({
            "scaled": { "x": { "shift": 2.0, "scale": 0.5 } }, "training_labels": 3, "wrong_on_purpose": 1,
        });
        assert_eq!(of_data(&splits), Some(expected));
    }

    #[test]
    fn a_history_is_a_table() {
        let series = |loss: &[f32], accuracy: &[f32]| Series {
            loss: loss.to_vec(),
            accuracy: accuracy.to_vec(),
            ..Series::default()
        };
        let rate = |epoch: usize| 1.0 / (2 * epoch) as f64;
        let mut history = History {
            train: series(&[0.75, 0.5, 0.25], &[0.25, 0.5, 1.0]),
            running: false,
            validation: None,
            test: Some(series(&[1.0, 0.75], &[])),
        };
        assert_eq!(
            history_csv(&history, None, &rate),
            "epoch,train_loss,train_accuracy,test_loss,learning_rate\n0,0.75,0.25,1,\n1,0.5,0.5,0.75,0.5\n2,0.25,1,,0.25\n"
        );
        // Means in passing are told apart from what the model gives.
        history.running = true;
        let left = Score { loss: 0.125, accuracy: Some(1.0), ..Score::default() };
        assert_eq!(
            history_csv(&history, Some((1, left)), &rate),
            "epoch,train_loss,train_accuracy,train_running_loss,train_running_accuracy,test_loss,learning_rate\n\
             0,0.75,0.25,,,1,\n1,0.125,1,0.5,0.5,0.75,0.5\n2,,,0.25,1,,0.25\n"
        );
        let mut metrics = Metrics::default();
        metrics.add("train", "deep", of_history(&history).into());
        assert_eq!(metrics.key_lines(), ["train.deep: train running loss 0.25, train running accuracy 1"]);
        history.running = false;
        metrics.add("train", "deep", of_history(&history).into());
        assert_eq!(metrics.key_lines(), ["train.deep: train loss 0.25, train accuracy 1"]);
    }
}
