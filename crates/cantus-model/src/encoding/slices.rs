//! Scores on the grid, cut at every distinct onset into slices, and back.

use cantus_features::pulse;
use cantus_score::{
    Channel, Key, Meter, Note, Pitch, Program, Resolution, Score, Tempo, Ticks, Timed, Track, Velocity,
};

use super::lengths::{ESCAPE, Length, STEPS_PER_QUARTER};

/// Time on the grid, in steps of a twenty-fourth of a quarter.
pub type Steps = u32;

/// Most parts that a piece can have; those with the fewest notes are left out beyond it.
pub const MAX_PARTS: usize = 16;

/// Levels that velocities are told apart by.
pub const VELOCITY_LEVELS: u32 = 32;

/// The latest step: some hundred hours. What a broken file puts later is drawn to it.
const LATEST: u64 = 1 << 24;

/// Ticks of a grid step in the scores made here (480 a quarter).
const TICKS_PER_STEP: u32 = 20;

/// What is known of a part before its first note.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Part {
    /// The part's name.
    pub name: String,
    /// Its General MIDI program, from 0.
    pub program: u8,
    /// Whether it plays drums.
    pub drums: bool,
    /// Whether its notes never overlap.
    pub monophonic: bool,
}

/// A note of a slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SliceNote {
    /// Index of the part that plays it.
    pub part: u8,
    /// The key that sounds.
    pub pitch: Pitch,
    /// How long it is held.
    pub length: Length,
    /// How hard it is struck, in [`VELOCITY_LEVELS`] levels, where that is known.
    pub level: Option<u8>,
}

/// The notes that begin together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Slice {
    /// When they begin.
    pub at: Steps,
    /// The notes by part in [`part_order`], and from high to low in a part.
    pub notes: Vec<SliceNote>,
}

/// A metre from a time on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeterSpan {
    /// When its first bar begins.
    pub from: Steps,
    /// The metre.
    pub meter: Meter,
}

/// A piece on the grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sliced {
    /// The title.
    pub title: String,
    /// The tempo at the beginning, where the source states one.
    pub tempo: Option<Tempo>,
    /// The key signature at the beginning, where the source states one.
    pub key: Option<Key>,
    /// The parts.
    pub parts: Vec<Part>,
    /// Length of the incomplete first bar, or 0.
    pub pickup: Steps,
    /// The metres of the whole bars; the first begins after the pickup.
    pub meters: Vec<MeterSpan>,
    /// The slices in order; the first is at 0 even where nothing begins there.
    pub slices: Vec<Slice>,
}

/// The order in which a slice's parts are decided: the outer parts first, then from the lowest to the highest.
/// Chorales are learnt best so: soprano, bass, tenor, alto.
pub fn part_order(parts: usize) -> Vec<u8> {
    let mut order: Vec<u8> = (0..parts as u8).collect();
    if parts > 2 {
        order[1..].reverse();
    }
    order
}

impl Sliced {
    /// Puts a score on the grid. Onsets and ends move to the nearest step, and a note lasts at least one;
    /// where a key is struck again in its part before its end, the earlier note is cut. Where every note has the
    /// same velocity the source had no dynamics, so it counts as unknown.
    /// What a slice cannot hold (controllers, tempo changes, texts) is left out.
    pub fn of_score(score: &Score) -> Self {
        let grid = Grid { ticks_per_quarter: u64::from(score.resolution.ticks_per_quarter()) };
        let tracks: Vec<&Track> = Self::tracks_of(score).iter().map(|index| &score.tracks[*index]).collect();
        let mut parts: Vec<Vec<(Steps, SliceNote)>> =
            tracks.iter().enumerate().map(|(part, track)| notes_on_grid(track, part as u8, grid)).collect();
        forget_constant_levels(&mut parts);
        let described = tracks.iter().zip(&parts).map(|(track, notes)| describe(track, notes)).collect();
        // A pickup that has no class of its own stays a short first bar.
        let pickup =
            Some(grid.steps(score.pickup())).filter(|&steps| Length::saturating(steps).class() != ESCAPE);
        let pickup = pickup.unwrap_or(0);
        Self {
            title: score.title.clone(),
            tempo: score.tempos.first().map(|tempo| tempo.value),
            key: score.keys.first().map(|key| key.value),
            parts: described,
            pickup,
            meters: meters_on_grid(score, pickup, grid),
            slices: slices_of(parts),
        }
    }

