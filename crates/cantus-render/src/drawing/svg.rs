//! A drawing as SVG.

use std::fmt::Write as _;

use super::{Anchor, Area, Colour, Drawing, Raster, Shape, Style, Words, png};
use crate::roll::escape;

impl Drawing {
    /// The drawing as SVG. The text is valid XML whatever the words contain.
    pub fn svg(&self) -> String {
        let Self { width, height, title, shapes } = self;
        let mut body = String::new();
        for shape in shapes {
            match shape {
                Shape::Field(area, colour) => write_field(&mut body, area, *colour),
                Shape::Raster(area, raster) => write_raster(&mut body, area, raster),
                Shape::Words(words) => write_words(&mut body, words),
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\" \
             font-size=\"12\" fill=\"#444\">\n<title>{}</title>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{body}</svg>\n",
            escape(title)
        )
    }
}

fn write_field(out: &mut String, area: &Area, [red, green, blue]: Colour) {
    let Area { left, top, width, height } = area;
    let _ = writeln!(
        out,
        "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"#{red:02x}{green:02x}{blue:02x}\"/>"
    );
}

fn write_raster(out: &mut String, area: &Area, raster: &Raster) {
    let Area { left, top, width, height } = *area;
    let pixels = raster.spread(width, height);
    if !pixels.colours.is_empty() {
        let _ = writeln!(
            out,
            "<image x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" preserveAspectRatio=\"none\" \
             image-rendering=\"pixelated\" href=\"data:image/png;base64,{}\"/>",
            base64(&png::write(width, height, &pixels.colours))
        );
    }
}

fn write_words(out: &mut String, words: &Words) {
    let (x, y) = words.at;
    let place = match words.style {
        Style::Title => format!("x=\"{x}\" y=\"{y}\" font-size=\"17\" font-weight=\"bold\" fill=\"#222\""),
        Style::Label => format!("x=\"{x}\" y=\"{y}\""),
        Style::Upwards => format!("transform=\"translate({x} {y}) rotate(-90)\""),
    };
    let anchor = match words.anchor {
        Anchor::Begin => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    let _ = writeln!(out, "<text {place} text-anchor=\"{anchor}\">{}</text>", escape(&words.text));
}

/// Bytes as text, six bits a letter.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn bytes_become_letters() {
        let of = |text: &str| super::base64(text.as_bytes());
        assert_eq!(
            (of(""), of("M"), of("Ma"), of("Man")),
            (String::new(), "TQ==".into(), "TWE=".into(), "TWFu".into())
        );
    }
}
