//! The map's promises: each invariant of ARCHITECTURE.md names tests, and they exist.

use std::collections::BTreeSet;

use crate::files::extension;

/// How a line of the map names the tests that hold an invariant.
const HELD_BY: &str = "Held by";

/// The functions of the sources and the tests that the map names.
#[derive(Default)]
pub(crate) struct Tests {
    functions: BTreeSet<String>,
    named: Vec<String>,
}

impl Tests {
    /// Takes note of a source's functions, or of the names in the map.
    pub(crate) fn read(&mut self, path: &str, text: &str) {
        if path == "ARCHITECTURE.md" {
            self.named.extend(named(text));
        } else if extension(path) == "rs" {
            let lines = text.lines().filter_map(|line| line.trim().strip_prefix("fn "));
            let names = lines.filter_map(|line| line.split(['(', '<']).next());
            self.functions.extend(names.map(str::to_owned));
        }
    }

    /// One line for each test that the map names and nobody wrote.
    pub(crate) fn findings(&self) -> Vec<String> {
        let missing = self.named.iter().filter(|name| !self.functions.contains(*name));
        missing.map(|name| format!("ARCHITECTURE.md: no test is called `{name}`")).collect()
    }
}

/// The names in backquotes of the paragraphs that begin with "Held by"; words with other characters than those of a
/// function's name are commands and not tests.
fn named(map: &str) -> Vec<String> {
    let paragraphs = map.split("\n\n").flat_map(|paragraph| paragraph.split(HELD_BY).skip(1));
    let quoted = paragraphs.flat_map(|text| text.split('`').skip(1).step_by(2));
    let is_name = |word: &&str| {
        word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
    };
    quoted.filter(is_name).map(str::to_owned).collect()
}
