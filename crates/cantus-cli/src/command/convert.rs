//! `cantus convert`: one format into another, a file or many.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use cantus::score::{Strictness, Warning};
use cantus::{
    Axis, Batch, Channels, ConvertOptions, Loss, Order, OutputFormat, ReadOptions, Reshape, RollOptions,
    SoundOptions, Target, Values,
};

use crate::args::ConvertArgs;
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// Set when the user asks to stop.
static STOP: AtomicBool = AtomicBool::new(false);
/// How many warnings of readers are printed; `cantus show` lists them all.
const MOST_WARNINGS: usize = 10;
/// How many failures are printed one by one.
const MOST_FAILURES: usize = 100;

/// Writes the output and names what was written, what was forgiven and what is not kept.
pub(crate) fn run(args: &ConvertArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let (inputs, output) = places(args)?;
    let is_archive = ends_in(&output, "zip");
    let is_stack = ends_in(&output, "npy");
    // A folder that is to become a file of one piece is a mistake, which reading it tells.
    let is_one = inputs.len() == 1
        && inputs[0].is_dir()
        && args.to.is_none()
        && !is_stack
        && OutputFormat::of_path(&output).is_ok();
    let is_many = !is_one && (inputs.len() > 1 || cantus::is_many(&inputs[0]));
    if !(is_many || is_archive || args.to.is_some()) {
        return one(&inputs[0], &output, &options(args, Values::Velocity), printer);
    }
    let target = if is_many && is_stack && args.to.is_none() {
        Target::Stack(output)
    } else {
        let format = format_of(args, &output)?;
        if is_archive { Target::Archive(output, format) } else { Target::Folder(output, format) }
    };
    let usual = if matches!(target, Target::Stack(_)) { Values::On } else { Values::Velocity };
    many(&inputs, &target, &options(args, usual), printer)
}

/// The inputs, at least one, and the output.
fn places(args: &ConvertArgs) -> Result<(Vec<PathBuf>, PathBuf), Failure> {
    let mut inputs = args.paths.clone();
    let output = args.output.clone().or_else(|| if inputs.len() > 1 { inputs.pop() } else { None });
    output.map(|output| (inputs, output)).ok_or_else(|| wish("a conversion needs an input and an output"))
}

fn ends_in(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending))
}

fn wish(message: impl Into<String>) -> Failure {
    Failure::Wish { message: message.into(), command: "convert" }
}

/// The format of each of many files.
fn format_of(args: &ConvertArgs, output: &Path) -> Result<OutputFormat, Failure> {
    let Some(to) = &args.to else {
        if OutputFormat::of_path(output).is_ok() {
            let rule = "many files become a folder, a .zip or one .npy, but one file is named";
            return Err(wish(format!("{rule}: {}", output.display())));
        }
        return Err(wish(format!(
            "many files become a folder or a .zip of files of one format, which --to names, as in --to musicxml; {} \
             tells none",
            output.display()
        )));
    };
    OutputFormat::of_ending(to)
        .ok_or_else(|| wish(format!("--to names a format by the ending of its files, but {to} is none")))
}

fn options(args: &ConvertArgs, usual: Values) -> ConvertOptions {
    let strictness = if args.strict { Strictness::Strict } else { Strictness::Tolerant };
    let first = if args.parts { Axis::Parts } else { Axis::Pieces };
    ConvertOptions {
        reading: ReadOptions { steps: args.steps, first, strictness },
        order: if args.performed { Order::Played } else { Order::Written },
        roll: RollOptions { steps: args.steps, keys: args.keys, values: args.values.unwrap_or(usual) },
        sound: SoundOptions { soundfont: args.soundfont.clone(), ..SoundOptions::default() },
        beats: args.beats,
        reshape: Reshape {
            rate: args.rate,
            channels: if args.mono { Channels::Mono } else { Channels::Same },
        },
    }
}

