//! From lines to spines full of notes.

use super::columns::{Column, FULL, MOST_COLUMNS, Turn, turned};
use super::interpretation::{BarLine, Designation, Tandem, bar_line, tandem};
use super::recip::QUARTER;
use super::spine::{Kind, Spine, SpineNote};
use super::token::{self, Sign};
use crate::lines::Log;
use crate::sheet::dynamics;
use crate::sheet::{Clef, Credits, Syllable};
use crate::{Meter, Tempo};

/// What happens to the whole piece at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Bar(BarLine),
    Meter(Meter),
    /// Sharps of the signature; flats are negative.
    Signature(i8),
    Key(Designation),
    Tempo(Tempo),
    /// A section begins.
    Label {
        name: String,
        line: usize,
    },
}

/// What a file holds, its times in grains.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) spines: Vec<Spine>,
    /// In the order of time.
    pub(super) changes: Vec<(u64, Change)>,
    /// When the last note ends.
    pub(super) end: u64,
    pub(super) credits: Credits,
    /// The title of the work of which the piece is a part.
    pub(super) work: String,
    /// Words about the tempo at the beginning.
    pub(super) movement: String,
    /// The orders in which sections are played, as they are written, and the lines that say so.
    pub(super) orders: Vec<(String, usize)>,
    pub(super) log: Log,
}

/// What waits until the next note tells the time.
enum Waiting {
    Change(Change),
    Clef(usize, Clef),
}

/// A note or chord of the line that is being read.
struct Token {
    /// The index of its column.
    column: usize,
    /// Where it stands in the line, in bytes.
    offset: usize,
    /// Nothing for what takes no time.
    length: Option<u64>,
    signs: std::ops::Range<usize>,
}

/// Reads line after line.
#[derive(Default)]
pub(super) struct Reader {
    draft: Draft,
    columns: Vec<Column>,
    /// The time of the last line of notes.
    now: u64,
    waiting: Vec<Waiting>,
    tokens: Vec<Token>,
    signs: Vec<Sign>,
    /// How many tokens the lines lacked so far.
    missing: usize,
    /// The last line that says something.
    last_line: usize,
}

/// So many different orders of sections are looked at: spines seldom disagree.
const MOST_ORDERS: usize = 4;

/// A file lacks so many tokens at most: more would make a page much larger than the file.
const MOST_MISSING: usize = 1_000_000;

impl Reader {
    /// Takes a line.
    pub(super) fn line(&mut self, line: &str, number: usize) {
        if self.missing > MOST_MISSING {
            return;
        }
        if !line.trim().is_empty() {
            self.last_line = number;
        }
        match line.as_bytes() {
            [b'!', b'!', b'!', ..] => self.reference(line),
            [b'*', b'*', ..] => self.exclusive(line, number),
            _ if line.starts_with('!') || line.trim().is_empty() => {}
            [b'*', ..] => self.interpretations(line, number),
            [b'=', ..] => self.bar(line, number),
            _ => self.data(line, number),
        }
    }

    /// Ends the file.
    pub(super) fn finish(mut self) -> Draft {
        self.flush(self.draft.end);
        if !self.columns.is_empty() {
            let message = "each spine must end with `*-`, but the file ends before; it may be cut off";
            self.draft.log.warn(self.last_line, 1, message);
        }
        self.draft
    }

    /// `!!!OTL: title`
    fn reference(&mut self, line: &str) {
        let Some((key, value)) = line.trim_start_matches('!').split_once(':') else { return };
        let credits = &mut self.draft.credits;
        let field = match key.split('@').next().unwrap_or(key) {
            "OTL" => &mut credits.title,
            "COM" => &mut credits.composer,
            "LYR" => &mut credits.lyricist,
            "YEC" | "YEM" => {
                let rights = &mut credits.rights;
                let gap = if rights.is_empty() || value.trim().is_empty() { "" } else { "; " };
                rights.push_str(gap);
                rights.push_str(value.trim());
                return;
            }
            "OPR" => &mut self.draft.work,
            "OMD" => &mut self.draft.movement,
            _ => return,
        };
        if field.is_empty() {
            value.trim().clone_into(field);
        }
    }

    /// `**kern` and `**text` side by side: spines begin; or, where spines stand already, columns get another kind.
    fn exclusive(&mut self, line: &str, number: usize) {
        let kinds = line.split_whitespace();
        if self.columns.is_empty() {
            for (index, kind) in kinds.take(MOST_COLUMNS).enumerate() {
                self.begin_spine(index, kind);
            }
            if line.split_whitespace().nth(MOST_COLUMNS).is_some() {
                self.draft.log.warn(number, 1, FULL);
            }
        } else {
            for (index, kind) in kinds.enumerate().filter(|kind| kind.1.starts_with("**")) {
                self.begin_kind(index, kind);
            }
        }
        self.find_owners();
    }

