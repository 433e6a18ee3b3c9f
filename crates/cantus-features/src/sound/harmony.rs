//! The key and the chords of a sound, from the strength of its pitch classes.

use std::fmt;

use cantus_score::{Key, Mode, PitchClass};

use super::chroma::CLASSES;
use crate::key::{self, KeyEstimate};

/// The key of a sound, from its chroma.
///
/// # Shapes
/// `[frames, 12]`
pub fn key(chroma: &[f32]) -> KeyEstimate {
    let mut weights = [0.0; CLASSES];
    for classes in chroma.chunks_exact(CLASSES) {
        for (weight, class) in weights.iter_mut().zip(classes) {
            *weight += f64::from(*class);
        }
    }
    key::estimate(&weights)
}

/// A triad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Triad {
    /// What it is built on.
    pub root: PitchClass,
    /// Whether its third is major or minor.
    pub mode: Mode,
}

impl Triad {
    /// The pitch class of its root, plus 12 in minor.
    pub fn number(self) -> u8 {
        self.root.get() + if self.mode == Mode::Minor { 12 } else { 0 }
    }
}

/// As chords of scores are written: `C:maj`, `A:min`.
impl fmt::Display for Triad {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}:{}", self.root, if self.mode == Mode::Minor { "min" } else { "maj" })
    }
}

/// A stretch of frames on one chord.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChordSpan {
    /// The first frame.
    pub begin: usize,
    /// The frame after the last.
    pub end: usize,
    /// What sounds; none where no triad does.
    pub triad: Option<Triad>,
}

/// Twelve major triads from C up, then twelve minor ones, then none.
const STATES: usize = 2 * CLASSES + 1;
const NONE: usize = STATES - 1;
/// What a chord that fits perfectly is worth in one second, against what a change costs.
const WORTH_A_SECOND: f64 = 20.0;
const CHANGE: f64 = 2.0;
/// As well as no chord fits everywhere.
const NONE_FITS: f64 = 0.45;
/// How loud the third partial of each note, a fifth above it, is taken to be; the fifth partial, a third above it, is half as
/// loud.
const OVERTONE: f64 = 0.1;
/// How much better the tonic's triad fits than one that is strange to the key.
const HOME: f64 = 0.1;
/// The triads of a major key, in semitones above the tonic, by how much each is at home in it.
const IN_MAJOR: [(usize, Mode, f64); 6] = [
    (0, Mode::Major, 1.0),
    (7, Mode::Major, 1.0),
    (5, Mode::Major, 0.8),
    (9, Mode::Minor, 0.6),
    (2, Mode::Minor, 0.6),
    (4, Mode::Minor, 0.3),
];
/// The same of a minor key.
const IN_MINOR: [(usize, Mode, f64); 7] = [
    (0, Mode::Minor, 1.0),
    (5, Mode::Minor, 1.0),
    (7, Mode::Major, 0.9),
    (3, Mode::Major, 0.6),
    (8, Mode::Major, 0.6),
    (10, Mode::Major, 0.6),
    (7, Mode::Minor, 0.3),
];

/// The likeliest course of major and minor triads (Viterbi): of all courses the one whose chords, with their overtones, are most
/// like the pitch classes that sound (cosine), a little more so where they are at home in the key of the whole, and where each
/// change costs as much as a tenth of a second of a perfect chord. `benches/chords.py --sound` tells how well it hears.
///
/// # Shapes
/// `[frames, 12]`
pub fn chords(chroma: &[f32], frames_a_second: f64) -> Vec<ChordSpan> {
    let worth = WORTH_A_SECOND / frames_a_second;
    let (templates, at_home) = (templates(), at_home(key(chroma).key));
    let mut reached = [0.0; STATES];
    let mut back: Vec<[u8; STATES]> = Vec::with_capacity(chroma.len() / CLASSES);
    for classes in chroma.chunks_exact(CLASSES) {
        let best = greatest(&reached);
        let fits = fits(classes, &templates);
        let mut from = [0; STATES];
        let before = reached;
        for (state, score) in reached.iter_mut().enumerate() {
            let stays = before[state] >= before[best] - CHANGE;
            from[state] = if stays { state } else { best } as u8;
            *score = before[state].max(before[best] - CHANGE) + worth * (fits[state] + at_home[state]);
        }
        back.push(from);
    }
    let mut state = greatest(&reached);
    let mut states: Vec<usize> = Vec::with_capacity(back.len());
    for from in back.iter().rev() {
        states.push(state);
        state = usize::from(from[state]);
    }
    states.reverse();
    spans(&states)
}

fn greatest(scores: &[f64; STATES]) -> usize {
    (0..STATES).fold(0, |best, next| if scores[next] > scores[best] { next } else { best })
}

/// The pitch classes of each triad with its overtones, each row of length 1.
fn templates() -> [[f64; CLASSES]; NONE] {
    std::array::from_fn(|state| {
        let mut classes = [0.0; CLASSES];
        for above in [0, if state < CLASSES { 4 } else { 3 }, 7] {
            for (partial, loud) in [(0, 1.0), (7, OVERTONE), (4, OVERTONE / 2.0)] {
                classes[(state + above + partial) % CLASSES] += loud;
            }
        }
        let length = classes.iter().map(|class| class * class).sum::<f64>().sqrt();
        classes.map(|class| class / length)
    })
}

/// How much each triad is at home in a key.
fn at_home(key: Key) -> [f64; STATES] {
    let mut worth = [0.0; STATES];
    let triads = if key.mode() == Mode::Minor { IN_MINOR.as_slice() } else { IN_MAJOR.as_slice() };
    for (above, mode, part) in triads {
        let root = (usize::from(key.tonic().get()) + above) % CLASSES;
        worth[root + if *mode == Mode::Minor { CLASSES } else { 0 }] = HOME * part;
    }
    worth
}

/// How like each triad a frame's pitch classes are: the cosine of both. Silence is like none.
fn fits(classes: &[f32], templates: &[[f64; CLASSES]; NONE]) -> [f64; STATES] {
    let length = classes.iter().map(|class| f64::from(*class).powi(2)).sum::<f64>().sqrt();
    let mut fits = [0.0; STATES];
    fits[NONE] = NONE_FITS;
    if length > 0.0 {
        for (fit, template) in fits.iter_mut().zip(templates) {
            let sum: f64 = template.iter().zip(classes).map(|(own, class)| own * f64::from(*class)).sum();
            *fit = sum / length;
        }
    }
    fits
}

/// Frames of one state as one stretch.
fn spans(states: &[usize]) -> Vec<ChordSpan> {
    let mut spans: Vec<ChordSpan> = Vec::new();
    for run in states.chunk_by(|one, other| one == other) {
        let begin = spans.last().map_or(0, |span| span.end);
        let mode = if run[0] < CLASSES { Mode::Major } else { Mode::Minor };
        let triad = Triad { root: PitchClass::saturating((run[0] % CLASSES) as i64), mode };
        let triad = (run[0] != NONE).then_some(triad);
        spans.push(ChordSpan { begin, end: begin + run.len(), triad });
    }
    spans
}
