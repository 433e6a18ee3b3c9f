//! From the order in which bars are played to sections.

use std::collections::BTreeMap;

use crate::sheet::Sheet;

/// Sections with the bars at which they begin, and the order in which they are played; nothing where each bar is played
/// once.
#[derive(Debug, Default)]
pub(super) struct Order {
    pub(super) labels: BTreeMap<usize, String>,
    pub(super) list: Vec<String>,
}

/// Finds the sections of a sheet.
pub(super) fn order(sheet: &Sheet) -> Order {
    let played: Vec<usize> = sheet.playing_order().bars.iter().map(|played| played.index).collect();
    if played.iter().copied().eq(0..sheet.bars.len()) {
        return Order::default();
    }
    let mut begins: Vec<usize> = vec![0];
    for pair in played.windows(2) {
        if let [before, after] = *pair
            && before + 1 != after
        {
            begins.extend([before + 1, after]);
        }
    }
    begins.extend(played.first());
    begins.extend(played.last().map(|last| last + 1));
    begins.retain(|&begin| begin < sheet.bars.len());
    begins.sort_unstable();
    begins.dedup();
    let labels: BTreeMap<usize, String> =
        begins.into_iter().enumerate().map(|(index, bar)| (bar, name(index))).collect();
    let list = played.iter().filter_map(|bar| labels.get(bar).cloned());
    Order { list: list.collect(), labels }
}

/// A, B … Z, A1, B1 …
fn name(index: usize) -> String {
    let letter = char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[index % 26]);
    if index < 26 { letter.to_string() } else { format!("{letter}{}", index / 26) }
}
