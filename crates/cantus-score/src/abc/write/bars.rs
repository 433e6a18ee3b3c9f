//! Bars with their lines.

use std::fmt::Write;

use crate::sheet::lanes::{Chord, Held, Lane};
use crate::sheet::values::{Layout, Piece, layout};
use crate::sheet::{Articulation, Bar, dynamics};
use crate::{Ticks, Timed};

use super::Voice;
use super::header::{key_text, tempo_text};

impl Voice<'_> {
    /// Writes a bar and the line after it.
    pub(super) fn bar(&mut self, index: usize, text: &mut String) {
        let Some(bar) = self.bars.get(index) else { return };
        let before = index.checked_sub(1).and_then(|before| self.bars.get(before));
        self.signs.forget();
        text.push_str(&opening(before, bar));
        self.changes(bar, before.is_none(), text);
        let used = |lane: &Lane| {
            let first = lane.chords.partition_point(|chord| chord.end <= bar.start);
            lane.chords.get(first).is_some_and(|chord| chord.start < bar.end())
        };
        // An overlay without music keeps the place of its voice before later ones.
        let lanes = &self.staff.lanes;
        let count = lanes.iter().rposition(used).map_or(1, |last| last + 1);
        for (number, lane) in lanes.iter().take(count).enumerate() {
            if number > 0 {
                text.push_str("& ");
                self.signs.overlay();
            }
            self.lane(lane, bar, number == 0, text);
        }
        text.push_str(&closing(bar, self.bars.get(index + 1)));
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
        let layout = layout(bar.length, self.meter.beat(resolution), &events, resolution);
        let mut open = None;
        for piece in &layout.pieces {
            let at = bar.start.saturating_add(piece.start);
            if main {
                self.told_by(at, text);
            }
            if piece.tuplet != open {
                open = piece.tuplet;
                text.push_str(&tuplet(&layout, open));
            }
            self.graces(lane, at, bar, text);
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
    }

    /// Writes the chord symbols, dynamics and tempos up to a time.
    fn told_by(&mut self, at: Ticks, text: &mut String) {
        let (from, until) = (self.told, at.saturating_add(Ticks(1)));
        self.told = until;
        let tempo =
            last(&self.sheet.tempos, from, until).filter(|tempo| self.first && tempo.at > Ticks::ZERO);
        if let Some(tempo) = tempo {
            _ = write!(text, "[Q:{}]", tempo_text(tempo.value));
        }
        let Some(part) = self.sheet.parts.get(self.staff.part).filter(|_| self.staff.number == 1) else {
            return;
        };
        if let Some(chord) = last(&part.chords, from, until) {
            _ = write!(text, "\"{}\"", chord.value.to_string().replace('"', ""));
        }
        if let Some(dynamic) = last(&part.dynamics, from, until) {
            _ = write!(text, "!{}!", dynamics::sign_of(dynamic.value));
        }
    }

    /// Writes the grace notes before a time.
    fn graces(&mut self, lane: &Lane, at: Ticks, bar: &Bar, text: &mut String) {
        let from = lane.graces.partition_point(|grace| grace.note.start < at);
        let own = lane.graces.iter().skip(from).take_while(|grace| grace.note.start == at && at < bar.end());
        let own: Vec<&Held> = own.collect();
        let Some(first) = own.first() else { return };
        text.push_str(if first.note.grace.is_some_and(|grace| grace.slashed) { "{/" } else { "{" });
        for grace in own {
            text.push_str(&self.signs.text(grace.note.pitch));
        }
        text.push('}');
    }

    /// The length of a piece in eighths, as it is written in its tuplet.
    fn length(&self, piece: &Piece, layout: &Layout) -> String {
        let tuplet = piece
            .tuplet
            .and_then(|index| layout.tuplets.get(index))
            .filter(|tuplet| is_written(tuplet.actual));
        let (actual, normal) = tuplet.map_or((1, 1), |tuplet| (tuplet.actual, tuplet.normal));
        let upper = u64::from(piece.length.0) * 2 * u64::from(actual);
        let lower = u64::from(self.sheet.resolution.ticks_per_quarter()) * u64::from(normal);
        let common = gcd(upper, lower).max(1);
        match (upper / common, lower / common) {
            (1, 1) => String::new(),
            (upper, 1) => upper.to_string(),
            (1, 2) => "/".to_owned(),
            (1, lower) => format!("/{lower}"),
            (upper, lower) => format!("{upper}/{lower}"),
        }
    }

    fn chord(&mut self, chord: &Chord, (start, end): (Ticks, Ticks), length: &str, text: &mut String) {
        if start == chord.start {
            let signs = chord.notes.iter().flat_map(|held| &held.note.articulations);
            let mut signs: Vec<Articulation> = signs.copied().collect();
            signs.sort_unstable();
            signs.dedup();
            text.extend(signs.into_iter().map(decoration));
        }
        let tied = |held: &Held| if end < chord.end || held.on { "-" } else { "" };
        if let [held] = chord.notes.as_slice() {
            _ = write!(text, "{}{length}{}", self.signs.text(held.note.pitch), tied(held));
            return;
        }
        text.push('[');
        for held in &chord.notes {
            _ = write!(text, "{}{}", self.signs.text(held.note.pitch), tied(held));
        }
        _ = write!(text, "]{length}");
    }
}

