//! Many patched runs of the same samples, which share their work.
//!
//! What two variants have in common, from the input on, is computed once: below its lowest patched node every variant is the
//! unpatched run, and a variant that patches a second node goes on from what its first patch alone left there. All of it happens
//! in one graph, which holds the operations of every variant. The variants are the branches of a tree, which forks at patched
//! nodes; it is walked depth first, branches at higher nodes before those at lower ones. So what lies below a variant's last
//! patched node is right already when it is reached, and only what lies above is replayed.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use ndarray::{Array2, ArrayViewMut2, Axis};
use tensor::shape::size;

use super::{
    Effect, Found, Patch, Reading, Run,
    chunk::{CHUNK, Seen},
    find, names,
    patch::Change,
};
use crate::{ModelError, Units};

/// A run and the patches of each variant. See [`Run::variants`].
pub struct Variants<'a> {
    pub(super) run: Run<'a>,
    pub(super) variants: &'a [Vec<Patch>],
}

impl Variants<'_> {
    /// What [`Run::read`] gives, for each variant.
    ///
    /// # Errors
    /// As there.
    pub fn read(&self, nodes: impl IntoIterator<Item: AsRef<str>>) -> Result<Vec<Found>, ModelError> {
        self.run.read_variants(self.variants, &names(nodes))
    }

    /// Shows a callback every variant of every chunk of samples, where all the readings would be too many to keep. What it makes
    /// of a chunk is gathered in a `T`, and these are given in the order of the samples, whatever the threads. The variants of a
    /// chunk come in no particular order.
    ///
    /// # Errors
    /// As for [`Run::read`].
    pub fn fold<T: Send>(
        &self,
        nodes: impl IntoIterator<Item: AsRef<str>>,
        new: impl Fn() -> T,
        see: impl Fn(&mut T, Seen<'_>) + Sync,
    ) -> Result<Vec<T>, ModelError> {
        let mut chunks: Vec<T> = (0..self.run.n().div_ceil(CHUNK)).map(|_| new()).collect();
        self.run.each_chunk(self.variants, &names(nodes), &mut chunks, &see)?;
        Ok(chunks)
    }
}

/// Where the numbers of one variant on one chunk go.
struct Part<'a> {
    /// Values and gradients of each node.
    rows: Vec<[Option<ArrayViewMut2<'a, f32>>; 2]>,
    /// The patched nodes' units that changed.
    units: BTreeSet<(usize, usize)>,
    /// On how many samples.
    samples: usize,
}

impl Run<'_> {
    /// Reads nodes under each variant.
    pub(super) fn read_variants(&self, variants: &[Vec<Patch>], nodes: &[String]) -> Result<Vec<Found>, ModelError> {
        let (n, known) = (self.n(), self.model.sample_shapes());
        let reading = |node: &String| {
            let shape = find(&known, node)?.1.to_vec();
            let zeros = |n| Array2::zeros((n, size(&shape)));
            let gradients = zeros(if self.root.is_some() { n } else { 0 });
            Ok(Reading { node: node.clone(), values: zeros(n), gradients, shape })
        };
        let readings = nodes.iter().map(reading).collect::<Result<Vec<_>, ModelError>>()?;
        let mut found = vec![Found { readings, effect: Effect::default() }; variants.len()];
        let mut chunks: Vec<Vec<Part>> = (0..n.div_ceil(CHUNK)).map(|_| Vec::with_capacity(variants.len())).collect();
        for found in &mut found {
            let mut rows: Vec<_> = Vec::new();
            for Reading { values, gradients, .. } in &mut found.readings {
                rows.push([values, gradients].map(|array| array.axis_chunks_iter_mut(Axis(0), CHUNK)));
            }
            for chunk in &mut chunks {
                let rows = rows.iter_mut().map(|[values, gradients]| [values.next(), gradients.next()]).collect();
                chunk.push(Part { rows, units: BTreeSet::new(), samples: 0 });
            }
        }
        self.each_chunk(variants, nodes, &mut chunks, &|parts: &mut Vec<Part>, seen: Seen<'_>| {
            let part = &mut parts[seen.variant];
            for (k, [values, gradients]) in part.rows.iter_mut().enumerate() {
                copy(values, seen.values(k));
                copy(gradients, seen.gradients(k));
            }
            let mut last = None;
            seen.changes(|row, unit| {
                part.units.insert(unit);
                part.samples += usize::from(last.replace(row) != Some(row));
            });
        })?;
        let effect = |variant: usize| {
            let parts = || chunks.iter().map(|parts| &parts[variant]);
            let units: BTreeSet<_> = parts().flat_map(|part| &part.units).collect();
            Effect { units: units.len(), samples: parts().map(|part| part.samples).sum() }
        };
        let effects: Vec<Effect> = (0..variants.len()).map(effect).collect();
        found.iter_mut().zip(effects).for_each(|(found, effect)| found.effect = effect);
        Ok(found)
    }
}

