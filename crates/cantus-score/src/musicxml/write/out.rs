//! XML line by line.

use std::fmt::Write as _;

use quick_xml::escape::escape;

/// A text in the making.
pub(super) struct Out {
    text: String,
    open: Vec<&'static str>,
}

impl Out {
    pub(super) fn new(head: &str) -> Self {
        Self { text: head.to_owned(), open: Vec::new() }
    }

    fn line(&mut self) {
        // Doubling would take twice the memory of a large file.
        if self.text.capacity() - self.text.len() < 256 {
            self.text.reserve_exact(self.text.len() / 4 + 256);
        }
        self.text.push('\n');
        self.open.iter().for_each(|_| self.text.push(' '));
    }

    /// `attributes` begin with a space where there are any.
    pub(super) fn open(&mut self, name: &'static str, attributes: &str) {
        self.line();
        let _ = write!(self.text, "<{name}{attributes}>");
        self.open.push(name);
    }

    /// Ends the element that was opened last.
    pub(super) fn close(&mut self) {
        let Some(name) = self.open.pop() else { return };
        self.line();
        let _ = write!(self.text, "</{name}>");
    }

    /// An element without text.
    pub(super) fn empty(&mut self, name: &str, attributes: &str) {
        self.line();
        let _ = write!(self.text, "<{name}{attributes}/>");
    }

    /// An element with a number or a word in it.
    pub(super) fn plain(&mut self, name: &str, value: impl std::fmt::Display) {
        self.line();
        let _ = write!(self.text, "<{name}>{value}</{name}>");
    }

    /// An element with text in it.
    pub(super) fn text(&mut self, name: &str, attributes: &str, text: &str) {
        self.line();
        let _ = write!(self.text, "<{name}{attributes}>{}</{name}>", escaped(text));
    }

    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.text.push('\n');
        self.text
    }
}

/// A text without what XML cannot hold.
pub(super) fn escaped(text: &str) -> String {
    let text: String = text.chars().filter(|char| !char.is_control() || *char == '\n').collect();
    escape(text.trim()).into_owned()
}
