//! How much arithmetic the machine can do at best.
#![allow(unsafe_code, reason = "sums are written out so that they are not optimised away")]

use std::hint::black_box;

use crate::Path;
use crate::simd::{Kernel, Simd};
use crate::team::Team;

/// Keeps every thread busy with fused multiply-adds in registers and gives how many floating-point operations that
/// were, two for each multiply-add of two numbers.
///
/// Who takes the time of a call learns the machine's peak with these instructions, against which the speed of a
/// network can be held. A million rounds take about a tenth of a second; threads are started within the call.
pub fn multiply_adds(path: Path, threads: usize, rounds: u64) -> u64 {
    let team = Team::new(threads);
    team.run(&|_| path.run(Rounds(rounds)));
    let each = 2 * (SUMS * STEPS * path.lanes()) as u64;
    each * rounds * team.threads() as u64
}

/// How many sums are added to side by side: more than a processor has multiply-adds under way.
const SUMS: usize = 12;
/// How often a round adds to each.
const STEPS: usize = 16;

struct Rounds(u64);

impl Kernel for Rounds {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (factor, term) = (simd.splat(black_box(0.5)), simd.splat(black_box(1.0)));
        let mut sums = [term; SUMS];
        for _ in 0..self.0 {
            for _ in 0..STEPS {
                for sum in &mut sums {
                    *sum = simd.fma(*sum, factor, term);
                }
            }
        }
        for sum in sums {
            let mut out = [0.0; 16];
            // SAFETY: no vector is longer than sixteen.
            unsafe { simd.store(out.as_mut_ptr(), sum) };
            black_box(out);
        }
    }
}
