//! From what was found to a sheet: measures become bars, moments become ticks.

use super::MusicXmlError;
use super::bars::{self, Bars};
use super::faults::Faults;
use super::moment::{self, FINE, Moment, QUARTER, ROUNDED};
use super::part::{Found, FoundNote, Part, Shared};
use crate::sheet::{self, Credits, Grace, Sheet, Written};
use crate::{Channel, Program, Resolution, Ticks, Timed};

/// The longest piece in ticks: what is added to it still fits.
const MOST_TICKS: u64 = 1 << 31;

/// Times in ticks.
struct Clock {
    resolution: Resolution,
    /// When each measure begins.
    starts: Vec<Moment>,
    /// When the last one ends.
    end: Moment,
}

impl Clock {
    fn moment<T>(&self, found: &Found<T>) -> Moment {
        self.starts.get(found.measure as usize).copied().unwrap_or(0).saturating_add(found.at)
    }

    fn ticks(&self, moment: Moment) -> Ticks {
        moment::ticks(moment, self.resolution)
    }

    /// What was found, sorted; of what has one key at one time, the first.
    fn timed<T, K: Ord>(&self, found: Vec<Found<T>>, key: impl Fn(&T) -> K) -> Vec<Timed<T>> {
        let mut timed: Vec<Timed<T>> =
            found.into_iter().map(|found| Timed::new(self.ticks(self.moment(&found)), found.value)).collect();
        timed.sort_by_key(|timed| (timed.at, key(&timed.value)));
        timed.dedup_by_key(|timed| (timed.at, key(&timed.value)));
        timed
    }

    /// All that was found, sorted.
    fn all<T>(&self, found: Vec<Found<T>>) -> Vec<Timed<T>> {
        let mut timed: Vec<Timed<T>> =
            found.into_iter().map(|found| Timed::new(self.ticks(self.moment(&found)), found.value)).collect();
        timed.sort_by_key(|timed| timed.at);
        timed
    }

    /// A note in ticks.
    fn note(&self, found: Found<FoundNote>) -> Written {
        let start = self.moment(&found);
        let bar_line = self.starts.get(found.measure as usize + 1).copied().unwrap_or(self.end);
        let FoundNote { mut note, length, .. } = found.value;
        let mut end = start.saturating_add(length);
        if (bar_line..bar_line.saturating_add(ROUNDED)).contains(&end) {
            end = bar_line;
        }
        note.start = self.ticks(start);
        note.length = self.ticks(end).saturating_sub(note.start);
        if note.length == Ticks::ZERO {
            // It may be shorter than a tick.
            note.grace = note.grace.or(Some(Grace { slashed: false }));
        }
        note
    }
}

