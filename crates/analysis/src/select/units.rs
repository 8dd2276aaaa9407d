//! Units by name: `hidden2.post[14]`, several of them as `hidden2.post[3, 5]`, or all of a node as `hidden2.post`.
//!
//! A unit is one number of a vector, or one channel of a picture that has some: see [`Units`]. `x` is the input.

use models::{Head, Layer, Model, Units};

use crate::{AnalysisError, PlannedModel, geometry::linear_probe::layer_nodes};

/// Some units of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The node's name.
    pub node: String,
    /// Which of its units, in the order they were named.
    pub units: Vec<usize>,
    /// How many the node has.
    pub of: usize,
}

impl Group {
    /// The group as it is written, without counting up a whole node.
    pub fn name(&self) -> String {
        let all = self.units.len() == self.of && self.units.iter().enumerate().all(|(i, u)| i == *u);
        let units: Vec<String> = self.units.iter().map(usize::to_string).collect();
        if all { self.node.clone() } else { format!("{}[{}]", self.node, units.join(", ")) }
    }
}

/// One unit as it is written.
pub fn unit_name(node: &str, unit: usize) -> String {
    format!("{node}[{unit}]")
}

/// `x` and the node after each layer, with the number of their units; none where the layers do not fit.
pub fn nodes(layers: &[Layer], input: &[usize], head: Head) -> Vec<(String, usize)> {
    let shapes = Model::node_shapes(layers, input, head).unwrap_or_default();
    let x = ("x".to_owned(), input.to_vec());
    std::iter::once(x).chain(shapes).map(counted).collect()
}

/// `x` and the nodes of a model, with the number of their units.
pub fn nodes_of(model: &Model) -> Vec<(String, usize)> {
    model.sample_shapes().into_iter().map(counted).collect()
}

fn counted((name, shape): (String, Vec<usize>)) -> (String, usize) {
    let units = Units::of(&name, &shape).count;
    (name, units)
}

/// The nodes that an analysis of hidden units looks at unless it is told: the last one of every hidden layer.
pub fn hidden_nodes(names: &[String]) -> Vec<String> {
    let hidden = |node: &String| ["hidden", "conv"].iter().any(|block| node.starts_with(block));
    let nodes: Vec<String> = layer_nodes(names).into_iter().filter(hidden).collect();
    let block = |node: &str| node.split_once('.').map(|(block, _)| block.to_owned());
    nodes.chunk_by(|a, b| block(a) == block(b)).filter_map(|nodes| nodes.last().cloned()).collect()
}

/// The node whose values are the scores of classes: `logits`, or the last node of a model that has none.
pub fn scores(model: &Model) -> String {
    let nodes = model.nodes();
    nodes.iter().find(|n| *n == "logits").or(nodes.last()).cloned().unwrap_or_default()
}

/// The node of units as they are written.
pub fn node_of(text: &str) -> &str {
    text.split('[').next().unwrap_or(text).trim()
}

/// Finds units among nodes.
///
/// # Errors
/// What is wrong with the name, and which names there are.
pub fn find(text: &str, nodes: &[(String, usize)]) -> Result<Group, String> {
    let (node, list) = match text.split_once('[') {
        None => (text.trim(), None),
        Some((node, rest)) => {
            let indices = rest.trim_end().strip_suffix(']').filter(|r| !r.trim().is_empty());
            let indices: Option<Vec<usize>> =
                indices.and_then(|list| list.split(',').map(|i| i.trim().parse().ok()).collect());
            let Some(indices) = indices else {
                let example = nodes.iter().rev().nth(1).map_or("hidden1.post", |(name, _)| name.as_str());
                return Err(format!(
                    "expected a node, or units of it such as \"{example}[0]\" or \"{example}[0, 2]\", found \"{text}\""
                ));
            };
            (node.trim(), Some(indices))
        }
    };
    let Some((name, of)) = nodes.iter().find(|(name, _)| name == node) else {
        let known: Vec<String> = nodes.iter().map(|(name, of)| format!("{name} ({of})")).collect();
        return Err(format!(
            "there is no node {node}; there are, with the number of their units, {}",
            known.join(", ")
        ));
    };
    let units = list.unwrap_or_else(|| (0..*of).collect());
    if let Some(unit) = units.iter().find(|u| *u >= of) {
        return Err(format!("there is no unit {unit} in {name}: its {of} units are 0 to {}", of.saturating_sub(1)));
    }
    if let Some((i, unit)) = units.iter().enumerate().find(|(i, u)| units[..*i].contains(u)) {
        return Err(format!("unit {unit} of {name} is named twice, the second time as number {}", i + 1));
    }
    Ok(Group { node: name.clone(), units, of: *of })
}

