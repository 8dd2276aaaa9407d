//! Units as cards: what excites each, what it looks for, and what it is needed for.

use analysis::{
    Planned, Results,
    units::unit_cards::{Card, UnitCards as Found},
};
use ndarray::Array2;
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, Bars, Color, ColorBar, ColorScale, Figure, Panel, Series, palette, text};

use crate::{
    Column, Drawing, FigureError, FigureKind, Table,
    helpers::{input_map, names, words},
};

/// A row per unit, the unit without which most accuracy is lost first: the samples that excite it most, what it looks for in
/// them, its mean for each class, and the accuracy that each class loses without it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitCards {
    /// An analysis of kind "unit_cards".
    #[schemars(extend("x-kinds" = ["unit_cards"]))]
    pub analysis: AnalysisRef,
}

impl Config for UnitCards {
    const KIND: &str = "unit_cards";
    const EXAMPLE: &str = "analysis = \"cards\"";
}

impl FigureKind for UnitCards {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        input_map::check(&self.analysis, planned, problems);
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let pictures = input_map::is_picture(&found.shape);
        let samples = words::samples(found.n, found.split);
        let constant = match found.constant.len() {
            0 => String::new(),
            n => {
                format!(" {} the same for every sample and have no card.", words::count(n, "unit gives", "units give"))
            }
        };
        let shown = found.cards.first().map_or(0, |card| card.top.len());
        let mut figure = Figure::new(id, headline(found))
            .subtitle(format!("{}, {samples}; the unit that costs most to lose is on top", found.model))
            .caption(format!(
                "{} of the {} of {}, those without which {} loses most accuracy over {samples}, each set to 0 by itself. Strongest \
                 inputs: the {shown} samples with the unit's largest values. Looks for: the mean gradient of the unit's value with respect \
                 to the input over these samples; red raises the unit, blue lowers it, each map on the scale of its own largest \
                 magnitude. Mean: what the unit gives on average for each class. Lost: percentage points of accuracy that each class \
                 loses without the unit.{constant}{}",
                words::count(found.cards.len(), "unit", "units"),
                words::count(found.units, "unit", "units"),
                found.node,
                found.model,
                words::without_samples(&found.absent, found.split),
            ))
            .columns(4)
            .column_titles(["strongest inputs", "looks for", "mean by class", "lost without it (%)"])
            .row_titles(found.cards.iter().map(|card| row_title(found, card)));
        let most = |of: &dyn Fn(&Card) -> Vec<f64>| {
            let all = found.cards.iter().flat_map(of).filter(|v| v.is_finite());
            all.fold((0.0_f64, 0.0_f64), |(lo, hi), v| (lo.min(v), hi.max(v)))
        };
        let (means, losses) = (most(&|card| card.means.clone()), most(&|card| lost(found, card)));
        for card in &found.cards {
            let bars = |values: Vec<f64>, (lo, hi): (f64, f64), color: Color| -> Result<Panel, FigureError> {
                let bars = Bars::new([Series::new("", values).color(color)])?;
                let panel =
                    Panel::new(Axis::new("").names(found.classes.clone()), Axis::new("").range(lo, hi.max(1e-9)));
                Ok(panel.ratio(1.0).mark(bars))
            };
            figure = figure
                .panel(strongest(found, card, pictures)?)
                .panel(template(found, card)?)
                .panel(bars(card.means.clone(), means, palette::PLAIN)?)
                .panel(bars(lost(found, card), losses, palette::LOST)?);
        }
        if pictures {
            figure = figure.color_bar(ColorBar::new("share of the map's largest magnitude", ColorScale::signed(1.0)));
        }
        Ok(Drawing { figure, tables: vec![table(found)], arrays: Vec::new() })
    }
}

/// What is lost of each class, in percentage points.
fn lost(found: &Found, card: &Card) -> Vec<f64> {
    let lost = |(with, without): (&f64, &f64)| 100.0 * (with - without);
    found.accuracy.1.iter().zip(&card.class_accuracy).map(lost).collect()
}

/// The unit that costs most, and which class loses most by it.
fn headline(found: &Found) -> String {
    let Some(card) = found.cards.first() else {
        return format!("Every unit of {} gives the same for all samples", found.node);
    };
    let unit = names::unit(&found.node, card.unit);
    match found.worst_class(card) {
        Some(class) if found.damage(card) > 0.0 => format!(
            "{} costs most to lose: {} falls from {} to {}",
            words::sentence(&unit),
            words::class(&found.classes[class]),
            words::percent(found.accuracy.1[class]),
            words::percent(card.class_accuracy[class])
        ),
        _ => format!("No unit of {} is needed: without any one, accuracy does not fall", found.node),
    }
}

/// "Unit 15: 20.3 points of accuracy".
fn row_title(found: &Found, card: &Card) -> String {
    let points = 100.0 * found.damage(card);
    format!(
        "Unit {}: accuracy {} without it ({} points)",
        card.unit,
        words::percent(card.accuracy),
        text::fixed(-points, 1)
    )
}

/// The strongest samples side by side; of samples that are no pictures, their mean.
fn strongest(found: &Found, card: &Card, pictures: bool) -> Result<Panel, FigureError> {
    let ink = ColorScale::gray(0.0, f64::from(card.x.iter().copied().fold(f32::MIN_POSITIVE, f32::max)));
    let [height, width] = match found.shape[..] {
        [.., height, width] if pictures => [height, width],
        _ => {
            let mean =
                card.x.columns().into_iter().map(|c| c.iter().map(|v| f64::from(*v)).sum::<f64>() / c.len() as f64);
            return input_map::panel(&mean.collect::<Vec<_>>(), &found.shape, &found.features, ink);
        }
    };
    let side = (card.x.nrows() as f64).sqrt().ceil() as usize;
    let mut sheet = Array2::<f64>::zeros((height * card.x.nrows().div_ceil(side), width * side));
    for (i, row) in card.x.rows().into_iter().enumerate() {
        for (j, v) in row.iter().enumerate() {
            // Channels are added up.
            let (y, x) = (j / width % height, j % width);
            sheet[[i / side * height + y, i % side * width + x]] += f64::from(*v);
        }
    }
    let (rows, columns) = sheet.dim();
    input_map::panel(&sheet.into_iter().collect::<Vec<_>>(), &[rows, columns], &[], ink)
}

/// What the unit looks for, on the scale of its own largest magnitude.
fn template(found: &Found, card: &Card) -> Result<Panel, FigureError> {
    let largest = card.template.iter().fold(f32::MIN_POSITIVE, |m, v| m.max(v.abs()));
    let map: Vec<f64> = card.template.iter().map(|v| f64::from(v / largest)).collect();
    input_map::panel(&map, &found.shape, &found.features, ColorScale::signed(1.0))
}

/// A row per unit and class.
fn table(found: &Found) -> Table {
    let rows = || found.cards.iter().flat_map(|card| (0..found.classes.len()).map(move |class| (card, class)));
    Table::new("")
        .column("unit", Column::Counts(rows().map(|(card, _)| card.unit as u64).collect()))
        .column("class", Column::Text(rows().map(|(_, class)| found.classes[class].clone()).collect()))
        .column("mean", Column::Doubles(rows().map(|(card, class)| card.means[class]).collect()))
        .column("accuracy", Column::Doubles(rows().map(|(_, class)| found.accuracy.1[class]).collect()))
        .column("accuracy.without", Column::Doubles(rows().map(|(card, class)| card.class_accuracy[class]).collect()))
}
