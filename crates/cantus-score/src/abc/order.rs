//! The order in which the sections of a tune are played (`P:`).

use std::ops::Range;

use crate::sheet::{Repeats, Sheet};
use crate::{Key, Meter, Ticks, Timed};

/// The most sections that an order names.
const MOST_SECTIONS: usize = 1_000;
/// How deep its brackets may lie within each other.
const DEEPEST: usize = 16;

/// Reads an order such as `A2(BC)3`.
pub(super) fn parse(text: &str) -> Result<Vec<char>, String> {
    let mut reader = Order { open: Vec::new(), list: Vec::new(), last: None };
    let mut chars = text.trim().chars().peekable();
    while let Some(c) = chars.next() {
        let well = match c {
            '(' => reader.open(),
            ')' => reader.close(),
            '1'..='9' => {
                let mut times = c as usize - '0' as usize;
                while let Some(digit) =
                    chars.next_if(char::is_ascii_digit).and_then(|digit| digit.to_digit(10))
                {
                    times = (times * 10 + digit as usize).min(MOST_SECTIONS);
                }
                reader.again(times)
            }
            c if c.is_alphabetic() => reader.section(c),
            c => ".,-\"'".contains(c) || c.is_whitespace(),
        };
        if !well || reader.list.len() > MOST_SECTIONS {
            return Err(wrong(text));
        }
    }
    if reader.open.is_empty() { Ok(reader.list) } else { Err(wrong(text)) }
}

/// An order being read.
struct Order {
    /// The brackets that are open: what stands before each.
    open: Vec<Vec<char>>,
    list: Vec<char>,
    /// Where the last section or bracket begins in its list.
    last: Option<usize>,
}

impl Order {
    fn open(&mut self) -> bool {
        self.open.push(std::mem::take(&mut self.list));
        self.last = None;
        self.open.len() <= DEEPEST
    }

    fn close(&mut self) -> bool {
        let Some(mut before) = self.open.pop() else { return false };
        self.last = Some(before.len());
        before.append(&mut self.list);
        self.list = before;
        true
    }

    fn section(&mut self, label: char) -> bool {
        self.last = Some(self.list.len());
        self.list.push(label);
        true
    }

    /// Plays the last section or bracket so many times.
    fn again(&mut self, times: usize) -> bool {
        let Some(last) = self.last.and_then(|last| self.list.get(last..)) else { return false };
        let last = last.to_vec();
        if self.list.len() + last.len() * (times - 1) > MOST_SECTIONS {
            return false;
        }
        (1..times).for_each(|_| self.list.extend(&last));
        true
    }
}

fn wrong(text: &str) -> String {
    let shown: String = text.trim().chars().take(40).collect();
    format!(
        "an order of parts must be like A2(BC)3 and name up to {MOST_SECTIONS}, but was `{shown}`; the parts are played as they stand"
    )
}

/// A section: its label, none for music before the first, and its bars.
pub(super) type Section = (Option<char>, Range<usize>);

/// Makes a sheet play its sections in an order; where repeats, endings and da capo cannot say it, the sections are written out.
/// Of notes and bars, so many more than there are may be written; gives back how many were.
pub(super) fn apply(
    sheet: &mut Sheet,
    sections: &[Section],
    order: &[char],
    most: usize,
) -> Result<usize, String> {
    if sheet.bars.len() > MOST_WRITTEN {
        return Err(format!(
            "a tune whose parts are put in order may have up to {MOST_WRITTEN} bars, but has more; the parts are played as they stand"
        ));
    }
    let mut played: Vec<usize> = Vec::new();
    if sections.first().is_some_and(|first| first.0.is_none()) {
        played.push(0);
    }
    for &label in order {
        let place = sections.iter().position(|section| section.0 == Some(label));
        played.push(place.ok_or_else(|| {
            format!("an order of parts must name parts of the tune, but names `{label}`; the parts are played as they stand")
        })?);
    }
    let in_order: Vec<Vec<usize>> = sections.iter().map(|section| bars_played(sheet, &section.1)).collect();
    let wanted: Vec<usize> = played
        .iter()
        .filter_map(|&section| in_order.get(section))
        .flatten()
        .copied()
        .take(MOST_BARS)
        .collect();
    if sheet.playing_order().bars.iter().map(|bar| bar.index).eq(wanted.iter().copied()) {
        return Ok(0);
    }
    write_out(sheet, sections, &played, most)
}

/// Longer tunes are not put in order: memory is the reason.
const MOST_WRITTEN: usize = 10_000;
/// An order of more bars than these is not looked at to the end.
const MOST_BARS: usize = 100_000;

/// The bars of a section in the order in which they are played when it stands alone.
fn bars_played(sheet: &Sheet, range: &Range<usize>) -> Vec<usize> {
    let mut alone = Sheet::new(sheet.resolution);
    alone.bars = sheet.bars.get(range.clone()).unwrap_or_default().to_vec();
    alone.playing_order().bars.iter().map(|bar| bar.index + range.start).collect()
}