    /// Puts a score on the grid as networks learn it: like [`Sliced::of_score`], but drums that were played freely lie on their beats
    /// ([`pulse::drums_on_beats`]): how a drummer pushes and pulls costs a network more than which drums are struck.
    pub fn learned_from(score: &Score) -> Self {
        pulse::drums_on_beats(score).map_or_else(|| Self::of_score(score), |drums| Self::of_score(&drums))
    }

    /// The tracks of a score that are parts on the grid, by their numbers: those that have notes, at most [`MAX_PARTS`] of them.
    pub fn tracks_of(score: &Score) -> Vec<usize> {
        let with_notes = |(index, track): (usize, &Track)| (!track.notes.is_empty()).then_some(index);
        let mut tracks: Vec<usize> = score.tracks.iter().enumerate().filter_map(with_notes).collect();
        if tracks.len() > MAX_PARTS {
            tracks.sort_by_key(|index| std::cmp::Reverse(score.tracks[*index].notes.len()));
            tracks.truncate(MAX_PARTS);
            tracks.sort_unstable();
        }
        tracks
    }

    /// The nearest grid step to a time of a score; one halfway goes to the later.
    pub fn step_of(score: &Score, at: Ticks) -> Steps {
        Grid { ticks_per_quarter: u64::from(score.resolution.ticks_per_quarter()) }.steps(at)
    }

    /// The score of the slices, at 480 ticks a quarter. Parts keep their order; drums play on channel 10.
    pub fn to_score(&self) -> Score {
        let mut score = Score::new(Resolution::STANDARD);
        score.title.clone_from(&self.title);
        score.tempos.extend(self.tempo.map(|tempo| Timed::new(Ticks::ZERO, tempo)));
        score.keys.extend(self.key.map(|key| Timed::new(Ticks::ZERO, key)));
        score.meters = self.written_meters();
        score.tracks = self.parts.iter().enumerate().map(|(index, part)| empty_track(index, part)).collect();
        for slice in &self.slices {
            for note in &slice.notes {
                if let Some(track) = score.tracks.get_mut(note.part as usize) {
                    track.notes.push(written(slice.at, *note));
                }
            }
        }
        for track in &mut score.tracks {
            track.notes.sort();
        }
        score
    }

    /// The same with other notes, in any order; of two that strike a key of a part together, the first stays.
    #[must_use]
    pub fn with_notes(self, notes: impl IntoIterator<Item = (Steps, SliceNote)>) -> Self {
        let mut parts = vec![Vec::new(); self.parts.len()];
        for (at, note) in notes {
            if let Some(part) = parts.get_mut(usize::from(note.part)) {
                part.push((at, note));
            }
        }
        for part in &mut parts {
            part.sort_by_key(|(at, note)| (*at, std::cmp::Reverse(note.pitch)));
            part.dedup_by_key(|(at, note)| (*at, note.pitch));
        }
        Self { slices: slices_of(parts), ..self }
    }

    /// When the last note ends.
    pub fn end(&self) -> Steps {
        let ends = self
            .slices
            .iter()
            .flat_map(|slice| slice.notes.iter().map(|note| slice.at + note.length.steps()));
        ends.max().unwrap_or(0)
    }

    /// How many notes there are.
    pub fn note_count(&self) -> usize {
        self.slices.iter().map(|slice| slice.notes.len()).sum()
    }

    /// Whether any velocity is known.
    pub fn has_dynamics(&self) -> bool {
        self.slices.iter().any(|slice| slice.notes.iter().any(|note| note.level.is_some()))
    }

