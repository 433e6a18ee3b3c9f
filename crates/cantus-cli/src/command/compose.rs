//! `cantus compose`: new music.

use crate::args::{ComposeArgs, ComposeSettings};
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// Composes and writes what was asked for.
pub(crate) fn run(args: ComposeArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let settings = args.settings(1)?;
    compose(&settings, printer)
}

fn compose(settings: &ComposeSettings, _printer: &mut Printer) -> Result<Outcome, Failure> {
    Err(Failure::Wish { message: format!("composing comes next: {settings:?}") })
}
