//! What breaks when a neuron is removed, or two.
//!
//! The damage of removing a unit is the accuracy that is lost, d(i) = A − A∖{i}, over all samples and per class. Two units
//! interact by I(i, j) = d(i, j) − d(i) − d(j): positive where they stand in for each other (losing both is worse than the sum),
//! negative where they work together (losing one already spoils what both do).

mod removals;

use datasets::Split;
use models::{Patch, Reading, Units};
use ndarray::{Array1, Array2, Axis, s};
use registry::{Config, Problems, TrainRef};
use removals::Removals;

use crate::{
    Analysis, AnalysisError, Metrics, Offer, Outcome, Planned, Results,
    select::units::{self, Group, unit_name},
    select::{samples, samples::Present, split::SplitSelector},
    statistics::{class_means::largest, order::descending},
};

/// Removes every unit of some nodes, one at a time, and measures what accuracy is lost, over all and per class; then every pair
/// of units, and measures their interaction: the loss of accuracy without both, minus the sum of the losses without either. Of
/// pictures the units are the channels, each removed at all of its places.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AblationConfig {
    /// The trained model, of classes.
    pub model: TrainRef,
    /// The units to remove: nodes, or some units of nodes, as `["hidden1.post", "hidden2.post[0, 3]"]`. Default: all units of the
    /// last node of every hidden layer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<String>,
    /// What a removed unit gives instead of its activation: "zero", or its "mean" over the samples. Default "zero".
    #[serde(default)]
    pub by: Filling,
    /// Whether to remove pairs too. Default true.
    #[serde(default = "yes")]
    pub pairs: bool,
    /// The split of the model's data.
    #[serde(default)]
    pub split: SplitSelector,
}

/// What stands in for a removed activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Filling {
    /// Nothing.
    #[default]
    Zero,
    /// The unit's mean over the samples looked at.
    Mean,
}

fn yes() -> bool {
    true
}

impl Config for AblationConfig {
    const KIND: &str = "ablation";
    const EXAMPLE: &str = "model = \"mlp\"\nunits = [\"hidden1.post\", \"hidden2.post\"]";
}

/// A pair of units costs as much as a replay of what lies above, and there are half as many pairs as units squared.
const MOST_UNITS: usize = 256;

/// A class that at least half of its samples were recognised of …
const RECOGNISED: f64 = 0.5;
/// … and of which hardly any are without the unit: the unit is a bottleneck.
const NEAR_ZERO: f64 = 0.1;

/// What removals cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Ablation {
    /// The model's name.
    pub model: String,
    /// The split of the data.
    pub split: Split,
    /// How many samples that is.
    pub n: usize,
    /// What stood in for removed activations.
    pub by: Filling,
    /// The names of the classes of which there are samples.
    pub classes: Vec<String>,
    /// The names of the others.
    pub absent: Vec<String>,
    /// The units: nodes from the input on, and units in order.
    pub units: Vec<(String, usize)>,
    /// On how many samples each unit's removal changed its activation.
    pub changed: Vec<usize>,
    /// Accuracy with all units, over all samples and per class.
    pub whole: (f64, Array1<f64>),
    /// Accuracy without each unit.
    pub accuracy: Vec<f64>,
    /// Accuracy per class without each unit: units × classes.
    pub class_accuracy: Array2<f64>,
    /// Accuracy without each pair, units × units; the single units on the diagonal. None where pairs were not asked for.
    pub pairs: Option<Array2<f64>>,
}

/// A unit without which a class is hardly recognised any more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bottleneck {
    /// The unit, its number in [`Ablation::units`].
    pub unit: usize,
    /// The class.
    pub class: usize,
    /// The class's accuracy with the unit.
    pub with: f64,
    /// And without.
    pub without: f64,
}

impl Ablation {
    /// A unit's name.
    pub fn name(&self, unit: usize) -> String {
        let (node, index) = &self.units[unit];
        unit_name(node, *index)
    }

    /// Accuracy lost without a unit.
    pub fn damage(&self, unit: usize) -> f64 {
        self.whole.0 - self.accuracy[unit]
    }

    /// Accuracy of a class lost without a unit.
    pub fn class_damage(&self, unit: usize, class: usize) -> f64 {
        self.whole.1[class] - self.class_accuracy[[unit, class]]
    }

    /// All units, the one whose removal costs most first.
    pub fn order(&self) -> Vec<usize> {
        largest((0..self.units.len()).map(|u| self.damage(u)), self.units.len())
    }

