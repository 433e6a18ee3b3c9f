//! Bowed, sung and blown: programs 40 to 44, 48 to 79 and 109 to 111.

use super::super::modal::{Hit, Partials, Ring, Struck};
use super::super::spectrum::{Breath, Shape, Sustained};
use super::super::tone::Peak;
use super::{PLAIN, Patch, Source, Voicing, bright, patch, wave};

const VIOLIN_BODY: &[Peak] = &[
    Peak(280.0, 50.0, 0.7),
    Peak(460.0, 80.0, 0.8),
    Peak(900.0, 300.0, 0.5),
    Peak(2_500.0, 900.0, 0.7),
    Peak(3_600.0, 1_500.0, 0.3),
];
const CELLO_BODY: &[Peak] =
    &[Peak(105.0, 30.0, 0.7), Peak(190.0, 50.0, 0.8), Peak(420.0, 200.0, 0.6), Peak(1_600.0, 900.0, 0.6)];
const BASS_BODY: &[Peak] =
    &[Peak(65.0, 25.0, 0.7), Peak(110.0, 40.0, 0.8), Peak(260.0, 150.0, 0.6), Peak(900.0, 700.0, 0.5)];

const BOWED: Sustained = Sustained {
    shape: Shape { slope: 0.5, even: 0.95, corner: 4_000.0, steep: 2.6 },
    stops: &[(1.0, 1.0)],
    formants: VIOLIN_BODY,
    spread: 0.0,
    breath: Breath { level: 0.012, chiff: 0.07, hertz: 3_500.0 },
    onset: [0.07, 0.08, 0.1],
    seconds: 0.9,
};
const SECTION: Sustained = Sustained {
    spread: 8.0,
    breath: Breath { level: 0.01, chiff: 0.03, hertz: 3_500.0 },
    onset: [0.11, 0.12, 0.14],
    seconds: 1.5,
    ..BOWED
};
const BOW_TOUCH: Voicing =
    Voicing { release: 0.22, vibrato: wave(0.28, 5.6, 13), bright: bright(2_800.0, 9.0, 3.2), ..PLAIN };
const SECTION_TOUCH: Voicing = Voicing { release: 0.4, vibrato: wave(0.4, 5.1, 4), ..BOW_TOUCH };

const AH: &[Peak] = &[
    Peak(720.0, 110.0, 1.0),
    Peak(1_150.0, 130.0, 0.55),
    Peak(2_800.0, 220.0, 0.22),
    Peak(3_500.0, 300.0, 0.12),
];
const OO: &[Peak] = &[Peak(340.0, 110.0, 1.0), Peak(800.0, 130.0, 0.3), Peak(2_400.0, 250.0, 0.06)];
const CHOIR: Sustained = Sustained {
    shape: Shape { slope: 0.6, even: 1.0, corner: 3_800.0, steep: 2.2 },
    stops: &[(1.0, 1.0)],
    formants: AH,
    spread: 11.0,
    breath: Breath { level: 0.03, chiff: 0.04, hertz: 3_000.0 },
    onset: [0.13, 0.14, 0.16],
    seconds: 1.5,
};
const CHOIR_TOUCH: Voicing =
    Voicing { release: 0.4, vibrato: wave(0.35, 5.0, 6), bright: bright(2_600.0, 6.0, 2.2), ..PLAIN };

const BRASS: Sustained = Sustained {
    shape: Shape { slope: 0.1, even: 1.0, corner: 2_000.0, steep: 2.8 },
    stops: &[(1.0, 1.0)],
    formants: &[Peak(1_250.0, 900.0, 0.8), Peak(2_600.0, 1_500.0, 0.3)],
    spread: 0.0,
    breath: Breath { level: 0.008, chiff: 0.05, hertz: 1_600.0 },
    onset: [0.025, 0.045, 0.07],
    seconds: 0.8,
};
const BRASS_TOUCH: Voicing =
    Voicing { release: 0.14, vibrato: wave(0.5, 5.2, 6), bright: bright(1_500.0, 10.0, 3.8), ..PLAIN };

const REED: Sustained = Sustained {
    shape: Shape { slope: 0.4, even: 0.9, corner: 2_600.0, steep: 2.4 },
    stops: &[(1.0, 1.0)],
    formants: &[Peak(1_100.0, 350.0, 0.9), Peak(2_900.0, 700.0, 0.5)],
    spread: 0.0,
    breath: Breath { level: 0.012, chiff: 0.05, hertz: 3_000.0 },
    onset: [0.03, 0.035, 0.045],
    seconds: 0.8,
};
const REED_TOUCH: Voicing =
    Voicing { release: 0.13, vibrato: wave(0.4, 5.2, 8), bright: bright(2_200.0, 8.0, 2.6), ..PLAIN };

