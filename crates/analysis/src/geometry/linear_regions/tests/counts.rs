//! Counts, areas and lengths with closed forms, degenerate lines among them.

use super::*;

#[test]
fn lines_in_general_position_cut_as_many_regions_as_they_cross() {
    // 1 + lines + crossings inside a convex window (Zaslavsky 1975, for the plane).
    for n in [0, 1, 2, 5, 20, 60] {
        let random = numbers(3 * n, n as u64);
        let lines: Vec<[f32; 3]> = random.chunks(3).map(|l| [l[0] as f32, l[1] as f32, 0.2 * l[2] as f32]).collect();
        let lines = if n == 0 { vec![[0.0, 0.0, 1.0]] } else { lines };
        let through = |l: &&[f32; 3]| l[0].abs() + l[1].abs() > l[2].abs();
        let mut expected = 1 + lines.iter().filter(through).count();
        for (i, l) in lines.iter().enumerate() {
            for m in &lines[..i] {
                let [l, m] = [l, m].map(|l| l.map(f64::from));
                let determinant = l[0] * m[1] - l[1] * m[0];
                let (x, y) = ((l[1] * m[2] - m[1] * l[2]) / determinant, (m[0] * l[2] - l[0] * m[2]) / determinant);
                expected += usize::from(x.abs() < 1.0 && y.abs() < 1.0);
            }
        }
        assert_eq!(count(&arrangement(&lines)), expected, "{n} lines");
    }
    // All crossings inside: 1 + n + n(n − 1)/2.
    let tangents: Vec<[f32; 3]> = (0..9)
        .map(|i| f64::from(i) * 0.349 + 0.1)
        .map(|a| [tensor::math::f64::cos(a) as f32, tensor::math::f64::sin(a) as f32, 0.05])
        .collect();
    assert_eq!(count(&arrangement(&tangents)), 1 + 9 + 36);
}

#[test]
fn degenerate_lines() {
    let check = |lines: &[[f32; 3]], expected: usize| assert_eq!(count(&arrangement(lines)), expected, "{lines:?}");
    // A line that misses the window, one that touches its corner, one along its rim, one through two corners.
    check(&[[1.0, 0.0, 5.0]], 1);
    check(&[[1.0, 1.0, -2.0]], 1);
    check(&[[1.0, 0.0, -1.0]], 1);
    check(&[[1.0, -1.0, 0.0]], 2);
    // Parallel; coincident, scaled and turned round; as close as a ten-millionth.
    check(&[[1.0, 2.0, -0.5], [1.0, 2.0, 0.0], [2.0, 4.0, 1.0]], 4);
    check(&[[0.3, -0.7, 0.1], [0.3, -0.7, 0.1], [0.6, -1.4, 0.2], [-0.3, 0.7, -0.1]], 2);
    check(&[[1.0, 0.0, 0.0], [1.0, 0.0, 1e-7]], 3);
    // Through one point: twice as many regions as lines, wherever the point is.
    for at in [[0.0, 0.0], [0.3, -0.6], [1.0, 1.0], [1.0, 0.25]] {
        let normals = [[1.0, 0.0], [0.0, 1.0], [0.7, 0.3], [-0.2, 0.9], [0.9, -0.6]];
        let lines: Vec<[f32; 3]> = normals.map(|n: [f32; 2]| [n[0], n[1], -(n[0] * at[0] + n[1] * at[1])]).into();
        let found = regions(&arrangement(&lines), SQUARE, &Verdict::None);
        // Offsets are rounded to f32, so away from the origin the lines may miss the point by 1e-8: tiny cells in its place.
        let visible = found.pieces.iter().filter(|r| r.area > 1e-10).count();
        let expected = [10, 10, 3, 5];
        let place = usize::from(at[0] == 0.3) + 2 * usize::from(at[0] == 1.0) + usize::from(at[1] == 0.25);
        assert_eq!(visible, expected[place], "at {at:?}");
    }
    // No weights at all: always off, always on, exactly zero.
    for bias in [-1.0, 1.0, 0.0] {
        check(&[[0.0, 0.0, bias]], 1);
    }
}

