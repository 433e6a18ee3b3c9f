//! What tells composed pieces from real ones: a critic is taught in rounds, each by what is composed with what it has learnt so far.

use cantus_model::critic::Critic;
use cantus_model::encoding::{Length, Sliced};
use cantus_model::styles::heard_key;
use cantus_model::walk::bar_steps;

use crate::composer::Composer;
use crate::error::ComposeError;
use crate::request::{Ending, Request};

/// The longest excerpt of a piece, in bars.
const MOST_BARS: u32 = 32;
/// Bars that a piece of which an excerpt is taken is longer than that.
const AFTER: u32 = 4;

/// The first bars of a piece: the notes that begin in its first 32, as long as they last there.
pub fn excerpt(piece: &Sliced) -> Sliced {
    let Some(span) = piece.meters.first() else { return piece.clone() };
    let end = span.from + MOST_BARS * bar_steps(span.meter);
    let notes = piece.slices.iter().flat_map(|slice| slice.notes.iter().map(|note| (slice.at, *note)));
    let within = notes.filter(|(at, _)| *at < end).map(|(at, mut note)| {
        note.length = Length::saturating(note.length.steps().min(end - at));
        (at, note)
    });
    piece.clone().with_notes(within.collect::<Vec<_>>())
}

/// A request for a piece in the frame of a real one: its metre, length, tempo and the key heard in it. Where an excerpt is to be taken it is a
/// little longer.
pub fn in_frame_of(frame: &Sliced, style: &str, seed: u64) -> Result<Request, ComposeError> {
    let mut request = Request::new(seed).style(style).ending(Ending::Tonic);
    if let Some(span) = frame.meters.first() {
        let bars = frame.end().saturating_sub(span.from).div_ceil(bar_steps(span.meter)).max(1);
        let bars = if bars >= MOST_BARS { MOST_BARS + AFTER } else { bars };
        request = request.meter(span.meter)?.bars(bars)?;
    }
    if let Some(tempo) = frame.tempo {
        request = request.tempo(tempo)?;
    }
    Ok(match heard_key(frame) {
        Some(key) => request.key(key),
        None => request,
    })
}

/// A critic of a style that has these pieces: in each round so many are composed by the composer that `composer` makes with what was learnt
/// so far. Nothing where there are no pieces.
pub fn critic(
    style: &str,
    real: &[Sliced],
    (rounds, pieces): (u64, usize),
    mut composer: impl FnMut(&Critic) -> Result<Composer, ComposeError>,
) -> Result<Option<Critic>, ComposeError> {
    let real: Vec<Sliced> = real.iter().map(excerpt).filter(|piece| piece.note_count() > 0).collect();
    let Some(mut critic) = Critic::of_style(&real) else { return Ok(None) };
    for round in 0..rounds {
        let composer = composer(&critic)?;
        let seeds = round * pieces as u64..;
        let made = seeds.zip(real.iter().cycle()).take(pieces).map(|(seed, frame)| {
            let composition = composer.compose(&in_frame_of(frame, style, seed)?)?;
            Ok(excerpt(&Sliced::of_score(&composition.score)))
        });
        critic = critic.sharpened(&real, &made.collect::<Result<Vec<_>, ComposeError>>()?);
    }
    Ok(Some(critic))
}
