//! Writes down what lies on a grid.

use crate::{Channel, Key, Meter, Note, Program, Score, Text, TextKind, Ticks, Timed, Track};

use super::{
    Bar, ChordSymbol, Clef, Credits, Part, Sheet, Spelled, Syllable, Written, hands, spell, thirds, voices,
};

impl Sheet {
    /// Writes a score down as it is: composed music, or played music that was quantised before.
    ///
    /// - Bars follow the metres. Notes keep their lengths, also across bar lines.
    /// - Pitches are spelled by the signatures and by what stands around them ([`super::spelled`]).
    /// - A track is a part. Its notes become voices in which one chord follows the other; a keyboard part that is low and
    ///   high at once has two staves, one a hand. Drums have a voice for the hands and one for the feet.
    /// - Triplets that ticks could only round, such as 341 of 1024, are written as triplets.
    /// - A note without length gets a tick: written, it would be a grace note.
    /// - Music without notes is a bar of silence.
    /// - Lyrics go to the highest note at their time, and texts that read as chord symbols become such.
    /// - Controllers, bends and later programs are left out, and a key begins at the nearest bar line.
    pub fn of_score(score: &Score) -> Self {
        let score = &*thirds::exact(score);
        let rights = score.texts.iter().find(|text| text.value.kind == TextKind::Copyright);
        Self {
            resolution: score.resolution,
            credits: Credits {
                title: score.title.clone(),
                rights: rights.map(|text| text.value.text.clone()).unwrap_or_default(),
                ..Credits::default()
            },
            order: None,
            bars: bars(score),
            tempos: score.tempos.clone(),
            texts: score.texts.iter().filter(|text| Some(*text) != rights).cloned().collect(),
            parts: parts(score),
        }
    }
}

/// A part for each track; written music has one at least.
fn parts(score: &Score) -> Vec<Part> {
    if score.tracks.is_empty() {
        return vec![Part::new("", Channel::MIN, Program::PIANO)];
    }
    score.tracks.iter().zip(names(score)).map(|(track, names)| part(track, &names)).collect()
}

/// The bars of a score, with metre and key where they change.
fn bars(score: &Score) -> Vec<Bar> {
    let lines = score.bar_lines();
    let mut bars = Vec::with_capacity(lines.len());
    let pickup = score.pickup() > Ticks::ZERO;
    let mut written: Option<Meter> = None;
    for (index, &start) in lines.iter().enumerate() {
        let own = score.meter_at(start);
        let change = score.meters.get(score.meters.partition_point(|meter| meter.at <= start));
        let whole = start.saturating_add(own.bar(score.resolution));
        let end =
            lines.get(index + 1).copied().unwrap_or(change.map_or(whole, |change| change.at.min(whole)));
        let meter = match change {
            Some(next) if pickup && index == 0 => next.value,
            _ => own,
        };
        let mut bar = Bar::new(start, end.saturating_sub(start));
        bar.meter = (written != Some(meter)).then_some(meter);
        written = Some(meter);
        bars.push(bar);
    }
    if bars.is_empty() {
        let meter = score.meter_at(Ticks::ZERO);
        bars.push(Bar { meter: Some(meter), ..Bar::new(Ticks::ZERO, meter.bar(score.resolution)) });
    }
    set_keys(&mut bars, &score.keys);
    bars
}

fn set_keys(bars: &mut [Bar], keys: &[Timed<Key>]) {
    for key in keys {
        let after = bars.partition_point(|bar| bar.start < key.at);
        let distance = |index: usize| bars.get(index).map_or(u32::MAX, |bar| bar.start.0.abs_diff(key.at.0));
        let nearest = if after > 0 && distance(after - 1) < distance(after) { after - 1 } else { after };
        if let Some(bar) = bars.get_mut(nearest) {
            bar.key = Some(key.value);
        }
    }
}

/// The names of all notes of all tracks; what plays together is spelled together.
fn names(score: &Score) -> Vec<Vec<Spelled>> {
    let mut names: Vec<Vec<Spelled>> = Vec::with_capacity(score.tracks.len());
    let mut all: Vec<(Note, usize, usize)> = Vec::with_capacity(score.note_count());
    for (part, track) in score.tracks.iter().enumerate() {
        names.push(track.notes.iter().map(|note| Spelled::in_key(note.pitch, Key::C_MAJOR)).collect());
        if !track.is_drums() {
            all.extend(track.notes.iter().enumerate().map(|(index, &note)| (note, part, index)));
        }
    }
    all.sort_unstable();
    let notes: Vec<(Ticks, crate::Pitch)> = all.iter().map(|(note, ..)| (note.start, note.pitch)).collect();
    for (&(_, part, index), name) in all.iter().zip(spell::spelled(&notes, &score.keys)) {
        if let Some(place) = names.get_mut(part).and_then(|names| names.get_mut(index)) {
            *place = name;
        }
    }
    names
}

