//! A matrix times one vector, for decoding: limited by how fast the weights are read, and the same bits everywhere.
#![allow(
    unsafe_code,
    reason = "vectors are read from packed weights and the loop has no room for bounds checks"
)]

use crate::buffer::Buffer;
use crate::simd::{Kernel, Path, Simd};
use crate::weights::to_bf16;
use crate::{Precision, Tensor};

/// A matrix whose columns lie in blocks of vectors, each block in the order in which it is read:
/// `[block][k][vector][lane]`, blocks of eight vectors and a last one of what is left.
#[derive(Debug, Clone)]
pub(crate) struct Packed {
    /// f32, or two bf16 in the place of each.
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
        let vectors = columns.div_ceil(lanes);
        let mut packed = Self { data: Buffer::default(), precision, path, depth, columns };
        let count = vectors * lanes * depth;
        packed.data.zeros(if precision == Precision::Bf16 { count.div_ceil(2) } else { count });
        for column in (0..columns).filter(|&column| from(column).is_some()) {
            let (vector, lane) = (column / lanes, column % lanes);
            let first = vector / BLOCK * BLOCK;
            let width = (vectors - first).min(BLOCK);
            let source = from(column).unwrap_or_default();
            for (k, row) in matrix.data().chunks_exact(matrix.columns()).enumerate() {
                let place = ((first * depth + k * width) + vector - first) * lanes + lane;
                packed.set(place, row[source]);
            }
        }
        packed
    }

    fn set(&mut self, place: usize, value: f32) {
        match self.precision {
            Precision::F32 => self.data[place] = value,
            Precision::Bf16 => {
                let pair = &mut self.data[place / 2];
                let shift = 16 * (place % 2);
                let bits = pair.to_bits() & !(0xffff << shift) | u32::from(to_bf16(value)) << shift;
                *pair = f32::from_bits(bits);
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
            Precision::F32 => self.path.run(Product { matrix: self, weights: self.data.as_ptr(), x, out }),
            Precision::Bf16 => {
                self.path.run(Product { matrix: self, weights: self.data.as_ptr().cast::<u16>(), x, out });
            }
        }
    }
}

/// A kind of stored weight.
trait Weight: Copy {
    /// # Safety
    /// A vector of them must be readable there.
    unsafe fn load<S: Simd>(simd: S, from: *const Self) -> S::V;
}

impl Weight for f32 {
    #[inline(always)]
    unsafe fn load<S: Simd>(simd: S, from: *const f32) -> S::V {
        // SAFETY: the caller's promise.
        unsafe { simd.load(from) }
    }
}

impl Weight for u16 {
    #[inline(always)]
    unsafe fn load<S: Simd>(simd: S, from: *const u16) -> S::V {
        // SAFETY: the caller's promise.
        unsafe { simd.load_bf16(from) }
    }
}

struct Product<'a, W> {
    matrix: &'a Packed,
    weights: *const W,
    x: &'a [f32],
    out: &'a mut [f32],
}

impl<W: Weight> Kernel for Product<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        let vectors = self.matrix.columns.div_ceil(S::LANES);
        for first in (0..vectors).step_by(BLOCK) {
            // SAFETY: `Packed` was laid out for this path's lanes, and the block exists.
            unsafe {
                match vectors - first {
                    1 => self.block::<S, 1>(simd, first),
                    2 => self.block::<S, 2>(simd, first),
                    3 => self.block::<S, 3>(simd, first),
                    4 => self.block::<S, 4>(simd, first),
                    5 => self.block::<S, 5>(simd, first),
                    6 => self.block::<S, 6>(simd, first),
                    7 => self.block::<S, 7>(simd, first),
                    _ => self.block::<S, BLOCK>(simd, first),
                }
            }
        }
    }
}

impl<W: Weight> Product<'_, W> {
    /// One block of `N` vectors of columns.
    ///
    /// # Safety
    /// The weights must have such a block, laid out for `S`'s lanes.
    #[inline(always)]
    unsafe fn block<S: Simd, const N: usize>(&mut self, simd: S, first: usize) {
        let mut sums = [simd.splat(0.0); N];
        // The last vector may reach beyond the columns.
        let mut edge = [0.0; 16];
        let tail = (first + N) * S::LANES > self.out.len();
        let whole = if tail { N - 1 } else { N };
        let out = &mut self.out[first * S::LANES..];
        let rest = out.len() - whole * S::LANES;
        if tail {
            edge[..rest].copy_from_slice(&out[whole * S::LANES..]);
        }
        // SAFETY: the caller's promise; `out` has `whole` vectors, `edge` one.
        unsafe {
            for (n, sum) in sums.iter_mut().enumerate() {
                *sum = simd.load(if n < whole { out.as_ptr().add(n * S::LANES) } else { edge.as_ptr() });
            }
            let mut at = self.weights.add(first * self.matrix.depth * S::LANES);
            for &x in self.x {
                let factor = simd.splat(x);
                for (n, sum) in sums.iter_mut().enumerate() {
                    *sum = simd.fma(factor, W::load(simd, at.add(n * S::LANES)), *sum);
                }
                at = at.add(N * S::LANES);
            }
            for (n, &sum) in sums.iter().enumerate() {
                let to = if n < whole { out.as_mut_ptr().add(n * S::LANES) } else { edge.as_mut_ptr() };
                simd.store(to, sum);
            }
        }
        if tail {
            out[whole * S::LANES..].copy_from_slice(&edge[..rest]);
        }
    }
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
