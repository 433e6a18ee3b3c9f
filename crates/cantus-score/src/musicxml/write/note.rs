//! One note of a chord, or a rest.

use super::out::Out;
use super::part::PartWriter;
use crate::musicxml::names;
use crate::sheet::Articulation::{
    self, Accent, Arpeggio, Fermata, Marcato, Mordent, Staccatissimo, Staccato, Tenuto, Trill, Turn,
};
use crate::sheet::values::{Tuplet, Value};
use crate::sheet::{Spelled, Written};
use crate::{Ticks, Velocity};

/// Which ends of a line lie at a note.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ends {
    pub(super) stops: bool,
    pub(super) starts: bool,
}

impl Ends {
    fn any(self) -> bool {
        self.stops || self.starts
    }

    /// Writes an empty element for each.
    fn write(self, out: &mut Out, name: &str) {
        for (is, kind) in [(self.stops, "stop"), (self.starts, "start")] {
            if is {
                out.empty(name, &format!(" type=\"{kind}\""));
            }
        }
    }
}

/// How a note is drawn.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Drawn {
    pub(super) length: Ticks,
    pub(super) value: Option<Value>,
    pub(super) tuplet: Option<Tuplet>,
    pub(super) tuplet_ends: Ends,
    /// Whether the same note came before it, and comes after it.
    pub(super) ties: Ends,
    /// It begins together with the note before.
    pub(super) chord: bool,
}

/// The names of note values from the maxima on.
const VALUES: [&str; 14] = [
    "maxima", "long", "breve", "whole", "half", "quarter", "eighth", "16th", "32nd", "64th", "128th",
    "256th", "512th", "1024th",
];

/// Writes a rest.
pub(super) fn rest(out: &mut Out, voice: u8, staff: Option<u8>, drawn: Drawn, whole_bar: bool) {
    out.open("note", "");
    out.empty("rest", if whole_bar { " measure=\"yes\"" } else { "" });
    out.plain("duration", drawn.length.0);
    out.plain("voice", voice);
    if !whole_bar {
        value(out, drawn);
    }
    if let Some(staff) = staff {
        out.plain("staff", staff);
    }
    if drawn.tuplet_ends.any() {
        out.open("notations", "");
        drawn.tuplet_ends.write(out, "tuplet");
        out.close();
    }
    out.close();
}

