//! Work on the user's own music: what was not asked to change comes back as it was.

use std::path::Path;

use cantus_compose::edit::{How, Keep, Original, Task, share_of_new_notes};
use cantus_compose::{ComposeError, Composer, PhraseComposer, Trace};
use cantus_model::encoding::{Sliced, Steps};
use cantus_model::styles::Style;
use cantus_score::Score;

use crate::compose::{Drawn, impossible};
use crate::error::{Error, Kind};
use crate::{OutputFormat, SoundOptions, encode, json, read, write_file};

/// How often a variation is drawn to come near the share of notes that was asked for.
const VARIATIONS: u32 = 4;
/// How often what is not as asked is drawn at most.
const DRAWINGS: u64 = 6;
/// A share of new notes so near what was asked for is as good as it.
const NEAR: f64 = 0.04;

/// Who makes notes in a piece that is there.
#[derive(Debug)]
pub enum Editor {
    /// The recurrent network, note by note.
    Notes(Box<Composer>),
    /// A generator, phrase by phrase.
    Phrases(Box<PhraseComposer>),
}

/// A piece that was worked on.
#[derive(Debug, Clone, PartialEq)]
pub struct Worked {
    /// The music.
    pub score: Score,
    /// What was decided of what was made, where that was recorded.
    pub trace: Option<Trace>,
    /// What was asked and is not so.
    pub remarks: Vec<String>,
}

impl Editor {
    /// The styles that can be asked for.
    pub fn styles(&self) -> &[Style] {
        match self {
            Self::Notes(composer) => composer.styles(),
            Self::Phrases(composer) => composer.styles(),
        }
    }

    /// The number of the style that a piece sounds like.
    pub fn style_of(&mut self, piece: &Sliced) -> Option<u32> {
        match self {
            Self::Notes(composer) => composer.style_of(piece),
            Self::Phrases(composer) => composer.style_of(piece),
        }
    }

    /// Makes what a task asks for and puts it into the piece, again where it is not as asked; what lacks least is kept. `progress` is called for each
    /// bar.
    pub fn work_on(
        &mut self,
        original: &Original,
        task: &Task,
        progress: &mut dyn FnMut(Drawn),
    ) -> Result<Worked, Error> {
        let mut best = self.once(original, task, progress)?;
        for again in 1..DRAWINGS {
            if best.remarks.is_empty() {
                break;
            }
            let seed = task.how.seed.wrapping_add(again << 32);
            let task = Task { how: How { seed, ..task.how.clone() }, ..task.clone() };
            let made = self.once(original, &task, progress)?;
            // What is the same however it is drawn lies in what is kept.
            let is_in_vain = made.remarks == best.remarks;
            if made.remarks.len() < best.remarks.len() {
                best = made;
            }
            if is_in_vain {
                break;
            }
        }
        Ok(best)
    }

    fn once(
        &mut self,
        original: &Original,
        task: &Task,
        progress: &mut dyn FnMut(Drawn),
    ) -> Result<Worked, Error> {
        let bars = bars_of(original, task);
        let mut drawn = |at: Steps| {
            let bar = bars.partition_point(|line| *line <= at).saturating_sub(1) as u32;
            progress(Drawn { bar, bars: bars.len() as u32 });
        };
        let (piece, trace) = match self {
            Self::Notes(composer) => {
                let filled = composer.fill(task, &mut drawn).map_err(impossible)?;
                (filled.piece, filled.trace)
            }
            Self::Phrases(composer) => {
                let (piece, trace) = composer.fill(task, &mut drawn).map_err(impossible)?;
                (piece, Some(trace))
            }
        };
        let score = original.with(&piece, &task.holes);
        let remarks = original.not_as_asked(&score, task, self.styles()).map_err(impossible)?;
        Ok(Worked { score, trace, remarks })
    }

    /// Varies a piece until about a share of its notes is new: notes that are made anew are often the same again. Returns the
    /// variation that comes nearest.
    pub fn vary(
        &mut self,
        original: &Original,
        (share, keep): (f64, Keep),
        how: &How,
        progress: &mut dyn FnMut(Drawn),
    ) -> Result<Worked, Error> {
        let (mut tried, mut best): (f64, Option<(f64, Worked)>) = (share, None);
        for _ in 0..VARIATIONS {
            let task = original.to_vary(tried, keep, how.clone()).map_err(impossible)?;
            let made = self.work_on(original, &task, progress)?;
            let new = share_of_new_notes(&original.score, &made.score);
            let apart = (new - share).abs();
            if best.as_ref().is_none_or(|(least, _)| apart < *least) {
                best = Some((apart, made));
            }
            let next = if new > 0.0 { (tried * share / new).min(1.0) } else { 1.0 };
            if apart < NEAR || (next - tried).abs() < NEAR {
                break;
            }
            tried = next;
        }
        best.map(|(_, made)| made).ok_or_else(|| impossible(ComposeError::NoStyle))
    }
}

/// Pieces on the way from one to another by a generator's noise, the two among them as they are. `progress` is called for each
/// phrase.
pub fn blend(
    composer: &mut PhraseComposer,
    ends: [&Original; 2],
    (steps, seed): (u32, u64),
    progress: &mut dyn FnMut(Drawn),
) -> Result<Vec<Worked>, Error> {
    let mut drawn = |bar, bars| progress(Drawn { bar, bars });
    let between =
        composer.blend(ends.map(|end| &end.piece), (steps, seed), &mut drawn).map_err(impossible)?;
    let first = std::iter::once(ends[0].score.clone());
    let all = first.chain(between.iter().map(Sliced::to_score)).chain([ends[1].score.clone()]);
    Ok(all.map(|score| Worked { score, trace: None, remarks: Vec::new() }).collect())
}

/// Where the bars of a task begin.
fn bars_of(original: &Original, task: &Task) -> Vec<Steps> {
    let mut lines = original.bars();
    let last = lines.pop().unwrap_or(0);
    let length = last.saturating_sub(lines.last().copied().unwrap_or(0)).max(1);
    lines.extend((last..task.end).step_by(length as usize));
    lines
}

/// Opens a piece to work on. Of a file of several pieces one must be named, as in `book.abc#12`.
pub fn open_original(path: &Path) -> Result<Original, Error> {
    let music = read(path)?;
    let [piece] = music.pieces.as_slice() else {
        let message = format!("a piece to work on must be one, but this file has {}", music.pieces.len());
        let hint = format!("name one of them, such as {}#1", path.display());
        return Err(Error::new(Kind::Request, message).at(path).with_hint(hint));
    };
    Original::new(piece.score().into_owned()).map_err(|error| Error::of(Kind::Input, error).at(path))
}

/// Writes a piece that was worked on, in the format that the path asks for; as JSON with the trace.
pub fn write_worked(worked: &Worked, path: &Path, sound: &SoundOptions) -> Result<(), Error> {
    let format = OutputFormat::of_path(path)?;
    let bytes = match (format, &worked.trace) {
        (OutputFormat::Json, Some(trace)) => json::score_with_trace(&worked.score, trace).into_bytes(),
        _ => encode(&worked.score, format, sound)?,
    };
    write_file(path, &bytes)
}
