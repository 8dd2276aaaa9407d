//! How bright the pictures of each class are.

use analysis::{Results, data::image_statistics::ImageStatistics};
use registry::{AnalysisRef, Config};
use rendering::{Axis, Bars, Figure, Panel, Rule, Series, palette};

use crate::{Column, Drawing, FigureError, FigureKind, Table, helpers::words};

/// How bright the pictures of each class are: the mean of their pixels, as bars.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassIntensity {
    /// An analysis of kind "image_statistics".
    #[schemars(extend("x-kinds" = ["image_statistics"]))]
    pub analysis: AnalysisRef,
    /// With the standard deviation of the pictures' means as whiskers. Default false.
    #[serde(default)]
    pub spread: bool,
}

impl Config for ClassIntensity {
    const KIND: &str = "class_intensity";
    const EXAMPLE: &str = "analysis = \"pixels\"";
}

impl FigureKind for ClassIntensity {
    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &ImageStatistics = results.outcome(&self.analysis)?;
        let mut series = Series::new("", found.classes.iter().map(|c| c.mean));
        if self.spread {
            series = series.spread(found.classes.iter().map(|c| c.deviation));
        }
        let by = |a: &f64, b: &f64| a.total_cmp(b);
        let extreme = |least: bool| {
            let mut best: Option<(&str, f64)> = None;
            for class in &found.classes {
                let better = best.is_none_or(|(_, mean)| match by(&class.mean, &mean) {
                    std::cmp::Ordering::Less => least,
                    std::cmp::Ordering::Greater => !least,
                    std::cmp::Ordering::Equal => false,
                });
                if better {
                    best = Some((&class.name, class.mean));
                }
            }
            best.map_or("", |(name, _)| name)
        };
        let title = match self.spread {
            true => format!("In {}, the ink varies within a class, too: mean and standard deviation", found.data),
            false => format!(
                "In {}, {} takes the most ink and {} the least",
                found.data,
                words::class(extreme(false)),
                words::class(extreme(true))
            ),
        };
        let whiskers = if self.spread {
            " Whiskers reach one standard deviation of the pictures' means to both sides."
        } else {
            ""
        };
        let panel = Panel::new(
            Axis::new("class").names(found.classes.iter().map(|c| c.name.clone())),
            Axis::new("mean pixel value"),
        )
        .mark(Bars::new([series])?)
        .mark(Rule::horizontal(found.mean).color(palette::INK).label("mean of all pictures"));
        let figure = Figure::new(id, title)
            .caption(format!(
                "The mean over all pixels of the training pictures of each class of {}.{whiskers} The line is the mean over all \
                 pictures, {:.4}.",
                found.data, found.mean
            ))
            .panel(panel);
        let column = |f: fn(&analysis::data::image_statistics::ClassStatistics) -> f64| {
            Column::Doubles(found.classes.iter().map(f).collect())
        };
        let table = Table::new("")
            .column("class", Column::Text(found.classes.iter().map(|c| c.name.clone()).collect()))
            .column("pictures", Column::Counts(found.classes.iter().map(|c| c.n as u64).collect()))
            .column("mean", column(|c| c.mean))
            .column("standard_deviation", column(|c| c.deviation));
        Ok(Drawing { figure, tables: vec![table], arrays: Vec::new() })
    }
}
