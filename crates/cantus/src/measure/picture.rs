//! Pictures of what was measured.

use std::path::Path;

use cantus_features::chords::Span;
use cantus_features::{Window, form};
use cantus_render::drawing::Drawing;
use cantus_render::plot::{Axis, Matrix};
use cantus_render::roll::{DRAWING_OPTIONS, Strip, SvgOptions, drawing_with_strips, svg_with_strips};

use super::Measured;
use crate::error::{Error, Kind};
use crate::write_file;

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    /// Of a score: a piano roll with the chords and keys below it.
    Roll,
    /// How alike the bars of a score are, with the sections, or the beats of a sound.
    Similarity,
    /// Of a sound: how far its wave reaches.
    Waveform,
    /// Of a sound: its power, even in octaves.
    Spectrogram,
    /// Of a sound: the levels of its mel bands.
    Mel,
    /// Of a sound: the strength of its pitch classes.
    Chroma,
}

/// Draws a piece, by the ending of the file: `.svg` or `.png`; the roll where no picture is asked for.
pub fn write_picture(path: &Path, measured: &Measured, picture: Option<Picture>) -> Result<(), Error> {
    match picture.unwrap_or(Picture::Roll) {
        Picture::Similarity => write_drawing(path, &similarity(measured).drawing()),
        Picture::Roll => write_roll(path, measured),
        _ => {
            let message = "waveforms, spectrograms and chroma are drawn of sound, but this is a score";
            let hint = "`cantus render` makes sound of it; pictures of scores are roll and similarity";
            Err(Error::new(Kind::Request, message).at(path).with_hint(hint))
        }
    }
}

/// Writes a drawing as PNG where the file's name ends so, else as SVG.
pub(super) fn write_drawing(path: &Path, drawing: &Drawing) -> Result<(), Error> {
    let bytes = if is_png(path) { drawing.png() } else { drawing.svg().into_bytes() };
    write_file(path, &bytes)
}

fn is_png(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png"))
}

/// As SVG it tells of each note that is pointed at; a PNG has no such words.
fn write_roll(path: &Path, measured: &Measured) -> Result<(), Error> {
    let (score, strips) = (&measured.score, strips(measured));
    if is_png(path) {
        write_file(path, &drawing_with_strips(score, &DRAWING_OPTIONS, &strips).png())
    } else {
        write_file(path, svg_with_strips(score, &SvgOptions::default(), &strips).as_bytes())
    }
}

/// The chords and keys below the roll.
fn strips(measured: &Measured) -> [Strip; 2] {
    let chords = Span::joined(&measured.beats);
    let chord = |span: &Span| Some((span.begin..span.end, span.chord?.to_string()));
    let key = |passage: &cantus_features::key::Passage| (passage.begin..passage.end, passage.key.to_string());
    [
        Strip { name: "chords".to_owned(), spans: chords.iter().filter_map(chord).collect() },
        Strip { name: "keys".to_owned(), spans: measured.keys.iter().map(key).collect() },
    ]
}

fn similarity(measured: &Measured) -> Matrix {
    let bars = Window::of_bars(&measured.score);
    let values = form::similarity(&bars);
    let title = if measured.score.title.is_empty() { &measured.name } else { &measured.score.title };
    let axis = Axis::counted("bar", values.len());
    Matrix {
        columns: values.len(),
        values: values.concat(),
        range: (0.0, 1.0),
        unit: String::new(),
        title: format!("Likeness of the bars of {title}"),
        axes: (axis.clone(), axis),
        marks: form::boundaries(&measured.score),
    }
}
