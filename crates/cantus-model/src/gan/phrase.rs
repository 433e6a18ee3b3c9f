//! Phrases: four bars of a piece as melody, harmony, bass and drums on a grid, with the tonic on C.

use std::collections::BTreeMap;

use cantus_features::control::{self, Bar, Chord, Control};
use cantus_score::{Key, Meter, Mode, Pitch};

use super::grid::{BAR_STEPS, BARS, Grid, SEEN};
use super::roles::{self, Role, RoleNote};
use crate::encoding::{STEPS_PER_QUARTER, Sliced, Steps};
use crate::kit;

/// Rows of pitches: six octaves.
pub const ROWS: usize = 72;
/// The key of the lowest row: C1.
pub const LOWEST: u8 = 24;

/// Most bars of a piece that are cut; a broken file may claim millions of them.
const MOST_BARS: u32 = 4096;
/// The fewest notes of a phrase.
const FEWEST_NOTES: usize = 4;
/// Of a hundred onsets, so many may lie off the grid; with more, the music would be told falsely.
const MOST_OFF: usize = 20;

/// A note of a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PhraseNote {
    /// When it begins, in used steps since the beginning of the bar before.
    pub at: u8,
    /// Its track.
    pub role: Role,
    /// Its row: a pitch above [`LOWEST`], or a class of the drum kit.
    pub row: u8,
    /// How many used steps it lasts; a stroke of the drums lasts one.
    pub steps: u8,
}

impl PhraseNote {
    /// The key of the keyboard, with the tonic on C; of drums that of General MIDI.
    pub fn key(&self) -> u8 {
        self.pitch(0).get()
    }

    /// The key of the keyboard, so many semitones above where it is with the tonic on C; of drums that of General MIDI.
    pub fn pitch(&self, shift: i32) -> Pitch {
        match self.role {
            Role::Drums => kit::key_of(self.row),
            _ => Pitch::saturating(i64::from(LOWEST) + i64::from(self.row) + i64::from(shift)),
        }
    }
}

/// Four bars, and the bar before them where there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct Phrase {
    /// Its metre.
    pub meter: Meter,
    /// How its bars lie on the steps.
    pub grid: Grid,
    /// Major or minor; nothing where only drums play.
    pub mode: Option<Mode>,
    /// Whether a bar lies before it.
    pub is_joined: bool,
    /// Whether the piece ends with it.
    pub is_last: bool,
    /// Its notes in order, those of the bar before among them.
    pub notes: Vec<PhraseNote>,
    /// The chord of each bar, on C as the tonic.
    pub chords: [Option<Chord>; BARS],
    /// Moments at which something begins, per quarter note, of each bar.
    pub density: [Option<f32>; BARS],
}

impl Phrase {
    /// Four silent bars.
    pub fn empty(meter: Meter, grid: Grid) -> Self {
        let (chords, density) = (Default::default(), Default::default());
        Self { meter, grid, mode: None, is_joined: false, is_last: false, notes: Vec::new(), chords, density }
    }

    /// The chords and densities that are heard in its bars.
    pub fn heard(&self) -> ([Option<Chord>; BARS], [Option<f32>; BARS]) {
        let step = self.grid.step;
        let told = self.notes.iter().map(|note| control::Note {
            begin: u32::from(note.at) * step,
            end: (u32::from(note.at) + u32::from(note.steps)) * step,
            pitch: (note.role != Role::Drums).then(|| Pitch::saturating(note.key().into())),
            velocity: None,
        });
        heard(&told.collect::<Vec<_>>(), self.grid.length(), self.grid.length())
    }

    /// Cuts a piece into all its phrases, from each bar (or pair of short bars) that three others of its metre follow.
    pub fn of_piece(piece: &Sliced, home: Option<Key>) -> Vec<Self> {
        let notes = roles::of_piece(piece);
        let end = piece.end();
        let ends = piece.meters.iter().skip(1).map(|span| span.from).chain([end]);
        let mut phrases = Vec::new();
        for (span, until) in piece.meters.iter().zip(ends) {
            let Some(grid) = Grid::of(span.meter) else { continue };
            let rooms = (until.saturating_sub(span.from) / grid.length()).min(MOST_BARS);
            for room in 0..(rooms + 1).saturating_sub(BARS as u32) {
                let begin = span.from + room * grid.length();
                let is_last = begin + (BARS as u32 + 1) * grid.length() > end;
                let cut = Cut { meter: span.meter, grid, begin, is_joined: room > 0, is_last, home };
                phrases.extend(cut.phrase(&notes));
            }
        }
        phrases
    }

