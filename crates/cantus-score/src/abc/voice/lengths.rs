//! How long notes are: as written, in tuplets and in broken rhythm.

use super::super::scan::Length;
use super::{LONGEST, Tuplet, Voice};

impl Voice {
    /// A written length in grains, and what was wrong with it.
    pub(super) fn grains(&self, length: Length) -> (u64, Option<String>) {
        let Length { upper, lower } = length;
        if upper == 0 || lower == 0 {
            return (self.unit, Some("a length must be more than zero, but was 0; 1 is taken".into()));
        }
        let grains = (self.unit * upper + lower / 2) / lower;
        if grains > LONGEST || grains == 0 {
            let message = format!(
                "a note must be at most 64 whole notes long and long enough to count, but was {upper}/{lower} of \
                 the unit; the unit is taken"
            );
            return (self.unit, Some(message));
        }
        (grains, None)
    }

    /// Applies the tuplet and the broken rhythm that wait for this length.
    pub(super) fn in_context(&mut self, mut grains: u64) -> u64 {
        if let Some(tuplet) = &mut self.tuplet {
            grains = ((grains * tuplet.lower + tuplet.upper / 2) / tuplet.upper).max(1);
            tuplet.left -= 1;
            if tuplet.left == 0 {
                self.tuplet = None;
            }
        }
        if let Some((upper, lower)) = self.broken.take() {
            grains = (grains * upper / lower).max(1);
        }
        grains
    }

    /// Lengthens the last note (shortens, where negative) and makes the next the opposite.
    pub(super) fn break_rhythm(&mut self, halvings: i32) -> Option<String> {
        let Some(last) = self.last.take() else {
            return Some("a broken rhythm must stand between two notes of a bar; passed over".into());
        };
        let parts = 1_u64 << halvings.unsigned_abs().min(6);
        let (long, short) = ((2 * parts - 1, parts), (1, parts));
        let (before, after) = if halvings > 0 { (long, short) } else { (short, long) };
        let scale = |length: u64| length * before.0 / before.1;
        let old = self.cursor;
        self.cursor = last.start + scale(self.cursor - last.start);
        for note in self.notes.iter_mut().skip(last.first_note) {
            note.length = scale(note.length);
            if note.grace.is_some() && note.start == old {
                note.start = self.cursor;
            }
        }
        self.broken = Some(after);
        None
    }

    /// Begins a tuplet: so many notes in the time of others, for the next notes.
    pub(super) fn begin_tuplet(
        &mut self,
        notes: u64,
        time: Option<u64>,
        count: Option<u64>,
    ) -> Option<String> {
        let compound = self.meter.is_some_and(|meter| meter.beats() > 3 && meter.beats().is_multiple_of(3));
        let usual = match notes {
            2 | 4 | 8 => 3,
            3 | 6 => 2,
            _ if compound => 3,
            _ => 2,
        };
        let (lower, left) = (time.unwrap_or(usual), count.unwrap_or(notes));
        if !(2..=99).contains(&notes) || !(1..=99).contains(&lower) || !(1..=99).contains(&left) {
            return Some(format!(
                "a tuplet must hold 2 to 99 notes, but `({notes}` holds {left}; passed over"
            ));
        }
        self.tuplet = Some(Tuplet { left, upper: notes, lower });
        None
    }
}
