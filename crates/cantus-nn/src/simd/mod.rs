//! One source for every processor: vectors of numbers behind a trait, and the choice of the widest at run time.
//!
//! A kernel is written once over [`Simd`] and compiled once for each [`Path`]. What each operation gives is the same
//! number on every path, to the bit, so a kernel that never adds across the lanes of a vector gives the same bits
//! everywhere.
#![allow(
    unsafe_code,
    reason = "vector instructions exist only as unsafe functions of the processor that has them"
)]
#![allow(
    clippy::inline_always,
    reason = "a function takes on its caller's instructions only if it is inlined"
)]
#![allow(clippy::cast_ptr_alignment, reason = "loads and stores of vectors take any address")]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;

use crate::math::{EXP, EXP_HIGH, EXP_LOW, LN2_HIGH, LN2_LOW};

/// Vectors of `LANES` numbers.
///
/// A value of an implementing type is the proof that the processor has the instructions.
pub(crate) trait Simd: Copy {
    /// How many numbers a vector holds.
    const LANES: usize;
    /// How many rows of a matrix product are worth holding in registers, at four vectors a row.
    const ROWS: usize;
    /// A vector.
    type V: Copy;

    /// The same number in every lane.
    fn splat(self, x: f32) -> Self::V;
    /// Reads a vector.
    ///
    /// # Safety
    /// `LANES` numbers must be readable there.
    unsafe fn load(self, from: *const f32) -> Self::V;
    /// Reads two vectors of bf16 that share a vector's words: the lower halves and the upper ones.
    ///
    /// # Safety
    /// `LANES` numbers must be readable there.
    unsafe fn load_bf16_pair(self, from: *const f32) -> [Self::V; 2];
    /// Asks for the memory around an address, which need not exist; where that cannot be asked nothing happens.
    #[inline(always)]
    fn prefetch(self, _at: *const f32) {}
    /// Writes a vector.
    ///
    /// # Safety
    /// `LANES` numbers must be writable there.
    unsafe fn store(self, to: *mut f32, v: Self::V);
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a b + c`, rounded once.
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// The smaller; `b` if one is no number.
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    /// The larger; `b` if one is no number.
    fn max(self, a: Self::V, b: Self::V) -> Self::V;
    /// The nearest whole number, ties to even.
    fn round(self, a: Self::V) -> Self::V;
    /// 2ⁿ of whole numbers within −126 ..= 127.
    fn power_of_two(self, n: Self::V) -> Self::V;
    /// 0 where `x < limit`, else `y`.
    fn zero_below(self, x: Self::V, limit: f32, y: Self::V) -> Self::V;

    /// [`math::exp`](crate::math::exp) of each lane.
    #[inline(always)]
    fn exp(self, x: Self::V) -> Self::V {
        let bounded = self.min(self.splat(EXP_HIGH), self.max(self.splat(EXP_LOW), x));
        let n = self.round(self.mul(bounded, self.splat(std::f32::consts::LOG2_E)));
        let r = self.fma(n, self.splat(-LN2_HIGH), bounded);
        let r = self.fma(n, self.splat(-LN2_LOW), r);
        let mut series = self.splat(EXP[0]);
        for c in &EXP[1..] {
            series = self.fma(series, r, self.splat(*c));
        }
        let mantissa = self.add(self.fma(series, self.mul(r, r), r), self.splat(1.0));
        self.zero_below(x, EXP_LOW, self.mul(mantissa, self.power_of_two(n)))
    }

    /// [`math::sigmoid`](crate::math::sigmoid) of each lane.
    #[inline(always)]
    fn sigmoid(self, x: Self::V) -> Self::V {
        let one = self.splat(1.0);
        self.div(one, self.add(one, self.exp(self.sub(self.splat(0.0), x))))
    }

    /// [`math::tanh`](crate::math::tanh) of each lane.
    #[inline(always)]
    fn tanh(self, x: Self::V) -> Self::V {
        self.fma(self.splat(2.0), self.sigmoid(self.add(x, x)), self.splat(-1.0))
    }

    /// `y (1 − y)`: the derivative of the sigmoid where its value is `y`.
    #[inline(always)]
    fn sigmoid_slope(self, y: Self::V) -> Self::V {
        self.mul(y, self.sub(self.splat(1.0), y))
    }

    /// `1 − y²`: the derivative of tanh where its value is `y`.
    #[inline(always)]
    fn tanh_slope(self, y: Self::V) -> Self::V {
        self.sub(self.splat(1.0), self.mul(y, y))
    }
}

/// Work that is compiled for every path. `run` must be `#[inline(always)]`, so that it takes on the instructions of
/// the function it is called from.
pub(crate) trait Kernel {
    /// What the work gives.
    type Output;
    /// Does the work.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// The instructions that kernels use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// Sixteen numbers at once (x86-64 with AVX-512 F, BW, DQ and VL).
    Avx512,
    /// Eight numbers at once with fused multiply-add (x86-64 with AVX2 and FMA).
    Avx2,
    /// What every processor has.
    Portable,
}

impl Path {
    /// Whether this processor can.
    pub fn is_supported(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                    && Self::Avx2.is_supported()
            }
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx512 | Self::Avx2 => false,
            Self::Portable => true,
        }
    }

    /// Those that this processor can, the fastest first.
    pub fn supported() -> impl Iterator<Item = Self> {
        [Self::Avx512, Self::Avx2, Self::Portable].into_iter().filter(|path| path.is_supported())
    }

    /// The fastest that this processor can.
    pub fn best() -> Self {
        Self::supported().next().unwrap_or(Self::Portable)
    }

    /// How many numbers a vector of this path holds.
    pub(crate) fn lanes(self) -> usize {
        struct Lanes;
        impl Kernel for Lanes {
            type Output = usize;

            #[inline(always)]
            fn run<S: Simd>(self, _: S) -> usize {
                S::LANES
            }
        }
        self.run(Lanes)
    }

    /// Runs a kernel with these instructions, or the portable ones where the processor lacks them.
    #[inline]
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the processor was asked for every feature that the function enables.
            Self::Avx512 if self.is_supported() => unsafe { avx512::run(kernel) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Self::Avx2 if self.is_supported() => unsafe { avx2::run(kernel) },
            _ => kernel.run(portable::Portable),
        }
    }
}

#[cfg(test)]
mod tests;
