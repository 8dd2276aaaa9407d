//! Files are what they say, pixel by pixel.

use resvg::tiny_skia::Pixmap;

use super::*;
use crate::movement::tests::moving;

/// A figure of ten by five units with a line of style.
fn figure(body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"f\" viewBox=\"0 0 10.00 5.00\" width=\"10.00\" height=\"5.00\" fill=\"none\">\n\
         <title id=\"f-title\">A &lt; title</title>\n<desc id=\"f-desc\">What it is</desc>\n\
         <style>@media screen{{svg{{color-scheme:light dark}}[fill=\"#0072b2\"]{{fill:light-dark(#0072b2,#0075b7)}}\
         [fill=\"#ffffff\"]{{fill:light-dark(#ffffff,#212326)}}}}</style>\n\
         <rect x=\"0.00\" y=\"0.00\" width=\"10.00\" height=\"5.00\" fill=\"#ffffff\"/>\n{body}</svg>\n"
    )
}

/// Blue from the left edge on.
fn bar(width: f64) -> String {
    format!("<rect x=\"0.00\" y=\"0.00\" width=\"{width:.2}\" height=\"5.00\" fill=\"#0072b2\"/>\n")
}

fn job(svg: String, format: Format) -> Job {
    Job { svg, format, theme: Theme::Light, width: None, time: None, fps: 4 }
}

fn three_frames() -> String {
    figure(&moving(&bar(5.0), &bar(10.0)))
}

/// Red, green, blue and opacity at a place in pixels.
fn pixel(picture: &Picture, x: u32, y: u32) -> [u8; 4] {
    let pixel = Pixmap::decode_png(&picture.bytes).unwrap().pixel(x, y).unwrap();
    [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]
}

fn draw(job: &Job) -> (Answer, Vec<Picture>) {
    let drawn = job.draw().unwrap();
    assert_eq!(job.draw().unwrap(), drawn, "the same bytes twice");
    drawn
}

#[test]
fn a_picture_has_two_pixels_a_unit_or_as_many_as_are_asked_for() {
    let svg = figure(&bar(5.0));
    let (answer, pictures) = draw(&job(svg.clone(), Format::Png));
    assert_eq!((answer.width, answer.height, answer.frames, pictures.len()), (20, 10, 1, 1));
    let (answer, pictures) = draw(&Job { width: Some(200), ..job(svg.clone(), Format::Png) });
    assert_eq!((answer.width, answer.height), (200, 100));
    assert_eq!([99, 100].map(|x| pixel(&pictures[0], x, 50)), [[0x00, 0x72, 0xb2, 255], [255; 4]]);
    let wide = Job { width: Some(20_000), ..job(svg, Format::Png) };
    assert_eq!(wide.draw(), Err(RasterError::Size(20_000, 10_000)));
}

#[test]
fn a_theme_changes_the_ground_and_what_lies_on_it() {
    let ground = |theme: Theme| {
        let (_, pictures) = draw(&Job { theme, ..job(figure(&bar(5.0)), Format::Png) });
        [2, 18].map(|x| pixel(&pictures[0], x, 5))
    };
    let (blue, dark_blue) = ([0x00, 0x72, 0xb2, 255], [0x00, 0x75, 0xb7, 255]);
    assert_eq!(ground(Theme::Light), [blue, [255; 4]]);
    assert_eq!(ground(Theme::Dark), [dark_blue, [0x21, 0x23, 0x26, 255]]);
    assert_eq!(ground(Theme::Transparent), [blue, [0; 4]]);
    assert_eq!(ground(Theme::TransparentDark), [dark_blue, [0; 4]]);
}

#[test]
fn a_moment_of_a_moving_figure_is_the_frame_that_it_shows_then() {
    let right_of_the_middle = |time: Option<f64>| {
        let (_, pictures) = draw(&Job { time, ..job(three_frames(), Format::Png) });
        [2, 18].map(|x| pixel(&pictures[0], x, 5)[0] == 0)
    };
    assert_eq!(right_of_the_middle(Some(0.0)), [false, false]);
    assert_eq!(right_of_the_middle(Some(1.0)), [true, false]);
    assert_eq!(right_of_the_middle(Some(4.9)), [true, true]);
    assert_eq!(right_of_the_middle(None), [true, true]);
    let late = Job { time: Some(5.0), ..job(three_frames(), Format::Pdf) };
    assert_eq!(late.draw(), Err(RasterError::Late(5.0, 5.0)));
}