const FLUTE: Sustained = Sustained {
    shape: Shape { slope: 1.55, even: 1.15, corner: 3_600.0, steep: 2.5 },
    stops: &[(1.0, 1.0)],
    formants: &[],
    spread: 0.0,
    breath: Breath { level: 0.05, chiff: 0.22, hertz: 2_600.0 },
    onset: [0.05, 0.06, 0.07],
    seconds: 0.8,
};
const FLUTE_TOUCH: Voicing = Voicing {
    release: 0.14,
    vibrato: wave(0.4, 5.0, 8),
    tremolo: wave(0.4, 5.0, 8),
    bright: bright(2_600.0, 6.0, 2.8),
    ..PLAIN
};

/// The programs of this file.
pub(super) fn program(number: u8) -> Patch {
    match number {
        40..=44 => bowed(number),
        48..=55 => ensemble(number),
        56..=63 => brass(number),
        64..=71 => reed(number),
        72..=79 => pipe(number),
        _ => folk(number),
    }
}

fn bowed(number: u8) -> Patch {
    match number {
        41 => patch(
            "Viola",
            Source::Sustained(Sustained {
                formants: &[
                    Peak(220.0, 45.0, 0.7),
                    Peak(380.0, 80.0, 0.8),
                    Peak(750.0, 300.0, 0.6),
                    Peak(2_000.0, 900.0, 0.6),
                ],
                ..BOWED
            }),
            BOW_TOUCH,
        ),
        42 => patch(
            "Cello",
            Source::Sustained(Sustained { formants: CELLO_BODY, onset: [0.08, 0.09, 0.11], ..BOWED }),
            Voicing { vibrato: wave(0.3, 5.2, 11), bright: bright(1_900.0, 9.0, 2.6), ..BOW_TOUCH },
        ),
        43 => patch(
            "Contrabass",
            Source::Sustained(Sustained { formants: BASS_BODY, onset: [0.09, 0.1, 0.12], ..BOWED }),
            Voicing { vibrato: wave(0.4, 4.8, 7), bright: bright(1_400.0, 9.0, 2.6), trim: 1.0, ..BOW_TOUCH },
        ),
        44 => patch(
            "Tremolo Strings",
            Source::Sustained(Sustained { onset: [0.05, 0.06, 0.07], ..SECTION }),
            Voicing { tremolo: wave(0.0, 11.0, 45), ..SECTION_TOUCH },
        ),
        _ => patch("Violin", Source::Sustained(BOWED), BOW_TOUCH),
    }
}

fn ensemble(number: u8) -> Patch {
    match number {
        49 => patch(
            "String Ensemble 2",
            Source::Sustained(Sustained {
                spread: 10.0,
                onset: [0.15, 0.17, 0.2],
                shape: Shape { corner: 3_000.0, ..SECTION.shape },
                ..SECTION
            }),
            Voicing { release: 0.6, ..SECTION_TOUCH },
        ),
        50 => patch(
            "Synth Strings 1",
            Source::Sustained(Sustained { formants: &[], spread: 12.0, ..SECTION }),
            Voicing { release: 0.5, chorus: 250, ..SECTION_TOUCH },
        ),
        51 => patch(
            "Synth Strings 2",
            Source::Sustained(Sustained {
                formants: &[],
                spread: 14.0,
                shape: Shape { corner: 2_200.0, ..SECTION.shape },
                onset: [0.12, 0.14, 0.17],
                ..SECTION
            }),
            Voicing { release: 0.7, chorus: 250, ..SECTION_TOUCH },
        ),
        53 => patch("Voice Oohs", Source::Sustained(Sustained { formants: OO, ..CHOIR }), CHOIR_TOUCH),
        54 => patch(
            "Synth Voice",
            Source::Sustained(Sustained { spread: 5.0, onset: [0.05, 0.06, 0.08], ..CHOIR }),
            Voicing { chorus: 300, ..CHOIR_TOUCH },
        ),
        55 => patch(
            "Orchestra Hit",
            Source::Struck(Struck {
                partials: Partials::Table(&[
                    (0.5, 0.7, 1.0),
                    (1.0, 1.0, 1.0),
                    (1.5, 0.5, 0.9),
                    (2.0, 0.8, 0.8),
                    (3.0, 0.6, 0.7),
                    (4.0, 0.5, 0.6),
                    (5.0, 0.3, 0.5),
                    (6.0, 0.3, 0.5),
                    (8.0, 0.2, 0.4),
                ]),
                ring: Ring { t60: 0.9, octave: 0.95, damping: 0.0, slow: 0.8, beat: 0.5 },
                hit: Hit { level: 0.4, seconds: 0.03, hertz: 1_500.0 },
                body: &[],
            }),
            Voicing { release: 0.5, ..PLAIN },
        ),
        52 => patch("Choir Aahs", Source::Sustained(CHOIR), CHOIR_TOUCH),
        _ => patch("String Ensemble 1", Source::Sustained(SECTION), SECTION_TOUCH),
    }
}

