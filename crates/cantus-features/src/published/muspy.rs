//! The metrics of `MusPy`. Its time steps are the ticks of the score, and its pieces end with their last note or controller.

use cantus_score::{Meter, Mode};

use super::{pitched, share};
use crate::Window;
use crate::logarithm::entropy;
use crate::window::Begun;

/// How many notes have each pitch.
fn pitches(window: &Window) -> [u32; 128] {
    let mut counts = [0; 128];
    for note in pitched(window) {
        counts[usize::from(note.pitch.get())] += 1;
    }
    counts
}

/// How many notes have each pitch class.
fn classes(window: &Window) -> [u32; 12] {
    let mut counts = [0; 12];
    for note in pitched(window) {
        counts[usize::from(note.pitch.class().get())] += 1;
    }
    counts
}

pub(crate) fn pitch_range(window: &Window) -> Option<f64> {
    let pitches = || pitched(window).map(|note| f64::from(note.pitch.get()));
    Some(pitches().reduce(f64::max)? - pitches().reduce(f64::min)?)
}

pub(crate) fn pitches_used(window: &Window) -> Option<f64> {
    (!window.begun.is_empty()).then(|| used(&pitches(window)))
}

pub(crate) fn pitch_classes_used(window: &Window) -> Option<f64> {
    (!window.begun.is_empty()).then(|| used(&classes(window)))
}

fn used(counts: &[u32]) -> f64 {
    counts.iter().filter(|&&count| count > 0).count() as f64
}

pub(crate) fn pitch_entropy(window: &Window) -> Option<f64> {
    entropy(&pitches(window))
}

pub(crate) fn pitch_class_entropy(window: &Window) -> Option<f64> {
    entropy(&classes(window))
}

/// Time steps by how many pitches sound in them: in all, pitches and steps with any, and steps with more than two.
struct Roll {
    steps: u64,
    pitches: u64,
    sounding: u64,
    many: u64,
}

impl Roll {
    fn of(window: &Window) -> Self {
        let mut turns: Vec<(u32, i32, usize)> = Vec::new();
        for note in pitched(window).filter(|note| note.length.0 > 0) {
            let pitch = usize::from(note.pitch.get());
            turns.extend([(note.at.0, 1, pitch), (end(note), -1, pitch)]);
        }
        turns.sort_unstable();
        let steps = window.last_control.0;
        let mut roll = Self { steps: u64::from(steps), pitches: 0, sounding: 0, many: 0 };
        let (mut held, mut count, mut reached) = ([0_i32; 128], 0_u64, 0_u32);
        for (at, change, pitch) in turns {
            let steps = u64::from(at - reached);
            roll.pitches += steps * count;
            roll.sounding += if count > 0 { steps } else { 0 };
            roll.many += if count > 2 { steps } else { 0 };
            reached = at;
            let before = held[pitch] > 0;
            held[pitch] += change;
            count = count + u64::from(held[pitch] > 0) - u64::from(before);
        }
        roll
    }
}

fn end(note: &Begun) -> u32 {
    note.at.saturating_add(note.length).0
}

pub(crate) fn polyphony(window: &Window) -> Option<f64> {
    let roll = Roll::of(window);
    share(roll.pitches, roll.sounding)
}

pub(crate) fn polyphony_rate(window: &Window) -> Option<f64> {
    let roll = Roll::of(window);
    share(roll.many, roll.steps)
}

/// Pitch classes of the scale of a tonic, C first.
fn scale(tonic: usize, mode: Mode) -> [bool; 12] {
    let degrees: [usize; 7] = match mode {
        Mode::Major => [0, 2, 4, 5, 7, 9, 11],
        Mode::Minor => [0, 2, 3, 5, 7, 8, 10],
    };
    let mut scale = [false; 12];
    for degree in degrees {
        scale[(tonic + degree) % 12] = true;
    }
    scale
}

fn in_scale(window: &Window, scale: [bool; 12]) -> Option<f64> {
    let classes = classes(window);
    let inside =
        classes.iter().zip(scale).filter(|(_, inside)| *inside).map(|(count, _)| *count).sum::<u32>();
    share(u64::from(inside), u64::from(classes.iter().sum::<u32>()))
}

