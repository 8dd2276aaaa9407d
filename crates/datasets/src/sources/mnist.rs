//! MNIST, from its four official files.

use crate::images::image_source;
use crate::sources::known::known_source;

image_source! {
    /// MNIST: 70,000 handwritten digits of 28 × 28 pixels, 60,000 of them to train on and 10,000 to test.
    ///
    /// `split` divides the 60,000 into training and validation splits and says how many of the 10,000 to test on:
    /// `{ train = 10000, validation = 2000, test = 1000 }`. Samples have shape 1×28×28 (channels × rows × columns), so that a
    /// model of vectors begins with "flatten". The files are looked for in the folder that UNFOLD_DATA names and in
    /// datasets/cache/mnist;
    /// `cargo xtask fetch mnist` downloads them, and so does the first run. Licence CC BY-SA 3.0.
    Mnist {}
}

known_source!(Mnist, "mnist");
