//! The roll as a picture in SVG: a keyboard at the left of each system, notes as bars.

use std::fmt::Write as _;
use std::ops::Range;

use cantus_score::{Score, Ticks};

use super::names::{heading, look, part_name};
use super::sheet::Sheet;
use system::System;

mod pixels;
mod strip;
mod system;

pub use pixels::{DRAWING_OPTIONS, drawing_with_strips};

/// How a roll is drawn as a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SvgOptions {
    /// The picture's width in pixels, at least 320; the piece wraps into systems of this width.
    pub width: f64,
    /// Pixels that a quarter note takes; stretched a little so that the systems fill the width.
    pub quarter: f64,
    /// Pixels of a semitone's row.
    pub row: f64,
    /// The first and the last bar to draw by number, both included; all bars where nothing is said.
    pub bars: Option<(u32, u32)>,
}

impl Default for SvgOptions {
    fn default() -> Self {
        Self { width: 1200.0, quarter: 30.0, row: 10.0, bars: None }
    }
}

/// What lasts for some time, such as a chord, written below the roll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strip {
    /// What it tells, such as `chords`.
    pub name: String,
    /// From when to when, in ticks, each with its name; in order.
    pub spans: Vec<(Range<Ticks>, String)>,
}

/// Draws a score as a piano roll in SVG.
///
/// Notes have the colour of their part, stronger where they are louder, and begin with a darker edge and their part's
/// mark; where two parts share a note, the later is the lower half. Pointing at a note tells its name, part, place and
/// velocity. The text is valid XML whatever the score's texts contain.
pub fn svg(score: &Score, options: &SvgOptions) -> String {
    svg_with_strips(score, options, &[])
}

/// The same with strips below each system.
pub fn svg_with_strips(score: &Score, options: &SvgOptions, strips: &[Strip]) -> String {
    let sheet = Sheet::new(score, options.bars);
    let page = Page { strips, ..Page::new(score, &sheet, options) };
    let mut body = String::new();
    page.write_head(&mut body, score);
    let mut top = page.head_height();
    for bars in page.systems() {
        let system = System::new(&page, bars, top);
        system.write(&mut body);
        top = system.bottom() + SYSTEM_GAP;
    }
    let width = page.width;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{top:.0}\" \
         viewBox=\"0 0 {width:.0} {top:.0}\" font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\">\n\
         <title>{}</title>\n<defs>{}</defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{body}</svg>\n",
        escape(&page.title),
        marks()
    )
}

/// The marks at the beginnings of notes, one for each look, about their middle: four filled, four hollow.
fn marks() -> String {
    let shapes = [
        "circle r=\"1.8\"",
        "rect x=\"-1.6\" y=\"-1.6\" width=\"3.2\" height=\"3.2\"",
        "path d=\"M0-2L2 1.6H-2Z\"",
        "path d=\"M0-2.3L2.3 0L0 2.3L-2.3 0Z\"",
    ];
    let styles = ["fill=\"#fff\" stroke=\"none\"", "fill=\"none\" stroke=\"#fff\" stroke-width=\"1\""];
    let all = styles.iter().flat_map(|style| shapes.iter().map(move |shape| (shape, style)));
    all.enumerate().fold(String::new(), |mut out, (index, (shape, style))| {
        let _ = write!(out, "<{shape} id=\"m{index}\" {style}/>");
        out
    })
}

/// Room at the picture's left and right edges.
const EDGE: f64 = 20.0;
/// The keyboard's width; the names of drums stand in the same place.
const KEYBOARD: f64 = 56.0;
/// Room above a system's rows for the numbers of the bars.
const NUMBERS: f64 = 16.0;
const SYSTEM_GAP: f64 = 18.0;
/// Room between the tuned rows and the drums.
const DRUM_GAP: f64 = 6.0;
const LEGEND_LINE: f64 = 18.0;

/// What all systems share.
struct Page<'a> {
    sheet: &'a Sheet<'a>,
    strips: &'a [Strip],
    title: String,
    width: f64,
    row: f64,
    /// Pixels of a tick.
    tick: f64,
    /// Each part's place in the legend: its index, name, and left edge, line by line.
    legend: Vec<Vec<(usize, String, f64)>>,
}

