//! The discriminator: how real a phrase looks, for what was asked.

use cantus_nn::{Conv, Parameters, Rng, Tape, Var};

use super::batch::{Asked, PITCHED_PLANES};
use super::condition::{BAR_NUMBERS, Condition};
use super::dense::{Dense, LEAK};
use super::front::{Front, halved};
use super::generator::{OCTAVES, PATCHES, PATCHES_SEEN, Played, plain};
use super::grid::{BAR_STEPS, BARS, STEPS};
use super::phrase::ROWS;
use crate::kit;

/// Channels of patches, of half-bars, of bars, and numbers of the whole.
const PATCH: usize = 96;
const HALF: usize = 128;
const BAR: usize = 192;
const WHOLE: usize = 256;

const PATCHES_BEFORE: usize = BAR_STEPS / 4;
const BARS_SEEN: usize = BARS + 1;

/// How strongly the label speaks beside the phrase.
const LABEL: f32 = 1.0 / 16.0;

/// Where in the parameters each layer lies.
#[derive(Debug, Clone)]
pub(super) struct Discriminator {
    front: Front,
    bars: Dense,
    half: Conv,
    bar: Conv,
    across: Conv,
    whole: Dense,
    told: Dense,
    label: Dense,
}

/// What a discriminator tells of some phrases.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    /// How real they look for what was asked, `[n, 1]`.
    pub(super) real: Var,
    /// The numbers of the whole that it heard, `[n, WHOLE]`.
    pub(super) heard: Var,
}

impl Discriminator {
    /// Adds its tensors, whose names begin with `d.`.
    pub(super) fn new(styles: usize, params: &mut Parameters, rng: &mut Rng) -> Self {
        let across = plain([BARS_SEEN, OCTAVES], HALF + 1, [1, OCTAVES]);
        Self {
            front: Front::new(params, "d", PATCH, rng),
            bars: Dense::new(params, "d.bars", [BAR_NUMBERS, PATCH], rng),
            half: Conv::new(params, "d.half", halved([PATCHES_SEEN, OCTAVES], PATCH), HALF, rng),
            bar: Conv::new(params, "d.bar", halved([PATCHES_SEEN / 2, OCTAVES], HALF), HALF, rng),
            across: Conv::new(params, "d.across", across, BAR, rng),
            whole: Dense::new(params, "d.whole", [BARS_SEEN * BAR, WHOLE], rng),
            told: Dense::new(params, "d.told", [WHOLE, 1], rng),
            label: Dense::new(params, "d.label", [Condition::numbers(styles), WHOLE], rng),
        }
    }

    /// How real phrases look. They come in whole batches of what was asked, one below the other.
    pub(super) fn judge(&self, tape: &mut Tape, params: &Parameters, asked: &Asked, played: Played) -> Told {
        let phrases = tape.shape(played.drums).0 / STEPS;
        let batches = phrases / asked.phrases.max(1);
        let bars = tape.constant(&asked.bars, [asked.phrases * BARS, BAR_NUMBERS]);
        let bars = self.bars.forward(tape, params, bars);
        let bars = tape.upsample(bars, [BARS, 1], [4, 1]); // [asked * patches, PATCH]
        let bars = repeated(tape, bars, batches);
        let h = self.front.hear(tape, params, (played, STEPS), Some(bars)); // [n * patches * octaves, PATCH]
        let before = Played {
            pitched: tape.constant(&asked.before.pitched, [asked.phrases * BAR_STEPS * ROWS, PITCHED_PLANES]),
            drums: tape.constant(&asked.before.drums, [asked.phrases * BAR_STEPS, kit::CLASSES]),
        };
        let before = self.front.hear(tape, params, (before, BAR_STEPS), None);
        let before = tape.reshape(before, PATCHES_BEFORE * OCTAVES * PATCH);
        let before = repeated(tape, before, batches);
        let h = tape.reshape(h, PATCHES * OCTAVES * PATCH);
        let h = tape.beside(before, h);
        let h = tape.reshape(h, PATCH); // [n * patches seen * octaves, PATCH]
        let h = tape.conv(params, h, &self.half);
        let h = tape.leaky_relu(h, LEAK);
        let h = tape.conv(params, h, &self.bar); // [n * bars seen * octaves, HALF]
        let h = tape.leaky_relu(h, LEAK);
        let deviation = tape.batch_deviation(h, BARS_SEEN * OCTAVES, asked.phrases);
        let h = tape.beside(h, deviation);
        let h = tape.conv(params, h, &self.across); // [n * bars seen, BAR]
        let h = tape.leaky_relu(h, LEAK);
        let h = tape.reshape(h, BARS_SEEN * BAR);
        let h = self.whole.leaky(tape, params, h); // [n, WHOLE]
        let told = self.told.forward(tape, params, h);
        let label = self.label(tape, params, (&asked.whole, asked.phrases));
        let label = repeated(tape, label, batches);
        let fit = fit(tape, label, h);
        Told { real: tape.add(told, fit), heard: h }
    }

    /// How well one batch of phrases, as it was heard, fits each style with all else as it was asked, `[n, styles]`.
    pub(super) fn fits(
        &self,
        tape: &mut Tape,
        params: &Parameters,
        (asked, styles): (&Asked, usize),
        heard: Var,
    ) -> Var {
        let labels = asked.of_each_style(styles); // a row for each phrase and style
        let labels = self.label(tape, params, (&labels, asked.phrases * styles));
        let heard = tape.upsample(heard, [1, 1], [styles, 1]);
        let fits = fit(tape, labels, heard);
        tape.reshape(fits, styles)
    }

    fn label(&self, tape: &mut Tape, params: &Parameters, (whole, rows): (&[f32], usize)) -> Var {
        let label = tape.constant(whole, [rows, whole.len() / rows.max(1)]);
        self.label.forward(tape, params, label)
    }
}

fn fit(tape: &mut Tape, label: Var, heard: Var) -> Var {
    let fits = tape.mul(label, heard);
    let fits = tape.row_sum(fits);
    tape.affine(fits, LABEL, 0.0)
}

/// Some rows so many times, one batch below the other.
fn repeated(tape: &mut Tape, x: Var, times: usize) -> Var {
    let mut all = x;
    let mut count = 1;
    while 2 * count <= times {
        all = tape.below(all, all);
        count *= 2;
    }
    for _ in count..times {
        all = tape.below(all, x);
    }
    all
}
