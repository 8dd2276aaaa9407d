//! One picture: SVG to pixels, a PNG or a page.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use krilla::geom::Size;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla_svg::{SurfaceExt, SvgSettings};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::roxmltree::Document;
use resvg::usvg::{Group, Node, Options, Tree, fontdb};

use crate::RasterError;

/// The fonts that figures ask for, whatever a machine has: Liberation Sans and, for signs that it lacks, some of DejaVu Sans
/// (both free, `fonts/LICENSE`).
static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(include_bytes!("../fonts/LiberationSans-Regular.ttf").to_vec());
    fonts.load_font_data(include_bytes!("../fonts/LiberationSans-Bold.ttf").to_vec());
    fonts.load_font_data(include_bytes!("../fonts/DejaVuSans-Signs.ttf").to_vec());
    fonts.set_sans_serif_family("Liberation Sans");
    Arc::new(fonts)
});

/// The longest side of a picture in pixels.
const LONGEST: u32 = 16_384;
/// The most pixels of a picture: 400 MB while it is drawn.
const LARGEST: u64 = 100_000_000;

/// The elements of a picture.
pub fn tree(svg: &str) -> Result<Tree, RasterError> {
    let options = Options { fontdb: FONTS.clone(), font_family: "Liberation Sans".into(), ..Options::default() };
    Tree::from_str(svg, &options).map_err(|e| RasterError::Svg(e.to_string()))
}

/// Width and height in pixels of a picture that is so wide; without a width, at one pixel per unit of its own times `scale`.
pub fn size(tree: &Tree, width: Option<u32>, scale: f32) -> Result<(u32, u32), RasterError> {
    let own = tree.size();
    let width = width.unwrap_or((own.width() * scale).round() as u32);
    let height = (own.height() * width as f32 / own.width()).round() as u32;
    let drawable =
        width.min(height) >= 1 && width.max(height) <= LONGEST && u64::from(width) * u64::from(height) <= LARGEST;
    if drawable { Ok((width, height)) } else { Err(RasterError::Size(width, height)) }
}

/// Its pixels.
pub fn pixels(tree: &Tree, (width, height): (u32, u32)) -> Result<Pixmap, RasterError> {
    let mut pixmap = Pixmap::new(width, height).ok_or(RasterError::Size(width, height))?;
    let scale = Transform::from_scale(width as f32 / tree.size().width(), height as f32 / tree.size().height());
    resvg::render(tree, scale, &mut pixmap.as_mut());
    Ok(pixmap)
}

/// Pixels as a PNG.
pub fn png(pixels: &Pixmap) -> Result<Vec<u8>, RasterError> {
    pixels.encode_png().map_err(|e| RasterError::Encoding(e.to_string()))
}

/// A page as large as the picture, one point per unit. Texts stay texts, to be searched and copied.
pub fn pdf(tree: &Tree, title: &str) -> Result<Vec<u8>, RasterError> {
    let size = Size::from_wh(tree.size().width(), tree.size().height());
    let size = size.ok_or_else(|| RasterError::Encoding("it has no size".to_owned()))?;
    let mut document = krilla::Document::new();
    document.set_metadata(Metadata::new().title(title.to_owned()));
    let mut page = document.start_page_with(PageSettings::new(size));
    let mut surface = page.surface();
    surface.draw_svg(tree, size, SvgSettings::default());
    surface.finish();
    page.finish();
    document.finish().map_err(|why| RasterError::Encoding(format!("{why:?}")))
}

/// What a picture is called.
pub fn title(svg: &str) -> Result<String, RasterError> {
    let document = Document::parse(svg).map_err(|e| RasterError::Svg(e.to_string()))?;
    let title = document.descendants().find(|node| node.tag_name().name() == "title");
    Ok(title.and_then(|node| node.text()).unwrap_or_default().to_owned())
}

/// The letters that the fonts do not have, each once, and boxes stand for.
pub fn missing(tree: &Tree) -> String {
    fn walk(group: &Group, missing: &mut BTreeSet<char>) {
        for node in group.children() {
            match node {
                Node::Group(inner) => walk(inner, missing),
                Node::Text(text) => {
                    let glyphs = text.layouted().iter().flat_map(|span| &span.positioned_glyphs);
                    missing.extend(glyphs.filter(|glyph| glyph.id.0 == 0).flat_map(|glyph| glyph.text.chars()));
                }
                _ => {}
            }
        }
    }
    let mut missing = BTreeSet::new();
    walk(tree.root(), &mut missing);
    missing.into_iter().collect()
}
