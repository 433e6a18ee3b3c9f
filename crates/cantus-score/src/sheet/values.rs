//! Note values: how lengths are written with dots, ties and tuplets.
//!
//! A sheet keeps lengths, not note values, since these follow from the lengths and where they lie in their bars. A
//! writer lays out one voice of one bar at a time with [`layout`].

use crate::{Resolution, Ticks};

/// A note value: a whole note halved so many times, with dots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Value {
    /// 0 is a whole note, 2 a quarter note, -1 a breve; from [`Value::LONGEST`] to [`Value::SHORTEST`].
    pub(crate) halvings: i8,
    /// How many dots follow it.
    pub(crate) dots: u8,
}

/// Notes that are played in the time of fewer or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Tuplet {
    /// Where in its bar it begins.
    pub(crate) start: Ticks,
    /// Where in its bar it ends.
    pub(crate) end: Ticks,
    /// So many notes …
    pub(crate) actual: u32,
    /// … are played in the time of so many.
    pub(crate) normal: u32,
}

/// A note or rest as it is drawn; a note of several is tied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The index of what it belongs to; nothing for a rest between.
    pub(crate) event: Option<usize>,
    /// Where in its bar it begins.
    pub(crate) start: Ticks,
    /// How long it lasts.
    pub(crate) length: Ticks,
    /// How it is drawn; nothing where no note value says its length.
    pub(crate) value: Option<Value>,
    /// The index of its tuplet.
    pub(crate) tuplet: Option<usize>,
}

impl Piece {
    /// Where in its bar it ends.
    pub(crate) fn end(&self) -> Ticks {
        self.start.saturating_add(self.length)
    }
}

/// One voice of one bar, drawn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Layout {
    /// Notes and rests, one after the other, from the beginning of the bar to its end.
    pub(crate) pieces: Vec<Piece>,
    /// The tuplets in which they lie, sorted.
    pub(crate) tuplets: Vec<Tuplet>,
}

impl Layout {
    /// Divides each rest at the times within it, in the bar and sorted, that a writer names.
    pub(crate) fn cut_rests(&mut self, times: impl Fn(&Piece) -> Vec<Ticks>) {
        let mut pieces = Vec::with_capacity(self.pieces.len());
        for piece in self.pieces.drain(..) {
            let mut rest = piece;
            let cuts = if piece.event.is_none() { times(&piece) } else { Vec::new() };
            for start in cuts.into_iter().filter(|time| *time > piece.start && *time < piece.end()) {
                pieces.push(Piece { length: start.saturating_sub(rest.start), value: None, ..rest });
                rest = Piece { start, length: piece.end().saturating_sub(start), value: None, ..rest };
            }
            pieces.push(rest);
        }
        self.pieces = pieces;
    }

    /// Takes the pieces out of those tuplets that a writer cannot say, by the number of pieces in them.
    pub(crate) fn keep_tuplets(&mut self, is_said: impl Fn(&Tuplet, usize) -> bool) {
        let Self { pieces, tuplets } = self;
        for together in pieces.chunk_by_mut(|a, b| a.tuplet == b.tuplet) {
            let count = together.len();
            let tuplet = together.first().and_then(|piece| tuplets.get(piece.tuplet?));
            if tuplet.is_some_and(|tuplet| !is_said(tuplet, count)) {
                for piece in together {
                    piece.tuplet = None;
                }
            }
        }
    }
}

impl Value {
    /// A maxima, eight whole notes.
    pub(crate) const LONGEST: i8 = -3;
    /// A 1024th note.
    pub(crate) const SHORTEST: i8 = 10;

