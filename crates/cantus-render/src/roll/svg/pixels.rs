//! The same roll as a drawing of fields and words, which becomes a PNG.

use cantus_score::{Note, Pitch, Score};

use super::super::names::{drum, heading, look};
use super::super::sheet::{Part, Sheet};
use super::system::{System, Taken, is_black, opacity};
use super::{EDGE, KEYBOARD, LEGEND_LINE, Page, SYSTEM_GAP, Strip, SvgOptions, strip};
use crate::drawing::{Anchor, Area, Colour, Drawing, Shape, Style, Words};

/// Sizes at which the letters of a PNG, which cannot be made smaller, fit into rows.
pub const DRAWING_OPTIONS: SvgOptions = SvgOptions { width: 1800.0, quarter: 45.0, row: 15.0, bars: None };

/// The tallest drawing: a piece that takes more is drawn from its beginning.
const TALLEST: f64 = 16_000.0;
/// Pixels of a letter.
const LETTER: f64 = 7.0;
/// How far below the middle of a row its letters stand.
const DROP: f64 = 4.0;

/// The looks' marks, five lines of five pixels each: four filled, then the same hollow.
const MARKS: [[u8; 5]; 8] = [
    [0b01110, 0b11111, 0b11111, 0b11111, 0b01110],
    [0b11111, 0b11111, 0b11111, 0b11111, 0b11111],
    [0b00100, 0b00100, 0b01110, 0b01110, 0b11111],
    [0b00100, 0b01110, 0b11111, 0b01110, 0b00100],
    [0b01110, 0b10001, 0b10001, 0b10001, 0b01110],
    [0b11111, 0b10001, 0b10001, 0b10001, 0b11111],
    [0b00100, 0b01010, 0b01010, 0b10001, 0b11111],
    [0b00100, 0b01010, 0b10001, 0b01010, 0b00100],
];

/// Draws a score as a piano roll of fields and words, with strips below each system: what [`super::svg_with_strips`] draws,
/// without what can be pointed at.
pub fn drawing_with_strips(score: &Score, options: &SvgOptions, strips: &[Strip]) -> Drawing {
    let sheet = Sheet::new(score, options.bars);
    let page = Page { strips, ..Page::new(score, &sheet, options) };
    let (mut canvas, mut top, mut is_cut) = (Canvas::default(), page.head_height(), sheet.cut);
    for bars in page.systems() {
        let system = System::new(&page, bars, top);
        if system.bottom() > TALLEST && top > page.head_height() {
            is_cut = true;
            break;
        }
        system.draw(&mut canvas);
        top = system.bottom() + SYSTEM_GAP;
    }
    page.draw_head(&mut canvas, score, is_cut);
    let (width, height) = (page.width as usize, top as usize);
    Drawing { width, height, title: page.title.clone(), shapes: canvas.shapes }
}

/// Shapes at places that are not whole pixels.
#[derive(Default)]
struct Canvas {
    shapes: Vec<Shape>,
}

impl Canvas {
    /// A field between two corners, a pixel wide and high at least.
    fn field(&mut self, [left, top, right, bottom]: [f64; 4], colour: Colour) {
        let whole = |value: f64| value.round().max(0.0) as usize;
        let (left, top) = (whole(left), whole(top));
        let (width, height) =
            (whole(right).saturating_sub(left).max(1), whole(bottom).saturating_sub(top).max(1));
        self.shapes.push(Shape::Field(Area { left, top, width, height }, colour));
    }

    fn frame(&mut self, corners: [f64; 4], (inside, edge): (Colour, Colour)) {
        let [left, top, right, bottom] = corners.map(f64::round);
        self.field(corners, edge);
        self.field([left + 1.0, top + 1.0, right - 1.0, bottom - 1.0], inside);
    }

    fn words(&mut self, text: impl Into<String>, (x, y): (f64, f64), anchor: Anchor, style: Style) {
        let at = (x.round().max(0.0) as usize, y.round().max(0.0) as usize);
        self.shapes.push(Shape::Words(Words { text: in_latin(&text.into()), at, anchor, style }));
    }

