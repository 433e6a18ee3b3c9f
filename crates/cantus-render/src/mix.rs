//! The stage and the master: where parts stand where the score does not say, and how loud the whole is.

mod limiter;

use cantus_audio::{LoudnessMeter, SampleRate};
use cantus_score::{Control, Score};

use crate::bank::RATE;
use crate::synth::{Seat, StereoBuffer};

/// The velocity of notes without one: mezzo forte.
pub(crate) const MEZZO: u8 = 80;
/// Loudness that every piece is brought to, in LUFS (EBU R 128 scale).
pub const LOUDNESS: f64 = -16.0;
/// The highest true peak, in decibels of full scale.
pub const PEAK: f64 = -1.0;
/// What is aimed at, so that rounding to 16 bits cannot lift a peak above [`PEAK`].
const SAFE_PEAK: f64 = PEAK - 0.1;
/// What parts send to the room; basses and drums keep to the player's own 40, so that they stay clear.
const HALL: u8 = 56;
/// Steps of the pan controller between the middle and the outermost part.
const WIDTH: f64 = 26.0;

/// The controllers (seat, number, value) that a score leaves to us: the place of each part, and its share of the room.
///
/// Parts stand from left to right in the order of the score; basses and drums stand in the middle.
pub(crate) fn stage(score: &Score) -> Vec<(Seat, u8, u8)> {
    const PAN: u8 = 10;
    const ROOM: u8 = 91;
    let mut parts: Vec<(Seat, bool)> = Vec::new();
    for track in score.tracks.iter().filter(|track| !track.notes.is_empty()) {
        let seat = Seat::of(track);
        if !parts.iter().any(|part| part.0 == seat) {
            let bass = (32..40).contains(&track.program().get());
            parts.push((seat, bass || track.is_drums()));
        }
    }
    let spread: Vec<Seat> = parts.iter().filter(|part| !part.1).map(|part| part.0).collect();
    let mut settings = Vec::new();
    for (place, &seat) in spread.iter().enumerate() {
        if !sets(score, seat, ROOM) {
            settings.push((seat, ROOM, HALL));
        }
        if !sets(score, seat, PAN) && spread.len() > 1 {
            let side = 2.0 * place as f64 / (spread.len() - 1) as f64 - 1.0;
            settings.push((seat, PAN, (64.0 + side * WIDTH).round() as u8));
        }
    }
    settings
}

/// Whether any track of a seat sets a controller.
fn sets(score: &Score, seat: Seat, number: u8) -> bool {
    score.tracks.iter().filter(|track| Seat::of(track) == seat).any(|track| {
        track.controls.iter().any(|control| match control.value {
            Control::Controller(n, _) => n.get() == number,
            _ => false,
        })
    })
}

/// Trims the silence at the end of sound, fades the last moment out and brings it to its level.
pub(crate) fn master(sound: &mut StereoBuffer) {
    let end = audible_end(sound);
    end_at(sound, end);
    level(sound);
}

/// Brings a loop to its level: the limiter hears it go round, so that its end leads into its beginning.
pub(crate) fn master_loop(sound: &mut StereoBuffer) {
    let length = sound.left.len();
    let mut round = StereoBuffer { left: sound.left.repeat(3), right: sound.right.repeat(3) };
    level(&mut round);
    for (channel, round) in [(&mut sound.left, round.left), (&mut sound.right, round.right)] {
        channel.copy_from_slice(&round[length..2 * length]);
    }
}

/// Brings stems to the gain that their sum wants, without a limiter, and ends them together.
pub(crate) fn master_stems(stems: Vec<&mut StereoBuffer>, sum: &StereoBuffer, is_loop: bool) {
    let Some(measure) = Measure::of(sum).filter(|measure| measure.peak > 0.0) else { return };
    let ceiling = 10_f64.powf(SAFE_PEAK / 20.0);
    let gain = measure.gain_to(LOUDNESS).min(ceiling / measure.peak);
    let end = audible_end(sum);
    for stem in stems {
        if !is_loop {
            end_at(stem, end);
        }
        scale(stem, gain as f32);
    }
}

/// Brings sound to [`LOUDNESS`] and its true peaks to [`PEAK`] at most.
fn level(sound: &mut StereoBuffer) {
    let Some(before) = Measure::of(sound) else { return };
    if before.peak <= 0.0 {
        return;
    }
    let gain = before.gain_to(LOUDNESS);
    let ceiling = 10_f64.powf(SAFE_PEAK / 20.0);
    if before.peak * gain <= ceiling {
        scale(sound, gain as f32);
        return;
    }
    // The limiter takes a little loudness away and works on samples, between which the true peak may stand higher:
    // two corrected passes bring both home.
    let original = sound.clone();
    let (mut gain, mut lid) = (gain, ceiling);
    for _ in 0..3 {
        sound.clone_from(&original);
        scale(sound, gain as f32);
        limiter::limit(sound, lid as f32);
        let Some(after) = Measure::of(sound) else { return };
        let correction = after.gain_to(LOUDNESS);
        if after.peak <= ceiling && (0.95..1.06).contains(&correction) {
            return;
        }
        gain *= correction.clamp(0.5, 1.5);
        lid *= (ceiling / after.peak).min(1.0);
    }
    // What remains over is a matter of hundredths: it is simply turned down.
    if let Some(after) = Measure::of(sound).filter(|after| after.peak > ceiling) {
        scale(sound, (ceiling / after.peak) as f32);
    }
}

/// Loudness and peak of a piece.
struct Measure {
    /// LUFS; nothing where the piece is too short or too quiet for the scale.
    loudness: Option<f64>,
    /// The true peak as a factor of full scale.
    peak: f64,
}

impl Measure {
    fn of(sound: &StereoBuffer) -> Option<Self> {
        let mut meter = LoudnessMeter::new(SampleRate::new(RATE).ok()?, 2)?;
        meter.add(&[&sound.left, &sound.right]);
        let measured = meter.loudness();
        Some(Self { loudness: measured.integrated.map(|lufs| lufs.0), peak: measured.peak })
    }

    fn gain_to(&self, target: f64) -> f64 {
        match self.loudness {
            Some(loudness) => 10_f64.powf((target - loudness) / 20.0),
            // A piece shorter than the meter's window: its peak is put where a short sound's usually is.
            None => 0.5 / self.peak,
        }
    }
}

fn scale(sound: &mut StereoBuffer, gain: f32) {
    for sample in sound.left.iter_mut().chain(&mut sound.right) {
        *sample *= gain;
    }
}

/// The last moment of fading, in samples: 30 ms.
const FADE: usize = RATE as usize * 3 / 100;

/// Where sound ends, and a moment to fade out in.
fn audible_end(sound: &StereoBuffer) -> usize {
    let quiet = 1e-4;
    let loud = |x: &f32| x.abs() > quiet;
    let end = sound.left.iter().rposition(loud).max(sound.right.iter().rposition(loud)).map_or(0, |i| i + 1);
    (end + FADE).min(sound.left.len())
}

/// Cuts what comes after a sample and fades the last moment before it.
fn end_at(sound: &mut StereoBuffer, end: usize) {
    for channel in [&mut sound.left, &mut sound.right] {
        channel.truncate(end);
        for (i, sample) in channel.iter_mut().rev().take(FADE).enumerate() {
            *sample *= i as f32 / FADE as f32;
        }
    }
}

#[cfg(test)]
mod tests;
