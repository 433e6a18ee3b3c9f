//! Layer normalisation.

use super::{Op, Slot, Tape, Var};
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
        for (row, input) in earlier[x.0].value.chunks_exact(columns).enumerate() {
            let mean = input.iter().sum::<f32>() / columns as f32;
            let variance = input.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / columns as f32;
            scales[row] = 1.0 / (variance + EPSILON).sqrt();
            let places = row * columns..(row + 1) * columns;
            let outputs = slot.value[places.clone()].iter_mut().zip(&mut normal[places]);
            for (((out, unit), value), (gain, bias)) in outputs.zip(input).zip(gains.iter().zip(biases)) {
                *unit = (value - mean) * scales[row];
                *out = *unit * gain + bias;
            }
        }
        slot.op = Op::LayerNorm { x, gain, bias };
        var
    }
}

pub(super) fn backward(
    slot: &Slot,
    x: &mut Slot,
    (gain, bias): (ParamId, ParamId),
    (params, grads): (&Parameters, &mut Gradients),
) {
    let columns = slot.columns;
    let [normal, scales, ..] = &slot.saved;
    for (grad, unit) in slot.grad.chunks_exact(columns).zip(normal.chunks_exact(columns)) {
        for ((total, g), u) in grads.get_mut(gain).iter_mut().zip(grad).zip(unit) {
            *total += g * u;
        }
        for (total, g) in grads.get_mut(bias).iter_mut().zip(grad) {
            *total += g;
        }
    }
    if !x.wants {
        return;
    }
    let gains = params.get(gain).data();
    let rows = slot.grad.chunks_exact(columns).zip(normal.chunks_exact(columns)).zip(scales.iter());
    for (((grad, unit), scale), out) in rows.zip(x.grad_to_add().chunks_exact_mut(columns)) {
        let scaled = || grad.iter().zip(gains).map(|(g, gain)| g * gain);
        let mean = scaled().sum::<f32>() / columns as f32;
        let along = scaled().zip(unit).map(|(g, u)| g * u).sum::<f32>() / columns as f32;
        for ((total, g), u) in out.iter_mut().zip(scaled()).zip(unit) {
            *total += scale * (g - mean - u * along);
        }
    }
}
