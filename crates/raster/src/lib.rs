//! SVG to pixels, with the fonts that lie beside this file's crate, so that every machine counts the same pixels.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

/// The fonts that figures ask for, as far as pixels are counted: Liberation Sans (SIL Open Font License, `fonts/LICENSE`).
static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(include_bytes!("../fonts/LiberationSans-Regular.ttf").to_vec());
    fonts.load_font_data(include_bytes!("../fonts/LiberationSans-Bold.ttf").to_vec());
    fonts.set_sans_serif_family("Liberation Sans");
    Arc::new(fonts)
});

/// The longest side of a picture in pixels; beyond it no figure of this program goes.
const LONGEST: u32 = 8192;

/// A picture that has no pixels.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RasterError {
    /// It is not SVG.
    #[error("it is not a readable SVG: {0}")]
    Svg(String),
    /// It is empty or too large.
    #[error("{0} x {1} pixels are not a size that can be drawn")]
    Size(u32, u32),
}

/// A picture at one pixel per unit of its own.
fn pixels(svg: &str) -> Result<Pixmap, RasterError> {
    let options = Options { fontdb: FONTS.clone(), font_family: "Liberation Sans".into(), ..Options::default() };
    let tree = Tree::from_str(svg, &options).map_err(|e| RasterError::Svg(e.to_string()))?;
    let size = tree.size().to_int_size();
    let pixmap = Pixmap::new(size.width(), size.height()).filter(|p| p.width().max(p.height()) <= LONGEST);
    let mut pixmap = pixmap.ok_or(RasterError::Size(size.width(), size.height()))?;
    resvg::render(&tree, Transform::identity(), &mut pixmap.as_mut());
    Ok(pixmap)
}

/// The share of pixels that differ between two pictures, from 0 to 1; of pictures of different sizes, on the canvas that
/// holds both, where what only one of them covers differs. Of
/// pictures that move, the largest share among first, middle and last moment.
///
/// # Errors
/// When one of them is not a picture.
pub fn share(old: &str, new: &str) -> Result<f64, RasterError> {
    let mut largest: f64 = 0.0;
    let at = |moments: &[String], i: usize| pixels(&moments[i.min(moments.len() - 1)]);
    let (old, new) = (moments(old), moments(new));
    for i in 0..old.len().max(new.len()) {
        largest = largest.max(share_at_rest(&at(&old, i)?, &at(&new, i)?));
    }
    Ok(largest)
}

fn share_at_rest(old: &Pixmap, new: &Pixmap) -> f64 {
    let (width, height) = (old.width().max(new.width()), old.height().max(new.height()));
    let differ =
        (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).filter(|&(x, y)| old.pixel(x, y) != new.pixel(x, y));
    differ.count() as f64 / (f64::from(width) * f64::from(height))
}

/// A moving figure of this program at rest in its last, first and middle moment; any other picture as it is.
fn moments(svg: &str) -> Vec<String> {
    let begins: Vec<f64> = svg.lines().filter_map(Set::read).map(|s| s.begin).collect();
    let mut moments = vec![svg.to_owned()];
    if let Some(&last) = begins.iter().max_by(|a, b| a.total_cmp(b)) {
        // Just inside an interval.
        moments.extend([0.0, last / 2.0].map(|time| at_rest(svg, time + 1e-5)));
    }
    moments
}

/// `<animate attributeName="display" … values="none;inline;none" keyTimes="0;0.4;0.8" dur="1.000s" …/>`: how the parts of a
/// moving figure come and go. Times are shares of the period, which is the same for all.
struct Set {
    begin: f64,
    end: f64,
}

impl Set {
    fn read(line: &str) -> Option<Self> {
        let line = line.strip_prefix("<animate attributeName=\"display\" ")?;
        let list = |name: &str| Some(line.split_once(name)?.1.split_once('"')?.0.split(';'));
        let times: Vec<f64> = list("keyTimes=\"")?.map(str::parse).collect::<Result<_, _>>().ok()?;
        let shown = list("values=\"")?.position(|value| value == "inline")?;
        Some(Set { begin: *times.get(shown)?, end: times.get(shown + 1).copied().unwrap_or(1.0) })
    }
}

