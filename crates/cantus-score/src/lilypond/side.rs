//! What stands beside the voices, each as a line of events with spacers between.

use std::collections::BTreeMap;

use crate::sheet::{Bar, Jump, Part, Repeats, Sheet, Syllable, dynamics};
use crate::{Meter, Resolution, Ticks, Timed};

use super::names::{chord, clef, key, quoted};
use super::{Staff, scaled};

/// What stands at a time: signs before the spacer that begins there, and signs behind it.
struct Event {
    at: Ticks,
    before: String,
    behind: String,
}

impl Event {
    fn before(at: Ticks, text: impl Into<String>) -> Self {
        Self { at, before: text.into(), behind: String::new() }
    }

    fn behind(at: Ticks, text: impl Into<String>) -> Self {
        Self { at, before: String::new(), behind: text.into() }
    }
}

/// Clefs, keys, metres, repeats, tempos, dynamics and texts of a staff.
pub(super) fn line(staff: &Staff<'_>) -> String {
    let (sheet, part) = (staff.sheet, staff.part);
    let clefs = part.clefs.iter().filter(|change| change.value.0 == staff.lanes.number);
    let mut events: Vec<Event> = clefs
        .map(|change| Event::before(change.at, format!("\\clef \"{}\"", clef(change.value.1))))
        .collect();
    events.extend(signatures(sheet));
    if staff.lanes.number == 1 {
        let signs = part.dynamics.iter().map(|sign| (sign.at, dynamics::sign_of(sign.value)));
        events.extend(
            signs
                .filter(|sign| SIGNS.contains(&sign.1))
                .map(|(at, sign)| Event::behind(at, format!("\\{sign}"))),
        );
        events.extend(
            part.texts.iter().map(|text| Event::behind(text.at, format!("^{}", quoted(&text.value.text)))),
        );
    }
    if staff.lanes.of_sheet == 1 {
        let tempos = sheet.tempos.iter();
        events.extend(tempos.map(|tempo| {
            let quarters = tempo.value.bpm().round().max(1.0);
            Event::before(tempo.at, format!("\\tempo 4 = {quarters}"))
        }));
        let texts = sheet.texts.iter();
        events.extend(
            texts.map(|text| Event::before(text.at, format!("\\textMark {}", quoted(&text.value.text)))),
        );
    }
    events.sort_by_key(|event| event.at);
    spaced(sheet, &events)
}

/// Dynamics that have a command.
const SIGNS: [&str; 10] = ["pppp", "ppp", "pp", "p", "mp", "mf", "f", "ff", "fff", "ffff"];

/// Metres, keys and repeats. Bars that their metre does not fill say how long they are.
fn signatures(sheet: &Sheet) -> Vec<Event> {
    let (mut events, mut meter, mut length) = (Vec::new(), Meter::FOUR_FOUR, Ticks::ZERO);
    let mut before = Repeats::default();
    for (index, bar) in sheet.bars.iter().enumerate() {
        let at = bar.start;
        if let Some(new) = bar.meter.or((index == 0).then_some(meter)) {
            meter = new;
            length = new.bar(sheet.resolution);
            events.push(Event::before(at, format!("\\time {new}")));
        }
        if index == 0 && bar.length < length {
            events.push(Event::before(at, format!("\\partial {}", scaled(bar.length, sheet))));
        } else if bar.length != length && bar.length > Ticks::ZERO {
            length = bar.length;
            let moment = moment(length, sheet.resolution);
            events
                .push(Event::before(at, format!("\\set Timing.measureLength = #(ly:make-moment {moment})")));
        }
        events.extend(bar.key.map(|new| Event::before(at, key(new))));
        events.extend(repeats(&before, Some(&bar.repeats), at));
        events.extend(jumps(bar));
        before.clone_from(&bar.repeats);
    }
    let end = sheet.bars.last().map_or(Ticks::ZERO, Bar::end);
    events.extend(repeats(&before, None, end));
    events
}

/// A length as a fraction of a whole note.
fn moment(length: Ticks, resolution: Resolution) -> String {
    format!("{}/{}", length.0, resolution.ticks_per_quarter() * 4)
}

