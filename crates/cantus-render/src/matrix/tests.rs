//! Laws of pictures of matrices.

use std::io::Read as _;

use flate2::read::ZlibDecoder;

use super::{Matrix, png, svg};

fn matrix(values: &[f64], columns: usize) -> Matrix {
    Matrix {
        values: values.to_vec(),
        columns,
        range: (0.0, 1.0),
        title: "a < b".to_owned(),
        axes: ("bar".to_owned(), "bar".to_owned()),
        marks: vec![1],
    }
}

/// Width, height and pixels of a PNG that we wrote, its check sums looked at.
fn read(bytes: &[u8]) -> (usize, usize, Vec<u8>) {
    assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
    let (mut at, mut packed, mut size) = (8, Vec::new(), (0, 0));
    while at < bytes.len() {
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        let length = number(at) as usize;
        let mut sum = flate2::Crc::new();
        sum.update(&bytes[at + 4..at + 8 + length]);
        assert_eq!(sum.sum(), number(at + 8 + length));
        match &bytes[at + 4..at + 8] {
            b"IHDR" => size = (number(at + 8) as usize, number(at + 12) as usize),
            b"IDAT" => packed.extend_from_slice(&bytes[at + 8..at + 8 + length]),
            _ => {}
        }
        at += 12 + length;
    }
    let mut pixels = Vec::new();
    ZlibDecoder::new(packed.as_slice()).read_to_end(&mut pixels).unwrap();
    (size.0, size.1, pixels)
}

#[test]
fn each_number_is_a_square_of_its_colour() {
    let matrix = matrix(&[0.0, 1.0, 0.5, f64::NAN], 2);
    let (width, height, pixels) = read(&png(&matrix));
    assert_eq!((width, height), (600, 600));
    let at = |x: usize, y: usize| &pixels[y * (3 * width + 1) + 1 + 3 * x..][..3];
    assert_eq!((at(0, 0), at(299, 299)), (&[68, 1, 84][..], &[68, 1, 84][..]));
    assert_eq!((at(300, 0), at(0, 300)), (&[253, 231, 37][..], &[33, 145, 140][..]));
}

#[test]
fn brightness_rises_with_the_number() {
    let matrix = matrix(&[0.0], 1);
    let light = |value: f64| {
        let [red, green, blue] = matrix.colour(value).map(f64::from);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    };
    let lights: Vec<f64> = (0..=50).map(|step| light(f64::from(step) / 50.0)).collect();
    assert!(lights.windows(2).all(|pair| pair[0] < pair[1]), "{lights:?}");
}

#[test]
fn a_picture_of_nothing_is_a_picture() {
    assert_eq!(read(&png(&matrix(&[], 0))).0, 1);
    assert!(svg(&matrix(&[], 0)).ends_with("</svg>\n"));
    let text = svg(&matrix(&[0.0, 1.0, 1.0, 0.0], 2));
    assert!(text.contains("a &lt; b") && text.contains("data:image/png;base64,iVBOR"));
}