    /// The value of a length, with at most two dots; in a tuplet of so many notes in the time of so many.
    pub(crate) fn of(length: Ticks, resolution: Resolution, (actual, normal): (u32, u32)) -> Option<Self> {
        const MOST_DOTS: u32 = 2;
        let whole = 4 * u64::from(resolution.ticks_per_quarter()) * u64::from(normal);
        let length = u64::from(length.0) * u64::from(actual);
        if length == 0 || whole == 0 {
            return None;
        }
        let common = gcd(length, whole);
        let (above, below) = (length / common, whole / common);
        // One dot makes three halves of a note, two make seven quarters.
        let odd = above >> above.trailing_zeros();
        let dots = (odd + 1).trailing_zeros() - 1;
        if !below.is_power_of_two() || !(odd + 1).is_power_of_two() || dots > MOST_DOTS {
            return None;
        }
        let halvings = below.trailing_zeros() as i32 - above.trailing_zeros() as i32 - dots as i32;
        let halvings = i8::try_from(halvings).ok()?;
        (Self::LONGEST..=Self::SHORTEST).contains(&halvings).then_some(Self { halvings, dots: dots as u8 })
    }
}

/// Draws one voice of one bar: events that do not overlap, sorted, each with its beginning within the bar and its
/// length; what lies between them are rests. `beat` is the felt beat of the metre, at which lengths are rather cut.
///
/// Lengths that one note value says are one piece, syncopated or not. Others are cut where the strongest beat is.
/// Beginnings and ends off the grid of halves make tuplets, from the nearest ends on that grid before to the nearest after.
/// Rests beyond [`LONGEST_VALUE`] have no values: in a bar of hours they would be without number.
pub(crate) fn layout(bar: Ticks, beat: Ticks, events: &[(Ticks, Ticks)], resolution: Resolution) -> Layout {
    let spans = spans(bar, events);
    let mut layout = Layout { pieces: Vec::new(), tuplets: tuplets(bar, &spans, resolution) };
    for span in spans {
        let after = layout.tuplets.partition_point(|tuplet| tuplet.end <= span.start);
        let index = Some(after)
            .filter(|index| layout.tuplets.get(*index).is_some_and(|tuplet| tuplet.start <= span.start));
        let tuplet = index.and_then(|index| layout.tuplets.get(index));
        let length = span.end.saturating_sub(span.start);
        if span.event.is_none()
            && tuplet.is_none()
            && length > Ticks(LONGEST_VALUE * resolution.ticks_per_quarter())
        {
            long_rest(span, resolution, &mut layout.pieces);
            continue;
        }
        let cutter = match tuplet {
            Some(tuplet) => {
                Cutter { zero: tuplet.start, ratio: (tuplet.actual, tuplet.normal), beat: None, resolution }
            }
            None => Cutter { zero: Ticks::ZERO, ratio: (1, 1), beat: compound(beat, resolution), resolution },
        };
        cutter.cut(span, index, &mut layout.pieces);
    }
    layout
}

/// The longest rest that is cut into note values, in quarter notes.
const LONGEST_VALUE: u32 = 64;
/// The longest one without a value that all formats hold.
const LONGEST_REST: u32 = 256;

/// Cuts a rest without note values.
fn long_rest(span: Span, resolution: Resolution, pieces: &mut Vec<Piece>) {
    let longest = Ticks(LONGEST_REST * resolution.ticks_per_quarter());
    let mut start = span.start;
    while start < span.end {
        let length = span.end.saturating_sub(start).min(longest);
        pieces.push(Piece { event: None, start, length, value: None, tuplet: None });
        start = start.saturating_add(length);
    }
}

/// A stretch of one event, or of none.
#[derive(Debug, Clone, Copy)]
struct Span {
    event: Option<usize>,
    start: Ticks,
    end: Ticks,
}

/// The events with the rests between them.
fn spans(bar: Ticks, events: &[(Ticks, Ticks)]) -> Vec<Span> {
    let (mut spans, mut at) = (Vec::with_capacity(2 * events.len() + 1), Ticks::ZERO);
    for (index, (start, length)) in events.iter().enumerate() {
        let (start, end) = ((*start).max(at), start.saturating_add(*length).min(bar));
        if start >= end {
            continue;
        }
        if start > at {
            spans.push(Span { event: None, start: at, end: start });
        }
        spans.push(Span { event: Some(index), start, end });
        at = end;
    }
    if at < bar {
        spans.push(Span { event: None, start: at, end: bar });
    }
    spans
}

