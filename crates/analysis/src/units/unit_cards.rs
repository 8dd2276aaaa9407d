//! Units one by one, as cards: what excites a unit, what it looks for, and what it is needed for.
//!
//! The samples that excite a unit most, and what they have in common, are the first thing to look at (Zeiler, Fergus,
//! *Visualizing and Understanding Convolutional Networks*, 2014, section 4; Olah et al., *The Building Blocks of
//! Interpretability*, 2018). They say nothing of what the unit is for: that is seen when it is removed (Morcos et al., *On the
//! importance of single directions for generalization*, 2018).

use std::ops::Range;

use datasets::Split;
use models::{Patch, Root, Units};
use ndarray::{Array1, Array2, Axis, s};
use registry::{Config, Problems, TrainRef};
use tensor::reduce::argmax;

use crate::{
    Analysis, AnalysisError, Metrics, Offer, Outcome, Planned, Results,
    inputs::saliency::mean,
    select::order::Order,
    select::receptive_field::ReceptiveField,
    select::units::{self, unit_name},
    select::{samples, samples::Present, split::SplitSelector},
    statistics::class_means::{class_means, largest},
    statistics::confusion::Confusion,
};

/// Cards of the units without which most accuracy is lost: the samples that excite each most, what it looks for in them, its mean
/// for each class, and the accuracy that is lost without it, by class.
///
/// What a unit looks for is the mean over those samples of ∂a/∂x, the gradient of its value a with respect to the input x. In a
/// net of ReLUs this is the weight with which each feature counts there; for the units of a first layer, their weights.
///
/// Of pictures the units are the channels. The samples that excite a channel most are those with its largest value at any place,
/// and of each the patch is shown that this place looks at (its receptive field); a channel's mean is over all places.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitCardsConfig {
    /// The trained model, of classes.
    pub model: TrainRef,
    /// The units: a node as `"hidden2.post"`, or some of its units as `"hidden2.post[3, 5]"`.
    pub units: String,
    /// How many cards there are at most: units are ordered by the accuracy that is lost when they give 0 instead of their value.
    /// Default 6.
    #[serde(default = "six")]
    pub cards: usize,
    /// In which order these cards are: "damage", the unit first without which most is lost, or "index", by their numbers. Default
    /// "damage".
    #[serde(default = "by_damage")]
    pub order: Order,
    /// How many samples a card shows, those of the largest values. Default 9.
    #[serde(default = "nine")]
    pub samples: usize,
    /// The split of the model's data.
    #[serde(default)]
    pub split: SplitSelector,
}

fn by_damage() -> Order {
    Order::Damage
}

fn six() -> usize {
    6
}

fn nine() -> usize {
    9
}

impl Config for UnitCardsConfig {
    const KIND: &str = "unit_cards";
    const EXAMPLE: &str = "model = \"mlp\"\nunits = \"hidden2.post\"\ncards = 4";
}

/// Cards of the units without which most is lost.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitCards {
    /// The model's name.
    pub model: String,
    /// The split of the data.
    pub split: Split,
    /// How many samples that is.
    pub n: usize,
    /// The names of the classes of which there are samples.
    pub classes: Vec<String>,
    /// The names of the others.
    pub absent: Vec<String>,
    /// The shape of a sample.
    pub shape: Vec<usize>,
    /// The names of its features.
    pub features: Vec<String>,
    /// The node that the units are of.
    pub node: String,
    /// How many of its units were looked at.
    pub units: usize,
    /// Accuracy with all units, and that of each class.
    pub accuracy: (f64, Vec<f64>),
    /// The units that give the same for every sample, which have no card.
    pub constant: Vec<usize>,
    /// In which order the cards are.
    pub order: Order,
    /// The cards.
    pub cards: Vec<Card>,
}

/// One unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// Its number in the node.
    pub unit: usize,
    /// The samples with its largest values, of a channel at any place, the largest first: their numbers in the split, their
    /// classes, and the values.
    pub top: Vec<(usize, usize, f32)>,
    /// Of a channel whose places look at a part of the input: the rows and columns that the place of each of these values looks
    /// at; else none.
    pub patches: Vec<[Range<usize>; 2]>,
    /// These samples, top × features.
    pub x: Array2<f32>,
    /// The mean of ∂a/∂x over them.
    pub template: Array1<f32>,
    /// Its mean for each class.
    pub means: Vec<f64>,
    /// Accuracy without it.
    pub accuracy: f64,
    /// Accuracy of each class without it.
    pub class_accuracy: Vec<f64>,
}

impl UnitCards {
    /// The accuracy that is lost without a card's unit.
    pub fn damage(&self, card: &Card) -> f64 {
        self.accuracy.0 - card.accuracy
    }

