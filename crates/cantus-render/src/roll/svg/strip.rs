//! Strips below a system: chords, keys.

use std::fmt::Write as _;

use super::system::System;
use super::{EDGE, Strip, escape};

/// Pixels that a strip takes.
pub(super) const HEIGHT: f64 = 18.0;
/// Pixels of a letter.
const LETTER: f64 = 6.2;

impl System<'_> {
    /// A box for each span that falls into the system, with its name where there is room.
    pub(super) fn write_strip(&self, out: &mut String, strip: &Strip, number: usize) {
        let top = self.rows_bottom() + HEIGHT * number as f64 + 2.0;
        let base = top + HEIGHT - 6.0;
        let _ = writeln!(
            out,
            "<text x=\"{EDGE}\" y=\"{base:.1}\" font-size=\"10\" fill=\"#666\">{}</text>",
            escape(&strip.name)
        );
        let span = &self.span;
        for (when, name) in &strip.spans {
            let (begin, end) = (when.start.max(span.start), when.end.min(span.end));
            if begin >= end {
                continue;
            }
            let (x, right) = (self.x(begin), self.x(end));
            let _ = write!(
                out,
                "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"#f6f3ea\" stroke=\"#b9b29d\" \
                 stroke-width=\"0.7\"><title>{}</title></rect>",
                right - x,
                HEIGHT - 3.0,
                escape(name)
            );
            let room = ((right - x - 4.0) / LETTER).max(0.0) as usize;
            let shown: String =
                if name.chars().count() <= room { name.clone() } else { name.chars().take(room).collect() };
            let _ = writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{base:.1}\" font-size=\"10.5\" fill=\"#333\">{}</text>",
                x + 3.0,
                escape(&shown)
            );
        }
    }
}
