//! What a roll shows, before anyone draws it: bars, parts, and the systems that they wrap into.

use std::ops::Range;

use cantus_score::{Meter, Note, Pitch, Score, Ticks};

/// The most bars that one roll draws; a file that holds one note after a year of silence has no more to show.
pub const MOST_BARS: usize = 2000;

/// The most notes that one roll draws, each counted in every bar in which it sounds: a broken file may hold a thousand
/// notes over all its bars.
const MOST_NOTES: usize = 100_000;

/// A bar with its number as musicians count: a pickup is bar 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bar {
    pub(super) number: u32,
    pub(super) start: Ticks,
    pub(super) end: Ticks,
    pub(super) meter: Meter,
    /// Whether the metre differs from that of the bar before.
    pub(super) new_meter: bool,
    /// The length of a felt beat.
    pub(super) beat: Ticks,
}

impl Bar {
    pub(super) fn length(self) -> Ticks {
        self.end.saturating_sub(self.start)
    }

    /// Where its beats fall, the first left out.
    pub(super) fn inner_beats(self) -> impl Iterator<Item = Ticks> {
        let most = 255 * 4;
        let starts =
            (1..most).map(move |beat| self.start.saturating_add(Ticks(self.beat.0.saturating_mul(beat))));
        starts.take_while(move |&at| at < self.end)
    }
}

/// A track that has notes, and its place in the score, which decides how it looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) index: usize,
    pub(super) name: &'a str,
    pub(super) drums: bool,
    pub(super) notes: &'a [Note],
}

impl Part<'_> {
    /// The notes that sound, or begin, in a span of time.
    pub(super) fn within(&self, span: &Range<Ticks>) -> impl Iterator<Item = Note> {
        let begun = self.notes.partition_point(|note| note.start < span.end);
        let from = span.start;
        self.notes[..begun].iter().copied().filter(move |note| note.end() > from || note.start >= from)
    }
}

/// The bars and parts that a roll draws.
#[derive(Debug, Clone)]
pub(super) struct Sheet<'a> {
    pub(super) bars: Vec<Bar>,
    pub(super) parts: Vec<Part<'a>>,
    /// Whether the piece goes on after the last bar drawn because it has too many bars or notes.
    pub(super) cut: bool,
}

impl<'a> Sheet<'a> {
    /// Takes the parts that have notes, and the bars whose numbers lie between the two given, both included.
    pub(super) fn new(score: &'a Score, wanted: Option<(u32, u32)>) -> Self {
        let (first, last) = wanted.unwrap_or((0, u32::MAX));
        let mut bars: Vec<Bar> = bars(score)
            .skip_while(|bar| bar.number < first)
            .take_while(|bar| bar.number <= last)
            .take(MOST_BARS + 1)
            .collect();
        let parts = score.tracks.iter().enumerate().filter(|(_, track)| !track.notes.is_empty());
        let parts = parts.map(|(index, track)| Part {
            index,
            name: &track.name,
            drums: track.is_drums(),
            notes: &track.notes,
        });
        let parts: Vec<Part> = parts.collect();
        let most = drawable(&bars, &parts).min(MOST_BARS);
        let cut = bars.len() > most;
        bars.truncate(most);
        Self { bars, parts, cut }
    }

    /// How many bars are drawn, in words.
    pub(super) fn bars_in_words(&self) -> String {
        let numbered = self.bars.iter().filter(|bar| bar.number > 0).count();
        match numbered {
            1 => "1 bar".to_owned(),
            count => format!("{count} bars"),
        }
    }

    /// Wraps the bars into systems at most `room` wide; a bar that is wider alone has a system of its own.
    pub(super) fn systems(&self, room: f64, width: impl Fn(&Bar) -> f64) -> Vec<Range<usize>> {
        let (mut systems, mut first, mut used) = (Vec::new(), 0, 0.0);
        for (index, bar) in self.bars.iter().enumerate() {
            let width = width(bar);
            if index > first && used + width > room {
                systems.push(first..index);
                (first, used) = (index, 0.0);
            }
            used += width;
        }
        if first < self.bars.len() {
            systems.push(first..self.bars.len());
        }
        systems
    }

