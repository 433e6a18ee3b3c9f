//! One step at a time is the same network as whole pieces at once.

use cantus_nn::{Cell, Precision, Rng, Tape};

use super::*;
use crate::encoding::Sliced;
use crate::evaluate::evaluate;
use crate::network::Shape;
use crate::walk::tests::random_piece;
use crate::walk::{Conditions, Setup, Walker};

/// Nats of a piece's answers, asked one after another.
fn nats(decoder: &Decoder, network: &Network, piece: &Sliced, style: Option<u32>) -> f64 {
    let conditions = Conditions { style, ..Conditions::default() };
    let mut walker = Walker::new(&network.spec, Setup::of_piece(piece, conditions));
    let mut reading = decoder.start();
    let (mut question, mut items, mut logits) = (Question::default(), Vec::new(), Vec::new());
    let mut nats = 0.0;
    while !walker.is_done() {
        if walker.take_fresh() {
            walker.trunk_items(&mut items);
            decoder.read_slice(&items, &mut reading);
        }
        let answer = walker.answer_of(piece);
        walker.ask(&mut question);
        if decoder.answers(question.kind) {
            decoder.logits(&question, &mut reading, &mut logits);
            nats -= ln_probability(&logits, &question, answer);
        }
        walker.answer(answer);
    }
    nats
}

fn ln_probability(logits: &[f32], question: &Question, answer: u32) -> f64 {
    let allowed = (0..logits.len()).filter(|&class| question.allowed.contains(class as u32));
    let allowed: Vec<f64> = allowed.map(|class| f64::from(logits[class])).collect();
    let most = allowed.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = allowed.iter().map(|logit| (logit - most).exp()).sum();
    f64::from(logits[answer as usize]) - most - total.ln()
}

#[test]
fn steps_are_what_whole_pieces_are() {
    for (seed, cell) in [(1, Cell::Lstm), (2, Cell::Gru)] {
        let shape = Shape {
            cell,
            embedding: 12,
            hidden: 20,
            head: 16,
            styles: 2,
            drums: true,
            dynamics: true,
            controls: true,
        };
        let (network, mut params) = Network::new(shape, &mut Rng::new(seed));
        // Weights far from their beginning tell mistakes apart.
        let mut rng = Rng::new(seed + 10);
        for head in network.layers.heads.iter().flatten() {
            for value in params.get_mut(head.inner.1).data_mut() {
                *value += 0.3 * rng.normal();
            }
        }
        let decoder = Decoder::new(&network, &params, Precision::F32);
        let pieces: Vec<Sliced> = (0..12).map(random_piece).collect();
        let asked: Vec<(&Sliced, Option<u32>)> =
            pieces.iter().zip([None, Some(0), Some(1)].into_iter().cycle()).collect();
        let whole = evaluate(&mut Tape::new(1), &network, &params, &asked);
        for ((piece, style), expected) in asked.into_iter().zip(whole.pieces) {
            let stepped = nats(&decoder, &network, piece, style);
            assert!((stepped - expected).abs() < 1e-3, "{stepped} nats by steps, {expected} at once");
        }
    }
}
