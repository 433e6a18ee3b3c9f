//! The sections of a piece, and the order in which they are played.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::bars::Bars;
use super::names::{Listed, Names};
use super::reader::{Change, Draft};
use super::signs;
use crate::sheet::Sheet;

/// The bars from one label to the next; none where two labels stand together.
#[derive(Debug, Default)]
pub(super) struct Section {
    /// Its label, and others where spines disagree; none before the first label.
    pub(super) names: Vec<String>,
    pub(super) bars: Range<usize>,
}

/// With more sections, or a longer order, signs are not tried: the order is kept as a list.
const MOST_SIGNED: usize = 300;

/// Lets a sheet be played in the order of sections that its file names: by signs of repetition where they can say it, else as
/// a list. Of several orders the first that names nothing but sections of the piece holds.
pub(super) fn play(sheet: &mut Sheet, draft: &mut Draft, bars: &Bars) {
    let orders = std::mem::take(&mut draft.orders);
    if orders.is_empty() {
        return;
    }
    let mut sections = sections(&draft.changes, bars);
    let names = Names::new(&sections);
    let mut refused = Vec::new();
    for (order, line) in orders {
        match names.listed(&order) {
            Ok(Listed { played, faults }) => {
                for fault in faults {
                    draft.log.warn(line, 1, fault);
                }
                join_twins(&mut sections, &played);
                return set(sheet, &sections, &played);
            }
            Err(fault) => refused.push((line, fault)),
        }
    }
    for (line, fault) in refused {
        draft.log.warn(line, 1, fault);
    }
}

/// Divides a piece where its labels stand. Labels on one line of the file are names of one section.
fn sections(changes: &[(u64, Change)], bars: &Bars) -> Vec<Section> {
    let mut begins: Vec<(usize, Section)> = vec![(0, Section::default())];
    for (at, change) in changes {
        let Change::Label { name, line } = change else { continue };
        let bar = bars.from(*at);
        match begins.last_mut().filter(|last| last.0 == *line) {
            Some((_, section)) if section.names.contains(name) => {}
            Some((_, section)) => section.names.push(name.clone()),
            None => begins.push((*line, Section { names: vec![name.clone()], bars: bar..bar })),
        }
    }
    let mut sections: Vec<Section> = begins.into_iter().map(|(_, section)| section).collect();
    let mut end = bars.starts.len();
    for section in sections.iter_mut().rev() {
        section.bars.end = end.max(section.bars.start);
        end = section.bars.start;
    }
    if sections.first().is_some_and(|first| first.bars.is_empty()) && sections.len() > 1 {
        sections.remove(0);
    }
    sections
}

/// A second section of a name that is never played is part of the section before it: its label is a slip, and music is not lost
/// by slips.
fn join_twins(sections: &mut [Section], played: &[usize]) {
    let played: HashSet<usize> = played.iter().copied().collect();
    let mut counts: HashMap<String, usize> = HashMap::new();
    for name in sections.iter().flat_map(|section| &section.names) {
        *counts.entry(name.clone()).or_default() += 1;
    }
    let mut end = None;
    for (index, section) in sections.iter_mut().enumerate().rev() {
        section.bars.end = end.take().unwrap_or(section.bars.end);
        let is_twin = section.names.iter().any(|name| counts.get(name).is_some_and(|&count| count > 1));
        if is_twin && !played.contains(&index) {
            end = Some(section.bars.end);
        }
    }
}

fn set(sheet: &mut Sheet, sections: &[Section], played: &[usize]) {
    let few = sections.len() <= MOST_SIGNED && played.len() <= MOST_SIGNED;
    if few && signs::write(sheet, sections, played) {
        return;
    }
    let stretches = played.iter().filter_map(|&section| sections.get(section));
    sheet.order = Some(stretches.map(|section| section.bars.clone()).collect());
}
