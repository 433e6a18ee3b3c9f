//! Lists of lists that operations read: bags of rows, terms of shifted sums, masks of classes.

use std::ops::Range;

/// A list of lists in two stretches of memory.
///
/// Items `offsets[r]..offsets[r + 1]` are row `r`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lists<T> {
    offsets: Vec<u32>,
    items: Vec<T>,
}

/// Bags of row numbers of an embedding table.
pub type Bags = Lists<u32>;

/// The terms of each row of a shifted sum.
pub type Terms = Lists<Term>;

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self { offsets: vec![0], items: Vec::new() }
    }
}

impl<T: Clone> Lists<T> {
    /// No row yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row of these items.
    pub fn push(&mut self, items: &[T]) {
        self.items.extend_from_slice(items);
        self.offsets.push(self.items.len() as u32);
    }

    /// The items of one row.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, index: usize) -> &[T] {
        &self.items[self.offsets[index] as usize..self.offsets[index + 1] as usize]
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes every row and keeps the memory.
    pub fn clear(&mut self) {
        self.offsets.truncate(1);
        self.items.clear();
    }

    /// Copies another list into this one's memory.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.offsets.clone_from(&other.offsets);
        self.items.clone_from(&other.items);
    }

    /// Every item, row after row.
    pub(crate) fn items(&self) -> &[T] {
        &self.items
    }
}

impl Bags {
    /// Keeps the items for which `keep` holds; every bag stays, if smaller.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut() -> bool) {
        let mut kept = 0;
        let mut begin = 0;
        for offset in self.offsets.iter_mut().skip(1) {
            let end = *offset as usize;
            for index in begin..end {
                if keep() {
                    self.items[kept] = self.items[index];
                    kept += 1;
                }
            }
            begin = end;
            *offset = kept as u32;
        }
        self.items.truncate(kept);
    }
}

/// What a shifted index outside `0..width` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Edge {
    /// The nearest index inside.
    #[default]
    Clamp,
    /// The index modulo the width.
    Wrap,
}

/// One part of a shifted sum: for every class `c` of `classes`, `logit[c] += x[source + edge(c + shift, width)]`.
///
/// It reads a table of `width` numbers that begins at column `source`, as seen from a class: a table over intervals,
/// say, shifted by the note that the interval is counted from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Term {
    /// The column at which the table begins.
    pub source: u32,
    /// The length of the table.
    pub width: u32,
    /// What is added to a class before the look-up.
    pub shift: i32,
    /// What happens beyond the table's ends.
    pub edge: Edge,
    /// The classes that take part.
    pub classes: Range<u32>,
}

impl Term {
    /// Cuts the classes into stretches that read neighbouring columns, or all the same one.
    #[inline]
    pub(crate) fn stretches(&self, mut visit: impl FnMut(Stretch)) {
        let (width, source) = (i64::from(self.width), self.source as usize);
        let end = i64::from(self.classes.end);
        let mut class = i64::from(self.classes.start);
        while class < end {
            let index = class + i64::from(self.shift);
            let (inside, length, fixed) = match self.edge {
                Edge::Clamp if index < 0 => (0, -index, true),
                Edge::Clamp if index >= width => (width - 1, end - class, true),
                Edge::Clamp => (index, width - index, false),
                Edge::Wrap => (index.rem_euclid(width), width - index.rem_euclid(width), false),
            };
            let length = length.min(end - class);
            let column = source + inside as usize;
            visit(Stretch { class: class as usize, column, length: length as usize, fixed });
            class += length;
        }
    }

    /// `logits[c] += x[…]` for every class of this term.
    #[inline]
    pub(crate) fn add_to(&self, x: &[f32], logits: &mut [f32]) {
        self.stretches(|Stretch { class, column, length, fixed }| {
            let logits = &mut logits[class..class + length];
            if fixed {
                let value = x[column];
                for logit in logits {
                    *logit += value;
                }
            } else {
                for (logit, value) in logits.iter_mut().zip(&x[column..column + length]) {
                    *logit += value;
                }
            }
        });
    }

    /// The way back of [`Term::add_to`]: `slopes[…] += grad[c]`.
    #[inline]
    pub(crate) fn add_back(&self, grad: &[f32], slopes: &mut [f32]) {
        self.stretches(|Stretch { class, column, length, fixed }| {
            let grad = &grad[class..class + length];
            if fixed {
                slopes[column] += grad.iter().sum::<f32>();
            } else {
                for (slope, value) in slopes[column..column + length].iter_mut().zip(grad) {
                    *slope += value;
                }
            }
        });
    }

    /// Panics unless the term stays inside `columns` columns and `classes` classes.
    pub(crate) fn check(&self, columns: usize, classes: usize) {
        assert!(
            self.width > 0 && self.source as usize + self.width as usize <= columns,
            "a term must read inside {columns} columns, but reads {} from {}",
            self.width,
            self.source
        );
        assert!(
            self.classes.end as usize <= classes,
            "a term must stay within {classes} classes, but reaches {}",
            self.classes.end
        );
    }
}

/// Some neighbouring classes of a [`Term`] and the columns that they read: neighbouring too, or all one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    class: usize,
    column: usize,
    length: usize,
    fixed: bool,
}

/// Which classes each row may choose: one bit a class, rows of whole words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassMask {
    classes: usize,
    words: Vec<u64>,
    rows: usize,
}

impl ClassMask {
    /// A mask over so many classes, no row yet.
    pub fn new(classes: usize) -> Self {
        Self { classes, words: Vec::new(), rows: 0 }
    }

    /// Adds a row that allows nothing yet, and gives its number.
    pub fn push(&mut self) -> usize {
        self.words.resize(self.words.len() + self.stride(), 0);
        self.rows += 1;
        self.rows - 1
    }

    /// Adds a row that allows everything, and gives its number.
    pub fn push_all(&mut self) -> usize {
        let row = self.push();
        for class in 0..self.classes {
            self.allow(row, class);
        }
        row
    }

    /// Adds a row that allows the classes of a bit set; words beyond the row's are left out.
    pub fn push_words(&mut self, words: &[u64]) -> usize {
        let row = self.push();
        let stride = self.stride();
        for (word, bits) in self.words[row * stride..].iter_mut().zip(words) {
            *word = *bits;
        }
        row
    }

    /// Allows a class in a row.
    ///
    /// # Panics
    /// If there is no such row or class.
    pub fn allow(&mut self, row: usize, class: usize) {
        assert!(class < self.classes, "a class must be below {}, but was {class}", self.classes);
        let word = row * self.stride() + class / 64;
        self.words[word] |= 1 << (class % 64);
    }

    /// Forbids a class in a row.
    ///
    /// # Panics
    /// If there is no such row or class.
    pub fn forbid(&mut self, row: usize, class: usize) {
        assert!(class < self.classes, "a class must be below {}, but was {class}", self.classes);
        let word = row * self.stride() + class / 64;
        self.words[word] &= !(1 << (class % 64));
    }

    /// Whether a row allows a class.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn allows(&self, row: usize, class: usize) -> bool {
        class < self.classes && self.words[row * self.stride() + class / 64] >> (class % 64) & 1 == 1
    }

    /// The words of one row; bit `c % 64` of word `c / 64` is class `c`.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, row: usize) -> &[u64] {
        &self.words[row * self.stride()..(row + 1) * self.stride()]
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Removes every row and keeps the memory.
    pub fn clear(&mut self) {
        self.words.clear();
        self.rows = 0;
    }

    fn stride(&self) -> usize {
        self.classes.div_ceil(64)
    }
}
