//! Letters, octaves and accidentals.

use std::collections::HashMap;

use crate::sheet::{Spelled, Step};
use crate::{Key, Pitch};

/// The letters in the order in which sharps enter a signature.
const SHARPS: [Step; 7] = [Step::F, Step::C, Step::G, Step::D, Step::A, Step::E, Step::B];

/// The accidentals that hold, by each of the customs that a reader may follow.
pub(super) struct Signs {
    key: Key,
    /// Accidentals of this bar that hold in all octaves.
    letters: HashMap<Step, i8>,
    /// Those that hold in their own octave.
    places: HashMap<(Step, i8), i8>,
    /// Letters for which customs differ, since a tie or an overlay may keep an accidental.
    doubtful: Vec<Step>,
}

impl Signs {
    pub(super) fn new(key: Key) -> Self {
        Self { key, letters: HashMap::new(), places: HashMap::new(), doubtful: Vec::new() }
    }

    /// Another key; a tie may keep what the one before says.
    pub(super) fn set_key(&mut self, key: Key) {
        if self.key != key {
            self.doubtful = Step::ALL.to_vec();
        }
        self.key = key;
    }

    /// A bar begins; a tie may keep an accidental of the one before.
    pub(super) fn forget(&mut self) {
        self.doubtful = self.letters.keys().copied().collect();
        self.letters.clear();
        self.places.clear();
    }

    /// An overlay begins.
    pub(super) fn overlay(&mut self) {
        self.doubtful.extend(self.letters.keys());
    }

    /// Writes a pitch, with an accidental where a reader needs one.
    pub(super) fn text(&mut self, pitch: Spelled) -> String {
        let pitch = plain(pitch);
        let (step, alter) = (pitch.tone.step, pitch.tone.alter);
        let own = self.of_key(step);
        let by_letter = self.letters.get(&step).copied().unwrap_or(own);
        let by_place = self.places.get(&(step, pitch.octave)).copied().unwrap_or(own);
        let needed = by_letter != alter || by_place != alter || self.doubtful.contains(&step);
        if needed {
            self.letters.insert(step, alter);
            self.places.insert((step, pitch.octave), alter);
            self.doubtful.retain(|&other| other != step);
        }
        let sign = match alter {
            _ if !needed => "",
            2.. => "^^",
            1 => "^",
            0 => "=",
            -1 => "_",
            _ => "__",
        };
        format!("{sign}{}", letter(step, pitch.octave))
    }

    fn of_key(&self, step: Step) -> i8 {
        let place = SHARPS.iter().position(|&sharp| sharp == step).unwrap_or(0) as i8;
        (self.key.fifths() + 6 - place).div_euclid(7)
    }
}

/// `C` is the middle C, `c` the octave above.
fn letter(step: Step, octave: i8) -> String {
    let letter = step.letter();
    match octave {
        5.. => {
            format!("{}{}", letter.to_ascii_lowercase(), "'".repeat(usize::from((octave - 5).unsigned_abs())))
        }
        _ => format!("{letter}{}", ",".repeat(usize::from((4_i8.saturating_sub(octave)).unsigned_abs()))),
    }
}

/// The pitch itself, or, beyond double sharps and flats, another name of it.
fn plain(pitch: Spelled) -> Spelled {
    let Some(key) = pitch.pitch().filter(|_| pitch.tone.alter.abs() > 2) else { return pitch };
    let named = |step: Step| (0..=1).map(move |alter| Spelled::new(step, alter, key.octave()));
    let same = |name: &Spelled| name.pitch() == Some(Pitch::saturating(i64::from(key.get())));
    Step::ALL.into_iter().flat_map(named).find(same).unwrap_or(pitch)
}
