//! Guitars, basses and other plucked strings, with pizzicato, harp and timpani: programs 24 to 39, 45 to 47, 104 to 108.

use super::super::modal::{Hit, Partials, Ring, Struck};
use super::super::spectrum::{NO_BREATH, Shape, Sustained};
use super::super::tone::Peak;
use super::keys::SILENT_HIT;
use super::{PLAIN, Patch, Source, Voicing, bright, patch, wave};

const GUITAR_BODY: &[Peak] = &[
    Peak(105.0, 25.0, 0.9),
    Peak(205.0, 40.0, 0.9),
    Peak(390.0, 90.0, 0.5),
    Peak(1_200.0, 900.0, 0.4),
    Peak(2_800.0, 1_500.0, 0.3),
];

const NYLON: Struck = Struck {
    partials: Partials::String { place: 0.21, slope: 0.75, soft: 2_600.0, stiffness: 4.0e-5 },
    ring: Ring { t60: 4.2, octave: 0.62, damping: 0.16, slow: 0.55, beat: 0.12 },
    hit: Hit { level: 0.11, seconds: 0.006, hertz: 1_100.0 },
    body: GUITAR_BODY,
};
const STEEL: Struck = Struck {
    partials: Partials::String { place: 0.14, slope: 0.5, soft: 4_200.0, stiffness: 8.0e-5 },
    ring: Ring { t60: 6.5, octave: 0.64, damping: 0.09, slow: 0.5, beat: 0.16 },
    hit: Hit { level: 0.12, seconds: 0.004, hertz: 3_200.0 },
    body: GUITAR_BODY,
};
const ELECTRIC: Struck = Struck {
    partials: Partials::String { place: 0.17, slope: 0.6, soft: 3_200.0, stiffness: 8.0e-5 },
    ring: Ring { t60: 8.0, octave: 0.68, damping: 0.07, slow: 0.5, beat: 0.08 },
    hit: Hit { level: 0.05, seconds: 0.004, hertz: 2_400.0 },
    body: &[],
};
const PLUCK_TOUCH: Voicing = Voicing { release: 0.3, bright: bright(2_400.0, 10.0, 3.4), ..PLAIN };

/// An overdriven amplifier holds the tone up, so it is made as a lasting sound; its cabinet passes little above 5 kHz.
const OVERDRIVE: Sustained = Sustained {
    shape: Shape { slope: 0.85, even: 0.8, corner: 3_000.0, steep: 3.0 },
    stops: &[(1.0, 1.0)],
    formants: &[Peak(130.0, 120.0, 0.5), Peak(900.0, 800.0, 0.6), Peak(2_700.0, 1_200.0, 0.9)],
    spread: 0.0,
    breath: NO_BREATH,
    onset: [0.006, 0.005, 0.004],
    seconds: 0.9,
};
const OVERDRIVE_TOUCH: Voicing = Voicing {
    release: 0.15,
    vibrato: wave(0.6, 5.0, 6),
    bright: bright(3_500.0, 10.0, 1.4),
    trim: -1.5,
    ..PLAIN
};

const BASS: Struck = Struck {
    partials: Partials::String { place: 0.19, slope: 1.0, soft: 1_300.0, stiffness: 6.0e-5 },
    ring: Ring { t60: 3.4, octave: 0.72, damping: 0.12, slow: 0.6, beat: 0.06 },
    hit: Hit { level: 0.05, seconds: 0.008, hertz: 700.0 },
    body: &[],
};
const BASS_TOUCH: Voicing = Voicing { release: 0.15, bright: bright(1_100.0, 8.0, 2.6), trim: 1.0, ..PLAIN };

const SYNTH_BASS: Sustained = Sustained {
    shape: Shape { slope: 1.0, even: 1.0, corner: 2_400.0, steep: 2.0 },
    stops: &[(1.0, 1.0)],
    formants: &[],
    spread: 0.0,
    breath: NO_BREATH,
    onset: [0.003, 0.003, 0.003],
    seconds: 0.5,
};

/// The programs of this file.
pub(super) fn program(number: u8) -> Patch {
    match number {
        24..=31 => guitar(number),
        32..=39 => bass(number),
        45..=47 => orchestral(number),
        _ => folk(number),
    }
}

