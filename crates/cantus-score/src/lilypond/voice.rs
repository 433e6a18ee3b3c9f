//! One voice, bar by bar.

use crate::sheet::lanes::{Chord, Held, Lane};
use crate::sheet::values::{Layout, Piece, layout};
use crate::sheet::{Bar, Sheet, Written};
use crate::{Meter, Ticks};

use super::names::{articulation, drum, pitch, value};
use super::{add, scaled};

/// All bars of a lane. Where it is silent, the `first` of a staff has rests and others have nothing.
pub(super) fn music(lane: &Lane<'_>, sheet: &Sheet, drums: bool, first: bool) -> String {
    let writer = Writer { sheet, drums };
    let (mut out, mut meter) = (String::new(), Meter::FOUR_FOUR);
    for bar in &sheet.bars {
        meter = bar.meter.unwrap_or(meter);
        if bar.length > Ticks::ZERO {
            writer.bar(&mut out, lane, bar, (meter, first));
            out.push_str("| ");
        }
    }
    out
}

/// The chords that sound in a bar.
fn within<'a, 'b>(lane: &'b Lane<'a>, bar: &Bar) -> &'b [Chord<'a>] {
    let begin = lane.chords.partition_point(|chord| chord.end <= bar.start);
    let end = lane.chords.partition_point(|chord| chord.start < bar.end());
    lane.chords.get(begin..end).unwrap_or_default()
}

/// The notes that begin where a chord ends.
fn after<'a, 'b>(lane: &'b Lane<'a>, chord: &Chord<'_>) -> &'b [Held<'a>] {
    let next = lane.chords.get(lane.chords.partition_point(|other| other.start < chord.end));
    next.filter(|next| next.start == chord.end).map(|next| next.notes.as_slice()).unwrap_or_default()
}

fn graces_at<'a, 'b>(lane: &'b Lane<'a>, at: Ticks) -> &'b [Held<'a>] {
    let begin = lane.graces.partition_point(|grace| grace.note.start < at);
    let end = lane.graces.partition_point(|grace| grace.note.start <= at);
    lane.graces.get(begin..end).unwrap_or_default()
}

struct Writer<'a> {
    sheet: &'a Sheet,
    drums: bool,
}

impl Writer<'_> {
    fn bar(&self, out: &mut String, lane: &Lane<'_>, bar: &Bar, (meter, first): (Meter, bool)) {
        let chords = within(lane, bar);
        let whole = bar.length == meter.bar(self.sheet.resolution);
        // A rest of a whole bar must be just that.
        let silent = chords.is_empty()
            && lane
                .graces
                .get(lane.graces.partition_point(|grace| grace.note.start < bar.start))
                .is_none_or(|grace| grace.note.start >= bar.end());
        if silent && (whole || !first) {
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
        let mut layout = layout(bar.length, meter.beat(resolution), &events, resolution);
        layout.cut_rests(|rest| match rest.tuplet {
            // Its length is that of the tuplet's values.
            Some(_) => Vec::new(),
            None => lane.graces_within(rest, bar.start),
        });
        let Layout { pieces, tuplets } = layout;
        let mut open = None;
        for (index, piece) in pieces.iter().enumerate() {
            if open != piece.tuplet {
                close(out, open);
                if let Some(tuplet) = piece.tuplet.and_then(|tuplet| tuplets.get(tuplet)) {
                    add(out, format_args!("\\tuplet {}/{} {{ ", tuplet.actual, tuplet.normal));
                }
                open = piece.tuplet;
            }
            self.graces(out, graces_at(lane, bar.start.saturating_add(piece.start)));
            let goes_on = pieces.get(index + 1).is_some_and(|next| next.event == piece.event);
            let chord = piece.event.and_then(|event| chords.get(event));
            let next = chord.map(|chord| after(lane, chord)).unwrap_or_default();
            self.piece(out, piece, chord.map(|chord| (chord, next)), (goes_on, bar));
        }
        close(out, open);
    }

    /// One note, chord or rest.
    fn piece(
        &self,
        out: &mut String,
        piece: &Piece,
        chord: Option<(&Chord<'_>, &[Held<'_>])>,
        (goes_on, bar): (bool, &Bar),
    ) {
        let duration = piece.value.map_or_else(|| scaled(piece.length, self.sheet), value);
        let Some((chord, next)) = chord else {
            add(out, format_args!("r{duration} "));
            return;
        };
        let tied = goes_on || chord.end > bar.end();
        let pitches: Vec<String> = chord.notes.iter().map(|held| self.pitch(held.note)).collect();
        let leads = |held: &Held<'_>| next.iter().any(|other| other.note.pitch == held.note.pitch);
        let ties = |held: &Held<'_>| match (!tied && held.on, leads(held)) {
            (false, _) => "",
            (true, true) => "~",
            // It leads to another voice, where `LilyPond` does not look.
            (true, false) => "\\laissezVibrer",
        };
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
                chord.notes.iter().flat_map(|held| &held.note.articulations).copied().collect();
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

    fn graces(&self, out: &mut String, graces: &[Held<'_>]) {
        let Some(grace) = graces.first().and_then(|first| first.note.grace) else { return };
        let pitches: Vec<String> = graces.iter().map(|held| self.pitch(held.note) + "16").collect();
        let kind = if grace.slashed { "\\slashedGrace" } else { "\\grace" };
        add(out, format_args!("{kind} {{ {} }} ", pitches.join(" ")));
    }
}

fn close(out: &mut String, open: Option<usize>) {
    if open.is_some() {
        out.push_str("} ");
    }
}