    /// The card of the unit without which most is lost.
    pub fn costliest(&self) -> Option<&Card> {
        let first = largest(self.cards.iter().map(|card| self.damage(card)), 1);
        first.first().map(|i| &self.cards[*i])
    }

    /// The class that loses most without it.
    pub fn worst_class(&self, card: &Card) -> Option<usize> {
        let lost = self.accuracy.1.iter().zip(&card.class_accuracy).map(|(with, without)| with - without);
        largest(lost, 1).first().copied()
    }
}

impl Analysis for UnitCardsConfig {
    fn check(&self, problems: &mut Problems) {
        problems.require(self.cards > 0, "cards", || "expected at least 1 card, found 0".into());
        problems.require((1..=25).contains(&self.samples), "samples", || {
            format!("expected 1 to 25 samples, found {}", self.samples)
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = self.split.of(&self.model, planned, problems) else { return };
        problems.note("model", model.needs_classes());
        problems.note("units", model.unknown_units(&self.units));
    }

    fn offer(&self, _: &Planned) -> Offer {
        Offer { nodes: Some(vec![units::node_of(&self.units).to_owned()]), ..Offer::default() }
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let model = &trained.fit.model;
        let group = units::find_in(&self.units, model)?;
        let (split, data) = trained.split(self.split)?;
        let (labels, classes) = samples::classes(data)?;
        let present = Present::of(labels, classes);
        let reading = model.run(data).read([&group.node])?.readings.remove(0);
        let of = Units::of(&reading.node, &reading.shape);
        let numbers = |unit: usize| reading.values.slice(s![.., of.numbers(unit)]);
        let is_constant = |unit: &usize| {
            let first = reading.values[[0, of.numbers(*unit).start]];
            numbers(*unit).iter().all(|v| *v == first)
        };
        let (constant, live): (Vec<usize>, Vec<usize>) = group.units.iter().partition(|unit| is_constant(unit));

        let removals: Vec<Vec<Patch>> = std::iter::once(Vec::new())
            .chain(live.iter().map(|unit| vec![Patch::set(&group.node, &[(*unit, 0.0)])]))
            .collect();
        let found = model.run(data).variants(&removals).read([units::scores(model)])?;
        let accuracies = |scores: &Array2<f32>| {
            let confusion = Confusion::of_scores(classes, labels, scores.view());
            let scores = confusion.scores();
            (confusion.accuracy(), present.numbers.iter().map(|class| scores[*class].recall).collect())
        };
        let mut accuracies = found.iter().map(|variant| accuracies(&variant.readings[0].values));
        let with_all: (f64, Vec<f64>) = accuracies.next().expect("the run without a removal");
        let without: Vec<(f64, Vec<f64>)> = accuracies.collect();

        let means = class_means(reading.units().view(), labels, classes.len()).select(Axis(1), &present.numbers);
        let field = ReceptiveField::of(model, &group.node).filter(|_| of.places > 1);
        let place = |label: u32| present.numbers.partition_point(|class| *class < label as usize);
        let card = |i: usize| -> Result<Card, AnalysisError> {
            let unit = live[i];
            let own = numbers(unit);
            let strongest = |row: usize| argmax(&own.row(row).to_vec());
            let top = largest((0..data.n()).map(|row| f64::from(own[[row, strongest(row)]])), self.samples);
            let patch = |field: ReceptiveField, row: usize| match (&reading.shape[..], &data.shape[..]) {
                ([.., width], [.., rows, columns]) => {
                    let place = strongest(row);
                    [field.pixels(place / width, *rows), field.pixels(place % width, *columns)]
                }
                _ => [0..0, 0..0],
            };
            let rows: Vec<u32> = top.iter().map(|row| *row as u32).collect();
            let root = Root::Unit(&group.node, unit);
            let found = model.run(data).samples(&rows).gradient_of(root).read(["x"])?;
            Ok(Card {
                unit,
                patches: field.map_or_else(Vec::new, |field| top.iter().map(|row| patch(field, *row)).collect()),
                top: top.iter().map(|row| (*row, place(labels[*row]), own[[*row, strongest(*row)]])).collect(),
                x: found["x"].values.clone(),
                template: mean(&found["x"].gradients),
                means: means.row(unit).to_vec(),
                accuracy: without[i].0,
                class_accuracy: without[i].1.clone(),
            })
        };
        let mut order = largest(without.iter().map(|(accuracy, _)| with_all.0 - accuracy), self.cards);
        if self.order == Order::Index {
            order.sort_by_key(|i| live[*i]);
        }
        Ok(Box::new(UnitCards {
            model: trained.name.clone(),
            split,
            n: data.n(),
            classes: present.names.clone(),
            absent: present.absent.clone(),
            shape: data.shape.clone(),
            features: data.feature_names.clone(),
            units: group.units.len(),
            order: self.order,
            cards: order.into_iter().map(card).collect::<Result<_, _>>()?,
            node: group.node,
            accuracy: with_all,
            constant,
        }))
    }
}

impl Outcome for UnitCards {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("samples", self.n);
        metrics.add("accuracy", self.accuracy.0);
        metrics.add("constant", self.constant.iter().map(|u| unit_name(&self.node, *u)).collect::<Vec<_>>());
        for card in &self.cards {
            let mut own = Metrics::default();
            own.add("accuracy_lost", self.damage(card));
            own.add("largest_value", f64::from(card.top.first().map_or(f32::NAN, |top| top.2)));
            own.add("top_samples", card.top.iter().map(|top| top.0).collect::<Vec<_>>());
            own.add("top_classes", card.top.iter().map(|top| self.classes[top.1].clone()).collect::<Vec<_>>());
            metrics.add(unit_name(&self.node, card.unit), own);
        }
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixture,
        units::ablation::{Ablation, AblationConfig, Filling},
    };

    fn config(units: &str) -> UnitCardsConfig {
        UnitCardsConfig {
            model: TrainRef("m".into()),
            units: units.into(),
            cards: 3,
            order: Order::Damage,
            samples: 4,
            split: SplitSelector::default(),
        }
    }

    #[test]
    fn a_card_holds_the_largest_values_and_what_ablation_finds() {
        let trained = fixture::classifier(&[1, 3, 4], fixture::relu_layers());
        let found: UnitCards = fixture::run(&config("hidden2.post"), trained.clone());
        assert_eq!(
            found.constant.len() + found.cards.len().min(found.units),
            found.units.min(found.constant.len() + 3)
        );
        let ablation = AblationConfig {
            model: TrainRef("m".into()),
            units: vec!["hidden2.post".into()],
            by: Filling::Zero,
            pairs: false,
            split: SplitSelector::default(),
        };
        let ablation: Ablation = fixture::run(&ablation, trained.clone());
        let values = trained.fit.model.run(&trained.data.train).values("hidden2.post").expect("a node");
        for card in &found.cards {
            assert_eq!(card.accuracy, ablation.accuracy[card.unit]);
            assert_eq!(card.class_accuracy, ablation.class_accuracy.row(card.unit).to_vec());
            let mut all = values.column(card.unit).to_vec();
            all.sort_by(|a, b| b.total_cmp(a));
            assert_eq!(card.top.iter().map(|top| top.2).collect::<Vec<_>>(), all[..4]);
        }
        assert!(found.cards.windows(2).all(|pair| found.damage(&pair[0]) >= found.damage(&pair[1])));
        let by_index = UnitCardsConfig { order: Order::Index, ..config("hidden2.post") };
        let ordered: UnitCards = fixture::run(&by_index, trained);
        let mut same = found.cards.clone();
        same.sort_by_key(|card| card.unit);
        assert_eq!(ordered.cards, same);
        assert_eq!(ordered.costliest(), found.cards.first());
    }

    #[test]
    fn a_channels_card_holds_the_patches_of_its_strongest_places() {
        let trained = fixture::classifier(&[2, 4, 4], fixture::conv_layers());
        let found: UnitCards = fixture::run(&config("conv1.post"), trained.clone());
        let values = trained.fit.model.run(&trained.data.train).values("conv1.post").expect("a node");
        assert!(!found.cards.is_empty());
        for card in &found.cards {
            let own = |row: usize| values.row(row).to_vec()[9 * card.unit..9 * (card.unit + 1)].to_vec();
            let mut all: Vec<f32> = (0..60).map(|row| own(row).into_iter().fold(0.0, f32::max)).collect();
            all.sort_by(|a, b| b.total_cmp(a));
            assert_eq!(card.top.iter().map(|top| top.2).collect::<Vec<_>>(), all[..4]);
            for ((row, _, value), [rows, columns]) in card.top.iter().zip(&card.patches) {
                // Filters of 2 × 2 pixels without padding: a place looks at itself and its neighbours below and right.
                assert_eq!((rows.len(), columns.len()), (2, 2));
                assert_eq!(own(*row)[rows.start * 3 + columns.start], *value);
            }
        }
        // What is no channel looks at all there is.
        let found: UnitCards = fixture::run(&config("flatten"), trained);
        assert!(found.cards.iter().all(|card| card.patches.is_empty()));
    }

    #[test]
    fn a_first_layers_template_is_its_weights() {
        let trained = fixture::classifier(&[2], fixture::tanh_layers());
        let found: UnitCards = fixture::run(&config("hidden1.pre"), trained.clone());
        let parameters = &trained.fit.model.parameters;
        let weight = parameters.value(parameters.find("hidden1.weight").expect("inputs × units"));
        for card in &found.cards {
            for (j, t) in card.template.iter().enumerate() {
                assert!((t - weight[j * 3 + card.unit]).abs() < 1e-6);
            }
        }
    }
}
