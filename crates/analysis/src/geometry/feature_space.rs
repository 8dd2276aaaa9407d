//! What the last hidden layer sees, and where the output divides it.
//!
//! The output of one unit is φ(w·h + b) of the hidden activations h, so that it passes a level y where w·h + b = φ⁻¹(y): a
//! line for two hidden units, a plane for three. As a second opinion a logistic regression is fitted on the same activations,
//! which knows nothing of the network.

use models::{
    Layer, Model,
    layers::{Curve, Form},
};
use ndarray::Array2;
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, PlannedModel, Results,
    select::snapshots::Snapshots,
    statistics::logistic::{self, Separator},
};

/// The training samples as the last hidden layer of two or three units sees them, with the output's own boundary and that of a
/// logistic regression fitted there.
///
/// The regression minimises the logistic loss with a ridge of 0.001: small enough that on separable samples its boundary is
/// nearly that of the widest margin.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeatureSpaceConfig {
    /// The trained model, of one output.
    pub model: TrainRef,
    /// The output at which the two sides meet; samples whose target reaches it are of the upper side. Default 0.5.
    #[serde(default = "default_level")]
    pub level: f64,
    /// Snapshots of training to look at too: `"all"`, `{ every = 50 }` or `{ epochs = [0, 10] }`. Default: only the trained
    /// model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<Snapshots>,
}

fn default_level() -> f64 {
    0.5
}

/// Keeps the regression's weights finite on separable samples, and bends its boundary little.
const RIDGE: f64 = 1e-3;

impl Config for FeatureSpaceConfig {
    const KIND: &str = "feature_space";
    const EXAMPLE: &str = "model = \"three\"\nlevel = 0.5";
}

/// The hidden layer over training.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureSpace {
    /// The model's name.
    pub model: String,
    /// The node looked at: `hidden1.post`.
    pub node: String,
    /// How many units it has.
    pub units: usize,
    /// The output at which the sides meet.
    pub level: f64,
    /// The samples' inputs: n × features.
    pub x: Array2<f32>,
    /// The target's name.
    pub target: String,
    /// The samples' targets.
    pub targets: Vec<f32>,
    /// Whether each sample's target reaches the level.
    pub labels: Vec<bool>,
    /// One per snapshot, the trained model last.
    pub snapshots: Vec<FeatureSnapshot>,
}

/// The hidden layer at one snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureSnapshot {
    /// How many epochs had ended.
    pub epoch: usize,
    /// The samples there: n × units.
    pub points: Array2<f32>,
    /// Where the output passes the level.
    pub output: Separator,
    /// Where a logistic regression divides the samples; none where all are of one side.
    pub regression: Option<Separator>,
}

impl Analysis for FeatureSpaceConfig {
    fn check(&self, problems: &mut Problems) {
        problems.require(self.level.is_finite(), "level", || format!("expected a number, found {}", self.level));
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        Snapshots::check(self.snapshots.as_ref(), [&self.model], planned, problems);
        let Some(model) = planned.model(&self.model) else { return };
        let name = &self.model.0;
        if problems.note("model", model.needs_one_number()) {
            return;
        }
        let Some(last) = last_linear(&model.layers) else {
            problems.add("model", format!("expected a model that ends in a linear layer, and {name} has none"));
            return;
        };
        if let Some(units) = units(model).filter(|units| !matches!(units, 2 | 3)) {
            problems.add("model", format!("expected two or three units before the output, and {name} has {units}"));
        }
        if let Err(message) = before_activation(&model.layers[last + 1..], self.level) {
            problems.add("level", message);
        }
    }

    fn snapshots(&self) -> Option<&Snapshots> {
        self.snapshots.as_ref()
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let trained = results.trained(&self.model)?;
        let (model, data) = (&trained.fit.model, &trained.data.train);
        let unfit = |found: String| AnalysisError::Shape {
            what: "a feature space",
            expected: "one output behind two or three units",
            name: trained.name.clone(),
            found,
        };
        let last = last_linear(model.layers()).ok_or_else(|| unfit("no linear layer".into()))?;
        let nodes = model.nodes();
        let node = if last == 0 { "x".to_owned() } else { nodes[last - 1].clone() };
        let level = before_activation(&model.layers()[last + 1..], self.level).map_err(unfit)?;
        let targets: Vec<f32> = match data.values() {
            Some(values) if values.ncols() == 1 => values.iter().copied().collect(),
            _ => return Err(unfit(format!("{} outputs", model.outputs()))),
        };
        let labels: Vec<bool> = targets.iter().map(|v| f64::from(*v) >= self.level).collect();
        let mut snapshots = Vec::new();
        for (epoch, model) in trained.snapshots(self.snapshots.as_ref()) {
            let points = model.run(data).values(&node)?;
            let array = |name: &str| model.parameters.find(name).map(|id| model.parameters.value(id).to_vec());
            let weights = array("output.weight").unwrap_or_default().into_iter().map(f64::from).collect();
            let bias = array("output.bias").map_or(0.0, |b| f64::from(b[0]));
            let output = Separator { weights, bias: bias - level };
            let both = labels.iter().any(|l| *l) && labels.iter().any(|l| !*l);
            let regression = both.then(|| logistic::fit(points.view(), &labels, RIDGE));
            snapshots.push(FeatureSnapshot { epoch, points, output, regression });
        }
        Ok(Box::new(FeatureSpace {
            model: trained.name.clone(),
            units: snapshots[0].points.ncols(),
            node,
            level: self.level,
            x: (*data.x).clone(),
            target: match &data.y {
                datasets::Targets::Values { columns, .. } => columns[0].clone(),
                _ => "target".into(),
            },
            targets,
            labels,
            snapshots,
        }))
    }
}

