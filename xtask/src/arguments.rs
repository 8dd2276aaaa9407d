//! The arguments, as `--help` explains them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use pipeline::load::Request;

/// A laboratory for looking inside small neural networks.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    version,
    after_help = "Example:\n  cargo xtask run pipelines/spiral.toml\n\n\
        To read: docs/writing-a-pipeline.md, from an empty file to figures; docs/kinds.md, everything that a file can say."
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a pipeline: train, analyse, draw.
    #[command(after_help = "Examples:\n  cargo xtask run pipelines/spiral.toml\n  \
        cargo xtask run pipelines/spiral.toml --set train.deep.epochs=10 --out /tmp/short\n\n\
        Exit code: 0 done, 1 the run failed, 2 the pipeline or the arguments are wrong, 130 interrupted.")]
    Run(Run),
    /// Say everything that is wrong with pipelines, without running them.
    #[command(after_help = "Example:\n  cargo xtask check pipelines/*.toml")]
    Check {
        /// Pipeline files.
        #[arg(required = true)]
        pipelines: Vec<PathBuf>,
        /// What to change in them.
        #[command(flatten)]
        change: Change,
    },
    /// List every kind of table, layer, loss, optimizer and schedule, and the shipped pipelines.
    #[command(after_help = "Example:\n  cargo xtask list")]
    List,
    /// Explain a name: a kind with its fields, their types and defaults, and an example; a field, a word, a command.
    #[command(after_help = "Examples:\n  cargo xtask explain spiral\n  cargo xtask explain early_stopping\n  \
        cargo xtask explain train.batch")]
    Explain {
        /// A name from `list`, or a field's: `patience`, or more of its path, `train.early_stopping.patience`.
        name: String,
    },
    /// Show the stages of a pipeline (its tables, in the order of work), what each reads, and whether it will run or is cached.
    #[command(after_help = "Example:\n  cargo xtask plan pipelines/spiral.toml")]
    Plan {
        /// The pipeline file.
        pipeline: PathBuf,
        /// What to change in it.
        #[command(flatten)]
        change: Change,
        /// The run's folder, if it is not runs/PIPELINE.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// How much memory a run may take, such as 2GB. Default: what this machine has available.
        #[arg(long, value_name = "SIZE", value_parser = pipeline::memory::parse)]
        memory: Option<u64>,
    },
    /// Refresh what derives from the kinds: pipelines/schema.json, by which editors complete and check pipeline files, and
    /// docs/kinds.md, which explains every kind.
    #[command(after_help = "Example:\n  cargo xtask schema")]
    Schema {
        /// Print the JSON Schema instead of writing the files.
        #[arg(long)]
        print: bool,
    },
    /// Use a saved model on other samples: pictures, arrays, tables.
    #[command(
        after_help = "Examples:\n  cargo xtask predict runs/mnist-mlp/models/mlp.safetensors seven.png --resize --invert\n  \
        cargo xtask predict runs/mnist-mlp/models/mlp.safetensors t10k-images-idx3-ubyte.gz --out scores.csv\n\n\
        Samples are normalised as those of training were: give them as they are, pixels from 0 to 255.\n\
        Exit code: 0 done, 2 a file or the arguments are wrong."
    )]
    Predict(Predict),
    /// Write a run's numbers for other programs: data, predictions, activations, gradients, weights, the order of samples.
    #[command(after_help = "Examples:\n  \
        cargo xtask export runs/spiral --data --predictions --format csv\n  \
        cargo xtask export runs/spiral --model deep --activations hidden1.post logits --split test\n  \
        cargo xtask export runs/spiral --data --initial --snapshots --order\n  \
        python scripts/recompute.py runs/spiral/export        trains it again in PyTorch\n\n\
        manifest.json beside the files says what each is. What an earlier export of the same run left stays.\n\
        Exit code: 0 done, 1 a file could not be written, 2 the run has not what is asked for.")]
    Export(Export),
    /// Draw figures for slides and papers: as PNG or PDF, moving ones as GIF or as pictures for a film.
    #[command(after_help = "Examples:\n  \
        cargo xtask render runs/spiral                                   all of a run, each as PNG beside its SVG\n  \
        cargo xtask render golden/spiral/boundary.svg --pdf --out slides\n  \
        cargo xtask render golden/spiral/boundary.svg --width 3840 --theme dark --out boundary.png\n  \
        cargo xtask render golden/spiral/boundary_training.svg --gif --out training.gif\n  \
        cargo xtask render golden/spiral/boundary_training.svg --frames --fps 25 --out film\n  \
        ffmpeg -framerate 25 -i film/boundary_training-%04d.png \\\n    \
            -vf \"pad=ceil(iw/2)*2:ceil(ih/2)*2\" -pix_fmt yuv420p training.mp4\n\n\
        Letters are drawn with the program's own font, so that pictures are the same on every machine.\n\
        Exit code: 0 done, 1 a figure could not be drawn, 2 a file or the arguments are wrong.")]
    Render(Render),
    /// Download a data set into datasets/cache, or take it from a folder; its files are checked by size and SHA-256.
    #[command(after_help = "Examples:\n  cargo xtask fetch                     what there is, and where\n  \
        cargo xtask fetch mnist\n  cargo xtask fetch mnist --from /media/usb/mnist\n  \
        cargo xtask fetch mnist --from https://mirror.example.org/mnist/")]
    Fetch {
        /// Data sets; without any, a list of those that can be fetched.
        names: Vec<String>,
        /// A folder that has the files, or a URL that they lie under, in place of the mirrors.
        #[arg(long, value_name = "DIR|URL")]
        from: Option<String>,
    },
    /// Show what differs between the pinned figures and the latest runs, by tests or by `run`: old and new, most changed first.
    #[command(after_help = "Examples:\n  cargo xtask review                       a page, target/review.html\n  \
        cargo xtask review spiral xor/loss       of these only\n  \
        cargo xtask review --format markdown     a comment for a pull request\n\n\
        Exit code: 0 nothing to accept, 1 something is not accepted, 2 the arguments are wrong.")]
    Review {
        /// Pipelines, or figures as PIPELINE/FIGURE.
        which: Vec<String>,
        /// A page, or a comment.
        #[arg(long, value_enum, default_value = "html")]
        format: Telling,
        /// The file to write, instead of target/review.html or, in Markdown, the output stream.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Accept figures of the latest runs as the pinned ones in golden/, with which tests compare, and say what changed.
    #[command(after_help = "Examples:\n  \
        cargo xtask bless                  every shipped pipeline that has been run\n  \
        cargo xtask bless spiral           one pipeline\n  \
        cargo xtask bless spiral/boundary  one figure; if nothing draws it any more, it is taken away")]
    Bless {
        /// Pipelines, or figures as PIPELINE/FIGURE.
        which: Vec<String>,
    },
    /// Tell what changed from one run to another: settings, results, figures.
    #[command(
        after_help = "Examples:\n  cargo xtask run pipelines/spiral.toml --set train.deep.epochs=100 --out runs/short\n  \
        cargo xtask diff spiral short\n  cargo xtask diff spiral short --html changes.html"
    )]
    Diff {
        /// The run to compare with: its folder, or its name below runs/.
        old: String,
        /// The run that is compared.
        new: String,
        /// Write the pictures, too, as one page.
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
}

