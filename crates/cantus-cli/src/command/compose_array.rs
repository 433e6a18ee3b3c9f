//! `cantus compose` with a model of arrays: a new array.

use std::path::PathBuf;

use cantus::ArrayRequest;
use cantus::model::array::Model;

use crate::args::ComposeSettings;
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// Composes one array of all pieces and writes it as it was asked for, or by its seed.
pub(crate) fn run(
    settings: &ComposeSettings,
    model: &Model,
    printer: &mut Printer,
) -> Result<Outcome, Failure> {
    if let Some(wish) = settings.of_scores().first() {
        let message = format!("{wish} is for models of scores, but this model composes arrays");
        return Err(Failure::Wish { message, command: "compose" });
    }
    let outputs = match settings.outputs.as_slice() {
        [] => vec![PathBuf::from(format!("cantus-{}.npy", settings.seed))],
        named => named.to_vec(),
    };
    for path in &outputs {
        cantus::check_array_name(path)?;
    }
    let array = cantus::compose_array(
        model,
        &ArrayRequest {
            count: settings.count as usize,
            frames: settings.frames,
            seed: settings.seed,
            temperature: settings.temperature.unwrap_or(1.0) as f32,
            primer: settings.primer.clone(),
            primer_frames: settings.primer_frames,
        },
    )?;
    printer.say(&format!(
        "[pieces, time, features] {:?}, {}, seed {}",
        array.shape(),
        array.element(),
        settings.seed
    ));
    for path in &outputs {
        cantus::write_array(&array, path)?;
        printer.say(&format!("wrote {}", path.display()));
    }
    Ok(Outcome::Done)
}
