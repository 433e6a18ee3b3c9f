//! Piano rolls: pictures of a score with time to the right and pitch upwards.
//!
//! [`terminal`] draws with characters, [`svg`] with shapes and [`drawing_with_strips`] with pixels. All wrap the piece into systems like the lines of a
//! printed score, name the pitches at the left, number the bars, and tell parts apart by more than colour.

mod names;
mod sheet;
mod svg;
mod terminal;

#[cfg(test)]
mod tests;

pub use sheet::MOST_BARS;
pub(crate) use svg::escape;
pub use svg::{DRAWING_OPTIONS, Strip, SvgOptions, drawing_with_strips, svg, svg_with_strips};
pub use terminal::{Colour, Rows, TerminalOptions, terminal};
