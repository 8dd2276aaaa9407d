//! Figures: the picture, and beside it the numbers it was drawn from.

use figures::{Array, FigureError, FigureKind, Table};
use serde_json::json;

use super::error::{RunError, StageError};
use super::runner::{Runner, StageResult};
use crate::kinds::Config;
use crate::load::Stage;
use crate::npy;

/// How the names of figures end that are drawn for phones.
pub const NARROW: &str = ".narrow.svg";

impl Runner<'_> {
    pub(super) fn figure(&mut self, stage: &Stage, figure: &dyn FigureKind) -> StageResult {
        let name = &stage.name;
        let common = if let Some(Config::FigureCommon(common)) = &stage.common { Some(common) } else { None };
        let drawing =
            figures::draw(figure, common, name, &self.store.results).map_err(|e| RunError::of(&stage.address(), e))?;
        if let Some(what) = drawing.tables.iter().find_map(infinite) {
            return Err(RunError::of(&stage.address(), StageError::Infinite { what }));
        }
        // What was measured differs every time: it goes with the timings, which are never compared.
        let folder = if figure.measures_time() { "timings" } else { "figures" };
        let failed = |error| RunError::of(&stage.address(), FigureError::from(error));
        let svg = format!("{folder}/{name}.svg");
        self.folder.write(&svg, drawing.figure.to_svg().map_err(failed)?.as_bytes())?;
        let narrow = drawing.figure.narrow().to_svg().map_err(failed)?;
        self.folder.write(&format!("{folder}/{name}{NARROW}"), narrow.as_bytes())?;
        for (i, table) in drawing.tables.iter().enumerate() {
            let file =
                if i == 0 { format!("{folder}/{name}.csv") } else { format!("{folder}/{name}.{}.csv", table.name) };
            self.folder.write(&file, csv(table).as_bytes())?;
        }
        if !drawing.arrays.is_empty() {
            self.folder.write(&format!("{folder}/{name}.arrays.json"), axes(&drawing.arrays).as_bytes())?;
        }
        for array in &drawing.arrays {
            let values: Vec<f32> = array.values.iter().copied().collect();
            let bytes = npy::encode(array.values.shape(), &values);
            self.folder.write(&format!("{folder}/{name}.{}.npy", array.name), &bytes)?;
        }
        Ok(svg)
    }
}

/// What the axes of each array run over, and how long they are: `{"maps": {"axes": ["unit", "feature"], "shape": [16, 64]}}`. Of
/// a table, too, its columns: `{"columns": [{"x": []}, {"class": ["inner", "outer"]}]}`, with the words that numbers stand for.
fn axes(arrays: &[Array]) -> String {
    let of = |array: &Array| {
        let mut found = json!({ "axes": array.axes, "shape": array.values.shape() });
        if !array.columns.is_empty() {
            found["columns"] = array.columns.iter().map(|(head, words)| json!({ head: words })).collect();
        }
        (array.name.clone(), found)
    };
    format!("{:#}\n", serde_json::Value::Object(arrays.iter().map(of).collect()))
}

/// The first cell of a table that is infinite, in words.
fn infinite(table: &Table) -> Option<String> {
    let cell = |(head, column): &(String, figures::Column)| {
        Some(format!("`{head}` in row {} of its table {}", column.infinite()? + 1, table.name).trim_end().to_owned())
    };
    table.columns.iter().find_map(cell)
}

/// A table as comma-separated values (RFC 4180, lines ended by a bare newline): the head, then a line per row.
fn csv(table: &Table) -> String {
    let rows = table.columns.iter().map(|(_, column)| column.len()).max().unwrap_or(0);
    let line = |cells: &mut dyn Iterator<Item = String>| cells.map(|c| field(&c)).collect::<Vec<_>>().join(",") + "\n";
    let mut out = line(&mut table.columns.iter().map(|(head, _)| head.clone()));
    for row in 0..rows {
        let cell =
            |(_, column): &(String, figures::Column)| if row < column.len() { column.cell(row) } else { String::new() };
        out += &line(&mut table.columns.iter().map(cell));
    }
    out
}

/// A field, in quotes where it needs them.
pub fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use figures::Column;

    #[test]
    fn arrays_say_what_their_axes_run_over() {
        let array = Array::new("maps", ["unit", "feature"], Default::default());
        let array = Array { values: array.values.into_shape_with_order(vec![0, 4]).expect("empty"), ..array };
        let parsed: serde_json::Value = serde_json::from_str(&axes(&[array])).expect("JSON");
        assert_eq!(parsed, json!({ "maps": { "axes": ["unit", "feature"], "shape": [0, 4] } }));
    }

    #[test]
    fn an_infinite_cell_is_named_and_an_empty_one_is_none() {
        let table = Table::new("runs").column("a", Column::Singles(vec![1.0, f32::NAN]));
        assert_eq!(infinite(&table), None);
        let table = table.column("b", Column::Doubles(vec![f64::NAN, f64::NEG_INFINITY]));
        assert_eq!(infinite(&table).as_deref(), Some("`b` in row 2 of its table runs"));
    }

    #[test]
    fn words_with_commas_and_quotes_stay_one_field() {
        let table = Table::new("")
            .column("n", Column::Counts(vec![1, 2]))
            .column("says, \"so\"", Column::Text(vec!["a,b".into()]));
        assert_eq!(csv(&table), "n,\"says, \"\"so\"\"\"\n1,\"a,b\"\n2,\n");
        assert_eq!(csv(&Table::new("")), "\n");
    }
}
