//! How the chores talk: a line when a step begins and a line when it is done.

use std::time::Instant;

/// A step that found something wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The step's name.
    pub(crate) step: &'static str,
    /// One line for each thing found; none where the step's own program has told them.
    pub(crate) findings: Vec<String>,
}

/// What a chore comes to.
pub(crate) type Outcome = Result<(), Failure>;

/// Prints a line to stderr, which is where talk goes.
#[allow(clippy::print_stderr, reason = "the one place where the chores print")]
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

/// Runs a step between two lines that name it; the second tells how long it took.
pub(crate) fn step(name: &'static str, work: impl FnOnce() -> Vec<String>) -> Outcome {
    timed(name, || {
        let findings = work();
        if findings.is_empty() { Ok(()) } else { Err(findings) }
    })
}

/// Like [`step`], for work that may fail without a finding of its own.
pub(crate) fn timed(name: &'static str, work: impl FnOnce() -> Result<(), Vec<String>>) -> Outcome {
    say(&format!("── {name}"));
    let begin = Instant::now();
    let result = work();
    let verdict = if result.is_ok() { "passed" } else { "FAILED" };
    say(&format!("── {name} {verdict} after {:.1} s", begin.elapsed().as_secs_f64()));
    result.map_err(|findings| Failure { step: name, findings })
}
