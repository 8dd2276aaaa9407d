//! Every kind of figure, drawn from small results made by hand.

mod colours;
mod data;
mod drawn;
mod fit;
mod geometry;
mod inputs;
mod learning;
mod predictions;
#[path = "../../rendering/tests/soundness.rs"]
mod soundness;
mod units;

#[test]
fn every_kind_is_drawn_by_a_test() {
    let tests = [
        include_str!("data.rs"),
        include_str!("fit.rs"),
        include_str!("geometry.rs"),
        include_str!("inputs.rs"),
        include_str!("learning.rs"),
        include_str!("predictions.rs"),
        include_str!("units.rs"),
    ];
    let tests: String = tests.concat().split_whitespace().collect();
    for entry in figures::REGISTRY.iter().flat_map(|category| category.entries) {
        let drawn = tests.contains(&format!("figure(\"{}\",", entry.kind));
        assert!(
            drawn,
            "no test draws {}: write one, figure(\"{}\", …), beside the others of its subject",
            entry.kind, entry.kind
        );
    }
}