fn brass(number: u8) -> Patch {
    let horn = |corner, formants| Sustained { shape: Shape { corner, ..BRASS.shape }, formants, ..BRASS };
    match number {
        57 => patch(
            "Trombone",
            Source::Sustained(horn(1_100.0, &[Peak(600.0, 450.0, 0.8), Peak(1_500.0, 1_000.0, 0.4)])),
            Voicing { bright: bright(800.0, 9.0, 3.2), ..BRASS_TOUCH },
        ),
        58 => patch(
            "Tuba",
            Source::Sustained(horn(480.0, &[Peak(250.0, 200.0, 0.8), Peak(600.0, 500.0, 0.4)])),
            Voicing { bright: bright(500.0, 8.0, 2.8), vibrato: wave(0.5, 5.0, 3), trim: 1.0, ..BRASS_TOUCH },
        ),
        59 => patch(
            "Muted Trumpet",
            Source::Sustained(Sustained {
                shape: Shape { slope: 0.2, corner: 3_600.0, ..BRASS.shape },
                formants: &[Peak(1_700.0, 500.0, 0.9), Peak(3_400.0, 900.0, 0.7)],
                ..BRASS
            }),
            Voicing { bright: bright(2_600.0, 8.0, 2.2), ..BRASS_TOUCH },
        ),
        60 => patch(
            "French Horn",
            Source::Sustained(Sustained {
                onset: [0.04, 0.06, 0.09],
                ..horn(750.0, &[Peak(420.0, 300.0, 0.9), Peak(900.0, 600.0, 0.35)])
            }),
            Voicing { bright: bright(700.0, 7.0, 3.0), release: 0.2, ..BRASS_TOUCH },
        ),
        61 => patch(
            "Brass Section",
            Source::Sustained(Sustained { spread: 6.0, seconds: 1.3, ..horn(1_400.0, BRASS.formants) }),
            Voicing { release: 0.2, ..BRASS_TOUCH },
        ),
        62 | 63 => patch(
            if number == 62 { "Synth Brass 1" } else { "Synth Brass 2" },
            Source::Sustained(Sustained {
                shape: Shape { slope: 0.95, even: 1.0, corner: 5_000.0, steep: 2.0 },
                formants: &[],
                spread: if number == 62 { 5.0 } else { 8.0 },
                onset: [0.02, 0.03, 0.04],
                seconds: 1.2,
                ..BRASS
            }),
            Voicing {
                sweep: (if number == 62 { 1_600 } else { 1_000 }, 0.5),
                bright: bright(900.0, 5.0, 2.4),
                chorus: 200,
                ..BRASS_TOUCH
            },
        ),
        _ => patch("Trumpet", Source::Sustained(BRASS), BRASS_TOUCH),
    }
}

