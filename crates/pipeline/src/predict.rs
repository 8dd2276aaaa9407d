//! A saved model used on other samples: what `predict` tells.

use std::path::{Path, PathBuf};

use analysis::predictions::classification::softmax;
use datasets::{DataError, Fitting, Numbers, Prepared, picture};
use models::{Head, Model, ModelError};

use crate::run::field;

/// Why nothing is predicted.
#[derive(Debug, thiserror::Error)]
pub enum PredictError {
    /// A file that is no saved model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A file that holds no samples for the model.
    #[error(transparent)]
    Data(#[from] DataError),
}

/// What a model gives for samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions {
    /// The names of the classes, or of the numbers that are predicted.
    pub names: Vec<String>,
    /// Whether it gives probabilities of classes rather than numbers.
    pub classifies: bool,
    /// Whether the saved model says nothing of the data it was trained on, so that names and normalisation are guessed.
    pub guessed: bool,
    /// The samples, in order.
    pub rows: Vec<Predicted>,
}

/// What a model gives for one sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicted {
    /// The file it is from.
    pub file: String,
    /// Its row there, from 0; none where the file has no other.
    pub row: Option<usize>,
    /// The class with the largest output, the first of equal ones; none where numbers are predicted.
    pub class: Option<usize>,
    /// Probabilities of the classes, or the numbers.
    pub values: Vec<f64>,
}

/// What the saved model in `model` gives for the samples in each of the files.
///
/// # Errors
/// If a file cannot be read, is none of a model or of samples, or holds samples of another shape than the model's.
pub fn predict(model: &Path, inputs: &[PathBuf], fitting: Fitting) -> Result<Predictions, PredictError> {
    let (model, prepared) = Model::load(model)?;
    let guessed = prepared.is_none();
    let prepared = prepared.unwrap_or_else(|| usual(model.input()));
    let classifies = model.head() == Head::Logits;
    let mut names = prepared.outputs.clone();
    if names.is_empty() {
        names = (0..model.outputs()).map(|i| i.to_string()).collect();
    }
    let mut rows = Vec::new();
    for input in inputs {
        let file = input.display().to_string();
        let read = |source| DataError::Read { file: file.clone(), source };
        let bytes = std::fs::read(input).map_err(read)?;
        let x = datasets::samples(&bytes, &file, model.input(), &prepared, fitting)?;
        let outputs = model.predict(x.view())?;
        let only = outputs.nrows() == 1;
        rows.extend(outputs.rows().into_iter().enumerate().map(|(row, outputs)| {
            let outputs = outputs.to_vec();
            Predicted {
                file: file.clone(),
                row: (!only).then_some(row),
                class: classifies.then(|| tensor::reduce::argmax(&outputs)),
                values: if classifies { softmax(&outputs) } else { outputs.into_iter().map(f64::from).collect() },
            }
        }));
    }
    Ok(Predictions { names, classifies, guessed, rows })
}

/// What is most usual, for a model that says nothing of its data: pixels from 0 to 1, other numbers as they are.
fn usual(sample: &[usize]) -> Prepared {
    let pixels = Numbers::Pixels { scale: f64::from(1.0_f32 / 255.0), offset: 0.0 };
    Prepared { numbers: picture(sample).map_or(Numbers::Plain, |_| pixels), ..Prepared::default() }
}

impl Predictions {
    /// A table for reading: of classes the predicted one and the `most` most probable ones, else every number.
    pub fn text(&self, most: usize) -> String {
        let mut lines = vec![match self.classifies {
            true => ["input".to_owned(), "class".to_owned(), "probabilities".to_owned()],
            false => ["input".to_owned(), self.names.join(", "), String::new()],
        }];
        lines.extend(self.rows.iter().map(|row| {
            let input = row.row.map_or_else(|| row.file.clone(), |i| format!("{} row {i}", row.file));
            let Some(class) = row.class else {
                return [input, row.values.iter().map(f64::to_string).collect::<Vec<_>>().join(", "), String::new()];
            };
            let mut order: Vec<usize> = (0..row.values.len()).collect();
            // Stable: of two alike, the first.
            order.sort_by(|&a, &b| row.values[b].total_cmp(&row.values[a]));
            let told = order.iter().take(most).map(|&k| format!("{} {:.4}", self.names[k], row.values[k]));
            [input, self.names[class].clone(), told.collect::<Vec<_>>().join(", ")]
        }));
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
        let widths = [width(0), width(1)];
        let line = |[input, class, rest]: &[String; 3]| {
            let line = format!("{input:a$}  {class:b$}  {rest}", a = widths[0], b = widths[1]);
            line.trim_end().to_owned() + "\n"
        };
        lines.iter().map(line).collect()
    }

