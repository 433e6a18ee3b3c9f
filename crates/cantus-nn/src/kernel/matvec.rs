//! A matrix times one vector, for decoding: limited by how fast the weights are read, and the same bits everywhere.
#![allow(
    unsafe_code,
    reason = "vectors are read from packed weights and the loop has no room for bounds checks"
)]

use std::marker::PhantomData;

use crate::buffer::Buffer;
use crate::simd::{Kernel, Path, Simd};
use crate::weights::to_bf16;
use crate::{Precision, Tensor};

/// A matrix whose columns lie in blocks of vectors, each block in the order in which it is read:
/// `[block][k][vector][lane]`, blocks of [`BLOCK`] vectors and a last one of what is left, an even number.
///
/// As bf16 two vectors share the words of one: the first has the lower halves, the second the upper ones, which is
/// the fewest instructions to make f32 of them.
#[derive(Debug, Clone)]
pub(crate) struct Packed {
    data: Buffer,
    precision: Precision,
    path: Path,
    depth: usize,
    columns: usize,
}

/// How many vectors of columns are accumulated side by side: enough to hide the time that an addition takes.
const BLOCK: usize = 8;

impl Packed {
    /// Packs a matrix `[depth, columns]`.
    pub(crate) fn new(path: Path, precision: Precision, matrix: &Tensor) -> Self {
        let columns = matrix.columns();
        Self::select(path, precision, matrix, columns, Some)
    }

    /// Packs a matrix whose column `c` is the source's column `from(c)`, or zeros.
    pub(crate) fn select(
        path: Path,
        precision: Precision,
        matrix: &Tensor,
        columns: usize,
        from: impl Fn(usize) -> Option<usize>,
    ) -> Self {
        let (lanes, depth) = (path.lanes(), matrix.rows());
        let vectors = columns.div_ceil(2 * lanes) * 2;
        let mut packed = Self { data: Buffer::default(), precision, path, depth, columns };
        let count = vectors * lanes * depth;
        packed.data.zeros(if precision == Precision::Bf16 { count / 2 } else { count });
        for column in 0..columns {
            let Some(source) = from(column) else { continue };
            let (vector, lane) = (column / lanes, column % lanes);
            let first = vector / BLOCK * BLOCK;
            let width = (vectors - first).min(BLOCK);
            for (k, row) in matrix.data().chunks_exact(matrix.columns()).enumerate() {
                packed.set(first * depth + k * width + vector - first, lane, row[source]);
            }
        }
        packed
    }

    /// Sets a lane of a vector, counted from the beginning.
    fn set(&mut self, vector: usize, lane: usize, value: f32) {
        let lanes = self.path.lanes();
        match self.precision {
            Precision::F32 => self.data[vector * lanes + lane] = value,
            Precision::Bf16 => {
                let pair = &mut self.data[vector / 2 * lanes + lane];
                let half = u32::from(to_bf16(value)) << (16 * (vector % 2));
                *pair = f32::from_bits(pair.to_bits() | half);
            }
        }
    }

    pub(crate) fn path(&self) -> Path {
        self.path
    }

    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// `out += x matrix`, over `k` in order.
    pub(crate) fn accumulate(&self, x: &[f32], out: &mut [f32]) {
        assert!(x.len() == self.depth && out.len() == self.columns, "input and output must fit the matrix");
        match self.precision {
            Precision::F32 => {
                self.path.run(Product { source: PhantomData::<Whole>, weights: &self.data, x, out });
            }
            Precision::Bf16 => {
                self.path.run(Product { source: PhantomData::<Halves>, weights: &self.data, x, out });
            }
        }
    }
}

/// Packed weights, as vectors are made of them.
trait Source {
    /// The memory of two vectors, in vectors.
    const PAIR: usize;

    /// Reads two vectors.
    ///
    /// # Safety
    /// [`Source::PAIR`] vectors must be readable there.
    unsafe fn load<S: Simd>(simd: S, from: *const f32) -> [S::V; 2];
}

/// f32.
struct Whole;

impl Source for Whole {
    const PAIR: usize = 2;

    #[inline(always)]
    unsafe fn load<S: Simd>(simd: S, from: *const f32) -> [S::V; 2] {
        // SAFETY: the caller's promise.
        unsafe { [simd.load(from), simd.load(from.add(S::LANES))] }
    }
}

/// bf16, two vectors in the memory of one.
struct Halves;

impl Source for Halves {
    const PAIR: usize = 1;

    #[inline(always)]
    unsafe fn load<S: Simd>(simd: S, from: *const f32) -> [S::V; 2] {
        // The arithmetic leaves the processor too little time to look ahead by itself; 2 KiB was best of 1 to 8.
        simd.prefetch(from.wrapping_add(512));
        // SAFETY: the caller's promise.
        unsafe { simd.load_bf16_pair(from) }
    }
}

struct Product<'a, W> {
    source: PhantomData<W>,
    weights: &'a Buffer,
    x: &'a [f32],
    out: &'a mut [f32],
}

