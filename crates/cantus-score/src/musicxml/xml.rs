//! XML as a tolerant reader wants it: element after element, the small ones whole, each fault forgiven once.
//!
//! Nothing here calls itself, so that no depth of nesting can exhaust the stack; entities are never unfolded.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::attributes::Attributes;
use quick_xml::events::{BytesRef, Event};

use super::MusicXmlError;
use super::faults::Faults;

/// Elements nested deeper than this are passed over; no element of a score is.
const DEEPEST: usize = 24;
/// The longest text of one element that is kept, in bytes.
const LONGEST_TEXT: usize = 1 << 16;
/// An end tag is looked for among so many open elements.
const WITHIN: usize = 32;

/// The tag with which an element begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    attributes: &'a str,
    pub(super) offset: usize,
}

impl<'a> Tag<'a> {
    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        let mut attributes = Attributes::new(self.attributes, 0);
        let mut attributes = attributes.with_checks(false).filter_map(Result::ok);
        match attributes.find(|attribute| attribute.key.0 == name)?.value {
            Cow::Borrowed(value) => Some(unescape(value).unwrap_or(Cow::Borrowed(value))),
            Cow::Owned(value) => Some(Cow::Owned(value)),
        }
    }

    /// Whether an attribute says yes.
    pub(super) fn says_yes(&self, name: &str) -> bool {
        self.attribute(name).is_some_and(|value| value == "yes")
    }
}

/// An element with what it holds.
#[derive(Debug)]
struct Element<'a> {
    tag: Tag<'a>,
    text: Cow<'a, str>,
    /// The index after its last descendant.
    end: usize,
}

/// The elements of one subtree in the order of the file; its room is used again for the next.
#[derive(Debug, Default)]
pub(super) struct Fragment<'a> {
    elements: Vec<Element<'a>>,
}

/// One element of a fragment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'f, 'a> {
    elements: &'f [Element<'a>],
    index: usize,
}

impl<'f, 'a> Node<'f, 'a> {
    fn element(self) -> &'f Element<'a> {
        &self.elements[self.index]
    }

    pub(super) fn name(self) -> &'a str {
        self.element().tag.name
    }

    /// Where it begins in the text.
    pub(super) fn offset(self) -> usize {
        self.element().tag.offset
    }

    /// Its own text, without spaces around; a very long one is cut.
    pub(super) fn text(self) -> &'f str {
        let text = self.element().text.trim();
        text.get(..text.floor_char_boundary(LONGEST_TEXT)).unwrap_or(text)
    }

    /// Its text as a number; decimals are read too.
    pub(super) fn number<T: std::str::FromStr>(self) -> Option<T> {
        self.text().parse().ok()
    }

    /// Its text as a whole number, also where it is written as a decimal.
    pub(super) fn integer(self) -> Option<i64> {
        self.number().or_else(|| Some(self.number::<f64>()?.round() as i64))
    }

    pub(super) fn attribute(self, name: &str) -> Option<Cow<'a, str>> {
        self.element().tag.attribute(name)
    }

    /// Whether an attribute says yes.
    pub(super) fn says_yes(self, name: &str) -> bool {
        self.element().tag.says_yes(name)
    }

    /// The elements directly within.
    pub(super) fn children(self) -> impl Iterator<Item = Self> + use<'f, 'a> {
        let (elements, end) = (self.elements, self.element().end);
        let mut next = self.index + 1;
        std::iter::from_fn(move || {
            let index = next;
            next = elements.get(index).filter(|_| index < end)?.end;
            Some(Self { elements, index })
        })
    }

    /// The first element of a name directly within.
    pub(super) fn child(self, name: &str) -> Option<Self> {
        self.children().find(|child| child.name() == name)
    }

    /// The text of the first element of a name directly within.
    pub(super) fn child_text(self, name: &str) -> Option<&'f str> {
        self.child(name).map(Self::text)
    }
}

/// What comes next in a file.
enum Next<'a> {
    Open(Tag<'a>),
    Close,
    Text(Cow<'a, str>),
    End,
}

/// A file on the way through it.
pub(super) struct Xml<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    /// The names of the open elements.
    open: Vec<&'a str>,
    /// How many elements close before anything else is read.
    closing: usize,
    ended: bool,
}

