//! The training loss on a plane through the space of all parameters, and the paths that training runs took past it.
//!
//! The plane is that of the two leading principal directions of all snapshots of all runs together: it goes through their mean
//! and shows the largest share of how they vary that a plane can show (Li et al. 2018, *Visualizing the loss landscape of neural
//! nets*, section 7). For m snapshots of d parameters, m ≪ d, the directions come from the m × m matrix of inner products of the
//! centred snapshots, G = XXᵀ: an eigenvector u of eigenvalue λ gives the direction Xᵀu/√λ.
//!
//! A path is seen as its projection onto the plane; where it leaves the plane, its own loss is not that of the surface.

use models::Model;
use ndarray::{Array2, ArrayView1};
use registry::{Config, Problems, TrainRef};

use crate::{
    Analysis, AnalysisError, Metrics, Outcome, Planned, Results, geometry::decision::ticks,
    statistics::order::descending, statistics::pca::symmetric_eigen,
};

/// The training loss over the plane that shows most of how training runs from the same start vary, with the path of each. The
/// runs need the same layers and data, and `snapshots`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-formerly" = ["loss_plane"]))]
pub struct LossLandscapeConfig {
    /// The training runs.
    pub models: Vec<TrainRef>,
    /// Values along each direction. Default 40.
    #[serde(default = "default_resolution")]
    pub resolution: usize,
    /// How far the surface reaches beyond the paths on each side, as a share of their extent. Default 0.2.
    #[serde(default = "default_margin")]
    pub margin: f64,
    /// How many training samples the loss is taken of, evenly spread over the training split. Default 1,000, or all where there
    /// are fewer.
    #[serde(default = "default_samples")]
    pub samples: usize,
}

fn default_resolution() -> usize {
    40
}

fn default_margin() -> f64 {
    0.2
}

fn default_samples() -> usize {
    1000
}

impl Config for LossLandscapeConfig {
    const KIND: &str = "loss_landscape";
    const EXAMPLE: &str = "models = [\"sgd\", \"adam\"]\nresolution = 40";
}

/// The loss around the paths.
#[derive(Debug, Clone, PartialEq)]
pub struct LossLandscape {
    /// The loss and its unit.
    pub unit: &'static str,
    /// How many samples the loss is taken of.
    pub samples: usize,
    /// The share of the snapshots' variance along each of the two directions, 0 to 1.
    pub shares: [f64; 2],
    /// Distances from the mean of all snapshots along the first direction, ascending.
    pub x: Vec<f64>,
    /// The same along the second.
    pub y: Vec<f64>,
    /// The loss, y × x.
    pub losses: Array2<f64>,
    /// One per run.
    pub paths: Vec<Path>,
}

/// The path of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// The run's name.
    pub model: String,
    /// From the start to the end.
    pub points: Vec<PathPoint>,
    /// How far the end lies from the start, in the whole space.
    pub distance: f64,
}

/// One snapshot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PathPoint {
    /// How many epochs had ended.
    pub epoch: usize,
    /// Its place on the plane.
    pub at: [f64; 2],
    /// Its own loss.
    pub loss: f64,
    /// The loss of the plane at its place.
    pub on_plane: f64,
}

impl Analysis for LossLandscapeConfig {
    fn check(&self, problems: &mut Problems) {
        problems.require(!self.models.is_empty(), "models", || "expected at least one training run".into());
        problems.require((2..=400).contains(&self.resolution), "resolution", || {
            format!("expected 2 to 400 values, found {}", self.resolution)
        });
        problems.require((0.0..=10.0).contains(&self.margin), "margin", || {
            format!("expected a share from 0 to 10, found {}", self.margin)
        });
        problems.require(self.samples > 0, "samples", || "expected at least 1 sample, found 0".into());
    }

    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        let mut first = None;
        for (i, name) in self.models.iter().enumerate() {
            let Some(model) = planned.model(name) else { continue };
            problems.note(format!("models[{i}]"), model.needs_snapshots());
            let (first_name, expected) = *first.get_or_insert((name, model));
            let same = model.layers == expected.layers && model.loss == expected.loss && model.data == expected.data;
            problems.require(same, format!("models[{i}]"), || {
                format!(
                    "{} and {} differ in layers, loss or data, so they have no loss surface in common",
                    first_name.0, name.0
                )
            });
        }
    }

    fn run(&self, _: &str, results: &Results) -> Result<Box<dyn Outcome>, AnalysisError> {
        let runs = self.models.iter().map(|name| results.trained(name)).collect::<Result<Vec<_>, _>>()?;
        let moments: Vec<_> = runs.iter().map(|run| run.all_snapshots()).collect();
        let snapshots: Vec<&[f32]> = moments.iter().flatten().map(|(_, model)| trained(model)).collect();
        let plane = Plane::through(&snapshots);

        let n = runs[0].data.train.n();
        let samples = self.samples.min(n);
        let rows: Vec<u32> = (0..samples).map(|i| (i * n / samples) as u32).collect();
        let fit = &runs[0].fit;
        let mut mean_loss = fit.model.run(&runs[0].data.train).samples(&rows).mean_loss(fit.loss)?;
        let mut paths = Vec::with_capacity(runs.len());
        for (run, moments) in runs.iter().zip(&moments) {
            let mut points = Vec::with_capacity(moments.len());
            for (epoch, model) in moments {
                mean_loss.parameters_mut().copy_from_slice(model.parameters.values());
                let loss = f64::from(mean_loss.value());
                let at = plane.project(trained(model));
                plane.write(at, mean_loss.parameters_mut());
                points.push(PathPoint { epoch: *epoch, at, loss, on_plane: f64::from(mean_loss.value()) });
            }
            // Every run has a first and a last moment.
            let [start, end] = [0, moments.len() - 1].map(|i| trained(&moments[i].1));
            let squares = end.iter().zip(start).map(|(a, b)| f64::from(a - b) * f64::from(a - b));
            paths.push(Path { model: run.name.clone(), points, distance: squares.sum::<f64>().sqrt() });
        }
        let all = || paths.iter().flat_map(|path| path.points.iter().map(|p| p.at));
        let [x, y] = [0, 1].map(|axis| ticks(self.range(all().map(|at| at[axis])), self.resolution));
        mean_loss.parameters_mut().copy_from_slice(runs[0].fit.model.parameters.values());
        let mut losses = Array2::zeros((y.len(), x.len()));
        for ((r, c), loss) in losses.indexed_iter_mut() {
            plane.write([x[c], y[r]], mean_loss.parameters_mut());
            *loss = f64::from(mean_loss.value());
        }
        Ok(Box::new(LossLandscape {
            unit: runs[0].fit.loss.unit(),
            samples,
            shares: plane.shares,
            x,
            y,
            losses,
            paths,
        }))
    }
}

