//! Speed of element-wise loops and sums: nanoseconds per element, and per call for short ones, on each path with one thread.
//!
//! `cargo run --release -p benches --bin map`

use std::hint::black_box;

use benches::seconds;
use tensor::{Float, Path, map, map_mut, reduce, threads, update, zip};

/// Two inputs and two outputs.
type Run<'a> = dyn FnMut(&[f32], &[f32], &mut [f32], &mut [f32]) + 'a;

fn main() {
    let sizes = [3usize, 12, 16, 100, 1000, 32_000, 100_000];
    print!("ns per call (short), ns per element (from 1000)\n{:<24}", "");
    sizes.iter().for_each(|n| print!("{n:>9}"));
    println!();
    threads::set(1);
    for &path in Path::available() {
        Path::force(Some(path)).expect("available");
        let line = |name: &str, f: &mut Run| {
            print!("{:<24}", format!("{path} {name}"));
            for n in sizes {
                let a: Vec<f32> = (0..n).map(|i| (i % 101) as f32 / 20.0 - 2.5).collect();
                let b: Vec<f32> = (0..n).map(|i| (i % 89) as f32 / 20.0 + 0.1).collect();
                let (mut y, mut z) = (b.clone(), b.clone());
                let s = seconds(|| f(black_box(&a), black_box(&b), black_box(&mut y), black_box(&mut z)));
                print!("{:>9.3}", 1e9 * s / if n < 1000 { 1 } else { n } as f64);
            }
            println!();
        };
        line("relu", &mut |a, _, y, _| map(a, y, |x| Float::max(x, 0.0)));
        line("relu in place", &mut |_, _, y, _| {
            map_mut(
                y,
                #[inline(always)]
                |x| Float::max(x, 0.0),
            )
        });
        line("multiply", &mut |a, b, y, _| zip(a, b, y, |a, b| a * b));
        line("exp", &mut |a, _, y, _| map(a, y, Float::exp));
        line("ln", &mut |_, b, y, _| map(b, y, Float::ln));
        line("tanh", &mut |a, _, y, _| map(a, y, Float::tanh));
        line("sigmoid", &mut |a, _, y, _| map(a, y, Float::sigmoid));
        line("softplus", &mut |a, _, y, _| {
            map(
                a,
                y,
                #[inline(always)]
                |x: f32| Float::softplus(x),
            )
        });
        line("gelu", &mut |a, _, y, _| {
            map(
                a,
                y,
                #[inline(always)]
                |x| 0.5 * x * (1.0 + Float::erf(x * std::f32::consts::FRAC_1_SQRT_2)),
            )
        });
        line("rmsprop", &mut |a, _, y, z| {
            update(
                y,
                [z],
                a,
                #[inline(always)]
                |w, [v], g| {
                    let v = 0.999 * v + 0.001 * g * g;
                    (w - 0.01 * g / (v.sqrt() + 1e-8), [v])
                },
            );
        });
        line("sum", &mut |a, _, y, _| y[0] = reduce::sum(a));
        line("dot", &mut |a, b, y, _| y[0] = reduce::dot(a, b));
        for columns in [3, 10, 64, 300] {
            let mut sums = [0.0; 300];
            line(&format!("columns of n×{columns}"), &mut |a, _, y, _| {
                let n = a.len() / columns;
                reduce::sum_axis(&a[..n * columns], 1, n, columns, &mut sums[..columns]);
                y[0] = sums[0];
            });
            line(&format!("rows of n×{columns}"), &mut |a, _, y, _| {
                let n = a.len() / columns;
                reduce::sum_axis(&a[..n * columns], n, columns, 1, &mut y[..n]);
            });
        }
    }
}
