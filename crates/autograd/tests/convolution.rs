//! Convolutions against PyTorch 2.15.0 (`conv2d`) in double precision, in three summaries of every array, printed with twelve
//! digits: its sum, the sum of its squares, and the number in its middle. Element i of each array is sin(a·i + 0.3), and
//! gradients are of Σ cos(0.9·i)·yᵢ.

use autograd::{Graph, Parameters};
use tensor::{conv::Window, math};

fn summary(values: &[f64]) -> [f64; 3] {
    [values.iter().sum(), values.iter().map(|v| v * v).sum(), values[values.len() / 2]]
}

fn check(x: [usize; 4], outputs: usize, window: Window, groups: usize, theirs: [[f64; 3]; 4]) {
    let (mut graph, mut parameters) = (Graph::<f64>::new(), Parameters::new());
    let mut array = |name: &str, shape: &[usize], a: f64| {
        let node = graph.variable(name, shape).expect("fresh name");
        let values = graph.value_mut(node).iter_mut().enumerate();
        values.for_each(|(i, v)| *v = math::f64::sin(a * i as f64 + 0.3));
        node
    };
    let input = array("x", &x, 1.7);
    let weight = array("w", &[window.kernel, window.kernel, x[3] / groups, outputs], 1.1);
    let bias = array("b", &[outputs], 0.7);
    let y = graph.conv2d(input, weight, Some(bias), window, groups).expect("shapes fit");
    graph.differentiate(y).expect("depends on variables");
    graph.forward(&parameters);
    graph.gradient_mut(y).iter_mut().enumerate().for_each(|(i, dy)| *dy = math::f64::cos(0.9 * i as f64));
    graph.backward_seeded(&mut parameters);
    let ours = [graph.value(y), graph.gradient(input), graph.gradient(weight), graph.gradient(bias)].map(summary);
    for (ours, theirs) in ours.iter().flatten().zip(theirs.iter().flatten()) {
        assert!((ours - theirs).abs() <= 1e-10 * (1.0 + theirs.abs()), "{ours} against {theirs}");
    }
}

#[test]
fn a_strided_and_padded_one_is_pytorchs() {
    check(
        [2, 7, 6, 3],
        4,
        Window { stride: 2, padding: 1, ..Window::new(3) },
        1,
        [
            [66.159502634347, 2177.084350840576, 4.024163791622],
            [0.751020911493, 798.254615394449, -0.941021254413],
            [46.199828944764, 2633.128536336905, 8.666699334039],
            [-0.538159766757, 1.163246488586, -0.513417466855],
        ],
    );
}

#[test]
fn a_dilated_one_in_groups_is_pytorchs() {
    check(
        [1, 9, 8, 4],
        6,
        Window { dilation: 2, padding: 2, ..Window::new(3) },
        2,
        [
            [206.120082288113, 5422.411335179882, -3.086094109066],
            [-0.560850008824, 6309.502466870948, -2.154549645882],
            [4.995842924193, 204.293873586203, 1.704492015286],
            [-0.574483566995, 2.277500861174, -0.803850715143],
        ],
    );
}

#[test]
fn one_that_leaves_pixels_out_is_pytorchs() {
    check(
        [2, 5, 5, 2],
        5,
        Window { stride: 3, ..Window::new(2) },
        1,
        [
            [22.876142259859, 75.319358845386, -1.480140081200],
            [-0.059593428329, 204.107241529407, 2.573782085565],
            [0.675208172701, 20.511963612367, 0.640418631378],
            [-0.462587302305, 2.826793065705, -0.258599748488],
        ],
    );
}
