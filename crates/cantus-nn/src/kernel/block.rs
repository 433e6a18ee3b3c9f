//! One thread's block of a matrix product.
//!
//! The columns go in panels of four vectors, each copied into the order in which a tile reads it; the rows in tiles,
//! whose sums stay in registers. A sum takes its terms in the order of `k`, each by one fused multiply-add, and goes
//! on where it stopped when the next panel comes: how a product is cut changes no bit of it.
#![allow(unsafe_code, reason = "tiles read and write parts of matrices whose sizes were checked")]
#![allow(
    clippy::large_stack_arrays,
    reason = "a panel of 32 KiB on the thread's own stack needs no allocation"
)]

use std::mem::MaybeUninit;
use std::ops::Range;

use super::Workers;
use super::tile::{Factors, Panel, accumulate, prefetch, tiles, with_rows};
use crate::buffer::Buffer;
use crate::product::{Start, View};
use crate::simd::{Kernel, Simd};
use crate::team::Parts;

/// How many vectors wide a panel is.
const VECTORS: usize = 4;
/// How many rows deep a panel is: all tiles find it in the core's first cache.
const DEPTH: usize = 128;
/// How many numbers a panel may be wide.
const WIDTH: usize = VECTORS * 16;

/// A block of columns of some products with one right factor.
pub(crate) struct Block<'a> {
    pub(crate) lefts: &'a [Factor<'a>],
    pub(crate) b: View<'a>,
    /// All panels of `b`, as [`pack`] wrote them, where many blocks read the same; else each is copied when its turn
    /// comes.
    pub(crate) packed: Option<&'a [f32]>,
    /// Of these rows, those that a left factor has.
    pub(crate) rows: Range<usize>,
    pub(crate) columns: Range<usize>,
}

/// A left factor, and where its product goes.
pub(crate) struct Factor<'a> {
    pub(crate) a: View<'a>,
    pub(crate) start: Start<'a>,
    /// The whole product, row-major, `[a.rows, b.columns]`.
    pub(crate) out: Parts<'a>,
}

/// Where a panel lies in `b`, and a copy of it.
struct Strip {
    depth: Range<usize>,
    columns: Range<usize>,
    /// What the sums begin with, if not with what `out` holds.
    begin: Option<[f32; WIDTH]>,
    /// `[depth, vectors * lanes]`, zeros beyond the columns.
    panel: *const f32,
    packed: Packed,
}

/// Room for a panel, at the beginning of a cache line.
#[repr(align(64))]
struct Packed([f32; DEPTH * WIDTH]);

impl Kernel for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let mut strip = Strip {
            depth: 0..0,
            columns: 0..0,
            begin: None,
            panel: std::ptr::null(),
            packed: Packed([0.0; _]),
        };
        // A product without depth is its start.
        for k in (0..self.b.rows().max(1)).step_by(DEPTH) {
            strip.depth = k..(k + DEPTH).min(self.b.rows());
            for first in self.columns.clone().step_by(VECTORS * S::LANES) {
                strip.columns = first..(first + VECTORS * S::LANES).min(self.columns.end);
                match strip.columns.len().div_ceil(S::LANES) {
                    1 => self.strip::<S, 1>(simd, &mut strip),
                    2 => self.strip::<S, 2>(simd, &mut strip),
                    3 => self.strip::<S, 3>(simd, &mut strip),
                    _ => self.strip::<S, VECTORS>(simd, &mut strip),
                }
            }
        }
    }
}

