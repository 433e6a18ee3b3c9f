//! From voices to a sheet.

use std::collections::HashSet;

use super::align::{Bars, aligned};
use super::order;
use super::player::Player;
use super::repeats::{self, Lines};
use super::voice::{Bar, BarNote, Placed, Voice, WHOLE};
use crate::lines::Log;
use crate::sheet::{self, ChordSymbol, Credits, Part, Sheet, Syllable, Written};
use crate::{Channel, Key, Pitch, Program, Resolution, Text, TextKind, Ticks, Timed, exact, instrument};

const QUARTER: u64 = WHOLE / 4;

/// What a tune says besides its voices.
pub(super) struct Frame {
    pub(super) credits: Credits,
    /// The voices of each brace.
    pub(super) braces: Vec<Vec<String>>,
    /// The order of the sections (`P:`), and its line.
    pub(super) order: Option<(String, usize)>,
}

/// Makes the sheet of a tune. `most` is how many notes and bars may still be written out; it is lowered.
pub(super) fn sheet(mut players: Vec<Player>, frame: Frame, most: &mut usize, log: &mut Log) -> Sheet {
    players.retain(|player| player.voice.as_ref().is_some_and(|voice| !voice.bars.is_empty()));
    let voices: Vec<&Voice> = players.iter().filter_map(|player| player.voice.as_deref()).collect();
    let of_voices: Vec<&[Bar]> = voices.iter().map(|voice| voice.bars.as_slice()).collect();
    let bars = aligned(&of_voices);
    let clock = Clock::new(&voices, &bars);
    let mut sheet = Sheet::new(clock.resolution);
    sheet.credits = frame.credits;
    sheet.bars = clock.bars(&bars);
    write_bars(&mut sheet, &voices, &bars);
    clock.fill_whole(&mut sheet, &voices, &bars);
    let sections = sections(&voices, &bars, sheet.bars.len());
    sheet.parts = clock.parts(&mut players, &frame.braces, &bars);
    for part in &mut sheet.parts {
        forget_loose_ties(part, &sheet.bars);
    }
    if let Some((text, line)) = frame.order.filter(|_| !sections.is_empty()) {
        match order::parse(&text).and_then(|order| order::apply(&mut sheet, &sections, &order, *most)) {
            Ok(written) => *most = most.saturating_sub(written),
            Err(fault) => log.warn(line, 1, fault),
        }
    }
    sheet
}

/// Metres, repeats and jumps.
fn write_bars(sheet: &mut Sheet, voices: &[&Voice], bars: &Bars) {
    let mut meters = vec![None; sheet.bars.len()];
    for (voice, places) in voices.iter().zip(&bars.places) {
        for (bar, place) in voice.bars.iter().zip(places) {
            if let Some(meter @ None) = meters.get_mut(place.first as usize) {
                *meter = bar.meter;
            }
        }
        for &(bar, jump) in &voice.beside.jumps {
            let place = places.get(bar).or(places.last());
            let jumps = place.and_then(|place| {
                sheet.bars.get_mut(match jump {
                    sheet::Jump::Segno | sheet::Jump::Coda => place.first as usize,
                    _ => place.last as usize,
                })
            });
            if let Some(bar) = jumps.filter(|bar| !bar.repeats.jumps.contains(&jump)) {
                bar.repeats.jumps.push(jump);
            }
        }
    }
    let mut written = None;
    for (bar, meter) in sheet.bars.iter_mut().zip(meters) {
        bar.meter = meter.filter(|_| meter != written);
        written = meter.or(written);
    }
    repeats::write(&mut sheet.bars, &lines(voices, bars));
}

