//! Matrix products.
#![allow(unsafe_code, reason = "the gemm crate takes pointers and strides")]

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use gemm::Parallelism;

use crate::team::{Parts, Team};

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
}

/// The most blocks that a product is cut into; more threads than this have nothing to do.
const BLOCKS: usize = 16;

/// `out = a b`, or `out += a b`; `out` is row-major, `[a.rows, b.columns]`.
///
/// The product is cut into blocks by its size alone, whatever the threads, since the order of `gemm`'s additions may
/// follow from the size of what it is given.
pub(crate) fn multiply(team: &Team, a: View, b: View, out: &mut [f32], accumulate: bool) {
    let (m, k, n) = (a.rows, a.columns, b.columns);
    assert!(b.rows == k && out.len() == m * n, "the factors and the product of matrices must fit");
    if m * n == 0 {
        return;
    }
    let cuts = Cuts::new(m, n, k);
    let out = Parts::new(out);
    if cuts.blocks == 1 {
        return block(a, b, out, accumulate, (0..m, 0..n));
    }
    let next = AtomicUsize::new(0);
    team.run(&|_| {
        while let index = next.fetch_add(1, Ordering::Relaxed)
            && index < cuts.blocks
        {
            block(a, b, out, accumulate, cuts.block(index));
        }
    });
}

/// How a product is cut: along its longer side.
struct Cuts {
    rows: usize,
    columns: usize,
    blocks: usize,
    size: usize,
}

impl Cuts {
    fn new(rows: usize, columns: usize, depth: usize) -> Self {
        let longer = rows.max(columns);
        // A block should be worth a thread's while, and long enough that packing the other factor is not felt.
        let worth = rows * columns * depth / (1 << 20);
        let blocks = (longer / 256).min(worth).clamp(1, BLOCKS);
        // An even number divides among two threads.
        let blocks = if blocks > 2 { blocks & !1 } else { blocks };
        let size = longer.div_ceil(blocks).next_multiple_of(16);
        Self { rows, columns, blocks: longer.div_ceil(size), size }
    }

    fn block(&self, index: usize) -> (Range<usize>, Range<usize>) {
        let longer = self.rows.max(self.columns);
        let cut = index * self.size..((index + 1) * self.size).min(longer);
        if self.rows >= self.columns { (cut, 0..self.columns) } else { (0..self.rows, cut) }
    }
}

/// One block of a product, on this thread.
fn block(a: View, b: View, out: Parts, accumulate: bool, (rows, columns): (Range<usize>, Range<usize>)) {
    let n = b.columns;
    // SAFETY: `View::new` checked that the numbers reach as far as its strides, `multiply` that `out` holds all rows
    // and columns; the blocks are disjoint.
    unsafe {
        gemm::gemm(
            rows.len(),
            columns.len(),
            a.columns,
            out.pointer().add(rows.start * n + columns.start),
            1,
            n as isize,
            accumulate,
            a.data.as_ptr().add(rows.start * a.row_step),
            a.column_step as isize,
            a.row_step as isize,
            b.data.as_ptr().add(columns.start * b.column_step),
            b.column_step as isize,
            b.row_step as isize,
            1.0f32,
            1.0f32,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
