//! Trains a network, looks inside it, and draws what is there, without a pipeline: `cargo run -p analysis --example look_inside`.

use analysis::Results;
use analysis::geometry::linear_probe::{LinearProbe, LinearProbeConfig};
use datasets::{Source, Splits, sources::spiral::Spiral};
use models::Loss;
use models::layers::{Linear, Relu};
use optimizers::adam::Adam;
use registry::{AnalysisRef, TrainRef};
use rendering::{Axis, Figure, Line, Panel};
use tensor::Streams;
use training::TrainConfig;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut results = Results::new(Streams::new(2024));
    let data =
        Spiral { points: 600, classes: 3, noise: 0.2 }.load(".".as_ref(), results.streams(), "dataset.spiral")?;
    let (linear, relu) = (|units| Linear::new(units).into(), || Relu {}.into());
    let model = vec![linear(64), relu(), linear(32), relu(), linear(3)];
    let config = TrainConfig::new("spiral", model, Loss::CrossEntropy, Adam::new(0.01).into(), 400);
    let trained = results.train("deep", config, Splits::undivided(data))?;
    println!("trained for {} epochs: {}", trained.fit.epoch, trained.fit.model.nodes().join(" → "));

    // How far has each layer pulled the arms of the spiral apart?
    results.analyse("probe", &LinearProbeConfig { model: TrainRef("deep".into()) })?;
    let probe: &LinearProbe = results.outcome(&AnalysisRef("probe".into()))?;
    for layer in &probe.layers {
        println!("{}: a linear classifier gets {:.1}%", layer.node, 100.0 * layer.train);
    }

    let points = probe.layers.iter().enumerate().map(|(i, layer)| (i as f64, f64::from(layer.train)));
    let panel = Panel::new(Axis::new("layer").whole(), Axis::new("accuracy of a linear probe").range(0.0, 1.0));
    let title = "How well straight lines tell the arms apart, layer by layer";
    let figure = Figure::new("probe", title).panel(panel.mark(Line::new(points)));
    std::fs::write("probe.svg", figure.to_svg()?)?;
    Ok(())
}