/// Weights and biases: what a layer keeps beside them (running statistics) is no direction of the space. On the surface it is
/// that of the first run's end.
fn trained(model: &Model) -> &[f32] {
    &model.parameters.values()[..model.parameters.len()]
}

impl LossLandscapeConfig {
    /// The extent of the paths and the margin beyond; ±1 around paths that stay where they are.
    fn range(&self, values: impl Iterator<Item = f64>) -> [f64; 2] {
        let (lo, hi) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)));
        let room = if hi > lo { self.margin * (hi - lo) } else { 1.0 };
        [lo - room, hi + room]
    }
}

/// A plane through the space of parameters: its middle, and two directions of length 1 at right angles.
struct Plane {
    middle: Vec<f64>,
    directions: [Vec<f64>; 2],
    shares: [f64; 2],
}

impl Plane {
    /// Through the mean of some points, along their two leading principal directions; a direction along which nothing varies is
    /// zero.
    fn through(points: &[&[f32]]) -> Self {
        let (m, d) = (points.len(), points.first().map_or(0, |p| p.len()));
        let mut middle = vec![0.0; d];
        for point in points {
            middle.iter_mut().zip(*point).for_each(|(sum, v)| *sum += f64::from(*v));
        }
        middle.iter_mut().for_each(|sum| *sum /= m.max(1) as f64);
        let centred = Array2::from_shape_fn((m, d), |(i, j)| f64::from(points[i][j]) - middle[j]);
        let mut gram = Array2::zeros((m, m));
        for i in 0..m {
            for j in i..m {
                gram[[i, j]] = dot(centred.row(i), centred.row(j));
                gram[[j, i]] = gram[[i, j]];
            }
        }
        let (values, vectors) = symmetric_eigen(gram);
        let total: f64 = values.iter().map(|v| v.max(0.0)).sum();
        let mut order: Vec<usize> = (0..m).collect();
        order.sort_by(|&a, &b| descending(values[a], values[b]).then(a.cmp(&b)));
        let mut shares = [0.0; 2];
        let directions = [0, 1].map(|k| {
            let mut direction = vec![0.0; d];
            // Below rounding there is no direction.
            if let Some(&column) = order.get(k).filter(|&&c| values[c] > 1e-12 * total) {
                shares[k] = values[column] / total;
                for (weight, row) in vectors.column(column).iter().zip(centred.rows()) {
                    direction.iter_mut().zip(row).for_each(|(sum, v)| *sum += weight * v);
                }
                let length = direction.iter().map(|v| v * v).sum::<f64>().sqrt();
                // The last point lies on the positive side, so that a path does not flip by chance.
                let last =
                    centred.rows().into_iter().next_back().map_or(0.0, |row| dot(row, ArrayView1::from(&direction)));
                let scale = if last < 0.0 { -1.0 / length } else { 1.0 / length };
                direction.iter_mut().for_each(|v| *v *= scale);
            }
            direction
        });
        Self { middle, directions, shares }
    }

    /// Where a point lies, seen from straight above the plane.
    fn project(&self, point: &[f32]) -> [f64; 2] {
        let along = |direction: &Vec<f64>| {
            let terms = point.iter().zip(&self.middle).zip(direction);
            terms.map(|((v, middle), d)| (f64::from(*v) - middle) * d).sum()
        };
        [along(&self.directions[0]), along(&self.directions[1])]
    }