fn guitar(number: u8) -> Patch {
    match number {
        25 => patch(
            "Acoustic Guitar (steel)",
            Source::Struck(STEEL),
            Voicing { bright: bright(3_000.0, 12.0, 2.6), ..PLUCK_TOUCH },
        ),
        26 => patch(
            "Electric Guitar (jazz)",
            Source::Struck(Struck {
                partials: Partials::String { place: 0.24, slope: 1.1, soft: 1_500.0, stiffness: 8.0e-5 },
                ..ELECTRIC
            }),
            Voicing { bright: bright(1_500.0, 6.0, 2.2), ..PLUCK_TOUCH },
        ),
        27 => {
            patch("Electric Guitar (clean)", Source::Struck(ELECTRIC), Voicing { chorus: 250, ..PLUCK_TOUCH })
        }
        28 => patch(
            "Electric Guitar (muted)",
            Source::Struck(Struck {
                ring: Ring { t60: 1.0, octave: 0.75, damping: 0.25, slow: 0.5, beat: 0.0 },
                hit: Hit { level: 0.15, seconds: 0.008, hertz: 600.0 },
                ..ELECTRIC
            }),
            Voicing { release: 0.12, ..PLUCK_TOUCH },
        ),
        29 => patch("Overdriven Guitar", Source::Sustained(OVERDRIVE), OVERDRIVE_TOUCH),
        30 => patch(
            "Distortion Guitar",
            Source::Sustained(Sustained {
                shape: Shape { slope: 0.6, even: 0.9, corner: 3_600.0, steep: 3.5 },
                spread: 2.0,
                ..OVERDRIVE
            }),
            Voicing { bright: bright(4_500.0, 12.0, 1.0), ..OVERDRIVE_TOUCH },
        ),
        31 => patch(
            "Guitar Harmonics",
            Source::Struck(Struck {
                partials: Partials::Table(&[
                    (1.0, 1.0, 1.0),
                    (2.0, 0.3, 0.6),
                    (3.0, 0.12, 0.4),
                    (4.0, 0.05, 0.3),
                ]),
                ..ELECTRIC
            }),
            PLUCK_TOUCH,
        ),
        _ => patch("Acoustic Guitar (nylon)", Source::Struck(NYLON), PLUCK_TOUCH),
    }
}

fn bass(number: u8) -> Patch {
    let plucked = |place, slope, soft, hit| Struck {
        partials: Partials::String { place, slope, soft, stiffness: 6.0e-5 },
        hit,
        ..BASS
    };
    let snap = Hit { level: 0.22, seconds: 0.004, hertz: 2_800.0 };
    match number {
        32 => patch(
            "Acoustic Bass",
            Source::Struck(Struck {
                ring: Ring { t60: 2.4, octave: 0.75, damping: 0.2, slow: 0.5, beat: 0.1 },
                hit: Hit { level: 0.1, seconds: 0.012, hertz: 500.0 },
                body: &[Peak(98.0, 40.0, 0.6), Peak(190.0, 80.0, 0.5), Peak(700.0, 500.0, 0.3)],
                ..BASS
            }),
            BASS_TOUCH,
        ),
        34 => patch(
            "Electric Bass (pick)",
            Source::Struck(plucked(0.12, 0.85, 2_400.0, Hit { level: 0.1, seconds: 0.003, hertz: 2_200.0 })),
            Voicing { bright: bright(2_000.0, 10.0, 2.4), ..BASS_TOUCH },
        ),
        35 => patch(
            "Fretless Bass",
            Source::Struck(plucked(0.26, 1.0, 900.0, SILENT_HIT)),
            Voicing { attack: 0.012, vibrato: wave(0.4, 4.8, 8), ..BASS_TOUCH },
        ),
        36 => patch(
            "Slap Bass 1",
            Source::Struck(plucked(0.08, 0.7, 3_600.0, snap)),
            Voicing { bright: bright(2_600.0, 14.0, 2.6), ..BASS_TOUCH },
        ),
        37 => patch(
            "Slap Bass 2",
            Source::Struck(plucked(0.06, 0.6, 4_400.0, Hit { hertz: 3_600.0, ..snap })),
            Voicing { bright: bright(3_200.0, 16.0, 2.6), ..BASS_TOUCH },
        ),
        38 => patch(
            "Synth Bass 1",
            Source::Sustained(SYNTH_BASS),
            Voicing { sweep: (2_400, 0.35), bright: bright(500.0, 4.0, 1.6), ..BASS_TOUCH },
        ),
        39 => patch(
            "Synth Bass 2",
            Source::Sustained(Sustained {
                shape: Shape { even: 0.15, ..SYNTH_BASS.shape },
                stops: &[(1.0, 1.0), (2.0, 0.3)],
                ..SYNTH_BASS
            }),
            Voicing { sweep: (1_900, 0.25), bright: bright(700.0, 5.0, 1.8), ..BASS_TOUCH },
        ),
        _ => patch("Electric Bass (finger)", Source::Struck(BASS), BASS_TOUCH),
    }
}

