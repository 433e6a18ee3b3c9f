//! Reads, performs and writes files that are made to do harm, and tells what each took at most.
//!
//! `cargo run --release --example limits -- 1000000` makes them about a megabyte large.
#![allow(unsafe_code, reason = "an allocator that counts can only be installed by unsafe code")]
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program of the repository talks to who runs it"
)]

#[path = "../tests/notation_limits/bombs.rs"]
mod bombs;
#[path = "../tests/notation_limits/steps.rs"]
mod steps;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let size = arguments.next().and_then(|size| size.parse().ok()).unwrap_or(1_000_000);
    let wanted: Vec<String> = arguments.collect();
    for bomb in bombs::all(size) {
        if !wanted.is_empty() && !wanted.iter().any(|name| bomb.name == name) {
            continue;
        }
        println!(
            "{} ({}, {} bytes)",
            bomb.name,
            if bomb.kern { "kern" } else { "MusicXML" },
            bomb.bytes.len()
        );
        for step in steps::all(&bomb) {
            let allowed = (64 << 20) + 100 * bomb.bytes.len();
            let (seconds, part) = (step.time.as_secs_f64(), step.memory as f64 / allowed as f64);
            let mark = if seconds > 1.0 || part > 1.0 { "  <==" } else { "" };
            println!(
                "  {:11} {seconds:8.3} s {:9.1} MB, {part:6.3} of what is allowed{mark}",
                step.name,
                step.memory as f64 / 1e6
            );
        }
    }
}
