//! One part, bar after bar.

use std::collections::{HashMap, HashSet};

use super::note::{Drawn, Ends, rest};
use super::out::Out;
use super::signs::{self, Mark};
use super::voices::{Event, Lane, lanes};
use crate::sheet::values::{self, Layout, Piece};
use crate::sheet::{Bar, Jump, Part, Sheet, Spelled, Step, Transposition, Written};
use crate::{Key, Meter, Pitch, Resolution, Ticks, Timed};

/// Writes one part.
pub(super) struct PartWriter<'a> {
    sheet: &'a Sheet,
    pub(super) part: &'a Part,
    index: usize,
    /// Whether a tie leads to each note.
    pub(super) tied_to: Vec<bool>,
    /// Whether the last syllable of a voice and verse goes on.
    pub(super) hyphens: HashMap<(u8, u8), bool>,
    /// The notes of the present bar whose accidentals are printed.
    pub(super) shown: HashSet<usize>,
    /// The voice of each staff that is written with rests.
    home: Vec<u8>,
    key: Key,
    meter: Meter,
    /// Notes that last into the next bar.
    lasting: Vec<usize>,
    /// The first note that was not begun yet.
    next_note: usize,
    /// When the present bar begins, and when it ends; the last does not.
    begin: Ticks,
    end: Ticks,
    /// When in the bar the writer is.
    cursor: Ticks,
    /// Whether the present bar has rests: in one of hours they would be without number.
    rests: bool,
}

/// The key of the drum kit that a note strikes.
pub(super) fn drum_key(note: &Written) -> u8 {
    note.sounding().map_or(0, Pitch::get)
}

impl<'a> PartWriter<'a> {
    pub(super) fn new(sheet: &'a Sheet, index: usize, part: &'a Part) -> Self {
        Self {
            sheet,
            part,
            index,
            tied_to: tied_to(part),
            hyphens: HashMap::new(),
            shown: HashSet::new(),
            home: homes(part),
            key: Key::C_MAJOR,
            meter: Meter::FOUR_FOUR,
            lasting: Vec::new(),
            next_note: 0,
            begin: Ticks::ZERO,
            end: Ticks::ZERO,
            cursor: Ticks::ZERO,
            rests: true,
        }
    }

    pub(super) fn drum_id(&self, note: &Written) -> String {
        format!("P{}-I{}", self.index + 1, u16::from(drum_key(note)) + 1)
    }

    /// A pitch as it is written for the instrument.
    pub(super) fn written(&self, pitch: Spelled) -> Spelled {
        let Transposition { steps, semitones } = self.part.transposition;
        let back = Transposition { steps: steps.saturating_neg(), semitones: semitones.saturating_neg() };
        back.sounding(pitch)
    }

    /// Writes the bar of an index.
    pub(super) fn bar(&mut self, out: &mut Out, index: usize) {
        let bars = &self.sheet.bars;
        let Some(bar) = bars.get(index) else { return };
        let before = index.checked_sub(1).and_then(|index| bars.get(index));
        let after = bars.get(index + 1);
        self.begin = bar.start;
        self.end = if after.is_some() { bar.end() } else { Ticks(u32::MAX) };
        out.open("measure", &number(bar, index));
        signs::bar_line_before(out, before, bar);
        self.attributes(out, bar, index == 0);
        let notes = self.take_notes(bar, after.is_none());
        self.show_accidentals(bar, &notes);
        let sounding = notes.iter().filter_map(|index| Some((*index, self.part.notes.get(*index)?)));
        let lanes = self.with_homes(lanes(bar, sounding));
        let mut marks = self.marks(bar, index == 0);
        self.cursor = Ticks::ZERO;
        self.rests = bar.length <= longest_with_rests(self.sheet.resolution);
        for (lane, staff) in lanes {
            self.lane(out, bar, &lane, staff, &mut marks);
        }
        if !self.rests && self.cursor < bar.length {
            // No rest tells how long the bar is.
            self.go(out, bar.length);
        }
        signs::bar_line_after(out, bar, after);
        out.close();
    }

    fn attributes(&mut self, out: &mut Out, bar: &Bar, first: bool) {
        self.key = bar.key.unwrap_or(self.key);
        self.meter = bar.meter.unwrap_or(self.meter);
        let key = bar.key.filter(|_| !self.part.is_drums() || self.sheet.parts.iter().all(Part::is_drums));
        if !first && key.is_none() && bar.meter.is_none() {
            return;
        }
        out.open("attributes", "");
        if first {
            out.plain("divisions", self.sheet.resolution.ticks_per_quarter());
        }
        if let Some(key) = key {
            signs::key(out, key, self.part.transposition);
        }
        if let Some(meter) = bar.meter {
            signs::time(out, meter);
        }
        if first {
            self.first_attributes(out, bar);
        }
        out.close();
    }

