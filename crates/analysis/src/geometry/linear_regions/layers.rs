//! How the plane is cut layer by layer: each unit of an activation layer cuts it along a line that the layers before have bent.
//!
//! A piece of the plane belongs to one pattern of units that are on. Pieces whose patterns agree up to a layer were one piece
//! before the later layers cut it, and a side between two pieces was cut by the first unit in which their patterns differ.

use std::collections::BTreeSet;

use super::{
    LinearRegions,
    boundary::{Segment, lines},
};

impl LinearRegions {
    /// How many pieces, of one activation pattern each, the plane has after each activation layer; the last number is that of all
    /// patterns.
    pub fn patterns_by_layer(&self) -> Vec<usize> {
        let ends = self.activations.iter().scan(0, |words, units| {
            *words += units.div_ceil(64);
            Some(*words)
        });
        let count =
            |words: usize| self.pieces.iter().map(|piece| &piece.pattern.0[..words]).collect::<BTreeSet<_>>().len();
        ends.map(count).collect()
    }

    /// For each activation layer the lines along which its units cut the plane, each as corners end to end.
    pub fn cuts(&self) -> Vec<Vec<Vec<u32>>> {
        let mut sides: Vec<(u32, u32, usize)> = Vec::new();
        for (i, piece) in self.pieces.iter().enumerate() {
            let ends = piece.corners.iter().zip(piece.corners.iter().cycle().skip(1));
            sides.extend(ends.map(|(a, b)| (*a.min(b), *a.max(b), i)));
        }
        sides.sort_unstable();
        let cut = |pair: &[(u32, u32, usize)]| {
            let [(from, to, one), (a, b, other)] = pair else { return None };
            let patterns = [one, other].map(|i| &self.pieces[*i].pattern);
            let unit = patterns[0].difference(patterns[1], &self.activations);
            let (layer, unit) = unit.first().filter(|_| (from, to) == (a, b))?;
            Some(Segment { from: *from, to: *to, classes: [*layer, *unit], pieces: [*one, *other] })
        };
        let segments: Vec<Segment> = sides.windows(2).filter_map(cut).collect();
        let mut cuts = vec![Vec::new(); self.activations.len()];
        for ([layer, _], line) in lines(&segments) {
            cuts[layer].push(line);
        }
        cuts
    }
}

#[cfg(test)]
mod tests {
    use crate::geometry::{
        decision::Window,
        linear_regions::{LinearRegions, Verdict, linear_regions},
    };
    use models::{
        Head, Layer, Model,
        layers::{Linear, Relu},
    };
    use tensor::random::{Purpose, Streams};

    /// The regions on [−1, 1]² of a net with these parameters: two units, one unit on top of them, one output.
    fn found(parameters: &[f32]) -> LinearRegions {
        let layers: Vec<Layer> =
            vec![Linear::new(2).into(), Relu {}.into(), Linear::new(1).into(), Relu {}.into(), Linear::new(1).into()];
        let mut rng = Streams::new(1).stream("m", Purpose::Init);
        let mut model = Model::new(layers, &[2], Head::Logits, &mut rng).expect("a model");
        model.parameters.values_mut().copy_from_slice(parameters);
        linear_regions(&model, "m", Window { x: [-1.0, 1.0], y: [-1.0, 1.0] }, &Verdict::None).expect("regions")
    }

    #[test]
    fn two_axes_make_four_quadrants_and_the_second_layer_cuts_three_of_them() {
        // ReLU(x), ReLU(y), and ReLU of their sum minus a half: from (0, 0.5) to (0.5, 0) in the first quadrant, from there on
        // level to the left, where x counts as 0, and straight down, where y does.
        let found = found(&[1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, -0.5, 1.0, 0.0]);
        assert_eq!(found.patterns_by_layer(), [4, 7]);
        let cuts = found.cuts();
        assert_eq!(cuts.len(), 2);
        let places = |line: &[u32]| {
            let mut ends = [found.points[line[0] as usize], found.points[line[line.len() - 1] as usize]];
            ends.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
            ends
        };
        // Each axis from side to side.
        let mut axes: Vec<_> = cuts[0].iter().map(|line| places(line)).collect();
        axes.sort_by(|a, b| a[0][0].total_cmp(&b[0][0]));
        assert_eq!(axes, [[[-1.0, 0.0], [1.0, 0.0]], [[0.0, -1.0], [0.0, 1.0]]]);
        // The bent line, in one piece of four corners.
        assert_eq!(cuts[1].len(), 1);
        assert_eq!((places(&cuts[1][0]), cuts[1][0].len()), ([[-1.0, 0.5], [0.5, -1.0]], 4));
    }
}
