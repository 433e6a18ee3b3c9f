//! The layers of a network that reads music a step at a time: a trunk with memory, and a small head for each kind of question.

use cantus_nn::{Cell, Decay, Init, ParamId, Parameters, Recurrent, Rng, Tape, Var};

use crate::lesson::{Batch, Exercise};
use crate::network::Dropout;

/// Sizes of a network's layers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    /// The recurrent cell.
    pub(crate) cell: Cell,
    /// Rows of the trunk's table.
    pub(crate) rows: usize,
    /// Width of the trunk's embedding.
    pub(crate) embedding: usize,
    /// Units of the recurrent layer.
    pub(crate) hidden: usize,
}

/// What a head is made for.
#[derive(Debug, Clone)]
pub(crate) struct HeadSizes {
    /// How the names of its tensors begin.
    pub(crate) name: String,
    /// Rows of its table.
    pub(crate) rows: usize,
    /// Its width.
    pub(crate) width: usize,
    /// Raw outputs.
    pub(crate) columns: usize,
    /// Whether it reads the trunk.
    pub(crate) reads_trunk: bool,
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
pub(crate) struct Layers {
    pub(crate) table: ParamId,
    pub(crate) recurrent: Recurrent,
    /// Nothing for a head that the network does without.
    pub(crate) heads: Vec<Option<Head>>,
}

impl Layers {
    /// Adds the layers of a new network; `first` is what becomes of the weights that a layer would begin with.
    pub(crate) fn new(
        params: &mut Parameters,
        sizes: Sizes,
        heads: &[Option<HeadSizes>],
        (rng, first): (&mut Rng, fn(Init) -> Init),
    ) -> Self {
        let Sizes { cell, rows, embedding, hidden } = sizes;
        let table = params.add("trunk.table", &[rows, embedding], first(Init::Normal(0.2)), Decay::No, rng);
        let recurrent = Recurrent::new(params, "trunk", cell, embedding, hidden, rng);
        let heads =
            heads.iter().map(|head| Some(Head::new(params, head.as_ref()?, hidden, (rng, first)))).collect();
        Self { table, recurrent, heads }
    }

    /// What the trunk reads of a batch, `[steps * batch, embedding]`.
    pub(crate) fn read(&self, tape: &mut Tape, params: &Parameters, batch: &Batch, dropout: Dropout) -> Var {
        let embedded = tape.embedding_bag(params, self.table, &batch.trunk, dropout.feature);
        tape.dropout(embedded, dropout.input)
    }

    /// What the trunk makes of a batch, `[steps * batch, hidden]`.
    pub(crate) fn trunk(&self, tape: &mut Tape, params: &Parameters, batch: &Batch, dropout: Dropout) -> Var {
        let input = self.read(tape, params, batch, dropout);
        let hidden = tape.recurrent(params, input, &self.recurrent, batch.steps, batch.batch);
        tape.dropout(hidden, dropout.hidden)
    }
}

impl Head {
    fn new(
        params: &mut Parameters,
        sizes: &HeadSizes,
        hidden: usize,
        (rng, first): (&mut Rng, fn(Init) -> Init),
    ) -> Self {
        let HeadSizes { name, rows, width, columns, reads_trunk } = sizes;
        let (rows, width, columns) = (*rows, *width, *columns);
        let mut add = |part: &str, size: &[usize], init, decay| {
            params.add(&format!("{name}.{part}"), size, first(init), decay, rng)
        };
        let uniform = |inputs: usize| Init::Uniform(1.0 / (inputs as f32).sqrt());
        let trunk = reads_trunk.then(|| add("trunk", &[hidden, width], uniform(hidden), Decay::Yes));
        let table = add("table", &[rows, width], Init::Normal(0.1), Decay::No);
        let inner = (
            add("inner.weight", &[width, width], uniform(width), Decay::Yes),
            add("inner.bias", &[width], Init::Zeros, Decay::No),
        );
        let out = (
            add("out.weight", &[width, columns], uniform(width), Decay::Yes),
            add("out.bias", &[columns], Init::Zeros, Decay::No),
        );
        Self { trunk, table, inner, out }
    }

    /// The logits of the answers to its questions, `hidden` being what the trunk made of the batch.
    ///
    /// # Shapes
    /// `hidden` `[steps * batch, hidden]`, result `[questions, classes]`.
    pub(crate) fn logits(
        &self,
        tape: &mut Tape,
        params: &Parameters,
        (exercise, hidden): (&Exercise, Var),
        dropout: Dropout,
    ) -> Var {
        let features = tape.embedding_bag(params, self.table, &exercise.items, dropout.feature); // [questions, head]
        let sum = match self.trunk {
            Some(weight) => {
                let read = tape.linear(params, hidden, weight, None); // [steps * batch, head]
                let read = tape.rows(read, &exercise.slices); // [questions, head]
                tape.add(read, features)
            }
            None => features,
        };
        let first = tape.gelu(sum);
        let first = tape.dropout(first, dropout.head);
        let inner = tape.linear(params, first, self.inner.0, Some(self.inner.1));
        let inner = tape.gelu(inner);
        let second = tape.add(first, inner);
        let second = tape.dropout(second, dropout.head);
        let raw = tape.linear(params, second, self.out.0, Some(self.out.1)); // [questions, columns]
        tape.shifted_sum(raw, exercise.allowed.classes(), &exercise.terms)
    }
}

/// What answers cost in nats, `[questions, 1]`, their logits being given.
pub(crate) fn cost(tape: &mut Tape, logits: Var, exercise: &Exercise) -> Var {
    tape.softmax_cross_entropy(logits, &exercise.answers, Some(&exercise.allowed))
}
