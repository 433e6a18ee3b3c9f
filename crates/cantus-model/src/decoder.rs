//! The network one step at a time: what composing runs, with the same bits on every machine.

#[cfg(test)]
mod tests;

use cantus_nn::decode::{self, Linear, RecurrentCell, State, Table};
use cantus_nn::{Parameters, Path, Precision};

use crate::layers::{Head, Layers};
use crate::network::Network;
use crate::walk::{Kind, Question};

/// A network made ready to answer one question after another.
#[derive(Debug)]
pub struct Decoder {
    path: Path,
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
    /// What each head reads of the trunk, and whether it has read this slice: it does so when it is first asked.
    read: Vec<(bool, Vec<f32>)>,
    first: Vec<f32>,
    inner: Vec<f32>,
    raw: Vec<f32>,
}

impl Decoder {
    /// Packs a network's weights; bf16 halves the memory that each step moves.
    pub fn new(network: &Network, params: &Parameters, precision: Precision) -> Self {
        Self::on(Path::best(), network, params, precision)
    }

    /// Like [`Decoder::new`], with given instructions; they change nothing but the speed.
    pub fn on(path: Path, network: &Network, params: &Parameters, precision: Precision) -> Self {
        Self::of_layers(path, &network.layers, params, precision)
    }

    /// Packs layers whose heads answer other questions than those of [`Kind`].
    pub(crate) fn of_layers(path: Path, layers: &Layers, params: &Parameters, precision: Precision) -> Self {
        let pack = |head: &Head| HeadDecoder::new(path, head, params, precision);
        Self {
            path,
            table: Table::new(params.get(layers.table), precision),
            cell: RecurrentCell::on(path, params, &layers.recurrent, precision),
            heads: layers.heads.iter().map(|head| head.as_ref().map(pack)).collect(),
        }
    }

    /// The beginning of a piece.
    pub fn start(&self) -> Reading {
        let heads = || self.heads.iter().flatten();
        let widest = heads().map(|head| head.table.width()).max().unwrap_or(0);
        let columns = heads().map(|head| head.out.outputs()).max().unwrap_or(0);
        let width = |head: &Option<HeadDecoder>| head.as_ref().map_or(0, |head| head.table.width());
        Reading {
            state: State::new(&self.cell),
            input: vec![0.0; self.table.width()],
            read: self.heads.iter().map(|head| (false, vec![0.0; width(head)])).collect(),
            first: Vec::with_capacity(widest),
            inner: Vec::with_capacity(widest),
            raw: Vec::with_capacity(columns),
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
        reading.read.iter_mut().for_each(|(is_read, _)| *is_read = false);
    }

    /// The logits of a question's classes; classes that are not allowed have theirs too. All zero where the
    /// network has no such head.
    pub fn logits(&self, question: &Question, reading: &mut Reading, logits: &mut Vec<f32>) {
        self.logits_of((question.kind.index(), question.kind.classes()), question, reading, logits);
    }

    /// Like [`Decoder::logits`], of a head by its number, which tells so many classes apart.
    pub(crate) fn logits_of(
        &self,
        (index, classes): (usize, usize),
        question: &Question,
        reading: &mut Reading,
        logits: &mut Vec<f32>,
    ) {
        logits.clear();
        logits.resize(classes, 0.0);
        let Some(head) = &self.heads[index] else { return };
        let Reading { state, read, first, inner, raw, .. } = reading;
        let width = head.table.width();
        first.resize(width, 0.0);
        inner.resize(width, 0.0);
        raw.resize(head.out.outputs(), 0.0);
        head.table.sum(&question.items, first);
        if let Some(trunk) = &head.trunk {
            let (is_read, read) = &mut read[index];
            if !std::mem::replace(is_read, true) {
                trunk.forward(state.output(), read);
            }
            add(read, first);
        }
        decode::gelu(self.path, first);
        head.inner.forward(first, inner);
        decode::gelu(self.path, inner);
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

impl HeadDecoder {
    fn new(path: Path, head: &Head, params: &Parameters, precision: Precision) -> Self {
        let linear = |weight, bias: Option<_>| {
            Linear::on(path, params.get(weight), bias.map(|bias| params.get(bias)), precision)
        };
        Self {
            trunk: head.trunk.map(|weight| linear(weight, None)),
            table: Table::new(params.get(head.table), precision),
            inner: linear(head.inner.0, Some(head.inner.1)),
            out: linear(head.out.0, Some(head.out.1)),
        }
    }
}
