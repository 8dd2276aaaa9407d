//! How often each brightness occurs.

use analysis::{Results, data::image_statistics::ImageStatistics};
use registry::{AnalysisRef, Config};
use rendering::{Axis, Bars, Figure, Panel, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// How often each brightness occurs among the pixels of pictures: of the first ones together, or of every class by itself.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PixelHistogram {
    /// An analysis of kind "image_statistics".
    #[schemars(extend("x-kinds" = ["image_statistics"]))]
    pub analysis: AnalysisRef,
    /// A panel for each class, over all its pictures, rather than one over the first pictures. Default false.
    #[serde(default)]
    pub by_class: bool,
}

impl Config for PixelHistogram {
    const KIND: &str = "pixel_histogram";
    const EXAMPLE: &str = "analysis = \"pixels\"";
}

impl FigureKind for PixelHistogram {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &ImageStatistics = results.outcome(&self.analysis)?;
        let mut histograms: Vec<(String, &[u64])> = vec![(String::new(), &found.histogram)];
        if self.by_class {
            histograms = found.classes.iter().map(|c| (words::class(&c.name), c.histogram.as_slice())).collect();
        }
        let shares: Vec<Vec<f64>> = histograms.iter().map(|(_, counts)| shares(counts)).collect();
        let least = shares.iter().flatten().copied().filter(|&s| s > 0.0).fold(1.0, f64::min);
        let edges = &found.edges;
        let range = (edges[0], edges[edges.len() - 1]);
        let lowest = shares.iter().map(|s| s[0]).sum::<f64>() / shares.len().max(1) as f64;
        let (title, what) = match self.by_class {
            true => (
                format!("How often each pixel value occurs in {}, class by class", found.data),
                format!("the pixels of all {} training pictures", words::thousands(found.n)),
            ),
            false => (
                format!(
                    "{} of the pixels in the first {} pictures of {} are blank",
                    words::percent(lowest),
                    words::thousands(found.counted),
                    found.data
                ),
                format!("the pixels of the first {} training pictures", words::thousands(found.counted)),
            ),
        };
        let mut figure = Figure::new(id, title).caption(format!(
            "How often each pixel value occurs among {what} of {}, in {} bins of equal width: the lowest is paper (blank), the highest ink. The axis of shares is logarithmic.",
            found.data,
            edges.len() - 1
        ));
        if self.by_class {
            figure = figure.columns(2).share_x().share_y();
        }
        for ((name, _), shares) in histograms.iter().zip(&shares) {
            let mut panel = Panel::new(
                Axis::new("pixel value").range(range.0, range.1),
                Axis::new("share of pixels").log().range(least / 2.0, 1.0),
            )
            .title(name.clone())
            .mark(Bars::histogram(edges, shares, palette::PLAIN)?);
            if self.by_class {
                panel = panel.ratio(0.5);
            }
            figure = figure.panel(panel);
        }
        let bins = edges.len() - 1;
        let mut table = Table::new("")
            .column("from", Column::Doubles(edges[..bins].to_vec()))
            .column("to", Column::Doubles(edges[1..].to_vec()));
        for (name, counts) in &histograms {
            let head = if name.is_empty() { "pixels" } else { name };
            table = table.column(head, Column::Counts(counts.to_vec()));
        }
        Ok(Drawing { figure, tables: vec![table], arrays: Vec::new() })
    }
}

/// Counts as shares of their sum.
fn shares(counts: &[u64]) -> Vec<f64> {
    let sum = counts.iter().sum::<u64>().max(1) as f64;
    counts.iter().map(|&n| n as f64 / sum).collect()
}
