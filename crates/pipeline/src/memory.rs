//! How much memory a run will take, before it takes any: data sets, models, their graphs and snapshots. What analyses find is not
//! counted, so that this is an estimate: too much of it is refused with what takes most where the system would end the process.

use std::fs::read_to_string;

use analysis::PlannedModel;
use models::Model;
use tensor::shape::size;
use training::TrainConfig;

use crate::kinds::Config;
use crate::load::{Pipeline, Stage};

/// What the program itself takes.
const BASE: u64 = 50_000_000;
/// Bytes of a number.
const NUMBER: u64 = 4;
/// A checkpoint, and the models of a sweep, are copied, and the copy written as bytes, which grow by doubling, while the original
/// stays.
const COPIES: u64 = 3;

/// Something that takes memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// The stage.
    pub stage: String,
    /// How many bytes.
    pub bytes: u64,
    /// What they are for, and what would need fewer.
    pub what: String,
    /// Whether they are free again once the stage has ended.
    pub passing: bool,
}

/// What a run will take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// The posts, the largest first.
    pub posts: Vec<Post>,
    /// The most bytes at any moment.
    pub bytes: u64,
}

impl Estimate {
    /// Of the stages that will be carried out, or read for those that will.
    pub fn of(pipeline: &Pipeline, needed: &[bool]) -> Self {
        let stages = pipeline.stages.iter().zip(needed).filter(|(_, needed)| **needed);
        let each: Vec<Vec<Post>> = stages.map(|(stage, _)| posts(pipeline, stage)).collect();
        let sum = |posts: &[Post], passing: bool| {
            posts.iter().filter(|post| post.passing == passing).fold(0_u64, |sum, post| sum.saturating_add(post.bytes))
        };
        let kept = each.iter().fold(BASE, |total, posts| total.saturating_add(sum(posts, false)));
        let passing = each.iter().map(|posts| sum(posts, true)).max().unwrap_or(0);
        let mut posts: Vec<Post> = each.into_iter().flatten().collect();
        posts.sort_by_key(|post| std::cmp::Reverse(post.bytes));
        Estimate { posts, bytes: kept.saturating_add(passing) }
    }

    /// Whether a run may take it.
    ///
    /// # Errors
    /// If it is more than `limit` bytes: what takes most, and what to change.
    pub fn check(&self, limit: Option<u64>) -> Result<(), String> {
        let Some(limit) = limit.filter(|limit| self.bytes > *limit) else { return Ok(()) };
        let posts = self.posts.iter().take(3).map(|p| format!("\n  {} for [{}]: {}", shown(p.bytes), p.stage, p.what));
        Err(format!(
            "this run would take about {} of memory, and it may take {}; most of it:{}\nChange one of these, or say --memory {}",
            shown(self.bytes),
            shown(limit),
            posts.collect::<String>(),
            // A little more than is needed, without a space.
            shown(self.bytes.saturating_add(self.bytes / 10)).replace(' ', "")
        ))
    }
}

/// What one stage takes.
fn posts(pipeline: &Pipeline, stage: &Stage) -> Vec<Post> {
    let post = |bytes: u64, passing: bool, what: String| Post { stage: stage.address(), bytes, what, passing };
    match &stage.config {
        Config::Dataset(source) => {
            let Some(data) = pipeline.planned.data(&registry::DatasetRef(stage.name.clone())) else {
                return Vec::new();
            };
            let (n, features) = (data.spec.n as u64, data.spec.features() as u64);
            let bytes = n.saturating_mul(features.saturating_mul(source.number_size() as u64).saturating_add(NUMBER));
            let what = format!("{n} samples of {features} numbers; take fewer samples, or smaller ones");
            // It is put together from another copy.
            vec![post(bytes, false, what.clone()), post(bytes, true, format!("the file or the drawing of {what}"))]
        }
        Config::Train(config) => {
            let Some(model) = pipeline.planned.model(&registry::TrainRef(stage.name.clone())) else {
                return Vec::new();
            };
            let (numbers, snapshots) = (parameters(model), model.snapshots.len() as u64);
            let snapshot = numbers.saturating_mul(NUMBER);
            let kept = snapshots.saturating_mul(snapshot);
            let what =
                format!("{snapshots} snapshots of {numbers} parameters; keep fewer, by a larger `every` or by `most`");
            vec![
                post(kept, false, what.clone()),
                post(kept.saturating_mul(COPIES), true, format!("checkpoints of {what}")),
                post(
                    snapshot.saturating_mul(2),
                    false,
                    format!("{numbers} parameters and their gradients; use narrower layers"),
                ),
                post(step(model, config), true, step_words(model)),
            ]
        }
        Config::Sweep(sweep) => {
            let models = pipeline.planned.sweep(&registry::SweepRef(stage.name.clone())).unwrap_or_default();
            let seeds = sweep.seeds.count as u64;
            let all = models.iter().fold(0_u64, |sum, model| sum.saturating_add(parameters(model)));
            let kept = all.saturating_mul(seeds).saturating_mul(NUMBER);
            let trained = pipeline.stages.iter().find_map(|other| match &other.config {
                Config::Train(config) if sweep.repeated().next().is_some_and(|name| name.0 == other.name) => {
                    Some(config)
                }
                _ => None,
            });
            let threads = (tensor::threads::count() as u64).min(seeds.saturating_mul(models.len() as u64));
            let largest = models.iter().max_by_key(|model| trained.map(|config| step(model, config)));
            let runs = (models.len() as u64).saturating_mul(seeds);
            let what = format!("the {runs} models of its runs; take fewer seeds or values");
            let working = largest.zip(trained).map(|(model, config)| {
                let bytes = step(model, config).saturating_mul(threads);
                post(bytes, true, format!("{threads} runs at once, each {}", step_words(model)))
            });
            let kept = pipeline.reads_models_of(stage).then(|| post(kept.saturating_mul(2), false, what));
            kept.into_iter().chain(working).collect()
        }
        _ => Vec::new(),
    }
}

