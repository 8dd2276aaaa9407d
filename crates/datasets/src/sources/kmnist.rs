//! Kuzushiji-MNIST, in MNIST's format.

use crate::images::image_source;
use crate::sources::known::known_source;

image_source! {
    /// Kuzushiji-MNIST: 70,000 cursive Japanese characters of 28 × 28 pixels in ten classes, 60,000 of them to train on and
    /// 10,000 to test.
    ///
    /// `split`, shapes and files as for `mnist`; `cargo xtask fetch kmnist` downloads them. Licence CC BY-SA 4.0.
    Kmnist {}
}

known_source!(Kmnist, "kmnist");
