//! Layer normalisation.
#![allow(unsafe_code, reason = "threads share the rows of one matrix")]

use super::{Machine, Op, Slot, Tape, Var};
use crate::kernel::map::strands;
use crate::product::{Start, View, multiply};
use crate::team::Parts;
use crate::{Gradients, ParamId, Parameters};

/// Added to the variance.
const EPSILON: f32 = 1e-5;

impl Tape {
    /// Each row shifted and scaled to mean 0 and variance 1, then times `gain` plus `bias` (Ba et al., 2016).
    ///
    /// # Shapes
    /// `x` `[n, width]`, `gain` and `bias` `[width]`, result `[n, width]`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn layer_norm(&mut self, params: &Parameters, x: Var, gain: ParamId, bias: ParamId) -> Var {
        let (rows, columns) = self.shape(x);
        let (gains, biases) = (params.get(gain).data(), params.get(bias).data());
        assert!(
            gains.len() == columns && biases.len() == columns,
            "gain and bias must have {columns} numbers"
        );
        let (var, slot, earlier) = self.graph.next([rows, columns]);
        let [normal, scales, ..] = &mut slot.saved;
        normal.resize(rows * columns);
        scales.resize(rows);
        let (source, cost) = (&earlier[x.0].value, rows * columns / 2);
        let scales = Parts::new(scales);
        self.machine.team.rows(normal, columns, cost, &|range, normal| {
            // SAFETY: the ranges of rows are disjoint.
            let scales = unsafe { scales.range(range.clone()) };
            for ((row, unit), scale) in range.zip(normal.chunks_exact_mut(columns)).zip(scales) {
                *scale = normalise(&source[row * columns..][..columns], unit);
            }
        });
        for (out, unit) in slot.value.chunks_exact_mut(columns).zip(normal.chunks_exact(columns)) {
            for ((out, unit), (gain, bias)) in out.iter_mut().zip(unit).zip(gains.iter().zip(biases)) {
                *out = *unit * gain + bias;
            }
        }
        slot.op = Op::LayerNorm { x, gain, bias };
        var
    }
}

/// Writes a row shifted and scaled to mean 0 and variance 1; gives the scale.
fn normalise(input: &[f32], out: &mut [f32]) -> f32 {
    let share = 1.0 / input.len() as f32;
    let mean = strands(input, 0.0, |a, b| a + b) * share;
    for (out, value) in out.iter_mut().zip(input) {
        *out = (value - mean) * (value - mean);
    }
    let scale = 1.0 / (strands(out, 0.0, |a, b| a + b) * share + EPSILON).sqrt();
    for (out, value) in out.iter_mut().zip(input) {
        *out = (value - mean) * scale;
    }
    scale
}

pub(super) fn backward(
    slot: &mut Slot,
    x: &mut Slot,
    (gain, bias): (ParamId, ParamId),
    (params, grads): (&Parameters, &mut Gradients),
    machine: &Machine,
) {
    let columns = slot.columns;
    let [normal, scales, products, ..] = &mut slot.saved;
    let (workers, ones) = (machine.workers(), View::ones(slot.rows));
    let wanted = grads.wants(gain);
    if wanted {
        multiply(&workers, ones, View::new(&slot.grad, slot.rows, columns), Start::Out, grads.get_mut(bias));
    }
    products.copy_from(&slot.grad);
    for (product, unit) in products.iter_mut().zip(normal.iter()) {
        *product *= unit;
    }
    if wanted {
        multiply(&workers, ones, View::new(products, slot.rows, columns), Start::Out, grads.get_mut(gain));
    }
    if !x.wants {
        return;
    }
    let (gains, cost) = (params.get(gain).data(), slot.grad.len());
    let (normal, scales, products) = (&**normal, &**scales, Parts::new(products));
    let grad = &slot.grad;
    machine.team.rows(x.grad_to_add(), columns, cost, &|range, out| {
        // SAFETY: the ranges of rows are disjoint.
        let products = unsafe { products.range(range.start * columns..range.end * columns) };
        let outs = out.chunks_exact_mut(columns).zip(products.chunks_exact_mut(columns));
        for (row, (out, product)) in range.zip(outs) {
            let places = row * columns..(row + 1) * columns;
            row_backward(&grad[places.clone()], (&normal[places], scales[row]), gains, product, out);
        }
    });
}

/// One row's way back; `product` holds `grad * unit` and is overwritten.
fn row_backward(
    grad: &[f32],
    (unit, scale): (&[f32], f32),
    gains: &[f32],
    product: &mut [f32],
    out: &mut [f32],
) {
    let share = 1.0 / grad.len() as f32;
    for (product, gain) in product.iter_mut().zip(gains) {
        *product *= gain;
    }
    let along = strands(product, 0.0, |a, b| a + b) * share;
    for ((product, g), gain) in product.iter_mut().zip(grad).zip(gains) {
        *product = g * gain;
    }
    let mean = strands(product, 0.0, |a, b| a + b) * share;
    for ((total, g), u) in out.iter_mut().zip(&*product).zip(unit) {
        *total += scale * (g - mean - u * along);
    }
}
