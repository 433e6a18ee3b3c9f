//! A General `MIDI` bank made by calculation: 128 programs and a drum kit, as a `SoundFont` file in memory.
//!
//! Nothing is sampled from an instrument. Each program is a recipe (`programs`) for one of four makers of sound:
//! dying partials (`modal`), lines in the frequency domain (`spectrum`), frequency modulation (`fm`) and shaped
//! noise (`effects`, `drums`). Only what a score uses is made: its programs, and of those the keys in use.
//! Every sample depends on the program and its place on the keyboard alone, so that the same key always sounds the same.

mod drums;
mod effects;
mod fm;
mod level;
mod modal;
mod programs;
mod sf2;
mod spectrum;
mod tone;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use cantus_score::{Pitch, Program};

use programs::{Patch, Source, Voicing};
use sf2::{Gen, Setting, SoundFontFile, pitch_cents, timecents};
use spectrum::Planner;
use tone::{Chance, RATE_F, Tone, frequency};

pub(crate) use tone::RATE;

/// What a score needs of the bank: programs with the keys that they play, and keys of the drum kit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    programs: BTreeMap<u8, Keys>,
    drums: Keys,
}

/// A set of keys, one bit each.
type Keys = u128;

impl Needs {
    /// A note of a program.
    pub(crate) fn note(&mut self, program: Program, pitch: Pitch) {
        *self.programs.entry(program.get()).or_default() |= 1 << pitch.get();
    }

    /// A stroke on the drum kit.
    pub(crate) fn drum(&mut self, pitch: Pitch) {
        self.drums |= 1 << pitch.get();
    }
}

/// A whole `SoundFont` 2 file of the given programs, over the whole keyboard, and the drum kit (bank 128).
///
/// Other players (`FluidSynth`, samplers, sequencers) read it. A program takes about three megabytes.
pub fn soundfont(programs: &[Program]) -> Vec<u8> {
    let programs = programs.iter().map(|program| (program.get(), Keys::MAX)).collect();
    build(&Needs { programs, drums: Keys::MAX })
}

/// A `SoundFont` file of what is needed.
pub(crate) fn build(needs: &Needs) -> Vec<u8> {
    let mut file = SoundFontFile::default();
    let mut planner = Planner::new();
    for (&number, &keys) in &needs.programs {
        add_program(&mut file, &mut planner, number, keys);
    }
    let drums = (0..=127).filter(|&key| needs.drums >> key & 1 == 1 && drums::drum(key).is_some());
    let mut drums: Vec<u8> = drums.collect();
    if drums.is_empty() && needs.programs.is_empty() {
        // A font must hold something; the side stick is its smallest sound.
        drums.push(37);
    }
    if !drums.is_empty() {
        add_drums(&mut file, &drums);
    }
    file.into_bytes()
}

/// Keys between two samples; each serves itself and its two neighbours.
const ZONE: u8 = 3;
/// The lowest and the highest key that has a sample of its own.
const ROOTS: RangeInclusive<u8> = 22..=106;
/// Velocity steps, between which the filter opens.
const TOUCHES: u8 = 16;
/// The level of every tone: 21 dB below full scale, which leaves room for the strokes' peaks.
const LEVEL: f64 = 0.089;
/// The touch at which all keys are made equally loud.
const LEVEL_TOUCH: u8 = 84;

fn add_program(file: &mut SoundFontFile, planner: &mut Planner, number: u8, keys: Keys) {
    let patch = programs::program(number);
    let mut zones = vec![common_settings(&patch.voicing)];
    let one_sample = matches!(patch.source, Source::Effect(_));
    let roots = if one_sample { vec![60] } else { ROOTS.step_by(usize::from(ZONE)).collect() };
    for &root in &roots {
        let range = if one_sample { 0..=127 } else { zone_around(root) };
        if !range.clone().any(|key| keys >> key & 1 == 1) {
            continue;
        }
        let tone = levelled_tone(&patch, (number, root), planner);
        let sample = file.add_sample(patch.name, &tone.samples, tone.loop_start, root);
        zones.push(zone_settings(&patch, &tone, range, (root, sample)));
    }
    let instrument = file.add_instrument(patch.name, zones);
    file.add_preset(patch.name, u16::from(number), 0, touches(&patch.voicing, instrument));
}

/// The keys that a sample serves; the outermost serve all that lies beyond them.
fn zone_around(root: u8) -> RangeInclusive<u8> {
    let last = ROOTS.end() - (ROOTS.end() - ROOTS.start()) % ZONE;
    let low = if root == *ROOTS.start() { 0 } else { root - 1 };
    let high = if root == last { 127 } else { root + 1 };
    low..=high
}

fn levelled_tone(patch: &Patch, (number, root): (u8, u8), planner: &mut Planner) -> Tone {
    let hertz = frequency(f64::from(root));
    let mut chance = Chance::new(u64::from(number) << 8 | u64::from(root));
    let mut tone = match &patch.source {
        Source::Struck(struck) => struck.tone(hertz, &mut chance),
        Source::Sustained(sustained) => sustained.tone(hertz, planner, &mut chance),
        Source::Fm(fm) => fm.tone(hertz),
        Source::Effect(effect) => effect.tone(&mut chance),
    };
    let closed = f64::from(patch.voicing.bright.closed(LEVEL_TOUCH));
    let cutoff = patch.voicing.bright.cutoff(hertz) * (-closed).exp2();
    set_level(&mut tone, cutoff, patch.voicing.trim);
    tone
}

