//! A few threads that work on one thing at a time.
//!
//! A task queue costs more than a step of a recurrent network. Here the threads of a tape wait for the next job, do
//! their share of it and meet at a barrier; nothing is allocated for a job.
#![allow(
    unsafe_code,
    reason = "a job borrows from the caller's stack and writes disjoint parts of one slice"
)]

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

/// How often a waiting thread looks before it gives its time to others: the machine may be busy.
const LOOKS: u32 = 20_000;

/// Threads that wait for jobs; the caller is one of them.
pub(crate) struct Team {
    shared: Arc<Shared>,
    helpers: Vec<JoinHandle<()>>,
}

/// What the threads of a team share.
struct Shared {
    job: Mutex<Job>,
    wake: Condvar,
    /// Counts jobs; a copy of the one under the lock, for looking without it.
    number: AtomicUsize,
    working: AtomicUsize,
    failed: AtomicBool,
}

#[derive(Clone, Copy)]
struct Job {
    number: usize,
    /// The work, or none when the team is to end.
    work: Option<&'static (dyn Fn(usize) + Sync)>,
}

impl Team {
    /// A team of so many threads, the caller counted.
    pub(crate) fn new(threads: usize) -> Self {
        let shared = Arc::new(Shared {
            job: Mutex::new(Job { number: 0, work: None }),
            wake: Condvar::new(),
            number: AtomicUsize::new(0),
            working: AtomicUsize::new(0),
            failed: AtomicBool::new(false),
        });
        let help = |index| {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new().name("cantus-nn".to_owned()).spawn(move || shared.help(index)).ok()
        };
        // Where the system grants no thread, the team is smaller; results are the same.
        let helpers: Vec<_> = (1..threads).map_while(help).collect();
        Self { shared, helpers }
    }

    /// How many threads there are, the caller counted.
    pub(crate) fn threads(&self) -> usize {
        self.helpers.len() + 1
    }

    /// Calls `work(index)` once on each thread, index 0 on this one, and waits for all.
    pub(crate) fn run(&self, work: &(dyn Fn(usize) + Sync)) {
        if self.helpers.is_empty() {
            return work(0);
        }
        // SAFETY: the reference is used by helpers between here and the wait below, which is reached even if `work`
        // panics; the borrow outlives both.
        let lasting =
            unsafe { std::mem::transmute::<&(dyn Fn(usize) + Sync), &'static (dyn Fn(usize) + Sync)>(work) };
        let shared = &self.shared;
        shared.working.store(self.helpers.len(), Ordering::Relaxed);
        shared.begin(Some(lasting));
        let own = catch_unwind(AssertUnwindSafe(|| work(0)));
        wait_until(|| shared.working.load(Ordering::Acquire) == 0);
        let failed: Option<Box<dyn Any + Send>> = own.err();
        if let Some(reason) = failed {
            resume_unwind(reason);
        }
        assert!(!shared.failed.load(Ordering::Relaxed), "a thread of the team panicked");
    }

    /// Calls `work` with the ranges of `0..count`, one a thread, all but the last a multiple of `unit` long.
    ///
    /// Runs on this thread alone where there is too little to share: `cost` is the rough number of nanoseconds in all.
    pub(crate) fn split(&self, count: usize, unit: usize, cost: usize, work: &(dyn Fn(Range<usize>) + Sync)) {
        let threads = if cost < 20_000 { 1 } else { self.threads() };
        if threads == 1 {
            return work(0..count);
        }
        let units = count.div_ceil(unit);
        self.run(&|index| {
            let bound = |index: usize| (units * index / threads * unit).min(count);
            let range = bound(index)..bound(index + 1);
            if !range.is_empty() {
                work(range);
            }
        });
    }

    /// Calls `work` with each thread's number and its range of `0..count`, ranges being nearly equal.
    pub(crate) fn shares(&self, count: usize, work: &(dyn Fn(usize, Range<usize>) + Sync)) {
        let threads = self.threads();
        self.run(&|index| {
            let range = count * index / threads..count * (index + 1) / threads;
            if !range.is_empty() {
                work(index, range);
            }
        });
    }

    /// Calls `work` with ranges of rows and the part of `out` that holds them, `columns` a row, one range a thread.
    ///
    /// `cost` is the rough number of nanoseconds in all.
    pub(crate) fn rows(
        &self,
        out: &mut [f32],
        columns: usize,
        cost: usize,
        work: &(dyn Fn(Range<usize>, &mut [f32]) + Sync),
    ) {
        let rows = out.len() / columns.max(1);
        let parts = Parts::new(out);
        self.split(rows, 1, cost, &|range| {
            // SAFETY: `split` gives disjoint ranges.
            let part = unsafe { parts.range(range.start * columns..range.end * columns) };
            work(range, part);
        });
    }
}

impl Shared {
    /// Hands a job to every helper.
    fn begin(&self, work: Option<&'static (dyn Fn(usize) + Sync)>) {
        let mut job = self.job.lock().unwrap_or_else(PoisonError::into_inner);
        *job = Job { number: job.number + 1, work };
        self.number.store(job.number, Ordering::Release);
        self.wake.notify_all();
    }

