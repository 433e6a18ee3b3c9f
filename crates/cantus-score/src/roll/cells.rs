//! The numbers of a roll.

use crate::npy::{Array, Element};
use crate::{MOST_WARNINGS, Note, Pitch, Place, Ticks, Velocity, Warning};

use super::{Keys, MOST_STEPS, RollError, Values};

/// What a cell has more where a note follows another on its key without a gap.
pub(super) const AGAIN: u8 = 128;
/// A key that sounds, nobody says how hard.
pub(super) const UNKNOWN: u8 = 1;

/// What sounds at each step: `[steps, keys]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cells {
    keys: Keys,
    cells: Vec<u8>,
}

impl Cells {
    pub(super) fn silent(steps: usize, keys: Keys) -> Self {
        Self { keys, cells: vec![0; steps * keys.count()] }
    }

    pub(super) fn steps(&self) -> usize {
        self.cells.len() / self.keys.count()
    }

    /// The cell of a step and a key of MIDI; nothing where the roll does not have it.
    pub(super) fn cell(&mut self, step: usize, pitch: Pitch) -> Option<&mut u8> {
        let key = usize::from(pitch.get()).checked_sub(self.keys.lowest())?;
        let place = step.checked_mul(self.keys.count())?.checked_add(key)?;
        if key < self.keys.count() { self.cells.get_mut(place) } else { None }
    }

    /// Adds the numbers of an array, with the last axis lying together.
    pub(super) fn add_to(&self, bytes: &mut Vec<u8>, values: Values) {
        let mut sounding = self.cells.iter().filter(|&&cell| cell != 0);
        let is_unknown = sounding.all(|cell| cell % AGAIN == UNKNOWN);
        match values {
            Values::Velocity => bytes.extend(&self.cells),
            Values::On => bytes.extend(self.cells.iter().map(|&cell| u8::from(cell != 0))),
            Values::Fraction => {
                let full = if is_unknown { f32::from(UNKNOWN) } else { 127.0 };
                let fraction = |cell: u8| f32::from(cell % AGAIN) / full + f32::from(u8::from(cell >= AGAIN));
                bytes.extend(self.cells.iter().flat_map(|&cell| fraction(cell).to_le_bytes()));
            }
        }
    }

    /// The rolls of an array: one, or as many as its first axis has.
    pub(super) fn of_array(array: &Array, warnings: &mut Vec<Warning>) -> Result<Vec<Self>, RollError> {
        let shape = || RollError::Shape(array.shape().to_vec());
        let (rolls, rows, columns) = match *array.shape() {
            [rows, columns] => (1, rows, columns),
            [rolls, rows, columns] => (rolls, rows, columns),
            _ => return Err(shape()),
        };
        let (keys, steps, is_turned) = match (Keys::of_count(columns), Keys::of_count(rows)) {
            (Some(keys), _) => (keys, rows, false),
            (None, Some(keys)) => (keys, columns, true),
            (None, None) => return Err(shape()),
        };
        if steps > MOST_STEPS {
            return Err(RollError::TooLong(steps));
        }
        let mut cells = Scale::of(array).cells(array, warnings);
        let size = rows * columns;
        // A stack of rolls without steps may claim any number of them.
        let rolls = if size == 0 { rolls.min(1) } else { rolls };
        let mut all = Vec::with_capacity(rolls);
        for _ in 0..rolls {
            let rest = cells.split_off(size.min(cells.len()));
            all.push(Self { keys, cells: if is_turned { turned(&cells, steps) } else { cells } });
            cells = rest;
        }
        Ok(all)
    }

    /// Rolls of some lengths that stand end to end in an array `[time, keys]`; nothing where the lengths are not those of
    /// the array.
    pub(super) fn end_to_end(
        array: &Array,
        lengths: &[usize],
        warnings: &mut Vec<Warning>,
    ) -> Result<Option<Vec<Self>>, RollError> {
        let shape = || RollError::Shape(array.shape().to_vec());
        let &[steps, columns] = array.shape() else { return Err(shape()) };
        let keys = Keys::of_count(columns).ok_or_else(shape)?;
        if let Some(&longest) = lengths.iter().find(|&&length| length > MOST_STEPS) {
            return Err(RollError::TooLong(longest));
        }
        let told = lengths.iter().try_fold(0, |sum: usize, &length| sum.checked_add(length));
        if told != Some(steps) {
            return Ok(None);
        }
        let cells = Scale::of(array).cells(array, warnings);
        let mut rest = cells.as_slice();
        let mut rolls = Vec::with_capacity(lengths.len());
        for length in lengths {
            let (roll, after) = rest.split_at_checked(length * columns).unwrap_or((rest, &[]));
            rolls.push(Self { keys, cells: roll.to_vec() });
            rest = after;
        }
        Ok(Some(rolls))
    }

