//! Damaged copies of files, read and used as people use them, each within its time and memory.
//!
//! The test and the program that fuzz share this module.

mod cost;
mod fixtures;
mod format;
mod notation;
mod pieces;
mod sound;
mod sources;
mod uses;
mod watchdog;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

pub(crate) use format::Format;
pub(crate) use sources::files;

use cost::{Cost, measure};
use watchdog::Watchdog;

/// What one use of a rescued piece may take: text about a note is longer than the note in a file.
const MOST_TIMES_IN_USE: usize = 1000;
const MOST_BESIDES_IN_USE: usize = 128 << 20;
const MOST_TIME_IN_USE: Duration = Duration::from_secs(1);
/// The same for the uses that take long for any piece, and every how many copies they are tried.
const MOST_TIME_IN_SELDOM_USE: Duration = Duration::from_secs(30);
const SELDOM: u64 = 100;

/// Something that must not be, and the bytes that bring it about.
#[derive(Debug)]
pub(crate) struct Finding {
    /// What happened, in what, and beyond which limit.
    pub(crate) why: String,
    /// The copy's seed.
    pub(crate) seed: u64,
    /// The copy.
    pub(crate) bytes: Vec<u8>,
}

/// What some copies took at most.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// How many copies there were.
    pub(crate) copies: u64,
    /// How many of them were read; the others were refused.
    pub(crate) rescued: u64,
    /// For reading and each use, by name: the longest time with its seed, the most memory with its seed.
    pub(crate) worst: Vec<Worst>,
}

/// The most that one step took.
#[derive(Debug)]
pub(crate) struct Worst {
    pub(crate) step: &'static str,
    pub(crate) time: (Duration, u64),
    pub(crate) memory: (usize, u64),
}

impl Summary {
    fn note(&mut self, step: &'static str, seed: u64, cost: Cost) {
        let known = self.worst.iter().position(|worst| worst.step == step);
        let index = known.unwrap_or_else(|| {
            self.worst.push(Worst { step, time: (Duration::ZERO, seed), memory: (0, seed) });
            self.worst.len() - 1
        });
        let worst = &mut self.worst[index];
        worst.time = worst.time.max((cost.time, seed));
        worst.memory = worst.memory.max((cost.memory, seed));
    }
}

/// Reads and uses `count` damaged copies of files, in turn and each with pieces of the next; the copies are told by
/// `seed`, which counts up. `on_copy` sees every copy before it is read.
pub(crate) fn fuzz(
    format: Format,
    files: &[Vec<u8>],
    (count, seed): (u64, u64),
    mut on_copy: impl FnMut(u64, &[u8]),
) -> Result<Summary, Finding> {
    let watchdog = Watchdog::start();
    let mut summary = Summary::default();
    let pairs = files.iter().zip(files.iter().cycle().skip(1)).cycle();
    for (seed, (file, other)) in (seed..seed.wrapping_add(count)).zip(pairs) {
        let bytes = format.damaged(seed, file, other);
        watchdog.begin(seed);
        on_copy(seed, &bytes);
        try_bytes(format, &bytes, seed, &mut summary).map_err(|why| Finding { why, seed, bytes })?;
    }
    Ok(summary)
}

/// Reads and uses some bytes; the error tells what must not be.
pub(crate) fn try_bytes(
    format: Format,
    bytes: &[u8],
    seed: u64,
    summary: &mut Summary,
) -> Result<(), String> {
    summary.copies += 1;
    if format == Format::Sound {
        return try_sound(bytes, seed, summary);
    }
    let (read, cost) = guarded("reading", || format.read(bytes))?;
    summary.note("reading", seed, cost);
    within("reading", cost, format.most_time(), format.most_memory(bytes.len()))?;
    let scores = read?;
    summary.rescued += u64::from(!scores.is_empty());
    let (checked, _) = guarded("checking", || format.check(bytes))?;
    checked?;
    let seldom = if seed.is_multiple_of(SELDOM) { uses::SELDOM.as_slice() } else { &[] };
    // A book has hundreds of tunes: what takes long is done with the first of them.
    let often = uses::OFTEN.iter().map(|each| (each, scores.len(), MOST_TIME_IN_USE));
    let seldom = seldom.iter().map(|each| (each, 1, MOST_TIME_IN_SELDOM_USE));
    for ((name, use_of), pieces, time) in often.chain(seldom) {
        for score in scores.iter().take(pieces) {
            let (fine, cost) = guarded(name, || use_of(score))?;
            fine.map_err(|why| format!("{name}: {why}"))?;
            summary.note(name, seed, cost);
            within(name, cost, time, MOST_TIMES_IN_USE * bytes.len() + MOST_BESIDES_IN_USE)?;
        }
    }
    Ok(())
}

/// Decodes some bytes and measures what came of it.
fn try_sound(bytes: &[u8], seed: u64, summary: &mut Summary) -> Result<(), String> {
    let format = Format::Sound;
    let (decoded, cost) = guarded("decoding", || sound::decode(bytes))?;
    let decoded = decoded?;
    summary.note("decoding", seed, cost);
    within("decoding", cost, format.most_time(), format.most_memory(bytes.len()))?;
    summary.rescued += u64::from(decoded.is_read);
    let (measured, cost) = guarded("measuring", || sound::measure(&decoded))?;
    measured?;
    summary.note("measuring", seed, cost);
    within("measuring", cost, MOST_TIME_IN_USE, MOST_BESIDES_IN_USE)
}

/// Does something that may panic, and measures it.
fn guarded<T>(name: &str, work: impl FnOnce() -> T) -> Result<(T, Cost), String> {
    catch_unwind(AssertUnwindSafe(|| measure(work))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
        format!("{name} panicked: {text}")
    })
}

fn within(name: &str, cost: Cost, time: Duration, memory: usize) -> Result<(), String> {
    if cost.time > time {
        return Err(format!("{name} may take {time:?} of processor time, but took {:?}", cost.time));
    }
    if cost.memory > memory {
        return Err(format!("{name} may take {memory} bytes of memory, but took {}", cost.memory));
    }
    Ok(())
}
