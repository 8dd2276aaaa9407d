//! Against every choice of knots on small cases, and against what theory says of smooth functions.

use super::*;
use tensor::Float;
use tensor::random::{Purpose, Stream, Streams};

fn stream(seed: u64) -> Stream {
    Streams::new(seed).stream("free knots", Purpose::Noise)
}

fn sampled(n: usize, lo: f64, hi: f64, f: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    let x = |i: usize| lo + (hi - lo) * i as f64 / (n - 1) as f64;
    (0..n).map(|i| (x(i), f(x(i)))).collect()
}

/// Least squares over the functions straight between `knots`, both ends among them, by Gaussian elimination on hat functions:
/// nothing shared with the code under test.
fn least_squares(pairs: &[(f64, f64)], knots: &[f64]) -> f64 {
    let hat = |k: usize, x: f64| {
        let mut value = 0.0f64;
        if k > 0 && x >= knots[k - 1] && x <= knots[k] {
            value = value.max((x - knots[k - 1]) / (knots[k] - knots[k - 1]));
        }
        if k + 1 < knots.len() && x >= knots[k] && x <= knots[k + 1] {
            value = value.max((knots[k + 1] - x) / (knots[k + 1] - knots[k]));
        }
        value
    };
    let n = knots.len();
    let row = |i: usize, j: usize| match j {
        _ if j == n => pairs.iter().map(|p| hat(i, p.0) * p.1).sum::<f64>(),
        _ => pairs.iter().map(|p| hat(i, p.0) * hat(j, p.0)).sum(),
    };
    let mut m: Vec<Vec<f64>> = (0..n).map(|i| (0..=n).map(|j| row(i, j)).collect()).collect();
    for i in 0..n {
        for r in 0..n {
            if r != i {
                let factor = m[r][i] / m[i][i];
                for c in i..=n {
                    m[r][c] -= factor * m[i][c];
                }
            }
        }
    }
    let s = |x: f64| (0..n).map(|i| hat(i, x) * m[i][n] / m[i][i]).sum::<f64>();
    pairs.iter().map(|p| (p.1 - s(p.0)) * (p.1 - s(p.0))).sum::<f64>() / pairs.len() as f64
}

/// The least error over every choice of k of the inner abscissae.
fn brute_force(pairs: &[(f64, f64)], k: usize) -> f64 {
    let mut x: Vec<f64> = pairs.iter().map(|p| p.0).collect();
    x.sort_by(f64::total_cmp);
    x.dedup();
    let inner = x.len() - 2;
    let mut best = f64::INFINITY;
    for set in 0..1u32 << inner {
        if set.count_ones() as usize == k.min(inner) {
            let inside = |i: usize| i == 0 || i == x.len() - 1 || set >> (i - 1) & 1 == 1;
            let knots: Vec<f64> = (0..x.len()).filter(|&i| inside(i)).map(|i| x[i]).collect();
            best = best.min(least_squares(pairs, &knots));
        }
    }
    best
}

#[test]
fn no_choice_of_knots_is_better() {
    let mut random = stream(1);
    for case in 0..30 {
        // Noise, noisy waves, uneven abscissae, abscissae that several samples share.
        let pairs: Vec<(f64, f64)> = (0..11)
            .map(|i| {
                let x = match case % 3 {
                    0 => f64::from(i),
                    1 => f64::from(i) + 0.9 * random.uniform_f64(),
                    _ => f64::from(i / 2),
                };
                (x, Float::sin(x) * f64::from(case % 4) + random.normal())
            })
            .collect();
        for (fit, k) in best_fits(&pairs, &[0, 1, 2, 3, 5, 8, 20], 250).iter().zip([0, 1, 2, 3, 5, 8, 20]) {
            let expected = brute_force(&pairs, k);
            assert!(
                (fit.knots_at_samples - expected).abs() < 1e-10 + 1e-8 * expected,
                "case {case}, {k}: {} {expected}",
                fit.knots_at_samples
            );
            assert!(
                fit.lower_bound <= fit.free_knots && fit.free_knots <= fit.knots_at_samples && fit.x.len() <= k + 2
            );
        }
    }
}

