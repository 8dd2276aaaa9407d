//! Every target reads its corpus, what was found included, and some inputs more, the same in each run.

use std::process::Command;

#[test]
fn no_input_ends_a_target_takes_its_time_or_fills_its_memory() {
    let mut fuzz = Command::new(env!("CARGO_BIN_EXE_fuzz"));
    let output = fuzz.args(["--inputs", "200", "--seed", "1"]).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    assert_eq!(said.matches(", 0 findings").count(), 9, "{said}");
}