/// Makes a tone as loud as all others: by its loop where it lasts, else by its first 0.4 seconds.
fn set_level(tone: &mut Tone, cutoff: f64, trim: f32) {
    let lasting = tone.loop_start.filter(|_| tone.fade.is_none());
    let window = if lasting.is_some() { tone.samples.len() } else { (0.4 * RATE_F) as usize };
    let heard = level::heard(tone.samples.iter().skip(lasting.unwrap_or(0)).take(window).copied(), cutoff);
    let gain = LEVEL * 10_f64.powf(f64::from(trim) / 20.0) / heard.max(1e-9);
    for sample in &mut tone.samples {
        *sample = soft_limit((f64::from(*sample) * gain) as f32);
    }
}

/// Bends what lies above 0.8 so that nothing reaches 1: the peaks of hard strokes lose their tips.
fn soft_limit(x: f32) -> f32 {
    let over = x.abs() - 0.8;
    if over <= 0.0 { x } else { x.signum() * (0.8 + 0.19 * (over / 0.19).tanh()) }
}

/// What all zones of an instrument share.
fn common_settings(voicing: &Voicing) -> Vec<Setting> {
    let mut settings = vec![
        (Gen::VolEnvAttack, timecents(voicing.attack)),
        (Gen::VolEnvRelease, timecents(voicing.release)),
    ];
    let vibrato = voicing.vibrato;
    settings.push((Gen::VibLfoToPitch, vibrato.depth));
    settings.push((Gen::VibLfoDelay, timecents(vibrato.delay)));
    settings.push((Gen::VibLfoRate, pitch_cents(vibrato.hertz)));
    let tremolo = voicing.tremolo;
    if tremolo.depth != 0 {
        settings.push((Gen::ModLfoToVolume, tremolo.depth));
        settings.push((Gen::ModLfoDelay, timecents(tremolo.delay)));
        settings.push((Gen::ModLfoRate, pitch_cents(tremolo.hertz)));
    }
    if voicing.sweep.0 != 0 {
        settings.push((Gen::ModEnvToFilter, voicing.sweep.0));
        settings.push((Gen::ModEnvDecay, timecents(voicing.sweep.1)));
        settings.push((Gen::ModEnvSustain, 1_000));
    }
    if voicing.chorus != 0 {
        settings.push((Gen::Chorus, voicing.chorus));
    }
    settings
}

/// One sample's zone.
fn zone_settings(
    patch: &Patch,
    tone: &Tone,
    keys: RangeInclusive<u8>,
    (root, sample): (u8, usize),
) -> Vec<Setting> {
    let range = i16::from(*keys.start()) | i16::from(*keys.end()) << 8;
    let cutoff = patch.voicing.bright.cutoff(frequency(f64::from(root)));
    let mut settings = vec![(Gen::KeyRange, range), (Gen::FilterCutoff, pitch_cents(cutoff as f32))];
    // Low keys of a keyboard lie to the player's left.
    settings.push((Gen::Pan, ((i16::from(root) - 62) * 2).clamp(-80, 80)));
    if let Some(fade) = tone.fade {
        settings.push((Gen::VolEnvHold, timecents(fade.hold)));
        // The format counts the time of a fall by 100 dB, our player that of 80 dB.
        settings.push((Gen::VolEnvDecay, timecents(fade.t60 * 80.0 / 60.0)));
        settings.push((Gen::VolEnvSustain, 1_000));
    }
    if tone.loop_start.is_some() {
        settings.push((Gen::SampleModes, 1));
    }
    settings.push((Gen::Sample, sample as i16));
    settings
}

/// The zones of a preset: one for each step of velocity, with the filter as far open as the touch makes it.
fn touches(voicing: &Voicing, instrument: usize) -> Vec<Vec<Setting>> {
    let step = 128 / TOUCHES;
    (0..TOUCHES)
        .map(|touch| {
            let (low, high) = (touch * step, touch * step + step - 1);
            let closed = voicing.bright.closed(low + step / 2);
            vec![
                (Gen::VelRange, i16::from(low) | i16::from(high) << 8),
                (Gen::FilterCutoff, (-1_200.0 * closed) as i16),
                (Gen::Instrument, instrument as i16),
            ]
        })
        .collect()
}

fn add_drums(file: &mut SoundFontFile, keys: &[u8]) {
    let mut zones = vec![vec![
        (Gen::VolEnvAttack, timecents(0.0)),
        // A drum rings on when its key is let go.
        (Gen::VolEnvRelease, timecents(4.0)),
        (Gen::FilterCutoff, pitch_cents(19_900.0)),
        (Gen::ScaleTuning, 0),
    ]];
    for &key in keys {
        let Some(drum) = drums::drum(key) else { continue };
        let samples = drum.samples(&mut Chance::new(0xD << 16 | u64::from(key)));
        let mut tone = Tone { samples, loop_start: None, fade: None };
        set_level(&mut tone, 19_900.0, drum.trim);
        let sample = file.add_sample(drum.name, &tone.samples, None, key);
        let mut zone = vec![(Gen::KeyRange, i16::from(key) | i16::from(key) << 8), (Gen::Pan, drum.pan * 10)];
        if drum.class != 0 {
            zone.push((Gen::ExclusiveClass, drum.class));
        }
        zone.push((Gen::Sample, sample as i16));
        zones.push(zone);
    }
    let instrument = file.add_instrument("Standard Kit", zones);
    let touches = touches(&drum_touch(), instrument);
    file.add_preset("Standard Kit", 0, 128, touches);
}

/// A soft stroke on a drum is a dull one.
fn drum_touch() -> Voicing {
    let mut voicing = programs::program(118).voicing;
    voicing.bright.octaves = 2.2;
    voicing
}
