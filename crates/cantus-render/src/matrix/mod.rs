//! Pictures of tables of numbers, such as how alike bars are: each number a field of colour.

mod png;
mod svg;
#[cfg(test)]
mod tests;

pub use png::png;
pub use svg::svg;

/// A table of numbers to be drawn, the first row at the top.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// The numbers, row after row. Shape: `[rows, columns]`.
    pub values: Vec<f64>,
    /// How many numbers a row has.
    pub columns: usize,
    /// The numbers that are darkest and brightest; what lies beyond looks like them.
    pub range: (f64, f64),
    /// What the picture shows.
    pub title: String,
    /// What is counted from left to right, and from top to bottom.
    pub axes: (String, String),
    /// Columns (and, where there are as many rows, rows) at which something begins.
    pub marks: Vec<usize>,
}

impl Matrix {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.values.len().checked_div(self.columns).unwrap_or(0)
    }

    /// The colour of a number: brightness rises evenly from dark violet through green to yellow, so that it reads without
    /// colours too.
    fn colour(&self, value: f64) -> [u8; 3] {
        const STOPS: [[f64; 3]; 5] = [
            [68.0, 1.0, 84.0],
            [59.0, 82.0, 139.0],
            [33.0, 145.0, 140.0],
            [94.0, 201.0, 98.0],
            [253.0, 231.0, 37.0],
        ];
        let (low, high) = self.range;
        let share = if high > low { (value - low) / (high - low) } else { 0.0 };
        let place = if share.is_finite() { share.clamp(0.0, 1.0) * 4.0 } else { 0.0 };
        let below = (place as usize).min(3);
        let part = place - below as f64;
        std::array::from_fn(|channel| {
            let (from, to) = (STOPS[below][channel], STOPS[below + 1][channel]);
            (from + (to - from) * part).round() as u8
        })
    }
}