    /// The mark of a part, its middle at a place.
    fn mark(&mut self, part: usize, (x, y): (f64, f64)) {
        for (line, bits) in MARKS[part % MARKS.len()].iter().enumerate() {
            for column in (0..5).filter(|column| bits >> (4 - column) & 1 == 1) {
                let (left, top) = ((x - 2.0).round() + f64::from(column), (y - 2.0).round() + line as f64);
                self.field([left, top, left + 1.0, top + 1.0], WHITE);
            }
        }
    }
}

/// With signs that letters of pixels have.
fn in_latin(text: &str) -> String {
    text.replace('♩', "1/4").replace('…', "...")
}

const WHITE: Colour = [255; 3];
const EDGES: Colour = [0x8b, 0x90, 0x9b];
const BEATS: Colour = [0xdf, 0xe1, 0xe6];
const SHADE: Colour = [0xf0, 0xf1, 0xf4];

/// A colour of the looks, as strong as it is opaque on white.
fn on_white(rgb: &str, opacity: f64) -> Colour {
    let channel = |index: usize| {
        let digits = rgb.get(2 * index + 1..2 * index + 3).unwrap_or("0");
        let value = f64::from(u8::from_str_radix(digits, 16).unwrap_or(0));
        (255.0 + (value - 255.0) * opacity).round() as u8
    };
    [channel(0), channel(1), channel(2)]
}

/// A colour in half darkness, as of a note's beginning.
fn darker(colour: Colour) -> Colour {
    colour.map(|channel| channel / 2 + 14)
}

impl Page<'_> {
    fn draw_head(&self, canvas: &mut Canvas, score: &Score, is_cut: bool) {
        let more = if is_cut { " (its beginning)" } else { "" };
        canvas.words(self.title.as_str(), (EDGE, 34.0), Anchor::Begin, Style::Title);
        let heading = heading(score, &self.sheet.bars_in_words());
        canvas.words(format!("{heading}{more}"), (EDGE, 54.0), Anchor::Begin, Style::Label);
        if self.sheet.bars.is_empty() {
            canvas.words("no notes", (EDGE, 74.0), Anchor::Begin, Style::Label);
        }
        for (line, entries) in self.legend.iter().enumerate() {
            let y = 74.0 + LEGEND_LINE * line as f64;
            for (part, name, x) in entries {
                canvas.field([*x, y - 9.0, x + 18.0, y], on_white(look(*part).rgb, 1.0));
                canvas.mark(*part, (x + 6.0, y - 5.0));
                canvas.words(name.as_str(), (x + 24.0, y), Anchor::Begin, Style::Label);
            }
        }
    }
}

