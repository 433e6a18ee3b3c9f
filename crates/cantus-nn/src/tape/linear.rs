//! Products with a weight matrix.

use super::{Machine, Op, Slot, Tape, Var};
use crate::product::{Left, Start, View, multiply, multiply_all, transpose};
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
        let start = match bias.map(|bias| params.get(bias).data()) {
            None => Start::Zero,
            Some(bias) => {
                assert!(bias.len() == outputs, "a bias must have {outputs} numbers, but has {}", bias.len());
                Start::Row(bias)
            }
        };
        let (input, matrix) =
            (View::new(&earlier[x.0].value, rows, inputs), View::new(matrix.data(), inputs, outputs));
        multiply(&self.machine.workers(), input, matrix, start, &mut slot.value);
        slot.op = Op::Linear { x, weight, bias };
        var
    }
}

pub(super) fn backward(
    slot: &Slot,
    x: &mut Slot,
    (weight, bias): (ParamId, Option<ParamId>),
    (params, grads): (&Parameters, &mut Gradients),
    machine: &mut Machine,
) {
    let (rows, inputs, outputs) = (slot.rows, x.columns, slot.columns);
    let grad = View::new(&slot.grad, rows, outputs);
    let (workers, [turned, ..]) = machine.parts();
    let input = View::new(&x.value, rows, inputs).transposed();
    let start = Start::Out;
    match bias {
        _ if !grads.wants(weight) => {}
        None => multiply(&workers, input, grad, start, grads.get_mut(weight)),
        Some(bias) => {
            let [out, sums] = grads.several([weight, bias]);
            let ones = View::ones(rows);
            multiply_all(&workers, [Left { a: input, start, out }, Left { a: ones, start, out: sums }], grad);
        }
    }
    if x.wants {
        let matrix = View::new(params.get(weight).data(), inputs, outputs);
        let (out, add) = x.grad_to_set();
        multiply(&workers, grad, transpose(&workers, matrix, turned), Start::out_if(add), out);
    }
}
