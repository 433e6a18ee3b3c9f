//! `cantus convert`: one format into another.

use cantus::SoundOptions;

use crate::args::ConvertArgs;
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// Writes the output and names each file written.
pub(crate) fn run(args: &ConvertArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let sound = SoundOptions { soundfont: args.soundfont.clone(), ..SoundOptions::default() };
    for path in cantus::convert(&args.input, &args.output, &sound)? {
        printer.say(&format!("wrote {}", path.display()));
    }
    Ok(Outcome::Done)
}
