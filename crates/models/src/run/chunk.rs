//! A chunk of samples on its way through a graph.

use std::{
    collections::BTreeSet,
    ops::Range,
    sync::{Mutex, PoisonError},
};

use autograd::{Graph, Node};
use datasets::Samples;
use tensor::threads;

use super::{
    Patch, Root, Run, find,
    patch::{Change, PatchedNode},
    variants::{Plan, Step, check_unit},
};
use crate::{Loss, ModelError, Network, Units, network};

/// Samples at once: enough for the kernels to be at full speed, few enough for a layer's values to stay in the second-level
/// cache.
pub(super) const CHUNK: usize = 256;

/// What a graph is built for.
#[derive(Debug, Clone, PartialEq)]
struct Wiring {
    rows: usize,
    /// Nodes from the input on, and what is done there.
    patched: Vec<(String, BTreeSet<Change>)>,
    root: Option<RootNode>,
    /// What is read.
    nodes: Vec<String>,
}

/// Where the backward walk begins.
#[derive(Debug, Clone, PartialEq)]
enum RootNode {
    Loss(Loss),
    Node(String),
}

/// What a run asks of each chunk.
pub(super) struct Job {
    plan: Plan,
    wiring: Wiring,
    targets: Option<Samples>,
}

/// Graphs that are built already, for the next chunk or the next reading of a run.
#[derive(Default)]
pub(super) struct Graphs(Mutex<Vec<ChunkGraph>>);

impl Graphs {
    fn take(&self, wiring: &Wiring) -> Option<ChunkGraph> {
        let mut graphs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        graphs.retain(|graph| graph.wiring == *wiring);
        graphs.pop()
    }

    fn put(&self, graph: ChunkGraph) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(graph);
    }
}

