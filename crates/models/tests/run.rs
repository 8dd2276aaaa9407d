//! Runs: readings by formula, gradients by differences, patches by hand, variants one by one; whatever the chunks and the
//! threads.

use datasets::{Dataset, Targets};
use models::{
    Effect, Head, Layer, Loss, Model, Patch, Root,
    layers::{BatchNorm, Conv2d, Flatten, GlobalAvgPool, Linear, Relu, Tanh},
};
use ndarray::{Array2, ArrayView1, arr2, s};
use tensor::random::{Purpose, Streams};

fn model(layers: Vec<Layer>, input: &[usize]) -> Model {
    Model::new(layers, input, Head::Logits, &mut Streams::new(1).stream("m", Purpose::Init)).expect("layers fit")
}

/// Three units of tanh between two inputs and three logits.
fn smooth() -> Model {
    model(vec![Linear::new(3).into(), Tanh {}.into(), Linear::new(3).into()], &[2])
}

/// Two hidden layers above small pictures.
fn deep() -> Model {
    let (relu, norm) = (|| Layer::from(Relu {}), Layer::from(BatchNorm { momentum: 0.1, eps: 1e-5 }));
    let linear = |units: usize| Layer::from(Linear::new(units));
    model(vec![Flatten {}.into(), linear(6), relu(), norm, linear(4), relu(), linear(3)], &[1, 2, 3])
}

fn samples(n: usize, features: usize) -> Array2<f32> {
    Array2::from_shape_fn((n, features), |(i, j)| ((i * 37 + j * 11) % 101) as f32 / 50.0 - 1.0)
}

/// The samples with a class each.
fn classified(x: &Array2<f32>, shape: &[usize]) -> Dataset {
    Dataset {
        x: x.clone().into(),
        shape: shape.to_vec(),
        y: Targets::Classes {
            labels: (0..x.nrows() as u32).map(|i| i % 3).collect(),
            names: ["a", "b", "c"].map(String::from).into(),
        },
        feature_names: (0..x.ncols()).map(|j| format!("x{j}")).collect(),
        truth: None,
    }
}

fn array<'a>(model: &'a Model, name: &str) -> &'a [f32] {
    model.parameters.value(model.parameters.find(name).expect("a parameter"))
}

#[test]
fn readings_are_those_of_the_formula() {
    let (model, x) = (smooth(), samples(4, 2));
    let found = model.run(&x).read(["x", "hidden1.pre", "hidden1.post"]).expect("the nodes are there");
    let (w, b) = (array(&model, "hidden1.weight"), array(&model, "hidden1.bias"));
    for ((i, u), value) in found["hidden1.pre"].values.indexed_iter() {
        assert_eq!(*value, x[[i, 1]].mul_add(w[3 + u], x[[i, 0]].mul_add(w[u], b[u])));
        assert_eq!(found["hidden1.post"].values[[i, u]], tensor::Float::tanh(*value));
    }
    assert_eq!(found["x"].values, x);
    assert_eq!((found["hidden1.pre"].gradients.dim(), found.effect), ((0, 3), Effect::default()));
    let shapes = deep().run(&samples(2, 6)).read(["x", "flatten", "logits"]).expect("the nodes are there");
    assert_eq!(shapes.readings.iter().map(|r| r.shape.as_slice()).collect::<Vec<_>>(), [&[1, 2, 3][..], &[6], &[3]]);
}

#[test]
fn a_sample_gives_the_same_bits_in_any_company() {
    let model = deep();
    let x = samples(600, 6);
    let nodes: Vec<String> = model.nodes();
    let together = model.run(&x).read(&nodes).expect("six features").values();
    let data = classified(&x, &[1, 2, 3]);
    let gradients = |n: usize| {
        let order: Vec<u32> = (0..n as u32).collect();
        let root = Root::Loss(Loss::CrossEntropy);
        let found = model.run(&data).samples(&order).gradient_of(root).read(["hidden1.post"]).expect("has classes");
        found.readings[0].gradients.clone()
    };
    let all = gradients(600);
    for i in [0, 255, 256, 599] {
        let alone = model.run(x.slice(s![i..=i, ..])).read(&nodes).expect("six features").values();
        assert!(alone.iter().zip(&together).all(|(alone, all)| alone.row(0) == all.row(i)), "{i}");
        // A ragged chunk, too.
        assert_eq!(gradients(i + 1), all.slice(s![..=i, ..]));
    }
    assert_eq!(model.predict(&samples(0, 6)).expect("six features").dim(), (0, 3));
    assert_eq!(model.run(&data).samples(&[]).values("hidden2.pre").expect("a node").dim(), (0, 4));
}