#[test]
fn a_gif_has_the_figures_frames_and_their_times() {
    let (answer, pictures) = draw(&job(three_frames(), Format::Gif));
    let mut decoder = gif::DecodeOptions::new().read_info(&pictures[0].bytes[..]).unwrap();
    assert_eq!((decoder.width(), decoder.height(), decoder.repeat()), (20, 10, gif::Repeat::Infinite));
    let palette = decoder.global_palette().unwrap().to_vec();
    let (mut delays, mut parts) = (Vec::new(), Vec::new());
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        delays.push(frame.delay);
        parts.push((frame.left, frame.width));
        let first = usize::from(frame.buffer[0]);
        let color = if parts.len() == 1 { [255; 3] } else { [0x00, 0x72, 0xb2] };
        assert_eq!(palette[3 * first..3 * first + 3], color);
    }
    assert_eq!((answer.frames, delays), (3, vec![100, 200, 200]));
    assert_eq!(parts, [(0, 20), (0, 10), (10, 10)]);
}

#[test]
fn a_film_has_as_many_pictures_as_its_seconds_say() {
    let (answer, pictures) = draw(&job(three_frames(), Format::Frames));
    assert_eq!(answer.frames, 3);
    assert_eq!(pictures.iter().map(|picture| picture.times).collect::<Vec<_>>(), [4, 8, 8]);
    let long = three_frames().replace("5.000s", "600.000s");
    assert_eq!(Job { fps: 60, ..job(long, Format::Frames) }.draw(), Err(RasterError::Long(36_000)));
}

#[test]
fn a_page_keeps_texts_as_texts() {
    let svg = figure("<text x=\"1.00\" y=\"4.00\" font-size=\"3.00\" fill=\"#0072b2\">μ = 10⁻³</text>\n");
    let (answer, pictures) = draw(&job(svg, Format::Pdf));
    let text = String::from_utf8_lossy(&pictures[0].bytes);
    assert!(text.starts_with("%PDF-1.") && text.contains("LiberationSans") && text.contains("DejaVuSans"));
    assert!(text.contains("A < title") || text.contains("A &lt; title"));
    assert_eq!((answer.width, answer.height, answer.missing.as_str()), (10, 5, ""));
}

#[test]
fn letters_without_a_shape_are_told() {
    let text =
        |t: &str| figure(&format!("<text x=\"1.00\" y=\"4.00\" font-size=\"3.00\" fill=\"#0072b2\">{t}</text>\n"));
    let known = "aé−⁻×²⁴‖°⁰→¹∂³′±μ–·⁸⁷…≥⁵Δ÷⁹⁶σ≤≈←Σ₁ᵢ½φελβⱼ√ⁱηπαᶜθₖᵀΦˣ∫∞Ω";
    assert_eq!(draw(&job(text(known), Format::Png)).0.missing, "");
    assert_eq!(draw(&job(text("a漢b"), Format::Png)).0.missing, "漢");
}

#[test]
fn what_cannot_be_drawn_says_why() {
    let drawn = |svg: &str, format| job(svg.to_owned(), format).draw();
    let foreign =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\"><rect width=\"5\" height=\"5\"/></svg>";
    assert_eq!(drawn(foreign, Format::Png), Err(RasterError::Foreign));
    assert!(matches!(drawn("<svg", Format::Png), Err(RasterError::Svg(_))));
    assert!(matches!(drawn("", Format::Pdf), Err(RasterError::Svg(_))));
    assert_eq!(drawn(&figure(""), Format::Gif), Err(RasterError::Still));
    assert_eq!(Job { time: Some(0.0), ..job(figure(""), Format::Png) }.draw(), Err(RasterError::Still));
    let turning = figure("<g>\n<animateTransform attributeName=\"transform\"/>\n</g>\n");
    assert!(matches!(drawn(&turning, Format::Png), Err(RasterError::Movement(_))));
    let clear = Job { theme: Theme::Transparent, ..job(three_frames(), Format::Gif) };
    assert_eq!(clear.draw(), Err(RasterError::Ragged));
}
