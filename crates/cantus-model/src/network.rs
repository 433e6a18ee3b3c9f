//! The recurrent network: a trunk that reads a slice a step, and a small head for each kind of question.

use cantus_nn::{Cell, Decay, Init, ParamId, Parameters, Recurrent, Rng, Tape, Var};

use crate::lesson::{Batch, Exercise};
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

/// A head: `z = gelu(trunk + features)`, `z + gelu(inner z)`, raw outputs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    /// From the trunk `[hidden, head]`, unless the head does not read it.
    pub(crate) trunk: Option<ParamId>,
    /// Features `[rows, head]`.
    pub(crate) table: ParamId,
    /// `[head, head]` and `[head]`.
    pub(crate) inner: (ParamId, ParamId),
    /// `[head, columns]` and `[columns]`.
    pub(crate) out: (ParamId, ParamId),
}

/// Where in the parameters each layer lies.
#[derive(Debug, Clone)]
pub struct Network {
    /// Its sizes.
    pub shape: Shape,
    /// The questions it answers.
    pub spec: Spec,
    pub(crate) table: ParamId,
    pub(crate) recurrent: Recurrent,
    /// Heads in the order of [`Kind::ALL`].
    pub(crate) heads: Vec<Option<Head>>,
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
        let mut params = Parameters::new();
        let size = [spec.trunk_rows(), shape.embedding];
        let table = params.add("trunk.table", &size, first(Init::Normal(0.2)), Decay::No, rng);
        let recurrent = Recurrent::new(&mut params, "trunk", shape.cell, shape.embedding, shape.hidden, rng);
        let mut layers = Layers { params: &mut params, rng, first };
        let heads = Kind::ALL.map(|kind| shape.has(kind).then(|| layers.head(&spec, shape, kind)));
        (Self { shape, spec, table, recurrent, heads: heads.into() }, params)
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
        let embedded = tape.embedding_bag(params, self.table, &batch.trunk, dropout.feature); // [steps * batch, embedding]
        let input = tape.dropout(embedded, dropout.input);
        let hidden = tape.recurrent(params, input, &self.recurrent, batch.steps, batch.batch); // [steps * batch, hidden]
        let hidden = tape.dropout(hidden, dropout.hidden);
        let asked = Kind::ALL.into_iter().zip(&self.heads).zip(&batch.exercises);
        asked
            .map(|((kind, head), exercise)| {
                let head = head.as_ref().filter(|_| !exercise.answers.is_empty())?;
                Some(cost(tape, params, Asked { kind, head, exercise, hidden }, dropout))
            })
            .collect()
    }
}

/// What adds the layers of a new network.
struct Layers<'a> {
    params: &'a mut Parameters,
    rng: &'a mut Rng,
    /// What becomes of the weights that a layer would begin with.
    first: fn(Init) -> Init,
}

impl Layers<'_> {
    fn head(&mut self, spec: &Spec, shape: Shape, kind: Kind) -> Head {
        let width = if kind.reads_trunk() { shape.head } else { SMALL_HEAD };
        let columns = spec.columns(kind);
        let mut add = |part: &str, size: &[usize], init, decay| {
            let name = format!("{}.{part}", kind.name());
            self.params.add(&name, size, (self.first)(init), decay, self.rng)
        };
        let uniform = |inputs: usize| Init::Uniform(1.0 / (inputs as f32).sqrt());
        let trunk = kind
            .reads_trunk()
            .then(|| add("trunk", &[shape.hidden, width], uniform(shape.hidden), Decay::Yes));
        let table = add("table", &[spec.rows(kind), width], Init::Normal(0.1), Decay::No);
        let inner = (
            add("inner.weight", &[width, width], uniform(width), Decay::Yes),
            add("inner.bias", &[width], Init::Zeros, Decay::No),
        );
        let out = (
            add("out.weight", &[width, columns], uniform(width), Decay::Yes),
            add("out.bias", &[columns], Init::Zeros, Decay::No),
        );
        Head { trunk, table, inner, out }
    }
}

#[derive(Clone, Copy)]
struct Asked<'a> {
    kind: Kind,
    head: &'a Head,
    exercise: &'a Exercise,
    /// `[steps * batch, hidden]`
    hidden: Var,
}

fn cost(tape: &mut Tape, params: &Parameters, asked: Asked, dropout: Dropout) -> Var {
    let Asked { kind, head, exercise, hidden } = asked;
    let features = tape.embedding_bag(params, head.table, &exercise.items, dropout.feature); // [questions, head]
    let sum = match head.trunk {
        Some(weight) => {
            let read = tape.linear(params, hidden, weight, None); // [steps * batch, head]
            let read = tape.rows(read, &exercise.slices); // [questions, head]
            tape.add(read, features)
        }
        None => features,
    };
    let first = tape.gelu(sum);
    let first = tape.dropout(first, dropout.head);
    let inner = tape.linear(params, first, head.inner.0, Some(head.inner.1));
    let inner = tape.gelu(inner);
    let second = tape.add(first, inner);
    let second = tape.dropout(second, dropout.head);
    let raw = tape.linear(params, second, head.out.0, Some(head.out.1)); // [questions, columns]
    let logits = tape.shifted_sum(raw, kind.classes(), &exercise.terms); // [questions, classes]
    tape.softmax_cross_entropy(logits, &exercise.answers, Some(&exercise.allowed)) // [questions, 1]
}