/// Makes the sheet of a file of so many bytes.
pub(super) fn sheet(
    credits: Credits,
    mut parts: Vec<Part>,
    shared: Shared,
    (bytes, faults): (usize, &mut Faults<'_>),
) -> Result<Sheet, MusicXmlError> {
    parts.retain(|part| part.begun > 0);
    if parts.is_empty() || shared.measures.is_empty() {
        return Err(MusicXmlError::NoMusic);
    }
    let (mut starts, mut at) = (Vec::with_capacity(shared.measures.len()), 0);
    for measure in &shared.measures {
        starts.push(at);
        at = Moment::saturating_add(at, measure.lasts());
    }
    let resolution = resolution(&parts, &shared, &starts, at, faults)?;
    let clock = Clock { resolution, starts, end: at };
    let mut bars = bars::bars(&shared.measures, &clock.starts);
    let keys = parts.iter().map(|part| part.keys.iter().map(|key| (clock.moment(key), key.value)).collect());
    bars::keys(&mut bars, keys.collect());
    let mut sheet = Sheet::new(resolution);
    sheet.credits = credits;
    sheet.bars = in_ticks(bars, &clock);
    sheet.tempos = clock.timed(shared.tempos, |_| ());
    sheet.texts = clock.all(shared.texts);
    sheet.parts = parts.into_iter().enumerate().map(|(index, part)| finished(index, part, &clock)).collect();
    for fault in sheet::limits::hold(&mut sheet, bytes) {
        faults.add(0, format_args!("{fault}"))?;
    }
    Ok(sheet)
}

/// The resolution of the file, or a coarser one where the piece would not fit.
fn resolution(
    parts: &[Part],
    shared: &Shared,
    starts: &[Moment],
    end: Moment,
    faults: &mut Faults<'_>,
) -> Result<Resolution, MusicXmlError> {
    let lengths = || parts.iter().flat_map(|part| &part.notes).flat_map(|note| [note.at, note.value.length]);
    let moments = || lengths().chain(starts.iter().copied());
    // Durations with decimals lie between the divisions.
    let told = moment::common(shared.divisions.iter().copied())
        .filter(|&told| moments().all(|moment| moment::tells(told, moment)))
        .or_else(|| moment::telling(moments()));
    if told.is_none() {
        let message =
            format_args!("the parts count in too many ways; times are rounded to 1/{FINE} of a quarter note");
        faults.add(0, message)?;
    }
    let mut resolution = told.or_else(|| Resolution::new(FINE).ok()).unwrap_or(Resolution::STANDARD);
    let quarters = (end / QUARTER) as u64 + 1;
    while quarters * u64::from(resolution.ticks_per_quarter()) > MOST_TICKS
        && resolution.ticks_per_quarter() > 1
    {
        let coarser = Resolution::new(i64::from(resolution.ticks_per_quarter()) / 2);
        resolution = coarser.unwrap_or(resolution);
    }
    Ok(resolution)
}

fn in_ticks(bars: Bars, clock: &Clock) -> Vec<sheet::Bar> {
    let Bars { all: mut bars, starts, end, .. } = bars;
    let ends = starts.iter().skip(1).copied().chain([end]);
    for ((bar, start), end) in bars.iter_mut().zip(&starts).zip(ends) {
        bar.start = clock.ticks(*start);
        bar.length = clock.ticks(end).saturating_sub(bar.start);
    }
    bars
}

fn finished(index: usize, part: Part, clock: &Clock) -> sheet::Part {
    let drums = is_drums(&part);
    let instruments = &part.head.instruments;
    let told = instruments.iter().find_map(|instrument| instrument.program);
    let program = if drums { told } else { part.head.program() };
    let channel = instruments.iter().find_map(|instrument| instrument.channel);
    let channel = match channel {
        _ if drums => Channel::DRUMS,
        Some(channel) if channel != Channel::DRUMS => channel,
        // One after the other, the drums' passed over.
        _ => Channel::saturating([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15][index % 15]),
    };
    let mut done = sheet::Part::new(part.head.name, channel, program.unwrap_or(Program::PIANO));
    done.transposition = part.first_transposition.unwrap_or(part.transposition);
    done.staves = part.staves;
    let mut clefs = part.clefs;
    // Of two clefs at one time the later one holds.
    clefs.reverse();
    done.clefs = clock.timed(clefs, |clef| clef.0);
    done.notes = part.notes.into_iter().map(|note| clock.note(note)).collect();
    done.notes.sort_by_key(order);
    done.chords = clock.timed(part.chords, |_| ());
    done.dynamics = clock.timed(part.dynamics, |_| ());
    done.texts = clock.all(part.texts);
    done
}

/// By beginning, voice, grace notes in their order before their note, and pitch.
pub(super) fn order(note: &Written) -> (Ticks, u8, bool, i32) {
    let main = note.grace.is_none();
    let place = i32::from(note.pitch.octave) * 12
        + i32::from(note.pitch.tone.step.semitones())
        + i32::from(note.pitch.tone.alter);
    (note.start, note.voice, main, if main { place } else { 0 })
}

/// Whether most notes have no pitch, or all instruments sound on the channel of drums.
fn is_drums(part: &Part) -> bool {
    let unpitched = part.notes.iter().filter(|note| note.value.unpitched).count();
    let instruments = &part.head.instruments;
    let on_channel = !instruments.is_empty()
        && instruments.iter().all(|instrument| instrument.channel == Some(Channel::DRUMS));
    unpitched * 2 > part.notes.len() || on_channel
}
