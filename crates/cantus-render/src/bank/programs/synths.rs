//! Synthetic leads and pads, percussion with pitch, and sound effects: programs 80 to 103 and 112 to 127.

use super::super::effects::Effect;
use super::super::fm::{Fm, pair};
use super::super::modal::{Hit, Partials, Ring, Struck};
use super::super::spectrum::{Breath, NO_BREATH, Shape, Sustained};
use super::super::tone::Peak;
use super::{PLAIN, Patch, Source, Voicing, bright, patch, wave};

const SAW: Shape = Shape { slope: 1.0, even: 1.0, corner: 7_000.0, steep: 2.0 };
const SQUARE: Shape = Shape { slope: 1.0, even: 0.0, corner: 6_000.0, steep: 2.0 };

const LEAD: Sustained = Sustained {
    shape: SAW,
    stops: &[(1.0, 1.0)],
    formants: &[],
    spread: 0.0,
    breath: NO_BREATH,
    onset: [0.006, 0.006, 0.006],
    seconds: 0.6,
};
const LEAD_TOUCH: Voicing = Voicing {
    release: 0.12,
    vibrato: wave(0.35, 5.4, 8),
    bright: bright(2_600.0, 10.0, 2.4),
    trim: -1.0,
    ..PLAIN
};

const PAD: Sustained = Sustained {
    shape: Shape { slope: 1.1, even: 1.0, corner: 2_600.0, steep: 2.0 },
    spread: 14.0,
    onset: [0.11, 0.13, 0.16],
    seconds: 1.6,
    ..LEAD
};
const PAD_TOUCH: Voicing =
    Voicing { release: 0.9, bright: bright(2_200.0, 7.0, 1.8), chorus: 200, trim: -1.0, ..PLAIN };

/// The programs of this file.
pub(super) fn program(number: u8) -> Patch {
    match number {
        80..=87 => lead(number),
        88..=95 => pad(number),
        96..=103 => scene(number),
        112..=118 => percussion(number),
        _ => effect(number),
    }
}

fn lead(number: u8) -> Patch {
    let lead = |name, source: Sustained| patch(name, Source::Sustained(source), LEAD_TOUCH);
    match number {
        80 => lead("Lead 1 (square)", Sustained { shape: SQUARE, ..LEAD }),
        82 => lead(
            "Lead 3 (calliope)",
            Sustained {
                shape: Shape { slope: 2.2, ..SAW },
                breath: Breath { level: 0.06, chiff: 0.25, hertz: 2_600.0 },
                ..LEAD
            },
        ),
        83 => lead(
            "Lead 4 (chiff)",
            Sustained {
                shape: Shape { slope: 1.7, even: 0.3, ..SAW },
                breath: Breath { level: 0.02, chiff: 0.6, hertz: 3_200.0 },
                ..LEAD
            },
        ),
        84 => lead(
            "Lead 5 (charang)",
            Sustained {
                formants: &[Peak(800.0, 700.0, 0.6), Peak(2_600.0, 1_200.0, 0.8)],
                spread: 3.0,
                ..LEAD
            },
        ),
        85 => lead(
            "Lead 6 (voice)",
            Sustained {
                formants: &[Peak(720.0, 140.0, 1.0), Peak(1_150.0, 160.0, 0.6), Peak(2_800.0, 300.0, 0.3)],
                onset: [0.04, 0.05, 0.06],
                ..LEAD
            },
        ),
        86 => lead("Lead 7 (fifths)", Sustained { stops: &[(1.0, 1.0), (1.5, 0.6)], spread: 3.0, ..LEAD }),
        87 => {
            lead("Lead 8 (bass + lead)", Sustained { stops: &[(0.5, 0.5), (1.0, 1.0)], spread: 3.0, ..LEAD })
        }
        _ => lead("Lead 2 (sawtooth)", Sustained { spread: 4.0, seconds: 1.0, ..LEAD }),
    }
}

