//! Weights from elsewhere: the arrays of any safetensors file, such as PyTorch's users save by `safetensors.torch.save_file`, as
//! the parameters of a model.
//!
//! Arrays that belong together share what stands before the last dot of their names: `0.weight` and `0.bias`, or
//! `features.bn1.running_mean` and its like. Such a group belongs to a layer
//!
//! 1. that the table `rename` gives it to, as `hidden1 = "fc1"` or, for one array, `"hidden1.weight" = "w"`;
//! 2. else, if every layer's name is in the file, to the layer of its name;
//! 3. else in order, numbers in names by their size (`2.weight` before `10.weight`), if all shapes fit;
//! 4. else to the only layer whose arrays have its shapes, if that gives each layer one group.
//!
//! The order in which PyTorch lists its parameters is not in the file. Shapes are PyTorch's: of dense layers outputs × inputs, of
//! convolutions outputs × channels × height × width. Numbers of 16 and 64 bits become `f32`, rounded to nearest, ties to even.
//! `num_batches_tracked` is of no use here. Where a layer has no bias in the file it is zero, and a normalisation without weights
//! of its own has ones and zeros, as in PyTorch; that is told.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use ::safetensors::{Dtype, SafeTensors};
use tensor::shape::{display, size};

use crate::{Head, Layer, Model, ModelError, layers::Start, model::specs, safetensors as format};

/// A number that counts batches, which PyTorch keeps beside running statistics.
const UNUSED: &str = "num_batches_tracked";

/// The arrays of a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Weights {
    arrays: BTreeMap<String, Array>,
}

#[derive(Debug, Clone, PartialEq)]
struct Array {
    shape: Vec<usize>,
    values: Vec<f32>,
}

/// Which array of the file each parameter takes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Assignment {
    /// The parameter's name, and that of the file's array; none where the parameter keeps the constant it starts from.
    pub pairs: Vec<(String, Option<String>)>,
}

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// What does not fit.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The key of `rename` that it is about.
    pub key: Option<String>,
}

/// A parameter as the model has it.
struct Wanted {
    name: String,
    /// In a file's order of axes.
    shape: Vec<usize>,
    /// Whether it may be left out: it then keeps the constant it starts from.
    optional: bool,
}

impl Assignment {
    /// `conv1.bias`, …: what the file leaves out.
    pub fn left_out(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().filter(|(_, theirs)| theirs.is_none()).map(|(ours, _)| ours.as_str())
    }
}

