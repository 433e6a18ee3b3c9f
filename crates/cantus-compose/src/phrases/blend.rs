//! From one piece to another by way of the generator's noise.
//!
//! Each four bars of both pieces have noise to which the generator plays what is nearest to them. On the arc between two noises lie
//! phrases between (White 2016, "Sampling generative networks"); of several near each place the one is kept that is as much like
//! both pieces as its place says.

use std::collections::BTreeSet;

use cantus_model::encoding::{Length, MeterSpan, Part, SliceNote, Sliced};
use cantus_model::gan::{BARS, Condition, Grid, Phrase, Player, Role, to_c};
use cantus_model::styles::heard_key;
use cantus_nn::Rng;
use cantus_score::{Key, Tempo};

use super::{PhraseComposer, TAKES, best_of, grid_of, last_bar_of, near};
use crate::error::ComposeError;

/// How much a take counts that has the style of the nearer piece, beside being like both pieces.
const STYLED: f64 = 0.1;

/// One of the two pieces.
#[derive(Debug, Clone)]
struct End {
    piece: Sliced,
    home: Option<Key>,
    style: usize,
    rooms: u32,
}

impl PhraseComposer {
    /// Pieces on the way from one to another, both of one and the same metre; `steps` counts the two as well. `progress` is told
    /// how many phrases have been played of how many.
    pub fn blend(
        &mut self,
        ends: [&Sliced; 2],
        (steps, seed): (u32, u64),
        progress: &mut dyn FnMut(u32, u32),
    ) -> Result<Vec<Sliced>, ComposeError> {
        if !(3..=99).contains(&steps) {
            let rule = "from 3 to 99, the two pieces counted";
            return Err(ComposeError::Range { what: "the steps of a blend", rule, value: steps.to_string() });
        }
        let meters = ends.map(|piece| piece.meters.iter().map(|span| span.meter).collect::<Vec<_>>());
        let ([meter], true) = (meters[0].as_slice(), meters[0] == meters[1]) else {
            let told = |meters: &[cantus_score::Meter]| {
                meters.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
            };
            let value = format!("{}, and {}", told(&meters[0]), told(&meters[1]));
            let rule = "one and the same, from beginning to end";
            return Err(ComposeError::Range { what: "the metre of both pieces", rule, value });
        };
        let grid = grid_of(*meter)?;
        let ends = ends.map(|piece| {
            let style = self.style_of(piece).unwrap_or(0) as usize;
            let from = piece.meters.first().map_or(0, |span| span.from);
            let rooms = piece.end().saturating_sub(from).div_ceil(grid.length()).max(1);
            End { piece: piece.clone(), home: heard_key(piece), style, rooms }
        });
        let mut walk = Walk { ends, grid, seed, known: [Vec::new(), Vec::new()] };
        walk.listen(&mut self.player);
        let between = 1..steps - 1;
        let windows = |share: f64| walk_rooms(&walk.ends, share).div_ceil(BARS as u32);
        let all: u32 = between.clone().map(|step| windows(f64::from(step) / f64::from(steps - 1))).sum();
        let mut played = 0;
        let pieces = between.map(|step| {
            let share = f64::from(step) / f64::from(steps - 1);
            walk.at(&mut self.player, share, &mut || {
                progress(played, all);
                played += 1;
            })
        });
        Ok(pieces.collect())
    }
}

/// How many rooms a piece has at a place on the way.
fn walk_rooms(ends: &[End; 2], share: f64) -> u32 {
    let rooms = ends.each_ref().map(|end| f64::from(end.rooms));
    ((1.0 - share) * rooms[0] + share * rooms[1]).round() as u32
}

/// A way from one piece to another.
struct Walk {
    ends: [End; 2],
    grid: Grid,
    seed: u64,
    /// The noise of each window of each piece.
    known: [Vec<Vec<f32>>; 2],
}

impl Walk {
    /// The piece at a place on the way, from 0 to 1.
    fn at(&self, player: &mut Player, share: f64, progress: &mut dyn FnMut()) -> Sliced {
        let nearer = usize::from(share >= 0.5);
        let rooms = walk_rooms(&self.ends, share);
        let mut before: Option<Phrase> = None;
        let mut phrases = Vec::new();
        for window in 0..rooms.div_ceil(BARS as u32) {
            progress();
            let is_last = (window + 1) * BARS as u32 >= rooms;
            let phrase = self.window(player, (share, nearer), (window, is_last), before.as_ref());
            before = Some(last_bar_of(&phrase));
            phrases.push(phrase);
        }
        self.piece(player, (share, nearer), &phrases, rooms)
    }

    /// Finds the noise of all windows of both pieces, side by side.
    fn listen(&mut self, player: &mut Player) {
        self.known = [0, 1].map(|end| {
            let windows = 0..self.ends[end].rooms.div_ceil(BARS as u32);
            let phrases = windows.map(|window| self.phrase_of(end, window));
            let style = self.ends[end].style;
            let asked: Vec<(Condition, Phrase)> =
                phrases.map(|phrase| (Condition::of_phrase(style, &phrase), phrase)).collect();
            player.recalled(&asked, &mut Rng::new(self.seed).fork(u64::MAX - end as u64))
        });
    }

    /// A phrase of an end, that of its last bars where it has no more.
    fn phrase_of(&self, end: usize, window: u32) -> Phrase {
        let End { piece, home, rooms, .. } = &self.ends[end];
        let room = (window * BARS as u32).min(rooms.saturating_sub(BARS as u32));
        let phrase = Phrase::at_room(piece, *home, room);
        phrase.unwrap_or_else(|| Phrase::empty(piece.meters[0].meter, self.grid))
    }

