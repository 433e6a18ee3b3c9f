//! Pianos, tuned percussion and organs: programs 0 to 23.

use super::super::fm::{Fm, NO_HIT, pair};
use super::super::modal::{Hit, Partials, Ring, Struck};
use super::super::spectrum::{Breath, NO_BREATH, Shape, Sustained};
use super::super::tone::Peak;
use super::{PLAIN, Patch, Source, Voicing, bright, patch, wave};

const SOUNDBOARD: &[Peak] =
    &[Peak(110.0, 80.0, 0.5), Peak(260.0, 160.0, 0.5), Peak(900.0, 900.0, 0.5), Peak(2_600.0, 2_000.0, 0.4)];

pub(super) const PIANO: Struck = Struck {
    partials: Partials::String { place: 0.122, slope: 0.4, soft: 2_300.0, stiffness: 1.5e-4 },
    ring: Ring { t60: 9.0, octave: 0.62, damping: 0.13, slow: 0.3, beat: 0.22 },
    hit: Hit { level: 0.16, seconds: 0.012, hertz: 420.0 },
    body: SOUNDBOARD,
};
const PIANO_TOUCH: Voicing = Voicing { release: 0.4, bright: bright(2_600.0, 9.0, 3.8), ..PLAIN };

const BARS: Struck = Struck {
    partials: Partials::Table(&[(1.0, 1.0, 1.0), (4.0, 0.35, 0.35), (9.2, 0.18, 0.16), (16.0, 0.06, 0.1)]),
    ring: Ring { t60: 1.2, octave: 0.66, damping: 0.0, slow: 0.7, beat: 0.0 },
    hit: Hit { level: 0.12, seconds: 0.006, hertz: 1_800.0 },
    body: &[],
};
const BARS_TOUCH: Voicing = Voicing { release: 0.8, bright: bright(2_500.0, 9.0, 3.0), ..PLAIN };

const SINES: Shape = Shape { slope: 7.0, even: 1.0, corner: 9_000.0, steep: 2.0 };
pub(super) const ORGAN: Sustained = Sustained {
    shape: SINES,
    stops: &[
        (0.5, 0.7),
        (1.0, 1.0),
        (1.5, 0.55),
        (2.0, 0.6),
        (3.0, 0.3),
        (4.0, 0.28),
        (6.0, 0.15),
        (8.0, 0.16),
    ],
    formants: &[],
    spread: 0.0,
    breath: Breath { level: 0.0, chiff: 0.12, hertz: 3_000.0 },
    onset: [0.008, 0.008, 0.008],
    seconds: 0.7,
};
const PIPES: Sustained = Sustained {
    shape: Shape { slope: 1.25, even: 0.75, corner: 3_600.0, steep: 2.5 },
    stops: &[(0.5, 0.42), (1.0, 1.0), (2.0, 0.6), (3.0, 0.16), (4.0, 0.34), (6.0, 0.1), (8.0, 0.12)],
    formants: &[],
    spread: 2.4,
    breath: Breath { level: 0.012, chiff: 0.1, hertz: 2_400.0 },
    onset: [0.07, 0.045, 0.03],
    seconds: 1.4,
};
const REED_ORGAN: Sustained = Sustained {
    shape: Shape { slope: 0.7, even: 0.9, corner: 2_600.0, steep: 2.4 },
    stops: &[(1.0, 1.0), (2.0, 0.25)],
    formants: &[Peak(650.0, 500.0, 0.8), Peak(1_800.0, 900.0, 0.7)],
    spread: 2.0,
    breath: Breath { level: 0.012, chiff: 0.03, hertz: 2_000.0 },
    onset: [0.05, 0.045, 0.04],
    seconds: 1.1,
};
const ORGAN_TOUCH: Voicing = Voicing { release: 0.09, bright: bright(4_000.0, 8.0, 2.4), ..PLAIN };

/// Programs 0 to 23.
pub(super) fn program(number: u8) -> Patch {
    match number {
        0..=7 => keyboard(number),
        8..=15 => tuned_percussion(number),
        _ => organ(number),
    }
}