impl<W: Source> Kernel for Product<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let mut weights = self.weights.as_ptr();
        for out in self.out.chunks_mut(BLOCK * S::LANES) {
            // SAFETY: `Packed` was laid out for this path's lanes, in blocks of this many pairs.
            weights = unsafe {
                match out.len().div_ceil(2 * S::LANES) {
                    1 => block::<W, S, 1>(simd, weights, self.x, out),
                    2 => block::<W, S, 2>(simd, weights, self.x, out),
                    3 => block::<W, S, 3>(simd, weights, self.x, out),
                    _ => block::<W, S, { BLOCK / 2 }>(simd, weights, self.x, out),
                }
            };
        }
    }
}

/// Adds one block of `N` pairs of vectors; `out` may end before them. Gives where the next block begins.
///
/// # Safety
/// `N` pairs for each number of `x` must be readable at `weights`.
#[inline(always)]
unsafe fn block<W: Source, S: Simd, const N: usize>(
    simd: S,
    mut weights: *const f32,
    x: &[f32],
    out: &mut [f32],
) -> *const f32 {
    let mut padded = [0.0; BLOCK * 16];
    let is_whole = out.len() == 2 * N * S::LANES;
    if !is_whole {
        padded[..out.len()].copy_from_slice(out);
    }
    let place = if is_whole { out.as_mut_ptr() } else { padded.as_mut_ptr() };
    // SAFETY: the caller's promise, and `place` has room for `N` pairs.
    unsafe {
        let mut sums = [[simd.splat(0.0); 2]; N];
        for (pair, sum) in sums.iter_mut().enumerate() {
            *sum = Whole::load(simd, place.add(2 * pair * S::LANES));
        }
        for &x in x {
            let factor = simd.splat(x);
            for (pair, [a, b]) in sums.iter_mut().enumerate() {
                let [first, second] = W::load(simd, weights.add(pair * W::PAIR * S::LANES));
                *a = simd.fma(factor, first, *a);
                *b = simd.fma(factor, second, *b);
            }
            weights = weights.add(N * W::PAIR * S::LANES);
        }
        for (pair, &[a, b]) in sums.iter().enumerate() {
            simd.store(place.add(2 * pair * S::LANES), a);
            simd.store(place.add((2 * pair + 1) * S::LANES), b);
        }
    }
    if !is_whole {
        out.copy_from_slice(&padded[..out.len()]);
    }
    weights
}

/// The state update of one LSTM step; all slices padded, `gates` in the order `[vector of units][gate][lane]`.
pub(crate) struct LstmStep<'a> {
    pub(crate) gates: &'a [f32],
    pub(crate) h: &'a mut [f32],
    pub(crate) c: &'a mut [f32],
}

impl Kernel for LstmStep<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        assert!(self.gates.len() == 4 * self.h.len() && self.h.len() == self.c.len(), "sizes must agree");
        for place in (0..self.h.len() / S::LANES * S::LANES).step_by(S::LANES) {
            // SAFETY: a whole vector lies at each place, and its four gates at four times that.
            unsafe {
                let gates = self.gates.as_ptr().add(4 * place);
                let i = simd.sigmoid(simd.load(gates));
                let f = simd.sigmoid(simd.load(gates.add(S::LANES)));
                let g = simd.tanh(simd.load(gates.add(2 * S::LANES)));
                let o = simd.sigmoid(simd.load(gates.add(3 * S::LANES)));
                let c = self.c.as_mut_ptr().add(place);
                let cell = simd.fma(f, simd.load(c), simd.mul(i, g));
                simd.store(c, cell);
                simd.store(self.h.as_mut_ptr().add(place), simd.mul(o, simd.tanh(cell)));
            }
        }
    }
}

/// The state update of one GRU step; as for [`LstmStep`], with three gates from the input and three from the state.
pub(crate) struct GruStep<'a> {
    pub(crate) gates: &'a [f32],
    pub(crate) sides: &'a [f32],
    pub(crate) h: &'a mut [f32],
}

impl Kernel for GruStep<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        assert!(
            self.gates.len() == 3 * self.h.len() && self.sides.len() == 3 * self.h.len(),
            "sizes must agree"
        );
        for place in (0..self.h.len() / S::LANES * S::LANES).step_by(S::LANES) {
            // SAFETY: a whole vector lies at each place, and its three gates at three times that.
            unsafe {
                let (gates, sides) = (self.gates.as_ptr().add(3 * place), self.sides.as_ptr().add(3 * place));
                let reset = simd.sigmoid(simd.add(simd.load(gates), simd.load(sides)));
                let update =
                    simd.sigmoid(simd.add(simd.load(gates.add(S::LANES)), simd.load(sides.add(S::LANES))));
                let inner =
                    simd.fma(reset, simd.load(sides.add(2 * S::LANES)), simd.load(gates.add(2 * S::LANES)));
                let candidate = simd.tanh(inner);
                let h = self.h.as_mut_ptr().add(place);
                simd.store(h, simd.fma(update, simd.sub(simd.load(h), candidate), candidate));
            }
        }
    }
}
