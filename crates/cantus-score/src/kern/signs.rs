//! From the order in which sections are played to repeats and endings.

use std::ops::Range;

use super::sections::Section;
use crate::sheet::{Jump, Sheet};

/// Writes what is played, a list of sections of a piece, into the repeats of a sheet; tells whether they say all of it, and
/// leaves them as they were where they do not.
pub(super) fn write(sheet: &mut Sheet, sections: &[Section], played: &[usize]) -> bool {
    let wanted: Vec<usize> = played
        .iter()
        .filter_map(|&section| sections.get(section))
        .flat_map(|section| section.bars.clone())
        .collect();
    if plays(sheet, &wanted) {
        return true;
    }
    let before = sheet.bars.clone();
    for bar in &mut sheet.bars {
        bar.repeats = crate::sheet::Repeats::default();
    }
    Writer { sheet, sections }.write(played);
    let said = plays(sheet, &wanted);
    if !said {
        sheet.bars = before;
    }
    said
}

fn plays(sheet: &Sheet, wanted: &[usize]) -> bool {
    sheet.playing_order().bars.iter().map(|played| played.index).eq(wanted.iter().copied())
}

struct Writer<'a> {
    sheet: &'a mut Sheet,
    sections: &'a [Section],
}

impl Writer<'_> {
    /// Writes what is played, a list of sections.
    fn write(&mut self, played: &[usize]) {
        let (mut at, mut before) = (0, None);
        while at < played.len() {
            let rest = played.get(at..).unwrap_or_default();
            let Some(&first) = rest.first() else { return };
            if let Some(from) = before.filter(|&from| first <= from) {
                return self.jump(from, rest);
            }
            let back = rest.windows(2).position(|pair| pair.first() >= pair.last());
            let Some(back) = back else { return self.end(rest) };
            let (from, after) = rest.split_at(back + 1);
            let target = after.first().copied().unwrap_or(first);
            if target < first {
                return self.jump(from.last().copied().unwrap_or(first), after);
            }
            let begin = from.iter().position(|&section| section >= target).unwrap_or(0);
            at += begin + self.repeat(rest.get(begin..).unwrap_or_default());
            before = played.get(at.saturating_sub(1)).copied();
        }
    }

    /// Writes a repeated part at the beginning of a list; tells how many elements of it were played.
    fn repeat(&mut self, rest: &[usize]) -> usize {
        let Some(&first) = rest.first() else { return 1 };
        let passes = passes(rest);
        let (Some(last), Some(earlier)) = (passes.last(), passes.get(..passes.len().saturating_sub(1)))
        else {
            return 1;
        };
        let of = |pass: &Range<usize>| rest.get(pass.clone()).unwrap_or_default();
        let end = earlier.iter().flat_map(of).copied().max().unwrap_or(first);
        let run = of(last);
        let inside = run.iter().take_while(|&&section| section <= end).count();
        let skips = run.iter().take(inside).copied().ne(first..=end);
        let ending = skips && run.len() > inside && run.get(inside) == Some(&(end + 1));
        let (through, taken) = if ending { (end + 1, inside + 1) } else { (end, inside) };
        self.begin(first);
        for pass in earlier {
            if let Some(&section) = of(pass).last() {
                self.close(section, passes.len());
            }
        }
        for section in first..=through {
            let plays = |pass: &Range<usize>| {
                let run = of(pass);
                let run = if pass == last { run.get(..taken).unwrap_or_default() } else { run };
                run.contains(&section)
            };
            let on: Vec<u8> = (1..=u8::MAX)
                .zip(&passes)
                .filter(|(_, pass)| plays(pass))
                .map(|(number, _)| number)
                .collect();
            if on.len() < passes.len() {
                self.set_endings(section, &on);
            }
        }
        last.start + taken.max(1)
    }

    fn begin(&mut self, section: usize) {
        if let Some(bar) = self.bars(section).first_mut() {
            bar.repeats.begins = true;
        }
    }

    fn close(&mut self, section: usize, passes: usize) {
        if let Some(bar) = self.bars(section).last_mut() {
            bar.repeats.ends = u8::try_from(passes).ok();
        }
    }

    fn set_endings(&mut self, section: usize, passes: &[u8]) {
        for bar in self.bars(section) {
            passes.clone_into(&mut bar.repeats.endings);
        }
    }

    /// Writes a jump back after a section to what is played then, and a Fine where the piece stops before its end.
    fn jump(&mut self, from: usize, rest: &[usize]) {
        let Some(&target) = rest.first() else { return };
        let jump = if target == 0 { Jump::DaCapo } else { Jump::DalSegno };
        if let Some(bar) = self.bars(from).last_mut() {
            bar.repeats.jumps.push(jump);
        }
        if let Some(bar) = self.bars(target).first_mut().filter(|_| target > 0) {
            bar.repeats.jumps.push(Jump::Segno);
        }
        self.end(rest);
    }

    /// The piece ends with the last of these.
    fn end(&mut self, rest: &[usize]) {
        let Some(&last) = rest.last() else { return };
        if last + 1 < self.sections.len()
            && let Some(bar) = self.bars(last).last_mut()
        {
            bar.repeats.jumps.push(Jump::Fine);
        }
    }

    fn bars(&mut self, section: usize) -> &mut [crate::sheet::Bar] {
        let range = self.sections.get(section).map(|section| section.bars.clone()).unwrap_or_default();
        self.sheet.bars.get_mut(range).unwrap_or_default()
    }
}

/// The rising runs at the beginning of a list that all begin with the same section.
fn passes(rest: &[usize]) -> Vec<Range<usize>> {
    let mut passes: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < rest.len() && rest.get(at) == rest.first() {
        let run = rest.get(at..).unwrap_or_default();
        let length =
            run.windows(2).position(|pair| pair.first() >= pair.last()).map_or(run.len(), |last| last + 1);
        passes.push(at..at + length);
        at += length;
    }
    passes
}
