//! Who judges whole pieces.

use cantus_model::encoding::Sliced;
use cantus_model::styles::heard_key;
use cantus_score::{Key, Pitch, Score};

use crate::check::violations;
use crate::plan::Plan;
use crate::request::Ending;

/// A finished piece and what it was to be.
#[derive(Debug, Clone, Copy)]
pub struct Finished<'a> {
    /// On the grid.
    pub piece: &'a Sliced,
    /// As a score.
    pub score: &'a Score,
    /// What was planned.
    pub plan: &'a Plan,
}

/// How much of a piece must be drawn again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The last bars.
    Ending,
    /// All of it.
    Piece,
}

/// What a judge says of a piece.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Good.
    Accept,
    /// Not good: the reason, and how much to draw again.
    Reject(Scope, String),
    /// Good to a degree: of several pieces, the one with the highest sum is kept.
    Score(f64),
}

/// Judges finished pieces: checks of the request, or (to come) originality and taste.
pub trait Judge {
    /// Looks at a finished piece.
    fn judge(&self, finished: &Finished) -> Verdict;
}

/// Every hard rule, found from the score alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct RuleCheck;

/// The key heard is the one that was asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyCheck;

/// The final harmony is the one that was asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct EndingCheck;

/// No part of the setting falls silent that has its share in the style's own pieces.
#[derive(Debug, Clone, Copy, Default)]
pub struct PartsCheck;

/// The music never stops for long.
#[derive(Debug, Clone, Copy, Default)]
pub struct SilenceCheck;

/// The judges that every piece goes before.
pub fn standard_judges() -> [&'static dyn Judge; 5] {
    [&RuleCheck, &PartsCheck, &SilenceCheck, &EndingCheck, &KeyCheck]
}

/// A part that would have fewer notes than this in a piece of its length may as well have none.
const TELLING_NOTES: usize = 6;
/// The part of its usual share that a part must have at least.
const LEAST: usize = 4;
/// The longest silence of all parts together, in bars.
const LONGEST_SILENCE: u32 = 2;

impl Judge for PartsCheck {
    fn judge(&self, finished: &Finished) -> Verdict {
        let Finished { piece, plan, .. } = finished;
        let mut played = vec![0; plan.parts.len()];
        for note in piece.slices.iter().flat_map(|slice| &slice.notes) {
            if let Some(notes) = played.get_mut(usize::from(note.part)) {
                *notes += 1;
            }
        }
        let all: usize = played.iter().sum();
        let usual = plan.parts.iter().map(|part| all * usize::from(part.share) / 100);
        let mut parts = plan.parts.iter().zip(usual).zip(played);
        let silent = parts.find(|((_, usual), played)| *usual >= TELLING_NOTES && played * LEAST < *usual);
        silent.map_or(Verdict::Accept, |((part, _), played)| {
            let reason = format!("its {} has {played} notes of {all}", part.part.name);
            Verdict::Reject(Scope::Piece, reason)
        })
    }
}

impl Judge for SilenceCheck {
    fn judge(&self, finished: &Finished) -> Verdict {
        let Finished { piece, plan, .. } = finished;
        let mut silent_from = 0;
        for slice in piece.slices.iter().filter(|slice| !slice.notes.is_empty()) {
            let silence = slice.at.saturating_sub(silent_from);
            if silence > plan.bar().saturating_mul(LONGEST_SILENCE) {
                let (bars, bar) = (silence / plan.bar(), silent_from / plan.bar() + 1);
                let reason = format!("nothing sounds for {bars} bars from bar {bar}");
                return Verdict::Reject(Scope::Piece, reason);
            }
            let ends = slice.notes.iter().map(|note| slice.at + note.length.steps());
            silent_from = silent_from.max(ends.max().unwrap_or(0));
        }
        Verdict::Accept
    }
}

impl Judge for RuleCheck {
    fn judge(&self, finished: &Finished) -> Verdict {
        match violations(finished.score, finished.plan).first() {
            None => Verdict::Accept,
            Some((rule, place)) => {
                Verdict::Reject(Scope::Piece, format!("it breaks the rule of {}: {place}", rule.name()))
            }
        }
    }
}

impl Judge for KeyCheck {
    fn judge(&self, finished: &Finished) -> Verdict {
        let (asked, heard) = (finished.plan.key, heard_key(finished.piece));
        match (asked, heard) {
            (Some(asked), Some(heard)) if !sounds_like(asked, heard) => {
                // The key is heard over the whole piece, but of a relative pair the last bass decides.
                let scope = if same_signature(asked, heard) { Scope::Ending } else { Scope::Piece };
                Verdict::Reject(scope, format!("it is heard in {heard}, not in {asked}"))
            }
            _ => Verdict::Accept,
        }
    }
}

impl Judge for EndingCheck {
    fn judge(&self, finished: &Finished) -> Verdict {
        let Finished { piece, plan, .. } = finished;
        let harmony = final_harmony(piece);
        let (Some(key), Some(bass)) = (plan.key.or_else(|| heard_key(piece)), harmony.first()) else {
            return Verdict::Accept;
        };
        let above_tonic = |pitch: &Pitch| (12 + pitch.class().get() - key.tonic().get()) % 12;
        let degrees: Vec<u8> = harmony.iter().map(above_tonic).collect();
        let (is_good, wish) = match plan.ending {
            Ending::Tonic if plan.ending_is_checked => (is_tonic(&degrees), "the tonic"),
            Ending::Open => (is_dominant(&degrees), "the dominant"),
            _ => return Verdict::Accept,
        };
        if is_good {
            return Verdict::Accept;
        }
        let names: Vec<String> = harmony.iter().map(ToString::to_string).collect();
        let reason = format!("it ends on {} over {} in {key}, not on {wish}", names.join(" "), bass.class());
        Verdict::Reject(Scope::Ending, reason)
    }
}

/// The tonic's triad over the tonic, major or minor, whole or not; by semitones above the tonic, the bass first.
fn is_tonic(degrees: &[u8]) -> bool {
    let has_both_thirds = degrees.contains(&3) && degrees.contains(&4);
    degrees.first() == Some(&0)
        && !has_both_thirds
        && degrees.iter().all(|degree| [0, 3, 4, 7].contains(degree))
}

/// The dominant's triad or seventh chord over its root; for a single voice any note of its triad.
fn is_dominant(degrees: &[u8]) -> bool {
    match degrees {
        [one] => [2, 7, 11].contains(one),
        _ => degrees.first() == Some(&7) && degrees.iter().all(|degree| [2, 5, 7, 10, 11].contains(degree)),
    }
}

/// Whether two keys are the same but for their spelling.
pub(crate) fn sounds_like(a: Key, b: Key) -> bool {
    a.tonic() == b.tonic() && a.mode() == b.mode()
}

fn same_signature(a: Key, b: Key) -> bool {
    (a.fifths() - b.fifths()).rem_euclid(12) == 0
}

/// The pitches that sound to the end, the lowest first, drums left out.
fn final_harmony(piece: &Sliced) -> Vec<Pitch> {
    let end = piece.end();
    let notes = piece.slices.iter().flat_map(|slice| slice.notes.iter().map(move |note| (slice.at, note)));
    let last = notes.filter(|(at, note)| at + note.length.steps() == end);
    let pitched = last.filter(|(_, note)| !piece.parts[usize::from(note.part)].drums);
    let mut harmony: Vec<Pitch> = pitched.map(|(_, note)| note.pitch).collect();
    harmony.sort_unstable();
    harmony
}
