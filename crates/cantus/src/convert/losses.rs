//! What a format does not hold, found by reading back what was written.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use cantus_model::corpus::{self, Music as Form};
use cantus_score::roll::{self, ReadOptions};
use cantus_score::sheet::{Sheet, Transposition};
use cantus_score::{Control, Score, Strictness, TextKind, Timed};

use super::OutputFormat;
use crate::json;

/// What music has and its new form does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// What is lost, in the plural: "grace notes".
    pub what: &'static str,
    /// How many of them.
    pub lost: usize,
    /// Of how many.
    pub of: usize,
    /// The name of the form.
    pub form: &'static str,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, lost, of, form } = self;
        if *what == MOVED {
            return write!(f, "{lost} of {of} {what} in {form}");
        }
        write!(f, "{lost} of {of} {what} {} not kept in {form}", if *lost == 1 { "is" } else { "are" })
    }
}

/// Notes that sound otherwise.
const MOVED: &str = "notes begin, end or sound elsewhere";

/// Adds losses of one piece to those of others.
pub(super) fn add(all: &mut Vec<Loss>, more: Vec<Loss>) {
    for loss in more {
        match all.iter_mut().find(|other| (other.what, other.form) == (loss.what, loss.form)) {
            Some(other) => (other.lost, other.of) = (other.lost + loss.lost, other.of + loss.of),
            None => all.push(loss),
        }
    }
}

/// What a written form does not say of music that was written down as a sheet.
pub(super) fn of_sheet(form: &Form, sheet: &Sheet, bytes: &[u8], format: OutputFormat) -> Vec<Loss> {
    let mut losses = Vec::new();
    never_played(sheet, format, &mut losses);
    // Only kern lists an order of bars; the others write them out.
    let sheet = if format == OutputFormat::Kern { Cow::Borrowed(sheet) } else { sheet.unrolled() };
    let sheet = &*sheet;
    let back =
        corpus::read(bytes, Strictness::Tolerant).ok().and_then(|opened| opened.pieces.into_iter().next());
    let Some(back) = back.map(|piece| piece.music) else {
        // LilyPond is not read; its writer says what it leaves out.
        let lost = |what| what == VELOCITIES || PLAYED.contains(&what);
        let all = of_form(form).into_iter().chain(in_sheet(sheet));
        losses.extend(all.filter(|(what, count)| lost(*what) && *count > 0).map(|(what, count)| Loss {
            what,
            lost: count,
            of: count,
            form: format.name(),
        }));
        return losses;
    };
    if let Form::Written(back) = &back {
        compare(&in_sheet(sheet), &in_sheet(back), format, &mut losses);
    }
    let after = plain(&back);
    if let Form::Played(score) = form {
        compare(&in_score(score), &in_score(&after), format, &mut losses);
    }
    moved(&plain(&Form::Written(sheet.clone())), &after, format, &mut losses);
    losses
}

/// Bars that a list of bars leaves out are not written where it is written out.
fn never_played(sheet: &Sheet, format: OutputFormat, losses: &mut Vec<Loss>) {
    let Some(order) = sheet.order.as_ref().filter(|_| format != OutputFormat::Kern) else { return };
    let (of, played) = (sheet.bars.len(), order.iter().cloned().flatten().collect::<BTreeSet<usize>>());
    let lost = (0..of).filter(|bar| !played.contains(bar)).count();
    if lost > 0 {
        losses.push(Loss { what: "bars, never played,", lost, of, form: format.name() });
    }
}

/// What a played form does not say of music.
pub(super) fn of_score(
    form: &Form,
    score: &Score,
    bytes: &[u8],
    (format, steps): (OutputFormat, u16),
) -> Vec<Loss> {
    let mut losses = Vec::new();
    let back = match format {
        OutputFormat::Midi => {
            let opened = corpus::read(bytes, Strictness::Tolerant).ok();
            opened.and_then(|opened| opened.pieces.into_iter().next()).map(|piece| piece.music.into_score())
        }
        OutputFormat::Json => json::read(bytes).ok(),
        OutputFormat::Npy | OutputFormat::Npz => {
            let read = roll::read(bytes, ReadOptions { steps, ..ReadOptions::default() }).ok();
            read.and_then(|read| read.value.into_iter().next())
        }
        _ => None,
    };
    if let Form::Written(sheet) = form
        && back.is_some()
    {
        let credits = [("composers", &sheet.credits.composer), ("authors of words", &sheet.credits.lyricist)];
        let lost = credits.into_iter().filter(|(_, name)| !name.is_empty());
        losses.extend(lost.map(|(what, _)| Loss { what, lost: 1, of: 1, form: format.name() }));
    }
    if let Some(back) = back {
        compare(&in_score(score), &in_score(&back), format, &mut losses);
        moved(score, &back, format, &mut losses);
    }
    losses
}

