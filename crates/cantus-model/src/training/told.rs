//! Which controls a piece is learnt with: every one may be missing, of the piece, of its bars or of a stretch of them, and
//! bars may be told coarsely, so that whatever part of it a request says was heard in training.

use cantus_features::control::Control;
use cantus_nn::Rng;

use crate::controls::{ChordSpan, ControlScale, Controls, MeasuredControls, scale_of};
use crate::recipe::Recipe;
use crate::styles::Style;

/// Bars over which the values that are told are averaged, each as likely; the last stands for all bars.
const COARSENESS: [usize; 6] = [1, 1, 2, 4, 8, usize::MAX];

/// Some of what was measured of a piece, chosen by chance.
pub(super) fn controls(
    measured: &MeasuredControls,
    style: &Style,
    recipe: &Recipe,
    rng: &mut Rng,
) -> Controls {
    let mut told =
        Controls { bars: vec![[None; Control::COUNT]; measured.bars.len()], ..Controls::default() };
    for control in Control::ALL {
        // The same numbers are drawn for every control, told or not.
        let (is_told, way, mut own) =
            (rng.uniform() >= recipe.control_dropout, rng.below(3), rng.fork(rng_stream(control)));
        let Some(scale) = scale_of(&style.controls, control).filter(|_| is_told) else { continue };
        if way != 0 {
            told.piece[control.index()] =
                measured.piece[control.index()].map(|value| scale.pieces.level(value));
        }
        if way != 1 {
            bars(measured, scale, control, (&mut told, &mut own));
        }
    }
    if rng.uniform() >= recipe.control_dropout {
        told.chords = chords(&measured.chords, rng);
    }
    told
}

fn rng_stream(control: Control) -> u64 {
    control.index() as u64
}

/// Tells the values of the bars, coarsely or exactly, of all of them or of a stretch.
fn bars(
    measured: &MeasuredControls,
    scale: &ControlScale,
    control: Control,
    (told, rng): (&mut Controls, &mut Rng),
) {
    let width = COARSENESS[rng.below(COARSENESS.len())];
    let stretch = stretch(told.bars.len(), rng);
    let value = |bar: usize| measured.bars[bar][control.index()];
    for (bar, levels) in told.bars.iter_mut().enumerate().filter(|(bar, _)| stretch.contains(bar)) {
        let value = match width {
            1 => value(bar),
            usize::MAX => measured.piece[control.index()],
            _ => mean((bar.saturating_sub(width / 2)..measured.bars.len()).take(width).filter_map(value)),
        };
        levels[control.index()] = value.map(|value| scale.bars.level(value));
    }
}

/// All of so many bars, or half of the time a stretch of them.
fn stretch(bars: usize, rng: &mut Rng) -> std::ops::Range<usize> {
    let (is_whole, one, other) = (rng.below(2) == 0, rng.below(bars + 1), rng.below(bars + 1));
    if is_whole { 0..bars } else { one.min(other)..one.max(other) }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// The chords, all of them or of a stretch.
fn chords(measured: &[ChordSpan], rng: &mut Rng) -> Vec<ChordSpan> {
    let stretch = stretch(measured.len(), rng);
    let told = |(index, span): (usize, &ChordSpan)| ChordSpan {
        chord: span.chord.filter(|_| stretch.contains(&index)),
        ..*span
    };
    measured.iter().enumerate().map(told).collect()
}
