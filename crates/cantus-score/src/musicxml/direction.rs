//! Directions: tempo, dynamics, words, signs.

use super::MusicXmlError;
use super::attributes::value;
use super::faults::Faults;
use super::measures::{Sign, Spot};
use super::moment::{Moment, QUARTER};
use super::note::velocity;
use super::part::{Part, Shared};
use super::xml::Node;
use crate::sheet::{Jump, dynamics as levels};
use crate::{Tempo, Text, TextKind, Velocity};

/// What a direction says.
#[derive(Default)]
struct Said {
    words: String,
    rehearsal: String,
    /// The level of a sign of dynamics, and whether there is one at all.
    level: Option<Velocity>,
    has_dynamics: bool,
    /// Quarter notes a minute.
    tempo: Option<f64>,
    segno: bool,
    coda: bool,
}

pub(super) fn read(
    part: &mut Part,
    node: Node<'_, '_>,
    shared: &mut Shared,
    faults: &mut Faults<'_>,
) -> Result<(), MusicXmlError> {
    let at = part.cursor.saturating_add(part.offset_within(node)).max(0);
    let said = Said::of(part, node);
    let sound_node = node.child("sound");
    let mut jumps = false;
    let mut told = false;
    if let Some(sound_node) = sound_node {
        jumps = self::jumps(part, sound_node, at, shared);
        told = sound_tempo(part, sound_node, at, shared, faults)?;
    }
    dynamics(part, &said, sound_node, at);
    if let Some(tempo) = said.tempo.filter(|_| !told) {
        add_tempo(part, tempo, at, node, shared, faults)?;
    }
    let printed = printed_jump(&said.words);
    if !jumps {
        let signs = [said.segno.then_some(Jump::Segno), said.coda.then_some(Jump::Coda), printed];
        let spot = Spot::at(at);
        let measure = shared.measure(part.measure());
        signs.into_iter().flatten().for_each(|jump| measure.sign(spot, Sign::Jump(jump)));
    }
    let whole_piece = node.says_yes("directive") || told || said.tempo.is_some();
    if !said.words.is_empty() && printed.is_none() {
        let text = part.found(at, Text { kind: TextKind::Text, text: said.words });
        if whole_piece { shared.texts.push(text) } else { part.texts.push(text) }
    }
    if !said.rehearsal.is_empty() {
        shared.texts.push(part.found(at, Text { kind: TextKind::Marker, text: said.rehearsal }));
    }
    Ok(())
}

/// What a `<sound>` that stands alone says.
pub(super) fn sound(
    part: &mut Part,
    node: Node<'_, '_>,
    at: Moment,
    shared: &mut Shared,
    faults: &mut Faults<'_>,
) -> Result<(), MusicXmlError> {
    let at = at.saturating_add(part.offset_within(node)).max(0);
    jumps(part, node, at, shared);
    sound_tempo(part, node, at, shared, faults)?;
    dynamics(part, &Said::default(), Some(node), at);
    Ok(())
}

impl Said {
    fn of(part: &Part, node: Node<'_, '_>) -> Self {
        let mut said = Self::default();
        let kinds = node.children().filter(|child| child.name() == "direction-type");
        for child in kinds.flat_map(Node::children) {
            match child.name() {
                "words" => join(&mut said.words, child.text()),
                "rehearsal" => join(&mut said.rehearsal, child.text()),
                "dynamics" => {
                    said.has_dynamics = true;
                    let level = child.children().find_map(|sign| levels::velocity_of(sign.name()));
                    said.level = said.level.or(level);
                }
                "metronome" => said.tempo = metronome(child, part.tempo),
                "segno" => said.segno = true,
                "coda" => said.coda = true,
                _ => {}
            }
        }
        said
    }
}

fn join(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push(' ');
    }
    text.push_str(more);
}

