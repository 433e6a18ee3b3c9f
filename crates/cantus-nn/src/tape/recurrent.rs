//! A recurrent layer over a whole sequence, as one operation.
//!
//! The inputs' part of all steps is one product before the steps, and the weights' gradients are products after them;
//! only the state's part runs step by step, in `kernel`.

use super::linear::add_columns;
use super::{Machine, Op, Slot, Tape, Var};
use crate::buffer::Buffer;
use crate::kernel::{Size, Workers, add_unpadded, gru, lstm, pad_columns};
use crate::product::{Start, View, multiply, transpose};
use crate::{Cell, Gradients, Parameters, Recurrent};

impl Tape {
    /// Runs a recurrent layer over every step of a batch of sequences, from a state of zeros.
    ///
    /// # Shapes
    /// `x` `[steps * batch, inputs]` with time outermost (row `t * batch + b`), result `[steps * batch, units]`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn recurrent(
        &mut self,
        params: &Parameters,
        x: Var,
        layer: &Recurrent,
        steps: usize,
        batch: usize,
    ) -> Var {
        let (rows, inputs) = self.shape(x);
        assert!(rows == steps * batch, "a sequence must have {steps} × {batch} rows, but has {rows}");
        assert!(inputs == layer.inputs, "the layer reads {} numbers a step, but gets {inputs}", layer.inputs);
        let (var, slot, earlier) = self.graph.next([rows, layer.units]);
        let size = Size { steps, batch, units: layer.units };
        let (workers, [packed, padded, ..]) = self.machine.parts();
        project(slot, &earlier[x.0], (layer, params), &workers, [packed, padded]);
        let hidden = params.get(layer.hidden).data();
        lstm::pack_forward(hidden, layer.cell.gates(), layer.units, workers.path.lanes(), packed);
        match layer.cell {
            Cell::Lstm => lstm_forward(slot, packed, size, &workers),
            Cell::Gru => {
                pad_columns(&params.get(layer.bias).data()[3 * layer.units..], 1, layer.units, padded);
                gru_forward(slot, packed, padded, size, &workers);
            }
        }
        let outputs = slot.saved[OUTPUTS].chunks_exact(size.padded());
        for (to, from) in slot.value.chunks_exact_mut(layer.units).zip(outputs) {
            to.copy_from_slice(&from[..layer.units]);
        }
        slot.op = Op::Recurrent { x, layer: *layer, steps, batch };
        var
    }
}

// A slot's saved buffers, all padded: gates, outputs, the LSTM's cells (or what the GRU's state adds to its gates), their
// tanh, and for the way back the gradient carried from step to step and those of the outputs.
const GATES: usize = 0;
const OUTPUTS: usize = 1;
const INNER: usize = 2;
const CARRY: usize = 4;
const GRADS: usize = 5;

/// The gates become bias + x · input weights, `[steps * batch, gates * padded units]`.
fn project(
    slot: &mut Slot,
    x: &Slot,
    (layer, params): (&Recurrent, &Parameters),
    workers: &Workers,
    [bias, padded]: [&mut Buffer; 2],
) {
    let (count, units) = (layer.cell.gates(), layer.units);
    pad_columns(&params.get(layer.bias).data()[..count * units], count, units, bias);
    let gates = &mut slot.saved[GATES];
    gates.resize(slot.rows * bias.len());
    let weights = padded_weights(layer, params, padded);
    multiply(workers, View::new(&x.value, slot.rows, layer.inputs), weights, Start::Row(bias), gates);
}

/// The input weights with padded columns; as they are if there is nothing to pad.
fn padded_weights<'a>(layer: &Recurrent, params: &'a Parameters, padded: &'a mut Buffer) -> View<'a> {
    let (count, units) = (layer.cell.gates(), layer.units);
    let weights = params.get(layer.input).data();
    let width = units.next_multiple_of(crate::kernel::PAD);
    if width == units {
        return View::new(weights, layer.inputs, count * units);
    }
    pad_columns(weights, count, units, padded);
    View::new(padded, layer.inputs, count * width)
}

fn lstm_forward(slot: &mut Slot, weights: &[f32], size: Size, workers: &Workers) {
    let block = size.batch * size.padded();
    let [gates, outputs, cells, curved, ..] = &mut slot.saved;
    outputs.resize(size.steps * block);
    cells.resize((size.steps + 1) * block);
    cells[..block].fill(0.0);
    curved.resize(size.steps * block);
    lstm::Sequence { gates, cells, curved, outputs, carry: &mut [], weights, size }.forward(workers);
}

