//! The pages: links lead somewhere, files they name are there, and who follows them sees what they show.
//!
//! A fenced block whose fence names a file is that file, or its continuation where the page began it before: ` ```toml
//! pipelines/fence.toml`. ` ```diff FILE` changes one, ` ```rust from FILE` quotes one. A ` ```console` block is run: after each
//! `$ command` stands what it prints, `…` for what is left out.

mod follow;
pub mod page;

use std::{collections::BTreeSet, path::Path};

use libtest_mimic::Trial;

use crate::{root, slow, target, xtask};
use follow::Follower;
use page::Page;

/// The pages that change the program itself, in the order in which they are followed.
const ADDING: [&str; 4] =
    ["docs/adding-a-layer.md", "docs/adding-an-analysis.md", "docs/adding-a-figure.md", "docs/adding-a-data-set.md"];

pub fn trials() -> Vec<Trial> {
    let mut trials = slow(trials![who_adds_a_kind_sees_what_the_pages_show]);
    trials.extend(trials![
        links_lead_somewhere,
        files_that_pages_name_are_there,
        who_writes_a_pipeline_sees_what_the_page_shows,
        what_is_added_has_its_place,
    ]);
    trials.into_iter().chain(follow::trials()).chain(page::trials()).collect()
}

fn read(file: &Path) -> Page {
    Page::of(&std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display())))
}

/// Every page, by its path in the tree.
pub fn pages() -> Vec<(String, Page)> {
    let mut names: Vec<String> =
        ["README.md", "ARCHITECTURE.md", "datasets/README.md", "benches/README.md", "fuzz/README.md"]
            .map(str::to_owned)
            .into();
    let folder = std::fs::read_dir(root().join("docs")).expect("the folder of pages");
    let files = folder.map(|e| format!("docs/{}", e.expect("an entry").file_name().to_string_lossy()));
    names.extend(files.filter(|name| name.ends_with(".md")));
    names.sort();
    names.into_iter().map(|name| (name.clone(), read(&root().join(&name)))).collect()
}

fn links_lead_somewhere() {
    let mut wrong = Vec::new();
    let mut links = 0;
    for (name, page) in pages() {
        let here = root().join(&name);
        for (line, target) in page.links().into_iter().filter(|(_, target)| !target.contains("://")) {
            links += 1;
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let file = if path.is_empty() { here.clone() } else { here.parent().expect("a folder").join(path) };
            if !file.exists() {
                wrong.push(format!("{name}:{line}: there is no {path}"));
            } else if !anchor.is_empty() && !read(&file).anchors().iter().any(|a| a == anchor) {
                wrong.push(format!("{name}:{line}: no heading gives #{anchor}"));
            }
        }
    }
    assert!(links > 100, "only {links} links are seen");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn files_that_pages_name_are_there() {
    let mut wrong = Vec::new();
    for (name, page) in pages() {
        let own: BTreeSet<&str> = page.blocks.iter().map(|b| b.file.as_str()).collect();
        for (line, code) in page.code() {
            let plain = |c: char| c.is_alphanumeric() || "_-./".contains(c);
            let first = code.split('/').next().unwrap_or_default();
            let in_tree = ["crates", "docs", "golden", "pipelines", "scripts", "xtask"].contains(&first);
            if in_tree
                && code.contains('/')
                && code.chars().all(plain)
                && !own.contains(code.as_str())
                && !root().join(&code).exists()
            {
                wrong.push(format!("{name}:{line}: there is no {code}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Who follows a page in this folder.
fn follower(folder: &Path, builds: bool) -> Follower {
    std::fs::create_dir_all(folder.join("pipelines")).expect("a folder");
    Follower { folder: folder.to_owned(), builds, written: BTreeSet::new() }
}

fn who_writes_a_pipeline_sees_what_the_page_shows() {
    for name in ["README.md", "docs/writing-a-pipeline.md"] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut follower = follower(folder.path(), false);
        follower.follow(name, &read(&root().join(name)), |_| true);
        assert!(!follower.written.is_empty(), "{name} writes no pipeline");
        for file in follower.written.iter().filter(|f| f.starts_with("pipelines/")) {
            let mut check = xtask();
            let output = check.args(["check", file]).current_dir(folder.path()).output().expect("runs");
            assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

/// Writes and changes what the pages say that add to the program.
fn add_everything(follower: &mut Follower) {
    for name in ADDING {
        follower.follow(name, &read(&root().join(name)), |block| block.language != "console");
    }
}

fn what_is_added_has_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    add_everything(&mut follower(folder.path(), false));
}

/// Copies a folder without what is built, run, downloaded or hidden in it; `.cargo` is no secret.
fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").map(|e| e.expect("an entry")) {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let made_here = ["target", "runs", "datasets/cache"].iter().any(|made| path == root().join(made));
        let left_out = made_here || (name.starts_with('.') && name != ".cargo");
        if left_out {
            continue;
        } else if path.is_dir() {
            copy_tree(&path, &to.join(name));
        } else {
            std::fs::copy(&path, to.join(name)).expect("a copy");
        }
    }
}

/// Follows the pages that add to the program in a copy of it, and runs their commands.
fn who_adds_a_kind_sees_what_the_pages_show() {
    // Always the same place, so that what is built there is built anew rather than piling up.
    let copy = target().join("pages/copy");
    let _ = std::fs::remove_dir_all(&copy);
    copy_tree(root(), &copy);
    let mut follower = follower(&copy, true);
    add_everything(&mut follower);
    for name in ADDING {
        follower.follow(name, &read(&root().join(name)), |block| block.language == "console");
    }
}
