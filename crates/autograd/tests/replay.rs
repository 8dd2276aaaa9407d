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

#[test]
fn gradients_towards_some_nodes_are_those_of_the_whole_walk() {
    // y = Σ tanh(v w + x) ∘ (v w), v a view of the data x: the input's gradient has three sources.
    let mut parameters = Parameters::<f64>::new();
    let w = parameters.add("w", &[2, 2]).expect("a free name");
    parameters.value_mut(w).copy_from_slice(&[0.5, -1.0, 2.0, 0.25]);
    let build = |variable: bool| {
        let mut graph = Graph::new();
        let x = if variable { graph.variable("x", &[1, 4]) } else { graph.input("x", &[1, 4]) }.expect("a free name");
        let w = graph.parameter(w, &parameters).expect("a free name");
        let v = graph.reshape(x, &[2, 2]).expect("the same size");
        let h = graph.matmul(v, w).expect("fits");
        let sum = graph.add(h, v).expect("fits");
        let t = graph.tanh(sum);
        let product = graph.mul(t, h).expect("fits");
        let y = graph.sum(product);
        graph.value_mut(x).copy_from_slice(&[0.1, 0.2, -0.3, 0.7]);
        (graph, [x, h, t, y])
    };
    let ((mut whole, nodes), (mut towards, _)) = (build(true), build(false));
    let [x, h, t, y] = nodes;
    let mut own = parameters.clone();
    whole.differentiate(y).expect("has parameters");
    whole.forward(&own);
    whole.backward(&mut own);
    for wanted in [&[x][..], &[h, t], &[x, h], &[y]] {
        towards.differentiate_towards(y, wanted);
        towards.forward(&parameters);
        towards.gradient_mut(y).fill(1.0);
        towards.backward_to_nodes(&parameters);
        for node in wanted {
            assert_eq!(towards.gradient(*node), whole.gradient(*node), "{}", whole.name_of(*node));
        }
    }
}

#[test]
fn a_replay_from_the_middle_leaves_what_lies_before() {
    let (mut graph, parameters) = (Graph::<f32>::new(), Parameters::new());
    let x = graph.input("x", &[3]).expect("a free name");
    let y = graph.relu(x);
    let z = graph.scale(y).expect("a free name");
    let factor = graph.node(&format!("{}.factor", graph.name_of(y))).expect("there");
    graph.value_mut(x).copy_from_slice(&[1.0, -2.0, 3.0]);
    graph.forward(&parameters);
    // Nobody looks at x again.
    graph.value_mut(x).fill(9.0);
    graph.value_mut(factor).copy_from_slice(&[2.0, 2.0, -1.0]);
    graph.forward_after(y, &parameters);
    assert_eq!((graph.value(y), graph.value(z)), (&[1.0, 0.0, 3.0][..], &[2.0, 0.0, -3.0][..]));
}