/// Whether a tuplet of so many notes can be written as such.
fn is_written(actual: u32) -> bool {
    actual < 100
}

/// `(3:2:3`
fn tuplet(layout: &Layout, index: Option<usize>) -> String {
    let tuplet = index.and_then(|index| layout.tuplets.get(index)).filter(|tuplet| is_written(tuplet.actual));
    let count = layout.pieces.iter().filter(|piece| piece.tuplet == index).count();
    tuplet.map(|tuplet| format!("({}:{}:{count}", tuplet.actual, tuplet.normal)).unwrap_or_default()
}

/// What stands before a bar: the beginning of a repeat, and of an ending.
fn opening(before: Option<&Bar>, bar: &Bar) -> String {
    let mut text = String::new();
    if bar.repeats.begins {
        text.push_str("|:");
    }
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
fn closing(bar: &Bar, next: Option<&Bar>) -> String {
    let text: String = bar.repeats.jumps.iter().map(|&jump| after_bar(jump)).collect();
    let leaves_endings =
        !bar.repeats.endings.is_empty() && next.is_some_and(|next| next.repeats.endings.is_empty());
    let line = match (bar.repeats.ends, next) {
        (Some(times), _) => format!("{}| ", ":".repeat(usize::from(times.clamp(2, 16)) - 1)),
        (None, None) => "|]".to_owned(),
        (None, Some(_)) if leaves_endings => "|| ".to_owned(),
        (None, Some(next)) if next.repeats.begins => String::new(),
        (None, Some(_)) => "| ".to_owned(),
    };
    text + &line
}

fn before_bar(jump: crate::sheet::Jump) -> &'static str {
    match jump {
        crate::sheet::Jump::Segno => "!segno!",
        crate::sheet::Jump::Coda => "!coda!",
        _ => "",
    }
}

fn after_bar(jump: crate::sheet::Jump) -> &'static str {
    match jump {
        crate::sheet::Jump::ToCoda => "!dacoda!",
        crate::sheet::Jump::Fine => "!fine!",
        crate::sheet::Jump::DaCapo => "!D.C.!",
        crate::sheet::Jump::DalSegno => "!D.S.!",
        _ => "",
    }
}

fn decoration(articulation: Articulation) -> &'static str {
    match articulation {
        Articulation::Staccato => ".",
        Articulation::Staccatissimo => "!wedge!",
        Articulation::Tenuto => "!tenuto!",
        Articulation::Accent => "!accent!",
        Articulation::Marcato => "!marcato!",
        Articulation::Fermata => "!fermata!",
        Articulation::Trill => "!trill!",
        Articulation::Mordent => "!mordent!",
        Articulation::Turn => "!turn!",
        Articulation::Arpeggio => "!arpeggio!",
    }
}

/// The last of a sorted list between two times.
fn last<T>(sorted: &[Timed<T>], from: Ticks, until: Ticks) -> Option<&Timed<T>> {
    let end = sorted.partition_point(|item| item.at < until);
    sorted.get(..end)?.last().filter(|item| item.at >= from)
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
