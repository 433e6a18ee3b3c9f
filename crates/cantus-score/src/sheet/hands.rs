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

/// Whether the right hand takes each note. The notes are sorted.
///
/// At each onset the hands part somewhere: the left takes what lies below, the right the rest. The cheapest course of
/// these places is found: a hand should not stretch over more than an octave, reach far into the other's half, or part
/// from the other somewhere else than before.
pub(super) fn right(notes: &[Note]) -> Vec<bool> {
    let mut right = vec![true; notes.len()];
    let groups: Vec<&[Note]> = notes.chunk_by(|a, b| a.start == b.start).collect();
    let places = course(&groups);
    let parted =
        groups.iter().zip(places).flat_map(|(group, place)| group.iter().map(move |note| (note, place)));
    for (is_right, (note, place)) in right.iter_mut().zip(parted) {
        *is_right = i32::from(note.pitch.get()) >= place;
    }
    right
}

/// The cheapest course of places by dynamic programming.
fn course(groups: &[&[Note]]) -> Vec<i32> {
    const MOVE: f32 = 0.3;
    let mut costs = [0.0_f32; PLACES];
    let mut from: Vec<[u8; PLACES]> = Vec::with_capacity(groups.len());
    let mut held: Vec<Note> = Vec::new();
    for group in groups {
        let start = group.first().map_or(Ticks::ZERO, |note| note.start);
        held.retain(|note| note.end() > start);
        held.extend_from_slice(group);
        let mut origin: [u8; PLACES] = std::array::from_fn(|place| place as u8);
        for place in 1..PLACES {
            relax(&mut costs, &mut origin, place - 1, place, MOVE);
        }
        for place in (1..PLACES).rev() {
            relax(&mut costs, &mut origin, place, place - 1, MOVE);
        }
        for (place, cost) in (0_i32..).zip(&mut costs) {
            *cost += parting_cost(group, &held, LOWEST + place);
        }
        from.push(origin);
        held.sort_unstable_by_key(|note| std::cmp::Reverse(note.end()));
        held.truncate(16);
    }
    trace(&costs, &from)
}

/// Takes the step between neighbouring places where it is cheaper.
fn relax(costs: &mut [f32; PLACES], origin: &mut [u8; PLACES], near: usize, place: usize, step: f32) {
    if costs[near] + step < costs[place] {
        costs[place] = costs[near] + step;
        origin[place] = origin[near];
    }
}

/// Follows the cheapest course back from its end.
fn trace(costs: &[f32; PLACES], from: &[[u8; PLACES]]) -> Vec<i32> {
    let cheapest = (0..PLACES).min_by(|&a, &b| costs[a].total_cmp(&costs[b]));
    let mut place = cheapest.unwrap_or_default();
    let mut places: Vec<i32> = Vec::with_capacity(from.len());
    for origin in from.iter().rev() {
        places.push(LOWEST + place as i32);
        place = usize::from(origin[place]);
    }
    places.reverse();
    places
}

/// What it costs to part the hands at a place while these notes are struck and those held.
fn parting_cost(struck: &[Note], held: &[Note], place: i32) -> f32 {
    let reach: i32 = struck.iter().map(|note| i32::from(note.pitch.get())).map(|key| reach(key, place)).sum();
    let below = held.iter().map(|note| i32::from(note.pitch.get())).filter(|&key| key < place);
    let above = held.iter().map(|note| i32::from(note.pitch.get())).filter(|&key| key >= place);
    let stretch = stretch(below) + stretch(above);
    reach as f32 * 0.25 + stretch as f32 + (place - 60).abs() as f32 * 0.05
}

/// Semitones that a hand reaches into the other's half.
fn reach(key: i32, place: i32) -> i32 {
    if key < place { (key - 62).max(0) } else { (57 - key).max(0) }
}

/// Semitones beyond an octave and a third.
fn stretch(keys: impl Iterator<Item = i32>) -> i32 {
    let (low, high) = keys.fold((i32::MAX, i32::MIN), |(low, high), key| (low.min(key), high.max(key)));
    if low > high { 0 } else { (high - low - 14).max(0) }
}
