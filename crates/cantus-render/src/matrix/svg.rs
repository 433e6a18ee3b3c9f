//! A matrix as SVG: its fields as an image inside, with a title, numbered axes and a scale.

use std::fmt::Write as _;

use super::{Matrix, png};
use crate::roll::escape;

const LEFT: f64 = 64.0;
const TOP: f64 = 56.0;
const SIZE: f64 = 640.0;
const EDGE: f64 = 24.0;

/// Draws a matrix as SVG. Rows and columns are numbered from 1.
pub fn svg(matrix: &Matrix) -> String {
    let (rows, columns) = (matrix.rows(), matrix.columns);
    let field = SIZE / rows.max(columns).max(1) as f64;
    let (width, height) = (field * columns as f64, field * rows as f64);
    let (full_width, full_height) = (LEFT + width.max(240.0) + 96.0, TOP + height + 56.0);
    let mut body = format!(
        "<text x=\"{LEFT}\" y=\"32\" font-size=\"18\" font-weight=\"bold\" fill=\"#222\">{}</text>\n\
         <image x=\"{LEFT}\" y=\"{TOP}\" width=\"{width:.1}\" height=\"{height:.1}\" preserveAspectRatio=\"none\" \
         image-rendering=\"pixelated\" href=\"data:image/png;base64,{}\"/>\n",
        escape(&matrix.title),
        base64(&png(matrix))
    );
    for column in ticks(columns) {
        let x = LEFT + (column as f64 - 0.5) * field;
        let y = TOP + height + 14.0;
        let _ = writeln!(body, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{column}</text>");
    }
    for row in ticks(rows) {
        let y = TOP + (row as f64 - 0.5) * field + 4.0;
        let _ = writeln!(body, "<text x=\"{:.1}\" y=\"{y:.1}\" text-anchor=\"end\">{row}</text>", LEFT - 6.0);
    }
    write_marks(&mut body, matrix, field);
    write_scale(&mut body, matrix, LEFT + width + EDGE, height);
    let _ = writeln!(
        body,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n\
         <text transform=\"translate(18 {:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
        LEFT + width / 2.0,
        TOP + height + 36.0,
        escape(&matrix.axes.0),
        TOP + height / 2.0,
        escape(&matrix.axes.1)
    );
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{full_width:.0}\" height=\"{full_height:.0}\" \
         viewBox=\"0 0 {full_width:.0} {full_height:.0}\" font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\" \
         font-size=\"11\" fill=\"#555\">\n<title>{}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         {body}</svg>\n",
        escape(&matrix.title)
    )
}

/// The numbers that stand at an axis: about ten, a round step apart, and the first.
fn ticks(count: usize) -> impl Iterator<Item = usize> {
    let step = [1, 2, 4, 5, 8, 10, 20, 50, 100, 200, 500]
        .into_iter()
        .find(|step| count / step <= 12)
        .unwrap_or(1000);
    (1..=count).filter(move |number| *number == 1 || number.is_multiple_of(step))
}

/// Lines where something begins.
fn write_marks(out: &mut String, matrix: &Matrix, field: f64) {
    let (rows, columns) = (matrix.rows(), matrix.columns);
    let (right, bottom) = (LEFT + field * columns as f64, TOP + field * rows as f64);
    for &mark in matrix.marks.iter().filter(|&&mark| mark < columns) {
        let (x, y) = (LEFT + mark as f64 * field, TOP + mark as f64 * field);
        let _ = writeln!(
            out,
            "<path d=\"M{x:.1} {TOP}V{bottom:.1}\" stroke=\"#fff\" stroke-width=\"1.5\" stroke-dasharray=\"5 3\"/>"
        );
        if rows == columns {
            let _ = writeln!(
                out,
                "<path d=\"M{LEFT} {y:.1}H{right:.1}\" stroke=\"#fff\" stroke-width=\"1.5\" stroke-dasharray=\"5 3\"/>"
            );
        }
    }
}

/// The colours and the numbers that they stand for.
fn write_scale(out: &mut String, matrix: &Matrix, x: f64, height: f64) {
    const STEPS: usize = 32;
    let (low, high) = matrix.range;
    let step = height / STEPS as f64;
    for index in 0..STEPS {
        let value = high - (high - low) * (index as f64 + 0.5) / STEPS as f64;
        let [red, green, blue] = matrix.colour(value);
        let _ = writeln!(
            out,
            "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"14\" height=\"{:.1}\" fill=\"#{red:02x}{green:02x}{blue:02x}\"/>",
            TOP + step * index as f64,
            step + 0.5
        );
    }
    let _ = writeln!(
        out,
        "<text x=\"{0:.1}\" y=\"{1:.1}\">{high}</text><text x=\"{0:.1}\" y=\"{2:.1}\">{low}</text>",
        x + 20.0,
        TOP + 9.0,
        TOP + height
    );
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
