//! `cantus show`: what a file holds.

use std::fmt::Write as _;

use cantus::render::roll::{Colour, TerminalOptions, terminal};
use cantus::score::{Score, Track};
use cantus::{Music, Piece};
use serde_json::json;

use crate::args::ShowArgs;
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// Shows each file; one that cannot be read is told of, and the others are shown all the same.
pub(crate) fn run(args: &ShowArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Done;
    for file in &args.files {
        if cantus::is_array(file) {
            if let Err(error) = super::show_array::run(file, args.json, printer)? {
                printer.error(&error);
                outcome = Outcome::Failed;
            }
            continue;
        }
        if cantus::is_sound(file) {
            match cantus::describe_sound(file) {
                Ok(facts) => printer.data(&super::show_sound::text(file, &facts, args.json))?,
                Err(error) => {
                    printer.error(&error);
                    outcome = Outcome::Failed;
                }
            }
            continue;
        }
        match cantus::read(file) {
            Ok(music) if args.json => printer.data(&as_json(&music))?,
            Ok(music) => {
                let text = as_text(&music, &roll_options(printer));
                printer.data(&text)?;
            }
            Err(error) => {
                printer.error(&error);
                outcome = Outcome::Failed;
            }
        }
    }
    Ok(outcome)
}

pub(super) fn roll_options(printer: &Printer) -> TerminalOptions {
    let colour = if printer.has_colour() { Colour::Ansi256 } else { Colour::None };
    TerminalOptions { columns: printer.columns(), colour, ..TerminalOptions::default() }
}

/// One line a file; a book of tunes gives the sums of its tunes.
fn as_json(music: &Music) -> String {
    let scores: Vec<_> = music.pieces.iter().map(Piece::score).collect();
    let scores = || scores.iter();
    let line = json!({
        "path": music.path.display().to_string(),
        "format": music.format,
        "pieces": music.pieces.len(),
        "tracks": scores().map(|score| score.tracks.len()).sum::<usize>(),
        "notes": scores().map(|score| score.note_count()).sum::<usize>(),
        "seconds": scores().map(|score| score.seconds().0).sum::<f64>(),
        "beats": scores().map(|score| score.beats().0).sum::<f64>(),
        "warnings": music.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    format!("{line}\n")
}

fn as_text(music: &Music, options: &TerminalOptions) -> String {
    let mut text = format!("{} ({})\n", music.path.display(), music.format);
    for warning in &music.warnings {
        let _ = writeln!(text, "warning  {warning}");
    }
    for piece in &music.pieces {
        let score = piece.score();
        let _ = writeln!(text, "{}\n{}", facts(piece, &score), terminal(&score, options));
    }
    text
}

/// What a piece is, a line each.
fn facts(piece: &Piece, score: &Score) -> String {
    let mut text = String::new();
    if let Some(number) = &piece.tag {
        let _ = writeln!(text, "\ntune     #{number}");
    }
    let title = if score.title.is_empty() { "none" } else { &score.title };
    let _ = writeln!(text, "title    {title}");
    let _ = writeln!(text, "length   {:.1} s, {:.1} quarter notes", score.seconds().0, score.beats().0);
    let _ = writeln!(text, "tempo    {}", tempo(score));
    let _ = writeln!(text, "metre    {}", meter(score));
    if let Some(key) = score.keys.first() {
        let _ = writeln!(text, "key      {}", with_changes(&key.value.to_string(), score.keys.len()));
    }
    let _ = writeln!(text, "notes    {}", score.note_count());
    let _ = writeln!(text, "tracks   {}", score.tracks.len());
    for (number, track) in score.tracks.iter().enumerate() {
        let _ = writeln!(text, "  {:2}     {}", number + 1, track_as_text(track));
    }
    text
}

fn track_as_text(track: &Track) -> String {
    let name = if track.name.is_empty() { "(no name)" } else { &track.name };
    let instrument =
        if track.is_drums() { "drums".into() } else { format!("program {}", track.program().get() + 1) };
    let range = track.range().map(|(low, high)| format!(", {low} to {high}")).unwrap_or_default();
    let channel = track.channel.get() + 1;
    format!("{name}: channel {channel}, {instrument}, {} notes{range}", track.notes.len())
}

/// The first tempo, and how many follow.
fn tempo(score: &Score) -> String {
    let first = score.tempos.first().map_or(120.0, |tempo| tempo.value.bpm());
    with_changes(&format!("{first:.1} quarters a minute"), score.tempos.len())
}

/// The first whole bar's metre, and how many follow; a pickup is none.
fn meter(score: &Score) -> String {
    let pickup = score.pickup();
    let meters = score.meters.iter().filter(|meter| meter.at >= pickup).count();
    with_changes(&score.meter_at(pickup).to_string(), meters)
}

fn with_changes(first: &str, count: usize) -> String {
    match count.saturating_sub(1) {
        0 => first.to_owned(),
        1 => format!("{first}, changing once"),
        changes => format!("{first}, changing {changes} times"),
    }
}
