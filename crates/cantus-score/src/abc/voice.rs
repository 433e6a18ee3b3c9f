//! One voice: from signs to bars, in the order in which they are written.

mod lengths;

use super::decoration::{Decoration, SignSet};
use super::fields::Signature;
use super::scan::{BarLine, Length, Sign};
use super::words::{Step as Sung, steps};
use crate::sheet::{Clef, Grace, Jump, Spelled, Step, Syllable, Transposition};
use crate::{Key, Meter, Tempo, Velocity};

/// Grains of a whole note, the time unit of the reader: 8192ths and tuplets of 3, 5, 7, 9, 11, 13 and 15 are exact.
pub(super) const WHOLE: u64 = 8192 * 27 * 25 * 7 * 11 * 13;
/// The longest note, rest or bar that is taken at its word.
const LONGEST: u64 = 64 * WHOLE;
/// The most bars that one rest holds.
const MOST_BARS: u64 = 999;
/// The most notes that a voice holds: memory is the reason.
const MOST_NOTES: usize = 500_000;
/// The most bars that a voice holds; its further music lies in the last.
const MOST_VOICE_BARS: usize = crate::Score::MOST_BARS;

/// A note within a bar, in grains from the bar's beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BarNote {
    pub(super) start: u64,
    pub(super) length: u64,
    /// As it sounds.
    pub(super) pitch: Spelled,
    /// Held into the next note of the same pitch.
    pub(super) tied: bool,
    /// In which overlay it stands; 0 in none.
    pub(super) layer: u8,
    pub(super) grace: Option<Grace>,
    pub(super) signs: SignSet,
}

/// What stands between two bar lines.
#[derive(Debug, Clone, Default)]
pub(super) struct Bar {
    /// The first of its notes.
    pub(super) first: usize,
    pub(super) length: u64,
    /// The metre; none where the music is free.
    pub(super) meter: Option<Meter>,
    /// A repeat begins with this bar.
    pub(super) begins: bool,
    /// How often the section is played again after this bar.
    pub(super) again: u8,
    /// A double bar follows.
    pub(super) double: bool,
    /// The passes of the variant ending that begins here; empty where none begins.
    pub(super) ending: Vec<u8>,
    /// The line on which the bar begins.
    pub(super) line: usize,
}

/// Something at a place: the index of its bar, and grains from the bar's beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed<T> {
    pub(super) bar: usize,
    pub(super) at: u64,
    pub(super) value: T,
}

/// What stands beside the notes of a voice, each in the order of the file.
#[derive(Debug, Clone, Default)]
pub(super) struct Beside {
    pub(super) keys: Vec<Placed<Key>>,
    pub(super) tempos: Vec<Placed<Tempo>>,
    /// Words of tempos, and labels where they order nothing.
    pub(super) headings: Vec<Placed<crate::Text>>,
    /// Texts in quotes.
    pub(super) quoted: Vec<Placed<String>>,
    pub(super) dynamics: Vec<Placed<Velocity>>,
    pub(super) clefs: Vec<Placed<Clef>>,
    pub(super) jumps: Vec<(usize, Jump)>,
    /// Where the sections of `P:` begin.
    pub(super) labels: Vec<(usize, char)>,
    /// What is sung, by the index of the note.
    pub(super) syllables: Vec<(usize, Syllable)>,
}

/// The length of a whole bar in grains.
pub(super) fn whole_bar(meter: Meter) -> u64 {
    WHOLE * u64::from(meter.beats()) / u64::from(meter.unit())
}

/// Bars that are not whole by so little hold lengths that grains do not tell exactly.
const SLACK: u64 = WHOLE / 4000;

/// The length of a bar, or that of a whole one where it is as good as that.
fn whole_or(length: u64, meter: Option<Meter>) -> u64 {
    let whole = meter.map(whole_bar).filter(|whole| whole.abs_diff(length) <= SLACK && length > 0);
    whole.unwrap_or(length)
}

/// What a tune's header says about all voices.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub(super) meter: Option<Meter>,
    /// The unit of length; none where no field gives it.
    pub(super) unit: Option<u64>,
    pub(super) signature: Signature,
    pub(super) tempo: Option<Tempo>,
    /// How long accidentals hold.
    pub(super) accidentals: Accidentals,
}

/// For which notes of a bar an accidental holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Accidentals {
    /// All of its letter.
    #[default]
    Letter,
    /// Those of its letter in its octave.
    Octave,
    /// Its own alone.
    Note,
}