/// How many numbers of a model are trained.
fn parameters(model: &PlannedModel) -> u64 {
    Model::trained_numbers(&model.layers, &model.data.shape, model.loss.head()).unwrap_or_default() as u64
}

/// What a step of training takes: the values at the nodes and their gradients for a batch, the values for as much of each split
/// as is measured at once, and the optimizer's state, which is twice the parameters at most.
fn step(model: &PlannedModel, config: &TrainConfig) -> u64 {
    let measured = model.sizes.map(|n| training::measured_at_once(n, per_sample(model) as usize) as u64);
    let rows = 2 * config.batch.size(model.sizes[0]) as u64 + measured.iter().sum::<u64>();
    let numbers = rows.saturating_mul(per_sample(model)).saturating_add(2 * parameters(model));
    numbers.saturating_mul(NUMBER)
}

/// How many numbers one sample has at all nodes together.
fn per_sample(model: &PlannedModel) -> u64 {
    let nodes = Model::node_shapes(&model.layers, &model.data.shape, model.loss.head()).unwrap_or_default();
    let shapes = nodes.iter().map(|(_, shape)| size(shape) as u64);
    shapes.fold(size(&model.data.shape) as u64, u64::saturating_add)
}

fn step_words(model: &PlannedModel) -> String {
    let numbers = per_sample(model);
    format!("the step of training, {numbers} numbers for each sample of a batch; write a smaller batch, as batch = 32")
}

/// `1.5 GB`.
pub fn shown(bytes: u64) -> String {
    let scaled = |unit: f64| format!("{:.1}", bytes as f64 / unit);
    match bytes {
        0..1_000_000_000 => format!("{} MB", scaled(1e6)),
        1_000_000_000..1_000_000_000_000 => format!("{} GB", scaled(1e9)),
        _ => format!("{} TB", scaled(1e12)),
    }
}

/// Reads `2GB`, `500 MB`, `1.5GiB`.
///
/// # Errors
/// If it is no such size.
pub fn parse(text: &str) -> Result<u64, String> {
    let units = [("kib", 1024.0), ("mib", 1_048_576.0), ("gib", 1_073_741_824.0), ("tib", 1_099_511_627_776.0)];
    let units = units.into_iter().chain([("kb", 1e3), ("mb", 1e6), ("gb", 1e9), ("tb", 1e12)]);
    let lower = text.trim().to_ascii_lowercase();
    let found =
        units.filter_map(|(unit, bytes)| Some((lower.strip_suffix(unit)?.trim_end().parse::<f64>().ok()?, bytes)));
    match found.map(|(number, unit)| number * unit).next() {
        Some(bytes) if bytes >= 1.0 && bytes.is_finite() => Ok(bytes as u64),
        _ => Err("expected a size such as 2GB or 500MB".to_owned()),
    }
}

/// How much memory this process may still take: what the machine has available, within the limits of its control group and of its
/// address space. `None` where the system says nothing.
pub fn available() -> Option<u64> {
    let machine = read_to_string("/proc/meminfo").ok().and_then(|text| Some(number(&text, "MemAvailable:")? * 1024));
    let group = read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    let used = read_to_string("/sys/fs/cgroup/memory.stat").ok().and_then(|text| number(&text, "anon "));
    let group = group.map(|most: u64| most.saturating_sub(used.unwrap_or(0)));
    let space = read_to_string("/proc/self/limits").ok().and_then(|text| number(&text, "Max address space"));
    [machine, group, space].into_iter().flatten().min()
}

