//! Work on music that is there by a generator: of four bars at a time it is given the tracks that stay and plays the others.

use std::collections::BTreeMap;
use std::ops::Range;

use cantus_features::control::Chord;
use cantus_model::encoding::{Length, SliceNote, Sliced, Steps};
use cantus_model::gan::{self, BARS, Condition, Grid, Phrase, PhraseNote, Role, RoleNote, roles_of, to_c};
use cantus_model::styles::{StylePart, heard_key};
use cantus_nn::Rng;
use cantus_score::{Key, Pitch};

use super::{PhraseComposer, TAKES, Wanted, as_asked, best_of, decision, grid_of, near, obeyed, role_of};
use crate::edit::{Asked, Keep, Task};
use crate::error::ComposeError;
use crate::player::Player;
use crate::trace::Trace;

impl PhraseComposer {
    /// Fills the holes of a piece of one metre, four bars at a time: what stays in them is given, and the bar before is gone on from.
    /// Returns the whole piece, and how each window of four bars was chosen. `progress` is told the time that has been reached.
    pub fn fill(
        &mut self,
        task: &Task,
        progress: &mut dyn FnMut(Steps),
    ) -> Result<(Sliced, Trace), ComposeError> {
        let range = |what, rule, value: String| Err(ComposeError::Range { what, rule, value });
        if matches!(task.keep, Keep::Rhythm | Keep::Contour) {
            let rule =
                "chords, which a generator of phrases keeps; the recurrent network keeps rhythm and contour";
            return range("what is kept", rule, format!("{:?}", task.keep).to_lowercase());
        }
        let [span] = task.piece.meters.as_slice() else {
            let rule = "one, where a generator of phrases is to play";
            return range("the number of metres", rule, task.piece.meters.len().to_string());
        };
        let grid = grid_of(span.meter)?;
        let style = task.how.style.unwrap_or(0) as usize;
        if style >= self.player.styles.len() {
            return Err(ComposeError::NoStyle);
        }
        obeyed(&task.how.wishes, &task.how.restraints)?;
        let asked = Asked::new(task, self.player.styles.get(style))?;
        let home = heard_key(&task.piece);
        let notes = notes_of(&task.piece);
        let its_style = self.player.styles[style].clone();
        let wanted = Wanted::new((&asked.controls, &its_style), home, grid);
        let (scale, trace) = (asked.scale, Trace::default());
        let mut filling = Filling { task, wanted, scale, grid, home, style, notes, trace };
        filling.take_out();
        filling.all(&mut self.player, progress);
        let (mut piece, mut trace) = (filling.piece(), filling.trace);
        task.breathe(&mut piece, Some(&mut trace));
        Ok((piece, trace))
    }

    /// The number of the style in which the listener hears a piece; nothing where the model knows none or no grid fits it.
    pub fn style_of(&mut self, piece: &Sliced) -> Option<u32> {
        let home = heard_key(piece);
        let phrase = Phrase::at_room(piece, home, 0)?.alone();
        let ask = |style: usize| (Condition::of_phrase(style, &phrase), phrase.clone());
        let asked: Vec<(Condition, Phrase)> = (0..self.player.styles.len()).map(ask).collect();
        let heard = self.player.heard(&asked, &vec![phrase; asked.len()]);
        let best = (0..heard.len()).max_by(|one, other| heard[*one].total_cmp(&heard[*other]));
        best.map(|style| style as u32)
    }
}

/// A note of a part, in grid steps of scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Note {
    begin: Steps,
    part: usize,
    pitch: Pitch,
    end: Steps,
    level: Option<u8>,
}

fn notes_of(piece: &Sliced) -> Vec<Note> {
    let notes = piece.slices.iter().flat_map(|slice| slice.notes.iter().map(move |note| (slice.at, note)));
    let note = |(begin, note): (Steps, &SliceNote)| {
        let SliceNote { part, pitch, length, level } = *note;
        Note { begin, part: usize::from(part), pitch, end: begin + length.steps(), level }
    };
    notes.map(note).collect()
}

struct Filling<'a> {
    task: &'a Task,
    /// What is asked of bars.
    wanted: Wanted<'a>,
    /// The key whose scale alone is allowed.
    scale: Option<Key>,
    grid: Grid,
    home: Option<Key>,
    style: usize,
    /// What there is so far.
    notes: Vec<Note>,
    trace: Trace,
}

/// The parts that play a role in a window, and the bars in which their notes are made.
#[derive(Debug, Clone, Default)]
struct Made {
    /// By role, the part that takes the notes of each bar.
    parts: BTreeMap<Role, [Option<usize>; BARS]>,
}