    /// Writes the parameters at a place of the plane.
    fn write(&self, [a, b]: [f64; 2], parameters: &mut [f32]) {
        let [first, second] = &self.directions;
        for (i, middle) in self.middle.iter().enumerate() {
            parameters[i] = (middle + a * first[i] + b * second[i]) as f32;
        }
    }
}

/// Σ aᵢbᵢ as eight interleaved sums, added in order.
fn dot(a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>) -> f64 {
    let mut lanes = [0.0; 8];
    let [a, b] = [a, b].map(|row| row.to_slice().expect("rows lie one number after the other"));
    for (a, b) in a.chunks(lanes.len()).zip(b.chunks(lanes.len())) {
        lanes.iter_mut().zip(a).zip(b).for_each(|((lane, a), b)| *lane += a * b);
    }
    lanes.iter().sum()
}

impl Outcome for LossLandscape {
    fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.add("shares_of_variance", self.shares.to_vec());
        for path in &self.paths {
            let mut own = Metrics::default();
            own.add("distance", path.distance);
            for (name, point) in [("start", path.points.first()), ("end", path.points.last())] {
                let Some(point) = point else { continue };
                own.add(format!("{name}_at"), point.at.to_vec());
                own.add(format!("{name}_loss"), point.loss);
                own.add(format!("{name}_loss_on_plane"), point.on_plane);
            }
            metrics.add(&path.model, own);
        }
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use models::layers::Linear;
    use training::Snapshot;

    #[test]
    fn a_plane_of_points_that_lie_on_one_is_theirs() {
        // The corners of a rectangle of 4 × 2 about (1, 1, 1), turned into the plane x = z.
        let root = 0.5_f32.sqrt();
        let corner = |a: f32, b: f32| [1.0 + a * root, 1.0 + b, 1.0 + a * root];
        let corners = [corner(-2.0, -1.0), corner(2.0, -1.0), corner(-2.0, 1.0), corner(2.0, 1.0)];
        let plane = Plane::through(&corners.iter().map(|c| &c[..]).collect::<Vec<_>>());
        assert!((plane.shares[0] - 0.8).abs() < 1e-6 && (plane.shares[1] - 0.2).abs() < 1e-6);
        for corner in corners {
            let mut back = [0.0; 3];
            plane.write(plane.project(&corner), &mut back);
            assert!(corner.iter().zip(back).all(|(a, b)| (a - b).abs() < 1e-6), "{corner:?} {back:?}");
        }
        let [a, b] = plane.project(&corners[3]);
        assert!((a - 2.0).abs() < 1e-6 && (b - 1.0).abs() < 1e-6, "the last point is on the positive side: {a} {b}");
    }

    #[test]
    fn points_on_a_line_or_one_point_make_a_plane_too() {
        let plane = Plane::through(&[&[0.0, 0.0], &[3.0, 4.0]]);
        assert!((plane.shares[0] - 1.0).abs() < 1e-12 && plane.shares[1] == 0.0);
        assert_eq!(plane.directions[1], [0.0; 2]);
        let single = Plane::through(&[&[1.0, 2.0]]);
        assert_eq!((single.shares, single.project(&[1.0, 2.0])), ([0.0; 2], [0.0; 2]));
    }

    #[test]
    fn a_line_has_the_bowl_of_least_squares() {
        // Moves in the plane of w₁ and the bias, w₂ stays: nothing is lost by the projection.
        let mut trained = fixture::trained(vec![Linear::new(1).into()], &[0.5, -0.5, 1.0]);
        let snapshot = |epoch, w: f32, b: f32| Snapshot { epoch, parameters: vec![w, -0.5, b] };
        trained.fit.snapshots = vec![snapshot(0, -1.0, 0.0), snapshot(1, 1.0, 2.0), snapshot(2, 0.0, 0.0)];
        trained.fit.history.train.loss = vec![0.0; 4];
        trained.fit.epoch = 3;
        let config =
            LossLandscapeConfig { models: vec![TrainRef("m".into())], resolution: 9, margin: 0.5, samples: 10 };
        let found: LossLandscape = fixture::run(&config, trained);
        assert_eq!((found.samples, found.losses.dim()), (4, (9, 9)));
        assert!((found.shares[0] + found.shares[1] - 1.0).abs() < 1e-9);
        // y = w₁x₁ − x₂/2 + b on the four corners, targets 0, 1, 1, 0.
        let loss = |w: f64, b: f64| {
            let residuals = [b, -0.5 + b - 1.0, w + b - 1.0, w - 0.5 + b];
            residuals.iter().map(|r| r * r).sum::<f64>() / 4.0
        };
        let points = &found.paths[0].points;
        assert_eq!(points.iter().map(|p| p.epoch).collect::<Vec<_>>(), [0, 1, 2, 3]);
        for (point, (w, b)) in points.iter().zip([(-1.0, 0.0), (1.0, 2.0), (0.0, 0.0), (0.5, 1.0)]) {
            assert!((point.loss - loss(w, b)).abs() < 1e-6 && (point.on_plane - point.loss).abs() < 1e-5);
        }
        assert!((found.paths[0].distance - (1.5_f64 * 1.5 + 1.0).sqrt()).abs() < 1e-6);
    }
}
