//! A recurrent layer over a whole sequence, as one operation.
//!
//! The inputs' part of all steps is one product before the steps, and the weights' gradients are products after them;
//! only the state's part runs step by step, in `kernel`.

use super::{Machine, Op, Slot, Tape, Var};
use crate::buffer::Buffer;
use crate::kernel::pack::{add_unpadded, pack_backward, pack_forward, pad_columns, pad_rows};
use crate::kernel::steps::Size;
use crate::kernel::{Workers, gru, lstm};
use crate::product::{Left, Start, View, multiply, multiply_all, transpose};
use crate::team::Parts;
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
        pack_forward(hidden, layer.cell.gates(), layer.units, &workers, packed);
        match layer.cell {
            Cell::Lstm => lstm_forward(slot, packed, size, &workers),
            Cell::Gru => {
                pad_columns(&params.get(layer.bias).data()[3 * layer.units..], 1, layer.units, padded);
                gru_forward(slot, packed, padded, size, &workers);
            }
        }
        let (outputs, width) = (&slot.saved[OUTPUTS][batch * size.padded()..], size.padded());
        workers.team.rows(&mut slot.value, layer.units, rows * layer.units / 8, &|range, value| {
            let outputs = outputs[range.start * width..].chunks_exact(width);
            for (to, from) in value.chunks_exact_mut(layer.units).zip(outputs) {
                to.copy_from_slice(&from[..layer.units]);
            }
        });
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
    let [gates, outputs, cells, curved, carry, grads] = &mut slot.saved;
    for states in [&mut *outputs, &mut *cells] {
        states.resize((size.steps + 1) * block);
        states[..block].fill(0.0);
    }
    curved.resize(size.steps * block);
    let [gates, outputs, cells, curved, carry, grads] =
        [gates, outputs, cells, curved, carry, grads].map(|buffer| Parts::new(buffer));
    lstm::Sequence { gates, cells, curved, outputs, grads, carry, weights, size }.forward(workers);
}

fn gru_forward(slot: &mut Slot, weights: &[f32], bias: &[f32], size: Size, workers: &Workers) {
    let block = size.batch * size.padded();
    let [gates, outputs, sides, _, carry, grads] = &mut slot.saved;
    outputs.resize((size.steps + 1) * block);
    outputs[..block].fill(0.0);
    sides.resize(size.steps * 3 * block);
    let [gates, outputs, sides, carry, grads] =
        [gates, outputs, sides, carry, grads].map(|buffer| Parts::new(buffer));
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
    let (workers, [packed, padded, product, sums]) = machine.parts();
    let hidden = params.get(layer.hidden).data();
    pack_backward(hidden, layer.cell.gates(), layer.units, &workers, packed);
    pad_rows(workers.team, &slot.grad, layer.units, &mut slot.saved[GRADS]);
    slot.saved[CARRY].zeros(batch * size.padded());
    match layer.cell {
        Cell::Lstm => lstm_backward(slot, packed, size, &workers),
        Cell::Gru => gru_backward(slot, packed, size, &workers),
    }
    if grads.wants(layer.input) {
        weight_gradients(slot, x, (&layer, size), grads, &workers, [packed, product, sums]);
    }
    if x.wants {
        let gates = View::new(&slot.saved[GATES], slot.rows, layer.cell.gates() * size.padded());
        let weights = padded_weights(&layer, params, padded);
        let (out, add) = x.grad_to_set();
        multiply(&workers, gates, transpose(&workers, weights, packed), Start::out_if(add), out);
    }
}

/// Turns the gates into their gradients.
fn lstm_backward(slot: &mut Slot, weights: &[f32], size: Size, workers: &Workers) {
    let [gates, outputs, cells, curved, carry, grads] =
        slot.saved.each_mut().map(|buffer| Parts::new(buffer));
    lstm::Sequence { gates, cells, curved, outputs, grads, carry, weights, size }.backward(workers);
}

/// Turns the gates and the sides into their gradients.
fn gru_backward(slot: &mut Slot, weights: &[f32], size: Size, workers: &Workers) {
    let [gates, outputs, sides, _, carry, grads] = slot.saved.each_mut().map(|buffer| Parts::new(buffer));
    gru::Sequence { gates, sides, outputs, grads, carry, bias: &[], weights, size }.backward(workers);
}

/// Adds the gradients of weights and biases from those of the gates.
fn weight_gradients(
    slot: &Slot,
    x: &Slot,
    (layer, size): (&Recurrent, Size),
    grads: &mut Gradients,
    workers: &Workers,
    [input, hidden, bias]: [&mut Buffer; 3],
) {
    let (rows, units, width) = (slot.rows, layer.units, size.padded());
    let columns = layer.cell.gates() * width;
    input.resize(layer.inputs * columns);
    hidden.resize(units * columns);
    bias.resize(2 * columns);
    let (from_input, from_state) = bias.split_at_mut(columns);
    let x = Left::new(View::new(&x.value, rows, layer.inputs).transposed(), input);
    // The state before each step: outputs begin with a step of zeros.
    let before = View::new(&slot.saved[OUTPUTS], rows, width).first_columns(units);
    let before = Left::new(before.transposed(), hidden);
    let ones = Left::new(View::ones(rows), from_input);
    let gates = View::new(&slot.saved[GATES], rows, columns);
    match layer.cell {
        Cell::Lstm => multiply_all(workers, [x, before, ones], gates),
        Cell::Gru => {
            let sides = View::new(&slot.saved[INNER], rows, columns);
            multiply_all(workers, [x, ones], gates);
            multiply_all(workers, [before, Left::new(View::ones(rows), from_state)], sides);
        }
    }
    add_unpadded(input, units, grads.get_mut(layer.input));
    add_unpadded(hidden, units, grads.get_mut(layer.hidden));
    let (sums, candidate) = grads.get_mut(layer.bias).split_at_mut(layer.cell.gates() * units);
    add_unpadded(from_input, units, sums);
    if layer.cell == Cell::Gru {
        add_unpadded(&from_state[2 * width..], units, candidate);
    }
}