#[test]
fn chosen_samples_and_other_parameters() {
    let (model, x) = (smooth(), samples(700, 2));
    let order: Vec<u32> = (0..515).map(|i| (i * 7 + i / 5) % 700).collect();
    let whole = model.predict(&x).expect("two features");
    let mut run = model.run(&x).samples(&order);
    let found = run.values("logits").expect("a node");
    assert!(found.rows().into_iter().zip(&order).all(|(row, sample)| row == whole.row(*sample as usize)));
    let mut parameters = model.parameters.clone();
    parameters.values_mut().iter_mut().for_each(|v| *v *= 0.5);
    let mut other = model.clone();
    other.parameters = parameters.clone();
    // The same run goes on with what is asked of it next, and then as it was.
    run = run.with(&parameters).samples(&order[..3]);
    let expected = other.run(&x).samples(&order[..3]).values("hidden1.post").expect("a node");
    assert_eq!(run.values("hidden1.post").expect("a node"), expected);
    run = run.with(&model.parameters).samples(&order);
    assert_eq!(run.values("logits").expect("a node"), found);
}

/// Central differences of a number per sample along every number of the input.
fn differences(x: &Array2<f32>, root: impl Fn(&Array2<f32>) -> Vec<f64>) -> Array2<f64> {
    let mut slopes = Array2::zeros(x.dim());
    let step = 3e-3;
    for j in 0..x.ncols() {
        let moved = |by: f32| {
            let mut x = x.clone();
            x.column_mut(j).mapv_inplace(|v| v + by);
            root(&x)
        };
        let (up, down) = (moved(step), moved(-step));
        for i in 0..x.nrows() {
            slopes[[i, j]] = (up[i] - down[i]) / (2.0 * f64::from(step));
        }
    }
    slopes
}

fn close(found: &Array2<f32>, expected: &Array2<f64>) {
    assert_eq!(found.dim(), expected.dim());
    for (a, b) in found.iter().zip(expected) {
        assert!((f64::from(*a) - b).abs() < 2e-3, "{a} and {b}");
    }
}

#[test]
fn gradients_are_those_of_differences() {
    let (model, x) = (smooth(), samples(300, 2));
    let data = classified(&x, &[2]);
    let labels = data.labels().expect("classes");
    let found = model.run(&data).gradient_of(Root::Loss(Loss::CrossEntropy)).read(["x"]).expect("fits");
    assert_eq!(found["x"].values, x);
    let losses = |x: &Array2<f32>| -> Vec<f64> {
        let outputs = model.predict(x).expect("two features").mapv(f64::from);
        let loss = |(row, label): (ArrayView1<'_, f64>, &u32)| {
            let sum: f64 = row.iter().map(|v| tensor::math::f64::exp(*v)).sum();
            tensor::math::f64::ln(sum) - row[*label as usize]
        };
        outputs.rows().into_iter().zip(labels).map(loss).collect()
    };
    close(&found["x"].gradients, &differences(&x, losses));

    let own: Vec<usize> = labels.iter().map(|l| *l as usize).collect();
    let run = model.run(&x).gradient_of(Root::Units("logits", &own));
    let found = run.read(["hidden1.post", "x"]).expect("fits");
    let scores = |model: &Model, x: &Array2<f32>| -> Vec<f64> {
        let outputs = model.predict(x).expect("two features");
        own.iter().enumerate().map(|(i, l)| f64::from(outputs[[i, *l]])).collect()
    };
    close(&found["x"].gradients, &differences(&x, |x| scores(&model, x)));
    // The hidden layer lies directly below the logits: the gradient is the weight to the own class.
    assert_eq!(found["hidden1.post"].gradients[[4, 1]], array(&model, "output.weight")[3 + own[4]]);
    // Of a unit with respect to its own node, and to one above.
    let found =
        model.run(&x).gradient_of(Root::Unit("hidden1.post", 2)).read(["hidden1.post", "logits"]).expect("fits");
    assert!(found["hidden1.post"].gradients.rows().into_iter().all(|row| row == arr2(&[[0.0, 0.0, 1.0]]).row(0)));
    assert!(found["logits"].gradients.iter().all(|g| *g == 0.0));
}