/// Finds units of a model.
///
/// # Errors
/// What is wrong with the name, and which names there are.
pub fn find_in(text: &str, model: &Model) -> Result<Group, AnalysisError> {
    find(text, &nodes_of(model)).map_err(|message| AnalysisError::Unit { message })
}

/// Finds one unit of a model.
///
/// # Errors
/// What is wrong with the name, and which names there are.
pub fn find_one(text: &str, model: &Model) -> Result<(String, usize), AnalysisError> {
    one(text, find(text, &nodes_of(model))).map_err(|message| AnalysisError::Unit { message })
}

fn one(text: &str, group: Result<Group, String>) -> Result<(String, usize), String> {
    let group = group?;
    match group.units[..] {
        [unit] => Ok((group.node, unit)),
        _ => Err(format!(
            "expected one unit, such as \"{}[0]\", found {} with \"{text}\"",
            group.node,
            group.units.len()
        )),
    }
}

impl PlannedModel {
    /// Its nodes with the number of their units; none where its layers do not fit, which is told elsewhere.
    fn unit_counts(&self) -> Option<Vec<(String, usize)>> {
        Some(nodes(&self.layers, &self.data.shape, self.loss.head())).filter(|nodes| nodes.len() > 1)
    }

    /// What is wrong, if anything, with the name of some units.
    pub fn unknown_units(&self, text: &str) -> Option<String> {
        find(text, &self.unit_counts()?).err()
    }

    /// What is wrong, if anything, with the name of one unit.
    pub fn unknown_unit(&self, text: &str) -> Option<String> {
        one(text, find(text, &self.unit_counts()?)).err()
    }

    /// What is wrong, if anything, with the name of a node.
    pub fn unknown_node(&self, text: &str) -> Option<String> {
        let group = find(text, &self.unit_counts()?);
        let some = |found: Group| {
            text.contains('[').then(|| format!("expected a node, such as \"{}\", found \"{text}\"", found.node))
        };
        group.map_or_else(Some, some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<(String, usize)> {
        [("x", 2), ("hidden1.pre", 4), ("hidden1.post", 4), ("logits", 3)].map(|(n, of)| (n.to_owned(), of)).into()
    }

    #[test]
    fn units_are_found_by_name() {
        let units = |text| find(text, &all()).map(|g| (g.name(), g.units));
        assert_eq!(units("hidden1.post[3]"), Ok(("hidden1.post[3]".into(), vec![3])));
        assert_eq!(units("hidden1.post[3, 0]"), Ok(("hidden1.post[3, 0]".into(), vec![3, 0])));
        assert_eq!(units("x"), Ok(("x".into(), vec![0, 1])));
        assert_eq!(one("logits[2]", find("logits[2]", &all())), Ok(("logits".into(), 2)));
    }

    #[test]
    fn of_every_hidden_layer_the_last_node_is_looked_at() {
        let names =
            ["conv1.pre", "conv1.post", "conv1.pool", "flatten", "hidden1.pre", "hidden1.post", "hidden1.dropout"];
        let names = names.into_iter().chain(["logits"]).map(String::from).collect::<Vec<_>>();
        assert_eq!(hidden_nodes(&names), ["conv1.pool", "hidden1.post"]);
    }

    #[test]
    fn wrong_names_are_told_what_there_is() {
        let complain = |text| find(text, &all()).expect_err("wrong");
        assert_eq!(
            complain("hidden2.post[1]"),
            "there is no node hidden2.post; there are, with the number of their units, x (2), hidden1.pre (4), hidden1.post (4), \
             logits (3)"
        );
        assert_eq!(complain("hidden1.post[4]"), "there is no unit 4 in hidden1.post: its 4 units are 0 to 3");
        assert_eq!(
            complain("hidden1.post[1, 1]"),
            "unit 1 of hidden1.post is named twice, the second time as number 2"
        );
        for text in ["hidden1.post[", "hidden1.post[]", "hidden1.post[a]", "hidden1.post[-1]"] {
            assert_eq!(
                complain(text),
                format!(
                    "expected a node, or units of it such as \"hidden1.post[0]\" or \"hidden1.post[0, 2]\", found \"{text}\""
                )
            );
        }
        let several = one("hidden1.post", find("hidden1.post", &all()));
        assert_eq!(
            several,
            Err("expected one unit, such as \"hidden1.post[0]\", found 4 with \"hidden1.post\"".into())
        );
    }
}