/// How far a voice sounds from its letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Shift {
    pub(super) octaves: i32,
    pub(super) transposition: Transposition,
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
    /// Signs before the chord, for all its notes.
    signs: SignSet,
}

/// A note or chord that can be sung.
#[derive(Debug, Clone, Copy)]
struct Singable {
    bar: usize,
    at: u64,
    /// Its notes.
    first: usize,
    end: usize,
}

/// A voice being read.
#[derive(Debug, Clone)]
pub(super) struct Voice {
    pub(super) bars: Vec<Bar>,
    pub(super) notes: Vec<BarNote>,
    pub(super) beside: Beside,
    bar: Bar,
    cursor: u64,
    unit: u64,
    meter: Option<Meter>,
    signature: Signature,
    rule: Accidentals,
    /// Accidentals of this bar, by letter.
    accidentals: [Option<i8>; 7],
    /// Accidentals of other octaves, where those hold in their own.
    elsewhere: Vec<(Step, i32, i8)>,
    /// Notes that a tie holds over the bar line: they keep their accidental. Letter, octave as written and accidental.
    held: Vec<(Step, i32, i8)>,
    last: Option<Last>,
    /// Factor of the next length, from a broken rhythm.
    broken: Option<(u64, u64)>,
    tuplet: Option<Tuplet>,
    chord: Option<Chord>,
    grace: Option<Grace>,
    /// Signs for the next note.
    signs: SignSet,
    /// The notes of the line, for the words below it.
    sung: Vec<Singable>,
    /// How many lines of words stand below the line of music.
    verses: u8,
    /// Where the line of words breaks off, for one that continues it.
    next_sung: usize,
    /// The line of music goes on in the next.
    goes_on: bool,
    /// The overlay of this bar; 0 is the music itself, which alone has words.
    layer: u8,
    shift: Shift,
}

impl Voice {
    pub(super) fn new(setting: &Setting, shift: Shift) -> Self {
        let mut voice = Self {
            bars: Vec::new(),
            notes: Vec::new(),
            beside: Beside::default(),
            bar: Bar::default(),
            cursor: 0,
            unit: setting.unit.unwrap_or_else(|| super::fields::default_unit(setting.meter)),
            meter: setting.meter,
            signature: setting.signature,
            rule: setting.accidentals,
            accidentals: [None; 7],
            elsewhere: Vec::new(),
            held: Vec::new(),
            last: None,
            broken: None,
            tuplet: None,
            chord: None,
            grace: None,
            signs: SignSet::default(),
            sung: Vec::new(),
            verses: 0,
            next_sung: 0,
            goes_on: false,
            layer: 0,
            shift,
        };
        if let Some(tempo) = setting.tempo {
            voice.set_tempo(tempo);
        }
        voice.note_key();
        voice
    }

    fn place<T>(&self, value: T) -> Placed<T> {
        Placed { bar: self.bars.len(), at: self.cursor, value }
    }

    pub(super) fn unit(&self) -> u64 {
        self.unit
    }

    pub(super) fn set_unit(&mut self, unit: u64) {
        self.unit = unit;
    }

    pub(super) fn set_tempo(&mut self, tempo: Tempo) {
        self.beside.tempos.push(self.place(tempo));
    }

    /// Notes words of a tempo.
    pub(super) fn set_heading(&mut self, text: crate::Text) {
        self.beside.headings.push(self.place(text));
    }

    pub(super) fn set_clef(&mut self, clef: Clef) {
        self.beside.clefs.push(self.place(clef));
    }

    pub(super) fn set_rule(&mut self, rule: Accidentals) {
        self.rule = rule;
    }

    pub(super) fn set_key(&mut self, signature: Signature) {
        self.signature = signature;
        self.note_key();
    }

    /// The key as it sounds.
    fn note_key(&mut self) {
        let semitones = i32::from(self.shift.transposition.semitones);
        let key = self.signature.key.map(|key| key.transposed(semitones));
        if let Some(key) = key {
            self.beside.keys.push(self.place(key));
        }
    }

    /// A new metre begins a new bar.
    pub(super) fn set_meter(&mut self, meter: Option<Meter>) {
        self.begin_bar();
        self.meter = meter;
    }

    /// A section of the piece begins, with a bar of its own.
    pub(super) fn begin_section(&mut self, label: char) {
        self.begin_bar();
        self.beside.labels.push((self.bars.len(), label));
    }

