//! One system of the picture: rows, lines, keyboard and notes.

use std::fmt::Write as _;
use std::ops::Range;

use cantus_score::{Note, Pitch, Ticks};

use super::super::names::{drum, look, part_name};
use super::super::sheet::{Bar, Part};
use super::{DRUM_GAP, EDGE, KEYBOARD, NUMBERS, Page, escape, mark, strip};

/// One system on the page.
pub(super) struct System<'a> {
    pub(super) page: &'a Page<'a>,
    pub(super) bars: &'a [Bar],
    pub(super) span: Range<Ticks>,
    /// Rows from the top: tuned pitches, then drums.
    pub(super) pitches: Vec<Pitch>,
    pub(super) drums: Vec<Pitch>,
    /// Where the rows begin.
    pub(super) top: f64,
}

impl<'a> System<'a> {
    pub(super) fn new(page: &'a Page<'a>, bars: Range<usize>, top: f64) -> Self {
        let span = page.sheet.span(&bars);
        let (pitches, drums) = (whole_keys(&page.sheet.pitches(&span)), page.sheet.drums(&span));
        let bars = page.sheet.bars.get(bars).unwrap_or_default();
        Self { page, bars, span, pitches, drums, top: top + NUMBERS }
    }

    pub(super) fn left() -> f64 {
        EDGE + KEYBOARD
    }

    pub(super) fn x(&self, at: Ticks) -> f64 {
        Self::left() + f64::from(at.saturating_sub(self.span.start).0) * self.page.tick
    }

    pub(super) fn right(&self) -> f64 {
        self.x(self.span.end)
    }

    fn drums_top(&self) -> f64 {
        let gap = if self.pitches.is_empty() || self.drums.is_empty() { 0.0 } else { DRUM_GAP };
        self.top + self.page.row * self.pitches.len() as f64 + gap
    }

    /// The lower edge of the rows of notes.
    pub(super) fn rows_bottom(&self) -> f64 {
        self.drums_top() + self.page.row * self.drums.len() as f64
    }

    pub(super) fn bottom(&self) -> f64 {
        self.rows_bottom() + strip::HEIGHT * self.page.strips.len() as f64
    }

    /// The upper edge of a pitch's row.
    pub(super) fn y(&self, pitch: Pitch, drums: bool) -> Option<f64> {
        let (rows, top) = if drums { (&self.drums, self.drums_top()) } else { (&self.pitches, self.top) };
        let row = rows.iter().position(|&other| other == pitch)?;
        Some(top + self.page.row * row as f64)
    }

    pub(super) fn write(&self, out: &mut String) {
        out.push_str("<g>\n");
        self.write_rows(out);
        self.write_lines(out);
        self.write_keys(out);
        let mut taken = Taken::default();
        for part in &self.page.sheet.parts {
            self.write_part(out, part, &mut taken);
        }
        for (number, strip) in self.page.strips.iter().enumerate() {
            self.write_strip(out, strip, number);
        }
        out.push_str("</g>\n");
    }

    /// The upper edges of the rows that are grey: those of the black keys and of every other drum.
    pub(super) fn shaded(&self) -> impl Iterator<Item = f64> {
        let keys = self.pitches.iter().filter(|pitch| is_black(**pitch)).map(|&pitch| (pitch, false));
        let drums = self.drums.iter().skip(1).step_by(2).map(|&pitch| (pitch, true));
        keys.chain(drums).filter_map(|(pitch, drums)| self.y(pitch, drums))
    }

    fn write_rows(&self, out: &mut String) {
        let (row, left, width) = (self.page.row, Self::left(), self.right() - Self::left());
        for y in self.shaded() {
            let _ = writeln!(
                out,
                "<rect x=\"{left:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{row}\" fill=\"#f0f1f4\"/>"
            );
        }
        // A line under each C and each F parts the rows as the white keys' gaps part the keyboard.
        for (pitch, colour) in self.pitches.iter().filter_map(|&pitch| match pitch.class().get() {
            0 => Some((pitch, "#c3c7cf")),
            5 => Some((pitch, "#e2e4e9")),
            _ => None,
        }) {
            let y = self.y(pitch, false).unwrap_or_default() + row;
            write_line(out, [left, y, left + width, y], colour, 0.8);
        }
    }

