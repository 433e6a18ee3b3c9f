//! The listener: which style, chords and densities it hears in a phrase.
//!
//! It learns from real phrases alone, is told nothing that was asked, and hears nothing but the phrase itself. It chooses among
//! takes; a recipe may have the generator pay for what it does not hear as well, at a price (see `docs/phrases.md`).

use cantus_nn::{Conv, Mode, Parameters, Rng, Tape, Var, math};

use super::batch::{self, Asked, Question};
use super::condition::{Condition, HEARD_NUMBERS};
use super::dense::{Dense, LEAK};
use super::front::{Front, halved};
use super::generator::{OCTAVES, PATCHES, Played, plain};
use super::grid::{BARS, STEPS};
use super::made::SIDE_BY_SIDE;
use super::phrase::Phrase;
use super::recipe::Recipe;

/// Channels of patches, of half-bars, of bars, and numbers of a bar and of the whole.
const PATCH: usize = 40;
const HALF: usize = 56;
const BAR: usize = 80;
const ACROSS: usize = 96;
const WHOLE: usize = 96;
/// The share of the numbers of the whole that are left out while it learns.
const DROPOUT: f32 = 0.3;
/// Roots of chords.
const ROOTS: usize = 12;

/// Where in the parameters each layer lies.
#[derive(Debug, Clone)]
pub(super) struct Listener {
    front: Front,
    /// What is known of the grid, the mode and the tracks.
    known: Dense,
    half: Conv,
    bar: Conv,
    across: Conv,
    whole: Dense,
    style: Dense,
    root: Dense,
    density: Dense,
    styles: usize,
}

/// What is heard in some phrases.
#[derive(Debug, Clone, Copy)]
struct Heard {
    /// Logits of styles, `[n, styles]`.
    style: Var,
    /// Logits of the roots of chords, `[n · bars, ROOTS]`.
    root: Var,
    /// Densities, `[n · bars, 1]`.
    density: Var,
}

/// What should be heard in some phrases.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ToHear {
    pub(super) styles: Vec<u32>,
    /// Of each bar, where there is one.
    roots: Vec<Option<u32>>,
    densities: Vec<Option<f32>>,
}

impl ToHear {
    /// What was asked for.
    pub(super) fn asked<'a>(conditions: impl Iterator<Item = &'a Condition>) -> Self {
        let mut all = Self::default();
        for condition in conditions {
            all.styles.push(condition.style as u32);
            all.roots.extend(condition.chords.map(|chord| Some(chord?.root.get().into())));
            all.densities.extend(condition.density);
        }
        all
    }

    /// What is true of real phrases of their styles.
    pub(super) fn of_phrases(phrases: &[(Condition, Phrase)]) -> Self {
        let full = phrases.iter().map(|(condition, phrase)| Condition {
            chords: phrase.chords,
            density: phrase.density,
            ..condition.clone()
        });
        Self::asked(full.collect::<Vec<_>>().iter())
    }
}

impl Listener {
    /// Adds its tensors, whose names begin with `l.`.
    pub(super) fn new(styles: usize, params: &mut Parameters, rng: &mut Rng) -> Self {
        Self {
            front: Front::new(params, "l", PATCH, rng),
            known: Dense::new(params, "l.known", [HEARD_NUMBERS, PATCH], rng),
            half: Conv::new(params, "l.half", halved([PATCHES, OCTAVES], PATCH), HALF, rng),
            bar: Conv::new(params, "l.bar", halved([PATCHES / 2, OCTAVES], HALF), BAR, rng),
            across: Conv::new(params, "l.across", plain([BARS, OCTAVES], BAR, [1, OCTAVES]), ACROSS, rng),
            whole: Dense::new(params, "l.whole", [BARS * ACROSS, WHOLE], rng),
            style: Dense::new(params, "l.style", [WHOLE, styles], rng),
            root: Dense::new(params, "l.root", [ACROSS, ROOTS], rng),
            density: Dense::new(params, "l.density", [ACROSS, 1], rng),
            styles,
        }
    }

