//! Formats of lines of text: from bytes to lines, and the list of faults.

use std::borrow::Cow;

use crate::{MOST_WARNINGS, Place, Warning};

/// The text of a file: UTF-8 where it is that, else Latin-1. A byte-order mark is dropped.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|&byte| char::from(byte)).collect()),
    }
}

/// Lines and their numbers from 1, whatever ends them: `\n`, `\r\n` or `\r`.
pub(crate) fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let unix = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    unix.flat_map(|line| line.split('\r')).enumerate().map(|(index, line)| (index + 1, line))
}

/// A line of ABC without its comment. A `%` in quotes or after a backslash is text.
pub(crate) fn without_comment(line: &str) -> &str {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in line.char_indices() {
        match c {
            '%' if !quoted && !escaped => return &line[..at],
            '"' => quoted = !quoted,
            _ => {}
        }
        escaped = c == '\\';
    }
    line
}

/// The faults forgiven so far.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) warnings: Vec<Warning>,
}

impl Log {
    /// Notes a fault at a line and a column, both from 1.
    pub(crate) fn warn(&mut self, line: usize, column: usize, message: impl Into<String>) {
        if self.warnings.len() < MOST_WARNINGS {
            self.warnings.push(Warning { place: Place::Line { line, column }, message: message.into() });
        }
    }
}
