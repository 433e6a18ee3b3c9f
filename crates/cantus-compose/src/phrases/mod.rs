//! Composing by phrases: a generator plays four bars at once, each phrase going on from the bar before it.

mod blend;
mod closing;
mod fill;
mod form;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use cantus_features::control::{Chord, Control};
use cantus_model::controls::{CONTROL_LEVELS, Controls, Scale, scale_of};
use cantus_model::encoding::{Length, MeterSpan, SliceNote, Sliced, Steps};
use cantus_model::gan::{BARS, Condition, Densities, Grid, Phrase, PhraseNote, Player, Role, to_c};
use cantus_model::styles::{Style, StylePart};
use cantus_nn::Rng;
use cantus_score::{Key, Meter, Mode};

use crate::composition::Composition;
use crate::error::ComposeError;
use crate::judge::Judge;
use crate::plan::Plan;
use crate::request::{Ending, Request};
use crate::restraint::Restraints;
use crate::session::{Candidate, judged};
use crate::trace::{Alternative, Decision, Trace};
use crate::wishes::Wishes;
use closing::closed;
use form::{Letter, form, of_sections};

/// Takes of a phrase that are compared.
const TAKES: usize = 8;
/// The stream of chance that habits come from; those of phrases count from 0.
const HABIT_STREAM: u64 = 1 << 32;
/// Most drawings of a piece.
const ATTEMPTS: u32 = 24;
/// What a phrase of its own keeps of the noise of the one that it varies.
const LIKENESS: f32 = 0.9;

/// Composes by a generator of phrases.
#[derive(Debug)]
pub struct PhraseComposer {
    player: Player,
}

impl PhraseComposer {
    /// Composes with a player.
    pub fn new(player: Player) -> Self {
        Self { player }
    }

    /// The styles that can be asked for.
    pub fn styles(&self) -> &[Style] {
        &self.player.styles
    }

    /// Composes a piece that the judges accept, or the best of many. `progress` is told how many phrases have been played of
    /// how many.
    pub fn compose(
        &mut self,
        request: &Request,
        judges: &[&dyn Judge],
        progress: &mut dyn FnMut(u32, u32),
    ) -> Result<Composition, ComposeError> {
        obeyed(request.wishes(), request.restraints())?;
        let plan = Plan { has_pickup: false, ..Plan::new(request, &self.player.styles)? };
        let grid = grid_of(plan.meter)?;
        let letters = match plan.sections.as_slice() {
            [] => None,
            sections => Some(of_sections(sections, u32::from(grid.joined))?),
        };
        let style = self.player.styles[plan.style as usize].clone();
        let mut best: Option<Candidate> = None;
        let mut attempts = 0;
        while attempts < ATTEMPTS {
            let rng = Rng::new(request.asked_seed()).fork(u64::from(attempts));
            let temperature = request.sampler().temperature();
            let letters = letters.as_deref();
            let wanted = Wanted::new((&plan.controls, &style), plan.home, grid);
            let drawing = Drawing { plan: &plan, wanted, letters, grid, temperature, rng };
            let (notes, mut trace) = drawing.notes(&mut self.player, progress);
            let shift = -plan.home.map_or(0, to_c);
            let notes = closed(&plan, grid, (notes, shift), &mut trace);
            let piece = sliced(&plan, grid, &notes, shift);
            attempts += 1;
            let candidate = judged(piece, Some(trace), (&plan, 0.0), judges);
            let is_accepted = candidate.rejected.is_none();
            if best.as_ref().is_none_or(|best| candidate.is_better_than(best)) {
                best = Some(candidate);
            }
            if is_accepted {
                break;
            }
        }
        let best = best.ok_or(ComposeError::NoStyle)?;
        Ok(best.composition(request, plan, attempts, &self.player.digest))
    }
}

/// Fails where something is asked for that a generator does not obey.
fn obeyed(wishes: &Wishes, restraints: &Restraints) -> Result<(), ComposeError> {
    if let Some(control) = wishes.controls.keys().find(|name| *name != Control::Density.name()) {
        let rule = "density or chords, which a generator of phrases obeys";
        return Err(ComposeError::Range { what: "a control", rule, value: control.clone() });
    }
    if let Some(restraint) = restraints.first() {
        let rule = "notes outside the scale, the only thing that a generator of phrases can do without";
        return Err(ComposeError::Range { what: "what is left out", rule, value: restraint });
    }
    Ok(())
}

/// Chords and densities that are asked for, as a generator is told of them.
#[derive(Debug, Clone, Copy)]
struct Wanted<'a> {
    controls: &'a Controls,
    /// What values density takes in the style's bars.
    density: Option<&'a Scale>,
    home: Option<Key>,
    grid: Grid,
}

