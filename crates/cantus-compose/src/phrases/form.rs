//! Which phrases return.

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
