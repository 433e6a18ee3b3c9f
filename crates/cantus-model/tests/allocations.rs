//! Decoding takes no memory: not to read a slice, not to answer a question about it.
#![allow(unsafe_code, reason = "counting allocations needs an allocator of our own")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use cantus_model::controls::Controls;
use cantus_model::decoder::Decoder;
use cantus_model::encoding::{MeterSpan, Part};
use cantus_model::network::{Network, Shape};
use cantus_model::walk::{Conditions, Question, Setup, Walker};
use cantus_nn::{Cell, Precision, Rng};
use cantus_score::Meter;

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

fn setup() -> Setup {
    let part = |drums, monophonic| Part { name: "part".into(), program: 0, drums, monophonic };
    Setup {
        parts: vec![part(false, true), part(false, false), part(true, false)],
        meters: vec![MeterSpan { from: 0, meter: Meter::FOUR_FOUR }],
        dynamics: true,
        conditions: Conditions { style: Some(1), ..Conditions::default() },
        controls: Controls { piece: [Some(3); 6], bars: vec![[Some(7); 6]; 4], chords: Vec::new() },
    }
}

#[test]
fn a_decoded_step_takes_no_memory() {
    for cell in [Cell::Lstm, Cell::Gru] {
        let shape = Shape {
            cell,
            embedding: 24,
            hidden: 40,
            head: 33,
            styles: 2,
            drums: true,
            dynamics: true,
            controls: true,
        };
        let (network, params) = Network::new(shape, &mut Rng::new(1));
        for precision in [Precision::F32, Precision::Bf16] {
            let decoder = Decoder::new(&network, &params, precision);
            let (mut walker, mut rng) = (Walker::new(&network.spec, setup()), Rng::new(2));
            let mut reading = decoder.start();
            // The caller's own buffers, which grow to the longest question.
            let (mut question, mut items, mut logits) =
                (Question::default(), Vec::new(), Vec::with_capacity(192));
            let mut asked = 0;
            while !walker.is_done() && asked < 2000 {
                if walker.take_fresh() {
                    walker.trunk_items(&mut items);
                    let taken = count(|| decoder.read_slice(&items, &mut reading));
                    assert_eq!(taken, 0, "{cell:?}, {precision:?}: allocations of a slice");
                }
                walker.ask(&mut question);
                let taken = count(|| decoder.logits(&question, &mut reading, &mut logits));
                assert_eq!(
                    taken,
                    0,
                    "{cell:?}, {precision:?}: allocations of a {} question",
                    question.kind.name()
                );
                let allowed = (0..logits.len() as u32).filter(|&class| question.allowed.contains(class));
                let allowed: Vec<u32> = allowed.collect();
                walker.answer(allowed[rng.below(allowed.len())]);
                asked += 1;
            }
            assert!(asked > 100, "the walk must not end at once");
        }
    }
}
