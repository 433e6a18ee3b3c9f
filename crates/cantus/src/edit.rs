//! Work on the user's own music: what was not asked to change comes back as it was.

use std::path::Path;

use cantus_compose::edit::{Original, Task};
use cantus_compose::{ComposeError, Composer};
use cantus_model::encoding::Steps;
use cantus_score::Score;

use crate::compose::{Drawn, impossible};
use crate::error::{Error, Kind};
use crate::{OutputFormat, SoundOptions, encode, read, write_file};

/// Opens a piece to work on. Of a file of several pieces one must be named, as in `book.abc#12`.
pub fn open_original(path: &Path) -> Result<Original, Error> {
    let music = read(path)?;
    let [piece] = music.pieces.as_slice() else {
        let message = format!("a piece to work on must be one, but this file has {}", music.pieces.len());
        let hint = format!("name one of them, such as {}#1", path.display());
        return Err(Error::new(Kind::Request, message).at(path).with_hint(hint));
    };
    Original::new(piece.score().into_owned()).map_err(|error| Error::of(Kind::Input, error).at(path))
}

/// Makes what a task asks for and puts it into the piece. `progress` is called for each bar.
pub fn work_on(
    composer: &Composer,
    original: &Original,
    task: Result<Task, ComposeError>,
    progress: &mut dyn FnMut(Drawn),
) -> Result<Score, Error> {
    let task = task.map_err(impossible)?;
    let lines = original.bars();
    let bars = lines.len().saturating_sub(1) as u32;
    let mut drawn = |at: Steps| {
        let bar = lines.partition_point(|line| *line <= at).saturating_sub(1) as u32;
        progress(Drawn { bar, bars });
    };
    let filled = composer.fill(&task, &mut drawn);
    Ok(original.with(&filled.piece, &task.holes))
}

/// Writes a piece that was worked on, in the format that the path asks for.
pub fn write_worked(score: &Score, path: &Path, sound: &SoundOptions) -> Result<(), Error> {
    let format = OutputFormat::of_path(path)?;
    write_file(path, &encode(score, format, sound)?)
}