impl Weights {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, is no safetensors file, or has numbers that are no floating-point numbers of 16 to 64 bits.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let bytes = std::fs::read(path).map_err(|source| ModelError::File { path: path.to_owned(), source })?;
        Self::from_bytes(&bytes, path)
    }

    /// The arrays in the bytes of a file; `path` is for messages only.
    ///
    /// # Errors
    /// As [`Weights::load`].
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, ModelError> {
        let file =
            SafeTensors::deserialize(bytes).map_err(|source| ModelError::Format { path: path.to_owned(), source })?;
        let mut arrays = BTreeMap::new();
        for (name, view) in file.iter().filter(|(name, _)| last(name) != UNUSED) {
            let values = numbers(view.dtype(), view.data()).ok_or_else(|| ModelError::Array {
                path: path.to_owned(),
                name: name.to_owned(),
                found: format!("{:?}", view.dtype()),
                expected: "F32, F64, F16 or BF16".to_owned(),
            })?;
            arrays.insert(name.to_owned(), Array { shape: view.shape().to_vec(), values });
        }
        Ok(Self { arrays })
    }

    /// Which array each parameter of a model takes.
    ///
    /// # Errors
    /// Everything that does not fit. Layers that do not fit each other or the input have no parameters.
    pub fn assign(
        &self,
        layers: &[Layer],
        input: &[usize],
        head: Head,
        rename: &BTreeMap<String, String>,
    ) -> Result<Assignment, Vec<Misfit>> {
        let specs = specs(layers, input, head).unwrap_or_default();
        let wanted: Vec<Wanted> = specs
            .into_iter()
            .map(|(name, spec)| Wanted {
                shape: format::stored(&spec.shape),
                optional: last(&name) == "bias" || last(&name) == "weight" && matches!(spec.start, Start::Constant(_)),
                name,
            })
            .collect();
        let (given, mut misfits) = self.renamed(&wanted, rename);
        let taken: BTreeSet<&str> = given.values().map(String::as_str).collect();
        // What is left is assigned group by group.
        let ours = groups(wanted.iter().filter(|w| !given.contains_key(&w.name)).map(|w| w.name.as_str()));
        let mut theirs = groups(self.arrays.keys().map(String::as_str).filter(|name| !taken.contains(name)));
        theirs.sort_by_cached_key(|name| natural(name));
        let by_group: BTreeMap<&str, &str> = self.grouped(&wanted, &ours, &theirs).into_iter().collect();
        let found = |want: &Wanted| {
            let by_group = by_group.get(group(&want.name)).map(|theirs| joined(theirs, last(&want.name)));
            given.get(&want.name).cloned().or(by_group.filter(|name| self.arrays.contains_key(name)))
        };
        // A part of a layer may be left out only where the rest of it is there.
        let there: BTreeSet<&str> = wanted.iter().filter(|w| found(w).is_some()).map(|w| group(&w.name)).collect();
        let mut assignment = Assignment::default();
        for want in &wanted {
            let name = found(want);
            match name.as_ref().map(|name| self.misfit(want, name)) {
                Some(Some(misfit)) => misfits.push(misfit),
                None if !want.optional || !there.contains(group(&want.name)) => {
                    misfits.push(self.absent(want, &theirs))
                }
                _ => assignment.pairs.push((want.name.clone(), name)),
            }
        }
        let mut used = taken;
        used.extend(assignment.pairs.iter().filter_map(|(_, name)| name.as_deref()));
        // Of a file that is named array by array the rest is not wanted.
        let unused: Vec<&str> = self.arrays.keys().map(String::as_str).filter(|name| !used.contains(name)).collect();
        if misfits.is_empty() && rename.is_empty() && !unused.is_empty() {
            misfits.push(Misfit {
                message: format!("the model has no place for {}", some(&unused)),
                help: "add the layers that they belong to, or say by `rename` which arrays are wanted".to_owned(),
                key: None,
            });
        }
        if misfits.is_empty() { Ok(assignment) } else { Err(misfits) }
    }

    /// What `rename` says, array by array.
    fn renamed(&self, wanted: &[Wanted], rename: &BTreeMap<String, String>) -> (BTreeMap<String, String>, Vec<Misfit>) {
        let (mut given, mut misfits) = (BTreeMap::new(), Vec::new());
        for (ours, theirs) in rename {
            let of_group: Vec<&Wanted> = wanted.iter().filter(|w| group(&w.name) == ours).collect();
            if let Some(want) = wanted.iter().find(|w| w.name == *ours) {
                if self.arrays.contains_key(theirs) {
                    given.insert(want.name.clone(), theirs.clone());
                    continue;
                }
            } else if of_group.is_empty() {
                let names: BTreeSet<&str> = wanted.iter().map(|w| group(&w.name)).collect();
                misfits.push(Misfit {
                    message: format!("the model has no layer or parameter `{ours}`"),
                    help: format!("its layers are {}", some(&names.into_iter().collect::<Vec<_>>())),
                    key: Some(ours.clone()),
                });
                continue;
            } else {
                let found = of_group.iter().map(|w| (w, joined(theirs, last(&w.name))));
                let found: Vec<_> = found.filter(|(_, name)| self.arrays.contains_key(name)).collect();
                if !found.is_empty() {
                    given.extend(found.into_iter().map(|(w, name)| (w.name.clone(), name)));
                    continue;
                }
            }
            let names = groups(self.arrays.keys().map(String::as_str));
            misfits.push(Misfit {
                message: format!("the file has no array or layer `{theirs}`"),
                help: format!("it has {}", some(&names)),
                key: Some(ours.clone()),
            });
        }
        (given, misfits)
    }

    /// Which group of the file belongs to which of ours.
    fn grouped<'a>(&self, wanted: &[Wanted], ours: &[&'a str], theirs: &[&'a str]) -> Vec<(&'a str, &'a str)> {
        if ours.iter().all(|name| theirs.contains(name)) {
            return ours.iter().map(|name| (*name, *name)).collect();
        }
        let fits = |own: &str, their: &str| {
            let arrays = wanted.iter().filter(|w| group(&w.name) == own);
            let mut there = 0;
            let fit = arrays.fold(true, |fit, w| match self.arrays.get(&joined(their, last(&w.name))) {
                Some(array) => {
                    there += 1;
                    fit && array.shape == w.shape
                }
                None => fit && w.optional,
            });
            fit && there == self.arrays.keys().filter(|name| group(name) == their).count()
        };
        let in_order: Vec<(&str, &str)> = ours.iter().copied().zip(theirs.iter().copied()).collect();
        if in_order.iter().all(|(own, their)| fits(own, their)) && ours.len() <= theirs.len() {
            return in_order;
        }
        let only = |own: &&'a str| {
            let mut fitting = theirs.iter().filter(|their| fits(own, their));
            fitting.next().filter(|_| fitting.next().is_none()).map(|their| (*own, *their))
        };
        let by_shape: Vec<(&str, &str)> = ours.iter().filter_map(only).collect();
        let apart = by_shape.iter().map(|(_, their)| their).collect::<BTreeSet<_>>().len() == by_shape.len();
        // For the messages: in order, where it is not known better.
        if by_shape.len() == ours.len() && apart { by_shape } else { in_order }
    }

    /// Why an array cannot be that parameter.
    fn misfit(&self, want: &Wanted, name: &str) -> Option<Misfit> {
        let array = &self.arrays[name];
        if array.shape == want.shape {
            return None;
        }
        let turned: Vec<usize> = array.shape.iter().rev().copied().collect();
        let help = if turned == want.shape {
            "its axes are in the other order: save the array transposed, outputs first, as PyTorch has it".to_owned()
        } else if size(&array.shape) == size(&want.shape) {
            "it has as many numbers in another shape: of dense layers outputs × inputs, of convolutions outputs × channels × \
             height × width"
                .to_owned()
        } else {
            format!(
                "make the layer as the file has it, or say by rename = {{ \"{}\" = \"…\" }} which array it is",
                want.name
            )
        };
        let message = format!(
            "{} of the model is {}, and {name} of the file {}",
            want.name,
            display(&want.shape),
            display(&array.shape)
        );
        Some(Misfit { message, help, key: None })
    }

    fn absent(&self, want: &Wanted, theirs: &[&str]) -> Misfit {
        let names: Vec<&str> = self.arrays.keys().map(String::as_str).collect();
        Misfit {
            message: format!("the file has nothing for {} of the model, {}", want.name, display(&want.shape)),
            help: match theirs.is_empty() {
                true => format!("it has {}", some(&names)),
                false => format!(
                    "say by rename = {{ {} = \"…\" }} which it is: the file has {}",
                    group(&want.name),
                    some(theirs)
                ),
            },
            key: None,
        }
    }
}

