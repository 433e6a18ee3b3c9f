//! From sheets to files.

mod bars;
mod header;
mod order;
mod page;

use crate::sheet::{Bar, Sheet};
use crate::{Meter, Ticks, Timed};

use page::Page;

/// Writes a sheet.
///
/// A staff is a spine, which splits for its voices; its words, and the dynamics and chord symbols of its part, stand in
/// spines at its right. Notes are tied over bar lines. A performance with endings or jumps becomes sections and their order.
///
/// Not kept: velocities of single notes, texts other than titles, words and tempo words, instruments for which Humdrum has no
/// name. What is told in the midst of notes stands in a column of hidden rests.
pub fn write(sheet: &Sheet) -> String {
    let bars = whole_bars(sheet);
    let order = order::order(sheet);
    let mut page = Page::new(sheet, crate::sheet::lanes::staves(sheet));
    header::write(&mut page, sheet, &order);
    let mut meter = Meter::FOUR_FOUR;
    for (index, bar) in bars.iter().enumerate() {
        meter = bar.meter.unwrap_or(meter);
        let music = bars::Music::of(&page, bar, meter, index + 1 == bars.len());
        page.fit(&music.used);
        bars::line(&mut page, &bars, index);
        page.split();
        if let Some(label) = order.labels.get(&index) {
            page.interpretation(|_| format!("*>{label}"));
        }
        bars::bar(&mut page, bar, &music);
    }
    page.fit_none();
    bars::last(&mut page, &bars);
    page.row(|_| "*-".to_owned());
    header::rights(&mut page, sheet);
    page.text
}

/// The bars, the last as long as the music; numbered where no bar has a number.
fn whole_bars(sheet: &Sheet) -> Vec<Bar> {
    let mut bars = sheet.bars.clone();
    let notes = sheet.parts.iter().flat_map(|part| &part.notes);
    let end = notes.map(|note| note.end().max(note.start.saturating_add(Ticks(1)))).max().unwrap_or_default();
    match bars.last_mut() {
        Some(last) => last.length = last.length.max(end.saturating_sub(last.start)),
        None => bars.push(Bar::new(Ticks::ZERO, end)),
    }
    if bars.iter().all(|bar| bar.number.is_empty()) {
        let first = usize::from(!begins_short(sheet, &bars));
        for (index, bar) in bars.iter_mut().enumerate() {
            bar.number = (index + first).to_string();
        }
    }
    bars
}

/// Whether the first bar is a pickup.
fn begins_short(sheet: &Sheet, bars: &[Bar]) -> bool {
    let first = bars.first();
    let meter = first.and_then(|bar| bar.meter);
    bars.len() > 1
        && first.is_some_and(|bar| meter.is_some_and(|meter| bar.length < meter.bar(sheet.resolution)))
}

/// Those of a sorted list that lie between two times.
fn between<T>(sorted: &[Timed<T>], start: Ticks, end: Ticks) -> &[Timed<T>] {
    let from = sorted.partition_point(|item| item.at < start);
    let to = sorted.partition_point(|item| item.at < end).max(from);
    sorted.get(from..to).unwrap_or_default()
}

/// A text without tabs and line ends.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
