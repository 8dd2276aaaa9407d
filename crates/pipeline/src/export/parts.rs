//! The parts of an export: data, predictions, nodes, weights, orders.

use std::cell::RefCell;
use std::ops::Range;

use analysis::predictions::classification::softmax;
use datasets::{Dataset, Split, Targets};
use models::{Loss, Model, Root};
use serde_json::json;
use tensor::{math, shape::size};
use training::Order;

use super::finished::{Data, Finished, Trained};
use super::manifest::Manifest;
use super::table::{Array, Kind, Numbers, Read, Table};
use super::{Asked, ExportError, Format};
use crate::files::{FileError, Folder};
use crate::load::Stage;
use crate::run;

/// Where files go, and how.
struct Writer<'a> {
    asked: &'a Asked,
    folder: &'a mut Folder,
    manifest: &'a mut Manifest,
}

/// Writes everything that is asked for.
pub fn write(
    finished: &Finished<'_>,
    asked: &Asked,
    folder: &mut Folder,
    manifest: &mut Manifest,
) -> Result<(), ExportError> {
    let mut writer = Writer { asked, folder, manifest };
    if asked.data {
        finished.data.values().try_for_each(|data| writer.data(data))?;
    }
    for trained in &finished.models {
        let data = &finished.data[&trained.config.data.0];
        for split in asked.splits() {
            if let Some(samples) = data.splits.get(split) {
                writer.seen(trained, split, samples, &data.rows[split as usize])?;
            }
        }
        if asked.initial {
            writer.weights(trained, finished)?;
        }
        if asked.snapshots {
            writer.snapshots(trained, data, finished)?;
        }
        if asked.order {
            writer.order(trained, data, finished)?;
        }
    }
    Ok(())
}

/// Whether every node that is named is one of some model.
pub fn check_nodes(nodes: &[String], finished: &Finished<'_>) -> Result<(), ExportError> {
    let mut list: Vec<String> = Vec::new();
    for (name, _) in finished.models.iter().flat_map(|trained| trained.model.sample_shapes()) {
        if !list.contains(&name) {
            list.push(name);
        }
    }
    match nodes.iter().find(|node| *node != "*" && !list.contains(node)) {
        Some(name) => Err(ExportError::Unknown { what: "node", name: name.clone(), list }),
        None => Ok(()),
    }
}

/// The nodes of a model that are asked for, with the shape of a sample there.
fn nodes(model: &Model, asked: &[String]) -> Vec<(String, Vec<usize>)> {
    let all = asked.iter().any(|node| node == "*");
    let asked = |name: &String| if all { name != "x" || asked.contains(name) } else { asked.contains(name) };
    model.sample_shapes().into_iter().filter(|(name, _)| asked(name)).collect()
}

/// What the axes of a sample are.
fn axes(shape: &[usize]) -> Vec<&'static str> {
    match shape.len() {
        1 => vec!["unit"],
        2 => vec!["row", "column"],
        3 => vec!["channel", "row", "column"],
        n => vec!["axis"; n],
    }
}

/// A name for each number of a node: `conv1.post[2][0][5]`.
fn columns(node: &str, shape: &[usize]) -> Vec<String> {
    let name = |number: usize| {
        let mut rest = number;
        let mut places: Vec<String> = Vec::new();
        for axis in shape.iter().rev() {
            places.push(format!("[{}]", rest % axis));
            rest /= axis;
        }
        places.reverse();
        format!("{node}{}", places.concat())
    };
    (0..size(shape)).map(name).collect()
}

/// The row of each sample in its source.
fn rows(rows: &[usize]) -> Array<'static> {
    let what = "row of the sample in its source, from 0: of a table the first below its header; of pictures those for testing \
                come after the others";
    Array::single("row", what, Numbers::I64(rows.iter().map(|row| *row as i64).collect()))
}

/// What is to be predicted.
fn targets(samples: &Dataset) -> Option<Array<'static>> {
    match &samples.y {
        Targets::Classes { labels, .. } => {
            let labels = labels.iter().map(|label| i64::from(*label)).collect();
            Some(Array::single("label", "class of the sample, by its place among the names", Numbers::I64(labels)))
        }
        Targets::Values { values, columns } => {
            let values = Numbers::F32(values.iter().copied().collect());
            Some(Array::held("target", "what is to be predicted", columns.clone(), values))
        }
        Targets::None => None,
    }
}

