//! The table of `cantus features` on sound.

use std::fmt::Write as _;

use cantus::MeasuredSound;
use cantus::features::Descriptor;

use super::features::several;

/// Chords that are written out; of more it is told how many there are.
const MOST_CHORDS: usize = 12;

/// Length, a line for each descriptor of the whole, then mean and deviation of those of frames, then the chords.
pub(super) fn as_table(sound: &MeasuredSound) -> String {
    let mut text = format!("{}\n  length {:.1} s\n", sound.name, sound.seconds);
    for (descriptor, value) in sound.selection.of_sounds().zip(&sound.whole) {
        let told = value.map_or("-".into(), |value| format!("{value:.3}"));
        let meaning = match (descriptor.name, value) {
            ("sound_key", Some(key)) => cantus::features::key::of_number(*key).to_string(),
            _ => descriptor.unit.to_owned(),
        };
        let _ = writeln!(text, "  {:18}  {told:>10}  {meaning}", descriptor.name);
    }
    for (descriptor, spreads) in sound.selection.of_frames().zip(&sound.spreads) {
        let Descriptor { name, unit, .. } = descriptor;
        if let [spread] = spreads.as_slice() {
            let _ = writeln!(text, "  {name:18}  {:>10.3} ± {:.3}  {unit}", spread.mean, spread.deviation);
        } else {
            let means: Vec<f64> = spreads.iter().map(|spread| spread.mean).collect();
            let _ = writeln!(text, "  {name:18}  {:>10}  {}", "means of", several(descriptor, &means));
        }
    }
    write_chords(&mut text, sound);
    text
}

/// The names of the chords, one after the other, or how many there are.
fn write_chords(text: &mut String, sound: &MeasuredSound) {
    let heard: Vec<String> =
        sound.chords.iter().filter_map(|chord| chord.triad).map(|triad| triad.to_string()).collect();
    let more = heard.len().saturating_sub(MOST_CHORDS);
    if !heard.is_empty() {
        let shown = heard.iter().take(MOST_CHORDS).map(String::as_str).collect::<Vec<_>>().join(" ");
        let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
        let _ = writeln!(text, "  {:18}  {shown}{rest}", "sound_chord");
    }
}