impl Run<'_> {
    /// Checks that samples, nodes and units are there, for graphs of so many samples.
    pub(super) fn job(&self, rows: usize, variants: &[Vec<Patch>], nodes: &[String]) -> Result<Job, ModelError> {
        let (expected, found) = (self.model.features(), self.input.features());
        if found != expected {
            return Err(ModelError::Features { expected, found });
        }
        let known = self.model.sample_shapes();
        let (mut root, mut targets) = (None, None);
        match self.root {
            None => {}
            Some(Root::Loss(loss)) => {
                targets = Some(self.input.targets(loss)?);
                root = Some(RootNode::Loss(loss));
            }
            Some(Root::Unit(node, unit)) => {
                check_unit(node, find(&known, node)?.1, [unit])?;
                root = Some(RootNode::Node(node.to_owned()));
            }
            Some(Root::Units(node, units)) => {
                assert_eq!(units.len(), self.n(), "a unit for each sample");
                check_unit(node, find(&known, node)?.1, units.iter().copied())?;
                root = Some(RootNode::Node(node.to_owned()));
            }
            Some(Root::Numbers(node, numbers)) => {
                assert_eq!(numbers.len(), self.n(), "a number for each sample");
                let shape = find(&known, node)?.1;
                check_unit(node, shape, numbers.iter().map(|number| Units::of(node, shape).at(*number)))?;
                root = Some(RootNode::Node(node.to_owned()));
            }
        }
        nodes.iter().try_for_each(|node| find(&known, node).map(drop))?;
        let plan = Plan::new(&known, &self.patches, variants)?;
        let wiring = Wiring { rows, patched: plan.patched.clone(), root, nodes: nodes.to_vec() };
        Ok(Job { plan, wiring, targets })
    }

    /// Shows every variant on each chunk, whose state is one of `chunks`.
    pub(super) fn each_chunk<T: Send>(
        &self,
        variants: &[Vec<Patch>],
        nodes: &[String],
        chunks: &mut [T],
        see: &(dyn Fn(&mut T, Seen<'_>) + Sync),
    ) -> Result<(), ModelError> {
        let job = self.job(self.n().min(CHUNK), variants, nodes)?;
        let graph = || self.graphs.take(&job.wiring).map_or_else(|| ChunkGraph::new(self, &job), Ok);
        self.graphs.put(graph()?);
        // Where there are fewer chunks than threads, these share the work of each chunk.
        let replays = if chunks.len() < threads::count() { 0 } else { 1 + job.plan.steps.len() };
        let cost = replays * CHUNK * self.parameters.len();
        threads::split(chunks.len(), 1, chunks, cost, |range, chunks| {
            let mut graph = graph().expect("the first one could be built");
            for (chunk, state) in range.zip(chunks) {
                graph.replay(self, &job, chunk, &mut |seen| see(state, seen));
            }
            self.graphs.put(graph);
        });
        Ok(())
    }
}

/// A graph for some samples at once.
pub(super) struct ChunkGraph {
    wiring: Wiring,
    network: Network,
    patched: Vec<PatchedNode>,
    target: Option<Node>,
    root: Option<Node>,
    root_units: Units,
    nodes: Vec<ReadNode>,
}

/// A node that is read.
struct ReadNode {
    node: Node,
    units: Units,
    /// Values and gradients in the order of a sample, where they lie in another one.
    ordered: [Vec<f32>; 2],
}

impl ChunkGraph {
    pub fn new(run: &Run<'_>, job: &Job) -> Result<Self, ModelError> {
        let wiring = job.wiring.clone();
        let known = run.model.sample_shapes();
        let units =
            |node: &str| known.iter().find(|(name, _)| name == node).map(|(name, shape)| Units::of(name, shape));
        let one = Units { count: 1, places: 1 };
        let mut patched = Vec::new();
        let mut hook = |graph: &mut Graph, node: Node, name: &str| match wiring.patched.iter().find(|(n, _)| n == name)
        {
            Some((_, changes)) => {
                patched.push(PatchedNode::build(graph, node, name, changes, units(name).unwrap_or(one))?);
                Ok(patched.last().map_or(node, |patched| patched.after))
            }
            None => graph.name(node, name),
        };
        let mut network = network::build(run.model, wiring.rows, run.parameters, false, None, &mut hook)?;
        let graph = &mut network.graph;
        let nodes = wiring.nodes.iter().map(|node| graph.node(node)).collect::<Result<Vec<_>, _>>()?;
        let (mut target, mut root, mut root_units) = (None, None, one);
        match &wiring.root {
            None => {}
            Some(RootNode::Loss(loss)) => {
                let (labels, loss) = loss.build(graph, network.output)?;
                (target, root) = (Some(labels), Some(loss));
            }
            Some(RootNode::Node(node)) => {
                (root, root_units) = (Some(graph.node(node)?), units(node).unwrap_or(one));
            }
        }
        if let Some(root) = root {
            graph.differentiate_towards(root, &nodes);
        }
        let read = |(node, name): (Node, &String)| ReadNode {
            node,
            units: units(name).unwrap_or(one),
            ordered: Default::default(),
        };
        let nodes = nodes.into_iter().zip(&wiring.nodes).map(read).collect();
        Ok(Self { wiring, network, patched, target, root, root_units, nodes })
    }

    /// The graph itself, and the root.
    pub fn parts(&mut self) -> (&mut Graph, Option<Node>) {
        (&mut self.network.graph, self.root)
    }

    /// Writes samples into the first rows, with their targets.
    pub fn gather(&mut self, run: &Run<'_>, job: &Job, samples: Range<usize>) {
        let all: Vec<u32>;
        let samples = match run.samples {
            Some(list) => &list[samples],
            None => {
                all = (samples.start as u32..samples.end as u32).collect();
                &all
            }
        };
        // Rows of the chunk before may be left behind these: no row's numbers depend on another's.
        let (x, graph) = (self.network.x, &mut self.network.graph);
        run.input.gather(samples, &mut graph.value_mut(x)[..samples.len() * run.input.features()]);
        if let (Some(target), Some(targets)) = (self.target, &job.targets) {
            targets.gather(samples, &mut graph.value_mut(target)[..samples.len() * targets.features()]);
        }
    }

    /// Writes what a step changes, or takes it back.
    fn write(&mut self, step: &Step, apply: bool) {
        for (change, place, bits) in &step.settings {
            let numbers = apply.then(|| bits.map(f32::from_bits));
            self.patched[step.at].write(&mut self.network.graph, *change, *place, numbers);
        }
    }

    /// Writes the patches of a job that has one variant.
    pub fn patch(&mut self, job: &Job) {
        job.plan.steps.iter().for_each(|step| self.write(step, true));
    }

    /// Runs every variant on a chunk.
    fn replay(&mut self, run: &Run<'_>, job: &Job, chunk: usize, see: &mut dyn FnMut(Seen<'_>)) {
        let samples = chunk * CHUNK..run.n().min((chunk + 1) * CHUNK);
        self.gather(run, job, samples.clone());
        self.network.graph.forward(run.parameters);
        self.show(run, &samples, &[], &job.plan.unpatched, see);
        let mut applied: Vec<&Step> = Vec::new();
        for step in &job.plan.steps {
            applied.drain(step.depth..).for_each(|step| self.write(step, false));
            self.write(step, true);
            applied.push(step);
            self.network.graph.forward_after(self.patched[step.at].before, run.parameters);
            self.show(run, &samples, &applied, &step.variants, see);
        }
        applied.into_iter().for_each(|step| self.write(step, false));
    }

    /// Shows what is there for these variants.
    fn show(
        &mut self,
        run: &Run<'_>,
        samples: &Range<usize>,
        applied: &[&Step],
        variants: &[usize],
        see: &mut dyn FnMut(Seen<'_>),
    ) {
        if !variants.is_empty() {
            self.backward(run, samples);
            self.order();
        }
        for &variant in variants {
            see(Seen { variant, samples: samples.clone(), graph: self, applied });
        }
    }

    /// Puts what is read of pictures into the order of a sample.
    fn order(&mut self) {
        let graph = &self.network.graph;
        for ReadNode { node, units, ordered: [values, gradients] } in &mut self.nodes {
            if units.is_reordered() {
                units.read_graph(graph.value(*node), values);
                units.read_graph(graph.gradient(*node), gradients);
            }
        }
    }

    /// Pulls the gradient of the root back, if there is one.
    fn backward(&mut self, run: &Run<'_>, samples: &Range<usize>) {
        let (Some(node), Some(root)) = (self.root, run.root) else { return };
        let (graph, rows) = (&mut self.network.graph, self.wiring.rows);
        let units = self.root_units;
        let seed = graph.gradient_mut(node);
        let size = seed.len() / rows;
        seed.fill(0.0);
        let mut put = |row: usize, number: usize, value: f32| seed[row * size + units.in_graph(number)] = value;
        // A channel is the mean over its places.
        let mean = 1.0 / units.places as f32;
        match root {
            // The loss is the mean over the rows, and each row's own is wanted.
            Root::Loss(_) => seed.fill(rows as f32),
            Root::Unit(_, unit) => {
                (0..samples.len()).for_each(|row| units.numbers(unit).for_each(|number| put(row, number, mean)));
            }
            Root::Units(_, own) => own[samples.clone()].iter().enumerate().for_each(|(row, unit)| {
                units.numbers(*unit).for_each(|number| put(row, number, mean));
            }),
            Root::Numbers(_, own) => {
                own[samples.clone()].iter().enumerate().for_each(|(row, number)| put(row, *number, 1.0));
            }
        }
        graph.backward_to_nodes(run.parameters);
    }
}

/// A chunk of samples under one variant.
pub struct Seen<'a> {
    /// The number of the variant.
    pub variant: usize,
    /// The samples, by their places in the run's order.
    pub samples: Range<usize>,
    graph: &'a ChunkGraph,
    applied: &'a [&'a Step],
}

