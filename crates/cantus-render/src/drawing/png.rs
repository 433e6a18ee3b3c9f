//! A drawing as PNG.

use std::io::Write as _;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

use super::{Area, Colour, Drawing, Raster, Shape, letters};

/// A page of pixels.
pub(super) struct Page {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) pixels: Vec<Colour>, // [height, width]
}

impl Drawing {
    /// The drawing as PNG, a pixel for each of its own. Letters that the fonts lack (those beyond Latin-1) become question
    /// marks.
    pub fn png(&self) -> Vec<u8> {
        let (width, height) = (self.width.max(1), self.height.max(1));
        let mut page = Page { width, height, pixels: vec![[255; 3]; width * height] };
        for shape in &self.shapes {
            match shape {
                Shape::Field(area, colour) => page.fill(area, *colour),
                Shape::Raster(area, raster) => page.paint(area, raster),
                Shape::Words(words) => letters::write(&mut page, words),
            }
        }
        write(width, height, &page.pixels)
    }
}

impl Page {
    /// Sets a pixel; outside the page there is none.
    pub(super) fn set(&mut self, x: i64, y: i64, colour: Colour) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
        if x < self.width && y < self.height {
            self.pixels[y * self.width + x] = colour;
        }
    }

    fn fill(&mut self, area: &Area, colour: Colour) {
        for y in area.top..area.bottom() {
            for x in area.left..area.right() {
                self.set(x as i64, y as i64, colour);
            }
        }
    }

    fn paint(&mut self, area: &Area, raster: &Raster) {
        let pixels = raster.spread(area.width, area.height).colours;
        for (index, colour) in pixels.into_iter().enumerate() {
            let (x, y) = (area.left + index % area.width, area.top + index / area.width);
            self.set(x as i64, y as i64, colour);
        }
    }
}

/// Pixels, row after row, as a PNG of 8 bits a channel.
pub(super) fn write(width: usize, height: usize, pixels: &[Colour]) -> Vec<u8> {
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
