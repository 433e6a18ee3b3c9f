//! Convolutions, their adjoints, and the bound on what they stretch.

use super::{Machine, Op, Slot, Tape, Var};
use crate::patches::Sliding;
use crate::product::{Start, View, multiply, transpose};
use crate::{Conv, Gradients, ParamId, Parameters, SpectralNorm};

impl Tape {
    /// The product of a kernel with every patch of some images, plus a bias.
    ///
    /// # Shapes
    /// `x` holds `n` images of `[height * width, channels]`, one after the other; result `[n * places, filters]`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn conv(&mut self, params: &Parameters, x: Var, conv: &Conv) -> Var {
        let Conv { patches, bias, .. } = *conv;
        let (weights, filters) = matrix(params, conv);
        let images = images(self.len(x), patches.image_size());
        let bias = bias.map(|bias| row(params, bias, filters));
        let (var, slot, earlier) = self.graph.next([images * patches.places(), filters]);
        let (workers, [scratch, panels, ..]) = self.machine.parts();
        let start = bias.map_or(Start::Zero, Start::Row);
        Sliding { patches, workers: &workers, scratch, panels }.gather(
            &earlier[x.0].value,
            weights,
            start,
            &mut slot.value,
        );
        slot.op = Op::Conv { x, conv: *conv };
        slot.wants = true;
        var
    }

    /// The adjoint of [`Tape::conv`] plus a bias: every place paints its patch, scaled, and patches add up where they
    /// overlap.
    ///
    /// # Shapes
    /// `x` holds `[n * places, filters]`; result `n` images, `[n * height * width, channels]`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn conv_transposed(&mut self, params: &Parameters, x: Var, conv: &Conv) -> Var {
        let Conv { patches, bias, .. } = *conv;
        let (weights, filters) = matrix(params, conv);
        let images = images(self.len(x), patches.places() * filters);
        let channels = patches.channels;
        let bias = bias.map(|bias| row(params, bias, channels));
        let (var, slot, earlier) = self.graph.next([images * patches.image[0] * patches.image[1], channels]);
        let (workers, [scratch, panels, turned, ..]) = self.machine.parts();
        let start = bias.map_or(Start::Zero, Start::Row);
        let weights = transpose(&workers, weights, turned);
        Sliding { patches, workers: &workers, scratch, panels }.scatter(
            &earlier[x.0].value,
            weights,
            start,
            &mut slot.value,
        );
        slot.op = Op::ConvTransposed { x, conv: *conv };
        slot.wants = true;
        var
    }

    /// The result of a layer divided by the largest singular value of its weights, plus a bias.
    ///
    /// # Shapes
    /// `x` `[n, columns]`, result the same.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn spectral_norm(&mut self, params: &Parameters, x: Var, norm: &SpectralNorm) -> Var {
        let (rows, columns) = self.shape(x);
        let value = largest(params, norm);
        let bias = norm.bias.map(|bias| row(params, bias, columns));
        let (var, slot, earlier) = self.graph.next([rows, columns]);
        slot.saved[0].copy_from(&[value]);
        let (source, scale) = (&earlier[x.0].value, 1.0 / value);
        self.machine.team.rows(&mut slot.value, columns, rows * columns / 2, &|range, out| {
            let source = &source[range.start * columns..range.end * columns];
            for (out, x) in out.iter_mut().zip(source) {
                *out = x * scale;
            }
            for row in out.chunks_exact_mut(columns) {
                for (out, bias) in row.iter_mut().zip(bias.unwrap_or_default()) {
                    *out += bias;
                }
            }
        });
        slot.op = Op::SpectralNorm { x, norm: *norm };
        slot.wants = true;
        var
    }

    /// How many numbers a result has.
    pub(super) fn len(&self, x: Var) -> usize {
        self.graph.slots[x.0].value.len()
    }
}

/// The weights as `[size, filters]`, and how many filters there are.
fn matrix<'a>(params: &'a Parameters, conv: &Conv) -> (View<'a>, usize) {
    let (tensor, size) = (params.get(conv.weight), conv.patches.size());
    assert!(
        tensor.rows() == size,
        "`{}` must have {size} rows, but has {}",
        params.name(conv.weight),
        tensor.rows()
    );
    (View::new(tensor.data(), size, tensor.columns()), tensor.columns())
}

/// A bias of so many numbers.
fn row(params: &Parameters, bias: ParamId, count: usize) -> &[f32] {
    let row = params.get(bias).data();
    assert!(row.len() == count, "`{}` must have {count} numbers, but has {}", params.name(bias), row.len());
    row
}

