//! Fashion-MNIST, in MNIST's format.

use crate::images::image_source;
use crate::sources::known::known_source;

image_source! {
    /// Fashion-MNIST: 70,000 pictures of clothes of 28 × 28 pixels in ten classes, 60,000 of them to train on and 10,000 to test.
    ///
    /// `split`, shapes and files as for `mnist`; `cargo xtask fetch fashion-mnist` downloads them. Licence MIT.
    FashionMnist {}
}

known_source!(FashionMnist, "fashion_mnist");