    /// I(i, j): units × units, 0 on the diagonal.
    pub fn interactions(&self) -> Option<Array2<f64>> {
        let pairs = self.pairs.as_ref()?;
        let interaction = |(i, j): (usize, usize)| match i == j {
            true => 0.0,
            false => self.whole.0 - pairs[[i, j]] - self.damage(i) - self.damage(j),
        };
        Some(Array2::from_shape_fn(pairs.dim(), interaction))
    }

    /// The unit and class for which most is lost, whether or not that makes a bottleneck.
    pub fn worst(&self) -> Option<Bottleneck> {
        let classes = self.classes.len();
        let damages = (0..self.units.len() * classes).map(|i| self.class_damage(i / classes, i % classes));
        let worst = *largest(damages, 1).first()?;
        let (unit, class) = (worst / classes, worst % classes);
        Some(Bottleneck { unit, class, with: self.whole.1[class], without: self.class_accuracy[[unit, class]] })
    }

    /// The units without which some class is hardly recognised any more (at most a tenth of its samples, after at least half),
    /// each with the class it costs most; the one that costs most first.
    pub fn bottlenecks(&self) -> Vec<Bottleneck> {
        let of = |unit: usize| {
            let found = (0..self.classes.len()).map(|class| {
                let (with, without) = (self.whole.1[class], self.class_accuracy[[unit, class]]);
                Bottleneck { unit, class, with, without }
            });
            let mut found: Vec<_> = found.filter(|b| b.with >= RECOGNISED && b.without <= NEAR_ZERO).collect();
            found.sort_by(|a, b| descending(a.with - a.without, b.with - b.without));
            found.first().copied()
        };
        let mut list: Vec<Bottleneck> = (0..self.units.len()).filter_map(of).collect();
        list.sort_by(|a, b| descending(a.with - a.without, b.with - b.without).then(a.unit.cmp(&b.unit)));
        list
    }

    /// Pairs of different units by interaction, the largest first: their numbers and I.
    pub fn ranked_pairs(&self) -> Vec<(usize, usize, f64)> {
        let Some(interactions) = self.interactions() else { return Vec::new() };
        let n = self.units.len();
        let pairs: Vec<(usize, usize)> = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))).collect();
        let order = largest(pairs.iter().map(|p| interactions[*p]), pairs.len());
        order.into_iter().map(|k| (pairs[k].0, pairs[k].1, interactions[pairs[k]])).collect()
    }
}

impl Analysis for AblationConfig {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = self.split.of(&self.model, planned, problems) else { return };
        problems.note("model", model.needs_classes());
        let nodes = units::nodes(&model.layers, &model.data.shape, model.loss.head());
        // Layers that do not fit are told elsewhere.
        let unknown =
            |(i, text): (usize, &String)| Some((i, units::find(text, &nodes).err().filter(|_| nodes.len() > 1)?));
        let unknown: Vec<(usize, String)> = self.units.iter().enumerate().filter_map(unknown).collect();
        if let (true, Err(message)) = (unknown.is_empty(), groups(&self.units, &nodes)) {
            problems.add("units", message);
        }
        unknown.into_iter().for_each(|(i, message)| problems.add(format!("units[{i}]"), message));
    }

    fn offer(&self, _: &Planned) -> Offer {
        Offer { pairs: Some(self.pairs), ..Offer::default() }
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let model = &trained.fit.model;
        let (split, data) = trained.split(self.split)?;
        let (labels, classes) = samples::classes(data)?;
        let present = Present::of(labels, classes);
        let groups = groups(&self.units, &units::nodes_of(model)).map_err(|message| AnalysisError::Unit { message })?;
        let nodes: Vec<&str> = groups.iter().map(|g| g.node.as_str()).collect();
        let readings = model.run(data).read(&nodes)?.readings;
        let values: Vec<Array2<f32>> = readings.iter().map(Reading::units).collect();
        let units: Vec<(usize, usize)> =
            groups.iter().enumerate().flat_map(|(g, group)| group.units.iter().map(move |u| (g, *u))).collect();
        let fill = |(g, unit): &(usize, usize)| match self.by {
            Filling::Zero => 0.0,
            Filling::Mean => {
                (values[*g].column(*unit).iter().map(|v| f64::from(*v)).sum::<f64>() / data.n() as f64) as f32
            }
        };
        let fills: Vec<f32> = units.iter().map(fill).collect();
        let removal = |(unit, fill): (&(usize, usize), &f32)| Patch::set(nodes[unit.0], &[(unit.1, *fill)]);
        let removals = Removals::new(units.iter().zip(&fills).map(removal).collect(), self.pairs);
        let right = removals.count(model, data, labels, classes.len())?.select(Axis(1), &present.numbers);

        let counts = data.class_counts().expect("data of classes");
        let counts: Array1<f64> = present.numbers.iter().map(|class| counts[*class] as f64).collect();
        let share = |i: usize| right.row(i).sum() as f64 / data.n() as f64;
        let shares = |i: usize| right.row(i).mapv(|r| r as f64) / &counts;
        let mut class_accuracy = Array2::zeros((units.len(), counts.len()));
        (0..units.len()).for_each(|u| class_accuracy.row_mut(u).assign(&shares(1 + u)));
        let accuracy: Vec<f64> = (0..units.len()).map(|u| share(1 + u)).collect();
        let changed = |((g, unit), fill): (&(usize, usize), &f32)| {
            let numbers = Units::of(&readings[*g].node, &readings[*g].shape).numbers(*unit);
            let own = readings[*g].values.slice(s![.., numbers]);
            own.rows().into_iter().filter(|row| row.iter().any(|v| v != fill)).count()
        };
        let changed = units.iter().zip(&fills).map(changed);
        let pairs = self.pairs.then(|| {
            let mut pairs = Array2::zeros((units.len(), units.len()));
            for i in 0..units.len() {
                pairs[[i, i]] = accuracy[i];
                for j in i + 1..units.len() {
                    let both = share(removals.place(i, j));
                    (pairs[[i, j]], pairs[[j, i]]) = (both, both);
                }
            }
            pairs
        });
        Ok(Box::new(Ablation {
            model: trained.name.clone(),
            split,
            n: data.n(),
            by: self.by,
            classes: present.names,
            absent: present.absent,
            changed: changed.collect(),
            units: units.iter().map(|(g, u)| (groups[*g].node.clone(), *u)).collect(),
            whole: (share(0), shares(0)),
            accuracy,
            class_accuracy,
            pairs,
        }))
    }
}

