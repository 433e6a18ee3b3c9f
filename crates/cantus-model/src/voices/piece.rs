//! Pieces of four voices, step by step.

use cantus_score::{Key, Meter, Pitch};

use crate::encoding::{Length, MeterSpan, Part, STEPS_PER_QUARTER, SliceNote, Sliced, Steps};
use crate::styles::heard_key;

/// Voices of a piece, from the highest.
pub const VOICES: usize = 4;

/// Grid steps of a sixteenth.
pub(super) const SIXTEENTH: u32 = STEPS_PER_QUARTER / 4;

/// What the voices sing at a sixteenth, from the highest; nothing where one is silent.
pub type Frame = [Option<Pitch>; VOICES];

/// A piece of four voices, a frame a sixteenth. A note struck again is taken for one that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoicedPiece {
    /// The frames.
    pub frames: Vec<Frame>,
}

/// Frames that may pass till something is asked again.
pub(super) const MOST_GAP: usize = 16;

/// A moment of a piece at which something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// The number of its frame.
    pub(super) at: usize,
    /// Whether it differs from the frame before; else nothing changed for [`MOST_GAP`] frames.
    pub(super) changes: bool,
    /// Frames till the next moment, or the end.
    pub(super) gap: usize,
    pub(super) then: Then,
}

/// What comes after the gap of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Change,
    /// Nothing changed for [`MOST_GAP`] frames.
    Same,
    /// The piece ends; when something would have changed is not known.
    End,
}

/// A piece is not one of four voices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotVoices {
    /// It has another number of parts.
    #[error("it must have four parts, but has {0}")]
    Parts(usize),
    /// A part sings two notes at once.
    #[error("each part must sing one note at a time, but part {0} sings two at once")]
    Chords(usize),
    /// A note begins or ends between sixteenths.
    #[error("notes must begin and end on sixteenths, but one of part {0} does not")]
    OffGrid(usize),
}

impl VoicedPiece {
    /// Reads the frames of a piece on the grid.
    pub fn of_piece(piece: &Sliced) -> Result<Self, NotVoices> {
        if piece.parts.len() != VOICES {
            return Err(NotVoices::Parts(piece.parts.len()));
        }
        let mut frames = vec![Frame::default(); piece.end().div_ceil(SIXTEENTH) as usize];
        for slice in &piece.slices {
            for note in &slice.notes {
                let (voice, length) = (usize::from(note.part), note.length.steps());
                if !slice.at.is_multiple_of(SIXTEENTH) || !length.is_multiple_of(SIXTEENTH) {
                    return Err(NotVoices::OffGrid(voice + 1));
                }
                let (from, to) = (slice.at / SIXTEENTH, (slice.at + length) / SIXTEENTH);
                for frame in &mut frames[from as usize..to as usize] {
                    if frame[voice].replace(note.pitch).is_some() {
                        return Err(NotVoices::Chords(voice + 1));
                    }
                }
            }
        }
        Ok(Self { frames })
    }

    /// Its notes with the times at which they begin, in grid steps: of each voice as the part of its number.
    pub fn notes(&self) -> Vec<(Steps, SliceNote)> {
        let mut notes = Vec::new();
        for voice in 0..VOICES {
            let mut from = 0;
            for same in self.frames.chunk_by(|one, next| one[voice] == next[voice]) {
                let length = Length::saturating(same.len() as u32 * SIXTEENTH);
                let note = |pitch| SliceNote { part: voice as u8, pitch, length, level: None };
                notes.extend(same[0][voice].map(|pitch| (from * SIXTEENTH, note(pitch))));
                from += same.len() as u32;
            }
        }
        notes
    }

    /// The piece on the grid of slices, in 4/4, for voices without names.
    pub(super) fn sliced(&self) -> Sliced {
        let part = Part { name: String::new(), program: 0, drums: false, monophonic: true };
        let empty = Sliced {
            title: String::new(),
            tempo: None,
            key: None,
            parts: vec![part; VOICES],
            pickup: 0,
            meters: vec![MeterSpan { from: 0, meter: Meter::FOUR_FOUR }],
            slices: Vec::new(),
        };
        empty.with_notes(self.notes())
    }

    /// The key that is heard in it.
    pub fn key(&self) -> Option<Key> {
        heard_key(&self.sliced())
    }

    /// The moments at which something is asked, in their order.
    pub(super) fn moments(&self) -> Vec<Moment> {
        let mut moments = Vec::new();
        let mut at = 0;
        while let Some(frame) = self.frames.get(at) {
            let rest = &self.frames[at..];
            let same = rest.iter().take_while(|other| *other == frame).count();
            let gap = same.min(MOST_GAP);
            let then = match same {
                _ if same > MOST_GAP => Then::Same,
                _ if same == rest.len() => Then::End,
                _ => Then::Change,
            };
            moments.push(Moment { at, changes: at == 0 || self.frames[at - 1] != *frame, gap, then });
            at += gap;
        }
        moments
    }

    /// The piece so many semitones higher; nothing where a note leaves the keyboard.
    pub fn transposed(&self, semitones: i32) -> Option<Self> {
        let moved = |note: Option<Pitch>| match note {
            Some(pitch) => pitch.transposed(semitones).map(Some),
            None => Some(None),
        };
        let frames = self.frames.iter().map(|frame| {
            let mut higher = Frame::default();
            for (higher, note) in higher.iter_mut().zip(frame) {
                *higher = moved(*note)?;
            }
            Some(higher)
        });
        Some(Self { frames: frames.collect::<Option<_>>()? })
    }

    /// The lowest and the highest note of each voice.
    pub(super) fn ranges(&self) -> [Option<(Pitch, Pitch)>; VOICES] {
        std::array::from_fn(|voice| {
            let notes = || self.frames.iter().filter_map(|frame| frame[voice]);
            Some((notes().min()?, notes().max()?))
        })
    }
}
