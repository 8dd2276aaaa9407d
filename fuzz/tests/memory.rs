//! Nothing that a pipeline file or the head of a data file says makes a check take memory in proportion: every allocation beyond
//! some megabytes fails here, which would end this process.

use std::fs;
use std::path::{Path, PathBuf};

use cap::Cap;
use pipeline::files::entries;
use pipeline::kinds;
use pipeline::load::{Request, load};

#[global_allocator]
static ALLOCATOR: Cap<std::alloc::System> = Cap::new(std::alloc::System, usize::MAX);

/// What all allocations of a check together may take.
const MOST: usize = 48 << 20;

/// What no count, size or number of anything should be.
const HUGE: [&str; 3] = ["1000000000000", "40000", "9223372036854775807"];

/// A text with each of its whole numbers in turn replaced by each of `by`.
fn replaced(text: &str, by: &[&str]) -> Vec<String> {
    let digit = |c: char| c.is_ascii_digit();
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.' || c == '-');
    let starts = text.char_indices().filter(|(at, c)| digit(*c) && !part(text[..*at].chars().next_back()));
    let numbers = starts.map(|(at, _)| at..at + text[at..].find(|c| !digit(c)).unwrap_or(text.len() - at));
    let whole = numbers.filter(|number| !part(text[number.end..].chars().next()));
    whole.flat_map(|at| by.iter().map(move |new| [&text[..at.start], new, &text[at.end..]].concat())).collect()
}

/// The shipped pipelines and those of tests, with huge numbers in place of their own.
fn pipelines() -> Vec<String> {
    let folders = ["../pipelines", "../xtask/tests/pipelines"].map(Path::new);
    let files = folders.into_iter().flat_map(entries).filter(|path| path.extension().is_some_and(|e| e == "toml"));
    files.flat_map(|file| replaced(&fs::read_to_string(file).expect("a file of the tree"), &HUGE[..1])).collect()
}

/// An example of every kind, with huge numbers in place of its own.
fn examples() -> Vec<String> {
    let groups = kinds::groups();
    let examples = groups.iter().flat_map(|group| group.topics()).map(|topic| topic.example.replace("NAME", "a"));
    examples
        .flat_map(|example| replaced(&example, &HUGE))
        .map(|example| format!("title = \"t\"\n{example}\n"))
        .collect()
}

/// Pipelines whose sizes follow from several numbers, or are those of files.
fn crafted() -> Vec<String> {
    let train = |data: &str, model: &str, rest: &str| {
        let net = format!(
            "[train.n]\ndata = \"d\"\nmodel = {model}\nloss = \"cross_entropy\"\noptimizer = {{ sgd = {{ lr = 0.1 }} }}"
        );
        format!("title = \"t\"\n[dataset.d]\n{data}\n{net}\n{rest}\n")
    };
    let spiral = "kind = \"spiral\"";
    let (idx, npy) = ("kind = \"idx\"\nimages = \"lying\"\nlabels = \"lying\"", "kind = \"npy\"\nx = \"lying.npy\"");
    let small = "[{ linear = 3 }]";
    let values = |value: &str| (0..10_000).map(|i| format!("{value}{i}")).collect::<Vec<_>>().join(", ");
    let sweep = |set: &str, value: &str, rest: &str| {
        let more = format!("[sweep.s]\ntrain = \"n\"\nset = \"{set}\"\nvalues = [{}]\n{rest}", values(value));
        train(spiral, small, &format!("epochs = 1\n{more}"))
    };
    let layers = format!("[{}]", vec!["{ linear = 1000000 }"; 1000].join(", "));
    vec![
        train(spiral, small, "epochs = 1000000000000\nsnapshots = { every = 1 }"),
        train(spiral, small, "epochs = 10000000\nsnapshots = { every = 1 }"),
        train(spiral, small, "epochs = 10000000\nschedule = { step = { every = 1, factor = 0.5 } }"),
        train(spiral, &layers, "epochs = 1"),
        train("kind = \"glyphs\"\nresize = [40000, 40000]", small, "epochs = 1"),
        train("kind = \"glyphs\"\npoints = 1000000000000\nresize = [4000, 4000]", small, "epochs = 1"),
        train("kind = \"spiral\"\npoints = 1000000000000\nclasses = 1000000000", small, "epochs = 1"),
        train(&format!("{idx}\nresize = [40000, 40000]"), small, "epochs = 1"),
        train(&format!("{idx}\nresize = [1000, 1000]"), small, "epochs = 1"),
        train(npy, small, "epochs = 1"),
        sweep("epochs", "1", "seeds = 1000000000000"),
        sweep("model[0].linear", "100000", ""),
        sweep("batch", "9000000000", "seeds = 10"),
    ]
}

/// Heads that promise more than there is.
fn lie(folder: &Path) {
    let idx = [&[0, 0, 8, 3][..], &[0xff, 0xff, 0xff, 0xff, 0, 0, 0x9c, 0x40, 0, 0, 0x9c, 0x40], &[7; 100]].concat();
    fs::write(folder.join("lying"), idx).expect("written");
    let dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 1048576), }\n";
    let head = [b"\x93NUMPY\x01\x00", &(dictionary.len() as u16).to_le_bytes()[..], dictionary.as_bytes()].concat();
    fs::write(folder.join("lying.npy"), head).expect("written");
}

#[test]
fn a_check_makes_nothing_as_large_as_a_number_says() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    lie(folder.path());
    let (file, families) = (folder.path().join("huge.toml"), kinds::families());
    let texts = [crafted(), examples(), pipelines()].concat();
    assert!(texts.len() > 500, "{} pipelines", texts.len());
    let check = |text: &str, file: &PathBuf| {
        fs::write(file, text).expect("written");
        let loaded = load(&Request { file: file.clone(), settings: Vec::new(), seed: None }, &families);
        drop(loaded.shown(false));
    };
    // What is made once is no part of a check.
    check(&texts[0], &file);
    for text in &texts {
        ALLOCATOR.set_limit(ALLOCATOR.allocated() + MOST).expect("above what is in use");
        check(text, &file);
        ALLOCATOR.set_limit(usize::MAX).expect("above what is in use");
    }
    // And the limit is one.
    ALLOCATOR.set_limit(ALLOCATOR.allocated() + MOST).expect("above what is in use");
    let refused = Vec::<u8>::new().try_reserve_exact(MOST + 1).is_err();
    ALLOCATOR.set_limit(usize::MAX).expect("above what is in use");
    assert!(refused, "an allocation of {} bytes was made", MOST + 1);
}
