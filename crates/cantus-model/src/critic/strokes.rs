//! What a critic hears in drums alone: which drum is struck where in the bar, how loud, and with what; how bars are like those before.

use std::ops::Range;

use cantus_nn::math;
use cantus_score::Pitch;

use super::Heard;
use crate::encoding::{STEPS_PER_QUARTER, Slice, Steps, VELOCITY_LEVELS};
use crate::kit;

/// Drums that are told apart; the last is any other.
const KINDS: usize = 10;
/// The kind of each class of the kit: the snare drum with the side stick, and the middle tom with the low one.
const KIND_OF_CLASS: [usize; kit::CLASSES] = [0, 1, 1, 2, 3, 4, 7, 7, 8, 6, 5, KINDS - 1];
/// Places in the bar that are told apart; those of longer bars are the last.
const PLACES: usize = 16;
/// Grid steps of a place.
const PLACE: Steps = STEPS_PER_QUARTER / 4;
/// Times from one moment to the next that are told apart, the longest of each kind, in grid steps; all longer ones are the last kind.
const GAPS: [Steps; 6] = [3, 5, 6, 8, 12, 24];
/// Places in the beat that are told apart, in grid steps; the last is any other.
const IN_BEAT: [Steps; 6] = [0, 6, 8, 12, 16, 18];

/// How many traits a stretch of drums has.
pub(super) const STROKE_TRAITS: usize =
    KINDS * PLACES + 3 * KINDS + KINDS * (KINDS - 1) / 2 + (GAPS.len() + 1) + (IN_BEAT.len() + 1) + 4 + 4;

/// The drums that are struck at one moment, by kind: how often, and how loud they are together, from 0 to 1 each.
struct Moment {
    at: Steps,
    strokes: [f32; KINDS],
    loudness: [f32; KINDS],
}

/// The traits of the strokes in a stretch; 0 where there are none that could have them.
pub(super) fn strokes_of(heard: &Heard, stretch: &Range<Steps>) -> Vec<f32> {
    let moments = moments(heard, stretch);
    let bars = ((stretch.end - stretch.start) as f32 / heard.bar as f32).max(1.0);
    let mut all = Vec::with_capacity(STROKE_TRAITS);
    of_places(&moments, heard, bars, &mut all);
    of_drums(&moments, &mut all);
    of_times(&moments, heard, &mut all);
    of_bars(&moments, heard, stretch, &mut all);
    debug_assert_eq!(all.len(), STROKE_TRAITS);
    all
}

fn kind_of(drum: Pitch) -> usize {
    kit::class_of(drum).map_or(KINDS - 1, |class| KIND_OF_CLASS[usize::from(class)])
}

fn moments(heard: &Heard, stretch: &Range<Steps>) -> Vec<Moment> {
    let first = heard.slices.partition_point(|slice| slice.at < stretch.start);
    let within = heard.slices[first..].iter().take_while(|slice| slice.at < stretch.end);
    let moment = |slice: &Slice| {
        let mut moment = Moment { at: slice.at, strokes: [0.0; KINDS], loudness: [0.0; KINDS] };
        for note in &slice.notes {
            let kind = kind_of(note.pitch);
            moment.strokes[kind] += 1.0;
            moment.loudness[kind] +=
                note.level.map_or(0.5, |level| f32::from(level) / f32::from(VELOCITY_LEVELS as u8));
        }
        moment
    };
    within.filter(|slice| !slice.notes.is_empty()).map(moment).collect()
}

/// The place of a time in its bar, in grid steps.
fn since_bar(at: Steps, heard: &Heard) -> Steps {
    (at + heard.bar - heard.pickup % heard.bar) % heard.bar
}

/// How often each drum is struck at each place of a bar.
fn of_places(moments: &[Moment], heard: &Heard, bars: f32, all: &mut Vec<f32>) {
    let mut places = [[0.0; PLACES]; KINDS];
    for moment in moments {
        let place = ((since_bar(moment.at, heard) / PLACE) as usize).min(PLACES - 1);
        for (places, strokes) in places.iter_mut().zip(moment.strokes) {
            places[place] += strokes;
        }
    }
    all.extend(places.iter().flatten().map(|strokes| strokes / bars));
}

