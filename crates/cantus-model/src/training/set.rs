//! What a network learns from: pieces on the grid, kept on the disk, with the transpositions they may take.

use std::path::{Path, PathBuf};

use cantus_score::{Pitch, Score};

use super::store::{Kept, Store, StoreError};
use crate::corpus::{
    Corpus, CorpusError, Piece, Progress, Reader, Runs, ScanOptions, Split, nameless, scan_keeping,
};
use crate::encoding::{STEPS_PER_QUARTER, Sliced};
use crate::styles::{Measured, Style, Tally, measure};

/// A piece ready for training or validation. Its notes stay on the disk; what is here takes some hundred bytes.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// Index of its style.
    pub style: u32,
    /// Where its notes are.
    pub kept: Kept,
    /// How many slices it has.
    pub slices: u32,
    /// What was measured of it, as conditions.
    pub measured: Measured,
    /// The lowest and the highest number of semitones by which it may be transposed within the range of its style;
    /// 0 is always among them.
    pub shifts: (i32, i32),
}

impl Prepared {
    /// How many notes it has, nearly: a pickup's are missing.
    pub fn notes(&self) -> u64 {
        let quarters = f64::from(self.measured.length) / f64::from(STEPS_PER_QUARTER);
        (self.measured.density * quarters).round() as u64
    }
}

/// Pieces to learn from and pieces to stop by.
#[derive(Debug)]
pub struct TrainingSet {
    /// Where all notes are.
    pub store: Store,
    /// Training pieces.
    pub train: Vec<Prepared>,
    /// Validation pieces.
    pub valid: Vec<Prepared>,
    /// The styles, described by the training pieces.
    pub styles: Vec<Style>,
    /// Whether any piece has drums.
    pub has_drums: bool,
    /// Whether any piece has known velocities.
    pub has_dynamics: bool,
}

/// Why a corpus cannot be learnt from.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// Too few pieces are left for training.
    #[error("training needs at least one piece to learn from, but after the split none is left")]
    NoTraining,
    /// Nothing is left to validate by.
    #[error("training needs at least one piece to validate by, so at least two unrelated pieces in all")]
    NoValidation,
    /// There is no corpus.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// A piece that was kept cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TrainingSet {
    /// Reads music and prepares it; pieces of the test split are left out. Pieces may be transposed by at most
    /// `transposition` semitones. The notes are kept on the disk of `folder`.
    pub fn read(
        paths: &[PathBuf],
        options: &ScanOptions,
        transposition: i32,
        folder: &Path,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(Self, Corpus<Kept>), SetError> {
        let unkept = CorpusError::Unkept;
        let store = Store::new(folder).map_err(unkept)?;
        let runs = Runs::new(Some(nameless(folder, "runs.part").map_err(unkept)?));
        let keep = |score: Score| store.put(&Sliced::learned_from(&score));
        let corpus = scan_keeping(paths, options, &runs, &Reader { progress, keep: &keep })?;
        drop(runs);
        Ok((Self::of_corpus(store, &corpus, transposition)?, corpus))
    }

    fn of_corpus(store: Store, corpus: &Corpus<Kept>, transposition: i32) -> Result<Self, SetError> {
        let names = corpus.styles();
        let style_of = |piece: &Piece<Kept>| names.iter().position(|name| *name == piece.style).unwrap_or(0);
        let pieces = |split| corpus.of(split).map(|piece| (style_of(piece) as u32, piece.score));
        Self::of_pieces(store, &names, pieces(Split::Train), pieces(Split::Valid), transposition)
    }

    /// Prepares pieces of a store, each with the index of its style.
    pub fn of_pieces(
        store: Store,
        names: &[&str],
        train: impl Iterator<Item = (u32, Kept)>,
        valid: impl Iterator<Item = (u32, Kept)>,
        transposition: i32,
    ) -> Result<Self, SetError> {
        let mut survey = Survey::new(names.len());
        let mut prepared = Vec::new();
        for (style, kept) in train {
            let piece = store.get(kept)?;
            if let Some(one) = survey.prepared(&piece, style, kept) {
                survey.add(&piece, &one);
                prepared.push(one);
            }
        }
        let mut held_out = Vec::new();
        for (style, kept) in valid {
            held_out.extend(survey.prepared(&store.get(kept)?, style, kept));
        }
        if prepared.is_empty() {
            return Err(SetError::NoTraining);
        }
        if held_out.is_empty() {
            return Err(SetError::NoValidation);
        }
        survey.allow_shifts(&mut prepared, transposition);
        let Survey { tallies, has_drums, has_dynamics, .. } = survey;
        let styles = names.iter().zip(tallies).map(|(name, tally)| tally.style(name)).collect();
        Ok(Self { store, train: prepared, valid: held_out, styles, has_drums, has_dynamics })
    }
}