impl System<'_> {
    fn draw(&self, canvas: &mut Canvas) {
        self.draw_rows(canvas);
        self.draw_lines(canvas);
        self.draw_keys(canvas);
        let mut taken = Taken::default();
        for part in &self.page.sheet.parts {
            for note in part.within(&self.span) {
                self.draw_note(canvas, part, note, &mut taken);
            }
        }
        for (number, strip) in self.page.strips.iter().enumerate() {
            self.draw_strip(canvas, strip, number);
        }
    }

    fn draw_rows(&self, canvas: &mut Canvas) {
        let (row, left, right) = (self.page.row, Self::left(), self.right());
        for y in self.shaded() {
            canvas.field([left, y, right, y + row], SHADE);
        }
        for &pitch in &self.pitches {
            let colour = match pitch.class().get() {
                0 => [0xc3, 0xc7, 0xcf],
                5 => [0xe2, 0xe4, 0xe9],
                _ => continue,
            };
            let y = self.y(pitch, false).unwrap_or_default() + row;
            canvas.field([left, y, right, y + 1.0], colour);
        }
    }

    fn draw_lines(&self, canvas: &mut Canvas) {
        let (top, bottom) = (self.top, self.rows_bottom());
        for bar in self.bars {
            for x in bar.inner_beats().map(|beat| self.x(beat)) {
                canvas.field([x, top, x + 1.0, bottom], BEATS);
            }
            let x = self.x(bar.start);
            canvas.field([x, top, x + 1.0, bottom], EDGES);
            let meter = if bar.new_meter { format!("  {}", bar.meter) } else { String::new() };
            let number = format!("{}{meter}", bar.number);
            canvas.words(number, (x + 2.0, top - 4.0), Anchor::Begin, Style::Label);
        }
        let (left, right) = (Self::left(), self.right());
        canvas.field([right, top, right + 1.0, bottom], EDGES);
        canvas.field([left, top, right, top + 1.0], EDGES);
        canvas.field([left, bottom, right, bottom + 1.0], EDGES);
    }

    fn draw_keys(&self, canvas: &mut Canvas) {
        let row = self.page.row;
        let height = row * self.pitches.len() as f64;
        if height > 0.0 {
            canvas.frame([EDGE, self.top, EDGE + KEYBOARD, self.top + height], (WHITE, EDGES));
        }
        for &pitch in &self.pitches {
            self.draw_key(canvas, pitch);
        }
        for &pitch in &self.drums {
            let y = self.y(pitch, true).unwrap_or_default() + row / 2.0 + DROP;
            canvas.words(drum(pitch), (Self::left() - 5.0, y), Anchor::End, Style::Label);
        }
    }

    fn draw_key(&self, canvas: &mut Canvas, pitch: Pitch) {
        let (row, y) = (self.page.row, self.y(pitch, false).unwrap_or_default());
        let (left, gap) = (Self::left(), [0xb6, 0xba, 0xc4]);
        if is_black(pitch) {
            let end = EDGE + KEYBOARD * 0.58;
            canvas.field([EDGE, y + 1.0, end, y + row - 1.0], [0x3a, 0x3d, 0x45]);
            canvas.field([end, y + row / 2.0, left, y + row / 2.0 + 1.0], gap);
            return;
        }
        if [0, 5].contains(&pitch.class().get()) {
            canvas.field([EDGE, y + row, left, y + row + 1.0], gap);
        }
        let name = if pitch.class().get() == 0 { pitch.to_string() } else { pitch.class().to_string() };
        canvas.words(name, (left - 4.0, y + row / 2.0 + DROP), Anchor::End, Style::Label);
    }

    fn draw_note(&self, canvas: &mut Canvas, part: &Part, note: Note, taken: &mut Taken) {
        let Some(y) = self.y(note.pitch, part.drums) else { return };
        let (from, width) = self.reach(note);
        let (mut y, mut height) = (y + self.page.row * 0.08, self.page.row * 0.84);
        if taken.by_another(part, note.pitch, from..from + width) {
            (y, height) = (y + height / 2.0, height / 2.0);
        }
        let colour = on_white(look(part.index).rgb, opacity(note));
        canvas.frame([from, y, from + width, y + height], (colour, on_white(look(part.index).rgb, 1.0)));
        if note.start >= self.span.start {
            canvas.field([from, y, from + 2.0, y + height], darker(colour));
            if width >= 9.0 && height >= 6.0 {
                canvas.mark(part.index, (from + 5.5, y + height / 2.0));
            }
        }
    }

    fn draw_strip(&self, canvas: &mut Canvas, strip: &Strip, number: usize) {
        let top = self.rows_bottom() + strip::HEIGHT * number as f64 + 2.0;
        let base = top + strip::HEIGHT - 6.0;
        canvas.words(strip.name.as_str(), (EDGE, base), Anchor::Begin, Style::Label);
        for (when, name) in &strip.spans {
            let (begin, end) = (when.start.max(self.span.start), when.end.min(self.span.end));
            if begin >= end {
                continue;
            }
            let (x, right) = (self.x(begin), self.x(end));
            let colours = ([0xf6, 0xf3, 0xea], [0xb9, 0xb2, 0x9d]);
            canvas.frame([x, top, right, top + strip::HEIGHT - 3.0], colours);
            let room = ((right - x - 4.0) / LETTER).max(0.0) as usize;
            let shown: String = name.chars().take(room).collect();
            canvas.words(shown, (x + 3.0, base), Anchor::Begin, Style::Label);
        }
    }
}
