//! `cantus blend`: pieces on the way from one to another.

use std::path::PathBuf;

use cantus::composing::PhraseComposer;
use cantus::model::gan::Player;
use cantus::{AnyModel, SoundOptions};

use super::compose::{any_seed, model, threads};
use crate::args::{BlendArgs, ComposeEngine};
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// Writes each step of the way. Without a name for the results they are written as MIDI, named by both pieces.
pub(crate) fn run(args: &BlendArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    for path in &args.output {
        cantus::OutputFormat::of_path(path)?;
    }
    let ends = [cantus::open_original(&args.from)?, cantus::open_original(&args.to)?];
    let AnyModel::Phrases(model) = model((args.model.as_deref(), Some(ComposeEngine::Gan)), "blend")? else {
        let message =
            "a way between pieces is found by a generator of phrases, but this model is one of arrays";
        return Err(Failure::Wish { message: message.into(), command: "blend" });
    };
    let mut composer = PhraseComposer::new(Player::new(*model, threads()));
    let seed = args.seed.unwrap_or_else(any_seed);
    let bar = printer.piece_bar();
    let blended =
        cantus::blend(&mut composer, ends.each_ref(), (args.steps, seed), &mut |drawn| bar.show(drawn));
    bar.end();
    let blended = blended?;
    printer.say(&format!(
        "{} pieces from {} to {}, seed {seed}",
        blended.len(),
        args.from.display(),
        args.to.display()
    ));
    let sound = SoundOptions { soundfont: args.soundfont.clone(), ..SoundOptions::default() };
    for (index, worked) in blended.iter().enumerate() {
        for path in outputs(args, seed) {
            let path = cantus::numbered(&path, index, blended.len());
            cantus::write_worked(worked, &path, &sound)?;
            printer.say(&format!("wrote {}", path.display()));
        }
    }
    Ok(Outcome::Done)
}

fn outputs(args: &BlendArgs, seed: u64) -> Vec<PathBuf> {
    if !args.output.is_empty() {
        return args.output.clone();
    }
    let stem = |path: &PathBuf| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    vec![PathBuf::from(format!("{}-to-{}-{seed}.mid", stem(&args.from), stem(&args.to)))]
}
