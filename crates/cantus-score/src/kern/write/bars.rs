//! Bars: their lines and what sounds in them.

use std::collections::BTreeSet;

use crate::sheet::values::{Piece, layout};
use crate::sheet::{Articulation, Bar, Sheet, dynamics};
use crate::{Meter, Ticks};

use super::super::{chords, interpretation, recip, token};
use super::page::{Cell, Page};
use super::{begins_short, between, one_line};
use crate::sheet::lanes::{Chord, Held, Lane};

/// Writes the line before a bar; before a pickup there is none.
pub(super) fn line(page: &mut Page, bars: &[Bar], index: usize) {
    let before = index.checked_sub(1).and_then(|before| bars.get(before));
    let Some(bar) = bars.get(index) else { return };
    let ends = before.is_some_and(|before| before.repeats.ends.is_some());
    let first = before.is_none();
    if first && begins_short(page.sheet, bars) && !bar.repeats.begins {
        return;
    }
    let signs = match (ends, bar.repeats.begins) {
        (true, true) => ":|!|:",
        (true, false) => ":|!",
        (false, true) => "!|:",
        (false, false) if first => "-",
        (false, false) => "",
    };
    let number: String = bar.number.chars().filter(char::is_ascii_alphanumeric).collect();
    page.row(|_| format!("={number}{signs}"));
}

/// Writes the line after the last bar.
pub(super) fn last(page: &mut Page, bars: &[Bar]) {
    let ends = bars.last().is_some_and(|bar| bar.repeats.ends.is_some());
    page.row(|_| if ends { "==:|!" } else { "==" }.to_owned());
}

/// What stands in a bar: the tokens of each column of each staff, and when there are any.
pub(super) struct Music {
    columns: Vec<Vec<Column>>,
    rows: BTreeSet<Ticks>,
    /// How many lanes of each staff have something to say.
    pub(super) used: Vec<usize>,
}

impl Music {
    /// Lays out a bar in which a metre holds. What is told while all notes sound gets a column of hidden rests, in the last
    /// staff.
    pub(super) fn of(page: &Page, bar: &Bar, meter: Meter, last: bool) -> Self {
        let end = if last { Ticks(u32::MAX) } else { bar.end() };
        let mut columns = Vec::with_capacity(page.staves.len());
        for staff in &page.staves {
            let used = staff
                .lanes
                .iter()
                .rposition(|lane| lane.has_within(bar.start, end))
                .map_or(1, |lane| lane + 1);
            let lanes = staff.lanes.iter().take(used);
            columns.push(lanes.map(|lane| column(page, lane, bar, meter, last)).collect::<Vec<Column>>());
        }
        let mut rows: BTreeSet<Ticks> = columns
            .iter()
            .flatten()
            .flat_map(|column| column.tokens.iter().chain(&column.graces))
            .map(|token| token.0)
            .collect();
        let told = told_within(page.sheet, bar.start, bar.end());
        let between: Vec<Ticks> = told.into_iter().filter(|time| !rows.contains(time)).collect();
        if let Some(lanes) = columns.last_mut().filter(|_| !between.is_empty()) {
            let hidden = hidden(page, bar, meter, &between);
            rows.extend(hidden.tokens.iter().map(|token| token.0));
            lanes.push(hidden);
        }
        let used = columns.iter().map(Vec::len).collect();
        Self { columns, rows, used }
    }
}

/// When something is told between two times.
fn told_within(sheet: &Sheet, from: Ticks, until: Ticks) -> BTreeSet<Ticks> {
    let mut times: BTreeSet<Ticks> =
        between(&sheet.tempos, from, until).iter().map(|tempo| tempo.at).collect();
    for part in &sheet.parts {
        times.extend(between(&part.clefs, from, until).iter().map(|clef| clef.at));
        times.extend(between(&part.dynamics, from, until).iter().map(|dynamic| dynamic.at));
        times.extend(between(&part.chords, from, until).iter().map(|chord| chord.at));
    }
    times
}

/// A column of hidden rests, one of which begins at each of some times.
fn hidden(page: &Page, bar: &Bar, meter: Meter, times: &[Ticks]) -> Column {
    let resolution = page.sheet.resolution;
    let mut layout = layout(bar.length, meter.beat(resolution), &[], resolution);
    layout.cut_rests(|_| times.iter().map(|time| time.saturating_sub(bar.start)).collect());
    let whole = u64::from(resolution.ticks_per_quarter()) * 4;
    let rest = |piece: &Piece| {
        let length = recip::text(u64::from(piece.length.0), whole);
        (bar.start.saturating_add(piece.start), format!("{length}ryy"))
    };
    Column { tokens: layout.pieces.iter().map(rest).collect(), graces: Vec::new() }
}