/// How many units the last linear layer sees.
pub fn units(model: &PlannedModel) -> Option<usize> {
    let shapes = Model::shapes(&model.layers, &model.data.shape).ok()?;
    let shape = match last_linear(&model.layers)? {
        0 => &model.data.shape,
        last => &shapes[last - 1],
    };
    Some(tensor::shape::size(shape))
}

/// The place of the last linear layer.
fn last_linear(layers: &[Layer]) -> Option<usize> {
    layers.iter().rposition(Layer::is_dense)
}

/// φ⁻¹(level) for the activation φ of the output, the layers behind the last linear one; what is wrong where there is none.
fn before_activation(behind: &[Layer], level: f64) -> Result<f64, String> {
    let (layer, alone) = match behind {
        [] => return Ok(level),
        [layer, more @ ..] => (layer, more.is_empty()),
    };
    match (layer.form(), layer.inverse(level)) {
        (_, Some(before)) if alone => Ok(before),
        (Form::Elementwise(Curve { range: [low, high], slopes: None, .. }), None) if level <= low || level >= high => {
            Err(format!("the output's {} lies between {low} and {high}, and never reaches {level}", layer.kind()))
        }
        _ => {
            let kind = layer.kind();
            Err(format!(
                "expected an output without activation, or of one that gives {level} at one place, found {kind}"
            ))
        }
    }
}

impl FeatureSpace {
    /// How many samples lie on their side, and where the boundaries are.
    fn measure(&self, snapshot: &FeatureSnapshot) -> Metrics {
        let n = self.labels.len().max(1) as f64;
        let share = |separator: &Separator| separator.right(snapshot.points.view(), &self.labels) as f64 / n;
        let mut metrics = Metrics::default();
        metrics.add("output_accuracy", share(&snapshot.output));
        if let Some(regression) = &snapshot.regression {
            metrics.add("regression_accuracy", share(regression));
            if let Some(cosine) = snapshot.output.cosine(regression) {
                metrics.add("cosine_between_normals", cosine);
            }
        }
        let separators = [("output", Some(&snapshot.output)), ("regression", snapshot.regression.as_ref())];
        for (name, separator) in separators.into_iter().filter_map(|(name, s)| Some((name, s?))) {
            let mut own = Metrics::default();
            own.add("weights", separator.weights.clone());
            own.add("bias", separator.bias);
            metrics.add(name, own);
        }
        metrics
    }
}

impl Outcome for FeatureSpace {
    fn metrics(&self) -> Metrics {
        let each = self.snapshots.iter().map(|s| (s.epoch, self.measure(s)));
        self.snapshots.last().map(|end| self.measure(end)).unwrap_or_default().with_snapshots(each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::{Linear, Relu, Sigmoid, Tanh};
    use tensor::Float;

    #[test]
    fn the_textbook_net_makes_the_corners_separable() {
        // Rumelhart, Hinton, Williams 1986: one unit is OR, the other AND, the output OR and not AND.
        let layers = vec![Linear::new(2).into(), Sigmoid {}.into(), Linear::new(1).into(), Sigmoid {}.into()];
        let parameters = [20.0, 20.0, 20.0, 20.0, -10.0, -30.0, 20.0, -20.0, -10.0];
        let config = FeatureSpaceConfig { model: TrainRef("m".into()), level: 0.5, snapshots: None };
        let found: FeatureSpace = fixture::run(&config, fixture::trained(layers, &parameters));
        assert_eq!((found.node.as_str(), found.units), ("hidden1.post", 2));
        assert_eq!(found.labels, [false, true, true, false]);
        let end = &found.snapshots[0];
        let corners: [[f32; 2]; 4] = [[0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 1.0]];
        for (point, corner) in end.points.rows().into_iter().zip(corners) {
            assert!(point.iter().zip(&corner).all(|(p, c)| (p - c).abs() < 1e-4), "{point}");
        }
        // The output's line is h₁ − h₂ = 1/2, and no line is further from (1, 0) on one side, (0, 0) and (1, 1) on the other.
        assert_eq!(end.output, Separator { weights: vec![20.0, -20.0], bias: -10.0 });
        let regression = end.regression.as_ref().expect("two sides");
        assert!(end.output.cosine(regression).expect("directions") > 0.9999);
        assert!((regression.bias / regression.weights[0] + 0.5).abs() < 0.05, "{regression:?}");
        assert_eq!(regression.right(end.points.view(), &found.labels), 4);
    }

    #[test]
    fn levels_before_the_activation() {
        let check = |behind: &[Layer], level: f64, expected: f64| {
            let found = before_activation(behind, level).expect("reached");
            assert!((found - expected).abs() < 1e-12, "{found}");
        };
        check(&[], 0.7, 0.7);
        check(&[Sigmoid {}.into()], 0.5, 0.0);
        check(&[Sigmoid {}.into()], 0.75, Float::ln(3.0));
        check(&[Tanh {}.into()], 0.5, 0.5493061443340549); // artanh 0.5 = ln(3)/2
        let error = |behind: &[Layer], level| before_activation(behind, level).expect_err("out of reach");
        assert_eq!(error(&[Sigmoid {}.into()], 1.0), "the output's sigmoid lies between 0 and 1, and never reaches 1");
        // Half of all numbers become 0.
        check(&[Relu {}.into()], 0.5, 0.5);
        assert!(error(&[Relu {}.into()], 0.0).ends_with("found relu"));
        assert!(error(&[Sigmoid {}.into(), Relu {}.into()], 0.5).ends_with("found sigmoid"));
    }
}