/// Signs of repetition between two bars.
fn repeats(before: &Repeats, after: Option<&Repeats>, at: Ticks) -> Option<Event> {
    let none: &[u8] = &[];
    let mut commands: Vec<String> = Vec::new();
    let endings = after.map_or(none, |after| &after.endings);
    let ends = before.ends.is_some();
    let new_bracket = !endings.is_empty() && (endings != before.endings.as_slice() || ends);
    if ends {
        commands.push("end-repeat".into());
    }
    if !before.endings.is_empty() && (endings.is_empty() || new_bracket) {
        commands.push("(volta #f)".into());
    }
    if new_bracket {
        let passes: Vec<String> = endings.iter().map(u8::to_string).collect();
        commands.push(format!("(volta \"{}.\")", passes.join(", ")));
    }
    if after.is_some_and(|after| after.begins) {
        commands.push("start-repeat".into());
    }
    let text = format!("\\set Score.repeatCommands = #'({})", commands.join(" "));
    (!commands.is_empty()).then(|| Event::before(at, text))
}

fn jumps(bar: &Bar) -> impl Iterator<Item = Event> {
    bar.repeats.jumps.iter().map(|jump| match jump {
        Jump::Segno => Event::before(bar.start, "\\textMark \\markup { \\musicglyph \"scripts.segno\" }"),
        Jump::Coda => Event::before(bar.start, "\\textMark \\markup { \\musicglyph \"scripts.coda\" }"),
        Jump::ToCoda => Event::before(bar.end(), "\\textEndMark \"To Coda\""),
        Jump::Fine => Event::before(bar.end(), "\\textEndMark \"Fine\""),
        Jump::DaCapo => Event::before(bar.end(), "\\textEndMark \"D.C.\""),
        Jump::DalSegno => Event::before(bar.end(), "\\textEndMark \"D.S.\""),
    })
}

/// Puts spacers between events.
fn spaced(sheet: &Sheet, events: &[Event]) -> String {
    let end = sheet.bars.last().map_or(Ticks::ZERO, Bar::end);
    let mut words: Vec<String> = Vec::new();
    let mut at = Ticks::ZERO;
    let mut behind = String::new();
    for event in events {
        let when = event.at.min(end);
        if when > at {
            words.push(format!("s{}{behind}", scaled(when.saturating_sub(at), sheet)));
            behind.clear();
            at = when;
        }
        words.extend((!event.before.is_empty()).then(|| event.before.clone()));
        behind.push_str(&event.behind);
    }
    if end > at {
        words.push(format!("s{}{behind}", scaled(end.saturating_sub(at), sheet)));
    }
    words.join(" ")
}

/// Chord symbols, each until the next.
pub(super) fn chords(sheet: &Sheet, part: &Part) -> String {
    timed(sheet, &part.chords, "s", chord)
}

/// The syllables of each verse at their times.
pub(super) fn lyrics(staff: &Staff<'_>) -> BTreeMap<u8, String> {
    let notes = staff.part.notes.iter().filter(|note| note.staff.max(1) == staff.lanes.number);
    let mut verses: BTreeMap<u8, Vec<Timed<&Syllable>>> = BTreeMap::new();
    for note in notes {
        for syllable in &note.syllables {
            verses.entry(syllable.verse).or_default().push(Timed::new(note.start, syllable));
        }
    }
    let text = |sung: &[Timed<&Syllable>]| {
        timed(staff.sheet, sung, "\\skip ", |syllable, duration| {
            let hyphen = if syllable.hyphen { " --" } else { "" };
            format!("{}{duration}{hyphen}", quoted(&syllable.text))
        })
    };
    verses.iter().map(|(&verse, sung)| (verse, text(sung))).collect()
}

/// Values that each last until the next; of several at one time the first stands.
fn timed<T>(sheet: &Sheet, values: &[Timed<T>], skip: &str, text: impl Fn(&T, &str) -> String) -> String {
    let end = sheet.bars.last().map_or(Ticks::ZERO, Bar::end);
    let mut words: Vec<String> = Vec::new();
    let mut at = Ticks::ZERO;
    for together in values.chunk_by(|a, b| a.at == b.at) {
        let Some(value) = together.first().filter(|value| value.at < end && value.at >= at) else { continue };
        if value.at > at {
            words.push(format!("{skip}{}", scaled(value.at.saturating_sub(at), sheet)));
        }
        let next = values.get(values.partition_point(|other| other.at <= value.at));
        let until = next.map_or(end, |next| next.at.min(end));
        words.push(text(&value.value, &scaled(until.saturating_sub(value.at), sheet)));
        at = until;
    }
    words.join(" ")
}
