//! Recording what a network computes, so that it can be differentiated.
//!
//! Operations are few and coarse: a whole recurrent sequence is one. Each has its forward and its backward half in
//! one file. Every buffer belongs to a slot of the tape and is used again after [`Tape::begin`].

mod bag;
mod elementwise;
mod linear;
mod loss;
mod norm;
mod recurrent;
mod select;
mod shifted;
#[cfg(test)]
mod tests;

use crate::buffer::Buffer;
use crate::kernel::Workers;
use crate::lists::{Bags, Terms};
use crate::team::Team;
use crate::{Gradients, ParamId, Parameters, Path, Recurrent, Rng};
use elementwise::Curve;

/// What a tape records for.
#[derive(Debug, Clone)]
pub enum Mode {
    /// Training: what drops out is drawn from this generator.
    Train(Rng),
    /// Evaluation: nothing drops out.
    Eval,
}

/// The result of one operation of the tape that made it, valid until the next [`Tape::begin`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Var(usize);

/// Records operations and differentiates them.
#[derive(Debug)]
pub struct Tape {
    graph: Graph,
    machine: Machine,
    dropper: Option<Rng>,
}

/// The operations recorded: the first `used` slots; the others are kept for their memory.
#[derive(Debug, Default)]
struct Graph {
    slots: Vec<Slot>,
    used: usize,
}

/// Who computes, and memory for what no one keeps.
#[derive(Debug)]
struct Machine {
    team: Team,
    path: Path,
    scratch: [Buffer; 4],
}

impl Machine {
    fn workers(&self) -> Workers<'_> {
        Workers { team: &self.team, path: self.path }
    }

    /// The workers and the scratch memory, side by side.
    fn parts(&mut self) -> (Workers<'_>, &mut [Buffer; 4]) {
        (Workers { team: &self.team, path: self.path }, &mut self.scratch)
    }
}

/// An operation and the inputs whose gradient it feeds.
#[derive(Debug, Clone, Copy, Default)]
enum Op {
    #[default]
    Constant,
    EmbeddingBag {
        table: ParamId,
    },
    Linear {
        x: Var,
        weight: ParamId,
        bias: Option<ParamId>,
    },
    Recurrent {
        x: Var,
        layer: Recurrent,
        steps: usize,
        batch: usize,
    },
    Rows {
        x: Var,
    },
    Columns {
        x: Var,
        start: usize,
    },
    Add {
        a: Var,
        b: Var,
    },
    Curve {
        x: Var,
        curve: Curve,
    },
    Dropout {
        x: Var,
    },
    LayerNorm {
        x: Var,
        gain: ParamId,
        bias: ParamId,
    },
    ShiftedSum {
        x: Var,
    },
    /// Any of the losses: their derivative by `x` is saved as `saved[0]`, per row of unit gradient.
    Loss {
        x: Var,
    },
    WeightedSum {
        x: Var,
    },
}

/// One operation's place: what it computed and what it needs for the way back.
#[derive(Debug, Default)]
struct Slot {
    op: Op,
    rows: usize,
    columns: usize,
    /// `[rows, columns]`
    value: Buffer,
    /// `[rows, columns]`, meaningful if `reached`.
    grad: Buffer,
    /// Whether a gradient is wanted here.
    wants: bool,
    /// Whether a gradient has arrived.
    reached: bool,
    /// Buffers whose meaning depends on the operation.
    saved: [Buffer; 6],
    /// Numbers of rows or classes, copied from the caller.
    indices: Vec<u32>,
    bags: Bags,
    terms: Terms,
}

impl Tape {
    /// A tape that works with so many threads (at least one). The results do not depend on how many.
    pub fn new(threads: usize) -> Self {
        Self::on(Path::best(), threads)
    }

    /// A tape that uses given instructions, for tests and comparisons; [`Tape::new`] takes the best.
    pub fn on(path: Path, threads: usize) -> Self {
        let machine = Machine { team: Team::new(threads), path, scratch: Default::default() };
        Self { graph: Graph::default(), machine, dropper: None }
    }

    /// How many threads it works with.
    pub fn threads(&self) -> usize {
        self.machine.team.threads()
    }

    /// Forgets every operation and keeps the memory.
    pub fn begin(&mut self, mode: Mode) {
        self.graph.used = 0;
        self.dropper = match mode {
            Mode::Train(rng) => Some(rng),
            Mode::Eval => None,
        };
    }

    /// The numbers of a result, row after row.
    pub fn value(&self, var: Var) -> &[f32] {
        &self.graph.slots[var.0].value
    }

    /// How many rows and columns a result has.
    pub fn shape(&self, var: Var) -> (usize, usize) {
        (self.graph.slots[var.0].rows, self.graph.slots[var.0].columns)
    }

    /// The gradient that the last [`Tape::backward`] left at a result; empty if none reached it.
    pub fn grad(&self, var: Var) -> &[f32] {
        let slot = &self.graph.slots[var.0];
        if slot.reached { &slot.grad } else { &[] }
    }

