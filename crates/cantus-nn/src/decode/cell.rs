//! A recurrent layer, one step at a time.

use crate::kernel::PAD;
use crate::kernel::matvec::{GruStep, LstmStep, Packed};
use crate::{Cell, ParamId, Parameters, Path, Precision, Recurrent};

/// The weights of a recurrent layer.
#[derive(Debug, Clone)]
pub struct RecurrentCell {
    cell: Cell,
    units: usize,
    /// Columns in the order `[vector of units][gate][lane]`, units padded.
    input: Packed,
    hidden: Packed,
    /// What inputs are added to, and for the GRU what the state is added to; in the same order.
    biases: [Vec<f32>; 2],
}

/// What a [`RecurrentCell`] remembers between steps.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    units: usize,
    /// The last output, padded.
    h: Vec<f32>,
    /// The LSTM's cells, padded.
    c: Vec<f32>,
    gates: Vec<f32>,
    sides: Vec<f32>,
}

impl State {
    /// The state before the first step, zeros.
    pub fn new(cell: &RecurrentCell) -> Self {
        let padded = cell.units.next_multiple_of(PAD);
        let [gates, sides] = [&cell.biases[0], &cell.biases[1]].map(|bias| vec![0.0; bias.len()]);
        Self { units: cell.units, h: vec![0.0; padded], c: vec![0.0; padded], gates, sides }
    }

    /// The layer's output at the last step.
    pub fn output(&self) -> &[f32] {
        &self.h[..self.units]
    }

    /// Back to before the first step.
    pub fn reset(&mut self) {
        self.h.fill(0.0);
        self.c.fill(0.0);
    }
}

impl RecurrentCell {
    /// Takes the tensors of a layer; the biases stay as they are.
    pub fn new(params: &Parameters, layer: &Recurrent, precision: Precision) -> Self {
        Self::on(Path::best(), params, layer, precision)
    }

    /// Like [`RecurrentCell::new`], with given instructions.
    pub fn on(path: Path, params: &Parameters, layer: &Recurrent, precision: Precision) -> Self {
        let (gates, units, lanes) = (layer.cell.gates(), layer.units, path.lanes());
        let columns = gates * units.next_multiple_of(PAD);
        // Where a packed column comes from among `[gate][unit]`.
        let from = |column: usize| {
            let unit = column / (gates * lanes) * lanes + column % lanes;
            (unit < units).then_some(column / lanes % gates * units + unit)
        };
        let pack = |id: ParamId| Packed::select(path, precision, params.get(id), columns, from);
        let bias = params.get(layer.bias).data();
        let ordered = |values: &dyn Fn(usize) -> f32| {
            (0..columns).map(|column| from(column).map_or(0.0, values)).collect::<Vec<f32>>()
        };
        let biases = match layer.cell {
            Cell::Lstm => [ordered(&|source| bias[source]), Vec::new()],
            // Only the candidate has a bias of its own for the state.
            Cell::Gru => [
                ordered(&|source| bias[source]),
                ordered(&|source| if source < 2 * units { 0.0 } else { bias[source + units] }),
            ],
        };
        Self { cell: layer.cell, units, input: pack(layer.input), hidden: pack(layer.hidden), biases }
    }

    /// How many numbers it reads at a step.
    pub fn inputs(&self) -> usize {
        self.input.depth()
    }

    /// How many numbers it gives at a step.
    pub fn units(&self) -> usize {
        self.units
    }

    /// One step; [`State::output`] is the result.
    ///
    /// # Panics
    /// If `x` has another length than the layer reads, or the state belongs to a layer of another size.
    pub fn step(&self, x: &[f32], state: &mut State) {
        let State { h, c, gates, sides, .. } = state;
        let path = self.input.path();
        gates.copy_from_slice(&self.biases[0]);
        self.input.accumulate(x, gates);
        match self.cell {
            Cell::Lstm => {
                self.hidden.accumulate(&h[..self.units], gates);
                path.run(LstmStep { gates, h, c });
            }
            Cell::Gru => {
                sides.copy_from_slice(&self.biases[1]);
                self.hidden.accumulate(&h[..self.units], sides);
                path.run(GruStep { gates, sides, h });
            }
        }
    }
}
