//! The roll as characters: a row for each pitch of the scale in use, a note head where a note begins, a tail while it is held.

use std::fmt::Write as _;
use std::ops::Range;

use cantus_score::{Note, Pitch, Score, Ticks};

use super::names::{drum, heading, look, part_name};
use super::sheet::{Bar, Sheet};

/// Whether the terminal shows colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colour {
    /// Plain characters, for files and pipes.
    #[default]
    None,
    /// The 256 colours of ANSI terminals.
    Ansi256,
}

/// Which pitches have a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rows {
    /// Those whose pitch class sounds somewhere in the system: the scale in use, as on a staff.
    #[default]
    Scale,
    /// Every semitone of the range in use.
    Every,
}

/// How a roll is drawn in a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalOptions {
    /// Characters in a line, at least 40; fewer count as 40.
    pub columns: usize,
    /// Whether colours are used; parts differ by their heads and tails in any case.
    pub colour: Colour,
    /// Which pitches between the lowest and the highest have a row.
    pub rows: Rows,
    /// The first and the last bar to draw by number, both included; all bars where nothing is said.
    pub bars: Option<(u32, u32)>,
}

impl Default for TerminalOptions {
    fn default() -> Self {
        Self { columns: 100, colour: Colour::None, rows: Rows::Scale, bars: None }
    }
}

/// Draws a score as a piano roll of lines, each ended by a line feed.
///
/// The time grid is the coarsest on which nine of ten notes begin, and no finer than fits a bar into the width.
/// Notes that lie between its cells are drawn in the nearest.
pub fn terminal(score: &Score, options: &TerminalOptions) -> String {
    let sheet = Sheet::new(score, options.bars);
    let paint = Paint { colour: options.colour };
    let mut out = String::new();
    out.push_str(&paint.strong(&title(score)));
    let _ = writeln!(out, "\n{}", heading(score, &sheet.bars_in_words()));
    if sheet.bars.is_empty() {
        out.push_str("no notes\n");
        return out;
    }
    let columns = options.columns.max(FEWEST_COLUMNS);
    let room = columns - MARGIN - 1;
    let grid = Grid::choose(&sheet, room);
    let mut systems = String::new();
    for bars in sheet.systems(room as f64, |bar| grid.columns(bar) as f64) {
        systems.push('\n');
        System::new(&sheet, &bars, &grid, options.rows).write(&mut systems, paint);
    }
    write_legend(&mut out, &sheet, paint, columns);
    if systems.contains(TOGETHER) {
        let _ = writeln!(out, "{TOGETHER} parts that begin a note together");
    }
    out.push_str(&systems);
    if sheet.cut {
        let _ = writeln!(
            out,
            "\n… the piece goes on after bar {}",
            sheet.bars.last().map_or(0, |bar| bar.number)
        );
    }
    out
}

const FEWEST_COLUMNS: usize = 40;

/// The head of a note that several parts begin.
const TOGETHER: char = '◎';

/// Columns that the names of the pitches take, with the space after them.
const MARGIN: usize = 8;

fn title(score: &Score) -> String {
    let title: String = score.title.chars().filter(|letter| !letter.is_control()).collect();
    if title.trim().is_empty() { "untitled".to_owned() } else { title.trim().to_owned() }
}

/// One line, or more where the names need them: each part's head and tail, then its name.
fn write_legend(out: &mut String, sheet: &Sheet, paint: Paint, columns: usize) {
    let mut used = 0;
    for part in &sheet.parts {
        let (look, name) = (look(part.index), part_name(part.name, part.index));
        let width = name.chars().count() + 6;
        if used > 0 && used + width > columns {
            out.push('\n');
            used = 0;
        }
        let sign = format!("{}{}{}", look.head, look.tail, look.tail);
        let _ = write!(out, "{} {name}  ", paint.part(part.index, &sign));
        used += width;
    }
    out.push('\n');
}

/// What colours do to a text.
#[derive(Debug, Clone, Copy)]
struct Paint {
    colour: Colour,
}

impl Paint {
    fn wrap(self, code: &str, text: &str) -> String {
        match self.colour {
            Colour::None => text.to_owned(),
            Colour::Ansi256 => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }

    fn strong(self, text: &str) -> String {
        self.wrap("1", text)
    }

    fn faint(self, text: &str) -> String {
        self.wrap("38;5;240", text)
    }

    fn part(self, part: usize, text: &str) -> String {
        self.wrap(&format!("38;5;{}", look(part).ansi), text)
    }
}

/// How finely time is drawn: cells in a felt beat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Grid {
    cells_a_beat: usize,
    room: usize,
}

