//! From spines to a sheet.

use super::bars::Bars;
use super::parts::{parts, staves};
use super::reader::{Change, Draft};
use super::recip::QUARTER;
use super::sections;
use super::spine::{Kind, Spine, SpineNote};
use super::ties::{Tied, join};
use crate::sheet::{Grace, Part, Sheet, Written};
use crate::{Channel, Place, Program, Read, Resolution, Text, TextKind, Ticks, Timed, exact, instrument};

/// Makes the sheet of a file of so many bytes; nothing where no spine holds notes.
pub(super) fn sheet(mut draft: Draft, bytes: usize) -> Option<Read<Sheet>> {
    if !draft.spines.iter().any(|spine| spine.kind == Kind::Notes) {
        return None;
    }
    let mut bars = Bars::new(&draft.changes, draft.end);
    for (line, fault) in bars.odd() {
        draft.log.warn(line, 1, fault);
    }
    if !draft.orders.is_empty() {
        bars.divide(&draft.changes);
    }
    let clock = Clock::new(&draft, &bars);
    let mut sheet = Sheet::new(clock.0);
    clock.lay_out(&mut bars);
    sheet.bars = std::mem::take(&mut bars.list);
    fill_whole(&mut sheet, &mut draft, &clock);
    let groups = parts(&draft.spines);
    for (index, group) in groups.iter().enumerate() {
        let part = part(index, group, &mut draft, &clock);
        sheet.parts.push(part);
    }
    sections::play(&mut sheet, &mut draft, &bars);
    for fault in crate::sheet::limits::hold(&mut sheet, bytes) {
        draft.log.warn(1, 1, fault);
    }
    draft.log.warnings.sort_by_key(|warning| match warning.place {
        Place::Line { line, .. } => line,
        Place::Byte { offset, .. } => offset,
        Place::Bar(bar) => bar,
    });
    Some(Read { value: sheet, warnings: draft.log.warnings })
}

/// Turns grains into ticks.
struct Clock(Resolution);

impl Clock {
    fn new(draft: &Draft, bars: &Bars) -> Self {
        let notes = draft.spines.iter().flat_map(|spine| &spine.notes);
        let times = notes.flat_map(|note| [note.start, note.length]);
        Self(exact::resolution(QUARTER, times.chain(bars.starts.iter().copied()).chain([bars.end])))
    }

    fn ticks(&self, grains: u64) -> Ticks {
        exact::ticks(grains, QUARTER, self.0)
    }

    /// The ticks of a length that begins at a time, so that what follows begins where it ends.
    fn length(&self, start: u64, length: u64) -> Ticks {
        self.ticks(start.saturating_add(length)).saturating_sub(self.ticks(start))
    }

    fn timed<T>(&self, at: u64, value: T) -> Timed<T> {
        Timed::new(self.ticks(at), value)
    }

    fn lay_out(&self, bars: &mut Bars) {
        let ends = bars.starts.iter().skip(1).chain([&bars.end]);
        for ((bar, &start), &end) in bars.list.iter_mut().zip(&bars.starts).zip(ends) {
            bar.start = self.ticks(start);
            bar.length = self.ticks(end).saturating_sub(bar.start);
        }
    }
}

/// What belongs to the whole piece.
fn fill_whole(sheet: &mut Sheet, draft: &mut Draft, clock: &Clock) {
    sheet.credits = std::mem::take(&mut draft.credits);
    let (title, work) = (&mut sheet.credits.title, std::mem::take(&mut draft.work));
    if title.is_empty() {
        *title = work;
    } else if !work.is_empty() && !title.contains(work.as_str()) {
        *title = format!("{work}: {title}");
    }
    if !draft.movement.is_empty() {
        let text = Text { kind: TextKind::Text, text: std::mem::take(&mut draft.movement) };
        sheet.texts.push(Timed::new(Ticks::ZERO, text));
    }
    for (at, change) in &draft.changes {
        let Change::Tempo(tempo) = *change else { continue };
        let tempo = clock.timed(*at, tempo);
        if sheet.tempos.last().is_none_or(|last| last.at != tempo.at && last.value != tempo.value) {
            sheet.tempos.push(tempo);
        }
    }
}

