//! What the music so far tells of the moment that comes.

use cantus_score::Key;

use super::piece::{Frame, VOICES};
use crate::encoding::Steps;
use crate::walk::{SuffixMatcher, Tonality, table};

/// Grid steps of a frame.
const STEPS: Steps = 6;
/// Longest memory of an age or a gap, in frames.
pub(super) const LONGEST: u32 = 18;
/// A gap that reaches to now.
pub(super) const OPEN: u32 = 17;
/// Kinds of pointers: where all voices were as now, and where the highest was.
pub(super) const POINTERS: usize = 2;
/// Values of [`Pointed::run`].
pub(super) const RUNS: u32 = 9;

/// The music so far, frame by frame.
#[derive(Debug, Clone, Default)]
pub(super) struct Past {
    frames: Vec<Frame>,
    /// Frames that differ from those before them.
    changes: Vec<usize>,
    /// When each voice began what it sings.
    onsets: [usize; VOICES],
    /// Each voice's last interval, as [`table::interval`] has it.
    steps: [u32; VOICES],
    matchers: [SuffixMatcher; POINTERS],
    tonality: Tonality,
    /// The key heard in the frames before the last change.
    key: Option<Key>,
    /// When the piece ends, where that is known.
    end: Option<usize>,
}

/// What may be known of a piece before its first note.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// Its key.
    pub(super) key: Option<Key>,
    /// Its frames.
    pub(super) end: Option<usize>,
}

/// An earlier moment that corresponds to this one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pointed {
    /// How long the passages that lead up to both agree, from 0 (nowhere) in [`RUNS`] steps.
    pub(super) run: u32,
    /// What followed there.
    pub(super) frame: Option<Frame>,
    /// For how many frames that stayed; [`OPEN`] where it still does, 0 where nothing is pointed at.
    pub(super) gap: u32,
}

/// Everything that is known of a moment before its notes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scene {
    /// Its number among the frames.
    pub(super) at: usize,
    /// What was sung before; nothing at the beginning.
    pub(super) before: Option<Frame>,
    /// For how many frames.
    pub(super) ages: [u32; VOICES],
    pub(super) steps: [u32; VOICES],
    /// Which voices changed at the last change.
    pub(super) changed: [bool; VOICES],
    /// Frames since the last moment.
    pub(super) last_gap: u32,
    /// How far the end is, in steps of [`TO_GO`]; 0 where that is not known.
    pub(super) to_go: u32,
    pub(super) key: Option<Key>,
    pub(super) pointed: [Pointed; POINTERS],
}

impl Pointed {
    /// No earlier moment corresponds to this one.
    pub(super) const NOWHERE: Self = Self { run: 0, frame: None, gap: 0 };
}

impl Past {
    /// The past of a piece that begins: the key that it is to be in counts as heard.
    pub(super) fn new(asked: Asked) -> Self {
        let tonality = asked.key.map_or_else(Tonality::default, Tonality::of_key);
        let key = tonality.key();
        Self { steps: [table::INTERVALS - 1; VOICES], tonality, key, end: asked.end, ..Self::default() }
    }

    /// Takes the next frame.
    pub(super) fn push(&mut self, frame: Frame) {
        let at = self.frames.len();
        let before = self.frames.last().copied();
        if before != Some(frame) {
            self.changes.push(at);
        }
        for voice in 0..VOICES {
            let last = before.map(|before| before[voice]);
            if last != Some(frame[voice]) {
                self.onsets[voice] = at;
                self.steps[voice] = table::interval(last.flatten(), frame[voice]);
            }
        }
        let sounding = frame.iter().flatten().map(|pitch| (pitch.class(), STEPS));
        self.tonality.pass(STEPS, sounding);
        let symbol = |note: Option<cantus_score::Pitch>| note.map_or(0, |pitch| u64::from(pitch.get()) + 1);
        let all = frame.iter().fold(0, |all, note| all << 8 | symbol(*note));
        for (matcher, symbol) in self.matchers.iter_mut().zip([all, symbol(frame[0])]) {
            matcher.push(symbol, at as Steps);
        }
        self.frames.push(frame);
        self.key = self.tonality.key();
    }

    /// What is known of the next moment, so many frames after the last one; whether something changes at it is known too.
    pub(super) fn scene(&self, last_gap: u32, changes: bool) -> Scene {
        let at = self.frames.len();
        let before = self.frames.last().copied();
        let last = self.changes.last().copied();
        Scene {
            at,
            before,
            ages: self.onsets.map(|onset| (at - onset).min(LONGEST as usize) as u32),
            steps: self.steps,
            changed: std::array::from_fn(|voice| last == Some(self.onsets[voice])),
            last_gap,
            to_go: self.end.map_or(0, |end| to_go(end.saturating_sub(at))),
            key: self.key,
            pointed: std::array::from_fn(|index| self.pointed(index, changes)),
        }
    }

    fn pointed(&self, index: usize, changes: bool) -> Pointed {
        let Some((run, matched, _)) = self.matchers[index].best() else {
            return Pointed::NOWHERE;
        };
        let (from, now) = (matched + 1, self.frames.len());
        let next = self.changes[self.changes.partition_point(|change| *change <= from)..].first().copied();
        let next = next.or((changes && now > from).then_some(now));
        let gap = next.map_or(OPEN, |next| (next - from).min(OPEN as usize) as u32);
        Pointed { run: bucket(run), frame: self.frames.get(from).copied(), gap }
    }
}

/// Buckets of a match's length in frames: up to 3, 7, 11, 15, 23, 31, 63 and more.
fn bucket(run: u32) -> u32 {
    const BOUNDS: [u32; 8] = [1, 4, 8, 12, 16, 24, 32, 64];
    BOUNDS.iter().filter(|bound| run >= **bound).count() as u32
}

/// Distances from the end that are told apart.
pub(super) const TO_GO: u32 = 29;

/// Frames to the end: the last sixteen each, then bars.
fn to_go(frames: usize) -> u32 {
    let bars = frames.saturating_sub(1) / 16;
    (if bars == 0 { frames.max(1) } else { 16 + bars }).min(TO_GO as usize - 1) as u32
}
