//! Every operation's derivative against central differences, by construction: what is in the registry is checked, and what has
//! a file is in the registry.

use autograd::{Graph, OPS, Parameters, check};

#[test]
fn every_operation_agrees_with_differences() {
    for info in OPS {
        let list = check::operation(info).expect("examples build");
        assert!(!list.is_empty(), "{} has no example", info.name);
        for agreement in list {
            assert!(
                agreement.relative_error <= 1e-7,
                "{}: {} is off by {:e}",
                info.name,
                agreement.name,
                agreement.relative_error
            );
        }
    }
}

#[test]
fn every_file_of_an_operation_is_in_the_registry() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/ops");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder of operations")
        .map(|f| f.expect("a file").path().file_stem().expect("a name").to_string_lossy().into_owned())
        .filter(|f| !["mod", "rows", "standard"].contains(&f.as_str()))
        .collect();
    files.sort();
    let mut names: Vec<&str> = OPS.iter().map(|o| o.name).collect();
    names.sort();
    assert_eq!(files, names);
}

#[test]
fn a_whole_network_agrees_with_differences() {
    let mut parameters = Parameters::<f64>::new();
    let mut graph = Graph::new();
    let mut x = graph.variable("x", &[6, 3]).expect("fresh name");
    let labels = graph.input("labels", &[6]).expect("fresh name");
    for (layer, (inputs, units)) in [(3, 5), (5, 4), (4, 3)].into_iter().enumerate() {
        let w = parameters.add(&format!("{layer}.weight"), &[inputs, units]).expect("fresh name");
        let b = parameters.add(&format!("{layer}.bias"), &[units]).expect("fresh name");
        let (w, b) = (graph.parameter(w, &parameters).expect("fresh"), graph.parameter(b, &parameters).expect("fresh"));
        x = graph.linear(x, w, b).expect("shapes fit");
        if layer < 2 {
            x = graph.gelu(x);
        }
    }
    let loss = graph.cross_entropy(x, labels).expect("shapes fit");
    for (i, w) in parameters.values_mut().iter_mut().enumerate() {
        *w = ((i * 7919 % 101) as f64 / 50.5 - 1.0) * 0.8;
    }
    let input = graph.node("x").expect("named above");
    for (i, v) in graph.value_mut(input).iter_mut().enumerate() {
        *v = (i * 31 % 17) as f64 / 8.5 - 1.0;
    }
    graph.value_mut(labels).copy_from_slice(&[0.0, 1.0, 2.0, 2.0, 1.0, 0.0]);
    let list = check::gradients(&mut graph, &mut parameters, loss, check::STEP).expect("differentiable");
    assert_eq!(list.len(), 7);
    for agreement in list {
        assert!(agreement.relative_error <= 1e-7, "{agreement:?}");
    }
}
