//! What phrases of a style are used to, where nothing is asked: how busy their bars are, how their lines move, and how seldom a note is
//! struck again.
//!
//! A generator that sees beats strikes notes again which its style holds: of four-part chorales on a grid, where no note is ever struck
//! again, it made a sixth of the melody so. What it strikes too often is joined, as often as makes up for it.

use cantus_nn::{Parameters, Rng, Tape};
use serde::{Deserialize, Serialize};

use super::batch::Question;
use super::condition::Condition;
use super::generator::Generator;
use super::grid::BARS;
use super::made;
use super::model::Model;
use super::phrase::{Phrase, PhraseNote};
use super::recipe::Recipe;
use super::roles::Role;
use super::set::PhraseSet;
use super::traits::{how_usual, spread_of};
use crate::corpus::Split;

/// Densities of phrases that are remembered of a style.
const REMEMBERED: usize = 48;
/// Training phrases of a style that are looked at.
const LOOKED_AT: usize = 2000;

/// The densities of a phrase's bars.
pub type Densities = [Option<f32>; BARS];

/// What phrases of a style are used to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Habits {
    /// Of the notes that a generator strikes again where the same one ends, the share that is joined to it: melody, harmony, bass.
    joined: [f32; 3],
    /// The densities of some training phrases.
    densities: Vec<Densities>,
    /// Means and deviations of the traits of training phrases.
    traits: Vec<[f32; 2]>,
}

impl Habits {
    /// What training phrases of a style say by themselves.
    pub(super) fn of_style(train: &[Phrase]) -> Self {
        let count = REMEMBERED.min(train.len());
        let phrase = |index: usize| &train[index * train.len() / count];
        let short = |value: f32| (value * 100.0).round() / 100.0;
        let densities = (0..count).map(|index| phrase(index).density.map(|density| density.map(short)));
        let traits = spread_of(train.iter().take(LOOKED_AT));
        let traits =
            traits.into_iter().map(|spread| spread.map(|value| (value * 1e4).round() / 1e4)).collect();
        Self { joined: [0.0; 3], densities: densities.collect(), traits }
    }

    /// The same for a generator that made some phrases of the style, before anything was joined.
    #[must_use]
    pub(super) fn beside(self, train: &[Phrase], made: &[Phrase]) -> Self {
        let train = &train[..train.len().min(LOOKED_AT)];
        let joined = Role::PITCHED.map(|role| {
            let [real, made] = [train, made].map(|phrases| share_struck_again(phrases, role));
            // What is joined is no note any more.
            if made > real { (made - real) / (made * (1.0 - real)) } else { 0.0 }
        });
        Self { joined, ..self }
    }

    /// Whether its numbers make sense.
    pub(super) fn are_sound(&self) -> bool {
        let densities = self.densities.iter().flatten().flatten();
        self.joined.iter().all(|share| (0.0..=1.0).contains(share))
            && densities.into_iter().all(|density| (0.0..=1000.0).contains(density))
            && self.traits.iter().flatten().all(|value| value.is_finite())
    }

    /// How busy the bars of a phrase are, as in one of the training phrases; nothing where none are known.
    pub(super) fn density(&self, rng: &mut Rng) -> Densities {
        match self.densities.len() {
            0 => Densities::default(),
            count => self.densities[rng.below(count)],
        }
    }

    /// How usual a phrase is in the style, in nats of each of its traits: at most 0.
    pub(super) fn how_usual(&self, phrase: &Phrase) -> f32 {
        how_usual(phrase, &self.traits)
    }

    /// The share of notes struck again that is joined.
    pub(super) fn joined(&self, role: Role) -> f32 {
        self.joined.get(role.index()).copied().unwrap_or(0.0)
    }
}

