//! `cantus card`: what a model is.

use std::fmt::Write as _;

use cantus::model::model::{Card, Model};

use crate::args::CardArgs;
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// Prints the card.
pub(crate) fn run(args: &CardArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let model = cantus::model_or_default(args.model.as_deref())?;
    printer.data(&as_text(&model))?;
    Ok(Outcome::Done)
}

fn as_text(model: &Model) -> String {
    let Card { name, sources, styles, ledger, epochs, numbers, notes } = &model.card;
    let mut text = format!("{name}\n\nmusic it learned from\n");
    for source in sources {
        let _ = writeln!(text, "  {} pieces: {}", source.pieces, source.credit);
        let _ = writeln!(text, "    licence: {}; rights: {}", source.licence, source.rights);
    }
    text.push_str("\nstyle             train  valid   test\n");
    for style in styles {
        let _ = writeln!(text, "{:16}  {:5}  {:5}  {:5}", style.name, style.train, style.valid, style.test);
    }
    if !numbers.is_empty() {
        text.push_str("\nmeasured\n");
    }
    for (number, value) in numbers {
        let _ = writeln!(text, "  {number}: {value:.4}");
    }
    if !notes.is_empty() {
        text.push_str("\nto know\n");
    }
    for note in notes {
        let _ = writeln!(text, "  {note}");
    }
    let _ = writeln!(text, "\nbest after {epochs} epochs\nledger  {ledger}\nmodel   {}", model.digest);
    text
}
