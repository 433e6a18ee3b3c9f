//! The network one step at a time: what composing runs, with the same bits on every machine.

#[cfg(test)]
mod tests;

use cantus_nn::decode::{self, Linear, RecurrentCell, State, Table};
use cantus_nn::{Parameters, Precision};

use crate::network::{Head, Network};
use crate::walk::{Kind, Question};

/// A network made ready to answer one question after another.
#[derive(Debug)]
pub struct Decoder {
    table: Table,
    cell: RecurrentCell,
    heads: Vec<Option<HeadDecoder>>,
}

#[derive(Debug)]
struct HeadDecoder {
    trunk: Option<Linear>,
    table: Table,
    inner: Linear,
    out: Linear,
}

/// Where a piece stands in the network, and room to compute in.
#[derive(Debug, Clone)]
pub struct Reading {
    state: State,
    input: Vec<f32>,
    /// What each head reads of the trunk at this slice, computed when it is first asked.
    read: Vec<Option<Vec<f32>>>,
    first: Vec<f32>,
    inner: Vec<f32>,
    raw: Vec<f32>,
}

impl Decoder {
    /// Packs a network's weights; bf16 halves the memory that each step moves.
    pub fn new(network: &Network, params: &Parameters, precision: Precision) -> Self {
        let heads = network.heads.iter().map(|head| head.map(|head| pack(&head, params, precision)));
        Self {
            table: Table::new(params.get(network.table), precision),
            cell: RecurrentCell::new(params, &network.recurrent, precision),
            heads: heads.collect(),
        }
    }

    /// The beginning of a piece.
    pub fn start(&self) -> Reading {
        Reading {
            state: State::new(&self.cell),
            input: vec![0.0; self.table.width()],
            read: vec![None; Kind::ALL.len()],
            first: Vec::new(),
            inner: Vec::new(),
            raw: Vec::new(),
        }
    }

    /// Whether the network answers questions of a kind.
    pub fn answers(&self, kind: Kind) -> bool {
        self.heads[kind.index()].is_some()
    }

    /// Reads a new slice, given its rows of the trunk's table.
    pub fn read_slice(&self, items: &[u32], reading: &mut Reading) {
        self.table.sum(items, &mut reading.input);
        self.cell.step(&reading.input, &mut reading.state);
        reading.read.fill(None);
    }

    /// The logits of a question's classes; classes that are not allowed have theirs too. All zero where the
    /// network has no such head.
    pub fn logits(&self, question: &Question, reading: &mut Reading, logits: &mut Vec<f32>) {
        logits.clear();
        logits.resize(question.kind.classes(), 0.0);
        let Some(head) = &self.heads[question.kind.index()] else { return };
        let Reading { state, read, first, inner, raw, .. } = reading;
        let width = head.table.width();
        first.resize(width, 0.0);
        inner.resize(width, 0.0);
        raw.resize(head.out.outputs(), 0.0);
        head.table.sum(&question.items, first);
        if let Some(trunk) = &head.trunk {
            let read = read[question.kind.index()].get_or_insert_with(|| {
                let mut out = vec![0.0; width];
                trunk.forward(state.output(), &mut out);
                out
            });
            add(read, first);
        }
        decode::gelu(first);
        head.inner.forward(first, inner);
        decode::gelu(inner);
        add(inner, first);
        head.out.forward(first, raw);
        decode::shifted_sum(raw, &question.terms, logits);
    }
}

fn add(from: &[f32], to: &mut [f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += from;
    }
}

fn pack(head: &Head, params: &Parameters, precision: Precision) -> HeadDecoder {
    let linear = |weight, bias: Option<_>| {
        Linear::new(params.get(weight), bias.map(|bias| params.get(bias)), precision)
    };
    HeadDecoder {
        trunk: head.trunk.map(|weight| linear(weight, None)),
        table: Table::new(params.get(head.table), precision),
        inner: linear(head.inner.0, Some(head.inner.1)),
        out: linear(head.out.0, Some(head.out.1)),
    }
}
