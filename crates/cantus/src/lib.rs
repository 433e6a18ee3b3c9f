//! Cantus learns music and makes music: the public library.
//!
//! By stage: [`read`] a file into a [`score`]; [`convert`] it, or hear it ([`encode`] as [`OutputFormat::Wav`]);
//! [`train`] a model on one's own music and measure it ([`evaluate_model`]); open a model ([`model_or_default`]) and
//! [`compose`]. All that goes wrong is an [`Error`] with a hint. What the crates below offer besides is under
//! [`score`], [`audio`], [`features`], [`model`], [`composing`] and [`render`].

mod array;
pub mod bench;
mod benchmark;
mod compose;
mod convert;
mod corpus;
mod edit;
mod error;
mod input;
pub mod json;
mod learned;
mod measure;
mod output;
pub mod parse;
mod rehearsal;
mod sound;
mod sound_model;
#[cfg(test)]
mod tests;
mod train;

pub use cantus_audio as audio;
pub use cantus_compose as composing;
pub use cantus_features as features;
pub use cantus_model as model;
pub use cantus_render as render;
pub use cantus_score as score;

pub use array::{
    ArrayCost, ArrayFacts, ArrayFile, ArrayRequest, ArraySettings, are_clips, arrays_in, check_array_name,
    compose_array, describe_array, evaluate_array, is_array, make_pieces, read_array, write_array,
};
pub use benchmark::{BenchmarkCost, BenchmarkRow, Jsb16};
pub use cantus_score::roll::{Axis, Keys, ReadOptions, RollOptions, Values};
pub use compose::{
    Drawn, compose, compose_phrases, impossible, loop_length_of, performance_of, sample, write_composition,
};
pub use convert::{
    Batch, ConvertOptions, Converted, Done, Loss, Order, OutputFormat, Target, convert, convert_all, encode,
    encode_piece, heard, is_many,
};
pub use corpus::{
    CorpusSettings, Distribution, Overview, build_corpus, corpus_picture, corpus_rows, open_corpus,
    overview_of,
};
pub use edit::{Editor, Worked, blend, open_original, write_worked};
pub use error::Error;
pub use input::{Music, Piece, read, read_as};
pub use learned::{
    AnyModel, StyleCost, built_in_choir, built_in_drummers, built_in_phrases, composer, evaluate_model,
    model_or_default, open_any_model, open_model, scan,
};
pub use measure::{
    Frames, HeardChord, KeptFrames, Measured, MeasuredFiles, MeasuredSound, Picture, Selection, Spread,
    Wanted, catalogue_as_json, measure_all, measured_as_json, sound_as_json, write_measured, write_picture,
    write_sound_picture, write_sounds,
};
pub use output::{numbered, write_file};
pub use sound::{
    Channels, Reshape, SoundFacts, SoundOptions, describe_sound, is_folder, is_sound, write_sound,
    write_stems,
};
pub use sound_model::{Unlikeness, sound_of, unlikeness_of};
pub use train::{BUILT_IN, CurveSettings, Engine, TrainSettings, learning_curve, standing, train};
