//! The noise to which a generator plays what is nearest to phrases that are there already.
//!
//! The noise is found by descent: what the notes of a phrase cost, given the noise, has a gradient (Zhu et al. 2016, "Generative
//! visual manipulation on the natural image manifold"). It is kept as long as noise is, so that what lies near it sounds
//! like the style as well.

use cantus_nn::{Gradients, Hold, Mode, Parameters, Tape, Var};

use super::batch::{Asked, Question};
use super::generator::{Generator, Likely, NOISE};
use super::grid::{BAR_STEPS, STEPS};
use super::phrase::ROWS;
use super::roles::Role;
use crate::kit;

/// Steps of the descent.
const DESCENT: usize = 60;
/// How far a step goes.
const RATE: f32 = 0.15;
/// How much logits count: a generator is surer than it should be of what it plays.
const SOFT: f32 = 0.3;
/// Classes of a line besides its rows: it is held, it rests.
const HELD: u32 = ROWS as u32;
const RESTS: u32 = HELD + 1;

/// What is played, step by step, as a generator chooses it.
#[derive(Debug, Clone, Default)]
struct Choices {
    /// Of melody and bass: `[phrases · steps]`.
    lines: [Vec<u32>; 2],
    /// 1 where the choice is the generator's.
    line_weights: [Vec<f32>; 2],
    /// Where harmony begins, and where it is held: `[phrases · steps, ROWS]`.
    begins: Vec<f32>,
    holds: Vec<f32>,
    harmony_weights: Vec<f32>,
    /// `[phrases · steps, kit::CLASSES]`
    drums: Vec<f32>,
    drum_weights: Vec<f32>,
}

impl Choices {
    fn of(questions: &[Question], asked: &Asked) -> Self {
        let rows = questions.len() * STEPS;
        let weights = |role: Role| -> Vec<f32> {
            asked.holds[role.index()].iter().map(|hold| f32::from(u8::from(*hold == Hold::Played))).collect()
        };
        let mut all = Self {
            lines: [vec![RESTS; rows], vec![RESTS; rows]],
            line_weights: [Role::Melody, Role::Bass].map(weights),
            begins: vec![0.0; rows * ROWS],
            holds: vec![0.0; rows * ROWS],
            harmony_weights: weights(Role::Harmony),
            drums: vec![0.0; rows * kit::CLASSES],
            drum_weights: weights(Role::Drums),
        };
        for (index, (_, phrase)) in questions.iter().enumerate() {
            phrase.cells(|at, row, role, begins| {
                let Some(step) = at.checked_sub(BAR_STEPS).map(|step| index * STEPS + step) else { return };
                match role {
                    Role::Drums => all.drums[step * kit::CLASSES + row] = 1.0,
                    Role::Harmony if begins => all.begins[step * ROWS + row] = 1.0,
                    Role::Harmony => all.holds[step * ROWS + row] = 1.0,
                    line => {
                        let choice = if begins { row as u32 } else { HELD };
                        all.lines[usize::from(line == Role::Bass)][step] = choice;
                    }
                }
            });
        }
        all
    }

    /// What they cost, the sum over all phrases.
    fn cost(&self, tape: &mut Tape, likely: &Likely) -> Var {
        let mut sum: Option<Var> = None;
        let mut add = |tape: &mut Tape, costs: Var, weights: &[f32]| {
            let more = tape.weighted_sum(costs, weights);
            sum = Some(sum.map_or(more, |sum| tape.add(sum, more)));
        };
        for line in 0..2 {
            let soft = tape.affine(likely.lines[line], SOFT, 0.0);
            let costs = tape.softmax_cross_entropy(soft, &self.lines[line], None);
            add(tape, costs, &self.line_weights[line]);
        }
        for (logits, targets) in likely.harmony.into_iter().zip([&self.begins, &self.holds]) {
            let logits = tape.affine(logits, SOFT, 0.0);
            let costs = tape.sigmoid_cross_entropy(logits, targets);
            add(tape, costs, &self.harmony_weights);
        }
        let costs = tape.sigmoid_cross_entropy(likely.drums, &self.drums);
        add(tape, costs, &self.drum_weights);
        sum.unwrap_or(likely.drums)
    }
}

/// The noise for each phrase with what was asked of it, beginning from some noise.
pub(super) fn noise(
    tape: &mut Tape,
    (generator, params): (&Generator, &Parameters),
    styles: usize,
    questions: &[Question],
    begin: Vec<f32>,
) -> Vec<f32> {
    let asked = Asked::of(questions, styles);
    let choices = Choices::of(questions, &asked);
    let mut noise = begin;
    let mut memory = vec![[0.0_f32; 2]; noise.len()];
    // No weight learns here: only the noise does.
    let mut none = Gradients::of(params, |_| false);
    let mut left = [1.0, 1.0];
    for _ in 0..DESCENT {
        tape.begin(Mode::Eval);
        let input = tape.input(&noise, [questions.len(), NOISE]);
        let likely = generator.likely(tape, params, &asked, input);
        let cost = choices.cost(tape, &likely);
        tape.backward(params, cost, &mut none);
        adam((&mut noise, &mut memory, &mut left), tape.grad(input));
        noise.chunks_exact_mut(NOISE).for_each(as_long_as_noise);
    }
    noise
}

/// A step of Adam (Kingma and Ba 2015); `left` is the share of both means that is still their beginning.
fn adam((values, memory, left): (&mut [f32], &mut [[f32; 2]], &mut [f32; 2]), slopes: &[f32]) {
    let (first, second) = (0.9_f32, 0.99_f32);
    *left = [left[0] * first, left[1] * second];
    for ((value, [mean, square]), slope) in values.iter_mut().zip(memory).zip(slopes) {
        *mean = first * *mean + (1.0 - first) * slope;
        *square = second * *square + (1.0 - second) * slope * slope;
        *value -= RATE * (*mean / (1.0 - left[0])) / ((*square / (1.0 - left[1])).sqrt() + 1e-8);
    }
}

/// Noise is hardly ever much longer than the root of how many numbers it has.
fn as_long_as_noise(noise: &mut [f32]) {
    let length = noise.iter().map(|value| value * value).sum::<f32>().sqrt();
    let most = (NOISE as f32).sqrt();
    if length > most {
        for value in noise {
            *value *= most / length;
        }
    }
}