fn keyboard(number: u8) -> Patch {
    let string = |place, slope, soft| Partials::String { place, slope, soft, stiffness: 7.0e-5 };
    match number {
        1 => patch(
            "Bright Acoustic Piano",
            Source::Struck(Struck { partials: string(0.11, 0.3, 3_300.0), ..PIANO }),
            Voicing { bright: bright(3_600.0, 12.0, 3.4), ..PIANO_TOUCH },
        ),
        2 => patch(
            "Electric Grand Piano",
            Source::Struck(Struck {
                partials: string(0.14, 0.45, 2_800.0),
                hit: Hit { level: 0.08, seconds: 0.008, hertz: 900.0 },
                body: &[],
                ..PIANO
            }),
            Voicing { chorus: 120, ..PIANO_TOUCH },
        ),
        3 => patch(
            "Honky-tonk Piano",
            Source::Struck(Struck {
                partials: string(0.11, 0.4, 2_800.0),
                ring: Ring { beat: 0.75, ..PIANO.ring },
                ..PIANO
            }),
            Voicing { chorus: 450, ..PIANO_TOUCH },
        ),
        4 => {
            patch("Electric Piano 1", Source::Fm(TINES), Voicing { tremolo: wave(0.0, 4.6, 12), ..EP_TOUCH })
        }
        5 => patch("Electric Piano 2", Source::Fm(DIGITAL_TINES), Voicing { chorus: 250, ..EP_TOUCH }),
        6 => patch(
            "Harpsichord",
            Source::Struck(Struck {
                partials: Partials::String { place: 0.09, slope: 0.35, soft: 5_200.0, stiffness: 2.0e-5 },
                ring: Ring { t60: 5.0, octave: 0.6, damping: 0.04, slow: 0.6, beat: 0.1 },
                hit: Hit { level: 0.12, seconds: 0.004, hertz: 3_600.0 },
                body: SOUNDBOARD,
            }),
            Voicing { release: 0.25, bright: bright(6_000.0, 12.0, 0.8), ..PLAIN },
        ),
        7 => patch(
            "Clavinet",
            Source::Struck(Struck {
                partials: Partials::String { place: 0.23, slope: 0.45, soft: 3_800.0, stiffness: 3.0e-5 },
                ring: Ring { t60: 3.6, octave: 0.6, damping: 0.08, slow: 0.6, beat: 0.05 },
                hit: Hit { level: 0.1, seconds: 0.004, hertz: 2_000.0 },
                body: &[],
            }),
            Voicing { release: 0.1, bright: bright(3_500.0, 12.0, 2.4), ..PLAIN },
        ),
        _ => patch("Acoustic Grand Piano", Source::Struck(PIANO), PIANO_TOUCH),
    }
}

const TINES: Fm = Fm {
    pairs: &[pair((1.0, 1.0), (1.5, 0.35, 0.9), 1.0, 1.0), pair((1.0, 14.0), (0.35, 0.0, 0.12), 0.45, 2.2)],
    t60: 8.0,
    octave: 0.68,
};
const DIGITAL_TINES: Fm = Fm {
    pairs: &[
        pair((1.0, 1.0), (0.9, 0.2, 1.2), 1.0, 1.0),
        pair((1.0, 14.0), (0.9, 0.02, 0.25), 0.5, 1.6),
        pair((2.0, 1.0), (0.6, 0.1, 0.4), 0.15, 1.5),
    ],
    t60: 9.0,
    octave: 0.7,
};
const EP_TOUCH: Voicing = Voicing { release: 0.35, bright: bright(1_800.0, 10.0, 3.2), ..PLAIN };

fn tuned_percussion(number: u8) -> Patch {
    let bars = |table, t60, hit_level, hit_hertz| {
        Source::Struck(Struck {
            partials: Partials::Table(table),
            ring: Ring { t60, ..BARS.ring },
            hit: Hit { level: hit_level, seconds: 0.005, hertz: hit_hertz },
            ..BARS
        })
    };
    match number {
        8 => patch(
            "Celesta",
            bars(
                &[(1.0, 1.0, 1.0), (2.0, 0.1, 0.7), (3.98, 0.3, 0.3), (8.9, 0.08, 0.15)],
                2.8,
                0.06,
                1_500.0,
            ),
            BARS_TOUCH,
        ),
        9 => patch(
            "Glockenspiel",
            bars(&[(1.0, 1.0, 1.0), (2.75, 0.5, 0.5), (5.4, 0.3, 0.3), (8.9, 0.15, 0.2)], 4.5, 0.12, 5_000.0),
            Voicing { release: 1.6, ..BARS_TOUCH },
        ),
        10 => patch(
            "Music Box",
            bars(
                &[(1.0, 1.0, 1.0), (3.02, 0.12, 0.6), (6.27, 0.3, 0.4), (9.5, 0.08, 0.2)],
                3.4,
                0.1,
                4_000.0,
            ),
            Voicing { release: 1.4, ..BARS_TOUCH },
        ),
        11 => patch(
            "Vibraphone",
            bars(&[(1.0, 1.0, 1.0), (4.0, 0.22, 0.4), (10.0, 0.08, 0.12)], 6.5, 0.05, 1_200.0),
            Voicing { release: 1.2, tremolo: wave(0.0, 5.2, 25), ..BARS_TOUCH },
        ),
        12 => patch(
            "Marimba",
            bars(&[(1.0, 1.0, 1.0), (3.97, 0.3, 0.3), (9.2, 0.12, 0.13)], 1.3, 0.12, 900.0),
            BARS_TOUCH,
        ),
        13 => patch(
            "Xylophone",
            bars(&[(1.0, 1.0, 1.0), (3.0, 0.5, 0.5), (6.1, 0.3, 0.3), (10.0, 0.12, 0.2)], 1.1, 0.25, 2_800.0),
            BARS_TOUCH,
        ),
        14 => patch("Tubular Bells", Source::Struck(TUBES), Voicing { release: 2.5, ..BARS_TOUCH }),
        _ => patch(
            "Dulcimer",
            Source::Struck(Struck {
                partials: Partials::String { place: 0.18, slope: 0.6, soft: 4_200.0, stiffness: 6.0e-5 },
                ring: Ring { t60: 4.2, octave: 0.62, damping: 0.08, slow: 0.5, beat: 0.4 },
                hit: Hit { level: 0.15, seconds: 0.006, hertz: 2_200.0 },
                body: SOUNDBOARD,
            }),
            Voicing { release: 1.0, ..BARS_TOUCH },
        ),
    }
}

