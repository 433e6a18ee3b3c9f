//! The way through a file: what stands before the music, then part after part, or measure after measure.

use std::collections::HashMap;

use super::MusicXmlError;
use super::assemble;
use super::faults::Faults;
use super::header::{Header, PartHead};
use super::part::{Part, Shared};
use super::xml::{Fragment, Tag, Xml};
use crate::sheet::Sheet;
use crate::{Read, Strictness};

/// A file holds an element of a measure for each of so many of its bytes, and so many besides: a packed one that holds more
/// is a bomb.
const BYTES_OF_AN_ELEMENT: usize = 4;
const ELEMENTS_BESIDES: usize = 30_000;
/// A score has so many parts at most.
const MOST_PARTS: usize = 500;

/// Reads the text of a file of so many bytes; what was forgiven before is told first.
pub(super) fn read(
    text: &str,
    (bytes, forgiven): (usize, Option<String>),
    strictness: Strictness,
) -> Result<Read<Sheet>, MusicXmlError> {
    let mut faults = Faults::new(text, strictness);
    if let Some(forgiven) = forgiven {
        faults.add(0, format_args!("{forgiven}"))?;
    }
    let mut reader = Reader {
        xml: Xml::new(text),
        fragment: Fragment::default(),
        faults,
        header: Header::default(),
        parts: Vec::new(),
        by_id: HashMap::new(),
        shared: Shared::default(),
        room: ELEMENTS_BESIDES + bytes / BYTES_OF_AN_ELEMENT,
    };
    reader.run()?;
    let Reader { mut header, parts, shared, mut faults, .. } = reader;
    let sheet = assemble::sheet(header.credits(), parts, shared, (bytes, &mut faults))?;
    Ok(Read { value: sheet, warnings: faults.finish() })
}

struct Reader<'a> {
    xml: Xml<'a>,
    fragment: Fragment<'a>,
    faults: Faults<'a>,
    header: Header,
    parts: Vec<Part>,
    /// Where the part of an id stands among `parts`.
    by_id: HashMap<String, usize>,
    shared: Shared,
    /// How many more measures and elements of them are believed.
    room: usize,
}

impl<'a> Reader<'a> {
    fn run(&mut self) -> Result<(), MusicXmlError> {
        let Some(root) = self.xml.next_child(&mut self.faults)? else { return Err(MusicXmlError::NotXml) };
        let timewise = match root.name {
            "score-partwise" => false,
            "score-timewise" => true,
            other => return Err(MusicXmlError::OtherXml(other.chars().take(40).collect())),
        };
        let mut measures = 0;
        while let Some(tag) = self.xml.next_child(&mut self.faults)? {
            match tag.name {
                "part" if !timewise => self.part(tag)?,
                "measure" if timewise => {
                    self.measure_of_parts(measures, tag)?;
                    measures += 1;
                }
                _ => self.before(tag)?,
            }
        }
        Ok(())
    }

    /// An element before the music.
    fn before(&mut self, tag: Tag<'a>) -> Result<(), MusicXmlError> {
        let node = self.xml.whole(tag, &mut self.fragment, &mut self.faults)?;
        self.header.take(node);
        for head in self.header.parts.drain(..) {
            if self.parts.len() >= MOST_PARTS {
                break;
            }
            self.by_id.entry(head.id.clone()).or_insert(self.parts.len());
            self.parts.push(Part::new(head));
        }
        Ok(())
    }

    /// A part with all its measures.
    fn part(&mut self, tag: Tag<'a>) -> Result<(), MusicXmlError> {
        let index = self.part_of(&tag)?;
        let index = match self.parts.get(index) {
            Some(part) if part.begun > 0 => {
                self.faults.add(
                    tag.offset,
                    format_args!("a second part bears the same id; it is read as another"),
                )?;
                let head = part.head.clone();
                self.add_part(head, &tag)?
            }
            _ => index,
        };
        let mut measures = 0;
        while let Some(tag) = self.xml.next_child(&mut self.faults)? {
            if tag.name == "measure" {
                self.measure(index, measures, &tag)?;
                measures += 1;
            } else {
                self.xml.whole(tag, &mut self.fragment, &mut self.faults)?;
            }
        }
        Ok(())
    }

    /// A measure with all its parts.
    fn measure_of_parts(&mut self, measure: usize, tag: Tag<'a>) -> Result<(), MusicXmlError> {
        while let Some(part) = self.xml.next_child(&mut self.faults)? {
            if part.name == "part" {
                let index = self.part_of(&part)?;
                self.measure(index, measure, &tag)?;
            } else {
                self.xml.whole(part, &mut self.fragment, &mut self.faults)?;
            }
        }
        Ok(())
    }

    /// What a part has in a measure.
    fn measure(&mut self, index: usize, measure: usize, tag: &Tag<'a>) -> Result<(), MusicXmlError> {
        let Some(part) = self.parts.get_mut(index) else {
            self.xml.whole(*tag, &mut self.fragment, &mut self.faults)?;
            return Ok(());
        };
        if self.room == 0 {
            return self.break_off(tag.offset);
        }
        part.begin_measure(measure, tag, &mut self.shared);
        self.room -= 1;
        while let Some(tag) = self.xml.next_child(&mut self.faults)? {
            if self.room == 0 {
                self.break_off(tag.offset)?;
                break;
            }
            self.room -= 1;
            let node = self.xml.whole(tag, &mut self.fragment, &mut self.faults)?;
            if let Some(part) = self.parts.get_mut(index) {
                part.take(node, &mut self.shared, &mut self.faults)?;
            }
        }
        if let Some(part) = self.parts.get_mut(index) {
            part.end_measure(&mut self.shared);
        }
        Ok(())
    }

    /// Reads no further than here.
    fn break_off(&mut self, offset: usize) -> Result<(), MusicXmlError> {
        let message =
            format_args!("a packed file holds more music than its size lets expect; it is read up to here");
        self.faults.add(offset, message)?;
        self.xml.end();
        Ok(())
    }

    /// The part that a tag names; without a name, the first that has no music yet; else a new one.
    fn part_of(&mut self, tag: &Tag<'a>) -> Result<usize, MusicXmlError> {
        let id = tag.attribute("id");
        if let Some(index) = id.as_deref().and_then(|id| self.by_id.get(id)) {
            return Ok(*index);
        }
        let message = format_args!("a part bears an id of the list of parts, but this one does not");
        self.faults.add(tag.offset, message)?;
        if id.is_none()
            && let Some(index) = self.parts.iter().position(|part| part.begun == 0)
        {
            return Ok(index);
        }
        let id = id.unwrap_or_default().into_owned();
        let index = self.add_part(PartHead { id: id.clone(), ..PartHead::default() }, tag)?;
        self.by_id.insert(id, index);
        Ok(index)
    }

    /// Adds a part; where there are too many, tells an index that no part has.
    fn add_part(&mut self, head: PartHead, tag: &Tag<'a>) -> Result<usize, MusicXmlError> {
        if self.parts.len() >= MOST_PARTS {
            let message = format_args!("a score has at most {MOST_PARTS} parts; this one is left out");
            self.faults.add(tag.offset, message)?;
            return Ok(usize::MAX);
        }
        self.parts.push(Part::new(head));
        Ok(self.parts.len() - 1)
    }
}
