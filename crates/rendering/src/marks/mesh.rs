//! A deformed grid of lines: the plane's mesh as a map folds it.

use crate::marks::{Extent, Mark};
use crate::svg::{Group, Style};
use crate::{Color, Plane, Point, RenderingError, Span, palette};

/// What decides the colour of a mesh line.
#[derive(Debug, Clone, PartialEq)]
pub enum MeshColors {
    /// Lines along rows in the first, lines along columns in the second.
    Families(Color, Color),
    /// Each piece of line in the colour of the vertex it starts from: classes, original places.
    Vertices(Vec<Color>),
}

/// `rows × columns` vertices, each joined with its neighbours in the same row and column.
#[derive(Debug, Clone, PartialEq)]
pub struct Mesh {
    rows: usize,
    columns: usize,
    vertices: Vec<Point>,
    colors: MeshColors,
    /// In drawing units; default 0.8.
    pub width: f64,
    /// 1 is opaque; default 0.85.
    pub opacity: f64,
}

impl Mesh {
    /// From vertices row by row, row lines blue and column lines orange.
    ///
    /// # Errors
    /// Another number of vertices than rows × columns.
    pub fn new(rows: usize, columns: usize, vertices: Vec<Point>) -> Result<Self, RenderingError> {
        if vertices.len() != rows * columns {
            return Err(RenderingError::MatrixLength { what: "mesh", rows, columns, found: vertices.len() });
        }
        let colors = MeshColors::Families(palette::class(0), palette::class(1));
        Ok(Self { rows, columns, vertices, colors, width: 0.8, opacity: 0.85 })
    }

    /// Coloured otherwise.
    ///
    /// # Errors
    /// Another number of vertex colours than vertices.
    pub fn colors(mut self, colors: MeshColors) -> Result<Self, RenderingError> {
        if let MeshColors::Vertices(list) = &colors
            && list.len() != self.vertices.len()
        {
            return Err(RenderingError::LengthMismatch {
                what: "mesh",
                left_name: "vertices",
                left: self.vertices.len(),
                right_name: "colours",
                right: list.len(),
            });
        }
        self.colors = colors;
        Ok(self)
    }

    builders! { width opacity }

    /// A mesh line, gaps left out, in pieces of one colour that overlap in a vertex.
    fn line(&self, plane: &Plane, indices: &[usize], family: usize) {
        let color = |i: usize| match &self.colors {
            MeshColors::Families(along_rows, along_columns) => [*along_rows, *along_columns][family],
            MeshColors::Vertices(colors) => colors[i],
        };
        for run in indices.split(|&i| !plane.holds(self.vertices[i])) {
            let mut start = 0;
            while start + 1 < run.len() {
                let piece = run[start..run.len() - 1].iter().take_while(|&&i| color(i) == color(run[start])).count();
                let points: Vec<Point> = run[start..=start + piece].iter().map(|&i| self.vertices[i]).collect();
                plane.path_in(&points, color(run[start]));
                start += piece;
            }
        }
    }
}

impl Mark for Mesh {
    fn name(&self) -> &'static str {
        "mesh"
    }

    fn extent(&self) -> Extent {
        Extent { x: Span::roomy(self.vertices.iter().map(|p| p.0)), y: Span::roomy(self.vertices.iter().map(|p| p.1)) }
    }

    fn draw(&self, plane: &Plane) {
        let style = |family: usize| {
            let color = match &self.colors {
                MeshColors::Families(along_rows, along_columns) => [*along_rows, *along_columns][family],
                MeshColors::Vertices(colors) => colors.first().copied().unwrap_or(palette::INK),
            };
            Group::styled(Style::stroked(color, self.width)).opacity(self.opacity).round()
        };
        plane.group(style(0), || {
            for row in 0..self.rows {
                let indices: Vec<usize> = (0..self.columns).map(|column| row * self.columns + column).collect();
                self.line(plane, &indices, 0);
            }
        });
        plane.group(style(1), || {
            for column in 0..self.columns {
                let indices: Vec<usize> = (0..self.rows).map(|row| row * self.columns + column).collect();
                self.line(plane, &indices, 1);
            }
        });
    }
}
