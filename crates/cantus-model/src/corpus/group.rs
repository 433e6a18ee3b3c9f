//! Joining relatives into groups.

use std::collections::HashMap;
use std::hash::Hash;
use std::io;

use super::Runs;
use super::fingerprint::Fingerprint;

/// A piece to be joined with its relatives.
#[derive(Clone, Copy)]
pub(super) struct Mark<'a> {
    /// Its marks.
    pub(super) print: &'a Fingerprint,
    /// Its number among the runs.
    pub(super) number: u32,
    /// Words that it shares with what it must stay together with.
    pub(super) with: &'a [String],
}

/// Gives each piece the number of its group; groups are numbered in the order of their first pieces.
pub(super) fn groups(marks: &[Mark<'_>], runs: &Runs) -> io::Result<Vec<usize>> {
    let prints: Vec<&Fingerprint> = marks.iter().map(|mark| mark.print).collect();
    let prints = &*prints;
    let mut sets = Sets::new(prints.len());
    let counts = title_counts(prints.iter().copied());
    sets.join_by(prints, |print| print.titles.iter().filter(|title| tells(&counts, title, prints.len())));
    sets.join_by(prints, |print| Some(print.shape));
    sets.join_by(marks, |mark| mark.with);
    let mut place_of = vec![None; runs.pieces()];
    for (place, mark) in marks.iter().enumerate() {
        place_of[mark.number as usize] = Some(place);
    }
    runs.shared(|same| {
        let mut places = same.iter().filter_map(|(_, piece)| place_of[*piece as usize]);
        if let Some(first) = places.next() {
            places.for_each(|place| sets.join(first, place));
        }
    })?;
    Ok(sets.numbered())
}

/// How many pieces bear each title.
pub(super) fn title_counts<'a>(prints: impl Iterator<Item = &'a Fingerprint>) -> HashMap<&'a str, usize> {
    let mut counts = HashMap::new();
    for title in prints.flat_map(|print| &print.titles) {
        *counts.entry(title.as_str()).or_default() += 1;
    }
    counts
}

/// Whether a title tells a piece: one that very many bear names a track ("MIDI Drums") or a collection.
pub(super) fn tells(counts: &HashMap<&str, usize>, title: &str, pieces: usize) -> bool {
    let common = (pieces / 8).clamp(3, 100);
    counts.get(title).is_some_and(|&count| count <= common)
}

/// Disjoint sets of pieces.
struct Sets {
    parent: Vec<usize>,
}

impl Sets {
    fn new(len: usize) -> Self {
        Self { parent: (0..len).collect() }
    }

    /// Joins all pieces that share one of the marks.
    fn join_by<Piece: Copy, Mark: Hash + Eq, Marks: IntoIterator<Item = Mark>>(
        &mut self,
        pieces: &[Piece],
        marks: impl Fn(Piece) -> Marks,
    ) {
        let mut first = HashMap::new();
        for (piece, print) in pieces.iter().enumerate() {
            for mark in marks(*print) {
                let earlier = *first.entry(mark).or_insert(piece);
                self.join(earlier, piece);
            }
        }
    }

    fn root(&mut self, mut piece: usize) -> usize {
        while self.parent[piece] != piece {
            self.parent[piece] = self.parent[self.parent[piece]];
            piece = self.parent[piece];
        }
        piece
    }

    /// The earlier piece becomes the root, so that numbers follow the order of pieces.
    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }

    fn numbered(mut self) -> Vec<usize> {
        let mut numbers = HashMap::new();
        (0..self.parent.len())
            .map(|piece| {
                let (root, next) = (self.root(piece), numbers.len());
                *numbers.entry(root).or_insert(next)
            })
            .collect()
    }
}