impl<'a> Wanted<'a> {
    fn new((controls, style): (&'a Controls, &'a Style), home: Option<Key>, grid: Grid) -> Self {
        let density = scale_of(&style.controls, Control::Density).map(|scale| &scale.bars);
        Self { controls, density, home, grid }
    }

    /// The chord asked for at the beginning of a room, with the tonic on C.
    fn chord(&self, room: u32) -> Option<Chord> {
        let at = room * self.grid.length();
        let spans = &self.controls.chords;
        let span = spans.get(spans.partition_point(|span| span.from <= at).checked_sub(1)?)?;
        Some(span.chord?.transposed(self.home.map_or(0, to_c)))
    }

    /// The density asked for in a room.
    fn density(&self, room: u32) -> Option<f32> {
        let bar = room * u32::from(self.grid.joined);
        let level = self.controls.bars.get(bar as usize)?[Control::Density.index()]?;
        Some(self.density?.value((f64::from(level) + 0.5) / f64::from(CONTROL_LEVELS)) as f32)
    }
}

/// The role of a part.
fn role_of(part: &StylePart) -> Option<Role> {
    Role::ALL.into_iter().find(|role| part.part.name.eq_ignore_ascii_case(role.name()))
}

/// A note of the piece, in used steps of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Placed {
    begin: u32,
    end: u32,
    role: Role,
    row: u8,
}

/// One drawing of a piece.
struct Drawing<'a> {
    plan: &'a Plan,
    wanted: Wanted<'a>,
    /// The phrases' letters, where a form is asked for.
    letters: Option<&'a [Letter]>,
    grid: Grid,
    temperature: f32,
    rng: Rng,
}

/// What a phrase is played from.
#[derive(Debug, Clone, Default)]
struct Source {
    noise: Vec<f32>,
    /// How busy its bars are where nothing is asked.
    density: Densities,
}

/// Where a phrase stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    letter: Letter,
    /// Its first room in the piece; before the beginning where its first bars are left out.
    room: i64,
    is_last: bool,
}

