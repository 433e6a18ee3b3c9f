//! `cantus features`: the catalogue of descriptors, measured.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use cantus::features::{CATALOGUE, Descriptor};
use cantus::{Frames, Measured, MeasuredFiles, piece_descriptors};

use super::features_sound;
use crate::args::FeaturesArgs;
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// Set when the user asks to stop.
static STOP: AtomicBool = AtomicBool::new(false);
/// How many failures are printed one by one.
const MOST_FAILURES: usize = 100;

/// Measures all that is named, and prints or writes what was measured. A file that cannot be read is told of, and the
/// others are measured all the same.
pub(crate) fn run(args: &FeaturesArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    if args.list {
        let text = if args.json { format!("{:#}\n", cantus::catalogue_as_json()) } else { list() };
        printer.data(&text)?;
        return Ok(Outcome::Done);
    }
    let _ = ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed));
    let bar = printer.files_bar();
    let measured = cantus::measure_all(&args.files, frames(args), &|progress| {
        bar.show(progress);
        !STOP.load(Ordering::Relaxed)
    });
    bar.end();
    if let Some(output) = &args.output {
        write(args, &measured, output, printer)?;
    } else {
        tell(args, &measured, printer)?;
    }
    Ok(outcome(&measured, printer))
}

/// Prints what was measured, a piece or a sound after the other.
fn tell(args: &FeaturesArgs, measured: &MeasuredFiles, printer: &mut Printer) -> Result<(), Failure> {
    for piece in &measured.pieces {
        let json = || format!("{}\n", cantus::measured_as_json(piece));
        printer.data(&if args.json { json() } else { as_table(piece) })?;
    }
    for sound in &measured.sounds {
        let json = || format!("{}\n", cantus::sound_as_json(sound));
        printer.data(&if args.json { json() } else { features_sound::as_table(sound) })?;
    }
    Ok(())
}

/// Frames are kept only where they are written.
fn frames(args: &FeaturesArgs) -> Frames {
    let ending = args.output.as_ref().and_then(|output| output.extension());
    let is_written =
        ending.is_some_and(|ending| ending.eq_ignore_ascii_case("npy") || ending.eq_ignore_ascii_case("npz"));
    if is_written { Frames::Kept } else { Frames::Summed }
}

/// Writes numbers, or a picture of the one piece.
fn write(
    args: &FeaturesArgs,
    measured: &MeasuredFiles,
    output: &Path,
    printer: &Printer,
) -> Result<(), Failure> {
    if !measured.sounds.is_empty() {
        return features_sound::write(measured, output, printer);
    }
    if measured.pieces.is_empty() {
        return Ok(());
    }
    let ending = output.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    match (ending.as_str(), measured.pieces.as_slice()) {
        ("svg" | "png", [piece]) => cantus::write_picture(output, piece, args.picture)?,
        ("svg" | "png", pieces) => {
            for (index, piece) in pieces.iter().enumerate() {
                let path = cantus::numbered(output, index, pieces.len());
                cantus::write_picture(&path, piece, args.picture)?;
            }
        }
        (_, pieces) => cantus::write_measured(output, pieces)?,
    }
    let count = measured.pieces.len();
    let pieces = if count == 1 { "1 piece".to_owned() } else { format!("{count} pieces") };
    printer.say(&format!("wrote {}: {pieces}", output.display()));
    Ok(())
}

/// Tells what could not be measured.
fn outcome(measured: &MeasuredFiles, printer: &Printer) -> Outcome {
    for error in measured.failures.iter().take(MOST_FAILURES) {
        printer.error(error);
    }
    for skipped in measured.skipped.iter().take(MOST_FAILURES) {
        printer.say(&format!("{}: {}", skipped.path.display(), skipped.reason));
    }
    let failed = measured.failures.len() + measured.skipped.len();
    if failed > MOST_FAILURES {
        printer.say(&format!("{failed} files could not be measured"));
    }
    let is_nothing = measured.pieces.is_empty() && measured.sounds.is_empty();
    if measured.failures.is_empty() && !measured.stopped && !is_nothing {
        Outcome::Done
    } else {
        Outcome::Failed
    }
}

fn as_table(measured: &Measured) -> String {
    let mut text = format!("{}\n", measured.name);
    let numbers =
        || piece_descriptors().zip(&measured.piece).filter(|(descriptor, _)| descriptor.is_number());
    let widest = numbers().map(|(descriptor, _)| descriptor.name.len()).max().unwrap_or_default();
    for (descriptor, values) in numbers() {
        let value = values.as_ref().and_then(|values| values.first());
        let value = value.map_or("-".into(), |value| format!("{value:.3}"));
        let _ = writeln!(
            text,
            "  {:widest$}  {value:>10}  {}",
            descriptor.name,
            meaning(descriptor, values.as_ref())
        );
    }
    text
}

/// What a value means: the name of a key, else the unit.
fn meaning(descriptor: &Descriptor, values: Option<&Vec<f64>>) -> String {
    let value = values.and_then(|values| values.first());
    match (descriptor.name, value) {
        ("key", Some(&key)) => cantus::features::key::of_number(key).to_string(),
        _ => descriptor.unit.to_owned(),
    }
}

/// The catalogue as a table.
fn list() -> String {
    let widest = CATALOGUE.iter().map(|descriptor| descriptor.name.len()).max().unwrap_or_default();
    let levels = CATALOGUE.iter().map(|descriptor| descriptor.level.name().len()).max().unwrap_or_default();
    CATALOGUE.iter().fold(String::new(), |mut text, descriptor| {
        let Descriptor { name, label, unit, level, .. } = descriptor;
        let unit = if unit.is_empty() { String::new() } else { format!(" ({unit})") };
        let origin = descriptor.origin().name();
        let _ = writeln!(text, "{name:widest$}  {origin}  {:levels$}  {label}{unit}", level.name());
        text
    })
}

/// What `cantus features --help` says of the catalogue.
pub(crate) fn help() -> String {
    let names: Vec<&str> = CATALOGUE.iter().map(|descriptor| descriptor.name).collect();
    format!("Measured are: {}.\n`cantus features --list` tells what each is.", names.join(", "))
}
