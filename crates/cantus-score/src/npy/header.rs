//! The header of an `.npy` file: a Python dictionary of three entries, written as text.

use super::{Element, MAGIC, NpyError};

/// NumPy itself refuses headers of more than 10,000 characters unless told otherwise.
const LONGEST: usize = 1 << 16;
/// The most dimensions that NumPy knows.
const MOST_DIMENSIONS: usize = 64;
/// Where the numbers begin is a multiple of this.
const ALIGNMENT: usize = 64;

/// What the numbers are and how they lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) element: Element,
    pub(super) is_big_endian: bool,
    pub(super) is_fortran: bool,
    pub(super) shape: Vec<usize>,
}

/// Reads the header and tells where the numbers begin.
pub(super) fn read(file: &[u8]) -> Result<(Header, usize), NpyError> {
    let rest = file.strip_prefix(MAGIC).ok_or(NpyError::NotNumpy)?;
    let (length, begin) = match *rest {
        [1, _, low, high, ..] => (usize::from(u16::from_le_bytes([low, high])), 10),
        [2 | 3, _, a, b, c, d, ..] => (u32::from_le_bytes([a, b, c, d]) as usize, 12),
        [1..=3, ..] | [] | [_] => return Err(broken("the file ends within it")),
        [major, minor, ..] => return Err(NpyError::Version(major, minor)),
    };
    if length > LONGEST {
        return Err(broken(&format!("it claims {length} characters")));
    }
    let text = file.get(begin..begin + length).ok_or_else(|| broken("the file ends within it"))?;
    Ok((parse(&String::from_utf8_lossy(text))?, begin + length))
}

fn broken(what: &str) -> NpyError {
    NpyError::Header(what.to_owned())
}

/// The bytes of a header of version 1.0.
pub(super) fn write(shape: &[usize], element: Element) -> Vec<u8> {
    let lengths: Vec<String> = shape.iter().map(ToString::to_string).collect();
    // A tuple of one keeps its comma.
    let lengths = lengths.join(", ") + if shape.len() == 1 { "," } else { "" };
    let code = element.code();
    let mut text = format!("{{'descr': '{code}', 'fortran_order': False, 'shape': ({lengths}), }}");
    let bare = MAGIC.len() + 4 + text.len() + 1;
    text.extend(std::iter::repeat_n(' ', bare.next_multiple_of(ALIGNMENT) - bare));
    text.push('\n');
    let length = (text.len() as u16).to_le_bytes();
    [MAGIC, &[1, 0], &length, text.as_bytes()].concat()
}

fn parse(text: &str) -> Result<Header, NpyError> {
    let mut reader = Reader { rest: text };
    let (mut kind, mut is_fortran, mut shape) = (None, None, None);
    reader.expect('{')?;
    while !reader.take('}') {
        let key = reader.text()?;
        reader.expect(':')?;
        match key {
            "descr" if reader.peek() == Some('[') => {
                let what = "a table with named columns";
                return Err(NpyError::Unsupported { code: reader.rest.trim().to_owned(), what });
            }
            "descr" => kind = Some(Element::of_code(reader.text()?)?),
            "fortran_order" => is_fortran = Some(reader.truth()?),
            "shape" => shape = Some(reader.lengths()?),
            other => return Err(broken(&format!("it has an unknown entry {other:?}"))),
        }
        if !reader.take(',') && reader.peek() != Some('}') {
            return Err(broken("its entries are not parted by commas"));
        }
    }
    let missing = |name: &str| broken(&format!("it does not tell the {name}"));
    let (element, is_big_endian) = kind.ok_or_else(|| missing("kind of the numbers"))?;
    let is_fortran = is_fortran.ok_or_else(|| missing("order"))?;
    Ok(Header { element, is_big_endian, is_fortran, shape: shape.ok_or_else(|| missing("shape"))? })
}

/// Reads the few forms of Python that a header is made of.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn take(&mut self, sign: char) -> bool {
        let is_there = self.peek() == Some(sign);
        if is_there {
            self.rest = self.rest.strip_prefix(sign).unwrap_or_default();
        }
        is_there
    }

    fn expect(&mut self, sign: char) -> Result<(), NpyError> {
        if self.take(sign) { Ok(()) } else { Err(broken(&format!("a {sign} is missing in it"))) }
    }

    /// A text in quotation marks, none of which needs escapes.
    fn text(&mut self) -> Result<&'a str, NpyError> {
        let quote = self.peek().filter(|sign| matches!(sign, '\'' | '"'));
        let quote = quote.ok_or_else(|| broken("a text in quotation marks is missing in it"))?;
        let inside = self.rest.strip_prefix(quote).unwrap_or_default();
        let (text, rest) =
            inside.split_once(quote).ok_or_else(|| broken("a text in it has no closing quotation mark"))?;
        self.rest = rest;
        Ok(text)
    }

    fn truth(&mut self) -> Result<bool, NpyError> {
        self.peek();
        for (word, value) in [("True", true), ("False", false)] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Ok(value);
            }
        }
        Err(broken("its order is neither True nor False"))
    }

    /// A tuple of whole numbers; Python 2 wrote an L after large ones.
    fn lengths(&mut self) -> Result<Vec<usize>, NpyError> {
        self.expect('(')?;
        let mut lengths = Vec::new();
        while !self.take(')') {
            self.peek();
            let end = self.rest.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(self.rest.len());
            let (digits, rest) = self.rest.split_at(end);
            let length = digits.parse().map_err(|_| broken("its shape is not made of whole numbers"))?;
            self.rest = rest.strip_prefix('L').unwrap_or(rest);
            lengths.push(length);
            if !self.take(',') && self.peek() != Some(')') {
                return Err(broken("its shape has no end"));
            }
        }
        if lengths.len() > MOST_DIMENSIONS {
            return Err(NpyError::Rank(lengths.len()));
        }
        Ok(lengths)
    }
}
