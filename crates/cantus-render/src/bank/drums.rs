//! The drum kit: skins with a falling pitch, metal of many partials, and noise; one sound a key, as General MIDI lays
//! them out.

use super::level::Biquad;
use super::tone::{Chance, RATE_F, fade_out, smooth_step};
use std::f64::consts::TAU;

/// One sound of the kit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drum {
    /// Its name in General MIDI.
    pub(super) name: &'static str,
    skin: Skin,
    noise: Noise,
    metal: Metal,
    /// Seconds at which the noise strikes again: a clap is many hands.
    again: &'static [f32],
    /// Its place from left (-50) to right (50), as the drummer's audience sees it.
    pub(super) pan: i16,
    /// Sounds of one class cut each other off; 0 for none.
    pub(super) class: i16,
    /// Decibels above the kit's common level.
    pub(super) trim: f32,
}

/// A skin or a piece of wood: a tone that falls in pitch and dies.
#[derive(Debug, Clone, Copy)]
struct Skin {
    from: f32,
    to: f32,
    t60: f32,
    level: f32,
}

/// Noise in a band that dies.
#[derive(Debug, Clone, Copy)]
struct Noise {
    hertz: f32,
    q: f32,
    t60: f32,
    level: f32,
}

/// Many inharmonic partials between two frequencies.
#[derive(Debug, Clone, Copy)]
struct Metal {
    low: f32,
    high: f32,
    t60: f32,
    level: f32,
}

const fn skin(from: f32, to: f32, t60: f32, level: f32) -> Skin {
    Skin { from, to, t60, level }
}
const fn noise(hertz: f32, q: f32, t60: f32, level: f32) -> Noise {
    Noise { hertz, q, t60, level }
}
const fn metal(low: f32, high: f32, t60: f32, level: f32) -> Metal {
    Metal { low, high, t60, level }
}

const NOTHING: Drum = Drum {
    name: "",
    skin: skin(100.0, 100.0, 0.1, 0.0),
    noise: noise(1000.0, 1.0, 0.1, 0.0),
    metal: metal(1000.0, 2000.0, 0.1, 0.0),
    again: &[],
    pan: 0,
    class: 0,
    trim: 0.0,
};

/// The sound on a key of the drum channel; nothing where the kit has none.
pub(super) fn drum(key: u8) -> Option<Drum> {
    Some(match key {
        35..=40 => low_kit(key),
        41 | 43 | 45 | 47 | 48 | 50 => tom(key),
        42 | 44 | 46 | 49 | 51 | 52 | 53 | 55 | 57 | 59 => cymbal(key),
        27..=34 => clicks(key),
        54 | 56 | 58 | 60..=87 => hand_percussion(key),
        _ => return None,
    })
}

fn low_kit(key: u8) -> Drum {
    match key {
        35 => Drum {
            name: "Acoustic Bass Drum",
            skin: skin(115.0, 46.0, 0.55, 1.0),
            noise: noise(1_800.0, 0.7, 0.03, 0.35),
            trim: 1.0,
            ..NOTHING
        },
        36 => Drum {
            name: "Bass Drum 1",
            skin: skin(160.0, 52.0, 0.42, 1.0),
            noise: noise(3_000.0, 0.7, 0.025, 0.5),
            trim: 1.0,
            ..NOTHING
        },
        37 => Drum {
            name: "Side Stick",
            skin: skin(820.0, 760.0, 0.06, 0.6),
            noise: noise(2_400.0, 1.2, 0.05, 0.9),
            pan: 4,
            ..NOTHING
        },
        38 => Drum {
            name: "Acoustic Snare",
            skin: skin(260.0, 185.0, 0.22, 0.7),
            noise: noise(4_200.0, 0.45, 0.28, 1.0),
            pan: 4,
            ..NOTHING
        },
        39 => Drum {
            name: "Hand Clap",
            noise: noise(1_500.0, 1.1, 0.22, 1.0),
            again: &[0.011, 0.023],
            pan: -6,
            trim: -2.0,
            ..NOTHING
        },
        _ => Drum {
            name: "Electric Snare",
            skin: skin(330.0, 210.0, 0.16, 0.8),
            noise: noise(5_500.0, 0.4, 0.22, 1.0),
            pan: 4,
            ..NOTHING
        },
    }
}

