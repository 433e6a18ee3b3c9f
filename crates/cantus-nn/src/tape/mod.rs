//! Recording what a network computes, so that it can be differentiated.
//!
//! Operations are few and coarse: a whole recurrent sequence is one. Each has its forward and its backward half in
//! one file. Every buffer belongs to a slot of the tape and is used again after [`Tape::begin`].

mod arrange;
mod bag;
mod batch;
mod combine;
mod conv;
mod elementwise;
mod film;
mod grid;
mod linear;
mod loss;
mod norm;
mod recurrent;
mod scan;
mod select;
mod shifted;
mod sustain;
#[cfg(test)]
mod tests;

use crate::buffer::Buffer;
use crate::kernel::Workers;
use crate::lists::{Bags, Terms};
use crate::team::Team;
use crate::{Conv, Gradients, ParamId, Parameters, Path, Recurrent, Rng, SpectralNorm};
use elementwise::Curve;
pub use film::Film;
use grid::{Blocks, Shift};
pub use sustain::Hold;

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
    GatedScan {
        x: Var,
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
    Sub {
        a: Var,
        b: Var,
    },
    Mul {
        a: Var,
        b: Var,
    },
    /// A scale, and a shift that may differ from number to number.
    Affine {
        x: Var,
        scale: f32,
    },
    Reshape {
        x: Var,
    },
    Beside {
        a: Var,
        b: Var,
    },
    Below {
        a: Var,
        b: Var,
    },
    RowRange {
        x: Var,
        start: usize,
    },
    OneOf {
        x: Var,
    },
    Sustain {
        struck: Var,
        gates: Var,
        steps: usize,
    },
    RowSum {
        x: Var,
    },
    BatchDeviation {
        x: Var,
        places: usize,
        group: usize,
    },
    Film {
        x: Var,
        style: Var,
        film: Film,
    },
    AddToPlaces {
        x: Var,
        rows: Var,
    },
    Upsample {
        x: Var,
        blocks: Blocks,
    },
    MeanPool {
        x: Var,
        blocks: Blocks,
    },
    Pick {
        x: Var,
        blocks: Blocks,
    },
    Shift {
        x: Var,
        shift: Shift,
    },
    Conv {
        x: Var,
        conv: Conv,
    },
    ConvTransposed {
        x: Var,
        conv: Conv,
    },
    SpectralNorm {
        x: Var,
        norm: SpectralNorm,
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
            Op::EmbeddingBag { table } => {
                if grads.wants(table) {
                    bag::backward(self, grads.get_mut(table), machine);
                }
            }
            Op::Linear { x, weight, bias } => {
                linear::backward(self, &mut earlier[x.0], (weight, bias), (params, grads), machine);
            }
            Op::Recurrent { x, layer, steps, batch } => {
                recurrent::backward(self, &mut earlier[x.0], (layer, steps, batch), (params, grads), machine);
            }
            Op::GatedScan { x, batch } => scan::backward(self, &mut earlier[x.0], batch),
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
            _ => self.backward_of_images(earlier, params, grads, machine),
        }
    }

    /// The way back through the operations on images and batches.
    fn backward_of_images(
        &mut self,
        earlier: &mut [Slot],
        params: &Parameters,
        grads: &mut Gradients,
        machine: &mut Machine,
    ) {
        match self.op {
            Op::Sub { a, b } => {
                combine::scaled_backward(self, &mut earlier[a.0], 1.0, machine);
                combine::scaled_backward(self, &mut earlier[b.0], -1.0, machine);
            }
            Op::Mul { a, b } => combine::mul_backward(self, earlier, (a, b), machine),
            Op::Affine { x, scale } => combine::scaled_backward(self, &mut earlier[x.0], scale, machine),
            Op::Reshape { x } => arrange::reshape_backward(self, &mut earlier[x.0], machine),
            Op::Beside { a, b } => {
                let left = earlier[a.0].columns;
                arrange::beside_backward(self, &mut earlier[a.0], 0, machine);
                arrange::beside_backward(self, &mut earlier[b.0], left, machine);
            }
            Op::Below { a, b } => {
                let above = earlier[a.0].rows;
                arrange::below_backward(self, &mut earlier[a.0], 0, machine);
                arrange::below_backward(self, &mut earlier[b.0], above, machine);
            }
            Op::RowRange { x, start } => arrange::row_range_backward(self, &mut earlier[x.0], start, machine),
            Op::OneOf { x } => sustain::one_of_backward(self, &mut earlier[x.0]),
            Op::Sustain { struck, gates, steps } => {
                sustain::sustain_backward(self, earlier, (struck, gates, steps));
            }
            Op::RowSum { x } => batch::row_sum_backward(self, &mut earlier[x.0]),
            Op::BatchDeviation { x, places, group } => {
                batch::deviation_backward(self, &mut earlier[x.0], [places, group], machine);
            }
            Op::Film { x, style, film } => {
                let [x, style] = earlier.get_disjoint_mut([x.0, style.0]).expect("a style is no image");
                film::style_backward(self, x, style, machine);
                film::backward(self, x, style, film, machine);
            }
            Op::AddToPlaces { x, rows } => {
                combine::scaled_backward(self, &mut earlier[x.0], 1.0, machine);
                film::rows_backward(self, &mut earlier[rows.0], machine);
            }
            Op::Upsample { x, blocks } => grid::upsample_backward(self, &mut earlier[x.0], blocks, machine),
            Op::MeanPool { x, blocks } => grid::mean_pool_backward(self, &mut earlier[x.0], blocks, machine),
            Op::Pick { x, blocks } => grid::pick_backward(self, &mut earlier[x.0], blocks),
            Op::Shift { x, shift } => grid::shift_backward(self, &mut earlier[x.0], shift, machine),
            Op::Conv { x, conv } => conv::backward(self, &mut earlier[x.0], &conv, (params, grads), machine),
            Op::ConvTransposed { x, conv } => {
                conv::transposed_backward(self, &mut earlier[x.0], &conv, (params, grads), machine);
            }
            Op::SpectralNorm { x, norm } => {
                conv::spectral_backward(self, &mut earlier[x.0], &norm, (params, grads), machine);
            }
            _ => {}
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
