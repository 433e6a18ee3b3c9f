//! `cantus features`: the catalogue of descriptors, measured.

use std::fmt::Write as _;
use std::path::Path;

use cantus::Piece;
use cantus::features::{numbers, of_bars, of_piece};
use serde_json::{Map, Value, json};

use crate::args::FeaturesArgs;
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// Measures each piece; a file that cannot be read is told of, and the others are measured all the same.
pub(crate) fn run(args: &FeaturesArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Done;
    for file in &args.files {
        match cantus::read(file) {
            Ok(music) => {
                let write = if args.json { as_json } else { as_table };
                for piece in &music.pieces {
                    printer.data(&write(&name(file, piece), piece))?;
                }
            }
            Err(error) => {
                printer.error(&error);
                outcome = Outcome::Failed;
            }
        }
    }
    Ok(outcome)
}

/// The file, with the tune's number where it holds several.
fn name(file: &Path, piece: &Piece) -> String {
    let path = file.display().to_string();
    match &piece.tag {
        Some(number) if !path.ends_with(&format!("#{number}")) => format!("{path}#{number}"),
        _ => path,
    }
}

fn as_json(name: &str, piece: &Piece) -> String {
    let values = |measured: Vec<Option<f64>>| -> Map<String, Value> {
        let named = numbers().zip(measured);
        named.map(|(descriptor, value)| (descriptor.name.to_owned(), json!(value))).collect()
    };
    let score = piece.score();
    let whole = values(of_piece(&score));
    let bars: Vec<_> = of_bars(&score).into_iter().map(values).collect();
    format!("{}\n", json!({ "path": name, "features": whole, "bars": bars }))
}

fn as_table(name: &str, piece: &Piece) -> String {
    let mut text = format!("{name}\n");
    let widest = numbers().map(|descriptor| descriptor.name.len()).max().unwrap_or_default();
    for (descriptor, value) in numbers().zip(of_piece(&piece.score())) {
        let value = value.map_or("-".into(), |value| format!("{value:.3}"));
        let _ = writeln!(text, "  {:widest$}  {value:>10}  {}", descriptor.name, descriptor.unit);
    }
    text
}
