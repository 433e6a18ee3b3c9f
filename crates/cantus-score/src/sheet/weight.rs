//! How much is played: repeats may not make a long piece out of all proportion longer.

use super::order::PlayingOrder;
use super::{Sheet, Syllable};
use crate::{Text, Ticks, Timed};

/// Played things that are never too many.
const ALWAYS: usize = 300_000;
/// How many times as much as is written may be played beyond that.
const MOST_TIMES: usize = 2;
/// So many letters count as one thing.
const LETTERS: usize = 32;

/// Breaks an order off where more would be played than is in proportion to what is written.
pub(super) fn hold(sheet: &Sheet, order: &mut PlayingOrder) {
    let weights = of_bars(sheet);
    let most = weights.iter().sum::<usize>().saturating_mul(MOST_TIMES).max(ALWAYS);
    let mut played = 0_usize;
    let mut fits = |bar: &super::PlayedBar| {
        played = played.saturating_add(weights.get(bar.index).copied().unwrap_or(0));
        played <= most
    };
    let kept = order.bars.iter().take_while(|bar| fits(bar)).count();
    order.complete &= kept == order.bars.len();
    order.bars.truncate(kept);
}

/// For each bar how much is in it: itself in each part, notes, texts.
fn of_bars(sheet: &Sheet) -> Vec<usize> {
    let mut bars = Bars { weights: vec![2 + sheet.parts.len(); sheet.bars.len()], sheet };
    bars.texts(&sheet.texts);
    sheet.tempos.iter().for_each(|tempo| bars.add(tempo.at, 1));
    for part in &sheet.parts {
        bars.texts(&part.texts);
        part.chords.iter().for_each(|chord| bars.add(chord.at, 2 + chord.value.suffix.len() / LETTERS));
        for note in &part.notes {
            let sung = |syllable: &Syllable| 2 + syllable.text.len() / LETTERS;
            bars.add(note.start, 1 + note.syllables.iter().map(sung).max().unwrap_or(0));
        }
    }
    bars.weights
}

struct Bars<'a> {
    weights: Vec<usize>,
    sheet: &'a Sheet,
}

impl Bars<'_> {
    fn add(&mut self, at: Ticks, weight: usize) {
        let bar = self.sheet.bars.partition_point(|bar| bar.start <= at).saturating_sub(1);
        if let Some(bar) = self.weights.get_mut(bar) {
            *bar = bar.saturating_add(weight);
        }
    }

    fn texts(&mut self, texts: &[Timed<Text>]) {
        for text in texts {
            self.add(text.at, 2 + text.value.text.len() / LETTERS);
        }
    }
}
