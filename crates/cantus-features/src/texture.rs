//! How many notes there are, how many sound at once, and how high and low they go.

use crate::Window;

/// Notes that begin in a quarter note, drums included; none where the window has no length.
pub(crate) fn density(window: &Window) -> Option<f64> {
    (window.beats.0 > 0.0).then(|| window.begun.len() as f64 / window.beats.0)
}

/// How many notes sound at once on average while any sounds: their lengths together by the time that any sounds.
pub(crate) fn polyphony(window: &Window) -> Option<f64> {
    let mut spans: Vec<(u32, u32)> = window.sounding.iter().map(|note| (note.begin.0, note.end.0)).collect();
    spans.sort_unstable();
    let (mut together, mut covered, mut reached) = (0_u64, 0_u64, 0_u32);
    for (begin, end) in spans {
        together += u64::from(end - begin);
        covered += u64::from(end.saturating_sub(begin.max(reached)));
        reached = reached.max(end);
    }
    (covered > 0).then(|| together as f64 / covered as f64)
}

/// The lowest pitch that sounds.
pub(crate) fn lowest(window: &Window) -> Option<f64> {
    window.sounding.iter().map(|note| f64::from(note.pitch.get())).reduce(f64::min)
}

/// The highest pitch that sounds.
pub(crate) fn highest(window: &Window) -> Option<f64> {
    window.sounding.iter().map(|note| f64::from(note.pitch.get())).reduce(f64::max)
}

/// The semitones from the lowest to the highest pitch.
pub(crate) fn range(window: &Window) -> Option<f64> {
    Some(highest(window)? - lowest(window)?)
}

/// The mean pitch, weighed by time.
pub(crate) fn mean_pitch(window: &Window) -> Option<f64> {
    weighed(window, |pitch| pitch)
}

/// The standard deviation of pitch, weighed by time.
pub(crate) fn pitch_spread(window: &Window) -> Option<f64> {
    let mean = mean_pitch(window)?;
    weighed(window, |pitch| (pitch - mean) * (pitch - mean)).map(f64::sqrt)
}

/// The mean of something about each pitch, weighed by how long it sounds.
fn weighed(window: &Window, of: impl Fn(f64) -> f64) -> Option<f64> {
    let (mut sum, mut ticks) = (0.0, 0.0);
    for note in &window.sounding {
        let length = f64::from(note.end.0 - note.begin.0);
        sum += length * of(f64::from(note.pitch.get()));
        ticks += length;
    }
    (ticks > 0.0).then(|| sum / ticks)
}