#[test]
fn noise_and_many_samples_are_no_different() {
    // Every pair of 38 places.
    let mut random = stream(2);
    let mut pairs = sampled(40, 0.0, 6.0, Float::sin);
    pairs.iter_mut().for_each(|p| p.1 += 0.3 * random.normal());
    let fit = &best_fits(&pairs, &[2], 250)[0];
    let mut best = f64::INFINITY;
    for i in 1..39 {
        for j in i + 1..39 {
            best = best.min(least_squares(&pairs, &[0, i, j, 39].map(|i| pairs[i].0)));
        }
    }
    assert!((fit.knots_at_samples - best).abs() < 1e-12, "{} {best}", fit.knots_at_samples);
}

#[test]
fn bent_lines_are_found_again() {
    // Three kinks at samples, and a jump that no continuous function follows.
    let bent = |x: f64| (x - 1.0).max(0.0) - 3.0 * (x - 2.0).max(0.0) + 2.5 * (x - 3.5).max(0.0) + 7.0;
    let pairs = sampled(101, 0.0, 5.0, bent);
    let fit = &best_fits(&pairs, &[3], 250)[0];
    assert!(fit.knots_at_samples < 1e-24);
    assert_eq!(fit.x, [0.0, 1.0, 2.0, 3.5, 5.0]);
    assert!(fit.x.iter().zip(&fit.y).all(|(x, y)| (y - bent(*x)).abs() < 1e-10));
    let jump = &best_fits(&sampled(100, 0.0, 1.0, |x| f64::from(u8::from(x > 0.5))), &[2, 1], 250);
    // Two knots, at the samples beside the jump; separate lines need one break.
    assert!(
        jump[0].knots_at_samples < 1e-24 && jump[1].lower_bound < 1e-24 && jump[1].knots_at_samples > 0.01,
        "{jump:?}"
    );
}

#[test]
fn smooth_functions_are_fitted_as_well_as_theory_says() {
    // With N equal pieces of width h = 1/N, the best continuous fit of x² is off by the Legendre polynomial of each piece:
    // mean squared error h⁴/180, for any f h⁵f″²/720 per small piece. Knots that share this out evenly (de Boor, Good
    // approximation by splines with variable knots, 1973) leave (∫ |f″|^(2/5))⁵ N⁻⁴ / 720 as N grows.
    let parabola = best_fits(&sampled(2401, 0.0, 1.0, |x| x * x), &[1, 3, 5], 23);
    for (fit, pieces) in parabola.iter().zip([2.0f64, 4.0, 6.0]) {
        let expected = 1.0 / (180.0 * pieces * pieces * pieces * pieces);
        assert!((fit.knots_at_samples / expected - 1.0).abs() < 0.01, "{pieces}: {} {expected}", fit.knots_at_samples);
        assert!(fit.lower_bound / fit.knots_at_samples > 0.99);
    }
    let cubic = best_fits(&sampled(1201, 0.0, 1.0, |x| x * x * x), &[7, 15, 31], 240);
    // f″ = 6x: ∫ (6x)^(2/5) = 6^(2/5) · 5/7.
    let integral = 36.0 * (5.0f64 / 7.0) * (5.0 / 7.0) * (5.0 / 7.0) * (5.0 / 7.0) * (5.0 / 7.0) / 720.0;
    for (fit, pieces) in cubic.iter().zip([8.0f64, 16.0, 32.0]) {
        let expected = integral / (pieces * pieces * pieces * pieces);
        assert!((fit.knots_at_samples / expected - 1.0).abs() < 0.1, "{pieces}: {} {expected}", fit.knots_at_samples);
        assert!(fit.lower_bound / fit.knots_at_samples > 0.9, "{} {}", fit.lower_bound, fit.knots_at_samples);
    }
}

