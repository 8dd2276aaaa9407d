//! Pages of Markdown, as far as tests need: fenced blocks, headings, links, names of files.

use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    trials![pages_are_read]
}

/// A fenced block.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// What it is written in: `toml`, `console`.
    pub language: String,
    /// The rest of the fence's line, which readers do not see: the file that the block belongs to.
    pub file: String,
    /// What is inside, each line with its end.
    pub text: String,
    /// The line of its fence, from 1.
    pub line: usize,
}

/// A page without its fenced blocks, and these.
#[derive(Debug, Default)]
pub struct Page {
    /// Everything else, line by line; lines of blocks are empty.
    pub prose: Vec<String>,
    /// The blocks, in order.
    pub blocks: Vec<Block>,
}

impl Page {
    pub fn of(text: &str) -> Self {
        let mut page = Self::default();
        let mut open: Option<Block> = None;
        for (i, line) in text.lines().enumerate() {
            page.prose.push(String::new());
            match (&mut open, line.strip_prefix("```")) {
                (None, Some(info)) => {
                    let (language, file) = info.split_once(' ').unwrap_or((info, ""));
                    let (language, file) = (language.to_owned(), file.trim().to_owned());
                    open = Some(Block { language, file, text: String::new(), line: i + 1 });
                }
                (Some(_), Some(_)) => page.blocks.extend(open.take()),
                (Some(block), None) => block.text += &format!("{line}\n"),
                // Indented code is no prose either.
                (None, None) if line.starts_with("    ") => {}
                (None, None) => line.clone_into(&mut page.prose[i]),
            }
        }
        assert!(open.is_none(), "a block is not closed");
        page
    }

    /// What links to headings end in, as GitHub makes them: lower case, words joined by `-`, a number after what is there
    /// already.
    pub fn anchors(&self) -> Vec<String> {
        let mut anchors: Vec<String> = Vec::new();
        for heading in self.prose.iter().filter(|l| l.starts_with('#')) {
            let text = heading.trim_start_matches('#').trim().to_lowercase();
            let kept = text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
            let free = (0..).map(|n| if n == 0 { anchor.clone() } else { format!("{anchor}-{n}") });
            anchors.extend(free.into_iter().find(|a| !anchors.contains(a)));
        }
        anchors
    }

    /// Targets of links and pictures, with their lines from 1.
    pub fn links(&self) -> Vec<(usize, String)> {
        let mut links = Vec::new();
        for (i, line) in self.prose.iter().enumerate() {
            let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
            links.extend(targets.map(|(target, _)| (i + 1, target.to_owned())));
        }
        links
    }

    /// Everything in backticks, with its line from 1.
    pub fn code(&self) -> Vec<(usize, String)> {
        let parts = |line: &str| line.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
        self.prose.iter().enumerate().flat_map(|(i, l)| parts(l).into_iter().map(move |p| (i + 1, p))).collect()
    }
}

fn pages_are_read() {
    let page = Page::of("# A `b_c` (d): e\n\n[x](y.md#z) `p/q.rs`\n```toml a.toml\n# no\n```\n## Same\n## Same\n");
    assert_eq!(page.anchors(), ["a-b_c-d-e", "same", "same-1"]);
    assert_eq!(page.links(), [(3, "y.md#z".to_owned())]);
    assert_eq!(page.code(), [(1, "b_c".to_owned()), (3, "p/q.rs".to_owned())]);
    let block = Block { language: "toml".into(), file: "a.toml".into(), text: "# no\n".into(), line: 4 };
    assert_eq!(page.blocks, [block]);
}