/// How a review is told.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Telling {
    /// One page that needs nothing else.
    Html,
    /// A comment for a pull request.
    Markdown,
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// The pipeline file.
    pub pipeline: PathBuf,
    /// What to change in it.
    #[command(flatten)]
    pub change: Change,
    /// The folder to write to instead of runs/PIPELINE.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How many threads to use; the results do not depend on it. Default: one per processor.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub threads: Option<u16>,
    /// How much memory the run may take, such as 2GB: one that would take more is refused before it begins. Default: what this
    /// machine has available.
    #[arg(long, value_name = "SIZE", value_parser = pipeline::memory::parse)]
    pub memory: Option<u64>,
    /// Make everything again, whatever earlier runs left in the folder.
    #[arg(long)]
    pub fresh: bool,
    /// Say nothing but errors.
    #[arg(short, long)]
    pub quiet: bool,
    /// Fail at once rather than download data that is not at hand.
    #[arg(long)]
    pub offline: bool,
}

/// Arguments of `predict`.
#[derive(Debug, Args)]
pub struct Predict {
    /// A model that a run has saved: runs/NAME/models/NAME.safetensors.
    pub model: PathBuf,
    /// Files of samples: PNG pictures (one each), IDX files (also compressed), npy arrays, CSV tables with a line of names.
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Of how many classes, the most probable ones, the probabilities are shown.
    #[arg(long, value_name = "K", default_value = "3", value_parser = clap::value_parser!(u16).range(1..))]
    pub top: u16,
    /// Bring pictures to the size that the model takes, each pixel the mean over the area it covers.
    #[arg(long)]
    pub resize: bool,
    /// Make black white: for dark strokes on white paper, where the model has learned from bright ones on black.
    #[arg(long)]
    pub invert: bool,
    /// Write every probability, or every number, to this file as CSV.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Arguments of `export`.
#[derive(Debug, Args)]
pub struct Export {
    /// A run: its folder, its name below runs/, or its pipeline file.
    #[arg(value_name = "RUN|PIPELINE")]
    pub run: PathBuf,
    /// Of these models only, and of the data they learned. Default: all.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub model: Vec<String>,
    /// Inputs as a model sees them, targets, and each sample's row in its source.
    #[arg(long)]
    pub data: bool,
    /// The values of these nodes for every sample: `hidden1.post`, or '*' for all.
    #[arg(long, value_name = "NODE", num_args = 1..)]
    pub activations: Vec<String>,
    /// Outputs, probabilities, predicted classes, and the loss of every sample.
    #[arg(long)]
    pub predictions: bool,
    /// The gradients of every sample's own loss with respect to these nodes: `x`, or '*' for all.
    #[arg(long, value_name = "NODE", num_args = 1..)]
    pub gradients: Vec<String>,
    /// The weights before the first step, and those that training left, as safetensors.
    #[arg(long)]
    pub initial: bool,
    /// The weights that `snapshots` kept along the way, as safetensors.
    #[arg(long)]
    pub snapshots: bool,
    /// In which order every epoch saw the samples, the learning rate of every step, and the losses.
    #[arg(long)]
    pub order: bool,
    /// How arrays are written.
    #[arg(long, value_enum, default_value = "npy")]
    pub format: ArrayFormat,
    /// Of which split.
    #[arg(long, value_enum, default_value = "all")]
    pub split: WhichSplit,
    /// The folder to write to. Default: `export` in the run's.
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

/// How arrays are written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ArrayFormat {
    /// One file for each array, for numpy.load.
    Npy,
    /// Tables with a line of names.
    Csv,
}

/// Which split is exported.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum WhichSplit {
    /// What is trained on.
    Train,
    /// What is watched during training.
    Validation,
    /// What is kept for the end.
    Test,
    /// Each there is.
    All,
}

