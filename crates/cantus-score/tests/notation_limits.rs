//! Files that are made to do harm do none: reading, performing and writing take memory in proportion to the file, at most 64 MiB
//! and 100 times its size, whatever the file says.
//!
//! The one test of this program runs alone, so that the count is its own. `cargo run --release --example limits` does the
//! same with larger files and tells times.
#![allow(unsafe_code, reason = "an allocator that counts can only be installed by unsafe code")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail and talk like tests")]

#[path = "notation_limits/bombs.rs"]
mod bombs;
#[path = "notation_limits/steps.rs"]
mod steps;

/// About how large the files are.
const SIZE: usize = 60_000;

#[test]
fn bombs_of_notation_take_memory_in_proportion() {
    let mut worst = Vec::new();
    for bomb in bombs::all(SIZE) {
        let allowed = (64 << 20) + 100 * bomb.bytes.len();
        for step in steps::all(&bomb) {
            if step.memory > allowed {
                worst.push(format!("{}, {}: {} bytes of {allowed}", bomb.name, step.name, step.memory));
            }
        }
    }
    assert!(worst.is_empty(), "too much memory:\n{}", worst.join("\n"));
}
