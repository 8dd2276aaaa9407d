//! Values and gradients computed by PyTorch 2.15.0 in double precision, printed with twelve digits; gradients are of the sum
//! of the outputs.

use autograd::{Graph, Node, Parameters};
use tensor::Float;

const X: [f64; 5] = [-2.0, -0.5, 0.0, 0.3, 1.7];

/// Builds y from x = [`X`] and compares y and ∂Σy/∂x, in f64 and in f32.
fn check(
    build64: impl Fn(&mut Graph<f64>, Node) -> Node,
    build32: impl Fn(&mut Graph<f32>, Node) -> Node,
    value: &[f64],
    gradient: &[f64],
) {
    check_in(build64, &X, value, gradient, 1e-11);
    check_in(build32, &X, value, gradient, 2e-6);
}

fn check_in<F: Float>(
    build: impl Fn(&mut Graph<F>, Node) -> Node,
    input: &[f64],
    value: &[f64],
    gradient: &[f64],
    tolerance: f64,
) {
    let mut graph = Graph::<F>::new();
    let x = graph.variable("x", &[input.len()]).expect("fresh name");
    let y = build(&mut graph, x);
    graph.differentiate(y).expect("depends on x");
    for (to, from) in graph.value_mut(x).iter_mut().zip(input) {
        *to = F::from_f64(*from);
    }
    let mut parameters = Parameters::new();
    graph.forward(&parameters);
    graph.backward(&mut parameters);
    close(graph.value(y), value, tolerance);
    close(graph.gradient(x), gradient, tolerance);
}

fn close<F: Float>(ours: &[F], theirs: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), theirs.len());
    for (a, b) in ours.iter().zip(theirs) {
        assert!((a.to_f64() - b).abs() <= tolerance * (1.0 + b.abs()), "{ours:?} against {theirs:?}");
    }
}

macro_rules! known_values {
    ($($name:ident: |$g:ident, $x:ident, $f:ident| $build:expr, $value:expr, $gradient:expr;)*) => {
        $(#[test]
        fn $name() {
            fn build<$f: Float>($g: &mut Graph<$f>, $x: Node) -> Node {
                $build
            }
            check(build::<f64>, build::<f32>, &$value, &$gradient);
        })*
    };
}

known_values! {
    relu: |g, x, F| g.relu(x),
        [0.0, 0.0, 0.0, 0.3, 1.7],
        [0.0, 0.0, 0.0, 1.0, 1.0];
    leaky_relu: |g, x, F| g.leaky_relu(x, F::from_f64(0.1)),
        [-0.2, -0.05, 0.0, 0.3, 1.7],
        [0.1, 0.1, 0.1, 1.0, 1.0];
    selu: |g, x, F| g.selu(x),
        [-1.5201664686, -0.691758187803, 0.0, 0.315210296207, 1.7861916785],
        [0.237932872252, 1.06634115304, 1.75809934085, 1.05070098736, 1.05070098736];
    elu: |g, x, F| g.elu(x, F::from_f64(1.3)),
        [-1.12406413179, -0.511510142374, 0.0, 0.3, 1.7],
        [0.175935868208, 0.788489857626, 1.3, 1.0, 1.0];
    gelu: |g, x, F| g.gelu(x),
        [-0.0455002638964, -0.154268769363, 0.0, 0.185373426657, 1.62423871331],
        [-0.0852318010782, 0.132504875344, 0.5, 0.732327766827, 1.11531796878];
    sigmoid: |g, x, F| g.sigmoid(x),
        [0.119202922022, 0.377540668798, 0.5, 0.574442516812, 0.845534734916],
        [0.104993585404, 0.235003712202, 0.25, 0.244458311691, 0.130605746966];
    tanh: |g, x, F| g.tanh(x),
        [-0.964027580076, -0.46211715726, 0.0, 0.291312612452, 0.935409070603],
        [0.0706508248532, 0.786447732966, 1.0, 0.915136961827, 0.125009870633];
    softplus: |g, x, F| g.softplus(x),
        [0.126928011043, 0.47407698418, std::f64::consts::LN_2, 0.854355244469, 1.86778602939],
        [0.119202922022, 0.377540668798, 0.5, 0.574442516812, 0.845534734916];
    softmax: |g, x, F| weighted(g, x, |g, x| g.softmax(x).expect("a row")),
        [0.0157997272122, -0.141618929522, 0.0583725353593, 0.472768085852, -0.639056375357],
        [0.0194926757641, -0.12506828236, 0.0856599393802, 0.509602228505, -0.48968656129];
    log_softmax: |g, x, F| weighted(g, x, |g, x| g.log_softmax(x).expect("a row")),
        [-4.14776260415, 5.2955252083, -1.07388130207, -5.54328781245, 0.44776260415],
        [0.976300409182, -2.10621419714, 0.324882393922, 2.76361595707, -1.95858456304];
}

