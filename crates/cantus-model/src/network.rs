//! The recurrent network: a trunk that reads a slice a step, and a small head for each kind of question.

use cantus_nn::{Cell, Init, Parameters, Rng, Tape, Var};

use crate::layers::{HeadSizes, Layers, Sizes, cost};
use crate::lesson::Batch;
use crate::walk::{Kind, Spec};

/// Width of the heads that do not read the trunk.
const SMALL_HEAD: usize = 32;

/// Sizes of a network and what it can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// The recurrent cell.
    #[serde(with = "cell_name")]
    pub cell: Cell,
    /// Width of the trunk's embedding.
    pub embedding: usize,
    /// Units of the recurrent layer.
    pub hidden: usize,
    /// Width of the heads.
    pub head: usize,
    /// Styles told apart.
    pub styles: u32,
    /// Whether there is a head for drums.
    pub drums: bool,
    /// Whether there is a head for velocities.
    pub dynamics: bool,
    /// Whether it can be told what a piece and its bars are to be like.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub controls: bool,
}

pub(crate) mod cell_name {
    use cantus_nn::Cell;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// The name of a cell.
    pub(crate) const fn of(cell: Cell) -> &'static str {
        match cell {
            Cell::Lstm => "lstm",
            Cell::Gru => "gru",
        }
    }

    // serde's `with` hands over a reference.
    #[expect(clippy::trivially_copy_pass_by_ref)]
    pub(crate) fn serialize<S: Serializer>(cell: &Cell, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(of(*cell))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cell, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "lstm" => Ok(Cell::Lstm),
            "gru" => Ok(Cell::Gru),
            other => Err(D::Error::custom(format!("a cell must be lstm or gru, but was {other}"))),
        }
    }
}

impl Shape {
    /// The questions that a network of this shape answers.
    pub fn spec(&self) -> Spec {
        if self.controls { Spec::with_controls(self.styles) } else { Spec::new(self.styles) }
    }

    /// Whether the network answers questions of a kind.
    pub fn has(&self, kind: Kind) -> bool {
        match kind {
            Kind::Drum => self.drums,
            Kind::Velocity => self.dynamics,
            _ => true,
        }
    }
}

/// What drops out in training, each a chance.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dropout {
    /// Of whole features.
    pub feature: f32,
    /// Of the trunk's input.
    pub input: f32,
    /// Of the trunk's output.
    pub hidden: f32,
    /// Of the heads.
    pub head: f32,
}

/// The questions that a network answers, and where in the parameters its layers lie.
#[derive(Debug, Clone)]
pub struct Network {
    /// Its sizes.
    pub shape: Shape,
    /// The questions it answers.
    pub spec: Spec,
    /// Its layers; heads in the order of [`Kind::ALL`].
    pub(crate) layers: Layers,
}

impl Network {
    /// A new network and its first weights.
    pub fn new(shape: Shape, rng: &mut Rng) -> (Self, Parameters) {
        Self::begun(shape, rng, |init| init)
    }

    /// A network whose weights are still to be loaded: drawing first ones would take longer than composing a piece.
    pub fn unlearnt(shape: Shape) -> (Self, Parameters) {
        Self::begun(shape, &mut Rng::new(0), |_| Init::Zeros)
    }

    fn begun(shape: Shape, rng: &mut Rng, first: fn(Init) -> Init) -> (Self, Parameters) {
        let spec = shape.spec();
        let Shape { cell, embedding, hidden, .. } = shape;
        let sizes = Sizes { cell, rows: spec.trunk_rows(), embedding, hidden };
        let heads = Kind::ALL.map(|kind| shape.has(kind).then(|| head(&spec, shape, kind)));
        let mut params = Parameters::new();
        let layers = Layers::new(&mut params, sizes, &heads, (rng, first));
        (Self { shape, spec, layers }, params)
    }

    /// The cost of each answer of a batch in nats, by kind in the order of [`Kind::ALL`]; nothing for kinds
    /// without questions.
    ///
    /// # Shapes
    /// Each result is `[questions of the kind, 1]`.
    pub fn costs(
        &self,
        tape: &mut Tape,
        params: &Parameters,
        batch: &Batch,
        dropout: Dropout,
    ) -> Vec<Option<Var>> {
        let hidden = self.layers.trunk(tape, params, batch, dropout);
        let asked = self.layers.heads.iter().zip(&batch.exercises);
        asked
            .map(|(head, exercise)| {
                let head = head.as_ref().filter(|_| !exercise.answers.is_empty())?;
                let logits = head.logits(tape, params, (exercise, hidden), dropout);
                Some(cost(tape, logits, exercise))
            })
            .collect()
    }
}

fn head(spec: &Spec, shape: Shape, kind: Kind) -> HeadSizes {
    HeadSizes {
        name: kind.name().to_owned(),
        rows: spec.rows(kind),
        width: if kind.reads_trunk() { shape.head } else { SMALL_HEAD },
        columns: spec.columns(kind),
        reads_trunk: kind.reads_trunk(),
    }
}
