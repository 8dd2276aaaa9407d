//! The sources, one file each, and the list of them.

mod curve;
pub(crate) mod files;
mod formula;
mod known;
mod plane;
mod strokes;
pub(crate) mod table;

pub use files::Task;

use crate::Source;
use registry::Entry;

/// One line per source: module and config struct.
macro_rules! sources {
    ($($module:ident :: $config:ident,)*) => {
        $(pub mod $module;)*

        /// Every source, in the order `list` shows them.
        pub const REGISTRY: &[Entry<dyn Source>] = &[$(registry::entry!($module::$config => dyn Source),)*];
    };
}

sources! {
    sine::Sine,
    polynomial::Polynomial,
    expression::Expression,
    spiral::Spiral,
    moons::Moons,
    circles::Circles,
    gaussians::Gaussians,
    checkerboard::Checkerboard,
    xor::Xor,
    csv::Csv,
    npy::Npy,
    idx::IdxFiles,
    image_folder::ImageFolder,
    mnist::Mnist,
    fashion_mnist::FashionMnist,
    kmnist::Kmnist,
    glyphs::Glyphs,
}
