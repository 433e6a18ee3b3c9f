//! `cantus render`: a score as sound.

use cantus::{ConvertOptions, OutputFormat, SoundOptions};

use crate::args::RenderArgs;
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// Writes the sound and names it.
pub(crate) fn run(args: &RenderArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let sound = SoundOptions { soundfont: args.soundfont.clone(), ..SoundOptions::default() };
    if cantus::is_folder(&args.output) {
        return stems(args, &sound, printer);
    }
    let options = ConvertOptions { sound, ..ConvertOptions::default() };
    OutputFormat::sound_of_path(&args.output)?;
    let spinner = printer.spinner("playing");
    let played = cantus::convert(&args.input, &args.output, &options);
    spinner.finish_and_clear();
    for path in played?.files {
        printer.say(&format!("wrote {}", path.display()));
    }
    Ok(Outcome::Done)
}

/// Writes each track by itself.
fn stems(args: &RenderArgs, sound: &SoundOptions, printer: &Printer) -> Result<Outcome, Failure> {
    let original = cantus::open_original(&args.input)?;
    let spinner = printer.spinner("playing");
    let written = cantus::write_stems(&original.score, &args.output, sound);
    spinner.finish_and_clear();
    for path in written? {
        printer.say(&format!("wrote {}", path.display()));
    }
    Ok(Outcome::Done)
}