/// What is learnt of the pieces while each passes by once.
struct Survey {
    tallies: Vec<Tally>,
    /// The ranges of the training pieces' parts, in their order.
    ranges: Vec<Vec<Range>>,
    has_drums: bool,
    has_dynamics: bool,
}

impl Survey {
    fn new(styles: usize) -> Self {
        let tallies = vec![Tally::default(); styles];
        Self { tallies, ranges: Vec::new(), has_drums: false, has_dynamics: false }
    }

    /// Measures a piece, unless it has no notes.
    fn prepared(&mut self, piece: &Sliced, style: u32, kept: Kept) -> Option<Prepared> {
        if piece.note_count() == 0 {
            return None;
        }
        self.has_drums |= piece.parts.iter().any(|part| part.drums);
        self.has_dynamics |= piece.has_dynamics();
        let slices = piece.slices.len() as u32;
        Some(Prepared { style, kept, slices, measured: measure(piece), shifts: (0, 0) })
    }

    /// Takes note of a training piece.
    fn add(&mut self, piece: &Sliced, prepared: &Prepared) {
        self.tallies[prepared.style as usize].add(piece, &prepared.measured);
        self.ranges.push(part_ranges(piece));
    }

    /// Lets pieces be transposed as far as each part stays in the range that it has in some piece of the style.
    fn allow_shifts(&self, pieces: &mut [Prepared], most: i32) {
        let mut of_style: Vec<Vec<Range>> = vec![Vec::new(); self.tallies.len()];
        for (piece, own) in pieces.iter().zip(&self.ranges) {
            let ranges = &mut of_style[piece.style as usize];
            ranges.resize(ranges.len().max(own.len()), None);
            for (range, own) in ranges.iter_mut().zip(own) {
                *range = joined(*range, *own);
            }
        }
        for (piece, own) in pieces.iter_mut().zip(&self.ranges) {
            let ranges = &of_style[piece.style as usize];
            let fits = |shift: &i32| own.iter().zip(ranges).all(|(own, range)| within(*own, *range, *shift));
            let down = (1..=most).take_while(|shift| fits(&-shift)).count() as i32;
            let up = (1..=most).take_while(|shift| fits(shift)).count() as i32;
            piece.shifts = (-down, up);
        }
    }
}

type Range = Option<(Pitch, Pitch)>;

fn part_ranges(piece: &Sliced) -> Vec<Range> {
    let mut ranges = vec![None; piece.parts.len()];
    for note in piece.slices.iter().flat_map(|slice| &slice.notes) {
        let part = note.part as usize;
        if !piece.parts[part].drums {
            ranges[part] = joined(ranges[part], Some((note.pitch, note.pitch)));
        }
    }
    ranges
}

fn joined(one: Range, other: Range) -> Range {
    match (one, other) {
        (Some((low, high)), Some((other_low, other_high))) => {
            Some((low.min(other_low), high.max(other_high)))
        }
        _ => one.or(other),
    }
}

fn within(own: Range, range: Range, shift: i32) -> bool {
    let (Some((low, high)), Some((lowest, highest))) = (own, range) else { return true };
    let fits =
        |pitch: Pitch| pitch.transposed(shift).is_some_and(|pitch| (lowest..=highest).contains(&pitch));
    fits(low) && fits(high)
}
