//! Adversarial networks: whole phrases at once.

pub(crate) mod adversaries;
mod batch;
mod condition;
pub(crate) mod dense;
mod discriminator;
mod front;
mod generator;
mod grid;
mod habits;
mod listener;
mod made;
mod measure;
mod model;
mod phrase;
mod player;
mod recall;
mod recipe;
mod roles;
mod set;
mod sheet;
mod task;
#[cfg(test)]
mod tests;
mod training;
mod traits;

pub use condition::Condition;
pub use grid::{BAR_STEPS, BARS, Grid, SEEN, STEPS};
pub use habits::{Densities, Habits};
pub use measure::{Distributions, Histogram, Metric, mean_divergence};
pub use model::{Model, VERSION};
pub use phrase::{LOWEST, Phrase, PhraseNote, ROWS, to_c};
pub use player::Player;
pub use recipe::Recipe;
pub use roles::{Role, RoleNote, of_piece as roles_of};
pub use set::{FEWEST_PHRASES, PhraseError, PhraseSet, PiecePhrases};
pub use task::GanTask;