    fn first_attributes(&self, out: &mut Out, bar: &Bar) {
        let many = self.part.staves > 1;
        if many {
            out.plain("staves", self.part.staves);
        }
        for clef in self.part.clefs.iter().filter(|clef| clef.at <= bar.start) {
            signs::clef_sign(out, many.then_some(clef.value.0), clef.value.1);
        }
        if self.part.transposition != Transposition::default() && !self.part.is_drums() {
            signs::transpose(out, self.part.transposition);
        }
    }

    /// The notes that sound in a bar, in order.
    fn take_notes(&mut self, bar: &Bar, last: bool) -> Vec<usize> {
        let mut notes = std::mem::take(&mut self.lasting);
        while let Some(note) = self.part.notes.get(self.next_note) {
            if note.start >= bar.end() && !last {
                break;
            }
            notes.push(self.next_note);
            self.next_note += 1;
        }
        let lasts = |index: &usize| self.part.notes.get(*index).is_some_and(|note| note.end() > bar.end());
        self.lasting = if last { Vec::new() } else { notes.iter().copied().filter(lasts).collect() };
        notes
    }

    /// Decides which accidentals are printed: those that neither the key nor the bar so far give.
    fn show_accidentals(&mut self, bar: &Bar, notes: &[usize]) {
        self.shown.clear();
        let fifths = signs::written_fifths(self.key, self.part.transposition);
        let mut given: HashMap<(u8, i8, Step), i8> = HashMap::new();
        for index in notes {
            let Some(note) = self.part.notes.get(*index) else { continue };
            let goes_on = note.start < bar.start || self.tied_to.get(*index) == Some(&true);
            if goes_on || self.part.is_drums() {
                continue;
            }
            let written = self.written(note.pitch);
            let place = (note.staff, written.octave, written.tone.step);
            let before = given.insert(place, written.tone.alter);
            if before.unwrap_or_else(|| of_signature(written.tone.step, fifths)) != written.tone.alter {
                self.shown.insert(*index);
            }
        }
    }

    /// The lanes in the order in which they are written, those of each staff's own voice with rests, even where they hold
    /// nothing; the staff is that of the rests.
    fn with_homes(&self, mut lanes: Vec<Lane>) -> Vec<(Lane, Option<u8>)> {
        for voice in &self.home {
            if lanes.iter().all(|lane| lane.voice != *voice) {
                lanes.push(Lane { voice: *voice, events: Vec::new(), after: Vec::new() });
            }
        }
        // The first staff's own voice comes first, since it carries all marks.
        let first = self.home.first().copied();
        lanes.sort_by_key(|lane| (Some(lane.voice) != first, lane.voice));
        let mut seen = HashSet::new();
        let staff = |voice: u8| self.home.iter().position(|home| *home == voice).map(|staff| staff as u8 + 1);
        lanes
            .into_iter()
            .map(|lane| {
                let staff = if seen.insert(lane.voice) { staff(lane.voice) } else { None };
                (lane, staff)
            })
            .collect()
    }

