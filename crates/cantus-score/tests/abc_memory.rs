//! Reading takes memory in proportion to the book, whatever the book says: at most 100 times its size and 32 MiB.
//!
//! The one test of this program runs alone, so that the count is its own.
#![allow(unsafe_code, reason = "an allocator that counts can only be installed by unsafe code")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use cantus_score::{Strictness, abc};

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

/// How many times its own size a book takes while it is read, 32 MiB taken off.
fn proportion(book: &[u8]) -> f64 {
    let before = NOW.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let read = abc::read_book(book, Strictness::Tolerant);
    let most = MOST.load(Ordering::Relaxed) - before;
    drop(read);
    (most as f64 - f64::from(32 << 20)) / book.len() as f64
}

#[test]
fn a_book_takes_memory_in_proportion() {
    let head = "X:1\nM:4/4\nL:1/8\nK:C\n";
    let body = |signs: &str| format!("{head}{}", signs.repeat((1 << 18) / signs.len()));
    let books = |tune: &str| tune.repeat((1 << 18) / tune.len());
    let files = [
        ("notes", body("C")),
        ("bars", body("C|")),
        ("decorated notes", body("TC")),
        ("grace notes", body("{C}")),
        ("lines of notes", body("CCCC|\n")),
        ("words", format!("{head}{}\nw:{}", "C".repeat(1 << 16), "a ".repeat(1 << 16))),
        ("chord symbols", body("\"C\"")),
        ("rests of many bars", body("Z99999999")),
        ("rests in many tunes", books("X:1\nK:C\nZ999\n")),
        ("tunes", books("X:\nK:\nC\n")),
        ("voices", body("[V:1]C[V:2]C")),
        (
            "many voices",
            format!(
                "{head}{}",
                (0..30_000).map(|voice| format!("V:{voice}\nC\n")).collect::<Vec<_>>().concat()
            ),
        ),
        ("macros", format!("X:1\nm:h={}\nK:C\n{}", "C".repeat(1000), "h\n".repeat(1 << 16))),
        ("nested macros", format!("X:1\nm:h=iiii\nm:i=jjjj\nm:j=hhhhC\nK:C\n{}", "h\n".repeat(1 << 16))),
        ("an order of parts", format!("X:1\nP:((((A9)9)9)9)9\nK:C\nP:A\n{}", "C|".repeat(1 << 16))),
        ("orders in many tunes", books("X:1\nP:A999\nK:C\nP:A\nC|C|C|\n")),
        ("repeats", body("C:|||||:::::")),
        ("endings", body("[1-16C|")),
        ("huge tuplets", body("(99:98:99C")),
        ("overlays", body("C&")),
        ("tempos", body("[Q:9]")),
        ("faults", body("]0^")),
    ];
    let measured: Vec<(&str, f64)> =
        files.iter().map(|(name, file)| (*name, proportion(file.as_bytes()))).collect();
    let worst = measured.iter().filter(|(_, times)| *times > 100.0).collect::<Vec<_>>();
    assert!(worst.is_empty(), "too much memory: {worst:?}\nof all: {measured:?}");
}
