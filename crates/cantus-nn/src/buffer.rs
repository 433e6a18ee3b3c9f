//! Memory for numbers that begins at a cache line.
#![allow(unsafe_code, reason = "vector loads run at full speed only on memory aligned to cache lines")]

use std::ops::{Deref, DerefMut};

/// One cache line.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; 16]);

/// A growing list of numbers, aligned to 64 bytes, that keeps its memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Buffer {
    lines: Vec<Line>,
    length: usize,
}

impl Buffer {
    /// Sets the length. What it held stays; what is new is zero or left from an earlier use: the caller writes it.
    pub(crate) fn resize(&mut self, length: usize) {
        let lines = length.div_ceil(16);
        if lines > self.lines.len() {
            self.lines.resize(lines, Line([0.0; 16]));
        }
        self.length = length;
    }

    /// Sets the length and fills with zeros.
    pub(crate) fn zeros(&mut self, length: usize) {
        self.resize(length);
        self.fill(0.0);
    }

    /// Becomes a copy of some numbers.
    pub(crate) fn copy_from(&mut self, values: &[f32]) {
        self.resize(values.len());
        self.copy_from_slice(values);
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        // SAFETY: a `Line` is sixteen f32 without padding and `lines` holds at least `length` of them.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.length) }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above, and the borrow is unique.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.length) }
    }
}
