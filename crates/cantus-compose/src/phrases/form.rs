//! Which phrases return.

use cantus_model::gan::BARS;

use crate::error::ComposeError;
use crate::sections::Section;

/// A phrase of a form: what it is like, and how often that was played before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Letter {
    /// Its number: A is 0.
    pub(super) of: usize,
    /// How often it was there before.
    pub(super) again: usize,
}

/// The form of so many phrases: A A′ B A″, then C C′ B A, and so on, so that every second group brings something new and what
/// was there returns.
pub(super) fn form(phrases: usize) -> Vec<Letter> {
    let mut counts = std::collections::BTreeMap::<usize, usize>::new();
    let mut letters = Vec::with_capacity(phrases);
    for place in 0..phrases {
        let group = place / 4;
        // The first letter of a group: A, then C, D, E …
        let own = if group == 0 { 0 } else { group + 1 };
        let of = match place % 4 {
            _ if place + 1 == phrases && phrases > 2 => 0,
            0 | 1 => own,
            2 => 1,
            _ => 0,
        };
        let count = counts.entry(of).or_default();
        letters.push(Letter { of, again: *count });
        *count += 1;
    }
    letters
}

/// The form of sections, whose phrases return with their letters. `joined` bars lie in one room of the grid. Fails where sections are not
/// of whole phrases.
pub(super) fn of_sections(sections: &[Section], joined: u32) -> Result<Vec<Letter>, ComposeError> {
    let phrase = BARS as u32 * joined;
    let mut counts = std::collections::BTreeMap::<usize, usize>::new();
    let mut letters = Vec::new();
    for section in sections {
        if !section.bars.is_multiple_of(phrase) {
            let rule = format!("a multiple of {phrase}, the bars that a generator plays at once");
            let value = section.bars.to_string();
            return Err(ComposeError::Place { what: "the bars of a section", rule, value });
        }
        // Each letter has as many phrases as any other.
        let phrases = (section.bars / phrase) as usize;
        let first = (u32::from(section.letter) - u32::from('A')) as usize * phrases;
        for of in first..first + phrases {
            let count = counts.entry(of).or_default();
            letters.push(Letter { of, again: *count });
            *count += 1;
        }
    }
    Ok(letters)
}