/// The odd part of the parts into which a place divides the whole note.
fn odd_parts(place: Ticks, resolution: Resolution) -> u64 {
    let whole = 4 * u64::from(resolution.ticks_per_quarter());
    let parts = whole / gcd(u64::from(place.0), whole);
    parts >> parts.trailing_zeros()
}

/// The tuplets that the ends of the spans call for.
fn tuplets(bar: Ticks, spans: &[Span], resolution: Resolution) -> Vec<Tuplet> {
    let (mut tuplets, mut start, mut odd) = (Vec::new(), Ticks::ZERO, 1_u64);
    for span in spans {
        let parts = odd_parts(span.end, resolution);
        odd = odd / gcd(odd, parts) * parts;
        if parts > 1 && span.end < bar {
            continue;
        }
        if odd > 1 {
            let actual = u32::try_from(odd).unwrap_or(1);
            tuplets.push(Tuplet { start, end: span.end, actual, normal: 1 << actual.ilog2() });
        }
        (start, odd) = (span.end, 1);
    }
    tuplets
}

/// The beat, where it is no note value without dots.
fn compound(beat: Ticks, resolution: Resolution) -> Option<Ticks> {
    Value::of(beat, resolution, (1, 1)).filter(|value| value.dots > 0).map(|_| beat)
}

/// Cuts lengths that no note value says.
struct Cutter {
    /// From where beats are counted.
    zero: Ticks,
    ratio: (u32, u32),
    beat: Option<Ticks>,
    resolution: Resolution,
}

impl Cutter {
    fn cut(&self, span: Span, tuplet: Option<usize>, pieces: &mut Vec<Piece>) {
        let mut rest = span;
        while rest.start < rest.end {
            let (end, value) = self.first(rest.start, rest.end);
            let length = end.saturating_sub(rest.start);
            pieces.push(Piece { event: span.event, start: rest.start, length, value, tuplet });
            rest.start = end;
        }
    }

    /// The first piece of a stretch: all of it, or up to the strongest beat within, and so on.
    fn first(&self, start: Ticks, mut end: Ticks) -> (Ticks, Option<Value>) {
        loop {
            let value = Value::of(end.saturating_sub(start), self.resolution, self.ratio);
            if value.is_some() {
                return (end, value);
            }
            match self.strongest(start, end) {
                Some(cut) => end = cut,
                None => return (end, None),
            }
        }
    }

    /// The strongest beat between two places.
    fn strongest(&self, start: Ticks, end: Ticks) -> Option<Ticks> {
        let whole = 4 * u64::from(self.resolution.ticks_per_quarter()) * u64::from(self.ratio.1);
        let parts = u64::from(self.ratio.0);
        let beats =
            self.beat.into_iter().flat_map(|beat| [4, 2, 1].map(|times| (times * u64::from(beat.0), 1)));
        let halves = (0..=Value::SHORTEST as u32 + 1).map(|halving| (2 * whole, parts << halving));
        // What lasts that long is drawn in the longest notes there are.
        let is_long = end.saturating_sub(start) > Ticks(LONGEST_VALUE * self.resolution.ticks_per_quarter());
        let maxima = is_long.then_some((8 * whole, parts));
        maxima
            .into_iter()
            .chain(beats)
            .chain(halves)
            .find_map(|(length, parts)| self.between(start, end, length, parts))
    }

    /// The first multiple of a fraction of ticks between two places, where it falls on a tick.
    fn between(&self, start: Ticks, end: Ticks, length: u64, parts: u64) -> Option<Ticks> {
        let from = u64::from(start.saturating_sub(self.zero).0);
        let multiple = (from * parts / length + 1) * length;
        let place = u64::from(self.zero.0) + multiple / parts;
        (multiple.is_multiple_of(parts) && place < u64::from(end.0)).then_some(Ticks(place as u32))
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
