//! How numbers are spread over the frames of a sound.

use cantus_features::sound::FrameTable;
use cantus_features::{Descriptor, Measure};

/// How a number is spread over the frames of a sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The mean; not a number where there is no frame.
    pub mean: f64,
    /// The standard deviation.
    pub deviation: f64,
}

/// Means and deviations of the columns of rows that come one after the other (Welford).
#[derive(Debug, Clone)]
pub(super) struct Tally {
    count: f64,
    means: Vec<f64>,
    squares: Vec<f64>, // summed, of what each row is away from the mean
}

impl Tally {
    pub(super) fn new(columns: usize) -> Self {
        Self { count: 0.0, means: vec![0.0; columns], squares: vec![0.0; columns] }
    }

    pub(super) fn push(&mut self, row: &[f32]) {
        self.count += 1.0;
        for ((mean, square), value) in self.means.iter_mut().zip(&mut self.squares).zip(row) {
            let away = f64::from(*value) - *mean;
            *mean += away / self.count;
            *square += away * (f64::from(*value) - *mean);
        }
    }

    pub(super) fn spreads(&self) -> Vec<Spread> {
        let of = |(mean, square): (&f64, &f64)| {
            let mean = if self.count > 0.0 { *mean } else { f64::NAN };
            Spread { mean, deviation: (square / self.count).max(0.0).sqrt() }
        };
        self.means.iter().zip(&self.squares).map(of).collect()
    }
}

/// How each column of a descriptor of the table of frames is spread.
pub(super) fn of_columns(descriptor: &Descriptor, table: &FrameTable) -> Vec<Spread> {
    let columns = descriptor.columns().len();
    let mut tally = Tally::new(columns);
    if let Measure::Frames(own) = descriptor.measure {
        (own.of)(table).chunks_exact(columns).for_each(|row| tally.push(row));
    }
    tally.spreads()
}
