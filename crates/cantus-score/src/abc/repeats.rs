//! From the bar lines of a tune to the repeats of a sheet.

use std::ops::Range;

use crate::sheet;
use crate::sheet::order::repeated_from;

/// What the bar lines around a bar say.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    /// A repeat begins with this bar.
    pub(super) begins: bool,
    /// How often the section is played again after this bar.
    pub(super) again: u8,
    /// A double bar follows.
    pub(super) double: bool,
    /// The passes of the variant ending that begins here; empty where none begins.
    pub(super) ending: Vec<u8>,
}

/// Writes repeats and endings into the bars.
///
/// A section ends at a `:|` or a double bar that no variant ending follows, and before a `|:`; it repeats when it holds a `:|`
/// or variant endings. So a `:|` without its `|:` goes back to the last double bar or repeat, as version 2.1 asks: where a sheet
/// would go back further, a beginning is written. A double bar within `|: … :|` ends nothing, and the last ending goes on to the
/// end of its section. Where repeats begin is told as it is written again, whether or not the tune has a sign there.
pub(super) fn write(bars: &mut [sheet::Bar], lines: &[Lines]) {
    let (mut begin, mut implied) = (0, true);
    while begin < lines.len() {
        let section = begin..section_end(lines, begin);
        implied = write_section(bars, lines, section.clone(), implied);
        begin = section.end;
    }
    let begun = repeated_from(bars);
    for (index, bar) in bars.iter_mut().enumerate() {
        bar.repeats.begins = begun.contains(&index);
    }
}

/// Writes one section; tells whether the next one begins by itself.
fn write_section(bars: &mut [sheet::Bar], lines: &[Lines], section: Range<usize>, implied: bool) -> bool {
    let own = lines.get(section.clone()).unwrap_or_default();
    let repeated = own.iter().any(|line| line.again > 0 || !line.ending.is_empty());
    let mut ending: &[u8] = &[];
    for (index, (bar, line)) in bars.iter_mut().skip(section.start).zip(own).enumerate() {
        if !line.ending.is_empty() {
            ending = &line.ending;
        }
        bar.repeats.begins = line.begins || index == 0 && repeated && !implied;
        bar.repeats.endings = ending.to_vec();
        bar.repeats.ends = (line.again > 0).then_some(line.again.saturating_add(1));
    }
    repeated
}

fn section_end(bars: &[Lines], begin: usize) -> usize {
    let explicit = bars.get(begin).is_some_and(|bar| bar.begins);
    let mut repeated = false;
    for (index, bar) in bars.iter().enumerate().skip(begin) {
        if index > begin && bar.begins {
            return index;
        }
        repeated |= bar.again > 0;
        let closes = bar.again > 0 || bar.double && (repeated || !explicit);
        let goes_on = bars.get(index + 1).is_some_and(|next| !next.ending.is_empty() && !next.begins);
        if closes && !goes_on {
            return index + 1;
        }
    }
    bars.len()
}
