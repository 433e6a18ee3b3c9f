//! Pictures of numbers within axes: tables of them, such as how alike bars are, and waves.

mod axis;
mod matrix;
#[cfg(test)]
mod tests;
mod waveform;

pub use axis::{Axis, Tick};
pub use matrix::Matrix;
pub use waveform::{Reach, Waveform};

use crate::drawing::{Anchor, Area, Colour, Drawing, Raster, Shape, Style, Words};

/// The width of what is drawn within axes whose fields need not be square, in pixels, and about its height.
pub const WIDTH: usize = 960;
/// See [`WIDTH`].
pub const HEIGHT: usize = 384;

const LEFT: usize = 84;
const TOP: usize = 48;
const BELOW: usize = 56;
const RIGHT: usize = 92;
/// Letters of a title for each pixel of width: what is longer loses its middle.
const TITLE_LETTER: usize = 9;
const LINE: Colour = [0x99; 3];

/// Where the raster of a plot lies.
fn inside(width: usize, height: usize) -> Area {
    Area { left: LEFT, top: TOP, width, height }
}

/// A raster with all that stands around it: a title, a border, and two axes.
fn framed(title: &str, area: Area, raster: Raster, (across, down): (&Axis, &Axis)) -> Drawing {
    let width = area.right() + RIGHT;
    let title = shortened(title, (width - LEFT) / TITLE_LETTER);
    let mut drawing = Drawing {
        width,
        height: area.bottom() + BELOW,
        title: title.clone(),
        shapes: vec![words(title, (LEFT, 30), Anchor::Begin, Style::Title), Shape::Raster(area, raster)],
    };
    for (begin, size) in [
        ((area.left - 1, area.top - 1), (area.width + 2, 1)),
        ((area.left - 1, area.bottom()), (area.width + 2, 1)),
        ((area.left - 1, area.top - 1), (1, area.height + 2)),
        ((area.right(), area.top - 1), (1, area.height + 2)),
    ] {
        drawing.shapes.push(field(begin, size, LINE));
    }
    for tick in &across.ticks {
        let x = area.left + along(tick, area.width);
        drawing.shapes.push(field((x, area.bottom() + 1), (1, 4), LINE));
        drawing.shapes.push(words(tick.label.clone(), (x, area.bottom() + 18), Anchor::Middle, Style::Label));
    }
    for tick in &down.ticks {
        let y = area.top + along(tick, area.height);
        drawing.shapes.push(field((area.left - 5, y), (4, 1), LINE));
        drawing.shapes.push(words(tick.label.clone(), (area.left - 8, y + 4), Anchor::End, Style::Label));
    }
    let below = (area.left + area.width / 2, area.bottom() + 40);
    drawing.shapes.push(words(across.name.clone(), below, Anchor::Middle, Style::Label));
    let beside = (20, area.top + area.height / 2);
    drawing.shapes.push(words(down.name.clone(), beside, Anchor::Middle, Style::Upwards));
    drawing
}

/// The pixel of a tick on an axis of so many.
fn along(tick: &Tick, pixels: usize) -> usize {
    ((tick.at * pixels as f64) as usize).min(pixels.saturating_sub(1))
}

fn field((left, top): (usize, usize), (width, height): (usize, usize), colour: Colour) -> Shape {
    Shape::Field(Area { left, top, width, height }, colour)
}

fn words(text: String, at: (usize, usize), anchor: Anchor, style: Style) -> Shape {
    Shape::Words(Words { text, at, anchor, style })
}

/// A text of at most so many letters, without its middle where it has more.
fn shortened(text: &str, most: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= most {
        return text.to_owned();
    }
    let end = most.saturating_sub(3) / 2;
    let begin = most.saturating_sub(3) - end;
    let [begin, end] =
        [&letters[..begin], &letters[letters.len() - end..]].map(|part| part.iter().collect::<String>());
    format!("{begin}...{end}")
}
