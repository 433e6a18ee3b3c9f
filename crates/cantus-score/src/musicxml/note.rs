//! Notes and rests.

use super::MusicXmlError;
use super::attributes::value;
use super::faults::Faults;
use super::moment::{LONGEST_MEASURE, Moment, QUARTER};
use super::names;
use super::part::{FoundNote, Part};
use super::xml::Node;
use crate::sheet::{Articulation, Grace, Spelled, Step, Syllable, Written, dynamics};
use crate::{Ticks, Velocity};

/// The elements of a note that are looked at.
#[derive(Default)]
struct Parts<'f, 'a> {
    grace: Option<Node<'f, 'a>>,
    pitch: Option<Node<'f, 'a>>,
    unpitched: Option<Node<'f, 'a>>,
    duration: Option<Node<'f, 'a>>,
    kind: Option<Node<'f, 'a>>,
    modification: Option<Node<'f, 'a>>,
    accidental: Option<Node<'f, 'a>>,
    voice: Option<Node<'f, 'a>>,
    staff: Option<Node<'f, 'a>>,
    instrument: Option<Node<'f, 'a>>,
    dots: u32,
    chord: bool,
    /// A rest, or a cue for somebody else's music.
    silent: bool,
    tied: bool,
}

pub(super) fn read(
    part: &mut Part,
    node: Node<'_, '_>,
    faults: &mut Faults<'_>,
) -> Result<(), MusicXmlError> {
    let parts = Parts::of(node);
    if part.divisions.is_none() {
        parts.guess_divisions(part, node, faults)?;
    }
    let Some(length) = parts.length(part, node, faults)? else { return Ok(()) };
    let chord = parts.chord && (part.chord_start < part.cursor || parts.grace.is_some());
    let start = if chord { part.chord_start } else { part.cursor };
    let length = if chord { parts.length_in_chord(length, part, node, faults)? } else { length };
    if !chord {
        part.chord_start = part.cursor;
        part.cursor = part.cursor.saturating_add(length).min(LONGEST_MEASURE);
    }
    if parts.silent {
        return Ok(());
    }
    let Some(pitch) = pitch(part, &parts, node, faults)? else { return Ok(()) };
    let note = written(part, &parts, node, pitch, length == 0);
    if let Some(velocity) = note_dynamics(node) {
        part.dynamics.push(part.found(start, velocity));
    }
    let found = FoundNote { note, length, unpitched: parts.unpitched.is_some() };
    part.notes.push(part.found(start, found));
    Ok(())
}

impl<'f, 'a> Parts<'f, 'a> {
    fn of(node: Node<'f, 'a>) -> Self {
        let mut parts = Self::default();
        for child in node.children() {
            match child.name() {
                "grace" => parts.grace = Some(child),
                "pitch" => parts.pitch = Some(child),
                "unpitched" => parts.unpitched = Some(child),
                "duration" => parts.duration = Some(child),
                "type" => parts.kind = Some(child),
                "time-modification" => parts.modification = Some(child),
                "accidental" => parts.accidental = Some(child),
                "voice" => parts.voice = Some(child),
                "staff" => parts.staff = Some(child),
                "instrument" => parts.instrument = Some(child),
                "dot" => parts.dots += 1,
                "chord" => parts.chord = true,
                "cue" | "rest" => parts.silent = true,
                "tie" => parts.tied |= child.attribute("type").as_deref() == Some("start"),
                "notations" => parts.tied |= ties(child),
                _ => {}
            }
        }
        parts
    }

    /// How long the note is; zero for a grace note, nothing where nobody can tell.
    fn length(
        &self,
        part: &Part,
        node: Node<'_, '_>,
        faults: &mut Faults<'_>,
    ) -> Result<Option<Moment>, MusicXmlError> {
        if self.grace.is_some() {
            return Ok(Some(0));
        }
        let told = self.duration.and_then(|duration| part.length(duration)).filter(|length| *length >= 0);
        let length = told.or_else(|| self.printed());
        match (told, length) {
            (Some(0), _) if !self.silent => {
                faults.add(node.offset(), format_args!("a note of no length is read as a grace note"))?;
            }
            (None, Some(_)) => {
                faults.add(
                    node.offset(),
                    format_args!("a note without a duration is as long as it is printed"),
                )?;
            }
            (None, None) => {
                faults
                    .add(node.offset(), format_args!("a note must have a duration; this one is left out"))?;
            }
            (Some(_), _) => {}
        }
        Ok(length)
    }