    fn begin_bar(&mut self) {
        if self.cursor > 0 {
            self.close_bar(BarLine::default());
        }
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
            // How many bars a rest has is the business of the reader, which knows what a book may unfold.
            Sign::BarRest(_) | Sign::Field(..) | Sign::Short(_) | Sign::Decoration(_) | Sign::Quoted("") => {}
            Sign::ChordBegins => {
                let signs = std::mem::take(&mut self.signs);
                self.chord = Some(Chord { first_note: self.notes.len(), length: None, signs });
            }
            Sign::ChordEnds(length) => return self.end_chord(length),
            Sign::GraceBegins { slashed } => self.grace = Some(Grace { slashed }),
            Sign::GraceEnds => self.grace = None,
            Sign::Broken(halvings) => return self.break_rhythm(halvings),
            Sign::Tie => self.tie(),
            Sign::Tuplet(notes, time, count) => return self.begin_tuplet(notes, time, count),
            Sign::Bar(bar) => self.close_bar(bar),
            Sign::Ending(passes) => {
                self.begin_bar();
                self.bar.ending = passes;
            }
            Sign::Overlay => {
                self.bar.length = self.bar.length.max(self.cursor);
                self.cursor = 0;
                self.last = None;
                self.layer = self.layer.saturating_add(1);
            }
            Sign::Quoted(text) => self.beside.quoted.push(self.place(text.to_owned())),
            Sign::Fault(message) => return Some(message),
        }
        None
    }

    /// Takes a decoration.
    pub(super) fn decorate(&mut self, decoration: Decoration) {
        match decoration {
            Decoration::Sign(sign) => self.signs.add(sign),
            Decoration::Dynamics(velocity) => self.beside.dynamics.push(self.place(velocity)),
            Decoration::Jump(jump) => self.jump(jump),
        }
    }

    /// A sign at the beginning of a bar leads to it; words there belong to the end of the bar before.
    fn jump(&mut self, jump: Jump) {
        let bar = self.bars.len();
        let begins = self.cursor == 0;
        let (bar, jump) = match jump {
            Jump::Segno => (bar, jump),
            Jump::Coda if begins => (bar, Jump::Coda),
            Jump::Coda => (bar, Jump::ToCoda),
            _ if begins => (bar.saturating_sub(1), jump),
            _ => (bar, jump),
        };
        let mut near = self.beside.jumps.iter().rev().take_while(|other| other.0 + 1 >= bar).take(12);
        if !near.any(|other| *other == (bar, jump)) {
            self.beside.jumps.push((bar, jump));
        }
    }

    /// A line of music begins.
    pub(super) fn begin_line(&mut self) {
        if !self.goes_on || self.verses > 0 {
            self.sung.clear();
        }
        self.verses = 0;
        self.goes_on = false;
    }

    /// Takes a line of words for the notes of the last line; one that continues the line of words before goes on where that ends.
    pub(super) fn words(&mut self, line: &str, continues: bool) {
        if !continues {
            self.verses = self.verses.saturating_add(1);
            self.next_sung = 0;
        }
        let mut next = self.next_sung;
        for step in steps(line) {
            match step {
                Sung::Skip => next += 1,
                Sung::Bar => next = self.next_bar(next),
                Sung::Syllable { text, hyphen } => {
                    let Some(&sung) = self.sung.get(next) else { break };
                    let syllable = Syllable { verse: self.verses, text, hyphen };
                    self.beside.syllables.push((self.top(sung), syllable));
                    next += 1;
                }
            }
        }
        self.next_sung = next;
    }

    /// The first note of the bar after that of the note before `next`.
    fn next_bar(&self, next: usize) -> usize {
        let bar = next.checked_sub(1).and_then(|last| self.sung.get(last)).map(|last| last.bar);
        bar.map_or(next, |bar| self.sung.partition_point(|note| note.bar <= bar))
    }

    /// The highest note of a chord.
    fn top(&self, sung: Singable) -> usize {
        let notes = self.notes.get(sung.first..sung.end).unwrap_or_default();
        let top = notes.iter().enumerate().max_by_key(|note| note.1.pitch.pitch());
        sung.first + top.map_or(0, |top| top.0)
    }

    /// Takes a line of symbols for the notes of the last line: each note's decorations and texts.
    pub(super) fn symbols(&mut self, line: &str, mut decoration: impl FnMut(&str) -> Option<Decoration>) {
        let mut next = 0;
        for token in line.split_whitespace() {
            if token == "|" {
                next = self.next_bar(next);
                continue;
            }
            let Some(&sung) = self.sung.get(next) else { return };
            next += 1;
            let place = |value| Placed { bar: sung.bar, at: sung.at, value };
            if let Some(text) = token.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
                self.beside.quoted.push(place(text.to_owned()));
            } else if let Some(decoration) =
                token.strip_prefix('!').and_then(|name| decoration(name.trim_end_matches('!')))
            {
                match decoration {
                    Decoration::Sign(sign) => {
                        let notes = self.notes.get_mut(sung.first..sung.end).unwrap_or_default();
                        for note in notes {
                            note.signs.add(sign);
                        }
                    }
                    Decoration::Dynamics(velocity) => {
                        self.beside.dynamics.push(Placed { bar: sung.bar, at: sung.at, value: velocity });
                    }
                    Decoration::Jump(jump) => self.beside.jumps.push((sung.bar, jump)),
                }
            }
        }
    }

    /// A line of music ends: a full bar ends with it, and a chord cannot go on.
    pub(super) fn end_line(&mut self, goes_on: bool) {
        (self.chord, self.grace, self.goes_on) = (None, None, goes_on);
        let full = self.meter.is_some_and(|meter| self.cursor == whole_bar(meter));
        if full && self.broken.is_none() {
            self.close_bar(BarLine::default());
        }
    }

    /// Ends the voice.
    pub(super) fn finish(&mut self) {
        self.push_bar(BarLine { double: true, ..BarLine::default() });
    }

    fn advance(&mut self, grains: u64, first: usize) {
        let end = self.notes.len();
        if first < end && self.layer == 0 {
            self.sung.push(Singable { bar: self.bars.len(), at: self.cursor, first, end });
        }
        self.last = Some(Last { first_note: first, start: self.cursor });
        self.cursor = self.cursor.saturating_add(grains);
    }

    fn note(&mut self, step: Step, octave: i32, accidental: Option<i8>, length: Length) -> Option<String> {
        if self.grace.is_some() {
            return self.grace_note(step, octave, accidental);
        }
        let (grains, mut fault) = self.grains(length);
        let in_chord = self.chord.is_some();
        let grains = if in_chord { grains } else { self.in_context(grains) };
        let first_note = self.notes.len();
        let own = std::mem::take(&mut self.signs);
        let signs = self.chord.map_or(own, |chord| chord.signs.with(own));
        match self.pitch(step, octave, accidental) {
            Some(pitch) if self.notes.len() < MOST_NOTES => {
                let (start, layer) = (self.cursor, self.layer);
                let note = BarNote { start, length: grains, pitch, tied: false, layer, grace: None, signs };
                self.notes.push(note);
            }
            Some(_) => {
                fault =
                    Some(format!("a voice may have up to {MOST_NOTES} notes, but has more; a rest is taken"));
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

    fn grace_note(&mut self, step: Step, octave: i32, accidental: Option<i8>) -> Option<String> {
        let Some(pitch) = self.pitch(step, octave, accidental) else {
            return Some("a grace note lies outside the keyboard; it is left out".into());
        };
        if self.notes.len() < MOST_NOTES {
            let (start, layer, grace) = (self.cursor, self.layer, self.grace);
            let signs = SignSet::default();
            self.notes.push(BarNote { start, length: 0, pitch, tied: false, layer, grace, signs });
        }
        None
    }

    /// The pitch of a letter with its own accidental, the tie's, the bar's or the key's.
    fn pitch(&mut self, step: Step, octave: i32, accidental: Option<i8>) -> Option<Spelled> {
        let alter = match accidental {
            Some(alter) => {
                self.set_accidental(step, octave, alter);
                alter
            }
            None => self.tied_accidental(step, octave).unwrap_or_else(|| self.accidental(step, octave)),
        };
        let octave = i8::try_from(octave.saturating_add(self.shift.octaves)).ok()?;
        let sounding = self.shift.transposition.sounding(Spelled::new(step, alter, octave));
        sounding.pitch().map(|_| sounding)
    }

    fn set_accidental(&mut self, step: Step, octave: i32, alter: i8) {
        if self.rule == Accidentals::Octave {
            self.elsewhere.retain(|other| (other.0, other.1) != (step, octave));
            self.elsewhere.push((step, octave, alter));
        }
        if let Some(place) = self.accidentals.get_mut(step as usize) {
            *place = Some(alter);
        }
    }

    /// What a tie over the bar line keeps.
    fn tied_accidental(&self, step: Step, octave: i32) -> Option<i8> {
        let held = self.held.iter().find(|held| self.cursor == 0 && (held.0, held.1) == (step, octave));
        held.map(|held| held.2)
    }

    fn accidental(&self, step: Step, octave: i32) -> i8 {
        let in_bar = self.accidentals.get(step as usize).copied().flatten();
        let in_bar = match self.rule {
            Accidentals::Letter => in_bar,
            Accidentals::Octave => {
                self.elsewhere.iter().find(|other| (other.0, other.1) == (step, octave)).map(|other| other.2)
            }
            Accidentals::Note => None,
        };
        in_bar.unwrap_or_else(|| self.signature.raised.get(step as usize).copied().unwrap_or(0))
    }

    fn rest(&mut self, length: Length) -> Option<String> {
        let (grains, fault) = self.grains(length);
        if self.chord.is_some() || self.grace.is_some() {
            return fault;
        }
        self.signs = SignSet::default();
        let grains = self.in_context(grains);
        self.advance(grains, self.notes.len());
        fault
    }

    /// A rest of so many bars, of which so many more than one may still be unfolded; tells how many were, and what was wrong.
    pub(super) fn bar_rest(&mut self, bars: u64, most: usize) -> (usize, Option<String>) {
        let whole = self.meter.map_or(WHOLE, whole_bar);
        let most = MOST_BARS.min(1 + most as u64);
        let taken = bars.clamp(1, most);
        for bar in 0..taken {
            if bar > 0 {
                self.close_bar(BarLine::default());
            }
            self.advance(whole, self.notes.len());
        }
        let fault = (taken != bars)
            .then(|| format!("a rest here must be 1 to {most} bars long, but was {bars}; {taken} are taken"));
        (taken as usize - 1, fault)
    }

    fn end_chord(&mut self, length: Length) -> Option<String> {
        let chord = self.chord.take()?;
        if self.grace.is_some() {
            return None;
        }
        let Some(first_length) = chord.length else {
            return Some("a chord must hold a note, but is empty".into());
        };
        let plain = Length { upper: 1, lower: 1 };
        let Length { upper, lower } = if length.upper == 0 || length.lower == 0 { plain } else { length };
        let scaled = (first_length * upper / lower).min(LONGEST);
        let advance = self.in_context(scaled);
        for note in self.notes.iter_mut().skip(chord.first_note) {
            let grains = u128::from(note.length) * u128::from(advance) / u128::from(first_length);
            note.length = (grains as u64).min(LONGEST);
        }
        self.advance(advance, chord.first_note);
        None
    }

    fn tie(&mut self) {
        if self.grace.is_some() {
            if let Some(note) = self.notes.last_mut().filter(|note| note.grace.is_some()) {
                note.tied = true;
            }
            return;
        }
        let first = match (self.chord, self.last) {
            // Within a chord the tie belongs to the note before it.
            (Some(_), _) => self.notes.len().saturating_sub(1),
            (None, Some(last)) => last.first_note,
            (None, None) => return,
        };
        for note in self.notes.iter_mut().skip(first).filter(|note| note.grace.is_none()) {
            note.tied = true;
        }
    }

    /// Ends the bar; where it is empty, the line only adds to the one before.
    fn close_bar(&mut self, line: BarLine) {
        if self.bars.len() < MOST_VOICE_BARS {
            self.push_bar(line);
        }
    }

    fn push_bar(&mut self, line: BarLine) {
        self.bar.length = whole_or(self.bar.length.max(self.cursor), self.meter);
        if self.bar.length > 0 {
            self.hold();
            self.bar.meter = self.meter;
            let next = Bar { first: self.notes.len(), ..Bar::default() };
            self.bars.push(std::mem::replace(&mut self.bar, next));
            self.accidentals = [None; 7];
            self.elsewhere.clear();
            (self.cursor, self.last, self.layer) = (0, None, 0);
        }
        self.bar.begins |= line.begins;
        if let Some(done) = self.bars.last_mut() {
            done.again = done.again.max(line.again);
            done.double |= line.double;
        }
    }

    /// Keeps the accidentals of the notes that are tied over the bar line.
    fn hold(&mut self) {
        self.held.clear();
        let (cursor, octaves) = (self.cursor, self.shift.octaves);
        let back = Transposition {
            steps: -self.shift.transposition.steps,
            semitones: -self.shift.transposition.semitones,
        };
        let own = self.notes.get(self.bar.first..).unwrap_or_default();
        for note in own.iter().filter(|note| note.tied && note.start + note.length == cursor) {
            let written = back.sounding(note.pitch);
            let held = (written.tone.step, i32::from(written.octave) - octaves, written.tone.alter);
            // One of each is enough, and few there are.
            if !self.held.contains(&held) {
                self.held.push(held);
            }
        }
    }
}
