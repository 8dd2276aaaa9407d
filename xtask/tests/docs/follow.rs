//! Following a page: writing its files, changing those it changes, running its commands and comparing what they say.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use libtest_mimic::Trial;

use super::page::{Block, Page};
use crate::{cargo, root, target};

pub fn trials() -> Vec<Trial> {
    trials![output_is_compared_but_for_what_is_left_out, changes_are_put_in_their_place]
}

/// A folder in which a page is followed.
pub struct Follower {
    /// Where.
    pub folder: PathBuf,
    /// Whether the folder is a copy of the tree, whose program is built; otherwise the one at hand stands in for `cargo xtask`.
    pub builds: bool,
    /// Files that pages have begun.
    pub written: BTreeSet<String>,
}

impl Follower {
    /// Does what the blocks of a page say: those that `wanted` picks.
    pub fn follow(&mut self, name: &str, page: &Page, wanted: impl Fn(&Block) -> bool) {
        for block in page.blocks.iter().filter(|b| wanted(b)) {
            self.block(block).unwrap_or_else(|why| panic!("{name}, line {}: {why}", block.line));
        }
    }

    fn block(&mut self, block: &Block) -> Result<(), String> {
        let file = &block.file;
        if let Some(file) = file.strip_prefix("from ") {
            return if self.read(file)?.contains(&block.text) {
                Ok(())
            } else {
                Err(format!("{file} has changed: it does not contain this block"))
            };
        }
        match block.language.as_str() {
            "console" => self.console(&block.text),
            "diff" => {
                let changed = patched(&self.read(file)?, &block.text).map_err(|why| format!("{file}: {why}"))?;
                self.write(file, &changed)
            }
            _ if file.is_empty() => Ok(()),
            _ if self.written.contains(file) => {
                let before = self.read(file)?;
                self.write(file, &format!("{before}\n{}", block.text))
            }
            _ if root().join(file).exists() => Err(format!("{file} is in the tree already")),
            _ => {
                self.written.insert(file.clone());
                self.write(file, &block.text)
            }
        }
    }

    fn read(&self, file: &str) -> Result<String, String> {
        let here = self.folder.join(file);
        let path = if here.exists() { here } else { root().join(file) };
        std::fs::read_to_string(&path).map_err(|e| format!("{file}: {e}"))
    }

    fn write(&self, file: &str, text: &str) -> Result<(), String> {
        let path = self.folder.join(file);
        let folder = path.parent().unwrap_or(Path::new(""));
        std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, text)).map_err(|e| format!("{file}: {e}"))
    }

    /// Runs each line that begins with `$ ` and compares what follows it.
    fn console(&self, text: &str) -> Result<(), String> {
        let mut commands: Vec<(&str, Vec<&str>)> = Vec::new();
        for line in text.lines() {
            match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(command), _) => commands.push((command, Vec::new())),
                (None, Some((_, expected))) => expected.push(line),
                (None, None) => return Err("a console begins with a command: `$ …`".to_owned()),
            }
        }
        for (command, expected) in commands {
            let output = self.run(command).map_err(|e| e.to_string())?;
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let said: Vec<&str> = said.lines().map(str::trim_end).collect();
            if !matches(&expected, &said) {
                return Err(format!(
                    "`{command}` says\n\n{}\n\ninstead of\n\n{}",
                    said.join("\n"),
                    expected.join("\n")
                ));
            }
        }
        Ok(())
    }

    /// Runs a command; its errors stand among its output. What it needs is built first, in the open, because that takes time.
    fn run(&self, command: &str) -> std::io::Result<Output> {
        let mut shell = Command::new("sh");
        if self.builds {
            eprintln!("$ {command}");
            let build = match command.strip_prefix("cargo test ") {
                Some(arguments) => format!("test --no-run {}", arguments.replace("--quiet", "")),
                None => "build --package xtask".to_owned(),
            };
            let mut cargo = cargo(&target().join("pages"));
            cargo.args(build.split_whitespace()).current_dir(&self.folder).status()?;
            shell.envs(cargo.get_envs().filter_map(|(name, value)| Some((name, value?))));
        }
        let command = if self.builds { command } else { &command.replace("cargo xtask", env!("CARGO_BIN_EXE_xtask")) };
        shell.args(["-c", &format!("{command} 2>&1")]).current_dir(&self.folder);
        shell.env_remove("UNFOLD_KERNEL").env("CARGO_TERM_COLOR", "never").output()
    }
}

/// Whether lines are as expected; a line `…` stands for any lines, `…` inside a line for any text.
fn matches(expected: &[&str], said: &[&str]) -> bool {
    match expected {
        [] => said.is_empty(),
        ["…", rest @ ..] => (0..=said.len()).any(|skipped| matches(rest, &said[skipped..])),
        [first, rest @ ..] => {
            said.split_first().is_some_and(|(line, after)| line_matches(first, line) && matches(rest, after))
        }
    }
}

fn line_matches(expected: &str, line: &str) -> bool {
    match expected.split_once('…') {
        None => expected == line,
        Some((start, rest)) => line.strip_prefix(start).is_some_and(|after| {
            let places = after.char_indices().map(|(i, _)| i).chain([after.len()]);
            places.into_iter().any(|i| line_matches(rest, &after[i..]))
        }),
    }
}

/// A text with the lines of a diff block (` kept`, `-gone`, `+new`) put in place of the one place where the kept and gone ones
/// are.
fn patched(text: &str, diff: &str) -> Result<String, String> {
    let side =
        |mark: char| -> Vec<&str> { diff.lines().filter(|l| l.starts_with([' ', mark])).map(|l| &l[1..]).collect() };
    let (old, new, mut lines) = (side('-'), side('+'), text.lines().collect::<Vec<_>>());
    let places: Vec<usize> = (0..lines.len()).filter(|i| lines[*i..].starts_with(&old)).collect();
    let [place] = places[..] else {
        return Err(format!("{} places have the lines\n{}", places.len(), old.join("\n")));
    };
    lines.splice(place..place + old.len(), new);
    Ok(lines.join("\n") + "\n")
}

fn output_is_compared_but_for_what_is_left_out() {
    let said = ["one", "two 0.3 s", "three", "four"];
    assert!(matches(&["one", "two … s", "…"], &said) && matches(&["…", "four"], &said) && matches(&["…"], &[]));
    assert!(!matches(&["one", "…", "two"], &said) && !matches(&["…", "three"], &said) && !matches(&[], &said));
}

fn changes_are_put_in_their_place() {
    assert_eq!(patched("a\nb\nc\n", " b\n+x\n").as_deref(), Ok("a\nb\nx\nc\n"));
    assert_eq!(patched("a\nb\nc\n", " a\n-b\n+x\n").as_deref(), Ok("a\nx\nc\n"));
    assert!(patched("a\na\n", " a\n+x\n").is_err() && patched("a\n", " b\n+x\n").is_err());
}
