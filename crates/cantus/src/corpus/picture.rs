//! What a corpus holds, as a picture: a page with a chart of each distribution.

use std::fmt::Write as _;

use super::{Distribution, Overview};

const COLUMNS: usize = 3;
const WIDTH: usize = 440;
const ROW: usize = 18;
const HEAD: usize = 34;
const GAP: usize = 24;
const LABEL: usize = 170;
/// Letters of a label that fit beside its bar.
const LETTERS: usize = 26;

/// Draws a page as SVG.
pub fn corpus_picture(overview: &Overview, title: &str) -> String {
    let top = 84;
    let mut heights = [top; COLUMNS];
    let mut panels = String::new();
    for distribution in &overview.distributions {
        // Each chart goes where the page is shortest.
        let column = (0..COLUMNS).min_by_key(|&column| heights[column]).unwrap_or(0);
        panel(&mut panels, distribution, GAP + column * (WIDTH + GAP), heights[column]);
        heights[column] += HEAD + distribution.bars.len() * ROW + GAP;
    }
    let (width, height) = (GAP + COLUMNS * (WIDTH + GAP), heights.into_iter().max().unwrap_or(top));
    let summary = format!(
        "{} pieces in {} groups of relatives, {} notes, {:.1} hours",
        overview.pieces, overview.groups, overview.notes, overview.hours
    );
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"{GAP}\" y=\"38\" font-size=\"22\" fill=\"#222\">{}</text>\n\
         <text x=\"{GAP}\" y=\"60\" fill=\"#555\">{}</text>\n{panels}</svg>\n",
        escaped(title),
        escaped(&summary),
    )
}

fn panel(out: &mut String, distribution: &Distribution, x: usize, y: usize) {
    let most = distribution.bars.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    let _ = writeln!(
        out,
        "<text x=\"{x}\" y=\"{}\" font-size=\"15\" fill=\"#222\">{}</text>",
        y + 18,
        distribution.name
    );
    let space = (WIDTH - LABEL - 54) as f64;
    for (row, (label, count)) in distribution.bars.iter().enumerate() {
        let line = y + HEAD + row * ROW;
        let long = space * *count as f64 / most as f64;
        let (bar, end) = (x + LABEL, x as f64 + LABEL as f64 + long + 5.0);
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#333\">{}</text>\
             <rect x=\"{bar}\" y=\"{line}\" width=\"{long:.1}\" height=\"{}\" fill=\"#3d6fa5\"/>\
             <text x=\"{end:.1}\" y=\"{}\" fill=\"#555\">{count}</text>",
            bar - 6,
            line + 12,
            escaped(&shortened(label)),
            ROW - 4,
            line + 12,
        );
    }
}

fn shortened(label: &str) -> String {
    if label.chars().count() <= LETTERS {
        return label.to_owned();
    }
    let begin: String = label.chars().take(LETTERS - 1).collect();
    format!("{begin}…")
}

fn escaped(text: &str) -> String {
    // Letters that XML does not allow at all become nothing.
    let text: String = text.chars().filter(|letter| !letter.is_control()).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
