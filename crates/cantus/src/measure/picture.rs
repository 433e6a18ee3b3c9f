//! Pictures of what was measured.

use std::path::Path;

use cantus_features::chords::Span;
use cantus_features::{Window, form};
use cantus_render::matrix::{self, Matrix};
use cantus_render::roll::{Strip, SvgOptions, svg_with_strips};

use super::Measured;
use crate::error::{Error, Kind};
use crate::write_file;

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Picture {
    /// A piano roll with the chords and keys below it.
    #[default]
    Roll,
    /// How alike the bars are, with the sections.
    Similarity,
}

/// Draws a piece, by the ending of the file: `.svg`, or `.png` for similarity.
pub fn write_picture(path: &Path, measured: &Measured, picture: Picture) -> Result<(), Error> {
    let is_png = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png"));
    let bytes = match (picture, is_png) {
        (Picture::Roll, false) => roll(measured).into_bytes(),
        (Picture::Similarity, false) => matrix::svg(&similarity(measured)).into_bytes(),
        (Picture::Similarity, true) => matrix::png(&similarity(measured)),
        (Picture::Roll, true) => {
            let message = "a piano roll has words, and is drawn as .svg; .png is for --picture similarity";
            return Err(Error::new(Kind::Request, message).at(path));
        }
    };
    write_file(path, &bytes)
}

fn roll(measured: &Measured) -> String {
    let chords = Span::joined(&measured.beats);
    let chord = |span: &Span| Some((span.begin..span.end, span.chord?.to_string()));
    let key = |passage: &cantus_features::key::Passage| (passage.begin..passage.end, passage.key.to_string());
    let strips = [
        Strip { name: "chords".to_owned(), spans: chords.iter().filter_map(chord).collect() },
        Strip { name: "keys".to_owned(), spans: measured.keys.iter().map(key).collect() },
    ];
    svg_with_strips(&measured.score, &SvgOptions::default(), &strips)
}

fn similarity(measured: &Measured) -> Matrix {
    let bars = Window::of_bars(&measured.score);
    let values = form::similarity(&bars);
    let title = if measured.score.title.is_empty() { &measured.name } else { &measured.score.title };
    Matrix {
        columns: values.len(),
        values: values.concat(),
        range: (0.0, 1.0),
        title: format!("How alike the bars of {title} are"),
        axes: ("bar".to_owned(), "bar".to_owned()),
        marks: form::boundaries(&measured.score),
    }
}