fn pad(number: u8) -> Patch {
    let pad = |name, source: Sustained| patch(name, Source::Sustained(source), PAD_TOUCH);
    match number {
        88 => pad("Pad 1 (new age)", Sustained { stops: &[(1.0, 1.0), (2.0, 0.5), (4.0, 0.2)], ..PAD }),
        89 => pad("Pad 2 (warm)", Sustained { shape: Shape { corner: 1_100.0, ..PAD.shape }, ..PAD }),
        90 => pad("Pad 3 (polysynth)", Sustained { shape: SAW, onset: [0.02, 0.02, 0.02], ..PAD }),
        91 => pad(
            "Pad 4 (choir)",
            Sustained {
                formants: &[Peak(600.0, 150.0, 1.0), Peak(1_050.0, 180.0, 0.5), Peak(2_700.0, 300.0, 0.2)],
                ..PAD
            },
        ),
        92 => pad(
            "Pad 5 (bowed)",
            Sustained {
                shape: Shape { slope: 1.4, even: 0.3, corner: 3_200.0, steep: 2.0 },
                spread: 6.0,
                ..PAD
            },
        ),
        93 => pad(
            "Pad 6 (metallic)",
            Sustained {
                stops: &[(1.0, 1.0), (2.76, 0.35), (5.4, 0.2)],
                shape: Shape { slope: 2.2, ..SAW },
                ..PAD
            },
        ),
        94 => pad(
            "Pad 7 (halo)",
            Sustained {
                stops: &[(1.0, 1.0), (3.0, 0.3)],
                breath: Breath { level: 0.08, chiff: 0.0, hertz: 4_000.0 },
                ..PAD
            },
        ),
        _ => patch(
            "Pad 8 (sweep)",
            Source::Sustained(Sustained { shape: SAW, ..PAD }),
            Voicing { sweep: (2_400, 2.4), bright: bright(900.0, 4.0, 1.0), ..PAD_TOUCH },
        ),
    }
}

const CRYSTAL: Fm = Fm {
    pairs: &[
        pair((1.0, 3.0), (0.9, 0.1, 0.3), 1.0, 1.0),
        pair((4.0, 7.0), (1.2, 0.0, 0.2), 0.35, 1.8),
        pair((2.0, 1.0), (0.4, 0.1, 0.5), 0.3, 1.2),
    ],
    t60: 5.0,
    octave: 0.75,
};

fn scene(number: u8) -> Patch {
    let pad = |name, source: Sustained| patch(name, Source::Sustained(source), PAD_TOUCH);
    match number {
        96 => patch(
            "FX 1 (rain)",
            Source::Fm(Fm { t60: 2.6, ..CRYSTAL }),
            Voicing { release: 1.2, chorus: 400, ..PAD_TOUCH },
        ),
        97 => pad("FX 2 (soundtrack)", Sustained { stops: &[(1.0, 1.0), (1.5, 0.6), (2.0, 0.3)], ..PAD }),
        98 => patch("FX 3 (crystal)", Source::Fm(CRYSTAL), Voicing { release: 1.4, ..PAD_TOUCH }),
        99 => patch(
            "FX 4 (atmosphere)",
            Source::Struck(Struck {
                partials: Partials::String { place: 0.28, slope: 1.1, soft: 2_600.0, stiffness: 1.0e-5 },
                ring: Ring { t60: 7.0, octave: 0.75, damping: 0.06, slow: 0.6, beat: 0.5 },
                hit: Hit { level: 0.1, seconds: 0.01, hertz: 3_000.0 },
                body: &[],
            }),
            PAD_TOUCH,
        ),
        100 => pad("FX 5 (brightness)", Sustained { shape: SAW, stops: &[(1.0, 1.0), (2.0, 0.5)], ..PAD }),
        101 => patch(
            "FX 6 (goblins)",
            Source::Sustained(Sustained { shape: Shape { slope: 1.6, even: 0.4, ..PAD.shape }, ..PAD }),
            Voicing { vibrato: wave(0.3, 3.0, 10), sweep: (1_800, 2.0), ..PAD_TOUCH },
        ),
        102 => patch(
            "FX 7 (echoes)",
            Source::Sustained(Sustained { onset: [0.02, 0.03, 0.04], ..PAD }),
            Voicing { tremolo: wave(0.0, 4.0, 60), ..PAD_TOUCH },
        ),
        _ => patch(
            "FX 8 (sci-fi)",
            Source::Sustained(Sustained { shape: SQUARE, spread: 10.0, ..PAD }),
            Voicing { vibrato: wave(0.0, 6.0, 12), sweep: (3_000, 1.5), ..PAD_TOUCH },
        ),
    }
}