impl Drawing<'_> {
    /// Rooms of the grid that the piece fills: bars, or pairs of short bars.
    fn rooms(&self) -> u32 {
        self.plan.bars.div_ceil(u32::from(self.grid.joined))
    }

    /// The notes of the piece, and how each phrase was chosen.
    fn notes(&self, player: &mut Player, progress: &mut dyn FnMut(u32, u32)) -> (Vec<Placed>, Trace) {
        let count = self.rooms().div_ceil(BARS as u32);
        // Of the first phrase only its last bars are taken where there are some left over; the last is whole, so that it can end.
        let over = i64::from(count * BARS as u32 - self.rooms());
        let mut trace = Trace::default();
        let mut notes: Vec<Placed> = Vec::new();
        let mut played: BTreeMap<usize, Source> = BTreeMap::new();
        let mut before: Option<Phrase> = None;
        let letters = self.letters.map_or_else(|| form(count as usize), <[Letter]>::to_vec);
        for (index, letter) in letters.into_iter().enumerate() {
            progress(index as u32, count);
            let room = index as i64 * BARS as i64 - over;
            let place = Place { letter, room, is_last: index as u32 + 1 == count };
            let sources = self.sources(player, place, &played);
            let (phrase, source, decision) = self.best_take(player, place, (before.as_ref(), sources));
            played.entry(letter.of).or_insert(source);
            trace.decisions.push(decision);
            self.place(&phrase, room, &mut notes);
            before = Some(last_bar_of(&phrase));
        }
        progress(count, count);
        notes.sort_by_key(|note| (note.begin, note.role, note.row));
        (notes, trace)
    }

    /// What takes of a phrase come from: what it came from the first time, with noise near that, or noise of their own and bars about as busy
    /// as those of the first phrase.
    fn sources(&self, player: &Player, place: Place, played: &BTreeMap<usize, Source>) -> Vec<Source> {
        let seed = 1 + (place.room + BARS as i64) as u64;
        let (mut rng, mut habit) = (self.rng.fork(seed), self.rng.fork(HABIT_STREAM + seed));
        let first = played.values().next().map(|source| mean(&source.density));
        let known = played.get(&place.letter.of);
        let mut source = || {
            let fresh = Player::noise(&mut rng).into_iter().map(|fresh| self.temperature * fresh).collect();
            if let Some(Source { noise, density }) = known {
                return Source { noise: near(noise, fresh), density: *density };
            }
            let mut drawn = || player.usual_density(self.plan.style as usize, &mut habit);
            let some = [drawn(), drawn(), drawn()];
            let apart = |one: &&Densities| first.map_or(0.0, |first| (mean(one) - first).abs());
            let nearest = some.iter().min_by(|one, other| apart(one).total_cmp(&apart(other)));
            Source { noise: fresh, density: nearest.copied().unwrap_or_default() }
        };
        (0..TAKES).map(|_| source()).collect()
    }

    /// Plays a take of a phrase from each source and keeps the one that is most as asked.
    fn best_take(
        &self,
        player: &mut Player,
        place: Place,
        (before, sources): (Option<&Phrase>, Vec<Source>),
    ) -> (Phrase, Source, Decision) {
        let condition = self.condition(place, before.is_some());
        let empty = Phrase::empty(self.plan.meter, self.grid);
        let asked = before.unwrap_or(&empty);
        let question = |source: &Source| {
            let asked_or_usual = |bar: usize| condition.density[bar].or(source.density[bar]);
            (Condition { density: std::array::from_fn(asked_or_usual), ..condition.clone() }, asked.clone())
        };
        let questions: Vec<(Condition, Phrase)> = sources.iter().map(question).collect();
        let noises: Vec<Vec<f32>> = sources.iter().map(|source| source.noise.clone()).collect();
        let takes = player.play(&questions, &noises);
        let fits = player.fits(&questions, &takes);
        let points = |(take, fits): (&Phrase, f32)| self.points(take, &condition) + f64::from(fits);
        let points: Vec<f64> = takes.iter().zip(fits).map(points).collect();
        let best = best_of(&points);
        let letter = char::from(b'A' + (place.letter.of % 26) as u8);
        let name = format!("phrase {letter}{}", "\u{2032}".repeat(place.letter.again));
        let at = u32::try_from(place.room).unwrap_or(0) * self.grid.length();
        let decision = decision(at, &name, &points, best);
        let (phrase, source) = takes.into_iter().zip(sources).nth(best).unwrap_or((empty, Source::default()));
        (phrase, source, decision)
    }

    fn condition(&self, place: Place, is_joined: bool) -> Condition {
        let Self { plan, grid, .. } = self;
        let roles: Vec<Role> = plan.parts.iter().filter_map(role_of).collect();
        let plays = Role::ALL.map(|role| roles.contains(&role));
        let sounds = roles.iter().any(|role| *role != Role::Drums);
        let room = |bar: usize| u32::try_from(place.room + bar as i64).ok();
        Condition {
            style: plan.style as usize,
            others: plan.others.iter().map(|(style, share)| (*style as usize, *share)).collect(),
            grid: *grid,
            mode: sounds.then(|| plan.home.map_or(Mode::Major, Key::mode)),
            plays,
            given: [false; 4],
            is_joined,
            is_last: place.is_last && plan.ending != Ending::Loop,
            chords: std::array::from_fn(|bar| self.wanted.chord(room(bar)?)),
            density: std::array::from_fn(|bar| self.wanted.density(room(bar)?)),
        }
    }

    /// How much a take is as asked: its notes in the scale, its chords and densities, and how it ends.
    fn points(&self, take: &Phrase, condition: &Condition) -> f64 {
        let scale = match condition.mode {
            Some(Mode::Minor) => [0, 2, 3, 5, 7, 8, 9, 10, 11].as_slice(),
            _ => [0, 2, 4, 5, 7, 9, 11].as_slice(),
        };
        let pitched: Vec<&PhraseNote> = take.notes_within().filter(|note| note.role != Role::Drums).collect();
        let inside = pitched.iter().filter(|note| scale.contains(&(note.row % 12))).count();
        let mut points = 4.0 * inside as f64 / pitched.len().max(1) as f64;
        points += as_asked(take, condition);
        let last = pitched.iter().map(|note| note.at + note.steps).max();
        let bass =
            pitched.iter().filter(|note| Some(note.at + note.steps) == last).map(|note| note.row).min();
        let is_home =
            condition.is_last && self.plan.ending == Ending::Tonic && bass.is_some_and(|row| row % 12 == 0);
        points + if is_home { 2.0 } else { 0.0 }
    }

    /// Puts the notes of a phrase into the piece, and lengthens those before it that sound into it.
    fn place(&self, phrase: &Phrase, room: i64, notes: &mut Vec<Placed>) {
        let used = i64::from(self.grid.used);
        let (from, last) = (room * used, i64::from(self.rooms()) * used);
        for note in &phrase.notes {
            let begin = from + i64::from(note.at) - used;
            let end = (begin + i64::from(note.steps)).min(last);
            let PhraseNote { role, row, .. } = *note;
            if note.at < self.grid.used {
                let long = notes
                    .iter_mut()
                    .find(|placed| (placed.role, placed.row, i64::from(placed.end)) == (role, row, from));
                if let (Some(long), true) = (long, end > from) {
                    long.end = end as u32;
                }
            } else if end > 0 && (begin >= 0 || role != Role::Drums) {
                notes.push(Placed { begin: begin.max(0) as u32, end: end as u32, role, row });
            }
        }
    }
}

