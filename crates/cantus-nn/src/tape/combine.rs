//! Sums of products of numbers by themselves, and noise.
#![allow(unsafe_code, reason = "threads share the numbers of one slice")]

use super::{Machine, Op, Slot, Tape, Var};
use crate::Rng;
use crate::team::Parts;

impl Tape {
    /// `a − b`, of equal shapes.
    ///
    /// # Panics
    /// If the shapes differ.
    pub fn sub(&mut self, a: Var, b: Var) -> Var {
        self.pair(a, b, Op::Sub { a, b }, |x, y| x - y)
    }

    /// `a b`, number by number, of equal shapes; `a` and `b` may be the same.
    ///
    /// # Panics
    /// If the shapes differ.
    pub fn mul(&mut self, a: Var, b: Var) -> Var {
        self.pair(a, b, Op::Mul { a, b }, |x, y| x * y)
    }

    /// `scale x + shift`.
    pub fn affine(&mut self, x: Var, scale: f32, shift: f32) -> Var {
        let (rows, columns) = self.shape(x);
        let (var, slot, earlier) = self.graph.next([rows, columns]);
        let source = &earlier[x.0];
        self.machine.team.rows(&mut slot.value, columns, rows * columns / 2, &|range, out| {
            for (out, x) in out.iter_mut().zip(&source.value[range.start * columns..]) {
                *out = scale * x + shift;
            }
        });
        slot.wants = source.wants;
        slot.op = Op::Affine { x, scale };
        var
    }

    /// Adds normal noise of a standard deviation to each number, drawn from `rng`, which it advances by one word
    /// whatever the size. The numbers depend on the generator alone, not on the tape's mode or threads.
    pub fn add_noise(&mut self, x: Var, deviation: f32, rng: &mut Rng) -> Var {
        let streams = Rng::new(rng.next_u64());
        let (rows, columns) = self.shape(x);
        let (var, slot, earlier) = self.graph.next([rows, columns]);
        let source = &earlier[x.0];
        let value = Parts::new(&mut slot.value);
        self.machine.team.split(rows * columns, STREAM, 16 * rows * columns, &|range| {
            for begin in range.clone().step_by(STREAM) {
                let places = begin..(begin + STREAM).min(range.end);
                // SAFETY: the ranges are disjoint.
                let out = unsafe { value.range(places.clone()) };
                let mut rng = streams.fork((begin / STREAM) as u64);
                for (out, x) in out.iter_mut().zip(&source.value[places]) {
                    *out = x + deviation * rng.normal();
                }
            }
        });
        slot.wants = source.wants;
        slot.op = Op::Affine { x, scale: 1.0 };
        var
    }

    fn pair(&mut self, a: Var, b: Var, op: Op, join: impl Fn(f32, f32) -> f32 + Sync) -> Var {
        let (rows, columns) = self.shape(a);
        assert!(
            self.shape(b) == (rows, columns),
            "two results joined number by number need equal shapes, not {:?} and {:?}",
            (rows, columns),
            self.shape(b)
        );
        let (var, slot, earlier) = self.graph.next([rows, columns]);
        let (a, b) = (&earlier[a.0], &earlier[b.0]);
        self.machine.team.rows(&mut slot.value, columns, rows * columns / 2, &|range, out| {
            let places = range.start * columns..range.end * columns;
            for ((out, x), y) in out.iter_mut().zip(&a.value[places.clone()]).zip(&b.value[places]) {
                *out = join(*x, *y);
            }
        });
        slot.wants = a.wants || b.wants;
        slot.op = op;
        var
    }
}

/// How many numbers one generator draws: threads share the generators, whatever their number.
const STREAM: usize = 4096;

/// Adds `scale` times the gradient.
pub(super) fn scaled_backward(slot: &Slot, x: &mut Slot, scale: f32, machine: &Machine) {
    if !x.wants {
        return;
    }
    let (columns, cost) = (slot.columns, slot.grad.len() / 2);
    let (out, add) = x.grad_to_set();
    machine.team.rows(out, columns, cost, &|range, out| {
        for (total, value) in out.iter_mut().zip(&slot.grad[range.start * columns..]) {
            *total = scale * value + if add { *total } else { 0.0 };
        }
    });
}

/// Adds to each factor the gradient times the other.
pub(super) fn mul_backward(slot: &Slot, earlier: &mut [Slot], (a, b): (Var, Var), machine: &Machine) {
    if a == b {
        let x = &mut earlier[a.0];
        if x.wants {
            x.grad_to_add();
            product(&mut x.grad, (&slot.grad, &x.value, 2.0), slot.columns, machine);
        }
    } else {
        for (x, other) in [(a, b), (b, a)] {
            let [x, other] = earlier.get_disjoint_mut([x.0, other.0]).expect("two results differ");
            if x.wants {
                product(x.grad_to_add(), (&slot.grad, &other.value, 1.0), slot.columns, machine);
            }
        }
    }
}

/// Adds `scale` times the products of two slices.
fn product(out: &mut [f32], (a, b, scale): (&[f32], &[f32], f32), columns: usize, machine: &Machine) {
    let cost = a.len() / 2;
    machine.team.rows(out, columns, cost, &|range, out| {
        let places = range.start * columns..range.end * columns;
        for ((total, a), b) in out.iter_mut().zip(&a[places.clone()]).zip(&b[places]) {
            *total += scale * a * b;
        }
    });
}
