//! The palettes, one for each kind of thing, and the neutral colours.
//!
//! A colour says what a thing is: a class, a model, a layer, or a part that something plays ([`POSITIVE`], [`TEST`], …). None is
//! of two palettes. An optimizer is shown by the training run that uses it, and has the colour of that model.
//!
//! Blue, orange and green of the classes are Okabe & Ito's (*Color Universal Design*, 2008). All others were searched for so that
//! any two of one palette stay well apart for normal, protanope and deuteranope eyes ([`crate::vision`]) and each stands out
//! from the paper; the tests below hold the distances. More colours than these would be too near each other to some eyes: from
//! the end of a palette on they begin again, told apart by strokes or by labels.

use crate::{Color, svg::Dash};

/// Behind everything, opaque.
pub const PAPER: Color = Color::hex(0xffffff);
/// Text and axes.
pub const INK: Color = Color::hex(0x222222);
/// Text on light cells of a map: [`INK`] would not reach a contrast of 4.5 on the middle ones.
pub const ON_LIGHT: Color = Color::hex(0x000000);
/// Secondary text and reference lines.
pub const MUTED: Color = Color::hex(0x5c5c5c);
/// The second of two families of lines that cross.
pub const FAINT: Color = Color::hex(0xa8a8a8);
/// Grid lines.
pub const GRID: Color = Color::hex(0xe4e4e4);
/// Missing values in maps.
pub const MISSING: Color = Color::hex(0xc8c8c8);
/// The walls of a box of three axes.
pub const WALL: Color = Color::hex(0xf6f6f6);

/// The neutral colours, and what each is on a dark page.
const NEUTRALS: [(Color, Color); 7] = [
    (PAPER, DARK_PAPER),
    (INK, Color::hex(0xe8e8e8)),
    (MUTED, Color::hex(0xb0b2b7)),
    (FAINT, Color::hex(0x6a6d73)),
    (GRID, Color::hex(0x3d4045)),
    (MISSING, Color::hex(0x62656b)),
    (WALL, Color::hex(0x2a2d31)),
];
/// Paper on a dark page: the colour of a report's cards.
const DARK_PAPER: Color = Color::hex(0x212326);

/// The ten class colours.
pub const CLASSES: [Color; 10] = [
    Color::hex(0x0072b2),
    Color::hex(0xe69f00),
    Color::hex(0x009e73),
    Color::hex(0xe5084e),
    Color::hex(0x20d1ef),
    Color::hex(0x602760),
    Color::hex(0x4a4ed4),
    Color::hex(0xbfc776),
    Color::hex(0xc74600),
    Color::hex(0x63300e),
];

/// The class colours on a dark page: of the same hue as on paper, and searched for in the same way, so that any two stay apart
/// and each stands out.
const DARK_CLASSES: [Color; 10] = [
    Color::hex(0x0075b7),
    Color::hex(0xe69e06),
    Color::hex(0x34ddb7),
    Color::hex(0xff6881),
    Color::hex(0x24ceee),
    Color::hex(0x9c5682),
    Color::hex(0x6259e4),
    Color::hex(0xc7cc76),
    Color::hex(0xc84605),
    Color::hex(0x955f3e),
];

/// The eight colours of trained models, and what each is on a dark page.
const MODELS: [(Color, Color); 8] = [
    (Color::hex(0x2039b3), Color::hex(0x7cc3ff)),
    (Color::hex(0xbc6670), Color::hex(0xff877b)),
    (Color::hex(0x79b157), Color::hex(0x509709)),
    (Color::hex(0x603e77), Color::hex(0xb251b4)),
    (Color::hex(0x866800), Color::hex(0xf7c76c)),
    (Color::hex(0x6193b5), Color::hex(0x1682f8)),
    (Color::hex(0x235126), Color::hex(0xdefc46)),
    (Color::hex(0xcf79f8), Color::hex(0xb686a5)),
];

/// The four colours of layers, which grow lighter from the first layer up, and what each is on a dark page.
const LAYERS: [(Color, Color); 4] = [
    (Color::hex(0x1a1182), Color::hex(0x7c3ebb)),
    (Color::hex(0xa6398e), Color::hex(0xe35191)),
    (Color::hex(0xf46773), Color::hex(0xffa792)),
    (Color::hex(0xefb106), Color::hex(0xffe942)),
];

/// The colours of parts that things play, and what each is on a dark page.
const PARTS: [(Color, Color); 6] = [
    (RED, Color::hex(0xe48066)),
    (BLUE, Color::hex(0x6bacd1)),
    (SKY, Color::hex(0x21afff)),
    (MOSS, Color::hex(0x6ea228)),
    (MAUVE, Color::hex(0xb875ab)),
    (SLATE, Color::hex(0x93a7bd)),
];
/// As near to the ends of the map of signed values as can be without being colours of a map.
const RED: Color = Color::hex(0xb01530);
const BLUE: Color = Color::hex(0x134a84);
const SKY: Color = Color::hex(0x4a9af4);
const MOSS: Color = Color::hex(0x6f9026);
const MAUVE: Color = Color::hex(0xbc5e9d);
const SLATE: Color = Color::hex(0x5f7690);

