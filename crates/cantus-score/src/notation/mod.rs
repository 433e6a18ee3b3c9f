//! A short text notation, for tests and for the eye.
//!
//! ```text
//! key=G meter=3/4 tempo=90 pickup=1/4 | S: D4/4 G4/4. [B4 D5]/2 r/4 A4*1/12 | A: …
//! ```
//!
//! - **Header**: settings in any order, each optional: `key=` a tonic and, in minor, `m` (`Bb`, `F#m`); `meter=`; `tempo=`
//!   in quarters a minute; `pickup=` the metre of an incomplete first bar; `resolution=` ticks a quarter (480 where not said);
//!   `title=` one word.
//! - **Parts** follow, each after a ` | `, with a name and a colon where they have one. Names hold no space, colon or bar.
//! - **Notes** follow one another. A pitch is scientific: `C4` is middle C; `#` or `b` may follow the letter. A length is a note
//!   value: `/4` is a quarter, `/8.` a dotted eighth, `/12` an eighth of a triplet, `*5/8` five eighths. Without a length
//!   the one before holds (a quarter at first). `r` is a rest.
//! - **Chords** stand in brackets; a length behind the bracket is that of all notes without their own.
//! - What follows begins when the longest note ends, or after the length behind an `@`: `C4/2@/4 E4/4` ends both notes together.
//!
//! Laws: `parse(print(s)) == s` for scores made of notes, names, and one tempo, metre, pickup and key; `print(parse(t)) == t` for
//! text that [`print()`] wrote. [`print()`] leaves out velocities, controls, texts and later changes; parts come back on channels in
//! their order, the drums' left free.

mod parse;
mod print;
#[cfg(test)]
mod tests;

pub use parse::{NotationError, parse, parse_pitch};
pub use print::print;