    fn window(
        &self,
        player: &mut Player,
        (share, nearer): (f64, usize),
        (window, is_last): (u32, bool),
        before: Option<&Phrase>,
    ) -> Phrase {
        let mut rng = Rng::new(self.seed).fork(u64::from(window));
        let phrases = [0, 1].map(|end| self.phrase_of(end, window));
        let noise =
            |known: &Vec<Vec<f32>>| known.get(window as usize).or(known.last()).cloned().unwrap_or_default();
        let noises = self.known.each_ref().map(noise);
        let middle = arc(&noises, share as f32);
        let density = std::array::from_fn(|bar| {
            let [one, other] = phrases.each_ref().map(|phrase| phrase.density[bar]);
            one.zip(other).map(|(one, other)| one + (other - one) * share as f32).or(one).or(other)
        });
        let asked = before.map_or_else(
            || Phrase { is_joined: false, notes: Vec::new(), ..phrases[nearer].clone() },
            Phrase::clone,
        );
        let condition = Condition {
            is_joined: before.is_some(),
            is_last,
            density,
            ..Condition::of_phrase(self.ends[nearer].style, &phrases[nearer])
        };
        let noises: Vec<Vec<f32>> = (0..2 * TAKES).map(|_| near(&middle, Player::noise(&mut rng))).collect();
        let questions = vec![(condition, asked); noises.len()];
        let takes = player.play(&questions, &noises);
        let heard = player.heard(&questions, &takes);
        let points = |(take, heard): (&Phrase, f32)| {
            let [one, other] = phrases.each_ref().map(|phrase| likeness(phrase, take));
            (1.0 - share) * one + share * other + STYLED * f64::from(heard)
        };
        let points: Vec<f64> = takes.iter().zip(heard).map(points).collect();
        takes[best_of(&points)].clone()
    }

    /// The phrases one after another, as tracks of the nearer style.
    fn piece(
        &self,
        player: &Player,
        (share, nearer): (f64, usize),
        phrases: &[Phrase],
        rooms: u32,
    ) -> Sliced {
        let End { piece, home, style, .. } = &self.ends[nearer];
        let roles: Vec<Role> =
            Role::ALL.into_iter().filter(|role| phrases.iter().any(|phrase| phrase.has(*role))).collect();
        let parts = roles.iter().map(|role| part_of(player, *style, *role)).collect::<Vec<_>>();
        let shift = -home.map_or(0, to_c);
        let (used, step) = (self.grid.used, self.grid.step);
        let end = rooms * self.grid.length();
        let mut notes = Vec::new();
        for (window, phrase) in phrases.iter().enumerate() {
            let from = (window * BARS) as u32 * self.grid.length();
            for note in phrase.notes_within() {
                let Some(part) = roles.iter().position(|own| *own == note.role) else { continue };
                let begin = from + u32::from(note.at - used) * step;
                let length =
                    Length::saturating((u32::from(note.steps) * step).min(end.saturating_sub(begin)));
                let told = SliceNote { part: part as u8, pitch: note.pitch(shift), length, level: None };
                if begin < end {
                    notes.push((begin, told));
                }
            }
        }
        let tempos = self.ends.each_ref().map(|end| end.piece.tempo.map_or(Tempo::DEFAULT.bpm(), Tempo::bpm));
        let tempo = tempos[0] + (tempos[1] - tempos[0]) * share;
        Sliced {
            title: String::new(),
            tempo: Tempo::from_bpm(tempo).ok(),
            key: *home,
            parts,
            pickup: 0,
            meters: vec![MeterSpan { from: 0, meter: piece.meters[0].meter }],
            slices: Vec::new(),
        }
        .with_notes(notes)
    }
}

/// How a role is played in a style.
fn part_of(player: &Player, style: usize, role: Role) -> Part {
    let own = player.styles.get(style).into_iter().flat_map(|style| &style.parts);
    let named = own.map(|part| &part.part).find(|part| part.name.eq_ignore_ascii_case(role.name()));
    let plain = || Part {
        name: role.name().to_owned(),
        program: 0,
        drums: role == Role::Drums,
        monophonic: role.is_single(),
    };
    named.cloned().unwrap_or_else(plain)
}

/// The noise at a place on the arc between two, as long as they are.
fn arc(ends: &[Vec<f32>; 2], share: f32) -> Vec<f32> {
    let length = |noise: &[f32]| noise.iter().map(|value| value * value).sum::<f32>().sqrt();
    let lengths = ends.each_ref().map(|end| length(end));
    let mixed: Vec<f32> =
        ends[0].iter().zip(&ends[1]).map(|(one, other)| (1.0 - share) * one + share * other).collect();
    let wanted = (1.0 - share) * lengths[0] + share * lengths[1];
    let scale = wanted / length(&mixed).max(1e-6);
    mixed.into_iter().map(|value| value * scale).collect()
}

/// How much two phrases are alike: the share of notes that both have, same track, place and row (the F measure).
fn likeness(one: &Phrase, other: &Phrase) -> f64 {
    let notes = |phrase: &Phrase| -> BTreeSet<(u8, Role, u8)> {
        phrase.notes_within().map(|note| (note.at, note.role, note.row)).collect()
    };
    let (one, other) = (notes(one), notes(other));
    2.0 * one.intersection(&other).count() as f64 / (one.len() + other.len()).max(1) as f64
}