fn percussion(number: u8) -> Patch {
    let struck = |name, table, t60, octave, hit| {
        let source = Struck {
            partials: Partials::Table(table),
            ring: Ring { t60, octave, damping: 0.0, slow: 0.6, beat: 0.1 },
            hit,
            body: &[],
        };
        patch(name, Source::Struck(source), Voicing { release: 0.8, ..PLAIN })
    };
    let stick = Hit { level: 0.2, seconds: 0.005, hertz: 2_500.0 };
    let mallet = Hit { level: 0.35, seconds: 0.012, hertz: 400.0 };
    match number {
        112 => struck(
            "Tinkle Bell",
            &[(1.0, 1.0, 1.0), (2.4, 0.5, 0.8), (4.1, 0.4, 0.6), (6.3, 0.25, 0.5), (8.8, 0.15, 0.4)],
            3.0,
            0.75,
            stick,
        ),
        113 => struck(
            "Agogo",
            &[(1.0, 1.0, 1.0), (1.9, 0.5, 0.6), (3.3, 0.4, 0.5), (4.9, 0.2, 0.4)],
            0.8,
            0.8,
            stick,
        ),
        114 => struck(
            "Steel Drums",
            &[(1.0, 1.0, 1.0), (2.0, 0.7, 0.8), (3.0, 0.35, 0.5), (4.02, 0.3, 0.5), (5.1, 0.15, 0.3)],
            1.6,
            0.75,
            Hit { level: 0.15, seconds: 0.008, hertz: 900.0 },
        ),
        115 => struck("Woodblock", &[(1.0, 1.0, 1.0), (2.6, 0.4, 0.5), (4.4, 0.2, 0.4)], 0.16, 0.9, stick),
        116 => {
            struck("Taiko Drum", &[(1.0, 1.0, 1.0), (1.59, 0.5, 0.6), (2.14, 0.35, 0.5)], 1.1, 0.9, mallet)
        }
        117 => {
            struck("Melodic Tom", &[(1.0, 1.0, 1.0), (1.59, 0.4, 0.5), (2.3, 0.2, 0.4)], 0.7, 0.85, mallet)
        }
        _ => struck("Synth Drum", &[(1.0, 1.0, 1.0), (2.0, 0.2, 0.4)], 0.6, 0.85, mallet),
    }
}

fn effect(number: u8) -> Patch {
    let (name, effect) = match number {
        119 => ("Reverse Cymbal", Effect::ReverseCymbal),
        120 => ("Guitar Fret Noise", Effect::FretNoise),
        121 => ("Breath Noise", Effect::Breath),
        122 => ("Seashore", Effect::Seashore),
        123 => ("Bird Tweet", Effect::Bird),
        124 => ("Telephone Ring", Effect::Telephone),
        125 => ("Helicopter", Effect::Helicopter),
        126 => ("Applause", Effect::Applause),
        _ => ("Gunshot", Effect::Gunshot),
    };
    let bright = bright(9_000.0, 0.0, 2.0);
    patch(name, Source::Effect(effect), Voicing { release: 0.3, bright, trim: -4.0, ..PLAIN })
}