/// The bar lines of the first voice that repeats anything.
fn lines(voices: &[&Voice], bars: &Bars) -> Vec<Lines> {
    let repeats = |bar: &Bar| bar.begins || bar.again > 0 || !bar.ending.is_empty();
    let leader = voices.iter().position(|voice| voice.bars.iter().any(repeats)).unwrap_or(0);
    let mut lines = vec![Lines::default(); bars.starts.len()];
    let (Some(voice), Some(places)) = (voices.get(leader), bars.places.get(leader)) else { return lines };
    for (bar, place) in voice.bars.iter().zip(places) {
        if let Some(line) = lines.get_mut(place.first as usize) {
            line.begins |= bar.begins;
            line.ending.clone_from(&bar.ending);
        }
        if let Some(line) = lines.get_mut(place.last as usize) {
            line.again = bar.again;
            line.double = bar.double;
        }
    }
    lines
}

/// The sections of the first voice that has some.
fn sections(voices: &[&Voice], bars: &Bars, count: usize) -> Vec<order::Section> {
    let labelled = voices.iter().zip(&bars.places).find(|voice| !voice.0.beside.labels.is_empty());
    let Some((voice, places)) = labelled else { return Vec::new() };
    let mut begins: Vec<(Option<char>, usize)> = Vec::new();
    for &(bar, label) in &voice.beside.labels {
        let Some(place) = places.get(bar) else { continue };
        if begins.is_empty() && place.first > 0 {
            begins.push((None, 0));
        }
        if begins.last().is_some_and(|last| last.1 == place.first as usize) {
            begins.pop();
        }
        begins.push((Some(label), place.first as usize));
    }
    let ends = begins.iter().skip(1).map(|begin| begin.1).chain([count]);
    begins.iter().zip(ends).map(|(begin, end)| (begin.0, begin.1..end)).collect()
}

/// Turns grains into ticks.
struct Clock {
    resolution: Resolution,
}

impl Clock {
    /// Chooses 480 ticks a quarter or the smallest multiple that makes all times exact.
    fn new(voices: &[&Voice], bars: &Bars) -> Self {
        let notes = voices.iter().flat_map(|voice| &voice.notes).flat_map(|note| [note.start, note.length]);
        let times = notes.chain(bars.starts.iter().copied()).chain([bars.end]);
        Self { resolution: exact::resolution(QUARTER, times) }
    }

    fn ticks(&self, grains: u64) -> Ticks {
        exact::ticks(grains, QUARTER, self.resolution)
    }

    fn bars(&self, bars: &Bars) -> Vec<sheet::Bar> {
        let ends = bars.starts.iter().skip(1).chain([&bars.end]);
        let bar = |(&start, &end): (&u64, &u64)| {
            let start = self.ticks(start);
            sheet::Bar::new(start, self.ticks(end).saturating_sub(start))
        };
        bars.starts.iter().zip(ends).map(bar).collect()
    }

    /// What stands beside the notes of a voice, at its time.
    fn timed<T: Clone>(
        &self,
        placed: &[Placed<T>],
        places: &[super::align::Place],
        end: u64,
    ) -> Vec<Timed<T>> {
        let at = |item: &Placed<T>| {
            let bar = places.get(item.bar).map_or(end, |place| place.start);
            Timed::new(self.ticks(bar.saturating_add(item.at)), item.value.clone())
        };
        let mut timed: Vec<Timed<T>> = placed.iter().map(at).collect();
        timed.sort_by_key(|timed| timed.at);
        timed
    }

    /// Keys and tempos.
    fn fill_whole(&self, sheet: &mut Sheet, voices: &[&Voice], bars: &Bars) {
        for (index, (voice, places)) in voices.iter().zip(&bars.places).enumerate() {
            if index == 0 {
                set_keys(&mut sheet.bars, &self.timed(&voice.beside.keys, places, bars.end));
            }
            sheet.tempos.extend(self.timed(&voice.beside.tempos, places, bars.end));
            sheet.texts.extend(self.timed(&voice.beside.headings, places, bars.end));
        }
        // The last tempo of a voice at one time holds; of several voices, the first one's.
        sheet.tempos.sort_by_key(|tempo| tempo.at);
        sheet.tempos.dedup_by(|later, tempo| later.at == tempo.at);
        sheet.texts.sort_by_key(|text| text.at);
        sheet.texts.dedup();
    }

