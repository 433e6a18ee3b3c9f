//! A recurrent layer over a whole sequence, as one operation.

use super::linear::add_columns;
use super::{Op, Slot, Tape, Var};
use crate::product::{View, multiply};
use crate::{Cell, Gradients, Parameters, Recurrent, math};

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
        let (var, slot, earlier) = self.next([rows, layer.units]);
        project(slot, &earlier[x.0], layer, params);
        let size = Size { steps, batch, units: layer.units };
        let hidden = params.get(layer.hidden).data();
        match layer.cell {
            Cell::Lstm => lstm_forward(slot, hidden, size),
            Cell::Gru => gru_forward(slot, hidden, params.get(layer.bias).data(), size),
        }
        slot.op = Op::Recurrent { x, layer: *layer, steps, batch };
        var
    }
}

#[derive(Clone, Copy)]
struct Size {
    steps: usize,
    batch: usize,
    units: usize,
}

/// `saved[0]` becomes bias + x · input weights, `[steps * batch, gates * units]`.
fn project(slot: &mut Slot, x: &Slot, layer: &Recurrent, params: &Parameters) {
    let columns = layer.cell.gates() * layer.units;
    let gates = &mut slot.saved[0];
    gates.resize(slot.rows * columns);
    let bias = &params.get(layer.bias).data()[..columns];
    for row in gates.chunks_exact_mut(columns) {
        row.copy_from_slice(bias);
    }
    let weights = View::new(params.get(layer.input).data(), layer.inputs, columns);
    multiply(View::new(&x.value, slot.rows, layer.inputs), weights, gates, true);
}

fn lstm_forward(slot: &mut Slot, hidden: &[f32], Size { steps, batch, units }: Size) {
    let [gates, states, ..] = &mut slot.saved;
    let block = batch * units;
    // [steps + 1, batch, units]
    states.zeros((steps + 1) * block);
    for step in 0..steps {
        let gates = &mut gates[step * 4 * block..][..4 * block];
        if step > 0 {
            let before = View::new(&slot.value[(step - 1) * block..][..block], batch, units);
            multiply(before, View::new(hidden, units, 4 * units), gates, true);
        }
        for row in 0..batch {
            let gate = &mut gates[row * 4 * units..][..4 * units];
            for unit in 0..units {
                let place = step * block + row * units + unit;
                let i = math::sigmoid(gate[unit]);
                let f = math::sigmoid(gate[units + unit]);
                let g = math::tanh(gate[2 * units + unit]);
                let o = math::sigmoid(gate[3 * units + unit]);
                let c = f * states[place] + i * g;
                states[place + block] = c;
                slot.value[place] = o * math::tanh(c);
                (gate[unit], gate[units + unit], gate[2 * units + unit], gate[3 * units + unit]) =
                    (i, f, g, o);
            }
        }
    }
}

fn gru_forward(slot: &mut Slot, hidden: &[f32], bias: &[f32], Size { steps, batch, units }: Size) {
    let [gates, sides, ..] = &mut slot.saved;
    let block = batch * units;
    // What the state adds: [steps * batch, 3 * units]
    sides.resize(steps * 3 * block);
    for step in 0..steps {
        let sides = &mut sides[step * 3 * block..][..3 * block];
        for row in sides.chunks_exact_mut(3 * units) {
            row[..2 * units].fill(0.0);
            row[2 * units..].copy_from_slice(&bias[3 * units..]);
        }
        if step > 0 {
            let before = View::new(&slot.value[(step - 1) * block..][..block], batch, units);
            multiply(before, View::new(hidden, units, 3 * units), sides, true);
        }
        let gates = &mut gates[step * 3 * block..][..3 * block];
        for row in 0..batch {
            let gate = &mut gates[row * 3 * units..][..3 * units];
            let side = &sides[row * 3 * units..][..3 * units];
            for unit in 0..units {
                let place = step * block + row * units + unit;
                let before = if step == 0 { 0.0 } else { slot.value[place - block] };
                let r = math::sigmoid(gate[unit] + side[unit]);
                let z = math::sigmoid(gate[units + unit] + side[units + unit]);
                let n = math::tanh(gate[2 * units + unit] + r * side[2 * units + unit]);
                slot.value[place] = n + z * (before - n);
                (gate[unit], gate[units + unit], gate[2 * units + unit]) = (r, z, n);
            }
        }
    }
}