impl PartWriter<'_> {
    /// Writes a note.
    pub(super) fn note(&mut self, out: &mut Out, index: usize, drawn: Drawn) {
        let Some(note) = self.part.notes.get(index) else { return };
        let dynamics = note.velocity.map(|velocity| format!(" dynamics=\"{}\"", percent(velocity)));
        out.open("note", dynamics.as_deref().unwrap_or_default());
        if drawn.length == Ticks::ZERO {
            let slashed = note.grace.is_some_and(|grace| grace.slashed);
            out.empty("grace", if slashed { " slash=\"yes\"" } else { "" });
        }
        if drawn.chord {
            out.empty("chord", "");
        }
        let written = self.pitch(out, note);
        if drawn.length > Ticks::ZERO {
            out.plain("duration", drawn.length.0);
        }
        let tied_to = self.tied_to.get(index) == Some(&true);
        let ties = Ends { stops: drawn.ties.stops || tied_to, starts: drawn.ties.starts || note.tied };
        ties.write(out, "tie");
        if self.part.is_drums() {
            out.empty("instrument", &format!(" id=\"{}\"", self.drum_id(note)));
        }
        out.plain("voice", note.voice);
        if drawn.length > Ticks::ZERO {
            value_with(out, drawn, self.accidental(index, drawn, written));
        } else {
            out.plain("type", "eighth");
        }
        if self.part.staves > 1 {
            out.plain("staff", note.staff);
        }
        notations(out, note, drawn, ties);
        if !drawn.ties.stops {
            self.lyrics(out, note);
        }
        out.close();
    }

    /// Writes the pitch as it is written for the instrument, and gives it.
    fn pitch(&self, out: &mut Out, note: &Written) -> Spelled {
        if self.part.is_drums() {
            let (step, octave) = names::place_of(super::part::drum_key(note));
            out.open("unpitched", "");
            out.plain("display-step", step.letter());
            out.plain("display-octave", octave);
            out.close();
            return Spelled::new(step, 0, octave);
        }
        let written = self.written(note.pitch);
        out.open("pitch", "");
        out.plain("step", written.tone.step.letter());
        if written.tone.alter != 0 {
            out.plain("alter", written.tone.alter);
        }
        out.plain("octave", written.octave);
        out.close();
        written
    }

    /// The accidental to be printed.
    fn accidental(&self, index: usize, drawn: Drawn, written: Spelled) -> Option<&'static str> {
        let shown = !drawn.ties.stops && self.shown.contains(&index);
        shown.then_some(match written.tone.alter {
            ..=-2 => "flat-flat",
            -1 => "flat",
            0 => "natural",
            1 => "sharp",
            2.. => "double-sharp",
        })
    }

    fn lyrics(&mut self, out: &mut Out, note: &Written) {
        for syllable in &note.syllables {
            let before = self.hyphens.insert((note.voice, syllable.verse), syllable.hyphen).unwrap_or(false);
            out.open("lyric", &format!(" number=\"{}\"", syllable.verse));
            out.plain(
                "syllabic",
                match (before, syllable.hyphen) {
                    (false, false) => "single",
                    (false, true) => "begin",
                    (true, true) => "middle",
                    (true, false) => "end",
                },
            );
            out.text("text", "", &syllable.text);
            out.close();
        }
    }
}

/// A velocity in percent of a forte of 90.
pub(super) fn percent(velocity: Velocity) -> f64 {
    (f64::from(velocity.get()) / 0.9 * 100.0).round() / 100.0
}

fn value(out: &mut Out, drawn: Drawn) {
    value_with(out, drawn, None);
}

/// Type, dots, accidental and tuplet.
fn value_with(out: &mut Out, drawn: Drawn, accidental: Option<&str>) {
    if let Some(value) = drawn.value {
        let index = usize::try_from(value.halvings - Value::LONGEST).unwrap_or(0);
        out.plain("type", VALUES.get(index).copied().unwrap_or("quarter"));
        (0..value.dots).for_each(|_| out.empty("dot", ""));
    }
    if let Some(accidental) = accidental {
        out.plain("accidental", accidental);
    }
    if let Some(tuplet) = drawn.tuplet {
        out.open("time-modification", "");
        out.plain("actual-notes", tuplet.actual);
        out.plain("normal-notes", tuplet.normal);
        out.close();
    }
}

fn notations(out: &mut Out, note: &Written, drawn: Drawn, ties: Ends) {
    let signs: &[Articulation] = if drawn.ties.stops { &[] } else { &note.articulations };
    let tuplet = if drawn.chord { Ends::default() } else { drawn.tuplet_ends };
    if !ties.any() && !tuplet.any() && signs.is_empty() {
        return;
    }
    out.open("notations", "");
    ties.write(out, "tied");
    tuplet.write(out, "tuplet");
    let group = |out: &mut Out, name: &'static str, members: &[Articulation]| {
        let mut signs = signs.iter().filter(|sign| members.contains(sign)).peekable();
        if signs.peek().is_none() {
            return;
        }
        out.open(name, "");
        signs.for_each(|sign| out.empty(names::element_of(*sign), ""));
        out.close();
    };
    group(out, "ornaments", &[Trill, Mordent, Turn]);
    group(out, "articulations", &[Staccato, Staccatissimo, Tenuto, Accent, Marcato]);
    for sign in signs.iter().filter(|sign| matches!(sign, Fermata | Arpeggio)) {
        out.empty(names::element_of(*sign), "");
    }
    out.close();
}