/// What a figure has one of, so that its colour tells it from nothing: bars whose axes say what they are.
pub const PLAIN: Color = SLATE;
/// Above zero, as in the map of signed values.
pub const POSITIVE: Color = RED;
/// Below zero.
pub const NEGATIVE: Color = BLUE;
/// What is lost.
pub const LOST: Color = RED;
/// The path of training on a map.
pub const PATH: Color = RED;
/// What is to be learned: the ground truth, or else the samples.
pub const TRUTH: Color = FAINT;
/// What the models of a figure are held against.
pub const RIVAL: Color = INK;
/// What another method finds in place of the model.
pub const SECOND_OPINION: Color = RED;
/// The training split.
pub const TRAINING: Color = SKY;
/// The validation split.
pub const VALIDATION: Color = MOSS;
/// The test split.
pub const TEST: Color = MAUVE;
/// What has come to what was asked of it: starts that solve a task, kinks that end inside the data.
pub const REACHED: Color = SKY;
/// What has not.
pub const MISSED: Color = MAUVE;
/// Before something is changed.
pub const BEFORE: Color = SKY;
/// After it.
pub const AFTER: Color = MAUVE;
/// The first and the second of two measures of one thing.
pub const MEASURES: [Color; 2] = [SKY, MAUVE];

/// The colour of class `k`, the same in every figure; from the eleventh class on they repeat.
pub const fn class(k: usize) -> Color {
    CLASSES[k % CLASSES.len()]
}

/// Class `k` as an area that lies under data: a light tint of [`class`].
pub fn class_area(k: usize) -> Color {
    class(k).tint(AREA)
}

/// The colour of the model at place `k` of a run; from the ninth on they repeat.
pub const fn model(k: usize) -> Color {
    MODELS[k % MODELS.len()].0
}

/// The stroke of the model at place `k`: solid for the first eight, then dashed, dotted, and solid again.
pub const fn model_dash(k: usize) -> Dash {
    again(k / MODELS.len())
}

/// The colour of the layer at place `k` of its model; from the fifth on they repeat.
pub const fn layer(k: usize) -> Color {
    LAYERS[k % LAYERS.len()].0
}

/// The stroke of the layer at place `k`: solid for the first four, then dashed, dotted, and solid again.
pub const fn layer_dash(k: usize) -> Dash {
    again(k / LAYERS.len())
}

/// The stroke of what has the colours of a palette for the `round`-th time, counted from 0.
const fn again(round: usize) -> Dash {
    [Dash::Solid, Dash::Dashed, Dash::Dotted][round % 3]
}

/// Whether a colour says which thing something is: it is of the classes, models, layers or parts.
pub fn is_of_a_thing(color: Color) -> bool {
    let pairs = MODELS.iter().chain(&LAYERS).chain(&PARTS).map(|(light, _)| *light);
    pairs.chain(CLASSES).any(|own| own == color)
}

/// How much of an area under data is paper, on light and on dark pages.
const AREA: f64 = 0.62;
const DARK_AREA: f64 = 0.66;

/// The lines of a hatched area of this colour.
pub fn hatching(ground: Color) -> Color {
    if ground.is_dark() { FAINT } else { MUTED }
}

