//! What in the input a unit or a score answers to.

registry::kinds! {
    dyn crate::FigureKind, "inputs", "what in the input a unit or a score answers to";
    attribution::Attribution,
    unit_maps::UnitMaps,
}