pub(super) fn backward(
    slot: &mut Slot,
    x: &mut Slot,
    (layer, steps, batch): (Recurrent, usize, usize),
    params: &Parameters,
    grads: &mut Gradients,
) {
    let size = Size { steps, batch, units: layer.units };
    let (rows, inputs, columns) = (slot.rows, layer.inputs, layer.cell.gates() * layer.units);
    let hidden = params.get(layer.hidden).data();
    match layer.cell {
        Cell::Lstm => lstm_backward(slot, hidden, size),
        Cell::Gru => gru_backward(slot, hidden, size),
    }
    let gates = View::new(&slot.saved[0], rows, columns);
    multiply(View::new(&x.value, rows, inputs).transposed(), gates, grads.get_mut(layer.input), true);
    let sides = match layer.cell {
        Cell::Lstm => &slot.saved[0],
        Cell::Gru => &slot.saved[1],
    };
    let later = rows - batch;
    let before = View::new(&slot.value, later, layer.units);
    let sides_later = View::new(&sides[batch * columns..], later, columns);
    multiply(before.transposed(), sides_later, grads.get_mut(layer.hidden), true);
    let bias = grads.get_mut(layer.bias);
    add_columns(&slot.saved[0], &mut bias[..columns]);
    if layer.cell == Cell::Gru {
        for row in slot.saved[1].chunks_exact(columns) {
            for (total, value) in bias[columns..].iter_mut().zip(&row[2 * layer.units..]) {
                *total += value;
            }
        }
    }
    if x.wants {
        let weights = View::new(params.get(layer.input).data(), inputs, columns);
        let (out, add) = x.grad_to_set();
        multiply(gates, weights.transposed(), out, add);
    }
}

/// Turns the gates of `saved[0]` into their gradients.
fn lstm_backward(slot: &mut Slot, hidden: &[f32], Size { steps, batch, units }: Size) {
    let block = batch * units;
    let [gates, states, carry, ..] = &mut slot.saved;
    carry.zeros(block);
    for step in (0..steps).rev() {
        let (now, later) = gates[step * 4 * block..].split_at_mut(4 * block);
        let grad = &mut slot.grad[step * block..][..block];
        if step + 1 < steps {
            let weights = View::new(hidden, units, 4 * units).transposed();
            multiply(View::new(&later[..4 * block], batch, 4 * units), weights, grad, true);
        }
        for row in 0..batch {
            let gate = &mut now[row * 4 * units..][..4 * units];
            for unit in 0..units {
                let place = row * units + unit;
                let (i, f, g, o) =
                    (gate[unit], gate[units + unit], gate[2 * units + unit], gate[3 * units + unit]);
                let t = math::tanh(states[(step + 1) * block + place]);
                let d = grad[place] * o * (1.0 - t * t) + carry[place];
                gate[unit] = d * g * i * (1.0 - i);
                gate[units + unit] = d * states[step * block + place] * f * (1.0 - f);
                gate[2 * units + unit] = d * i * (1.0 - g * g);
                gate[3 * units + unit] = grad[place] * t * o * (1.0 - o);
                carry[place] = d * f;
            }
        }
    }
}

/// Turns the gates of `saved[0]` and the sides of `saved[1]` into their gradients.
fn gru_backward(slot: &mut Slot, hidden: &[f32], Size { steps, batch, units }: Size) {
    let block = batch * units;
    let [gates, sides, carry, ..] = &mut slot.saved;
    carry.zeros(block);
    for step in (0..steps).rev() {
        let gates = &mut gates[step * 3 * block..][..3 * block];
        let (now, later) = sides[step * 3 * block..].split_at_mut(3 * block);
        let grad = &mut slot.grad[step * block..][..block];
        if step + 1 < steps {
            let weights = View::new(hidden, units, 3 * units).transposed();
            multiply(View::new(&later[..3 * block], batch, 3 * units), weights, grad, true);
            for (grad, carry) in grad.iter_mut().zip(carry.iter()) {
                *grad += carry;
            }
        }
        for row in 0..batch {
            let gate = &mut gates[row * 3 * units..][..3 * units];
            let side = &mut now[row * 3 * units..][..3 * units];
            for unit in 0..units {
                let place = row * units + unit;
                let before = if step == 0 { 0.0 } else { slot.value[(step - 1) * block + place] };
                let (r, z, n) = (gate[unit], gate[units + unit], gate[2 * units + unit]);
                let d = grad[place];
                let dn = d * (1.0 - z) * (1.0 - n * n);
                let dz = d * (before - n) * z * (1.0 - z);
                let dr = dn * side[2 * units + unit] * r * (1.0 - r);
                (gate[unit], gate[units + unit], gate[2 * units + unit]) = (dr, dz, dn);
                (side[unit], side[units + unit], side[2 * units + unit]) = (dr, dz, dn * r);
                carry[place] = d * z;
            }
        }
    }
}