    /// Writes a lane from the beginning of the bar; `staff` is that of its rests, nothing where rests are left out.
    fn lane(
        &mut self,
        out: &mut Out,
        bar: &Bar,
        lane: &Lane,
        staff: Option<u8>,
        marks: &mut Vec<Timed<Mark<'_>>>,
    ) {
        self.go(out, Ticks::ZERO);
        let resolution = self.sheet.resolution;
        let events: Vec<(Ticks, Ticks)> =
            lane.events.iter().map(|event| (event.start, event.length)).collect();
        let layout = values::layout(bar.length, self.meter.beat(resolution), &events, resolution);
        // Programs take a rest of a whole bar for one of the metre's length, whatever its duration says.
        let whole = bar.length == self.meter.bar(resolution);
        let silent = whole && self.rests && lane.events.is_empty() && lane.after.is_empty();
        if silent
            && staff.is_some()
            && marks.iter().all(|mark| mark.at == Ticks::ZERO || mark.at >= bar.length)
        {
            self.marks_until(out, Ticks::ZERO, marks);
            let drawn = Drawn { length: bar.length, ..Drawn::default() };
            rest(out, lane.voice, staff.filter(|_| self.part.staves > 1), drawn, true);
            self.cursor = bar.length;
        } else {
            for (index, piece) in layout.pieces.iter().enumerate() {
                self.piece(out, lane, &layout, index, *piece, staff, marks);
            }
        }
        for grace in &lane.after {
            self.go(out, bar.length);
            self.note(out, *grace, Drawn::default());
        }
        if staff.is_some() {
            self.marks_until(out, bar.length, marks);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "a piece is drawn by all that lies around it")]
    fn piece(
        &mut self,
        out: &mut Out,
        lane: &Lane,
        layout: &Layout,
        index: usize,
        piece: Piece,
        staff: Option<u8>,
        marks: &mut Vec<Timed<Mark<'_>>>,
    ) {
        let event = piece.event.and_then(|event| lane.events.get(event));
        let before = index.checked_sub(1).and_then(|index| layout.pieces.get(index));
        let after = layout.pieces.get(index + 1);
        let tuplet = piece.tuplet.and_then(|tuplet| layout.tuplets.get(tuplet)).copied();
        let mut drawn = Drawn {
            length: piece.length,
            value: piece.value,
            tuplet,
            tuplet_ends: Ends {
                stops: tuplet.is_some_and(|tuplet| tuplet.end == piece.end()),
                starts: tuplet.is_some_and(|tuplet| tuplet.start == piece.start),
            },
            ties: Ends {
                stops: piece.event.is_some() && before.is_some_and(|before| before.event == piece.event),
                starts: piece.event.is_some() && after.is_some_and(|after| after.event == piece.event),
            },
            chord: false,
        };
        if staff.is_some() {
            self.marks_until(out, piece.start, marks);
        }
        if let Some(event) = event.filter(|_| !drawn.ties.stops) {
            self.graces(out, event, piece.start);
        }
        match event.filter(|event| !event.notes.is_empty()) {
            Some(event) => {
                self.go(out, piece.start);
                for index in &event.notes {
                    let Some(note) = self.part.notes.get(*index) else { continue };
                    let stops = drawn.ties.stops || note.start < self.begin;
                    let starts = drawn.ties.starts || note.end() > self.end;
                    self.note(out, *index, Drawn { ties: Ends { stops, starts }, ..drawn });
                    drawn.chord = true;
                }
                self.cursor = piece.end();
            }
            None if staff.is_some() && self.rests || tuplet.is_some() => {
                self.go(out, piece.start);
                rest(out, lane.voice, staff.filter(|_| self.part.staves > 1), drawn, false);
                self.cursor = piece.end();
            }
            None => {}
        }
    }
}

impl<'a> PartWriter<'a> {
    /// Goes to a time in the bar.
    fn go(&mut self, out: &mut Out, to: Ticks) {
        // Readers take a longer step for a slip of the pen.
        let longest = Ticks(4096 * self.sheet.resolution.ticks_per_quarter());
        while self.cursor != to {
            let (name, length) = if to < self.cursor {
                ("backup", self.cursor.saturating_sub(to))
            } else {
                ("forward", to.saturating_sub(self.cursor).min(longest))
            };
            out.open(name, "");
            out.plain("duration", length.0);
            out.close();
            self.cursor = if name == "backup" { to } else { self.cursor.saturating_add(length) };
        }
    }

    fn graces(&mut self, out: &mut Out, event: &Event, at: Ticks) {
        for grace in &event.graces {
            self.go(out, at);
            self.note(out, *grace, Drawn::default());
        }
    }

    /// Writes the marks up to a time, each at its own.
    fn marks_until(&mut self, out: &mut Out, until: Ticks, marks: &mut Vec<Timed<Mark<'_>>>) {
        while let Some(mark) = marks.pop_if(|mark| mark.at <= until) {
            self.go(out, mark.at);
            mark.value.write(out, self.part.staves > 1);
        }
    }