    /// Lines and numbers of the bars, and the beats between them.
    fn write_lines(&self, out: &mut String) {
        let (top, bottom) = (self.top, self.rows_bottom());
        for bar in self.bars {
            for beat in bar.inner_beats() {
                let x = self.x(beat);
                write_line(out, [x, top, x, bottom], "#dfe1e6", 0.7);
            }
            let x = self.x(bar.start);
            write_line(out, [x, top, x, bottom], "#8b909b", 1.0);
            let meter = if bar.new_meter { format!("  {}", bar.meter) } else { String::new() };
            let y = top - 4.0;
            let _ = writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{y:.1}\" font-size=\"10\" fill=\"#666\">{}{meter}</text>",
                x + 2.0,
                bar.number
            );
        }
        let x = self.right();
        write_line(out, [x, top, x, bottom], "#8b909b", 1.0);
        write_line(out, [Self::left(), top, x, top], "#8b909b", 1.0);
        write_line(out, [Self::left(), bottom, x, bottom], "#8b909b", 1.0);
    }

    /// The keyboard, each C named, and the drums' names.
    fn write_keys(&self, out: &mut String) {
        let row = self.page.row;
        let height = row * self.pitches.len() as f64;
        if height > 0.0 {
            let _ = writeln!(
                out,
                "<rect x=\"{EDGE}\" y=\"{:.1}\" width=\"{KEYBOARD}\" height=\"{height:.1}\" fill=\"#fff\" stroke=\"#8b909b\"/>",
                self.top
            );
        }
        for &pitch in &self.pitches {
            self.write_key(out, pitch);
        }
        for &pitch in &self.drums {
            let y = self.y(pitch, true).unwrap_or_default() + row * 0.8;
            let _ = writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{y:.1}\" font-size=\"{:.1}\" text-anchor=\"end\" fill=\"#444\">{}</text>",
                Self::left() - 5.0,
                row * 0.85,
                drum(pitch)
            );
        }
    }

    fn write_key(&self, out: &mut String, pitch: Pitch) {
        let (row, y) = (self.page.row, self.y(pitch, false).unwrap_or_default());
        if is_black(pitch) {
            let _ = writeln!(
                out,
                "<rect x=\"{EDGE}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"1\" fill=\"#3a3d45\"/>",
                y + row * 0.08,
                KEYBOARD * 0.58,
                row * 0.84
            );
            // The gap between the white keys on both sides lies under the black key's middle.
            let middle = y + row / 2.0;
            write_line(out, [EDGE + KEYBOARD * 0.58, middle, Self::left(), middle], "#b6bac4", 0.7);
            return;
        }
        if [0, 5].contains(&pitch.class().get()) {
            write_line(out, [EDGE, y + row, Self::left(), y + row], "#b6bac4", 0.7);
        }
        let (name, colour) = match pitch.class().get() {
            0 => (pitch.to_string(), "#222"),
            _ => (pitch.class().to_string(), "#9a9ea8"),
        };
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"{:.1}\" text-anchor=\"end\" fill=\"{colour}\">{name}</text>",
            Self::left() - 4.0,
            y + row * 0.83,
            row * 0.88
        );
    }

    fn write_part(&self, out: &mut String, part: &Part, taken: &mut Taken) {
        let look = look(part.index);
        let _ = writeln!(out, "<g fill=\"{0}\" stroke=\"{0}\">", look.rgb);
        for note in part.within(&self.span) {
            self.write_note(out, part, note, taken);
        }
        out.push_str("</g>\n");
    }

    /// Where a note begins and how wide it is drawn.
    pub(super) fn reach(&self, note: Note) -> (f64, f64) {
        let (from, to) = (self.x(note.start.max(self.span.start)), self.x(note.end().min(self.span.end)));
        // A sliver less than its length, so that a repeated note is seen to begin again.
        (from, (to - from - 1.0).max(2.0))
    }

    fn write_note(&self, out: &mut String, part: &Part, note: Note, taken: &mut Taken) {
        let Some(y) = self.y(note.pitch, part.drums) else { return };
        let (from, width) = self.reach(note);
        let (mut y, mut height) = (y + self.page.row * 0.08, self.page.row * 0.84);
        if taken.by_another(part, note.pitch, from..from + width) {
            (y, height) = (y + height / 2.0, height / 2.0);
        }
        let _ = write!(
            out,
            "<g><title>{}</title><rect x=\"{from:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" \
             rx=\"1.5\" fill-opacity=\"{:.2}\" stroke-width=\"0.5\"/>",
            escape(&self.note_words(part, note)),
            opacity(note),
        );
        if note.start >= self.span.start {
            let _ = write!(
                out,
                "<rect x=\"{from:.1}\" y=\"{y:.1}\" width=\"1.8\" height=\"{height:.1}\" stroke=\"none\" \
                 fill=\"#1c1e24\" fill-opacity=\"0.5\"/>"
            );
            if width >= 9.0 && height >= 6.0 {
                out.push_str(&mark(part.index, from + 5.5, y + height / 2.0));
            }
        }
        out.push_str("</g>\n");
    }

    /// What a note is, for those who point at it.
    fn note_words(&self, part: &Part, note: Note) -> String {
        let bar = self.bars.iter().rfind(|bar| bar.start <= note.start).or(self.bars.first());
        let place = bar.map_or(String::new(), |bar| {
            let beat = f64::from(note.start.saturating_sub(bar.start).0) / f64::from(bar.beat.0.max(1)) + 1.0;
            format!("bar {}, beat {beat:.2}", bar.number)
        });
        let name = if part.drums { drum(note.pitch) } else { note.pitch.to_string() };
        let velocity =
            note.velocity.map_or(String::new(), |velocity| format!(", velocity {}", velocity.get()));
        format!("{name} · {} · {place}{velocity}", part_name(part.name, part.index))
    }
}

