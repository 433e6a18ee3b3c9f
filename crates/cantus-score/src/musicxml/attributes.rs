//! What a part announces: divisions, key, metre, staves, clefs, transposition.

use super::MusicXmlError;
use super::faults::Faults;
use super::moment::{self, QUARTER};
use super::names;
use super::part::{Part, Shared};
use super::xml::Node;
use crate::sheet::Transposition;
use crate::{Key, Meter, Mode};

/// The most divisions of a quarter note that are believed.
const MOST_DIVISIONS: i64 = 1 << 30;

pub(super) fn read(
    part: &mut Part,
    node: Node<'_, '_>,
    shared: &mut Shared,
    faults: &mut Faults<'_>,
) -> Result<(), MusicXmlError> {
    // A key is written as the part is, so that how it is written comes first.
    if let Some(transpose) = node.child("transpose") {
        part.transposition = transposition(transpose);
    }
    for child in node.children() {
        match child.name() {
            "divisions" => divisions(part, child, shared, faults)?,
            "key" => {
                if let Some(key) = key(part.transposition, child, faults)? {
                    part.keys.push(part.here(key));
                }
            }
            "time" => time(part, child, shared, faults)?,
            "staves" => part.staves = child.integer().unwrap_or(1).clamp(1, 32) as u8,
            "clef" => clef(part, child),
            _ => {}
        }
    }
    Ok(())
}

fn divisions(
    part: &mut Part,
    node: Node<'_, '_>,
    shared: &mut Shared,
    faults: &mut Faults<'_>,
) -> Result<(), MusicXmlError> {
    let Some(divisions) = node.integer().filter(|divisions| (1..=MOST_DIVISIONS).contains(divisions)) else {
        let message = format_args!(
            "a quarter note must have at least one division, but this one has {:?}; the measure before holds",
            node.text()
        );
        return faults.add(node.offset(), message);
    };
    part.divisions = Some(divisions);
    if !shared.divisions.contains(&divisions) && shared.divisions.len() < 64 {
        shared.divisions.push(divisions);
    }
    Ok(())
}

/// How a part is written, its octaves included. Who doubles it an octave away (`<double>`) is left out: the others sound as
/// they are written.
fn transposition(node: Node<'_, '_>) -> Transposition {
    let number = |name: &str| node.child(name).and_then(Node::integer).unwrap_or(0).clamp(-60, 60);
    let semitones = number("chromatic");
    let steps = match node.child("diatonic") {
        Some(_) => number("diatonic"),
        // Seven steps in twelve semitones.
        None => (semitones * 7 + 6 * semitones.signum()) / 12,
    };
    let octaves = number("octave-change");
    Transposition {
        steps: (steps + 7 * octaves).clamp(-100, 100) as i8,
        semitones: (semitones + 12 * octaves).clamp(-100, 100) as i8,
    }
}

/// The sounding key of a signature.
fn key(
    transposition: Transposition,
    node: Node<'_, '_>,
    faults: &mut Faults<'_>,
) -> Result<Option<Key>, MusicXmlError> {
    let fifths = match node.child("fifths") {
        Some(fifths) => fifths.integer().unwrap_or(0).clamp(-100, 100),
        None if node.child("key-step").is_some() => accidentals(node, faults)?,
        None => return Ok(None),
    };
    let mode = match node.child_text("mode") {
        Some("minor" | "dorian" | "phrygian" | "aeolian" | "locrian") => Mode::Minor,
        Some("none") if fifths == 0 => return Ok(None),
        _ => Mode::Major,
    };
    let sounding = fifths + shift(transposition);
    let key = Key::new(near(sounding), mode).ok();
    if !(-7..=7).contains(&fifths) {
        let message = format_args!(
            "a key has up to seven sharps or flats, but this one {fifths}; the same is taken by another name"
        );
        faults.add(node.offset(), message)?;
    }
    Ok(key)
}