impl<'a> Page<'a> {
    fn new(score: &Score, sheet: &'a Sheet<'a>, options: &SvgOptions) -> Self {
        let width = finite_between(options.width, 320.0, 20_000.0);
        let quarter = finite_between(options.quarter, 4.0, 400.0);
        let title = if score.title.trim().is_empty() { "untitled" } else { score.title.trim() };
        let mut page = Self {
            sheet,
            strips: &[],
            title: title.to_owned(),
            width,
            row: finite_between(options.row, 3.0, 40.0),
            tick: quarter / f64::from(score.resolution.ticks_per_quarter()),
            legend: legend(sheet, width - 2.0 * EDGE),
        };
        page.stretch();
        page
    }

    /// Room for music in a system.
    fn room(&self) -> f64 {
        self.width - 2.0 * EDGE - KEYBOARD
    }

    fn systems(&self) -> Vec<Range<usize>> {
        self.sheet.systems(self.room() + 0.01, |bar| f64::from(bar.length().0) * self.tick)
    }

    /// Widens time until the widest system fills the room, or narrows it where a single bar would not fit.
    fn stretch(&mut self) {
        let spans = self.systems().into_iter().map(|bars| self.sheet.span(&bars));
        let widest = spans.map(|span| f64::from((span.end - span.start).0)).fold(0.0, f64::max);
        if widest > 0.0 {
            self.tick = (self.room() / widest).min(self.tick * 2.0);
        }
    }

    fn head_height(&self) -> f64 {
        66.0 + LEGEND_LINE * self.legend.len() as f64
    }

    /// Title, what is known of the piece, and the legend.
    fn write_head(&self, out: &mut String, score: &Score) {
        let heading = heading(score, &self.sheet.bars_in_words());
        let more = if self.sheet.cut { " (its beginning)" } else { "" };
        let _ = writeln!(
            out,
            "<text x=\"{EDGE}\" y=\"34\" font-size=\"20\" font-weight=\"bold\" fill=\"#222\">{}</text>\n\
             <text x=\"{EDGE}\" y=\"54\" font-size=\"12\" fill=\"#666\">{}{more}</text>",
            escape(&self.title),
            escape(&heading)
        );
        if self.sheet.bars.is_empty() {
            let _ = writeln!(out, "<text x=\"200\" y=\"34\" font-size=\"12\" fill=\"#666\">no notes</text>");
        }
        for (line, entries) in self.legend.iter().enumerate() {
            let y = 74.0 + LEGEND_LINE * line as f64;
            for (part, name, x) in entries {
                let _ = writeln!(
                    out,
                    "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"18\" height=\"9\" rx=\"2\" fill=\"{}\"/>\
                     {}<text x=\"{:.1}\" y=\"{y:.1}\" font-size=\"12\" fill=\"#333\">{}</text>",
                    y - 8.5,
                    look(*part).rgb,
                    mark(*part, x + 6.0, y - 4.0),
                    x + 24.0,
                    escape(name)
                );
            }
        }
    }
}

/// The mark of a part, its middle at a place.
fn mark(part: usize, x: f64, y: f64) -> String {
    format!("<use href=\"#m{}\" x=\"{x:.1}\" y=\"{y:.1}\"/>", part % 8)
}

/// Places the parts' names from left to right, line by line.
fn legend(sheet: &Sheet, room: f64) -> Vec<Vec<(usize, String, f64)>> {
    let mut lines: Vec<Vec<(usize, String, f64)>> = Vec::new();
    let mut x = f64::INFINITY;
    for part in &sheet.parts {
        let name = part_name(part.name, part.index);
        let width = 24.0 + 8.0 * name.chars().count() as f64 + 20.0;
        if x + width > room {
            lines.push(Vec::new());
            x = 0.0;
        }
        if let Some(line) = lines.last_mut() {
            line.push((part.index, name, EDGE + x));
        }
        x += width;
    }
    lines
}

fn finite_between(value: f64, low: f64, high: f64) -> f64 {
    if value.is_finite() { value.clamp(low, high) } else { low }
}

/// Makes a text safe inside an element: markup is escaped, and characters that XML forbids are left out.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}