impl Seen<'_> {
    /// The values of the node that was asked for in this place: samples × numbers of a sample.
    pub fn values(&self, node: usize) -> &[f32] {
        let ReadNode { node, units, ordered: [values, _] } = &self.graph.nodes[node];
        self.rows(if units.is_reordered() { values } else { self.graph.network.graph.value(*node) })
    }

    /// The gradients there, if they were asked for.
    pub fn gradients(&self, node: usize) -> &[f32] {
        let ReadNode { node, units, ordered: [_, gradients] } = &self.graph.nodes[node];
        self.rows(if units.is_reordered() { gradients } else { self.graph.network.graph.gradient(*node) })
    }

    /// Those of the samples.
    fn rows<'v>(&self, values: &'v [f32]) -> &'v [f32] {
        &values[..values.len() / self.graph.wiring.rows * self.samples.len()]
    }

    /// Calls back with each row in turn, and the patched node and unit, whose value a patch changed.
    pub(super) fn changes(&self, mut see: impl FnMut(usize, (usize, usize))) {
        let graph = &self.graph.network.graph;
        for row in 0..self.samples.len() {
            for step in self.applied {
                let node = &self.graph.patched[step.at];
                let (before, after) = (graph.value(node.before), graph.value(node.after));
                let size = before.len() / self.graph.wiring.rows;
                for (_, place, _) in &step.settings {
                    let at = row * size + node.units.in_graph(*place);
                    if before[at] != after[at] {
                        see(row, (step.at, node.units.at(*place)));
                    }
                }
            }
        }
    }
}
