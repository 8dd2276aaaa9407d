//! References between tables, and the order that follows from them.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::{Names, Table};
use crate::diagnostics::{Diagnostic, Report, quoted};
use crate::families::Families;
use crate::schema::Reference;

/// Checks that every reference leads to a table of a kind that fits.
pub fn references<T>(families: &Families<T>, tables: &[Table<'_, T>], names: &Names<'_>, report: &mut Report) {
    for table in tables {
        for one in &table.references {
            reference(families, tables, names, one, &format!("{}.{}", table.address(), one.path), report);
        }
    }
}

/// Checks one reference, which stands in this field of the file.
pub fn reference<T>(
    families: &Families<T>,
    tables: &[Table<'_, T>],
    names: &Names<'_>,
    reference: &Reference,
    field: &str,
    report: &mut Report,
) {
    let Some(family) = families.get(&reference.family) else { return };
    let Some(target) = names.find(family.name, &reference.name).map(|index| &tables[index]) else {
        return missing(families, family.name, names, reference, field, report);
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
fn missing<T>(
    families: &Families<T>,
    family: &str,
    names: &Names<'_>,
    reference: &Reference,
    field: &str,
    report: &mut Report,
) {
    let elsewhere = families.0.iter().find(|f| names.find(f.name, &reference.name).is_some());
    let mut help = names.nearest(family, &reference.name).map(|name| format!("did you mean `{name}`?"));
    if let (None, Some(other)) = (&help, elsewhere) {
        let (there, path) = (other.name, &reference.path);
        help = Some(format!("[{there}.{}] exists, but `{path}` refers to a [{family}] table", reference.name));
    }
    let note = match names.of_family(family) {
        [] => format!("this pipeline has no [{family}] tables"),
        all => format!("[{family}] tables: {}", quoted(all.iter().copied())),
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
pub fn sort<T>(tables: &[Table<'_, T>], names: &Names<'_>, report: &mut Report) -> Vec<usize> {
    let inputs: Vec<Vec<usize>> = tables.iter().map(|t| names.inputs_of(t)).collect();
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); tables.len()];
    for (reader, inputs) in inputs.iter().enumerate() {
        inputs.iter().for_each(|&input| readers[input].push(reader));
    }
    let mut waits: Vec<usize> = inputs.iter().map(Vec::len).collect();
    let mut ready: BinaryHeap<Reverse<usize>> = (0..tables.len()).filter(|&i| waits[i] == 0).map(Reverse).collect();
    let mut order: Vec<usize> = Vec::new();
    while let Some(Reverse(next)) = ready.pop() {
        order.push(next);
        for &reader in &readers[next] {
            waits[reader] -= 1;
            if waits[reader] == 0 {
                ready.push(Reverse(reader));
            }
        }
    }
    cycles(tables, &inputs, &waits, report);
    order
}

/// Reports the cycles among the tables that still wait for others.
fn cycles<T>(tables: &[Table<'_, T>], inputs: &[Vec<usize>], waits: &[usize], report: &mut Report) {
    // From which table each was first come to, and as the how manieth.
    let mut come_to: Vec<Option<(usize, usize)>> = vec![None; tables.len()];
    for start in (0..tables.len()).filter(|&i| waits[i] > 0) {
        let (mut path, mut here) = (Vec::new(), start);
        while come_to[here].is_none() {
            come_to[here] = Some((start, path.len()));
            path.push(here);
            // Otherwise it would not wait.
            let next = inputs[here].iter().find(|&&j| waits[j] > 0);
            here = *next.expect("a table that waits has an input that waits");
        }
        // What was come to from elsewhere leads to a cycle that has been reported.
        let Some((_, first)) = come_to[here].filter(|(from, _)| *from == start) else { continue };
        let Some(cycle) = path.get(first..).filter(|cycle| !cycle.is_empty()) else { continue };
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
}

/// Warns of tables that have no effect.
pub fn unused<T>(families: &Families<T>, tables: &[Table<'_, T>], report: &mut Report) {
    let used: BTreeSet<(&str, &str)> =
        tables.iter().flat_map(|t| &t.references).map(|r| (r.family.as_str(), r.name.as_str())).collect();
    for table in tables {
        let only_read = families.get(table.family).is_some_and(|f| f.only_read);
        if only_read && !used.contains(&(table.family, &table.name)) {
            let title = format!("nothing reads [{}]", table.address());
            report.add(Diagnostic::warning(table.name_at.clone(), title, "no table refers to it").absence());
        }
    }
}
