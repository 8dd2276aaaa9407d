//! The tables of a file: name, kind, fields.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::{Names, check_name};
use crate::diagnostics::{Diagnostic, Report, did_you_mean, misspelling_of, quoted};
use crate::families::{Check, Families, Family, Kind};
use crate::schema::{self, Reference};
use crate::tree::{Node, Path, Repair, Step};

/// One table of a pipeline.
pub struct Table<'s, T> {
    /// Its family: `dataset`.
    pub family: &'static str,
    /// Its name, unique in the family.
    pub name: String,
    /// Its kind; empty where the family has only one or the kind is wrong.
    pub kind: &'static str,
    /// The span of its name in the header.
    pub name_at: Range<usize>,
    /// The whole table, `kind` taken out and repaired where something was wrong.
    pub node: Node<'s>,
    /// What it says, if it could be read.
    pub object: Option<T>,
    /// The keys that every kind of its family takes.
    pub common: Option<T>,
    /// Every field with its value, defaults included.
    pub resolved: toml::Table,
    /// The tables it refers to.
    pub references: Vec<Reference>,
    /// Where the file ends and the `--set` arguments begin.
    pub file_end: usize,
    /// Whether its own check found something: it is not held against other tables before that is mended.
    pub flawed: bool,
    /// Whether that is a count out of range, so that nothing may be made as large as it says.
    pub miscounted: bool,
    /// Parts whose value could not be read: nothing that depends on them can be judged.
    pub lost: Vec<Path>,
}

impl<T> Table<'_, T> {
    /// `dataset.spiral`
    pub fn address(&self) -> String {
        format!("{}.{}", self.family, self.name)
    }

    /// Whether it says what its author meant, so that other tables can be judged by it.
    pub fn is_sound(&self) -> bool {
        self.object.is_some() && self.lost.is_empty()
    }

    /// Whether a problem at `path` would only repeat what has been reported.
    pub fn is_reported(&self, path: &str) -> bool {
        let path = match Path::parse(path) {
            Ok(steps) => Path(steps.into_iter().map(|(step, _)| step).collect()),
            Err(_) => Path::default(),
        };
        self.lost.iter().any(|lost| path.is_within(lost) || lost.enters_list() && lost.0.first() == path.0.first())
    }
}

/// Reads every table of every family, in the file's order.
pub fn read<'s, T: Check>(
    families: &Families<T>,
    root: &Node<'s>,
    file_end: usize,
    report: &mut Report,
) -> Vec<Table<'s, T>> {
    let mut tables = Vec::new();
    let DeValue::Table(root) = root.get_ref() else { return tables };
    let named = |f: &Family<T>| root.get(f.name).and_then(|node| node.get_ref().as_table());
    let names = Names::new(
        families
            .0
            .iter()
            .flat_map(|f| named(f).into_iter().flat_map(|t| t.keys()).map(|name| (f.name, name.get_ref().as_ref()))),
    );
    for family in &families.0 {
        let Some(named) = named(family) else { continue };
        for (name, node) in named.iter() {
            if let Err(why) = check_name(name.get_ref()) {
                let title = format!("`{}` cannot be the name of a [{}] table", name.get_ref(), family.name);
                report.add(Diagnostic::error(name.span(), title, why));
            }
            let DeValue::Table(fields) = node.get_ref() else { continue };
            tables.push(table(families, family, name, node.span(), fields.clone(), &names, file_end, report));
        }
    }
    // Within a family TOML keeps the order; across families it is that of the headers.
    tables.sort_by_key(|t: &Table<'_, T>| t.name_at.start);
    clashes(&tables, report);
    tables
}

/// Names that differ only in case would be one file on some systems.
fn clashes<T>(tables: &[Table<'_, T>], report: &mut Report) {
    let mut firsts: BTreeMap<(&str, String), &Table<'_, T>> = BTreeMap::new();
    for table in tables {
        let first = *firsts.entry((table.family, table.name.to_ascii_lowercase())).or_insert(table);
        if !std::ptr::eq(first, table) {
            let title = format!("[{}] and [{}] differ only in case", first.address(), table.address());
            let label = "names become file names, and some systems cannot tell these apart";
            report.add(
                Diagnostic::error(table.name_at.clone(), title, label)
                    .context(first.name_at.clone(), "the first is here"),
            );
        }
    }
}

fn table<'s, T: Check>(
    families: &Families<T>,
    family: &Family<T>,
    name: &Spanned<std::borrow::Cow<'s, str>>,
    at: Range<usize>,
    mut fields: DeTable<'s>,
    names: &Names<'_>,
    file_end: usize,
    report: &mut Report,
) -> Table<'s, T> {
    let address = format!("{}.{}", family.name, name.get_ref());
    let kind = if family.tagged {
        let written = fields.remove("kind");
        find_kind(families, family, &address, &at, written, report)
    } else {
        family.kinds().next()
    };
    let mut table = Table {
        family: family.name,
        name: name.get_ref().to_string(),
        kind: kind.map_or("", |k| k.name),
        name_at: name.span(),
        node: Spanned::new(at, DeValue::Table(fields)),
        object: None,
        common: None,
        resolved: toml::Table::new(),
        references: Vec::new(),
        file_end,
        flawed: false,
        miscounted: false,
        lost: Vec::new(),
    };
    if let Some(kind) = kind {
        fill(family, kind, names, &address, &mut table, report);
    } else {
        table.lost.push(Path::default());
    }
    table
}

