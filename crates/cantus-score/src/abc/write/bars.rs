//! Bars with their lines.

use std::fmt::Write;
use std::ops::Range;

use crate::sheet::lanes::{Chord, Held, Lane};
use crate::sheet::values::{Layout, Piece, layout};
use crate::sheet::{Articulation, Bar, Clef, Jump, Spelled, dynamics};
use crate::{Text, TextKind, Ticks, Timed};

use super::Voice;
use super::header::{escaped, key_text, tempo_text};
use crate::abc::decoration::{jump_name, sign_name};
use crate::abc::player::clef_name;

impl Voice<'_> {
    /// Writes a bar and the line after it.
    pub(super) fn bar(&mut self, index: usize, text: &mut String) {
        let Some(bar) = self.bars.get(index) else { return };
        let before = index.checked_sub(1).and_then(|before| self.bars.get(before));
        self.signs.forget();
        text.push_str(&opening(before, bar, self.repeated.contains(&index)));
        self.changes(bar, before.is_none(), text);
        // An overlay without music keeps the place of its voice before later ones.
        let lanes = &self.staff.lanes;
        let count =
            lanes.iter().rposition(|lane| lane.has_within(bar.start, bar.end())).map_or(1, |last| last + 1);
        for (number, lane) in lanes.iter().take(count).enumerate() {
            if number > 0 {
                text.push_str("& ");
                self.signs.overlay();
            }
            self.lane(lane, bar, number == 0, text);
        }
        self.hidden(bar, text);
        let repeats = self.repeated.contains(&(index + 1));
        text.push_str(&closing(bar, self.bars.get(index + 1), repeats));
    }

    /// Writes metre and key, where they are new.
    fn changes(&mut self, bar: &Bar, first: bool, text: &mut String) {
        if let Some(meter) = bar.meter {
            self.meter = meter;
            if !first {
                _ = write!(text, "[M:{meter}]");
            }
        }
        if let Some(key) = bar.key {
            self.signs.set_key(key);
            if !first {
                _ = write!(text, "[K:{}]", key_text(key));
            }
        }
    }

    /// Writes one line of the staff within a bar.
    fn lane(&mut self, lane: &Lane, bar: &Bar, main: bool, text: &mut String) {
        let first = lane.chords.partition_point(|chord| chord.end <= bar.start);
        let own = lane.chords.get(first..).unwrap_or_default();
        let own: Vec<&Chord> = own.iter().take_while(|chord| chord.start < bar.end()).collect();
        let within = |chord: &&Chord| {
            let (start, end) = (chord.start.max(bar.start), chord.end.min(bar.end()));
            (start.saturating_sub(bar.start), end.saturating_sub(start))
        };
        let events: Vec<(Ticks, Ticks)> = own.iter().map(within).collect();
        let resolution = self.sheet.resolution;
        let mut layout = layout(bar.length, self.meter.beat(resolution), &events, resolution);
        layout.cut_rests(|rest| {
            let mut times = lane.graces_within(rest, bar.start);
            if main {
                let place = |time: Ticks| bar.start.saturating_add(time);
                let told = self.told_within(place(rest.start), place(rest.end()));
                times.extend(told.into_iter().map(|time| time.saturating_sub(bar.start)));
                times.sort_unstable();
                times.dedup();
            }
            times
        });
        // No number of a tuplet has more than two digits.
        layout.keep_tuplets(|tuplet, count| tuplet.actual < 100 && count < 100);
        if main {
            let begins = |time: &Ticks| {
                let time = time.saturating_sub(bar.start);
                layout.pieces.binary_search_by_key(&time, |piece| piece.start).is_ok()
            };
            self.between = self.told_within(bar.start, bar.end());
            self.between.retain(|time| !begins(time));
        }
        let mut open = None;
        for piece in &layout.pieces {
            let at = bar.start.saturating_add(piece.start);
            if main {
                self.told_at(at..at.saturating_add(Ticks(1)), text);
            }
            if piece.tuplet != open {
                open = piece.tuplet;
                text.push_str(&tuplet(&layout, open));
            }
            text.push_str(&self.alone(piece));
            self.graces(lane, at, text);
            let chord = piece.event.and_then(|event| own.get(event));
            let length = self.length(piece, &layout);
            match chord {
                Some(chord) => {
                    if main {
                        self.sung.push(at);
                    }
                    self.chord(chord, (at, at.saturating_add(piece.length)), &length, text);
                }
                None => _ = write!(text, "{}{length}", if main { 'z' } else { 'x' }),
            }
            text.push(' ');
        }
        if self.bars.last().is_some_and(|last| last.start == bar.start) {
            if main {
                self.told_at(bar.end()..Ticks(u32::MAX), text);
            }
            self.graces(lane, bar.end(), text);
        }
    }

    /// Writes what is told while the notes of the first lane sound, in an overlay of hidden rests.
    fn hidden(&mut self, bar: &Bar, text: &mut String) {
        let times = std::mem::take(&mut self.between);
        if times.is_empty() {
            return;
        }
        let resolution = self.sheet.resolution;
        let mut rests = layout(bar.length, self.meter.beat(resolution), &[], resolution);
        rests.keep_tuplets(|_, _| false);
        rests.cut_rests(|_| times.iter().map(|time| time.saturating_sub(bar.start)).collect());
        text.push_str("& ");
        for piece in &rests.pieces {
            let at = bar.start.saturating_add(piece.start);
            if times.binary_search(&at).is_ok() {
                self.told_at(at..at.saturating_add(Ticks(1)), text);
            }
            _ = write!(text, "{}x{} ", self.alone(piece), self.length(piece, &rests));
        }
    }

    /// The times between two at which something is told, sorted.
    fn told_within(&self, from: Ticks, until: Ticks) -> Vec<Ticks> {
        let mut times = Vec::new();
        if self.first {
            let is_heading = |text: &Text| matches!(text.kind, TextKind::Marker | TextKind::Text);
            times_of(&self.sheet.tempos, (from, until), |_| true, &mut times);
            times_of(&self.sheet.texts, (from, until), is_heading, &mut times);
        }
        if let Some(part) = self.sheet.parts.get(self.staff.part) {
            times_of(&part.clefs, (from, until), |clef| clef.0 == self.staff.number, &mut times);
        }
        if let Some(part) = self.sheet.parts.get(self.staff.part).filter(|_| self.staff.number == 1) {
            times_of(&part.chords, (from, until), |_| true, &mut times);
            times_of(&part.dynamics, (from, until), |_| true, &mut times);
            times_of(&part.texts, (from, until), |text| text.kind == TextKind::Text, &mut times);
        }
        times.sort_unstable();
        times.dedup();
        times
    }

    /// Writes the tempos, texts, chord symbols, dynamics and clefs of a time.
    fn told_at(&self, times: Range<Ticks>, text: &mut String) {
        let (from, until) = (times.start, times.end);
        if self.first {
            self.headings(from, until, text);
        }
        let Some(part) = self.sheet.parts.get(self.staff.part) else { return };
        let own = |clef: &&Timed<(u8, Clef)>| clef.value.0 == self.staff.number && clef.at > Ticks::ZERO;
        let clef = between(&part.clefs, from, until).iter().rfind(own);
        if let Some(clef) = clef {
            _ = write!(text, "[K:clef={}]", clef_name(clef.value.1));
        }
        if self.staff.number != 1 {
            return;
        }
        for words in
            between(&part.texts, from, until).iter().filter(|words| words.value.kind == TextKind::Text)
        {
            _ = write!(text, "\"^{}\"", escaped(&words.value.text).replace('"', "'"));
        }
        for chord in between(&part.chords, from, until) {
            _ = write!(text, "\"{}\"", chord.value.to_string().replace('"', ""));
        }
        if let Some(dynamic) = between(&part.dynamics, from, until).last() {
            _ = write!(text, "!{}!", dynamics::sign_of(dynamic.value));
        }
    }

    /// Writes tempos, their words, and marks of the whole piece.
    fn headings(&self, from: Ticks, until: Ticks, text: &mut String) {
        for words in between(&self.sheet.texts, from, until) {
            let plain = escaped(&words.value.text).replace(']', ")").replace('"', "'");
            _ = match words.value.kind {
                TextKind::Marker => write!(text, "[P:{plain}]"),
                TextKind::Text => write!(text, "[Q:\"{plain}\"]"),
                _ => Ok(()),
            };
        }
        let tempo = between(&self.sheet.tempos, from, until).last().filter(|tempo| tempo.at > Ticks::ZERO);
        if let Some(tempo) = tempo {
            _ = write!(text, "[Q:{}]", tempo_text(tempo.value));
        }
    }

    /// Writes the grace notes before a time.
    fn graces(&mut self, lane: &Lane, at: Ticks, text: &mut String) {
        let from = lane.graces.partition_point(|grace| grace.note.start < at);
        let own = lane.graces.iter().skip(from).take_while(|grace| grace.note.start == at);
        let own: Vec<&Held> = own.collect();
        let Some(first) = own.first() else { return };
        text.push_str(if first.note.grace.is_some_and(|grace| grace.slashed) { "{/" } else { "{" });
        for grace in own {
            text.push_str(&self.pitch(grace));
            text.push_str(if grace.on { "-" } else { "" });
        }
        text.push('}');
    }

    /// The length of a piece in eighths, as it is written in its tuplet.
    fn length(&self, piece: &Piece, layout: &Layout) -> String {
        let tuplet = piece.tuplet.and_then(|index| layout.tuplets.get(index));
        let tuplet = tuplet.map(|tuplet| (u64::from(tuplet.actual), u64::from(tuplet.normal)));
        let (actual, normal) = tuplet.or_else(|| self.own_tuplet(piece)).unwrap_or((1, 1));
        let (upper, lower) = self.eighths(piece);
        let (upper, lower) = (upper * actual, lower * normal);
        let common = gcd(upper, lower).max(1);
        match (upper / common, lower / common) {
            (1, 1) => String::new(),
            (upper, 1) => upper.to_string(),
            (1, 2) => "/".to_owned(),
            (1, lower) => format!("/{lower}"),
            (upper, lower) => format!("{upper}/{lower}"),
        }
    }

    /// How long a piece is: a fraction of eighths.
    fn eighths(&self, piece: &Piece) -> (u64, u64) {
        (u64::from(piece.length.0) * 2, u64::from(self.sheet.resolution.ticks_per_quarter()))
    }

    /// `(3:2:1` before a piece that has a tuplet of its own.
    fn alone(&self, piece: &Piece) -> String {
        self.own_tuplet(piece).map(|(actual, normal)| format!("({actual}:{normal}:1")).unwrap_or_default()
    }

    /// The tuplet of a piece that stands in none but needs one: other programs read lengths only whose divisor is a power of two.
    fn own_tuplet(&self, piece: &Piece) -> Option<(u64, u64)> {
        let (upper, lower) = self.eighths(piece);
        let divisor = lower / gcd(upper, lower).max(1);
        let odd = divisor >> divisor.trailing_zeros();
        (piece.tuplet.is_none() && (3..100).contains(&odd)).then(|| (odd, 1 << odd.ilog2()))
    }

    fn chord(&mut self, chord: &Chord, (start, end): (Ticks, Ticks), length: &str, text: &mut String) {
        let begins = start == chord.start;
        let has = |held: &Held, sign: Articulation| held.note.articulations.contains(&sign);
        let first = chord.notes.first().map(|held| held.note.articulations.as_slice()).unwrap_or_default();
        let common: Vec<Articulation> =
            first.iter().copied().filter(|&sign| chord.notes.iter().all(|held| has(held, sign))).collect();
        if begins {
            for &sign in &common {
                decorate(sign, text);
            }
        }
        let tied = |held: &Held| if end < chord.end || held.note.tied { "-" } else { "" };
        if let [held] = chord.notes.as_slice() {
            _ = write!(text, "{}{length}{}", self.pitch(held), tied(held));
            return;
        }
        text.push('[');
        for held in &chord.notes {
            let own = held.note.articulations.iter().filter(|sign| begins && !common.contains(sign));
            for &sign in own {
                decorate(sign, text);
            }
            _ = write!(text, "{}{}", self.pitch(held), tied(held));
        }
        _ = write!(text, "]{length}");
    }

    fn pitch(&mut self, held: &Held) -> String {
        let pitch = held.note.pitch;
        self.signs.text(Spelled { octave: pitch.octave.saturating_add(self.octaves), ..pitch })
    }
}