#[test]
fn a_dead_layer_leaves_one_region_of_many_patterns() {
    // The second hidden layer is off everywhere, so that the first one's kinks have no effect.
    let mut model = random(vec![linear(4), relu(), linear(3), relu(), linear(2)], 3);
    let alone = count(&random(vec![linear(4), relu()], 3));
    let biases = model.parameters.find("hidden2.bias").expect("has one");
    model.parameters.value_mut(biases).fill(-100.0);
    let found = regions(&model, SQUARE, &Verdict::Largest(["a", "b"].map(String::from).into()));
    assert_eq!((found.pieces.len(), found.regions.len()), (alone, 1));
    assert!(alone > 4, "{alone}");
    assert_eq!(found.regions[0].pieces, (0..alone).collect::<Vec<usize>>());
    assert_eq!(found.outlines_of(0).len(), 1, "the rim");
    assert!(found.regions.iter().all(|r| r.slope == 0.0 && r.class.is_some()));
    assert!(found.segments.is_empty());
    // The first layer off everywhere: one region.
    let biases = model.parameters.find("hidden1.bias").expect("has one");
    model.parameters.value_mut(biases).fill(-100.0);
    assert_eq!(count(&model), 1);
}

/// The tent map x ↦ 2 x on [0, ½], 2 − 2 x on [½, 1], for both inputs at once, so many times (Telgarsky 2015).
fn tents(times: usize) -> Model {
    let mut layers = Vec::new();
    let mut parameters = Vec::new();
    for _ in 0..times {
        layers.extend([linear(4), relu(), linear(2)]);
        parameters.extend([1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, -0.5, 0.0, -0.5]);
        parameters.extend([2.0, 0.0, -4.0, 0.0, 0.0, 2.0, 0.0, -4.0, 0.0, 0.0]);
    }
    given(layers, &parameters)
}

#[test]
fn depth_folds_exponentially() {
    for times in 1..=6 {
        let found = regions(&tents(times), Window { x: [0.0, 1.0], y: [0.0, 1.0] }, &Verdict::None);
        let per_side = 1 << times;
        assert_eq!(found.regions.len(), per_side * per_side);
        let (area, slope) = (1.0 / (per_side * per_side) as f64, per_side as f64);
        assert!(found.regions.iter().all(|r| (r.area - area).abs() < 1e-15 && r.slope == slope));
    }
}

#[test]
fn a_level_set_is_the_diamond() {
    // |x| + |y| = 1.
    let lines = [[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, -1.0, 0.0]];
    let window = Window { x: [-2.0, 2.0], y: [-2.0, 2.0] };
    let found = regions(&arrangement(&lines), window, &Verdict::Above(1.0));
    assert_eq!((found.regions.len(), found.parts.len(), found.segments.len()), (4, 8, 4));
    assert!((found.boundary_length() - 4.0 * 2.0_f64.sqrt()).abs() < 1e-12);
    let rings = [0, 1].map(|class| found.outlines(class));
    assert_eq!(rings.each_ref().map(Vec::len), [1, 2], "the diamond; the rim and the hole");
    let around = |rings: &[Vec<u32>]| rings.iter().map(|r| complex::area(&found.places(r))).sum::<f64>();
    assert!((around(&rings[0]) - 2.0).abs() < 1e-12 && (around(&rings[1]) - 14.0).abs() < 1e-12);
    assert!(found.class_areas().iter().zip([2.0, 14.0]).all(|(a, b)| (a - b).abs() < 1e-12));
    let [(classes, line)] = &found.boundary[..] else { panic!("one line: {:?}", found.boundary) };
    assert_eq!((classes, line.len(), line[0] == line[4]), (&[0, 1], 5, true));
    assert!(found.regions.iter().all(|r| (r.slope - 2.0_f64.sqrt()).abs() < 1e-15));
}