fn find_kind<'f, T>(
    families: &Families<T>,
    family: &'f Family<T>,
    address: &str,
    at: &Range<usize>,
    written: Option<Node<'_>>,
    report: &mut Report,
) -> Option<&'f Kind<T>> {
    let names = || family.kinds().map(|k| k.name);
    let note = format!("kinds of {}: {}", family.name, quoted(names()));
    let Some(written) = written else {
        let title = format!("[{address}] needs `kind`");
        report.add(Diagnostic::error(at.clone(), title, "add `kind = \"…\"` to say what it is").note(note).absence());
        return None;
    };
    let DeValue::String(name) = written.get_ref() else {
        let title = format!("`{address}.kind` is {}", crate::tree::type_name(written.get_ref()));
        report.add(Diagnostic::error(written.span(), title, "expected a name in quotes").note(note));
        return None;
    };
    let found = family.kind(name);
    let renamed = family.kinds().find(|k| schema::was_called(k.schema(), name));
    if let (None, Some(kind)) = (found, renamed) {
        let title = format!("the kind `{name}` is called `{}` now", kind.name);
        report.add(Diagnostic::error(written.span(), title, format!("write \"{}\"", kind.name)));
        return renamed;
    }
    if found.is_none() {
        let elsewhere = families.kinds().find(|(f, k)| f.name != family.name && k.name == name.as_ref());
        let help = match elsewhere {
            Some((other, _)) => {
                Some(format!("`{name}` is a kind of {}: its table is [{}.NAME]", other.name, other.name))
            }
            None => did_you_mean(name, names()),
        };
        let title = format!("unknown kind `{name}`");
        let label = format!("not a kind of {}", family.name);
        report.add(Diagnostic::error(written.span(), title, label).help(help).note(note));
    }
    found.or_else(|| misspelling_of(name, names()).and_then(|n| family.kind(n)))
}

/// Judges the fields by the kind's schema, then reads them into its struct.
fn fill<T: Check>(
    family: &Family<T>,
    kind: &Kind<T>,
    names: &Names<'_>,
    address: &str,
    table: &mut Table<'_, T>,
    report: &mut Report,
) {
    let what = if family.tagged { format!("`{}`", kind.name) } else { format!("[{address}]") };
    let mut findings = schema::walk(family.table_schema(kind), address, &what, &table.node);
    for reference in &mut findings.references {
        if names.find(&reference.family, &reference.name).is_none() {
            let near = names.nearest(&reference.family, &reference.name);
            reference.meant = misspelling_of(&reference.name, near).map(str::to_owned);
        }
        findings.repairs.extend(reference.meant.iter().map(|m| Repair::Replace(reference.path.clone(), m.clone())));
    }
    schema::repair(&mut table.node, &findings.repairs);
    let clean = findings.diagnostics.is_empty();
    report.extend(findings.diagnostics);
    table.references = findings.references;
    table.lost = findings.lost;

    let mut own = table.node.clone();
    let mut shared = DeTable::new();
    if let DeValue::Table(fields) = own.get_mut() {
        for (key, _) in family.common_fields() {
            shared.extend(fields.remove_entry(key));
        }
    }
    if let Some(common) = &family.common {
        let node = Spanned::new(table.node.span(), DeValue::Table(shared));
        match (common.parse)(ValueDeserializer::from(node)) {
            Ok((object, resolved)) => {
                table.common = Some(object);
                table.resolved.extend(resolved);
            }
            Err(error) if clean => report.add(serde_error(table, error)),
            Err(_) => {}
        }
    }
    match (kind.parse)(ValueDeserializer::from(own)) {
        Ok((object, resolved)) => {
            table.object = Some(object);
            table.resolved.extend(resolved);
        }
        Err(error) if clean => report.add(serde_error(table, error)),
        Err(_) => {}
    }
    let mut problems = registry::Problems::default();
    for object in table.object.iter().chain(&table.common) {
        object.check(&mut problems);
    }
    let problems = problems.into_vec();
    table.flawed = problems.iter().any(|p| !table.is_reported(&p.path));
    table.miscounted = problems.iter().any(|p| is_count(&table.resolved, &p.path));
    report.extend(problem_diagnostics(table, problems));
}

/// Whether what a table has at `path` is a whole number, or a list of some.
fn is_count(fields: &toml::Table, path: &str) -> bool {
    let Ok(steps) = Path::parse(path) else { return false };
    let mut steps = steps.iter().map(|(step, _)| step);
    let Some(Step::Key(first)) = steps.next() else { return false };
    let inside = steps.try_fold(fields.get(first), |value, step| match step {
        Step::Key(key) => Some(value?.get(key.as_str())),
        Step::Index(index) => Some(value?.get(*index)),
    });
    match inside.flatten() {
        Some(toml::Value::Integer(_)) => true,
        Some(toml::Value::Array(list)) => list.iter().any(toml::Value::is_integer),
        _ => false,
    }
}

/// Problems of a table as diagnostics, without those that only repeat what has been reported.
pub fn problem_diagnostics<T>(table: &Table<'_, T>, problems: Vec<registry::Problem>) -> Vec<Diagnostic> {
    let fresh = problems.into_iter().filter(|p| !table.is_reported(&p.path));
    fresh
        .map(|problem| {
            let (at, label) = super::locate_problem(table, &problem.path);
            Diagnostic::error(at, problem.message, label).help(problem.help)
        })
        .collect()
}

/// A mistake that only the struct itself could find.
fn serde_error<T>(table: &Table<'_, T>, error: toml::de::Error) -> Diagnostic {
    let at = error.span().unwrap_or(table.node.span());
    Diagnostic::error(at, error.message().replace('\n', " "), format!("in [{}]", table.address()))
}