#[test]
fn gradients_pass_through_patches() {
    let (model, x) = (smooth(), samples(5, 2));
    // The gradient at a node is that of what goes on there.
    let check = |patch: Patch, factors: [f64; 2]| {
        let patched = || model.run(&x).patch(patch.clone());
        let found = patched().gradient_of(Root::Unit("logits", 1)).read(["x", "hidden1.post"]).expect("fits");
        let logit = |x: &Array2<f32>| -> Vec<f64> {
            let run = model.run(x).patch(patch.clone());
            run.values("logits").expect("fits").column(1).iter().map(|v| f64::from(*v)).collect()
        };
        close(&found["x"].gradients, &(differences(&x, logit) / arr2(&[factors])));
        assert_eq!(found["hidden1.post"].values, patched().values("hidden1.post").expect("a node"));
    };
    check(Patch::scale("hidden1.post", &[(0, 2.5), (2, -1.0)]), [1.0; 2]);
    check(Patch::set("hidden1.post", &[(1, 0.25)]), [1.0; 2]);
    check(Patch::clamp("hidden1.pre", &[(0, [-10.0, 10.0]), (1, [5.0, 9.0])]), [1.0; 2]);
    check(Patch::scale("x", &[(1, 0.5)]), [1.0, 0.5]);
}

#[test]
fn patches_do_what_they_say() {
    let (model, x) = (smooth(), samples(60, 2));
    let a = model.run(&x).values("hidden1.post").expect("a node");
    let (w, b) = (array(&model, "output.weight"), array(&model, "output.bias"));
    // The chain of fused multiply-adds over k ascending that every product is.
    let by_hand = |change: &dyn Fn(usize, f32) -> f32| {
        let one = |(i, o)| (0..3).fold(b[o], |sum, u| change(u, a[[i, u]]).mul_add(w[u * 3 + o], sum));
        Array2::from_shape_fn((x.nrows(), 3), one)
    };
    let check = |patches: &[Patch], effect: Effect, change: &dyn Fn(usize, f32) -> f32| {
        let found = patches.iter().cloned().fold(model.run(&x), |run, patch| run.patch(patch)).read(["logits"]);
        let found = found.expect("a node");
        assert_eq!((&found["logits"].values, found.effect), (&by_hand(change), effect));
    };
    let node = "hidden1.post";
    let scale = Patch::scale(node, &[(1, 2.5)]);
    check(std::slice::from_ref(&scale), Effect { units: 1, samples: 60 }, &|u, v| if u == 1 { 2.5 * v } else { v });
    let set = Patch::set(node, &[(0, 0.0), (2, 0.25)]);
    check(std::slice::from_ref(&set), Effect { units: 2, samples: 60 }, &|u, v| [0.0, v, 0.25][u]);
    check(&[set, scale], Effect { units: 3, samples: 60 }, &|u, v| [0.0, 2.5 * v, 0.25][u]);
    let outside = a.column(1).iter().filter(|v| !(-0.1..=0.2).contains(*v)).count();
    let clamp = Patch::clamp(node, &[(1, [-0.1, 0.2])]);
    check(&[clamp], Effect { units: 1, samples: outside }, &|u, v| if u == 1 { v.clamp(-0.1, 0.2) } else { v });
    let from = Patch::transplant(node, &[0, 1, 2], a.row(7));
    check(&[from], Effect { units: 3, samples: 59 }, &|u, _| a[[7, u]]);
    // Nothing is changed by what changes nothing.
    check(&[Patch::scale(node, &[(1, 1.0)])], Effect::default(), &|_, v| v);
    assert_eq!(by_hand(&|_, v| v), model.predict(&x).expect("two features"));
}

/// Patches at one, two and three nodes, of all kinds, some of which begin alike.
fn variants() -> Vec<Vec<Patch>> {
    let ablate = |node: &str, unit: usize| Patch::set(node, &[(unit, 0.0)]);
    let (a, b, c) = (ablate("hidden1.post", 1), ablate("hidden2.post", 0), Patch::scale("x", &[(0, 3.0), (4, 0.0)]));
    vec![
        vec![b.clone()],
        vec![a.clone(), b.clone()],
        vec![],
        vec![a.clone()],
        vec![b.clone(), a.clone(), c.clone()],
        vec![a.clone(), ablate("hidden1.post", 4)],
        vec![c.clone(), Patch::clamp("hidden1.norm", &[(3, [0.0, 0.25])])],
        vec![a.clone(), Patch::scale("hidden2.post", &[(0, 2.0)])],
        vec![c],
        vec![a],
        vec![Patch::scale("hidden2.post", &[])],
        vec![ablate("logits", 0), b],
    ]
}

