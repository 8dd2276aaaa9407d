//! Random numbers: one named ChaCha stream per purpose, the same everywhere and for ever.
//!
//! A stream's 256-bit key is derived from the seed, the stage's name and the [`Purpose`], so that adding a stage, or drawing more
//! numbers for one purpose, moves no other numbers. Everything above the raw ChaCha words (uniform, normal, below, shuffle) is
//! written here, so that no library's next version can change it; tests pin the first values of each.
//!
//! Sources: Bernstein, *ChaCha, a variant of Salsa20* (2008), 8 rounds; Box and Muller, *A note on the generation of random
//! normal deviates* (1958); Lemire, *Fast random integer generation in an interval* (2019), section 4.

use crate::math;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// What random numbers are for. Each purpose of a stage has a stream of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Initial weights.
    Init,
    /// The order of the samples in an epoch.
    Shuffle,
    /// Noise on data.
    Noise,
    /// Units left out of a step.
    Dropout,
    /// Layouts such as t-SNE's and UMAP's.
    Embedding,
    /// Training, validation and test.
    Split,
    /// Any other choice of samples.
    Sample,
    /// Labels that are replaced by other ones.
    LabelNoise,
    /// Labels drawn without looking at the samples.
    RandomLabels,
    /// Where pictures are moved to while a model trains.
    Augment,
}

impl Purpose {
    /// Part of the key: never change one.
    fn name(self) -> &'static str {
        match self {
            Purpose::Init => "init",
            Purpose::Shuffle => "shuffle",
            Purpose::Noise => "noise",
            Purpose::Dropout => "dropout",
            Purpose::Embedding => "embedding",
            Purpose::Split => "split",
            Purpose::Sample => "sample",
            Purpose::LabelNoise => "label noise",
            Purpose::RandomLabels => "random labels",
            Purpose::Augment => "augment",
        }
    }
}

/// All streams of one seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streams {
    seed: u64,
    /// Purposes whose streams are other ones, and how many times they have been drawn anew.
    redrawn: (&'static [Purpose], u64),
}

impl Streams {
    /// The streams of `seed`.
    pub fn new(seed: u64) -> Self {
        Streams { seed, redrawn: (&[], 0) }
    }

    /// The same streams, but for these purposes: theirs are other ones for each `round`, from 1 on. Round 0 is as it was.
    pub fn redrawn(self, purposes: &'static [Purpose], round: u64) -> Self {
        Streams { redrawn: (purposes, round), ..self }
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The stream of `stage` (such as `train.deep`) for `purpose`, from its start.
    pub fn stream(&self, stage: &str, purpose: Purpose) -> Stream {
        let again = match self.redrawn {
            (purposes, round) if round > 0 && purposes.contains(&purpose) => format!("\0{round}"),
            _ => String::new(),
        };
        let mut key = [0; 32];
        for (word, bytes) in key.chunks_exact_mut(8).enumerate() {
            let text = purpose.name().bytes().chain([0]).chain(stage.bytes()).chain(again.bytes());
            let hash = fnv1a(self.seed.to_le_bytes().into_iter().chain([word as u8]).chain(text));
            bytes.copy_from_slice(&finish(hash).to_le_bytes());
        }
        Stream { rng: ChaCha8Rng::from_seed(key) }
    }
}

/// FNV-1a, 64 bits.
fn fnv1a(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The finisher of SplitMix64: spreads every input bit over every output bit.
fn finish(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub struct Stream {
    rng: ChaCha8Rng,
}

impl Stream {
    /// A stream of its own, whose key is the next 256 bits of this one.
    pub fn fork(&mut self) -> Stream {
        let mut key = [0; 32];
        for bytes in key.chunks_exact_mut(8) {
            bytes.copy_from_slice(&self.next_u64().to_le_bytes());
        }
        Stream { rng: ChaCha8Rng::from_seed(key) }
    }

    /// How many 32-bit words have been drawn.
    pub fn position(&self) -> u64 {
        // Nobody draws 2⁶⁴ words.
        self.rng.get_word_pos() as u64
    }

    /// Goes on as if so many 32-bit words had been drawn from the start.
    pub fn seek(&mut self, position: u64) {
        self.rng.set_word_pos(position.into());
    }

    /// 32 random bits.
    pub fn next_u32(&mut self) -> u32 {
        self.rng.next_u32()
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.rng.next_u64()
    }

    /// Uniform on [0, 1), a multiple of 2⁻²⁴; one 32-bit draw.
    pub fn uniform_f32(&mut self) -> f32 {
        const UNIT: f32 = 1.0 / (1u32 << 24) as f32;
        (self.next_u32() >> 8) as f32 * UNIT
    }

    /// Uniform on [0, 1), a multiple of 2⁻⁵³; one 64-bit draw.
    pub fn uniform_f64(&mut self) -> f64 {
        const UNIT: f64 = 1.0 / (1u64 << 53) as f64;
        (self.next_u64() >> 11) as f64 * UNIT
    }

    /// Uniform on [lo, hi); one 64-bit draw.
    pub fn uniform_in(&mut self, lo: f64, hi: f64) -> f64 {
        lo + (hi - lo) * self.uniform_f64()
    }

    /// Standard normal by Box and Muller: √(−2 ln u₁) · cos 2πu₂, always two 64-bit draws. |z| ≤ 8.6, since u₁ ≥ 2⁻⁵³.
    pub fn normal(&mut self) -> f64 {
        // 1 − u lies in (0, 1], so that the logarithm is finite.
        let radius = (-2.0 * math::f64::ln(1.0 - self.uniform_f64())).sqrt();
        radius * math::f64::cos(std::f64::consts::TAU * self.uniform_f64())
    }

    /// Uniform on 0..n, without bias (Lemire's multiplication with rejection).
    ///
    /// # Panics
    /// If `n` is 0: there is nothing to choose from.
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "below: there is no number below 0");
        let n = n as u64;
        // The low half must not fall into the first 2⁶⁴ mod n values, or the high half would favour some results.
        let reject = n.wrapping_neg() % n;
        loop {
            let wide = u128::from(self.next_u64()) * u128::from(n);
            if wide as u64 >= reject {
                return (wide >> 64) as usize;
            }
        }
    }

    /// Shuffles in place (Fisher and Yates, from the last element down).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }

    /// A random order of 0..n.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<_> = (0..n).collect();
        self.shuffle(&mut order);
        order
    }

    /// Fills `order` with a random order of 0..len: [`Stream::permutation`] without allocation, the same draws.
    pub fn fill_permutation(&mut self, order: &mut [u32]) {
        for (i, o) in order.iter_mut().enumerate() {
            *o = i as u32;
        }
        self.shuffle(order);
    }
}
