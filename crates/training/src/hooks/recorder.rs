//! The hooks of one training run at work.

use std::ops::Range;

use autograd::{Graph, Node, Parameters};
use models::Model;

use super::{Hook, HookError, Quantity, Recording, Statistics, block, statistics::norm};

/// All hooks of a training run. With none it does nothing.
#[derive(Default)]
pub(crate) struct Recorder {
    hooks: Vec<Listening>,
    /// The parameters before the step, then what the step added; empty unless an update is listened to.
    update: Vec<f32>,
    /// Whether any hook listens in this epoch, and whether to an update.
    active: bool,
    updates: bool,
}

/// One hook.
struct Listening {
    recording: Recording,
    place: Place,
    /// Which epoch's statistics are gathered, and whether this is one.
    at: usize,
    live: bool,
    /// ‖w‖ before the step.
    weights: f64,
}

/// Where a hook's numbers lie.
enum Place {
    /// In each pass's graph.
    Nodes(Vec<Node>),
    /// Among the parameters.
    Parameters(Range<usize>),
}

impl Recorder {
    /// Plans the memory of `hooks` for a run of so many epochs over these graphs.
    pub fn new<'a>(
        hooks: &[Hook],
        model: &Model,
        graphs: impl Iterator<Item = &'a Graph> + Clone,
        epochs: usize,
    ) -> Result<Self, HookError> {
        let hooks = hooks
            .iter()
            .map(|hook| {
                let units = hook.units(model.layers(), model.input(), model.head())?;
                let statistics = hook.listens(epochs).into_iter();
                let statistics = statistics.map(|epoch| Statistics::new(epoch, units, hook.histogram));
                let place = match range(&hook.tensor, &model.parameters) {
                    Some(range) => Place::Parameters(range),
                    None => {
                        // The name was checked: every graph of the model has the node.
                        Place::Nodes(graphs.clone().filter_map(|graph| graph.node(&hook.tensor).ok()).collect())
                    }
                };
                Ok(Listening {
                    recording: Recording { hook: hook.clone(), epochs: statistics.collect() },
                    place,
                    at: 0,
                    live: false,
                    weights: 0.0,
                })
            })
            .collect::<Result<Vec<_>, HookError>>()?;
        let updates = hooks.iter().any(|t| t.recording.hook.quantity == Quantity::Update);
        let update = vec![0.0; if updates { model.parameters.len() } else { 0 }];
        Ok(Self { hooks, update, active: false, updates: false })
    }

    /// An epoch begins, the first being 1.
    pub fn begin(&mut self, epoch: usize) {
        for hook in &mut self.hooks {
            let epochs = &hook.recording.epochs;
            while epochs.get(hook.at).is_some_and(|s| s.epoch < epoch) {
                hook.at += 1;
            }
            hook.live = epochs.get(hook.at).is_some_and(|s| s.epoch == epoch);
        }
        self.active = self.hooks.iter().any(|t| t.live);
        self.updates = self.hooks.iter().any(|t| t.live && t.recording.hook.quantity == Quantity::Update);
    }

    /// Between a pass's backward walk and the step.
    pub fn passed(&mut self, pass: usize, graph: &Graph, parameters: &Parameters) {
        if !self.active {
            return;
        }
        for hook in self.hooks.iter_mut().filter(|t| t.live) {
            let numbers = match (&hook.place, hook.recording.hook.quantity) {
                (Place::Nodes(nodes), Quantity::Value) => graph.value(nodes[pass]),
                (Place::Nodes(nodes), _) => graph.gradient(nodes[pass]),
                (Place::Parameters(range), Quantity::Value) => &parameters.values()[range.clone()],
                (Place::Parameters(range), Quantity::Gradient) => &parameters.gradients()[range.clone()],
                (Place::Parameters(range), Quantity::Update) => {
                    hook.weights = norm(&parameters.values()[range.clone()]);
                    continue;
                }
            };
            hook.hear(numbers);
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
        for hook in self.hooks.iter_mut().filter(|t| t.live) {
            if let (Place::Parameters(range), Quantity::Update) = (&hook.place, hook.recording.hook.quantity) {
                let update = &self.update[range.clone()];
                let before = hook.weights;
                let (statistics, norm) = hook.hear(update);
                if before > 0.0 {
                    statistics.ratios += norm / before;
                    statistics.ratio_steps += 1;
                }
            }
        }
    }

    /// What was recorded so far, in the order of the hooks.
    pub fn recorded(&self) -> Vec<Vec<Statistics>> {
        self.hooks.iter().map(|hook| hook.recording.epochs.clone()).collect()
    }

    /// What is recorded.
    pub fn hooks(&self) -> impl Iterator<Item = &Hook> {
        self.hooks.iter().map(|hook| &hook.recording.hook)
    }

    /// Goes on from what was recorded before, of the same hooks in the same epochs; whether it has as many units.
    pub fn put_back(&mut self, recorded: Vec<Vec<Statistics>>) -> bool {
        let mut fits = true;
        for (hook, recorded) in self.hooks.iter_mut().zip(recorded) {
            // Epochs still to come may be others.
            let pairs =
                hook.recording.epochs.iter_mut().zip(recorded).filter(|(own, before)| own.epoch == before.epoch);
            for (own, before) in pairs {
                fits &= own.units.len() == before.units.len();
                *own = before;
            }
        }
        fits
    }

    /// What was recorded, in the order of the hooks, in the epochs there were.
    pub fn finish(self, epochs: usize) -> Vec<Recording> {
        let recordings = self.hooks.into_iter().map(|hook| hook.recording);
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
