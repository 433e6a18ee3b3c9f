//! The drum kit in twelve classes.

use cantus_score::Pitch;

/// Classes of drums.
pub(crate) const CLASSES: usize = 12;

/// For each class its name, the key that stands for it, and the others of General MIDI that belong to it.
const KIT: [(&str, u8, &[u8]); CLASSES] = [
    ("bass drum", 36, &[35]),
    ("snare", 38, &[40]),
    ("side stick", 37, &[39]),
    ("closed hi-hat", 42, &[22]),
    ("pedal hi-hat", 44, &[]),
    ("open hi-hat", 46, &[26]),
    ("low tom", 43, &[41, 58]),
    ("middle tom", 45, &[47]),
    ("high tom", 50, &[48]),
    ("crash", 49, &[52, 55, 57]),
    ("ride", 51, &[53, 59]),
    ("percussion", 56, &[54, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 75, 76, 77]),
];

/// The class of a drum; nothing for those that a kit does not have.
pub(crate) fn class_of(drum: Pitch) -> Option<u8> {
    let key = drum.get();
    KIT.iter().position(|(_, own, others)| *own == key || others.contains(&key)).map(|class| class as u8)
}

/// The key of General MIDI that stands for a class of the drum kit.
pub(crate) fn key_of(class: u8) -> Pitch {
    Pitch::saturating(KIT.get(usize::from(class)).map_or(38, |(_, key, _)| i64::from(*key)))
}
