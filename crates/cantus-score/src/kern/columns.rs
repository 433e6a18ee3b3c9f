//! The columns of the page, and how spines split, join, change places, begin and end.

use std::collections::HashMap;

/// The most columns that are read side by side.
pub(super) const MOST_COLUMNS: usize = 300;

/// What is said where there are more.
pub(super) const FULL: &str = "at most 300 spines stand side by side; the others are passed over";

/// A column of tokens, which belongs to a spine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    /// The index of its spine.
    pub(super) spine: usize,
    /// Which of the spine's columns it is, from 0 at the left.
    pub(super) sub: u8,
    /// When its last note ends, in grains.
    pub(super) end: u64,
    /// Whether it has split from another and holds no note yet, so that its first may come at any time.
    pub(super) free: bool,
}

impl Column {
    /// A column that begins at a time.
    pub(super) fn new(spine: usize, end: u64) -> Self {
        Self { spine, sub: 0, end, free: true }
    }
}

/// What a token does to its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Stays,
    Splits,
    Joins,
    Exchanges,
    Ends,
    /// A new column begins at its right, of the spine with this index.
    Adds(usize),
}

/// The columns after a line of turns; and what was wrong.
pub(super) fn turned(columns: &[Column], turns: &[Turn]) -> (Vec<Column>, Option<&'static str>) {
    let grows = |turn: &Turn| matches!(turn, Turn::Stays | Turn::Splits | Turn::Adds(_));
    if columns.len() >= MOST_COLUMNS && turns.iter().all(grows) {
        return (columns.to_vec(), Some(FULL));
    }
    let mut next = Turned { columns: Vec::with_capacity(columns.len() + 1), ..Turned::default() };
    for (index, column) in columns.iter().enumerate() {
        next.take(*column, turns.get(index).copied().unwrap_or(Turn::Stays));
    }
    next.close_join();
    if next.exchanging {
        next.fault = Some("two spines must change places, but only one says so; it stays");
    }
    number(&mut next.columns);
    (next.columns, next.fault)
}

#[derive(Default)]
struct Turned {
    columns: Vec<Column>,
    /// How many columns have joined into the last one; none where it joins nothing.
    joined: usize,
    /// Whether the last column waits for the one with which it changes places.
    exchanging: bool,
    fault: Option<&'static str>,
}

impl Turned {
    fn take(&mut self, column: Column, turn: Turn) {
        if turn != Turn::Joins {
            self.close_join();
        }
        match turn {
            Turn::Stays => self.columns.push(column),
            Turn::Splits => {
                self.columns.push(column);
                self.add(Column { free: true, ..column });
            }
            Turn::Joins => self.join(column),
            Turn::Exchanges => {
                self.columns.push(column);
                self.exchanging = !self.exchanging;
                let last = self.columns.len();
                if !self.exchanging && last > 1 {
                    self.columns.swap(last - 2, last - 1);
                }
            }
            Turn::Ends => {}
            Turn::Adds(spine) => {
                self.columns.push(column);
                self.add(Column::new(spine, column.end));
            }
        }
    }

    fn add(&mut self, column: Column) {
        if self.columns.len() < MOST_COLUMNS {
            self.columns.push(column);
        } else {
            self.fault = Some(FULL);
        }
    }

    fn join(&mut self, column: Column) {
        let before = self.columns.last_mut().filter(|last| self.joined > 0 && last.spine == column.spine);
        if let Some(last) = before {
            last.end = match (last.free, column.free) {
                (true, _) => column.end,
                (false, true) => last.end,
                (false, false) => last.end.max(column.end),
            };
            last.free &= column.free;
            self.joined += 1;
        } else {
            self.close_join();
            self.columns.push(column);
            self.joined = 1;
        }
    }

    fn close_join(&mut self) {
        if self.joined == 1 {
            self.fault = Some(
                "a spine must join the one beside it, which split from it, but none is there; it goes on",
            );
        }
        self.joined = 0;
    }
}

/// Numbers the columns of each spine.
fn number(columns: &mut [Column]) {
    let mut counts: HashMap<usize, u8> = HashMap::new();
    for column in columns {
        let count = counts.entry(column.spine).or_default();
        column.sub = *count;
        *count = count.saturating_add(1);
    }
}
