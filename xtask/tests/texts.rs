//! What the program says, pinned: `cargo insta review` shows what has changed. Seconds and lists of all kinds are left out, so
//! that neither a slow machine nor a new kind changes a text.

use std::path::Path;

use libtest_mimic::Trial;

use crate::{SMALL, root, xtask};

pub fn trials() -> Vec<Trial> {
    trials![help, list, explain, a_pipeline_from_plan_to_review]
}

/// Runs commands in a folder, one a line; what they say on both streams, as in a terminal.
fn session(folder: &Path, commands: &str) -> String {
    let mut text = String::new();
    for command in commands.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let output = xtask().args(command.split(' ')).current_dir(folder).output().unwrap();
        text += &format!("$ cargo xtask {command}\n");
        text += &String::from_utf8([output.stderr, output.stdout].concat()).unwrap();
        match output.status.code() {
            Some(0) => text += "\n",
            code => text += &format!("exit code: {}\n\n", code.unwrap()),
        }
    }
    text
}

/// Compares a text with `snapshots/NAME.snap`, but for what matches the filters.
fn check(name: &str, text: &str, filters: &[(&str, &str)]) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"\b\d+\.\d+ s\b", "[seconds]");
    filters.iter().for_each(|(pattern, with)| settings.add_filter(pattern, *with));
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn help() {
    let commands =
        ["run", "check", "list", "explain", "plan", "schema", "fetch", "review", "bless", "diff", "render", "export"];
    let helps: String = commands.iter().map(|command| format!("{command} --help\n")).collect();
    check("help", &session(root(), &format!("--help\n{helps}fly")), &[]);
}

fn list() {
    let text = session(root(), "list");
    // Headings of categories end in a colon, then what they are about.
    let is_heading = |line: &str| line.split_whitespace().next().is_some_and(|word| word.ends_with(':'));
    let kinds = text.lines().filter(|line| line.starts_with("  ") && !is_heading(line));
    assert!(kinds.clone().count() > 100 && kinds.into_iter().all(|line| line.trim().contains("  ")), "{text}");
    check("list", &text, &[(r"(?m)^  .*\n(  .*\n)*", "  …\n")]);
}

fn explain() {
    let names =
        ["moons", "mons", "relu", "early_stopping", "train.batch", "train.bach", "patience", "f1", "schedule", "list"];
    let commands: String = names.iter().map(|name| format!("explain {name}\n")).collect();
    check("explain", &session(root(), &commands), &[]);
}

fn a_pipeline_from_plan_to_review() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pipelines/small.toml");
    std::fs::create_dir(folder.path().join("pipelines")).unwrap();
    std::fs::write(&file, SMALL).unwrap();
    let before = session(
        folder.path(),
        "check pipelines/small.toml
        plan pipelines/small.toml
        run pipelines/small.toml
        plan pipelines/small.toml --set train.net.epochs=6
        review
        bless
        run pipelines/small.toml --set train.net.epochs=9 --out runs/longer
        diff small longer
        diff small small",
    );
    std::fs::write(&file, SMALL.replace("epochs = 5", "epochs = 7")).unwrap();
    let after = session(
        folder.path(),
        "review
        run pipelines/small.toml
        review
        review --format markdown
        bless small/curves
        check pipelines/small.toml --set train.net.epohcs=6",
    );
    let amounts = [
        (r"(memory: about [\d.]+ MB) of [\d.]+ [MGT]B", "$1 of [what there is]"),
        (r"[\d.]+% of pixels, \d+ lines", "[share] of pixels, [count] lines"),
        (r"[\d.]+% \| \d+ lines", "[share] | [count] lines"),
        (r"takes `.*`", "takes …"),
    ];
    check("session", &format!("{before}# and with more epochs\n\n{after}"), &amounts);
}
