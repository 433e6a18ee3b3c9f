//! What music is learnt from and what learns it: corpora, the encoding of scores as slices, the recurrent model,
//! its training and its files.
//!
//! The way of a piece: a [`cantus_score::Score`] is put on the grid as slices ([`encoding::Sliced`]); a walk
//! through it ([`walk::Walker`]) makes questions with everything that bears on them; lessons ([`lesson`]) hold the
//! questions and answers of training; the network ([`network::Network`]) learns the answers, and the
//! [`decoder::Decoder`] gives them one at a time.

pub mod array;
mod chart;
pub mod controls;
pub mod corpus;
pub mod critic;
pub mod decoder;
pub mod encoding;
pub mod evaluate;
pub mod gan;
mod kit;
mod layers;
pub mod lesson;
pub mod model;
pub mod network;
pub mod recipe;
pub mod run;
pub mod styles;
pub mod training;
pub mod voices;
pub mod walk;