/// The mean of the densities of bars; of none 0.
fn mean(densities: &Densities) -> f32 {
    let known = densities.iter().flatten();
    known.clone().sum::<f32>() / known.count().max(1) as f32
}

/// How a take was chosen by its points.
fn decision(at: Steps, name: &str, points: &[f64], best: usize) -> Decision {
    let alternative = |take: usize| Alternative {
        class: take as u32,
        means: format!("take {} of {name}, {:.2} points", take + 1, points[take]),
        probability: 1.0 / points.len() as f32,
    };
    Decision {
        at,
        kind: "phrase",
        part: None,
        chosen: alternative(best),
        likely: (0..points.len()).map(alternative).collect(),
        masked: Vec::new(),
    }
}

/// The last bar of a phrase as the bar before another.
fn last_bar_of(phrase: &Phrase) -> Phrase {
    let first = phrase.grid.used * BARS as u8;
    let note = |note: &PhraseNote| {
        let end = note.at + note.steps;
        (end > first && (note.at >= first || note.role != Role::Drums)).then(|| PhraseNote {
            at: note.at.saturating_sub(first),
            steps: end - note.at.max(first),
            ..*note
        })
    };
    let mut notes: Vec<PhraseNote> = phrase.notes.iter().filter_map(note).collect();
    notes.sort_unstable();
    Phrase { is_joined: true, notes, ..phrase.clone() }
}

/// The piece on the grid of scores.
fn sliced(plan: &Plan, grid: Grid, notes: &[Placed], shift: i32) -> Sliced {
    let told = |note: &Placed| {
        let part = plan.parts.iter().position(|part| role_of(part) == Some(note.role))?;
        let length = Length::saturating((note.end - note.begin) * grid.step);
        let pitch = closing::pitch_of(note, shift);
        Some((note.begin * grid.step, SliceNote { part: part as u8, pitch, length, level: None }))
    };
    let empty = Sliced {
        title: String::new(),
        tempo: None,
        key: None,
        parts: plan.parts.iter().map(|part| part.part.clone()).collect(),
        pickup: 0,
        meters: vec![MeterSpan { from: 0, meter: plan.meter }],
        slices: Vec::new(),
    };
    empty.with_notes(notes.iter().filter_map(told))
}

/// How the bars of a metre lie on the grid of phrases.
fn grid_of(meter: Meter) -> Result<Grid, ComposeError> {
    Grid::of(meter).ok_or_else(|| ComposeError::Range {
        what: "the metre of phrases",
        rule: "one whose bar is six to sixteen sixteenths, eighths, quarters or halves",
        value: meter.to_string(),
    })
}

/// Noise near some that is known.
fn near(known: &[f32], fresh: Vec<f32>) -> Vec<f32> {
    let new = (1.0 - LIKENESS * LIKENESS).sqrt();
    known.iter().zip(fresh).map(|(known, fresh)| LIKENESS * known + new * fresh).collect()
}

/// The take with the most points, the first of equals.
fn best_of(points: &[f64]) -> usize {
    (0..points.len()).fold(0, |best, take| if points[take] > points[best] { take } else { best })
}

/// How much a take is as asked: its chords and densities, and that every track plays.
fn as_asked(take: &Phrase, condition: &Condition) -> f64 {
    let (chords, densities) = take.heard();
    let mut points = 0.0;
    for (asked, heard) in condition.chords.iter().zip(chords) {
        if let Some(asked) = asked {
            points += match heard {
                Some(heard) if heard == *asked => 2.0,
                Some(heard) if heard.root == asked.root => 1.0,
                _ => 0.0,
            };
        }
    }
    for (asked, heard) in condition.density.iter().zip(densities) {
        if let Some(asked) = asked {
            points -= f64::from((asked - heard.unwrap_or(0.0)).abs());
        }
    }
    for role in Role::ALL.into_iter().filter(|role| condition.plays[role.index()]) {
        points -= if take.has(role) { 0.0 } else { 2.0 };
    }
    points
}
