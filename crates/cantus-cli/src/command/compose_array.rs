//! `cantus compose` with a model of arrays: a new array, or sound where it learned sound.

use std::path::{Path, PathBuf};

use cantus::model::array::{Model, gan};
use cantus::score::npy::Array;
use cantus::{ArrayRequest, OutputFormat};

use crate::args::{ComposeSettings, Length};
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// Composes one array of all pieces and writes it as it was asked for, or by its seed.
pub(crate) fn run(
    settings: &ComposeSettings,
    model: &Model,
    printer: &mut Printer,
) -> Result<Outcome, Failure> {
    let is_length = |wish: &&str| model.telling.is_some() && *wish == "--seconds";
    if let Some(wish) = settings.of_scores().iter().find(|wish| !is_length(wish)) {
        let message = format!("{wish} is for models of scores, but this model composes arrays");
        return Err(Failure::Wish { message, command: "compose" });
    }
    let ending = if model.telling.is_some() { "wav" } else { "npy" };
    let outputs = outputs(settings, ending);
    let (sounds, arrays): (Vec<_>, Vec<_>) = outputs.iter().partition(|path| is_sound(model, path));
    for path in &arrays {
        cantus::check_array_name(path)?;
    }
    let frames = settings.frames.or_else(|| frames_of_seconds(settings, model));
    let request = ArrayRequest { frames, ..request(settings) };
    let spinner = printer.spinner("composing");
    let composed = cantus::compose_array(model, &request);
    spinner.finish_and_clear();
    let array = composed?;
    write(&array, &arrays, settings, printer)?;
    if !sounds.is_empty() {
        let count = settings.count as usize;
        for index in 0..count {
            let spinner = printer.spinner("making sound");
            let sound = cantus::sound_of(model, &array, index);
            spinner.finish_and_clear();
            let sound = sound?;
            for path in &sounds {
                let path = cantus::numbered(path, index, count);
                cantus::write_sound(&sound, &path)?;
                printer.say(&format!("wrote {}", path.display()));
            }
        }
    }
    Ok(Outcome::Done)
}

/// Makes pieces by adversarial networks and writes them as one array.
pub(crate) fn pieces(
    settings: &ComposeSettings,
    model: gan::Model,
    printer: &mut Printer,
) -> Result<Outcome, Failure> {
    if let Some(wish) = settings.of_scores().first() {
        let message = format!("{wish} is for models of scores, but this model composes arrays");
        return Err(Failure::Wish { message, command: "compose" });
    }
    let outputs = outputs(settings, "npy");
    for path in &outputs {
        cantus::check_array_name(path)?;
    }
    let spinner = printer.spinner("composing");
    let made = cantus::make_pieces(model, &request(settings));
    spinner.finish_and_clear();
    write(&made?, &outputs.iter().collect::<Vec<_>>(), settings, printer)?;
    Ok(Outcome::Done)
}

/// Where results go: as asked, or by the seed.
fn outputs(settings: &ComposeSettings, ending: &str) -> Vec<PathBuf> {
    match settings.outputs.as_slice() {
        [] => vec![PathBuf::from(format!("cantus-{}.{ending}", settings.seed))],
        named => named.to_vec(),
    }
}

fn request(settings: &ComposeSettings) -> ArrayRequest {
    ArrayRequest {
        count: settings.count as usize,
        frames: settings.frames,
        seed: settings.seed,
        temperature: settings.temperature.unwrap_or(1.0) as f32,
        primer: settings.primer.clone(),
        primer_frames: settings.primer_frames,
    }
}

/// Says what was composed and writes it under each name.
fn write(
    array: &Array,
    paths: &[&PathBuf],
    settings: &ComposeSettings,
    printer: &mut Printer,
) -> Result<(), Failure> {
    let (shape, element, seed) = (array.shape(), array.element(), settings.seed);
    printer.say(&format!("[pieces, time, features] {shape:?}, {element}, seed {seed}"));
    for path in paths {
        cantus::write_array(array, path)?;
        printer.say(&format!("wrote {}", path.display()));
    }
    Ok(())
}

/// Whether a result is to be sound, by its name, of a model that learned sound.
fn is_sound(model: &Model, path: &Path) -> bool {
    model.telling.is_some() && OutputFormat::of_path(path).is_ok_and(OutputFormat::is_sound)
}

/// The frames of so many seconds of sound.
fn frames_of_seconds(settings: &ComposeSettings, model: &Model) -> Option<usize> {
    let Some(Length::Seconds(seconds)) = settings.length else { return None };
    model.telling.map(|telling| (seconds * telling.frames_a_second()).ceil() as usize + 1)
}
