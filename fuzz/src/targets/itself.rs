//! This program itself: inputs that do what none may, so that a test sees each of them found.

use std::hint::black_box;
use std::thread::sleep;
use std::time::Duration;

use super::Target;

/// An input says what to do.
pub const ITSELF: Target = Target {
    name: "itself",
    of_all: false,
    corpus: || ["fine", "panic", "memory", "slow", "hang"].map(|word| word.as_bytes().to_vec()).to_vec(),
    change: |_, _| b"fine".to_vec(),
    prepare: |_| Box::new(obey),
    slow: Duration::from_millis(200),
};

fn obey(input: &[u8]) {
    match input {
        b"panic" => panic!("as was asked for"),
        b"memory" => drop(black_box(Vec::<u8>::with_capacity(crate::MEMORY + 1))),
        b"slow" => sleep(2 * ITSELF.slow),
        b"hang" => sleep(Duration::MAX),
        _ => {}
    }
}
