//! Functions of each number by itself, over slices of any length.
#![allow(unsafe_code, reason = "vectors are read from and written to slices whose length was checked")]

use crate::math;
use crate::simd::{Kernel, Path, Simd};

/// A function of one number; must be `#[inline(always)]`.
pub(crate) trait Function: Copy {
    fn value<S: Simd>(self, simd: S, x: S::V) -> S::V;
}

/// The derivative of a function, from its argument `x` and its value `y`; must be `#[inline(always)]`.
pub(crate) trait Slope: Copy {
    fn slope<S: Simd>(self, simd: S, x: S::V, y: S::V) -> S::V;
}

/// Replaces each number by the function of it.
pub(crate) fn map(path: Path, function: impl Function, values: &mut [f32]) {
    path.run(Map { function, values });
}

struct Map<'a, F> {
    function: F,
    values: &'a mut [f32],
}

impl<F: Function> Kernel for Map<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let whole = self.values.len() / S::LANES * S::LANES;
        let (body, rest) = self.values.split_at_mut(whole);
        for chunk in body.chunks_exact_mut(S::LANES) {
            // SAFETY: the chunk is one vector long.
            unsafe {
                let x = simd.load(chunk.as_ptr());
                simd.store(chunk.as_mut_ptr(), self.function.value(simd, x));
            }
        }
        let mut last = [0.0; 16];
        last[..rest.len()].copy_from_slice(rest);
        // SAFETY: no vector is longer than sixteen.
        unsafe {
            let x = simd.load(last.as_ptr());
            simd.store(last.as_mut_ptr(), self.function.value(simd, x));
        }
        rest.copy_from_slice(&last[..rest.len()]);
    }
}

/// Writes the function of each number of one slice into another as long.
pub(crate) struct Into<'a, F> {
    pub(crate) function: F,
    pub(crate) from: &'a [f32],
    pub(crate) to: &'a mut [f32],
}

impl<F: Function> Kernel for Into<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        assert!(self.from.len() == self.to.len(), "equal lengths");
        let whole = self.to.len() / S::LANES * S::LANES;
        for place in (0..whole).step_by(S::LANES) {
            // SAFETY: a whole vector lies within each slice.
            unsafe {
                let x = simd.load(self.from.as_ptr().add(place));
                simd.store(self.to.as_mut_ptr().add(place), self.function.value(simd, x));
            }
        }
        let rest = &mut self.to[whole..];
        rest.copy_from_slice(&self.from[whole..]);
        Map { function: self.function, values: rest }.run(simd);
    }
}

/// `total += grad * slope(x, y)` for each number; without `adds` what was there counts as 0.
pub(crate) struct Chain<'a, F> {
    pub(crate) adds: bool,
    pub(crate) function: F,
    pub(crate) x: &'a [f32],
    pub(crate) y: &'a [f32],
    pub(crate) grad: &'a [f32],
    pub(crate) total: &'a mut [f32],
}

impl<F: Slope> Kernel for Chain<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let count = self.total.len();
        assert!(self.x.len() == count && self.y.len() == count && self.grad.len() == count, "equal lengths");
        let whole = count / S::LANES * S::LANES;
        for place in (0..whole).step_by(S::LANES) {
            // SAFETY: a whole vector lies within each slice.
            unsafe {
                let slope = self.function.slope(
                    simd,
                    simd.load(self.x.as_ptr().add(place)),
                    simd.load(self.y.as_ptr().add(place)),
                );
                let total = self.total.as_mut_ptr().add(place);
                let before = if self.adds { simd.load(total) } else { simd.splat(0.0) };
                simd.store(total, simd.fma(simd.load(self.grad.as_ptr().add(place)), slope, before));
            }
        }
        let mut last = [[0.0; 16]; 4];
        for (copy, from) in last.iter_mut().zip([self.x, self.y, self.grad, &*self.total]) {
            copy[..count - whole].copy_from_slice(&from[whole..]);
        }
        // SAFETY: no vector is longer than sixteen.
        unsafe {
            let slope = self.function.slope(simd, simd.load(last[0].as_ptr()), simd.load(last[1].as_ptr()));
            let before = if self.adds { simd.load(last[3].as_ptr()) } else { simd.splat(0.0) };
            let total = simd.fma(simd.load(last[2].as_ptr()), slope, before);
            simd.store(last[3].as_mut_ptr(), total);
        }
        self.total[whole..].copy_from_slice(&last[3][..count - whole]);
    }
}

/// √(2/π), of GELU's approximation by tanh.
const GELU_SCALE: f32 = 0.797_884_6;
/// The cubic's factor there.
const GELU_CUBIC: f32 = 0.044_715;

/// `x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))`, which is `x σ(2 …)`.
#[derive(Clone, Copy)]
pub(crate) struct Gelu;

impl Gelu {
    /// The gate σ(2 √(2/π) (x + 0.044715 x³)).
    #[inline(always)]
    fn gate<S: Simd>(simd: S, x: S::V) -> S::V {
        let cubic = simd.fma(simd.mul(simd.splat(GELU_CUBIC), simd.mul(x, x)), x, x);
        simd.sigmoid(simd.mul(simd.splat(2.0 * GELU_SCALE), cubic))
    }
}

impl Function for Gelu {
    #[inline(always)]
    fn value<S: Simd>(self, simd: S, x: S::V) -> S::V {
        simd.mul(x, Self::gate(simd, x))
    }
}

