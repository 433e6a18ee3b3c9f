//! What is done with a file, and what each step takes.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cantus_score::sheet::Sheet;
use cantus_score::{Strictness, abc, kern, lilypond, midi, musicxml};

use super::bombs::Bomb;

/// Counts the bytes in use and the most that there were.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged; only sizes are noted.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(now, Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let now = NOW.fetch_add(size, Ordering::Relaxed) + size;
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        MOST.fetch_max(now - layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What a step took.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) memory: usize,
    #[allow(dead_code, reason = "the example alone tells times")]
    pub(crate) time: Duration,
}

fn measured<T>(name: &'static str, steps: &mut Vec<Step>, work: impl FnOnce() -> T) -> T {
    let before = NOW.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let begin = processor_time();
    let result = work();
    let memory = MOST.load(Ordering::Relaxed).saturating_sub(before);
    steps.push(Step { name, memory, time: processor_time().saturating_sub(begin) });
    result
}

/// The processor time that this thread has had, whatever else the machine does.
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

/// Reads a file, performs it and writes it in all formats.
pub(crate) fn all(bomb: &Bomb) -> Vec<Step> {
    let mut steps = Vec::new();
    let read = measured("reading", &mut steps, || read(bomb));
    let Some(sheet) = read else { return steps };
    let score = measured("performing", &mut steps, || sheet.performed());
    measured("MIDI", &mut steps, || midi::write(&score)).unwrap();
    drop(score);
    measured("as written", &mut steps, || drop(sheet.as_written()));
    measured("MusicXML", &mut steps, || drop(musicxml::write(&sheet)));
    measured("mxl", &mut steps, || musicxml::write_mxl(&sheet)).unwrap();
    measured("kern", &mut steps, || drop(kern::write(&sheet)));
    measured("LilyPond", &mut steps, || drop(lilypond::write(&sheet)));
    measured("ABC", &mut steps, || drop(abc::write(&sheet)));
    steps
}

fn read(bomb: &Bomb) -> Option<Sheet> {
    if bomb.kern {
        return kern::read(&bomb.bytes, Strictness::Tolerant).ok().map(|read| read.value);
    }
    musicxml::read(&bomb.bytes, Strictness::Tolerant).ok().map(|read| read.value)
}
