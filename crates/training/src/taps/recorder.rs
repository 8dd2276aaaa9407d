//! The taps of one training run at work.

use std::ops::Range;

use autograd::{Graph, Node, Parameters};
use models::Model;

use super::{Quantity, Recording, Statistics, Tap, TapError, block, statistics::norm};
use crate::SnapshotConfig;

/// All taps of a training run. With none it does nothing.
#[derive(Default)]
pub(crate) struct Recorder {
    taps: Vec<Listening>,
    /// The parameters before the step, then what the step added; empty unless an update is listened to.
    update: Vec<f32>,
    /// Whether any tap listens in this epoch, and whether to an update.
    active: bool,
    updates: bool,
}

/// One tap.
struct Listening {
    recording: Recording,
    place: Place,
    /// Which epoch's statistics are gathered, and whether this is one.
    at: usize,
    live: bool,
    /// ‖w‖ before the step.
    weights: f64,
}

/// Where a tap's numbers lie.
enum Place {
    /// In each pass's graph.
    Nodes(Vec<Node>),
    /// Among the parameters.
    Parameters(Range<usize>),
}

impl Recorder {
    /// Plans the memory of `taps` for a run of so many epochs over these graphs.
    pub fn new<'a>(
        taps: &[Tap],
        model: &Model,
        graphs: impl Iterator<Item = &'a Graph> + Clone,
        epochs: usize,
    ) -> Result<Self, TapError> {
        let taps = taps
            .iter()
            .map(|tap| {
                let units = tap.units(model.layers(), model.input(), model.head())?;
                let every = SnapshotConfig { every: Some(1), ..SnapshotConfig::default() };
                let list = tap.epochs.as_ref().unwrap_or(&every).list(epochs);
                let statistics = list.into_iter().filter(|e| *e > 0);
                let statistics = statistics.map(|epoch| Statistics::new(epoch, units, tap.histogram));
                let place = match range(&tap.tensor, &model.parameters) {
                    Some(range) => Place::Parameters(range),
                    None => {
                        // The name was checked: every graph of the model has the node.
                        Place::Nodes(graphs.clone().filter_map(|graph| graph.node(&tap.tensor).ok()).collect())
                    }
                };
                Ok(Listening {
                    recording: Recording { tap: tap.clone(), epochs: statistics.collect() },
                    place,
                    at: 0,
                    live: false,
                    weights: 0.0,
                })
            })
            .collect::<Result<Vec<_>, TapError>>()?;
        let updates = taps.iter().any(|t| t.recording.tap.quantity == Quantity::Update);
        let update = vec![0.0; if updates { model.parameters.len() } else { 0 }];
        Ok(Self { taps, update, active: false, updates: false })
    }

    /// An epoch begins, the first being 1.
    pub fn begin(&mut self, epoch: usize) {
        for tap in &mut self.taps {
            let epochs = &tap.recording.epochs;
            while epochs.get(tap.at).is_some_and(|s| s.epoch < epoch) {
                tap.at += 1;
            }
            tap.live = epochs.get(tap.at).is_some_and(|s| s.epoch == epoch);
        }
        self.active = self.taps.iter().any(|t| t.live);
        self.updates = self.taps.iter().any(|t| t.live && t.recording.tap.quantity == Quantity::Update);
    }

    /// Between a pass's backward walk and the step.
    pub fn passed(&mut self, pass: usize, graph: &Graph, parameters: &Parameters) {
        if !self.active {
            return;
        }
        for tap in self.taps.iter_mut().filter(|t| t.live) {
            let numbers = match (&tap.place, tap.recording.tap.quantity) {
                (Place::Nodes(nodes), Quantity::Value) => graph.value(nodes[pass]),
                (Place::Nodes(nodes), _) => graph.gradient(nodes[pass]),
                (Place::Parameters(range), Quantity::Value) => &parameters.values()[range.clone()],
                (Place::Parameters(range), Quantity::Gradient) => &parameters.gradients()[range.clone()],
                (Place::Parameters(range), Quantity::Update) => {
                    tap.weights = norm(&parameters.values()[range.clone()]);
                    continue;
                }
            };
            tap.hear(numbers);
        }
        if self.updates {
            self.update.copy_from_slice(&parameters.values()[..parameters.len()]);
        }
    }

    /// After the step.
    pub fn stepped(&mut self, parameters: &[f32]) {
        if !self.updates {
            return;
        }
        self.update.iter_mut().zip(parameters).for_each(|(w, after)| *w = after - *w);
        for tap in self.taps.iter_mut().filter(|t| t.live) {
            if let (Place::Parameters(range), Quantity::Update) = (&tap.place, tap.recording.tap.quantity) {
                let update = &self.update[range.clone()];
                let before = tap.weights;
                let (statistics, norm) = tap.hear(update);
                if before > 0.0 {
                    statistics.ratios += norm / before;
                    statistics.ratio_steps += 1;
                }
            }
        }
    }

    /// What was heard so far, in the order of the taps.
    pub fn heard(&self) -> Vec<Vec<Statistics>> {
        self.taps.iter().map(|tap| tap.recording.epochs.clone()).collect()
    }

    /// Goes on from what was heard before; whether it fits these taps.
    pub fn put_back(&mut self, heard: Vec<Vec<Statistics>>) -> bool {
        let epochs = |list: &[Statistics]| list.iter().map(|s| (s.epoch, s.units.len())).collect::<Vec<_>>();
        let fits = heard.len() == self.taps.len()
            && self.taps.iter().zip(&heard).all(|(tap, heard)| epochs(&tap.recording.epochs) == epochs(heard));
        if fits {
            self.taps.iter_mut().zip(heard).for_each(|(tap, heard)| tap.recording.epochs = heard);
        }
        fits
    }

    /// What was heard, in the order of the taps, in the epochs there were.
    pub fn finish(self, epochs: usize) -> Vec<Recording> {
        let recordings = self.taps.into_iter().map(|tap| tap.recording);
        recordings
            .map(|mut recording| {
                recording.epochs.retain(|s| s.epoch <= epochs);
                recording
            })
            .collect()
    }
}

impl Listening {
    /// One step's numbers: the statistics they went to, and their norm.
    fn hear(&mut self, numbers: &[f32]) -> (&mut Statistics, f64) {
        let statistics = &mut self.recording.epochs[self.at];
        let norm = statistics.add(numbers);
        (statistics, norm)
    }
}

/// Where parameters of this name lie: an array, a layer's arrays (`hidden1.*`), or all (`*`). `None` for a node.
fn range(name: &str, parameters: &Parameters) -> Option<Range<usize>> {
    if name == "*" {
        return Some(0..parameters.len());
    }
    let own = |array: &str| array == name || name.strip_suffix(".*").is_some_and(|layer| layer == block(array));
    // A layer's arrays lie one after the other.
    let mut ranges = parameters.trained().iter().filter(|p| own(&p.name)).map(|p| p.range.clone());
    let first = ranges.next()?;
    Some(first.start..ranges.next_back().map_or(first.end, |last| last.end))
}
