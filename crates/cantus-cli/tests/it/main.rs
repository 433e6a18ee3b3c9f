//! The program as its users meet it: arguments in, words, files and an exit code out.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may say so loudly")]
#![allow(clippy::print_stdout, reason = "a test that is skipped says so")]

mod array;
mod bad_input;
mod benchmark;
mod compose;
mod convert;
mod corpus;
mod edit;
mod features;
mod learn_on;
mod phrases;
mod pieces;
mod show;
mod sound;
mod sound_features;
mod sound_model;
mod steer;
mod survive;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder to work in, gone at the end of the test.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Runs `cantus` here with arguments as one would type them, without quotes.
    fn cantus(&self, line: &str) -> Run {
        self.run(&line.split_whitespace().collect::<Vec<_>>())
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cantus"));
        Run::of(command.args(arguments).current_dir(self.0.path()).env("COLUMNS", "100").output().unwrap())
    }

    /// The names of all files here.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// What a run said and how it ended.
struct Run {
    out: String,
    err: String,
    code: i32,
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code().expect("ended by a signal"),
        }
    }

    /// The run went well.
    #[track_caller]
    fn well(self) -> Self {
        assert_eq!((self.code, self.err.contains('×')), (0, false), "{}", self.err);
        self
    }
}

/// A book of two tunes: number 3 takes three seconds, number 4 the same.
const TUNE: &str = "X:3\nT:A Little Air\nM:3/4\nL:1/4\nQ:1/4=120\nK:G\nG A B|c2 d|\nX:4\nT:Another\nM:6/8\nL:1/8\nK:D\nDEF GAB|d6|\n";

/// The folder of shared data, where it is there.
fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(name);
    if !path.exists() {
        println!("skipped: {} is not here", path.display());
    }
    path.exists().then_some(path)
}
