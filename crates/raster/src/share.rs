//! The share of pixels in which two pictures differ.

use resvg::tiny_skia::Pixmap;

use crate::RasterError;
use crate::movement::{Movement, at_rest};
use crate::picture::{pixels, size, tree};

/// The share of pixels that differ between two pictures, from 0 to 1; of pictures of different sizes, on the canvas that
/// holds both, where what only one of them covers differs. Of
/// pictures that move, the largest share among first, middle and last moment.
///
/// # Errors
/// When one of them is not a picture.
pub fn share(old: &str, new: &str) -> Result<f64, RasterError> {
    let mut largest: f64 = 0.0;
    let at = |moments: &[String], i: usize| {
        let tree = tree(&moments[i.min(moments.len() - 1)])?;
        pixels(&tree, size(&tree, None, 1.0)?)
    };
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
    let mut moments = vec![svg.to_owned()];
    if let Ok(Some(movement)) = Movement::of(svg) {
        moments.extend([0.0, movement.begins[movement.last()] / 2.0].map(|time| at_rest(svg, time)));
    }
    moments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::movement::tests::moving;

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
        let moving = |middle: &str| picture(&moving(middle, &format!("{SQUARE}\n")));
        let square = format!("{SQUARE}\n");
        assert_eq!(share(&moving(""), &moving(&square)), Ok(0.25));
        assert_eq!(share(&moving(&square), &moving(&square)), Ok(0.0));
        // At rest the square is there, in the first moment it is not.
        assert_eq!(share(&moving(""), &picture(SQUARE)), Ok(0.25));
    }
}
