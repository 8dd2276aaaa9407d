//! References between tables, and the order that follows from them.

use super::Table;
use crate::diagnostics::{Diagnostic, Report, did_you_mean, quoted};
use crate::families::Families;
use crate::schema::Reference;

/// Checks that every reference leads to a table of a kind that fits.
pub fn references<T>(families: &Families<T>, tables: &[Table<'_, T>], report: &mut Report) {
    for table in tables {
        for one in &table.references {
            reference(families, tables, one, &format!("{}.{}", table.address(), one.path), report);
        }
    }
}

/// Checks one reference, which stands in this field of the file.
pub fn reference<T>(
    families: &Families<T>,
    tables: &[Table<'_, T>],
    reference: &Reference,
    field: &str,
    report: &mut Report,
) {
    let Some(family) = families.get(&reference.family) else { return };
    let Some(target) = tables.iter().find(|t| t.family == family.name && t.name == reference.name) else {
        return missing(family.name, tables, reference, field, report);
    };
    let Some(kinds) = &reference.kinds else { return };
    if !target.kind.is_empty() && !kinds.iter().any(|k| k == target.kind) {
        let title = format!("[{}] is of the wrong kind", target.address());
        let wanted = quoted(kinds.iter().map(String::as_str));
        let label = format!("expected a table of kind {wanted}, this one is `{}`", target.kind);
        report.add(
            Diagnostic::error(reference.at.clone(), title, label).context(target.name_at.clone(), "it is defined here"),
        );
    }
}

/// Reports a reference to a table that is not there.
fn missing<T>(family: &str, tables: &[Table<'_, T>], reference: &Reference, field: &str, report: &mut Report) {
    let names = || tables.iter().filter(|t| t.family == family).map(|t| t.name.as_str());
    let elsewhere = tables.iter().find(|t| t.name == reference.name);
    let mut help = did_you_mean(&reference.name, names());
    if let (None, Some(other)) = (&help, elsewhere) {
        help = Some(format!("[{}] exists, but `{}` refers to a [{family}] table", other.address(), reference.path));
    }
    let note = match names().count() {
        0 => format!("this pipeline has no [{family}] tables"),
        _ => format!("[{family}] tables: {}", quoted(names())),
    };
    let title = format!("there is no [{family}.{}]", reference.name);
    report.add(
        Diagnostic::error(reference.at.clone(), title, format!("`{field}` refers to it"))
            .help(help)
            .note(note)
            .absence(),
    );
}

/// Every table after those it refers to, ties in the file's order; tables on a cycle are reported and left out.
pub fn sort<T>(tables: &[Table<'_, T>], report: &mut Report) -> Vec<usize> {
    let inputs: Vec<Vec<usize>> = tables.iter().map(|t| inputs_of(tables, t)).collect();
    let mut order: Vec<usize> = Vec::new();
    let mut done = vec![false; tables.len()];
    while let Some(next) = (0..tables.len()).find(|&i| !done[i] && inputs[i].iter().all(|&j| done[j])) {
        done[next] = true;
        order.push(next);
    }
    let mut reported = vec![false; tables.len()];
    for start in 0..tables.len() {
        if done[start] || reported[start] {
            continue;
        }
        let (mut path, mut here) = (vec![start], start);
        let cycle = loop {
            // Otherwise the loop above would have taken it.
            let next =
                inputs[here].iter().find(|&&j| !done[j]).expect("a table that is left has an input that is left");
            if let Some(first) = path.iter().position(|p| p == next) {
                break path.split_off(first);
            }
            here = *next;
            path.push(here);
        };
        if cycle.iter().any(|&i| reported[i]) {
            continue;
        }
        cycle.iter().for_each(|&i| reported[i] = true);
        let (first, next) = (cycle[0], cycle[1 % cycle.len()]);
        let names: Vec<String> = cycle.iter().chain([&first]).map(|&i| format!("[{}]", tables[i].address())).collect();
        let reference = tables[first]
            .references
            .iter()
            .find(|r| r.family == tables[next].family && r.target() == tables[next].name);
        let at = reference.map_or(tables[first].name_at.clone(), |r| r.at.clone());
        let title = if cycle.len() == 1 {
            format!("[{}] refers to itself", tables[first].address())
        } else {
            format!("tables refer to one another in a circle: {}", names.join(" → "))
        };
        report.add(Diagnostic::error(at, title, "none of them could ever start"));
    }
    order
}

/// The tables that a table refers to, by index.
pub fn inputs_of<T>(tables: &[Table<'_, T>], table: &Table<'_, T>) -> Vec<usize> {
    let find = |r: &crate::schema::Reference| tables.iter().position(|t| t.family == r.family && t.name == r.target());
    let mut inputs: Vec<usize> = table.references.iter().filter_map(find).collect();
    inputs.sort_unstable();
    inputs.dedup();
    inputs
}

/// Warns of tables that have no effect.
pub fn unused<T>(families: &Families<T>, tables: &[Table<'_, T>], report: &mut Report) {
    for table in tables {
        let only_read = families.get(table.family).is_some_and(|f| f.only_read);
        let used = tables.iter().flat_map(|t| &t.references).any(|r| r.family == table.family && r.name == table.name);
        if only_read && !used {
            let title = format!("nothing reads [{}]", table.address());
            report.add(Diagnostic::warning(table.name_at.clone(), title, "no table refers to it").absence());
        }
    }
}
