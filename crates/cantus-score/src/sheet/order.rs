//! In which order the bars are played.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Bar, Jump, Sheet, weight};
use crate::{Place, Warning};

/// The order in which the bars of a sheet are played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlayingOrder {
    /// The bars, one after the other.
    pub bars: Vec<PlayedBar>,
    /// Whether the piece was played to its end, and not broken off at the limit that [`Sheet::playing_order`] states.
    pub complete: bool,
}

/// A bar as it comes up in playing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlayedBar {
    /// Its index in [`Sheet::bars`].
    pub index: usize,
    /// Which pass through its repeated section this is, from 1.
    pub pass: u8,
}

impl Sheet {
    /// Follows repeats, endings, D.C., D.S., Fine and Coda; or the list of [`Sheet::order`], where there is one.
    ///
    /// - A repeat goes back to the nearest `|:` before it, else to the bar after the repeat before it, else to the
    ///   beginning. Repeats do not nest.
    /// - D.C. and D.S. are followed once each, after the last pass of their bar. From then on repeats are not taken again and
    ///   the last ending is played; only then do Fine and "to coda" hold.
    /// - D.S. without a sign goes to the beginning; "to coda" without a coda is passed over.
    /// - The piece is broken off after 32 times as many bars as are written; a very large one, once twice as much is played
    ///   as is written.
    pub fn playing_order(&self) -> PlayingOrder {
        let mut order = match &self.order {
            Some(list) => listed(list, self.bars.len()),
            None => Player::new(&self.bars).play(),
        };
        weight::hold(self, &mut order);
        order
    }

    /// Tells after which bar a performance is broken off; nothing where it goes on to the end.
    pub fn broken_off(&self) -> Option<Warning> {
        let goes_back = |bar: &Bar| bar.repeats.ends.is_some() || !bar.repeats.jumps.is_empty();
        if self.order.is_none() && !self.bars.iter().any(goes_back) {
            return None;
        }
        let order = self.playing_order();
        let last = order.bars.last().map_or(0, |bar| bar.index);
        (!order.complete).then(|| Warning {
            place: Place::Bar(last + 1),
            message: format!(
                "a piece may be played out to {MOST_TIMES} times its written bars, and a very large one to twice what is \
                 written, but the repeats of this one ask for more; its performance breaks off after this bar"
            ),
        })
    }

    /// Each bar once.
    pub(super) fn written_order(&self) -> Vec<PlayedBar> {
        (0..self.bars.len()).map(|index| PlayedBar { index, pass: 1 }).collect()
    }
}

/// How many times as many bars as are written may be played …
const MOST_TIMES: usize = 32;
/// … and how many times as many may be looked at, since each pass passes over the endings of the others.
const MOST_LOOKS: usize = 300;

/// Plays stretches of so many bars; each time that a bar comes up is another pass.
fn listed(list: &[Range<usize>], bars: usize) -> PlayingOrder {
    let mut passes = vec![0_u8; bars];
    let mut played = Vec::with_capacity(bars);
    for index in list.iter().cloned().flatten() {
        let Some(pass) = passes.get_mut(index) else { continue };
        if played.len() >= bars.saturating_mul(MOST_TIMES) {
            return PlayingOrder { bars: played, complete: false };
        }
        *pass = pass.saturating_add(1);
        played.push(PlayedBar { index, pass: *pass });
    }
    PlayingOrder { bars: played, complete: true }
}

/// Bars that are played so many times.
struct Section {
    bars: Range<usize>,
    passes: u8,
}

struct Player<'a> {
    bars: &'a [Bar],
    sections: Vec<Section>,
    played: Vec<PlayedBar>,
    /// Whether a jump back was made.
    back: bool,
    /// The bars whose jump back was made.
    taken: Vec<bool>,
    /// For each bar the nearest sign up to its end …
    signs: Vec<Option<usize>>,
    /// … and the first coda after it.
    codas: Vec<Option<usize>>,
}

/// Where to go after a bar.
enum Next {
    On,
    Bar(usize),
    End,
}

impl<'a> Player<'a> {
    fn new(bars: &'a [Bar]) -> Self {
        let has = |index: usize, sign| {
            bars.get(index).filter(|bar| bar.repeats.jumps.contains(&sign)).map(|_| index)
        };
        let running = |last: &mut Option<usize>, found: Option<usize>| {
            *last = found.or(*last);
            Some(*last)
        };
        let signs = (0..bars.len()).map(|index| has(index, Jump::Segno)).scan(None, running).collect();
        let mut codas: Vec<Option<usize>> =
            (0..bars.len()).rev().map(|index| has(index + 1, Jump::Coda)).scan(None, running).collect();
        codas.reverse();
        Self {
            bars,
            sections: sections(bars),
            played: Vec::with_capacity(bars.len()),
            back: false,
            taken: vec![false; bars.len()],
            signs,
            codas,
        }
    }