impl Grid {
    /// The coarsest grid on which nine of ten notes begin, or a coarser one where a bar would not fit.
    fn choose(sheet: &Sheet, room: usize) -> Self {
        let fits = |grid: &Self| sheet.bars.iter().all(|bar| grid.columns(bar) <= room);
        let grids = [2, 3, 4, 6, 8].map(|cells_a_beat| Self { cells_a_beat, room });
        let fine = grids.into_iter().find(|grid| grid.holds_most(sheet));
        let wanted = fine.unwrap_or(Self { cells_a_beat: 4, room });
        let coarser = [6, 4, 3, 2, 1].map(|cells_a_beat| Self { cells_a_beat, room });
        let coarser = coarser.into_iter().filter(|grid| grid.cells_a_beat < wanted.cells_a_beat);
        let mut candidates = std::iter::once(wanted).chain(coarser);
        candidates.find(fits).unwrap_or(Self { cells_a_beat: 1, room })
    }

    /// Whether nine of ten notes begin on a cell of this grid.
    fn holds_most(self, sheet: &Sheet) -> bool {
        let (mut on, mut all) = (0_u64, 0_u64);
        for part in &sheet.parts {
            let mut bars = sheet.bars.iter().peekable();
            for note in part.notes {
                while bars.next_if(|bar| bar.end <= note.start).is_some() {}
                let Some(bar) = bars.peek().filter(|bar| bar.start <= note.start) else { continue };
                let within = u64::from((note.start - bar.start).0) * self.cells_a_beat as u64;
                all += 1;
                on += u64::from(within.is_multiple_of(u64::from(bar.beat.0)));
            }
        }
        on * 10 >= all * 9
    }

    /// Cells in a bar, at least one and no more than a line holds.
    fn cells(self, bar: &Bar) -> usize {
        let cells = u64::from(bar.length().0) * self.cells_a_beat as u64;
        let cells = cells.div_ceil(u64::from(bar.beat.0.max(1))) as usize;
        cells.clamp(1, self.room.saturating_sub(1).max(1))
    }

    /// Columns of a bar: the bar line and the cells.
    fn columns(self, bar: &Bar) -> usize {
        1 + self.cells(bar)
    }
}

/// What stands at one place of the roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Empty,
    Beat,
    BarLine,
    Tail(usize),
    Head(usize),
    /// Two or more parts begin the same pitch together; the first of them is kept for the colour.
    Heads(usize),
}

/// One system: its bars, where each begins, and a row of cells for each pitch.
struct System<'a> {
    bars: &'a [Bar],
    /// The column of each bar's line; the cells follow it.
    lines: Vec<usize>,
    grid: Grid,
    width: usize,
    rows: Vec<(String, Vec<Cell>)>,
    /// How many rows stand above those of the drums.
    tuned: usize,
}

impl<'a> System<'a> {
    fn new(sheet: &'a Sheet, bars: &Range<usize>, grid: &Grid, rows: Rows) -> Self {
        let span = sheet.span(bars);
        let bars = sheet.bars.get(bars.clone()).unwrap_or_default();
        let mut lines = Vec::with_capacity(bars.len());
        let mut width = 0;
        for bar in bars {
            lines.push(width);
            width += grid.columns(bar);
        }
        let mut system = Self { bars, lines, grid: *grid, width, rows: Vec::new(), tuned: 0 };
        let pitches = match rows {
            Rows::Every => sheet.pitches(&span),
            Rows::Scale => sheet.scale(&span),
        };
        system.add_rows(sheet, &span, false, &pitches);
        system.tuned = system.rows.len();
        system.add_rows(sheet, &span, true, &sheet.drums(&span));
        system
    }

    /// Adds a row for each pitch and draws the notes of the tuned parts, or of the drums, into them.
    fn add_rows(&mut self, sheet: &Sheet, span: &Range<Ticks>, drums: bool, pitches: &[Pitch]) {
        let first = self.rows.len();
        let mut place = [None; 128];
        for (row, pitch) in pitches.iter().enumerate() {
            place[usize::from(pitch.get())] = Some(first + row);
            let name = if drums { drum(*pitch) } else { pitch.to_string() };
            let empty = self.empty_row();
            self.rows.push((name, empty));
        }
        for part in sheet.parts.iter().filter(|part| part.drums == drums) {
            for note in part.within(span) {
                let Some(row) = place[usize::from(note.pitch.get())] else { continue };
                self.draw(row, part.index, note);
            }
        }
    }

    fn empty_row(&self) -> Vec<Cell> {
        let mut row = vec![Cell::Empty; self.width];
        for (bar, &line) in self.bars.iter().zip(&self.lines) {
            for beat in bar.inner_beats() {
                row[line + 1 + self.cell(bar, beat).min(self.grid.cells(bar) - 1)] = Cell::Beat;
            }
            row[line] = Cell::BarLine;
        }
        row
    }