    fn hear(&self, tape: &mut Tape, params: &Parameters, asked: &Asked, played: Played) -> Heard {
        let known = tape.constant(&asked.whole, [asked.phrases, Condition::numbers(self.styles)]);
        let known = tape.columns(known, self.styles..self.styles + HEARD_NUMBERS);
        let known = self.known.forward(tape, params, known);
        let known = tape.upsample(known, [1, 1], [PATCHES, 1]); // [n * patches, PATCH]
        let h = self.front.hear(tape, params, (played, STEPS), Some(known));
        let h = tape.conv(params, h, &self.half);
        let h = tape.leaky_relu(h, LEAK);
        let h = tape.conv(params, h, &self.bar); // [n * bars * octaves, BAR]
        let h = tape.leaky_relu(h, LEAK);
        let h = tape.conv(params, h, &self.across); // [n * bars, ACROSS]
        let bars = tape.leaky_relu(h, LEAK);
        let h = tape.reshape(bars, BARS * ACROSS);
        let h = self.whole.leaky(tape, params, h);
        let h = tape.dropout(h, DROPOUT);
        Heard {
            style: self.style.forward(tape, params, h),
            root: self.root.forward(tape, params, bars),
            density: self.density.forward(tape, params, bars),
        }
    }

    /// How far what is heard is from what should be: nats of styles and of roots, and squares of densities, so weighted.
    pub(super) fn cost(
        &self,
        tape: &mut Tape,
        params: &Parameters,
        (asked, played): (&Asked, Played),
        (to_hear, weights): (&ToHear, Weights),
    ) -> Var {
        let heard = self.hear(tape, params, asked, played);
        let count = asked.phrases as f32;
        let styles = tape.softmax_cross_entropy(heard.style, &to_hear.styles, None);
        let styles = tape.weighted_sum(styles, &vec![weights.style / count; asked.phrases]);
        let share = |is: bool, weight: f32| if is { weight / (count * BARS as f32) } else { 0.0 };
        let targets: Vec<u32> = to_hear.roots.iter().map(|root| root.unwrap_or(0)).collect();
        let weigh: Vec<f32> = to_hear.roots.iter().map(|root| share(root.is_some(), weights.root)).collect();
        let roots = tape.softmax_cross_entropy(heard.root, &targets, None);
        let roots = tape.weighted_sum(roots, &weigh);
        let targets: Vec<f32> = to_hear.densities.iter().map(|density| density.unwrap_or(0.0)).collect();
        let weigh: Vec<f32> =
            to_hear.densities.iter().map(|density| share(density.is_some(), weights.density)).collect();
        let targets = tape.constant(&targets, [asked.phrases * BARS, 1]);
        let apart = tape.sub(heard.density, targets);
        let squares = tape.mul(apart, apart);
        let densities = tape.weighted_sum(squares, &weigh);
        let cost = tape.add(styles, roots);
        tape.add(cost, densities)
    }

    /// The probability of each style in each phrase, `[n, styles]`.
    pub(super) fn styles_of(&self, tape: &mut Tape, params: &Parameters, questions: &[Question]) -> Vec<f32> {
        let mut all = Vec::with_capacity(questions.len() * self.styles);
        for questions in questions.chunks(SIDE_BY_SIDE) {
            let asked = Asked::of(questions, self.styles);
            tape.begin(Mode::Eval);
            let planes = batch::played(questions.iter().map(|(_, phrase)| *phrase));
            let played = Played::constant(tape, &planes, questions.len());
            let heard = self.hear(tape, params, &asked, played);
            all.extend_from_slice(tape.value(heard.style));
        }
        all.chunks_exact_mut(self.styles).for_each(as_shares);
        all
    }
}

/// From logits to probabilities.
fn as_shares(row: &mut [f32]) {
    let most = row.iter().copied().fold(f32::MIN, f32::max);
    for logit in row.iter_mut() {
        *logit = math::exp(*logit - most);
    }
    let sum: f32 = row.iter().sum();
    for share in row {
        *share /= sum;
    }
}

/// How much each thing that is heard counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weights {
    style: f32,
    root: f32,
    density: f32,
}

impl Weights {
    /// As the listener learns.
    pub(super) const ALL: Self = Self { style: 1.0, root: 1.0, density: 1.0 };

    /// As the generator is to please it.
    pub(super) fn of_recipe(recipe: &Recipe) -> Self {
        Self { style: recipe.heard_style, root: recipe.heard_chords, density: recipe.heard_density }
    }

    /// Whether nothing counts.
    pub(super) fn are_none(self) -> bool {
        self == Self { style: 0.0, root: 0.0, density: 0.0 }
    }
}
