//! What each note of a piece is there for: melody, harmony, bass or drums.

use std::collections::BTreeMap;

use cantus_score::Pitch;
use serde::{Deserialize, Serialize};

use crate::encoding::{Sliced, Steps};

/// A track of a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// One note at a time, the highest part.
    Melody,
    /// All that lies between.
    Harmony,
    /// One note at a time, the lowest part.
    Bass,
    /// Strokes of a drum kit.
    Drums,
}

impl Role {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Melody, Self::Harmony, Self::Bass, Self::Drums];
    /// Those that have pitches.
    pub const PITCHED: [Self; 3] = [Self::Melody, Self::Harmony, Self::Bass];

    /// Its number.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        ["melody", "harmony", "bass", "drums"][self as usize]
    }

    /// Whether it plays one note at a time.
    pub const fn is_single(self) -> bool {
        matches!(self, Self::Melody | Self::Bass)
    }
}

/// A note with its role, in twenty-fourths of a quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleNote {
    /// What it is there for.
    pub role: Role,
    /// The number of its part in the piece.
    pub part: usize,
    /// Its key.
    pub pitch: Pitch,
    /// When it begins.
    pub begin: Steps,
    /// When it ends.
    pub end: Steps,
}

/// The highest note that a bass has where it must be found among others: the A below middle C.
const BASS_TOP: u8 = 57;
/// A part is a line if so many of a hundred of its moments have one note.
const MOSTLY: usize = 85;

#[derive(Clone, Copy)]
struct Heard {
    part: usize,
    pitch: Pitch,
    begin: Steps,
    end: Steps,
}

/// Gives each note its role, in the order of their beginnings. The part that lies highest is the melody and the one that lies
/// lowest the bass, where they are lines; else the highest notes of all and the lowest are. A single line is a melody.
pub fn of_piece(piece: &Sliced) -> Vec<RoleNote> {
    let mut pitched = Vec::new();
    let mut all = Vec::new();
    for slice in &piece.slices {
        for note in &slice.notes {
            let part = usize::from(note.part);
            let heard =
                Heard { part, pitch: note.pitch, begin: slice.at, end: slice.at + note.length.steps() };
            if piece.parts.get(part).is_some_and(|part| part.drums) {
                all.push(with_role(heard, Role::Drums));
            } else {
                pitched.push(heard);
            }
        }
    }
    let (melody, rest) = outer(pitched, Side::Top);
    let (bass, harmony) = outer(rest, Side::Bottom);
    all.extend(cut(melody).into_iter().map(|note| with_role(note, Role::Melody)));
    all.extend(cut(bass).into_iter().map(|note| with_role(note, Role::Bass)));
    all.extend(harmony.into_iter().map(|note| with_role(note, Role::Harmony)));
    all.sort_by_key(|note| (note.begin, note.role, note.pitch));
    all
}

fn with_role(note: Heard, role: Role) -> RoleNote {
    RoleNote { role, part: note.part, pitch: note.pitch, begin: note.begin, end: note.end }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Top,
    Bottom,
}

/// Takes the outermost line out of notes in the order of their beginnings; what is left comes second.
fn outer(notes: Vec<Heard>, side: Side) -> (Vec<Heard>, Vec<Heard>) {
    let parts = lines_by_height(&notes);
    let outermost = match side {
        Side::Top => parts.last(),
        Side::Bottom => parts.first(),
    };
    match outermost {
        Some(&(part, is_line)) if is_line && (parts.len() > 1 || side == Side::Top) => {
            let (of_part, others): (Vec<Heard>, Vec<Heard>) =
                notes.into_iter().partition(|note| note.part == part);
            let (line, doubled) = edge(&of_part, side, u8::MAX);
            (line, merged(others, doubled))
        }
        _ => edge(&notes, side, BASS_TOP),
    }
}

/// The parts from the lowest to the highest, with whether each is a line.
fn lines_by_height(notes: &[Heard]) -> Vec<(usize, bool)> {
    let mut sums: BTreeMap<usize, (u64, u64, usize, usize, Option<Steps>)> = BTreeMap::new();
    for note in notes {
        let (height, count, moments, alone, last) = sums.entry(note.part).or_default();
        *height += u64::from(note.pitch.get());
        *count += 1;
        if *last == Some(note.begin) {
            // The second note of a chord: its moment is no longer one of a line.
            *alone = alone.saturating_sub(1);
        } else {
            *moments += 1;
            *alone += 1;
            *last = Some(note.begin);
        }
    }
    let mut parts: Vec<(f64, usize, bool)> = sums
        .into_iter()
        .map(|(part, (height, count, moments, alone, _))| {
            (height as f64 / count as f64, part, alone * 100 >= MOSTLY * moments)
        })
        .collect();
    parts.sort_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(&one.1)));
    parts.into_iter().map(|(_, part, is_line)| (part, is_line)).collect()
}

/// The notes at the edge of what sounds, and the others; a bass has no note above `top`.
fn edge(notes: &[Heard], side: Side, top: u8) -> (Vec<Heard>, Vec<Heard>) {
    let (mut line, mut rest) = (Vec::new(), Vec::new());
    let mut sounding: Vec<Heard> = Vec::new();
    for together in notes.chunk_by(|one, other| one.begin == other.begin) {
        let begin = together.first().map_or(0, |note| note.begin);
        sounding.retain(|note| note.end > begin);
        let outermost = match side {
            Side::Top => together.iter().max_by_key(|note| note.pitch),
            Side::Bottom => together.iter().min_by_key(|note| note.pitch),
        };
        let is_outside = |note: &Heard| match side {
            Side::Top => sounding.iter().all(|other| other.pitch <= note.pitch),
            Side::Bottom => note.pitch.get() <= top && sounding.iter().all(|other| other.pitch >= note.pitch),
        };
        let taken = outermost.copied().filter(is_outside);
        let mut is_taken = false;
        for note in together {
            if !is_taken && taken.is_some_and(|taken| taken.pitch == note.pitch && taken.part == note.part) {
                is_taken = true;
                line.push(*note);
            } else {
                rest.push(*note);
            }
        }
        sounding.extend(together);
    }
    (line, rest)
}

/// Two lists in the order of their beginnings as one.
fn merged(mut one: Vec<Heard>, other: Vec<Heard>) -> Vec<Heard> {
    if !other.is_empty() {
        one.extend(other);
        one.sort_by_key(|note| (note.begin, note.part));
    }
    one
}

/// A line ends each note where the next begins.
fn cut(mut line: Vec<Heard>) -> Vec<Heard> {
    for index in 1..line.len() {
        let next = line[index].begin;
        let note = &mut line[index - 1];
        note.end = note.end.min(next);
    }
    line.retain(|note| note.end > note.begin);
    line
}