/// The number behind a word at the start of a line.
fn number(text: &str, word: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(word))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_shown() {
        assert_eq!((parse("2GB"), parse(" 1.5 MiB "), parse("500kb")), (Ok(2_000_000_000), Ok(1_572_864), Ok(500_000)));
        for wrong in ["", "2", "GB", "-1GB", "0MB", "infGB", "2 GBs", "nanMB"] {
            assert_eq!(parse(wrong), Err("expected a size such as 2GB or 500MB".to_owned()), "{wrong}");
        }
        let sizes = [34_000_000, 1_500_000_000, 2_000_000_000_000].map(shown);
        assert_eq!(sizes, ["34.0 MB", "1.5 GB", "2.0 TB"]);
        assert!(sizes.iter().all(|size| parse(size).is_ok()));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_machine_has_some_memory() {
        assert!(available().is_some_and(|bytes| bytes > 1 << 20));
    }

    #[test]
    fn what_takes_most_is_found_before_anything_runs() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("p.toml");
        let largest = |training: &str| {
            let data = "[dataset.d]\nkind = \"glyphs\"\npoints = 1000";
            let net = "[train.t]\ndata = \"d\"\nmodel = [\"flatten\", { linear = 1000 }, \"relu\", { linear = 10 }]";
            let rest = "loss = \"cross_entropy\"\noptimizer = { sgd = { lr = 0.1 } }";
            std::fs::write(&file, format!("title = \"t\"\n{data}\n{net}\n{rest}\n{training}\n")).unwrap();
            let request = crate::load::Request { file: file.clone(), ..Default::default() };
            let pipeline = crate::load::load(&request, &crate::kinds::families()).pipeline.expect("no mistakes");
            let needed = vec![true; pipeline.stages.len()];
            let post = Estimate::of(&pipeline, &needed).posts.swap_remove(0);
            (post.stage, post.bytes, post.what.split(';').next().unwrap_or_default().to_owned())
        };
        // 784·1000 + 1000 + 1000·10 + 10 = 795,010 numbers of four bytes, thrice for checkpoints.
        let (snapshots, what) = (9_540_120 * 90_001, "checkpoints of 90001 snapshots of 795010 parameters");
        let found = largest("epochs = 90000\nbatch = 10\nsnapshots = { every = 1 }");
        assert_eq!(found, ("train.t".to_owned(), snapshots, what.to_owned()));
        // Values and gradients of 784 + 784 + 1000 + 1000 + 10 numbers for each of 1,000 samples, values of 146 that are measured
        // at once, and the optimizer's.
        let step = ((2 * 1000 + 146) * 3578 + 2 * 795_010) * 4;
        let what = "the step of training, 3578 numbers for each sample of a batch";
        assert_eq!(largest("epochs = 1"), ("train.t".to_owned(), step, what.to_owned()));
        let sweep = "epochs = 1\nbatch = 10\n[sweep.s]\ntrain = \"t\"\nset = \"epochs\"\nvalues = [1, 2]\nseeds = 50";
        // No analysis reads the models: what is left is the steps of training.
        let (stage, bytes, what) = largest(sweep);
        assert!(
            stage == "sweep.s" && bytes < 1 << 30 && what.contains("runs at once, each the step"),
            "{bytes}: {what}"
        );
        let (stage, bytes, what) = largest(&format!("{sweep}\n[analysis.a]\nkind = \"starts\"\nsweep = \"s\""));
        assert_eq!((stage.as_str(), bytes, what.as_str()), ("sweep.s", 636_008_000, "the 100 models of its runs"));
    }

    #[test]
    fn a_refusal_names_the_largest_posts_and_what_to_change() {
        let post = |stage: &str, bytes: u64| Post {
            stage: stage.into(),
            bytes,
            what: "much; take less".into(),
            passing: false,
        };
        let posts = vec![post("train.a", 4_000_000_000), post("dataset.b", 1_000_000_000)];
        let estimate = Estimate { posts, bytes: 5_100_000_000 };
        assert_eq!((estimate.check(None), estimate.check(Some(6_000_000_000))), (Ok(()), Ok(())));
        let expected = "this run would take about 5.1 GB of memory, and it may take 2.0 GB; most of it:\
                        \n  4.0 GB for [train.a]: much; take less\n  1.0 GB for [dataset.b]: much; take less\
                        \nChange one of these, or say --memory 5.6GB";
        assert_eq!(estimate.check(Some(2_000_000_000)), Err(expected.to_owned()));
    }
}