    /// The notes, sorted, in ticks of which a step is a whole number.
    pub(super) fn notes(&self, ticks_a_step: u32) -> Vec<Note> {
        let count = self.keys.count();
        let is_unknown = self.is_unknown();
        let mut notes = Vec::new();
        for key in 0..count {
            let column = || self.cells.iter().skip(key).step_by(count).copied();
            let Ok(pitch) = Pitch::new((key + self.keys.lowest()) as i64) else { continue };
            // The note that sounds: its first step and cell.
            let mut held: Option<(u32, u8)> = None;
            for (step, cell) in column().chain([0]).enumerate() {
                let step = step as u32;
                if let Some((begin, first)) = held.filter(|_| cell == 0 || cell >= AGAIN) {
                    let (start, end) =
                        (begin.saturating_mul(ticks_a_step), step.saturating_mul(ticks_a_step));
                    let note = Note::new(Ticks(start), Ticks(end - start), pitch);
                    let velocity = Velocity::new(i64::from(first % AGAIN)).ok().filter(|_| !is_unknown);
                    let velocity = velocity.filter(|velocity| velocity.get() != UNKNOWN);
                    notes.push(Note { velocity, ..note });
                    held = None;
                }
                if cell != 0 && held.is_none() {
                    held = Some((step, cell));
                }
            }
        }
        notes.sort_unstable();
        notes
    }

    fn is_unknown(&self) -> bool {
        self.cells.iter().filter(|&&cell| cell != 0).all(|cell| cell % AGAIN == UNKNOWN)
    }
}

/// With time as the first axis: from `[keys, steps]` to `[steps, keys]`.
fn turned(cells: &[u8], steps: usize) -> Vec<u8> {
    let rows: Vec<&[u8]> = cells.chunks(steps.max(1)).collect();
    (0..steps).flat_map(|step| rows.iter().map(move |row| row.get(step).copied().unwrap_or(0))).collect()
}

/// How the numbers of an array say how hard a key sounds.
enum Scale {
    /// One number only: it sounds.
    On,
    /// Up to 127, and 128 more for a note that is struck again.
    Velocity,
    /// Up to 1, and 1 more for a note that is struck again.
    Fraction,
}

impl Scale {
    fn of(array: &Array) -> Self {
        let (mut least, mut most) = (f64::INFINITY, 0_f64);
        array.each(0..array.len(), |value| {
            if value > 0.0 && value.is_finite() {
                (least, most) = (least.min(value), most.max(value));
            }
        });
        let is_one = least >= most && [1.0, 255.0].contains(&most);
        match array.element() {
            Element::Bool => Self::On,
            _ if is_one => Self::On,
            element if !element.is_whole() && most <= 2.0 => Self::Fraction,
            _ => Self::Velocity,
        }
    }

    fn cells(&self, array: &Array, warnings: &mut Vec<Warning>) -> Vec<u8> {
        let mut cells = Vec::with_capacity(array.len());
        let (mut odd, mut loud) = (0_usize, 0_usize);
        // A roll of fractions that all are 1 says that keys sound, and 2 that they do so again.
        let full = if matches!(self, Self::Fraction) && is_full(array) { f64::from(UNKNOWN) } else { 127.0 };
        array.each(0..array.len(), |value| {
            let value = if value.is_nan() || value < 0.0 {
                odd += 1;
                0.0
            } else {
                value
            };
            cells.push(match self {
                Self::On => u8::from(value > 0.0) * UNKNOWN,
                Self::Fraction if value > 1.0 => AGAIN + ((value - 1.0) * full).round() as u8,
                Self::Fraction => (value * full).round() as u8,
                Self::Velocity => {
                    loud += usize::from(value > 255.0);
                    value.round() as u8
                }
            });
        });
        tell(warnings, odd, "are negative or no numbers: taken as silence");
        tell(warnings, loud, "are above 255: taken as 255");
        cells
    }
}

/// Whether all numbers are 0, 1 or 2.
fn is_full(array: &Array) -> bool {
    let mut is_full = true;
    array.each(0..array.len(), |value| is_full &= value <= 0.0 || (value.fract() <= 0.0 && value <= 2.0));
    is_full
}

fn tell(warnings: &mut Vec<Warning>, count: usize, what: &str) {
    if count > 0 && warnings.len() < MOST_WARNINGS {
        let message = format!("{count} numbers {what}");
        warnings.push(Warning { place: Place::Byte { offset: 0, track: None }, message });
    }
}
