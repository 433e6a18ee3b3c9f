//! What was measured, as tables of numbers.

use std::fmt::Write as _;

use cantus_features::Descriptor;
use cantus_score::npy::{self, Array, Element, NpyError};

use super::{Measured, Selection};

/// A descriptor's numbers, NaN for each of its columns where it has none.
fn filled(descriptor: &Descriptor, values: Option<&Vec<f64>>) -> Vec<f64> {
    values.cloned().unwrap_or_else(|| vec![f64::NAN; descriptor.columns().len()])
}

/// All numbers of a piece in one row.
fn row(measured: &Measured) -> Vec<f64> {
    let named = measured.selection.of_pieces().zip(&measured.piece);
    named.flat_map(|(descriptor, values)| filled(descriptor, values.as_ref())).collect()
}

/// A line a piece after the names of the columns.
pub(super) fn csv(measured: &[Measured], selection: &Selection) -> String {
    let columns: Vec<String> = selection.of_pieces().flat_map(Descriptor::columns).collect();
    let mut text = format!("path,{}\n", columns.join(","));
    for piece in measured {
        let cell = |value: f64| if value.is_nan() { String::new() } else { value.to_string() };
        let cells: Vec<String> = row(piece).into_iter().map(cell).collect();
        let _ = writeln!(text, "{},{}", quoted(&piece.name), cells.join(","));
    }
    text
}

/// A text as a cell of a table.
pub(super) fn quoted(text: &str) -> String {
    let plain = !text.contains([',', '"', '\n', '\r']);
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

/// `[pieces, columns]`.
pub(super) fn npy(measured: &[Measured], selection: &Selection) -> Result<Vec<u8>, NpyError> {
    let columns = selection.of_pieces().map(|descriptor| descriptor.columns().len()).sum();
    let values: Vec<f64> = measured.iter().flat_map(row).collect();
    Ok(npy::write(&Array::from_values(&[measured.len(), columns], Element::F64, &values)?))
}

/// An array for each descriptor.
pub(super) fn npz(measured: &[Measured], selection: &Selection) -> Result<Vec<u8>, NpyError> {
    let mut arrays: Vec<(String, Array)> = Vec::new();
    for (index, descriptor) in selection.of_pieces().enumerate() {
        let rows = measured.iter().map(|piece| filled(descriptor, piece.piece[index].as_ref()));
        arrays.push((descriptor.name.to_owned(), column(descriptor, rows)?));
    }
    for (index, descriptor) in selection.of_bars().enumerate() {
        let bars = measured.iter().flat_map(|piece| &piece.bars);
        let rows = bars.map(|bar| filled(descriptor, bar[index].as_ref()));
        arrays.push((format!("bars.{}", descriptor.name), column(descriptor, rows)?));
    }
    arrays.push(("bars.piece".to_owned(), owners(measured.iter().map(|piece| piece.bars.len()))?));
    arrays.push(("beats.piece".to_owned(), owners(measured.iter().map(|piece| piece.beats.len()))?));
    arrays.push(("beats.second".to_owned(), seconds(measured)?));
    arrays.push(("beats.chord".to_owned(), chords(measured)?));
    let named: Vec<(&str, &Array)> = arrays.iter().map(|(name, array)| (name.as_str(), array)).collect();
    npy::write_archive(&named)
}

/// `[rows]` for a single number, else `[rows, columns]`.
fn column(descriptor: &Descriptor, rows: impl Iterator<Item = Vec<f64>>) -> Result<Array, NpyError> {
    let rows: Vec<Vec<f64>> = rows.collect();
    let shape =
        if descriptor.is_number() { vec![rows.len()] } else { vec![rows.len(), descriptor.columns().len()] };
    Array::from_values(&shape, Element::F64, &rows.concat())
}

/// The number of the piece of each of its bars or beats.
fn owners(counts: impl Iterator<Item = usize>) -> Result<Array, NpyError> {
    let numbers = counts.enumerate().flat_map(|(piece, count)| std::iter::repeat_n(piece as f64, count));
    let numbers: Vec<f64> = numbers.collect();
    Array::from_values(&[numbers.len()], Element::I64, &numbers)
}

/// When each beat begins.
fn seconds(measured: &[Measured]) -> Result<Array, NpyError> {
    let of_piece = |piece: &Measured| {
        let map = piece.score.tempo_map();
        piece.beats.iter().map(|beat| map.seconds(beat.begin).0).collect::<Vec<_>>()
    };
    let values: Vec<f64> = measured.iter().flat_map(of_piece).collect();
    Array::from_values(&[values.len()], Element::F64, &values)
}

/// Root, quality and bass of each beat, -1 where no chord sounds.
fn chords(measured: &[Measured]) -> Result<Array, NpyError> {
    let beats: Vec<[f64; 3]> =
        measured.iter().flat_map(|piece| &piece.beats).map(cantus_features::chords::Span::numbers).collect();
    Array::from_values(&[beats.len(), 3], Element::I8, &beats.concat())
}