/// Quarter notes a minute after a metronome mark such as "dotted quarter = 60" or "quarter = dotted quarter".
fn metronome(node: Node<'_, '_>, before: f64) -> Option<f64> {
    let (mut units, mut rate) = (Vec::<(&str, u32)>::new(), None);
    for child in node.children() {
        match child.name() {
            "beat-unit" => units.push((child.text(), 0)),
            "beat-unit-dot" => units.last_mut()?.1 += 1,
            "per-minute" => rate = first_number(child.text()),
            _ => {}
        }
    }
    let quarters = |unit: &(&str, u32)| Some(value(unit.0, unit.1)? as f64 / QUARTER as f64);
    let first = quarters(units.first()?)?;
    match (rate, units.get(1)) {
        (Some(rate), _) => Some(first * rate),
        (None, Some(second)) => Some(before * quarters(second)? / first),
        (None, None) => None,
    }
}

/// The first number in a text such as "c. 108" or "100-120".
fn first_number(text: &str) -> Option<f64> {
    let begin = text.find(|char: char| char.is_ascii_digit())?;
    let number = text.get(begin..)?.split(|char: char| !char.is_ascii_digit() && char != '.').next()?;
    number.trim_end_matches('.').parse().ok()
}

/// Takes the tempo of a sound; whether it has one.
fn sound_tempo(
    part: &mut Part,
    node: Node<'_, '_>,
    at: Moment,
    shared: &mut Shared,
    faults: &mut Faults<'_>,
) -> Result<bool, MusicXmlError> {
    let Some(tempo) = node.attribute("tempo") else { return Ok(false) };
    let tempo = tempo.trim().parse::<f64>().unwrap_or(0.0);
    add_tempo(part, tempo, at, node, shared, faults)?;
    Ok(true)
}

fn add_tempo(
    part: &mut Part,
    quarters: f64,
    at: Moment,
    node: Node<'_, '_>,
    shared: &mut Shared,
    faults: &mut Faults<'_>,
) -> Result<(), MusicXmlError> {
    match Tempo::from_bpm(quarters) {
        Ok(tempo) => {
            part.tempo = quarters;
            shared.tempos.push(part.found(at, tempo));
            Ok(())
        }
        Err(error) => faults.add(node.offset(), format_args!("{error}; it is left out")),
    }
}

/// A sign of one note (sf) changes no level, whatever its sound says.
fn dynamics(part: &mut Part, said: &Said, sound: Option<Node<'_, '_>>, at: Moment) {
    if said.has_dynamics && said.level.is_none() {
        return;
    }
    let told = sound.and_then(|sound| sound.attribute("dynamics")).and_then(|percent| velocity(&percent));
    if let Some(level) = told.or(said.level) {
        part.dynamics.push(part.found(at, level));
    }
}

/// Takes the jumps of a sound; whether it has any.
fn jumps(part: &Part, node: Node<'_, '_>, at: Moment, shared: &mut Shared) -> bool {
    const JUMPS: [(&str, Jump); 6] = [
        ("segno", Jump::Segno),
        ("coda", Jump::Coda),
        ("tocoda", Jump::ToCoda),
        ("fine", Jump::Fine),
        ("dacapo", Jump::DaCapo),
        ("dalsegno", Jump::DalSegno),
    ];
    let measure = shared.measure(part.measure());
    let found = JUMPS.iter().filter(|jump| node.attribute(jump.0).is_some_and(|value| value != "no"));
    let found = found.map(|jump| measure.sign(Spot::at(at), Sign::Jump(jump.1))).count();
    if node.says_yes("forward-repeat") {
        measure.sign(Spot::at(at), Sign::Begins);
    }
    found > 0
}

/// The jump that words tell of.
fn printed_jump(words: &str) -> Option<Jump> {
    let words: String = words.to_lowercase().chars().filter(|char| !" .".contains(*char)).collect();
    Some(match words.as_str() {
        "fine" => Jump::Fine,
        "tocoda" | "alcoda" => Jump::ToCoda,
        "coda" => Jump::Coda,
        "segno" => Jump::Segno,
        "dc" | "dcalfine" | "dcalcoda" | "dacapo" | "dacapoalfine" | "dacapoalcoda" => Jump::DaCapo,
        "ds" | "dsalfine" | "dsalcoda" | "dalsegno" | "dalsegnoalfine" | "dalsegnoalcoda" => Jump::DalSegno,
        _ => return None,
    })
}
