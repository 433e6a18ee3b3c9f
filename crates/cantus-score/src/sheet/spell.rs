//! Which name a key of the keyboard takes: F sharp or G flat.

use crate::{Key, Mode, Pitch, Ticks, Timed};

use super::{Spelled, Step, Tone};

/// Notes before a note that speak for a tonic.
const BEFORE: usize = 10;
/// Notes from a note on that speak for a tonic.
const AFTER: usize = 42;
/// How many notes the signature's own tonic is worth.
const SIGNATURE: i32 = 3;

/// Fifths from a tonic to the names of the semitones above it: the harmonic chromatic scale, where the fourth is raised
/// and every other chromatic step lowered.
const CHROMATIC: [i32; 12] = [0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5];

impl Tone {
    /// The place on the line of fifths: C is 0, G 1, F -1, F sharp 6, B flat -2.
    pub fn fifths(self) -> i32 {
        let step = [0, 2, 4, -1, 1, 3, 5][self.step as usize];
        step + 7 * i32::from(self.alter)
    }

    /// The tone at a place on the line of fifths.
    pub fn of_fifths(fifths: i32) -> Self {
        const FROM_F: [Step; 7] = [Step::F, Step::C, Step::G, Step::D, Step::A, Step::E, Step::B];
        let step = FROM_F[(fifths + 1).rem_euclid(7) as usize];
        Self::new(step, (fifths + 1).div_euclid(7).clamp(-100, 100) as i8)
    }
}

impl Spelled {
    /// A key of the keyboard by the name of its pitch class; the tone decides which letter it takes.
    fn named(pitch: Pitch, tone: Tone) -> Self {
        let letter = i32::from(pitch.get()) - i32::from(tone.alter);
        Self { octave: (letter.div_euclid(12) - 1) as i8, tone }
    }

    /// A key of the keyboard as it is spelled in a key, whatever stands around it: the raised fourth and the lowered second,
    /// third, sixth and seventh above the tonic.
    pub fn in_key(pitch: Pitch, key: Key) -> Self {
        let tonic = tonic(key);
        let above = (i32::from(pitch.get()) - 7 * tonic).rem_euclid(12);
        Self::named(pitch, Tone::of_fifths(tonic + CHROMATIC[above as usize]))
    }
}

/// Spells notes by their surroundings. The notes are sorted by time; the keys are the signatures as they are written.
///
/// After Meredith's ps13s1 (2006): each pitch class among the ten notes before and the 42 from here on is a tonic as
/// often as it occurs, and speaks for the name that the note has in its harmonic chromatic scale; the name with most voices
/// wins. Names of tonics are those nearest to the tonic of the signature, which has three voices more. Without signatures, the one that fits most notes holds.
pub fn spelled(notes: &[(Ticks, Pitch)], keys: &[Timed<Key>]) -> Vec<Spelled> {
    let classes: Vec<usize> = notes.iter().map(|note| usize::from(note.1.class().get())).collect();
    let unsigned = [Timed::new(Ticks::ZERO, best_signature(&classes))];
    let keys = if keys.is_empty() { &unsigned } else { keys };
    let mut counts = [0_i32; 12];
    let mut counted = 0..0;
    let mut names = Vec::with_capacity(notes.len());
    for (index, &(at, pitch)) in notes.iter().enumerate() {
        let window = index.saturating_sub(BEFORE)..(index + AFTER).min(notes.len());
        slide(&mut counts, &mut counted, window, &classes);
        let before = keys.partition_point(|key| key.at <= at).max(1);
        let key = keys.get(before - 1).map_or(Key::C_MAJOR, |key| key.value);
        names.push(Spelled::named(pitch, elected(&counts, pitch, key)));
    }
    names
}

/// The major key whose signature fits most of the notes; the one with the fewest accidentals where several do.
fn best_signature(classes: &[usize]) -> Key {
    let fitting = |fifths: i64| {
        let fits = |&&class: &&usize| (class as i64 * 7 - fifths + 1).rem_euclid(12) < 7;
        (classes.iter().filter(fits).count(), -fifths.abs())
    };
    let best = (-6..=6).max_by_key(|&fifths| fitting(fifths)).unwrap_or(0);
    Key::new(best, Mode::Major).unwrap_or(Key::C_MAJOR)
}

/// Moves the window of counted notes forward.
fn slide(
    counts: &mut [i32; 12],
    counted: &mut std::ops::Range<usize>,
    window: std::ops::Range<usize>,
    classes: &[usize],
) {
    let mut add = |range: std::ops::Range<usize>, sign: i32| {
        for &class in classes.get(range).unwrap_or_default() {
            counts[class] += sign;
        }
    };
    add(counted.end..window.end, 1);
    add(counted.start..window.start, -1);
    *counted = window;
}

/// The name for which the tonics around speak.
fn elected(counts: &[i32; 12], pitch: Pitch, key: Key) -> Tone {
    let home = tonic(key);
    // Voices for the names of this pitch class, from two circles of fifths below home to two above.
    let mut voices = [0_i32; 5];
    let nearest = |class: i32, centre: i32| {
        let fifths = class * 7;
        fifths + 12 * (centre + 6 - fifths).div_euclid(12)
    };
    let class = i32::from(pitch.class().get());
    let middle = nearest(class, home);
    for (tonic_class, &count) in (0_i32..).zip(counts) {
        let tonic = nearest(tonic_class, home);
        let above = (class - tonic_class).rem_euclid(12) as usize;
        let name = tonic + CHROMATIC[above];
        let signature = if tonic == home { SIGNATURE } else { 0 };
        if let Some(voice) = voices.get_mut(((name - middle) / 12 + 2) as usize) {
            *voice += count + signature;
        }
    }
    let best = (-2_i32..).zip(voices).max_by_key(|&(circle, voice)| (voice, -circle.abs()));
    Tone::of_fifths(middle + 12 * best.map_or(0, |best| best.0))
}

/// The place of a key's tonic on the line of fifths.
fn tonic(key: Key) -> i32 {
    i32::from(key.fifths()) + if key.mode() == Mode::Minor { 3 } else { 0 }
}