/// Makes a part of its spines.
fn part(index: usize, group: &[usize], draft: &mut Draft, clock: &Clock) -> Part {
    let (staff_of, staves) = staves(&draft.spines, group);
    let of_group = || group.iter().filter_map(|&spine| draft.spines.get(spine));
    let name = of_group().map(|spine| spine.name.as_str()).find(|name| !name.is_empty()).unwrap_or_default();
    let program = of_group().find_map(|spine| spine.program);
    let program = program
        .or_else(|| instrument::program_of(name))
        .or_else(|| of_group().find_map(|spine| spine.class_program))
        .unwrap_or(Program::PIANO);
    let transposition = of_group().next().map(|spine| spine.transposition).unwrap_or_default();
    // Channel 9 is left to the drums.
    let free = if index % 15 < 9 { index % 15 } else { index % 15 + 1 };
    let mut part = Part::new(name, Channel::saturating(free as i64), program);
    if of_group().any(|spine| spine.instrument == super::instruments::DRUMS) {
        part.channel = Channel::DRUMS;
    }
    (part.transposition, part.staves) = (transposition, staves);
    let mut voices = Voices::default();
    let mut notes = Vec::new();
    for (&spine, &staff) in group.iter().zip(&staff_of) {
        let Some(spine) = draft.spines.get_mut(spine) else { continue };
        voices.next_spine(&spine.notes);
        part.clefs.extend(spine.clefs.iter().map(|&(at, clef)| clock.timed(at, (staff, clef))));
        notes.extend(spine.notes.drain(..).map(|note| tied(note, staff, &voices, clock)));
        attach(&mut part, spine, clock);
    }
    // Grace notes of one voice keep their order; the main note follows them.
    let key = |note: &Written| (note.start, note.voice, note.grace.is_none());
    notes.sort_by(|a: &Tied, b| {
        let both = a.note.grace.is_none() && b.note.grace.is_none();
        key(&a.note)
            .cmp(&key(&b.note))
            .then_with(|| if both { a.note.pitch.cmp(&b.note.pitch) } else { std::cmp::Ordering::Equal })
    });
    join(&mut notes, &mut draft.log);
    part.notes = notes.into_iter().map(|tied| tied.note).collect();
    part.clefs.sort_by_key(|clef| (clef.at, clef.value.0));
    part
}

/// What stands beside the notes of a spine.
fn attach(part: &mut Part, spine: &mut Spine, clock: &Clock) {
    part.dynamics.extend(spine.dynamics.drain(..).map(|(at, velocity)| clock.timed(at, velocity)));
    part.chords.extend(spine.chords.drain(..).map(|(at, chord)| clock.timed(at, chord)));
    part.dynamics.sort_by_key(|dynamic| dynamic.at);
    part.dynamics.dedup_by_key(|dynamic| dynamic.at);
    part.chords.sort_by_key(|chord| chord.at);
}

/// The numbers of a part's voices.
#[derive(Default)]
struct Voices {
    /// The voice of each column of the spine in hand.
    of_subs: Vec<u8>,
    count: u8,
}

impl Voices {
    /// Numbers the columns of a spine that hold notes.
    fn next_spine(&mut self, notes: &[SpineNote]) {
        let mut used = [false; 256];
        for note in notes {
            if let Some(used) = used.get_mut(usize::from(note.sub)) {
                *used = true;
            }
        }
        let count = &mut self.count;
        self.of_subs = used
            .iter()
            .map(|&used| {
                *count = count.saturating_add(u8::from(used));
                *count
            })
            .collect();
    }

    fn of(&self, sub: u8) -> u8 {
        self.of_subs.get(usize::from(sub)).copied().unwrap_or(1).max(1)
    }
}

fn tied(note: SpineNote, staff: u8, voices: &Voices, clock: &Clock) -> Tied {
    let mut written =
        Written::new(clock.ticks(note.start), clock.length(note.start, note.length), note.pitch);
    (written.voice, written.staff) = (voices.of(note.sub), staff);
    (written.grace, written.articulations, written.syllables) =
        (note.grace, note.articulations, note.syllables);
    if written.length == Ticks::ZERO {
        // It may be shorter than a tick.
        written.grace = written.grace.or(Some(Grace { slashed: false }));
    }
    Tied { note: written, leads: note.leads, led_to: note.led_to, line: note.line }
}
