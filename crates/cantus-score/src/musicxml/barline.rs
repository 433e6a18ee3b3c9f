//! Bar lines: repeats, endings, segno and coda.

use super::MusicXmlError;
use super::faults::Faults;
use super::measures::{Sign, Spot};
use super::part::{Part, Shared};
use super::xml::Node;
use crate::sheet::Jump;

pub(super) fn read(
    part: &Part,
    node: Node<'_, '_>,
    shared: &mut Shared,
    faults: &mut Faults<'_>,
) -> Result<(), MusicXmlError> {
    let spot = match node.attribute("location").as_deref() {
        Some("left") => Spot::Left,
        Some("middle") => Spot::at(part.cursor),
        _ => Spot::Right,
    };
    let measure = shared.measure(part.measure());
    for child in node.children() {
        match child.name() {
            "repeat" => match child.attribute("direction").as_deref() {
                Some("forward") => measure.sign(spot, Sign::Begins),
                Some("backward") => {
                    let times = child.attribute("times").and_then(|times| times.parse().ok());
                    measure.sign(spot, Sign::Ends(times.filter(|times| *times > 1)));
                }
                other => {
                    let other = other.unwrap_or_default();
                    let message = format_args!("a repeat goes forward or backward, but this one {other:?}");
                    faults.add(child.offset(), message)?;
                }
            },
            "ending" => match child.attribute("type").as_deref() {
                Some("start") => {
                    let passes = passes(&child.attribute("number").unwrap_or_default());
                    if passes.is_empty() {
                        let message =
                            format_args!("an ending must say for which passes it is; it is left out");
                        faults.add(child.offset(), message)?;
                    } else {
                        measure.sign(spot, Sign::Bracket(passes));
                    }
                }
                _ => measure.sign(spot, Sign::BracketEnds),
            },
            "segno" => measure.sign(spot, Sign::Jump(Jump::Segno)),
            "coda" => measure.sign(spot, Sign::Jump(Jump::Coda)),
            _ => {}
        }
    }
    Ok(())
}

/// The passes of an ending: `1`, `1, 2`, `1-3`, `1. 2.`.
fn passes(numbers: &str) -> Vec<u8> {
    let mut passes = Vec::new();
    for range in numbers.split([',', ' ', '.']) {
        let mut ends = range.split('-').filter_map(|end| end.trim().parse::<u8>().ok());
        let Some(first) = ends.next() else { continue };
        passes.extend(first..=ends.next().unwrap_or(first));
    }
    passes.retain(|pass| *pass > 0);
    passes.sort_unstable();
    passes.dedup();
    passes
}