fn gru_forward(slot: &mut Slot, weights: &[f32], bias: &[f32], size: Size, workers: &Workers) {
    let block = size.batch * size.padded();
    let [gates, outputs, sides, ..] = &mut slot.saved;
    outputs.resize(size.steps * block);
    sides.resize(size.steps * 3 * block);
    let (grads, carry) = (&mut [], &mut []);
    gru::Sequence { gates, sides, outputs, grads, carry, bias, weights, size }.forward(workers);
}

pub(super) fn backward(
    slot: &mut Slot,
    x: &mut Slot,
    (layer, steps, batch): (Recurrent, usize, usize),
    (params, grads): (&Parameters, &mut Gradients),
    machine: &mut Machine,
) {
    let size = Size { steps, batch, units: layer.units };
    if slot.rows == 0 {
        return;
    }
    let (workers, [packed, padded, product, _]) = machine.parts();
    let hidden = params.get(layer.hidden).data();
    lstm::pack_backward(hidden, layer.cell.gates(), layer.units, workers.path.lanes(), packed);
    pad_columns(&slot.grad, 1, layer.units, &mut slot.saved[GRADS]);
    slot.saved[CARRY].zeros(batch * size.padded());
    match layer.cell {
        Cell::Lstm => lstm_backward(slot, packed, size, &workers),
        Cell::Gru => gru_backward(slot, packed, padded, size, &workers),
    }
    weight_gradients(slot, x, (&layer, size), grads, &workers, product);
    if x.wants {
        let gates = View::new(&slot.saved[GATES], slot.rows, layer.cell.gates() * size.padded());
        let weights = padded_weights(&layer, params, padded);
        let (out, add) = x.grad_to_set();
        multiply(&workers, gates, transpose(&workers, weights, packed), Start::out_if(add), out);
    }
}

/// Turns the gates into their gradients.
fn lstm_backward(slot: &mut Slot, weights: &[f32], size: Size, workers: &Workers) {
    let [gates, _, cells, curved, carry, outputs] = &mut slot.saved;
    lstm::Sequence { gates, cells, curved, outputs, carry, weights, size }.backward(workers);
}

/// Turns the gates and the sides into their gradients.
fn gru_backward(slot: &mut Slot, weights: &[f32], bias: &mut Buffer, size: Size, workers: &Workers) {
    let [gates, outputs, sides, _, carry, grads] = &mut slot.saved;
    // The way back does not read the bias.
    bias.zeros(size.padded());
    gru::Sequence { gates, sides, outputs, grads, carry, bias, weights, size }.backward(workers);
}

/// Adds the gradients of weights and biases from those of the gates.
fn weight_gradients(
    slot: &Slot,
    x: &Slot,
    (layer, size): (&Recurrent, Size),
    grads: &mut Gradients,
    workers: &Workers,
    product: &mut Buffer,
) {
    let (team, units, count) = (workers.team, layer.units, layer.cell.gates());
    let (rows, inputs, width, columns) = (slot.rows, layer.inputs, size.padded(), count * size.padded());
    let gates = &slot.saved[GATES];
    let sides = match layer.cell {
        Cell::Lstm => gates,
        Cell::Gru => &slot.saved[INNER],
    };
    let later = rows - size.batch;
    let before = View::new(&slot.saved[OUTPUTS], later, width).first_columns(units);
    let factors = [
        (View::new(&x.value, rows, inputs), View::new(gates, rows, columns), layer.input),
        (before, View::new(&sides[size.batch * columns..], later, columns), layer.hidden),
    ];
    for (a, b, id) in factors {
        let out = grads.get_mut(id);
        if width == units {
            multiply(workers, a.transposed(), b, Start::Out, out);
        } else {
            product.resize(out.len() / units * width);
            multiply(workers, a.transposed(), b, Start::Zero, product);
            add_unpadded(product, units, out);
        }
    }
    let bias = grads.get_mut(layer.bias);
    product.zeros(columns);
    add_columns(team, gates, product);
    add_unpadded(product, units, &mut bias[..count * units]);
    if layer.cell == Cell::Gru {
        product.zeros(columns);
        add_columns(team, sides, product);
        add_unpadded(&product[2 * width..], units, &mut bias[3 * units..]);
    }
}
