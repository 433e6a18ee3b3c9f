//! The cantus program: typed arguments, settings, a command, a printer, an exit code.

mod args;
mod command;
mod exit;
mod printer;
mod stop;

use std::process::ExitCode;

use clap::Parser as _;

use args::Cli;
use printer::Printer;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut printer = Printer::new();
    let ended = command::run(cli.command, &mut printer);
    exit::code(ended, &printer)
}
