//! Matrix products, shared among threads.
//!
//! Every number of a product is one sum over `k` in order, each term by a fused multiply-add: the same bits for any
//! number of threads and on every path.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::buffer::Buffer;
use crate::kernel::Workers;
use crate::kernel::block::{Block, Factor};
use crate::kernel::tile::Factors;
use crate::team::Parts;

/// A matrix that is read: numbers and how far apart its rows and columns lie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    row_step: usize,
    column_step: usize,
}

impl<'a> View<'a> {
    /// Row-major numbers.
    pub(crate) fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        assert!(data.len() >= rows * columns, "a matrix needs {rows} × {columns} numbers");
        Self { data, rows, columns, row_step: columns, column_step: 1 }
    }

    /// One row of ones: its product with a matrix is the sum of the matrix's rows.
    pub(crate) fn ones(columns: usize) -> Self {
        Self { data: &[1.0], rows: 1, columns, row_step: 0, column_step: 0 }
    }

    /// The first columns alone.
    pub(crate) fn first_columns(self, columns: usize) -> Self {
        assert!(columns <= self.columns, "a matrix of {} columns has not {columns}", self.columns);
        Self { columns, ..self }
    }

    /// The same numbers with rows and columns exchanged.
    pub(crate) fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_step: self.column_step,
            column_step: self.row_step,
            ..self
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// The numbers from a row and a column on, for a tile.
    pub(crate) fn factors(&self, row: usize, column: usize) -> Factors {
        let start = self.data[row * self.row_step + column * self.column_step..].as_ptr();
        Factors { start, row_step: self.row_step, k_step: self.column_step }
    }

    /// Copies a part into rows of `width`, zeros after its columns.
    pub(crate) fn pack(&self, rows: &Range<usize>, columns: &Range<usize>, width: usize, to: &mut [f32]) {
        for (to, row) in to.chunks_exact_mut(width).zip(rows.clone()) {
            let (used, rest) = to.split_at_mut(columns.len());
            used.copy_from_slice(&self.data[row * self.row_step + columns.start..][..columns.len()]);
            rest.fill(0.0);
        }
    }
}

/// What the sums of a product begin with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Start<'a> {
    /// Nothing: `out = a b`.
    Zero,
    /// The same numbers in every row, `[columns]`.
    Row(&'a [f32]),
    /// What `out` holds: `out += a b`.
    Out,
}

impl Start<'_> {
    /// What `out` holds, or nothing.
    pub(crate) fn out_if(adds: bool) -> Self {
        if adds { Self::Out } else { Self::Zero }
    }

    /// What some columns begin with, zeros after them; nothing if `out` holds it.
    pub(crate) fn columns<const WIDTH: usize>(self, columns: &Range<usize>) -> Option<[f32; WIDTH]> {
        let mut begin = [0.0; WIDTH];
        match self {
            Self::Zero => {}
            Self::Row(row) => begin[..columns.len()].copy_from_slice(&row[columns.clone()]),
            Self::Out => return None,
        }
        Some(begin)
    }
}

/// A left factor, and where its product goes.
pub(crate) struct Left<'a> {
    pub(crate) a: View<'a>,
    pub(crate) start: Start<'a>,
    /// Row-major, `[a.rows, b.columns]`.
    pub(crate) out: &'a mut [f32],
}

/// `out = start + a b`.
pub(crate) fn multiply(workers: &Workers, a: View, b: View, start: Start, out: &mut [f32]) {
    multiply_all(workers, [Left { a, start, out }], b);
}

/// `out = start + a b` for each left factor; the right one is read once for all.
pub(crate) fn multiply_all<const N: usize>(workers: &Workers, lefts: [Left; N], b: View) {
    for left in &lefts {
        left.check(&b);
    }
    let rows = lefts.iter().map(|left| left.a.rows).sum();
    let cuts = Cuts::new((rows, N), b.columns, b.rows, workers.team.threads());
    let lefts = lefts.map(|left| Factor { a: left.a, start: left.start, out: Parts::new(left.out) });
    let block = |index: usize| {
        let (rows, columns) = cuts.block(index);
        workers.path.run(Block { lefts: &lefts, b, packed: None, rows, columns });
    };
    if cuts.blocks == 1 {
        return block(0);
    }
    let next = AtomicUsize::new(0);
    workers.team.run(&|_| {
        while let index = next.fetch_add(1, Ordering::Relaxed)
            && index < cuts.blocks
        {
            block(index);
        }
    });
}

impl<'a> Left<'a> {
    /// `out = a b`.
    pub(crate) fn new(a: View<'a>, out: &'a mut [f32]) -> Self {
        Self { a, start: Start::Zero, out }
    }

    fn check(&self, b: &View) {
        let (rows, columns) = (self.a.rows, b.columns);
        assert!(b.column_step == 1, "the right factor must be row-major: `transpose` makes it so");
        assert!(self.a.columns == b.rows, "factors of {} columns and {} rows", self.a.columns, b.rows);
        assert!(self.out.len() == rows * columns, "a product of {rows} × {columns} in {}", self.out.len());
        if let Start::Row(row) = self.start {
            assert!(row.len() == columns, "{columns} columns cannot begin with {} numbers", row.len());
        }
    }
}

/// Writes the rows of a row-major matrix as columns.
pub(crate) fn transpose<'a>(workers: &Workers, matrix: View, out: &'a mut Buffer) -> View<'a> {
    let (rows, columns) = (matrix.rows, matrix.columns);
    out.resize(rows * columns);
    workers.team.rows(out, rows, rows * columns, &|range, out| {
        // Eight rows are read side by side and written together.
        for first in (0..rows).step_by(8) {
            let sources = matrix.data.chunks_exact(matrix.row_step);
            for (column, out) in range.clone().zip(out.chunks_exact_mut(rows)) {
                for (to, row) in out[first..].iter_mut().zip(sources.clone().skip(first).take(8)) {
                    *to = row[column];
                }
            }
        }
    });
    View::new(out, columns, rows)
}

/// How products are cut into blocks for threads to take: along the rows where there is one taller than wide.
struct Cuts {
    rows: usize,
    columns: usize,
    along_rows: bool,
    size: usize,
    blocks: usize,
}

/// How many rows a block has: few enough that its part of the left factor stays in a core's second cache.
const ROWS: usize = 256;

impl Cuts {
    /// Cuts some products of `rows` in all.
    fn new((rows, products): (usize, usize), columns: usize, depth: usize, threads: usize) -> Self {
        let along_rows = products == 1 && rows > columns;
        let (length, most) = if along_rows { (rows, ROWS) } else { (columns, usize::MAX) };
        // A block must be worth waking a thread for.
        let worth = (rows * columns * depth / (128 * 1024)).clamp(1, threads);
        let size = if worth == 1 { length } else { length.div_ceil(worth).next_multiple_of(16).min(most) };
        Self { rows, columns, along_rows, size, blocks: length.div_ceil(size.max(1)) }
    }

    /// Rows and columns of a block.
    fn block(&self, index: usize) -> (Range<usize>, Range<usize>) {
        let length = if self.along_rows { self.rows } else { self.columns };
        let cut = index * self.size..((index + 1) * self.size).min(length);
        if self.along_rows { (cut, 0..self.columns) } else { (0..self.rows, cut) }
    }
}