/// What a colour of these palettes is on a dark page; nothing for others, which mean a value and do not change.
pub fn on_dark(color: Color) -> Option<Color> {
    let pairs = NEUTRALS.iter().chain(&MODELS).chain(&LAYERS).chain(&PARTS);
    let twin = pairs.into_iter().find(|(light, _)| *light == color).map(|(_, dark)| *dark);
    let class = || (0..CLASSES.len()).find(|&k| class(k) == color).map(|k| DARK_CLASSES[k]);
    let area =
        || (0..CLASSES.len()).find(|&k| class_area(k) == color).map(|k| DARK_CLASSES[k].mix(DARK_PAPER, DARK_AREA));
    twin.or_else(class).or_else(area)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vision::{Vision, contrast};

    /// The colours of a palette on paper and on a dark page.
    fn pages(palette: &[Color]) -> [(&'static str, Vec<Color>); 2] {
        let dark = palette.iter().map(|color| on_dark(*color).expect("a colour of a palette")).collect();
        [("light", palette.to_vec()), ("dark", dark)]
    }

    /// The least distance of two colours to normal eyes, and to others.
    fn apart(colors: &[Color]) -> [f64; 2] {
        let pairs = || (0..colors.len()).flat_map(|i| (0..i).map(move |j| (colors[i], colors[j])));
        let least = |vision: Vision| pairs().map(|(a, b)| vision.distance(a, b)).fold(f64::INFINITY, f64::min);
        [least(Vision::Normal), least(Vision::Protanope).min(least(Vision::Deuteranope))]
    }

    fn models() -> Vec<Color> {
        MODELS.map(|pair| pair.0).to_vec()
    }

    fn layers() -> Vec<Color> {
        LAYERS.map(|pair| pair.0).to_vec()
    }

    fn parts() -> Vec<Color> {
        PARTS.map(|pair| pair.0).to_vec()
    }

    #[test]
    fn colours_of_a_palette_stay_apart_for_colour_blind_eyes() {
        for (what, palette, bounds) in [
            ("classes", CLASSES.to_vec(), [[42.0, 24.0], [40.0, 21.9]]),
            ("models", models(), [[41.0, 23.4], [40.0, 23.0]]),
            ("layers", layers(), [[45.0, 30.0], [47.0, 31.0]]),
            ("splits", vec![TRAINING, VALIDATION, TEST], [[50.0, 28.0], [50.0, 26.0]]),
            ("signs", vec![POSITIVE, NEGATIVE, INK, FAINT], [[27.0, 20.0], [25.0, 18.0]]),
        ] {
            for ((page, colors), bounds) in pages(&palette).into_iter().zip(bounds) {
                let found = apart(&colors);
                assert!(found[0] > bounds[0] && found[1] > bounds[1], "{what} on a {page} page: {found:.1?}");
            }
        }
    }

    #[test]
    fn no_colour_is_of_two_palettes() {
        let all = [CLASSES.to_vec(), models(), layers(), parts()].concat();
        for (page, colors) in pages(&all) {
            let [normal, _] = apart(&colors);
            assert!(normal > 7.0, "{page}: {normal:.1}");
        }
    }

    #[test]
    fn layers_grow_lighter() {
        for (page, colors) in pages(&layers()) {
            let contrasts: Vec<f64> = colors.iter().map(|color| contrast(*color, Color::hex(0x000000))).collect();
            assert!(contrasts.is_sorted(), "{page}: {contrasts:.2?}");
        }
    }

    #[test]
    fn what_repeats_its_colour_has_another_stroke() {
        for k in 0..8 {
            assert_eq!((model(k), model_dash(k)), (model(k + 8), Dash::Solid));
            assert_ne!(model_dash(k), model_dash(k + 8));
        }
        assert_eq!([layer_dash(3), layer_dash(4), layer_dash(8)], [Dash::Solid, Dash::Dashed, Dash::Dotted]);
    }

    #[test]
    fn every_colour_stands_out_from_the_paper() {
        for (what, palette, [light, dark]) in [
            ("classes", CLASSES.to_vec(), [1.75, 2.9]),
            ("models", models(), [2.2, 3.4]),
            ("layers", layers(), [1.85, 2.4]),
            ("parts", parts(), [2.8, 4.0]),
        ] {
            for ((page, colors), (paper, bound)) in
                pages(&palette).into_iter().zip([(PAPER, light), (DARK_PAPER, dark)])
            {
                let least = colors.iter().map(|color| contrast(*color, paper)).fold(f64::INFINITY, f64::min);
                assert!(least > bound, "{what} on a {page} page: {least:.2}");
            }
        }
    }

    #[test]
    fn text_reads_on_paper_and_on_class_areas_of_light_and_dark_pages() {
        let grounds = || [PAPER, WALL].into_iter().chain((0..10).map(class_area));
        for (ink, ground) in [INK, MUTED].into_iter().flat_map(|ink| grounds().map(move |ground| (ink, ground))) {
            let dark = contrast(on_dark(ink).unwrap(), on_dark(ground).unwrap());
            let bound = if ink == MUTED && ground != PAPER { 3.0 } else { 4.5 };
            assert!(contrast(ink, ground) >= bound && dark >= bound, "{ink} on {ground}: {dark:.2} on a dark page");
        }
    }

    #[test]
    fn words_read_on_every_colour_of_a_map() {
        use crate::{ColorMap, ColorScale};
        for map in [ColorMap::Magnitude, ColorMap::Signed, ColorMap::Gray, ColorMap::Sides] {
            let scale = ColorScale { map, lo: 0.0, hi: 1.0 };
            for ground in (0..=1000).map(|i| scale.color(f64::from(i) / 1000.0)).chain([MISSING]) {
                let ink = if ground.is_dark() { PAPER } else { ON_LIGHT };
                assert!(contrast(ink, ground) >= 4.5, "{ink} on {ground}: {:.2}", contrast(ink, ground));
            }
        }
    }

    #[test]
    fn a_colour_of_a_map_is_the_same_on_a_dark_page() {
        assert_eq!(on_dark(Color::hex(0x440154)), None);
        assert_eq!(on_dark(class(13)), Some(DARK_CLASSES[3]));
        assert_eq!(on_dark(PAPER), Some(DARK_PAPER));
        use crate::{ColorMap, ColorScale};
        for map in [ColorMap::Magnitude, ColorMap::Signed, ColorMap::Amount, ColorMap::Gray, ColorMap::Sides] {
            let scale = ColorScale { map, lo: 0.0, hi: 1.0 };
            let mut colors = (0..=254).map(|step| scale.color(f64::from(step) / 254.0));
            assert_eq!(colors.find(|color| is_of_a_thing(*color)), None, "{map:?}");
        }
    }
}
