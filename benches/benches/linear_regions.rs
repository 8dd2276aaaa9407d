//! The exact geometry of trained nets on [−1.5, 1.5]², with one thread: the spiral's 2-64-32-3, and 2-128-128-128-3.

use analysis::{
    geometry::decision::Window,
    geometry::linear_regions::{Verdict, linear_regions},
};
use benches::WORKLOADS;
use criterion::{Criterion, criterion_group, criterion_main};
use models::layers::{Linear, Relu};
use training::TrainConfig;

fn regions(c: &mut Criterion) {
    tensor::threads::set(1);
    let spiral = WORKLOADS.iter().find(|w| w.name == "spiral").expect("is among them");
    let window = Window { x: [-1.5, 1.5], y: [-1.5, 1.5] };
    let verdict = Verdict::Largest((0..3).map(|class| class.to_string()).collect());
    let mut group = c.benchmark_group("linear_regions");
    group.sample_size(10);
    for widths in [&[64, 32][..], &[128, 128, 128]] {
        let hidden = widths.iter().flat_map(|units| [Linear::new(*units).into(), Relu {}.into()]);
        let model = hidden.chain([Linear::new(3).into()]).collect();
        let (mut trainer, epochs) =
            spiral.trainer_of(&TrainConfig { model, ..spiral.config() }).expect("needs no files");
        (0..epochs).for_each(|_| trainer.epoch().expect("trains"));
        let model = trainer.model();
        let found = linear_regions(model, "net", window, &verdict).expect("suits");
        let name = format!("{widths:?}, {} patterns", found.pieces.len());
        group.bench_function(name, |b| b.iter(|| linear_regions(model, "net", window, &verdict).expect("suits")));
    }
    group.finish();
}

criterion_group!(geometry, regions);
criterion_main!(geometry);
