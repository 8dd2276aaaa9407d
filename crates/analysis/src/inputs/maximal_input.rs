//! The input that a unit answers to most.
//!
//! Projected gradient ascent: x ← clip(x + η · r · g / max|g|), g = ∂z/∂x, so that in every step the feature that matters most
//! moves by the fraction η of the range r, and none leaves the range. From several random starts; the best input that is passed
//! is kept. Erhan, Bengio, Courville, Vincent, *Visualizing Higher-Layer Features of a Deep Network*, 2009.
//!
//! Pictures found in this way are full of fine noise. With `smooth`, what is climbed by is not the pixels but the coefficients u
//! of waves: x = Σ u_k s_k φ_k with the cosines φ_k of the discrete cosine transform and s_k² = 1/f_k, f_k the wave's frequency
//! in periods per picture, at least ½. A step along ∂z/∂u moves x along Φ S² Φᵀ g: the gradient, its fine waves weakened by 1/f.
//! By 1/f², as for photographs, strokes are washed out. Inputs begin as waves of strengths 1/f. Olah, Mordvintsev, Schubert,
//! *Feature Visualization*, Distill 2017, "Preconditioning and parameterization", which also says why the picture is moved about
//! (`jitter`).
//!
//! Of a channel the place in the middle of its map is excited (their objective "neuron"), not the mean over all places (theirs
//! of "channel"): what excites every place a little is texture and broad shades, what excites one place is what the filter looks
//! for. The pixels that this place looks at are what is found, the others do not matter to it.

mod waves;

use models::{Model, Root, Units};
use ndarray::{Array1, Array2, ArrayView1, Axis, s};
use registry::{Config, Problems, TrainRef};
use tensor::random::{Purpose, Stream};

use crate::{
    Analysis, AnalysisError, Offer, Outcome, Planned, Results,
    inputs::attribution::picture,
    inputs::unit_maps::{MapKind, UnitMaps},
    select::receptive_field::ReceptiveField,
    select::split::SplitSelector,
    select::units::{self, Group},
};
use waves::Waves;

/// For each of some units an input that excites it as much as gradient ascent finds, every feature kept within a range; with the
/// value it reaches, and the largest that any sample reaches. Of a channel of pictures the place in the middle of its map is
/// excited; found are the pixels that this place looks at, and compared the largest value of any sample at any place.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MaximalInputConfig {
    /// The trained model.
    pub model: TrainRef,
    /// The units: a node as `"hidden2.pre"`, or some of its units as `"hidden2.pre[3, 5]"`.
    pub units: String,
    /// What features are kept within. Default [0, 1], as pictures are.
    #[serde(default = "default_range")]
    pub range: [f64; 2],
    /// Steps of ascent. Default 100.
    #[serde(default = "default_steps")]
    pub steps: usize,
    /// By which fraction of the range the feature that matters most moves in a step. Default 0.05.
    #[serde(default = "default_rate")]
    pub rate: f64,
    /// From how many random inputs to start; the best end is kept. Default 4.
    #[serde(default = "default_starts")]
    pub starts: usize,
    /// Whether coarse waves are preferred to fine ones, in proportion to their length: then what is found is a picture and not
    /// noise. For models of pictures. Default false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub smooth: bool,
    /// By up to how many pixels the picture is moved before each step, up or down, left or right and anew each time, so that what
    /// is found does not hang on single places. For models of pictures. Default 0.
    #[serde(default, skip_serializing_if = "none")]
    pub jitter: usize,
    /// The split of the model's data that inputs are compared with.
    #[serde(default)]
    pub split: SplitSelector,
}

fn none(jitter: &usize) -> bool {
    *jitter == 0
}

fn default_range() -> [f64; 2] {
    [0.0, 1.0]
}

fn default_steps() -> usize {
    100
}

fn default_rate() -> f64 {
    0.05
}

fn default_starts() -> usize {
    4
}

impl Config for MaximalInputConfig {
    const KIND: &str = "maximal_input";
    const EXAMPLE: &str = "model = \"mlp\"\nunits = \"hidden2.pre\"\nsteps = 100";
}

