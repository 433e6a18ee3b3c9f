use cantus_score::notation;

use super::*;
use crate::encoding::{Length, SliceNote};

fn piece(text: &str) -> Sliced {
    Sliced::of_score(&notation::parse(text).unwrap())
}

/// Pieces that go up by steps, and pieces that leap, a number of each.
fn steps_and_leaps() -> [Vec<Sliced>; 2] {
    let of = |notes: [&str; 4], shift: usize| {
        let bar: Vec<String> = (0..4).map(|index| format!("{}/4", notes[(index + shift) % 4])).collect();
        piece(&format!("M: {0} {0} {0} {0} | B: C3/1 G2/1 C3/1 G2/1", bar.join(" ")))
    };
    let steps = (0..4).map(|shift| of(["C5", "D5", "E5", "D5"], shift)).collect();
    [steps, (0..4).map(|shift| of(["C5", "A5", "D5", "B4"], shift)).collect()]
}

#[test]
fn a_critic_prefers_what_it_learnt_as_real() {
    let [steps, leaps] = steps_and_leaps();
    for (real, made) in [(&steps, &leaps), (&leaps, &steps)] {
        let blank = Critic::of_style(real).unwrap();
        let critic = blank.sharpened(real, made);
        let nats = |piece: &Sliced| critic.nats(&Heard::piece(piece), piece.end());
        let worst = real.iter().map(&nats).fold(f32::MAX, f32::min);
        let best = made.iter().map(&nats).fold(f32::MIN, f32::max);
        assert!(worst > best + 0.5, "{worst} and {best}");
        let of_blank = blank.nats(&Heard::piece(&real[0]), real[0].end());
        assert!(of_blank.abs() < 1e-6);
    }
}

#[test]
fn what_is_the_same_is_told_apart_by_nothing() {
    let [steps, _] = steps_and_leaps();
    let critic = Critic::of_style(&steps).unwrap().sharpened(&steps, &steps);
    let worth = |weight: &Weight| weight.linear.abs() + weight.square.abs();
    assert!(critic.weights.iter().map(worth).sum::<f32>() < 0.01);
}

#[test]
fn traits_are_those_of_any_key_and_of_what_was_written() {
    let one = piece("M: C5/4 D5/4 E5/4 F5/4 G5/1 | B: C3/2 G2/2 C3/1");
    let longer = piece("M: C5/4 D5/4 E5/4 F5/4 G5/1 C6/1 | B: C3/2 G2/2 C3/1 E3/1");
    let bars = 2 * Heard::piece(&one).bar;
    assert_eq!(
        Heard::piece(&one).traits(bars),
        Heard::piece(&longer).traits(bars),
        "what comes later is not heard"
    );
    let higher = piece("M: D5/4 E5/4 F#5/4 G5/4 A5/1 | B: D3/2 A2/2 D3/1");
    let apart = |one: &Sliced, other: &Sliced| {
        let [one, other] = [one, other].map(|piece| Heard::piece(piece).traits(bars));
        assert_eq!(one.len(), HEARD[0]);
        one.iter().zip(other).filter(|(one, other)| (*one - other).abs() > 1e-4).count()
    };
    // How high each of the two parts lies, in both stretches.
    assert_eq!(apart(&one, &higher), 4);
    let empty = piece("M: r/1 r/1 | B: r/1 r/1");
    assert!(Heard::piece(&empty).traits(bars).iter().all(|value| value.is_finite()));
}

/// Two bars of drums: which are struck at each eighth.
fn drums(eighths: [&[u8]; 8]) -> Sliced {
    let part = Part { name: "Drums".into(), program: 0, drums: true, monophonic: false };
    let empty = Sliced { parts: vec![part], ..piece("M: r/1 r/1") };
    let stroke = |at: usize, key: &u8| {
        let (pitch, length) = (cantus_score::Pitch::saturating(i64::from(*key)), Length::saturating(6));
        (12 * at as Steps, SliceNote { part: 0, pitch, length, level: None })
    };
    let bar = |bar: usize| {
        let strokes = eighths.iter().enumerate();
        strokes.flat_map(move |(at, keys)| keys.iter().map(move |key| stroke(8 * bar + at, key)))
    };
    empty.with_notes((0..2).flat_map(bar).collect::<Vec<_>>())
}

#[test]
fn beats_are_told_by_which_drum_is_struck_where() {
    let beat = drums([&[42, 36], &[42], &[42, 38], &[42], &[42, 36], &[42], &[42, 38], &[42]]);
    let edge = drums([&[22, 36], &[42], &[42, 40], &[22], &[42, 36], &[42], &[42, 38], &[42]]);
    let turned = drums([&[42, 38], &[42], &[42, 36], &[42], &[42, 38], &[42], &[42, 36], &[42]]);
    let traits = |piece: &Sliced| Heard::piece(piece).traits(2 * Heard::piece(piece).bar);
    assert_eq!(traits(&beat).len(), HEARD[1]);
    assert_eq!(traits(&beat), traits(&edge), "edges and rims are the same drums");
    assert_ne!(traits(&beat), traits(&turned));
    let critic = Critic::of_style(std::slice::from_ref(&beat)).unwrap();
    let critic = critic.sharpened(std::slice::from_ref(&beat), std::slice::from_ref(&turned));
    let nats = |piece: &Sliced| critic.nats(&Heard::piece(piece), piece.end());
    assert!(nats(&beat) > nats(&turned) + 0.5);
    let [steps, _] = steps_and_leaps();
    assert!(nats(&steps[0]).abs() < 1e-6, "it says nothing of music with pitches");
    let silent = drums([&[]; 8]);
    assert!(traits(&silent).iter().all(|value| value.is_finite()));
}

#[test]
fn critics_come_back_from_their_text_and_damaged_ones_are_refused() {
    let [steps, leaps] = steps_and_leaps();
    let critic = Critic::of_style(&steps).unwrap().sharpened(&steps, &leaps);
    let text = serde_json::to_string(&critic).unwrap();
    assert_eq!(serde_json::from_str::<Critic>(&text).unwrap(), critic);
    for wrong in ["[]", "[[0,1,0,0]]", "3", &text.replacen("[[", "[[1e99,", 1)] {
        assert!(serde_json::from_str::<Critic>(wrong).is_err(), "{wrong:.40}");
    }
}
