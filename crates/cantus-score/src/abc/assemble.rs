//! From bars as played to a score.

use super::voice::{Bar, WHOLE, whole_bar};
use super::words::Word;
use crate::sheet::ties::{Sounding, joined};
use crate::{Key, Meter, Note, Resolution, Score, Text, TextKind, Ticks, Timed, Track, exact};

const QUARTER: u64 = WHOLE / 4;

/// A voice ready to be laid out: its bars and the order in which they are played.
pub(super) struct Part {
    pub(super) track: Track,
    pub(super) bars: Vec<Bar>,
    pub(super) order: Vec<usize>,
}

impl Part {
    fn played(&self) -> impl Iterator<Item = &Bar> {
        self.order.iter().filter_map(|&index| self.bars.get(index))
    }
}

/// Lays the parts out in time; metre, keys and tempo are those of the first.
pub(super) fn score(parts: Vec<Part>) -> Score {
    let layout = parts.first().map(Layout::of).unwrap_or_default();
    let clock = Clock::new(&parts, &layout);
    let mut score = Score::new(clock.resolution);
    score.meters = layout.meters.iter().map(|&(at, meter)| Timed::new(clock.ticks(at), meter)).collect();
    if let Some(first) = parts.first() {
        fill_keys_and_tempos(&mut score, first, &clock);
    }
    score.tracks = parts.into_iter().map(|part| fill_track(part, &clock)).collect();
    score
}

/// Where the metre changes, in grains.
#[derive(Default)]
struct Layout {
    meters: Vec<(u64, Meter)>,
    /// The rest before a pickup whose length no metre can say, so that its bar is whole.
    shift: u64,
}

impl Layout {
    fn of(part: &Part) -> Self {
        let bars: Vec<&Bar> = part.played().collect();
        let (mut layout, mut at, mut index, mut cut) = (Self::default(), 0_u64, 0, false);
        while let Some(&bar) = bars.get(index) {
            let rest = bars.get(index..).unwrap_or_default();
            let (joined, length) = join(rest);
            let last = index + joined == bars.len();
            let fits = bar.meter.is_some_and(|meter| length.is_multiple_of(whole_bar(meter)));
            let short_end = last && bar.meter.is_some_and(|meter| length < whole_bar(meter));
            let (meter, irregular) = match bar.meter {
                Some(meter) if fits || short_end => (Some(meter), false),
                natural => (meter_of_length(length, natural).or(natural), true),
            };
            let unsayable = irregular && meter == bar.meter;
            if unsayable
                && index == 0
                && let Some(meter) = meter
            {
                layout.shift = whole_bar(meter).saturating_sub(length);
            }
            layout.change(at, meter, cut);
            // A metre that is written again begins a new bar.
            cut = unsayable && (index > 0 || layout.shift == 0);
            at = at.saturating_add(length).saturating_add(if index == 0 { layout.shift } else { 0 });
            index += joined;
        }
        layout
    }

    fn change(&mut self, at: u64, meter: Option<Meter>, cut: bool) {
        let before = self.meters.last().map(|change| change.1);
        if let Some(meter) = meter
            && (cut || before != Some(meter))
        {
            self.meters.push((at, meter));
        }
    }
}

/// How many of the bars that follow make one bar, and its length: an incomplete bar joins those after it where
/// together they are whole.
fn join(bars: &[&Bar]) -> (usize, u64) {
    let Some(first) = bars.first() else { return (1, 0) };
    let Some(meter) = first.meter else { return (1, first.length) };
    let mut sum = 0_u64;
    for (index, bar) in bars.iter().enumerate().take_while(|(_, bar)| bar.meter == Some(meter)) {
        sum = sum.saturating_add(bar.length);
        if sum == whole_bar(meter) {
            return (index + 1, sum);
        }
        if sum > whole_bar(meter) {
            break;
        }
    }
    (1, first.length)
}

/// The metre of a bar of such a length, with the lower number of `natural` where that can be.
fn meter_of_length(length: u64, natural: Option<Meter>) -> Option<Meter> {
    let first = natural.map_or(4, Meter::unit);
    let units = std::iter::once(first).chain([4, 8, 16, 32, 64]).filter(|&unit| unit >= first.min(4));
    for unit in units {
        let beat = WHOLE / u64::from(unit);
        if length.is_multiple_of(beat) {
            return Meter::new((length / beat) as i64, i64::from(unit)).ok();
        }
    }
    None
}

/// Turns grains into ticks.
struct Clock {
    resolution: Resolution,
    shift: u64,
}