    /// A column that stands already says what it holds, as one does that was added.
    fn begin_kind(&mut self, column: usize, kind: &str) {
        let spine = self.columns.get(column).and_then(|column| self.draft.spines.get_mut(column.spine));
        if let Some(spine) = spine.filter(|spine| spine.notes.is_empty()) {
            spine.kind = Kind::of(kind);
        }
    }

    /// A spine begins at the time that the piece has reached. In a second piece of the file, the spines go on in their order.
    fn begin_spine(&mut self, index: usize, kind: &str) {
        let kind = Kind::of(kind);
        let goes_on = self.draft.spines.get(index).is_some_and(|spine| spine.kind == kind);
        let spine = if goes_on { index } else { self.draft.spines.len() };
        if !goes_on {
            self.draft.spines.push(Spine { kind, ..Spine::default() });
        }
        self.columns.push(Column::new(spine, self.draft.end));
    }

    /// Finds the spine of notes to which each other spine belongs: the nearest at its left, else at its right.
    fn find_owners(&mut self) {
        let first = self.columns.iter().map(|column| column.spine).find(|&spine| self.holds_notes(spine));
        let (mut owner, mut verse) = (first, 0);
        for column in &self.columns {
            let Some(spine) = self.draft.spines.get_mut(column.spine) else { continue };
            match spine.kind {
                Kind::Notes => (owner, verse) = (Some(column.spine), 0),
                Kind::Words => verse = u8::saturating_add(verse, 1),
                _ => {}
            }
            (spine.of, spine.verse) = (owner, verse);
        }
    }

    fn holds_notes(&self, spine: usize) -> bool {
        self.draft.spines.get(spine).is_some_and(|spine| spine.kind == Kind::Notes)
    }

    fn interpretations(&mut self, line: &str, number: usize) {
        let mut turns: Vec<Turn> = Vec::new();
        let mut begins = false;
        for (index, (offset, text)) in tokens(line).enumerate() {
            if self.columns.get(index).is_none() {
                self.warn(number, line, offset, TOO_MANY);
                break;
            }
            let turn = match text {
                "*^" => Turn::Splits,
                "*v" => Turn::Joins,
                "*x" => Turn::Exchanges,
                "*-" => Turn::Ends,
                "*+" => {
                    self.draft.spines.push(Spine::default());
                    Turn::Adds(self.draft.spines.len() - 1)
                }
                _ => Turn::Stays,
            };
            if turn != Turn::Stays {
                turns.resize(index, Turn::Stays);
                turns.push(turn);
            } else if text.starts_with("**") {
                self.begin_kind(index, text);
                begins = true;
            } else if text != "*"
                && let Some(fault) = self.tandem(index, text, number)
            {
                self.warn(number, line, offset, fault);
            }
        }
        if begins {
            self.find_owners();
        }
        if !turns.is_empty() {
            let (columns, fault) = turned(&self.columns, &turns);
            self.columns = columns;
            if let Some(fault) = fault {
                self.draft.log.warn(number, 1, fault);
            }
        }
    }

    /// Takes an interpretation of a column; gives back what was wrong.
    fn tandem(&mut self, column: usize, text: &str, line: usize) -> Option<String> {
        let index = self.columns.get(column)?.spine;
        let spine = self.draft.spines.get_mut(index)?;
        if spine.kind != Kind::Notes {
            return None;
        }
        let change = match tandem(text) {
            Err(fault) => return Some(fault),
            Ok(None) => return None,
            Ok(Some(tandem)) => tandem,
        };
        let change = match change {
            Tandem::Part(part) => return take(&mut spine.part, part),
            Tandem::Staff(staff) => return take(&mut spine.staff, staff),
            Tandem::Class(class) => {
                spine.class_program = spine.class_program.or(super::instruments::class_program(class));
                return None;
            }
            Tandem::Name(name) => {
                if spine.name.is_empty() {
                    name.clone_into(&mut spine.name);
                }
                return None;
            }
            Tandem::Instrument(code) => {
                if spine.instrument.is_empty() {
                    code.clone_into(&mut spine.instrument);
                }
                spine.program = spine.program.or(super::instruments::program(code));
                return None;
            }
            Tandem::Transposition(transposition) => {
                spine.transposition = transposition;
                return None;
            }
            Tandem::Clef(clef) => {
                self.waiting.push(Waiting::Clef(index, clef));
                return None;
            }
            Tandem::Order(list) => {
                let orders = &mut self.draft.orders;
                if orders.len() < MOST_ORDERS && orders.iter().all(|order| order.0 != list) {
                    orders.push((list.to_owned(), line));
                }
                return (!text.ends_with(']')).then(|| OPEN_ORDER.to_owned());
            }
            Tandem::Label(label) => Change::Label { name: label.to_owned(), line },
            Tandem::Signature(fifths) => Change::Signature(fifths),
            Tandem::Key(key) => Change::Key(key),
            Tandem::Meter(meter) => Change::Meter(meter),
            Tandem::Tempo(tempo) => Change::Tempo(tempo),
        };
        self.waiting.push(Waiting::Change(change));
        None
    }