    /// The phrase of a piece of one metre that begins with a room of its grid (a bar, or a pair of short bars), however little there
    /// is in it; nothing where no grid fits the metre. Rooms count from the first whole bar.
    pub fn at_room(piece: &Sliced, home: Option<Key>, room: u32) -> Option<Self> {
        let span = piece.meters.first()?;
        let grid = Grid::of(span.meter)?;
        let begin = span.from + room * grid.length();
        let is_last = begin + BARS as u32 * grid.length() >= piece.end();
        let cut = Cut { meter: span.meter, grid, begin, is_joined: room > 0, is_last, home };
        Some(cut.all(&roles::of_piece(piece)))
    }

    /// The phrase as it is without the bar before it: what sounds into it begins with it.
    #[must_use]
    pub fn alone(&self) -> Self {
        let first = self.grid.used;
        let late = |note: &PhraseNote| {
            let end = note.at + note.steps;
            (note.role != Role::Drums || note.at >= first)
                .then(|| PhraseNote {
                    at: note.at.max(first),
                    steps: end.saturating_sub(note.at.max(first)),
                    ..*note
                })
                .filter(|note| note.steps > 0)
        };
        let mut notes: Vec<PhraseNote> = self.notes.iter().filter_map(late).collect();
        notes.sort_unstable();
        Self { is_joined: false, notes, ..self.clone() }
    }

    /// Whether a track has notes in the phrase itself.
    pub fn has(&self, role: Role) -> bool {
        self.notes_within().any(|note| note.role == role)
    }

    /// The notes that begin in the phrase itself.
    pub fn notes_within(&self) -> impl Iterator<Item = &PhraseNote> {
        self.notes.iter().filter(|note| note.at >= self.grid.used)
    }

    /// Visits each cell of a network's planes in which a note begins or sounds: step, row, track, and whether it begins there.
    /// What sounds at the last used step of a bar sounds through the steps that the bar leaves unused.
    pub fn cells(&self, mut visit: impl FnMut(usize, usize, Role, bool)) {
        let used = self.grid.used;
        for note in &self.notes {
            let row = usize::from(note.row);
            for step in note.at..note.at.saturating_add(note.steps).min(used * (BARS as u8 + 1)) {
                let (bar, within) = (usize::from(step / used), usize::from(step % used));
                let at = bar * BAR_STEPS + within;
                visit(at, row, note.role, step == note.at);
                if within + 1 == usize::from(used) && note.role != Role::Drums {
                    (at + 1..(bar + 1) * BAR_STEPS).for_each(|unused| visit(unused, row, note.role, false));
                }
            }
        }
    }

    /// The notes of a track as a network tells them: cells by step (of [`SEEN`]) and row, whether one sounds and whether one
    /// begins there.
    pub fn notes_of(
        grid: Grid,
        role: Role,
        sounds: impl Fn(usize, usize) -> bool,
        begins: impl Fn(usize, usize) -> bool,
    ) -> Vec<PhraseNote> {
        let rows = if role == Role::Drums { kit::CLASSES } else { ROWS };
        let mut notes: Vec<PhraseNote> = Vec::new();
        for row in 0..rows {
            let mut open: Option<PhraseNote> = None;
            for (step, at) in (0..SEEN).filter(|at| grid.uses(*at)).enumerate() {
                if begins(at, row) {
                    notes.extend(open.take());
                    open = Some(PhraseNote { at: step as u8, role, row: row as u8, steps: 1 });
                } else if sounds(at, row) && role != Role::Drums {
                    if let Some(note) = &mut open {
                        note.steps += 1;
                    }
                } else {
                    notes.extend(open.take());
                }
            }
            notes.extend(open);
        }
        notes.sort_unstable();
        notes
    }
}

/// Where a phrase is cut.
struct Cut {
    meter: Meter,
    grid: Grid,
    begin: Steps,
    is_joined: bool,
    is_last: bool,
    home: Option<Key>,
}

impl Cut {
    /// The phrase, where there is enough in it to learn from.
    fn phrase(&self, all: &[RoleNote]) -> Option<Phrase> {
        let grid = self.grid;
        let (from, until) = (self.begin, self.begin + BARS as u32 * grid.length());
        let begun = &all[all.partition_point(|note| note.begin < from)..];
        let begun = &begun[..begun.partition_point(|note| note.begin < until)];
        let off = begun
            .iter()
            .filter(|note| 4 * (note.begin % grid.step).min(grid.step - note.begin % grid.step) > grid.step);
        if begun.len() < FEWEST_NOTES || off.count() * 100 > MOST_OFF * begun.len() {
            return None;
        }
        let phrase = self.all(all);
        let bars = (0..BARS as u8).filter(|bar| {
            let (from, to) = ((bar + 1) * grid.used, (bar + 2) * grid.used);
            phrase.notes.iter().any(|note| note.at < to && note.at + note.steps > from)
        });
        (bars.count() * 2 >= BARS).then_some(phrase)
    }

