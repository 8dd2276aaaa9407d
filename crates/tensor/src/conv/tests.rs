use super::*;
use crate::{Path, Purpose, Stream, Streams, math};

fn values(random: &mut Stream, n: usize, zeros: usize) -> Vec<f32> {
    (0..n).map(|_| if random.below(100) < zeros { 0.0 } else { random.normal() as f32 }).collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

/// Every pair of a place of the window and a tap inside the picture, in the order of the chains: `f(y, x, w)` as places of an
/// output, an element of the picture, and a weight, without channels.
fn each(of: &Convolution, mut f: impl FnMut(usize, usize, usize)) {
    let ([rows, columns], [h, w, _], window) = (of.places(), of.input, of.window);
    let at = |i: usize, tap: usize, n: usize| {
        (i * window.stride + tap * window.dilation).checked_sub(window.padding).filter(|at| *at < n)
    };
    for i in 0..rows {
        for j in 0..columns {
            for u in 0..window.kernel {
                for v in 0..window.kernel {
                    if let (Some(a), Some(b)) = (at(i, u, h), at(j, v, w)) {
                        f(i * columns + j, a * w + b, u * window.kernel + v);
                    }
                }
            }
        }
    }
}

/// The three results as the module defines them, one number after the other.
fn plain(of: &Convolution, x: &[f32], w: &[f32], bias: &[f32], dy: &[f32]) -> [Vec<f32>; 3] {
    let ([h, width, c], [_, _, inputs, outputs], [rows, columns]) = (of.input, of.weights(), of.places());
    let (own, images) = (outputs / of.groups, of.images);
    let mut y: Vec<f32> = (0..images * rows * columns).flat_map(|_| bias.to_vec()).collect();
    let (mut dx, mut dw) = (vec![0.0; x.len()], vec![0.0f32; w.len()]);
    let fma = |sum: &mut f32, a: f32, b: f32| *sum = math::fma(a, b, *sum);
    for n in 0..images {
        let (to, from) = (n * rows * columns, n * h * width);
        each(of, |place, pixel, tap| {
            for i in 0..inputs {
                for o in 0..outputs {
                    let x = x[(from + pixel) * c + o / own * inputs + i];
                    fma(&mut y[(to + place) * outputs + o], x, w[(tap * inputs + i) * outputs + o]);
                }
            }
        });
        each(of, |place, pixel, tap| {
            for o in 0..outputs {
                for i in 0..inputs {
                    let dx = &mut dx[(from + pixel) * c + o / own * inputs + i];
                    fma(dx, dy[(to + place) * outputs + o], w[(tap * inputs + i) * outputs + o]);
                }
            }
        });
    }
    for part in 0..PARTS {
        let mut sums = vec![0.0; w.len()];
        for n in threads::part(images, PARTS, part) {
            let (to, from) = (n * rows * columns, n * h * width);
            each(of, |place, pixel, tap| {
                for i in 0..inputs {
                    for o in 0..outputs {
                        let x = x[(from + pixel) * c + o / own * inputs + i];
                        fma(&mut sums[(tap * inputs + i) * outputs + o], x, dy[(to + place) * outputs + o]);
                    }
                }
            });
        }
        dw.iter_mut().zip(&sums).for_each(|(dw, sum)| *dw += sum);
    }
    let positive = |v: Vec<f32>| v.into_iter().map(|v| v + 0.0).collect();
    [positive(y), positive(dx), positive(dw)]
}

/// On every path and with several threads, with few and with many zeros.
fn check(random: &mut Stream, of: Convolution) {
    let ([h, w, c], [rows, columns]) = (of.input, of.places());
    let x = values(random, of.images * h * w * c, 30);
    let (weights, bias) = (values(random, of.weights().iter().product(), 5), values(random, of.outputs, 10));
    for zeros in [0, 85] {
        let dy = values(random, of.images * rows * columns * of.outputs, zeros);
        let [y, dx, dw] = plain(&of, &x, &weights, &bias, &dy);
        for (path, count) in Path::available().iter().flat_map(|path| [1, 3].map(|count| (path, count))) {
            Path::force(Some(*path)).expect("available");
            threads::set(count);
            let (mut a, mut b, mut c) = (vec![f32::NAN; y.len()], vec![f32::NAN; dx.len()], vec![f32::NAN; dw.len()]);
            of.forward(&x, &weights, &bias, &mut a);
            of.input_gradient(&weights, &dy, &mut b);
            of.weight_gradient(&x, &dy, &mut c);
            assert_eq!(bits(&a), bits(&y), "y of {of:?}, {path}, {count} threads");
            assert_eq!(bits(&b), bits(&dx), "dx of {of:?}, {path}, {count} threads, {zeros}% zeros");
            assert_eq!(bits(&c), bits(&dw), "dw of {of:?}, {path}, {count} threads, {zeros}% zeros");
        }
        Path::force(None).expect("the fastest is available");
    }
}

#[test]
fn every_path_gives_the_chains_of_the_definition() {
    let random = &mut Streams::new(1).stream("conv test", Purpose::Sample);
    let window = |kernel, stride, padding, dilation| Window { kernel, stride, padding, dilation };
    let shapes = [
        ([7, 5, 1], 8, 1, Window::new(3)),
        ([6, 9, 3], 17, 1, window(3, 1, 1, 1)),
        ([9, 9, 2], 5, 1, window(3, 2, 1, 1)),
        ([11, 8, 1], 3, 1, window(5, 3, 2, 1)),
        ([9, 10, 4], 6, 2, window(3, 1, 2, 2)),
        ([5, 5, 6], 6, 6, window(2, 2, 0, 1)),
        ([4, 4, 9], 33, 1, Window::new(1)),
        ([3, 3, 16], 40, 1, Window::new(3)),
        ([8, 13, 8], 16, 1, Window::new(3)),
        ([5, 4, 2], 70, 1, window(3, 1, 1, 1)),
        // Padding beyond the window's reach; a stride that leaves pixels out.
        ([3, 3, 2], 2, 1, window(2, 1, 3, 1)),
        ([7, 7, 2], 3, 1, window(1, 3, 0, 1)),
    ];
    for (input, outputs, groups, window) in shapes {
        for images in [1, 3, 11] {
            check(random, Convolution { images, input, outputs, groups, window });
        }
    }
    // Large enough for several threads.
    check(random, Convolution { images: 9, input: [28, 28, 1], outputs: 8, groups: 1, window: Window::new(3) });
    check(random, Convolution { images: 9, input: [13, 13, 8], outputs: 16, groups: 1, window: Window::new(3) });
}

#[test]
fn a_window_has_as_many_places_as_the_formula_says() {
    // torch.nn.functional.conv2d of torch 2.9 gives these sizes.
    let places = |n, kernel, stride, padding, dilation| Window { kernel, stride, padding, dilation }.places(n);
    assert_eq!(places(28, 3, 1, 0, 1), 26);
    assert_eq!(places(28, 3, 2, 1, 1), 14);
    assert_eq!(places(7, 3, 1, 0, 3), 1);
    assert_eq!(places(6, 3, 1, 0, 3), 0);
    assert_eq!(places(2, 5, 1, 1, 1), 0);
}
