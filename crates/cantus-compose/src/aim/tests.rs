//! Laws of taking the nearest.

use cantus_features::control::Control;
use cantus_model::controls::{ControlScale, Controls, MeasuredControls, Scale};
use cantus_model::encoding::{Length, MeterSpan, Part, Slice, SliceNote, Sliced};
use cantus_model::walk::Walker;
use cantus_score::{Meter, Pitch};

use super::*;
use crate::tests::{ONCE, controlled};
use crate::{Composer, Course, Policy, Request, Steer as _};

/// Scales from 0 to 127 by ones: a value is at a place of its own.
fn scales() -> Vec<ControlScale> {
    let of = |control: Control, most: f64| {
        let values = |most: f64| (0..=1000).map(|part| most * f64::from(part) / 1000.0).collect();
        let scale = || Scale::of_values(values(most)).unwrap();
        ControlScale { name: control.name().into(), pieces: scale(), bars: scale() }
    };
    let most = [8.0, 4.0, 127.0, 1.0, 127.0, 2.0];
    Control::ALL.into_iter().zip(most).map(|(control, most)| of(control, most)).collect()
}

/// Four bars of broken chords, so many semitones up.
fn piece(up: i64) -> Sliced {
    let chords = [[60, 64, 67], [65, 69, 72], [67, 71, 74], [60, 64, 67]];
    let note = |pitch: i64| SliceNote {
        part: 0,
        pitch: Pitch::saturating(pitch + up),
        length: Length::saturating(24),
        level: None,
    };
    let slices = (0..16_u32).map(|quarter| Slice {
        at: 24 * quarter,
        notes: vec![note(chords[quarter as usize / 4][[0, 1, 2, 1][quarter as usize % 4]])],
    });
    Sliced {
        title: String::new(),
        tempo: None,
        key: None,
        parts: vec![Part { name: String::new(), program: 0, drums: false, monophonic: true }],
        pickup: 0,
        meters: vec![MeterSpan { from: 0, meter: Meter::FOUR_FOUR }],
        slices: slices.collect(),
    }
}

/// Distances of the four bars of a piece, each as soon as it is written.
fn distances(piece: &Sliced, controls: Controls) -> Vec<f64> {
    let model = controlled();
    let mut plan = Plan::new(&Request::new(1).style("tune").bars(4).unwrap(), &model.styles).unwrap();
    plan.controls = controls;
    plan.key = Some(Key::C_MAJOR);
    let (scales, mut distances) = (scales(), Vec::new());
    let aim = Aim::new(&plan, &scales).unwrap();
    let mut setup = plan.setup(plan.style, false);
    setup.parts.clone_from(&piece.parts);
    let mut walker = Walker::new(&model.network.spec, setup);
    let mut end = 96;
    while !walker.is_done() {
        let is_fresh = walker.take_fresh();
        if is_fresh && walker.now() == end {
            distances.push(aim.distance(&walker, end));
            end = Aim::bar_end(&walker);
        }
        walker.answer(walker.answer_of(piece));
    }
    distances.push(aim.distance(&walker, end));
    distances
}

fn told(piece: &Sliced) -> Controls {
    MeasuredControls::of_piece(piece, Some(Key::C_MAJOR)).told(&scales())
}

#[test]
fn what_is_as_it_was_asked_to_be_is_near_and_what_is_not_is_far() {
    let asked = Controls { piece: [None; Control::COUNT], ..told(&piece(0)) };
    let (own, higher) = (distances(&piece(0), asked.clone()), distances(&piece(24), asked));
    // Half a level for each of five controls at most: dynamics are not known.
    assert!(own.iter().all(|distance| *distance <= 0.05 * 5.0 + 1.0 + 1e-9), "{own:?}");
    for (own, higher) in own.iter().zip(&higher) {
        assert!((higher - own - 24.0 / 127.0).abs() <= 0.1 + 1e-9, "{own} {higher}");
    }
}

#[test]
fn a_wrong_kind_of_chord_costs_half_of_a_wrong_root() {
    let asked = |of: fn(Chord) -> Chord| {
        let mut chords = told(&piece(0)).chords;
        for span in &mut chords {
            span.chord = span.chord.map(of);
        }
        distances(&piece(0), Controls { chords, ..Controls::default() })
    };
    assert_eq!(asked(|chord| chord), [0.0; 4]);
    // Nothing in the piece is heard as a diminished chord.
    let other = |chord| Chord { quality: cantus_features::control::Quality::Diminished, ..chord };
    assert_eq!(asked(other), [0.5; 4]);
    assert_eq!(asked(|chord| chord.transposed(1)), [1.0; 4]);
}

#[test]
fn more_takes_come_nearer() {
    let mut model = controlled();
    for style in &mut model.styles {
        style.controls = scales();
    }
    let composer = Composer::new(&model);
    let off = |takes: u32, seed: u64| {
        let asked = [0.35, 0.45, 0.55][seed as usize % 3];
        let request = Request::new(seed).style("band").bars(6).unwrap();
        let request = request.control(Control::Register, Course::value(asked).unwrap());
        let policy = Policy { takes, ..ONCE };
        let composition = composer.compose_with(&request, &mut request.sampler(), &[], policy).unwrap();
        let measured = MeasuredControls::of_piece(&Sliced::of_score(&composition.score), composition.key);
        let heard = measured.piece[Control::Register.index()].unwrap() / 127.0;
        (heard - asked).abs()
    };
    let mean = |takes: u32| (0..12).map(|seed| off(takes, seed)).sum::<f64>() / 12.0;
    let (one, four, sixteen) = (mean(1), mean(4), mean(16));
    assert!(four < 0.9 * one && sixteen < 0.9 * four, "{one} {four} {sixteen}");
}