    /// A part for each voice, or for the voices of a brace.
    fn parts(&self, players: &mut [Player], braces: &[Vec<String>], bars: &Bars) -> Vec<Part> {
        let ids: Vec<String> = players.iter().map(|player| player.id.clone()).collect();
        let brace_of = |id: &String| braces.iter().position(|brace| brace.contains(id));
        let (mut parts, mut taken) = (Vec::<Part>::new(), Vec::<Option<usize>>::new());
        for (index, (player, places)) in players.iter_mut().zip(&bars.places).enumerate() {
            let brace = ids.get(index).and_then(brace_of);
            let joined = brace.and_then(|brace| taken.iter().position(|taken| *taken == Some(brace)));
            let Some(mut voice) = player.voice.take() else { continue };
            let number = joined.unwrap_or(parts.len());
            if joined.is_none() {
                parts.push(new_part(player, number));
                taken.push(brace);
            }
            if let Some(part) = parts.get_mut(number) {
                part.staves = if joined.is_some() { part.staves.saturating_add(1) } else { 1 };
                let clef = player.clef.map(|clef| Timed::new(Ticks::ZERO, (part.staves, clef)));
                part.clefs.extend(clef);
                self.add(part, &mut voice, places, bars.end);
            }
        }
        parts.iter_mut().for_each(finish);
        parts
    }

    /// Adds a voice to its part, on the last staff.
    fn add(&self, part: &mut Part, voice: &mut Voice, places: &[super::align::Place], end: u64) {
        let (staff, before) = (part.staves, part.notes.iter().map(|note| note.voice).max().unwrap_or(0));
        let beside = &mut voice.beside;
        part.clefs.extend(
            self.timed(&beside.clefs, places, end)
                .into_iter()
                .map(|clef| Timed::new(clef.at, (staff, clef.value))),
        );
        part.dynamics.extend(self.timed(&beside.dynamics, places, end));
        for text in self.timed(&std::mem::take(&mut beside.quoted), places, end) {
            add_quoted(part, &text);
        }
        beside.syllables.sort_by_key(|syllable| syllable.0);
        let mut syllables = std::mem::take(&mut beside.syllables).into_iter().peekable();
        let first = part.notes.len();
        part.notes.reserve_exact(voice.notes.len());
        let firsts = voice.bars.iter().skip(1).map(|bar| bar.first).chain([voice.notes.len()]);
        for ((bar, last), place) in voice.bars.iter().zip(firsts).zip(places) {
            for (index, note) in (bar.first..last).zip(voice.notes.get(bar.first..last).unwrap_or_default()) {
                let mut written = self.written(note, place.start);
                written.voice = before.saturating_add(note.layer).saturating_add(1);
                written.staff = staff;
                while let Some((_, syllable)) = syllables.next_if(|syllable| syllable.0 <= index) {
                    sing(&mut written, syllable);
                }
                part.notes.push(written);
            }
        }
        debug_assert!(part.notes.len() - first <= voice.notes.len(), "each note is written once");
        voice.notes = Vec::new();
    }

    fn written(&self, note: &BarNote, bar: u64) -> Written {
        let start = bar.saturating_add(note.start);
        let begin = self.ticks(start);
        let length = self.ticks(start.saturating_add(note.length)).saturating_sub(begin);
        let length = if note.grace.is_some() { Ticks::ZERO } else { Ticks(length.0.max(1)) };
        let mut written = Written::new(begin, length, note.pitch);
        (written.tied, written.grace, written.articulations) = (note.tied, note.grace, note.signs.list());
        written
    }
}

