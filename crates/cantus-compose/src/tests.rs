//! Laws of composing.
