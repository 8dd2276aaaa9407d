//! What reads files that others wrote, one file each.

mod data;
mod expressions;
mod itself;
mod pipelines;
mod records;
mod runs;
mod safetensors;

use std::path::Path;
use std::time::Duration;

use fastrand::Rng;

/// Something that reads an input, prepared.
pub type Attempt = Box<dyn FnMut(&[u8])>;

/// Something that reads inputs.
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// Whether it is one of `all`.
    pub of_all: bool,
    /// Inputs that are valid, or were findings once.
    pub corpus: fn() -> Vec<Vec<u8>>,
    /// A changed input of the corpus, or one made by the rules of the format.
    pub change: fn(&mut Rng, &[Vec<u8>]) -> Vec<u8>,
    /// Makes it ready, with a folder to work in.
    pub prepare: fn(&Path) -> Attempt,
    /// What takes longer than this, three times in a row, is too slow. (Once may be the machine's fault.)
    pub slow: Duration,
}

/// The longest that anything may take to read a file.
const SLOW: Duration = Duration::from_secs(2);

/// The longest that a run of a small pipeline may take, on a machine that does much else.
const SLOW_RUN: Duration = Duration::from_secs(60);

impl Target {
    /// The input of this number: the corpus comes first.
    pub fn input(&self, corpus: &[Vec<u8>], seed: u64, number: u64) -> Vec<u8> {
        match usize::try_from(number).ok().and_then(|number| corpus.get(number)) {
            Some(input) => input.clone(),
            None => {
                let mut rng = Rng::with_seed(seed);
                rng = Rng::with_seed(rng.u64(..) ^ number);
                (self.change)(&mut rng, corpus)
            }
        }
    }
}

/// Every target.
pub fn all() -> Vec<Target> {
    vec![
        pipelines::PIPELINES,
        pipelines::SETTINGS,
        data::CSV,
        data::NPY,
        data::IDX,
        safetensors::SAFETENSORS,
        expressions::EXPRESSIONS,
        records::RECORDS,
        records::CHECKPOINTS,
        runs::RUNS,
        itself::ITSELF,
    ]
}

/// The files of a folder of the tree whose names end so, by name; none of one that is not there.
fn files(folder: &str, end: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = pipeline::files::entries(&folder).into_iter().filter(|path| path.to_string_lossy().ends_with(end));
    files.map(|path| std::fs::read(path).expect("a file of the tree")).collect()
}
