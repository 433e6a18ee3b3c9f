//! Matrix products.
#![allow(unsafe_code, reason = "the gemm crate takes pointers and strides")]

use gemm::Parallelism;

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

/// `out = a b`, or `out += a b`; `out` is row-major, `[a.rows, b.columns]`.
pub(crate) fn multiply(a: View, b: View, out: &mut [f32], accumulate: bool) {
    let (m, k, n) = (a.rows, a.columns, b.columns);
    assert!(b.rows == k && out.len() == m * n, "the factors and the product of matrices must fit");
    // SAFETY: `View::new` checked that the numbers reach as far as its strides, and `out` holds m × n.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            n as isize,
            accumulate,
            a.data.as_ptr(),
            a.column_step as isize,
            a.row_step as isize,
            b.data.as_ptr(),
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
