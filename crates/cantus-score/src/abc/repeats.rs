//! From bars as written to bars as played.

use super::voice::Bar;

/// The most passes of a repeated section.
const MOST_PASSES: u8 = 16;

/// The indices of the bars in the order in which they are played.
///
/// A section ends at a `:|` or a double bar that no variant ending follows, and before a `|:`; it repeats when it holds a `:|`
/// or variant endings. So a `:|` without its `|:` goes back to the last double bar or repeat, as version 2.1 asks. A double bar
/// within `|: … :|` ends nothing.
pub(super) fn playing_order(bars: &[Bar]) -> Vec<usize> {
    let (mut order, mut begin) = (Vec::with_capacity(bars.len()), 0);
    while begin < bars.len() {
        let end = section_end(bars, begin);
        let section = bars.get(begin..end).unwrap_or_default();
        for pass in 1..=passes(section) {
            let mut plays = true;
            for (index, bar) in section.iter().enumerate() {
                plays = bar.ending.as_ref().map_or(plays, |ending| ending.contains(&pass));
                if plays {
                    order.push(begin + index);
                }
            }
        }
        begin = end;
    }
    order
}

fn section_end(bars: &[Bar], begin: usize) -> usize {
    let explicit = bars.get(begin).is_some_and(|bar| bar.begins);
    let mut repeated = false;
    for (index, bar) in bars.iter().enumerate().skip(begin) {
        if index > begin && bar.begins {
            return index;
        }
        repeated |= bar.again > 0;
        let closes = bar.again > 0 || bar.double && (repeated || !explicit);
        let goes_on = bars.get(index + 1).is_some_and(|next| next.ending.is_some() && !next.begins);
        if closes && !goes_on {
            return index + 1;
        }
    }
    bars.len()
}

fn passes(section: &[Bar]) -> u8 {
    let again = section.iter().map(|bar| bar.again).max().unwrap_or(0);
    let endings = section.iter().filter_map(|bar| bar.ending.as_ref()?.iter().max()).max();
    (again + 1).max(endings.copied().unwrap_or(1)).min(MOST_PASSES)
}
