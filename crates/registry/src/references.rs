//! References from one table to another, typed by the family they point into.
//!
//! In the JSON schema a reference carries `x-reference: "<family>"`; the pipeline finds every reference of a table by walking its
//! schema, checks that the name exists and derives the order of the stages from it. A field that takes only some kinds of the
//! family says so with `#[schemars(extend("x-kinds" = ["folding"]))]`.

macro_rules! reference {
    ($(#[$doc:meta])* $name:ident, $family:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "x-reference": $family })
            }
        }
    };
}

reference!(
    /// The name of a `[dataset.NAME]` table.
    DatasetRef, "dataset");
reference!(
    /// The name of a `[train.NAME]` table.
    TrainRef, "train");
reference!(
    /// The name of a `[sweep.NAME]` table.
    SweepRef, "sweep");
reference!(
    /// The name of an `[analysis.NAME]` table.
    AnalysisRef, "analysis");
reference!(
    /// The name of a `[figure.NAME]` table.
    FigureRef, "figure");