/// A tube sounds an octave below its strongest partials, which stand as 2 : 3 : 4 to the pitch that is heard.
const TUBES: Struck = Struck {
    partials: Partials::Table(&[
        (1.0, 0.75, 1.0),
        (2.0, 1.0, 1.0),
        (3.0, 0.65, 0.8),
        (4.07, 0.5, 0.6),
        (5.2, 0.2, 0.45),
        (6.4, 0.2, 0.35),
        (8.9, 0.1, 0.25),
    ]),
    ring: Ring { t60: 8.0, octave: 0.75, damping: 0.0, slow: 0.6, beat: 0.25 },
    hit: Hit { level: 0.12, seconds: 0.006, hertz: 3_000.0 },
    body: &[],
};

fn organ(number: u8) -> Patch {
    match number {
        17 => patch(
            "Percussive Organ",
            Source::Sustained(Sustained {
                stops: &[(0.5, 0.8), (1.0, 1.0), (1.5, 0.7), (3.0, 0.35)],
                breath: Breath { level: 0.0, chiff: 0.3, hertz: 2_500.0 },
                ..ORGAN
            }),
            Voicing { chorus: 150, ..ORGAN_TOUCH },
        ),
        18 => patch(
            "Rock Organ",
            Source::Sustained(Sustained { shape: Shape { slope: 2.6, ..SINES }, spread: 1.5, ..ORGAN }),
            Voicing { vibrato: wave(0.0, 6.2, 7), tremolo: wave(0.0, 6.2, 15), chorus: 400, ..ORGAN_TOUCH },
        ),
        19 => patch("Church Organ", Source::Sustained(PIPES), Voicing { release: 0.35, ..ORGAN_TOUCH }),
        20 => patch("Reed Organ", Source::Sustained(REED_ORGAN), Voicing { release: 0.15, ..ORGAN_TOUCH }),
        21 => patch(
            "Accordion",
            Source::Sustained(Sustained { spread: 7.0, ..REED_ORGAN }),
            Voicing { release: 0.12, bright: bright(3_000.0, 10.0, 2.0), ..ORGAN_TOUCH },
        ),
        22 => patch(
            "Harmonica",
            Source::Sustained(Sustained {
                stops: &[(1.0, 1.0)],
                formants: &[Peak(1_100.0, 600.0, 0.9), Peak(2_600.0, 900.0, 0.8)],
                spread: 0.0,
                breath: Breath { level: 0.03, chiff: 0.08, hertz: 2_600.0 },
                ..REED_ORGAN
            }),
            Voicing {
                vibrato: wave(0.4, 5.2, 9),
                release: 0.12,
                bright: bright(3_000.0, 8.0, 2.4),
                ..ORGAN_TOUCH
            },
        ),
        23 => patch(
            "Tango Accordion",
            Source::Sustained(Sustained { stops: &[(1.0, 1.0), (2.0, 0.5)], spread: 3.0, ..REED_ORGAN }),
            Voicing { release: 0.12, bright: bright(3_000.0, 10.0, 2.0), ..ORGAN_TOUCH },
        ),
        _ => patch(
            "Drawbar Organ",
            Source::Sustained(Sustained { breath: Breath { chiff: 0.06, ..NO_BREATH }, ..ORGAN }),
            Voicing { chorus: 200, ..ORGAN_TOUCH },
        ),
    }
}

/// Kept beside the hits above, for patches elsewhere that have none.
pub(super) const SILENT_HIT: Hit = NO_HIT;