    /// The cell of a bar that is nearest to a time, counted from 0; the bar's number of cells at its end.
    fn cell(&self, bar: &Bar, at: Ticks) -> usize {
        let cells = self.grid.cells(bar) as u64;
        let (within, length) = (u64::from(at.saturating_sub(bar.start).0), u64::from(bar.length().0.max(1)));
        ((within * cells * 2 + length) / (length * 2)).min(cells) as usize
    }

    /// The column in which a note begins; nothing where it began before this system.
    fn head_column(&self, at: Ticks) -> Option<usize> {
        let index = self.bars.partition_point(|bar| bar.start <= at).checked_sub(1)?;
        let (bar, line) = (self.bars.get(index)?, self.lines.get(index)?);
        let cell = self.cell(bar, at);
        let past = cell == self.grid.cells(bar) && index + 1 < self.bars.len();
        // Played a little early, it belongs to the next bar, after that bar's line.
        let column = if past { line + 1 + cell + 1 } else { line + 1 + cell };
        Some(column.min(self.width - 1))
    }

    /// The column before which a note has ended.
    fn end_column(&self, at: Ticks) -> usize {
        let Some(index) = self.bars.partition_point(|bar| bar.start < at).checked_sub(1) else { return 0 };
        let (Some(bar), Some(line)) = (self.bars.get(index), self.lines.get(index)) else { return 0 };
        match self.cell(bar, at) {
            0 => *line,
            cell => line + 1 + cell,
        }
    }

    fn draw(&mut self, row: usize, part: usize, note: Note) {
        let head = self.head_column(note.start);
        let from = head.map_or(0, |column| column + 1);
        let to = self.end_column(note.end()).min(self.width);
        let Some((_, cells)) = self.rows.get_mut(row) else { return };
        for cell in cells.iter_mut().take(to).skip(from) {
            if !matches!(cell, Cell::Head(_) | Cell::Heads(_) | Cell::Tail(_)) {
                *cell = Cell::Tail(part);
            }
        }
        if let Some(cell) = head.and_then(|column| cells.get_mut(column)) {
            *cell = match *cell {
                Cell::Head(other) | Cell::Heads(other) if other != part => Cell::Heads(other),
                _ => Cell::Head(part),
            };
        }
    }

    fn write(&self, out: &mut String, paint: Paint) {
        let _ = writeln!(out, "{}{}", " ".repeat(MARGIN), paint.strong(self.numbers().trim_end()));
        for (row, (name, cells)) in self.rows.iter().enumerate() {
            if row == self.tuned && row > 0 {
                let _ = writeln!(out, "{}{}", " ".repeat(MARGIN), paint.faint(&"─".repeat(self.width + 1)));
            }
            let name = format!("{name:>width$} ", width = MARGIN - 1);
            let natural = !matches!(name.trim().as_bytes(), [b'A'..=b'G', b'#' | b'b', ..]);
            out.push_str(&if natural { name } else { paint.faint(&name) });
            write_cells(out, cells, paint);
            let _ = writeln!(out, "{}", paint.faint("│"));
        }
    }

    /// The bars' numbers, and a new metre where there is one, above their lines.
    fn numbers(&self) -> String {
        let mut line = String::new();
        let mut used = 0;
        for (bar, &column) in self.bars.iter().zip(&self.lines) {
            if column < used {
                continue;
            }
            let meter = if bar.new_meter { format!(" {}", bar.meter) } else { String::new() };
            let text = format!("{}{meter} ", bar.number);
            let _ = write!(line, "{}{text}", " ".repeat(column - used));
            used = column + text.len();
        }
        line
    }
}

/// Writes a row, cells of one colour together.
fn write_cells(out: &mut String, cells: &[Cell], paint: Paint) {
    for run in cells.chunk_by(|one, next| owner(*one) == owner(*next)) {
        let text: String = run.iter().map(|&cell| glyph(cell)).collect();
        match run.first().and_then(|&cell| owner(cell)) {
            Some(part) => out.push_str(&paint.part(part, &text)),
            None if text.trim().is_empty() => out.push_str(&text),
            None => out.push_str(&paint.faint(&text)),
        }
    }
}

/// The part that a cell belongs to.
fn owner(cell: Cell) -> Option<usize> {
    match cell {
        Cell::Tail(part) | Cell::Head(part) | Cell::Heads(part) => Some(part),
        Cell::Empty | Cell::Beat | Cell::BarLine => None,
    }
}

fn glyph(cell: Cell) -> char {
    match cell {
        Cell::Empty => ' ',
        Cell::Beat => '·',
        Cell::BarLine => '│',
        Cell::Tail(part) => look(part).tail,
        Cell::Head(part) => look(part).head,
        Cell::Heads(_) => TOGETHER,
    }
}