/// How many sharps a signature gains from how it is written to how it sounds.
pub(in crate::musicxml) fn shift(transposition: Transposition) -> i64 {
    7 * i64::from(transposition.semitones) - 12 * i64::from(transposition.steps)
}

/// The signature that sounds the same with up to seven accidentals.
pub(in crate::musicxml) fn near(fifths: i64) -> i64 {
    if (-7..=7).contains(&fifths) { fifths } else { (fifths + 6).rem_euclid(12) - 6 }
}

/// The signature that is nearest to one of single accidentals.
fn accidentals(node: Node<'_, '_>, faults: &mut Faults<'_>) -> Result<i64, MusicXmlError> {
    let alters = node.children().filter(|child| child.name() == "key-alter");
    let sum: f64 = alters.filter_map(Node::number::<f64>).filter(|alter| alter.is_finite()).sum();
    let fifths = sum.round().clamp(-7.0, 7.0) as i64;
    let message = format_args!(
        "a signature of single accidentals is read as the usual one with as many, {} {}",
        fifths.abs(),
        if fifths < 0 { "flats" } else { "sharps" }
    );
    faults.add(node.offset(), message)?;
    Ok(fifths)
}

fn time(
    part: &mut Part,
    node: Node<'_, '_>,
    shared: &mut Shared,
    faults: &mut Faults<'_>,
) -> Result<(), MusicXmlError> {
    if node.child("senza-misura").is_some() {
        part.nominal = 0;
        return Ok(());
    }
    let Some(meter) = meter(node) else {
        let message = format_args!(
            "a metre has up to 255 beats of a whole, half, quarter … note, but this one has {:?} of {:?}; it is left out",
            node.child_text("beats").unwrap_or_default(),
            node.child_text("beat-type").unwrap_or_default()
        );
        return faults.add(node.offset(), message);
    };
    part.nominal = 4 * QUARTER * i64::from(meter.beats()) / i64::from(meter.unit());
    shared.measure(part.measure()).meter(part.cursor, meter);
    Ok(())
}

/// The sum of the metres of an element: 3+2/8 is 5/8, and 3/4 + 1/8 is 7/8.
fn meter(node: Node<'_, '_>) -> Option<Meter> {
    let mut sum: Option<(i64, i64)> = None;
    let mut beats = None;
    for child in node.children() {
        match child.name() {
            "beats" => {
                let terms = child.text().split('+').map(|term| term.trim().parse::<i64>());
                beats = Some(terms.sum::<Result<i64, _>>().ok()?.clamp(0, 10_000));
            }
            "beat-type" => {
                let unit =
                    child.integer().filter(|unit| (1..=128).contains(unit) && unit.count_ones() == 1)?;
                let beats = beats.take()?;
                let (before, common) = sum.unwrap_or((0, unit));
                let finer = common.max(unit);
                sum = Some((before * (finer / common) + beats * (finer / unit), finer));
            }
            _ => {}
        }
    }
    let (beats, unit) = sum?;
    Meter::new(beats, unit).ok()
}

fn clef(part: &mut Part, node: Node<'_, '_>) {
    let staff = node.attribute("number").and_then(|number| number.parse().ok()).unwrap_or(1).clamp(1, 32);
    let sign = node.child_text("sign").unwrap_or_default();
    let line = node.child("line").and_then(Node::integer).unwrap_or(if sign == "F" { 4 } else { 3 });
    let octaves = node.child("clef-octave-change").and_then(Node::integer).unwrap_or(0);
    let Some(clef) = names::clef(sign, line, octaves) else { return };
    part.clefs.push(part.here((staff, clef)));
}

/// The length of a note value with its dots, where a note has no duration.
pub(super) fn value(name: &str, dots: u32) -> Option<moment::Moment> {
    let halvings = [
        "maxima", "long", "breve", "whole", "half", "quarter", "eighth", "16th", "32nd", "64th", "128th",
        "256th", "512th", "1024th",
    ]
    .iter()
    .position(|known| *known == name)?;
    let plain = (32 * QUARTER) >> halvings;
    Some(2 * plain - (plain >> dots.min(10)))
}