    /// What stands around the notes of a bar, the last first.
    fn marks(&self, bar: &'a Bar, first: bool) -> Vec<Timed<Mark<'a>>> {
        let (sheet, part) = (self.sheet, self.part);
        let mut marks = Vec::new();
        let at_start = |jump: &Jump| matches!(jump, Jump::Segno | Jump::Coda);
        if self.index == 0 {
            let jumps = bar.repeats.jumps.iter();
            marks.extend(
                jumps
                    .clone()
                    .filter(|jump| at_start(jump))
                    .map(|jump| Timed::new(bar.start, Mark::Jump(*jump))),
            );
            marks.extend(
                self.within(&sheet.tempos).map(|tempo| Timed::new(tempo.at, Mark::Tempo(tempo.value))),
            );
            marks.extend(self.within(&sheet.texts).map(|text| Timed::new(text.at, Mark::Text(&text.value))));
            let end =
                jumps.filter(|jump| !at_start(jump)).map(|jump| Timed::new(bar.end(), Mark::Jump(*jump)));
            marks.extend(end);
        }
        let clefs = self.within(&part.clefs).filter(|clef| !first || clef.at > bar.start);
        marks.extend(clefs.map(|clef| Timed::new(clef.at, Mark::Clef(clef.value.0, clef.value.1))));
        marks.extend(self.within(&part.texts).map(|text| Timed::new(text.at, Mark::Words(&text.value))));
        marks.extend(
            self.within(&part.dynamics).map(|level| Timed::new(level.at, Mark::Dynamics(level.value))),
        );
        marks.extend(self.within(&part.chords).map(|chord| Timed::new(chord.at, Mark::Chord(&chord.value))));
        for mark in &mut marks {
            mark.at = mark.at.saturating_sub(bar.start).min(bar.length);
        }
        marks.sort_by_key(|mark| mark.at);
        marks.reverse();
        marks
    }

    /// Those of a sorted list that lie in the present bar.
    fn within<T>(&self, sorted: &'a [Timed<T>]) -> impl Iterator<Item = &'a Timed<T>> + use<'a, T> {
        let from = sorted.partition_point(|timed| timed.at < self.begin);
        let to = sorted.partition_point(|timed| timed.at < self.end);
        sorted.get(from..to).unwrap_or_default().iter()
    }
}

/// Bars that are longer, 16 whole notes, are written without rests.
fn longest_with_rests(resolution: Resolution) -> Ticks {
    Ticks(64 * resolution.ticks_per_quarter())
}

/// The attributes of a bar; one without a number is not counted.
fn number(bar: &Bar, index: usize) -> String {
    if bar.number.is_empty() {
        return format!(" number=\"X{index}\" implicit=\"yes\"");
    }
    format!(" number=\"{}\"", super::out::escaped(&bar.number))
}

/// Semitones that a signature adds to a letter.
fn of_signature(step: Step, fifths: i64) -> i8 {
    const SHARPS: [Step; 7] = [Step::F, Step::C, Step::G, Step::D, Step::A, Step::E, Step::B];
    let place = SHARPS.iter().position(|sharp| *sharp == step).unwrap_or(0) as i64;
    i8::from(place < fifths) - i8::from(6 - place < -fifths)
}

/// Whether a tie leads to each note: from a tied one of the same key of the keyboard that ends where it begins, rather one
/// of its own voice.
fn tied_to(part: &Part) -> Vec<bool> {
    let mut tied = vec![false; part.notes.len()];
    let mut beginning: HashMap<_, Vec<usize>> = HashMap::new();
    for (index, note) in part.notes.iter().enumerate().filter(|(_, note)| note.length > Ticks::ZERO) {
        beginning.entry((note.start, note.sounding())).or_default().push(index);
    }
    for note in part.notes.iter().filter(|note| note.tied) {
        let Some(next) = beginning.get(&(note.end(), note.sounding())) else { continue };
        let voice = |index: &&usize| part.notes.get(**index).is_some_and(|next| next.voice == note.voice);
        if let Some(index) = next.iter().find(voice).or(next.first())
            && let Some(tied) = tied.get_mut(*index)
        {
            *tied = true;
        }
    }
    tied
}

/// The voice of each staff that is written with rests: the lowest that has most of its notes on that staff.
fn homes(part: &Part) -> Vec<u8> {
    let mut counts: HashMap<u8, HashMap<u8, usize>> = HashMap::new();
    for note in &part.notes {
        *counts.entry(note.voice).or_default().entry(note.staff).or_default() += 1;
    }
    let staff_of =
        |staves: &HashMap<u8, usize>| staves.iter().map(|(staff, count)| (*count, 255 - *staff)).max();
    let mut voices: Vec<(u8, Option<u8>)> =
        counts.iter().map(|(voice, staves)| (*voice, staff_of(staves).map(|most| 255 - most.1))).collect();
    voices.sort_unstable();
    let mut homes: Vec<u8> = Vec::new();
    for staff in 1..=part.staves.max(1) {
        let own = voices.iter().find(|voice| voice.1 == Some(staff)).map(|voice| voice.0);
        let free = || {
            let usual = staff.saturating_mul(4).saturating_sub(3);
            let unused = |voice: &u8| !counts.contains_key(voice) && !homes.contains(voice);
            std::iter::once(usual).chain(1..=u8::MAX).find(unused).unwrap_or(usual)
        };
        let home = own.unwrap_or_else(free);
        homes.push(home);
    }
    homes
}