fn orchestral(number: u8) -> Patch {
    match number {
        45 => patch(
            "Pizzicato Strings",
            Source::Struck(Struck {
                partials: Partials::String { place: 0.2, slope: 0.95, soft: 2_200.0, stiffness: 3.0e-5 },
                ring: Ring { t60: 1.0, octave: 0.7, damping: 0.22, slow: 0.6, beat: 0.3 },
                hit: Hit { level: 0.1, seconds: 0.008, hertz: 900.0 },
                body: &[Peak(280.0, 60.0, 0.6), Peak(460.0, 120.0, 0.5), Peak(1_100.0, 700.0, 0.4)],
            }),
            Voicing { release: 0.5, ..PLUCK_TOUCH },
        ),
        46 => patch(
            "Orchestral Harp",
            Source::Struck(Struck {
                partials: Partials::String { place: 0.36, slope: 1.0, soft: 2_800.0, stiffness: 2.0e-5 },
                ring: Ring { t60: 6.0, octave: 0.62, damping: 0.16, slow: 0.6, beat: 0.1 },
                hit: Hit { level: 0.06, seconds: 0.006, hertz: 800.0 },
                body: &[Peak(180.0, 120.0, 0.5), Peak(400.0, 300.0, 0.4)],
            }),
            Voicing { release: 1.2, ..PLUCK_TOUCH },
        ),
        _ => patch(
            "Timpani",
            Source::Struck(Struck {
                partials: Partials::Table(&[
                    (1.0, 1.0, 1.0),
                    (1.5, 0.55, 0.8),
                    (1.98, 0.4, 0.65),
                    (2.44, 0.22, 0.5),
                    (2.9, 0.12, 0.35),
                    (0.63, 0.25, 0.12),
                ]),
                ring: Ring { t60: 1.9, octave: 0.8, damping: 0.0, slow: 0.5, beat: 0.1 },
                hit: Hit { level: 0.28, seconds: 0.01, hertz: 320.0 },
                body: &[],
            }),
            Voicing { release: 1.5, bright: bright(700.0, 9.0, 2.6), ..PLUCK_TOUCH },
        ),
    }
}

fn folk(number: u8) -> Patch {
    let string = |place, slope, soft, t60, damping| Struck {
        partials: Partials::String { place, slope, soft, stiffness: 5.0e-5 },
        ring: Ring { t60, octave: 0.64, damping, slow: 0.5, beat: 0.15 },
        hit: Hit { level: 0.14, seconds: 0.004, hertz: 2_600.0 },
        body: GUITAR_BODY,
    };
    match number {
        104 => patch(
            "Sitar",
            Source::Struck(Struck {
                ring: Ring { t60: 5.5, octave: 0.66, damping: 0.03, slow: 0.6, beat: 0.6 },
                ..string(0.07, 0.35, 4_500.0, 5.5, 0.03)
            }),
            Voicing { release: 0.8, ..PLUCK_TOUCH },
        ),
        105 => patch(
            "Banjo",
            Source::Struck(Struck {
                body: &[Peak(350.0, 200.0, 0.6), Peak(900.0, 500.0, 0.8), Peak(2_600.0, 1_500.0, 0.6)],
                ..string(0.1, 0.6, 4_500.0, 1.8, 0.12)
            }),
            PLUCK_TOUCH,
        ),
        106 => patch("Shamisen", Source::Struck(string(0.12, 0.55, 4_000.0, 1.4, 0.1)), PLUCK_TOUCH),
        107 => patch(
            "Koto",
            Source::Struck(string(0.1, 0.75, 3_800.0, 4.2, 0.12)),
            Voicing { release: 0.8, ..PLUCK_TOUCH },
        ),
        _ => patch(
            "Kalimba",
            Source::Struck(Struck {
                partials: Partials::Table(&[
                    (1.0, 1.0, 1.0),
                    (2.0, 0.06, 0.8),
                    (5.9, 0.2, 0.25),
                    (11.0, 0.06, 0.12),
                ]),
                ring: Ring { t60: 2.0, octave: 0.7, damping: 0.0, slow: 0.7, beat: 0.0 },
                hit: Hit { level: 0.12, seconds: 0.006, hertz: 1_200.0 },
                body: &[],
            }),
            Voicing { release: 0.8, ..PLUCK_TOUCH },
        ),
    }
}