#[test]
fn three_classes_meet_in_one_corner() {
    // Three scores whose gradients are 120° apart, written as one linear layer: the boundary is three rays from the origin.
    let (c, s) = (0.5, 0.75_f32.sqrt());
    let model = given(vec![linear(3)], &[1.0, -c, -c, 0.0, s, -s, 0.0, 0.0, 0.0]);
    let names = ["a", "b", "c"].map(String::from);
    let found = regions(&model, SQUARE, &Verdict::Largest(names.clone().into()));
    assert_eq!((found.regions.len(), found.regions[0].class), (1, None));
    // The ray along −x is 1 long, the two others, 60° from +x, 2/√3 each.
    assert!((found.boundary_length() - (1.0 + 4.0 / 3.0_f64.sqrt())).abs() < 1e-6);
    let mut kinds: Vec<[usize; 2]> = found.boundary.iter().map(|(classes, _)| *classes).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, [[0, 1], [0, 2], [1, 2]]);
    // All outputs equal: the first class has everything.
    let flat = given(vec![linear(3)], &[0.0; 9]);
    let found = regions(&flat, SQUARE, &Verdict::Largest(names.into()));
    assert_eq!((found.regions[0].class, found.segments.len()), (Some(0), 0));
}

#[test]
fn patterns_of_one_map_are_one_region_where_they_touch() {
    // relu(x) − relu(−x) = x: two patterns, one map; with leaky units, whose slopes round, too.
    let line = |bend: Layer| given(vec![linear(2), bend, linear(1)], &[0.7, -0.7, 0.0, 0.0, 0.0, 0.0, 0.3, -0.3, 0.1]);
    for bend in [relu(), LeakyRelu { slope: 0.1 }.into()] {
        let found = regions(&line(bend), SQUARE, &Verdict::Above(0.15));
        assert_eq!((found.pieces.len(), found.regions.len()), (2, 1));
        assert_eq!((found.regions[0].area, found.regions[0].class), (4.0, None));
    }
    // relu(x + ½) − 2 relu(x) + relu(x − ½), a tent: 0, up, down, and 0 again, which is a region of its own.
    let tent = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.5, 0.0, -0.5, 1.0, -2.0, 1.0, 0.0];
    let found = regions(&given(vec![linear(3), relu(), linear(1)], &tent), SQUARE, &Verdict::None);
    assert_eq!((found.pieces.len(), found.regions.len()), (4, 4));
    // A unit without an effect, y > 0, cuts all three regions of |x| ≤ ½'s two kinks in two.
    let idle = [1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.5, -0.5, 0.0, 1.0, 1.0, 0.0, 0.0];
    let found = regions(&given(vec![linear(3), relu(), linear(1)], &idle), SQUARE, &Verdict::Above(0.25));
    assert_eq!((found.pieces.len(), found.regions.len()), (6, 3));
    let areas: Vec<f64> = found.regions.iter().map(|r| r.area).collect();
    assert!(areas.iter().zip([1.0, 2.0, 1.0]).all(|(a, b)| (a - b).abs() < 1e-12), "{areas:?}");
    // The boundary x = −¼ runs through two patterns of one region: one straight piece.
    assert_eq!((found.segments.len(), found.straight_pieces()), (2, 1));
    let metrics: Vec<String> = found.metrics().0.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(metrics[..2], ["patterns", "regions"]);
}

#[test]
fn maps_that_differ_by_more_than_rounding_are_two_regions() {
    // Slopes of 1 and 1 + 2⁻²²: f32 tells them apart, and so do regions.
    let nearly = 1.0 + 2.0 * f32::EPSILON;
    let parameters = [1.0, -1.0, 0.0, 0.0, 0.0, 0.0, 1.0, -nearly, 0.0];
    let found = regions(&given(vec![linear(2), relu(), linear(1)], &parameters), SQUARE, &Verdict::None);
    assert_eq!((found.pieces.len(), found.regions.len()), (2, 2));
}