/// Shares of the drums, how loud they are, how often each is struck at two moments in a row, and which are struck together.
fn of_drums(moments: &[Moment], all: &mut Vec<f32>) {
    let sum = |of: fn(&Moment) -> &[f32; KINDS], kind: usize| -> f32 {
        moments.iter().map(|moment| of(moment)[kind]).sum()
    };
    let counts: [f32; KINDS] = std::array::from_fn(|kind| sum(|moment| &moment.strokes, kind));
    let loudness: [f32; KINDS] = std::array::from_fn(|kind| sum(|moment| &moment.loudness, kind));
    let strokes = counts.iter().sum::<f32>().max(1.0);
    all.extend(counts.map(|count| count / strokes));
    all.extend(loudness.iter().zip(counts).map(|(loudness, count)| loudness / count.max(1.0)));
    let is_struck = |moment: &Moment, kind: usize| f32::from(u8::from(moment.strokes[kind] > 0.0));
    let changes = (moments.len() as f32 - 1.0).max(1.0);
    for kind in 0..KINDS {
        let again: f32 =
            moments.windows(2).map(|pair| is_struck(&pair[0], kind) * is_struck(&pair[1], kind)).sum();
        all.push(again / changes);
    }
    let count = (moments.len() as f32).max(1.0);
    for one in 0..KINDS {
        for other in one + 1..KINDS {
            let together: f32 =
                moments.iter().map(|moment| is_struck(moment, one) * is_struck(moment, other)).sum();
            all.push(together / count);
        }
    }
}

/// Shares of the times between moments, of their places in the beat, and of how many drums they strike.
fn of_times(moments: &[Moment], heard: &Heard, all: &mut Vec<f32>) {
    let (mut gaps, mut in_beat, mut together) = ([0.0; GAPS.len() + 1], [0.0; IN_BEAT.len() + 1], [0.0; 4]);
    for pair in moments.windows(2) {
        gaps[GAPS.partition_point(|longest| *longest < pair[1].at - pair[0].at)] += 1.0;
    }
    for moment in moments {
        let place = since_bar(moment.at, heard) % STEPS_PER_QUARTER;
        in_beat[IN_BEAT.iter().position(|known| *known == place).unwrap_or(IN_BEAT.len())] += 1.0;
        let strokes = moment.strokes.iter().sum::<f32>() as usize;
        together[strokes.clamp(1, 4) - 1] += 1.0;
    }
    let count = (moments.len() as f32).max(1.0);
    all.extend(gaps.iter().chain(&in_beat).chain(&together).map(|counted| counted / count));
}

/// How much is struck, how even that is from bar to bar, and how much of a bar the one before has as well: of all strokes, and whole bars.
fn of_bars(moments: &[Moment], heard: &Heard, stretch: &Range<Steps>, all: &mut Vec<f32>) {
    let bars = (stretch.end - stretch.start).div_ceil(heard.bar).max(1) as usize;
    let mut patterns: Vec<Vec<(Steps, usize)>> = vec![Vec::new(); bars];
    for moment in moments {
        let bar = ((moment.at - stretch.start) / heard.bar) as usize;
        let kinds = (0..KINDS).filter(|kind| moment.strokes[*kind] > 0.0);
        patterns[bar].extend(kinds.map(|kind| (since_bar(moment.at, heard), kind)));
    }
    let counts: Vec<f32> = patterns.iter().map(|pattern| pattern.len() as f32).collect();
    let mean = counts.iter().sum::<f32>() / bars as f32;
    let variance = counts.iter().map(|count| (count - mean) * (count - mean)).sum::<f32>() / bars as f32;
    let (mut alike, mut same) = (0.0, 0.0);
    for pair in patterns.windows(2) {
        let shared = pair[1].iter().filter(|stroke| pair[0].contains(stroke)).count() as f32;
        let of = (pair[0].len() + pair[1].len()) as f32 - shared;
        alike += shared / of.max(1.0);
        same += f32::from(u8::from(of > 0.0 && shared.to_bits() == of.to_bits()));
    }
    let pairs = (bars as f32 - 1.0).max(1.0);
    all.extend([math::ln(1.0 + mean), variance.sqrt() / mean.max(1.0), alike / pairs, same / pairs]);
}