impl Clock {
    /// Chooses 480 ticks a quarter or the smallest multiple that makes all times exact.
    fn new(parts: &[Part], layout: &Layout) -> Self {
        let bars = parts.iter().flat_map(|part| &part.bars);
        let times = bars.flat_map(|bar| {
            let notes = bar.notes.iter().flat_map(|note| [note.start, note.length]);
            notes.chain([bar.length])
        });
        Self { resolution: exact::resolution(QUARTER, times.chain([layout.shift])), shift: layout.shift }
    }

    /// A length, rounded to the nearest tick.
    fn length(&self, grains: u64) -> Ticks {
        exact::ticks(grains, QUARTER, self.resolution)
    }

    /// A place in the score. What belongs to the beginning stays there, whatever rest comes before the music.
    fn ticks(&self, grains: u64) -> Ticks {
        self.length(grains)
    }

    /// A place in the music, after the rest that precedes it.
    fn music(&self, grains: u64) -> Ticks {
        self.length(grains.saturating_add(self.shift))
    }
}

/// Walks over the bars as played, with the grain at which each begins.
fn with_begins(part: &Part) -> impl Iterator<Item = (u64, &Bar)> {
    part.played().scan(0_u64, |at, bar| {
        let begin = *at;
        *at = at.saturating_add(bar.length);
        Some((begin, bar))
    })
}

/// How often each bar of those as played has been played, from 1.
fn passes(part: &Part) -> Vec<u8> {
    let mut counts = vec![0_u8; part.bars.len()];
    let count = |&index: &usize| {
        let count = counts.get_mut(index)?;
        *count = count.saturating_add(1);
        Some(*count)
    };
    part.order.iter().filter_map(count).collect()
}

/// What a bar sings on a pass: that verse, or the first where a note has none of it.
fn sung(bar: &Bar, pass: u8) -> Vec<(u64, &str)> {
    let mut words: Vec<&(u64, Word)> = bar.words.iter().collect();
    words.sort_by_key(|word| word.0);
    let mut sung = Vec::new();
    for of_note in words.chunk_by(|a, b| a.0 == b.0) {
        let own = of_note.iter().find(|word| word.1.verse == pass).or_else(|| of_note.first());
        sung.extend(own.map(|word| (word.0, word.1.text.as_str())));
    }
    sung
}

/// Makes the tracks with these indices one: the first takes the notes of the others.
pub(super) fn join_staves(tracks: &mut [Track], staves: &[usize]) {
    let Some((&first, others)) = staves.split_first() else { return };
    for &other in others {
        let Some(other) = tracks
            .get_mut(other)
            .map(|track| (std::mem::take(&mut track.notes), std::mem::take(&mut track.texts)))
        else {
            continue;
        };
        let Some(whole) = tracks.get_mut(first) else { return };
        whole.notes.extend(other.0);
        whole.texts.extend(other.1);
    }
    if let Some(whole) = tracks.get_mut(first) {
        whole.notes.sort_unstable();
        whole.texts.sort_by_key(|text| text.at);
    }
}

fn fill_keys_and_tempos(score: &mut Score, part: &Part, clock: &Clock) {
    let mut written: Option<Key> = None;
    for (at, bar) in with_begins(part) {
        let place = |offset: u64| match at + offset {
            0 => Ticks::ZERO,
            grains => clock.music(grains),
        };
        for &(offset, key) in &bar.keys {
            if written != Some(key) {
                score.keys.push(Timed::new(place(offset), key));
                written = Some(key);
            }
        }
        score.tempos.extend(bar.tempos.iter().map(|&(offset, tempo)| Timed::new(place(offset), tempo)));
    }
}

fn fill_track(part: Part, clock: &Clock) -> Track {
    let (mut notes, mut texts) = (Vec::new(), Vec::new());
    for ((at, bar), pass) in with_begins(&part).zip(passes(&part)) {
        let symbols = bar.symbols.iter().map(|(offset, symbol)| (*offset, symbol.as_str(), TextKind::Text));
        let words = sung(bar, pass).into_iter().map(|(offset, word)| (offset, word, TextKind::Lyric));
        texts.extend(symbols.chain(words).map(|(offset, text, kind)| {
            let text = Text { kind, text: text.to_owned() };
            Timed::new(clock.music(at.saturating_add(offset)), text)
        }));
        notes.extend(bar.notes.iter().map(|note| {
            let (start, end) = (at.saturating_add(note.start), at.saturating_add(note.start + note.length));
            let start = clock.music(start);
            let length = Ticks(clock.music(end).saturating_sub(start).0.max(1));
            Sounding { note: Note::new(start, length, note.pitch), voice: note.layer, tied: note.tied }
        }));
    }
    let notes = joined(notes);
    texts.sort_by_key(|text| text.at);
    Track { notes, texts, ..part.track }
}