/// A stretch of the sheet as it was, and where it stands now.
struct Copy {
    bars: Range<usize>,
    from: Range<Ticks>,
    to: Ticks,
}

impl Copy {
    /// What begins within the stretch, at its new place.
    fn of<T: Clone>(&self, list: &[Timed<T>], copied: &mut Vec<Timed<T>>) {
        let begin = list.partition_point(|item| item.at < self.from.start);
        let own = list.iter().skip(begin).take_while(|item| item.at < self.from.end);
        copied.extend(own.map(|item| Timed::new(self.moved(item.at), item.value.clone())));
    }

    fn moved(&self, at: Ticks) -> Ticks {
        self.to.saturating_add(at.saturating_sub(self.from.start))
    }
}

/// Writes the sections out as they are played, each with its own repeats.
fn write_out(
    sheet: &mut Sheet,
    sections: &[Section],
    played: &[usize],
    most: usize,
) -> Result<usize, String> {
    let size = |range: &Range<Ticks>| {
        let notes = sheet.parts.iter().map(|part| {
            let begin = part.notes.partition_point(|note| note.start < range.start);
            part.notes.partition_point(|note| note.start < range.end) - begin
        });
        notes.sum::<usize>()
    };
    let (mut copies, mut to, mut written) = (Vec::new(), Ticks::ZERO, 0);
    for bars in played.iter().filter_map(|&section| sections.get(section)).map(|section| section.1.clone()) {
        let of_range = sheet.bars.get(bars.clone()).unwrap_or_default();
        let (Some(first), Some(last)) = (of_range.first(), of_range.last()) else { continue };
        let from = first.start..last.end();
        written += bars.len() + size(&from);
        if written > most {
            return Err("an order of parts must be short enough to be written out, but is not; the parts are played as they stand".into());
        }
        let length = from.end.saturating_sub(from.start);
        copies.push(Copy { bars, from, to });
        to = to.saturating_add(length);
    }
    sheet.bars = copied_bars(sheet, &copies);
    copy_all(&copies, &mut sheet.tempos);
    copy_all(&copies, &mut sheet.texts);
    for part in &mut sheet.parts {
        let mut notes = Vec::with_capacity(part.notes.len());
        for copy in &copies {
            let begin = part.notes.partition_point(|note| note.start < copy.from.start);
            let own = part.notes.iter().skip(begin).take_while(|note| note.start < copy.from.end);
            notes.extend(
                own.map(|note| crate::sheet::Written { start: copy.moved(note.start), ..note.clone() }),
            );
        }
        part.notes = notes;
        copy_all(&copies, &mut part.chords);
        copy_all(&copies, &mut part.dynamics);
        copy_all(&copies, &mut part.texts);
        let first_clefs: Vec<_> =
            part.clefs.iter().take_while(|clef| clef.at == Ticks::ZERO).copied().collect();
        copy_all(&copies, &mut part.clefs);
        if part.clefs.first().is_none_or(|clef| clef.at > Ticks::ZERO) {
            part.clefs.splice(0..0, first_clefs);
        }
    }
    Ok(written)
}

fn copy_all<T: Clone>(copies: &[Copy], list: &mut Vec<Timed<T>>) {
    let mut copied = Vec::with_capacity(list.len());
    for copy in copies {
        copy.of(list, &mut copied);
    }
    *list = copied;
}

/// The bars of the copies, with the metre and the key that each needs at its beginning.
fn copied_bars(sheet: &Sheet, copies: &[Copy]) -> Vec<crate::sheet::Bar> {
    let mut holding: Vec<(Option<Meter>, Option<Key>)> = Vec::with_capacity(sheet.bars.len());
    let (mut meter, mut key) = (None, None);
    for bar in &sheet.bars {
        (meter, key) = (bar.meter.or(meter), bar.key.or(key));
        holding.push((meter, key));
    }
    let (mut bars, mut last) = (Vec::new(), (None, None));
    for copy in copies {
        let within = copy.bars.clone().map(|index| sheet.bars.get(index)).collect::<Vec<_>>();
        let repeats = within.iter().flatten().any(|bar| bar.repeats != Repeats::default());
        for (offset, (index, bar)) in copy.bars.clone().zip(within).enumerate() {
            let (Some(bar), Some(&(meter, key))) = (bar, holding.get(index)) else { continue };
            let mut bar = bar.clone();
            bar.start = copy.moved(bar.start);
            bar.meter = meter.filter(|_| meter != last.0);
            bar.key = key.filter(|_| key != last.1);
            last = (meter, key);
            bar.repeats.begins |= offset == 0 && repeats && !bars.is_empty();
            bars.push(bar);
        }
    }
    bars
}
