//! Which spines make a part.

use super::instruments;
use super::spine::{Kind, Spine};

/// The spines of each part, from the top of the page down.
pub(super) fn parts(spines: &[Spine]) -> Vec<Vec<usize>> {
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let mut numbers: Vec<u32> = Vec::new();
    for (index, spine) in spines.iter().enumerate().rev().filter(|spine| spine.1.kind == Kind::Notes) {
        let own = match spine.part {
            Some(number) => {
                let place = numbers.iter().position(|&other| other == number);
                numbers.resize(parts.len(), u32::MAX);
                if place.is_none() {
                    numbers.push(number);
                }
                place
            }
            None => beside(spines, parts.last(), spine).then(|| parts.len().saturating_sub(1)),
        };
        match own.and_then(|own| parts.get_mut(own)) {
            Some(part) => part.push(index),
            None => parts.push(vec![index]),
        }
    }
    parts
}

/// Whether a spine without a number belongs to the part at its right.
fn beside(spines: &[Spine], part: Option<&Vec<usize>>, spine: &Spine) -> bool {
    let neighbour = part.and_then(|part| spines.get(*part.last()?));
    neighbour.is_some_and(|other| {
        let same_staff = spine.staff.is_some() && spine.staff == other.staff;
        let same_keys = instruments::is_keyboard(&spine.instrument) && spine.instrument == other.instrument;
        other.part.is_none() && (same_staff || same_keys)
    })
}

/// The staff of each spine of a part, from 1, and how many there are. Spines without a number have a staff of their own.
pub(super) fn staves(spines: &[Spine], part: &[usize]) -> (Vec<u8>, u8) {
    let mut known: Vec<Option<u32>> = Vec::new();
    let mut of_spines = Vec::with_capacity(part.len());
    for spine in part.iter().filter_map(|&index| spines.get(index)) {
        let same = known.iter().position(|&staff| staff.is_some() && staff == spine.staff);
        let place = same.unwrap_or_else(|| {
            known.push(spine.staff);
            known.len() - 1
        });
        of_spines.push(u8::try_from(place + 1).unwrap_or(u8::MAX));
    }
    (of_spines, u8::try_from(known.len()).unwrap_or(u8::MAX).max(1))
}