impl Analysis for MaximalInputConfig {
    fn check(&self, problems: &mut Problems) {
        let [low, high] = self.range;
        problems.require(low < high && low.is_finite() && high.is_finite(), "range", || {
            format!("expected two bounds, the lower one first, found {low} and {high}")
        });
        problems.require((1..=10_000).contains(&self.steps), "steps", || {
            format!("expected 1 to 10000 steps, found {}", self.steps)
        });
        problems.require(self.rate > 0.0 && self.rate <= 1.0, "rate", || {
            format!("expected a fraction above 0 and up to 1, found {}", self.rate)
        });
        problems.require((1..=100).contains(&self.starts), "starts", || {
            format!("expected 1 to 100 starts, found {}", self.starts)
        });
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let Some(model) = self.split.of(&self.model, planned, problems) else { return };
        problems.note("units", model.unknown_units(&self.units));
        let picture = picture(&model.data.shape);
        let shape = tensor::shape::display(&model.data.shape);
        for (path, asked) in [("smooth", self.smooth), ("jitter", self.jitter > 0)] {
            problems.require(!asked || picture.is_some(), path, || {
                format!("expected a model of pictures, and {} takes {shape}; leave this out", self.model.0)
            });
        }
        if let Some([_, height, width]) = picture {
            problems.require(self.jitter < height.min(width), "jitter", || {
                format!("expected less than the {} pixels of a side, found {}", height.min(width), self.jitter)
            });
        }
    }

    fn offer(&self, _: &Planned) -> Offer {
        Offer { nodes: Some(vec![units::node_of(&self.units).to_owned()]), ..Offer::default() }
    }

    fn run(&self, stage: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let model = &trained.fit.model;
        let group = units::find_in(&self.units, model)?;
        let (_, data) = trained.split(self.split)?;
        let aim = Aim::at(model, &group.node);
        let values = model.run(data).values(&group.node)?;
        let mut stream = results.streams().stream(stage, Purpose::Sample);
        let (maps, reached) = self.ascend(model, &group, &aim, &mut stream)?;
        let largest = |unit: &usize| {
            let own = values.slice(s![.., aim.units.numbers(*unit)]);
            own.iter().copied().fold(f32::NEG_INFINITY, f32::max)
        };
        let largest = group.units.iter().map(largest).collect();
        Ok(Box::new(UnitMaps {
            range: Some(self.range),
            one_place: aim.units.places > 1,
            shape: aim.shape,
            features: aim.features.iter().map(|feature| data.feature_names[*feature].clone()).collect(),
            ..UnitMaps::new(
                MapKind::Maximal,
                trained,
                group,
                maps,
                vec![("reached", reached), ("largest on data", largest)],
            )
        }))
    }
}

/// What is excited, and what that looks at.
struct Aim {
    units: Units,
    /// The place of each unit.
    place: usize,
    /// The features it looks at, and their shape.
    features: Vec<usize>,
    shape: Vec<usize>,
}

impl Aim {
    /// At the units of a node: at channels in the middle of their maps.
    fn at(model: &Model, node: &str) -> Self {
        let input = model.input();
        let all = Self {
            units: Units { count: 1, places: 1 },
            place: 0,
            features: (0..model.features()).collect(),
            shape: input.to_vec(),
        };
        let shape =
            model.sample_shapes().into_iter().find(|(name, _)| name == node).map_or(Vec::new(), |(_, shape)| shape);
        let units = Units::of(node, &shape);
        let [_, h, w] = shape[..] else { return Self { units, ..all } };
        if units.places == 1 {
            return Self { units, ..all };
        }
        let place = h / 2 * w + w / 2;
        let Some((field, [channels, height, width])) = ReceptiveField::of(model, node).zip(picture(input)) else {
            return Self { units, place, ..all };
        };
        let (rows, columns) = (field.pixels(h / 2, height), field.pixels(w / 2, width));
        let shape = vec![channels, rows.len(), columns.len()];
        let features = (0..channels).flat_map(|channel| {
            let columns = columns.clone();
            rows.clone()
                .flat_map(move |row| columns.clone().map(move |column| (channel * height + row) * width + column))
        });
        Self { units, place, features: features.collect(), shape }
    }

    /// Where a unit's number lies among those of a sample.
    fn number(&self, unit: usize) -> usize {
        self.units.numbers(unit).start + self.place
    }
}

impl MaximalInputConfig {
    /// Where a picture of waves begins: as strong as photographs' are, around the middle of the range, to half of its ends.
    fn begun(&self, waves: &Waves, noise: ArrayView1<'_, f32>) -> Array1<f32> {
        let [low, high] = self.range;
        let (middle, reach) = ((low + high) / 2.0, (high - low) / 4.0);
        let waves = waves.weakened(noise.mapv(|v| v - middle as f32).view());
        let largest = waves.iter().fold(f32::MIN_POSITIVE, |m, v| m.max(v.abs()));
        waves.mapv(|v| (middle + reach * f64::from(v / largest)) as f32)
    }

