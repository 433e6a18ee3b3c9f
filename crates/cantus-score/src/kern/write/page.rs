//! The page: columns side by side, written line by line.

use crate::sheet::Sheet;
use crate::sheet::lanes::Staff;

/// What stands in one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    /// Notes: the staff and the lane.
    Notes(usize, usize),
    /// A verse, from 1, of a staff.
    Words(usize, u8),
    /// Dynamics, of a staff's part.
    Dynamics(usize),
    /// Chord symbols, of a staff's part.
    Chords(usize),
}

pub(super) struct Page<'a> {
    pub(super) sheet: &'a Sheet,
    /// From left to right.
    pub(super) staves: Vec<Staff<'a>>,
    /// How many columns of notes each staff has now.
    columns: Vec<usize>,
    /// How many it needs in the bar that comes.
    wanted: Vec<usize>,
    pub(super) text: String,
}

impl<'a> Page<'a> {
    pub(super) fn new(sheet: &'a Sheet, staves: Vec<Staff<'a>>) -> Self {
        let columns = vec![1; staves.len()];
        Self { sheet, wanted: columns.clone(), columns, staves, text: String::new() }
    }

    /// All columns from left to right.
    pub(super) fn cells(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        for (index, (staff, &columns)) in self.staves.iter().zip(&self.columns).enumerate() {
            cells.extend((0..columns).map(|lane| Cell::Notes(index, lane)));
            cells.extend((1..=staff.verses).map(|verse| Cell::Words(index, verse)));
            cells.extend(staff.dynamics.then_some(Cell::Dynamics(index)));
            cells.extend(staff.chords.then_some(Cell::Chords(index)));
        }
        cells
    }

    /// Writes a line.
    pub(super) fn row(&mut self, mut token: impl FnMut(Cell) -> String) {
        for (index, cell) in self.cells().into_iter().enumerate() {
            self.text.push_str(if index > 0 { "\t" } else { "" });
            self.text.push_str(&token(cell));
        }
        self.text.push('\n');
    }

    /// Writes a line of interpretations, unless all are empty.
    pub(super) fn interpretation(&mut self, token: impl FnMut(Cell) -> String) {
        let tokens: Vec<String> = self.cells().into_iter().map(token).collect();
        if tokens.iter().any(|token| token != "*") {
            self.text.push_str(&tokens.join("\t"));
            self.text.push('\n');
        }
    }

    /// Takes how many columns each staff needs in a bar, and joins those that go.
    pub(super) fn fit(&mut self, wanted: &[usize]) {
        self.wanted = wanted.to_vec();
        self.join();
    }

    /// Joins all columns of each staff.
    pub(super) fn fit_none(&mut self) {
        self.wanted.fill(1);
        self.join();
    }

    fn join(&mut self) {
        for staff in 0..self.staves.len() {
            let (Some(&now), Some(&wanted)) = (self.columns.get(staff), self.wanted.get(staff)) else {
                return;
            };
            // Two at a time: some readers lose the third.
            for left in (wanted..now).rev() {
                let joins = |cell| matches!(cell, Cell::Notes(of, lane) if of == staff && lane + 1 >= left);
                self.row(|cell| if joins(cell) { "*v" } else { "*" }.to_owned());
                self.columns.iter_mut().skip(staff).take(1).for_each(|columns| *columns = left);
            }
        }
    }

    /// Splits columns for the voices that come.
    pub(super) fn split(&mut self) {
        for staff in 0..self.staves.len() {
            let (Some(&now), Some(&wanted)) = (self.columns.get(staff), self.wanted.get(staff)) else {
                return;
            };
            for columns in now..wanted {
                self.row(|cell| if cell == Cell::Notes(staff, columns - 1) { "*^" } else { "*" }.to_owned());
                self.columns.iter_mut().skip(staff).take(1).for_each(|count| *count = columns + 1);
            }
        }
    }
}
