//! The commands, one a file.

mod bench;
mod benchmark;
mod blend;
mod card;
mod compose;
mod compose_array;
mod convert;
mod corpus;
mod edit;
mod eval;
mod features;
mod features_sound;
mod learning_curve;
mod render;
mod show;
mod show_array;
mod show_sound;
mod styles;
mod train;

pub(crate) use features::help as features_help;

use crate::args::Command;
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// Runs what was asked for.
pub(crate) fn run(command: Command, printer: &mut Printer) -> Result<Outcome, Failure> {
    match command {
        Command::Compose(args) => compose::run(*args, printer),
        Command::Continue(args) => edit::go_on(&args, printer),
        Command::Infill(args) => edit::infill(&args, printer),
        Command::Harmonize(args) => edit::harmonize(&args, printer),
        Command::Accompany(args) => edit::accompany(&args, printer),
        Command::Vary(args) => edit::vary(&args, printer),
        Command::Restyle(args) => edit::restyle(&args, printer),
        Command::Blend(args) => blend::run(&args, printer),
        Command::Show(args) => show::run(&args, printer),
        Command::Features(args) => features::run(&args, printer),
        Command::Convert(args) => convert::run(&args, printer),
        Command::Render(args) => render::run(&args, printer),
        Command::Styles(args) => styles::run(&args, printer),
        Command::Eval(args) => eval::run(&args, printer),
        Command::Card(args) => card::run(&args, printer),
        Command::Corpus(args) => corpus::run(args, printer),
        Command::Train(args) => train::run(args, printer),
        Command::Bench(args) => bench::run(&args, printer),
    }
}
