//! In the steady state nothing allocates: products that pack and split, element-wise loops, sums, random orders.

use crate::process::{allocations_of_all, is_alone};
use tensor::{Init, Path, Product, Purpose, Streams, map, matmul, reduce, threads, update};

#[test]
fn allocation_ends_once_every_thread_has_its_memory() {
    if !is_alone("allocation::allocation_ends_once_every_thread_has_its_memory") {
        return;
    }
    const N: usize = 120_000;
    let (a, b) = (vec![0.5f32; N], vec![0.25f32; N]);
    let (mut c, mut d) = (vec![0.0f32; N], vec![0.0f32; N]);
    let mut order = vec![0u32; 1000];
    let mut random = Streams::new(1).stream("allocation", Purpose::Shuffle);
    let mut round = || {
        for (m, k, n) in [(4, 2, 3), (1000, 32, 64), (100, 280, 300), (1, 200, 15), (15, 200, 1), (32, 1000, 3)] {
            for case in 0..4 {
                let p = Product { m, k, n, a_transposed: case & 1 > 0, b_transposed: case & 2 > 0 };
                matmul(p, &a[..m * k], &b[..k * n], &mut c[..m * n], Init::Accumulate);
            }
        }
        map(&a, &mut c, tensor::Float::exp);
        update(&mut c, [&mut d], &a, |w, [s], g| (w - g, [s + g]));
        reduce::sum_axis(&a, 100, 1200, 1, &mut c[..100]);
        reduce::sum_axis(&a, 1, 1200, 100, &mut c[..100]);
        c[0] += reduce::sum(&a) + reduce::dot(&a, &b);
        random.fill_permutation(&mut order);
    };
    threads::set(3);
    for &path in Path::available() {
        Path::force(Some(path)).expect("available");
        // Which worker takes which part is a matter of chance, and each sets up its memory when it first takes one: what counts
        // is that allocation ends.
        let quiet = (0..200).any(|_| {
            let before = allocations_of_all();
            (0..3).for_each(|_| round());
            allocations_of_all() == before
        });
        assert!(quiet, "{path}");
    }
}
