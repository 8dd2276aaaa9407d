//! What replaying promises: no allocation, no recursion, sums where a node is used twice, names.

use autograd::{Graph, GraphError, OPS, Parameters, check::Case};

use crate::process::allocations;

#[test]
fn replaying_any_operation_allocates_nothing() {
    for info in OPS {
        for (i, example) in info.examples.iter().enumerate() {
            let mut case = Case::new(info.name);
            let root = example(&mut case).expect("examples build");
            let (mut graph, mut parameters) = (case.graph, Parameters::new());
            graph.differentiate(root).expect("examples have variables");
            for _ in 0..2 {
                graph.forward(&parameters);
                graph.backward(&mut parameters);
            }
            let before = allocations();
            for _ in 0..10 {
                graph.forward(&parameters);
                graph.backward(&mut parameters);
            }
            assert_eq!(allocations() - before, 0, "example {i} of {}", info.name);
        }
    }
}

#[test]
fn a_chain_of_a_hundred_thousand_nodes_does_not_recurse() {
    let mut graph = Graph::<f64>::new();
    let x = graph.variable("x", &[]).expect("fresh name");
    let mut y = x;
    for _ in 0..100_000 {
        y = graph.tanh(y);
    }
    graph.differentiate(y).expect("depends on x");
    graph.value_mut(x)[0] = 1e-3;
    let mut parameters = Parameters::new();
    graph.forward(&parameters);
    graph.backward(&mut parameters);
    // tanh iterated n times goes as 1/√(2n/3 + 1/x²).
    let n = 100_000.0;
    let expected = 1.0 / (2.0 * n / 3.0 + 1e6_f64).sqrt();
    assert!((graph.value(y)[0] / expected - 1.0).abs() < 1e-4);
    assert!(graph.gradient(x)[0] > 0.0 && graph.gradient(x)[0] < 1.0);
}

#[test]
fn a_node_used_many_times_receives_the_sum() {
    // y = x·x + x·x·x at x = 3: dy = 2x + 3x² = 33
    let mut graph = Graph::<f64>::new();
    let x = graph.variable("x", &[1]).expect("fresh name");
    let square = graph.mul(x, x).expect("same shape");
    let cube = graph.mul(square, x).expect("same shape");
    let y = graph.add(square, cube).expect("same shape");
    graph.differentiate(y).expect("depends on x");
    graph.value_mut(x)[0] = 3.0;
    let mut parameters = Parameters::new();
    for _ in 0..2 {
        graph.forward(&parameters);
        graph.backward(&mut parameters);
        assert_eq!((graph.value(y)[0], graph.gradient(x)[0]), (36.0, 33.0));
    }
}

#[test]
fn what_the_root_does_not_depend_on_has_gradient_zero() {
    let mut graph = Graph::<f32>::new();
    let (x, z) = (graph.variable("x", &[2]).expect("fresh"), graph.variable("z", &[2]).expect("fresh"));
    let _unused = graph.relu(z);
    let y = graph.sum(x);
    graph.differentiate(y).expect("depends on x");
    let mut parameters = Parameters::new();
    graph.forward(&parameters);
    graph.backward(&mut parameters);
    assert_eq!(graph.gradient(x), &[1.0, 1.0]);
    assert_eq!(graph.gradient(z), &[0.0, 0.0]);
}

#[test]
fn values_written_while_building_survive_growth() {
    let mut graph = Graph::<f32>::new();
    let x = graph.input("x", &[3]).expect("fresh");
    graph.value_mut(x).copy_from_slice(&[1.0, 2.0, 3.0]);
    for i in 0..100 {
        graph.input(&format!("more{i}"), &[1000]).expect("fresh");
    }
    assert_eq!(graph.value(x), &[1.0, 2.0, 3.0]);
    assert_eq!(graph.value(x).as_ptr().align_offset(64), 0);
}

#[test]
fn errors_say_what_does_not_fit() {
    let mut graph = Graph::<f32>::new();
    let (x, w) = (graph.input("x", &[5, 4]).expect("fresh"), graph.input("w", &[3, 2]).expect("fresh"));
    let s = graph.input("s", &[]).expect("fresh");
    let message = |e: Result<_, GraphError>| e.expect_err("must fail").to_string();
    assert_eq!(message(graph.matmul(x, w)), "matmul: x is 5×4 and w is 3×2");
    assert_eq!(message(graph.add(x, w)), "add: x is 5×4 and w is 3×2");
    assert_eq!(message(graph.matmul(x, s)), "matmul takes a matrix (two axes), and s is scalar");
    assert_eq!(message(graph.reshape(x, &[3, 3])), "reshape: x is 5×4, which has not as many elements as 3×3");
    assert_eq!(message(graph.sum_axis(x, 2)), "sum: x is 5×4, which has no axis 2");
    assert_eq!(message(graph.input("x", &[1])), "the name x is taken");
    assert_eq!(message(graph.node("y")), "no node is called y; there are x, w, s");
    let y = graph.relu(x);
    assert_eq!(
        graph.differentiate(y).expect_err("no variable").to_string(),
        format!("{} depends on no parameter and no variable, so it has no gradient", graph.name_of(y))
    );
}
