//! The loops where the time goes, each written once and compiled for every [`Path`](crate::Path).
//!
//! `tile` holds a few rows times a few vectors of columns in registers; `block` makes matrix products of tiles, and
//! `steps` recurrent sequences, where `lstm` and `gru` say what a cell does with its tile. `pack` brings weights into
//! the order in which tiles read them. `map` is for functions of each number, `matvec` for decoding, and `peak` tells
//! how fast all this could be.
#![allow(
    clippy::inline_always,
    reason = "a function takes on its caller's instructions only if it is inlined"
)]

pub(crate) mod block;
pub(crate) mod gru;
pub(crate) mod lstm;
pub(crate) mod map;
pub(crate) mod matvec;
pub(crate) mod pack;
pub(crate) mod peak;
pub(crate) mod steps;
pub(crate) mod tile;

use crate::Path;
use crate::team::Team;

/// Units are padded to a multiple of this, which every path's vectors divide.
pub(crate) const PAD: usize = 16;

/// Who works on a kernel, and with what.
pub(crate) struct Workers<'a> {
    pub(crate) team: &'a Team,
    pub(crate) path: Path,
}
