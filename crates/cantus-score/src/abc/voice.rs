//! One voice: from signs to bars, in the order in which they are written.

use super::fields::{SEMITONES, Signature};
use super::scan::{BarLine, Length, Sign};
use super::words::{Step, Word, steps};
use crate::{Key, Meter, Pitch, Tempo};

/// Grains of a whole note, the time unit of the reader: 1024ths and tuplets of 3, 5, 7, 9, 11, 13 and 15 are exact.
pub(super) const WHOLE: u64 = 1024 * 27 * 25 * 7 * 11 * 13;
/// The longest note, rest or bar that is taken at its word.
const LONGEST: u64 = 64 * WHOLE;
/// The most bars that one rest holds.
const MOST_BARS: u64 = 100;
/// A voice of this many bars takes a rest for one bar: four letters of a broken file must not become a hundred bars each.
const MANY_BARS: usize = 10_000;

/// A note within a bar, in grains from the bar's beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BarNote {
    pub(super) start: u64,
    pub(super) length: u64,
    pub(super) pitch: Pitch,
    /// Its letter as a step above C, and its octave as written.
    spelling: (usize, i32),
    /// Held into the next note of the same pitch.
    pub(super) tied: bool,
    /// In which overlay it stands; 0 in none.
    pub(super) layer: u8,
}

/// What stands between two bar lines.
#[derive(Debug, Clone, Default)]
pub(super) struct Bar {
    pub(super) notes: Vec<BarNote>,
    pub(super) length: u64,
    /// The metre; none where the music is free.
    pub(super) meter: Option<Meter>,
    pub(super) keys: Vec<(u64, Key)>,
    pub(super) tempos: Vec<(u64, Tempo)>,
    pub(super) symbols: Vec<(u64, String)>,
    pub(super) words: Vec<(u64, Word)>,
    /// A repeat begins with this bar.
    pub(super) begins: bool,
    /// How often the section is played again after this bar.
    pub(super) again: u8,
    /// A double bar follows.
    pub(super) double: bool,
    /// The passes of the variant ending that begins here.
    pub(super) ending: Option<Vec<u8>>,
    /// The line on which the bar begins.
    pub(super) line: usize,
}

/// The length of a whole bar in grains.
pub(super) fn whole_bar(meter: Meter) -> u64 {
    WHOLE * u64::from(meter.beats()) / u64::from(meter.unit())
}

/// What a tune's header says about all voices.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub(super) meter: Option<Meter>,
    /// The unit of length; none where no field gives it.
    pub(super) unit: Option<u64>,
    pub(super) signature: Signature,
    pub(super) tempo: Option<Tempo>,
}

/// The last note, chord or rest, which a broken rhythm may still change.
#[derive(Debug, Clone, Copy)]
struct Last {
    first_note: usize,
    start: u64,
}

#[derive(Debug, Clone, Copy)]
struct Tuplet {
    left: u64,
    upper: u64,
    lower: u64,
}

/// A chord that is still open.
#[derive(Debug, Clone, Copy)]
struct Chord {
    first_note: usize,
    /// The length of its first note.
    length: Option<u64>,
}

/// A voice being read.
#[derive(Debug, Clone)]
pub(super) struct Voice {
    pub(super) bars: Vec<Bar>,
    bar: Bar,
    cursor: u64,
    unit: u64,
    meter: Option<Meter>,
    signature: Signature,
    /// Accidentals of this bar, by letter.
    accidentals: [Option<i8>; 7],
    /// Notes that a tie holds over the bar line: they keep their accidental.
    held: Vec<BarNote>,
    last: Option<Last>,
    /// Factor of the next length, from a broken rhythm.
    broken: Option<(u64, u64)>,
    tuplet: Option<Tuplet>,
    chord: Option<Chord>,
    /// Bar and place of each note of the line, for the words below it.
    sung: Vec<(usize, u64)>,
    /// How many lines of words stand below the line of music.
    verses: u8,
    /// The overlay of this bar; 0 is the music itself, which alone has words.
    layer: u8,
    /// Semitones by which all is moved.
    pub(super) transpose: i32,
}