/// By the scale of the key that is heard.
pub(crate) fn pitch_in_scale_rate(window: &Window) -> Option<f64> {
    let home = window.home?;
    in_scale(window, scale(usize::from(home.tonic().get()), home.mode()))
}

pub(crate) fn scale_consistency(window: &Window) -> Option<f64> {
    let scales =
        [Mode::Major, Mode::Minor].into_iter().flat_map(|mode| (0..12).map(move |tonic| scale(tonic, mode)));
    scales.filter_map(|scale| in_scale(window, scale)).reduce(f64::max)
}

/// The share of stretches of equal length in which nothing sounds; a note counts in the stretch in which it ends too.
fn empty(window: &Window, length: u32) -> Option<f64> {
    let last = Some(window.last_control.0).filter(|&end| end > 0 && !window.begun.is_empty())?;
    // A stretch may be one tick, and the last may be the last that can be told.
    let stretch = |tick: u32| u64::from(tick / length);
    let mut spans: Vec<(u64, u64)> =
        window.begun.iter().map(|note| (stretch(note.at.0), stretch(end(note)))).collect();
    spans.sort_unstable();
    let (mut filled, mut reached) = (0_u64, 0_u64);
    for (first, last) in spans {
        let first = first.max(reached);
        filled += (last + 1).saturating_sub(first);
        reached = reached.max(last + 1);
    }
    let all = stretch(last) + 1;
    Some(1.0 - filled as f64 / all as f64)
}

pub(crate) fn empty_beat_rate(window: &Window) -> Option<f64> {
    empty(window, window.resolution.ticks_per_quarter())
}

pub(crate) fn empty_measure_rate(window: &Window) -> Option<f64> {
    empty(window, measure(window))
}

/// The ticks of a bar of the metre at the beginning.
fn measure(window: &Window) -> u32 {
    window.meter.unwrap_or(Meter::FOUR_FOUR).bar(window.resolution).0
}

/// The share of drum notes on every so many parts of the quarter notes, where they divide it.
fn in_pattern(window: &Window, parts: &[u32]) -> Option<f64> {
    let quarter = window.resolution.ticks_per_quarter();
    let (mut on, mut all) = (0, 0);
    for note in window.begun.iter().filter(|note| note.drum) {
        let place = note.at.0 % quarter;
        let hits = |parts: &u32| quarter.is_multiple_of(*parts) && place.is_multiple_of(quarter / parts);
        on += u64::from(place == 0 || parts.iter().any(hits));
        all += 1;
    }
    share(on, all)
}

pub(crate) fn drum_in_duple_rate(window: &Window) -> Option<f64> {
    in_pattern(window, &[4, 2])
}

pub(crate) fn drum_in_triple_rate(window: &Window) -> Option<f64> {
    in_pattern(window, &[3])
}

pub(crate) fn drum_pattern_consistency(window: &Window) -> Option<f64> {
    Some(drum_in_duple_rate(window)?.max(drum_in_triple_rate(window)?))
}

/// By the metre at the beginning.
pub(crate) fn groove_consistency(window: &Window) -> Option<f64> {
    let measure = measure(window);
    let last = Some(window.last_control.0).filter(|_| !window.begun.is_empty())?;
    let measures = last / measure + 1;
    if measures < 2 {
        return None;
    }
    let mut onsets: Vec<(u32, u32)> =
        window.begun.iter().map(|note| (note.at.0 % measure, note.at.0 / measure)).collect();
    onsets.sort_unstable();
    onsets.dedup();
    // Of an onset, each neighbouring measure without one at its place differs.
    let mut differences = 0_u64;
    for (index, &(place, number)) in onsets.iter().enumerate() {
        let follows = |next: &(u32, u32)| *next == (place, number + 1);
        let precedes = |before: &(u32, u32)| number > 0 && *before == (place, number - 1);
        let after = onsets.get(index + 1).is_some_and(follows);
        let before = index.checked_sub(1).and_then(|index| onsets.get(index)).is_some_and(precedes);
        differences += u64::from(!after && number + 1 < measures) + u64::from(!before && number > 0);
    }
    Some(1.0 - differences as f64 / (f64::from(measure) * f64::from(measures - 1)))
}
