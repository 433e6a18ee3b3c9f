//! Writing out what no signs of repetition can say.

use std::borrow::Cow;
use std::collections::HashMap;

use super::order::PlayedBar;
use super::runs::{self, Run};
use super::{Bar, Part, Repeats, Sheet, Syllable, Written};
use crate::Ticks;

impl Sheet {
    /// The sheet for formats that cannot list an [order](Self::order) of bars: where there is one, the bars are written out
    /// as they are played, without signs of repetition; any other sheet stays as it is.
    ///
    /// It sounds the same, up to the limit of [`Self::playing_order`]. Metre, key, tempo, dynamics and clef are told again
    /// where the music goes elsewhere. The n-th time that a bar comes up it has the n-th verse, and the last time all that
    /// are left. Bars lose their numbers, and those that are never played are left out.
    pub fn unrolled(&self) -> Cow<'_, Self> {
        if self.order.is_none() || self.bars.is_empty() {
            return Cow::Borrowed(self);
        }
        let order = self.playing_order().bars;
        let runs = runs::runs(self, &order);
        Cow::Owned(Self {
            resolution: self.resolution,
            credits: self.credits.clone(),
            bars: bars(self, &order),
            order: None,
            tempos: runs::changes(&runs, &self.tempos),
            texts: runs.iter().flat_map(|run| run.moved(&self.texts)).collect(),
            parts: self.parts.iter().map(|part| unrolled(part, &runs, &Verses::new(self, &order))).collect(),
        })
    }
}

/// The bars as they come up, with the metre and the key that each needs.
fn bars(sheet: &Sheet, order: &[PlayedBar]) -> Vec<Bar> {
    let holding = runs::holding(sheet);
    let (mut start, mut last) = (Ticks::ZERO, (None, None));
    let mut bars = Vec::with_capacity(order.len());
    for &PlayedBar { index, .. } in order {
        let (Some(bar), Some(&(meter, key))) = (sheet.bars.get(index), holding.get(index)) else { continue };
        bars.push(Bar {
            start,
            length: bar.length,
            number: String::new(),
            meter: bar.meter.or(meter.filter(|_| meter != last.0)),
            key: bar.key.or(key.filter(|_| key != last.1)),
            repeats: Repeats::default(),
        });
        last = (meter.or(last.0), key.or(last.1));
        start = start.saturating_add(bar.length);
    }
    bars
}

fn unrolled(part: &Part, runs: &[Run], verses: &Verses) -> Part {
    let staves = 1..=part.clefs.iter().map(|clef| clef.value.0).max().unwrap_or(0);
    let of_staff = |staff| {
        let own: Vec<_> = part.clefs.iter().filter(|clef| clef.value.0 == staff).copied().collect();
        runs::changes(runs, &own)
    };
    let mut clefs: Vec<_> = staves.flat_map(of_staff).collect();
    clefs.sort_by_key(|clef| (clef.at, clef.value.0));
    Part {
        name: part.name.clone(),
        channel: part.channel,
        program: part.program,
        transposition: part.transposition,
        staves: part.staves,
        clefs,
        notes: notes(part, runs, verses),
        chords: runs.iter().flat_map(|run| run.moved(&part.chords)).collect(),
        dynamics: runs::changes(runs, &part.dynamics),
        texts: runs.iter().flat_map(|run| run.moved(&part.texts)).collect(),
    }
}

fn notes(part: &Part, runs: &[Run], verses: &Verses) -> Vec<Written> {
    let mut notes = Vec::with_capacity(part.notes.len());
    for run in runs {
        notes.extend(run.within(&part.notes, |note| note.start).iter().map(|note| {
            let start = run.played(note.start);
            Written {
                start,
                length: run.played(note.end()).saturating_sub(start),
                syllables: verses.sung(note, run.pass),
                ..note.clone()
            }
        }));
    }
    // What is written after the last bar may last into the bars that are played after that.
    notes.sort_by_key(|note| note.start);
    notes
}

/// How often each bar comes up.
struct Verses {
    begins: Vec<Ticks>,
    passes: HashMap<usize, u8>,
}

impl Verses {
    fn new(sheet: &Sheet, order: &[PlayedBar]) -> Self {
        let begins = sheet.bars.iter().map(|bar| bar.start).collect();
        // Passes count up, so that the last one stays.
        Self { begins, passes: order.iter().map(|played| (played.index, played.pass)).collect() }
    }

    /// What a note sings the n-th time, as its first verse; and the last time, below that, what is left.
    fn sung(&self, note: &Written, pass: u8) -> Vec<Syllable> {
        let bar = self.begins.partition_point(|begin| *begin <= note.start).saturating_sub(1);
        let is_last = self.passes.get(&bar).is_none_or(|&last| last == pass);
        if is_last && pass == 1 {
            return note.syllables.clone();
        }
        let own = note.syllables.iter().find(|syllable| syllable.verse == pass);
        let own = own.or_else(|| note.syllables.iter().min_by_key(|syllable| syllable.verse));
        let left = note.syllables.iter().filter(|syllable| is_last && syllable.verse > pass);
        let left = left.map(|syllable| Syllable { verse: syllable.verse - pass + 1, ..syllable.clone() });
        own.map(|own| Syllable { verse: 1, ..own.clone() }).into_iter().chain(left).collect()
    }
}
