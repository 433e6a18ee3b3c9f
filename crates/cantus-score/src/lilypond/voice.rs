//! One voice, bar by bar.

use crate::sheet::values::{Layout, Piece, layout};
use crate::sheet::{Bar, Sheet, Written};
use crate::{Meter, Ticks};

use super::names::{articulation, drum, pitch, value};
use super::{add, scaled};

/// The notes of one voice on one staff.
pub(super) struct Stream<'a> {
    chords: Vec<Chord<'a>>,
    /// Grace notes, in the order in which they are played.
    graces: Vec<&'a Written>,
}

/// Notes that begin together, and where they end: together too, and not after the next begins.
struct Chord<'a> {
    start: Ticks,
    end: Ticks,
    notes: Vec<&'a Written>,
}

impl<'a> Stream<'a> {
    pub(super) fn of(notes: Vec<&'a Written>) -> Self {
        let (graces, plain): (Vec<_>, Vec<_>) = notes.into_iter().partition(|note| note.grace.is_some());
        let mut chords: Vec<Chord<'a>> = Vec::new();
        for note in plain.into_iter().filter(|note| note.length > Ticks::ZERO) {
            match chords.last_mut() {
                Some(chord) if chord.start == note.start => {
                    chord.end = chord.end.max(note.end());
                    chord.notes.push(note);
                }
                last => {
                    if let Some(last) = last {
                        last.end = last.end.min(note.start);
                    }
                    chords.push(Chord { start: note.start, end: note.end(), notes: vec![note] });
                }
            }
        }
        Self { chords, graces }
    }

    /// All bars. Where the voice is silent, the `first` of a staff has rests and others have nothing.
    pub(super) fn music(&self, sheet: &Sheet, drums: bool, first: bool) -> String {
        let writer = Writer { sheet, drums };
        let (mut out, mut meter) = (String::new(), Meter::FOUR_FOUR);
        for bar in &sheet.bars {
            meter = bar.meter.unwrap_or(meter);
            if bar.length > Ticks::ZERO {
                writer.bar(&mut out, self, bar, (meter, first));
                out.push_str("| ");
            }
        }
        out
    }

    /// The chords that sound in a bar.
    fn within(&self, bar: &Bar) -> &[Chord<'a>] {
        let begin = self.chords.partition_point(|chord| chord.end <= bar.start);
        let end = self.chords.partition_point(|chord| chord.start < bar.end());
        self.chords.get(begin..end).unwrap_or_default()
    }

    fn graces_at(&self, at: Ticks) -> &[&'a Written] {
        let begin = self.graces.partition_point(|grace| grace.start < at);
        let end = self.graces.partition_point(|grace| grace.start <= at);
        self.graces.get(begin..end).unwrap_or_default()
    }
}

struct Writer<'a> {
    sheet: &'a Sheet,
    drums: bool,
}

impl Writer<'_> {
    fn bar(&self, out: &mut String, stream: &Stream<'_>, bar: &Bar, (meter, first): (Meter, bool)) {
        let chords = stream.within(bar);
        if chords.is_empty() && stream.graces_at(bar.start).is_empty() {
            let rest = if first { "R" } else { "s" };
            add(out, format_args!("{rest}{} ", scaled(bar.length, self.sheet)));
            return;
        }
        let clipped = |chord: &Chord<'_>| {
            let start = chord.start.max(bar.start);
            (start.saturating_sub(bar.start), chord.end.min(bar.end()).saturating_sub(start))
        };
        let events: Vec<(Ticks, Ticks)> = chords.iter().map(clipped).collect();
        let resolution = self.sheet.resolution;
        let Layout { pieces, tuplets } = layout(bar.length, meter.beat(resolution), &events, resolution);
        let mut open = None;
        for (index, piece) in pieces.iter().enumerate() {
            if open != piece.tuplet {
                close(out, open);
                if let Some(tuplet) = piece.tuplet.and_then(|tuplet| tuplets.get(tuplet)) {
                    add(out, format_args!("\\tuplet {}/{} {{ ", tuplet.actual, tuplet.normal));
                }
                open = piece.tuplet;
            }
            self.graces(out, stream.graces_at(bar.start.saturating_add(piece.start)));
            let goes_on = pieces.get(index + 1).is_some_and(|next| next.event == piece.event);
            let chord = piece.event.and_then(|event| chords.get(event));
            self.piece(out, piece, chord, (goes_on, bar));
        }
        close(out, open);
    }

    /// One note, chord or rest.
    fn piece(
        &self,
        out: &mut String,
        piece: &Piece,
        chord: Option<&Chord<'_>>,
        (goes_on, bar): (bool, &Bar),
    ) {
        let duration = piece.value.map_or_else(|| scaled(piece.length, self.sheet), value);
        let Some(chord) = chord else {
            add(out, format_args!("r{duration} "));
            return;
        };
        let tied = goes_on || chord.end > bar.end();
        let pitches: Vec<String> = chord.notes.iter().map(|note| self.pitch(note)).collect();
        let ties = |note: &&Written| if !tied && note.tied { "~" } else { "" };
        if let ([pitch], [note]) = (pitches.as_slice(), chord.notes.as_slice()) {
            add(out, format_args!("{pitch}{duration}{}", ties(note)));
        } else {
            let inner =
                pitches.iter().zip(&chord.notes).map(|(pitch, note)| format!("{pitch}{}", ties(note)));
            add(out, format_args!("<{}>{duration}", inner.collect::<Vec<_>>().join(" ")));
        }
        out.push_str(if tied { "~" } else { "" });
        if bar.start.saturating_add(piece.start) == chord.start {
            let mut signs: Vec<_> =
                chord.notes.iter().flat_map(|note| &note.articulations).copied().collect();
            signs.sort_unstable();
            signs.dedup();
            for sign in signs {
                out.push_str(articulation(sign));
            }
        }
        out.push(' ');
    }

    fn pitch(&self, note: &Written) -> String {
        match note.sounding() {
            Some(key) if self.drums => drum(key).to_owned(),
            _ => pitch(note.pitch),
        }
    }

    fn graces(&self, out: &mut String, graces: &[&Written]) {
        let Some(grace) = graces.first().and_then(|first| first.grace) else { return };
        let pitches: Vec<String> = graces.iter().map(|note| self.pitch(note) + "16").collect();
        let kind = if grace.slashed { "\\slashedGrace" } else { "\\grace" };
        add(out, format_args!("{kind} {{ {} }} ", pitches.join(" ")));
    }
}

fn close(out: &mut String, open: Option<usize>) {
    if open.is_some() {
        out.push_str("} ");
    }
}
