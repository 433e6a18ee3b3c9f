//! The form in which MIDI keeps a score.

use super::piece::last_of_each_tick;
use crate::{Control, Data, Note, Score, Text, TextKind, Ticks, Timed, Track, Velocity};

/// The velocity with which a note is written that has none: a moderate *mezzo forte*.
pub const DEFAULT_VELOCITY: Velocity = Velocity::saturating(80);

/// The score as it comes back after it was written to MIDI: `read(write(score)) == canonical(score)`.
///
/// - Everything is sorted by time; of several tempos, metres or keys at one tick the last stays.
/// - A note without velocity has [`DEFAULT_VELOCITY`].
/// - Overlapping notes of one key end in the order in which they began, since MIDI cannot tell them apart;
///   the same keys are pressed and released at the same times as before.
/// - Copyright, markers and cues of a track move to the score.
/// - Texts lose zero bytes at their end; empty texts, empty raw messages and ports that change nothing disappear.
/// - A system message ends in F7.
///
/// What is canonical stays as it is: `canonical(canonical(score)) == canonical(score)`.
pub fn canonical(score: &Score) -> Score {
    let tracks: Vec<Track> = score.tracks.iter().map(track).collect();
    let of_tracks = score.tracks.iter().flat_map(|track| sorted(&track.texts)).filter(is_global);
    let mut texts = sorted(&score.texts);
    texts.extend(of_tracks);
    Score {
        resolution: score.resolution,
        title: without_zeros(&score.title),
        tempos: last_of_each_tick(score.tempos.clone()),
        meters: last_of_each_tick(score.meters.clone()),
        keys: last_of_each_tick(score.keys.clone()),
        texts: sorted(&clean_texts(texts)),
        tracks,
    }
}

fn track(track: &Track) -> Track {
    let texts = sorted(&track.texts).into_iter().filter(|text| !is_global(text)).collect();
    let mut controls = sorted(&track.controls.iter().filter_map(control).collect::<Vec<_>>());
    drop_repeated_ports(&mut controls);
    Track {
        name: without_zeros(&track.name),
        channel: track.channel,
        notes: notes(&track.notes),
        controls,
        texts: clean_texts(texts),
    }
}

fn sorted<T: Clone>(items: &[Timed<T>]) -> Vec<Timed<T>> {
    let mut items = items.to_vec();
    items.sort_by_key(|item| item.at);
    items
}

/// Whether a text belongs to the whole piece.
fn is_global(text: &Timed<Text>) -> bool {
    matches!(text.value.kind, TextKind::Copyright | TextKind::Marker | TextKind::Cue)
}

fn without_zeros(text: &str) -> String {
    text.trim_end_matches('\0').to_owned()
}

fn clean_texts(texts: Vec<Timed<Text>>) -> Vec<Timed<Text>> {
    let clean = texts.into_iter().map(|mut text| {
        text.value.text = without_zeros(&text.value.text);
        text
    });
    clean.filter(|text| !text.value.text.is_empty()).collect()
}

fn drop_repeated_ports(controls: &mut Vec<Timed<Control>>) {
    let mut now = None;
    controls.retain(|control| match control.value {
        Control::Port(port) => now.replace(port) != Some(port),
        _ => true,
    });
}

fn control(control: &Timed<Control>) -> Option<Timed<Control>> {
    let value = match &control.value {
        Control::Raw(bytes) if bytes.is_empty() => return None,
        Control::SysEx(bytes) if bytes.last() != Some(&0xF7) => {
            Control::SysEx([bytes.as_slice(), &[0xF7]].concat())
        }
        other => other.clone(),
    };
    Some(Timed::new(control.at, value))
}

/// When a key is released. A note without length is released after the keys of its tick are pressed,
/// every other note before: so the order is that of the derived comparison.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
pub(super) struct Release {
    pub(super) at: Ticks,
    pub(super) at_once: bool,
    index: usize,
    velocity: Option<Data>,
}

/// Pairs the presses and releases of each key in the order of time.
fn notes(notes: &[Note]) -> Vec<Note> {
    let mut notes = notes.to_vec();
    notes.sort_unstable();
    // Sorting by key first keeps the presses of one key together and in order.
    notes.sort_by_key(|note| note.pitch);
    for same_key in notes.chunk_by_mut(|a, b| a.pitch == b.pitch) {
        let mut releases: Vec<Release> =
            same_key.iter().enumerate().map(|(index, note)| release(index, note)).collect();
        releases.sort_unstable();
        for (note, release) in same_key.iter_mut().zip(releases) {
            note.length = release.at - note.start;
            note.release = release.velocity;
            note.velocity = note.velocity.or(Some(DEFAULT_VELOCITY));
        }
    }
    notes.sort_unstable();
    notes
}

fn release(index: usize, note: &Note) -> Release {
    Release { at: note.end(), at_once: note.end() == note.start, index, velocity: note.release }
}
