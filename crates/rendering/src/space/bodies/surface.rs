//! A surface z = f(x, y) over a grid, its cells coloured by height.

use super::{Body, Scenery};
use crate::space::Stage;
use crate::space::parts::{Face, Skin, inside};
use crate::{Color, ColorScale, Grid, Span, palette};

/// The cells of a grid as quadrilaterals; a cell with a corner that is not finite is a hole.
#[derive(Debug, Clone, PartialEq)]
pub struct Surface {
    grid: Grid,
    /// Height to colour: give the panel or the figure a colour bar for it.
    pub scale: ColorScale,
    /// Colour and width of the lines between cells; default a thin grey, none above 10,000 cells.
    pub edge: Option<(Color, f64)>,
    /// 1 is opaque, the default.
    pub opacity: f64,
}

/// More cells than this get thinner lines between them.
const SOME: usize = 1000;
/// More cells than this are too small for lines between them.
const MANY: usize = 10_000;
const EDGE: Color = Color::hex(0x4a4a4a);

impl Surface {
    /// Heights on a grid, coloured by a scale.
    pub fn new(grid: Grid, scale: ColorScale) -> Self {
        let cells = (grid.rows() - 1) * (grid.columns() - 1);
        let edge = (cells <= MANY).then_some((EDGE, if cells <= SOME { 0.35 } else { 0.16 }));
        Self { grid, scale, edge, opacity: 1.0 }
    }

    /// With lines between the cells.
    pub fn edge(mut self, color: Color, width: f64) -> Self {
        self.edge = Some((color, width));
        self
    }

    /// Translucent: 0 is invisible, 1 opaque.
    pub fn opacity(mut self, opacity: f64) -> Self {
        self.opacity = opacity;
        self
    }
}

impl Body for Surface {
    fn extent(&self) -> [Span; 3] {
        let ((x0, x1), (y0, y1)) = (self.grid.x(), self.grid.y());
        [Span::tight([x0, x1]), Span::tight([y0, y1]), Span::tight(self.grid.values().iter().copied())]
    }

    fn build(&self, stage: &Stage, parts: &mut Scenery<'_>) {
        let grid = &self.grid;
        let nodes = Grid::nodes(grid.x(), grid.y(), grid.rows(), grid.columns());
        let skin = Skin { edge: self.edge, opacity: self.opacity };
        for row in 0..grid.rows() - 1 {
            for column in 0..grid.columns() - 1 {
                let around = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)];
                let corner = |&(r, c): &(usize, usize)| {
                    let (x, y) = nodes[r * grid.columns() + c];
                    stage.place((x, y, grid.at(r, c)))
                };
                let Some(corners) = around.iter().map(corner).collect::<Option<Vec<_>>>() else { continue };
                let corners = inside(corners, stage.half);
                if corners.len() >= 3 {
                    let height = around.iter().map(|&(r, c)| grid.at(r, c)).sum::<f64>() / 4.0;
                    let fill = if height.is_finite() { self.scale.color(height) } else { palette::MISSING };
                    parts.0.faces.push(Face { corners, fill, skin });
                }
            }
        }
    }
}
