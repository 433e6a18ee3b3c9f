//! The kinds of numbers that an array may hold.

use std::fmt;

use super::NpyError;

/// A kind of number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Element {
    /// Yes or no, a byte each.
    Bool,
    /// Whole numbers of 8 bits with a sign.
    I8,
    /// Whole numbers of 16 bits with a sign.
    I16,
    /// Whole numbers of 32 bits with a sign.
    I32,
    /// Whole numbers of 64 bits with a sign.
    I64,
    /// Whole numbers of 8 bits.
    U8,
    /// Whole numbers of 16 bits.
    U16,
    /// Whole numbers of 32 bits.
    U32,
    /// Whole numbers of 64 bits.
    U64,
    /// Numbers with a fraction, of 16 bits.
    F16,
    /// Numbers with a fraction, of 32 bits.
    F32,
    /// Numbers with a fraction, of 64 bits.
    F64,
}

/// Kind, NumPy's code without the byte order, NumPy's name, bytes.
const TABLE: [(Element, &str, &str, usize); 12] = [
    (Element::Bool, "b1", "bool", 1),
    (Element::I8, "i1", "int8", 1),
    (Element::I16, "i2", "int16", 2),
    (Element::I32, "i4", "int32", 4),
    (Element::I64, "i8", "int64", 8),
    (Element::U8, "u1", "uint8", 1),
    (Element::U16, "u2", "uint16", 2),
    (Element::U32, "u4", "uint32", 4),
    (Element::U64, "u8", "uint64", 8),
    (Element::F16, "f2", "float16", 2),
    (Element::F32, "f4", "float32", 4),
    (Element::F64, "f8", "float64", 8),
];

impl Element {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Bool,
        Self::I8,
        Self::I16,
        Self::I32,
        Self::I64,
        Self::U8,
        Self::U16,
        Self::U32,
        Self::U64,
        Self::F16,
        Self::F32,
        Self::F64,
    ];

    /// How many bytes a number takes.
    pub fn size(self) -> usize {
        self.row().3
    }

    /// NumPy's name of it, such as `float32`.
    pub fn name(self) -> &'static str {
        self.row().2
    }

    /// The kind of a NumPy name, such as `float32`.
    pub fn of_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.2 == name).map(|row| row.0)
    }

    /// Whether it has no fractions.
    pub fn is_whole(self) -> bool {
        !matches!(self, Self::F16 | Self::F32 | Self::F64)
    }

    /// The least and the largest number that it tells.
    pub fn range(self) -> (f64, f64) {
        match self {
            Self::Bool => (0.0, 1.0),
            Self::I8 => (i8::MIN.into(), i8::MAX.into()),
            Self::I16 => (i16::MIN.into(), i16::MAX.into()),
            Self::I32 => (i32::MIN.into(), i32::MAX.into()),
            Self::I64 => (i64::MIN as f64, i64::MAX as f64),
            Self::U8 => (0.0, u8::MAX.into()),
            Self::U16 => (0.0, u16::MAX.into()),
            Self::U32 => (0.0, u32::MAX.into()),
            Self::U64 => (0.0, u64::MAX as f64),
            Self::F16 => (-65504.0, 65504.0),
            Self::F32 => (f32::MIN.into(), f32::MAX.into()),
            Self::F64 => (f64::MIN, f64::MAX),
        }
    }

    /// NumPy's code with the byte order that is written, such as `<f4` or `|b1`.
    pub(super) fn code(self) -> String {
        format!("{}{}", if self.size() == 1 { '|' } else { '<' }, self.row().1)
    }

    /// The kind of a NumPy code such as `>i2`, and whether its bytes begin with the highest.
    pub(super) fn of_code(code: &str) -> Result<(Self, bool), NpyError> {
        let bare = code.trim_start_matches(['<', '>', '|', '=']);
        let found = TABLE.iter().find(|row| row.1 == bare || (bare == "?" && row.0 == Self::Bool));
        match found {
            Some(&(element, ..)) => Ok((element, code.starts_with('>') && element.size() > 1)),
            None => Err(unsupported(code, bare)),
        }
    }

    fn row(self) -> &'static (Self, &'static str, &'static str, usize) {
        // The table has a row for every kind, which a test holds.
        TABLE.iter().find(|row| row.0 == self).unwrap_or(&TABLE[0])
    }
}

fn unsupported(code: &str, bare: &str) -> NpyError {
    let what = match bare.chars().next() {
        Some('O') => return NpyError::Pickled,
        Some('c') => "complex numbers",
        Some('f') => "floating-point numbers of a size that other machines do not know",
        Some('U' | 'S' | 'a') => "text",
        Some('M' | 'm') => "dates and times",
        Some('V') => "raw bytes",
        _ => "a kind that is not known",
    };
    NpyError::Unsupported { code: code.to_owned(), what }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
