//! Measuring many files: the catalogue of descriptors on every piece, its bars and its beats.

mod arrays;
mod json;
mod many;
mod picture;
mod selection;
mod sound;
#[cfg(test)]
mod tests;

use std::path::Path;

use cantus_features::chords::{self, Span};
use cantus_features::{Descriptor, Measure, Window, key};
use cantus_score::Score;

use crate::error::{Error, Kind};
use crate::write_file;

pub use json::{catalogue_as_json, measured_as_json};
pub use many::{MeasuredFiles, measure_all};
pub use picture::{Picture, write_picture};
pub use selection::{Selection, Wanted};
pub use sound::{
    Frames, HeardChord, KeptFrames, MeasuredSound, Spread, sound_as_json, write_sound_picture, write_sounds,
};

/// What was measured of one piece.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Its file, with `#` and its number where the file holds several.
    pub name: String,
    /// Which descriptors were measured.
    pub selection: Selection,
    /// On the whole piece: for each of [`Selection::of_pieces`] its columns; none where the music says nothing about it.
    pub piece: Vec<Option<Vec<f64>>>,
    /// On each bar: for each of [`Selection::of_bars`] its columns.
    pub bars: Vec<Vec<Option<Vec<f64>>>>,
    /// The chord of each beat and its name, in ticks.
    pub beats: Vec<Span>,
    /// The keys that are heard one after the other, in ticks.
    pub keys: Vec<key::Passage>,
    /// The piece itself.
    pub score: Score,
}

impl Measured {
    /// Measures a piece by some descriptors.
    pub fn of(name: String, score: &Score, selection: &Selection) -> Self {
        let whole = Window::of_piece(score);
        let on = |descriptor: &Descriptor, window: &Window| match descriptor.measure {
            Measure::Number(measure) => measure(window).map(|value| vec![value]),
            Measure::Numbers(numbers) => (numbers.of)(window),
            // Rows are measured below, and sound is not measured on scores.
            _ => None,
        };
        let rows: Vec<Option<Vec<Vec<f64>>>> = selection
            .of_bars()
            .map(|descriptor| match descriptor.measure {
                Measure::Rows(rows) => Some((rows.of)(score)),
                _ => None,
            })
            .collect();
        let bar = |(index, bar): (usize, &Window)| {
            let own = selection.of_bars().zip(&rows);
            own.map(|(descriptor, rows)| match rows {
                Some(rows) => rows.get(index).cloned(),
                None => on(descriptor, bar),
            })
            .collect()
        };
        Self {
            name,
            selection: selection.clone(),
            piece: selection.of_pieces().map(|descriptor| on(descriptor, &whole)).collect(),
            bars: whole.bars.iter().enumerate().map(bar).collect(),
            beats: chords::of_beats(score),
            keys: key::passages(&whole.bars),
            score: score.clone(),
        }
    }
}

/// Writes what was measured as numbers, by the ending of the file.
///
/// - `.csv`: a line a piece, with the path and every column of every descriptor of pieces; empty where nothing is known.
/// - `.npy`: the same numbers. Shape `[pieces, columns]`; NaN where nothing is known.
/// - `.npz`: an array for each descriptor of pieces, `[pieces]` or `[pieces, columns]`; for each of bars `bars.NAME`,
///   `[bars]` or `[bars, columns]`, the bars of all pieces one after the other and `bars.piece` the number of the piece of
///   each; and `beats.chord`, `[beats, 3]`, with `beats.piece` and `beats.second`, when each begins.
pub fn write_measured(path: &Path, measured: &[Measured], selection: &Selection) -> Result<(), Error> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let bytes = match ending.as_str() {
        "csv" => Ok(arrays::csv(measured, selection).into_bytes()),
        "npy" => arrays::npy(measured, selection),
        "npz" => arrays::npz(measured, selection),
        _ => {
            let message = "numbers are written as .csv, .npy or .npz, pictures as .svg or .png";
            return Err(Error::new(Kind::Request, message).at(path));
        }
    };
    let bytes = bytes.map_err(|error| Error::of(Kind::Output, error).at(path))?;
    write_file(path, &bytes)
}
