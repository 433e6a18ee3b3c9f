//! A resolution in which all that sounds has its exact place, so that music sounds the same whatever file it is read from.

use std::borrow::Cow;

use crate::{Resolution, Ticks, Timed};

use super::graces::{self, Moment};
use super::order::PlayedBar;
use super::sound::{Reading, shares};
use super::{Sheet, runs};

/// The sheet in a multiple of its resolution in which grace notes and notes cut short are told exactly, or as near to it as
/// ticks go.
pub(super) fn finer<'a>(sheet: &'a Sheet, order: &[PlayedBar], reading: Reading) -> Cow<'a, Sheet> {
    let quarter = sheet.resolution.ticks_per_quarter();
    // All are powers of two.
    let for_graces =
        finest_grace(sheet, order).map_or(1, |part| part >> quarter.trailing_zeros().min(part.ilog2()));
    let wanted = for_graces.max(for_shortened(sheet, reading));
    let factors =
        std::iter::successors(Some(wanted), |factor| Some(factor / 2)).take_while(|factor| *factor > 1);
    factors.into_iter().find_map(|factor| scaled(sheet, factor)).map_or(Cow::Borrowed(sheet), Cow::Owned)
}

/// The finest part of a quarter note that a grace note lasts; nothing where there are none.
fn finest_grace(sheet: &Sheet, order: &[PlayedBar]) -> Option<u32> {
    let has_graces = |part: &&super::Part| part.notes.iter().any(|note| note.grace.is_some());
    let parts: Vec<&super::Part> = sheet.parts.iter().filter(has_graces).collect();
    if parts.is_empty() {
        return None;
    }
    let (runs, mut finest) = (runs::runs(sheet, order), graces::LONGEST);
    for part in parts {
        Moment::each(&runs, &graces::sorted(&part.notes), |moment| {
            for graces in moment.graces().values() {
                finest = finest.max(moment.part(graces.len(), sheet.resolution).unwrap_or(1));
            }
        });
    }
    Some(finest)
}

/// By how much ticks are to be finer for notes that are cut short.
fn for_shortened(sheet: &Sheet, reading: Reading) -> u32 {
    let notes = sheet.parts.iter().flat_map(|part| &part.notes);
    let factor = |note: &super::Written| {
        let shares = shares(note, reading);
        shares >> note.length.0.trailing_zeros().min(shares.ilog2())
    };
    notes.map(factor).max().unwrap_or(1)
}

/// The sheet with ticks that are so many times finer; nothing where its times or its resolution cannot be told in them.
fn scaled(sheet: &Sheet, factor: u32) -> Option<Sheet> {
    let quarter = i64::from(sheet.resolution.ticks_per_quarter());
    let resolution = Resolution::new(quarter * i64::from(factor)).ok()?;
    sheet.end().0.checked_mul(factor)?;
    let mut sheet = Sheet { resolution, ..sheet.clone() };
    for bar in &mut sheet.bars {
        (bar.start, bar.length) = (times(bar.start, factor), times(bar.length, factor));
    }
    scale(&mut sheet.tempos, factor);
    scale(&mut sheet.texts, factor);
    for part in &mut sheet.parts {
        scale(&mut part.clefs, factor);
        scale(&mut part.chords, factor);
        scale(&mut part.dynamics, factor);
        scale(&mut part.texts, factor);
        for note in &mut part.notes {
            (note.start, note.length) = (times(note.start, factor), times(note.length, factor));
        }
    }
    Some(sheet)
}

fn scale<T>(items: &mut [Timed<T>], factor: u32) {
    for item in items {
        item.at = times(item.at, factor);
    }
}

fn times(ticks: Ticks, factor: u32) -> Ticks {
    Ticks(ticks.0.saturating_mul(factor))
}