/// How many images of a size make so many numbers.
fn images(numbers: usize, size: usize) -> usize {
    assert!(
        size > 0 && numbers.is_multiple_of(size),
        "images of {size} numbers cannot be cut from {numbers}"
    );
    numbers / size
}

/// `leftᵀ weight right`.
fn largest(params: &Parameters, norm: &SpectralNorm) -> f32 {
    let (weight, left, right) =
        (params.get(norm.weight), params.get(norm.left).data(), params.get(norm.right).data());
    assert!(
        weight.rows() == left.len() && weight.columns() == right.len(),
        "singular vectors must have {} and {} numbers, but have {} and {}",
        weight.rows(),
        weight.columns(),
        left.len(),
        right.len()
    );
    let rows = weight.data().chunks_exact(right.len().max(1)).zip(left);
    rows.map(|(row, left)| left * row.iter().zip(right).map(|(w, v)| w * v).sum::<f32>()).sum()
}

pub(super) fn backward(
    slot: &Slot,
    x: &mut Slot,
    conv: &Conv,
    (params, grads): (&Parameters, &mut Gradients),
    machine: &mut Machine,
) {
    let Conv { patches, weight, bias } = *conv;
    if grads.wants(weight) {
        let (workers, [scratch, panels, ..]) = machine.parts();
        Sliding { patches, workers: &workers, scratch, panels }.weigh(
            &x.value,
            &slot.grad,
            grads.get_mut(weight),
        );
        add_rows(slot, bias, grads, machine);
    }
    if x.wants {
        let (workers, [scratch, panels, turned, ..]) = machine.parts();
        let weights = transpose(&workers, matrix(params, conv).0, turned);
        let (out, add) = x.grad_to_set();
        Sliding { patches, workers: &workers, scratch, panels }.scatter(
            &slot.grad,
            weights,
            Start::out_if(add),
            out,
        );
    }
}

pub(super) fn transposed_backward(
    slot: &Slot,
    x: &mut Slot,
    conv: &Conv,
    (params, grads): (&Parameters, &mut Gradients),
    machine: &mut Machine,
) {
    let Conv { patches, weight, bias } = *conv;
    if grads.wants(weight) {
        let (workers, [scratch, panels, ..]) = machine.parts();
        Sliding { patches, workers: &workers, scratch, panels }.weigh(
            &slot.grad,
            &x.value,
            grads.get_mut(weight),
        );
        add_rows(slot, bias, grads, machine);
    }
    if x.wants {
        let (workers, [scratch, panels, ..]) = machine.parts();
        let (out, add) = x.grad_to_set();
        let weights = matrix(params, conv).0;
        Sliding { patches, workers: &workers, scratch, panels }.gather(
            &slot.grad,
            weights,
            Start::out_if(add),
            out,
        );
    }
}

pub(super) fn spectral_backward(
    slot: &Slot,
    x: &mut Slot,
    norm: &SpectralNorm,
    (params, grads): (&Parameters, &mut Gradients),
    machine: &Machine,
) {
    let (value, columns) = (slot.saved[0][0], slot.columns);
    if grads.wants(norm.weight) {
        add_rows(slot, norm.bias, grads, machine);
        let along =
            slot.grad.iter().zip(x.value.iter()).map(|(g, x)| f64::from(*g) * f64::from(*x)).sum::<f64>();
        let slope = -(along / (f64::from(value) * f64::from(value))) as f32;
        let (left, right) = (params.get(norm.left).data(), params.get(norm.right).data());
        let rows = grads.get_mut(norm.weight).chunks_exact_mut(right.len().max(1));
        for (row, left) in rows.zip(left) {
            for (total, right) in row.iter_mut().zip(right) {
                *total += slope * left * right;
            }
        }
    }
    if x.wants {
        let (scale, cost) = (1.0 / value, slot.grad.len() / 2);
        let (out, add) = x.grad_to_set();
        machine.team.rows(out, columns, cost, &|range, out| {
            let grad = &slot.grad[range.start * columns..range.end * columns];
            for (total, value) in out.iter_mut().zip(grad) {
                *total = value * scale + if add { *total } else { 0.0 };
            }
        });
    }
}

/// Adds the sum of the gradient's rows to that of a bias.
fn add_rows(slot: &Slot, bias: Option<ParamId>, grads: &mut Gradients, machine: &Machine) {
    if let Some(bias) = bias {
        let grad = View::new(&slot.grad, slot.rows, slot.columns);
        multiply(&machine.workers(), View::ones(slot.rows), grad, Start::Out, grads.get_mut(bias));
    }
}