impl<'a> Xml<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        Self { text, reader, open: Vec::new(), closing: 0, ended: false }
    }

    /// Reads nothing more: all that is open closes here.
    pub(super) fn end(&mut self) {
        self.ended = true;
        self.open.clear();
        self.closing = 0;
    }

    /// The next element within the one that is open, which is open then; nothing where that one ends.
    pub(super) fn next_child(&mut self, faults: &mut Faults<'_>) -> Result<Option<Tag<'a>>, MusicXmlError> {
        loop {
            match self.next(faults)? {
                Next::Open(tag) => return Ok(Some(tag)),
                Next::Text(_) => {}
                Next::Close | Next::End => return Ok(None),
            }
        }
    }

    /// Reads what an element that was just opened holds.
    pub(super) fn whole<'f>(
        &mut self,
        tag: Tag<'a>,
        fragment: &'f mut Fragment<'a>,
        faults: &mut Faults<'_>,
    ) -> Result<Node<'f, 'a>, MusicXmlError> {
        let elements = &mut fragment.elements;
        elements.clear();
        elements.push(Element { tag, text: Cow::Borrowed(""), end: 1 });
        let mut within = vec![0];
        let mut too_deep = 0_usize;
        while let Some(&innermost) = within.last() {
            match self.next(faults)? {
                Next::Open(_) if too_deep > 0 || within.len() >= DEEPEST => too_deep += 1,
                Next::Open(tag) => {
                    within.push(elements.len());
                    elements.push(Element { tag, text: Cow::Borrowed(""), end: 0 });
                }
                Next::Close if too_deep > 0 => too_deep -= 1,
                Next::Text(_) if too_deep > 0 => {}
                Next::Text(text) => elements[innermost].add(text),
                Next::Close | Next::End => {
                    elements[innermost].end = elements.len();
                    within.pop();
                }
            }
        }
        Ok(Node { elements, index: 0 })
    }

    fn next(&mut self, faults: &mut Faults<'_>) -> Result<Next<'a>, MusicXmlError> {
        if self.closing > 0 {
            self.closing -= 1;
            self.open.pop();
            return Ok(Next::Close);
        }
        while !self.ended {
            let offset = self.reader.buffer_position() as usize;
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    self.ended = true;
                    faults.add(offset, format_args!("the file cannot be read from here on ({error})"))?;
                    break;
                }
            };
            match event {
                Event::Start(start) => return Ok(Next::Open(self.opened(offset, start.name().0.len()))),
                Event::End(end) if self.closes(offset, end.name().0, faults)? => return Ok(Next::Close),
                Event::Text(text) => return Ok(Next::Text(text.into_inner())),
                Event::CData(text) => return Ok(Next::Text(text.into_inner())),
                Event::GeneralRef(name) => return reference(offset, &name, faults),
                Event::Eof => {
                    self.ended = true;
                    if let Some(name) = self.open.last() {
                        faults.add(offset, format_args!("the file ends within <{name}>"))?;
                    }
                }
                _ => {}
            }
        }
        Ok(Next::End)
    }

    /// The tag at a place; an empty element has been read as a pair of tags.
    fn opened(&mut self, offset: usize, name_length: usize) -> Tag<'a> {
        let name_end = offset + 1 + name_length;
        let name = self.text.get(offset + 1..name_end).unwrap_or_default();
        let tag = self.text.get(name_end..self.reader.buffer_position() as usize).unwrap_or_default();
        let attributes = tag.trim_end_matches('>').trim_end_matches('/');
        self.open.push(name);
        // `score:note` is a note.
        Tag { name: name.rsplit(':').next().unwrap_or(name), attributes, offset }
    }

    /// Whether an end tag closes the open element; the others that it closes are remembered.
    fn closes(&mut self, offset: usize, name: &str, faults: &mut Faults<'_>) -> Result<bool, MusicXmlError> {
        if self.open.last().is_some_and(|open| *open == name) {
            self.open.pop();
            return Ok(true);
        }
        let inner = self.open.last().copied().unwrap_or_default();
        let Some(depth) = self.open.iter().rev().take(WITHIN).position(|open| *open == name) else {
            if inner.chars().next() == name.chars().next() {
                faults.add(offset, format_args!("</{name}> is taken for </{inner}>"))?;
                self.open.pop();
                return Ok(true);
            }
            faults.add(offset, format_args!("</{name}> closes nothing that is open; it is left out"))?;
            return Ok(false);
        };
        faults.add(offset, format_args!("<{inner}> is not closed before </{name}>; it is closed here"))?;
        self.closing = depth;
        self.open.pop();
        Ok(true)
    }
}

/// What a reference such as `&amp;` stands for.
fn reference<'a>(
    offset: usize,
    name: &BytesRef<'a>,
    faults: &mut Faults<'_>,
) -> Result<Next<'a>, MusicXmlError> {
    let known = match &**name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => name.resolve_char_ref().ok().flatten(),
    };
    if known.is_none() {
        faults.add(offset, format_args!("what &{}; stands for is not known; it is left out", &**name))?;
    }
    Ok(Next::Text(known.map_or(Cow::Borrowed(""), |char| Cow::Owned(char.to_string()))))
}

impl<'a> Element<'a> {
    /// Adds a piece of text; spaces between elements are not kept.
    fn add(&mut self, text: Cow<'a, str>) {
        if self.text.is_empty() {
            self.text = text;
        } else if !text.is_empty() {
            self.text.to_mut().push_str(&text);
        }
    }
}