impl Voice {
    pub(super) fn new(setting: &Setting, transpose: i32) -> Self {
        let mut voice = Self {
            bars: Vec::new(),
            bar: Bar::default(),
            cursor: 0,
            unit: setting.unit.unwrap_or_else(|| super::fields::default_unit(setting.meter)),
            meter: setting.meter,
            signature: setting.signature,
            accidentals: [None; 7],
            held: Vec::new(),
            last: None,
            broken: None,
            tuplet: None,
            chord: None,
            sung: Vec::new(),
            verses: 0,
            layer: 0,
            transpose,
        };
        voice.bar.tempos.extend(setting.tempo.map(|tempo| (0, tempo)));
        voice.bar.keys.extend(setting.signature.key.map(|key| (0, key)));
        voice
    }

    pub(super) fn unit(&self) -> u64 {
        self.unit
    }

    pub(super) fn set_unit(&mut self, unit: u64) {
        self.unit = unit;
    }

    pub(super) fn set_tempo(&mut self, tempo: Tempo) {
        self.bar.tempos.push((self.cursor, tempo));
    }

    pub(super) fn set_key(&mut self, signature: Signature) {
        self.signature = signature;
        self.bar.keys.extend(signature.key.map(|key| (self.cursor, key)));
    }

    /// A new metre begins a new bar.
    pub(super) fn set_meter(&mut self, meter: Option<Meter>) {
        if self.cursor > 0 {
            self.close_bar(BarLine::default());
        }
        self.meter = meter;
    }

    /// Takes one sign; gives back what was wrong with it.
    pub(super) fn take(&mut self, sign: Sign, line: usize) -> Option<String> {
        if self.bar.line == 0 {
            self.bar.line = line;
        }
        match sign {
            Sign::Note { step, octave, accidental, length } => {
                return self.note(step, octave, accidental, length);
            }
            Sign::Rest(length) => return self.rest(length),
            Sign::BarRest(bars) => return self.bar_rest(bars),
            Sign::ChordBegins => {
                self.chord = Some(Chord { first_note: self.bar.notes.len(), length: None });
            }
            Sign::ChordEnds(length) => return self.end_chord(length),
            Sign::Broken(halvings) => return self.break_rhythm(halvings),
            Sign::Tie => self.tie(),
            Sign::Tuplet(notes, time, count) => return self.begin_tuplet(notes, time, count),
            Sign::Bar(bar) => self.close_bar(bar),
            Sign::Ending(passes) => {
                if self.cursor > 0 {
                    self.close_bar(BarLine::default());
                }
                self.bar.ending = Some(passes);
            }
            Sign::Overlay => {
                self.bar.length = self.bar.length.max(self.cursor);
                self.cursor = 0;
                self.last = None;
                self.layer = self.layer.saturating_add(1);
            }
            Sign::Symbol(text) => self.bar.symbols.push((self.cursor, text)),
            Sign::Field(..) => {}
            Sign::Fault(message) => return Some(message),
        }
        None
    }

    /// A line of music begins.
    pub(super) fn begin_line(&mut self) {
        self.sung.clear();
        self.verses = 0;
    }

    /// Takes a line of words for the notes of the last line.
    pub(super) fn words(&mut self, line: &str) {
        self.verses = self.verses.saturating_add(1);
        let mut next = 0_usize;
        for step in steps(line) {
            match step {
                Step::Skip => next += 1,
                Step::Bar => {
                    let bar = next.checked_sub(1).and_then(|last| self.sung.get(last)).map(|last| last.0);
                    next = bar.map_or(next, |bar| self.sung.partition_point(|note| note.0 <= bar));
                }
                Step::Syllable(text) => {
                    let Some(&(bar, at)) = self.sung.get(next) else { return };
                    let bar = self.bars.get_mut(bar).unwrap_or(&mut self.bar);
                    bar.words.push((at, Word { verse: self.verses, text }));
                    next += 1;
                }
            }
        }
    }

