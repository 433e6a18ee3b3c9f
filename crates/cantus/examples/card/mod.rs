//! The card of a model as a page of text.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use cantus_model::model::Card;

/// Puts numbers by name into a card, in place of those that were measured of sampled pieces of the same styles.
#[allow(dead_code, reason = "not every example has numbers of sampled pieces")]
pub(crate) fn add_sampled(card: &mut Card, numbers: &Path) -> Result<(), Box<dyn Error>> {
    let numbers: BTreeMap<String, f64> = serde_json::from_str(&fs::read_to_string(numbers)?)?;
    let group = |name: &str| name.split_once(".sampled.").map(|(style, _)| style.to_owned());
    let anew: Vec<String> = numbers.keys().filter_map(|name| group(name)).collect();
    card.numbers.retain(|name, _| group(name).is_none_or(|style| !anew.contains(&style)));
    card.numbers.extend(numbers);
    Ok(())
}

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
