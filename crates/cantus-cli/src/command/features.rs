//! `cantus features`: the catalogue of descriptors, measured.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use cantus::features::{CATALOGUE, Descriptor};
use cantus::{Frames, Measured, MeasuredFiles, Picture, Selection, Wanted};

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
    let wanted = wanted(args)?;
    let _ = ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed));
    let bar = printer.files_bar();
    let measured = cantus::measure_all(&args.files, &wanted, &|progress| {
        bar.show(progress);
        !STOP.load(Ordering::Relaxed)
    });
    bar.end();
    if let Some(output) = &args.output {
        write(&wanted, (&measured, args.picture), output, printer)?;
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

/// What is to be measured: frames are kept only where they are written, and sounds drawn only where pictures are.
fn wanted(args: &FeaturesArgs) -> Result<Wanted, Failure> {
    let ending = args.output.as_deref().map(ending).unwrap_or_default();
    Ok(Wanted {
        selection: if args.only.is_empty() { Selection::default() } else { Selection::of_names(&args.only)? },
        frames: match &args.output {
            Some(output) if matches!(ending.as_str(), "npy" | "npz") => Frames::Kept(output.clone()),
            _ => Frames::Summed,
        },
        picture: is_picture(&ending).then(|| args.picture.unwrap_or(Picture::Spectrogram)),
    })
}

fn ending(output: &Path) -> String {
    output.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default()
}

fn is_picture(ending: &str) -> bool {
    matches!(ending, "svg" | "png")
}

/// Writes numbers, or a picture of each piece and each sound.
fn write(
    wanted: &Wanted,
    (measured, picture): (&MeasuredFiles, Option<Picture>),
    output: &Path,
    printer: &Printer,
) -> Result<(), Failure> {
    let MeasuredFiles { pieces, sounds, .. } = measured;
    if pieces.is_empty() && sounds.is_empty() {
        return Ok(());
    }
    if is_picture(&ending(output)) {
        draw(measured, picture, output)?;
    } else if sounds.is_empty() {
        cantus::write_measured(output, pieces, &wanted.selection)?;
    } else if pieces.is_empty() {
        cantus::write_sounds(output, sounds, &wanted.selection)?;
    } else {
        let (pieces, sounds) = (counted(pieces.len(), "piece"), counted(sounds.len(), "sound"));
        let message = format!(
            "numbers of scores and of sounds are written to files of their own, but there are {pieces} and {sounds}"
        );
        return Err(Failure::Wish { message, command: "features" });
    }
    let counts = [(pieces.len(), "piece"), (sounds.len(), "sound")];
    let told: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| counted(count, what))
        .collect();
    printer.say(&format!("wrote {}: {}", output.display(), told.join(" and ")));
    Ok(())
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Draws each piece, then each sound, into files of numbered names where there are several.
fn draw(measured: &MeasuredFiles, picture: Option<Picture>, output: &Path) -> Result<(), Failure> {
    let MeasuredFiles { pieces, sounds, .. } = measured;
    let path = |index| cantus::numbered(output, index, pieces.len() + sounds.len());
    for (index, piece) in pieces.iter().enumerate() {
        cantus::write_picture(&path(index), piece, picture)?;
    }
    for (index, sound) in sounds.iter().enumerate() {
        cantus::write_sound_picture(&path(pieces.len() + index), sound)?;
    }
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

/// A line for each descriptor: its value, or of several numbers how many there are and the greatest.
fn as_table(measured: &Measured) -> String {
    let mut text = format!("{}\n", measured.name);
    let all = || measured.selection.of_pieces().zip(&measured.piece);
    let widest = all().map(|(descriptor, _)| descriptor.name.len()).max().unwrap_or_default();
    for (descriptor, values) in all() {
        let meaning = meaning(descriptor, values.as_ref());
        let told = match values.as_deref() {
            None => "-".to_owned(),
            Some([value]) => format!("{value:.3}"),
            Some(values) => {
                let _ = writeln!(
                    text,
                    "  {:widest$}  {:>10}  {}",
                    descriptor.name,
                    "",
                    several(descriptor, values)
                );
                continue;
            }
        };
        let _ = writeln!(text, "  {:widest$}  {told:>10}  {meaning}", descriptor.name);
    }
    text
}

/// How several numbers are told in a line: their count, and which is the greatest.
pub(super) fn several(descriptor: &Descriptor, values: &[f64]) -> String {
    let greatest = values.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1));
    let part = |index: usize| descriptor.measure.parts().get(index).copied().unwrap_or_default();
    let unit = if descriptor.unit.is_empty() { String::new() } else { format!(" {}", descriptor.unit) };
    let greatest =
        greatest.map(|(index, value)| format!(", the greatest {} at {value:.3}{unit}", part(index)));
    format!("{} numbers{}", values.len(), greatest.unwrap_or_default())
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
