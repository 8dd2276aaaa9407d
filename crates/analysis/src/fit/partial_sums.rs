//! How a sum of bent lines comes about: its neurons ordered by how much they contribute, and the sum of the first of them.
//!
//! A neuron's size is the mean absolute value of its contribution over the training samples. The sum of the n largest is
//! b_out + Σ of their contributions; with all of them it is the network.

use super::basis::Basis;
use crate::statistics::order::descending;

impl Basis {
    /// The mean absolute contribution of each neuron over the samples, neurons as in [`Basis::neurons`].
    pub fn sizes(&self) -> Vec<f64> {
        let n = self.x.len().max(1) as f64;
        self.contributions.columns().into_iter().map(|c| c.iter().map(|v| v.abs()).sum::<f64>() / n).collect()
    }

    /// The places of the neurons in [`Basis::neurons`], the largest first; of equal ones that of the smaller kink first.
    pub fn by_size(&self) -> Vec<usize> {
        let sizes = self.sizes();
        let mut order: Vec<usize> = (0..sizes.len()).collect();
        order.sort_by(|&i, &j| descending(sizes[i], sizes[j]).then(i.cmp(&j)));
        order
    }

    /// What the samples are compared with: their values without noise where these are known, or else their targets.
    pub fn wanted(&self) -> &[f64] {
        if self.truth.is_empty() { &self.targets } else { &self.truth }
    }

    /// The sum of the `n` largest contributions and b_out at each sample, for n from 0 to all of them.
    pub fn partial_sums(&self) -> Vec<Vec<f64>> {
        let mut sums = vec![vec![f64::from(self.net.b_out); self.x.len()]];
        for neuron in self.by_size() {
            let before = &sums[sums.len() - 1];
            let added = before.iter().zip(self.contributions.column(neuron)).map(|(sum, c)| sum + c).collect();
            sums.push(added);
        }
        sums
    }

    /// The mean squared error of each of these sums against [`Basis::wanted`]; none where nothing is wanted.
    pub fn partial_errors(&self) -> Vec<f64> {
        let wanted = self.wanted();
        let error =
            |sum: Vec<f64>| sum.iter().zip(wanted).map(|(a, b)| (a - b) * (a - b)).sum::<f64>() / wanted.len() as f64;
        if wanted.is_empty() { Vec::new() } else { self.partial_sums().into_iter().map(error).collect() }
    }

    /// By how much the network is above what is wanted at each sample; none where nothing is wanted.
    pub fn residuals(&self) -> Vec<f64> {
        self.sum.iter().zip(self.wanted()).map(|(sum, wanted)| sum - wanted).collect()
    }
}
