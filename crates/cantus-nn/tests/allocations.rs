//! A training step takes no memory of its own once its buffers have grown, and decoding takes none at all.
#![allow(unsafe_code, reason = "counting allocations needs an allocator of our own")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use cantus_nn::decode::{Linear, RecurrentCell, State, softmax};
use cantus_nn::{
    AdamW, Bags, Cell, Decay, Ema, Gradients, Init, Mode, Parameters, Path, Precision, Recurrent, Rng, Tape,
    clip_norm,
};

/// The system's allocator, counting.
struct Counter;

static COUNT: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counter = Counter;

/// How often `work` asked for memory.
fn count(work: impl FnOnce()) -> usize {
    let before = COUNT.load(Ordering::Relaxed);
    work();
    COUNT.load(Ordering::Relaxed) - before
}

#[test]
fn steady_work_takes_no_memory() {
    for cell in [Cell::Lstm, Cell::Gru] {
        let (mut params, mut rng) = (Parameters::new(), Rng::new(1));
        let table = params.add("table", &[30, 40], Init::Normal(0.3), Decay::Yes, &mut rng);
        let layer = Recurrent::new(&mut params, "layer", cell, 40, 72, &mut rng);
        let gain = params.add("gain", &[72], Init::Ones, Decay::No, &mut rng);
        let shift = params.add("shift", &[72], Init::Zeros, Decay::No, &mut rng);
        let weight = params.add("weight", &[72, 50], Init::Normal(0.2), Decay::Yes, &mut rng);
        let (steps, batch) = (20, 8);
        let rows = steps * batch;
        let mut bags = Bags::new();
        for row in 0..rows as u32 {
            bags.push(&[row % 30, row * 7 % 30]);
        }
        let (targets, shares) = (vec![3; rows], vec![1.0 / rows as f32; rows]);
        let (mut grads, mut adam) = (Gradients::zeros_like(&params), AdamW::new(&params, 0.1));
        let (mut ema, mut tape) = (Ema::new(&params, 0.99), Tape::new(2));
        let mut step = || {
            tape.begin(Mode::Train(rng.fork(0)));
            let x = tape.embedding_bag(&params, table, &bags, 0.1);
            let x = tape.dropout(x, 0.2);
            let x = tape.recurrent(&params, x, &layer, steps, batch);
            let x = tape.layer_norm(&params, x, gain, shift);
            let x = tape.gelu(x);
            let x = tape.linear(&params, x, weight, None);
            let each = tape.softmax_cross_entropy(x, &targets, None);
            let loss = tape.weighted_sum(each, &shares);
            grads.clear();
            tape.backward(&params, loss, &mut grads);
            clip_norm(&mut grads, 1.0);
            adam.step(&mut params, &grads, 0.01);
            ema.update(&params);
        };
        for _ in 0..3 {
            step();
        }
        let taken = count(&mut step);
        // What is left is `gemm`'s, which takes packing memory for each of the six products.
        assert!(taken <= 16, "{cell:?}: {taken} allocations of a training step");
        let decoder = RecurrentCell::new(&params, &layer, Precision::Bf16);
        let out = Linear::new(params.get(weight), None, Precision::F32);
        let (mut state, mut logits) = (State::new(&decoder), [0.0; 50]);
        let taken = count(|| {
            decoder.step(&[0.5; 40], &mut state);
            out.forward(state.output(), &mut logits);
            softmax(Path::best(), &mut logits);
        });
        assert_eq!(taken, 0, "{cell:?}: allocations of a decoding step");
    }
}