    /// A line of music ends: a full bar ends with it, and a chord cannot go on.
    pub(super) fn end_line(&mut self) {
        self.chord = None;
        let full = self.meter.is_some_and(|meter| self.cursor == whole_bar(meter));
        if full && self.broken.is_none() {
            self.close_bar(BarLine::default());
        }
    }

    /// Ends the voice.
    pub(super) fn finish(mut self) -> Vec<Bar> {
        self.close_bar(BarLine { double: true, ..BarLine::default() });
        self.bars
    }

    /// A written length in grains, and what was wrong with it.
    fn grains(&self, length: Length) -> (u64, Option<String>) {
        let Length { upper, lower } = length;
        if upper == 0 || lower == 0 {
            return (self.unit, Some("a length must be more than zero, but was 0; 1 is taken".into()));
        }
        let grains = self.unit * upper / lower;
        if grains > LONGEST || grains == 0 {
            let message = format!(
                "a note must be between a 1024th and 64 whole notes long, but was {upper}/{lower} of the unit; \
                 the unit is taken"
            );
            return (self.unit, Some(message));
        }
        (grains, None)
    }

    /// Applies the tuplet and the broken rhythm that wait for this length.
    fn in_context(&mut self, mut grains: u64) -> u64 {
        if let Some(tuplet) = &mut self.tuplet {
            grains = (grains * tuplet.lower / tuplet.upper).max(1);
            tuplet.left -= 1;
            if tuplet.left == 0 {
                self.tuplet = None;
            }
        }
        if let Some((upper, lower)) = self.broken.take() {
            grains = (grains * upper / lower).max(1);
        }
        grains
    }

    fn advance(&mut self, grains: u64, first_note: usize) {
        if first_note < self.bar.notes.len() && self.layer == 0 {
            self.sung.push((self.bars.len(), self.cursor));
        }
        self.last = Some(Last { first_note, start: self.cursor });
        self.cursor = self.cursor.saturating_add(grains);
    }

    fn note(&mut self, step: usize, octave: i32, accidental: Option<i8>, length: Length) -> Option<String> {
        let (grains, mut fault) = self.grains(length);
        let in_chord = self.chord.is_some();
        let grains = if in_chord { grains } else { self.in_context(grains) };
        let first_note = self.bar.notes.len();
        match self.pitch(step, octave, accidental) {
            Some(pitch) => {
                let (start, spelling, layer) = (self.cursor, (step, octave), self.layer);
                self.bar.notes.push(BarNote { start, length: grains, pitch, spelling, tied: false, layer });
            }
            None => fault = Some("a note lies outside the keyboard; a rest is taken".into()),
        }
        match &mut self.chord {
            Some(chord) => {
                chord.length.get_or_insert(grains);
            }
            None => self.advance(grains, first_note),
        }
        fault
    }

    /// The pitch of a letter with its own accidental, the tie's, the bar's or the key's.
    fn pitch(&mut self, step: usize, octave: i32, accidental: Option<i8>) -> Option<Pitch> {
        if let Some(raise) = accidental {
            *self.accidentals.get_mut(step)? = Some(raise);
        }
        let held = self.held.iter().find(|held| self.cursor == 0 && held.spelling == (step, octave));
        if let (Some(held), None) = (held, accidental) {
            return Some(held.pitch);
        }
        let in_bar = self.accidentals.get(step).copied().flatten();
        let raise = in_bar.or_else(|| self.signature.raised.get(step).copied()).unwrap_or(0);
        let semitones = SEMITONES.get(step)? + i32::from(raise) + self.transpose;
        Pitch::new(i64::from(octave.clamp(-100, 100) + 1) * 12 + i64::from(semitones)).ok()
    }

    fn rest(&mut self, length: Length) -> Option<String> {
        let (grains, fault) = self.grains(length);
        if self.chord.is_some() {
            return fault;
        }
        let grains = self.in_context(grains);
        self.advance(grains, self.bar.notes.len());
        fault
    }

