//! Every method against a closed form, and what cannot be asked for.

use super::*;
use crate::fixture;
use models::layers::{Conv2d, Flatten, Linear, Relu};

fn config(samples: Vec<Chosen>) -> AttributionConfig {
    let methods = first_methods();
    AttributionConfig {
        model: TrainRef("m".into()),
        samples,
        unit: None,
        methods,
        baseline: 0.0,
        steps: 64,
        window: 2,
        copies: 50,
        noise: 0.15,
        node: None,
        split: SplitSelector::default(),
    }
}

#[test]
fn all_methods_agree_on_a_line() {
    // F = w·x + b: every method that multiplies by the input gives wᵢ xᵢ, and occlusion of single features too.
    let trained = fixture::classifier(&[2], vec![Linear::new(3).into()]);
    let weights = trained.fit.model.parameters.values().to_vec();
    let found: Attribution = fixture::run(&config(vec![Chosen::index(4)]), trained);
    let sample = &found.samples[0];
    assert_eq!((sample.unit.as_str(), found.window), ("logits[1]", 1));
    for j in 0..2 {
        let w = f64::from(weights[j * 3 + 1]);
        assert_eq!(sample.maps[[0, j]], w);
        for method in 1..4 {
            let expected = w * f64::from(sample.x[j]);
            assert!((sample.maps[[method, j]] - expected).abs() < 1e-5, "{method}");
        }
    }
}

#[test]
fn the_input_is_measured_from_the_baseline() {
    // F = w·x + b with x′ = ½: gradient × input and integrated gradients give wᵢ (xᵢ − ½), and so does occlusion.
    let trained = fixture::classifier(&[2], vec![Linear::new(3).into()]);
    let weights = trained.fit.model.parameters.values().to_vec();
    let half = AttributionConfig { baseline: 0.5, ..config(vec![Chosen::index(4)]) };
    let found: Attribution = fixture::run(&half, trained);
    let sample = &found.samples[0];
    for j in 0..2 {
        let expected = f64::from(weights[j * 3 + 1]) * (f64::from(sample.x[j]) - 0.5);
        assert!((1..4).all(|method| (sample.maps[[method, j]] - expected).abs() < 1e-5), "{j}");
    }
}

#[test]
fn integrated_gradients_add_up_on_either_model() {
    for (shape, layers) in [(&[2][..], fixture::tanh_layers()), (&[1, 3, 4][..], fixture::relu_layers())] {
        let all = Chosen { all_of: Some("c".into()), ..Chosen::default() };
        let found: Attribution = fixture::run(&config(vec![Chosen::index(3), all]), fixture::classifier(shape, layers));
        for sample in &found.samples {
            let gap = sample.sum(2) - sample.difference();
            assert!(gap.abs() < 0.02 * sample.difference().abs() + 1e-4, "{gap} of {}", sample.difference());
        }
        assert!(found.samples[1].words.starts_with("the 20 training samples of class c"));
    }
}

#[test]
fn grad_cam_weighs_channels_by_their_mean_gradient() {
    // The logits lie on the flattened channels: ∂F/∂(a place of a channel) is its weight there.
    let layers = vec![Conv2d::new(4, 2).into(), Relu {}.into(), Flatten {}.into(), Linear::new(3).into()];
    let trained = fixture::classifier(&[1, 4, 5], layers);
    let model = trained.fit.model.clone();
    let weights = model.parameters.value(model.parameters.find("output.weight").expect("a parameter")).to_vec();
    let config = AttributionConfig { methods: vec![Method::GradCam], ..config(vec![Chosen::index(4)]) };
    let found: Attribution = fixture::run(&config, trained.clone());
    assert_eq!(found.node.as_deref(), Some("conv1.post"));
    let values = model.run(&*trained.data.train.x.select(&[4])).values("conv1.post").expect("a node");
    // Sample 4 is of class 1; channels have 3 × 4 places.
    let weight = |c: usize| (0..12).map(|p| f64::from(weights[(c * 12 + p) * 3 + 1])).sum::<f64>() / 12.0;
    let at = |p: usize| (0..4).map(|c| weight(c) * f64::from(values[[0, c * 12 + p]])).sum::<f64>().max(0.0);
    // The corners of the larger map are those of the small one.
    for (corner, place) in [(0, 0), (4, 3), (15, 8), (19, 11)] {
        assert!((found.samples[0].maps[[0, corner]] - at(place)).abs() < 1e-6, "{corner}");
    }
    let (class, probability) = found.samples[0].prediction.clone().expect("one sample of a classifier");
    let logits = model.predict(trained.data.train.x.select(&[4]).view()).expect("fits");
    let e: Vec<f64> = logits.row(0).iter().map(|z| tensor::math::f64::exp(f64::from(*z))).collect();
    let guess = argmax(&logits.row(0).to_vec());
    assert_eq!(class, ["a", "b", "c"][guess]);
    assert!((probability - e[guess] / e.iter().sum::<f64>()).abs() < 1e-6);
}

