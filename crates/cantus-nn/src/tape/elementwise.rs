//! Operations on each number by itself: sums, curves, dropout.

use super::{Op, Slot, Tape, Var};
use crate::math;

/// A function of one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    Gelu,
    Relu,
    Tanh,
    Sigmoid,
}

/// √(2/π), of GELU's approximation by tanh.
pub(crate) const GELU_SCALE: f32 = 0.797_884_6;
/// The cubic's factor there.
pub(crate) const GELU_CUBIC: f32 = 0.044_715;

impl Tape {
    /// `a + b`, of equal shapes.
    ///
    /// # Panics
    /// If the shapes differ.
    pub fn add(&mut self, a: Var, b: Var) -> Var {
        let (rows, columns) = self.shape(a);
        assert!(
            self.shape(b) == (rows, columns),
            "a sum needs equal shapes, not {:?} and {:?}",
            (rows, columns),
            self.shape(b)
        );
        let (var, slot, earlier) = self.graph.next([rows, columns]);
        let (a_slot, b_slot) = (&earlier[a.0], &earlier[b.0]);
        for ((out, x), y) in slot.value.iter_mut().zip(a_slot.value.iter()).zip(b_slot.value.iter()) {
            *out = x + y;
        }
        slot.wants = a_slot.wants || b_slot.wants;
        slot.op = Op::Add { a, b };
        var
    }

    /// x Φ(x) by the usual approximation, `x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))` (Hendrycks and Gimpel, 2016).
    pub fn gelu(&mut self, x: Var) -> Var {
        self.curve(x, Curve::Gelu)
    }

    /// x, or 0 where it is negative.
    pub fn relu(&mut self, x: Var) -> Var {
        self.curve(x, Curve::Relu)
    }

    /// The hyperbolic tangent of each number.
    pub fn tanh(&mut self, x: Var) -> Var {
        self.curve(x, Curve::Tanh)
    }

    /// 1 / (1 + e⁻ˣ) of each number.
    pub fn sigmoid(&mut self, x: Var) -> Var {
        self.curve(x, Curve::Sigmoid)
    }

    /// In training, sets each number to 0 with the chance `p` and multiplies the others by 1 / (1 − p).
    pub fn dropout(&mut self, x: Var, p: f32) -> Var {
        let Some(mut rng) = self.fork().filter(|_| p > 0.0) else { return x };
        let (rows, columns) = self.shape(x);
        let (var, slot, earlier) = self.graph.next([rows, columns]);
        let source = &earlier[x.0];
        let factors = &mut slot.saved[0];
        factors.resize(rows * columns);
        let kept = if p < 1.0 { 1.0 / (1.0 - p) } else { 0.0 };
        for ((out, factor), value) in slot.value.iter_mut().zip(factors.iter_mut()).zip(source.value.iter()) {
            *factor = if rng.uniform() < p { 0.0 } else { kept };
            *out = *factor * value;
        }
        slot.wants = source.wants;
        slot.op = Op::Dropout { x };
        var
    }

    fn curve(&mut self, x: Var, curve: Curve) -> Var {
        let (rows, columns) = self.shape(x);
        let (var, slot, earlier) = self.graph.next([rows, columns]);
        let source = &earlier[x.0];
        for (out, &value) in slot.value.iter_mut().zip(source.value.iter()) {
            *out = match curve {
                Curve::Gelu => value * math::sigmoid(gelu_inner(value)),
                Curve::Relu => value.max(0.0),
                Curve::Tanh => math::tanh(value),
                Curve::Sigmoid => math::sigmoid(value),
            };
        }
        slot.wants = source.wants;
        slot.op = Op::Curve { x, curve };
        var
    }
}

/// GELU is `x σ(inner)`, as ½ (1 + tanh u) = σ(2u).
fn gelu_inner(x: f32) -> f32 {
    2.0 * GELU_SCALE * (GELU_CUBIC * x * x * x + x)
}

pub(super) fn add_backward(slot: &Slot, x: &mut Slot) {
    if x.wants {
        for (total, value) in x.grad_to_add().iter_mut().zip(slot.grad.iter()) {
            *total += value;
        }
    }
}

pub(super) fn dropout_backward(slot: &Slot, x: &mut Slot) {
    if x.wants {
        for ((total, value), factor) in
            x.grad_to_add().iter_mut().zip(slot.grad.iter()).zip(slot.saved[0].iter())
        {
            *total += value * factor;
        }
    }
}

pub(super) fn curve_backward(slot: &Slot, x: &mut Slot, curve: Curve) {
    if !x.wants {
        return;
    }
    x.grad_to_add();
    let results = slot.value.iter().zip(slot.grad.iter());
    for ((total, &value), (&result, &grad)) in x.grad.iter_mut().zip(x.value.iter()).zip(results) {
        *total += grad
            * match curve {
                Curve::Gelu => gelu_slope(value),
                Curve::Relu => f32::from(value > 0.0),
                Curve::Tanh => 1.0 - result * result,
                Curve::Sigmoid => result * (1.0 - result),
            };
    }
}

fn gelu_slope(x: f32) -> f32 {
    let gate = math::sigmoid(gelu_inner(x));
    let inner_slope = 2.0 * GELU_SCALE * (3.0 * GELU_CUBIC * x * x + 1.0);
    gate + x * gate * (1.0 - gate) * inner_slope
}
