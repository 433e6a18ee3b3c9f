//! A network of four voices: a trunk that reads a moment a step, a head for each voice, and one for when something changes next.

use cantus_nn::{Cell, Parameters, Recurrent, Rng, Tape, Var};

use super::questions::{CUT_OFF, EXERCISES, GAP, Spec};
use super::recipe::{LINEAR, Recipe};
use crate::gan::dense::Dense;
use crate::layers::{HeadSizes, Layers, Sizes, cost};
use crate::lesson::Batch;
use crate::network::Dropout;
use crate::recipe::cell_of;

/// Names of the heads.
const HEADS: [&str; GAP + 1] = ["soprano", "bass", "tenor", "alto", "gap"];

/// The questions, and where in the parameters the layers lie.
#[derive(Debug, Clone)]
pub(super) struct Network {
    pub(super) spec: Spec,
    layers: Layers,
    /// Recurrent layers upon the first.
    upper: Vec<Recurrent>,
    /// Linear recurrences in place of them all; empty where there are none.
    linear: Vec<Dense>,
}

impl Network {
    /// A network by a recipe and its first weights.
    pub(super) fn new(recipe: &Recipe, rng: &mut Rng) -> (Self, Parameters) {
        let spec = Spec::new(&recipe.without, recipe.asked);
        let &Recipe { embedding, hidden, head: width, .. } = recipe;
        // A recipe that was checked has a cell that there is, or none.
        let cell = cell_of(&recipe.cell).unwrap_or(Cell::Gru);
        let sizes = Sizes { cell, rows: spec.trunk_rows(), embedding, hidden };
        let heads = HEADS.iter().enumerate().map(|(head, name)| {
            Some(HeadSizes {
                name: (*name).to_owned(),
                rows: spec.rows(head),
                width,
                columns: Spec::columns(head),
                reads_trunk: true,
            })
        });
        let heads: Vec<_> = heads.collect();
        let mut params = Parameters::new();
        let layers = Layers::new(&mut params, sizes, &heads, (&mut *rng, |init| init));
        let is_linear = recipe.cell == LINEAR;
        let upper = (2..=recipe.layers).filter(|_| !is_linear);
        let upper = upper
            .map(|layer| Recurrent::new(&mut params, &format!("trunk-{layer}"), cell, hidden, hidden, rng))
            .collect();
        let linear = (1..=recipe.layers).filter(|_| is_linear);
        let linear = linear
            .map(|layer| {
                let inputs = if layer == 1 { embedding } else { hidden };
                Dense::new(&mut params, &format!("linear-{layer}"), [inputs, 2 * hidden], rng)
            })
            .collect();
        (Self { spec, layers, upper, linear }, params)
    }

    /// Its layers.
    pub(super) fn layers(&self) -> &Layers {
        &self.layers
    }

    /// Whether its trunk is one recurrent layer.
    pub(super) fn is_plain(&self) -> bool {
        self.upper.is_empty() && self.linear.is_empty()
    }

    /// What the trunk makes of a batch, `[steps * batch, hidden]`.
    fn trunk(&self, tape: &mut Tape, params: &Parameters, batch: &Batch, dropout: Dropout) -> Var {
        if self.linear.is_empty() {
            let mut h = self.layers.trunk(tape, params, batch, dropout);
            for layer in &self.upper {
                h = tape.recurrent(params, h, layer, batch.steps, batch.batch);
                h = tape.dropout(h, dropout.hidden);
            }
            return h;
        }
        let mut h = self.layers.read(tape, params, batch, dropout);
        for layer in &self.linear {
            let gates = layer.forward(tape, params, h);
            h = tape.gated_scan(gates, batch.batch);
            h = tape.dropout(h, dropout.hidden);
        }
        h
    }

    /// The logits of each exercise, `[questions, classes]`; nothing for one without questions.
    pub(super) fn logits(
        &self,
        tape: &mut Tape,
        params: &Parameters,
        batch: &Batch,
        dropout: Dropout,
    ) -> [Option<Var>; EXERCISES] {
        let hidden = self.trunk(tape, params, batch, dropout);
        std::array::from_fn(|index| {
            let exercise = batch.exercises.get(index).filter(|exercise| !exercise.answers.is_empty())?;
            let head = self.layers.heads[index.min(GAP)].as_ref()?;
            Some(head.logits(tape, params, (exercise, hidden), dropout))
        })
    }

    /// What the answers of each exercise cost in nats, `[questions, 1]`; those of [`CUT_OFF`] are to be taken off.
    pub(super) fn costs(
        &self,
        tape: &mut Tape,
        params: &Parameters,
        batch: &Batch,
        dropout: Dropout,
    ) -> [Option<Var>; EXERCISES] {
        let logits = self.logits(tape, params, batch, dropout);
        let mut costs = logits
            .iter()
            .zip(&batch.exercises)
            .map(|(logits, exercise)| Some(cost(tape, (*logits)?, exercise)));
        std::array::from_fn(|_| costs.next().flatten())
    }
}

/// How the costs of an exercise count.
pub(super) fn sign(exercise: usize) -> f32 {
    if exercise == CUT_OFF { -1.0 } else { 1.0 }
}