/// The whole of a chunk's rows, where they are wanted.
fn copy(to: &mut Option<ArrayViewMut2<'_, f32>>, from: &[f32]) {
    if let Some(to) = to.as_mut().and_then(|rows| rows.as_slice_mut()) {
        to.copy_from_slice(from);
    }
}

/// What is written for one number of a node's sample: the change, the number's place, and the bits of the operation's numbers.
pub(super) type Setting = (Change, usize, [u32; 2]);

/// A fork of the tree: what is changed at a node, over what the steps before it with a lower depth change.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    /// How many steps it goes on from.
    pub depth: usize,
    /// The node, among those that are patched.
    pub at: usize,
    pub settings: Vec<Setting>,
    /// The variants that are complete here.
    pub variants: Vec<usize>,
}

/// The order of work.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Plan {
    /// The nodes that are patched, from the input on, and all that is done there.
    pub patched: Vec<(String, BTreeSet<Change>)>,
    /// Variants that change nothing.
    pub unpatched: Vec<usize>,
    pub steps: Vec<Step>,
}

impl Plan {
    /// For variants of a model of these nodes, all of which begin with the patches `always`.
    pub fn new(nodes: &[(String, Vec<usize>)], always: &[Patch], variants: &[Vec<Patch>]) -> Result<Self, ModelError> {
        let mut changes = BTreeMap::<usize, BTreeSet<Change>>::new();
        let mut paths = Vec::with_capacity(variants.len());
        for (variant, patches) in variants.iter().enumerate() {
            let mut path = BTreeMap::<usize, Vec<Setting>>::new();
            for patch in always.iter().chain(patches) {
                let (at, shape) = find(nodes, &patch.node)?;
                check_unit(&patch.node, shape, patch.units.iter().map(|(unit, _)| *unit))?;
                let numbers = patch.numbers(Units::of(&patch.node, shape));
                let settings = numbers.map(|(place, v)| (patch.change, place, v.map(f32::to_bits)));
                path.entry(at).or_default().extend(settings);
                changes.entry(at).or_default().insert(patch.change);
            }
            path.retain(|_, settings| !settings.is_empty());
            paths.push((path.into_iter().map(|(at, settings)| (Reverse(at), settings)).collect::<Vec<_>>(), variant));
        }
        // A path comes before those that go on from it; of two that fork, the one at the higher node comes first.
        paths.sort();
        let place = |at: usize| changes.keys().position(|node| *node == at).unwrap_or(0);
        let (mut unpatched, mut steps) = (Vec::new(), Vec::<Step>::new());
        let mut before = &[][..];
        for (path, variant) in &paths {
            let shared = path.iter().zip(before).take_while(|(a, b)| a == b).count();
            for (depth, (at, settings)) in path.iter().enumerate().skip(shared) {
                steps.push(Step { depth, at: place(at.0), settings: settings.clone(), variants: Vec::new() });
            }
            match steps.last_mut() {
                Some(step) if !path.is_empty() => step.variants.push(*variant),
                _ => unpatched.push(*variant),
            }
            before = path;
        }
        let patched = changes.into_iter().map(|(at, changes)| (nodes[at].0.clone(), changes)).collect();
        Ok(Self { patched, unpatched, steps })
    }
}

/// Whether a node has these units.
pub(super) fn check_unit(
    node: &str,
    shape: &[usize],
    units: impl IntoIterator<Item = usize>,
) -> Result<(), ModelError> {
    let of = Units::of(node, shape).count;
    match units.into_iter().find(|unit| *unit >= of) {
        Some(unit) => Err(ModelError::Unit { node: node.to_owned(), unit, of }),
        None => Ok(()),
    }
}
