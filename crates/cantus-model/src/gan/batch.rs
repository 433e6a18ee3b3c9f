//! Phrases as the planes that networks read.
//!
//! An image has a row for each step and, in it, for each pitch a place. Each pitched track has three planes: what sounds, what
//! begins, and what begins and sounds for one step only. Drums have one: what is struck.

use cantus_nn::Hold;

use super::condition::Condition;
use super::grid::{BAR_STEPS, Grid, SEEN, STEPS};
use super::phrase::{Phrase, ROWS};
use super::roles::Role;
use crate::kit;

/// Planes of a pitched track.
pub(super) const PLANES: usize = 3;
/// Planes of all pitched tracks.
pub(super) const PITCHED_PLANES: usize = PLANES * Role::PITCHED.len();
/// Planes of the pitched tracks that a generator is given: what sounds and what begins.
pub(super) const GIVEN_PLANES: usize = 2 * Role::PITCHED.len();

/// Planes of some phrases, of the phrases themselves or of the bars before them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Planes {
    /// `[phrases · steps · rows, PITCHED_PLANES]`
    pub(super) pitched: Vec<f32>,
    /// `[phrases · steps, kit::CLASSES]`
    pub(super) drums: Vec<f32>,
}

impl Planes {
    fn zeros(phrases: usize, steps: usize) -> Self {
        Self {
            pitched: vec![0.0; phrases * steps * ROWS * PITCHED_PLANES],
            drums: vec![0.0; phrases * steps * kit::CLASSES],
        }
    }

    /// Marks a cell of a phrase of so many steps.
    fn mark(&mut self, (index, steps): (usize, usize), at: usize, (role, row): (Role, usize), begins: bool) {
        let step = index * steps + at;
        if role == Role::Drums {
            self.drums[step * kit::CLASSES + row] = 1.0;
            return;
        }
        let cell = (step * ROWS + row) * PITCHED_PLANES + PLANES * role.index();
        self.pitched[cell] = 1.0;
        if begins {
            self.pitched[cell + 1] = 1.0;
        }
    }

    /// Fills the planes of notes of one step from the two others.
    fn find_short(&mut self, steps: usize) {
        let later = ROWS * PITCHED_PLANES;
        for step in (0..self.pitched.len() / later).filter(|step| (step + 1) % steps != 0) {
            for cell in (0..later).step_by(PLANES).map(|cell| step * later + cell) {
                let held = self.pitched[cell + later] - self.pitched[cell + later + 1];
                self.pitched[cell + 2] = self.pitched[cell + 1] * (1.0 - held);
            }
        }
    }
}

/// What a generator and a discriminator are told of some phrases, besides what is played.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Asked {
    /// How many phrases there are.
    pub(super) phrases: usize,
    /// `[phrases, Condition::numbers]`
    pub(super) whole: Vec<f32>,
    /// `[phrases · bars, BAR_NUMBERS]`
    pub(super) bars: Vec<f32>,
    /// The bars before, where phrases are joined.
    pub(super) before: Planes,
    /// The tracks that are given.
    pub(super) given: Planes,
    /// The bars before and the tracks that are given: `[phrases · SEEN · rows, GIVEN_PLANES]`.
    pub(super) seen: Vec<f32>,
    /// `[phrases · SEEN, kit::CLASSES]`
    pub(super) seen_drums: Vec<f32>,
    /// What sounds when each pitched track begins: `[phrases, rows]` each.
    pub(super) sounding: [Vec<f32>; 3],
    /// 1 where a drum may be struck: `[phrases · steps, kit::CLASSES]`.
    pub(super) drums_allowed: Vec<f32>,
    /// What happens at each step, by track: `[phrases · steps]` each.
    pub(super) holds: [Vec<Hold>; 4],
}

/// A phrase with what is asked of it; the notes of the tracks that are given, and those of the bar before, are read.
pub(super) type Question<'a> = (&'a Condition, &'a Phrase);