    /// The bar line of the first spine that has one.
    fn bar(&mut self, line: &str, number: usize) {
        if let Some((_, token)) = tokens(line).find(|token| token.1.starts_with('=')) {
            let line = BarLine { line: number, ..bar_line(token) };
            self.waiting.push(Waiting::Change(Change::Bar(line)));
        }
    }

    fn data(&mut self, line: &str, number: usize) {
        self.scan(line, number);
        if !self.tokens.is_empty() {
            self.now = self.begin(line, number).max(self.now);
            self.flush(self.now);
            self.place(number);
        }
        self.attach(line, number);
    }

    /// Reads the notes of a line.
    fn scan(&mut self, line: &str, number: usize) {
        self.tokens.clear();
        self.signs.clear();
        let mut count = 0;
        for (index, (offset, text)) in tokens(line).enumerate() {
            count += 1;
            let Some(&column) = self.columns.get(index) else {
                self.warn(number, line, offset, TOO_MANY);
                return;
            };
            if text == "." || !self.holds_notes(column.spine) {
                continue;
            }
            let first = self.signs.len();
            for part in text.split(' ').filter(|part| !part.is_empty() && *part != ".") {
                let (sign, fault) = token::sign(part.as_bytes());
                self.signs.push(sign);
                if let Some(fault) = fault {
                    self.warn(number, line, offset, fault);
                }
            }
            let Some(lead) = self.signs.get(first) else { continue };
            let (length, grace) = (lead.length, lead.grace);
            if length.is_none() && grace.is_none() {
                self.warn(number, line, offset, "a note must have a length, but has none; it takes no time");
            }
            self.tokens.push(Token { column: index, offset, length, signs: first..self.signs.len() });
        }
        if count < self.columns.len() {
            let message = format!(
                "a line must have a token for each of {} spines, but has {count}; the last are taken as `.`",
                self.columns.len()
            );
            self.warn(number, line, line.len(), message);
            self.missing += self.columns.len() - count;
            if self.missing > MOST_MISSING {
                let message = "a million tokens are missing; the music is read up to here";
                self.warn(number, line, line.len(), message);
            }
        }
    }

    /// When the line sounds: when the notes before have ended, in most columns; those that disagree get a warning.
    fn begin(&mut self, line: &str, number: usize) -> u64 {
        let columns = &self.columns;
        let end = |token: &Token| columns.get(token.column).map(|column| (column.end, column.free));
        let firm = |token: &&Token| token.length.is_some() && end(token).is_some_and(|end| !end.1);
        let mut ends: Vec<u64> = self.tokens.iter().filter(firm).filter_map(end).map(|end| end.0).collect();
        let Some(&first) = ends.first() else {
            // Grace notes alone stand no later than where the next note ends.
            let sounding = columns.iter().filter(|column| !column.free && column.end > self.now);
            let next = sounding.map(|column| column.end).min();
            let any = self.tokens.iter().filter_map(end).map(|end| end.0).max();
            return any.unwrap_or(self.now).min(next.unwrap_or(u64::MAX));
        };
        if ends.iter().all(|&other| other == first) {
            return first;
        }
        ends.sort_unstable();
        let time = ends.chunk_by(|a, b| a == b).max_by_key(|same| (same.len(), same.first().copied()));
        let time = time.and_then(|same| same.first().copied()).unwrap_or(first);
        let odd: Vec<(usize, u64)> = self
            .tokens
            .iter()
            .filter(firm)
            .filter_map(|token| Some((token.offset, end(token)?.0)))
            .filter(|&(_, end)| end.abs_diff(time) > QUARTER / 1000)
            .collect();
        for (offset, end) in odd {
            let apart = time.abs_diff(end) as f64 / QUARTER as f64;
            let side = if end > time { "before" } else { "after" };
            let message = format!(
                "a note must begin when the one before it in its spine ends, but begins {apart:.3} quarters {side} that"
            );
            self.warn(number, line, offset, message);
        }
        time
    }

