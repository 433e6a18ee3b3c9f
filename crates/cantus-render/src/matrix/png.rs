//! Pixels as PNG.

use std::io::Write as _;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

use super::Matrix;

/// Pixels of a field where the picture stays below this size.
const SMALL: usize = 600;

/// Draws a matrix as PNG, without words: each number a square of pixels, at least one wide. A matrix without numbers is one
/// white pixel.
pub fn png(matrix: &Matrix) -> Vec<u8> {
    let rows = matrix.rows();
    if rows == 0 {
        return write(1, 1, &[[255; 3]]);
    }
    let scale = (SMALL / rows.max(matrix.columns)).max(1);
    let (width, height) = (matrix.columns * scale, rows * scale);
    let mut pixels = Vec::with_capacity(width * height);
    for row in matrix.values.chunks_exact(matrix.columns) {
        let line: Vec<[u8; 3]> =
            row.iter().flat_map(|&value| std::iter::repeat_n(matrix.colour(value), scale)).collect();
        for _ in 0..scale {
            pixels.extend_from_slice(&line);
        }
    }
    write(width, height, &pixels)
}

/// Pixels, row after row, as a PNG of 8 bits a channel.
pub(crate) fn write(width: usize, height: usize, pixels: &[[u8; 3]]) -> Vec<u8> {
    let mut raw = Vec::with_capacity(height * (3 * width + 1));
    for line in pixels.chunks(width) {
        raw.push(0);
        raw.extend(line.iter().flatten());
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing into memory cannot fail.
    let packed = encoder.write_all(&raw).and_then(|()| encoder.finish()).unwrap_or_default();
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend((width as u32).to_be_bytes());
    header.extend((height as u32).to_be_bytes());
    // Eight bits, colours, and the only ways there are to pack, to filter and not to interlace.
    header.extend([8, 2, 0, 0, 0]);
    chunk(&mut bytes, *b"IHDR", &header);
    chunk(&mut bytes, *b"IDAT", &packed);
    chunk(&mut bytes, *b"IEND", &[]);
    bytes
}

/// A part of the file: its length, name, content and check sum.
fn chunk(bytes: &mut Vec<u8>, name: [u8; 4], content: &[u8]) {
    let mut sum = Crc::new();
    sum.update(&name);
    sum.update(content);
    bytes.extend((content.len() as u32).to_be_bytes());
    bytes.extend(name);
    bytes.extend(content);
    bytes.extend(sum.sum().to_be_bytes());
}
