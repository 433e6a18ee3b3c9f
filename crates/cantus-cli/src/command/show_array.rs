//! `cantus show` of arrays.

use std::fmt::Write as _;
use std::path::Path;

use cantus::{ArrayFacts, ArrayFile};
use serde_json::json;

use crate::exit::Failure;
use crate::printer::Printer;

/// Rows of a picture at most.
const ROWS: usize = 24;

/// Shows each array of a file: what it holds, and a picture of its first piece. The inner error is of a file that cannot
/// be read.
pub(crate) fn run(
    file: &Path,
    is_json: bool,
    printer: &mut Printer,
) -> Result<Result<(), cantus::Error>, Failure> {
    let paths = match cantus::arrays_in(file) {
        Ok(paths) => paths,
        Err(error) => return Ok(Err(error)),
    };
    for path in paths {
        let read = match cantus::read_array(&path) {
            Ok(read) => read,
            Err(error) => return Ok(Err(error)),
        };
        let facts = cantus::describe_array(&read.array);
        let text =
            if is_json { as_json(&path, &read, &facts) } else { as_text(&path, &read, &facts, printer) };
        printer.data(&text)?;
    }
    Ok(Ok(()))
}

fn as_json(path: &Path, read: &ArrayFile, facts: &ArrayFacts) -> String {
    let line = json!({
        "path": path.display().to_string(),
        "format": "numpy",
        "shape": facts.shape,
        "type": facts.element.name(),
        "least": facts.range.map(|range| range.0),
        "largest": facts.range.map(|range| range.1),
        "binary": facts.is_binary,
        "not_finite": facts.not_finite,
        "warnings": read.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    format!("{line}\n")
}

fn as_text(path: &Path, read: &ArrayFile, facts: &ArrayFacts, printer: &Printer) -> String {
    let mut text = format!("{} (NumPy array)\n", path.display());
    for warning in &read.warnings {
        let _ = writeln!(text, "warning  {warning}");
    }
    let _ = writeln!(text, "shape    {:?}{}", facts.shape, dimensions(&facts.shape));
    let range = facts.range.map(|(least, most)| format!(", from {least} to {most}")).unwrap_or_default();
    let _ = writeln!(text, "numbers  {}{range}", facts.element);
    if facts.not_finite > 0 {
        let _ = writeln!(text, "         {} of them are infinite or no numbers", facts.not_finite);
    }
    if facts.is_binary {
        let _ = writeln!(text, "         two different ones, {:.1} % the larger", 100.0 * facts.above_least);
    }
    if let (&[_, frames, features], Some(range), 0) = (facts.shape.as_slice(), facts.range, facts.not_finite)
    {
        let first = read.array.values(0..frames * features);
        let _ = writeln!(text, "\nthe first piece, time to the right, the last feature on top");
        text.push_str(&picture(&first, features, range, printer.columns()));
    }
    text
}

fn dimensions(shape: &[usize]) -> String {
    match shape {
        [pieces, frames, features] => format!(": {pieces} pieces of {frames} frames of {features} features"),
        _ => ", which is not [pieces, time, features]".to_owned(),
    }
}

/// Frames and features as signs: the larger a number between the least and the largest, the darker. Where there are more
/// of them than signs, a sign shows the largest of those that it stands for.
fn picture(numbers: &[f64], features: usize, (least, most): (f64, f64), columns: usize) -> String {
    const SIGNS: [char; 5] = ['·', '░', '▒', '▓', '█'];
    let frames = numbers.len() / features.max(1);
    let (wide, high) = (frames.div_ceil(columns.max(1)).max(1), features.div_ceil(ROWS).max(1));
    let mut rows = Vec::new();
    for row in (0..features).step_by(high) {
        let sign = |column: usize| {
            let frames = numbers.chunks_exact(features).skip(column).take(wide);
            let inside = frames.flat_map(|frame| frame.iter().skip(row).take(high));
            let largest = inside.copied().fold(least, f64::max);
            let share = if most > least { (largest - least) / (most - least) } else { 0.0 };
            SIGNS.get((share * 4.0).ceil() as usize).copied().unwrap_or('█')
        };
        rows.push((0..frames).step_by(wide).map(sign).collect::<String>());
    }
    rows.iter().rev().fold(String::new(), |text, row| text + row + "\n")
}
