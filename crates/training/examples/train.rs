//! Trains a network on a spiral, and draws how loss and accuracy went: `cargo run -p training --example train`.

use datasets::{Source, Splits, sources::spiral::Spiral};
use models::Loss;
use models::layers::{Linear, Relu};
use optimizers::adam::Adam;
use rendering::{Axis, Figure, Line, Panel};
use tensor::Streams;
use training::{Control, TrainConfig};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let streams = Streams::new(2024);
    let data = Spiral { points: 600, classes: 3, noise: 0.2 }.load(".".as_ref(), &streams, "dataset.spiral")?;
    let data = Splits::undivided(data);
    let model = vec![Linear::new(64).into(), Relu {}.into(), Linear::new(3).into()];
    let config = TrainConfig::new("spiral", model, Loss::CrossEntropy, Adam::new(0.02).into(), 400);

    // The callback sees every epoch, and says whether to go on.
    let fit = training::fit(&config, "train.spiral", &data, &streams, &mut |trainer| {
        let (epoch, loss) = (trainer.history().epochs(), &trainer.history().train.loss);
        if epoch.is_multiple_of(100) {
            println!("epoch {epoch}: loss {:.3}", loss[epoch - 1]);
        }
        Control::Continue
    })?;
    let labels = data.train.labels().ok_or("a spiral has classes")?;
    println!("accuracy {:.1}%", 100.0 * fit.model.accuracy(data.train.x.view(), labels)?);

    let curve = |values: &[f32]| Line::new(values.iter().enumerate().map(|(i, v)| (i as f64 + 1.0, f64::from(*v))));
    let panel = |axis: Axis, values: &[f32]| Panel::new(Axis::new("epoch").whole(), axis).mark(curve(values));
    let figure = Figure::new("training", "A network learns to tell the arms of a spiral apart")
        .panel(panel(Axis::new("loss (nats)").log(), &fit.history.train.loss))
        .panel(panel(Axis::new("accuracy").range(0.0, 1.0), &fit.history.train.accuracy));
    std::fs::write("training.svg", figure.to_svg()?)?;
    Ok(())
}
