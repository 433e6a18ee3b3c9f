//! Archives of published sets: in each section all rolls end to end, and how long each is.
//!
//! | array | shape | says |
//! |---|---|---|
//! | `NAME_roll` | `[time of all pieces, keys]` | the rolls of a section such as `train` |
//! | `NAME_len` | `[pieces]` | steps of each |

use crate::npy::{self, NpyError};
use crate::{Score, Warning};

use super::cells::Cells;
use super::{ReadOptions, RollError, Section};

const ROLL: &str = "_roll";
const LENGTHS: &str = "_len";

/// Whether the arrays of an archive are sections and nothing else.
pub(super) fn are_sections(names: &[String]) -> bool {
    let has = |section: &str, ending: &str| {
        names.iter().any(|name| name.strip_prefix(section).is_some_and(|rest| rest == ending))
    };
    let is_paired = |name: &String| match (name.strip_suffix(ROLL), name.strip_suffix(LENGTHS)) {
        (Some(section), _) => has(section, LENGTHS),
        (_, Some(section)) => has(section, ROLL),
        _ => false,
    };
    !names.is_empty() && names.iter().all(is_paired)
}

/// Reads the pieces section by section, in the order of the archive.
pub(super) fn read(
    bytes: &[u8],
    names: &[String],
    options: ReadOptions,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Section>, RollError> {
    let score = super::empty(options.steps)?;
    let mut sections = Vec::new();
    for name in names.iter().filter_map(|name| name.strip_suffix(ROLL)) {
        let mut array = |ending: &str| -> Result<_, NpyError> {
            let read = npy::read(bytes, Some(&format!("{name}{ending}")), options.strictness)?;
            warnings.extend(read.warnings);
            Ok(read.value)
        };
        let (rolls, lengths) = (array(ROLL)?, array(LENGTHS)?);
        let lengths = steps(name, &lengths.values(0..lengths.len()))?;
        let cells = Cells::end_to_end(&rolls, &lengths, warnings)?;
        let Some(cells) = cells else {
            let (told, found) = (lengths.iter().sum::<usize>(), rolls.shape().first().copied());
            let reason = format!(
                "{name}{LENGTHS} tells of {told} steps and {name}{ROLL} holds {}",
                found.unwrap_or_default()
            );
            return Err(RollError::Archive(reason));
        };
        let piece =
            |cells: &Cells| Score { tracks: vec![super::part("", 0, cells, options.steps)], ..score.clone() };
        sections.push(Section { name: Some(name.to_owned()), scores: cells.iter().map(piece).collect() });
    }
    Ok(sections)
}

/// How many steps each piece has.
fn steps(name: &str, lengths: &[f64]) -> Result<Vec<usize>, RollError> {
    let whole = |&length: &f64| {
        // Pieces of no steps would take memory out of nothing; none is longer than what memory holds.
        let is_whole = length.fract() == 0.0 && (1.0..=9e15).contains(&length);
        let reason =
            || RollError::Archive(format!("{name}{LENGTHS} tells lengths, of which {length} is none"));
        if is_whole { Ok(length as usize) } else { Err(reason()) }
    };
    lengths.iter().map(whole).collect()
}