/// How many there are of each kind of thing.
type Census = Vec<(&'static str, usize)>;

fn compare(before: &Census, after: &Census, format: OutputFormat, losses: &mut Vec<Loss>) {
    for &(what, of) in before {
        let kept = after.iter().find(|(other, _)| *other == what).map_or(0, |(_, count)| *count);
        let is_told = losses.iter().any(|loss| loss.what == what);
        if kept < of && !is_told {
            losses.push(Loss { what, lost: of - kept, of, form: format.name() });
        }
    }
}

const VELOCITIES: &str = "velocities of notes";
const RELEASES: &str = "velocities of releases";
const CONTROLLERS: &str = "pedals and other controllers";
const BENDS: &str = "pitch bends and pressures";
const PROGRAMS: &str = "changes of instrument";
const MESSAGES: &str = "messages to instruments";
/// What only played music has.
const PLAYED: [&str; 5] = [RELEASES, CONTROLLERS, BENDS, PROGRAMS, MESSAGES];

fn of_form(form: &Form) -> Census {
    match form {
        Form::Played(score) => in_score(score),
        Form::Written(_) => Vec::new(),
    }
}

/// How many of a list are not what held before.
fn changes<T: PartialEq>(timed: &[Timed<T>]) -> usize {
    timed.chunk_by(|a, b| a.value == b.value).count()
}

/// What stands in a sheet.
fn in_sheet(sheet: &Sheet) -> Census {
    let notes = || sheet.parts.iter().flat_map(|part| &part.notes);
    let sum = |count: &dyn Fn(&cantus_score::sheet::Part) -> usize| sheet.parts.iter().map(count).sum();
    let repeats = || sheet.bars.iter().map(|bar| &bar.repeats);
    let named = |name: &str| usize::from(!name.is_empty());
    vec![
        ("titles", named(&sheet.credits.title)),
        ("composers", named(&sheet.credits.composer)),
        ("authors of words", named(&sheet.credits.lyricist)),
        ("rights", named(&sheet.credits.rights)),
        ("repeats", repeats().filter(|repeats| repeats.ends.is_some()).count()),
        ("endings", repeats().filter(|repeats| !repeats.endings.is_empty()).count()),
        ("jumps (D.C., D.S., Fine, Coda)", repeats().map(|repeats| repeats.jumps.len()).sum()),
        ("metres", sheet.bars.iter().filter(|bar| bar.meter.is_some()).count()),
        ("keys", sheet.bars.iter().filter(|bar| bar.key.is_some()).count()),
        ("tempos", changes(&sheet.tempos)),
        ("grace notes", notes().filter(|note| note.grace.is_some()).count()),
        ("articulations and ornaments", notes().map(|note| note.articulations.len()).sum()),
        ("syllables", notes().map(|note| note.syllables.len()).sum()),
        (VELOCITIES, notes().filter(|note| note.velocity.is_some()).count()),
        ("chord symbols", sum(&|part| part.chords.len())),
        ("dynamics", sum(&|part| part.dynamics.len())),
        ("texts", sheet.texts.len() + sum(&|part| part.texts.len())),
        ("transpositions of parts", sum(&|part| usize::from(part.transposition != Transposition::default()))),
        ("instruments", sum(&|part| usize::from(part.program.get() > 0))),
        ("parts", sheet.parts.len()),
    ]
}

/// What stands in a score besides its notes.
fn in_score(score: &Score) -> Census {
    let notes = || score.tracks.iter().flat_map(|track| &track.notes);
    let controls = || score.tracks.iter().flat_map(|track| &track.controls).map(|control| &control.value);
    let count = |is: fn(&Control) -> bool| controls().filter(|control| is(control)).count();
    let texts = || score.texts.iter().chain(score.tracks.iter().flat_map(|track| &track.texts));
    let said = |kinds: &[TextKind]| texts().filter(|text| kinds.contains(&text.value.kind)).count();
    let with_notes = score.tracks.iter().filter(|track| !track.notes.is_empty()).count();
    vec![
        ("titles", usize::from(!score.title.is_empty())),
        ("tempos", changes(&score.tempos)),
        ("metres", score.meters.len()),
        ("keys", score.keys.len()),
        (VELOCITIES, notes().filter(|note| note.velocity.is_some()).count()),
        (RELEASES, notes().filter(|note| note.release.is_some()).count()),
        (CONTROLLERS, count(|control| matches!(control, Control::Controller(..)))),
        (
            BENDS,
            count(|control| {
                matches!(control, Control::Bend(_) | Control::Pressure(_) | Control::KeyPressure(..))
            }),
        ),
        (
            PROGRAMS,
            count(|control| matches!(control, Control::Program(_))).saturating_sub(score.tracks.len()),
        ),
        (MESSAGES, count(|control| matches!(control, Control::SysEx(_) | Control::Raw(_)))),
        ("lyrics", said(&[TextKind::Lyric])),
        (
            "markers and other texts",
            said(&[TextKind::Text, TextKind::Marker, TextKind::Cue, TextKind::Copyright]),
        ),
        ("parts", with_notes),
    ]
}

/// How music sounds without its grace notes, whose place is the performer's.
fn plain(form: &Form) -> Score {
    match form {
        Form::Played(score) => score.clone(),
        Form::Written(sheet) => {
            let mut sheet = sheet.clone();
            sheet.parts.iter_mut().for_each(|part| part.notes.retain(|note| note.grace.is_none()));
            sheet.performed()
        }
    }
}

/// Notes by pitch, beginning and length in quarters as fractions in lowest terms.
fn sounding(score: &Score) -> BTreeMap<(u8, [u32; 4]), usize> {
    let quarter = score.resolution.ticks_per_quarter();
    let mut counts = BTreeMap::new();
    for note in score.tracks.iter().flat_map(|track| &track.notes) {
        let [begin, length] = [note.start.0, note.length.0].map(|ticks| {
            let common = divisor(ticks, quarter);
            (ticks / common, quarter / common)
        });
        let key = (note.pitch.get(), [begin.0, begin.1, length.0, length.1]);
        *counts.entry(key).or_insert(0) += 1;
    }
    counts
}

fn divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a.max(1) } else { divisor(b, a % b) }
}

fn moved(before: &Score, after: &Score, format: OutputFormat, losses: &mut Vec<Loss>) {
    let after = sounding(after);
    let missing = |(note, count): (_, &usize)| count.saturating_sub(after.get(note).copied().unwrap_or(0));
    let lost: usize = sounding(before).iter().map(missing).sum();
    if lost > 0 {
        losses.push(Loss { what: MOVED, lost, of: before.note_count(), form: format.name() });
    }
}
