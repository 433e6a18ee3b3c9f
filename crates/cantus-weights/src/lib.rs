//! The trained models inside the program, as bytes and nothing else. Each has a card beside it in `models/`.

/// The default model: chorales and folk tunes, in the form of `cantus_model::model::Model`.
pub const DEFAULT: &[u8] = include_bytes!("../models/default.safetensors");

/// The generator of phrases, in the form of `cantus_model::gan::Model`.
pub const PHRASES: &[u8] = include_bytes!("../models/phrases.safetensors");

/// The networks of four voices that compose plain chorales, in the form of `cantus_model::voices::Model`.
pub const CHORALES: &[u8] = include_bytes!("../models/chorales.safetensors");

/// The network of drums alone, in the form of `cantus_model::model::Model`.
pub const DRUMMERS: &[u8] = include_bytes!("../models/drummers.safetensors");
