//! What people do with a piece once it is read.
#![allow(
    clippy::unnecessary_wraps,
    reason = "every use has one shape, whether or not anything can fail in it"
)]

use cantus::features;
use cantus::model::encoding::Sliced;
use cantus::model::lesson::Lesson;
use cantus::model::walk::{Conditions, Spec};
use cantus::render::performance::{Performance, perform};
use cantus::render::roll::{TerminalOptions, terminal};
use cantus::score::{Score, Strictness, Ticks, edit, midi, notation};
use cantus::{OutputFormat, SoundOptions, encode};

/// The longest piece that is made to sound here, in seconds: what takes minutes is longer, not worse.
const LONGEST_SOUND: f64 = 30.0;
/// Slices in a lesson.
const LESSON: usize = 100;

/// A use of a piece: the error tells what must not be.
type Use = fn(&Score) -> Result<(), String>;

/// The uses that take longer.
pub(super) const SELDOM: [(&str, Use); 1] = [("sound", sound)];

/// The others, by name.
pub(super) const OFTEN: [(&str, Use); 12] = [
    ("bar lines", bar_lines),
    ("MIDI", written),
    ("JSON", json),
    ("picture", picture),
    ("roll in the terminal", roll),
    ("notation", printed),
    ("features of the piece", features_of_piece),
    ("features of its bars", features_of_bars),
    ("slices", slices),
    ("lesson", lesson),
    ("edits", edits),
    ("performance", performance),
];

fn bar_lines(score: &Score) -> Result<(), String> {
    let lines = score.bar_lines();
    let rising = lines.windows(2).all(|pair| pair[0] < pair[1]);
    if rising && lines.len() <= Score::MOST_BARS {
        Ok(())
    } else {
        Err(format!("{} bars, rising: {rising}", lines.len()))
    }
}

fn written(score: &Score) -> Result<(), String> {
    let bytes = midi::write(score).map_err(|error| error.to_string())?;
    let back = midi::read(&bytes, Strictness::Strict).map_err(|error| error.to_string())?;
    if back.value == midi::canonical(score) { Ok(()) } else { Err("it came back changed".to_owned()) }
}

fn encoded(score: &Score, format: OutputFormat) -> Result<Vec<u8>, String> {
    encode(score, format, &SoundOptions::default()).map_err(|error| error.to_string())
}

fn json(score: &Score) -> Result<(), String> {
    encoded(score, OutputFormat::Json).map(drop)
}

fn picture(score: &Score) -> Result<(), String> {
    let text = String::from_utf8(encoded(score, OutputFormat::Svg)?).map_err(|error| error.to_string())?;
    let is_number = !text.contains("NaN") && !text.contains("\"inf") && text.ends_with("</svg>\n");
    if is_number { Ok(()) } else { Err("what is no number stands in it".to_owned()) }
}

fn roll(score: &Score) -> Result<(), String> {
    drop(terminal(score, &TerminalOptions::default()));
    Ok(())
}

fn printed(score: &Score) -> Result<(), String> {
    drop(notation::print(score));
    Ok(())
}

fn features_of_piece(score: &Score) -> Result<(), String> {
    finite(&features::of_piece(score))
}

fn features_of_bars(score: &Score) -> Result<(), String> {
    features::of_bars(score).iter().try_for_each(|row| finite(row))
}

fn finite(values: &[Option<f64>]) -> Result<(), String> {
    match values.iter().flatten().find(|value| !value.is_finite()) {
        Some(value) => Err(format!("a feature is {value}")),
        None => Ok(()),
    }
}

fn slices(score: &Score) -> Result<(), String> {
    let sliced = Sliced::of_score(score);
    let again = Sliced::of_score(&sliced.to_score());
    if again.slices.len() == sliced.slices.len() && again.note_count() == sliced.note_count() {
        Ok(())
    } else {
        Err("the slices of their own score are others".to_owned())
    }
}

/// The beginning of the piece as questions to a network, with their answers.
fn lesson(score: &Score) -> Result<(), String> {
    if score.note_count() == 0 {
        // No corpus takes it.
        return Ok(());
    }
    let (spec, piece) = (Spec::new(1), Sliced::of_score(score));
    let lesson = Lesson::of_piece(&spec, &piece, Conditions::default(), 0..LESSON);
    let slices = piece.slices.len().min(LESSON);
    if lesson.slices() == slices { Ok(()) } else { Err(format!("{} slices of {slices}", lesson.slices())) }
}

fn edits(score: &Score) -> Result<(), String> {
    let quantised = edit::quantised(score, 24);
    drop(edit::transposed(&quantised, 3));
    drop(edit::slice(&quantised, Ticks(480)..Ticks(4800)));
    drop(edit::merge(&[quantised, score.clone()]));
    Ok(())
}

fn performance(score: &Score) -> Result<(), String> {
    let performed = perform(score, Performance::default());
    if performed.note_count() == score.note_count() { Ok(()) } else { Err("notes were lost".to_owned()) }
}

fn sound(score: &Score) -> Result<(), String> {
    if score.seconds().0 > LONGEST_SOUND {
        return Ok(());
    }
    encoded(score, OutputFormat::Wav).map(drop)
}