impl Block<'_> {
    /// Adds what one panel gives to every row of every product.
    #[inline(always)]
    fn strip<S: Simd, const N: usize>(&self, simd: S, strip: &mut Strip) {
        strip.panel = if let Some(packed) = self.packed {
            packed[place(&self.b, &strip.depth, strip.columns.start, S::LANES)..].as_ptr()
        } else {
            self.b.pack(&strip.depth, &strip.columns, N * S::LANES, &mut strip.packed.0);
            strip.packed.0.as_ptr()
        };
        for left in self.lefts {
            let first = strip.depth.start == 0;
            strip.begin = if first { left.start.columns(&strip.columns) } else { None };
            let rows = self.rows.start..self.rows.end.min(left.a.rows());
            for (row, rows) in tiles(&rows, S::ROWS) {
                // SAFETY: the products were checked before they were cut; no one else writes to this block.
                with_rows!(S, rows, |R| unsafe { self.tile::<S, R, N>(simd, left, strip, row) });
            }
        }
    }

    /// Adds what one panel gives to `R` rows of a product.
    ///
    /// # Safety
    /// Rows, depth and columns must lie within the matrices, and no one else may touch this part of `out`.
    #[inline(always)]
    unsafe fn tile<S: Simd, const R: usize, const N: usize>(
        &self,
        simd: S,
        left: &Factor,
        strip: &Strip,
        row: usize,
    ) {
        let (stride, count) = (self.b.columns(), strip.columns.len());
        let mut edge = MaybeUninit::<[f32; 6 * WIDTH]>::uninit();
        // SAFETY: by the promises above.
        unsafe {
            let out = left.out.pointer().add(row * stride + strip.columns.start);
            // A panel that ends amid a vector works on a copy.
            let whole = count == N * S::LANES;
            let (at, step) = if whole { (out, stride) } else { (edge.as_mut_ptr().cast(), N * S::LANES) };
            if !whole && strip.begin.is_none() {
                copy_rows::<R>((out, stride), (at, step), count);
            }
            let from = strip.begin.as_ref().map_or((at.cast_const(), step), |begin| (begin.as_ptr(), 0));
            let mut sums = [[simd.splat(0.0); N]; R];
            for (r, row) in sums.iter_mut().enumerate() {
                for (n, sum) in row.iter_mut().enumerate() {
                    *sum = simd.load(from.0.add(r * from.1 + n * S::LANES));
                }
            }
            let panel = Panel { start: strip.panel, row_step: N * S::LANES, column_step: S::LANES };
            let factors = left.a.factors(row, strip.depth.start);
            prefetch_rows::<R>(factors, strip.depth.len());
            let sums = accumulate(simd, sums, factors, panel, strip.depth.len());
            for (r, row) in sums.iter().enumerate() {
                for (n, &sum) in row.iter().enumerate() {
                    simd.store(at.add(r * step + n * S::LANES), sum);
                }
            }
            if !whole {
                copy_rows::<R>((at, step), (out, stride), count);
            }
        }
    }
}

/// Copies all of a right factor into panels, for blocks to read.
pub(crate) fn pack<'a>(workers: &Workers, b: View, out: &'a mut Buffer) -> &'a [f32] {
    let lanes = workers.path.lanes();
    let count = b.rows() * b.columns().next_multiple_of(lanes);
    out.resize(count);
    let parts = Parts::new(out);
    workers.team.split(b.rows(), DEPTH, count / 4, &|rows| {
        for k in rows.clone().step_by(DEPTH) {
            let depth = k..(k + DEPTH).min(rows.end);
            for first in (0..b.columns()).step_by(VECTORS * lanes) {
                let columns = first..(first + VECTORS * lanes).min(b.columns());
                let width = columns.len().next_multiple_of(lanes);
                let start = place(&b, &depth, first, lanes);
                // SAFETY: panels are disjoint.
                let to = unsafe { parts.range(start..start + width * depth.len()) };
                b.pack(&depth, &columns, width, to);
            }
        }
    });
    out
}

/// Where the panel of some rows and of the columns from `first` on begins among all.
#[inline(always)]
fn place(b: &View, depth: &Range<usize>, first: usize, lanes: usize) -> usize {
    depth.start * b.columns().next_multiple_of(lanes) + first * depth.len()
}

/// Copies `count` numbers of each of `R` rows; pointers come with the distance from row to row.
///
/// # Safety
/// The numbers must be readable and writable, and the two must not overlap.
#[inline(always)]
unsafe fn copy_rows<const R: usize>(from: (*const f32, usize), to: (*mut f32, usize), count: usize) {
    for r in 0..R {
        // SAFETY: the caller's promise.
        unsafe { from.0.add(r * from.1).copy_to_nonoverlapping(to.0.add(r * to.1), count) };
    }
}

/// Asks for what the next tile reads of rows whose numbers lie together: they may come from far away.
#[inline(always)]
fn prefetch_rows<const R: usize>(factors: Factors, depth: usize) {
    if factors.k_step != 1 {
        return;
    }
    for r in R..2 * R {
        for k in (0..depth).step_by(16) {
            prefetch(factors.start.wrapping_add(r * factors.row_step + k));
        }
    }
}
