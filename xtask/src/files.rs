//! Rules about the files of the repository: forbidden words, lints, models, data, and what sources and map promise.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::{invariants, sources};

/// All models together, in bytes.
const MOST_MODEL_BYTES: u64 = 25_000_000;
/// A single data file of the tests, in bytes.
const MOST_FIXTURE_BYTES: u64 = 200_000;

/// Folders that hold nothing of ours.
const FOREIGN: &[&str] = &["target", "node_modules", "runs", "shared", ".git", ".venv", "__pycache__"];
/// Files that are read as text.
const TEXT: &[&str] = &[
    "rs", "toml", "md", "json", "py", "sh", "yml", "yaml", "html", "css", "ts", "svelte", "js", "svg", "txt",
];
/// Files that hold music, sound or arrays: small ones under `fixtures` only, for the data is not ours to copy.
const DATA: &[&str] = &[
    "mid", "midi", "kar", "mxl", "musicxml", "krn", "abc", "wav", "flac", "ogg", "mp3", "aiff", "npy", "npz",
    "mat", "zip", "zst", "gz", "sf2",
];

/// One line for each file against the rules.
pub(crate) fn findings(root: &Path) -> Vec<String> {
    let mut files = Vec::new();
    if let Err(error) = collect(root, &mut files) {
        return vec![format!("{}: cannot be listed: {error}", root.display())];
    }
    files.sort();
    let mut findings = Vec::new();
    let mut tests = invariants::Tests::default();
    let mut model_bytes = 0;
    for file in &files {
        let path = file.strip_prefix(root).unwrap_or(file).to_string_lossy().replace('\\', "/");
        let size = fs::metadata(file).map_or(0, |metadata| metadata.len());
        model_bytes += if path.ends_with(".safetensors") { size } else { 0 };
        findings.extend(data_finding(&path, size));
        if is_text(&path) {
            match fs::read_to_string(file) {
                Ok(text) => {
                    findings.extend(text_findings(&path, &text));
                    tests.read(&path, &text);
                }
                Err(error) => findings.push(format!("{path}: cannot be read as text: {error}")),
            }
        }
    }
    findings.extend(tests.findings());
    if model_bytes > MOST_MODEL_BYTES {
        findings.push(format!("the models take {model_bytes} bytes, but may take {MOST_MODEL_BYTES}"));
    }
    findings
}

/// Lists the files under a folder, without what is foreign or a link.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (kind, name) = (entry.file_type()?, entry.file_name());
        if kind.is_dir() && !FOREIGN.iter().any(|foreign| name == *foreign) {
            collect(&entry.path(), files)?;
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// The letters after a path's last dot.
pub(crate) fn extension(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn is_text(path: &str) -> bool {
    TEXT.contains(&extension(path)) || path.starts_with(".ci/")
}

/// Whether a data file lies where none may, or is too large.
pub(crate) fn data_finding(path: &str, size: u64) -> Option<String> {
    if !DATA.contains(&extension(path).to_ascii_lowercase().as_str()) {
        return None;
    }
    // What lies in the root was made there by trying the program, and git ignores it.
    let in_root = !path.contains('/');
    if in_root {
        None
    } else if !path.contains("fixtures/") {
        Some(format!("{path}: data files belong under a `fixtures` folder"))
    } else if size > MOST_FIXTURE_BYTES {
        Some(format!("{path}: a fixture may take {MOST_FIXTURE_BYTES} bytes, but takes {size}"))
    } else {
        None
    }
}

/// Everything wrong with one text.
pub(crate) fn text_findings(path: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let found = forbidden().into_iter().find(|word| line.contains(word.as_str()));
        findings.extend(found.map(|word| format!("{path}:{number}: `{word}` is known on one machine only")));
    }
    if extension(path) == "rs" {
        findings.extend(sources::findings(path, text));
    }
    if path.ends_with("Cargo.toml") && text.contains("[package]") && !inherits_lints(text) {
        findings.push(format!("{path}: lacks `[lints]` with `workspace = true`"));
    }
    findings
}

/// Paths and hosts that mean something on one machine only, put together here so that this file holds none of them.
fn forbidden() -> [String; 9] {
    [
        ["/wo", "rk/"],
        ["/ro", "ot/"],
        ["/ho", "me/"],
        ["/Us", "ers/"],
        ["C:", "\\Users"],
        ["static.", "crates.io"],
        ["index.", "crates.io"],
        ["registry.", "npmjs.org"],
        ["files.", "pythonhosted.org"],
    ]
    .map(|parts| parts.concat())
}

/// Whether a manifest takes the workspace's lints.
pub(crate) fn inherits_lints(manifest: &str) -> bool {
    let mut lines = manifest.lines().map(str::trim).skip_while(|line| *line != "[lints]").skip(1);
    lines.find(|line| !line.is_empty()).is_some_and(|line| line.replace(' ', "") == "workspace=true")
}