impl Writer<'_> {
    fn table(&mut self, stage: &Stage, table: &Table<'_>) -> Result<(), FileError> {
        for (file, entry) in table.write(self.asked.format, self.folder)? {
            self.manifest.add(stage, file, entry);
        }
        Ok(())
    }

    /// Inputs as a model sees them, targets and rows.
    fn data(&mut self, data: &Data<'_>) -> Result<(), ExportError> {
        for split in self.asked.splits() {
            let Some(samples) = data.splits.get(split) else { continue };
            let read = |rows: Range<usize>| {
                let mut x = vec![0.0; rows.len() * samples.features()];
                samples.x.gather(&rows.map(|row| row as u32).collect::<Vec<_>>(), &mut x);
                Ok(Numbers::F32(x))
            };
            let x = Array {
                name: "x",
                what: "samples as a model sees them: standardised or scaled, where the data set is".to_owned(),
                kind: Kind::F32,
                shape: samples.shape.clone(),
                axes: if samples.shape.len() == 1 { vec!["feature"] } else { axes(&samples.shape) },
                columns: samples.feature_names.clone(),
                read: Box::new(read),
            };
            let arrays = [rows(&data.rows[split as usize]), x].into_iter().chain(targets(samples)).collect();
            let stem = format!("data/{}.{}", data.stage.name, split.name());
            self.table(data.stage, &Table { stem, row: "sample", n: samples.n(), arrays })?;
        }
        Ok(())
    }

    /// What a model makes of the samples of a split.
    fn seen(
        &mut self,
        trained: &Trained<'_>,
        split: Split,
        samples: &Dataset,
        own_rows: &[usize],
    ) -> Result<(), ExportError> {
        let (name, n) = (format!("{}.{}", trained.stage.name, split.name()), samples.n());
        if self.asked.predictions {
            let arrays = std::iter::once(rows(own_rows)).chain(targets(samples)).chain(predictions(trained, samples)?);
            let (stem, arrays) = (format!("predictions/{name}"), arrays.collect());
            self.table(trained.stage, &Table { stem, row: "sample", n, arrays })?;
        }
        let loss = trained.config.loss;
        for (nodes, folder, root) in [
            (nodes(&trained.model, &self.asked.activations), "activations", None),
            (nodes(&trained.model, &self.asked.gradients), "gradients", Some(Root::Loss(loss))),
        ] {
            // A table has them as its first column, arrays have them in common.
            if self.asked.format == Format::Npy && !nodes.is_empty() {
                let stem = format!("{folder}/{name}");
                self.table(trained.stage, &Table { stem, row: "sample", n, arrays: vec![rows(own_rows)] })?;
            }
            for (node, shape) in &nodes {
                let own = (self.asked.format == Format::Csv).then(|| rows(own_rows));
                let arrays = own.into_iter().chain([reading(&trained.model, samples, node, shape, root)]).collect();
                let stem = format!("{folder}/{}.{node}.{}", trained.stage.name, split.name());
                self.table(trained.stage, &Table { stem, row: "sample", n, arrays })?;
            }
        }
        Ok(())
    }

    /// Untrained and trained weights.
    fn weights(&mut self, trained: &Trained<'_>, finished: &Finished<'_>) -> Result<(), ExportError> {
        let (config, address) = (trained.config, trained.stage.address());
        let initial = training::initial(config, &address, trained.model.input(), &finished.streams)?;
        self.model(trained, ".initial", &initial, "weights before the first step")?;
        self.model(trained, "", &trained.model, "weights as training left them")
    }

    /// The weights that were kept along the way.
    fn snapshots(
        &mut self,
        trained: &Trained<'_>,
        data: &Data<'_>,
        finished: &Finished<'_>,
    ) -> Result<(), ExportError> {
        if trained.config.snapshots.is_none() {
            return Ok(());
        }
        let stage = trained.stage;
        let fit = match finished.fingerprint(stage).map(|fingerprint| (finished.root, fingerprint)) {
            Some(at) => run::finished(finished.pipeline, stage, trained.config, &data.splits, at)?,
            None => None,
        };
        let fit = fit.ok_or_else(|| ExportError::Changed(format!("the checkpoint of {}", stage.address())))?;
        for snapshot in &fit.snapshots {
            let mut model = trained.model.clone();
            model.parameters.values_mut().copy_from_slice(&snapshot.parameters);
            let what = format!("weights after {} epochs", snapshot.epoch);
            self.model(trained, &format!(".epoch-{:04}", snapshot.epoch), &model, &what)?;
        }
        Ok(())
    }

    fn model(&mut self, trained: &Trained<'_>, ending: &str, model: &Model, what: &str) -> Result<(), ExportError> {
        let file = format!("models/{}{ending}.safetensors", trained.stage.name);
        self.folder.write(&file, &model.to_safetensors(trained.prepared.as_ref())?)?;
        let entry = json!({ "what": format!("{what}, in PyTorch's order of axes"), "type": "safetensors" });
        self.manifest.add(trained.stage, file, entry);
        Ok(())
    }

    /// The order of samples and the learning rate of every step, and the run's own history.
    fn order(&mut self, trained: &Trained<'_>, data: &Data<'_>, finished: &Finished<'_>) -> Result<(), ExportError> {
        let (stage, config, n, epochs) = (trained.stage, trained.config, data.splits.train.n(), trained.epochs);
        let order = RefCell::new(Order::new(config, &stage.address(), n, &finished.streams));
        let places = |epochs: Range<usize>| {
            let mut order = order.borrow_mut();
            Ok(Numbers::U32(epochs.flat_map(|_| order.next_epoch().to_vec()).collect()))
        };
        let what = "places in the training split in the order in which an epoch sees them, the first epoch first";
        let arrays = vec![array(what, Kind::U32, vec!["place"], columns("", &[n]), Box::new(places))];
        self.table(stage, &Table { stem: format!("training/{}.order", stage.name), row: "epoch", n: epochs, arrays })?;
        let steps = trained.steps_per_epoch(n);
        let rates = move |epochs: Range<usize>| {
            let rate = |step| config.learning_rate(step, steps);
            Ok(Numbers::F64((epochs.start * steps..epochs.end * steps).map(rate).collect()))
        };
        let arrays = vec![array("learning rate", Kind::F64, vec!["step"], columns("", &[steps]), Box::new(rates))];
        let stem = format!("training/{}.learning_rate", stage.name);
        self.table(stage, &Table { stem, row: "epoch", n: epochs, arrays })?;
        let path = finished.root.join(format!("history/{}.csv", stage.name));
        let bytes = std::fs::read(&path).map_err(|error| FileError::new("read", path, error))?;
        let file = format!("training/{}.history.csv", stage.name);
        self.folder.write(&file, &bytes)?;
        let what = "loss and other measures before the first step and after every epoch; running means are taken while steps \
                    are made";
        self.manifest.add(stage, file, json!({ "what": what, "type": "csv", "shape": [epochs + 1] }));
        Ok(())
    }
}

