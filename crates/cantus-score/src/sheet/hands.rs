//! Which hand of a keyboard player takes a note.

use crate::{Note, Program, Ticks};

/// Whether an instrument is written on two staves.
pub(super) fn is_keyboard(program: Program) -> bool {
    matches!(program.get(), 0..=8 | 16..=21 | 23 | 46)
}

/// Whether notes need two hands: they sound together, low and high.
pub(super) fn needs_two(notes: &[Note]) -> bool {
    let (low, high) = notes
        .iter()
        .fold((u8::MAX, 0), |(low, high), note| (low.min(note.pitch.get()), high.max(note.pitch.get())));
    low <= 52 && high >= 64 && overlap(notes)
}

fn overlap(notes: &[Note]) -> bool {
    let mut end = Ticks::ZERO;
    notes.iter().any(|note| {
        let overlaps = note.start < end;
        end = end.max(note.end());
        overlaps
    })
}

/// The lowest place at which the hands may part, in semitones of the keyboard.
const LOWEST: i32 = 40;
/// How many places there are.
const PLACES: usize = 41;

/// What it costs to part the hands one semitone from where they parted before. This and the weights below are those under
/// which the hands agreed best with edited piano music (94 % of the notes).
const MOVE: f32 = 0.6;
/// … for each semitone that a hand stretches beyond [`SPAN`].
const STRETCH: f32 = 1.0;
/// … for each semitone between a hand and where it was before.
const LEAP: f32 = 0.05;
/// … for each semitone from the [`MIDDLE`].
const OFF_CENTRE: f32 = 0.025;
/// A minor seventh, which every hand reaches.
const SPAN: i32 = 10;
/// Where the hands part most often.
const MIDDLE: i32 = 58;

/// Whether the right hand takes each note. The notes are sorted.
///
/// At each onset the hands part somewhere: the left takes what lies below, the right the rest. The cheapest course of
/// these places is found: a hand should stretch little, stay where it was, and part from the other where it did before.
pub(super) fn right(notes: &[Note]) -> Vec<bool> {
    let groups: Vec<&[Note]> = notes.chunk_by(|a, b| a.start == b.start).collect();
    let places = course(&groups);
    let parted =
        groups.iter().zip(places).flat_map(|(group, place)| group.iter().map(move |note| (note, place)));
    parted.map(|(note, place)| key(note) >= place).collect()
}

/// The cheapest course that ends at a place.
#[derive(Clone, Copy)]
struct Course {
    cost: f32,
    /// Where it was before the last onset.
    from: u8,
    /// Where the hands are: the means of the notes that they struck last.
    left: f32,
    right: f32,
}

/// The cheapest course of places by dynamic programming.
fn course(groups: &[&[Note]]) -> Vec<i32> {
    let mut courses = [Course { cost: 0.0, from: 0, left: 48.0, right: 70.0 }; PLACES];
    let mut from: Vec<[u8; PLACES]> = Vec::with_capacity(groups.len());
    let mut held: Vec<Note> = Vec::new();
    for group in groups {
        let start = group.first().map_or(Ticks::ZERO, |note| note.start);
        held.retain(|note| note.end() > start);
        held.extend_from_slice(group);
        for (place, course) in (0_u8..).zip(&mut courses) {
            course.from = place;
        }
        for place in 1..PLACES {
            take_cheaper(&mut courses, place - 1, place);
        }
        for place in (1..PLACES).rev() {
            take_cheaper(&mut courses, place, place - 1);
        }
        for (place, course) in (LOWEST..).zip(&mut courses) {
            course.strike(group, &held, place);
        }
        from.push(courses.map(|course| course.from));
        held.sort_unstable_by_key(|note| std::cmp::Reverse(note.end()));
        held.truncate(16);
    }
    trace(&courses, &from)
}

/// Comes from a neighbouring place where that is cheaper.
fn take_cheaper(courses: &mut [Course; PLACES], near: usize, place: usize) {
    let moved = courses[near].cost + MOVE;
    if moved < courses[place].cost {
        courses[place] = Course { cost: moved, ..courses[near] };
    }
}

impl Course {
    /// Adds what it costs to part the hands at a place while these notes are struck and those held.
    fn strike(&mut self, struck: &[Note], held: &[Note], place: i32) {
        let below = |note: &&Note| key(note) < place;
        let stretch = stretch(held.iter().filter(below)) + stretch(held.iter().filter(|note| !below(note)));
        let leaps = moved(&mut self.left, struck.iter().filter(below))
            + moved(&mut self.right, struck.iter().filter(|note| !below(note)));
        let centre = (place - MIDDLE).abs() as f32;
        self.cost += STRETCH * stretch as f32 + LEAP * leaps + OFF_CENTRE * centre;
    }
}

/// Semitones beyond the span of a hand.
fn stretch<'a>(notes: impl Iterator<Item = &'a Note>) -> i32 {
    let range = |(low, high): (i32, i32), note: &Note| (low.min(key(note)), high.max(key(note)));
    let (low, high) = notes.fold((i32::MAX, i32::MIN), range);
    if low > high { 0 } else { (high - low - SPAN).max(0) }
}

/// Moves a hand to the notes that it strikes; tells how far, in semitones.
fn moved<'a>(hand: &mut f32, notes: impl Iterator<Item = &'a Note>) -> f32 {
    let (sum, count) = notes.fold((0, 0), |(sum, count), note| (sum + key(note), count + 1));
    if count == 0 {
        return 0.0;
    }
    let mean = sum as f32 / count as f32;
    (mean - std::mem::replace(hand, mean)).abs()
}

fn key(note: &Note) -> i32 {
    i32::from(note.pitch.get())
}

/// Follows the cheapest course back from its end.
fn trace(courses: &[Course; PLACES], from: &[[u8; PLACES]]) -> Vec<i32> {
    let cheapest = (0..PLACES).min_by(|&a, &b| courses[a].cost.total_cmp(&courses[b].cost));
    let mut place = cheapest.unwrap_or_default();
    let mut places: Vec<i32> = Vec::with_capacity(from.len());
    for origin in from.iter().rev() {
        places.push(LOWEST + place as i32);
        place = usize::from(origin[place]);
    }
    places.reverse();
    places
}