    /// How long a further note of a chord is: as long as the chord where it is printed so, whatever its duration.
    fn length_in_chord(
        &self,
        length: Moment,
        part: &Part,
        node: Node<'_, '_>,
        faults: &mut Faults<'_>,
    ) -> Result<Moment, MusicXmlError> {
        let chord = part.cursor.saturating_sub(part.chord_start);
        if self.grace.is_some() || length == chord || self.printed() != Some(chord) {
            return Ok(length);
        }
        let message = format_args!(
            "a note of a chord is printed as long as the chord but lasts otherwise; it is believed to last as long"
        );
        faults.add(node.offset(), message)?;
        Ok(chord)
    }

    /// Tells from how a note is printed how a part counts that does not say so.
    fn guess_divisions(
        &self,
        part: &mut Part,
        node: Node<'_, '_>,
        faults: &mut Faults<'_>,
    ) -> Result<(), MusicXmlError> {
        let Some(duration) = self.duration.and_then(Node::integer).filter(|_| self.grace.is_none()) else {
            return Ok(());
        };
        let printed = self.printed().unwrap_or(0).max(1);
        let divisions = (duration.clamp(1, 1 << 20) * QUARTER / printed).clamp(1, 1 << 20);
        let divisions = if self.kind.is_some() { divisions } else { 1 };
        part.divisions = Some(divisions);
        let message =
            format_args!("the part does not say how it counts; a quarter note is taken as {divisions}");
        faults.add(node.offset(), message)
    }

    /// How long the note is printed.
    fn printed(&self) -> Option<Moment> {
        let plain = value(self.kind?.text(), self.dots)?;
        let Some(modification) = self.modification else { return Some(plain) };
        let number = |name: &str| modification.child(name).and_then(Node::integer);
        let (actual, normal) = (number("actual-notes")?, number("normal-notes")?);
        (actual > 0 && (1..1000).contains(&normal)).then(|| plain / actual * normal)
    }
}

/// Whether notations hold the beginning of a tie.
fn ties(notations: Node<'_, '_>) -> bool {
    let mut ties = notations.children().filter(|child| child.name() == "tied");
    ties.any(|tie| tie.attribute("type").as_deref() == Some("start"))
}

/// The sounding pitch, or nothing, with the reason told.
fn pitch(
    part: &Part,
    parts: &Parts<'_, '_>,
    node: Node<'_, '_>,
    faults: &mut Faults<'_>,
) -> Result<Option<Spelled>, MusicXmlError> {
    if let Some(unpitched) = parts.unpitched {
        return Ok(Some(drum(part, parts, unpitched)));
    }
    let Some(pitch) = parts.pitch else {
        faults.add(
            node.offset(),
            format_args!("a note must have a pitch or be a rest; this one is left out"),
        )?;
        return Ok(None);
    };
    let step = pitch.child_text("step").and_then(|step| Step::of_letter(step.chars().next()?));
    let octave = pitch.child("octave").and_then(Node::integer).filter(|octave| (-2..=12).contains(octave));
    let (Some(step), Some(octave)) = (step, octave) else {
        let message =
            format_args!("a pitch must have a step from A to G and an octave; this note is left out");
        faults.add(pitch.offset(), message)?;
        return Ok(None);
    };
    let alter = match pitch.child("alter") {
        Some(alter) => semitones(alter, faults)?,
        None => printed_accidental(parts, faults)?,
    };
    let sounding = part.transposition.sounding(Spelled::new(step, alter, octave as i8));
    if sounding.pitch().is_none() {
        let message = format_args!("a pitch must lie on the keyboard from C-1 to G9; {sounding} is left out");
        faults.add(pitch.offset(), message)?;
        return Ok(None);
    }
    Ok(Some(sounding))
}

/// The accidental of a pitch that says nothing of one although one is printed.
fn printed_accidental(parts: &Parts<'_, '_>, faults: &mut Faults<'_>) -> Result<i8, MusicXmlError> {
    let Some(accidental) = parts.accidental else { return Ok(0) };
    let alter = match accidental.text() {
        "sharp" => 1,
        "flat" => -1,
        "double-sharp" | "sharp-sharp" => 2,
        "flat-flat" => -2,
        _ => return Ok(0),
    };
    let message = format_args!("a {} is printed but does not sound; it is believed", accidental.text());
    faults.add(accidental.offset(), message)?;
    Ok(alter)
}