#[test]
fn variants_are_runs_of_their_own() {
    let (model, x) = (deep(), samples(300, 6));
    let nodes = ["x", "hidden1.post", "hidden2.post", "logits"];
    let list = variants();
    let found = model.run(&x).variants(&list).read(nodes).expect("nodes are there");
    let data = classified(&x, &[1, 2, 3]);
    let root = Root::Loss(Loss::CrossEntropy);
    let pulled = model.run(&data).gradient_of(root).variants(&list).read(nodes).expect("nodes are there");
    let folded = model.run(&x).variants(&list).fold(["logits"], Vec::new, |all, seen| {
        all.push((seen.variant, seen.samples.clone(), seen.values(0).to_vec()));
    });
    let folded = folded.expect("a node");
    assert_eq!(folded.len(), 2);
    for (i, patches) in list.iter().enumerate() {
        let patched = |run| patches.iter().cloned().fold(run, |run: models::Run<'_>, patch| run.patch(patch));
        assert_eq!(found[i], patched(model.run(&x)).read(nodes).expect("nodes are there"), "variant {i}");
        let alone = patched(model.run(&data)).gradient_of(root).read(nodes).expect("nodes are there");
        assert_eq!(pulled[i], alone, "gradients of variant {i}");
        let logits = found[i]["logits"].values.clone().into_raw_vec_and_offset().0;
        for (chunk, samples) in folded.iter().zip([0..256, 256..300]) {
            let own: Vec<_> = chunk.iter().filter(|(variant, ..)| *variant == i).collect();
            let [(_, range, values)] = own[..] else { panic!("variant {i} once") };
            assert_eq!((range, &values[..]), (&samples, &logits[3 * samples.start..3 * samples.end]));
        }
    }
    assert_ne!(found[1]["logits"].values, found[3]["logits"].values);
}

#[test]
fn threads_change_nothing() {
    let (model, x) = (deep(), samples(1500, 6));
    let list = variants();
    let before = tensor::threads::count();
    let run = |threads: usize| {
        tensor::threads::set(threads);
        let found = model.run(&x).gradient_of(Root::Unit("logits", 2)).variants(&list).read(["x", "logits"]);
        let starts = |all: &mut Vec<usize>, seen: models::Seen<'_>| all.push(seen.samples.start);
        let chunks = model.run(&x).variants(&list).fold(["x"], Vec::new, starts).expect("a node");
        (found.expect("nodes are there"), chunks)
    };
    let (one, three) = (run(1), run(3));
    tensor::threads::set(before);
    assert_eq!(one, three);
    assert_eq!(one.1.iter().map(|starts| starts[0]).collect::<Vec<_>>(), [0, 256, 512, 768, 1024, 1280]);
}

#[test]
fn the_mean_loss_and_its_gradient_at_any_parameters() {
    // y = w₁ x₁ + w₂ x₂ + b on the four corners of a square, targets 0, 1, 1, 0.
    let layers = vec![Linear::new(1).into()];
    let line = Model::new(layers, &[2], Head::Output, &mut Streams::new(1).stream("m", Purpose::Init)).expect("fits");
    let x = arr2(&[[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [9.0, 9.0]]);
    let y = Targets::Values { values: arr2(&[[0.0], [1.0], [1.0], [0.0], [9.0]]), columns: vec!["y".into()] };
    let data = Dataset { y, ..classified(&x, &[2]) };
    let mut loss = line.run(&data).samples(&[0, 1, 2, 3]).mean_loss(Loss::MeanSquaredError).expect("has numbers");
    loss.parameters_mut().copy_from_slice(&[1.0, 2.0, 3.0]);
    // Residuals 3, 4, 3, 6: ∂L/∂w₁ = 2/4 (3 + 6), ∂L/∂w₂ = 2/4 (4 + 6), ∂L/∂b = 2/4 (3 + 4 + 3 + 6).
    let (value, parameters) = loss.gradient();
    assert_eq!((value, parameters.gradients()), (17.5, &[4.5, 5.0, 8.0][..]));
    loss.parameters_mut().copy_from_slice(&[0.0, 0.0, 0.5]);
    assert_eq!(loss.value(), 0.25);
    let run = line.run(&data).samples(&[1]).patch(Patch::set("output", &[(0, 3.0)]));
    assert_eq!(run.mean_loss(Loss::MeanSquaredError).expect("has numbers").value(), 4.0);
}

#[test]
fn what_is_not_there_is_told_with_what_there_is() {
    let (model, x) = (smooth(), samples(2, 2));
    let nodes = "there are x, hidden1.pre, hidden1.post, logits";
    let unknown = format!("no node is called hidden3.pre; {nodes}");
    let error = |run: models::Run<'_>, node: &str| run.read([node]).expect_err("must fail").to_string();
    assert_eq!(error(model.run(&x), "hidden3.pre"), unknown);
    assert_eq!(error(model.run(&x).patch(Patch::set("hidden3.pre", &[(0, 1.0)])), "x"), unknown);
    assert_eq!(error(model.run(&x).gradient_of(Root::Unit("hidden3.pre", 0)), "x"), unknown);
    let unit = "there is no unit 3 in hidden1.post: its 3 units are 0 to 2";
    assert_eq!(error(model.run(&x).patch(Patch::scale("hidden1.post", &[(3, 1.0)])), "x"), unit);
    assert_eq!(error(model.run(&x).gradient_of(Root::Unit("hidden1.post", 3)), "x"), unit);
    let loss = || Root::Loss(Loss::CrossEntropy);
    assert_eq!(error(model.run(&x).gradient_of(loss()), "x"), "cross_entropy needs classes as targets");
    let numbers = Dataset { y: Targets::None, ..classified(&x, &[2]) };
    assert_eq!(error(model.run(&numbers).gradient_of(loss()), "x"), "cross_entropy needs classes as targets");
    assert_eq!(error(model.run(&samples(1, 5)), "x"), "the model takes 2 features, and the data has 5");
}

/// Two channels over small pictures, pooled, and three logits.
fn convolution() -> Model {
    let layers: Vec<Layer> =
        vec![Conv2d::new(2, 2).into(), Relu {}.into(), GlobalAvgPool {}.into(), Linear::new(3).into()];
    let mut model = model(layers, &[3, 4]);
    // Both channels answer to some pictures.
    let at = model.parameters.find("conv1.bias").expect("a bias");
    model.parameters.value_mut(at).fill(0.2);
    model
}

#[test]
fn a_channel_is_patched_read_and_differentiated_as_one_unit() {
    let (model, x) = (convolution(), samples(7, 12));
    assert_eq!(model.nodes(), ["conv1.pre", "conv1.post", "conv1.pool", "logits"]);
    let found = model.run(&x).gradient_of(Root::Unit("logits", 1)).read(["conv1.post", "conv1.pool"]).expect("nodes");
    // The mean over the places is what the pooling gives, and so are the gradients.
    assert_eq!(found["conv1.post"].shape, [2, 2, 3]);
    let (units, pooled) = (found["conv1.post"].units(), &found["conv1.pool"]);
    assert!(units.iter().zip(&pooled.values).all(|(a, b)| (a - b).abs() < 1e-6));
    let gradients = found["conv1.post"].unit_gradients();
    assert!(gradients.iter().zip(&pooled.gradients).all(|(a, b)| (a - b).abs() < 1e-6));
    // The gradient of a channel is that of its mean.
    let of_channel = model.run(&x).gradient_of(Root::Unit("conv1.post", 1)).read(["x"]).expect("nodes");
    let of_mean = model.run(&x).gradient_of(Root::Unit("conv1.pool", 1)).read(["x"]).expect("nodes");
    assert_eq!(of_channel["x"].gradients, of_mean["x"].gradients);
    // Without a channel its mean is 0; of the other nothing changes.
    let set =
        model.run(&x).patch(Patch::set("conv1.post", &[(1, 0.0)])).read(["conv1.post", "conv1.pool"]).expect("nodes");
    assert!(set["conv1.pool"].values.column(1).iter().all(|v| *v == 0.0));
    assert_eq!(set["conv1.pool"].values.column(0), pooled.values.column(0));
    assert_eq!(set.effect.units, 1);
    // Another picture's channel at all of its places.
    let other = found["conv1.post"].values.row(3);
    let patch = Patch::transplant("conv1.post", &[0], other);
    let given = model.run(&x).patch(patch).read(["conv1.post"]).expect("nodes");
    for (row, before) in given["conv1.post"].values.rows().into_iter().zip(found["conv1.post"].values.rows()) {
        for place in 0..6 {
            assert_eq!((row[place], row[6 + place]), (other[place], before[6 + place]));
        }
    }
    let missing = model.run(&x).patch(Patch::set("conv1.post", &[(2, 0.0)])).read(["logits"]).expect_err("no unit");
    assert_eq!(missing.to_string(), "there is no unit 2 in conv1.post: its 2 units are 0 to 1");
}
