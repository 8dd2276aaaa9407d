//! What the nodes of a model are called in figures, and which of an analysis' nodes a figure shows.

use analysis::{
    Offer, Planned, Results,
    units::activations::{Activations, NodeActivity, On, Signal},
};
use datasets::TargetSpec;
use registry::{AnalysisRef, Problems};
use rendering::{Color, Dash};

use crate::{Column, FigureError, helpers::colours, helpers::names, helpers::words};

/// `hidden1.pre` → "layer 1 before activation", `x` → "input"; other names as they are.
pub(crate) fn name(node: &str) -> String {
    if node == "x" { "input".to_owned() } else { names::label(node) }
}

/// The nodes named, in that order; all for none.
///
/// # Errors
/// When the analysis does not look at one.
pub(crate) fn chosen<'a>(found: &'a Activations, nodes: &[String]) -> Result<Vec<&'a NodeActivity>, FigureError> {
    if nodes.is_empty() {
        return Ok(found.nodes.iter().collect());
    }
    let one = |node: &String| {
        found.node(node).ok_or_else(|| {
            let known: Vec<&str> = found.nodes.iter().map(|n| n.name.as_str()).collect();
            FigureError::Choice {
                what: "node",
                found: node.clone(),
                model: found.model.0.clone(),
                known: known.join(", "),
            }
        })
    };
    nodes.iter().map(one).collect()
}

/// The outcomes of analyses with the names that tell them apart: their models', or their own where two are of one model.
///
/// # Errors
/// When one has not run or is of another kind.
pub(crate) fn outcomes<'a>(
    results: &'a Results,
    analyses: &[AnalysisRef],
) -> Result<Vec<(String, &'a Activations)>, FigureError> {
    let found = (analyses.iter())
        .map(|name| Ok((name, results.outcome::<Activations>(name)?)))
        .collect::<Result<Vec<_>, FigureError>>()?;
    let own = |f: &Activations| found.iter().filter(|(_, other)| other.model == f.model).count() == 1;
    Ok(found.iter().map(|(name, f)| (if own(f) { f.model.0.clone() } else { name.0.clone() }, *f)).collect())
}

/// The colour and the stroke of each analysis: those of its model. Of several of one model, the further ones are broken.
pub(crate) fn looks(results: &Results, found: &[(String, &Activations)]) -> Vec<(Color, Dash)> {
    let models: Vec<&str> = found.iter().map(|(_, f)| f.model.0.as_str()).collect();
    (0..models.len()).map(|k| (colours::model(results, models[k]), colours::dash(results, &models, k))).collect()
}

/// The nodes named, or those of all analyses in the order of the first that has them.
///
/// # Errors
/// When no analysis looks at one.
pub(crate) fn shared(found: &[(String, &Activations)], named: &[String]) -> Result<Vec<String>, FigureError> {
    if let Some(node) = named.iter().find(|node| found.iter().all(|(_, f)| f.node(node).is_none())) {
        // The first has not got it either, and says what it has.
        chosen(found[0].1, std::slice::from_ref(node))?;
    }
    if !named.is_empty() {
        return Ok(named.to_vec());
    }
    let mut list: Vec<String> = Vec::new();
    for node in found.iter().flat_map(|(_, f)| &f.nodes) {
        if !list.contains(&node.name) {
            list.push(node.name.clone());
        }
    }
    Ok(list)
}

/// The epochs, for a table.
pub(crate) fn epoch_column(found: &Activations) -> Column {
    Column::Counts(found.epochs.iter().map(|e| *e as u64).collect())
}

/// Where the epochs named are among those of the analysis; an epoch beyond the run is its last.
///
/// # Errors
/// When the analysis does not look at one.
pub(crate) fn epochs(found: &Activations, epochs: &[usize]) -> Result<Vec<usize>, FigureError> {
    let last = found.epochs.len().saturating_sub(1);
    let one = |epoch: &usize| {
        let place = found.epochs.iter().position(|e| e == epoch);
        place.or((found.epochs.last()? < epoch).then_some(last))
    };
    let mut list = Vec::new();
    for epoch in epochs {
        let known = || found.epochs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let place = one(epoch).ok_or_else(|| FigureError::Choice {
            what: "epoch",
            found: epoch.to_string(),
            model: found.model.0.clone(),
            known: known(),
        })?;
        if !list.contains(&place) {
            list.push(place);
        }
    }
    Ok(list)
}