/// The units to remove by node, nodes from the input on.
fn groups(texts: &[String], nodes: &[(String, usize)]) -> Result<Vec<Group>, String> {
    let names: Vec<String> = nodes.iter().skip(1).map(|(name, _)| name.clone()).collect();
    let hidden = units::hidden_nodes(&names);
    let texts = if texts.is_empty() { &hidden } else { texts };
    let mut groups = texts.iter().map(|text| units::find(text, nodes)).collect::<Result<Vec<_>, _>>()?;
    let place = |group: &Group| nodes.iter().position(|(name, _)| *name == group.node);
    groups.sort_by_key(place);
    if let Some(pair) = groups.windows(2).find(|pair| pair[0].node == pair[1].node) {
        return Err(format!("{0} is named twice; write all its units into one entry, as \"{0}[0, 1]\"", pair[0].node));
    }
    let n: usize = groups.iter().map(|g| g.units.len()).sum();
    match n {
        0 => Err("this model has no hidden layer; name the units to remove".into()),
        _ if n > MOST_UNITS => Err(format!("expected at most {MOST_UNITS} units, found {n}; name some of them")),
        _ => Ok(groups),
    }
}

/// How many pairs `metrics.json` names at either end.
const NAMED_PAIRS: usize = 5;

impl Outcome for Ablation {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("samples", self.n);
        metrics.add("accuracy", self.whole.0);
        let bottleneck = |b: &Bottleneck| {
            let mut own = Metrics::default();
            own.add("unit", self.name(b.unit));
            own.add("class", self.classes[b.class].as_str());
            own.add("class_accuracy_with", b.with);
            own.add("class_accuracy_without", b.without);
            own
        };
        if let Some(worst) = self.worst() {
            metrics.add("worst", bottleneck(&worst));
        }
        metrics.add("bottlenecks", self.bottlenecks().iter().map(bottleneck).collect::<Vec<_>>());
        let mut units = Metrics::default();
        for unit in self.order() {
            let mut own = Metrics::default();
            own.add("accuracy_lost", self.damage(unit));
            own.add("samples_changed", self.changed[unit]);
            units.add(self.name(unit), own);
        }
        metrics.add("units", units);
        let idle = (0..self.units.len()).filter(|u| self.changed[*u] == 0).map(|u| self.name(u));
        metrics.add("without_effect", idle.collect::<Vec<_>>());
        let pairs = self.ranked_pairs();
        let named = |(i, j, interaction): &(usize, usize, f64)| {
            let mut own = Metrics::default();
            own.add("units", vec![self.name(*i), self.name(*j)]);
            own.add("interaction", *interaction);
            own
        };
        if self.pairs.is_some() {
            metrics.add("pairs", pairs.len());
            metrics.add("worse_than_the_sum", pairs.iter().take(NAMED_PAIRS).map(named).collect::<Vec<_>>());
            metrics.add("better_than_the_sum", pairs.iter().rev().take(NAMED_PAIRS).map(named).collect::<Vec<_>>());
        }
        metrics
    }
}

#[cfg(test)]
mod tests;
