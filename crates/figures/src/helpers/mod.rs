//! What several figures share: words, moving pictures, tables of numbers, small pieces of scenes.

pub(crate) mod class_lines;
pub(crate) mod colours;
pub(crate) mod drawing;
pub(crate) mod frames;
pub(crate) mod halves;
pub(crate) mod input_map;
pub(crate) mod names;
pub(crate) mod nodes;
pub(crate) mod seats;
pub(crate) mod sheet;
pub(crate) mod small_matrix;
pub(crate) mod together;
pub(crate) mod turn;
pub(crate) mod words;
