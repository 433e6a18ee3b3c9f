//! Tables of numbers: each number a field of colour.

use super::{Axis, HEIGHT, WIDTH, field, framed, inside, words};
use crate::drawing::{Anchor, Colour, Drawing, Raster, Shape, Style};

/// The height and width of a table of which something is held against itself, about, in pixels.
const SQUARE: usize = 640;
const MARK: Colour = [255; 3];

/// A table of numbers to be drawn, the first row at the top.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// The numbers, row after row. Shape: `[rows, columns]`.
    pub values: Vec<f64>,
    /// How many numbers a row has.
    pub columns: usize,
    /// The numbers that are darkest and brightest; what lies beyond looks like them.
    pub range: (f64, f64),
    /// The unit of the numbers; empty where they are bare.
    pub unit: String,
    /// What the picture shows.
    pub title: String,
    /// What goes from left to right, and from top to bottom.
    pub axes: (Axis, Axis),
    /// Columns (and, where there are as many rows, rows) at which something begins.
    pub marks: Vec<usize>,
}

impl Matrix {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.values.len().checked_div(self.columns).unwrap_or(0)
    }

    /// Draws it with its axes and a scale of its colours. Fields are square where there are as many rows as columns; else all
    /// of them are [`WIDTH`] wide together, however many they are.
    pub fn drawing(&self) -> Drawing {
        let (rows, columns) = (self.rows(), self.columns);
        let (width, height) = if rows == columns {
            let size = rows.max(1) * (SQUARE / rows.max(1)).max(1);
            (size, size)
        } else {
            (WIDTH, rows.max(1) * (HEIGHT / rows.max(1)).max(1))
        };
        let area = inside(width, height);
        let raster =
            Raster { columns, colours: self.values.iter().map(|value| self.colour(*value)).collect() };
        let mut drawing = framed(&self.title, area, raster, (&self.axes.0, &self.axes.1));
        for &mark in self.marks.iter().filter(|&&mark| mark < columns) {
            let at = mark * width / columns;
            for along in (0..width.max(height)).step_by(8) {
                if along < height {
                    drawing.shapes.push(field((area.left + at, area.top + along), (1, 5), MARK));
                }
                if along < width && rows == columns {
                    drawing.shapes.push(field((area.left + along, area.top + at), (5, 1), MARK));
                }
            }
        }
        self.push_scale(&mut drawing.shapes, (area.right() + 20, area.top), height);
        drawing
    }

    /// The colours and the numbers that they stand for.
    fn push_scale(&self, shapes: &mut Vec<Shape>, (left, top): (usize, usize), height: usize) {
        let (low, high) = self.range;
        let value = |line: usize| high - (high - low) * (line as f64 + 0.5) / height as f64;
        let raster =
            Raster { columns: 1, colours: (0..height).map(|line| self.colour(value(line))).collect() };
        let area = crate::drawing::Area { left, top, width: 14, height };
        shapes.push(Shape::Raster(area, raster));
        let label = |share: f64| (low + (high - low) * share, top as f64 + height as f64 * (1.0 - share));
        for (number, y) in [0.0, 0.25, 0.5, 0.75, 1.0].map(label) {
            let at = (left + 20, (y + 4.0) as usize);
            shapes.push(words(rounded(number), at, Anchor::Begin, Style::Label));
        }
        if !self.unit.is_empty() {
            shapes.push(words(self.unit.clone(), (left, top + height + 40), Anchor::Begin, Style::Label));
        }
    }

    /// The colour of a number: brightness rises evenly from dark violet through green to yellow, so that it reads without
    /// colours too.
    pub(super) fn colour(&self, value: f64) -> Colour {
        const STOPS: [[f64; 3]; 5] = [
            [68.0, 1.0, 84.0],
            [59.0, 82.0, 139.0],
            [33.0, 145.0, 140.0],
            [94.0, 201.0, 98.0],
            [253.0, 231.0, 37.0],
        ];
        let (low, high) = self.range;
        let share = if high > low { (value - low) / (high - low) } else { 0.0 };
        let place = if share.is_finite() { share.clamp(0.0, 1.0) * 4.0 } else { 0.0 };
        let below = (place as usize).min(3);
        let part = place - below as f64;
        std::array::from_fn(|channel| {
            let (from, to) = (STOPS[below][channel], STOPS[below + 1][channel]);
            (from + (to - from) * part).round() as u8
        })
    }
}

/// A number in two decimals at most.
fn rounded(number: f64) -> String {
    let hundredths = (number * 100.0).round() / 100.0;
    // Zero has no sign.
    (hundredths + 0.0).to_string()
}
