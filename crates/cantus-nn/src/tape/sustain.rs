//! Choices of one among many, and values that are struck and held.

use super::{Op, Slot, Tape, Var};

/// What happens at a step of a sequence of values that are struck and held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Nothing is struck and nothing sounds on.
    Silent,
    /// Values are struck, or held as far as their gates say.
    Played,
    /// Nothing is struck, and all sounds on.
    Held,
}

/// Numbers of a value at a step: what sounds, what was struck there, and what was struck there and is not held after.
const KINDS: usize = 3;

impl Tape {
    /// 1 at the greatest number of each row, else 0. Its gradient is the softmax's: it passes straight through the choice.
    ///
    /// # Shapes
    /// `[n, classes]`, result the same.
    pub fn one_of(&mut self, x: Var) -> Var {
        let (rows, columns) = self.shape(x);
        let (var, slot, earlier) = self.graph.next([rows, columns]);
        let source = &earlier[x.0];
        slot.saved[0].resize(rows * columns);
        let columns = columns.max(1);
        let results = slot.value.chunks_exact_mut(columns).zip(slot.saved[0].chunks_exact_mut(columns));
        for (logits, (choice, shares)) in source.value.chunks_exact(columns).zip(results) {
            choose(logits, choice, shares);
        }
        slot.wants = source.wants;
        slot.op = Op::OneOf { x };
        var
    }

    /// Values that are struck and then held for as long as their gates are open: at each step
    /// `s = o + (1 − o) g s₋₁`, `o` being what is struck.
    ///
    /// # Shapes
    /// `struck` `[n * steps, width]`, `gates` the same or `[n * steps, 1]`, one for all values; `before` `[n, width]`, what
    /// sounds when a sequence begins; `holds` `[n * steps]`. Result `[n * steps, 3 * width]`: for each value `s`, `o`, and
    /// what is struck and not held at the next step (nothing at the last).
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn sustain(&mut self, struck: Var, gates: Var, before: &[f32], holds: &[Hold]) -> Var {
        let (rows, width) = self.shape(struck);
        let (gate_rows, gate_width) = self.shape(gates);
        assert!(
            gate_rows == rows && (gate_width == width || gate_width == 1) && holds.len() == rows,
            "gates of {gate_rows} × {gate_width} and {} holds do not fit {rows} × {width} values",
            holds.len()
        );
        let count = before.len() / width.max(1);
        assert!(count > 0 && rows.is_multiple_of(count), "{count} sequences do not divide {rows} steps");
        let (var, slot, earlier) = self.graph.next([rows, KINDS * width]);
        slot.saved[0].copy_from(before);
        slot.indices.clear();
        slot.indices.extend(holds.iter().map(|hold| *hold as u32));
        let (o, g) = (&earlier[struck.0], &earlier[gates.0]);
        let steps = rows / count;
        for (row, hold) in holds.iter().enumerate() {
            for column in 0..width {
                let cell = KINDS * (row * width + column);
                let last = match row % steps {
                    0 => slot.saved[0][row / steps * width + column],
                    _ => slot.value[cell - KINDS * width],
                };
                let (is_struck, gate) =
                    (o.value[row * width + column], g.value[row * gate_width + column % gate_width]);
                let (sounds, begins) = match hold {
                    Hold::Silent => (0.0, 0.0),
                    Hold::Played => ((1.0 - is_struck).mul_add(gate * last, is_struck), is_struck),
                    Hold::Held => (last, 0.0),
                };
                slot.value[cell] = sounds;
                slot.value[cell + 1] = begins;
                slot.value[cell + 2] = 0.0;
            }
        }
        for row in (0..rows).filter(|row| (row + 1) % steps != 0) {
            for cell in (0..width).map(|column| KINDS * (row * width + column)) {
                let next = cell + KINDS * width;
                slot.value[cell + 2] = slot.value[cell + 1] * (1.0 - slot.value[next] + slot.value[next + 1]);
            }
        }
        slot.wants = o.wants || g.wants;
        slot.op = Op::Sustain { struck, gates, steps };
        var
    }
}

/// The choice of one row, and the softmax of its numbers.
fn choose(logits: &[f32], choice: &mut [f32], shares: &mut [f32]) {
    choice.fill(0.0);
    let greatest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if let Some(place) = logits.iter().position(|logit| logit.total_cmp(&greatest).is_eq()) {
        choice[place] = 1.0;
    }
    let mut sum = 0.0;
    for (share, logit) in shares.iter_mut().zip(logits) {
        *share = crate::math::exp(logit - greatest);
        sum += *share;
    }
    for share in shares {
        *share /= sum;
    }
}

pub(super) fn one_of_backward(slot: &Slot, x: &mut Slot) {
    if !x.wants {
        return;
    }
    let columns = slot.columns.max(1);
    let totals = x.grad_to_add().chunks_exact_mut(columns);
    let shares = slot.saved[0].chunks_exact(columns);
    for ((totals, grads), shares) in totals.zip(slot.grad.chunks_exact(columns)).zip(shares) {
        let mean: f32 = grads.iter().zip(shares).map(|(grad, share)| grad * share).sum();
        for ((total, grad), share) in totals.iter_mut().zip(grads).zip(shares) {
            *total += share * (grad - mean);
        }
    }
}

pub(super) fn sustain_backward(
    slot: &mut Slot,
    earlier: &mut [Slot],
    (struck, gates, steps): (Var, Var, usize),
) {
    let [struck, gates] =
        earlier.get_disjoint_mut([struck.0, gates.0]).expect("gates are not what is struck");
    let (width, gate_width, rows) = (struck.columns, gates.columns, slot.rows);
    let [before, of_struck, of_gates, ..] = &mut slot.saved;
    of_struck.zeros(rows * width);
    of_gates.zeros(rows * gate_width);
    for column in 0..width {
        let cell = |row: usize| KINDS * (row * width + column);
        // What later steps want of what sounds here.
        let mut carried = 0.0;
        for row in (0..rows).rev() {
            let (is_first, is_last) = (row % steps == 0, (row + 1) % steps == 0);
            if is_last {
                carried = 0.0;
            }
            let here = cell(row);
            let mut of_sound = slot.grad[here] + carried;
            let mut of_onset = slot.grad[here + 1];
            if !is_last {
                let next = cell(row + 1);
                of_onset += slot.grad[here + 2] * (1.0 - slot.value[next] + slot.value[next + 1]);
            }
            if !is_first {
                let earlier = cell(row - 1);
                let arrived = slot.grad[earlier + 2] * slot.value[earlier + 1];
                of_sound -= arrived;
                of_onset += arrived;
            }
            let last =
                if is_first { before[row / steps * width + column] } else { slot.value[cell(row - 1)] };
            let gate_place = row * gate_width + column % gate_width;
            let (is_struck, gate) = (struck.value[row * width + column], gates.value[gate_place]);
            carried = match slot.indices[row] {
                hold if hold == Hold::Played as u32 => {
                    of_struck[row * width + column] = of_onset + of_sound * (1.0 - gate * last);
                    of_gates[gate_place] += of_sound * (1.0 - is_struck) * last;
                    of_sound * (1.0 - is_struck) * gate
                }
                hold if hold == Hold::Held as u32 => of_sound,
                _ => 0.0,
            };
        }
    }
    for (x, grads) in [(struck, &*of_struck), (gates, &*of_gates)] {
        if x.wants {
            x.grad_to_add().iter_mut().zip(grads.iter()).for_each(|(total, grad)| *total += grad);
        }
    }
}
