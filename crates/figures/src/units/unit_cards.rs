//! Units as cards: what excites each, what it looks for, and what it is needed for.

use analysis::{
    Planned, Results,
    inputs::unit_maps::UnitMaps as Maximal,
    select::order::Order,
    units::unit_cards::{Card, UnitCards as Found},
};
use ndarray::{Array2, s};
use registry::{AnalysisRef, Config, Problems};
use rendering::{Axis, Bars, Color, ColorBar, ColorScale, Figure, Image, Line, Panel, Series, palette, text};

use crate::{
    Column, Drawing, FigureError, FigureKind, Table,
    helpers::{input_map, names, words},
};

/// A row per unit, the unit without which most accuracy is lost first unless its analysis orders them by their numbers: the
/// samples that excite it most, what it looks for in them, its mean for each class, and the accuracy that each class loses
/// without it.
///
/// Of a channel the patches are shown that excite it most, and where in their images they lie in place of what it looks for.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitCards {
    /// An analysis of kind "unit_cards".
    #[schemars(extend("x-kinds" = ["unit_cards"]))]
    pub analysis: AnalysisRef,
    /// An analysis of kind "maximal_input" of the same layer, whose inputs are shown beside the cards; before the activation no
    /// unit is silent. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kinds" = ["maximal_input"]))]
    pub maximal: Option<AnalysisRef>,
}

impl Config for UnitCards {
    const KIND: &str = "unit_cards";
    const EXAMPLE: &str = "analysis = \"cards\"";
}

/// What the first two columns show, and how the caption goes on: of units that look at a whole sample …
const SAMPLES: [&str; 3] = [
    "strongest inputs",
    "looks for",
    "samples with the unit's largest values. Looks for: the mean gradient of the unit's value with respect to the input over these \
     samples; red raises the unit, blue lowers it, each map on the scale of its own largest magnitude.",
];
/// … and of channels.
const PATCHES: [&str; 3] = [
    "strongest patches",
    "in their images",
    "patches of different samples at which the channel is largest: all that the channel sees at that place. In their images: where \
     they lie.",
];
/// The caption on inputs that were found by ascent, of units and of channels.
const MAXIMAL: [&str; 2] = ["the input that excites it most", "the patch that excites it most at one place"];
const FOUND: &str =
    "as far as gradient ascent finds it; above it the value it reaches and, in parentheses, the largest in the data.";
/// From one picture on a sheet to the next, in pictures.
const GAP: f64 = 1.12;

impl FigureKind for UnitCards {
    fn check_against(&self, planned: &Planned, problems: &mut Problems) {
        input_map::check(&self.analysis, planned, problems);
        let Some(maximal) = &self.maximal else { return };
        // Before the activation a unit has a gradient where behind it it is silent: any node of a layer is fine.
        let of = |analysis: &AnalysisRef| {
            let node = planned.offer_of(analysis).nodes.and_then(|nodes| nodes.into_iter().next())?;
            let block = node.split('.').next().unwrap_or(&node).to_owned();
            Some(format!("{block} of {}", planned.models_of(analysis).first()?.0))
        };
        // Where an analysis has mistakes of its own, nothing is known of it.
        let Some((own, other)) = of(&self.analysis).zip(of(maximal)) else { return };
        problems.require(own == other, "maximal", || {
            format!("expected inputs for units of {own}, and {} has those of {other}", maximal.0)
        });
    }

