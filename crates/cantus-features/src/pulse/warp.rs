//! From seconds to beats and back.

/// Beats and their times, made ready for look-ups; before the first and after the last the tempo goes on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Warp {
    times: Vec<f64>,
}

impl Warp {
    /// Beats are numbered from 0. Times that do not increase are left out.
    pub(crate) fn new(times: impl IntoIterator<Item = f64>) -> Self {
        let mut kept: Vec<f64> = Vec::new();
        for time in times {
            if kept.last().is_none_or(|last| time > last + 1e-3) {
                kept.push(time);
            }
        }
        while kept.len() < 2 {
            kept.push(kept.last().map_or(0.0, |last| last + 0.5));
        }
        Self { times: kept }
    }

    /// The beat at a time.
    pub(crate) fn beat(&self, seconds: f64) -> f64 {
        let after = self.times.partition_point(|&time| time <= seconds).clamp(1, self.times.len() - 1);
        let (left, right) = (self.times[after - 1], self.times[after]);
        (after - 1) as f64 + (seconds - left) / (right - left)
    }

    /// How long the beat is that begins with a number, in seconds.
    pub(crate) fn period(&self, beat: usize) -> f64 {
        let left = beat.min(self.times.len() - 2);
        self.times[left + 1] - self.times[left]
    }

    /// How many beats have times.
    pub(crate) fn len(&self) -> usize {
        self.times.len()
    }
}
