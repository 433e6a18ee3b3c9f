//! What each of the 128 programs of General MIDI is made of.

mod keys;
mod orchestra;
mod plucked;
mod synths;

use super::effects::Effect;
use super::fm::Fm;
use super::modal::Struck;
use super::spectrum::Sustained;

/// One program: a maker of tones, and how the player treats them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patch {
    /// Its name in General MIDI.
    pub(super) name: &'static str,
    /// What makes its tones.
    pub(super) source: Source,
    /// How the player treats them.
    pub(super) voicing: Voicing,
}

/// What makes the tones of a program.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    /// Struck or plucked.
    Struck(Struck),
    /// Bowed, blown, sung or electric.
    Sustained(Sustained),
    /// Frequency modulation.
    Fm(Fm),
    /// A sound effect.
    Effect(Effect),
}

/// How the player treats the tones of a program.
#[derive(Debug, Clone, Copy)]
pub(super) struct Voicing {
    /// Seconds of the player's own rise, on top of the rise in the samples.
    pub(super) attack: f32,
    /// Seconds until a released key is silent.
    pub(super) release: f32,
    /// The vibrato.
    pub(super) vibrato: Wave,
    /// The tremolo; its depth is in tenths of a decibel.
    pub(super) tremolo: Wave,
    /// The brightness.
    pub(super) bright: Bright,
    /// An envelope of the filter: cents that it opens, and seconds until it has closed again.
    pub(super) sweep: (i16, f32),
    /// What goes to the chorus, in tenths of a per cent.
    pub(super) chorus: i16,
    /// Decibels above the common level.
    pub(super) trim: f32,
}

/// A slow wave that comes in after a delay.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wave {
    /// Seconds before it begins.
    pub(super) delay: f32,
    /// Its speed in hertz.
    pub(super) hertz: f32,
    /// Its depth: cents of pitch, or tenths of a decibel.
    pub(super) depth: i16,
}

/// How much of a tone's spectrum is let through: `(base + factor * pitch)` hertz at full velocity, and so many octaves
/// less at the softest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bright {
    /// Hertz for every key.
    pub(super) base: f32,
    /// Multiples of the key's pitch.
    pub(super) factor: f32,
    /// Octaves between the softest and the loudest touch.
    pub(super) octaves: f32,
}

impl Bright {
    /// The cutoff in hertz at full velocity.
    pub(super) fn cutoff(self, hertz: f64) -> f64 {
        (f64::from(self.base) + f64::from(self.factor) * hertz).min(19_900.0)
    }

    /// Octaves that a touch closes the filter.
    pub(super) fn closed(self, velocity: u8) -> f32 {
        self.octaves * (1.0 - f32::from(velocity) / 127.0)
    }
}

const fn bright(base: f32, factor: f32, octaves: f32) -> Bright {
    Bright { base, factor, octaves }
}

const fn wave(delay: f32, hertz: f32, depth: i16) -> Wave {
    Wave { delay, hertz, depth }
}

/// What most programs share.
const PLAIN: Voicing = Voicing {
    attack: 0.001,
    release: 0.25,
    vibrato: wave(0.0, 5.0, 0),
    tremolo: wave(0.0, 5.0, 0),
    bright: bright(2_500.0, 10.0, 3.0),
    sweep: (0, 1.0),
    chorus: 0,
    trim: 0.0,
};

const fn patch(name: &'static str, source: Source, voicing: Voicing) -> Patch {
    Patch { name, source, voicing }
}

/// The patch of a program from 0 to 127.
pub(super) fn program(number: u8) -> Patch {
    match number {
        0..=23 => keys::program(number),
        24..=39 | 45..=47 | 104..=108 => plucked::program(number),
        40..=44 | 48..=79 | 109..=111 => orchestra::program(number),
        _ => synths::program(number),
    }
}