    fn bar_rest(&mut self, bars: u64) -> Option<String> {
        let whole = self.meter.map_or(WHOLE, whole_bar);
        let most = if self.bars.len() < MANY_BARS { MOST_BARS } else { 1 };
        let taken = bars.clamp(1, most);
        for bar in 0..taken {
            if bar > 0 {
                self.close_bar(BarLine::default());
            }
            self.advance(whole, self.bar.notes.len());
        }
        (taken != bars)
            .then(|| format!("a rest here must be 1 to {most} bars long, but was {bars}; {taken} are taken"))
    }

    fn end_chord(&mut self, length: Length) -> Option<String> {
        let chord = self.chord.take()?;
        let Some(first_length) = chord.length else {
            return Some("a chord must hold a note, but is empty".into());
        };
        let plain = Length { upper: 1, lower: 1 };
        let Length { upper, lower } = if length.upper == 0 || length.lower == 0 { plain } else { length };
        let scaled = (first_length * upper / lower).min(LONGEST);
        let advance = self.in_context(scaled);
        for note in self.bar.notes.iter_mut().skip(chord.first_note) {
            let grains = u128::from(note.length) * u128::from(advance) / u128::from(first_length);
            note.length = (grains as u64).min(LONGEST);
        }
        self.advance(advance, chord.first_note);
        None
    }

    /// Lengthens the last note (shortens, where negative) and makes the next the opposite.
    fn break_rhythm(&mut self, halvings: i32) -> Option<String> {
        let Some(last) = self.last.take() else {
            return Some("a broken rhythm must stand between two notes of a bar; passed over".into());
        };
        let parts = 1_u64 << halvings.unsigned_abs().min(6);
        let (long, short) = ((2 * parts - 1, parts), (1, parts));
        let (before, after) = if halvings > 0 { (long, short) } else { (short, long) };
        let scale = |length: u64| length * before.0 / before.1;
        for note in self.bar.notes.iter_mut().skip(last.first_note) {
            note.length = scale(note.length);
        }
        self.cursor = last.start + scale(self.cursor - last.start);
        self.broken = Some(after);
        None
    }

    fn tie(&mut self) {
        let first = match (self.chord, self.last) {
            // Within a chord the tie belongs to the note before it.
            (Some(_), _) => self.bar.notes.len().saturating_sub(1),
            (None, Some(last)) => last.first_note,
            (None, None) => return,
        };
        for note in self.bar.notes.iter_mut().skip(first) {
            note.tied = true;
        }
    }

    fn begin_tuplet(&mut self, notes: u64, time: Option<u64>, count: Option<u64>) -> Option<String> {
        let compound = self.meter.is_some_and(|meter| meter.beats() > 3 && meter.beats().is_multiple_of(3));
        let usual = match notes {
            2 | 4 | 8 => 3,
            3 | 6 => 2,
            _ if compound => 3,
            _ => 2,
        };
        let (lower, left) = (time.unwrap_or(usual), count.unwrap_or(notes));
        if !(2..=99).contains(&notes) || !(1..=99).contains(&lower) || !(1..=99).contains(&left) {
            return Some(format!(
                "a tuplet must hold 2 to 99 notes, but `({notes}` holds {left}; passed over"
            ));
        }
        self.tuplet = Some(Tuplet { left, upper: notes, lower });
        None
    }

    /// Ends the bar; where it is empty, the line only adds to the one before.
    fn close_bar(&mut self, line: BarLine) {
        self.bar.length = self.bar.length.max(self.cursor);
        if self.bar.length > 0 {
            self.held.clear();
            let held = |note: &&BarNote| note.tied && note.start + note.length == self.cursor;
            self.held.extend(self.bar.notes.iter().filter(held));
            self.bar.meter = self.meter;
            self.bars.push(std::mem::take(&mut self.bar));
            self.accidentals = [None; 7];
            (self.cursor, self.last, self.layer) = (0, None, 0);
        }
        self.bar.begins |= line.begins;
        if let Some(done) = self.bars.last_mut() {
            done.again = done.again.max(line.again);
            done.double |= line.double;
        }
    }
}
