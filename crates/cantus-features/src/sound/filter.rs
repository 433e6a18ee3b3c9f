//! Banks of filters over the bins of a spectrum.

use super::lanes::{LANES, dot};

/// One filter: the bins from `first` on, weighed by a stretch of the bank's weights.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Row {
    first: usize,
    begin: usize,
    end: usize,
}

/// Filters, each over a stretch of neighbouring bins; weights far outside it are zero and take no time. Stretches are whole
/// blocks of lanes where a spectrum is as long: a few zeros cost less than what is left over.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterBank {
    rows: Vec<Row>,
    weights: Vec<f32>,
    bins: usize,
}

impl FilterBank {
    /// Filters from all their weights.
    ///
    /// # Shapes
    /// each row `[bins]`
    pub fn of_rows<'a>(bins: usize, rows: impl IntoIterator<Item = &'a [f32]>) -> Self {
        let mut bank = Self { rows: Vec::new(), weights: Vec::new(), bins };
        for row in rows {
            let row = &row[..bins.min(row.len())];
            let first = row.iter().position(|weight| *weight != 0.0).unwrap_or(0);
            let last = row.iter().rposition(|weight| *weight != 0.0).map_or(first, |last| last + 1);
            let last = (first + (last - first).next_multiple_of(LANES)).min(row.len());
            let first = first.min(last - (last - first).next_multiple_of(LANES).min(last));
            let begin = bank.weights.len();
            bank.weights.extend_from_slice(&row[first..last]);
            bank.rows.push(Row { first, begin, end: bank.weights.len() });
        }
        bank
    }

    /// How many filters there are.
    pub fn bands(&self) -> usize {
        self.rows.len()
    }

    /// How many bins a spectrum has.
    pub fn bins(&self) -> usize {
        self.bins
    }

    /// The weights of a filter: the first bin that is weighed, and the weights from there on; some at both ends may be zero.
    pub fn row(&self, band: usize) -> (usize, &[f32]) {
        let row = self.rows[band];
        (row.first, &self.weights[row.begin..row.end])
    }

    /// What each filter lets through.
    ///
    /// # Shapes
    /// `[bins]` → `[bands]`
    #[expect(clippy::inline_always, reason = "it is compiled anew for the widest vectors where it is used")]
    #[inline(always)]
    pub fn apply(&self, spectrum: &[f32], out: &mut [f32]) {
        for (out, row) in out.iter_mut().zip(&self.rows) {
            let weights = &self.weights[row.begin..row.end];
            *out = spectrum.get(row.first..row.first + weights.len()).map_or(0.0, |bins| dot(bins, weights));
        }
    }
}
