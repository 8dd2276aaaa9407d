//! One epoch of each workload (for the small ones one full-batch step), with 1 and 2 threads; those whose data is not there are
//! left out.

use benches::WORKLOADS;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

fn epochs(c: &mut Criterion) {
    for workload in WORKLOADS {
        let mut group = c.benchmark_group(workload.name);
        for threads in [1, 2] {
            tensor::threads::set(threads);
            let Ok((mut trainer, _)) = workload.trainer() else { continue };
            group.bench_function(BenchmarkId::new("epoch", format!("{threads} threads")), |b| {
                b.iter(|| trainer.epoch().expect("trains"));
            });
        }
        group.finish();
    }
}

criterion_group!(training, epochs);
criterion_main!(training);