    fn draw(&self, id: &str, results: &Results) -> Result<Drawing, FigureError> {
        let found: &Found = results.outcome(&self.analysis)?;
        let pictures = input_map::is_picture(&found.shape);
        let samples = words::samples(found.n, found.split);
        let shown = found.cards.first().map_or(0, |card| card.top.len());
        let channels = found.cards.iter().any(|card| !card.patches.is_empty());
        let maximal: Option<&Maximal> = self.maximal.as_ref().map(|name| results.outcome(name)).transpose()?;
        let [first, second, explained] = if channels { PATCHES } else { SAMPLES };
        let unit = if channels { "channel" } else { "unit" };
        let constant = match found.constant.len() {
            0 => String::new(),
            1 => format!(" 1 {unit} gives the same for every sample and has no card."),
            n => format!(" {n} {unit}s give the same for every sample and have no card."),
        };
        let drawn = |maximal: &Maximal| format!(" Drawn for it: {}, {FOUND}", MAXIMAL[usize::from(maximal.one_place)]);
        let drawn = maximal.map_or(String::new(), drawn);
        let heads = [first, second].into_iter().chain(maximal.map(|_| "drawn for it"));
        let heads: Vec<&str> = heads.chain(["mean by class", "lost without it (%)"]).collect();
        let mut figure = Figure::new(id, headline(found))
            .subtitle(match found.order {
                Order::Damage => format!("{}, {samples}; the {unit} that costs most to lose is on top", found.model),
                Order::Index => format!("{}, {samples}; the {unit}s that cost most to lose, by their numbers", found.model),
            })
            .caption(format!(
                "{} of the {} of {}, those without which {} loses most accuracy over {samples}, each set to 0 by itself. {} {shown} \
                 {explained}{drawn} Mean: what the {unit} gives on average for each class. Lost: percentage points of accuracy that each \
                 class loses without the {unit}.{constant}{}",
                words::count(found.cards.len(), unit, &format!("{unit}s")),
                words::count(found.units, unit, &format!("{unit}s")),
                found.node,
                found.model,
                words::sentence(first) + ": the",
                words::without_samples(&found.absent, found.split),
            ))
            .columns(heads.len())
            .column_titles(heads)
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
            figure = match channels {
                true => figure.panel(patches(found, card)?).panel(marked(found, card)?),
                false => figure.panel(strongest(found, card, pictures)?).panel(template(found, card)?),
            };
            if let Some(maximal) = maximal {
                figure = figure.panel(drawn_for(maximal, card.unit)?);
            }
            figure = figure.panel(bars(card.means.clone(), means, palette::PLAIN)?).panel(bars(
                lost(found, card),
                losses,
                palette::LOST,
            )?);
        }
        if pictures && !channels {
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
    let Some(card) = found.costliest() else {
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
        "{} {}: accuracy {} without it ({} points)",
        if card.patches.is_empty() { "Unit" } else { "Channel" },
        card.unit,
        words::percent(card.accuracy),
        text::fixed(-points, 1)
    )
}

/// The patches that excite a channel most, side by side: beyond the edge of their image there is nothing.
fn patches(found: &Found, card: &Card) -> Result<Panel, FigureError> {
    let (ink, side) = (ink(card), sheet_side(card));
    let size = card.patches.iter().flatten().map(|range| range.len()).max().unwrap_or(1);
    let step = size as f64 * GAP;
    let mut panel = Panel::picture();
    for (i, [rows, columns]) in card.patches.iter().enumerate() {
        let image = image_of(found, card, i);
        let pixels = rows.clone().flat_map(|r| columns.clone().map(move |c| (r, c))).map(|at| image[at]);
        let (x, y) = ((i % side) as f64 * step, (i / side) as f64 * step);
        let patch = Image::new(rows.len(), columns.len(), &pixels.collect::<Vec<_>>(), ink)?;
        panel = panel.mark(patch.over((x, y), (x + columns.len() as f64, y + rows.len() as f64)));
    }
    Ok(panel)
}

/// The images that these patches are from, each with a frame around its patch.
fn marked(found: &Found, card: &Card) -> Result<Panel, FigureError> {
    let (ink, side) = (ink(card), sheet_side(card));
    let mut panel = Panel::picture();
    let mut frames = Vec::new();
    for (i, [rows, columns]) in card.patches.iter().enumerate() {
        let image = image_of(found, card, i);
        let (height, width) = image.dim();
        let (x, y) = ((i % side) as f64 * width as f64 * GAP, (i / side) as f64 * height as f64 * GAP);
        let picture = Image::new(height, width, &image.iter().copied().collect::<Vec<_>>(), ink)?;
        panel = panel.mark(picture.over((x, y), (x + width as f64, y + height as f64)));
        let [left, right] = [columns.start, columns.end].map(|c| x + c as f64);
        let [top, bottom] = [rows.start, rows.end].map(|r| y + r as f64);
        frames.extend([(left, top), (right, top), (right, bottom), (left, bottom), (left, top), (f64::NAN, f64::NAN)]);
    }
    Ok(panel.mark(Line::new(frames).color(palette::BEFORE).width(1.5)))
}

/// The input that excites a unit most, with the value it reaches beside the largest of the samples; nothing for a unit that has
/// none.
fn drawn_for(maximal: &Maximal, unit: usize) -> Result<Panel, FigureError> {
    let Some(row) = maximal.units.iter().position(|u| *u == unit) else { return Ok(Panel::blank()) };
    let x: Vec<f64> = maximal.maps.row(row).iter().map(|v| f64::from(*v)).collect();
    let [low, high] = maximal.range.unwrap_or([0.0, 1.0]);
    let panel = input_map::panel(&x, &maximal.shape, &maximal.features, ColorScale::gray(low, high))?;
    let number = |i: usize| maximal.numbers.get(i).map_or(f64::NAN, |(_, values)| f64::from(values[row]));
    Ok(panel.title(format!("{} (data {})", text::fixed(number(0), 1), text::fixed(number(1), 1))))
}

/// One of a card's samples as an image; channels are added up.
fn image_of(found: &Found, card: &Card, i: usize) -> Array2<f64> {
    let (height, width) = if let [.., height, width] = found.shape[..] { (height, width) } else { (1, 1) };
    let mut image = Array2::zeros((height, width));
    for (j, v) in card.x.row(i).iter().enumerate() {
        image[[j / width % height, j % width]] += f64::from(*v);
    }
    image
}

/// How many of a card's samples stand side by side.
fn sheet_side(card: &Card) -> usize {
    (card.x.nrows() as f64).sqrt().ceil() as usize
}

/// From white for 0 to black for the largest number of a card's samples.
fn ink(card: &Card) -> ColorScale {
    ColorScale::gray(0.0, f64::from(card.x.iter().copied().fold(f32::MIN_POSITIVE, f32::max)))
}

/// The strongest samples side by side; of samples that are no pictures, their mean.
fn strongest(found: &Found, card: &Card, pictures: bool) -> Result<Panel, FigureError> {
    let ink = ink(card);
    let [height, width] = match found.shape[..] {
        [.., height, width] if pictures => [height, width],
        _ => {
            let mean =
                card.x.columns().into_iter().map(|c| c.iter().map(|v| f64::from(*v)).sum::<f64>() / c.len() as f64);
            return input_map::panel(&mean.collect::<Vec<_>>(), &found.shape, &found.features, ink);
        }
    };
    let side = sheet_side(card);
    let mut sheet = Array2::<f64>::zeros((height * card.x.nrows().div_ceil(side), width * side));
    for i in 0..card.x.nrows() {
        let (y, x) = (i / side * height, i % side * width);
        sheet.slice_mut(s![y..y + height, x..x + width]).assign(&image_of(found, card, i));
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