    /// What waited happens now.
    fn flush(&mut self, time: u64) {
        for waiting in self.waiting.drain(..) {
            match waiting {
                Waiting::Change(change) => self.draft.changes.push((time, change)),
                Waiting::Clef(spine, clef) => {
                    if let Some(spine) = self.draft.spines.get_mut(spine) {
                        spine.clefs.push((time, clef));
                    }
                }
            }
        }
    }

    /// Puts the notes of the line into their spines.
    fn place(&mut self, number: usize) {
        let start = self.now;
        for token in &self.tokens {
            let Some(column) = self.columns.get_mut(token.column) else { continue };
            let Some(spine) = self.draft.spines.get_mut(column.spine) else { continue };
            let length = token.length.unwrap_or(0);
            let end = start.saturating_add(length);
            // A grace note leaves the note alone that still sounds in its column.
            if token.length.is_some() || column.free {
                (column.end, column.free) = (end, false);
            }
            self.draft.end = self.draft.end.max(end);
            for sign in self.signs.get_mut(token.signs.clone()).unwrap_or_default() {
                let mut sign = std::mem::take(sign);
                let Some(pitch) = sign.pitch else { continue };
                if token.length.is_none() {
                    sign.grace = Some(sign.grace.unwrap_or(crate::sheet::Grace { slashed: false }));
                } else {
                    sign.grace = None;
                }
                if spine.on_line.0 != number {
                    spine.on_line = (number, spine.notes.len());
                }
                spine.notes.push(SpineNote::new(sign, pitch, (start, length), column.sub, number));
            }
        }
    }

    /// Puts syllables, dynamics and chord symbols to the notes of the line.
    fn attach(&mut self, line: &str, number: usize) {
        if self.columns.len() == self.tokens.len() {
            return;
        }
        for (column, (_, text)) in self.columns.iter().zip(tokens(line)) {
            if text == "." {
                continue;
            }
            let Some(spine) = self.draft.spines.get(column.spine) else { continue };
            let (kind, verse) = (spine.kind, spine.verse);
            let Some(owner) = spine.of.and_then(|owner| self.draft.spines.get_mut(owner)) else { continue };
            match kind {
                Kind::Words if owner.on_line.0 == number => {
                    if let (Some(note), Some(syllable)) =
                        (owner.notes.get_mut(owner.on_line.1), syllable(text, verse))
                    {
                        note.syllables.reserve_exact(1);
                        note.syllables.push(syllable);
                    }
                }
                Kind::Dynamics => {
                    let velocity = text.split(' ').find_map(dynamics::velocity_of);
                    owner.dynamics.extend(velocity.map(|velocity| (self.now, velocity)));
                }
                Kind::Chords => {
                    owner.chords.extend(super::chords::symbol(text).map(|symbol| (self.now, symbol)));
                }
                _ => {}
            }
        }
    }

    /// Notes a fault at a byte of a line.
    fn warn(&mut self, number: usize, line: &str, offset: usize, message: impl Into<String>) {
        let column = line.get(..offset).map_or(0, |before| before.chars().count()) + 1;
        self.draft.log.warn(number, column, message);
    }
}

const TOO_MANY: &str = "a line must have one token for each spine, but has more; the others are passed over";

const OPEN_ORDER: &str = "an order of sections must end with `]`, but does not; it is read as if it did";

/// The first that is said holds.
fn take(slot: &mut Option<u32>, value: u32) -> Option<String> {
    slot.get_or_insert(value);
    None
}

/// The tokens of a line, each with its byte. Several tabs are one.
fn tokens(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut offset = 0;
    line.split('\t').filter_map(move |token| {
        let at = offset;
        offset += token.len() + 1;
        (!token.is_empty()).then_some((at, token))
    })
}

/// `-mi-`: a syllable within a word.
fn syllable(text: &str, verse: u8) -> Option<Syllable> {
    let text = text.trim();
    let hyphen = text.ends_with('-');
    let text = text.trim_matches('-');
    let sung = !text.is_empty() && text != "_" && text != "|";
    sung.then(|| Syllable { verse, text: text.to_owned(), hyphen })
}