/// The class named, by its place.
///
/// # Errors
/// When there is none of that name.
pub(crate) fn class(found: &Activations, class: Option<&String>) -> Result<Option<usize>, FigureError> {
    let Some(class) = class else { return Ok(None) };
    let place = found.classes.iter().position(|c| c == class).ok_or_else(|| FigureError::Choice {
        what: "class",
        found: class.clone(),
        model: found.model.0.clone(),
        known: if found.classes.is_empty() { "none".into() } else { found.classes.join(", ") },
    })?;
    Ok(Some(place))
}

/// "10,000 test samples", "all training batches of the epoch".
pub(crate) fn on(found: &Activations) -> String {
    match found.on {
        On::Samples => words::samples(found.samples, found.split),
        On::Batches => "the training batches as they passed".to_owned(),
    }
}

/// "activation", "gradient of the loss".
pub(crate) fn quantity(found: &Activations) -> &'static str {
    match found.quantity {
        Signal::Value => "value",
        Signal::Gradient => "gradient of the mean loss",
    }
}

/// Notes nodes and classes that the models of an analysis do not have, and epochs that they do not reach,
/// or that their analysis does not look at.
pub(crate) fn check(
    planned: &Planned,
    analysis: &AnalysisRef,
    (nodes, epochs, class): (&[String], &[usize], Option<&String>),
    problems: &mut Problems,
) {
    let offer = planned.offer_of(analysis);
    for (i, node) in nodes.iter().enumerate() {
        let known = offer.nodes.as_ref().filter(|known| !known.contains(node));
        problems.note(
            format!("nodes[{i}]"),
            known.map(|known| format!("analysis.{} does not look at {node}, but at {}", analysis.0, known.join(", "))),
        );
    }
    for (i, epoch) in epochs.iter().enumerate() {
        problems.note(format!("epochs[{i}]"), unknown_epoch(&offer, analysis, *epoch));
    }
    let models = planned.models_of(analysis).iter().filter_map(|name| Some((name, planned.model(name)?)));
    for (name, model) in models {
        let known = model.nodes();
        for (i, node) in nodes.iter().enumerate().filter(|_| known.len() > 1 && offer.nodes.is_none()) {
            problems.require(known.contains(node), format!("nodes[{i}]"), || {
                format!("{} has no node {node}, it has {}", name.0, known.join(", "))
            });
        }
        for (i, epoch) in epochs.iter().enumerate().filter(|_| offer.epochs.is_none()) {
            problems.require(*epoch <= model.epochs, format!("epochs[{i}]"), || {
                format!("epoch {epoch} is beyond the {} that {} trains", model.epochs, name.0)
            });
        }
        let classes: &[String] = match &model.data.target {
            TargetSpec::Classes { names } => names,
            _ => &[],
        };
        if let Some(class) = class {
            problems.require(classes.contains(class), "class", || match classes {
                [] => format!("{} has no classes", name.0),
                _ => format!("{} has no class {class}, it has {}", name.0, classes.join(", ")),
            });
        }
    }
}

/// What is wrong, if anything, with asking an analysis that finds this for an epoch.
pub(crate) fn unknown_epoch(offer: &Offer, AnalysisRef(name): &AnalysisRef, epoch: usize) -> Option<String> {
    let known = offer.epochs.as_ref().filter(|known| !known.contains(&epoch))?;
    Some(format!("analysis.{name} does not look at epoch {epoch}, but at {}", few(known)))
}

/// Epochs in words; of many the first and the last.
fn few(epochs: &[usize]) -> String {
    let shown = |epochs: &[usize]| epochs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match epochs {
        [first @ .., last] if first.len() > 10 => format!("{}, …, {last}", shown(&first[..8])),
        all => shown(all),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_where() {
        let names = ["x", "hidden1.pre", "hidden2.post", "hidden1.norm2", "logits", "output.pre"].map(name);
        let expected = [
            "input",
            "layer 1 before activation",
            "layer 2",
            "layer 1, normalised",
            "logits",
            "output before activation",
        ];
        assert_eq!(names, expected);
    }
}
