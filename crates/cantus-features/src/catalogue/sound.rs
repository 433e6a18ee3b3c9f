//! What is heard in sound, frame by frame and as a whole.

use cantus_score::Mode;

use super::measure::Columns;
use super::{ANY, Descriptor, Level, Measure, Numbers, OWN};
use crate::sound::harmony::ChordSpan;
use crate::sound::{FrameTable, cepstrum, harmony, listen, shape};

const LIBROSA: &str = "librosa 0.11";

/// Pitch classes, C first.
const CLASSES: &[&str] = &["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];

/// Names of columns that are counted.
#[rustfmt::skip]
const NUMBERS: &[&str] = &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31", "32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44", "45", "46", "47", "48", "49", "50", "51", "52", "53", "54", "55", "56", "57", "58", "59", "60", "61", "62", "63", "64", "65", "66", "67", "68", "69", "70", "71", "72", "73", "74", "75", "76", "77", "78", "79", "80", "81", "82", "83", "84", "85", "86", "87", "88", "89", "90", "91", "92", "93", "94", "95", "96", "97", "98", "99", "100", "101", "102", "103", "104", "105", "106", "107", "108", "109", "110", "111", "112", "113", "114", "115", "116", "117", "118", "119", "120", "121", "122", "123", "124", "125", "126", "127"];

/// The rows of this topic.
pub(super) const ROWS: &[Descriptor] = &[
    Descriptor {
        name: "envelope",
        label: "envelope",
        unit: "full scale",
        range: (0.0, ANY),
        formula: "the greatest absolute sample of a frame of 2048",
        source: OWN,
        level: Level::Frame,
        measure: Measure::Frames(Columns { parts: &[], of: |table| &table.envelope }),
    },
    Descriptor {
        name: "rms",
        label: "root mean square",
        unit: "full scale",
        range: (0.0, ANY),
        formula: "the root of the mean square of a frame; silence outside the sound counts",
        source: LIBROSA,
        level: Level::Frame,
        measure: Measure::Frames(Columns { parts: &[], of: |table| &table.rms }),
    },
    Descriptor {
        name: "zero_crossings",
        label: "zero crossings",
        unit: "share of samples",
        range: (0.0, 1.0),
        formula: "changes of sign within a frame by its samples",
        source: LIBROSA,
        level: Level::Frame,
        measure: Measure::Frames(Columns { parts: &[], of: |table| &table.zero_crossings }),
    },
    Descriptor {
        name: "spectral_centroid",
        label: "spectral centroid",
        unit: "Hz",
        range: (0.0, ANY),
        formula: "the mean frequency of a frame, bins weighed by magnitude",
        source: LIBROSA,
        level: Level::Frame,
        measure: Measure::Frames(Columns { parts: &[], of: |table| &table.centroid }),
    },
    Descriptor {
        name: "spectral_bandwidth",
        label: "spectral bandwidth",
        unit: "Hz",
        range: (0.0, ANY),
        formula: "the standard deviation of frequency about `spectral_centroid`, bins weighed by magnitude",
        source: LIBROSA,
        level: Level::Frame,
        measure: Measure::Frames(Columns { parts: &[], of: |table| &table.bandwidth }),
    },
    Descriptor {
        name: "spectral_roll_off",
        label: "spectral roll-off",
        unit: "Hz",
        range: (0.0, ANY),
        formula: "the lowest frequency up to which 85 % of all magnitude lies",
        source: LIBROSA,
        level: Level::Frame,
        measure: Measure::Frames(Columns { parts: &[], of: |table| &table.roll_off }),
    },
    Descriptor {
        name: "spectral_flatness",
        label: "spectral flatness",
        unit: "",
        range: (0.0, 1.0),
        formula: "the geometric by the arithmetic mean of power",
        source: LIBROSA,
        level: Level::Frame,
        measure: Measure::Frames(Columns { parts: &[], of: |table| &table.flatness }),
    },
    Descriptor {
        name: "spectral_contrast",
        label: "spectral contrast",
        unit: "dB",
        range: (0.0, ANY),
        formula: "the mean of the greatest 2 % of bins less that of the least, below 200 Hz and in each octave above",
        source: "Jiang and others 2002; librosa 0.11",
        level: Level::Frame,
        measure: Measure::Frames(Columns {
            parts: NUMBERS.split_at(shape::CONTRAST_BANDS).0,
            of: |table| &table.contrast,
        }),
    },
    Descriptor {
        name: "chroma",
        label: "chroma",
        unit: "",
        range: (0.0, 1.0),
        formula: "the power of the bins near each pitch class, by the strongest class",
        source: "Ellis 2007; librosa 0.11",
        level: Level::Frame,
        measure: Measure::Frames(Columns { parts: CLASSES, of: |table| &table.chroma }),
    },
    Descriptor {
        name: "mel",
        label: "mel spectrogram",
        unit: "dB",
        range: (-100.0, ANY),
        formula: "the power in 128 bands even in mels, at most 80 dB below the loudest of the sound",
        source: "Slaney 1998; librosa 0.11",
        level: Level::Frame,
        measure: Measure::Frames(Columns { parts: NUMBERS, of: |table| &table.mel }),
    },
    Descriptor {
        name: "mfcc",
        label: "mel-frequency cepstral coefficients",
        unit: "dB",
        range: (-ANY, ANY),
        formula: "the cosine transform of `mel`",
        source: LIBROSA,
        level: Level::Frame,
        measure: Measure::Frames(Columns {
            parts: NUMBERS.split_at(cepstrum::COEFFICIENTS).0,
            of: |table| &table.mfcc,
        }),
    },
    Descriptor {
        name: "onset_strength",
        label: "onset strength",
        unit: "dB",
        range: (0.0, ANY),
        formula: "the mean rise of the bands of `mel` since the frame before",
        source: LIBROSA,
        level: Level::Frame,
        measure: Measure::Frames(Columns { parts: &[], of: |table| &table.onset_strength }),
    },
    Descriptor {
        name: "constant_q",
        label: "constant-Q spectrogram",
        unit: "full scale times root samples",
        range: (0.0, ANY),
        formula: "the magnitude of 84 semitones from C1 up, through windows of as many samples as hold 17 periods",
        source: "Schörkhuber and Klapuri 2010; librosa 0.11",
        level: Level::Frame,
        measure: Measure::Stream(Numbers { parts: NUMBERS.split_at(84).0, of: listen::semitones }),
    },
    Descriptor {
        name: "chroma_constant_q",
        label: "chroma of the constant-Q spectrogram",
        unit: "",
        range: (0.0, 1.0),
        formula: "thirds of semitones of seven octaves added up by pitch class, by the strongest class",
        source: LIBROSA,
        level: Level::Frame,
        measure: Measure::Stream(Numbers { parts: CLASSES, of: listen::classes }),
    },
    Descriptor {
        name: "harmonic_share",
        label: "share of what holds",
        unit: "share",
        range: (0.0, 1.0),
        formula: "the energy of the bins that the median over 31 frames claims against that over 31 bins, by all energy",
        source: "Fitzgerald 2010",
        level: Level::Frame,
        measure: Measure::Stream(Numbers { parts: &[], of: listen::holding }),
    },
    Descriptor {
        name: "pitch",
        label: "pitch",
        unit: "Hz",
        range: (0.0, ANY),
        formula: "the likeliest course of periods from C2 to C7; 0 where no voice sounds",
        source: "pYIN, Mauch and Dixon 2014; librosa 0.11",
        level: Level::Frame,
        measure: Measure::Stream(Numbers { parts: &[], of: listen::pitch }),
    },
    Descriptor {
        name: "sound_tempo",
        label: "tempo of the sound",
        unit: "beats a minute",
        range: (0.0, 320.0),
        formula: "the lag at which the onset strength is most like itself, tempi near 120 preferred",
        source: LIBROSA,
        level: Level::Piece,
        measure: Measure::Sound(|table| Some(table.pulse().tempo).filter(|tempo| *tempo > 0.0)),
    },
    Descriptor {
        name: "sound_onsets",
        label: "onsets of the sound",
        unit: "onsets a second",
        range: (0.0, ANY),
        formula: "peaks of `onset_strength` by the length of the sound",
        source: "Böck, Krebs and Schedl 2012; librosa 0.11",
        level: Level::Piece,
        measure: Measure::Sound(onsets),
    },
    Descriptor {
        name: "sound_key",
        label: "key of the sound",
        unit: "tonic's pitch class, plus 12 in minor",
        range: (0.0, 23.0),
        formula: "the key whose profile correlates best with the sum of `chroma_constant_q`",
        source: "Krumhansl 1990; profile of Albrecht and Shanahan 2013",
        level: Level::Piece,
        measure: Measure::Harmony(key),
    },
    Descriptor {
        name: "sound_tuning",
        label: "tuning of the sound",
        unit: "semitones",
        range: (-0.5, 0.5),
        formula: "how far the louder half of all peaks lies from equal temperament at A4 = 440 Hz, by the fullest of 100 steps",
        source: LIBROSA,
        level: Level::Piece,
        measure: Measure::Sound(|table| Some(table.tuning)),
    },
    Descriptor {
        name: "loudness",
        label: "integrated loudness",
        unit: "LUFS",
        range: (-70.0, ANY),
        formula: "the mean power of all channels, weighed as the ear does, over the blocks of 0.4 seconds that are above -70 LUFS \
                  and no more than 10 below the mean of these",
        source: "EBU R 128; ITU-R BS.1770-4",
        level: Level::Piece,
        measure: Measure::Loudness(|loudness| loudness.integrated.map(|lufs| lufs.0)),
    },
    Descriptor {
        name: "loudness_range",
        label: "loudness range",
        unit: "LU",
        range: (0.0, ANY),
        formula: "from the 10th to the 95th percentile of the loudness of 3 seconds, without what is 20 below the mean",
        source: "EBU Tech 3342",
        level: Level::Piece,
        measure: Measure::Loudness(|loudness| loudness.range.map(|range| range.0)),
    },
    Descriptor {
        name: "true_peak",
        label: "true peak",
        unit: "dBTP",
        range: (-ANY, ANY),
        formula: "the highest point of the wave of any channel, also between samples, against full scale",
        source: "ITU-R BS.1770-4",
        level: Level::Piece,
        measure: Measure::Loudness(|loudness| loudness.true_peak().map(|peak| peak.0)),
    },
    Descriptor {
        name: "sound_chord",
        label: "chord of the sound",
        unit: "root's pitch class, plus 12 in minor; -1 where no triad sounds",
        range: (-1.0, 23.0),
        formula: "the likeliest course of major and minor triads over `chroma_constant_q`, each worth its cosine and a little more in \
                  its key, changes at a cost",
        source: "templates of Fujishima 1999; Viterbi's course",
        level: Level::Frame,
        measure: Measure::Names(chords),
    },
];

fn onsets(table: &FrameTable) -> Option<f64> {
    (table.frames() > 0)
        .then(|| table.onsets().len() as f64 * table.frames_a_second() / table.frames() as f64)
}

fn chords(table: &FrameTable) -> Vec<f32> {
    let spans = harmony::chords(table.harmony(), table.frames_a_second());
    let number = |span: &ChordSpan| span.triad.map_or(-1.0, |triad| triad.number() as f32);
    spans.iter().flat_map(|span| std::iter::repeat_n(number(span), span.end - span.begin)).collect()
}

/// None of silence.
fn key(table: &FrameTable) -> Option<f64> {
    let classes = table.harmony();
    classes.iter().any(|class| *class > 0.0).then(|| {
        let key = harmony::key(classes).key;
        f64::from(key.tonic().get()) + if key.mode() == Mode::Minor { 12.0 } else { 0.0 }
    })
}
