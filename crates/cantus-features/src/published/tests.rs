//! The measures of others against their own programs and papers.

use cantus_score::notation::parse;
use cantus_score::{
    Channel, Control, Data, Meter, Note, Pitch, Program, Resolution, Score, Ticks, Timed, Track,
};
use serde_json::Value;

use crate::{Window, find};

const GOLDEN: &str = include_str!("../../../../fixtures/golden/features/metrics.json");

/// A score of the golden file.
fn score(value: &Value) -> Score {
    let number = |value: &Value| value.as_i64().unwrap();
    let mut score = Score::new(Resolution::new(number(&value["resolution"])).unwrap());
    let meter = Meter::new(number(&value["meter"][0]), number(&value["meter"][1])).unwrap();
    score.meters.push(Timed::new(Ticks::ZERO, meter));
    for track in value["tracks"].as_array().unwrap() {
        let channel = if track["drum"].as_bool().unwrap() { Channel::DRUMS } else { Channel::MIN };
        let mut made = Track::new("", channel, Program::PIANO);
        for note in track["notes"].as_array().unwrap() {
            let ticks = |index: usize| Ticks(number(&note[index]) as u32);
            made.notes.push(Note::new(ticks(0), ticks(2), Pitch::new(number(&note[1])).unwrap()));
        }
        score.tracks.push(made);
    }
    score
}

fn close(found: Option<f64>, expected: Option<f64>) -> bool {
    match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() < 1e-9,
        (found, expected) => found.is_none() && expected.is_none(),
    }
}

#[test]
fn the_metrics_are_those_of_muspy() {
    let golden: Vec<Value> = serde_json::from_str(GOLDEN).unwrap();
    for (number, value) in golden.iter().enumerate() {
        let window = Window::of_piece(&score(value));
        let metrics = value["metrics"].as_object().unwrap();
        assert_eq!(metrics.len(), 14);
        for (name, expected) in metrics {
            let found = find(&format!("muspy_{name}")).unwrap().measure(&window);
            assert!(close(found, expected.as_f64()), "{number} {name}: {found:?} {expected}");
        }
        let found = find("muspy_pitch_in_scale_rate").unwrap().measure(&window);
        let Some(key) = window.home else {
            assert!(found.is_none(), "{number}");
            continue;
        };
        let mode = usize::from(key.mode() == cantus_score::Mode::Minor);
        let expected = &value["in_scale"][mode][usize::from(key.tonic().get())];
        assert!(close(found, expected.as_f64()), "{number} pitch_in_scale_rate: {found:?} {expected}");
    }
}

#[test]
fn a_pedal_released_after_the_last_note_belongs_to_the_piece() {
    let mut score = parse("meter=4/4 | C4/4 | E4/4 | G4/4").unwrap();
    check("muspy_polyphony_rate", &score, Some(1.0));
    check("muspy_groove_consistency", &score, None);
    let pedal = Control::Controller(Data::saturating(64), Data::saturating(0));
    score.tracks[0].controls.push(Timed::new(Ticks(1920), pedal));
    check("muspy_polyphony_rate", &score, Some(0.25));
    check("muspy_empty_beat_rate", &score, Some(1.0 - 2.0 / 5.0));
    check("muspy_groove_consistency", &score, Some(1.0 - 1.0 / 1920.0));
}

#[track_caller]
fn check(name: &str, score: &Score, expected: Option<f64>) {
    let found = find(name).unwrap().measure(&Window::of_piece(score));
    assert!(close(found, expected), "{name}: {found:?}");
}

#[test]
fn the_metrics_are_those_of_the_musegan_paper() {
    // The first part is silent in one of two bars; the second uses one pitch class in one bar and two in the other.
    let score = parse("meter=4/4 | C5/4 E5/4 G5/2 r/1 | C4/1 C4/2 D4/2").unwrap();
    check("musegan_eb", &score, Some(0.25));
    check("musegan_upc", &score, Some(1.5));
    check("musegan_qn", &score, Some(1.0));
    check("musegan_dp", &score, None);
    let alike = parse("meter=4/4 | C5/1 | C4/1").unwrap();
    check("musegan_td", &alike, Some(0.0));
    check("musegan_td", &parse("C5/1").unwrap(), None);
}

#[test]
fn fragments_are_shorter_than_a_32nd_and_drums_are_expected_on_sixteenths() {
    let mut score = parse("meter=4/4 | C5/4 D5/4 E5/4 F5/4 | C2/4 C2/4 C2/4 C2/4").unwrap();
    score.tracks[0].notes[1].length = Ticks(59);
    score.tracks[0].notes[2].length = Ticks(60);
    score.tracks[1].channel = Channel::DRUMS;
    score.tracks[1].notes[1].start = Ticks(480 + 120);
    score.tracks[1].notes[2].start = Ticks(960 + 160);
    check("musegan_qn", &score, Some(0.75));
    check("musegan_dp", &score, Some(0.75));
}

#[test]
fn a_note_at_the_end_of_time_leaves_shares_shares() {
    let mut score = Score::new(Resolution::new(1).unwrap());
    let mut track = Track::new("", Channel::MIN, Program::PIANO);
    for at in [0, u32::MAX - 1] {
        track.notes.push(Note::new(Ticks(at), Ticks(1), Pitch::C4));
    }
    score.tracks.push(track);
    let rate = find("muspy_empty_beat_rate").unwrap().measure(&Window::of_piece(&score)).unwrap();
    assert!((0.99..=1.0).contains(&rate), "{rate}");
}
