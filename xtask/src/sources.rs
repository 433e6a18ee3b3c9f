//! Rules about Rust sources: how long they are, where unsafe code may stand, who may touch the outside.

/// The most lines of code in a file, blank lines and comments left out.
const MOST_CODE_LINES: usize = 600;
/// Files that may be longer, and why.
const LONG_FILES: &[(&str, &str)] = &[];

/// Where unsafe code may stand: the kernels.
const MAY_BE_UNSAFE: &str = "crates/cantus-nn/";

/// What reaches outside the program or tells the time.
const OUTSIDE: [&str; 7] = [
    "std::fs",
    "std::net",
    "std::env::var",
    "std::process::Command",
    "SystemTime",
    "Instant::now",
    "thread_rng",
];
/// Who may: the corpus, checkpoints, the pieces that a run keeps on the disk, the facade, the shells, the library, live devices and the chores.
const MAY_TOUCH_OUTSIDE: &[&str] = &[
    "crates/cantus-model/src/array/clips.rs",
    "crates/cantus-model/src/array/source.rs",
    "crates/cantus-model/src/corpus/",
    "crates/cantus-model/src/run/",
    "crates/cantus-model/src/training/store.rs",
    "crates/cantus-render/src/live",
    "crates/cantus-taste/",
    "crates/cantus-studio/",
    "crates/cantus-cli/",
    "crates/cantus/",
    "xtask/",
];

/// One line for each rule that a source breaks.
pub(crate) fn findings(path: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let lines = code_lines(text);
    if lines > MOST_CODE_LINES && !LONG_FILES.iter().any(|(long, _)| *long == path) {
        findings.push(format!("{path}: {lines} lines of code, but {MOST_CODE_LINES} are the most; split it"));
    }
    let allows = text.contains(&["allow(", "unsafe_code"].concat());
    // A test may bring an allocator that counts.
    if allows && !path.starts_with(MAY_BE_UNSAFE) && !is_test(path) {
        findings.push(format!("{path}: unsafe code is for the kernels of cantus-nn only"));
    }
    let free = is_test(path) || MAY_TOUCH_OUTSIDE.iter().any(|place| path.starts_with(place));
    if !free {
        let code = || text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let found = OUTSIDE.iter().find(|word| code().any(|line| line.contains(**word)));
        findings.extend(found.map(|word| {
            format!(
                "{path}: `{word}`; only readers' callers, corpus, checkpoints and shells touch the outside"
            )
        }));
    }
    findings
}

/// Whether a source holds tests, benchmarks or examples only.
fn is_test(path: &str) -> bool {
    ["tests/", "tests.rs", "benches/", "examples/", "build.rs"].iter().any(|part| path.contains(part))
}

/// Lines that are neither blank nor a comment.
pub(crate) fn code_lines(text: &str) -> usize {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}