    /// Numbers that come from outside, `[rows, columns]`.
    ///
    /// # Panics
    /// If the numbers do not fill the shape.
    pub fn constant(&mut self, data: &[f32], shape: [usize; 2]) -> Var {
        assert!(
            data.len() == shape[0] * shape[1],
            "a constant of shape {shape:?} cannot hold {} numbers",
            data.len()
        );
        let (var, slot, _) = self.graph.next(shape);
        slot.value.copy_from(data);
        slot.op = Op::Constant;
        slot.wants = false;
        var
    }

    /// Like [`Tape::constant`], and its gradient can be read after [`Tape::backward`].
    ///
    /// # Panics
    /// If the numbers do not fill the shape.
    pub fn input(&mut self, data: &[f32], shape: [usize; 2]) -> Var {
        let var = self.constant(data, shape);
        self.graph.slots[var.0].wants = true;
        var
    }

    /// Adds the derivative of a scalar by every parameter to `grads`.
    ///
    /// # Panics
    /// If `loss` is not a single number.
    pub fn backward(&mut self, params: &Parameters, loss: Var, grads: &mut Gradients) {
        for slot in &mut self.graph.slots[..self.graph.used] {
            slot.reached = false;
        }
        let last = &mut self.graph.slots[loss.0];
        assert!(last.value.len() == 1, "a gradient begins at one number, not at {}", last.value.len());
        last.grad.copy_from(&[1.0]);
        last.reached = true;
        for index in (0..=loss.0).rev() {
            let (earlier, rest) = self.graph.slots.split_at_mut(index);
            let slot = &mut rest[0];
            if slot.reached {
                slot.backward(earlier, params, grads, &mut self.machine);
            }
        }
    }

    /// A generator of its own for the operation that comes next; none in evaluation.
    fn fork(&self) -> Option<Rng> {
        self.dropper.as_ref().map(|rng| rng.fork(self.graph.used as u64))
    }
}

impl Graph {
    /// Takes the next slot, sized but not filled, and the slots before it.
    fn next(&mut self, [rows, columns]: [usize; 2]) -> (Var, &mut Slot, &[Slot]) {
        if self.used == self.slots.len() {
            self.slots.push(Slot::default());
        }
        let var = Var(self.used);
        self.used += 1;
        let (earlier, rest) = self.slots.split_at_mut(var.0);
        let slot = &mut rest[0];
        (slot.rows, slot.columns) = (rows, columns);
        slot.value.resize(rows * columns);
        slot.wants = true;
        (var, slot, earlier)
    }
}

impl Slot {
    fn backward(
        &mut self,
        earlier: &mut [Slot],
        params: &Parameters,
        grads: &mut Gradients,
        machine: &mut Machine,
    ) {
        match self.op {
            Op::Constant => {}
            Op::EmbeddingBag { table } => bag::backward(self, grads.get_mut(table), machine),
            Op::Linear { x, weight, bias } => {
                linear::backward(self, &mut earlier[x.0], (weight, bias), (params, grads), machine);
            }
            Op::Recurrent { x, layer, steps, batch } => {
                recurrent::backward(self, &mut earlier[x.0], (layer, steps, batch), (params, grads), machine);
            }
            Op::Rows { x } => select::rows_backward(self, &mut earlier[x.0], machine),
            Op::Columns { x, start } => select::columns_backward(self, &mut earlier[x.0], start),
            Op::Add { a, b } => {
                for part in [a, b] {
                    elementwise::add_backward(self, &mut earlier[part.0], machine);
                }
            }
            Op::Curve { x, curve } => elementwise::curve_backward(self, &mut earlier[x.0], curve, machine),
            Op::Dropout { x } => elementwise::dropout_backward(self, &mut earlier[x.0], machine),
            Op::LayerNorm { x, gain, bias } => {
                norm::backward(self, &mut earlier[x.0], (gain, bias), (params, grads), machine);
            }
            Op::ShiftedSum { x } => shifted::backward(self, &mut earlier[x.0], machine),
            Op::Loss { x } => loss::backward(self, &mut earlier[x.0], machine),
            Op::WeightedSum { x } => loss::weighted_backward(self, &mut earlier[x.0]),
        }
    }

    /// The gradient to add to, zero if none has arrived yet.
    fn grad_to_add(&mut self) -> &mut [f32] {
        let length = self.value.len();
        if self.reached {
            self.grad.resize(length);
        } else {
            self.grad.zeros(length);
            self.reached = true;
        }
        &mut self.grad
    }

    /// The gradient to write or add to, and whether to add.
    fn grad_to_set(&mut self) -> (&mut [f32], bool) {
        let add = self.reached;
        self.grad.resize(self.value.len());
        self.reached = true;
        (&mut self.grad, add)
    }
}