fn part(track: &Track, names: &[Spelled]) -> Part {
    let mut part = Part::new(track.name.clone(), track.channel, track.program());
    let heard = |note: &Note| Note { length: Ticks(note.length.0.max(1)), ..*note };
    let named: Vec<(Note, Spelled)> = track.notes.iter().map(heard).zip(names.iter().copied()).collect();
    for (staff, layers) in staves(track, named).into_iter().enumerate() {
        let staff = staff as u8 + 1;
        part.staves = staff;
        let clef = clef(track, staff, &layers);
        part.clefs.push(Timed::new(Ticks::ZERO, (staff, clef)));
        for layer in layers {
            add_voices(&mut part.notes, staff, &layer);
        }
    }
    part.notes.sort_by_key(|note| (note.start, note.voice, note.sounding()));
    add_texts(&mut part, &track.texts);
    part
}

type Named = Vec<(Note, Spelled)>;

/// The notes of each staff, in layers that share no voice.
fn staves(track: &Track, mut notes: Named) -> Vec<Vec<Named>> {
    notes.sort_unstable_by_key(|(note, _)| *note);
    if track.is_drums() {
        let (feet, hands) = notes.into_iter().partition(|(note, _)| [35, 36, 44].contains(&note.pitch.get()));
        return vec![vec![hands, feet]];
    }
    let plain: Vec<Note> = notes.iter().map(|(note, _)| *note).collect();
    if !hands::is_keyboard(track.program()) || !hands::needs_two(&plain) {
        return vec![vec![notes]];
    }
    let (right, left): (Vec<_>, Vec<_>) =
        notes.into_iter().zip(hands::right(&plain)).partition(|(_, right)| *right);
    let names = |hand: Vec<((Note, Spelled), bool)>| hand.into_iter().map(|(note, _)| note).collect();
    vec![vec![names(right)], vec![names(left)]]
}

/// Adds the notes of one layer, in voices of their own.
fn add_voices(written: &mut Vec<Written>, staff: u8, layer: &[(Note, Spelled)]) {
    let notes: Vec<Note> = layer.iter().map(|(note, _)| *note).collect();
    let first = written.iter().map(|note| note.voice).max().map_or(1, |last| last.saturating_add(1));
    for ((note, name), voice) in layer.iter().zip(voices::voices(&notes)) {
        let voice = first.saturating_add(u8::try_from(voice).unwrap_or(u8::MAX));
        let plain = Written::new(note.start, note.length, *name);
        written.push(Written { voice, staff, velocity: note.velocity, ..plain });
    }
}

/// The clef in which most notes lie near the staff.
fn clef(track: &Track, staff: u8, layers: &[Named]) -> Clef {
    if track.is_drums() {
        return Clef::Percussion;
    }
    let mut keys: Vec<u8> = layers.iter().flatten().map(|(note, _)| note.pitch.get()).collect();
    let middle = keys.len() / 2;
    let median = if keys.is_empty() { None } else { Some(*keys.select_nth_unstable(middle).1) };
    clef_of(track.program(), median.unwrap_or(if staff == 1 { 72 } else { 48 }))
}

fn clef_of(program: Program, median: u8) -> Clef {
    const GUITARS: std::ops::RangeInclusive<u8> = 24..=31;
    const VIOLA: u8 = 41;
    match (program.get(), median) {
        (VIOLA, 53..=76) => Clef::Alto,
        (program, 48..) if GUITARS.contains(&program) => Clef::TenorVoice,
        (_, 60..) => Clef::Treble,
        _ => Clef::Bass,
    }
}

/// Lyrics become syllables, chord symbols chords; other texts stay.
fn add_texts(part: &mut Part, texts: &[Timed<Text>]) {
    for text in texts {
        let at = text.at;
        let sung = (text.value.kind == TextKind::Lyric).then(|| syllable(&text.value.text)).flatten();
        let chord =
            if text.value.kind == TextKind::Text { ChordSymbol::parse(&text.value.text) } else { None };
        match (sung, chord) {
            (Some(sung), _) if sing(&mut part.notes, at, &sung) => {}
            (_, Some(chord)) => part.chords.push(Timed::new(at, chord)),
            _ => part.texts.push(text.clone()),
        }
    }
}

/// Puts a syllable under the highest note that begins at a time and has none; tells whether there is one.
fn sing(notes: &mut [Written], at: Ticks, syllable: &Syllable) -> bool {
    let begin = notes.partition_point(|note| note.start < at);
    let end = notes.partition_point(|note| note.start <= at);
    let together = notes.get_mut(begin..end).unwrap_or_default().iter_mut();
    let free = together.filter(|note| note.syllables.is_empty()).max_by_key(|note| note.sounding());
    free.map(|note| note.syllables.push(syllable.clone())).is_some()
}

/// A syllable of the first verse; a hyphen at its end says that the word goes on.
fn syllable(text: &str) -> Option<Syllable> {
    let trimmed = text.trim();
    let open = trimmed.trim_end_matches('-');
    let syllable = Syllable { verse: 1, text: open.to_owned(), hyphen: open.len() < trimmed.len() };
    (!open.is_empty()).then_some(syllable)
}
