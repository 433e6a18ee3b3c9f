//! `cantus card`: what a model is.

use std::fmt::Write as _;

use cantus::AnyModel;
use cantus::model::model::Card;
use cantus::model::{array, gan, voices};

use crate::args::{CardArgs, ComposeEngine};
use crate::exit::{Failure, Outcome};
use crate::printer::Printer;

/// Prints the card.
pub(crate) fn run(args: &CardArgs, printer: &mut Printer) -> Result<Outcome, Failure> {
    let model = match (args.model.as_deref(), args.engine) {
        (None, Some(ComposeEngine::Gan)) => AnyModel::Phrases(Box::new(cantus::built_in_phrases()?)),
        (path, _) => cantus::open_any_model(path)?,
    };
    let text = match model {
        AnyModel::Scores(model) if args.model.is_none() => {
            let choir = cantus::built_in_choir()?;
            let of_choir = as_text(&choir.card, &choir.digest) + &of_voices(&choir);
            let drummers = cantus::built_in_drummers()?;
            let of_drummers = as_text(&drummers.card, &drummers.digest);
            format!("{}\n{of_choir}\n{of_drummers}", as_text(&model.card, &model.digest))
        }
        AnyModel::Scores(model) => as_text(&model.card, &model.digest),
        AnyModel::Array(model) => as_text(&model.card, &model.digest) + &of_array(&model),
        AnyModel::Pieces(model) => as_text(&model.card, &model.digest) + &of_pieces(&model),
        AnyModel::Voices(model) => as_text(&model.card, &model.digest) + &of_voices(&model),
        AnyModel::Phrases(model) => as_text(&model.card, &model.digest) + &of_phrases(&model),
    };
    printer.data(&text)?;
    Ok(Outcome::Done)
}

/// What a model of arrays reads and writes.
fn of_array(model: &array::Model) -> String {
    let (shape, scale) = (model.network.shape, &model.scale);
    let (cell, target) = (&model.recipe.cell, model.recipe.target);
    let told = if target == array::Target::Next { "the next frame" } else { "the same frame" };
    format!(
        "array   frames of {} features, {} to a piece, {}\nnetwork {} × {cell} of {} units, tells {told}\n",
        shape.features, model.frames, scale.element, shape.layers, shape.units,
    )
}

/// What a generator of arrays makes.
fn of_pieces(model: &array::gan::Model) -> String {
    let (frames, features, element) = (model.frames(), model.features(), &model.scale.element);
    format!("array   pieces of {frames} frames of {features} features, {element}, made at once\n")
}

/// What networks of four voices are.
fn of_voices(model: &voices::Model) -> String {
    let (members, cell, hidden) = (model.recipe.members, &model.recipe.cell, model.recipe.hidden);
    let networks = if members == 1 { "network, an" } else { "networks, each an" };
    format!("voices  {members} {networks} {cell} of {hidden} units; {} weights\n", model.parameters())
}

/// What a generator of phrases is.
fn of_phrases(model: &gan::Model) -> String {
    format!("phrases of {} bars; generator of {} weights\n", gan::BARS, model.parameters())
}

fn as_text(card: &Card, digest: &str) -> String {
    let Card { name, sources, styles, ledger, epochs, numbers, notes, curve } = card;
    let mut text = format!("{name}\n\nmusic it learned from\n");
    for source in sources {
        let _ = writeln!(text, "  {} pieces: {}", source.pieces, source.credit);
        if !source.composers.is_empty() {
            let _ = writeln!(text, "    by {}", source.composers.join("; "));
        }
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
    if !curve.is_empty() {
        text.push_str(
            "\nlearning curve (small networks on shares of the corpus)\n  pieces      notes  nats a note\n",
        );
    }
    for point in curve {
        let _ = writeln!(text, "  {:6}  {:9}  {:11.4}", point.pieces, point.notes, point.nats_per_note);
    }
    if !notes.is_empty() {
        text.push_str("\nto know\n");
    }
    for note in notes {
        let _ = writeln!(text, "  {note}");
    }
    let _ = writeln!(text, "\nbest after {epochs} epochs\nledger  {ledger}\nmodel   {digest}");
    text
}
