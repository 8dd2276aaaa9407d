//! Saving and loading models as safetensors files, which PyTorch's users open with `safetensors.torch.load_file`.
//!
//! Arrays are called `hidden1.weight`, `hidden1.bias`, …; weights of dense layers are stored as PyTorch has them, outputs ×
//! inputs; the states of a batch normalisation are `hidden1.norm.running_mean` and `hidden1.norm.running_var`. One metadata
//! entry, `unfold`, holds layers, input shape and what is to be known of the data (names, normalisation) as JSON, so that a file
//! is a whole model. It is one entry because the format's metadata is an unordered map, and a file's bytes must depend on the
//! model alone. Files of earlier versions say nothing of the data.

use std::{collections::HashMap, path::Path};

use ::safetensors::{Dtype, SafeTensors, tensor::TensorView};
use datasets::Prepared;
use registry::Problems;
use tensor::random::{Purpose, Streams};
use tensor::shape::size;

use crate::{Head, Layer, Model, ModelError, model::specs};

const KEY: &str = "unfold";
/// Samples of more numbers are not believed.
const MOST_FEATURES: usize = 1 << 31;

/// The metadata entry.
#[derive(serde::Serialize, serde::Deserialize)]
struct Description {
    input: Vec<usize>,
    head: Head,
    layers: Vec<Layer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<Prepared>,
}

impl Model {
    /// The model as the bytes of a safetensors file, with what is to be known of the data that it was trained on.
    ///
    /// # Errors
    /// None in practice: the format refuses only sizes beyond the address space.
    pub fn to_safetensors(&self, data: Option<&Prepared>) -> Result<Vec<u8>, ModelError> {
        let description = Description {
            input: self.input().to_vec(),
            head: self.head(),
            layers: self.layers().to_vec(),
            data: data.cloned(),
        };
        let description = serde_json::to_string(&description).map_err(std::io::Error::from);
        let description = description.map_err(|source| ModelError::File { path: "model".into(), source })?;
        let arrays: Vec<(String, Vec<usize>, Vec<u8>)> = self
            .parameters
            .list()
            .iter()
            .map(|p| {
                let values = &self.parameters.values()[p.range.clone()];
                let (shape, values) = (stored(&p.shape), reordered(&p.shape, values, &ours(p.shape.len())));
                (p.name.clone(), shape, values.iter().flat_map(|v| tensor::float::to_bytes(*v)).collect())
            })
            .collect();
        let format = |source| ModelError::Format { path: "model".into(), source };
        let views = arrays
            .iter()
            .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
            .collect::<Result<Vec<_>, _>>()
            .map_err(format)?;
        ::safetensors::serialize(views, Some(HashMap::from([(KEY.to_owned(), description)]))).map_err(format)
    }

    /// Reads a model from the bytes of a file that [`Model::to_safetensors`] made, and what the file says of its data; `path` is
    /// for messages only.
    ///
    /// # Errors
    /// When the bytes are no safetensors file, hold no description of a model, or lack an array.
    pub fn from_safetensors(bytes: &[u8], path: &Path) -> Result<(Self, Option<Prepared>), ModelError> {
        let format = |source| ModelError::Format { path: path.to_owned(), source };
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(format)?;
        let description =
            metadata.metadata().as_ref().and_then(|m| m.get(KEY)).ok_or_else(|| {
                array(path, KEY, "absent from the metadata".into(), "a description of its layers".into())
            })?;
        let description: Description = serde_json::from_str(description)
            .map_err(|e| array(path, KEY, format!("no description of a model ({e})"), "one".into()))?;
        check(&description).map_err(|found| array(path, KEY, found, "layers as a pipeline has them".into()))?;
        let file = SafeTensors::deserialize(bytes).map_err(format)?;
        // The arrays are there as the layers want them, before memory is taken for any.
        let find = |name: &str, shape: &[usize]| {
            let stored = stored(shape);
            let expected = format!("F32 {stored:?}");
            let view = file.tensor(name).map_err(|_| array(path, name, "absent".into(), expected.clone()))?;
            match view.dtype() == Dtype::F32 && view.shape() == stored {
                true => Ok((stored, view)),
                false => Err(array(path, name, format!("{:?} {:?}", view.dtype(), view.shape()), expected)),
            }
        };
        for (name, spec) in specs(&description.layers, &description.input, description.head)? {
            find(&name, &spec.shape)?;
        }
        let outputs = Self::shapes(&description.layers, &description.input)?.last().map_or(0, |shape| size(shape));
        let misfit = |data: &Prepared| data.misfit(size(&description.input), outputs);
        if let Some(found) = description.data.as_ref().and_then(misfit) {
            return Err(array(path, KEY, found, "those of its data".into()));
        }
        // The drawn parameters are all overwritten below.
        let mut stream = Streams::new(0).stream("load", Purpose::Init);
        let mut model = Self::new(description.layers, &description.input, description.head, &mut stream)?;
        for p in model.parameters.list().to_vec() {
            let (shape, view) = find(&p.name, &p.shape)?;
            let values: Vec<f32> = view.data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
            model.parameters.values_mut()[p.range.clone()].copy_from_slice(&reordered(
                &shape,
                &values,
                &theirs(shape.len()),
            ));
        }
        Ok((model, description.data))
    }

    /// Reads a model from a file, and what the file says of its data.
    ///
    /// # Errors
    /// As [`Model::from_safetensors`], and when the file cannot be read.
    pub fn load(path: &Path) -> Result<(Self, Option<Prepared>), ModelError> {
        let bytes = std::fs::read(path).map_err(|source| ModelError::File { path: path.to_owned(), source })?;
        Self::from_safetensors(&bytes, path)
    }
}

/// What no pipeline would have: sizes whose products no processor can count.
fn check(description: &Description) -> Result<(), String> {
    let features = description.input.iter().try_fold(1_usize, |size, &axis| size.checked_mul(axis));
    if !features.is_some_and(|features| (1..=MOST_FEATURES).contains(&features)) {
        return Err(format!("samples of shape {:?}", description.input));
    }
    let mut problems = Problems::default();
    description.layers.iter().for_each(|layer| layer.check(&mut problems));
    problems.into_vec().into_iter().next().map_or(Ok(()), |problem| Err(problem.message))
}

fn array(path: &Path, name: &str, found: String, expected: String) -> ModelError {
    ModelError::Array { path: path.to_owned(), name: name.to_owned(), found, expected }
}

/// Which of our axes comes where in a file: of matrices outputs × inputs, of filters outputs × channels × height × width.
fn ours(axes: usize) -> Vec<usize> {
    match axes {
        2 => vec![1, 0],
        4 => vec![3, 2, 0, 1],
        n => (0..n).collect(),
    }
}

/// The way back: which of a file's axes comes where.
pub(crate) fn theirs(axes: usize) -> Vec<usize> {
    let ours = ours(axes);
    (0..axes).map(|axis| ours.iter().position(|a| *a == axis).unwrap_or(axis)).collect()
}

/// The shape that an array has in a file.
pub(crate) fn stored(shape: &[usize]) -> Vec<usize> {
    ours(shape.len()).into_iter().map(|axis| shape[axis]).collect()
}

/// The numbers of an array of this shape with its axes in another order.
pub(crate) fn reordered(shape: &[usize], values: &[f32], axes: &[usize]) -> Vec<f32> {
    let array = ndarray::ArrayViewD::from_shape(shape, values).expect("as many numbers as the shape says");
    array.permuted_axes(axes).iter().copied().collect()
}
