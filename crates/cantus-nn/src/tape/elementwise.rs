//! Operations on each number by itself: sums, curves, dropout.
#![allow(unsafe_code, reason = "threads share the numbers of one slice")]

use super::{Machine, Op, Slot, Tape, Var};
use crate::kernel::map::{Binary, Chain, Gelu, Into, LeakyRelu, Relu, Sigmoid, Softplus, Tanh};
use crate::team::Parts;
use crate::{Rng, math};

/// A function of one number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Curve {
    Gelu,
    Relu,
    /// With the slope below 0.
    LeakyRelu(f32),
    Softplus,
    /// Forward a step, backward a sigmoid.
    Binary,
    Tanh,
    Sigmoid,
}

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
        self.machine.team.rows(&mut slot.value, columns, rows * columns / 2, &|range, out| {
            let places = range.start * columns..range.end * columns;
            for ((out, x), y) in out.iter_mut().zip(&a_slot.value[places.clone()]).zip(&b_slot.value[places])
            {
                *out = x + y;
            }
        });
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

    /// x, or `slope` times x where it is negative; the slope is at most 1.
    pub fn leaky_relu(&mut self, x: Var, slope: f32) -> Var {
        self.curve(x, Curve::LeakyRelu(slope))
    }

    /// ln(1 + eˣ) of each number.
    pub fn softplus(&mut self, x: Var) -> Var {
        self.curve(x, Curve::Softplus)
    }

    /// 1 where a number is above 0, else 0. Its gradient is the sigmoid's: it passes straight through the step
    /// (Bengio et al., 2013).
    pub fn binary(&mut self, x: Var) -> Var {
        self.curve(x, Curve::Binary)
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
        let Some(rng) = self.fork().filter(|_| p > 0.0) else { return x };
        let (rows, columns) = self.shape(x);
        let (var, slot, earlier) = self.graph.next([rows, columns]);
        let source = &earlier[x.0];
        slot.saved[0].resize(rows * columns);
        let factors = Parts::new(&mut slot.saved[0]);
        let kept = if p < 1.0 { 1.0 / (1.0 - p) } else { 0.0 };
        // Each word of the generator decides for four numbers, to 2⁻¹⁶ of a chance.
        let limit = (p * 65_536.0) as u16;
        let value = Parts::new(&mut slot.value);
        self.machine.team.split(rows * columns, STREAM, 2 * rows * columns, &|range| {
            for begin in range.clone().step_by(STREAM) {
                let places = begin..(begin + STREAM).min(range.end);
                // SAFETY: the ranges are disjoint.
                let (factors, value) =
                    unsafe { (factors.range(places.clone()), value.range(places.clone())) };
                draw(&mut rng.fork((begin / STREAM) as u64), (limit, kept), factors);
                for ((out, factor), value) in value.iter_mut().zip(factors).zip(&source.value[places]) {
                    *out = *factor * value;
                }
            }
        });
        slot.wants = source.wants;
        slot.op = Op::Dropout { x };
        var
    }

    fn curve(&mut self, x: Var, curve: Curve) -> Var {
        let (rows, columns) = self.shape(x);
        let (var, slot, earlier) = self.graph.next([rows, columns]);
        let source = &earlier[x.0];
        let Machine { team, path, .. } = &self.machine;
        let values = Parts::new(&mut slot.value);
        team.split(rows * columns, 16, rows * columns, &|range| {
            let from = &source.value[range.clone()];
            // SAFETY: the ranges are disjoint.
            let to = unsafe { values.range(range) };
            match curve {
                Curve::Gelu => path.run(Into { function: Gelu, from, to }),
                Curve::Relu => path.run(Into { function: Relu, from, to }),
                Curve::LeakyRelu(slope) => path.run(Into { function: LeakyRelu(slope), from, to }),
                Curve::Softplus => to.iter_mut().zip(from).for_each(|(y, x)| *y = softplus(*x)),
                Curve::Binary => path.run(Into { function: Binary, from, to }),
                Curve::Tanh => path.run(Into { function: Tanh, from, to }),
                Curve::Sigmoid => path.run(Into { function: Sigmoid, from, to }),
            }
        });
        slot.wants = source.wants;
        slot.op = Op::Curve { x, curve };
        var
    }
}

/// ln(1 + eˣ), which cannot overflow.
fn softplus(x: f32) -> f32 {
    math::ln(1.0 + math::exp(-x.abs())) + x.max(0.0)
}

/// How many numbers one generator decides about: threads share the generators, whatever their number.
const STREAM: usize = 4096;

/// Writes 0 with a chance of `limit` in 2¹⁶, else `kept`.
fn draw(rng: &mut Rng, (limit, kept): (u16, f32), factors: &mut [f32]) {
    for four in factors.chunks_mut(4) {
        let word = rng.next_u64();
        for (place, factor) in four.iter_mut().enumerate() {
            *factor = if ((word >> (16 * place)) as u16) < limit { 0.0 } else { kept };
        }
    }
}

pub(super) fn add_backward(slot: &Slot, x: &mut Slot, machine: &Machine) {
    if !x.wants {
        return;
    }
    let (columns, cost) = (slot.columns, slot.grad.len() / 2);
    let (out, add) = x.grad_to_set();
    machine.team.rows(out, columns, cost, &|range, out| {
        let grad = &slot.grad[range.start * columns..range.end * columns];
        if add {
            for (total, value) in out.iter_mut().zip(grad) {
                *total += value;
            }
        } else {
            out.copy_from_slice(grad);
        }
    });
}

pub(super) fn dropout_backward(slot: &Slot, x: &mut Slot, machine: &Machine) {
    if !x.wants {
        return;
    }
    let (columns, cost) = (slot.columns, slot.grad.len() / 2);
    let (out, add) = x.grad_to_set();
    machine.team.rows(out, columns, cost, &|range, out| {
        let places = range.start * columns..range.end * columns;
        for ((total, value), factor) in
            out.iter_mut().zip(&slot.grad[places.clone()]).zip(&slot.saved[0][places])
        {
            *total = value * factor + if add { *total } else { 0.0 };
        }
    });
}

pub(super) fn curve_backward(slot: &Slot, x: &mut Slot, curve: Curve, machine: &Machine) {
    if !x.wants {
        return;
    }
    let (_, adds) = x.grad_to_set();
    let count = slot.value.len();
    let totals = Parts::new(&mut x.grad);
    let Machine { team, path, .. } = machine;
    team.split(count, 16, count, &|range| {
        let (x, y, grad) = (&x.value[range.clone()], &slot.value[range.clone()], &slot.grad[range.clone()]);
        // SAFETY: the ranges are disjoint.
        let total = unsafe { totals.range(range) };
        match curve {
            Curve::Gelu => path.run(Chain { function: Gelu, adds, x, y, grad, total }),
            Curve::Relu => path.run(Chain { function: Relu, adds, x, y, grad, total }),
            Curve::LeakyRelu(slope) => {
                path.run(Chain { function: LeakyRelu(slope), adds, x, y, grad, total });
            }
            Curve::Softplus => path.run(Chain { function: Softplus, adds, x, y, grad, total }),
            Curve::Binary => path.run(Chain { function: Binary, adds, x, y, grad, total }),
            Curve::Tanh => path.run(Chain { function: Tanh, adds, x, y, grad, total }),
            Curve::Sigmoid => path.run(Chain { function: Sigmoid, adds, x, y, grad, total }),
        }
    });
}