    fn play(mut self) -> PlayingOrder {
        let (mut at, mut pass) = (0, 1);
        let most = self.bars.len().saturating_mul(MOST_TIMES);
        let mut looks = self.bars.len().saturating_mul(MOST_LOOKS);
        while let Some(bar) = self.bars.get(at) {
            looks = looks.saturating_sub(1);
            if looks == 0 {
                return PlayingOrder { bars: self.played, complete: false };
            }
            let Some((begin, end, passes)) = self.section(at) else { break };
            if bar.repeats.endings.is_empty() || bar.repeats.endings.contains(&pass) {
                if self.played.len() >= most {
                    return PlayingOrder { bars: self.played, complete: false };
                }
                self.played.push(PlayedBar { index: at, pass });
                match self.after(at, pass, passes) {
                    Next::On => {}
                    Next::End => break,
                    Next::Bar(target) => {
                        (at, pass) = (target, self.first_pass(target));
                        continue;
                    }
                }
            }
            (at, pass) = match at + 1 {
                next if next < end => (next, pass),
                _ if pass < passes => (begin, pass + 1),
                next => (next, self.first_pass(next)),
            };
        }
        PlayingOrder { bars: self.played, complete: true }
    }

    /// Beginning, end and passes of the section in which a bar lies.
    fn section(&self, at: usize) -> Option<(usize, usize, u8)> {
        let index = self.sections.partition_point(|section| section.bars.end <= at);
        self.sections.get(index).map(|section| (section.bars.start, section.bars.end, section.passes))
    }

    /// The pass on which a section is entered: after a jump back it is played as on its last.
    fn first_pass(&self, at: usize) -> u8 {
        if self.back { self.section(at).map_or(1, |section| section.2) } else { 1 }
    }

    /// Follows the words at the end of a bar.
    fn after(&mut self, at: usize, pass: u8, passes: u8) -> Next {
        let Some(bar) = self.bars.get(at) else { return Next::End };
        let last = bar.repeats.endings.iter().max().map_or(passes, |&ending| ending.min(passes));
        for jump in &bar.repeats.jumps {
            let target = match jump {
                Jump::Fine if self.back => return Next::End,
                Jump::ToCoda if self.back => self.codas.get(at).copied().flatten(),
                Jump::DaCapo if pass == last => self.back_from(at, 0),
                Jump::DalSegno if pass == last => {
                    self.back_from(at, self.signs.get(at).copied().flatten().unwrap_or(0))
                }
                _ => None,
            };
            if let Some(target) = target {
                return Next::Bar(target);
            }
        }
        Next::On
    }

    fn back_from(&mut self, at: usize, target: usize) -> Option<usize> {
        let taken = self.taken.get_mut(at)?;
        if std::mem::replace(taken, true) {
            return None;
        }
        self.back = true;
        Some(target)
    }
}

/// The bars with which a part begins that is played more than once, but for the first bar where that goes without saying:
/// all beginnings that readers look for, and none without its end.
pub(crate) fn repeated_from(bars: &[Bar]) -> BTreeSet<usize> {
    let begins = |bar: &usize| *bar > 0 || bars.first().is_some_and(|first| first.repeats.begins);
    let repeated = sections(bars).into_iter().filter(|section| section.passes > 1);
    repeated.map(|section| section.bars.start).filter(begins).collect()
}

/// Divides the bars where a repeated part begins or ends.
fn sections(bars: &[Bar]) -> Vec<Section> {
    let (mut sections, mut begin) = (Vec::new(), 0);
    while begin < bars.len() {
        let end = section_end(bars, begin);
        sections.push(Section { bars: begin..end, passes: passes(bars.get(begin..end).unwrap_or_default()) });
        begin = end;
    }
    sections
}

/// A section ends before a `|:`, and after a `:|` or an ending that no other ending follows.
fn section_end(bars: &[Bar], begin: usize) -> usize {
    for (index, bar) in bars.iter().enumerate().skip(begin) {
        let next = bars.get(index + 1).map(|next| &next.repeats);
        let closes = bar.repeats.ends.is_some() || !bar.repeats.endings.is_empty();
        let goes_on = next.is_some_and(|next| !next.endings.is_empty());
        if next.is_some_and(|next| next.begins) || closes && !goes_on {
            return index + 1;
        }
    }
    bars.len()
}

fn passes(section: &[Bar]) -> u8 {
    let again = section.iter().filter_map(|bar| bar.repeats.ends).max();
    let endings = section.iter().filter_map(|bar| bar.repeats.endings.iter().max()).max();
    again.unwrap_or(1).max(endings.copied().unwrap_or(1)).max(1)
}
