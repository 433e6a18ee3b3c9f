//! Reads a `SoundFont`: checks by ourselves what the synthesizer takes on trust, then hands the bytes over.

use rustysynth::SoundFont;

use super::RenderError;

/// Reads a `SoundFont` 2 file.
pub(super) fn read(bytes: &[u8]) -> Result<SoundFont, RenderError> {
    check(bytes)?;
    SoundFont::new(&mut &bytes[..]).map_err(|error| match error {
        rustysynth::SoundFontError::UnsupportedSampleFormat => RenderError::Compressed,
        other => RenderError::Damaged(other.to_string()),
    })
}

/// Checks the chunks and the lists, so that no number in the file leads beyond its end.
fn check(bytes: &[u8]) -> Result<(), RenderError> {
    let (Some(b"RIFF"), Some(b"sfbk")) = (bytes.get(..4), bytes.get(8..12)) else {
        let beginning = bytes.get(..bytes.len().min(12)).unwrap_or_default();
        return Err(RenderError::NotSoundFont(String::from_utf8_lossy(beginning).into_owned()));
    };
    let body = Chunk::first(bytes)?;
    let mut lists = Lists::default();
    for list in Chunk::all(body.bytes.get(4..).unwrap_or_default())? {
        if list.id == *b"LIST" {
            for chunk in Chunk::all(list.bytes.get(4..).unwrap_or_default())? {
                lists.take(chunk)?;
            }
        }
    }
    lists.check()
}

/// A named piece of a RIFF file.
#[derive(Clone, Copy)]
struct Chunk<'a> {
    id: [u8; 4],
    bytes: &'a [u8],
}

impl<'a> Chunk<'a> {
    fn first(bytes: &'a [u8]) -> Result<Self, RenderError> {
        let short = |chunk: &str, promised| RenderError::Truncated {
            chunk: chunk.to_owned(),
            promised,
            held: bytes.len().saturating_sub(8),
        };
        let Some((id, size)) = bytes.first_chunk::<4>().zip(bytes.get(4..8)) else {
            return Err(short("a chunk's head", 8));
        };
        let size = size.iter().rev().fold(0_usize, |sum, &byte| sum << 8 | usize::from(byte));
        match bytes.get(8..8 + size) {
            Some(body) => Ok(Self { id: *id, bytes: body }),
            None => Err(short(&String::from_utf8_lossy(id), size)),
        }
    }

    fn all(mut bytes: &'a [u8]) -> Result<Vec<Self>, RenderError> {
        let mut chunks = Vec::new();
        while !bytes.is_empty() {
            let chunk = Self::first(bytes)?;
            chunks.push(chunk);
            // The synthesizer reads on behind each chunk without the padding that odd sizes have elsewhere.
            bytes = bytes.get(8 + chunk.bytes.len()..).unwrap_or_default();
        }
        Ok(chunks)
    }
}

/// The lists of a `SoundFont`, each with the size of its records.
#[derive(Default)]
struct Lists<'a> {
    presets: &'a [u8],
    preset_zones: &'a [u8],
    preset_settings: &'a [u8],
    instruments: &'a [u8],
    instrument_zones: &'a [u8],
    instrument_settings: &'a [u8],
}

impl<'a> Lists<'a> {
    fn take(&mut self, chunk: Chunk<'a>) -> Result<(), RenderError> {
        let place = match &chunk.id {
            b"smpl" if chunk.bytes.starts_with(b"OggS") => return Err(RenderError::Compressed),
            b"phdr" => &mut self.presets,
            b"pbag" => &mut self.preset_zones,
            b"pgen" => &mut self.preset_settings,
            b"inst" => &mut self.instruments,
            b"ibag" => &mut self.instrument_zones,
            b"igen" => &mut self.instrument_settings,
            _ => return Ok(()),
        };
        *place = chunk.bytes;
        Ok(())
    }

    fn check(&self) -> Result<(), RenderError> {
        rising("presets", self.presets, (38, 24), self.preset_zones.len() / 4)?;
        rising("preset zones", self.preset_zones, (4, 0), self.preset_settings.len() / 4)?;
        rising("instruments", self.instruments, (22, 20), self.instrument_zones.len() / 4)?;
        rising("instrument zones", self.instrument_zones, (4, 0), self.instrument_settings.len() / 4)
    }
}

/// Checks that the records of a list point to places that rise and stay within the next list.
fn rising(name: &str, bytes: &[u8], (size, at): (usize, usize), next_len: usize) -> Result<(), RenderError> {
    let damaged = |what: String| Err(RenderError::Damaged(format!("the list of {name} {what}")));
    if bytes.len() < 2 * size || !bytes.len().is_multiple_of(size) {
        return damaged(format!("has {} bytes", bytes.len()));
    }
    let mut before = 0;
    for record in bytes.chunks_exact(size) {
        let place = usize::from(u16::from_le_bytes([record[at], record[at + 1]]));
        if place < before || place > next_len {
            return damaged(format!("points to {place} after {before}, of {next_len}"));
        }
        before = place;
    }
    Ok(())
}