    /// Every number as CSV, with as many digits as identify it.
    pub fn csv(&self) -> String {
        let class = self.classifies.then(|| "class".to_owned());
        let head = ["file".to_owned(), "row".to_owned()].into_iter().chain(class).chain(self.names.iter().cloned());
        let line =
            |cells: &mut dyn Iterator<Item = String>| cells.map(|c| field(&c)).collect::<Vec<_>>().join(",") + "\n";
        let mut out = line(&mut head.into_iter());
        for row in &self.rows {
            let place = [row.file.clone(), row.row.unwrap_or(0).to_string()];
            let class = row.class.map(|class| self.names[class].clone());
            out += &line(&mut place.into_iter().chain(class).chain(row.values.iter().map(f64::to_string)));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(file: &str, row: Option<usize>, class: Option<usize>, values: &[f64]) -> Predicted {
        Predicted { file: file.into(), row, class, values: values.to_vec() }
    }

    #[test]
    fn a_model_of_an_earlier_version_takes_pixels_from_0_to_1_and_numbers_its_classes() {
        let layers = vec![models::layers::Flatten {}.into(), models::layers::Linear::new(3).into()];
        let mut stream = tensor::Streams::new(1).stream("m", tensor::Purpose::Init);
        let model = Model::new(layers, &[1, 2, 2], Head::Logits, &mut stream).unwrap();
        let place = tempfile::tempdir().unwrap();
        let [file, input] = ["m.safetensors", "x.idx"].map(|name| place.path().join(name));
        std::fs::write(&file, model.to_safetensors(None).unwrap()).unwrap();
        std::fs::write(&input, [[0, 0, 8, 3], [0, 0, 0, 1], [0, 0, 0, 2], [0, 0, 0, 2], [0, 51, 102, 255]].concat())
            .unwrap();
        let found = predict(&file, &[input], Fitting::default()).unwrap();
        assert!(found.guessed && found.names == ["0", "1", "2"]);
        let pixels = [0.0, 51.0, 102.0, 255.0].map(|v| v * (1.0_f32 / 255.0));
        let outputs = model.predict(ndarray::arr2(&[pixels]).view()).unwrap();
        assert_eq!(found.rows[0].values, softmax(&outputs.row(0).to_vec()));
    }

    #[test]
    fn the_most_probable_classes_are_listed_and_every_number_written() {
        let names = ["cat", "a, b", "dog"].map(String::from).to_vec();
        let rows =
            vec![row("x.png", None, Some(2), &[0.25, 0.125, 0.625]), row("y.idx", Some(1), Some(0), &[0.5, 0.5, 0.0])];
        let found = Predictions { names, classifies: true, guessed: false, rows };
        assert_eq!(
            found.text(2),
            "input        class  probabilities\n\
             x.png        dog    dog 0.6250, cat 0.2500\n\
             y.idx row 1  cat    cat 0.5000, a, b 0.5000\n"
        );
        assert_eq!(
            found.csv(),
            "file,row,class,cat,\"a, b\",dog\nx.png,0,dog,0.25,0.125,0.625\ny.idx,1,cat,0.5,0.5,0\n"
        );
        let rows = vec![row("t.csv", Some(0), None, &[1.5, -0.1])];
        let numbers =
            Predictions { names: ["u", "v"].map(String::from).to_vec(), classifies: false, guessed: false, rows };
        assert_eq!(numbers.text(3), "input        u, v\nt.csv row 0  1.5, -0.1\n");
        assert_eq!(numbers.csv(), "file,row,u,v\nt.csv,0,1.5,-0.1\n");
    }
}
