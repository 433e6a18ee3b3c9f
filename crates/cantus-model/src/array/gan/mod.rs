//! Adversarial networks of arrays: whole pieces at once, from noise.

mod distance;
mod model;
mod networks;
mod player;
mod recipe;
mod task;
#[cfg(test)]
mod tests;
mod training;

pub use model::{Model, VERSION};
pub use player::Player;
pub use recipe::Recipe;
pub use task::AdversarialTask;
