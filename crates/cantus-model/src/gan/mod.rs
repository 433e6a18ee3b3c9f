//! Adversarial networks: whole phrases at once.

mod batch;
mod condition;
mod grid;
mod kit;
mod measure;
mod phrase;
mod roles;
mod set;

pub use condition::Condition;
pub use grid::{BAR_STEPS, BARS, Grid, SEEN, STEPS};
pub use measure::{Distributions, Histogram, Metric, mean_divergence};
pub use phrase::{LOWEST, Phrase, PhraseNote, ROWS, to_c};
pub use roles::Role;
pub use set::{FEWEST_PHRASES, PhraseError, PhraseSet, PhraseStyle, PiecePhrases};
