//! Products with a weight matrix.
#![allow(unsafe_code, reason = "threads share the columns of one sum")]

use super::{Machine, Op, Slot, Tape, Var};
use crate::product::{View, multiply};
use crate::team::{Parts, Team};
use crate::{Gradients, ParamId, Parameters};

impl Tape {
    /// `x w + b`.
    ///
    /// # Shapes
    /// `x` `[n, in]`, `w` `[in, out]`, `b` `[out]`, result `[n, out]`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn linear(&mut self, params: &Parameters, x: Var, weight: ParamId, bias: Option<ParamId>) -> Var {
        let (rows, inputs) = self.shape(x);
        let matrix = params.get(weight);
        let outputs = matrix.columns();
        assert!(
            matrix.rows() == inputs,
            "`{}` must have {inputs} rows, but has {}",
            params.name(weight),
            matrix.rows()
        );
        let (var, slot, earlier) = self.graph.next([rows, outputs]);
        if let Some(bias) = bias {
            let bias = params.get(bias).data();
            assert!(bias.len() == outputs, "a bias must have {outputs} numbers, but has {}", bias.len());
            for row in slot.value.chunks_exact_mut(outputs) {
                row.copy_from_slice(bias);
            }
        }
        let team = &self.machine.team;
        let input = View::new(&earlier[x.0].value, rows, inputs);
        multiply(team, input, View::new(matrix.data(), inputs, outputs), &mut slot.value, bias.is_some());
        slot.op = Op::Linear { x, weight, bias };
        var
    }
}

pub(super) fn backward(
    slot: &Slot,
    x: &mut Slot,
    (weight, bias): (ParamId, Option<ParamId>),
    (params, grads): (&Parameters, &mut Gradients),
    machine: &Machine,
) {
    let (rows, inputs, outputs) = (slot.rows, x.columns, slot.columns);
    let grad = View::new(&slot.grad, rows, outputs);
    let team = &machine.team;
    multiply(team, View::new(&x.value, rows, inputs).transposed(), grad, grads.get_mut(weight), true);
    if let Some(bias) = bias {
        add_columns(team, &slot.grad, grads.get_mut(bias));
    }
    if x.wants {
        let matrix = View::new(params.get(weight).data(), inputs, outputs);
        let (out, add) = x.grad_to_set();
        multiply(team, grad, matrix.transposed(), out, add);
    }
}

/// Adds every row of a matrix to `sums`, in order; threads share the columns.
pub(super) fn add_columns(team: &Team, matrix: &[f32], sums: &mut [f32]) {
    let columns = sums.len();
    let parts = Parts::new(sums);
    team.split(columns, 16, matrix.len() / 8, &|range| {
        // SAFETY: the ranges are disjoint.
        let sums = unsafe { parts.range(range.clone()) };
        for row in matrix.chunks_exact(columns) {
            for (sum, value) in sums.iter_mut().zip(&row[range.clone()]) {
                *sum += value;
            }
        }
    });
}
