//! Samples of every format, those that do not fit, and files that are damaged.

use super::*;
use crate::Numbers;

fn png(color: png::ColorType, width: u32, pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, (pixels.len() / width as usize / color.samples()) as u32);
    encoder.set_color(color);
    encoder.write_header().expect("a header").write_image_data(pixels).expect("as many pixels");
    bytes
}

fn idx(shape: &[u32], bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0, 0, 8, shape.len() as u8];
    out.extend(shape.iter().flat_map(|d| d.to_be_bytes()));
    [out, bytes.to_vec()].concat()
}

fn plain() -> Prepared {
    Prepared::default()
}

fn read(bytes: &[u8], sample: &[usize], fitting: Fitting) -> Result<Vec<f32>, String> {
    samples(bytes, "f", sample, &plain(), fitting).map(|x| x.into_iter().collect()).map_err(|error| error.to_string())
}

#[test]
fn a_picture_is_its_pixels_whatever_its_colours() {
    let as_is = Fitting::default();
    let grey = png(png::ColorType::Grayscale, 2, &[0, 50, 100, 255]);
    assert_eq!(read(&grey, &[1, 2, 2], as_is), Ok(vec![0.0, 50.0, 100.0, 255.0]));
    assert_eq!(read(&grey, &[2, 2], Fitting { invert: true, ..as_is }), Ok(vec![255.0, 205.0, 155.0, 0.0]));
    assert_eq!(read(&grey, &[4], as_is), Ok(vec![0.0, 50.0, 100.0, 255.0]));
    assert_eq!(read(&grey, &[1, 1, 1], Fitting { resize: true, ..as_is }), Ok(vec![101.25]));
    // Red, green, blue and white by (299·R + 587·G + 114·B + 500) / 1000.
    let colours = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]];
    let rgb = png(png::ColorType::Rgb, 2, &colours.concat());
    assert_eq!(read(&rgb, &[1, 2, 2], as_is), Ok(vec![76.0, 150.0, 29.0, 255.0]));
    let channels = [[255.0, 0.0, 0.0, 255.0], [0.0, 255.0, 0.0, 255.0], [0.0, 0.0, 255.0, 255.0]].concat();
    assert_eq!(read(&rgb, &[3, 2, 2], as_is), Ok(channels));
    assert_eq!(read(&grey, &[3, 2, 2], as_is), Ok([[0.0, 50.0, 100.0, 255.0]; 3].concat()));
    // What is half transparent shows half of the white below it.
    let alpha = png(png::ColorType::GrayscaleAlpha, 1, &[0, 0, 0, 255, 100, 51]);
    assert_eq!(read(&alpha, &[3, 1], as_is), Ok(vec![255.0, 0.0, 224.0]));
}

#[test]
fn what_was_done_to_the_data_is_done_to_a_file() {
    let apply = |numbers, bytes: &[u8], sample: &[usize]| {
        let prepared = Prepared { numbers, ..plain() };
        samples(bytes, "f", sample, &prepared, Fitting::default()).expect("fits").into_iter().collect::<Vec<_>>()
    };
    let scale = 1.0_f32 / 255.0;
    let pixels = Numbers::Pixels { scale: scale.into(), offset: -0.5 };
    assert_eq!(apply(pixels, &idx(&[2, 1, 1], &[7, 255]), &[1, 1, 1]), [7.0 * scale - 0.5, 255.0 * scale - 0.5]);
    let scaled = Numbers::Scaled(vec![None, Some([1.0, 3.0])]);
    assert_eq!(apply(scaled, b"u,v\n5,7\n6,1\n", &[2]), [5.0, 2.0, 6.0, 0.0]);
}

#[test]
fn tables_are_read_by_the_names_of_features_or_in_order() {
    let prepared = Prepared { features: ["u", "v"].map(String::from).to_vec(), ..plain() };
    let of = |text: &str| samples(text.as_bytes(), "t.csv", &[2], &prepared, Fitting::default());
    let numbers = |text: &str| of(text).expect("fits").into_iter().collect::<Vec<_>>();
    assert_eq!(numbers("label,v,u\na,1,2\nb,3,4\n"), [2.0, 1.0, 4.0, 3.0]);
    assert_eq!(numbers("a,b\n1,2\n"), [1.0, 2.0]);
    let error = of("a,u,c\n1,2,3\n").expect_err("no v").to_string();
    assert!(error.contains("`v`"), "{error}");
}

#[test]
fn arrays_hold_samples_or_are_one() {
    let npy = |shape: &str, values: &[f32]| {
        let head = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((head.len() as u16).to_le_bytes());
        bytes.extend(head.bytes());
        bytes.extend(values.iter().flat_map(|v| v.to_le_bytes()));
        bytes
    };
    let four = [1.0, 2.0, 3.0, 4.0];
    for (shape, sample) in
        [("(2, 2)", &[2][..]), ("(2, 2)", &[1, 2, 2]), ("(1, 2, 2)", &[1, 2, 2]), ("(4,)", &[4]), ("(1, 4)", &[2, 2])]
    {
        assert_eq!(read(&npy(shape, &four), sample, Fitting::default()), Ok(four.to_vec()), "{shape} for {sample:?}");
    }
    let error = read(&npy("(2, 2)", &four), &[3], Fitting::default());
    assert_eq!(error, Err("f: samples of shape 2, and the model takes 3".into()));
    let invert = read(&npy("(2, 2)", &four), &[2], Fitting { invert: true, resize: false });
    assert_eq!(
        invert,
        Err("f: --invert makes black white, and this file is none of pictures in bytes (PNG, IDX)".into())
    );
}

#[test]
fn samples_that_do_not_fit_are_told_with_both_shapes() {
    let as_is = Fitting::default();
    let grey = png(png::ColorType::Grayscale, 2, &[0; 6]);
    assert_eq!(
        read(&grey, &[1, 4, 4], as_is),
        Err("f: samples of shape 1×3×2, and the model takes 1×4×4; --resize brings pictures to that size, each pixel the mean \
             over the area it covers"
            .into())
    );
    assert_eq!(read(&grey, &[5], as_is), Err("f: samples of shape 1×3×2, and the model takes 5".into()));
    let labels = read(&idx(&[3], &[0; 3]), &[1, 2, 2], as_is);
    assert!(labels.is_err_and(|told| told.starts_with("f: samples of shape")));
}

#[test]
fn damaged_pictures_are_errors() {
    let good = png(png::ColorType::Rgb, 3, &[9; 27]);
    for end in 4..good.len() {
        let _ = read(&good[..end], &[1, 3, 3], Fitting::default());
    }
    for i in 8..good.len() {
        let mut damaged = good.clone();
        damaged[i] ^= 0x55;
        let _ = read(&damaged, &[1, 3, 3], Fitting::default());
    }
    let cut = read(&good[..40], &[1, 3, 3], Fitting::default()).expect_err("cut");
    assert!(cut.starts_with("f: no PNG picture that can be read: "), "{cut}");
    // A file that is called a picture and is none is not taken for a table.
    let none = samples(b"no picture", "photo.PNG", &[1, 3, 3], &plain(), Fitting::default()).expect_err("a text");
    assert!(none.to_string().starts_with("photo.PNG: no PNG picture that can be read: "), "{none}");
    let none = samples(b"\xff\xd8\xff\xe0", "photo.PNG", &[1, 3, 3], &plain(), Fitting::default()).expect_err("cut");
    assert!(none.to_string().starts_with("photo.PNG: no JPEG picture that can be read: "), "{none}");
}
