//! What a model can be told of a piece and of each of its bars, measured on plain notes.
//!
//! Each control is a descriptor by another door: training measures it on pieces on the grid, bar by bar and anew for each
//! transposition, so it is one pass over the notes. All arithmetic is `+ - * /` and the square root in a fixed order.

mod chord;
#[cfg(test)]
mod tests;

use cantus_score::{Key, Pitch};

use crate::tension;

pub use chord::{Chord, Quality};

/// What can be asked for of a bar or of a whole piece, each on a scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Control {
    /// Notes that begin in a quarter note, drums included.
    Density,
    /// Notes that sound at once while any sounds, drums left out.
    Polyphony,
    /// The mean pitch, each note weighed by how long it sounds, drums left out.
    Register,
    /// The share of the moments at which notes begin that lie off the beats of the metre.
    Rhythm,
    /// The mean velocity, where velocities are known.
    Dynamics,
    /// How far what sounds lies from its key: tensile strain in the spiral array (Herremans and Chew 2016).
    Tension,
}

/// A value of each control, in the order of [`Control::ALL`]; none where the music says nothing about it.
pub type Values = [Option<f64>; Control::COUNT];

impl Control {
    /// How many there are.
    pub const COUNT: usize = 6;

    /// All controls. Their order is part of a model's conditions: new ones go to the end.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Density, Self::Polyphony, Self::Register, Self::Rhythm, Self::Dynamics, Self::Tension];

    /// Its name, as it stands in requests and on the command line.
    pub const fn name(self) -> &'static str {
        ["density", "polyphony", "register", "rhythm", "dynamics", "tension"][self as usize]
    }

    /// The name of the descriptor in the catalogue that measures the same; that of rhythm is one less it.
    pub const fn descriptor(self) -> &'static str {
        ["density", "polyphony", "mean_pitch", "on_beat", "velocity", "tension"][self as usize]
    }

    /// Its place in [`Values`].
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// A note on a grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Note {
    /// When it begins, in steps of the grid.
    pub begin: u32,
    /// When it ends.
    pub end: u32,
    /// The key that sounds; none for drums.
    pub pitch: Option<Pitch>,
    /// How hard it is struck, on any scale; none where that is unknown.
    pub velocity: Option<f64>,
}

/// A bar on a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// When it begins, in steps of the grid.
    pub begin: u32,
    /// When it ends.
    pub end: u32,
    /// The length of a beat of its metre.
    pub beat: u32,
    /// Steps of a quarter note.
    pub quarter: u32,
}

impl Bar {
    /// The nearest twelfth of a quarter note, the grid on which beats are told from what lies off them.
    fn twelfths(self, steps: u32) -> u64 {
        let quarter = u64::from(self.quarter.max(1));
        (24 * u64::from(steps) + quarter) / (2 * quarter)
    }
}

/// What passed through a stretch.
#[derive(Debug, Clone, Default)]
struct Tally {
    onsets: u32,
    together: u64,
    covered: u64,
    reached: u32,
    /// Pitches by steps, and steps.
    pitches: u64,
    classes: [u64; 12],
    last_moment: Option<u32>,
    moments: u32,
    off_beat: u32,
    velocity: f64,
    with_velocity: u32,
}

impl Tally {
    /// Counts a note as far as it lies in a bar. Notes come in the order in which they begin.
    fn add(&mut self, note: &Note, bar: Bar) {
        if (bar.begin..bar.end).contains(&note.begin) {
            self.begins(note, bar);
        }
        let (begin, end) = (note.begin.max(bar.begin), note.end.min(bar.end));
        let Some(pitch) = note.pitch.filter(|_| begin < end) else { return };
        let steps = u64::from(end - begin);
        self.together += steps;
        self.covered += u64::from(end.saturating_sub(begin.max(self.reached)));
        self.reached = self.reached.max(end);
        self.pitches += steps * u64::from(pitch.get());
        self.classes[usize::from(pitch.class().get())] += steps;
    }

    fn begins(&mut self, note: &Note, bar: Bar) {
        self.onsets += 1;
        if self.last_moment != Some(note.begin) {
            self.last_moment = Some(note.begin);
            self.moments += 1;
            let is_on_beat =
                bar.twelfths(note.begin - bar.begin).is_multiple_of(bar.twelfths(bar.beat).max(1));
            self.off_beat += u32::from(!is_on_beat);
        }
        if let Some(velocity) = note.velocity {
            self.velocity += velocity;
            self.with_velocity += 1;
        }
    }

    fn tension(&self, home: Option<Key>) -> Option<f64> {
        tension::strain_of(&self.classes.map(|steps| steps as f64), home?)
    }

    fn values(&self, bar: Bar, home: Option<Key>) -> Values {
        let share = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        let tension = self.tension(home);
        let length = f64::from(bar.end.saturating_sub(bar.begin));
        [
            share(f64::from(self.onsets) * f64::from(bar.quarter), length),
            share(self.together as f64, self.covered as f64),
            share(self.pitches as f64, self.together as f64),
            share(f64::from(self.off_beat), f64::from(self.moments)),
            share(self.velocity, f64::from(self.with_velocity)),
            tension,
        ]
    }
}

/// Measures every control on each bar, tension from the key that is heard in the whole piece. Notes come in the order in
/// which they begin, bars one after the other.
pub fn of_bars(notes: &[Note], bars: &[Bar], home: Option<Key>) -> Vec<Values> {
    tallies(notes, bars).iter().zip(bars).map(|(tally, bar)| tally.values(*bar, home)).collect()
}

/// Measures every control on a stretch of bars as a whole. Tension is the mean of its bars: over a whole piece what sounds
/// is its key.
pub fn of_piece(notes: &[Note], bars: &[Bar], home: Option<Key>) -> Values {
    let (Some(first), Some(last)) = (bars.first(), bars.last()) else { return [None; Control::COUNT] };
    let whole = Bar { end: last.end, ..*first };
    let mut all = Tally::default();
    for note in notes {
        all.add(note, whole);
    }
    let tallies = tallies(notes, bars);
    all.off_beat = tallies.iter().map(|tally| tally.off_beat).sum();
    all.moments = tallies.iter().map(|tally| tally.moments).sum();
    let mut values = all.values(whole, home);
    let tense = tallies.iter().filter_map(|tally| tally.tension(home));
    let (sum, count) = tense.fold((0.0, 0_u32), |(sum, count), strain| (sum + strain, count + 1));
    values[Control::Tension.index()] = (count > 0).then(|| sum / f64::from(count));
    values
}

/// The chord that fits each stretch best; none where nothing or nothing like a chord sounds.
pub fn chords(notes: &[Note], stretches: &[Bar]) -> Vec<Option<Chord>> {
    tallies(notes, stretches).iter().map(|tally| chord::of(&tally.classes)).collect()
}

/// What passes through each of several stretches that follow each other.
fn tallies(notes: &[Note], bars: &[Bar]) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); bars.len()];
    for note in notes {
        let first = bars.partition_point(|bar| bar.end <= note.begin);
        let reached = bars.iter().zip(&mut tallies).skip(first);
        for (bar, tally) in reached.take_while(|(bar, _)| bar.begin < note.end) {
            tally.add(note, *bar);
        }
    }
    tallies
}
