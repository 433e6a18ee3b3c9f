//! What an MPEG-4 file says of its ends: an encoder starts with silence of its own, which the edit list cuts off again.

use super::DecodeError;
use super::source::Part;

/// The part of the decoded samples that is the sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Edit {
    /// Samples of each channel before the sound.
    pub(super) skipped: u64,
    /// The length of the sound in seconds, as a numerator and a denominator.
    pub(super) length: Option<(u64, u32)>,
}

/// The most that an encoder puts in front, in samples; an edit that cuts off more is one of the user's, and is left alone.
const MOST_SKIPPED: u64 = 8_192;
/// How many atoms are looked at on one level.
const MOST_ATOMS: usize = 1_000;

/// The first edit of the first track that has one, where it is the only one (ISO 14496-12, section 8.6.6).
pub(super) fn edit(source: &mut Part<'_>) -> Result<Edit, DecodeError> {
    let file = (0, source.len());
    let Some(movie) = atom(source, file, *b"moov")? else { return Ok(Edit::default()) };
    let scale = match atom(source, movie, *b"mvhd")? {
        Some((start, _)) => number(&source.look(start + 12, 4)?),
        None => 0,
    };
    let Some(track) = atom(source, movie, *b"trak")? else { return Ok(Edit::default()) };
    let Some(edits) = atom(source, track, *b"edts")? else { return Ok(Edit::default()) };
    let Some((start, _)) = atom(source, edits, *b"elst")? else { return Ok(Edit::default()) };
    let list = source.look(start, 16)?;
    // Version 0, one entry.
    if list.len() < 16 || list[0] != 0 || number(&list[4..8]) != 1 {
        return Ok(Edit::default());
    }
    let (length, skipped) = (number(&list[8..12]), u64::from(number(&list[12..16])));
    if skipped > MOST_SKIPPED {
        return Ok(Edit::default());
    }
    Ok(Edit { skipped, length: (scale > 0 && length > 0).then_some((length.into(), scale)) })
}

/// Where the content of the first atom of a name begins and ends, within bounds.
fn atom(
    source: &mut Part<'_>,
    (start, end): (u64, u64),
    name: [u8; 4],
) -> Result<Option<(u64, u64)>, DecodeError> {
    let mut at = start;
    for _ in 0..MOST_ATOMS {
        let head = source.look(at, 16)?;
        if head.len() < 8 || at >= end {
            break;
        }
        let (mut length, mut content) = (u64::from(number(&head[..4])), at + 8);
        if length == 1 && head.len() == 16 {
            length = u64::from(number(&head[8..12])) << 32 | u64::from(number(&head[12..16]));
            content = at + 16;
        }
        let next = if length == 0 { end } else { at.saturating_add(length) };
        if head[4..8] == name {
            return Ok(Some((content, next.min(end))));
        }
        if length != 0 && length < 8 {
            break;
        }
        at = next;
    }
    Ok(None)
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}
