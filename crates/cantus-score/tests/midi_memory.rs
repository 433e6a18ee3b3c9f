//! Reading takes memory in proportion to the file, whatever the file says: at most 50 times its size and 16 MiB.
//!
//! The one test of this program runs alone, so that the count is its own.
#![allow(unsafe_code, reason = "an allocator that counts can only be installed by unsafe code")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use cantus_score::{Strictness, midi};

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
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How many times its own size a file of at least a megabyte takes while it is read, 16 MiB taken off.
fn proportion(file: &[u8]) -> f64 {
    let before = NOW.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let read = midi::read(file, Strictness::Tolerant);
    let most = MOST.load(Ordering::Relaxed) - before;
    drop(read);
    (most as f64 - f64::from(16 << 20)) / file.len() as f64
}

/// A file of format 1 whose tracks have the same events.
fn file(tracks: usize, events: &[u8]) -> Vec<u8> {
    let length = (events.len() as u32).to_be_bytes();
    let track = [b"MTrk".as_slice(), &length, events].concat();
    [b"MThd\0\0\0\x06\0\x01\xFF\xFF\0\x60".as_slice(), &track.repeat(tracks)].concat()
}

#[test]
fn memory_is_in_proportion_to_the_file() {
    let one =
        |status: &[u8], event: &[u8]| file(1, &[status, &event.repeat((4 << 20) / event.len() + 3)].concat());
    let channels: Vec<u8> = (0u8..16).flat_map(|channel| [0, 0xC0 | channel, 1]).collect();
    let presses: Vec<u8> = (0u8..16).flat_map(|channel| [0, 0x90 | channel, 1, 1]).collect();
    let files = [
        ("notes that never end", one(&[0, 0x90, 1, 1], &[0, 1, 1])),
        ("short notes", one(&[0, 0x90, 1, 1], &[0, 1, 1, 0, 1, 0])),
        ("programs", one(&[0, 0xC0, 1], &[0, 1])),
        ("controllers", one(&[0, 0xB0, 1, 1], &[0, 1, 1])),
        ("texts", one(b"\0\xC0\x01", b"\0\xFF\x01\x01x")),
        ("texts of the piece", one(b"", b"\0\xFF\x06\x01x")),
        ("texts in another encoding", one(b"\0\xC0\x01", b"\0\xFF\x01\x02\x82\xA9")),
        ("tempos", one(b"", b"\0\xFF\x51\x03\0\0\x01")),
        ("keys", one(b"", b"\0\xFF\x59\x02\0\0")),
        ("system messages", one(b"\0\xC0\x01", b"\0\xF0\x01\xF7")),
        ("unended system messages", one(b"\0\xC0\x01", b"\0\xF0\0")),
        ("escapes", one(b"\0\xC0\x01", b"\0\xF7\x01\x01")),
        ("faults", one(b"", &[0xFF])),
        ("unmatched ends", one(&[0, 0x80, 1, 1], &[0, 1, 1])),
        ("empty tracks", file(500_000, b"")),
        ("tracks of a name", file(300_000, b"\0\xFF\x03\x01x")),
        ("tracks of a text", file(300_000, b"\0\xFF\x05\x01x")),
        ("tracks of a program", file(300_000, &[0, 0xC0, 1])),
        ("tracks of a prefix", file(300_000, b"\0\xFF\x20\x01\x01")),
        ("tracks of 16 programs", file(4_000, &channels)),
        ("many tracks of 16 programs", file(60_000, &channels)),
        ("many tracks of 16 notes", file(60_000, &presses)),
    ];
    let measured: Vec<(&str, f64)> = files.iter().map(|(name, file)| (*name, proportion(file))).collect();
    let worst = measured.iter().filter(|(_, times)| *times > 50.0).collect::<Vec<_>>();
    assert!(worst.is_empty(), "too much memory: {worst:?}\nof all: {measured:?}");
}
