//! What was found, and what follows from it.

use datasets::Split;
use models::layers::Curve;
use ndarray::Array2;
use registry::TrainRef;
use training::{Histogram, UnitStatistics};

use super::{On, Signal};
use crate::{Metrics, Outcome, select::samples::Present};

/// Statistics of a model's nodes over its training.
#[derive(Debug, Clone, PartialEq)]
pub struct Activations {
    /// The model.
    pub model: TrainRef,
    /// What of the nodes.
    pub quantity: Signal,
    /// On what.
    pub on: On,
    /// The split of the data the samples are from.
    pub split: Split,
    /// How many samples.
    pub samples: usize,
    /// The classes that are told apart; none where there are none, and for batches.
    pub classes: Vec<String>,
    /// When: how many epochs had ended; for batches, which pass, the first being 1.
    pub epochs: Vec<usize>,
    /// How far on its way to its limit an activation counts as flat, 0 to 1.
    pub threshold: f64,
    /// On which share of the samples a saturated unit is flat.
    pub share: f64,
    /// The nodes.
    pub nodes: Vec<NodeActivity>,
}

/// One node's statistics.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeActivity {
    /// Its name.
    pub name: String,
    /// How many units it has.
    pub units: usize,
    /// The curve of its activation, where that saturates.
    pub flat: Option<Curve>,
    /// Whether it is the output of an activation.
    pub activation: bool,
    /// One entry per epoch.
    pub epochs: Vec<Activity>,
}

/// One node at one epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// class × unit; one group where no classes are told apart.
    pub groups: Vec<Vec<UnitStatistics>>,
    /// One per class.
    pub histograms: Vec<Histogram>,
    /// On how many samples each unit is flat; a channel's places count one by one.
    pub flat: Vec<u64>,
}

impl Activity {
    /// Of nothing yet.
    pub(super) fn new(units: usize, groups: usize) -> Self {
        Self {
            groups: vec![vec![UnitStatistics::default(); units]; groups],
            histograms: vec![Histogram::default(); groups],
            flat: vec![0; units],
        }
    }

    /// Adds rows of one group, one number per unit each: a sample's row, or one for each of its places.
    pub(super) fn add(&mut self, group: usize, rows: &[f32], flat: impl Fn(f32) -> bool) {
        UnitStatistics::add_rows(&mut self.groups[group], rows);
        self.histograms[group].add(rows);
        for row in rows.chunks_exact(self.flat.len().max(1)) {
            self.flat.iter_mut().zip(row).for_each(|(count, v)| *count += u64::from(flat(*v)));
        }
    }

    /// All units' numbers, of one class or of all.
    pub fn moments(&self, class: Option<usize>) -> UnitStatistics {
        let mut all = UnitStatistics::default();
        self.of(class).flatten().for_each(|m| all.merge(m));
        all
    }

    /// One unit's numbers, of one class or of all.
    pub fn unit(&self, unit: usize, class: Option<usize>) -> UnitStatistics {
        let mut all = UnitStatistics::default();
        self.of(class).for_each(|units| all.merge(&units[unit]));
        all
    }

    /// Its numbers, of one class or of all, in bins.
    pub fn histogram(&self, class: Option<usize>) -> Histogram {
        let mut all = Histogram::default();
        let histograms = self.histograms.iter().enumerate();
        histograms.filter(|(i, _)| class.is_none_or(|c| c == *i)).for_each(|(_, h)| all.merge(h));
        all
    }

    /// How many units are exactly zero on every sample.
    pub fn dead(&self) -> usize {
        let dead = |unit| {
            let moments = self.unit(unit, None);
            moments.count() > 0 && moments.zeros() == moments.count()
        };
        (0..self.flat.len()).filter(|unit| dead(*unit)).count()
    }

    fn of(&self, class: Option<usize>) -> impl Iterator<Item = &Vec<UnitStatistics>> {
        self.groups.iter().enumerate().filter(move |(i, _)| class.is_none_or(|c| c == *i)).map(|(_, units)| units)
    }
}

impl NodeActivity {
    /// How many units are flat on at least this share of the samples, at an epoch; `None` for a node that is flat nowhere.
    pub fn saturated(&self, epoch: usize, share: f64) -> Option<usize> {
        let activity = &self.epochs[epoch];
        let saturated = |(unit, flat): (usize, &u64)| {
            let count = activity.unit(unit, None).count();
            count > 0 && *flat as f64 >= share * count as f64
        };
        self.flat.map(|_| activity.flat.iter().enumerate().filter(|u| saturated(*u)).count())
    }

    /// The mean of each unit at each epoch, of one class or of all: units × epochs.
    pub fn unit_means(&self, class: Option<usize>) -> Array2<f64> {
        Array2::from_shape_fn((self.units, self.epochs.len()), |(u, e)| self.epochs[e].unit(u, class).mean())
    }

    /// The mean of each unit over the samples of each class at an epoch: classes × units.
    pub fn class_means(&self, epoch: usize) -> Array2<f64> {
        let groups = &self.epochs[epoch].groups;
        Array2::from_shape_fn((groups.len(), self.units), |(class, unit)| groups[class][unit].mean())
    }

    /// All numbers of all the epochs, in bins that are shared by them; of one class or of all.
    pub fn frame(&self, epochs: &[usize], class: Option<usize>) -> Histogram {
        let mut frame = Histogram::default();
        epochs.iter().for_each(|e| frame.merge(&self.epochs[*e].histogram(class)));
        frame
    }
}

impl Activations {
    /// The classes of which samples were looked at.
    pub fn present(&self) -> Present {
        let counts =
            |class: usize| self.nodes.iter().flat_map(|n| &n.epochs).map(move |e| e.moments(Some(class)).count());
        Present::those(&self.classes, |class| counts(class).any(|count| count > 0))
    }

    /// A node by its name.
    pub fn node(&self, name: &str) -> Option<&NodeActivity> {
        self.nodes.iter().find(|n| n.name == name)
    }
}

impl Outcome for Activations {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("samples", self.samples);
        for node in &self.nodes {
            let at = |epoch: usize| {
                let (activity, mut own) = (&node.epochs[epoch], Metrics::default());
                let moments = activity.moments(None);
                own.add("epoch", self.epochs[epoch]);
                own.add("mean", moments.mean());
                own.add("std", moments.deviation());
                own.add("zeros", moments.zero_share());
                if node.activation {
                    own.add("dead_units", activity.dead());
                }
                if let Some(saturated) = node.saturated(epoch, self.share) {
                    own.add("saturated_units", saturated);
                }
                own
            };
            let mut own = Metrics::default();
            own.add("units", node.units);
            if let Some(last) = node.epochs.len().checked_sub(1) {
                own.add("first", at(0));
                own.add("last", at(last));
            }
            metrics.add(&node.name, own);
        }
        metrics
    }
}
