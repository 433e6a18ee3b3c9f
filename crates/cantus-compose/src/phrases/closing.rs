//! What a generator does not promise and a piece must have: the range of each part, the scale where it is asked for, a
//! beginning, an end to which every line sounds, and the harmony on which it rests.

use cantus_model::gan::{Grid, LOWEST, PhraseNote, Role};
use cantus_score::{Key, Mode, Pitch};

use super::{Placed, role_of};
use crate::plan::Plan;
use crate::player::Player;
use crate::request::Ending;
use crate::rules::Rule;
use crate::trace::{Alternative, Decision, Masked, Trace};

/// The key of a note that was played with the tonic on C.
pub(super) fn pitch_of(note: &Placed, shift: i32) -> Pitch {
    PhraseNote { at: 0, role: note.role, row: note.row, steps: 1 }.pitch(shift)
}

/// The notes as the rules have them; each that is moved is told in the trace.
pub(super) fn closed(
    plan: &Plan,
    grid: Grid,
    (mut notes, shift): (Vec<Placed>, i32),
    trace: &mut Trace,
) -> Vec<Placed> {
    let end = plan.end() / grid.step;
    notes.retain(|note| note.begin < end);
    for note in &mut notes {
        note.end = note.end.min(end);
    }
    begin_at_once(&mut notes);
    for role in Role::ALL.into_iter().filter(|role| role.is_single()) {
        sound_to_the_end(&mut notes, role, end);
    }
    if notes.iter().all(|note| note.end < end)
        && let Some(last) =
            notes.iter_mut().filter(|note| note.role != Role::Drums).max_by_key(|note| note.end)
    {
        last.end = end;
    }
    let mut mover = Mover { plan, grid, shift, trace };
    if plan.ending_is_checked {
        mover.rest(&mut notes, end);
    }
    for note in &mut notes {
        mover.fit(note);
    }
    notes.sort_by_key(|note| (note.begin, note.role, note.row));
    notes.dedup_by_key(|note| (note.begin, note.role, note.row));
    cut(&mut notes);
    mover.reach(&mut notes);
    notes
}

/// The first note begins at the beginning.
fn begin_at_once(notes: &mut [Placed]) {
    let first = notes.iter().map(|note| note.begin).min().unwrap_or(0);
    for note in notes.iter_mut().filter(|note| note.begin == first) {
        note.begin = 0;
    }
}

/// The last note of a line lasts to the end.
fn sound_to_the_end(notes: &mut [Placed], role: Role, end: u32) {
    if let Some(last) = notes.iter_mut().filter(|note| note.role == role).max_by_key(|note| note.begin) {
        last.end = end;
    }
}

/// Lines have one note at a time; others strike a key again only after they let it go.
fn cut(notes: &mut Vec<Placed>) {
    for index in 0..notes.len() {
        let Placed { begin, role, row, .. } = notes[index];
        for earlier in notes[..index].iter_mut().rev().take(64) {
            if earlier.role == role && (role.is_single() || earlier.row == row) {
                earlier.end = earlier.end.min(begin);
                break;
            }
        }
    }
    notes.retain(|note| note.end > note.begin);
}

struct Mover<'a> {
    plan: &'a Plan,
    grid: Grid,
    shift: i32,
    trace: &'a mut Trace,
}

