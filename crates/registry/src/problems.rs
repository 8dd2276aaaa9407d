//! What is wrong with a config beyond its types: numbers out of range, shapes that do not meet.

/// One thing wrong, at a place inside the kind's own table.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Dotted path below the table: `noise`, `model[2].linear.units`; empty for the table as a whole.
    pub path: String,
    /// What is wrong and what was expected, lower case, no final stop.
    pub message: String,
    /// What to do about it, where that is known.
    pub help: Option<String>,
}

impl From<String> for Problem {
    fn from(message: String) -> Self {
        Self { path: String::new(), message, help: None }
    }
}

impl Problem {
    /// The same, with what to do about it.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// Collects every problem of a table, so that all are reported at once.
#[derive(Debug, Default)]
pub struct Problems {
    list: Vec<Problem>,
}

impl Problems {
    /// Notes a problem at `path`.
    pub fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.list.push(Problem { path: path.into(), message: message.into(), help: None });
    }

    /// Notes a problem at `path`, with what to do about it.
    pub fn add_with_help(&mut self, path: impl Into<String>, message: impl Into<String>, help: impl Into<String>) {
        self.list.push(Problem { path: path.into(), message: message.into(), help: Some(help.into()) });
    }

    /// Notes at `path` what a check found wrong, if anything, and says whether it did.
    pub fn note(&mut self, path: impl Into<String>, problem: Option<impl Into<Problem>>) -> bool {
        let found = problem.map(|problem| self.list.push(Problem { path: path.into(), ..problem.into() }));
        found.is_some()
    }

    /// Takes over a problem found elsewhere.
    pub fn push(&mut self, problem: Problem) {
        self.list.push(problem);
    }

    /// Notes a problem unless `ok`.
    pub fn require(&mut self, ok: bool, path: impl Into<String>, message: impl FnOnce() -> String) {
        if !ok {
            self.add(path, message());
        }
    }

    /// Takes over the problems of what lies at `path`.
    pub fn nest(&mut self, path: &str, own: Problems) {
        for mut problem in own.list {
            problem.path = match problem.path.as_str() {
                "" => path.to_owned(),
                rest => format!("{path}.{rest}"),
            };
            self.list.push(problem);
        }
    }

    /// Whether nothing is wrong so far.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// What was found, in the order it was found.
    pub fn into_vec(self) -> Vec<Problem> {
        self.list
    }
}
