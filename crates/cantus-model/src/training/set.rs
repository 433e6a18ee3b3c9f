//! What a network learns from: pieces on the grid, measured, with the transpositions they may take.

use cantus_score::Pitch;

use crate::corpus::{Corpus, Split};
use crate::encoding::Sliced;
use crate::styles::{Measured, Style, measure};

/// A piece ready for training or validation.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// Its name in the corpus.
    pub name: String,
    /// Index of its style.
    pub style: u32,
    /// The notes.
    pub piece: Sliced,
    /// What was measured of it, as conditions.
    pub measured: Measured,
    /// Semitones by which it may be transposed within the range of its style; 0 is always among them.
    pub shifts: Vec<i32>,
}

/// Pieces to learn from and pieces to stop by.
#[derive(Debug, Clone, Default)]
pub struct TrainingSet {
    /// Training pieces.
    pub train: Vec<Prepared>,
    /// Validation pieces.
    pub valid: Vec<Prepared>,
    /// The styles, described by the training pieces.
    pub styles: Vec<Style>,
}

/// Why a corpus cannot be learnt from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SetError {
    /// Too few pieces are left for training.
    #[error("training needs at least one piece to learn from, but after the split none is left")]
    NoTraining,
    /// Nothing is left to validate by.
    #[error("training needs at least one piece to validate by, so at least two unrelated pieces in all")]
    NoValidation,
}

impl TrainingSet {
    /// Prepares a corpus; pieces of the test split are left out. Pieces may be transposed by at most
    /// `transposition` semitones.
    pub fn of_corpus(corpus: &Corpus, transposition: i32) -> Result<Self, SetError> {
        let names = corpus.styles();
        let mut train = prepared(corpus, Split::Train, &names);
        let valid = prepared(corpus, Split::Valid, &names);
        if train.is_empty() {
            return Err(SetError::NoTraining);
        }
        if valid.is_empty() {
            return Err(SetError::NoValidation);
        }
        let of_style = |style: usize| train.iter().filter(move |piece| piece.style as usize == style);
        let styles: Vec<Style> = names
            .iter()
            .enumerate()
            .map(|(index, name)| {
                Style::of_pieces(name, &of_style(index).map(|piece| &piece.piece).collect::<Vec<_>>())
            })
            .collect();
        for style in 0..styles.len() as u32 {
            allow_shifts(&mut train, style, transposition);
        }
        Ok(Self { train, valid, styles })
    }

    /// Whether any piece has drums.
    pub fn has_drums(&self) -> bool {
        self.pieces().any(|piece| piece.piece.parts.iter().any(|part| part.drums))
    }

    /// Whether any piece has known velocities.
    pub fn has_dynamics(&self) -> bool {
        self.pieces().any(|piece| piece.piece.has_dynamics())
    }

    fn pieces(&self) -> impl Iterator<Item = &Prepared> {
        self.train.iter().chain(&self.valid)
    }
}

fn prepared(corpus: &Corpus, split: Split, styles: &[&str]) -> Vec<Prepared> {
    let pieces = corpus.of(split).map(|source| {
        let piece = Sliced::of_score(&source.score);
        let style = styles.iter().position(|style| *style == source.style).unwrap_or(0) as u32;
        Prepared { name: source.name.clone(), style, measured: measure(&piece), piece, shifts: vec![0] }
    });
    pieces.filter(|prepared| prepared.piece.note_count() > 0).collect()
}

/// Lets the pieces of a style be transposed as far as each part stays in the range that it has in some piece.
fn allow_shifts(pieces: &mut [Prepared], style: u32, most: i32) {
    let mut ranges: Vec<Option<(Pitch, Pitch)>> = Vec::new();
    for piece in pieces.iter().filter(|piece| piece.style == style) {
        for (index, range) in part_ranges(&piece.piece).into_iter().enumerate() {
            ranges.resize(ranges.len().max(index + 1), None);
            ranges[index] = joined(ranges[index], range);
        }
    }
    for piece in pieces.iter_mut().filter(|piece| piece.style == style) {
        let own = part_ranges(&piece.piece);
        let fits = |shift: &i32| {
            *shift == 0 || own.iter().zip(&ranges).all(|(own, range)| within(*own, *range, *shift))
        };
        piece.shifts = (-most..=most).filter(fits).collect();
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
