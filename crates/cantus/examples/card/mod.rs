//! The card of a model as a page of text.

use std::fmt::Write as _;

use cantus_model::model::Card;

pub(crate) fn as_text(title: &str, parameters: usize, card: &Card) -> String {
    let mut text = format!("# {title}\n\n{parameters} parameters, trained for {} epochs.\n", card.epochs);
    text.push_str("\n## Data\n\n| pieces | credit | licence | rights |\n|---|---|---|---|\n");
    for source in &card.sources {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            source.pieces, source.credit, source.licence, source.rights
        );
    }
    text.push_str("\n| style | train | valid | test |\n|---|---|---|---|\n");
    for style in &card.styles {
        let _ = writeln!(text, "| {} | {} | {} | {} |", style.name, style.train, style.valid, style.test);
    }
    let _ = writeln!(text, "\nLedger (SHA-256 over every training piece): `{}`", card.ledger);
    text.push_str("\n## Numbers\n\n| what | value |\n|---|---|\n");
    for (what, value) in &card.numbers {
        let _ = writeln!(text, "| {what} | {value:.4} |");
    }
    text.push_str("\n## Limits\n\n");
    for note in &card.notes {
        let _ = writeln!(text, "- {note}");
    }
    text
}