impl Mover<'_> {
    /// The notes that sound to the end become the harmony that is asked for: the lowest its root, the others its nearest tones.
    fn rest(&mut self, notes: &mut [Placed], end: u32) {
        let minor = self.plan.home.is_some_and(|home| home.mode() == Mode::Minor);
        let (root, tones): (i32, &[i32]) = match self.plan.ending {
            Ending::Tonic if minor => (0, &[0, 3, 7]),
            Ending::Tonic => (0, &[0, 4, 7]),
            Ending::Open => (7, &[7, 11, 2]),
            Ending::Loop => return,
        };
        let last = |note: &&mut Placed| note.end == end && note.role != Role::Drums;
        let lowest = notes.iter_mut().filter(last).map(|note| note.row).min();
        let lines = notes.iter_mut().filter(last).count();
        for note in notes.iter_mut().filter(last) {
            let is_bass = Some(note.row) == lowest;
            let allowed: &[i32] = match (is_bass, self.plan.ending, lines) {
                (true, Ending::Open, 1) => tones,
                (true, ..) => &[root],
                _ => tones,
            };
            self.move_to(note, Rule::Ending, |row| allowed.contains(&row.rem_euclid(12)));
        }
    }

    /// Moves a note into the scale, where only that is allowed, and by octaves into the range of its part.
    fn fit(&mut self, note: &mut Placed) {
        let Some(part) = self.plan.parts.iter().find(|part| role_of(part) == Some(note.role)) else { return };
        let (low, high) = (i32::from(part.low), i32::from(part.high));
        if note.role == Role::Drums {
            return;
        }
        let (shift, scale) = (self.shift, self.plan.scale);
        let key_of = move |row: i32| i32::from(LOWEST) + row + shift;
        let is_in = |key: Key, row: i32| key.contains(Pitch::saturating(key_of(row).into()).class());
        if let Some(key) = scale {
            self.move_to(note, Rule::Scale, |row| is_in(key, row));
        }
        let class = i32::from(note.row).rem_euclid(12);
        self.move_to(note, Rule::Range, |row| {
            row.rem_euclid(12) == class && (low..=high).contains(&key_of(row))
        });
    }

    /// What hands and limbs cannot play goes.
    fn reach(&mut self, notes: &mut Vec<Placed>) {
        for role in Role::ALL.into_iter().filter(|role| !role.is_single()) {
            let Some(part) = self.plan.parts.iter().find(|part| role_of(part) == Some(role)) else {
                continue;
            };
            let player = Player::of(&part.part);
            let own = notes.iter().enumerate().filter(|(_, note)| note.role == role);
            let own: Vec<(u32, usize)> = own.map(|(index, note)| (note.begin, index)).collect();
            let mut held: Vec<usize> = Vec::new();
            for struck in own.chunk_by(|one, other| one.0 == other.0) {
                let (at, struck) = (struck[0].0, struck.iter().map(|(_, note)| *note).collect());
                held.retain(|note| player.holds() && notes[*note].end > at);
                self.make_room(notes, (player, at), &mut held, struck);
            }
        }
        notes.retain(|note| note.end > note.begin);
    }

    /// Held notes are let go, those that were struck first before others, until what is struck can be played; of too much that is struck at once some
    /// is left out.
    fn make_room(
        &mut self,
        notes: &mut [Placed],
        (player, at): (Player, u32),
        held: &mut Vec<usize>,
        mut struck: Vec<usize>,
    ) {
        while !self.can_play(player, notes, held.iter().chain(&struck)) {
            let (note, done) = if held.is_empty() {
                let others = |out: usize| struck.iter().filter(move |note| **note != out);
                let helps = |out: &usize| self.can_play(player, notes, others(struck[*out]));
                (struck.remove((0..struck.len()).find(helps).unwrap_or(struck.len() / 2)), "left out")
            } else {
                (held.remove(0), "let go")
            };
            notes[note].end = at;
            self.tell(&notes[note], Rule::Playable, format!("{} {done}", self.pitch(&notes[note])));
        }
        held.extend(struck);
    }

    fn can_play<'n>(&self, player: Player, notes: &[Placed], which: impl Iterator<Item = &'n usize>) -> bool {
        player.can_play(&which.map(|note| self.pitch(&notes[*note])).collect::<Vec<_>>())
    }

    fn pitch(&self, note: &Placed) -> Pitch {
        pitch_of(note, self.shift)
    }

    /// Moves a note to the nearest row that a rule allows, the lower of two; it stays where there is none.
    fn move_to(&mut self, note: &mut Placed, rule: Rule, allows: impl Fn(i32) -> bool) {
        let row = i32::from(note.row);
        let near =
            (0..=48).flat_map(|by| [row - by, row + by]).find(|row| (0..=103).contains(row) && allows(*row));
        let Some(to) = near.filter(|to| *to != row) else { return };
        let from = pitch_of(note, self.shift);
        note.row = to as u8;
        let means = format!("{from} moved to {}", pitch_of(note, self.shift));
        self.tell(note, rule, means);
    }

    /// Tells the trace what became of a note by a rule.
    fn tell(&mut self, note: &Placed, rule: Rule, means: String) {
        let part = self.plan.parts.iter().position(|part| role_of(part) == Some(note.role));
        self.trace.decisions.push(Decision {
            at: note.begin * self.grid.step,
            kind: "pitch",
            part,
            chosen: Alternative { class: u32::from(note.row), means, probability: 1.0 },
            likely: Vec::new(),
            masked: vec![Masked { rule, mass: 1.0, gave_way: false, nats: None }],
        });
    }
}