impl Filling<'_> {
    /// The notes that are to be made anew go. Those of a pickup stay, which no phrase has.
    fn take_out(&mut self) {
        let (task, first) = (self.task, self.room_at(0));
        self.notes.retain(|note| note.begin < first || !task.holes.has(note.part, note.begin));
    }

    /// When a room begins.
    fn room_at(&self, room: u32) -> Steps {
        self.task.piece.meters.first().map_or(0, |span| span.from) + room * self.grid.length()
    }

    /// Plays window after window, each from the first bar that has still a hole.
    fn all(&mut self, player: &mut gan::Player, progress: &mut dyn FnMut(Steps)) {
        let begin = self.room_at(0);
        let rooms = self.task.end.saturating_sub(begin).div_ceil(self.grid.length());
        let mut from = begin;
        while let Some(next) = self.task.holes.next(from).filter(|next| *next < self.task.end) {
            progress(next);
            let room = next.saturating_sub(begin) / self.grid.length();
            // The last window ends with the piece.
            let first = room.min(rooms.saturating_sub(BARS as u32));
            self.window(player, first, room);
            from = self.room_at(first + BARS as u32).max(next + 1);
        }
        progress(self.task.end);
    }

    /// Plays the four bars from a room on; what is made before a bar has been made already.
    fn window(&mut self, player: &mut gan::Player, first: u32, from: u32) {
        let made = self.made_in(first, from);
        if made.parts.is_empty() {
            return;
        }
        let phrase = Phrase::at_room(&self.piece(), self.home, first);
        let before = Phrase::at_room(&self.task.piece, self.home, first);
        let (Some(phrase), Some(before)) = (phrase, before) else { return };
        let condition = self.condition((&phrase, &before), first, &made);
        let asked = vec![(condition.clone(), phrase.clone()); TAKES];
        let mut rng = Rng::new(self.task.how.seed).fork(u64::from(first));
        let noises = self.noises(player, (&condition, &before), &mut rng);
        let takes = player.play(&asked, &noises);
        let fits = player.fits(&asked, &takes);
        let points = |(take, fits): (&Phrase, f32)| as_asked(take, &condition) + f64::from(fits);
        let points: Vec<f64> = takes.iter().zip(fits).map(points).collect();
        let best = best_of(&points);
        let name = format!("the bars from {}", first + 1);
        self.trace.decisions.push(decision(self.room_at(first), &name, &points, best));
        self.put(&takes[best], first, &made);
    }

    /// Noise near that to which the notes that go would be played, where they are varied; else any.
    fn noises(
        &self,
        player: &mut gan::Player,
        (condition, before): (&Condition, &Phrase),
        rng: &mut Rng,
    ) -> Vec<Vec<f32>> {
        let fresh: Vec<Vec<f32>> = (0..TAKES).map(|_| gan::Player::noise(rng)).collect();
        if !self.task.is_variation {
            return fresh;
        }
        let known = player.recalled(&[(condition.clone(), before.clone())], rng).pop().unwrap_or_default();
        fresh.into_iter().map(|fresh| near(&known, fresh)).collect()
    }

    /// Which part makes the notes of each role in each bar of a window.
    fn made_in(&self, first: u32, from: u32) -> Made {
        let roles = roles_of(&self.task.piece);
        let mut made = Made::default();
        for bar in 0..BARS {
            let room = first + bar as u32;
            let bar_at = self.room_at(room)..self.room_at(room + 1);
            for (part, described) in self.task.parts.iter().enumerate() {
                let hole = self
                    .task
                    .holes
                    .iter()
                    .any(|(own, hole)| own == part && hole.start < bar_at.end && hole.end > bar_at.start);
                if !hole || room < from {
                    continue;
                }
                for role in roles_in(&roles, (part, described), &bar_at) {
                    made.parts.entry(role).or_default()[bar].get_or_insert(part);
                }
            }
        }
        made
    }

    /// What is asked of the window of four bars from a room on, of which some is made: what it is now, and was before.
    fn condition(&self, (phrase, before): (&Phrase, &Phrase), first: u32, made: &Made) -> Condition {
        let is_made = |role: Role| made.parts.contains_key(&role);
        let chords: [Option<Chord>; BARS] = if self.task.is_variation || self.task.keep == Keep::Chords {
            before.chords
        } else if phrase.has(Role::Harmony) {
            phrase.chords
        } else {
            // A line alone tells its chords too badly to be held to them.
            [None; BARS]
        };
        let densities = if self.task.is_variation { before.density } else { [None; BARS] };
        Condition {
            given: Role::ALL.map(|role| !is_made(role) && phrase.has(role)),
            plays: Role::ALL.map(|role| is_made(role) || phrase.has(role)),
            mode: self
                .home
                .map(Key::mode)
                .filter(|_| Role::PITCHED.into_iter().any(|role| is_made(role) || phrase.has(role))),
            chords: std::array::from_fn(|bar| self.wanted.chord(first + bar as u32).or(chords[bar])),
            density: std::array::from_fn(|bar| self.wanted.density(first + bar as u32).or(densities[bar])),
            ..Condition::of_phrase(self.style, phrase)
        }
    }

    /// Puts the notes of a take into the holes that it was played for.
    fn put(&mut self, take: &Phrase, first: u32, made: &Made) {
        let shift = -self.home.map_or(0, to_c);
        let (used, step) = (self.grid.used, self.grid.step);
        for note in take.notes_within() {
            let PhraseNote { at, role, steps, .. } = note;
            let bar = usize::from(at / used) - 1;
            let Some(part) = made.parts.get(role).and_then(|bars| bars.get(bar).copied().flatten()) else {
                continue;
            };
            let begin = self.room_at(first) + u32::from(at - used) * step;
            let Some(hole) = self.task.holes.at(part, begin) else { continue };
            let end = (begin + u32::from(*steps) * step).min(hole.end);
            let Some(described) = self.task.parts.get(part) else { continue };
            let Some(pitch) = within(note.pitch(shift), described, self.scale) else { continue };
            let note = Note { begin, part, pitch, end, level: None };
            self.notes.extend(self.in_reach(note, Player::of(&described.part)));
        }
        self.notes.sort_unstable();
        self.notes.dedup_by_key(|note| (note.begin, note.part, note.pitch));
    }

    /// A note as far as it can be played beside those of its part that are there: whole, let go sooner, or not at all.
    fn in_reach(&self, note: Note, player: Player) -> Option<Note> {
        let own = || self.notes.iter().filter(|other| other.part == note.part);
        let can_play = |at: Steps| {
            let beside = own().filter(|other| other.end > at && other.begin <= at);
            let beside = beside.filter(|other| player.holds() || other.begin == at);
            player.can_play(&beside.map(|other| other.pitch).chain([note.pitch]).collect::<Vec<_>>())
        };
        let later =
            own().map(|other| other.begin).filter(|at| player.holds() && *at > note.begin && *at < note.end);
        let end = later.filter(|at| !can_play(*at)).min().unwrap_or(note.end);
        can_play(note.begin).then_some(Note { end, ..note })
    }

    /// All there is so far as a piece.
    fn piece(&self) -> Sliced {
        let told = |note: &Note| {
            let length = Length::saturating(note.end.saturating_sub(note.begin));
            (note.begin, SliceNote { part: note.part as u8, pitch: note.pitch, length, level: note.level })
        };
        self.task.piece.clone().with_notes(self.notes.iter().map(told))
    }
}