/// Writes what stands in a bar.
pub(super) fn bar(page: &mut Page, bar: &Bar, music: &Music) {
    if let Some(key) = bar.key {
        let signature = interpretation::signature_text(key.fifths());
        notes(page, &format!("*k{signature}"));
        notes(page, &format!("*{}:", interpretation::tonic_text(key)));
    }
    if let Some(meter) = bar.meter {
        notes(page, &format!("*M{meter}"));
    }
    let mut from = bar.start;
    for &at in &music.rows {
        let until = at.saturating_add(Ticks(1));
        changes(page, from, until);
        graces(page, &music.columns, at);
        tokens(page, &music.columns, (from, until), at);
        from = until;
    }
}

/// Writes an interpretation of all spines of notes.
fn notes(page: &mut Page, text: &str) {
    page.interpretation(|cell| if matches!(cell, Cell::Notes(..)) { text } else { "*" }.to_owned());
}

/// Writes the clefs and tempos of a stretch of time.
fn changes(page: &mut Page, from: Ticks, until: Ticks) {
    if page.sheet.parts.iter().any(|part| !between(&part.clefs, from, until).is_empty()) {
        clefs(page, from, until);
    }
    if let Some(tempo) = between(&page.sheet.tempos, from, until).last() {
        let bpm = format!("{:.3}", tempo.value.bpm());
        notes(page, &format!("*MM{}", bpm.trim_end_matches('0').trim_end_matches('.')));
    }
}

fn clefs(page: &mut Page, from: Ticks, until: Ticks) {
    let clefs: Vec<String> = page
        .staves
        .iter()
        .map(|staff| {
            let part = page.sheet.parts.get(staff.part);
            let clefs = part.map(|part| between(&part.clefs, from, until)).unwrap_or_default();
            let own = clefs.iter().rev().find(|clef| clef.value.0 == staff.number);
            own.map_or("*".to_owned(), |clef| format!("*clef{}", interpretation::clef_text(clef.value.1)))
        })
        .collect();
    page.interpretation(|cell| match cell {
        Cell::Notes(staff, _) => clefs.get(staff).cloned().unwrap_or_else(|| "*".to_owned()),
        _ => "*".to_owned(),
    });
}

/// The tokens of a lane in a bar, by time.
#[derive(Default)]
struct Column {
    tokens: Vec<(Ticks, String)>,
    graces: Vec<(Ticks, String)>,
}

impl Column {
    fn at(&self, time: Ticks) -> Option<&str> {
        let index = self.tokens.binary_search_by_key(&time, |token| token.0).ok()?;
        self.tokens.get(index).map(|token| token.1.as_str())
    }

    fn graces_at(&self, time: Ticks) -> &[(Ticks, String)] {
        let from = self.graces.partition_point(|grace| grace.0 < time);
        let to = self.graces.partition_point(|grace| grace.0 <= time);
        self.graces.get(from..to).unwrap_or_default()
    }
}

fn column(page: &Page, lane: &Lane, bar: &Bar, meter: Meter, last: bool) -> Column {
    let first = lane.chords.partition_point(|chord| chord.end <= bar.start);
    let own = lane.chords.get(first..).unwrap_or_default();
    let own: Vec<&Chord> = own.iter().take_while(|chord| chord.start < bar.end()).collect();
    let within = |chord: &&Chord| {
        let (start, end) = (chord.start.max(bar.start), chord.end.min(bar.end()));
        (start.saturating_sub(bar.start), end.saturating_sub(start))
    };
    let events: Vec<(Ticks, Ticks)> = own.iter().map(within).collect();
    let resolution = page.sheet.resolution;
    let whole = u64::from(resolution.ticks_per_quarter()) * 4;
    let mut layout = layout(bar.length, meter.beat(resolution), &events, resolution);
    layout.cut_rests(|rest| lane.graces_within(rest, bar.start));
    let hidden = if events.is_empty() { "ryy" } else { "r" };
    let text = |piece: &Piece| {
        let length = recip::text(u64::from(piece.length.0), whole);
        let start = bar.start.saturating_add(piece.start);
        let text = match piece.event.and_then(|event| own.get(event)) {
            Some(chord) => chord_text(chord, start, start.saturating_add(piece.length), &length),
            None => format!("{length}{hidden}"),
        };
        (start, text)
    };
    let end = if last { Ticks(u32::MAX) } else { bar.end() };
    let graces = lane.graces.get(lane.graces.partition_point(|held| held.note.start < bar.start)..);
    let graces = graces.unwrap_or_default().iter().take_while(|held| held.note.start < end);
    Column {
        tokens: layout.pieces.iter().map(text).collect(),
        graces: graces.map(|held| (held.note.start, grace_text(held))).collect(),
    }
}

