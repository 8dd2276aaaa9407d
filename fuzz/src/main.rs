//! Hostile inputs for everything that reads a file: no panic, no abort, no more memory than [`MEMORY`], nothing slower than
//! its target allows. And random pipelines, whose runs end with the same bytes however they come to their end.
//!
//! An input is made from a seed and its number alone, so that each can be made again. They are tried in a process of their own,
//! which says before each what its number is: whatever ends it, the parent knows by which input.

mod generate;
mod mutate;
mod supervise;
mod targets;
mod text;
mod worker;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use cap::Cap;
use clap::Parser;

/// The most memory that a target may hold. One that asks for more ends.
const MEMORY: usize = 256 << 20;

#[global_allocator]
static ALLOCATOR: Cap<std::alloc::System> = Cap::new(std::alloc::System, usize::MAX);

/// Tries hostile inputs.
#[derive(Debug, Parser)]
#[command(name = "fuzz", after_help = "Exit code: 0 nothing found, 1 something was, 2 the arguments are wrong.")]
struct Arguments {
    /// What is to read them: a target's name, or `all`, which share the time. None of all are `runs`, which runs random
    /// pipelines, and `itself`, whose inputs are all found.
    #[arg(long, default_value = "all")]
    target: String,
    /// For how long.
    #[arg(long, value_name = "N")]
    minutes: Option<f64>,
    /// How many inputs of each target at most.
    #[arg(long, value_name = "N")]
    inputs: Option<u64>,
    /// What the inputs are made from. Default: UNFOLD_SEED, or another one each time; it is printed.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// The number of the first input; the corpus comes before the first one that is made.
    #[arg(long, default_value_t = 0, value_name = "N")]
    from: u64,
    /// Try this file only.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["minutes", "inputs", "from"])]
    file: Option<PathBuf>,
    /// Try inputs in this process and write the number of each to this file: what a parent asks.
    #[arg(long, value_name = "FILE", hide = true)]
    worker: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let all = targets::all();
    let known: Vec<&str> = all.iter().map(|t| t.name).collect();
    let chosen: Vec<targets::Target> =
        all.into_iter().filter(|t| (arguments.target == "all" && t.of_all) || t.name == arguments.target).collect();
    if chosen.is_empty() {
        eprintln!("there is no target `{}`; there are {}", arguments.target, known.join(", "));
        return ExitCode::from(2);
    }
    let asked = || std::env::var("UNFOLD_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = arguments.seed.or_else(asked).unwrap_or_else(|| fastrand::u64(..));
    let plan = worker::Plan {
        seed,
        from: arguments.from,
        inputs: arguments.inputs.unwrap_or(if arguments.minutes.is_some() { u64::MAX } else { 1000 }),
    };
    if let Some(progress) = arguments.worker {
        chosen.iter().for_each(|target| worker::work(target, &plan, &progress));
        return ExitCode::SUCCESS;
    }
    if let Some(file) = arguments.file {
        let input = std::fs::read(&file).expect("a file that can be read");
        chosen.iter().for_each(|target| worker::Worker::of(target).attempt(&input));
        println!("nothing found");
        return ExitCode::SUCCESS;
    }
    let time = arguments.minutes.map(|m| Duration::from_secs_f64((m * 60.0).clamp(0.0, 1e9) / chosen.len() as f64));
    supervise::run(&chosen, &plan, time)
}
