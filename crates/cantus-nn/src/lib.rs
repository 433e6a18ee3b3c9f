//! Tensors, a tape of coarse operations, recurrent kernels, convolutions, optimisers and weight files, for one
//! computer's processors. It knows nothing of music.
//!
//! A network's numbers live in [`Parameters`]. A [`Tape`] records what is computed from them and differentiates it
//! into [`Gradients`], with which [`AdamW`] takes a step. [`Weights`] are what a file holds. [`decode`] runs a
//! trained network one step at a time, with the same bits on every machine.
//!
//! Training gives the same bits for any number of threads on one machine.

mod buffer;
mod conv;
pub mod decode;
mod error;
mod kernel;
mod lists;
pub mod math;
mod optim;
mod params;
mod patches;
mod product;
mod recurrent;
mod rng;
mod simd;
mod tape;
mod team;
mod tensor;
#[cfg(test)]
mod tests;
mod weights;

pub use conv::{Conv, SpectralNorm};
pub use error::NnError;
pub use kernel::peak::multiply_adds;
pub use lists::{Bags, ClassMask, Edge, Lists, Term, Terms};
pub use optim::{AdamW, Ema, Schedule, clip_norm};
pub use params::{Decay, Gradients, Init, ParamId, Parameters};
pub use patches::Patches;
pub use recurrent::{Cell, Recurrent};
pub use rng::Rng;
pub use simd::Path;
pub use tape::{Film, Hold, Mode, Tape, Var};
pub use tensor::Tensor;
pub use weights::{Precision, Weights, from_bf16, to_bf16};