#[test]
fn few_samples_and_scales_far_from_one() {
    let one = &best_fits(&[(2.0, 3.0), (2.0, 5.0)], &[4], 250)[0];
    assert_eq!(
        (one.x.as_slice(), one.y.as_slice(), one.knots_at_samples, one.lower_bound),
        (&[2.0][..], &[4.0][..], 1.0, 1.0)
    );
    let two = &best_fits(&[(1.0, 3.0), (2.0, 5.0)], &[4], 250)[0];
    assert_eq!((two.x.as_slice(), two.y.as_slice(), two.knots_at_samples), (&[1.0, 2.0][..], &[3.0, 5.0][..], 0.0));
    let plain = best_fits(&sampled(60, 0.0, 6.0, Float::sin), &[3], 250)[0].knots_at_samples;
    let far: Vec<(f64, f64)> =
        sampled(60, 0.0, 6.0, Float::sin).iter().map(|(x, y)| (1e6 + 1e-2 * x, 1e4 + 1e3 * y)).collect();
    assert!((best_fits(&far, &[3], 250)[0].knots_at_samples / plain / 1e6 - 1.0).abs() < 1e-6);
}

#[test]
fn a_free_knot_lies_between_samples() {
    // A bend at 0.35, samples at tenths: no knot at a sample is right, a free one is.
    let fit = &best_fits(&sampled(11, 0.0, 1.0, |x| (x - 0.35).abs()), &[1], 250)[0];
    assert!(fit.knots_at_samples > 1e-4, "{}", fit.knots_at_samples);
    assert!(fit.free_knots < 1e-6 * fit.knots_at_samples, "{} {}", fit.free_knots, fit.knots_at_samples);
    assert!((fit.x[1] - 0.35).abs() < 1e-3 && fit.lower_bound <= fit.free_knots, "{:?}", fit.x);
    // A wave sampled finely: little is left to gain, and nothing gets below the bound.
    for fit in best_fits(&sampled(300, 0.0, 6.0, Float::sin), &[1, 2, 5, 20], 250) {
        assert!(fit.lower_bound <= fit.free_knots && fit.free_knots < fit.knots_at_samples, "{fit:?}");
        assert!(fit.free_knots > 0.5 * fit.knots_at_samples && fit.x.is_sorted());
        let error = least_squares(&sampled(300, 0.0, 6.0, Float::sin), &fit.x);
        assert!((error - fit.free_knots).abs() <= 1e-6 * error, "the ordinates are the best for these knots");
    }
}

#[test]
fn a_net_of_one_neuron_does_worse_than_one_free_knot() {
    // |x| has one knot; a neuron is flat on one side of its own: a relu(x − c) + b at its best, over a grid of c, by least
    // squares. To the other side it is the same by symmetry.
    let pairs = sampled(41, -1.0, 1.0, |x: f64| x.abs());
    let fit = &best_fits(&pairs, &[1], 250)[0];
    let mut least = f64::INFINITY;
    for c in (-40..40).map(|c| f64::from(c) / 40.0) {
        let unit: Vec<f64> = pairs.iter().map(|p| (p.0 - c).max(0.0)).collect();
        let n = pairs.len() as f64;
        let mean = |of: &dyn Fn(usize) -> f64| (0..pairs.len()).map(of).sum::<f64>() / n;
        let (u, y) = (mean(&|i| unit[i]), mean(&|i| pairs[i].1));
        let (uu, uy) = (mean(&|i| (unit[i] - u) * (unit[i] - u)), mean(&|i| (unit[i] - u) * (pairs[i].1 - y)));
        let yy = mean(&|i| (pairs[i].1 - y) * (pairs[i].1 - y));
        least = least.min(yy - uy * uy / uu);
    }
    assert!(fit.free_knots < 1e-24 && least > 0.03, "{} {least}", fit.free_knots);
}
