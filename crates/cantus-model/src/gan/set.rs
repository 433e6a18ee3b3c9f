//! The phrases of a corpus, by style.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cantus_features::{Window, key};
use cantus_nn::Rng;
use cantus_score::{Key, Score};

use super::phrase::{Phrase, PhraseNote};
use super::roles::{self, Role};
use crate::corpus::{Corpus, CorpusError, Progress, Reader, Runs, ScanOptions, Split, scan_keeping};
use crate::encoding::{Part, Sliced};
use crate::styles::{Style, StylePart, Tally, measure};

/// With fewer phrases of a style to learn from, its network would learn them by heart.
pub const FEWEST_PHRASES: usize = 50;
/// Most phrases that one piece gives.
const MOST_OF_PIECE: usize = 32;
/// Most phrases of a style that are held out for validation, and for the test.
const MOST_HELD_OUT: usize = 1000;

/// What is kept of a piece.
#[derive(Debug, Clone)]
pub struct PiecePhrases {
    /// Its phrases.
    pub phrases: Vec<Phrase>,
    /// The program of each track.
    programs: [Option<u8>; 4],
    /// What it adds to its style.
    tally: Tally,
}

impl PiecePhrases {
    /// Cuts a score.
    pub fn of_score(score: &Score) -> Self {
        let piece = Sliced::of_score(score);
        let home: Option<Key> = key::of_piece(&Window::of_bars(score)).map(|estimate| estimate.key);
        let mut phrases = Phrase::of_piece(&piece, home);
        if phrases.len() > MOST_OF_PIECE {
            let count = phrases.len();
            phrases =
                (0..MOST_OF_PIECE).map(|index| phrases[index * count / MOST_OF_PIECE].clone()).collect();
        }
        let mut counts: [BTreeMap<u8, u32>; 4] = Default::default();
        for note in roles::of_piece(&piece) {
            *counts[note.role.index()].entry(piece.parts[note.part].program).or_default() += 1;
        }
        let programs = counts
            .map(|counts| counts.into_iter().max_by_key(|(_, count)| *count).map(|(program, _)| program));
        let mut tally = Tally::default();
        tally.add(&piece, &measure(&piece));
        Self { phrases, programs, tally }
    }
}

/// Phrases to learn from, to stop by and to measure on.
#[derive(Debug, Clone)]
pub struct PhraseSet {
    /// The styles.
    pub styles: Vec<Style>,
    /// The phrases of each split and, in it, of each style.
    splits: [Vec<Vec<Phrase>>; 3],
}

/// Why a corpus has no phrases to learn from.
#[derive(Debug, thiserror::Error)]
pub enum PhraseError {
    /// There is no corpus.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// Styles have too few phrases.
    #[error(
        "each style needs at least {FEWEST_PHRASES} phrases of four bars to learn from, but {style} has {found}; give it more \
         pieces, leave it out with --styles, or put it into the folder of a style like it"
    )]
    TooFew {
        /// The style.
        style: String,
        /// How many phrases it has.
        found: usize,
    },
    /// Nothing is held out.
    #[error(
        "training needs phrases of each style that it does not learn from, but {0} has none; give it at least two unrelated \
         pieces"
    )]
    NoneHeldOut(String),
}

