//! Triplets in a resolution that three does not divide: there they are rounded to whole ticks, such as 341 of 1024.

use std::borrow::Cow;

use crate::{Note, Resolution, Score, Ticks, Timed, edit};

/// The finest parts of a quarter note that are looked for.
const FINEST: u32 = 48;
/// A part is told from its neighbours where it has so many ticks.
const LEAST_TICKS: u32 = 8;
/// Music lies on a grid where so many per cent of its notes begin on it.
const MOST_ON_GRID: usize = 90;

/// The score in three times its resolution, with its triplets where they are meant; as it is where thirds are exact, where
/// ticks are too coarse or too fine for it, and where it was played freely.
pub(super) fn exact(score: &Score) -> Cow<'_, Score> {
    let Some(grid) = Grid::of(score.resolution) else { return Cow::Borrowed(score) };
    let notes = || score.tracks.iter().flat_map(|track| &track.notes);
    let on_grid = notes().filter(|note| grid.holds(note.start)).count();
    let has_thirds = notes().any(|note| grid.third(note.start).is_some());
    if !has_thirds || on_grid * 100 < score.note_count() * MOST_ON_GRID {
        return Cow::Borrowed(score);
    }
    let finer =
        Resolution::new(i64::from(grid.quarter) * 3).ok().and_then(|finer| edit::rescaled(score, finer));
    let Some(mut exact) = finer else { return Cow::Borrowed(score) };
    let meant = |note: &Note| {
        let (start, end) = (grid.exact(note.start), grid.exact(note.end()));
        Note { start, length: end.saturating_sub(start), ..*note }
    };
    exact.tempos = grid.all(&score.tempos);
    exact.texts = grid.all(&score.texts);
    for (track, own) in exact.tracks.iter_mut().zip(&score.tracks) {
        track.notes = own.notes.iter().map(meant).collect();
        track.notes.sort_unstable();
        track.texts = grid.all(&own.texts);
    }
    Cow::Owned(exact)
}

/// A quarter of so many ticks, in so many parts.
struct Grid {
    quarter: u32,
    parts: u32,
}

impl Grid {
    /// The finest grid with thirds that ticks tell apart; nothing where they are exact.
    fn of(resolution: Resolution) -> Option<Self> {
        let quarter = resolution.ticks_per_quarter();
        let mut halved =
            std::iter::successors(Some(FINEST), |parts| Some(parts / 2)).take_while(|parts| *parts >= 3);
        let is_told = |parts: &u32| quarter >= LEAST_TICKS * parts && (3 * quarter).is_multiple_of(*parts);
        halved.find(is_told).filter(|_| !quarter.is_multiple_of(3)).map(|parts| Self { quarter, parts })
    }

    /// The nearest part to a time, where it is no further than ticks are rounded.
    fn nearest(&self, at: Ticks) -> Option<u64> {
        let (place, quarter) = (u64::from(at.0) * u64::from(self.parts), u64::from(self.quarter));
        let part = (2 * place + quarter) / (2 * quarter);
        (2 * place.abs_diff(part * quarter) <= u64::from(self.parts)).then_some(part)
    }

    /// The nearest part to a time, where it is a third of something.
    fn third(&self, at: Ticks) -> Option<u64> {
        self.nearest(at).filter(|part| !part.is_multiple_of(3))
    }

    /// Whether something is likely to be meant to begin at a time: on a part or on an eighth of a quarter.
    fn holds(&self, at: Ticks) -> bool {
        self.nearest(at).is_some() || (u64::from(at.0) * 8).is_multiple_of(self.quarter.into())
    }

    /// A time in thirds of a tick.
    fn exact(&self, at: Ticks) -> Ticks {
        let whole = at.0.saturating_mul(3);
        let third = self.third(at).map(|part| part * 3 * u64::from(self.quarter) / u64::from(self.parts));
        Ticks(third.and_then(|third| u32::try_from(third).ok()).unwrap_or(whole))
    }

    fn all<T: Clone>(&self, items: &[Timed<T>]) -> Vec<Timed<T>> {
        items.iter().map(|item| Timed::new(self.exact(item.at), item.value.clone())).collect()
    }
}