/// An accidental; what lies between the keys goes to the nearer one.
fn semitones(alter: Node<'_, '_>, faults: &mut Faults<'_>) -> Result<i8, MusicXmlError> {
    let exact = alter.number::<f64>().filter(|exact| exact.abs() <= 4.0);
    let nearest = (exact.unwrap_or(0.0) + 0.5).floor();
    if exact != Some(nearest) {
        let message = format_args!(
            "an accidental must be up to four whole semitones, but was {:?}; {nearest} is taken",
            alter.text()
        );
        faults.add(alter.offset(), message)?;
    }
    Ok(nearest as i8)
}

/// The drum that a note without a pitch strikes.
fn drum(part: &Part, parts: &Parts<'_, '_>, unpitched: Node<'_, '_>) -> Spelled {
    let id = parts.instrument.and_then(|instrument| instrument.attribute("id"));
    let instrument = part.instrument(id.as_deref());
    let told =
        instrument.and_then(|instrument| instrument.drum.or_else(|| names::drum_named(&instrument.name)));
    let name = || names::drum_named(&part.head.name);
    let step = unpitched.child_text("display-step").and_then(|step| Step::of_letter(step.chars().next()?));
    let octave = unpitched.child("display-octave").and_then(Node::integer).unwrap_or(5).clamp(0, 9);
    names::drum(told.or_else(name).unwrap_or_else(|| names::drum_at(step.unwrap_or(Step::C), octave)))
}

/// The note with what is written around it; its times are set when all measures are known.
fn written(
    part: &mut Part,
    parts: &Parts<'_, '_>,
    node: Node<'_, '_>,
    pitch: Spelled,
    short: bool,
) -> Written {
    part.first_transposition.get_or_insert(part.transposition);
    let mut note = Written::new(Ticks::ZERO, Ticks::ZERO, pitch);
    note.staff = parts.staff.and_then(Node::integer).unwrap_or(1).clamp(1, 32) as u8;
    note.voice = match parts.voice {
        Some(voice) => part.voice(voice.text()),
        // As programs count that give each staff four voices.
        None => note.staff * 4 - 3,
    };
    part.staves = part.staves.max(note.staff);
    note.tied = parts.tied;
    note.grace = match parts.grace {
        Some(grace) => Some(Grace { slashed: grace.says_yes("slash") }),
        None => short.then_some(Grace { slashed: false }),
    };
    note.velocity = node.attribute("dynamics").and_then(|percent| velocity(&percent));
    note.articulations = articulations(node);
    note.syllables = node.children().filter(|child| child.name() == "lyric").filter_map(syllable).collect();
    note
}

/// A velocity in percent of a forte of 90.
pub(super) fn velocity(percent: &str) -> Option<Velocity> {
    let percent = percent.trim().parse::<f64>().ok().filter(|percent| percent.is_finite())?;
    Some(Velocity::saturating((percent * 0.9).round() as i64))
}

/// Dynamics that are attached to a note.
fn note_dynamics(node: Node<'_, '_>) -> Option<Velocity> {
    let notations = node.children().filter(|child| child.name() == "notations");
    let signs = notations.filter_map(|notations| notations.child("dynamics"));
    signs.flat_map(Node::children).find_map(|sign| dynamics::velocity_of(sign.name()))
}

fn articulations(node: Node<'_, '_>) -> Vec<Articulation> {
    let mut found = Vec::new();
    for notations in node.children().filter(|child| child.name() == "notations") {
        for child in notations.children() {
            if matches!(child.name(), "articulations" | "ornaments") {
                found.extend(child.children().filter_map(|sign| names::articulation(sign.name())));
            } else {
                found.extend(names::articulation(child.name()));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// A syllable, with what is joined to it by elision.
fn syllable(lyric: Node<'_, '_>) -> Option<Syllable> {
    let (mut text, mut hyphen) = (String::new(), false);
    for child in lyric.children() {
        match child.name() {
            "syllabic" => hyphen = matches!(child.text(), "begin" | "middle"),
            "text" => text.push_str(child.text()),
            "elision" => text.push_str(if child.text().is_empty() { "\u{203F}" } else { child.text() }),
            _ => {}
        }
    }
    let number = lyric.attribute("number").unwrap_or_default();
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let verse = digits.parse().unwrap_or(1).max(1);
    (!text.is_empty()).then_some(Syllable { verse, text, hyphen })
}
