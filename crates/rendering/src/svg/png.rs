//! Small pictures as PNG in a data URI (PNG 1.2, RFC 2083; zlib, RFC 1950; deflate, RFC 1951 §3.2.4).
//!
//! The pixel data are *stored*, not compressed: compressed bytes change with the encoder's version, stored ones cannot.
//! At most 256 colours become a palette with one byte a pixel, more become RGB.

use crate::Color;
use std::collections::BTreeMap;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// A stored deflate block holds at most this many bytes.
const BLOCK: usize = 65_535;

/// The picture as `data:image/png;base64,…`; pixels row by row from the top.
pub(super) fn data_uri(columns: usize, rows: usize, pixels: &[Color]) -> String {
    format!("data:image/png;base64,{}", base64(&encode(columns, rows, pixels)))
}

fn encode(columns: usize, rows: usize, pixels: &[Color]) -> Vec<u8> {
    let mut palette: BTreeMap<Color, u8> = BTreeMap::new();
    let mut indexed = true;
    for &color in pixels {
        let next = palette.len();
        palette.entry(color).or_insert_with(|| {
            indexed &= next < 256;
            next as u8
        });
    }
    let mut scanlines = Vec::new();
    for row in pixels.chunks(columns.max(1)) {
        // Filter type 0: none.
        scanlines.push(0);
        for color in row {
            if indexed { scanlines.push(palette[color]) } else { scanlines.extend([color.r, color.g, color.b]) }
        }
    }
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    // Pictures are far smaller than 2³² pixels on a side.
    let mut header = [(columns as u32).to_be_bytes(), (rows as u32).to_be_bytes()].concat();
    header.extend([8, if indexed { 3 } else { 2 }, 0, 0, 0]);
    chunk(&mut png, b"IHDR", &header);
    if indexed {
        let mut by_index: Vec<(u8, Color)> = palette.into_iter().map(|(color, index)| (index, color)).collect();
        by_index.sort_unstable();
        let table: Vec<u8> = by_index.iter().flat_map(|(_, c)| [c.r, c.g, c.b]).collect();
        chunk(&mut png, b"PLTE", &table);
    }
    chunk(&mut png, b"IDAT", &zlib(&scanlines));
    chunk(&mut png, b"IEND", &[]);
    png
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    png.extend((data.len() as u32).to_be_bytes());
    let start = png.len();
    png.extend(kind);
    png.extend(data);
    let sum = crc32(&png[start..]);
    png.extend(sum.to_be_bytes());
}

fn zlib(data: &[u8]) -> Vec<u8> {
    // 32 KB window, no preset dictionary, check bits.
    let mut out = vec![0x78, 0x01];
    let blocks: Vec<&[u8]> = if data.is_empty() { vec![data] } else { data.chunks(BLOCK).collect() };
    for (i, block) in blocks.iter().enumerate() {
        let length = block.len() as u16;
        out.push(u8::from(i + 1 == blocks.len()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(*block);
    }
    out.extend(adler32(data).to_be_bytes());
    out
}

fn adler32(data: &[u8]) -> u32 {
    let (mut a, mut b) = (1u32, 0u32);
    for &byte in data {
        a = (a + u32::from(byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    b << 16 | a
}

fn crc32(data: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for &byte in data {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

fn base64(data: &[u8]) -> String {
    let mut out = String::with_capacity(data.len().div_ceil(3) * 4);
    for group in data.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - group.len()));
        for i in 0..4 {
            let sextet = (bits >> (18 - 6 * i)) as usize & 63;
            out.push(if i <= group.len() { char::from(BASE64[sextet]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_values() {
        // RFC 4648 §10; the check values of CRC-32 and of Adler-32 ("Wikipedia").
        assert_eq!(["f", "fo", "foo", "foob"].map(|s| base64(s.as_bytes())), ["Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]);
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }

    #[test]
    fn many_colours_become_rgb() {
        let pixels: Vec<Color> = (0..300).map(Color::hex).collect();
        assert_eq!(encode(300, 1, &pixels)[25], 2);
        assert_eq!(encode(300, 1, &[Color::hex(7); 300])[25], 3);
    }
}