    /// The time that some bars span.
    pub(super) fn span(&self, bars: &Range<usize>) -> Range<Ticks> {
        match self.bars.get(bars.clone()) {
            Some([first, .., last]) => first.start..last.end,
            Some([only]) => only.start..only.end,
            _ => Ticks::ZERO..Ticks::ZERO,
        }
    }

    /// The pitches that the tuned parts use in a span, from the highest down to the lowest without gaps.
    pub(super) fn pitches(&self, span: &Range<Ticks>) -> Vec<Pitch> {
        let used = self.used(span, |part| !part.drums);
        let (Some(&low), Some(&high)) = (used.first(), used.last()) else { return Vec::new() };
        (low.get()..=high.get()).rev().map(|key| Pitch::saturating(i64::from(key))).collect()
    }

    /// The same without the pitch classes that nothing in the span uses.
    pub(super) fn scale(&self, span: &Range<Ticks>) -> Vec<Pitch> {
        let used = self.used(span, |part| !part.drums);
        let is_used = |pitch: &Pitch| used.iter().any(|other| other.class() == pitch.class());
        self.pitches(span).into_iter().filter(is_used).collect()
    }

    /// The drums in use in a span, the highest key first.
    pub(super) fn drums(&self, span: &Range<Ticks>) -> Vec<Pitch> {
        self.used(span, |part| part.drums).into_iter().rev().collect()
    }

    fn used(&self, span: &Range<Ticks>, choose: impl Fn(&Part) -> bool) -> Vec<Pitch> {
        let mut used = [false; 128];
        for part in self.parts.iter().filter(|part| choose(part)) {
            part.within(span).for_each(|note| used[usize::from(note.pitch.get())] = true);
        }
        (0..128).filter(|&key| used[key as usize]).map(Pitch::saturating).collect()
    }
}

/// How many bars, one at least, can be drawn before their notes are too many.
fn drawable(bars: &[Bar], parts: &[Part]) -> usize {
    let Some(begin) = bars.first().map(|bar| bar.start) else { return 0 };
    // By bar, how many notes more sound in it than in the one before.
    let mut more = vec![0_isize; bars.len() + 1];
    for note in parts.iter().flat_map(|part| part.notes) {
        let first = bars.partition_point(|bar| bar.end <= note.start);
        let last = bars.partition_point(|bar| bar.start < note.end()).max(first + 1);
        if first < bars.len() && (note.start >= begin || note.end() > begin) {
            more[first] += 1;
            more[last] -= 1;
        }
    }
    let (mut sounding, mut drawn) = (0, 0);
    let fits = |more: &&isize| {
        sounding += **more;
        drawn += sounding;
        drawn <= MOST_NOTES as isize
    };
    more.iter().take(bars.len()).take_while(fits).count().max(1)
}

/// Every bar of the score, one after the other, found as they are asked for.
fn bars(score: &Score) -> impl Iterator<Item = Bar> {
    let (end, resolution) = (score.end(), score.resolution);
    // A first bar counts even where the only note lasts no time.
    let end = if score.note_count() > 0 { end.max(Ticks(1)) } else { end };
    let mut at = Ticks::ZERO;
    let mut number = u32::from(score.pickup() == Ticks::ZERO);
    let mut before = None;
    std::iter::from_fn(move || {
        if at >= end {
            return None;
        }
        let meter = score.meter_at(at);
        let whole = at.saturating_add(meter.bar(resolution));
        let change = score.meters.partition_point(|meter| meter.at <= at);
        let stop = score.meters.get(change).map_or(whole, |next| next.at.min(whole));
        let new_meter = before.is_some_and(|before| before != meter);
        let bar = Bar { number, start: at, end: stop, meter, new_meter, beat: meter.beat(resolution) };
        (at, number, before) = (stop, number.saturating_add(1), Some(meter));
        Some(bar)
    })
}