/// A piece of a chord: tied to what comes before and after it.
fn chord_text(chord: &Chord, start: Ticks, end: Ticks, length: &str) -> String {
    let (begins, ends) = (start == chord.start, end == chord.end);
    let note = |held: &Held| {
        let (from, on) = (!begins || held.from, !ends || held.on);
        let (open, close) = match (from, on) {
            (false, true) => ("[", ""),
            (true, true) => ("", "_"),
            (true, false) => ("", "]"),
            (false, false) => ("", ""),
        };
        let signs = if begins { articulations(held) } else { String::new() };
        format!("{open}{length}{}{signs}{close}", token::pitch_text(held.note.pitch))
    };
    chord.notes.iter().map(note).collect::<Vec<_>>().join(" ")
}

fn grace_text(held: &Held) -> String {
    let slashed = held.note.grace.is_none_or(|grace| grace.slashed);
    let pitch = token::pitch_text(held.note.pitch);
    let tie = if held.on { "[" } else { "" };
    format!("{tie}8{pitch}{}{}", articulations(held), if slashed { "q" } else { "qq" })
}

fn articulations(held: &Held) -> String {
    held.note
        .articulations
        .iter()
        .map(|&articulation: &Articulation| token::articulation_text(articulation))
        .collect()
}

/// Writes the grace notes before a time; those of all columns end together.
fn graces(page: &mut Page, columns: &[Vec<Column>], at: Ticks) {
    let most = columns.iter().flatten().map(|column| column.graces_at(at).len()).max().unwrap_or(0);
    for left in (1..=most).rev() {
        page.row(|cell| {
            let Cell::Notes(staff, lane) = cell else { return ".".to_owned() };
            let own = columns.get(staff).and_then(|lanes| lanes.get(lane)).map(|column| column.graces_at(at));
            let own = own.unwrap_or_default();
            own.len()
                .checked_sub(left)
                .and_then(|index| own.get(index))
                .map_or_else(|| ".".to_owned(), |grace| grace.1.clone())
        });
    }
}

/// Writes what sounds at a time, and the dynamics and chord symbols since the line before.
fn tokens(page: &mut Page, columns: &[Vec<Column>], span: (Ticks, Ticks), at: Ticks) {
    let token = |cell: Cell| match cell {
        Cell::Notes(staff, lane) => columns.get(staff)?.get(lane)?.at(at).map(ToOwned::to_owned),
        Cell::Words(staff, verse) => words(page, staff, verse, at),
        Cell::Dynamics(staff) => {
            let part = page.sheet.parts.get(page.staves.get(staff)?.part)?;
            let dynamic = between(&part.dynamics, span.0, span.1).last()?;
            Some(dynamics::sign_of(dynamic.value).to_owned())
        }
        Cell::Chords(staff) => {
            let part = page.sheet.parts.get(page.staves.get(staff)?.part)?;
            between(&part.chords, span.0, span.1).last().map(|chord| one_line(&chords::text(&chord.value)))
        }
    };
    let tokens: Vec<Option<String>> = page.cells().into_iter().map(token).collect();
    let mut tokens = tokens.into_iter();
    page.row(|_| {
        let token = tokens.next().flatten().filter(|text| !text.is_empty());
        token.unwrap_or_else(|| ".".to_owned())
    });
}

/// What is sung at a time.
fn words(page: &Page, staff: usize, verse: u8, at: Ticks) -> Option<String> {
    let lanes = &page.staves.get(staff)?.lanes;
    lanes.iter().find_map(|lane| {
        let index = lane.chords.binary_search_by_key(&at, |chord| chord.start).ok()?;
        let notes = &lane.chords.get(index)?.notes;
        let mut sung = notes.iter().flat_map(|held| &held.note.syllables);
        let syllable = sung.find(|syllable| syllable.verse == verse)?;
        let hyphen = if syllable.hyphen { "-" } else { "" };
        Some(format!("{}{hyphen}", one_line(&syllable.text)))
    })
}
