//! Arrays of steps: pieces on a grid of sixteenths, as the chorales of machine learning are handed on.
//!
//! A file is a JSON object of lists of pieces, by split or any other name. A piece is a list of steps; a step lists
//! what sounds: a pitch for each voice (-1 is silence) where all steps of the piece have the same length, else the
//! pitches that sound, in any number. The same in an `.npz` archive is `NAME_notes` (steps × voices, all pieces end
//! to end) and `NAME_len` (steps of each piece). A held note cannot be told from a repeated one, so it is held.

use std::collections::BTreeMap;

use cantus_score::{
    Channel, Meter, Note, Pitch, Program, Resolution, Score, Strictness, Tempo, Ticks, Timed, Track, npy,
};

use super::{OpenedPiece, ReadError};

/// Ticks of a sixteenth, at [`Resolution::STANDARD`].
const STEP: u32 = 120;
/// Sixteenths of a bar.
const BAR: usize = 16;
/// Most steps of a piece: some 36 hours.
const MOST_STEPS: usize = 1 << 20;
/// Most voices of a piece.
const MOST_VOICES: usize = 64;
/// Choir aahs.
const CHOIR: Program = Program::saturating(52);
/// Quarters a minute of four voices: the usual pace of a chorale, for no such file states any.
const CHORALE_TEMPO: f64 = 76.0;
const VOICES: [&str; 4] = ["Soprano", "Alto", "Tenor", "Bass"];

/// What sounds at each sixteenth.
type Steps = Vec<Vec<i64>>;

/// Reads the pieces of a file by section.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<OpenedPiece>, ReadError> {
    let sections = if npy::is_archive(bytes) { of_arrays(bytes)? } else { of_json(bytes)? };
    let mut pieces = Vec::new();
    for (section, all) in sections {
        for (number, steps) in all.iter().enumerate() {
            let score = score(steps).map_err(|reason| wrong(format!("{section}/{number}: {reason}")))?;
            pieces.push(OpenedPiece::of_section(&section, number as u32, score));
        }
    }
    Ok(pieces)
}

fn wrong(reason: impl Into<String>) -> ReadError {
    ReadError::Steps(reason.into())
}

fn of_json(bytes: &[u8]) -> Result<BTreeMap<String, Vec<Steps>>, ReadError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))
}

fn of_arrays(bytes: &[u8]) -> Result<BTreeMap<String, Vec<Steps>>, ReadError> {
    let failed = |error: npy::NpyError| wrong(error.to_string());
    let names = npy::names(bytes).map_err(failed)?;
    let mut sections = BTreeMap::new();
    for section in names.iter().filter_map(|name| name.strip_suffix("_notes")) {
        let array = |what: &str| {
            let name = format!("{section}_{what}");
            npy::read(bytes, Some(&name), Strictness::Tolerant).map(|read| read.value).map_err(failed)
        };
        let (notes, lengths) = (array("notes")?, array("len")?);
        let &[steps, voices] = notes.shape() else {
            return Err(wrong(format!("{section}_notes must have steps and voices")));
        };
        let mut at = 0;
        let pieces = lengths.values(0..lengths.len()).into_iter().map(|length| {
            let end = at + (length.max(0.0) as usize).min(steps - at);
            let numbers = notes.values(at * voices..end * voices);
            at = end;
            let step = |step: &[f64]| step.iter().map(|&pitch| pitch as i64).collect();
            numbers.chunks(voices.max(1)).map(step).collect::<Steps>()
        });
        sections.insert(section.to_owned(), pieces.collect());
    }
    Ok(sections)
}

/// The music of a piece's steps.
fn score(steps: &Steps) -> Result<Score, String> {
    if steps.len() > MOST_STEPS {
        return Err(format!("a piece may have up to {MOST_STEPS} steps, but this one has {}", steps.len()));
    }
    let voices = steps.first().map_or(0, Vec::len);
    if steps.iter().any(|step| step.len() > MOST_VOICES) {
        return Err(format!("a step may have up to {MOST_VOICES} voices"));
    }
    let mut score = Score::new(Resolution::STANDARD);
    score.meters = meters(steps.len());
    let is_voiced = voices > 0 && steps.iter().all(|step| step.len() == voices);
    if is_voiced && voices == VOICES.len() {
        score.tempos.extend(Tempo::from_bpm(CHORALE_TEMPO).map(|tempo| Timed::new(Ticks::ZERO, tempo)));
    }
    score.tracks = if is_voiced { voice_tracks(steps, voices)? } else { vec![one_track(steps)?] };
    Ok(score)
}

/// Common time; the sixteenths beyond whole bars are a pickup.
fn meters(steps: usize) -> Vec<Timed<Meter>> {
    let pickup = steps % BAR;
    let short = if pickup.is_multiple_of(4) { (pickup / 4, 4) } else { (pickup, 16) };
    let short = Meter::new(short.0 as i64, short.1).ok().map(|meter| Timed::new(Ticks::ZERO, meter));
    let whole = Timed::new(Ticks(pickup as u32 * STEP), Meter::FOUR_FOUR);
    short.into_iter().chain([whole]).collect()
}

fn voice_tracks(steps: &Steps, voices: usize) -> Result<Vec<Track>, String> {
    let track = |voice: usize| {
        // The first nine channels; the tenth is the drums'.
        let channel = Channel::saturating((voice % 9) as i64);
        let mut track = match VOICES.get(voice).filter(|_| voices == VOICES.len()) {
            Some(name) => Track::new(*name, channel, CHOIR),
            None => Track::new(format!("Voice {}", voice + 1), channel, Program::PIANO),
        };
        track.notes = held(steps.iter().map(|step| step.get(voice).copied().unwrap_or(-1)))?;
        Ok(track)
    };
    (0..voices).map(track).collect()
}

/// A pitch that stays the same from step to step is one held note.
fn held(pitches: impl Iterator<Item = i64>) -> Result<Vec<Note>, String> {
    let pitches: Vec<i64> = pitches.collect();
    let (mut notes, mut at) = (Vec::new(), 0);
    for run in pitches.chunk_by(|one, next| one == next) {
        let length = run.len() as u32 * STEP;
        if let Some(&pitch) = run.first().filter(|pitch| **pitch >= 0) {
            let pitch = Pitch::new(pitch).map_err(|error| error.to_string())?;
            notes.push(Note::new(Ticks(at), Ticks(length), pitch));
        }
        at += length;
    }
    Ok(notes)
}

/// All pitches in one part: each sounds from the step where it comes to the one where it goes.
fn one_track(steps: &Steps) -> Result<Track, String> {
    let mut track = Track::new("", Channel::saturating(0), Program::PIANO);
    let pitches: std::collections::BTreeSet<i64> = steps.iter().flatten().copied().collect();
    for pitch in pitches.into_iter().filter(|&pitch| pitch >= 0) {
        let sounds = |step: &Vec<i64>| if step.contains(&pitch) { pitch } else { -1 };
        track.notes.extend(held(steps.iter().map(sounds))?);
    }
    track.notes.sort_unstable();
    Ok(track)
}
