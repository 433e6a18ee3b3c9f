//! The harmony on which a piece ends.

use cantus_score::{Key, Note, Pitch, PitchClass, Score};

/// What sounds at the last onset of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinalChord {
    /// The lowest pitch.
    pub bass: Pitch,
    /// All pitch classes, from C up, each once.
    pub classes: Vec<PitchClass>,
}

impl FinalChord {
    /// Whether it is built on the tonic of a key: its bass is the tonic. For a single voice that is its last note.
    pub fn is_tonic(&self, key: Key) -> bool {
        self.bass.class() == key.tonic()
    }
}

/// The harmony at the last onset: what begins there, and what still sounds from before. Drums are left out; none where
/// nothing else is.
pub fn final_chord(score: &Score) -> Option<FinalChord> {
    let pitched = || score.tracks.iter().filter(|track| !track.is_drums()).flat_map(|track| &track.notes);
    let last = pitched().map(|note| note.start).max()?;
    let sounds = |note: &&Note| note.start == last || note.start < last && note.end() > last;
    let pitches: Vec<Pitch> = pitched().filter(sounds).map(|note| note.pitch).collect();
    let bass = pitches.iter().copied().min()?;
    let mut classes: Vec<PitchClass> = pitches.iter().map(|pitch| pitch.class()).collect();
    classes.sort_unstable();
    classes.dedup();
    Some(FinalChord { bass, classes })
}

/// Whether a piece ends on the tonic of a key; a piece without notes does not.
pub fn ends_on_tonic(score: &Score, key: Key) -> bool {
    final_chord(score).is_some_and(|chord| chord.is_tonic(key))
}
