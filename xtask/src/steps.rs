//! The steps of a check, the quick ones first.

use std::path::PathBuf;
use std::process::Command;

use cargo_metadata::{Metadata, MetadataCommand};

use crate::report::{Outcome, say, step, timed};
use crate::{arrows, files, licences};

/// Whether a check runs the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tests {
    Run,
    /// They ran just before.
    Skip,
}

/// Everything that must hold before a push; stops at the first step that fails.
pub(crate) fn check(tests: Tests) -> Outcome {
    cargo("formatting", &["fmt", "--all", "--check"], &[])?;
    tidy()?;
    licences()?;
    cargo("lints", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"], &[])?;
    if tests == Tests::Run {
        cargo("tests and doc tests", &["test", "--workspace"], &[])?;
    }
    let strict = [("RUSTDOCFLAGS", "-D warnings")];
    cargo("documentation", &["doc", "--workspace", "--no-deps", "--quiet"], &strict)
}

/// The rules of the repository that no other tool knows.
pub(crate) fn tidy() -> Outcome {
    step("tidy", || match metadata() {
        Ok(metadata) => {
            let mut findings = arrows::findings(&metadata);
            findings.extend(files::findings(&root()));
            findings
        }
        Err(finding) => vec![finding],
    })
}

/// The licence of every dependency.
pub(crate) fn licences() -> Outcome {
    step("licences", || match metadata() {
        Ok(metadata) => licences::findings(&metadata),
        Err(finding) => vec![finding],
    })
}

/// Damaged copies by the thousand, in a program of their own: what kills it leaves the copy behind.
pub(crate) fn fuzz(options: &[&str]) -> Outcome {
    let kept = root().join("target").join("fuzz");
    let kept = kept.to_string_lossy();
    let build = ["run", "--release", "--quiet", "--package", "cantus", "--example", "fuzz", "--"];
    let arguments = [build.as_slice(), &["--keep", &kept], options].concat();
    cargo("damaged copies", &arguments, &[]).inspect_err(|_| {
        say(&format!("  a copy that ended the program lies in {kept} as copy.*; --replay tries it again"));
    })
}

fn metadata() -> Result<Metadata, String> {
    let manifest = root().join("Cargo.toml");
    MetadataCommand::new()
        .manifest_path(manifest)
        .exec()
        .map_err(|error| format!("cargo metadata failed: {error}"))
}

/// The repository's root, one above this crate; cargo tells where that is now, for a built program may have moved.
pub(crate) fn root() -> PathBuf {
    let built_at = || PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(built_at, PathBuf::from);
    here.parent().unwrap_or(&here).to_owned()
}

/// Runs cargo in the root; its own output tells what is wrong.
fn cargo(name: &'static str, arguments: &[&str], environment: &[(&str, &str)]) -> Outcome {
    timed(name, || {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args(arguments)
            .envs(environment.iter().copied())
            .current_dir(root())
            .status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(vec![format!("`cargo {}` failed ({status})", arguments.join(" "))]),
            Err(error) => Err(vec![format!("cargo could not be started: {error}")]),
        }
    })
}
