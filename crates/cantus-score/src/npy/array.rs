//! Numbers with a shape.

use std::ops::Range;

use half::f16;

use super::{Element, NpyError, size_of};

/// Numbers of one kind with a shape, as they lie in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Array {
    shape: Vec<usize>,
    element: Element,
    /// Little-endian, the last dimension lying together.
    bytes: Vec<u8>,
}

impl Array {
    /// Takes numbers as bytes: little-endian, the last dimension lying together. Fails if they do not fill the shape.
    pub fn new(shape: &[usize], element: Element, bytes: Vec<u8>) -> Result<Self, NpyError> {
        let expected = size_of(shape, element);
        if expected != Some(bytes.len()) {
            return Err(NpyError::Short { shape: shape.to_vec(), expected, found: bytes.len() });
        }
        Ok(Self { shape: shape.to_vec(), element, bytes })
    }

    /// Takes numbers in their order (the last dimension lying together). For a kind of whole numbers they are rounded;
    /// what lies beyond the kind's range becomes its end. Fails if they do not fill the shape.
    pub fn from_values(shape: &[usize], element: Element, values: &[f64]) -> Result<Self, NpyError> {
        let mut bytes = Vec::with_capacity(values.len().saturating_mul(element.size()));
        for &value in values {
            push(&mut bytes, element, value);
        }
        Self::new(shape, element, bytes)
    }

    /// The length of each dimension.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The kind of its numbers.
    pub fn element(&self) -> Element {
        self.element
    }

    /// How many numbers there are.
    pub fn len(&self) -> usize {
        self.bytes.len() / self.element.size()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The numbers as bytes: little-endian, the last dimension lying together.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The numbers at some places, counted with the last dimension lying together; nothing beyond the end.
    /// Whole numbers beyond 2⁵³ are rounded.
    pub fn values(&self, places: Range<usize>) -> Vec<f64> {
        let mut values = Vec::with_capacity(places.len().min(self.len()));
        self.each(places, |value| values.push(value));
        values
    }

    /// Calls a function with each number at some places, in order. Faster than asking for one after the other: the kind
    /// of number is looked at once.
    pub fn each(&self, places: Range<usize>, mut visit: impl FnMut(f64)) {
        let size = self.element.size();
        let (begin, end) = (places.start.min(self.len()), places.end.min(self.len()));
        let bytes = self.bytes.get(begin * size..end * size).unwrap_or_default();
        macro_rules! each {
            ($kind:ty) => {
                bytes.as_chunks().0.iter().for_each(|chunk| visit(<$kind>::from_le_bytes(*chunk) as f64))
            };
        }
        match self.element {
            Element::Bool => bytes.iter().for_each(|&byte| visit(f64::from(u8::from(byte != 0)))),
            Element::I8 => each!(i8),
            Element::I16 => each!(i16),
            Element::I32 => each!(i32),
            Element::I64 => each!(i64),
            Element::U8 => each!(u8),
            Element::U16 => each!(u16),
            Element::U32 => each!(u32),
            Element::U64 => each!(u64),
            Element::F16 => {
                bytes.as_chunks().0.iter().for_each(|chunk| visit(f16::from_le_bytes(*chunk).to_f64()));
            }
            Element::F32 => each!(f32),
            Element::F64 => each!(f64),
        }
    }
}

/// Adds a number's bytes. Rust's conversions already round towards zero and stop at the ends of the range.
fn push(bytes: &mut Vec<u8>, element: Element, value: f64) {
    let whole = value.round_ties_even();
    match element {
        Element::Bool => bytes.push(u8::from(value != 0.0 && !value.is_nan())),
        Element::I8 => bytes.extend((whole as i8).to_le_bytes()),
        Element::I16 => bytes.extend((whole as i16).to_le_bytes()),
        Element::I32 => bytes.extend((whole as i32).to_le_bytes()),
        Element::I64 => bytes.extend((whole as i64).to_le_bytes()),
        Element::U8 => bytes.extend((whole as u8).to_le_bytes()),
        Element::U16 => bytes.extend((whole as u16).to_le_bytes()),
        Element::U32 => bytes.extend((whole as u32).to_le_bytes()),
        Element::U64 => bytes.extend((whole as u64).to_le_bytes()),
        Element::F16 => bytes.extend(f16::from_f64(clamped(value, element)).to_le_bytes()),
        Element::F32 => bytes.extend((clamped(value, element) as f32).to_le_bytes()),
        Element::F64 => bytes.extend(value.to_le_bytes()),
    }
}

/// Finite numbers stay finite; what is infinite or no number stays so.
fn clamped(value: f64, element: Element) -> f64 {
    let (least, most) = element.range();
    if value.is_finite() { value.clamp(least, most) } else { value }
}