fn new_part(player: &Player, number: usize) -> Part {
    let channel = player.channel.unwrap_or(channel_of(number));
    let program = player.program.or_else(|| instrument::program_of(&player.name));
    let mut part = Part::new(player.name.clone(), channel, program.unwrap_or(Program::PIANO));
    part.transposition = player.transposition();
    part
}

/// The channel of a part that names none; channel 9 is left to the drums.
pub(super) fn channel_of(number: usize) -> Channel {
    let free = if number % 15 < 9 { number % 15 } else { number % 15 + 1 };
    Channel::saturating(free as i64)
}

/// A syllable takes no more memory than it needs: a book may hold a million.
fn sing(note: &mut Written, syllable: Syllable) {
    note.syllables.reserve_exact(1);
    note.syllables.push(syllable);
}

/// A chord symbol, or a text; a sign of its place is left out.
fn add_quoted(part: &mut Part, text: &Timed<String>) {
    let plain = text.value.strip_prefix(['^', '_', '<', '>', '@']);
    if let (None, Some(chord)) = (plain, ChordSymbol::parse(&text.value)) {
        part.chords.push(Timed::new(text.at, chord));
        return;
    }
    let words = super::text::decoded(plain.unwrap_or(&text.value)).trim().to_owned();
    if !words.is_empty() {
        part.texts.push(Timed::new(text.at, Text { kind: TextKind::Text, text: words }));
    }
}

/// Sorts what several voices brought.
fn finish(part: &mut Part) {
    let key = |note: &Written| {
        let main = note.grace.is_none();
        (note.start, note.voice, main, if main { note.sounding() } else { None })
    };
    part.notes.sort_by_key(key);
    // Of two signs at one time the later one holds.
    part.clefs.reverse();
    part.clefs.sort_by_key(|clef| (clef.at, clef.value.0));
    part.clefs.dedup_by_key(|clef| (clef.at, clef.value.0));
    part.dynamics.reverse();
    part.dynamics.sort_by_key(|dynamic| dynamic.at);
    part.dynamics.dedup_by_key(|dynamic| dynamic.at);
    part.chords.sort_by_key(|chord| chord.at);
    part.chords.dedup();
    part.texts.sort_by_key(|text| text.at);
}

/// A key belongs to the bar line that is nearest.
fn set_keys(bars: &mut [sheet::Bar], keys: &[Timed<Key>]) {
    let mut written = None;
    for key in keys {
        let after = bars.partition_point(|bar| bar.start < key.at);
        let distance = |index: usize| bars.get(index).map_or(u32::MAX, |bar| bar.start.0.abs_diff(key.at.0));
        let nearest = if after > 0 && distance(after - 1) < distance(after) { after - 1 } else { after };
        if let Some(bar) = bars.get_mut(nearest).filter(|_| written != Some(key.value)) {
            bar.key = Some(key.value);
        }
        written = Some(key.value);
    }
}

/// Ties between different pitches are slurs, as older books write them. A tie at a repeat may lead back.
fn forget_loose_ties(part: &mut Part, bars: &[sheet::Bar]) {
    let leads_away = |end: Ticks| {
        let after = bars.partition_point(|bar| bar.start < end);
        let next = bars.get(after).map(|bar| &bar.repeats);
        let last = after.checked_sub(1).and_then(|before| bars.get(before));
        last.is_some_and(|bar| {
            bar.end() == end
                && (bar.repeats.ends.is_some()
                    || !bar.repeats.endings.is_empty()
                    || next.is_some_and(|next| !next.endings.is_empty()))
        })
    };
    if part.notes.iter().all(|note| !note.tied) {
        return;
    }
    let plain = part.notes.iter().filter(|note| note.grace.is_none());
    let begins: HashSet<(Ticks, Option<Pitch>)> = plain.map(|note| (note.start, note.sounding())).collect();
    for note in part.notes.iter_mut().filter(|note| note.tied) {
        note.tied = begins.contains(&(note.end(), note.sounding())) || leads_away(note.end());
    }
}
