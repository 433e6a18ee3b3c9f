//! Sums in sixteen lanes at once: processors add vectors as fast as numbers, and sums in parts err less.

#![expect(clippy::inline_always, reason = "each is compiled anew for the widest vectors where it is used")]

/// Lanes of a sum, on every processor: so the same bits come of narrow vectors and of wide ones.
pub(super) const LANES: usize = 16;

/// Does work with the widest vectors that the processor has. Nothing is fused or reordered: the numbers are those of any other.
pub(super) fn widest<Out>(work: impl FnOnce() -> Out) -> Out {
    pulp::Arch::new().dispatch(work)
}

/// The sum of `term(a, b)` over both slices.
#[inline(always)]
fn sum_of(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    let mut sums = [0.0_f32; LANES];
    let (blocks_a, rest_a) = a.as_chunks::<LANES>();
    let (blocks_b, rest_b) = b.as_chunks::<LANES>();
    for (a, b) in blocks_a.iter().zip(blocks_b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += term(*a, *b);
        }
    }
    let rest: f32 = rest_a.iter().zip(rest_b).map(|(a, b)| term(*a, *b)).sum();
    if blocks_a.is_empty() {
        return rest;
    }
    let mut width = LANES / 2;
    while width > 0 {
        let (low, high) = sums.split_at_mut(width);
        low.iter_mut().zip(&*high).for_each(|(low, high)| *low += high);
        width /= 2;
    }
    sums[0] + rest
}

/// The sum of all values.
#[inline(always)]
pub(super) fn sum(values: &[f32]) -> f32 {
    sum_of(values, values, |value, _| value)
}

/// The sum of all squares.
#[inline(always)]
pub(super) fn sum_of_squares(values: &[f32]) -> f32 {
    sum_of(values, values, |value, _| value * value)
}

/// The sum of the products of two slices of equal length.
#[inline(always)]
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    sum_of(a, b, |a, b| a * b)
}

/// The sum of `values * (at - centre)^2`.
#[inline(always)]
pub(super) fn spread(values: &[f32], at: &[f32], centre: f32) -> f32 {
    sum_of(values, at, |value, at| value * (at - centre) * (at - centre))
}

/// The greatest value; negative infinity where there is none.
#[inline(always)]
pub(super) fn greatest(values: &[f32]) -> f32 {
    let mut best = [f32::NEG_INFINITY; LANES];
    let (blocks, rest) = values.as_chunks::<LANES>();
    for block in blocks {
        for (best, value) in best.iter_mut().zip(block) {
            *best = if *value > *best { *value } else { *best };
        }
    }
    best.into_iter().chain(rest.iter().copied()).fold(f32::NEG_INFINITY, f32::max)
}

/// The greatest absolute value; 0 where there is none.
#[inline(always)]
pub(super) fn peak(values: &[f32]) -> f32 {
    let mut best = [0.0_f32; LANES];
    let (blocks, rest) = values.as_chunks::<LANES>();
    for block in blocks {
        for (best, value) in best.iter_mut().zip(block) {
            let value = value.abs();
            *best = if value > *best { value } else { *best };
        }
    }
    rest.iter().map(|value| value.abs()).chain(best).fold(0.0, f32::max)
}