    /// A helper's life.
    fn help(&self, index: usize) {
        let mut done = 0;
        loop {
            let mut looks = 0;
            while self.number.load(Ordering::Acquire) == done && looks < LOOKS {
                looks += 1;
                std::hint::spin_loop();
            }
            let mut job = self.job.lock().unwrap_or_else(PoisonError::into_inner);
            while job.number == done {
                job = self.wake.wait(job).unwrap_or_else(PoisonError::into_inner);
            }
            let Job { number, work } = *job;
            drop(job);
            let Some(work) = work else { return };
            done = number;
            if catch_unwind(AssertUnwindSafe(|| work(index))).is_err() {
                self.failed.store(true, Ordering::Relaxed);
            }
            self.working.fetch_sub(1, Ordering::Release);
        }
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.begin(None);
        for helper in self.helpers.drain(..) {
            // A helper catches panics of its jobs, so it cannot fail.
            let _ = helper.join();
        }
    }
}

impl fmt::Debug for Team {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Team of {}", self.threads())
    }
}

/// Looks at a condition until it holds, after a while giving other threads the processor in between.
fn wait_until(condition: impl Fn() -> bool) {
    let mut looks = 0;
    while !condition() {
        looks += 1;
        if looks < LOOKS {
            std::hint::spin_loop();
        } else {
            std::thread::yield_now();
        }
    }
}

/// A place where a number of threads wait for one another, as often as they like.
pub(crate) struct Barrier {
    threads: usize,
    arrived: AtomicUsize,
    round: AtomicUsize,
}

impl Barrier {
    pub(crate) fn new(threads: usize) -> Self {
        Self { threads, arrived: AtomicUsize::new(0), round: AtomicUsize::new(0) }
    }

    /// Returns when every thread has called it as often as this one. What they wrote before is then visible to all.
    #[inline]
    pub(crate) fn wait(&self) {
        if self.threads == 1 {
            return;
        }
        let round = self.round.load(Ordering::Relaxed);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.store(0, Ordering::Relaxed);
            self.round.store(round + 1, Ordering::Release);
        } else {
            wait_until(|| self.round.load(Ordering::Acquire) != round);
        }
    }
}

/// A slice whose disjoint parts several threads write.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    start: *mut f32,
    length: usize,
    borrow: PhantomData<&'a mut [f32]>,
}

// SAFETY: it is a unique borrow; `range` and the kernels' own arithmetic keep to disjoint parts.
unsafe impl Send for Parts<'_> {}
// SAFETY: as above.
unsafe impl Sync for Parts<'_> {}

impl<'a> Parts<'a> {
    pub(crate) fn new(slice: &'a mut [f32]) -> Self {
        Self { start: slice.as_mut_ptr(), length: slice.len(), borrow: PhantomData }
    }

    /// One part.
    ///
    /// # Safety
    /// No other live part may overlap it.
    pub(crate) unsafe fn range(self, range: Range<usize>) -> &'a mut [f32] {
        assert!(range.start <= range.end && range.end <= self.length, "a part must lie within its slice");
        // SAFETY: within the slice by the check above, unique by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(range.start), range.len()) }
    }

    /// How many numbers it has.
    pub(crate) fn len(self) -> usize {
        self.length
    }

    /// Its first number.
    pub(crate) fn pointer(self) -> *mut f32 {
        self.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_thread_does_its_share_of_every_job() {
        let team = Team::new(3);
        let counts = [const { AtomicUsize::new(0) }; 3];
        for _ in 0..500 {
            team.run(&|index| {
                counts[index].fetch_add(1, Ordering::Relaxed);
            });
        }
        assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == 500));
    }

    #[test]
    fn a_barrier_lets_nobody_pass_early() {
        let (team, barrier, sum) = (Team::new(2), Barrier::new(2), AtomicUsize::new(0));
        team.run(&|_| {
            for round in 1..=200 {
                sum.fetch_add(1, Ordering::Relaxed);
                barrier.wait();
                assert_eq!(sum.load(Ordering::Relaxed), 2 * round);
                barrier.wait();
            }
        });
    }

    #[test]
    fn ranges_cover_all_once() {
        let team = Team::new(3);
        for count in [0, 1, 5, 64, 100] {
            let mut hits = vec![0.0; count];
            let parts = Parts::new(&mut hits);
            team.split(count, 16, 1 << 30, &|range| {
                // SAFETY: the ranges are disjoint, which is what the test shows.
                let hits = unsafe { parts.range(range) };
                for hit in hits {
                    *hit += 1.0;
                }
            });
            assert_eq!(hits, vec![1.0; count]);
        }
    }

    #[test]
    fn a_panic_reaches_the_caller() {
        let team = Team::new(2);
        let result = catch_unwind(AssertUnwindSafe(|| team.run(&|index| assert!(index == 0, "on purpose"))));
        assert!(result.is_err());
    }
}
