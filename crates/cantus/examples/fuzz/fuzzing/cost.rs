//! What a piece of work takes: processor time and memory of the thread that does it, whatever else the machine does.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

/// Beyond so many bytes in one thread no more memory is given, so that a machine survives what is found.
const HARD_LIMIT: usize = 3 << 30;

thread_local! {
    static NOW: Cell<usize> = const { Cell::new(0) };
    static MOST: Cell<usize> = const { Cell::new(0) };
}

/// Counts the bytes that each thread has in use, and the most that there were.
struct Counting;

// SAFETY: every call goes to the system's allocator unchanged or is refused; only sizes are noted.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.get().wrapping_add(layout.size());
        // What was freed here but came from another thread makes the count a negative number.
        let in_use = if now > usize::MAX / 2 { 0 } else { now };
        if in_use > HARD_LIMIT {
            return std::ptr::null_mut();
        }
        NOW.set(now);
        MOST.set(MOST.get().max(in_use));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.set(NOW.get().wrapping_sub(layout.size()));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What a piece of work took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    /// Processor time.
    pub(super) time: Duration,
    /// The most bytes in use at once, beyond those in use before.
    pub(super) memory: usize,
}

/// Does a piece of work on this thread and measures it.
pub(super) fn measure<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let (before, begin) = (NOW.get(), processor_time());
    MOST.set(before);
    let result = work();
    let time = processor_time().saturating_sub(begin);
    (result, Cost { time, memory: MOST.get().saturating_sub(before) })
}

/// The processor time that this thread has had.
#[cfg(unix)]
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Where the processor time of a thread is not known, the time that goes by.
#[cfg(not(unix))]
fn processor_time() -> Duration {
    use std::time::{SystemTime, UNIX_EPOCH};
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
