//! Which of several pieces is best: by faults, by how likely it is, by how near it is to what was asked, and by what it has that the
//! others have not.

use std::collections::{BTreeMap, BTreeSet};

use cantus_model::encoding::Sliced;
use cantus_model::styles::Style;
use cantus_score::Score;

use crate::aim::Aim;
use crate::composer::Composer;
use crate::composition::Composition;

/// Notes of a pattern.
const PATTERN: usize = 4;

/// How a piece stands among others.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// Its number among the pieces, from 0.
    pub index: usize,
    /// What judges found wanting.
    pub faults: usize,
    /// What a note of it costs in its style, in nats; less is likelier. Nothing where the model tells no likelihoods.
    pub nats: Option<f64>,
    /// How far it is from what was asked, the mean over the bars of places among the style's own values and of the share of wrong chords;
    /// nothing where nothing was asked of the bars.
    pub off: Option<f64>,
    /// The share of its patterns of four notes (steps and lengths in proportion, in any part) that no other piece has.
    pub new: f64,
    /// The mean of its places by likelihood, by what was asked and by new patterns, from 1.
    pub mean_place: f64,
}

/// Ranks pieces in a model's styles, the best first: fewer faults before more, then the better mean place. `composer` tells how likely
/// pieces are; without it that counts for nothing.
pub fn ranked(pieces: &[Composition], styles: &[Style], composer: Option<&Composer>) -> Vec<Ranked> {
    let sliced: Vec<Sliced> = pieces.iter().map(|piece| Sliced::of_score(&piece.score)).collect();
    let nats: Option<Vec<f64>> = composer.map(|composer| {
        let of = |(piece, sliced): (&Composition, &Sliced)| {
            composer.nats(sliced, Some(piece.plan.style), usize::MAX) / sliced.note_count().max(1) as f64
        };
        pieces.iter().zip(&sliced).map(of).collect()
    });
    let off = |(piece, sliced): (&Composition, &Sliced)| {
        let scales = &styles.get(piece.plan.style as usize)?.controls;
        Some(Aim::new(&piece.plan, scales)?.mean_distance(sliced))
    };
    let off: Option<Vec<f64>> = pieces.iter().zip(&sliced).map(off).collect();
    let new = shares_of_new_patterns(pieces);
    let places = [nats.as_deref(), off.as_deref()].into_iter().flatten().map(|values| places_of(values, 1.0));
    let places: Vec<Vec<f64>> = places.chain([places_of(&new, -1.0)]).collect();
    let one = |index: usize| Ranked {
        index,
        faults: pieces[index].remarks.len(),
        nats: nats.as_ref().map(|nats| nats[index]),
        off: off.as_ref().map(|off| off[index]),
        new: new[index],
        mean_place: places.iter().map(|places| places[index]).sum::<f64>() / places.len() as f64,
    };
    let mut ranked: Vec<Ranked> = (0..pieces.len()).map(one).collect();
    let order = |one: &Ranked, other: &Ranked| {
        one.faults.cmp(&other.faults).then(one.mean_place.total_cmp(&other.mean_place))
    };
    ranked.sort_by(order);
    ranked
}

/// The place of each value, from 1; equals share theirs. The least is first, or the greatest where the direction is −1.
fn places_of(values: &[f64], direction: f64) -> Vec<f64> {
    let place = |value: &f64| {
        let before = values.iter().filter(|other| direction * **other < direction * value).count();
        let same = values.iter().filter(|other| (**other - value).abs() <= 0.0).count();
        before as f64 + (same + 1) as f64 / 2.0
    };
    values.iter().map(place).collect()
}

/// A pattern: semitones between its notes, and their lengths in sixteenths of the first.
type Pattern = [(i16, u32); PATTERN - 1];

fn patterns(score: &Score) -> BTreeSet<Pattern> {
    let of_track = |track: &cantus_score::Track| {
        // Of a chord the highest note is heard.
        let mut line: Vec<cantus_score::Note> = track.notes.clone();
        line.sort_by_key(|note| (note.start, std::cmp::Reverse(note.pitch)));
        line.dedup_by_key(|note| note.start);
        let pattern = |notes: &[cantus_score::Note]| -> Pattern {
            std::array::from_fn(|step| {
                let [from, to] = [&notes[step], &notes[step + 1]];
                let semitones = i16::from(to.pitch.get()) - i16::from(from.pitch.get());
                (semitones, 16 * to.length.0 / notes[0].length.0.max(1))
            })
        };
        line.windows(PATTERN).map(pattern).collect::<Vec<_>>()
    };
    score.tracks.iter().filter(|track| !track.is_drums()).flat_map(of_track).collect()
}

fn shares_of_new_patterns(pieces: &[Composition]) -> Vec<f64> {
    let all: Vec<BTreeSet<Pattern>> = pieces.iter().map(|piece| patterns(&piece.score)).collect();
    let mut owners: BTreeMap<&Pattern, usize> = BTreeMap::new();
    all.iter().flatten().for_each(|pattern| *owners.entry(pattern).or_default() += 1);
    let share = |own: &BTreeSet<Pattern>| {
        let new = own.iter().filter(|pattern| owners.get(pattern) == Some(&1)).count();
        new as f64 / own.len().max(1) as f64
    };
    all.iter().map(share).collect()
}