    /// The phrase, whatever is in it.
    fn all(&self, all: &[RoleNote]) -> Phrase {
        let grid = self.grid;
        let end = self.begin + BARS as u32 * grid.length();
        let from = if self.is_joined { self.begin - grid.length() } else { self.begin };
        // The last note before it that may sound into it begins some bars before.
        let first = all.partition_point(|note| note.begin + 4 * grid.length() < from);
        let past = all.partition_point(|note| note.begin < end);
        let within = all[first..past].iter().filter(|note| note.end > from);
        let shift = self.home.map_or(0, to_c);
        let mut notes: Vec<PhraseNote> = within.clone().filter_map(|note| self.note(note, shift)).collect();
        notes.sort_unstable();
        notes.dedup_by_key(|note| (note.at, note.role, note.row));
        end_where_struck_again(&mut notes);
        let sounding = notes.iter().any(|note| note.role != Role::Drums);
        let told = all[first..past].iter().map(|note| control::Note {
            begin: note.begin,
            end: note.end,
            pitch: (note.role != Role::Drums).then_some(note.pitch),
            velocity: None,
        });
        let (chords, density) = heard(&told.collect::<Vec<_>>(), self.begin, grid.length());
        let chords = chords.map(|chord| Some(chord?.transposed(shift)));
        let mode = self.home.map(Key::mode).filter(|_| sounding);
        let Self { meter, is_joined, is_last, .. } = *self;
        Phrase { meter, grid, mode, is_joined, is_last, notes, chords, density }
    }

    /// A note on the grid; nothing where it lies outside.
    fn note(&self, note: &RoleNote, shift: i32) -> Option<PhraseNote> {
        let grid = self.grid;
        let begin = i64::from(self.begin) - i64::from(grid.length());
        let step = i64::from(grid.step);
        let nearest = |time: Steps| (2 * (i64::from(time) - begin) + step).div_euclid(2 * step);
        let earliest = if self.is_joined { 0 } else { i64::from(grid.used) };
        let last = i64::from(grid.used) * (BARS as i64 + 1);
        let at = nearest(note.begin).max(earliest);
        let until = nearest(note.end).max(at + 1).min(last);
        if at >= last || nearest(note.end).max(nearest(note.begin) + 1) <= earliest {
            return None;
        }
        let is_drum = note.role == Role::Drums;
        if is_drum && nearest(note.begin) < earliest {
            return None;
        }
        let row = if is_drum { kit::class_of(note.pitch)? } else { row_of(note.pitch, shift) };
        let steps = if is_drum { 1 } else { (until - at) as u8 };
        Some(PhraseNote { at: at as u8, role: note.role, row, steps })
    }
}

/// The chords and densities of four bars of a length, the first of which begins at a time.
fn heard(
    notes: &[control::Note],
    begin: Steps,
    length: Steps,
) -> ([Option<Chord>; BARS], [Option<f32>; BARS]) {
    let bars: [Bar; BARS] = std::array::from_fn(|bar| {
        let begin = begin + bar as u32 * length;
        Bar { begin, end: begin + length, beat: STEPS_PER_QUARTER, quarter: STEPS_PER_QUARTER }
    });
    let chords = control::chords(notes, &bars);
    let values = control::of_bars(notes, &bars, None);
    let density = |bar: usize| Some(values.get(bar)?[Control::Density.index()]? as f32);
    (std::array::from_fn(|bar| chords.get(bar).copied()?), std::array::from_fn(density))
}

/// By how many semitones music in a key is moved, the shorter way, to have its tonic on C.
pub fn to_c(home: Key) -> i32 {
    let tonic = i32::from(home.tonic().get());
    if tonic > 6 { 12 - tonic } else { -tonic }
}

/// The row of a pitch, moved by octaves into the rows where it lies outside.
fn row_of(pitch: Pitch, shift: i32) -> u8 {
    let mut row = i32::from(pitch.get()) + shift - i32::from(LOWEST);
    while row < 0 {
        row += 12;
    }
    while row >= ROWS as i32 {
        row -= 12;
    }
    row as u8
}

/// A row can be struck again only where it was let go.
fn end_where_struck_again(notes: &mut [PhraseNote]) {
    let mut last: BTreeMap<(Role, u8), usize> = BTreeMap::new();
    for index in 0..notes.len() {
        let PhraseNote { at, role, row, .. } = notes[index];
        // A line has one note at a time, whatever its row.
        let place = if role.is_single() { (role, 0) } else { (role, row) };
        if let Some(before) = last.insert(place, index) {
            let before = &mut notes[before];
            before.steps = before.steps.min(at - before.at);
        }
    }
}
