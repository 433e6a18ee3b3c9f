//! Matrix products, shared among threads.
//!
//! Every number of a product is one sum over `k` in order, each term by a fused multiply-add: the same bits for any
//! number of threads and on every path.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::buffer::Buffer;
use crate::kernel::Workers;
use crate::kernel::block::Block;
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

/// `out = start + a b`; `out` is row-major, `[a.rows, b.columns]`.
pub(crate) fn multiply(workers: &Workers, a: View, b: View, start: Start, out: &mut [f32]) {
    let (m, k, n) = (a.rows, a.columns, b.columns);
    assert!(b.column_step == 1, "the factor on the right must be row-major: `transpose` makes it so");
    assert!(b.rows == k && out.len() == m * n, "the factors and the product of matrices must fit");
    if let Start::Row(row) = start {
        assert!(row.len() == n, "a product of {n} columns cannot begin with {} numbers", row.len());
    }
    if m * n == 0 {
        return;
    }
    let cuts = Cuts::new(m, n, k, workers.team.threads());
    let out = Parts::new(out);
    let block = |index: usize| {
        let (rows, columns) = cuts.block(index);
        workers.path.run(Block { a, b, start, out, rows, columns });
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

/// How a product is cut into blocks for threads to take: along its rows where it is taller than wide.
struct Cuts {
    rows: usize,
    columns: usize,
    size: usize,
    blocks: usize,
}

/// How many rows a block has: few enough that its part of the left factor stays in a core's second cache.
const ROWS: usize = 256;
/// How many columns a block has where columns are cut: a panel of the widest vectors.
const COLUMNS: usize = 64;

impl Cuts {
    fn new(rows: usize, columns: usize, depth: usize, threads: usize) -> Self {
        let (longer, most) = if rows > columns { (rows, ROWS) } else { (columns, COLUMNS) };
        // A block must be worth waking a thread for.
        let worth = (rows * columns * depth >> 17).clamp(1, threads);
        let size = if worth == 1 { longer } else { longer.div_ceil(worth).next_multiple_of(16).min(most) };
        Self { rows, columns, size, blocks: longer.div_ceil(size) }
    }

    /// Rows and columns of a block.
    fn block(&self, index: usize) -> (Range<usize>, Range<usize>) {
        let longer = self.rows.max(self.columns);
        let cut = index * self.size..((index + 1) * self.size).min(longer);
        if self.rows > self.columns { (cut, 0..self.columns) } else { (0..self.rows, cut) }
    }
}
