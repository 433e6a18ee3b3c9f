//! A training step takes no memory of its own once its buffers have grown, and decoding takes none at all.
#![allow(unsafe_code, reason = "counting allocations needs an allocator of our own")]

mod gan;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use cantus_nn::decode::{Linear, RecurrentCell, State, softmax};
use cantus_nn::{
    AdamW, Bags, Cell, ClassMask, Decay, Edge, Ema, Gradients, Init, Mode, ParamId, Parameters, Path,
    Precision, Recurrent, Rng, Tape, Term, Terms, Var, clip_norm,
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

/// What a network of every operation needs.
struct Work {
    params: Parameters,
    layers: [Recurrent; 2],
    /// Table, gain, shift, weight, bias.
    ids: [ParamId; 5],
    bags: Bags,
    terms: Terms,
    mask: ClassMask,
    targets: Vec<u32>,
    pixels: Vec<f32>,
    shares: Vec<f32>,
}

const STEPS: usize = 24;
const BATCH: usize = 32;
const ROWS: usize = STEPS * BATCH;
const CLASSES: usize = 88;

impl Work {
    /// A layer of `units`, then one of 72, which is no whole number of vectors.
    fn new(cell: Cell, units: usize) -> Self {
        let (mut params, mut rng) = (Parameters::new(), Rng::new(1));
        let table = params.add("table", &[30, 40], Init::Normal(0.3), Decay::Yes, &mut rng);
        let first = Recurrent::new(&mut params, "first", cell, 40, units, &mut rng);
        let second = Recurrent::new(&mut params, "second", cell, units, 72, &mut rng);
        let gain = params.add("gain", &[72], Init::Ones, Decay::No, &mut rng);
        let shift = params.add("shift", &[72], Init::Zeros, Decay::No, &mut rng);
        let weight = params.add("weight", &[72, CLASSES], Init::Normal(0.2), Decay::Yes, &mut rng);
        let bias = params.add("bias", &[CLASSES], Init::Zeros, Decay::No, &mut rng);
        let (mut bags, mut terms, mut mask) = (Bags::new(), Terms::new(), ClassMask::new(CLASSES));
        for row in 0..ROWS as u32 {
            bags.push(&[row % 30, row * 7 % 30]);
            terms.push(&[Term { source: 0, width: 88, shift: 2, edge: Edge::Clamp, classes: 0..88 }]);
            mask.push_all();
        }
        Self {
            params,
            layers: [first, second],
            ids: [table, gain, shift, weight, bias],
            bags,
            terms,
            mask,
            targets: vec![3; ROWS],
            pixels: vec![0.5; ROWS * CLASSES],
            shares: vec![1.0 / ROWS as f32; ROWS],
        }
    }

    /// Records every operation of the tape.
    fn loss(&self, tape: &mut Tape, rng: &Rng) -> Var {
        let (p, [table, gain, shift, weight, bias]) = (&self.params, self.ids);
        tape.begin(Mode::Train(rng.fork(0)));
        let x = tape.embedding_bag(p, table, &self.bags, 0.1);
        let noise = tape.input(&self.pixels[..ROWS * 40], [ROWS, 40]);
        let x = tape.add(x, noise);
        let x = tape.dropout(x, 0.2);
        let x = tape.recurrent(p, x, &self.layers[0], STEPS, BATCH);
        let x = tape.recurrent(p, x, &self.layers[1], STEPS, BATCH);
        let x = tape.layer_norm(p, x, gain, shift);
        let x = tape.gelu(x);
        let x = tape.linear(p, x, weight, Some(bias));
        let picked = tape.rows(x, &self.targets);
        let (left, right) = (tape.columns(picked, 0..44), tape.columns(x, 44..88));
        let (left, right) = (tape.relu(left), tape.tanh(right));
        let sum = tape.add(left, right);
        let sum = tape.sigmoid(sum);
        let square = tape.mean_squared_error(sum, &self.pixels[..ROWS * 44]);
        let binary = tape.sigmoid_cross_entropy(x, &self.pixels);
        let x = tape.shifted_sum(x, CLASSES, &self.terms);
        let classes = tape.softmax_cross_entropy(x, &self.targets, Some(&self.mask));
        let each = tape.add(square, binary);
        let each = tape.add(each, classes);
        tape.weighted_sum(each, &self.shares)
    }
}

#[test]
fn steady_work_takes_no_memory() {
    // In one test, as tests that run side by side would count each other's.
    training_takes_no_memory();
    adversaries_take_no_memory();
    decoding_takes_no_memory();
}

fn training_takes_no_memory() {
    // Units that threads share, and few enough that they share the batch.
    for (cell, units) in [(Cell::Lstm, 128), (Cell::Gru, 128), (Cell::Lstm, 208), (Cell::Gru, 208)] {
        for threads in [1, 2] {
            let (mut work, mut tape) = (Work::new(cell, units), Tape::new(threads));
            let mut grads = Gradients::zeros_like(&work.params);
            let mut adam = AdamW::new(&work.params, 0.1);
            let mut ema = Ema::new(&work.params, 0.99);
            let rng = Rng::new(2);
            let mut step = || {
                let loss = work.loss(&mut tape, &rng);
                grads.clear();
                tape.backward(&work.params, loss, &mut grads);
                clip_norm(&mut grads, 1.0);
                adam.step(&mut work.params, &grads, 0.01);
                ema.update(&work.params);
            };
            step();
            let taken = count(&mut step);
            assert_eq!(
                taken, 0,
                "{cell:?} of {units} units on {threads} threads: allocations of the second step"
            );
        }
    }
}

fn adversaries_take_no_memory() {
    for threads in [1, 2] {
        let (mut gan, mut tape, mut rng) = (gan::Gan::new(), Tape::new(threads), Rng::new(5));
        let batch = gan::some_batch(&mut rng);
        gan.step(&mut tape, &batch, &mut rng);
        let taken = count(|| {
            gan.step(&mut tape, &batch, &mut rng);
        });
        assert_eq!(taken, 0, "allocations of the second step of adversaries on {threads} threads");
    }
}

fn decoding_takes_no_memory() {
    for cell in [Cell::Lstm, Cell::Gru] {
        let work = Work::new(cell, 128);
        let decoder = RecurrentCell::new(&work.params, &work.layers[0], Precision::Bf16);
        let out = Linear::new(work.params.get(work.ids[3]), None, Precision::F32);
        let (mut state, mut logits) = (State::new(&decoder), [0.0; CLASSES]);
        let taken = count(|| {
            decoder.step(&[0.5; 40], &mut state);
            out.forward(&state.output()[..72], &mut logits);
            softmax(Path::best(), &mut logits);
        });
        assert_eq!(taken, 0, "{cell:?}: allocations of a decoding step");
    }
}
