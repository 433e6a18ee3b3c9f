//! `cantus eval --learning-curve`: how much music is needed.

use std::fmt::Write as _;

use cantus::CurveSettings;
use cantus::model::model::CurvePoint;
use cantus::model::training::curve::{self, CurveProgress};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::args::EvalArgs;
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;
use crate::stop;

/// Columns of the longest bar in the table.
const BAR: f64 = 24.0;

/// Measures the curve and prints a line a share.
pub(crate) fn run(args: &EvalArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let paths = std::iter::once(&args.model).chain(&args.paths).cloned().collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let settings = CurveSettings { paths, preset: args.preset.clone(), seed: args.seed, threads };
    stop::on_interrupt();
    let (files, bar) = (printer.files_bar(), ProgressBar::new(0));
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    let mut show = |progress: CurveProgress| {
        files.end();
        bar.set_length(progress.steps as u64);
        bar.set_position(progress.step as u64);
        let so_far = progress.nats_per_note.map_or(String::new(), |nats| format!(", {nats:.3} nats a note"));
        bar.set_message(format!("{} of the music{so_far}", share(progress.share)));
        stop::is_asked()
    };
    let measured = cantus::learning_curve(&settings, &|progress| files.show(progress), &mut show);
    files.end();
    bar.finish_and_clear();
    let points = measured?;
    if stop::is_asked() {
        printer.say("stopped as asked: the shares measured so far");
    }
    if let Some(path) = &args.output {
        cantus::write_file(path, curve::picture(&points).as_bytes())?;
        printer.say(&format!("wrote {}", path.display()));
    }
    printer.data(&if args.json { as_json(&points) } else { as_table(&points) })?;
    Ok(Outcome::Done)
}

/// A share as people write it.
fn share(share: f64) -> String {
    if share >= 1.0 { "all".to_owned() } else { format!("1/{:.0}", 1.0 / share) }
}

fn as_json(points: &[CurvePoint]) -> String {
    format!("{}\n", json!({ "unit": "nats a note", "points": points }))
}

fn as_table(points: &[CurvePoint]) -> String {
    let mut text = String::from("share   pieces      notes  epochs  nats a note\n");
    let most = points.iter().map(|point| point.nats_per_note).fold(f64::MIN_POSITIVE, f64::max);
    for point in points {
        let CurvePoint { pieces, notes, epochs, nats_per_note, .. } = point;
        let bar = "█".repeat((nats_per_note / most * BAR).round() as usize);
        let share = share(point.share);
        let _ = writeln!(text, "{share:6}  {pieces:6}  {notes:9}  {epochs:6}  {nats_per_note:11.4}  {bar}");
    }
    if let [.., before, last] = points {
        let gain = before.nats_per_note - last.nats_per_note;
        let _ = writeln!(text, "the last doubling of the music was worth {gain:.3} nats a note");
    }
    text
}