    /// The lowest and the highest pitch of the parts that are not drums, or nothing where there is none.
    pub fn range(&self) -> Option<(Pitch, Pitch)> {
        let notes = || self.slices.iter().flat_map(|slice| &slice.notes);
        let pitches = || notes().filter(|note| !self.parts[note.part as usize].drums).map(|note| note.pitch);
        Some((pitches().min()?, pitches().max()?))
    }

    /// The piece so many semitones higher, drums left where they are; nothing where a note leaves the keyboard.
    pub fn transposed(&self, semitones: i32) -> Option<Self> {
        let mut moved = self.clone();
        moved.key = self.key.map(|key| key.transposed(semitones));
        for note in moved.slices.iter_mut().flat_map(|slice| &mut slice.notes) {
            if !self.parts[note.part as usize].drums {
                note.pitch = note.pitch.transposed(semitones)?;
            }
        }
        Some(moved)
    }

    /// Moves every known velocity so many levels up, or down, as far as levels go.
    pub(crate) fn louder(&mut self, levels: i32) {
        for note in self.slices.iter_mut().flat_map(|slice| &mut slice.notes) {
            note.level = note
                .level
                .map(|level| (i32::from(level) + levels).clamp(0, VELOCITY_LEVELS as i32 - 1) as u8);
        }
    }

    /// The piece without some of its parts.
    pub(crate) fn without(&self, is_left_out: &[bool]) -> Self {
        let stays = |part: usize| !is_left_out.get(part).copied().unwrap_or(false);
        let mut number = vec![0; self.parts.len()];
        let mut parts = Vec::new();
        for (part, described) in self.parts.iter().enumerate().filter(|(part, _)| stays(*part)) {
            number[part] = parts.len() as u8;
            parts.push(described.clone());
        }
        let mut notes = vec![Vec::new(); parts.len()];
        for slice in &self.slices {
            for note in slice.notes.iter().filter(|note| stays(note.part as usize)) {
                let part = number[note.part as usize];
                notes[part as usize].push((slice.at, SliceNote { part, ..*note }));
            }
        }
        Self {
            parts,
            slices: slices_of(notes),
            meters: self.meters.clone(),
            title: self.title.clone(),
            ..*self
        }
    }

    fn written_meters(&self) -> Vec<Timed<Meter>> {
        let whole = self.meters.iter().map(|span| Timed::new(ticks(span.from), span.meter));
        pickup_meter(self.pickup)
            .map(|meter| Timed::new(Ticks::ZERO, meter))
            .into_iter()
            .chain(whole)
            .collect()
    }
}

/// The metre whose bar is as long as a pickup, in the largest note value that measures it.
fn pickup_meter(pickup: Steps) -> Option<Meter> {
    let units = [(4, 24), (8, 12), (16, 6), (32, 3)];
    let (unit, steps) = units.into_iter().find(|(_, steps)| pickup.is_multiple_of(*steps))?;
    Meter::new(i64::from(pickup / steps), unit).ok()
}

#[derive(Clone, Copy)]
struct Grid {
    ticks_per_quarter: u64,
}

impl Grid {
    /// The nearest grid step; a time halfway goes to the later one.
    fn steps(self, at: Ticks) -> Steps {
        let doubled = 2 * u64::from(at.0) * u64::from(STEPS_PER_QUARTER) + self.ticks_per_quarter;
        (doubled / (2 * self.ticks_per_quarter)).min(LATEST) as Steps
    }
}

/// A time on the grid in the scores made here.
pub fn ticks(steps: Steps) -> Ticks {
    Ticks(steps.saturating_mul(TICKS_PER_STEP))
}

/// A track's notes by onset, and from high to low in one; each key sounds at most once at a time.
fn notes_on_grid(track: &Track, part: u8, grid: Grid) -> Vec<(Steps, SliceNote)> {
    let mut notes: Vec<(Steps, SliceNote)> = track
        .notes
        .iter()
        .map(|note| {
            let start = grid.steps(note.start);
            let length = Length::saturating(grid.steps(note.end()).saturating_sub(start));
            let level = note.velocity.map(|velocity| velocity.get() / 4);
            (start, SliceNote { part, pitch: note.pitch, length, level })
        })
        .collect();
    notes
        .sort_by_key(|(start, note)| (*start, std::cmp::Reverse(note.pitch), std::cmp::Reverse(note.length)));
    notes.dedup_by_key(|(start, note)| (*start, note.pitch));
    cut_struck_again(&mut notes);
    notes
}