fn tom(key: u8) -> Drum {
    let step = match key {
        41 => 0.0,
        43 => 3.0,
        45 => 6.0,
        47 => 9.0,
        48 => 12.0,
        _ => 15.0,
    };
    let hertz = 78.0 * (step / 12.0_f32).exp2();
    Drum {
        name: "Tom",
        skin: skin(hertz * 1.45, hertz, 0.8 - step * 0.02, 1.0),
        noise: noise(900.0 + 80.0 * step, 0.7, 0.06, 0.35),
        pan: 18 - (step * 2.6) as i16,
        ..NOTHING
    }
}

fn cymbal(key: u8) -> Drum {
    let hat = |name, t60| Drum {
        name,
        metal: metal(4_600.0, 14_500.0, t60, 0.7),
        noise: noise(9_000.0, 0.6, t60 * 0.8, 0.8),
        pan: -14,
        class: 1,
        trim: -5.0,
        ..NOTHING
    };
    let crash = |name, low, t60, pan| Drum {
        name,
        metal: metal(low, 12_500.0, t60, 0.8),
        noise: noise(6_000.0, 0.3, t60 * 0.5, 0.8),
        pan,
        trim: -3.0,
        ..NOTHING
    };
    match key {
        42 => hat("Closed Hi-Hat", 0.09),
        44 => hat("Pedal Hi-Hat", 0.13),
        46 => hat("Open Hi-Hat", 1.4),
        49 => crash("Crash Cymbal 1", 420.0, 2.4, 16),
        52 => crash("Chinese Cymbal", 320.0, 1.9, 20),
        55 => crash("Splash Cymbal", 700.0, 1.0, -10),
        57 => crash("Crash Cymbal 2", 480.0, 2.2, -18),
        53 => Drum {
            name: "Ride Bell",
            metal: metal(900.0, 6_500.0, 1.8, 1.0),
            skin: skin(1_180.0, 1_180.0, 1.4, 0.35),
            pan: 20,
            trim: -4.0,
            ..NOTHING
        },
        _ => Drum {
            name: "Ride Cymbal",
            metal: metal(if key == 51 { 560.0 } else { 640.0 }, 11_000.0, 2.0, 0.9),
            noise: noise(7_000.0, 0.5, 0.35, 0.6),
            pan: 20,
            trim: -5.0,
            ..NOTHING
        },
    }
}

fn clicks(key: u8) -> Drum {
    match key {
        27 => Drum { name: "High Q", skin: skin(2_600.0, 500.0, 0.09, 1.0), ..NOTHING },
        28 => Drum { name: "Slap", noise: noise(1_900.0, 0.8, 0.1, 1.0), ..NOTHING },
        29 | 30 => Drum {
            name: "Scratch",
            noise: noise(if key == 29 { 1_300.0 } else { 900.0 }, 2.5, 0.16, 1.0),
            ..NOTHING
        },
        31 => Drum {
            name: "Sticks",
            skin: skin(1_900.0, 1_850.0, 0.06, 0.8),
            noise: noise(4_000.0, 1.0, 0.03, 0.6),
            ..NOTHING
        },
        34 => Drum { name: "Metronome Bell", metal: metal(2_000.0, 6_000.0, 0.6, 0.6), ..NOTHING },
        _ => Drum { name: "Metronome Click", skin: skin(1_500.0, 1_400.0, 0.05, 1.0), ..NOTHING },
    }
}

fn hand_percussion(key: u8) -> Drum {
    match key {
        54 | 58 | 69 | 70 | 82 | 73 | 74 => shaken(key),
        60..=66 | 86 | 87 => hand_drum(key),
        75..=79 | 85 => wood(key),
        71 | 72 => whistle(key),
        _ => struck_metal(key),
    }
}

