//! A sheet of phrases to look at, as SVG.

use std::fmt::Write as _;

use super::grid::{BAR_STEPS, BARS, STEPS};
use super::phrase::{Phrase, ROWS};
use super::roles::Role;
use crate::chart::escaped;

/// Width of a step and height of a row, in the picture's units.
const STEP: usize = 3;
const ROW: usize = 2;
/// Room for drums below the rows, between phrases, and for a name.
const DRUMS: usize = 26;
const GAP: usize = 14;
const NAME: usize = 120;

/// Draws some phrases of each style, one row of pictures a style. Tracks differ by shade and outline: colour is never the
/// message alone.
pub(super) fn draw(styles: &[(&str, Vec<&Phrase>)]) -> String {
    let most = styles.iter().map(|(_, phrases)| phrases.len()).max().unwrap_or(0);
    if most == 0 {
        return String::new();
    }
    let (width, height) = (STEPS * STEP, ROWS * ROW + DRUMS);
    let size = (NAME + most * (width + GAP), styles.len() * (height + GAP));
    let mut svg = format!(
        "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"phrases of each style\" xmlns=\"http://www.w3.org/2000/svg\">\n",
        size.0, size.1
    );
    for (line, (name, phrases)) in styles.iter().enumerate() {
        let top = line * (height + GAP);
        let _ = writeln!(svg, "<text x=\"0\" y=\"{}\">{}</text>", top + height / 2, escaped(name));
        for (column, phrase) in phrases.iter().enumerate() {
            let left = NAME + column * (width + GAP);
            svg += &one(phrase, (left, top));
        }
    }
    svg + "</svg>\n"
}

fn one(phrase: &Phrase, (left, top): (usize, usize)) -> String {
    let (width, height) = (STEPS * STEP, ROWS * ROW + DRUMS);
    let mut svg = format!(
        "<g transform=\"translate({left} {top})\"><rect width=\"{width}\" height=\"{height}\" fill=\"none\" stroke=\"#8886\"/>"
    );
    for bar in 1..BARS {
        let x = bar * BAR_STEPS * STEP;
        let _ = write!(svg, "<path d=\"M{x} 0V{height}\" stroke=\"#8886\"/>");
    }
    let used = usize::from(phrase.grid.used);
    for note in phrase.notes_within() {
        let step = usize::from(note.at) - used;
        let x = (step / used * BAR_STEPS + step % used) * STEP;
        let long = usize::from(note.steps) * STEP;
        let (y, tall, style) = match note.role {
            Role::Drums => (ROWS * ROW + 2 * usize::from(note.row), 2, "fill=\"#777\""),
            role => {
                let style = match role {
                    Role::Melody => "fill=\"#d1495b\"",
                    Role::Bass => "fill=\"#00798c\"",
                    _ => "fill=\"#edae4999\" stroke=\"#8a6412\" stroke-width=\".4\"",
                };
                ((ROWS - 1 - usize::from(note.row)) * ROW, ROW, style)
            }
        };
        let _ = write!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{long}\" height=\"{tall}\" {style}/>");
    }
    svg + "</g>\n"
}
