//! What can be done with a piece: each kind of work as a task.

use std::ops::Range;

use cantus_model::encoding::{Part, Sliced, Steps};
use cantus_model::styles::{Style, StylePart};
use cantus_model::walk::bar_steps;
use cantus_nn::Rng;
use cantus_score::{Instrument, Score};

use super::WHOLE;
use super::holes::{Hole, Holes};
use super::original::Original;
use super::task::{How, Keep, Task};
use crate::error::ComposeError;
use crate::plan::with_single_bows;

/// The longest that a piece is continued by, in bars.
const MOST_BARS: u32 = 999;

impl Original {
    /// Goes on where the piece ends, for so many bars.
    pub fn to_continue(&self, bars: u32, how: How) -> Result<Task, ComposeError> {
        if !(1..=MOST_BARS).contains(&bars) {
            let value = bars.to_string();
            return Err(ComposeError::Range { what: "bars to continue by", rule: "from 1 to 999", value });
        }
        let lines = self.bars();
        let last = lines.last().copied().unwrap_or(0);
        let from = self.piece.end().min(last);
        let until = last + bars * self.last_bar();
        let parts = 0..self.piece.parts.len();
        let holes = parts.map(|part| Hole { part, steps: from..until });
        Ok(task(self.piece.clone(), self.parts(), (holes, until), how))
    }

    /// Makes some bars of some parts anew, or of all.
    pub fn to_infill(
        &self,
        bars: &Range<u32>,
        parts: Option<&[usize]>,
        how: How,
    ) -> Result<Task, ComposeError> {
        let steps = self.span(bars)?;
        let all: Vec<usize> = (0..self.piece.parts.len()).collect();
        let holes = parts.unwrap_or(&all).iter().map(|part| Hole { part: *part, steps: steps.clone() });
        Ok(task(self.piece.clone(), self.parts(), (holes, self.end()), how))
    }

    /// Adds parts that play from the beginning to the end.
    pub fn to_accompany(&self, added: &[StylePart], how: How) -> Result<Task, ComposeError> {
        if added.is_empty() {
            let rule = "at least one part that is not there yet";
            return Err(ComposeError::Range { what: "an accompaniment", rule, value: "none".into() });
        }
        let mut parts = self.parts();
        let first = parts.len();
        parts.extend(added.iter().cloned());
        with_single_bows(&mut parts[first..], &how.restraints);
        let piece =
            Sliced { parts: parts.iter().map(|part| part.part.clone()).collect(), ..self.piece.clone() };
        let holes = (first..parts.len()).map(|part| Hole { part, steps: 0..self.end() });
        Ok(task(piece, parts, (holes, self.end()), how))
    }

    /// Sets the only part of a piece as the melody of a style: the style's other parts are added.
    pub fn to_harmonize(&self, style: &Style, how: How) -> Result<Task, ComposeError> {
        let (melody, others) = beside_the_melody(style);
        let Some(melody) = melody.filter(|_| !others.is_empty()) else {
            let rule = "one with a melody and at least one part beside it";
            return Err(ComposeError::Range {
                what: "a style to harmonize in",
                rule,
                value: style.name.clone(),
            });
        };
        let mut task = self.to_accompany(&others, how)?;
        // The network hears the melody as the part that it knows.
        if let (Some(own), Some(part)) = (task.piece.parts.first_mut(), task.parts.first_mut()) {
            own.name.clone_from(&melody.part.name);
            own.program = melody.part.program;
            part.part = own.clone();
        }
        Ok(task)
    }

    /// Makes about a share of the notes anew, bar by bar and part by part, drawn by the seed; `keep` says what of the notes stays.
    pub fn to_vary(&self, share: f64, keep: Keep, how: How) -> Result<Task, ComposeError> {
        if !(0.0..=1.0).contains(&share) {
            let value = share.to_string();
            return Err(ComposeError::Range { what: "how much is varied", rule: "from 0 to 1", value });
        }
        let holes = self.some_bars(share, how.seed);
        let varied = task(self.piece.clone(), self.parts(), (holes, self.end()), how);
        Ok(Task { keep, is_variation: true, ..varied })
    }