fn shaken(key: u8) -> Drum {
    let (name, hertz, t60, again): (_, _, _, &'static [f32]) = match key {
        54 => ("Tambourine", 8_500.0, 0.25, &[0.03]),
        58 => ("Vibraslap", 2_600.0, 0.9, &[0.05, 0.1, 0.15, 0.2, 0.26, 0.32, 0.4, 0.5]),
        69 => ("Cabasa", 7_000.0, 0.1, &[]),
        70 => ("Maracas", 6_200.0, 0.08, &[]),
        82 => ("Shaker", 9_000.0, 0.12, &[]),
        73 => ("Short Guiro", 3_800.0, 0.06, &[0.02, 0.04, 0.06, 0.08]),
        _ => {
            ("Long Guiro", 3_800.0, 0.06, &[0.025, 0.05, 0.075, 0.1, 0.13, 0.16, 0.19, 0.22, 0.26, 0.3, 0.34])
        }
    };
    let jingles = if key == 54 { metal(5_200.0, 13_000.0, 0.35, 0.6) } else { NOTHING.metal };
    Drum { name, noise: noise(hertz, 0.9, t60, 1.0), metal: jingles, again, pan: 16, trim: -6.0, ..NOTHING }
}

fn hand_drum(key: u8) -> Drum {
    let (name, hertz, t60, slap) = match key {
        60 => ("High Bongo", 420.0, 0.18, 0.4),
        61 => ("Low Bongo", 300.0, 0.24, 0.35),
        62 => ("Mute High Conga", 330.0, 0.09, 0.6),
        63 => ("Open High Conga", 270.0, 0.4, 0.3),
        64 => ("Low Conga", 195.0, 0.5, 0.3),
        65 => ("High Timbale", 480.0, 0.4, 0.5),
        66 => ("Low Timbale", 340.0, 0.5, 0.5),
        86 => ("Mute Surdo", 80.0, 0.2, 0.3),
        _ => ("Open Surdo", 70.0, 0.9, 0.25),
    };
    Drum {
        name,
        skin: skin(hertz * 1.12, hertz, t60, 1.0),
        noise: noise(hertz * 6.0, 0.8, 0.04, slap),
        pan: -16,
        trim: -1.0,
        ..NOTHING
    }
}

fn wood(key: u8) -> Drum {
    let (name, hertz, t60) = match key {
        75 => ("Claves", 2_450.0, 0.12),
        76 => ("High Wood Block", 1_050.0, 0.1),
        77 => ("Low Wood Block", 720.0, 0.12),
        78 => ("Mute Cuica", 620.0, 0.14),
        79 => ("Open Cuica", 480.0, 0.35),
        _ => ("Castanets", 1_650.0, 0.06),
    };
    let slide = if matches!(key, 78 | 79) { 0.7 } else { 1.01 };
    Drum {
        name,
        skin: skin(hertz * slide, hertz, t60, 1.0),
        noise: noise(hertz * 2.0, 1.0, 0.015, 0.5),
        pan: 12,
        trim: -4.0,
        ..NOTHING
    }
}

fn whistle(key: u8) -> Drum {
    let t60 = if key == 71 { 0.25 } else { 0.8 };
    Drum {
        name: if key == 71 { "Short Whistle" } else { "Long Whistle" },
        skin: skin(2_300.0, 2_350.0, t60, 0.8),
        noise: noise(2_350.0, 8.0, t60, 0.8),
        pan: -12,
        trim: -6.0,
        ..NOTHING
    }
}

fn struck_metal(key: u8) -> Drum {
    let bell = |name, hertz: f32, t60, pan| Drum {
        name,
        skin: skin(hertz, hertz, t60, 0.5),
        metal: metal(hertz * 1.4, hertz * 7.0, t60, 0.7),
        noise: noise(hertz * 4.0, 1.0, 0.02, 0.3),
        pan,
        trim: -5.0,
        ..NOTHING
    };
    match key {
        56 => bell("Cowbell", 560.0, 0.3, 8),
        67 => bell("High Agogo", 920.0, 0.5, -10),
        68 => bell("Low Agogo", 690.0, 0.55, -10),
        80 => bell("Mute Triangle", 4_200.0, 0.18, -20),
        81 => bell("Open Triangle", 4_200.0, 1.9, -20),
        83 => bell("Jingle Bell", 3_400.0, 0.6, 14),
        _ => bell("Bell Tree", 2_600.0, 1.8, 14),
    }
}

