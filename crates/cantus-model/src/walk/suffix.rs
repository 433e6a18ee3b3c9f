//! What a sequence repeats of its own past.

use crate::encoding::Steps;

/// Finds, for a growing sequence of symbols, the longest suffix that occurred before.
#[derive(Debug, Clone, Default)]
pub(crate) struct SuffixMatcher {
    symbols: Vec<u64>,
    times: Vec<Steps>,
    /// Length of the common suffix ending at each earlier symbol and at the last.
    runs: Vec<u16>,
}

impl SuffixMatcher {
    /// Takes the next symbol, and when it was.
    pub(crate) fn push(&mut self, symbol: u64, at: Steps) {
        for i in (0..self.symbols.len()).rev() {
            let before = if i == 0 { 0 } else { self.runs[i - 1] };
            self.runs[i] = if self.symbols[i] == symbol { before.saturating_add(1) } else { 0 };
        }
        self.symbols.push(symbol);
        self.times.push(at);
        self.runs.push(0);
    }

    /// The latest of the longest matches: its length, its index, and how long ago it ended.
    pub(crate) fn best(&self) -> Option<(u32, usize, Steps)> {
        let last = self.symbols.len().checked_sub(1)?;
        let (index, &run) = self.runs[..last].iter().enumerate().max_by_key(|(_, run)| **run)?;
        (run > 0).then(|| (u32::from(run), index, self.times[last] - self.times[index]))
    }
}