impl Asked {
    /// The questions of some phrases, for a model that knows so many styles.
    pub(super) fn of(questions: &[Question], styles: usize) -> Self {
        let phrases = questions.len();
        let mut asked = Self {
            phrases,
            before: Planes::zeros(phrases, BAR_STEPS),
            given: Planes::zeros(phrases, STEPS),
            seen: vec![0.0; phrases * SEEN * ROWS * GIVEN_PLANES],
            seen_drums: vec![0.0; phrases * SEEN * kit::CLASSES],
            sounding: std::array::from_fn(|_| vec![0.0; phrases * ROWS]),
            ..Self::default()
        };
        for (index, (condition, phrase)) in questions.iter().enumerate() {
            condition.write(styles, &mut asked.whole);
            condition.write_bars(&mut asked.bars);
            for role in Role::ALL {
                asked.holds[role.index()].extend(holds_of(condition, role));
            }
            phrase.cells(|at, row, role, begins| {
                let is_before = at < BAR_STEPS;
                if if is_before { condition.is_joined } else { condition.given[role.index()] } {
                    asked.see(index, at, (role, row), begins);
                }
            });
        }
        let drums = &asked.holds[Role::Drums.index()];
        let allowed =
            |hold: &Hold| std::iter::repeat_n(f32::from(u8::from(*hold == Hold::Played)), kit::CLASSES);
        asked.drums_allowed = drums.iter().flat_map(allowed).collect();
        asked.before.find_short(BAR_STEPS);
        asked.given.find_short(STEPS);
        asked
    }

    /// The numbers of each phrase as a whole, over and over with one style after the other: `[phrases · styles, Condition::numbers]`.
    pub(super) fn of_each_style(&self, styles: usize) -> Vec<f32> {
        let mut all = Vec::with_capacity(styles * self.whole.len());
        for whole in self.whole.chunks_exact(Condition::numbers(styles)) {
            for style in 0..styles {
                let at = all.len();
                all.extend_from_slice(whole);
                all[at..at + styles].fill(0.0);
                all[at + style] = 1.0;
            }
        }
        all
    }

    fn see(&mut self, index: usize, at: usize, (role, row): (Role, usize), begins: bool) {
        let step = index * SEEN + at;
        if role == Role::Drums {
            self.seen_drums[step * kit::CLASSES + row] = 1.0;
        } else {
            let cell = (step * ROWS + row) * GIVEN_PLANES + 2 * role.index();
            self.seen[cell] = 1.0;
            self.seen[cell + 1] = self.seen[cell + 1].max(f32::from(u8::from(begins)));
        }
        if at < BAR_STEPS {
            self.before.mark((index, BAR_STEPS), at, (role, row), begins);
            if at + 1 == BAR_STEPS && role != Role::Drums {
                self.sounding[role.index()][index * ROWS + row] = 1.0;
            }
        } else {
            self.given.mark((index, STEPS), at - BAR_STEPS, (role, row), begins);
        }
    }
}

/// The planes of real phrases.
pub(super) fn played<'a>(phrases: impl ExactSizeIterator<Item = &'a Phrase>) -> Planes {
    let mut planes = Planes::zeros(phrases.len(), STEPS);
    for (index, phrase) in phrases.enumerate() {
        phrase.cells(|at, row, role, begins| {
            if at >= BAR_STEPS {
                planes.mark((index, STEPS), at - BAR_STEPS, (role, row), begins);
            }
        });
    }
    planes.find_short(STEPS);
    planes
}

fn holds_of(condition: &Condition, role: Role) -> impl Iterator<Item = Hold> {
    let is_made = condition.plays[role.index()] && !condition.given[role.index()];
    let grid: Grid = condition.grid;
    (0..STEPS).map(move |at| match (is_made, grid.uses(at)) {
        (false, _) => Hold::Silent,
        (true, true) => Hold::Played,
        (true, false) => Hold::Held,
    })
}