#[test]
fn smooth_grad_is_the_magnitude_of_a_line_and_near_that_of_a_smooth_function() {
    let of = |layers: Vec<models::Layer>, noise: f64| -> Attribution {
        let methods = vec![Method::Gradient, Method::SmoothGrad];
        let config = AttributionConfig { methods, noise, ..config(vec![Chosen::index(4)]) };
        fixture::run(&config, fixture::classifier(&[2], layers))
    };
    for (found, close) in [(of(vec![Linear::new(3).into()], 1.0), 1e-6), (of(fixture::tanh_layers(), 1e-6), 1e-4)] {
        let maps = &found.samples[0].maps;
        maps.row(0).iter().zip(maps.row(1)).for_each(|(g, smooth)| assert!((g.abs() - smooth).abs() < close));
    }
    // Noise makes a difference, the same each time.
    let noisy = of(fixture::tanh_layers(), 0.5);
    assert!((noisy.samples[0].maps[[0, 0]].abs() - noisy.samples[0].maps[[1, 0]]).abs() > 1e-4);
    assert_eq!(noisy, of(fixture::tanh_layers(), 0.5));
}

#[test]
fn what_grad_cam_cannot_do_is_told() {
    let told = |layers: Vec<models::Layer>, node: Option<&str>, unit: Option<&str>| {
        let (node, unit) = (node.map(String::from), unit.map(String::from));
        let methods = vec![Method::GradCam];
        let config = AttributionConfig { methods, node, unit, ..config(vec![Chosen::index(1)]) };
        let mut planned = fixture::planned(1);
        let mut model = planned.model(&TrainRef("m".into())).expect("there").clone();
        model.data = fixture::classifier(&[1, 4, 5], layers.clone()).data.train.spec().into();
        (model.layers, model.loss) = (layers, Loss::CrossEntropy);
        planned.insert_model(model);
        let mut problems = Problems::default();
        config.check_against(&planned, &mut problems);
        problems.into_vec().into_iter().map(|p| format!("{}: {}", p.path, p.message)).collect::<Vec<_>>()
    };
    assert_eq!(told(fixture::conv_layers(), None, None), Vec::<String>::new());
    let none = told(fixture::relu_layers(), None, None);
    assert_eq!(none, ["methods[0]: Grad-CAM adds up the channels of a convolution, and m has none"]);
    assert_eq!(
        told(fixture::conv_layers(), Some("flatten"), None),
        ["node: expected a node of channels, found \"flatten\"; those of m are conv1.pre, conv1.post, conv1.pool"]
    );
    assert_eq!(
        told(fixture::conv_layers(), None, Some("conv1.pre[0]")),
        ["unit: Grad-CAM adds up channels that lead to the unit, and conv1.post does not come before conv1.pre"]
    );
}

#[test]
fn windows_of_a_linear_picture_drop_what_they_cover() {
    let layers = vec![Flatten {}.into(), Linear::new(3).into()];
    let trained = fixture::classifier(&[1, 3, 4], layers);
    let weights = trained.fit.model.parameters.values().to_vec();
    let found: Attribution = fixture::run(&config(vec![Chosen::index(0)]), trained);
    let sample = &found.samples[0];
    let term = |r: usize, c: usize| f64::from(weights[(r * 4 + c) * 3]) * f64::from(sample.x[r * 4 + c]);
    let window = |r: usize, c: usize| term(r, c) + term(r, c + 1) + term(r + 1, c) + term(r + 1, c + 1);
    // A corner is covered by one window, its neighbour by two.
    assert!((sample.maps[[3, 0]] - window(0, 0)).abs() < 1e-5);
    assert!((sample.maps[[3, 1]] - (window(0, 0) + window(0, 1)) / 2.0).abs() < 1e-5);
    assert!((sample.maps[[3, 11]] - window(1, 2)).abs() < 1e-5);
}