/// The only array of a table.
fn array<'a>(what: &str, kind: Kind, axes: Vec<&'static str>, columns: Vec<String>, read: Read<'a>) -> Array<'a> {
    Array { name: "", what: what.to_owned(), kind, shape: vec![columns.len()], axes, columns, read }
}

/// A node's values, or with a root the root's gradients with respect to them.
fn reading<'a>(
    model: &'a Model,
    samples: &'a Dataset,
    node: &'a str,
    shape: &[usize],
    root: Option<Root<'a>>,
) -> Array<'a> {
    let read = move |rows: Range<usize>| {
        let rows: Vec<u32> = rows.map(|row| row as u32).collect();
        let run = model.run(samples).samples(&rows);
        let values = match root {
            Some(root) => run.gradient_of(root).read([node])?.readings.remove(0).gradients,
            None => run.values(node)?,
        };
        Ok(Numbers::F32(values.into_iter().collect()))
    };
    let what = match root {
        Some(_) => format!("∂loss/∂{node}, of each sample's own loss"),
        None => format!("values of {node}"),
    };
    let (kind, axes, columns) = (Kind::F32, axes(shape), columns(node, shape));
    Array { name: "", what, kind, shape: shape.to_vec(), axes, columns, read: Box::new(read) }
}

/// Outputs, probabilities, predicted classes and losses, as far as there are such.
fn predictions(trained: &Trained<'_>, samples: &Dataset) -> Result<Vec<Array<'static>>, ExportError> {
    let outputs = trained.model.predict(samples)?;
    let named = |word: &str, names: &[String]| names.iter().map(|name| format!("{word}.{name}")).collect::<Vec<_>>();
    let list = Numbers::F32(outputs.iter().copied().collect());
    let of_rows = |of: &dyn Fn(usize, &[f32]) -> f64| -> Vec<f64> {
        outputs.rows().into_iter().enumerate().map(|(i, row)| of(i, &row.to_vec())).collect()
    };
    match (trained.config.loss, &samples.y) {
        (Loss::CrossEntropy, Targets::Classes { labels, names }) => {
            let rows = || outputs.rows().into_iter().map(|row| row.to_vec());
            let probabilities = rows().flat_map(|row| softmax(&row)).collect();
            let predicted = rows().map(|row| tensor::reduce::argmax(&row) as i64).collect();
            let losses = of_rows(&|i, row| cross_entropy(row, labels[i] as usize));
            let shares = "probabilities of the classes";
            Ok(vec![
                Array::held("output", "logits of the classes", named("logit", names), list),
                Array::held("probability", shares, named("probability", names), Numbers::F64(probabilities)),
                Array::single(
                    "predicted",
                    "class with the largest logit, the first of equal ones",
                    Numbers::I64(predicted),
                ),
                Array::single("loss", "cross-entropy of the sample, in nats", Numbers::F64(losses)),
            ])
        }
        (_, Targets::Values { values, columns }) => {
            let difference = |(output, target): (&f32, &f32)| f64::from(*output) - f64::from(*target);
            let mean = |i: usize, row: &[f32]| {
                row.iter().zip(values.row(i)).map(difference).map(|d| d * d).sum::<f64>() / row.len() as f64
            };
            let losses = Numbers::F64(of_rows(&mean));
            let what = "squared difference from the target, averaged over the outputs";
            Ok(vec![
                Array::held("output", "what is predicted", named("output", columns), list),
                Array::single("loss", what, losses),
            ])
        }
        _ => Ok(vec![Array::held("output", "what the model gives", columns("output", &[outputs.ncols()]), list)]),
    }
}

/// ln Σ e^{z_j} − z_label, shifted by the largest so that nothing overflows.
fn cross_entropy(logits: &[f32], label: usize) -> f64 {
    let largest = f64::from(logits[tensor::reduce::argmax(logits)]);
    let sum: f64 = logits.iter().map(|z| math::f64::exp(f64::from(*z) - largest)).sum();
    math::f64::ln(sum) + largest - f64::from(logits[label])
}