/// `.` or `!trill!`
fn decorate(sign: Articulation, text: &mut String) {
    let name = sign_name(sign);
    _ = if name == "." { write!(text, ".") } else { write!(text, "!{name}!") };
}

/// `(3:2:3`
fn tuplet(layout: &Layout, index: Option<usize>) -> String {
    let tuplet = index.and_then(|index| layout.tuplets.get(index));
    let count = layout.pieces.iter().filter(|piece| piece.tuplet == index).count();
    tuplet.map(|tuplet| format!("({}:{}:{count}", tuplet.actual, tuplet.normal)).unwrap_or_default()
}

/// What stands before a bar: the beginning of a repeat, and of an ending.
fn opening(before: Option<&Bar>, bar: &Bar, repeated: bool) -> String {
    let mut text = String::from(if repeated { "|:" } else { "" });
    let endings = &bar.repeats.endings;
    if !endings.is_empty() && before.is_none_or(|before| before.repeats.endings != *endings) {
        let passes: Vec<String> = endings.iter().map(ToString::to_string).collect();
        _ = write!(text, "[{}", passes.join(","));
    }
    if !text.is_empty() {
        text.push(' ');
    }
    text + bar.repeats.jumps.iter().map(|&jump| before_bar(jump)).collect::<String>().as_str()
}

