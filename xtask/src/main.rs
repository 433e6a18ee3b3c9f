//! The chores of the repository: `cargo xtask check` before every push, and its parts one by one.

mod arrows;
mod files;
mod invariants;
mod licences;
mod report;
mod sources;
mod steps;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use report::{Failure, Outcome, say};

const USAGE: &str = "\
usage: cargo xtask COMMAND
  check [--no-tests]  formatting, tidiness, licences, lints, tests with doc tests, documentation;
                      --no-tests where `cargo test --workspace` has just run
  tidy                the rules of the repository that no other tool knows
  licences            the licence of every dependency
  fuzz [OPTIONS] [FOLDER]
                      reads and uses damaged copies of the files in FOLDER, or of the music beside the repository:
                      --count N (10000 of each format), --seed N (1),
                      --format midi|abc|notation|musicxml|mxl|kern|sound (all),
                      --replay FILE (one file as it is), --keep FOLDER (where findings are kept: target/fuzz)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["check"] => steps::check(steps::Tests::Run),
        ["check", "--no-tests"] => steps::check(steps::Tests::Skip),
        ["tidy"] => steps::tidy(),
        ["licences"] => steps::licences(),
        ["fuzz", ref options @ ..] => steps::fuzz(options),
        _ => {
            say(USAGE);
            return ExitCode::from(2);
        }
    };
    finish(&outcome)
}

fn finish(outcome: &Outcome) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { step, findings }) => {
            for finding in findings {
                say(&format!("  {finding}"));
            }
            say(&format!("xtask: stopped at {step}"));
            ExitCode::FAILURE
        }
    }
}