    /// The best input found for each unit, units × features, and the unit's value there. All units and starts climb side by side.
    fn ascend(
        &self,
        model: &Model,
        group: &Group,
        aim: &Aim,
        stream: &mut Stream,
    ) -> Result<(Array2<f32>, Vec<f32>), AnalysisError> {
        let [low, high] = self.range;
        let own: Vec<usize> = group.units.iter().flat_map(|unit| vec![aim.number(*unit); self.starts]).collect();
        let waves = self.smooth.then(|| Waves::new(&aim.shape)).flatten();
        let mut x = Array2::from_shape_fn((own.len(), model.features()), |_| stream.uniform_in(low, high) as f32);
        if let Some(waves) = &waves {
            x.rows_mut().into_iter().for_each(|mut row| {
                let begun = self.begun(waves, row.select(Axis(0), &aim.features).view());
                aim.features.iter().zip(begun).for_each(|(feature, v)| row[*feature] = v);
            });
        }
        let mut best = Array2::zeros((group.units.len(), aim.features.len()));
        let mut most = vec![f32::NEG_INFINITY; group.units.len()];
        let mut moved = vec![false; group.units.len()];
        for step in 0..=self.steps {
            let found = model.run(&x).gradient_of(Root::Numbers(&group.node, &own)).read(["x", &group.node])?;
            let values = &found[&*group.node].values;
            for (row, number) in own.iter().enumerate() {
                let (i, value) = (row / self.starts, values[[row, *number]]);
                if value > most[i] {
                    most[i] = value;
                    best.row_mut(i).assign(&x.row(row).select(Axis(0), &aim.features));
                }
            }
            if step == self.steps {
                break;
            }
            let gradients = match self.jitter {
                0 => found["x"].gradients.clone(),
                most => {
                    let shift = [0, 1].map(|_| stream.below(2 * most + 1) as isize - most as isize);
                    let x = waves::moved(&x, model.input(), shift);
                    let run = model.run(&x).gradient_of(Root::Numbers(&group.node, &own));
                    waves::moved(&run.read(["x"])?["x"].gradients, model.input(), shift.map(|by| -by))
                }
            };
            for (row, gradient) in gradients.rows().into_iter().enumerate() {
                let gradient = gradient.select(Axis(0), &aim.features);
                let gradient = match &waves {
                    Some(waves) => waves.weakened(gradient.view()),
                    None => gradient,
                };
                let largest = gradient.iter().fold(0.0_f32, |m, g| m.max(g.abs()));
                if largest > 0.0 {
                    let pace = (self.rate * (high - low)) as f32 / largest;
                    let climb = |x: &mut f32, g: &f32| *x = (*x + pace * g).clamp(low as f32, high as f32);
                    aim.features.iter().zip(&gradient).for_each(|(feature, g)| climb(&mut x[[row, *feature]], g));
                    moved[row / self.starts] = true;
                }
            }
        }
        match moved.iter().position(|moved| !moved) {
            None => Ok((best, most)),
            Some(i) => {
                Err(AnalysisError::Silent { unit: units::unit_name(&group.node, group.units[i]), starts: self.starts })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn config(units: &str) -> MaximalInputConfig {
        let units = units.into();
        MaximalInputConfig {
            model: TrainRef("m".into()),
            units,
            range: [0.0, 1.0],
            steps: 60,
            rate: 0.05,
            starts: 3,
            smooth: false,
            jitter: 0,
            split: SplitSelector::default(),
        }
    }

    #[test]
    fn the_first_layer_wants_its_positive_weights() {
        for (shape, layers) in [(&[2][..], fixture::tanh_layers()), (&[1, 3, 4][..], fixture::relu_layers())] {
            let trained = fixture::classifier(shape, layers);
            let parameters = trained.fit.model.parameters.clone();
            let found: UnitMaps = fixture::run(&config("hidden1.pre"), trained.clone());
            let weights = parameters.value(parameters.find("hidden1.weight").expect("a parameter"));
            let units = found.units.len();
            for ((unit, j), x) in found.maps.indexed_iter() {
                let w = weights[j * units + unit];
                // A weight that hardly matters moves too slowly to arrive.
                let most = (0..found.maps.ncols()).map(|j| weights[j * units + unit].abs()).fold(0.0, f32::max);
                assert!(w.abs() < 0.5 * most || *x == f32::from(u8::from(w > 0.0)), "{unit} {j}: {w} {x}");
            }
            assert!(found.numbers[0].1.iter().zip(&found.numbers[1].1).all(|(reached, seen)| reached >= seen));
            let again: UnitMaps = fixture::run(&config("hidden1.pre"), trained);
            assert_eq!(again, found);
        }
    }

    #[test]
    fn smooth_pictures_are_smoother_and_the_same_each_time() {
        let layers = vec![models::layers::Flatten {}.into(), models::layers::Linear::new(3).into()];
        let trained = fixture::classifier(&[1, 8, 8], layers);
        let ripples = |found: &UnitMaps| -> Vec<f32> {
            let beside = |x: &[f32]| x.windows(2).map(|pair| (pair[1] - pair[0]) * (pair[1] - pair[0])).sum::<f32>();
            found.maps.rows().into_iter().map(|x| x.to_vec().chunks(8).map(beside).sum()).collect()
        };
        let find = |smooth: bool, jitter: usize| -> UnitMaps {
            fixture::run(&MaximalInputConfig { smooth, jitter, ..config("logits") }, trained.clone())
        };
        let (rough, smooth) = (find(false, 0), find(true, 1));
        assert!(ripples(&rough).iter().zip(ripples(&smooth)).all(|(rough, smooth)| smooth < 0.5 * rough));
        assert!(smooth.maps.iter().all(|v| (0.0..=1.0).contains(v)));
        assert_eq!(smooth, find(true, 1));
    }

    #[test]
    fn a_channel_is_drawn_at_one_place_as_the_pixels_that_this_place_looks_at() {
        let trained = fixture::classifier(&[1, 6, 6], fixture::conv_layers());
        let parameters = &trained.fit.model.parameters;
        let weights = parameters.value(parameters.find("conv1.weight").expect("a parameter")).to_vec();
        let bias = parameters.value(parameters.find("conv1.bias").expect("a parameter")).to_vec();
        let found: UnitMaps = fixture::run(&config("conv1.pre"), trained.clone());
        assert_eq!((found.shape.clone(), found.maps.dim(), found.one_place), (vec![1, 2, 2], (4, 4), true));
        for (unit, map) in found.maps.rows().into_iter().enumerate() {
            let own: Vec<f32> = (0..4).map(|tap| weights[tap * 4 + unit]).collect();
            let reached: f32 = map.iter().zip(&own).map(|(x, w)| x * w).sum::<f32>() + bias[unit];
            assert!((found.numbers[0].1[unit] - reached).abs() < 1e-5);
            let most: f32 = own.iter().map(|w| w.max(0.0)).sum::<f32>() + bias[unit];
            assert!((most - reached).abs() < 0.2 * own.iter().map(|w| w.abs()).sum::<f32>(), "{most} and {reached}");
        }
        // The largest of any sample at any place is no larger.
        assert!(found.numbers[0].1.iter().zip(&found.numbers[1].1).all(|(reached, seen)| *reached >= seen - 0.2));
        // Behind what looks at everything the whole picture is drawn.
        let found: UnitMaps = fixture::run(&config("logits"), trained);
        assert_eq!((found.shape, found.one_place), (vec![1, 6, 6], false));
    }

    #[test]
    fn what_has_no_neighbours_is_not_smooth() {
        let mut problems = Problems::default();
        let config = MaximalInputConfig { smooth: true, jitter: 2, ..config("output") };
        config.check_against(&fixture::planned(1), &mut problems);
        let told: Vec<String> = problems.into_vec().into_iter().map(|p| format!("{}: {}", p.path, p.message)).collect();
        assert_eq!(
            told,
            ["smooth", "jitter"]
                .map(|path| format!("{path}: expected a model of pictures, and m takes 2; leave this out"))
        );
    }

    #[test]
    fn a_silent_unit_is_an_error() {
        let mut trained = fixture::classifier(&[1, 3, 4], fixture::relu_layers());
        let model = &mut trained.fit.model;
        let bias = model.parameters.find("hidden2.bias").expect("a parameter");
        model.parameters.value_mut(bias)[2] = -1e6;
        assert_eq!(
            fixture::failure(&config("hidden2.post[2]"), trained),
            "hidden2.post[2] is silent at all 3 random starts, so that no gradient leads anywhere; look at the node before its \
             activation"
        );
    }
}
