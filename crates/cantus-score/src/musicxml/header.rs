//! What stands before the music: title, names, and the list of parts.

use super::xml::Node;
use crate::sheet::Credits;
use crate::{Channel, Program, instrument};

/// One sound of a part.
#[derive(Debug, Clone)]
pub(super) struct Instrument {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) channel: Option<Channel>,
    pub(super) program: Option<Program>,
    /// What it sounds like, as `wind.reed.oboe`.
    pub(super) sound: String,
    /// The key of the drum kit.
    pub(super) drum: Option<u8>,
}

/// A part as the list of parts announces it.
#[derive(Debug, Clone, Default)]
pub(super) struct PartHead {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) instruments: Vec<Instrument>,
}

impl PartHead {
    /// The program that the part asks for, else that of its sound, of its name, or of its instruments' names.
    pub(super) fn program(&self) -> Option<Program> {
        let own = || self.instruments.iter();
        let told = own().find_map(|instrument| instrument.program);
        told.or_else(|| own().find_map(|instrument| instrument::program_of(&instrument.sound)))
            .or_else(|| instrument::program_of(&self.name))
            .or_else(|| own().find_map(|instrument| instrument::program_of(&instrument.name)))
    }
}

/// What was read so far.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) credits: Credits,
    work_title: String,
    movement_title: String,
    /// What is printed large on the first page, where no title is named.
    printed_title: String,
    pub(super) parts: Vec<PartHead>,
}

impl Header {
    /// Takes an element that stands before the parts.
    pub(super) fn take(&mut self, node: Node<'_, '_>) {
        match node.name() {
            "work" => node.child_text("work-title").unwrap_or_default().clone_into(&mut self.work_title),
            "movement-title" => node.text().clone_into(&mut self.movement_title),
            "identification" => self.identification(node),
            "credit" => self.credit(node),
            "part-list" => {
                self.parts.extend(node.children().filter(|part| part.name() == "score-part").map(part_head));
            }
            _ => {}
        }
    }

    /// Names and title, once everything is read.
    pub(super) fn credits(&mut self) -> Credits {
        let titles = [&self.work_title, &self.movement_title, &self.printed_title];
        let mut credits = std::mem::take(&mut self.credits);
        credits.title = match titles {
            [work, movement, _] if !work.is_empty() && !movement.is_empty() && work != movement => {
                format!("{work}: {movement}")
            }
            _ => titles.into_iter().find(|title| !title.is_empty()).cloned().unwrap_or_default(),
        };
        credits
    }

    fn identification(&mut self, node: Node<'_, '_>) {
        for child in node.children() {
            let kind = child.attribute("type");
            let slot = match (child.name(), kind.as_deref()) {
                ("creator", Some("lyricist" | "poet")) => &mut self.credits.lyricist,
                ("creator", Some("composer") | None) => &mut self.credits.composer,
                ("rights", _) => &mut self.credits.rights,
                _ => continue,
            };
            if !slot.is_empty() && !child.text().is_empty() {
                slot.push_str(", ");
            }
            slot.push_str(child.text());
        }
    }

    fn credit(&mut self, node: Node<'_, '_>) {
        if self.printed_title.is_empty() && node.child_text("credit-type") == Some("title") {
            node.child_text("credit-words").unwrap_or_default().clone_into(&mut self.printed_title);
        }
    }
}

fn part_head(node: Node<'_, '_>) -> PartHead {
    let id = node.attribute("id").unwrap_or_default().into_owned();
    let name = node.child_text("part-name").unwrap_or_default().to_owned();
    let mut head = PartHead { id, name, instruments: Vec::new() };
    for child in node.children() {
        match child.name() {
            "score-instrument" => {
                let name = child.child_text("instrument-name").unwrap_or_default();
                let instrument = named(&mut head.instruments, child);
                name.clone_into(&mut instrument.name);
                child.child_text("instrument-sound").unwrap_or_default().clone_into(&mut instrument.sound);
            }
            "midi-instrument" => {
                let instrument = named(&mut head.instruments, child);
                let number = |name: &str| child.child(name).and_then(Node::integer).map(|number| number - 1);
                instrument.channel = number("midi-channel").and_then(|channel| Channel::new(channel).ok());
                instrument.program = number("midi-program").and_then(|program| Program::new(program).ok());
                instrument.drum = number("midi-unpitched").and_then(|key| u8::try_from(key).ok());
            }
            _ => {}
        }
    }
    head
}

/// The instrument that an element names, which is new at its first mention.
fn named<'i>(instruments: &'i mut Vec<Instrument>, node: Node<'_, '_>) -> &'i mut Instrument {
    /// A part changes among so many instruments at most; more share the last.
    const MOST: usize = 256;
    let id = node.attribute("id").unwrap_or_default();
    let known = instruments.iter().position(|instrument| instrument.id == id);
    let index = known.unwrap_or(if instruments.len() < MOST { instruments.len() } else { MOST - 1 });
    if index == instruments.len() {
        let id = id.into_owned();
        let (name, sound) = (String::new(), String::new());
        instruments.push(Instrument { id, name, channel: None, program: None, sound, drum: None });
    }
    &mut instruments[index]
}
