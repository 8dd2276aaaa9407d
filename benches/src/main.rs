//! One timed run of every workload: name, seconds, microseconds per epoch, what was reached. `peers.py` does the same in PyTorch
//! and JAX.
//!
//!     cargo run --release -p benches [-- [--threads N] WORKLOAD…]

use std::time::Instant;

use benches::WORKLOADS;

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(i) = arguments.iter().position(|a| a == "--threads") {
        let threads = arguments.drain(i..(i + 2).min(arguments.len())).nth(1).and_then(|n| n.parse().ok());
        tensor::threads::set(threads.expect("--threads takes a number"));
    }
    println!("unfold, {} kernel, {} threads", tensor::path::Path::active().name(), tensor::threads::count());
    for workload in WORKLOADS.iter().filter(|w| arguments.is_empty() || arguments.iter().any(|a| a == w.name)) {
        let (mut trainer, epochs) = match workload.trainer() {
            Ok(ready) => ready,
            Err(missing) => {
                println!("{:24} skipped: {missing}", workload.name);
                continue;
            }
        };
        // The peers do not measure the untrained model either.
        trainer.begin();
        let start = Instant::now();
        for _ in 0..epochs {
            trainer.epoch().expect("trains");
        }
        let seconds = start.elapsed().as_secs_f64();
        let series = &trainer.history().train;
        let reached = match series.accuracy.last() {
            Some(accuracy) => format!("train accuracy {accuracy:.4}"),
            None => format!("final mse {:.2e}", series.loss.last().copied().unwrap_or(f32::NAN)),
        };
        println!("{:24} {seconds:9.4} s {:9.3} µs/epoch   {reached}", workload.name, seconds / epochs as f64 * 1e6);
    }
}