/// y · (1, −2, 0.5, 3, −1), so that the gradients of a softmax do not vanish.
fn weighted<F: Float>(g: &mut Graph<F>, x: Node, f: impl Fn(&mut Graph<F>, Node) -> Node) -> Node {
    let y = f(g, x);
    let w = g.input("weights", &[5]).expect("fresh name");
    for (to, from) in g.value_mut(w).iter_mut().zip([1.0, -2.0, 0.5, 3.0, -1.0]) {
        *to = F::from_f64(from);
    }
    g.mul(y, w).expect("same shape")
}

#[test]
fn cross_entropy() {
    fn build<F: Float>(g: &mut Graph<F>, x: Node) -> Node {
        let logits = g.reshape(x, &[2, 3]).expect("six numbers");
        let labels = g.input("labels", &[2]).expect("fresh name");
        g.value_mut(labels)[0] = F::ONE;
        g.cross_entropy(logits, labels).expect("shapes fit")
    }
    let x = [1.0, 2.0, -1.0, 0.5, 0.25, 4.0];
    let gradient = [0.129748230171, -0.147307743651, 0.0175595134797, -0.485670992765, 0.0111594420553, 0.47451155071];
    check_in(build::<f64>, &x, &[1.95066717726], &gradient, 1e-11);
    check_in(build::<f32>, &x, &[1.95066717726], &gradient, 2e-6);
}

#[test]
fn mean_squared_error() {
    fn build<F: Float>(g: &mut Graph<F>, x: Node) -> Node {
        let target = g.input("target", &[4]).expect("fresh name");
        for (to, from) in g.value_mut(target).iter_mut().zip([0.0, 2.5, 1.0, 1.0]) {
            *to = F::from_f64(from);
        }
        g.mean_squared_error(x, target).expect("same shape")
    }
    check_in(build::<f64>, &[1.0, 2.0, -0.5, 3.0], &[1.875], &[0.5, -0.25, -0.75, 1.0], 1e-11);
    check_in(build::<f32>, &[1.0, 2.0, -0.5, 3.0], &[1.875], &[0.5, -0.25, -0.75, 1.0], 1e-6);
}

#[test]
fn cross_entropy_of_a_label_outside_is_not_a_number() {
    let mut g = Graph::<f32>::new();
    let (x, labels) = (g.variable("x", &[1, 2]).expect("fresh"), g.input("labels", &[1]).expect("fresh"));
    let loss = g.cross_entropy(x, labels).expect("shapes fit");
    g.value_mut(labels)[0] = 2.0;
    g.forward(&Parameters::new());
    assert!(g.value(loss)[0].is_nan());
}

#[test]
fn softmax_of_huge_logits_stays_finite() {
    let mut g = Graph::<f32>::new();
    let x = g.input("x", &[1, 3]).expect("fresh");
    let (p, l) = (g.softmax(x).expect("a row"), g.log_softmax(x).expect("a row"));
    g.value_mut(x).copy_from_slice(&[1e30, 1e30, -1e30]);
    g.forward(&Parameters::new());
    assert_eq!(g.value(p), &[0.5, 0.5, 0.0]);
    assert!((g.value(l)[0] + std::f32::consts::LN_2).abs() < 1e-6);
}