impl Slope for Gelu {
    #[inline(always)]
    fn slope<S: Simd>(self, simd: S, x: S::V, _: S::V) -> S::V {
        let gate = Self::gate(simd, x);
        let square = simd.mul(simd.splat(3.0 * GELU_CUBIC), simd.mul(x, x));
        let inner = simd.mul(simd.splat(2.0 * GELU_SCALE), simd.add(square, simd.splat(1.0)));
        simd.fma(simd.mul(x, simd.sigmoid_slope(gate)), inner, gate)
    }
}

/// x, or 0 where it is negative.
#[derive(Clone, Copy)]
pub(crate) struct Relu;

impl Function for Relu {
    #[inline(always)]
    fn value<S: Simd>(self, simd: S, x: S::V) -> S::V {
        simd.max(simd.splat(0.0), x)
    }
}

impl Slope for Relu {
    #[inline(always)]
    fn slope<S: Simd>(self, simd: S, x: S::V, _: S::V) -> S::V {
        // The least positive number: 0 itself has no slope.
        simd.zero_below(x, f32::MIN_POSITIVE, simd.splat(1.0))
    }
}

/// x, or this times x where it is negative.
#[derive(Clone, Copy)]
pub(crate) struct LeakyRelu(pub(crate) f32);

impl Function for LeakyRelu {
    #[inline(always)]
    fn value<S: Simd>(self, simd: S, x: S::V) -> S::V {
        simd.max(simd.mul(simd.splat(self.0), x), x)
    }
}

impl Slope for LeakyRelu {
    #[inline(always)]
    fn slope<S: Simd>(self, simd: S, x: S::V, _: S::V) -> S::V {
        simd.max(simd.splat(self.0), simd.zero_below(x, f32::MIN_POSITIVE, simd.splat(1.0)))
    }
}

/// The derivative of ln(1 + eˣ).
#[derive(Clone, Copy)]
pub(crate) struct Softplus;

impl Slope for Softplus {
    #[inline(always)]
    fn slope<S: Simd>(self, simd: S, x: S::V, _: S::V) -> S::V {
        simd.sigmoid(x)
    }
}

/// 1 above 0, else 0, with the slope of the sigmoid.
#[derive(Clone, Copy)]
pub(crate) struct Binary;

impl Function for Binary {
    #[inline(always)]
    fn value<S: Simd>(self, simd: S, x: S::V) -> S::V {
        simd.zero_below(x, f32::MIN_POSITIVE, simd.splat(1.0))
    }
}

impl Slope for Binary {
    #[inline(always)]
    fn slope<S: Simd>(self, simd: S, x: S::V, _: S::V) -> S::V {
        simd.sigmoid_slope(simd.sigmoid(x))
    }
}

/// The hyperbolic tangent.
#[derive(Clone, Copy)]
pub(crate) struct Tanh;

impl Function for Tanh {
    #[inline(always)]
    fn value<S: Simd>(self, simd: S, x: S::V) -> S::V {
        simd.tanh(x)
    }
}

impl Slope for Tanh {
    #[inline(always)]
    fn slope<S: Simd>(self, simd: S, _: S::V, y: S::V) -> S::V {
        simd.tanh_slope(y)
    }
}

/// 1 / (1 + e⁻ˣ).
#[derive(Clone, Copy)]
pub(crate) struct Sigmoid;

impl Function for Sigmoid {
    #[inline(always)]
    fn value<S: Simd>(self, simd: S, x: S::V) -> S::V {
        simd.sigmoid(x)
    }
}

impl Slope for Sigmoid {
    #[inline(always)]
    fn slope<S: Simd>(self, simd: S, _: S::V, y: S::V) -> S::V {
        simd.sigmoid_slope(y)
    }
}

/// e to the power of how far x lies above the number given.
#[derive(Clone, Copy)]
struct ExpAbove(f32);

impl Function for ExpAbove {
    #[inline(always)]
    fn value<S: Simd>(self, simd: S, x: S::V) -> S::V {
        simd.exp(simd.sub(x, simd.splat(self.0)))
    }
}

/// e to the power of −|x|.
#[derive(Clone, Copy)]
pub(crate) struct ExpBelow;

impl Function for ExpBelow {
    #[inline(always)]
    fn value<S: Simd>(self, simd: S, x: S::V) -> S::V {
        let zero = simd.splat(0.0);
        simd.exp(simd.min(simd.sub(zero, x), x))
    }
}

/// Turns logits into probabilities and gives ln Σ eˡᵒᵍⁱᵗ; a logit of −∞ gets exactly 0.
pub(crate) fn softmax(path: Path, logits: &mut [f32]) -> f32 {
    let most = strands(logits, f32::NEG_INFINITY, |a, b| if b > a { b } else { a });
    map(path, ExpAbove(most), logits);
    let total = strands(logits, 0.0, |a, b| a + b);
    let scale = 1.0 / total;
    for value in logits {
        *value *= scale;
    }
    math::ln(total) + most
}

/// Folds a slice in eight strands and then the strands: an order that is the same everywhere and still fast.
pub(crate) fn strands(values: &[f32], start: f32, join: impl Fn(f32, f32) -> f32) -> f32 {
    let mut sums = [start; 8];
    let (blocks, rest) = values.as_chunks::<8>();
    for block in blocks {
        for (sum, value) in sums.iter_mut().zip(block) {
            *sum = join(*sum, *value);
        }
    }
    for (sum, value) in sums.iter_mut().zip(rest) {
        *sum = join(*sum, *value);
    }
    sums.into_iter().fold(start, join)
}