impl Model {
    /// Takes over the arrays of a file.
    ///
    /// # Panics
    /// If the assignment is not of these weights and this model.
    pub fn take(&mut self, weights: &Weights, assignment: &Assignment) {
        for (ours, theirs) in &assignment.pairs {
            let id = self.parameters.find(ours).expect("a parameter of the model");
            let range = self.parameters.parameter(id).range.clone();
            match theirs {
                Some(name) => {
                    let array = &weights.arrays[name];
                    let values = format::reordered(&array.shape, &array.values, &format::theirs(array.shape.len()));
                    self.parameters.values_mut()[range].copy_from_slice(&values);
                }
                // Biases may be drawn; the weights of a normalisation start from ones.
                None if last(ours) == "bias" => self.parameters.values_mut()[range].fill(0.0),
                None => {}
            }
        }
    }
}

/// What stands before the last dot.
fn group(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(group, _)| group)
}

/// What stands behind it.
fn last(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, last)| last)
}

fn joined(group: &str, last: &str) -> String {
    if group.is_empty() { last.to_owned() } else { format!("{group}.{last}") }
}

/// What is compared of a name, so that numbers in it go by their size: text, digits of a number, text, …
fn natural(name: &str) -> Vec<(&str, usize, &str)> {
    let (mut rest, mut key) = (name, Vec::new());
    while !rest.is_empty() {
        let (text, digits) = rest.split_at(rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len()));
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let number = digits[..end].trim_start_matches('0');
        key.push((text, number.len(), number));
        rest = &digits[end..];
    }
    key
}

/// The numbers of an array as `f32`; none of a type that is no floating-point number.
fn numbers(of: Dtype, bytes: &[u8]) -> Option<Vec<f32>> {
    let halves = bytes.as_chunks::<2>().0.iter().map(|b| u16::from_le_bytes(*b));
    match of {
        Dtype::F32 => Some(bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()),
        Dtype::F64 => Some(bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b) as f32).collect()),
        Dtype::BF16 => Some(halves.map(|bits| f32::from_bits(u32::from(bits) << 16)).collect()),
        Dtype::F16 => Some(halves.map(half).collect()),
        _ => None,
    }
}

/// A number of 16 bits (IEEE 754 binary16: 5 of exponent, 10 of fraction), each of which is an `f32`.
fn half(bits: u16) -> f32 {
    let (exponent, fraction) = (u32::from(bits >> 10 & 31), u32::from(bits & 1023));
    let magnitude = match exponent {
        // 2⁻²⁴ is the smallest.
        0 => fraction as f32 * f32::from_bits((127 - 24) << 23),
        31 => f32::from_bits(255 << 23 | fraction << 13),
        _ => f32::from_bits((exponent + 127 - 15) << 23 | fraction << 13),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

/// The groups of these names: ours in the order of the layers, a file's by name.
fn groups<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut groups: Vec<&str> = Vec::new();
    for name in names.map(group) {
        if !groups.contains(&name) {
            groups.push(name);
        }
    }
    groups
}

/// Names, the first few of them.
fn some(names: &[&str]) -> String {
    const MOST: usize = 12;
    let first = names.iter().take(MOST).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST) {
        0 if names.is_empty() => "nothing".to_owned(),
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
