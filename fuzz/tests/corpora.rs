//! Every target reads its corpus, what was found included, and some inputs more, the same in each run; and some random pipelines
//! are run.

use std::process::Command;

#[test]
fn no_input_ends_a_target_takes_its_time_or_fills_its_memory() {
    let mut fuzz = Command::new(env!("CARGO_BIN_EXE_fuzz"));
    let output = fuzz.args(["--inputs", "200", "--seed", "1"]).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    assert_eq!(said.matches(", 0 findings").count(), 9, "{said}");
}

#[test]
fn random_pipelines_end_with_the_same_bytes_by_any_threads_and_from_the_cache() {
    let mut fuzz = Command::new(env!("CARGO_BIN_EXE_fuzz"));
    let output = fuzz.args(["--target", "runs", "--inputs", "8", "--seed", "1"]).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("8 inputs"), "{said}");
}

#[test]
fn a_panic_too_much_memory_too_much_time_and_a_hang_are_found() {
    let mut fuzz = Command::new(env!("CARGO_BIN_EXE_fuzz"));
    let output =
        fuzz.args(["--target", "itself", "--inputs", "7", "--seed", "1"]).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    for found in [
        "input 1 (",
        "as was asked for",
        "input 2 (",
        "memory allocation of 268435457 bytes failed",
        "input 3 (",
        "took 0.4 s",
        "input 4 (",
        "nothing for 2s",
        "7 inputs",
        "4 findings",
    ] {
        assert!(said.contains(found), "no `{found}` in:\n{said}");
    }
}
