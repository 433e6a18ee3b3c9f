//! The inner loop of the recurrent kernels: a few rows times a few columns of vectors, held in registers.
//!
//! No closure here or in the kernels may touch a vector: a closure does not take on the instructions of the function
//! around it unless it happens to be inlined, and is a hundred times slower without.
#![allow(unsafe_code, reason = "bounds checks in this loop would cost as much as the arithmetic")]

use crate::simd::Simd;

/// A matrix whose numbers lie in the order in which a tile reads them.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    /// The first vector.
    pub(super) start: *const f32,
    /// From one `k` to the next.
    pub(super) row_step: usize,
    /// From one vector of columns to the next.
    pub(super) column_step: usize,
}

/// `sums[r][n] += x[r][0..depth] · panel[0..depth][n]`, `k` in order.
///
/// # Safety
/// `x` must have `R` rows of `depth` numbers, `x_step` apart; the panel must have `depth` rows of `N` vectors.
#[inline(always)]
pub(super) unsafe fn accumulate<S: Simd, const R: usize, const N: usize>(
    simd: S,
    sums: &mut [[S::V; N]; R],
    (x, x_step): (*const f32, usize),
    panel: Panel,
    depth: usize,
) {
    let mut rows = *sums;
    for k in 0..depth {
        // SAFETY: within the bounds that the caller promises.
        unsafe {
            let at = panel.start.add(k * panel.row_step);
            // Factors first, then one vector at a time: three rows of four fit AVX2's sixteen registers only so.
            let mut factors = [simd.splat(0.0); R];
            for (r, factor) in factors.iter_mut().enumerate() {
                *factor = simd.splat(*x.add(r * x_step + k));
            }
            for n in 0..N {
                let column = simd.load(at.add(n * panel.column_step));
                for (row, factor) in rows.iter_mut().zip(factors) {
                    row[n] = simd.fma(factor, column, row[n]);
                }
            }
        }
    }
    *sums = rows;
}

/// Cuts `count` rows into nearly equal tiles of at most `most`: first row and number of rows of each.
#[inline(always)]
pub(super) fn tiles(count: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let tiles = count.div_ceil(most);
    (0..tiles).map(move |tile| {
        let (begin, end) = (count * tile / tiles, count * (tile + 1) / tiles);
        (begin, end - begin)
    })
}

/// Calls a function generic over a number of rows with the number at hand, at most [`Simd::ROWS`] and six.
macro_rules! with_rows {
    ($simd:ty, $rows:expr, |$R:ident| $call:expr) => {
        match $rows {
            1 => {
                const $R: usize = 1;
                $call
            }
            2 if <$simd>::ROWS >= 2 => {
                const $R: usize = 2;
                $call
            }
            3 if <$simd>::ROWS >= 3 => {
                const $R: usize = 3;
                $call
            }
            4 if <$simd>::ROWS >= 4 => {
                const $R: usize = 4;
                $call
            }
            5 if <$simd>::ROWS >= 5 => {
                const $R: usize = 5;
                $call
            }
            6 if <$simd>::ROWS >= 6 => {
                const $R: usize = 6;
                $call
            }
            _ => {}
        }
    };
}
pub(super) use with_rows;
