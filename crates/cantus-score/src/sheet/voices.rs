//! Divides the notes of a staff into voices in which one chord follows the other.

use crate::{Note, Ticks};

/// More voices than a sheet can number are not kept apart: a broken file can strike a hundred thousand notes at once.
const MOST: usize = 255;

/// The voice of each note, counted from 0. Notes of a voice that begin together form a chord and are equally long; no two
/// chords of a voice overlap. The notes are sorted.
///
/// Where several voices are free, a chord goes to the one whose last chord lies nearest in pitch and time, and rather to
/// the first; chords that begin together are handed out from the closest match on.
pub(super) fn voices(notes: &[Note]) -> Vec<usize> {
    let mut chords: Vec<Chord> = Vec::new();
    let mut order: Vec<usize> = (0..notes.len()).collect();
    order.sort_by_key(|&index| notes.get(index).map(|note| (note.start, note.length, note.pitch)));
    for index in order {
        let Some(&note) = notes.get(index) else { continue };
        match chords.last_mut() {
            Some(chord) if chord.start == note.start && chord.end == note.end() => chord.add(index, note),
            _ => chords.push(Chord::of(index, note)),
        }
    }
    let mut voices: Vec<Chord> = Vec::new();
    let mut assigned = vec![0; notes.len()];
    for together in chords.chunk_by_mut(|a, b| a.start == b.start) {
        together.sort_by_key(|chord| std::cmp::Reverse(chord.pitch()));
        for few in together.chunks(MOST) {
            for (chord, voice) in few.iter().zip(assign(few, &voices)) {
                let voice = voice.unwrap_or(voices.len()).min(MOST - 1);
                for &note in &chord.notes {
                    assigned[note] = voice;
                }
                match voices.get_mut(voice) {
                    Some(last) => *last = chord.clone(),
                    None => voices.push(chord.clone()),
                }
            }
        }
    }
    assigned
}

#[derive(Clone)]
struct Chord {
    start: Ticks,
    end: Ticks,
    /// The sum of its pitches.
    sum: i64,
    notes: Vec<usize>,
}

impl Chord {
    fn of(index: usize, note: Note) -> Self {
        Self { start: note.start, end: note.end(), sum: i64::from(note.pitch.get()), notes: vec![index] }
    }

    fn add(&mut self, index: usize, note: Note) {
        self.sum += i64::from(note.pitch.get());
        self.notes.push(index);
    }

    /// Its middle, in eighths of a semitone.
    fn pitch(&self) -> i64 {
        self.sum * 8 / self.notes.len().max(1) as i64
    }
}

/// A free voice for each of the chords that begin together, or none.
fn assign(chords: &[Chord], voices: &[Chord]) -> Vec<Option<usize>> {
    let mut costs: Vec<(i64, usize, usize)> = Vec::new();
    for (index, chord) in chords.iter().enumerate() {
        for (voice, last) in voices.iter().enumerate().filter(|(_, last)| last.end <= chord.start) {
            costs.push((cost(chord, last, voice), index, voice));
        }
    }
    costs.sort_unstable();
    let (mut chosen, mut taken) = (vec![None; chords.len()], vec![false; voices.len()]);
    for (_, index, voice) in costs {
        if chosen[index].is_none() && !taken[voice] {
            chosen[index] = Some(voice);
            taken[voice] = true;
        }
    }
    chosen
}

/// How badly a chord goes on with a voice: in eighths of a semitone, a rest before it counting as five semitones and each
/// voice after the first as four more.
fn cost(chord: &Chord, last: &Chord, voice: usize) -> i64 {
    let rest = if last.end < chord.start { 40 } else { 0 };
    (chord.pitch() - last.pitch()).abs() + rest + 32 * voice as i64
}