/// Which part drew last at each pixel of each row (drums after the pitches), so that two parts on one note are both seen.
#[derive(Default)]
pub(super) struct Taken {
    rows: Vec<Vec<Option<usize>>>,
}

impl Taken {
    /// Takes a span of pixels for a part, and tells whether it lay over another part's note.
    pub(super) fn by_another(&mut self, part: &Part, pitch: Pitch, pixels: Range<f64>) -> bool {
        let row = usize::from(pitch.get()) + if part.drums { 128 } else { 0 };
        let (from, to, part) = (pixels.start as usize, pixels.end.ceil() as usize, part.index);
        if self.rows.len() <= row {
            self.rows.resize(row + 1, Vec::new());
        }
        let Some(row) = self.rows.get_mut(row) else { return false };
        if row.len() < to {
            row.resize(to, None);
        }
        let mut over = false;
        for pixel in row.iter_mut().take(to).skip(from + 1) {
            over |= pixel.is_some_and(|other| other != part);
            *pixel = Some(part);
        }
        over
    }
}

/// Louder is stronger; a note without dynamics is drawn as a loud one.
pub(super) fn opacity(note: Note) -> f64 {
    note.velocity.map_or(0.85, |velocity| 0.3 + 0.7 * f64::from(velocity.get()) / 127.0)
}

fn write_line(out: &mut String, [x1, y1, x2, y2]: [f64; 4], colour: &str, width: f64) {
    let _ = writeln!(
        out,
        "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{colour}\" stroke-width=\"{width}\"/>"
    );
}

/// The pitches with a row of air above and below, so that no note touches the frame.
fn whole_keys(pitches: &[Pitch]) -> Vec<Pitch> {
    let (Some(high), Some(low)) = (pitches.first(), pitches.last()) else { return Vec::new() };
    let (high, low) = (i64::from(high.get()) + 1, i64::from(low.get()) - 1);
    (low.max(0)..=high.min(127)).rev().map(Pitch::saturating).collect()
}

pub(super) fn is_black(pitch: Pitch) -> bool {
    [1, 3, 6, 8, 10].contains(&pitch.class().get())
}
