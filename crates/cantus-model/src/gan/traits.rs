//! Traits of a phrase: how many notes each track has, how long they are, how its lines move, and where they lie.

use super::phrase::{Phrase, PhraseNote};
use super::roles::Role;

/// How many traits a phrase has.
const TRAITS: usize = 8 + 5 + 8 + 1;

/// Notes of a track that count as one.
const NOTES: f32 = 16.0;

/// The traits of a phrase, each about from 0 to 1; of a track that is silent 0.
fn traits_of(phrase: &Phrase) -> [f32; TRAITS] {
    let mut all = Vec::with_capacity(TRAITS);
    for role in Role::ALL {
        let notes: Vec<&PhraseNote> = phrase.notes_within().filter(|note| note.role == role).collect();
        all.push(notes.len() as f32 / NOTES);
        if role == Role::Drums {
            continue;
        }
        let count = notes.len().max(1) as f32;
        let share = |is: fn(u8) -> bool| notes.iter().filter(|note| is(note.steps)).count() as f32 / count;
        all.extend([share(|steps| steps <= 1), share(|steps| steps >= 4), share(|steps| steps >= 8)]);
        all.push(notes.iter().map(|note| f32::from(note.row)).sum::<f32>() / count / 12.0);
        if role.is_single() {
            let moves: Vec<u8> = notes.windows(2).map(|pair| pair[1].row.abs_diff(pair[0].row)).collect();
            let count = moves.len().max(1) as f32;
            let share = |is: fn(u8) -> bool| moves.iter().filter(|by| is(**by)).count() as f32 / count;
            all.extend([share(|by| by == 0), share(|by| matches!(by, 1 | 2)), share(|by| by >= 5)]);
        }
    }
    std::array::from_fn(|index| all.get(index).copied().unwrap_or(0.0))
}

/// How traits are spread: their means and deviations.
pub(super) fn spread_of<'a>(phrases: impl Iterator<Item = &'a Phrase>) -> Vec<[f32; 2]> {
    let all: Vec<[f32; TRAITS]> = phrases.map(|phrase| traits_of(&phrase.alone())).collect();
    let count = all.len().max(1) as f32;
    let spread = |index: usize| {
        let values = || all.iter().map(|traits| traits[index]);
        let mean = values().sum::<f32>() / count;
        let variance = values().map(|value| (value - mean) * (value - mean)).sum::<f32>() / count;
        [mean, variance.sqrt()]
    };
    (0..TRAITS).map(spread).collect()
}

/// A deviation that is smaller is taken for this.
const LEAST_DEVIATION: f32 = 0.05;
/// So many deviations away is as strange as can be.
const STRANGEST: f32 = 3.0;

/// How usual the traits of a phrase are: 0 where all are the mean, less the further they are from it, in nats a trait.
pub(super) fn how_usual(phrase: &Phrase, spread: &[[f32; 2]]) -> f32 {
    let apart = traits_of(phrase).into_iter().zip(spread).map(|(own, [mean, deviation])| {
        let apart = ((own - mean) / deviation.max(LEAST_DEVIATION)).abs().min(STRANGEST);
        apart * apart
    });
    -0.5 * apart.sum::<f32>() / TRAITS as f32
}