/// Arguments of `render`.
#[derive(Debug, Args)]
pub struct Render {
    /// Figures of this program (SVG), or folders of them: a run's folder is all its figures, and of them those that move where
    /// a movement is asked for.
    #[arg(required = true, value_name = "FIGURE")]
    pub figures: Vec<PathBuf>,
    /// What they become.
    #[command(flatten)]
    pub format: Format,
    /// The file, or the folder, to write to. Default: beside each figure.
    #[arg(long, value_name = "FILE|FOLDER")]
    pub out: Option<PathBuf>,
    /// Pixels from left to right. Default: two for each unit of the figure, 1280 for most.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(16..=16384), conflicts_with = "pdf")]
    pub width: Option<u32>,
    /// What the picture is to lie on.
    #[arg(long, value_enum, default_value = "light")]
    pub theme: Theme,
    /// The moment of a moving figure, in seconds from its beginning. Default: its last.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, conflicts_with_all = ["gif", "frames"])]
    pub time: Option<f64>,
    /// How many pictures a second of the film has.
    #[arg(long, value_name = "N", default_value = "25", value_parser = clap::value_parser!(u32).range(1..=60),
        requires = "frames")]
    pub fps: u32,
}

/// Formats of `render`; one of them.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct Format {
    /// Pictures; the default, unless the name after --out ends otherwise.
    #[arg(long)]
    pub png: bool,
    /// Pages in which texts stay texts.
    #[arg(long)]
    pub pdf: bool,
    /// Moving figures: all frames, each as long as in the figure, looping.
    #[arg(long)]
    pub gif: bool,
    /// Moving figures: numbered pictures from which a film is made.
    #[arg(long)]
    pub frames: bool,
}

/// What a picture is to lie on.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Theme {
    /// White paper.
    Light,
    /// A dark page.
    Dark,
    /// Any light ground, which shines through.
    Transparent,
    /// Any dark ground, which shines through.
    TransparentDark,
}

/// A time in seconds.
fn seconds(text: &str) -> Result<f64, String> {
    let time = text.parse::<f64>().ok().filter(|time| time.is_finite() && *time >= 0.0);
    time.ok_or_else(|| "it is no number of seconds from 0 on".to_owned())
}

/// What to change in a pipeline without editing it.
#[derive(Debug, Args)]
pub struct Change {
    /// Set a value, by its dotted path: `train.deep.epochs=10`, or `'train.deep.model[0].linear=8'`. May be repeated; words need
    /// no quotes of their own.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub settings: Vec<String>,
    /// Replace the pipeline's seed.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    pub seed: Option<u64>,
}

impl Change {
    /// A pipeline with these changes.
    pub fn request(&self, file: PathBuf) -> Request {
        Request { file, settings: self.settings.clone(), seed: self.seed }
    }
}