    /// Bars of parts that have about a share of all notes.
    pub(crate) fn some_bars(&self, share: f64, seed: u64) -> Vec<Hole> {
        let lines = self.bars();
        let bars: Vec<Range<Steps>> = lines.windows(2).map(|pair| pair[0]..pair[1]).collect();
        let mut cells: Vec<(Hole, usize)> = Vec::new();
        for part in 0..self.piece.parts.len() {
            for bar in &bars {
                let within = |at: Steps| bar.contains(&at);
                let slices = self.piece.slices.iter().filter(|slice| within(slice.at));
                let notes = slices.flat_map(|slice| &slice.notes);
                let count = notes.filter(|note| usize::from(note.part) == part).count();
                if count > 0 {
                    cells.push((Hole { part, steps: bar.clone() }, count));
                }
            }
        }
        let wanted = share * self.piece.note_count() as f64;
        let mut rng = Rng::new(seed).fork(u64::MAX - 1);
        let (mut holes, mut made) = (Vec::new(), 0.0);
        while !cells.is_empty() {
            let (hole, count) = cells.swap_remove(rng.below(cells.len()));
            let count = count as f64;
            // A bar is taken if that brings the share nearer.
            if made + count / 2.0 <= wanted {
                made += count;
                holes.push(hole);
            }
        }
        holes
    }

    /// The piece with one of its parts alone.
    pub fn alone(&self, part: usize) -> Result<Self, ComposeError> {
        let mut score = self.score.clone();
        let own = self.track_of(part).and_then(|track| score.tracks.get(track)).cloned();
        score.tracks = own.into_iter().collect();
        Self::new(score)
    }

    /// The part that lies highest, drums left out.
    pub fn melody(&self) -> Option<usize> {
        let height = |part: usize| {
            let notes = self.piece.slices.iter().flat_map(|slice| &slice.notes);
            let own: Vec<u64> = notes
                .filter(|note| usize::from(note.part) == part)
                .map(|note| u64::from(note.pitch.get()) * 1000)
                .collect();
            own.iter().sum::<u64>() / own.len().max(1) as u64
        };
        let pitched = (0..self.piece.parts.len()).filter(|part| !self.piece.parts[*part].drums);
        pitched.max_by_key(|part| (height(*part), std::cmp::Reverse(*part)))
    }

    /// The end of the last bar, or of what sounds beyond it.
    fn end(&self) -> Steps {
        self.bars().last().copied().unwrap_or(0).max(self.piece.end())
    }

    fn last_bar(&self) -> Steps {
        self.piece.meters.last().map_or(WHOLE, |span| bar_steps(span.meter))
    }
}

fn task(
    piece: Sliced,
    parts: Vec<StylePart>,
    (holes, end): (impl IntoIterator<Item = Hole>, Steps),
    how: How,
) -> Task {
    let holes = Holes::new(parts.len(), holes);
    Task { piece, parts, holes, end, keep: Keep::Nothing, is_variation: false, how }
}

/// The parts of a style that play beside its melody: all but the highest that has pitches.
pub fn beside_the_melody(style: &Style) -> (Option<&StylePart>, Vec<StylePart>) {
    let height = |part: &StylePart| u32::from(part.low) + u32::from(part.high);
    let pitched = style.parts.iter().enumerate().filter(|(_, part)| !part.part.drums);
    let melody = pitched.max_by_key(|(index, part)| (height(part), std::cmp::Reverse(*index)));
    let others =
        style.parts.iter().enumerate().filter(|(index, _)| Some(*index) != melody.map(|(index, _)| index));
    (melody.map(|(_, part)| part), others.map(|(_, part)| part.clone()).collect())
}

/// The share of a score's notes that another does not have: same track, beginning and pitch.
pub fn share_of_new_notes(before: &Score, after: &Score) -> f64 {
    let notes = |score: &Score| -> std::collections::BTreeSet<(usize, u32, u8)> {
        let of_track = |(index, track): (usize, &cantus_score::Track)| {
            track.notes.iter().map(move |note| (index, note.start.0, note.pitch.get())).collect::<Vec<_>>()
        };
        score.tracks.iter().enumerate().flat_map(of_track).collect()
    };
    let (before, after) = (notes(before), notes(after));
    after.difference(&before).count() as f64 / after.len().max(1) as f64
}

/// The part of an instrument for an accompaniment.
pub fn part_of_instrument(name: &str, instrument: Instrument) -> StylePart {
    let Instrument { program, low, high, is_single } = instrument;
    let part = Part { name: name.to_owned(), program: program.get(), drums: false, monophonic: is_single };
    StylePart { part, low: low.get(), high: high.get(), share: 0 }
}
