//! The inner loop of the recurrent kernels: a few rows times a few columns of vectors, held in registers.
//!
//! No closure here or in the kernels may touch a vector: a closure does not take on the instructions of the function
//! around it unless it happens to be inlined, and is a hundred times slower without.
#![allow(unsafe_code, reason = "bounds checks in this loop would cost as much as the arithmetic")]
#![allow(
    clippy::needless_range_loop,
    reason = "indices over fixed sizes unroll into registers; iterators did not"
)]

use std::ops::Range;

use crate::simd::Simd;

/// The matrix on the left: where its first number lies, and how far it is to the next row and the next `k`.
#[derive(Clone, Copy)]
pub(crate) struct Factors {
    pub(crate) start: *const f32,
    pub(crate) row_step: usize,
    pub(crate) k_step: usize,
}

impl Factors {
    /// Rows whose numbers lie together.
    pub(super) fn rows(start: *const f32, row_step: usize) -> Self {
        Self { start, row_step, k_step: 1 }
    }
}

/// The matrix on the right, whose numbers lie in the order in which a tile reads them.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    /// The first vector.
    pub(super) start: *const f32,
    /// From one `k` to the next.
    pub(super) row_step: usize,
    /// From one vector of columns to the next.
    pub(super) column_step: usize,
}

/// `sums[r][n] + x[r][0..depth] · panel[0..depth][n]`, `k` in order.
///
/// # Safety
/// `x` must have `R` rows of `depth` numbers; the panel must have `depth` rows of `N` vectors.
#[inline(always)]
pub(super) unsafe fn accumulate<S: Simd, const R: usize, const N: usize>(
    simd: S,
    mut sums: [[S::V; N]; R],
    x: Factors,
    panel: Panel,
    depth: usize,
) -> [[S::V; N]; R] {
    let mut rows: [*const f32; R] = std::array::from_fn(|r| x.start.wrapping_add(r * x.row_step));
    let mut at = panel.start;
    for _ in 0..depth {
        // SAFETY: within the bounds that the caller promises.
        unsafe {
            // Factors first, then one vector at a time: three rows of four fit AVX2's sixteen registers only so.
            let mut factors = [simd.splat(0.0); R];
            for r in 0..R {
                factors[r] = simd.splat(*rows[r]);
                rows[r] = rows[r].wrapping_add(x.k_step);
            }
            for n in 0..N {
                let column = simd.load(at.add(n * panel.column_step));
                for r in 0..R {
                    sums[r][n] = simd.fma(factors[r], column, sums[r][n]);
                }
            }
            at = at.wrapping_add(panel.row_step);
        }
    }
    sums
}

/// Asks for the cache line of an address, which need not be readable, into the core's first cache.
#[inline(always)]
pub(super) fn prefetch(at: *const f32) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 processor can, and a prefetch never faults.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(at.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

/// Cuts some rows into nearly equal tiles of at most `most`: first row and number of rows of each.
#[inline(always)]
pub(super) fn tiles(rows: &Range<usize>, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let (first, count) = (rows.start, rows.len());
    let tiles = count.div_ceil(most);
    (0..tiles).map(move |tile| {
        let (begin, end) = (count * tile / tiles, count * (tile + 1) / tiles);
        (first + begin, end - begin)
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
