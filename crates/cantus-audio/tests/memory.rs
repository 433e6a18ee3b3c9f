//! Decoding takes memory in proportion to the file: at most 100 times its size and 64 MiB, and block by block next to none.
//!
//! The one test of this program runs alone, so that the count is its own.
#![allow(unsafe_code, reason = "an allocator that counts can only be installed by unsafe code")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use cantus_audio::{Decoder, Strictness, decode};

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

/// The most memory that something took.
fn most(work: impl FnOnce()) -> usize {
    let before = NOW.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    work();
    MOST.load(Ordering::Relaxed).saturating_sub(before)
}

/// A FLAC file of so many frames of silence: 65,520 samples of two channels in some 14 bytes each.
fn silence(frames: u32) -> Vec<u8> {
    let head = [
        b"fLaC\x80\0\0\x22".as_slice(),
        &[0xFF, 0xF0, 0xFF, 0xF0],
        &[0; 6],
        &[0x0A, 0xC4, 0x42, 0xF0],
        &[0; 20],
    ];
    let mut file = head.concat();
    for number in 0..frames {
        let mut frame = vec![0xFF, 0xF8, 0x79, 0x18];
        let mut digits = [0; 4];
        frame.extend_from_slice(char::from_u32(number).unwrap_or('\0').encode_utf8(&mut digits).as_bytes());
        frame.extend_from_slice(&[0xFF, 0xEF]);
        frame.push(checksum(&frame, 8, 0x07) as u8);
        frame.extend_from_slice(&[0, 0, 0, 0, 0, 0]);
        let sum = checksum(&frame, 16, 0x8005) as u16;
        frame.extend_from_slice(&sum.to_be_bytes());
        file.extend_from_slice(&frame);
    }
    file
}

fn checksum(bytes: &[u8], width: u32, polynomial: u32) -> u32 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte) << (width - 8), |sum, _| {
            let carry = sum >> (width - 1) & 1;
            ((sum << 1) ^ (polynomial * carry)) & ((1 << width) - 1)
        })
    })
}

#[test]
fn sound_takes_memory_in_proportion_to_the_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/audio");
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), fs::read(path).unwrap()))
        .collect();
    let bomb = silence(1_000);
    // Every four bytes of a head may claim to be a length.
    for (name, bytes) in files.clone() {
        for at in (0..bytes.len().min(400)).step_by(3) {
            let mut copy = bytes.clone();
            copy[at..]
                .iter_mut()
                .take(4)
                .enumerate()
                .for_each(|(index, byte)| *byte = [0x0F, 0xFF, 0xFF, 0xF0][index]);
            files.push((format!("{name} with a lie at byte {at}"), copy));
        }
    }
    files.push(("silence".to_owned(), bomb.clone()));
    for (name, bytes) in &files {
        let most = most(|| drop(decode(bytes, Strictness::Tolerant)));
        assert!(most <= (64 << 20) + 100 * bytes.len(), "{name} of {} bytes takes {most}", bytes.len());
    }
    // The bomb is too long to be read whole, and is read block by block in no more than any other.
    assert!(decode(&bomb, Strictness::Tolerant).unwrap_err().to_string().contains("to be read whole"));
    let mut frames = 0;
    let streamed = most(|| {
        let mut decoder = Decoder::of_bytes(&bomb, Strictness::Tolerant).unwrap();
        while let Some(block) = decoder.next_block().unwrap() {
            frames += block[0].len();
        }
    });
    assert_eq!(frames, 65_520 * 1_000);
    assert!(streamed < 8 << 20, "{streamed}");
}
