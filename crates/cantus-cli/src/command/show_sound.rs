//! `cantus show` of sound.

use std::fmt::Write as _;
use std::path::Path;

use cantus::SoundFacts;
use cantus::audio::{Decibels, Loudness, Lufs};
use serde_json::json;

/// What a sound file is, a line each, or one line of JSON.
pub(super) fn text(path: &Path, facts: &SoundFacts, is_json: bool) -> String {
    if is_json { as_json(path, facts) } else { as_text(path, facts) }
}

fn integrated(facts: &SoundFacts) -> Option<Lufs> {
    facts.loudness.and_then(|loudness| loudness.integrated)
}

fn range(facts: &SoundFacts) -> Option<Decibels> {
    facts.loudness.and_then(|loudness| loudness.range)
}

fn peak(facts: &SoundFacts) -> Option<Decibels> {
    facts.loudness.as_ref().and_then(Loudness::true_peak)
}

fn as_json(path: &Path, facts: &SoundFacts) -> String {
    let line = json!({
        "path": path.display().to_string(),
        "format": facts.format.to_string(),
        "seconds": facts.seconds(),
        "rate": facts.rate.hertz(),
        "channels": facts.channels,
        "frames": facts.frames,
        "lufs": integrated(facts).map(|lufs| lufs.0),
        "loudness_range": range(facts).map(|range| range.0),
        "true_peak": peak(facts).map(|peak| peak.0),
        "warnings": facts.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    format!("{line}\n")
}

fn as_text(path: &Path, facts: &SoundFacts) -> String {
    let mut text = format!("{} ({} sound)\n", path.display(), facts.format);
    for warning in &facts.warnings {
        let _ = writeln!(text, "warning  {warning}");
    }
    let _ = writeln!(text, "length   {:.1} s, {} samples a channel", facts.seconds(), facts.frames);
    let channels = match facts.channels {
        1 => "mono".to_owned(),
        2 => "stereo".to_owned(),
        count => format!("{count} channels"),
    };
    let _ = writeln!(text, "sampled  {} Hz, {channels}", facts.rate);
    let loudness =
        integrated(facts).map_or("too short or too quiet to be measured".to_owned(), |lufs| lufs.to_string());
    let range = range(facts).map(|range| format!(", range {range}")).unwrap_or_default();
    let _ = writeln!(text, "loudness {loudness}{range}");
    let _ =
        writeln!(text, "peak     {}", peak(facts).map_or("silence".to_owned(), |peak| format!("{peak}TP")));
    text
}