fn one(input: &Path, output: &Path, options: &ConvertOptions, printer: &Printer) -> Result<Outcome, Failure> {
    let converted = cantus::convert(input, output, options)?;
    let name = input.display().to_string();
    warn(converted.warnings.iter().map(|warning| (name.as_str(), warning)), printer);
    for warning in converted.sound_warnings.iter().take(MOST_WARNINGS) {
        printer.say(&format!("{name}: {warning}"));
    }
    let forgiven = "faults were forgiven; `cantus show` lists them";
    more(converted.sound_warnings.len(), MOST_WARNINGS, forgiven, printer);
    tell(&converted.losses, printer);
    for heard in &converted.heard {
        printer.say(&format!("heard: {heard}"));
    }
    for path in converted.files {
        printer.say(&format!("wrote {}", path.display()));
    }
    Ok(Outcome::Done)
}

fn many(
    inputs: &[PathBuf],
    target: &Target,
    options: &ConvertOptions,
    printer: &Printer,
) -> Result<Outcome, Failure> {
    let _ = ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed));
    let bar = printer.files_bar();
    let batch = cantus::convert_all(inputs, target, options, &|progress| {
        bar.show(progress);
        !STOP.load(Ordering::Relaxed)
    });
    bar.end();
    let batch = batch?;
    warn(batch.warnings(), printer);
    tell(&batch.losses(), printer);
    for (source, name) in batch.renamed.iter().take(MOST_WARNINGS) {
        printer.say(&format!("{source}: written as {name}, for another result has its name"));
    }
    more(batch.renamed.len(), MOST_WARNINGS, "files were renamed", printer);
    let failed = failures(&batch, printer);
    printer.say(&summary(&batch, target, failed));
    Ok(if failed > 0 || batch.stopped { Outcome::Findings } else { Outcome::Done })
}

/// A line for each file that was left out, and how many there are.
fn failures(batch: &Batch, printer: &Printer) -> usize {
    let skipped =
        batch.skipped.iter().map(|skipped| format!("{}: {}", skipped.path.display(), skipped.reason));
    let failed = batch.failures().map(|(name, error)| {
        let message = error.to_string();
        if message.starts_with(name) { message } else { format!("{name}: {message}") }
    });
    let all: Vec<String> = skipped.chain(failed).collect();
    if !all.is_empty() {
        printer.say("not converted:");
    }
    for line in all.iter().take(MOST_FAILURES) {
        printer.say(&format!("  {line}"));
    }
    more(all.len(), MOST_FAILURES, "were not converted", printer);
    all.len()
}

fn summary(batch: &Batch, target: &Target, failed: usize) -> String {
    let (Target::Folder(path, _) | Target::Archive(path, _) | Target::Stack(path)) = target;
    let what = if matches!(target, Target::Stack(_)) { "piece" } else { "file" };
    let count = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let stopped = if batch.stopped { ", stopped before the end" } else { "" };
    format!(
        "wrote {} of {} to {}; {failed} not converted{stopped}",
        count(batch.written, what),
        count(batch.files.len(), "file"),
        path.display()
    )
}

/// What readers forgave, each with its file and place.
fn warn<'a>(warnings: impl Iterator<Item = (&'a str, &'a Warning)>, printer: &Printer) {
    let mut count = 0;
    for (name, warning) in warnings {
        if count < MOST_WARNINGS {
            printer.say(&format!("{name}: {warning}"));
        }
        count += 1;
    }
    more(count, MOST_WARNINGS, "faults were forgiven; `cantus show` lists those of a file", printer);
}

fn more(count: usize, shown: usize, what: &str, printer: &Printer) {
    if count > shown {
        printer.say(&format!("… {} more {what}", count - shown));
    }
}

/// What the format does not hold, a line a kind.
fn tell(losses: &[Loss], printer: &Printer) {
    for loss in losses {
        printer.say(&loss.to_string());
    }
}