/// Shortens each note that lasts beyond the next onset of its own key.
fn cut_struck_again(notes: &mut [(Steps, SliceNote)]) {
    let mut next_onset = [Steps::MAX; 128];
    for (start, note) in notes.iter_mut().rev() {
        let next = &mut next_onset[note.pitch.get() as usize];
        if *start + note.length.steps() > *next {
            note.length = Length::saturating(*next - *start);
        }
        *next = *start;
    }
}

fn forget_constant_levels(parts: &mut [Vec<(Steps, SliceNote)>]) {
    let mut levels = parts.iter().flatten().map(|(_, note)| note.level);
    let first = levels.next();
    if levels.all(|level| Some(level) == first) {
        for (_, note) in parts.iter_mut().flatten() {
            note.level = None;
        }
    }
}

fn describe(track: &Track, notes: &[(Steps, SliceNote)]) -> Part {
    let mut end = 0;
    let monophonic = notes.iter().all(|(start, note)| {
        let free = *start >= end;
        end = end.max(start + note.length.steps());
        free
    });
    let drums = track.is_drums();
    Part { name: track.name.clone(), program: track.program().get(), drums, monophonic: monophonic && !drums }
}

fn meters_on_grid(score: &Score, pickup: Steps, grid: Grid) -> Vec<MeterSpan> {
    let written = score.meters.iter().skip(usize::from(pickup > 0));
    let mut spans: Vec<MeterSpan> =
        written.map(|meter| MeterSpan { from: grid.steps(meter.at), meter: meter.value }).collect();
    if spans.first().is_none_or(|span| span.from > pickup) {
        spans.insert(0, MeterSpan { from: pickup, meter: Meter::FOUR_FOUR });
    }
    spans
}

fn slices_of(parts: Vec<Vec<(Steps, SliceNote)>>) -> Vec<Slice> {
    let order = part_order(parts.len());
    let mut rank = vec![0; parts.len()];
    for (place, &part) in order.iter().enumerate() {
        rank[part as usize] = place;
    }
    let mut notes: Vec<(Steps, SliceNote)> = parts.into_iter().flatten().collect();
    notes.sort_by_key(|(start, note)| (*start, rank[note.part as usize], std::cmp::Reverse(note.pitch)));
    let mut slices = vec![Slice::default()];
    for (start, note) in notes {
        open_slice_at(start, &mut slices);
        if let Some(slice) = slices.last_mut() {
            slice.notes.push(note);
        }
    }
    slices
}

/// Adds an empty slice at `start` unless the last is there; silences too long to spell are cut by more of them.
fn open_slice_at(start: Steps, slices: &mut Vec<Slice>) {
    let mut last = slices.last().map_or(0, |slice| slice.at);
    while last < start {
        last = start.min(last + Length::MAX.steps());
        slices.push(Slice { at: last, notes: Vec::new() });
    }
}

fn empty_track(index: usize, part: &Part) -> Track {
    // Channel 10 (9 from 0) is the drums' own.
    let melodic = (index % 15) as i64;
    let channel =
        if part.drums { Channel::DRUMS } else { Channel::saturating(melodic + i64::from(melodic >= 9)) };
    Track::new(part.name.clone(), channel, Program::saturating(i64::from(part.program)))
}

fn written(at: Steps, note: SliceNote) -> Note {
    let plain = Note::new(ticks(at), ticks(note.length.steps()), note.pitch);
    // The middle of the level, so that encoding again finds the same one.
    note.level.map_or(plain, |level| plain.with_velocity(Velocity::saturating(i64::from(level) * 4 + 2)))
}