impl PhraseSet {
    /// Reads music and cuts it; at most so many phrases of a style are learnt from, chosen by chance.
    pub fn read(
        paths: &[PathBuf],
        options: &ScanOptions,
        (most, seed): (usize, u64),
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(Self, Corpus<PiecePhrases>), PhraseError> {
        let keep = |score: Score| Ok(PiecePhrases::of_score(&score));
        let corpus = scan_keeping(paths, options, &Runs::new(None), &Reader { progress, keep: &keep })?;
        let set = Self::of_corpus(&corpus, (most, seed))?;
        Ok((set, corpus))
    }

    /// The phrases of a corpus that has been read.
    pub fn of_corpus(corpus: &Corpus<PiecePhrases>, (most, seed): (usize, u64)) -> Result<Self, PhraseError> {
        let names = corpus.styles();
        let rng = Rng::new(seed);
        let of_style = |split: Split, name: &str, most: usize, stream: usize| {
            let pieces = corpus.of(split).filter(|piece| piece.style == name);
            let phrases = pieces.flat_map(|piece| piece.score.phrases.iter().cloned()).collect();
            some_of(phrases, most, &mut rng.fork(stream as u64))
        };
        let held = |split| {
            names.iter().enumerate().map(|(i, name)| of_style(split, name, MOST_HELD_OUT, 1000 + i)).collect()
        };
        let train: Vec<_> =
            names.iter().enumerate().map(|(i, name)| of_style(Split::Train, name, most, i)).collect();
        let splits: [Vec<Vec<Phrase>>; 3] = [train, held(Split::Valid), held(Split::Test)];
        for (index, name) in names.iter().enumerate() {
            let found = splits[0][index].len();
            if found < FEWEST_PHRASES {
                return Err(PhraseError::TooFew { style: (*name).to_owned(), found });
            }
            if splits[1][index].is_empty() && splits[2][index].is_empty() {
                return Err(PhraseError::NoneHeldOut((*name).to_owned()));
            }
        }
        let style = |(name, phrases): (&&str, &Vec<Phrase>)| {
            let pieces = corpus.of(Split::Train).filter(|piece| piece.style == **name);
            describe(name, phrases, pieces.map(|piece| &piece.score))
        };
        let styles = names.iter().zip(&splits[0]).map(style).collect();
        Ok(Self { styles, splits })
    }

    /// The phrases of a split, by style.
    pub fn of(&self, split: Split) -> &[Vec<Phrase>] {
        let place = Split::ALL.iter().position(|one| *one == split).unwrap_or(0);
        &self.splits[place]
    }

    /// The phrases of a style that are not learnt from: of the validation, or of the test where that has none.
    pub fn held_out(&self, style: usize) -> &[Phrase] {
        let of = |split| self.of(split).get(style).map_or(&[][..], Vec::as_slice);
        if of(Split::Valid).is_empty() { of(Split::Test) } else { of(Split::Valid) }
    }
}

/// At most so many, in the order in which they were.
fn some_of(phrases: Vec<Phrase>, most: usize, rng: &mut Rng) -> Vec<Phrase> {
    if phrases.len() <= most {
        return phrases;
    }
    let mut places: Vec<usize> = (0..phrases.len()).collect();
    rng.shuffle(&mut places);
    places.truncate(most);
    places.sort_unstable();
    places.into_iter().map(|place| phrases[place].clone()).collect()
}

/// A style whose parts are the tracks that most of its phrases have.
fn describe<'a>(name: &str, phrases: &[Phrase], pieces: impl Iterator<Item = &'a PiecePhrases>) -> Style {
    let mut tally = Tally::default();
    let mut programs: [BTreeMap<u8, u32>; 4] = Default::default();
    for piece in pieces {
        tally.join_but_for_settings(piece.tally.clone());
        for (counts, program) in programs.iter_mut().zip(piece.programs) {
            if let Some(program) = program {
                *counts.entry(program).or_default() += 1;
            }
        }
    }
    let settings = phrases.iter().map(|phrase| Role::ALL.map(|role| phrase.has(role)));
    let plays = counted(settings).first().map_or([true; 4], |(plays, _)| *plays);
    let playing = Role::ALL.into_iter().filter(|role| plays[role.index()]);
    let parts = playing.filter_map(|role| part(role, phrases, &programs[role.index()]));
    Style { parts: parts.collect(), ..tally.style(name) }
}

/// A track as a part; nothing where no phrase has notes in it.
fn part(role: Role, phrases: &[Phrase], programs: &BTreeMap<u8, u32>) -> Option<StylePart> {
    let notes = || phrases.iter().flat_map(|phrase| &phrase.notes);
    let (own, all) = (notes().filter(|note| note.role == role), notes().count());
    let share = (100 * own.clone().count() / all.max(1)) as u8;
    // The few notes beyond are strays: a thousandth at either side.
    let mut keys: Vec<u8> = own.map(PhraseNote::key).collect();
    keys.sort_unstable();
    let stray = keys.len() / 1000;
    let (low, high) = (*keys.get(stray)?, *keys.get(keys.len() - 1 - stray)?);
    let usual = programs.iter().max_by_key(|(_, count)| **count).map_or(0, |(program, _)| *program);
    // Transposed into any key, a part reaches further.
    let reach = if role == Role::Drums { 0 } else { 6 };
    let title = role.name().chars().take(1).flat_map(char::to_uppercase).chain(role.name().chars().skip(1));
    Some(StylePart {
        part: Part {
            name: title.collect(),
            program: if role == Role::Drums { 0 } else { usual },
            drums: role == Role::Drums,
            monophonic: role.is_single(),
        },
        low: low.saturating_sub(reach),
        high: (high + reach).min(127),
        share,
    })
}

/// How often each thing is there, the commonest first.
fn counted<T: Ord + Copy>(things: impl Iterator<Item = T>) -> Vec<(T, u32)> {
    let mut counts: BTreeMap<T, u32> = BTreeMap::new();
    things.for_each(|thing| *counts.entry(thing).or_default() += 1);
    let mut list: Vec<(T, u32)> = counts.into_iter().collect();
    list.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
    list
}