/// The line after a bar.
fn closing(bar: &Bar, next: Option<&Bar>, repeats: bool) -> String {
    let text: String = bar.repeats.jumps.iter().map(|&jump| after_bar(jump)).collect();
    let leaves_endings =
        !bar.repeats.endings.is_empty() && next.is_some_and(|next| next.repeats.endings.is_empty());
    let line = match (bar.repeats.ends, next) {
        (Some(times), _) => format!("{}| ", ":".repeat(usize::from(times.clamp(2, 16)) - 1)),
        (None, None) => "|]".to_owned(),
        (None, Some(_)) if leaves_endings => "|| ".to_owned(),
        (None, Some(_)) if repeats => String::new(),
        (None, Some(_)) => "| ".to_owned(),
    };
    text + &line
}

fn before_bar(jump: Jump) -> String {
    if matches!(jump, Jump::Segno | Jump::Coda) { format!("!{}!", jump_name(jump)) } else { String::new() }
}

fn after_bar(jump: Jump) -> String {
    if matches!(jump, Jump::Segno | Jump::Coda) { String::new() } else { format!("!{}!", jump_name(jump)) }
}

/// Those of a sorted list from one time until another.
fn between<T>(sorted: &[Timed<T>], from: Ticks, until: Ticks) -> &[Timed<T>] {
    let begin = sorted.partition_point(|item| item.at < from);
    let end = sorted.partition_point(|item| item.at < until);
    sorted.get(begin..end).unwrap_or_default()
}

/// Adds the times of those of a sorted list that lie between two times.
fn times_of<T>(
    sorted: &[Timed<T>],
    (from, until): (Ticks, Ticks),
    is_told: impl Fn(&T) -> bool,
    times: &mut Vec<Ticks>,
) {
    let within = between(sorted, from.saturating_add(Ticks(1)), until).iter();
    times.extend(within.filter(|item| is_told(&item.value)).map(|item| item.at));
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
