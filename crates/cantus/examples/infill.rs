//! How much what comes after a hole tells of what was in it: `infill CORPUS [MODEL] [DRAFTS]`.
//!
//! Of held-out pieces of each style that have twelve bars or more, four bars are a hole, as near to the middle as
//! may be where no note sounds beyond its end. What was there costs so
//! many nats a note given what comes before (p(hole | left)), and given what comes after as well, for two bars R:
//!
//! p(hole | left, R) = p(hole | left) · p(R | left, hole) / p(R | left)
//!
//! The last is the mean of p(R | left, hole) over drafts of the hole, by the same particle filter that composes, so what is
//! printed is an estimate, a little too low with few drafts. The model is the built-in one unless a file
//! (or `-`) is named. The last column tells of how many pieces the style is heard that they have.

#![allow(clippy::print_stdout, reason = "telling numbers is what it is for")]

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use cantus_compose::edit::{How, Original, Task};
use cantus_compose::{Composer, Restraint, Sampler, Steer as _};
use cantus_model::corpus::{self, ScanOptions, Split};
use cantus_model::model::Model;

/// Pieces of a style, at most.
const PIECES: usize = 24;
/// The fewest bars of a piece.
const BARS: u32 = 12;
/// Bars of a hole.
const HOLE: u32 = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let corpus = PathBuf::from(arguments.next().ok_or("usage: infill CORPUS [MODEL] [DRAFTS]")?);
    let model = match arguments.next() {
        Some(path) if path != "-" => Model::from_bytes(&fs::read(path)?)?,
        _ => Model::from_bytes(cantus_weights::DEFAULT)?,
    };
    let drafts = arguments.next().map_or(Ok(64), |drafts| drafts.parse())?;
    let composer = Composer::new(&model);
    let corpus = corpus::scan(&[corpus], &ScanOptions::default(), &|_| ())?;
    println!(
        "| style | pieces | notes | nats a note, what comes before | and what comes after | pieces for which that is less |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (style, described) in model.styles.iter().enumerate() {
        let own = corpus.of(Split::Test).filter(|piece| piece.style == described.name);
        let originals = own.filter_map(|piece| Original::new(piece.score.clone()).ok());
        let long: Vec<Original> = originals.filter(|piece| piece.bars().len() as u32 > BARS).collect();
        let every = long.len().div_ceil(PIECES).max(1);
        let mut sum = Sum::default();
        for (index, original) in long.iter().step_by(every).enumerate() {
            let how = How {
                style: Some(style as u32),
                sampler: Sampler::new(1.0, 1.0),
                drafts,
                ..How::new(index as u64)
            };
            sum.add(&composer, original, &how);
        }
        if sum.pieces > 0 {
            sum.print(&described.name);
        }
    }
    Ok(())
}

#[derive(Default)]
struct Sum {
    pieces: u32,
    notes: usize,
    before: f64,
    both: f64,
    less: u32,
    heard: u32,
}

impl Sum {
    fn add(&mut self, composer: &Composer, original: &Original, how: &How) {
        let bars = original.bars().len() as u32 - 1;
        let middle = bars / 2 - HOLE / 2 + 1;
        let mut places = (0..=middle - 4).flat_map(|by| [middle - by, middle + by]);
        let hole = |first: u32| {
            let task = original.to_infill(&(first..first + HOLE), None, how.clone()).ok()?;
            Some((notes_in(&task).filter(|notes| *notes > 0)?, task))
        };
        let Some((notes, task)) = places.find_map(hole) else { return };
        self.heard += u32::from(composer.style_of(&original.piece) == task.how.style);
        let truth = composer.cost_of(&task);
        // What a style avoids would count for less than what is likely.
        let plain = |how: How, of: &Restraint| how.avoid(*of, 0.0).unwrap_or_else(|_| task.how.clone());
        let how = Restraint::ALL.iter().fold(task.how.clone(), plain);
        let Ok(filled) = composer.fill(&Task { how, ..task }, &mut |_| {}) else { return };
        let both = truth.made + truth.kept + filled.evidence;
        self.pieces += 1;
        self.notes += notes;
        self.before += truth.made;
        self.both += both;
        self.less += u32::from(both < truth.made);
    }

    fn print(&self, style: &str) {
        let Self { pieces, notes, before, both, less, heard } = self;
        let of = |nats: &f64| nats / *notes as f64;
        println!("| {style} | {pieces} | {notes} | {:.3} | {:.3} | {less} | {heard} |", of(before), of(both));
    }
}

/// How many notes stand in the hole; nothing where one sounds beyond it, as none does that is made.
fn notes_in(task: &Task) -> Option<usize> {
    let slices = task.piece.slices.iter();
    let notes = slices.flat_map(|slice| slice.notes.iter().map(move |note| (slice.at, note)));
    let mut count = 0;
    for (at, note) in notes {
        if let Some(hole) = task.holes.at(usize::from(note.part), at) {
            count += 1;
            if at + note.length.steps() > hole.end {
                return None;
            }
        }
    }
    Some(count)
}