/// The picture as it stands at a time: each group that comes and goes is there or not.
fn at_rest(svg: &str, time: f64) -> String {
    let mut out = String::with_capacity(svg.len());
    let mut lines = svg.lines().peekable();
    while let Some(line) = lines.next() {
        match lines.peek().and_then(|next| Set::read(next)) {
            Some(set) if line.starts_with("<g") => {
                let inside = set.begin <= time && time < set.end;
                out += if inside { "<g>" } else { "<g display=\"none\">" };
            }
            _ => out += line,
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(body: &str) -> String {
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\">\n{body}\n</svg>\n")
    }

    const SQUARE: &str = "<rect x=\"0\" y=\"0\" width=\"5\" height=\"5\" fill=\"#ff0000\"/>";

    #[test]
    fn the_share_is_of_pixels() {
        assert_eq!(share(&picture(SQUARE), &picture(SQUARE)), Ok(0.0));
        assert_eq!(share(&picture(SQUARE), &picture("")), Ok(0.25));
        let tall = picture(SQUARE).replace("height=\"10\"", "height=\"20\"");
        // A quarter of the shared half, and all of the other.
        assert_eq!(share(&tall, &picture("")), Ok(0.625));
    }

    #[test]
    fn text_and_pictures_are_drawn() {
        let text = |t: &str| {
            picture(&format!(
                "<text x=\"1\" y=\"9\" font-size=\"9\" font-family=\"Helvetica, Liberation Sans\">{t}</text>"
            ))
        };
        assert!(share(&text("A"), &picture("")).unwrap() > 0.05);
        assert!(share(&text("A"), &text("B")).unwrap() > 0.05);
        assert!(share(&text("−"), &text("⁻")).unwrap() > 0.0);
        // One black pixel.
        let png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";
        let image = picture(&format!("<image width=\"10\" height=\"10\" href=\"data:image/png;base64,{png}\"/>"));
        assert_eq!(share(&image, &picture("")), Ok(1.0));
    }

    #[test]
    fn pixels_are_those_on_paper() {
        let dark = "<style>@media screen{svg{color-scheme:light dark}[fill=\"#ff0000\"]{fill:light-dark(#ff0000,#00ff00)}}</style>\n";
        assert_eq!(share(&picture(&format!("{dark}{SQUARE}")), &picture(SQUARE)), Ok(0.0));
    }

    #[test]
    fn what_is_no_picture_is_told() {
        assert!(matches!(share("<svg", &picture("")), Err(RasterError::Svg(_))));
        let vast = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100000\" height=\"1\"/>";
        assert_eq!(share(vast, vast), Err(RasterError::Size(100_000, 1)));
    }

    #[test]
    fn a_change_in_the_middle_of_a_movement_counts() {
        let moving = |middle: &str| {
            let group = |display: &str, values: &str, times: &str, body: &str| {
                format!(
                    "<g{display}>\n<animate attributeName=\"display\" calcMode=\"discrete\" values=\"{values}\" keyTimes=\"{times}\" \
                     dur=\"5.000s\" repeatCount=\"indefinite\"/>\n{body}\n</g>\n"
                )
            };
            let hidden = " display=\"none\"";
            let first = group(hidden, "inline;none", "0;0.2", "");
            let second = group(hidden, "none;inline;none", "0;0.2;0.4", middle);
            let third = group(hidden, "none;inline;none", "0;0.4;0.6", "");
            picture(&(first + &second + &third + &group("", "none;inline", "0;0.6", SQUARE)))
        };
        assert_eq!(share(&moving(""), &moving(SQUARE)), Ok(0.25));
        assert_eq!(share(&moving(SQUARE), &moving(SQUARE)), Ok(0.0));
        // At rest the square is there, in the first moment it is not.
        assert_eq!(share(&moving(""), &picture(SQUARE)), Ok(0.25));
    }
}