fn reed(number: u8) -> Patch {
    let sax = |name, low: f32| {
        // A saxophone of twice the length has its resonances an octave lower; four tables say so.
        let formants: &'static [Peak] = match name {
            "Soprano Sax" => &[Peak(1_300.0, 600.0, 0.8), Peak(2_600.0, 900.0, 0.5)],
            "Alto Sax" => &[Peak(900.0, 450.0, 0.8), Peak(1_900.0, 800.0, 0.5)],
            "Tenor Sax" => &[Peak(650.0, 350.0, 0.8), Peak(1_400.0, 700.0, 0.5)],
            _ => &[Peak(420.0, 250.0, 0.8), Peak(1_000.0, 600.0, 0.5)],
        };
        patch(
            name,
            Source::Sustained(Sustained {
                shape: Shape { slope: 0.7, even: 0.95, corner: low * 2.2, steep: 2.0 },
                formants,
                breath: Breath { level: 0.03, chiff: 0.1, hertz: 2_200.0 },
                ..REED
            }),
            Voicing { bright: bright(low, 8.0, 2.6), ..REED_TOUCH },
        )
    };
    match number {
        64 => sax("Soprano Sax", 2_200.0),
        65 => sax("Alto Sax", 1_700.0),
        66 => sax("Tenor Sax", 1_300.0),
        67 => sax("Baritone Sax", 900.0),
        69 => patch(
            "English Horn",
            Source::Sustained(Sustained {
                formants: &[Peak(850.0, 300.0, 0.9), Peak(2_200.0, 600.0, 0.4)],
                ..REED
            }),
            Voicing { bright: bright(1_700.0, 7.0, 2.6), ..REED_TOUCH },
        ),
        70 => patch(
            "Bassoon",
            Source::Sustained(Sustained {
                shape: Shape { corner: 1_400.0, ..REED.shape },
                formants: &[Peak(460.0, 180.0, 0.9), Peak(1_150.0, 350.0, 0.5)],
                ..REED
            }),
            Voicing { bright: bright(1_100.0, 8.0, 2.4), vibrato: wave(0.5, 5.0, 5), ..REED_TOUCH },
        ),
        71 => patch(
            "Clarinet",
            Source::Sustained(Sustained {
                shape: Shape { slope: 0.8, even: 0.12, corner: 2_000.0, steep: 2.4 },
                formants: &[],
                breath: Breath { level: 0.015, chiff: 0.05, hertz: 2_400.0 },
                ..REED
            }),
            Voicing { vibrato: wave(0.6, 5.0, 2), bright: bright(1_800.0, 8.0, 2.6), ..REED_TOUCH },
        ),
        _ => patch("Oboe", Source::Sustained(REED), REED_TOUCH),
    }
}

fn pipe(number: u8) -> Patch {
    let pipe = |slope, even, breath: (f32, f32)| Sustained {
        shape: Shape { slope, even, ..FLUTE.shape },
        breath: Breath { level: breath.0, chiff: breath.1, hertz: 2_600.0 },
        ..FLUTE
    };
    match number {
        72 => patch(
            "Piccolo",
            Source::Sustained(pipe(1.7, 1.0, (0.04, 0.16))),
            Voicing { bright: bright(4_000.0, 6.0, 1.8), ..FLUTE_TOUCH },
        ),
        74 => patch(
            "Recorder",
            Source::Sustained(Sustained { onset: [0.03, 0.035, 0.04], ..pipe(2.1, 0.35, (0.025, 0.16)) }),
            Voicing { vibrato: wave(0.6, 5.0, 3), tremolo: wave(0.0, 5.0, 0), ..FLUTE_TOUCH },
        ),
        75 => patch("Pan Flute", Source::Sustained(pipe(2.4, 0.2, (0.12, 0.5))), FLUTE_TOUCH),
        76 => patch("Blown Bottle", Source::Sustained(pipe(3.2, 0.3, (0.2, 0.5))), FLUTE_TOUCH),
        77 => patch(
            "Shakuhachi",
            Source::Sustained(pipe(1.8, 0.8, (0.14, 0.6))),
            Voicing { vibrato: wave(0.5, 4.6, 14), ..FLUTE_TOUCH },
        ),
        78 => patch("Whistle", Source::Sustained(pipe(4.5, 0.6, (0.05, 0.1))), FLUTE_TOUCH),
        79 => patch("Ocarina", Source::Sustained(pipe(3.6, 0.5, (0.04, 0.15))), FLUTE_TOUCH),
        _ => patch("Flute", Source::Sustained(FLUTE), FLUTE_TOUCH),
    }
}

fn folk(number: u8) -> Patch {
    match number {
        109 => patch(
            "Bagpipe",
            Source::Sustained(Sustained {
                shape: Shape { slope: 0.35, even: 0.9, corner: 3_000.0, steep: 2.2 },
                spread: 3.0,
                ..REED
            }),
            Voicing { bright: bright(4_500.0, 8.0, 0.6), vibrato: wave(0.0, 5.0, 0), ..REED_TOUCH },
        ),
        110 => patch(
            "Fiddle",
            Source::Sustained(Sustained {
                onset: [0.035, 0.04, 0.05],
                breath: Breath { level: 0.02, chiff: 0.14, hertz: 3_500.0 },
                ..BOWED
            }),
            Voicing { vibrato: wave(0.35, 5.8, 9), bright: bright(3_000.0, 10.0, 2.2), ..BOW_TOUCH },
        ),
        _ => patch(
            "Shanai",
            Source::Sustained(Sustained {
                shape: Shape { slope: 0.4, even: 0.95, corner: 3_400.0, steep: 2.2 },
                formants: &[Peak(1_400.0, 400.0, 0.9), Peak(3_000.0, 800.0, 0.6)],
                ..REED
            }),
            Voicing { vibrato: wave(0.3, 5.4, 12), ..REED_TOUCH },
        ),
    }
}