/// Answers questions of a style, of which training phrases are known, and finds what its phrases are used to; they are made by these habits.
pub(super) fn made_by_habit(
    tape: &mut Tape,
    (network, styles): ((&Generator, &Parameters), usize),
    (questions, rng): (&[Question], &mut Rng),
    (usual, train): (Habits, &[Phrase]),
) -> (Vec<Phrase>, Habits) {
    let noises: Vec<Vec<f32>> = questions.iter().map(|_| made::noise(rng)).collect();
    let mut phrases = made::answer(tape, network, styles, questions, &noises);
    let habits = usual.beside(train, &phrases);
    for phrase in &mut phrases {
        join(phrase, |role| habits.joined(role), rng);
    }
    (phrases, habits)
}

/// What is asked where only style, metre, mode and tracks are: and not even the style, where that is never told.
pub(super) fn plainly(condition: &Condition, recipe: &Recipe) -> Condition {
    let style = if recipe.unconditional { 0 } else { condition.style };
    Condition { style, chords: Default::default(), density: Default::default(), ..condition.clone() }
}

/// What is asked by habit as well: how busy bars are, unless nothing is ever asked.
pub(super) fn as_usual(plain: &Condition, usual: &Habits, recipe: &Recipe, rng: &mut Rng) -> Condition {
    let density = usual.density(rng);
    if recipe.unconditional { plain.clone() } else { Condition { density, ..plain.clone() } }
}

impl Model {
    /// The same model with its habits measured anew, of so many phrases of each style that it makes.
    #[must_use]
    pub fn with_habits(self, set: &PhraseSet, count: usize) -> Self {
        let (mut tape, mut rng) = (Tape::new(2), Rng::new(self.recipe.seed));
        let network = ((&self.generator, &self.params), self.styles.len());
        let of_style = |style: usize| {
            let train = &set.of(Split::Train)[style];
            let (usual, held_out) = (Habits::of_style(train), set.held_out(style));
            let real: Vec<Phrase> = (0..count).map(|_| held_out[rng.below(held_out.len())].alone()).collect();
            let plain = real.iter().map(|phrase| plainly(&Condition::of_phrase(style, phrase), &self.recipe));
            let conditions: Vec<Condition> =
                plain.map(|plain| as_usual(&plain, &usual, &self.recipe, &mut rng)).collect();
            let questions: Vec<Question> = conditions.iter().zip(&real).collect();
            made_by_habit(&mut tape, network, (&questions, &mut rng), (usual, train)).1
        };
        let habits = (0..self.styles.len()).map(of_style).collect();
        Self { habits, ..self }
    }
}

/// Of the notes of a track, the share that begins where the same one ends, both in the phrase itself.
pub(super) fn share_struck_again(phrases: &[Phrase], role: Role) -> f32 {
    let (mut all, mut again) = (0, 0);
    for phrase in phrases {
        for index in (0..phrase.notes.len()).filter(|index| phrase.notes[*index].role == role) {
            all += usize::from(phrase.notes[index].at >= phrase.grid.used);
            again += usize::from(struck_before(phrase, index).is_some());
        }
    }
    again as f32 / all.max(1) as f32
}

/// The note of a phrase that one of its notes strikes again.
fn struck_before(phrase: &Phrase, index: usize) -> Option<usize> {
    let PhraseNote { at, role, row, .. } = phrase.notes[index];
    let is_it = |note: &PhraseNote| {
        (note.role, note.row) == (role, row) && note.at >= phrase.grid.used && note.at + note.steps == at
    };
    phrase.notes[..index].iter().rposition(is_it)
}

/// Joins, in the tracks that were made, a share of the notes that are struck again.
pub(super) fn join(phrase: &mut Phrase, share: impl Fn(Role) -> f32, rng: &mut Rng) {
    let mut index = 0;
    while index < phrase.notes.len() {
        let PhraseNote { role, steps, .. } = phrase.notes[index];
        match struck_before(phrase, index) {
            Some(before) if rng.uniform() < share(role) => {
                phrase.notes[before].steps += steps;
                phrase.notes.remove(index);
            }
            _ => index += 1,
        }
    }
}
