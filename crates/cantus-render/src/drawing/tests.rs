//! Laws of drawings.

use std::io::Read as _;

use flate2::read::ZlibDecoder;

use super::{Anchor, Area, Colour, Drawing, Raster, Shape, Style, Words};

/// Width, height and pixels of a PNG that we wrote, its check sums looked at.
pub(crate) fn read(bytes: &[u8]) -> (usize, usize, Vec<Colour>) {
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
    let mut raw = Vec::new();
    ZlibDecoder::new(packed.as_slice()).read_to_end(&mut raw).unwrap();
    let line = |line: &[u8]| line[1..].as_chunks::<3>().0.to_vec();
    (size.0, size.1, raw.chunks_exact(3 * size.0 + 1).flat_map(line).collect())
}

/// The pixels of the PNG that stands in an SVG as letters.
fn within(svg: &str) -> (usize, usize, Vec<Colour>) {
    let letters = svg.split("base64,").nth(1).unwrap().split('"').next().unwrap();
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut bytes = Vec::new();
    for four in letters.as_bytes().chunks(4) {
        let bits = four.iter().filter(|letter| **letter != b'=').map(|letter| u32::from(value(*letter)));
        let (sum, count) = bits.fold((0, 0), |(sum, count), bits| (sum << 6 | bits, count + 1));
        let sum = sum << (6 * (4 - count));
        bytes.extend(&sum.to_be_bytes()[1..count as usize]);
    }
    read(&bytes)
}

fn words(text: &str, style: Style) -> Shape {
    Shape::Words(Words { text: text.to_owned(), at: (40, 40), anchor: Anchor::Middle, style })
}

fn drawing(shapes: Vec<Shape>) -> Drawing {
    Drawing { width: 80, height: 80, title: "a < b".to_owned(), shapes }
}

#[test]
fn both_forms_show_the_same_pixels() {
    let colours = vec![[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 8, 7], [1, 2, 3], [4, 5, 6]];
    let area = Area { left: 3, top: 5, width: 20, height: 31 };
    let drawing = drawing(vec![Shape::Raster(area, Raster { columns: 2, colours: colours.clone() })]);
    let (width, _, page) = read(&drawing.png());
    let (own_width, own_height, own) = within(&drawing.svg());
    assert_eq!((own_width, own_height), (20, 31));
    for (index, colour) in own.iter().enumerate() {
        let (x, y) = (index % 20, index / 20);
        assert_eq!(*colour, colours[y * 3 / 31 * 2 + x / 10]);
        assert_eq!(*colour, page[(5 + y) * width + 3 + x]);
    }
    assert_eq!(page.iter().filter(|colour| **colour != [255; 3]).count(), 20 * 31);
}

#[test]
fn fields_cover_what_is_below_them_and_end_with_the_page() {
    let area = |left, top, width, height| Area { left, top, width, height };
    let drawing = drawing(vec![
        Shape::Field(area(0, 0, 10, 10), [1, 2, 3]),
        Shape::Field(area(5, 5, 500, 1), [4, 5, 6]),
    ]);
    let (width, height, page) = read(&drawing.png());
    assert_eq!((width, height, page.len()), (80, 80, 6400));
    let count = |colour: Colour| page.iter().filter(|other| **other == colour).count();
    assert_eq!((count([1, 2, 3]), count([4, 5, 6])), (95, 75));
    assert!(drawing.svg().contains("fill=\"#010203\"") && drawing.svg().contains("a &lt; b"));
}

#[test]
fn words_stand_where_they_should_and_turn() {
    let places = |style| {
        let page = read(&drawing(vec![words("Hz", style)]).png()).2;
        let dark: Vec<(usize, usize)> =
            (0..6400).filter(|at| page[*at] != [255; 3]).map(|at| (at % 80, at / 80)).collect();
        dark
    };
    let level = places(Style::Label);
    assert!(level.len() > 10);
    assert!(level.iter().all(|(x, y)| (30..50).contains(x) && (25..=40).contains(y)), "{level:?}");
    let mut turned: Vec<(usize, usize)> = places(Style::Upwards).iter().map(|(x, y)| (80 - y, *x)).collect();
    turned.sort_by_key(|(x, y)| (*y, *x));
    assert_eq!(turned, level);
    // Letters that no font has do no harm.
    assert!(!read(&drawing(vec![words("音 \u{7}", Style::Title)]).png()).2.is_empty());
}

#[test]
fn a_page_of_nothing_is_a_page() {
    let nothing = Drawing { width: 0, height: 0, title: String::new(), shapes: Vec::new() };
    assert_eq!(read(&nothing.png()).0, 1);
    assert!(nothing.svg().ends_with("</svg>\n"));
}