/// The roles of a part's notes in a bar; where it has none there, in the whole piece; where it has none at all, that of its
/// name.
fn roles_in(roles: &[RoleNote], (part, described): (usize, &StylePart), bar: &Range<Steps>) -> Vec<Role> {
    let of = |within: &dyn Fn(Steps) -> bool| -> Vec<Role> {
        let own = roles.iter().filter(|note| note.part == part && within(note.begin));
        let mut own: Vec<Role> = own.map(|note| note.role).collect();
        own.sort_unstable();
        own.dedup();
        own
    };
    let here = of(&|at| bar.contains(&at));
    if !here.is_empty() {
        return here;
    }
    let anywhere = of(&|_| true);
    if !anywhere.is_empty() {
        return anywhere;
    }
    let named = role_of(described).or(described.part.drums.then_some(Role::Drums));
    vec![named.unwrap_or(if described.high < 60 { Role::Bass } else { Role::Harmony })]
}

/// A key moved by octaves into the range of a part, as near as can be, and from there to the nearest of a scale, the lower of two; nothing where
/// the range has none of the scale.
fn within(pitch: Pitch, part: &StylePart, scale: Option<Key>) -> Option<Pitch> {
    if part.part.drums {
        return Some(pitch);
    }
    let key = i32::from(pitch.get());
    let (low, high) = (i32::from(part.low), i32::from(part.high));
    let moved = if key < low {
        (key..=high).step_by(12).find(|key| *key >= low).unwrap_or(key)
    } else {
        (0..=key - low).step_by(12).map(|down| key - down).find(|key| *key <= high).unwrap_or(key)
    };
    let is_in = |key: i32| scale.is_none_or(|scale| scale.contains(Pitch::saturating(key.into()).class()));
    let nearest = (low.min(moved)..=high.max(moved)).filter(|key| is_in(*key));
    nearest.min_by_key(|key| (key.abs_diff(moved), *key)).map(|key| Pitch::saturating(key.into()))
}
