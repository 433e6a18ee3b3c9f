//! Generated music in every format.

use cantus::model::corpus::Music;
use cantus::score::{
    Channel, Key, Meter, Mode, Note, Pitch, Program, Resolution, Score, Tempo, Ticks, Timed, Track, Velocity,
};
use cantus::{ConvertOptions, RollOptions};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::told::{FORMATS, Told, there_and_back};

/// Ticks of an eighth note.
const EIGHTH: u32 = 240;
/// Ways to divide a quarter note, in ticks; and an eighth.
const QUARTERS: [&[u32]; 6] =
    [&[480], &[240, 240], &[360, 120], &[160, 160, 160], &[120, 120, 240], &[120, 120, 120, 120]];
const EIGHTHS: [&[u32]; 2] = [&[240], &[120, 120]];

#[derive(Debug, Clone)]
struct Bar {
    meter: usize,
    key: Option<i64>,
    tempo: Option<f64>,
    /// For each part: how beats are divided, what is played there.
    parts: Vec<Vec<(usize, u8, u8)>>,
}

fn bars() -> impl Strategy<Value = Vec<Bar>> {
    let beat = (0_usize..6, 0_u8..8, 0_u8..24);
    let bar = (0_usize..5, prop::option::of(-5_i64..=5), prop::option::of(40_u32..200), vec(vec(beat, 6), 3));
    let bar =
        bar.prop_map(|(meter, key, tempo, parts)| Bar { meter, key, tempo: tempo.map(f64::from), parts });
    vec(bar, 1..6)
}

/// Music on the grid of written values: every bar begins with a note of the first part, tempo and key change at bar lines,
/// parts play chords and rests and hold notes over bar lines, and no key is struck while it sounds.
fn score(bars: &[Bar], parts: usize) -> Score {
    let mut score = Score::new(Resolution::STANDARD);
    score.title = "Generated".into();
    let instruments = [(0, "Piano"), (40, "Violin"), (73, "Flute")];
    for (index, (program, name)) in instruments.into_iter().take(parts).enumerate() {
        score.tracks.push(Track::new(name, Channel::saturating(index as i64), Program::saturating(program)));
    }
    let mut at = 0;
    for (number, bar) in bars.iter().enumerate() {
        let (over, under) = [(4, 4), (3, 4), (2, 4), (6, 8), (5, 8)][bar.meter];
        let meter = Meter::new(over, under).unwrap();
        let changes = score.meters.last().is_none_or(|last| last.value != meter);
        if changes {
            score.meters.push(Timed::new(Ticks(at), meter));
        }
        if let Some(fifths) = bar.key.or((number == 0).then_some(0)) {
            let key = Key::new(fifths, if fifths % 2 == 0 { Mode::Major } else { Mode::Minor }).unwrap();
            score.keys.push(Timed::new(Ticks(at), key));
        }
        if let Some(bpm) = bar.tempo.or((number == 0).then_some(100.0)) {
            score.tempos.push(Timed::new(Ticks(at), Tempo::from_bpm(bpm).unwrap()));
        }
        let length = meter.bar(score.resolution).0;
        for (index, track) in score.tracks.iter_mut().enumerate() {
            fill(track, (at, length), &bar.parts[index], index);
        }
        at += length;
    }
    score
}

/// Fills a bar of a part beat by beat.
fn fill(track: &mut Track, (start, length): (u32, u32), beats: &[(usize, u8, u8)], part: usize) {
    let (mut at, end) = (start, start + length);
    let mut beat = 0;
    while at < end {
        let (way, kind, pitch) = beats[beat % beats.len()];
        let values = if end - at >= 2 * EIGHTH { QUARTERS[way] } else { EIGHTHS[way % 2] };
        for (index, &value) in values.iter().enumerate() {
            let first = at == start && part == 0;
            let whole = value == 480;
            match kind {
                // A rest.
                0 | 1 if !first => {}
                // Held from the beat or bar before.
                2 if !first
                    && index == 0
                    && whole
                    && track.notes.last().is_some_and(|last| last.end().0 == at) =>
                {
                    let begin = track.notes.last().map(|last| last.start);
                    for note in track.notes.iter_mut().filter(|note| Some(note.start) == begin) {
                        note.length = Ticks(note.length.0 + value);
                    }
                }
                _ => {
                    let lowest = 48 + i64::from(pitch) + index as i64;
                    let chord: &[i64] = if kind == 3 { &[0, 4, 7] } else { &[0] };
                    for interval in chord {
                        let note = Note::new(Ticks(at), Ticks(value), Pitch::new(lowest + interval).unwrap());
                        track.notes.push(note.with_velocity(Velocity::saturating(80)));
                    }
                }
            }
            at += value;
        }
        beat += 1;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_goes_into_a_format_comes_back(bars in bars(), parts in 1_usize..4) {
        let score = score(&bars, parts);
        let expected = Told::of(&score);
        // Twelve steps hold sixteenths and triplets alike.
        let roll = RollOptions { steps: 12, ..RollOptions::default() };
        let options = ConvertOptions { roll, ..ConvertOptions::default() };
        let music = Music::Played(score);
        for format in FORMATS {
            let back = there_and_back(&music, format, &options).map_err(TestCaseError::fail)?;
            let back = Told::of(&back);
            prop_assert_eq!(expected.differences(&back), Vec::<&str>::new(), "{:?}\n{:?}\n{:?}", format, expected, back);
        }
        // Nothing changes from one written form over another.
        let mut written = music.sheet().into_owned();
        for format in FORMATS.into_iter().filter(|format| format.is_written()) {
            let again = there_and_back(&Music::Written(written.clone()), format, &options).map_err(TestCaseError::fail)?;
            prop_assert_eq!(expected.differences(&Told::of(&again)), Vec::<&str>::new(), "{:?}", format);
            written = Music::Played(again).sheet().into_owned();
        }
    }
}
