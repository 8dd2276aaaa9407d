//! Several maps of one size side by side as one mark: a picture, or cells with their numbers where these fit.

use rendering::{Color, ColorScale, Heatmap, Image, palette};

use crate::{FigureError, helpers::together::Together};

/// Maps of one size in rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sheet {
    /// Height and width of a map.
    pub size: [usize; 2],
    /// Maps side by side.
    pub across: usize,
    /// How many maps.
    pub maps: usize,
}

/// Sheets of more cells side by side than these are pictures: no number fits.
const MOST_CELLS: usize = 24;

impl Sheet {
    /// Rows and columns of the whole, with a gap between two maps.
    pub fn cells(self) -> [usize; 2] {
        let [h, w] = self.size;
        let down = self.maps.div_ceil(self.across.max(1)).max(1);
        [down * (h + 1) - 1, self.across * (w + 1) - 1]
    }

    /// Which map a cell is of, and its place in it, row by row; none of a gap.
    fn at(self, row: usize, column: usize) -> Option<(usize, usize)> {
        let [h, w] = self.size;
        let (down, i) = (row / (h + 1), row % (h + 1));
        let (across, j) = (column / (w + 1), column % (w + 1));
        let map = down * self.across + across;
        (i < h && j < w && map < self.maps).then_some((map, i * w + j))
    }

    /// Draws it; `value` gives the number of a map at a place.
    pub fn mark(self, scale: ColorScale, value: impl Fn(usize, usize) -> f64) -> Result<Together, FigureError> {
        let [rows, columns] = self.cells();
        let places = || (0..rows).flat_map(move |i| (0..columns).map(move |j| (i, j)));
        if columns <= MOST_CELLS {
            let values = places().map(|(i, j)| self.at(i, j).map_or(f64::NAN, |(map, at)| value(map, at)));
            return Ok(Together::default().mark(Heatmap::new(rows, columns, values.collect(), scale)?.numbers(1)));
        }
        let color = |(i, j)| self.at(i, j).map_or(palette::PAPER, |(map, at)| scale.color(value(map, at)));
        let pixels: Vec<Color> = places().map(color).collect();
        Ok(Together::default().mark(Image::from_colors(rows, columns, pixels)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rendering::{Figure, Panel};

    #[test]
    fn maps_lie_side_by_side_with_gaps() {
        let sheet = Sheet { size: [2, 3], across: 2, maps: 3 };
        assert_eq!(sheet.cells(), [5, 7]);
        assert_eq!((sheet.at(0, 0), sheet.at(1, 6), sheet.at(3, 1)), (Some((0, 0)), Some((1, 5)), Some((2, 1))));
        assert_eq!((sheet.at(0, 3), sheet.at(2, 0), sheet.at(3, 4)), (None, None, None));
        let drawn = |size: [usize; 2]| {
            let mark = Sheet { size, across: 2, maps: 2 }.mark(ColorScale::signed(1.0), |map, _| map as f64 - 0.5);
            Figure::new("f", "t").panel(Panel::picture().mark(mark.expect("a sheet"))).to_svg().expect("a figure")
        };
        assert!(drawn([2, 2]).contains(">−0.5<"));
        assert!(drawn([20, 20]).contains("<image"));
    }
}
