//! Arrays as NumPy's `.npy`, version 1.0 (NumPy Enhancement Proposal 1; `numpy.lib.format`): magic, header, little-endian data.

/// The bytes of an `.npy` file of `f32` values in row-major order.
pub fn encode(shape: &[usize], values: &[f32]) -> Vec<u8> {
    let mut bytes = header("<f4", shape);
    bytes.extend(values.iter().flat_map(|v| tensor::float::to_bytes(*v)));
    bytes
}

/// What comes before the data, of values whose type NumPy calls `descr`: `<f4`, `<i8`.
pub fn header(descr: &str, shape: &[usize]) -> Vec<u8> {
    let dimensions = match shape {
        [one] => format!("({one},)"),
        many => format!("({})", many.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    };
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {dimensions}, }}");
    // Magic (6), version (2), length (2), header and a newline together fill a multiple of 64 bytes.
    let padding = (64 - (10 + header.len() + 1) % 64) % 64;
    header.extend(std::iter::repeat_n(' ', padding));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    // A header of few dimensions is far below 65,536 bytes.
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_numpys() {
        // numpy 2.x: np.save(f, np.array([[1, 2, 3]], dtype='<f4'))
        let bytes = encode(&[1, 3], &[1.0, 2.0, 3.0]);
        assert_eq!(bytes.len(), 128 + 12);
        assert_eq!(&bytes[..10], b"\x93NUMPY\x01\x00\x76\x00");
        assert!(bytes[10..].starts_with(b"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }   "));
        assert_eq!(bytes[127], b'\n');
        assert_eq!(&bytes[128..132], 1.0_f32.to_le_bytes());
        // Which NaN 0/0 gives is the processor's.
        assert_eq!(encode(&[1], &[-f32::NAN]), encode(&[1], &[f32::NAN]));
        assert!(String::from_utf8_lossy(&encode(&[3], &[0.0; 3])).contains("'shape': (3,), }"));
        assert!(String::from_utf8_lossy(&encode(&[], &[0.0])).contains("'shape': (), }"));
    }
}
