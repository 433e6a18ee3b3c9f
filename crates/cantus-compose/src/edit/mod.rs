//! Work on music that is there: holes are filled by a recurrent network that hears what lies before and after them.
//!
//! An [`Original`] is the user's score with the same music on the grid. A [`Task`] says where notes are made anew
//! ([`Holes`]) and what is kept of those that go; what is kept answers the network's questions itself, and [`Composer::fill`] draws
//! the rest. [`Original::with`] puts what was made into the score: everything else in it is as it was.

mod asked;
mod drafts;
mod ear;
mod holes;
mod original;
mod script;
mod task;
#[cfg(test)]
mod tests;
mod work;

pub use drafts::{Cost, Filled};
pub use holes::{Hole, Holes};
pub use original::Original;
pub use task::{How, Keep, Task};
pub use work::{beside_the_melody, part_of_instrument, share_of_new_notes};

use cantus_model::controls::Controls;
use cantus_model::encoding::{Sliced, Steps};
use cantus_model::styles::{Style, heard_key};
use cantus_model::walk::{Conditions, Kind, Setup, Walker, bar_steps};
use cantus_nn::Rng;

use crate::aim::Aim;
use crate::chooser::{Chooser, Context};
use crate::composer::Composer;
use crate::distribution::Distribution;
use crate::error::ComposeError;
use crate::trace::Trace;
pub(crate) use asked::Asked;
use asked::told_chords;
use drafts::Writer;
use script::Script;

/// A bar of a piece that says nothing of its metre: a whole note.
const WHOLE: Steps = 96;

/// Answers as a piece that exists.
struct Reader<'a>(&'a Sliced);

impl Chooser for Reader<'_> {
    fn choose(&mut self, offered: &Distribution, context: &Context, _rng: &mut Rng) -> u32 {
        let class = context.piece.map(|piece| piece.answer_of(self.0));
        class.filter(|class| offered.classes.contains(class)).unwrap_or_else(|| offered.likeliest())
    }
}

impl Composer {
    /// Fills the holes of a piece. `progress` is told the time that has been reached.
    /// Fails where something is asked for that the model, the style or the piece does not know, or that contradicts something else.
    pub fn fill(&self, task: &Task, progress: &mut dyn FnMut(Steps)) -> Result<Filled, ComposeError> {
        if !self.knows_controls() && !task.how.wishes.is_empty() {
            return Err(ComposeError::NoControls { wish: task.how.wishes.first().to_owned() });
        }
        if let Some((drummers, task)) = self.handed_on(task) {
            return drummers.fill(&task, progress);
        }
        let asked = Asked::new(task, self.style_at(task.how.style))?;
        let mut filled = self.fill_with((task, &asked), &mut task.how.sampler.clone(), progress);
        task.breathe(&mut filled.piece, filled.trace.as_mut());
        Ok(filled)
    }

    /// The drummers, where a task is theirs, and the task as they know it.
    fn handed_on(&self, task: &Task) -> Option<(&Self, Task)> {
        let (drummers, style) = self.drummers.as_ref()?.of_piece(&task.piece, task.how.style)?;
        Some((drummers, Task { how: How { style: Some(style), ..task.how.clone() }, ..task.clone() }))
    }

    fn style_at(&self, style: Option<u32>) -> Option<&Style> {
        self.styles().get(style? as usize)
    }

    /// What the notes cost that stand in the holes, as if they were made: the answers that lead to the piece as it is.
    pub fn cost_of(&self, task: &Task) -> Cost {
        if let Some((drummers, task)) = self.handed_on(task) {
            return drummers.cost_of(&task);
        }
        let task = Task { how: How { drafts: 1, ..task.how.clone() }, ..task.clone() };
        self.fill_with((&task, &Asked::nothing(&task)), &mut Reader(&task.piece), &mut |_| {}).cost
    }

    fn fill_with(
        &self,
        (task, asked): (&Task, &Asked),
        chooser: &mut dyn Chooser,
        progress: &mut dyn FnMut(Steps),
    ) -> Filled {
        let piece = &task.piece;
        let bar = piece.meters.last().map_or(WHOLE, |span| bar_steps(span.meter));
        let last_bar = task.end.saturating_sub(bar);
        let script = Script::new(piece, task.holes.clone(), asked, (task.keep, task.end, last_bar));
        let is_guided =
            asked.controls != Controls::default() && asked.strength.to_bits() != 1.0_f32.to_bits();
        let plain = is_guided.then(|| Walker::new(self.spec(), self.setup_of(task, &Controls::default())));
        let walker = Walker::new(self.spec(), self.setup_of(task, &asked.controls));
        let scales = self.style_at(task.how.style).map_or([].as_slice(), |style| &style.controls);
        let aim = Aim::from_bar(asked.first, (&asked.controls, scales), asked.key, asked.strength);
        let mut writer =
            Writer::new(self.decoder(), (&script, aim, asked.strength), chooser, Rng::new(task.how.seed));
        let trace = task.how.is_traced.then(Trace::default);
        let drafts = (task.how.drafts.max(1) as usize, trace);
        let mut filled = writer.write((walker, plain), drafts, progress);
        filled.piece.title.clone_from(&piece.title);
        (filled.piece.tempo, filled.piece.key) = (piece.tempo, piece.key);
        filled
    }

    /// What a network is told of the piece: of bars without holes what they are like, of the others what is asked.
    fn setup_of(&self, task: &Task, asked: &Controls) -> Setup {
        let Task { piece, holes, .. } = task;
        let key = heard_key(piece);
        let conditions = Conditions {
            style: task.how.style,
            key,
            tempo: piece.tempo.map(cantus_score::Tempo::bpm),
            density: None,
            length: Some(task.end.saturating_sub(piece.pickup)),
        };
        let setup = Setup::of_piece(piece, conditions);
        let dynamics = setup.dynamics && self.decoder().answers(Kind::Velocity);
        let knows = |style: &&Style| self.knows_controls() && !style.controls.is_empty();
        let controls = match self.style_at(task.how.style).filter(knows) {
            Some(_) => Controls { chords: told_chords(task, asked, key), ..asked.clone() },
            None => Controls::default(),
        };
        let is_whole = holes.are_none();
        let setup = Setup { dynamics, ..setup };
        if is_whole { setup } else { setup.with_controls(controls) }
    }
}