impl Drum {
    /// The samples of the sound.
    pub(super) fn samples(&self, chance: &mut Chance) -> Vec<f32> {
        let heard = |level: f32, t60: f32| if level > 0.0 { t60 } else { 0.0 };
        let last = self.again.last().copied().unwrap_or(0.0);
        let longest = heard(self.skin.level, self.skin.t60)
            .max(heard(self.noise.level, self.noise.t60) + last)
            .max(heard(self.metal.level, self.metal.t60));
        let mut samples = vec![0.0; (f64::from(longest + 0.02) * RATE_F) as usize];
        self.skin.add_to(&mut samples);
        self.metal.add_to(&mut samples, chance);
        self.noise.add_to(&mut samples, 0.0, chance);
        for &at in self.again {
            self.noise.add_to(&mut samples, at, chance);
        }
        for (i, sample) in samples.iter_mut().take(24).enumerate() {
            *sample *= smooth_step(i as f32 / 24.0);
        }
        fade_out(&mut samples, 0.02);
        samples
    }
}

impl Skin {
    fn add_to(self, samples: &mut [f32]) {
        if self.level <= 0.0 {
            return;
        }
        let (mut phase, rate) = (0.0_f64, 6.908 / self.t60);
        for (i, sample) in samples.iter_mut().enumerate() {
            let t = i as f32 / RATE_F as f32;
            let hertz = self.to + (self.from - self.to) * (-t / (0.08 * self.t60)).exp();
            phase += TAU * f64::from(hertz) / RATE_F;
            // The second partial of a round skin lies at 1.59 times its first.
            let sound = phase.sin() as f32 + 0.35 * (phase * 1.59).sin() as f32 * (-rate * t).exp();
            *sample += self.level * sound * (-rate * t).exp();
        }
    }
}

impl Noise {
    fn add_to(self, samples: &mut [f32], at: f32, chance: &mut Chance) {
        if self.level <= 0.0 {
            return;
        }
        let mut band = Biquad::band_pass(f64::from(self.hertz), f64::from(self.q));
        let rate = 6.908 / self.t60;
        let start = (f64::from(at) * RATE_F) as usize;
        let count = (f64::from(self.t60) * RATE_F) as usize;
        for (i, sample) in samples.iter_mut().skip(start).take(count).enumerate() {
            let t = i as f32 / RATE_F as f32;
            let noise = band.next(f64::from(chance.signed())) as f32;
            *sample += 2.0 * self.level * noise * (-rate * t).exp() * smooth_step(i as f32 / 30.0);
        }
    }
}

impl Metal {
    fn add_to(self, samples: &mut [f32], chance: &mut Chance) {
        if self.level <= 0.0 {
            return;
        }
        let count = 40;
        let span = (self.high / self.low).ln();
        for n in 0..count {
            let place = (n as f32 + chance.unit()) / count as f32;
            let hertz = self.low * (span * place).exp();
            // There are as many partials in each octave; the ear would hear too much of the low ones.
            let level = self.level * (0.3 + chance.unit()) * (0.1 + 0.3 * place);
            // High partials of metal die first.
            let rate = 6.908 / self.t60 * (0.7 + 1.2 * place);
            let (mut sin, mut cos) = (chance.unit() * std::f32::consts::TAU).sin_cos();
            let (step_sin, step_cos) = (std::f32::consts::TAU * hertz / RATE_F as f32).sin_cos();
            let fall = (-rate / RATE_F as f32).exp();
            let mut size = level;
            for sample in samples.iter_mut() {
                *sample += size * sin;
                (sin, cos) = (sin * step_cos + cos * step_sin, cos * step_cos - sin * step_sin);
                size *= fall;
            }
        }
    }
}
