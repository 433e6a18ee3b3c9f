//! Music by which a model that learns on remembers what it knew: pieces that it composes itself before it begins.

use std::fs;
use std::path::{Path, PathBuf};

use cantus_compose::{Composer, Policy, Request};
use cantus_model::corpus::Progress;
use cantus_model::model::Model;
use cantus_model::styles::Style;
use cantus_score::midi;

use crate::error::{Error, Kind};
use crate::write_file;

/// Pieces composed of each style.
const PIECES: usize = 8;
/// Bars of the longest: what a style knows of form shows in so many.
const MOST_BARS: u32 = 24;

/// Composes some pieces of each style of a model, each in one of the keys that the style is used to, and writes them as
/// `FOLDER/STYLE/NN.mid`. They are drawn as the model thinks, without judges or rules of taste: they stand for the music
/// that it learned from. `progress` counts the pieces.
pub(crate) fn compose(
    model: &Model,
    folder: &Path,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(), Error> {
    let composer = Composer::new(model);
    let files = PIECES * model.styles.len();
    for (number, style) in model.styles.iter().enumerate() {
        let folder = style_folder(folder, number, style);
        fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, error))?;
        for piece in 0..PIECES {
            if let Some(bytes) = one(&composer, style, piece) {
                write_file(&folder.join(format!("{piece:02}.mid")), &bytes)?;
            }
            progress(Progress { done: number * PIECES + piece + 1, files });
        }
    }
    Ok(())
}

/// The folder of a style's pieces, which must bear its name to be read as that style.
fn style_folder(folder: &Path, number: usize, style: &Style) -> PathBuf {
    // A folder between keeps apart styles whose names differ in case alone, on disks that do not tell.
    let name =
        if style.name.contains(['/', '\\']) || style.name.starts_with('.') { "known" } else { &style.name };
    folder.join(name).join(number.to_string())
}

/// A piece as a MIDI file; nothing where the model composes none.
fn one(composer: &Composer, style: &Style, piece: usize) -> Option<Vec<u8>> {
    let mut request =
        Request::new(piece as u64 + 1).style(&style.name).bars(style.bars.clamp(4, MOST_BARS)).ok()?;
    let keys: Vec<_> = style.keys.iter().filter_map(|count| count.key()).collect();
    if let Some(key) = keys.get(piece % keys.len().max(1)) {
        request = request.key(*key);
    }
    let policy = Policy { attempts: 1, ..Policy::default() };
    let composed = composer.compose_with(&request, &mut request.sampler(), &[], policy).ok()?;
    midi::write(&composed.score).ok()
}

fn unwritable(folder: &Path, error: std::io::Error) -> Error {
    Error::because(Kind::Output, format!("the folder cannot be made ({error})"), error).at(folder)
}
