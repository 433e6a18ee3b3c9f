use cantus_score::{
    Channel, Meter, Note, Pitch, Program, Resolution, Score, Tempo, Ticks, Timed, Track, Velocity,
};

use super::phrases::Phrases;
use super::{Expression, Performance, perform};

/// A score in 4 ticks a quarter: each part a list of `(start, length, key)`.
fn score(parts: &[&[(u32, u32, i64)]]) -> Score {
    let mut score = Score::new(Resolution::new(4).unwrap());
    for notes in parts {
        let mut track = Track::new("part", Channel::MIN, Program::PIANO);
        let notes = notes.iter();
        let notes =
            notes.map(|&(at, length, key)| Note::new(Ticks(at), Ticks(length), Pitch::saturating(key)));
        track.notes.extend(notes);
        score.tracks.push(track);
    }
    score
}

/// A performance by one rule alone.
fn only(choose: impl Fn(&mut Expression)) -> Performance {
    let mut expression = Expression {
        accents: 0.0,
        phrases: 0.0,
        contour: 0.0,
        voices: 0.0,
        articulation: 0.0,
        ritardando: 0.0,
        ..Expression::default()
    };
    choose(&mut expression);
    Performance::Expressive(expression)
}

fn velocities(score: &Score, track: usize) -> Vec<u8> {
    score.tracks[track].notes.iter().map(|note| note.velocity.unwrap().get()).collect()
}

/// Quarter notes on one pitch.
fn quarters(count: u32) -> Vec<(u32, u32, i64)> {
    (0..count).map(|beat| (beat * 4, 4, 60)).collect()
}

#[test]
fn the_downbeat_is_strongest_and_the_off_beats_weakest() {
    let eighths: Vec<_> = (0..8).map(|eighth| (eighth * 2, 2, 60)).collect();
    let performed = perform(&score(&[&eighths]), only(|rules| rules.accents = 1.0));
    let [one, and, two, _, three, _, four, _] = velocities(&performed, 0)[..] else { panic!() };
    assert!(one > three && three > two && two == four && four > and);
}

#[test]
fn six_eight_has_two_beats() {
    let eighths: Vec<_> = (0..6).map(|eighth| (eighth * 2, 2, 60)).collect();
    let mut jig = score(&[&eighths]);
    jig.meters.push(Timed::new(Ticks(0), Meter::new(6, 8).unwrap()));
    let [one, two, three, four, five, six] =
        velocities(&perform(&jig, only(|rules| rules.accents = 1.0)), 0)[..]
    else {
        panic!()
    };
    assert!(one > four && four > two && two == three && three == five && five == six);
}

#[test]
fn a_pickup_is_no_downbeat() {
    let mut tune = score(&[&quarters(9)]);
    tune.meters =
        vec![Timed::new(Ticks(0), Meter::new(1, 4).unwrap()), Timed::new(Ticks(4), Meter::FOUR_FOUR)];
    let performed = velocities(&perform(&tune, only(|rules| rules.accents = 1.0)), 0);
    assert!(performed[1] > performed[0]);
    assert_eq!(performed[0], performed[4]);
}

#[test]
fn a_phrase_swells_and_fades() {
    let performed = velocities(&perform(&score(&[&quarters(16)]), only(|rules| rules.phrases = 1.0)), 0);
    assert_eq!(performed[10], *performed.iter().max().unwrap(), "the peak lies at three fifths");
    assert!(performed[..=10].is_sorted() && performed[10..].iter().rev().is_sorted(), "{performed:?}");
    assert!(performed[0] + 8 < performed[10] && performed[15] < performed[10]);
}

#[test]
fn phrases_end_at_rests_and_long_notes() {
    let mut notes = quarters(7);
    notes.push((28, 2, 60)); // half a beat of rest follows
    notes.extend([(32, 4, 62), (36, 4, 62), (40, 4, 62), (44, 12, 62)]); // a long note
    notes.extend([(56, 4, 64), (60, 4, 64), (64, 4, 64), (68, 4, 64)]);
    assert_eq!(Phrases::find(&score(&[&notes])).starts(), [0, 32, 56].map(Ticks));
}

#[test]
fn without_breaths_four_bars_are_a_phrase() {
    let phrases = Phrases::find(&score(&[&quarters(16 * 4)]));
    for bar in [0, 4, 8, 12] {
        assert!(phrases.arch(Ticks(bar * 16)) < 1e-9, "bar {bar} opens a group");
        assert!(phrases.arch(Ticks(bar * 16 + 38)) > 0.9);
    }
}

#[test]
fn higher_is_louder_by_three_decibels_an_octave() {
    let performed = perform(&score(&[&[(0, 4, 54), (4, 4, 66)]]), only(|rules| rules.contour = 1.0));
    let [low, high] = velocities(&performed, 0)[..] else { panic!() };
    let decibels = 40.0 * (f64::from(high) / f64::from(low)).log10();
    assert!((decibels - 3.0).abs() < 0.3, "{decibels} dB");
}

#[test]
fn the_upper_voice_leads_and_the_inner_voices_follow() {
    let chord = score(&[&[(0, 16, 72)], &[(0, 16, 67)], &[(0, 16, 64)], &[(0, 16, 48)]]);
    let performed = perform(&chord, only(|rules| rules.voices = 1.0));
    let [soprano, alto, tenor, bass] = [0, 1, 2, 3].map(|track| velocities(&performed, track)[0]);
    assert!(soprano > bass && bass > alto && alto == tenor);
}

#[test]
fn repeated_notes_part_and_other_notes_stay_whole() {
    let mut line = score(&[&[(0, 480, 60), (480, 480, 60), (960, 480, 62)]]);
    line.resolution = Resolution::STANDARD;
    let performed = perform(&line, only(|rules| rules.articulation = 1.0));
    let lengths: Vec<u32> = performed.tracks[0].notes.iter().map(|note| note.length.0).collect();
    // 35 ms at 120 quarters a minute are 33.6 ticks.
    assert_eq!(lengths, [480 - 34, 480, 480]);
}

#[test]
fn the_end_slows_strictly_and_nothing_else_does() {
    let mut piece = score(&[&quarters(33)]);
    piece.tempos.push(Timed::new(Ticks(0), Tempo::from_bpm(90.0).unwrap()));
    let performed = perform(&piece, Performance::default());
    let added = &performed.tempos[1..];
    assert_eq!(performed.tempos[0], piece.tempos[0]);
    assert_eq!(
        (added[0].at, added[added.len() - 1].at),
        (Ticks(112), Ticks(128)),
        "over the bar before the last chord"
    );
    let slowing: Vec<f64> = performed.tempos.iter().map(|tempo| tempo.value.bpm()).collect();
    assert!(slowing.windows(2).all(|pair| pair[1] < pair[0]), "{slowing:?}");
    assert!((slowing[slowing.len() - 1] / 90.0 - 1.0 / 1.7).abs() < 0.01);
}

#[test]
fn a_score_with_its_own_last_tempo_keeps_it() {
    let mut piece = score(&[&quarters(33)]);
    piece.tempos.push(Timed::new(Ticks(120), Tempo::from_bpm(60.0).unwrap()));
    assert_eq!(perform(&piece, Performance::default()).tempos, piece.tempos);
}

#[test]
fn a_recording_is_left_as_it_was_played() {
    let mut played = score(&[&quarters(33)]);
    for note in &mut played.tracks[0].notes {
        note.velocity = Some(Velocity::saturating(i64::from(note.start.0) + 1));
    }
    assert_eq!(perform(&played, Performance::default()), played);
}

/// A linear congruential generator, so that the laws meet many scores and each failure names its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(limit)) as u32
    }

    fn note(&mut self) -> Note {
        let (start, length, key) = (self.below(6000), self.below(900), self.below(128));
        let note = Note::new(Ticks(start), Ticks(length), Pitch::saturating(i64::from(key)));
        match self.below(4) {
            0 => note.with_velocity(Velocity::saturating(i64::from(self.below(127)) + 1)),
            _ => note,
        }
    }

    fn score(&mut self) -> Score {
        let mut score = Score::new(Resolution::new(i64::from(self.below(1000)) + 1).unwrap());
        let meter = Meter::new(i64::from(self.below(255)) + 1, 1 << self.below(8)).unwrap();
        score.meters.push(Timed::new(Ticks(0), meter));
        if self.below(2) == 0 {
            let tempo = Tempo::from_micros(i64::from(self.below(0xFF_FFFF)) + 1).unwrap();
            score.tempos.push(Timed::new(Ticks(self.below(5000)), tempo));
        }
        for _ in 0..self.below(4) {
            let channel = Channel::new(i64::from(self.below(16))).unwrap();
            let mut track = Track::new("", channel, Program::PIANO);
            track.notes = (0..self.below(40)).map(|_| self.note()).collect();
            track.notes.sort_unstable();
            score.tracks.push(track);
        }
        score
    }
}

/// What no performance may change.
fn assert_same_music(before: &Score, after: &Score) {
    assert_eq!(before.tracks.len(), after.tracks.len());
    for (before, after) in before.tracks.iter().zip(&after.tracks) {
        assert_eq!(before.notes.len(), after.notes.len());
        for (before, after) in before.notes.iter().zip(&after.notes) {
            assert_eq!((before.start, before.pitch), (after.start, after.pitch));
            assert!(after.length <= before.length && (after.length.0 > 0 || before.length.0 == 0));
            match before.velocity {
                Some(_) => assert_eq!(before, after),
                None => {
                    assert!((Expression::SOFTEST..=Expression::LOUDEST).contains(&after.velocity.unwrap()));
                }
            }
        }
    }
}

#[test]
fn expression_keeps_notes_pitches_onsets_and_known_velocities() {
    for seed in 0..500 {
        let mut dice = Dice(seed);
        let before = dice.score();
        let quantity = f64::from(dice.below(100)) / 10.0 - 1.0;
        let performance = Performance::Expressive(Expression {
            ritardando: quantity,
            phrases: quantity,
            articulation: quantity,
            ..Expression::default()
        });
        let after = perform(&before, performance);
        assert_same_music(&before, &after);
        assert_only_slows(&before, &after);
        assert_eq!(after, perform(&before, performance), "seed {seed}");
    }
}

/// The tempos of the score stay, and those that follow them fall, each later than the one before.
fn assert_only_slows(before: &Score, after: &Score) {
    let kept = after.tempos.iter().zip(&before.tempos).take_while(|(after, before)| after == before).count();
    let added = &after.tempos[kept..];
    assert!(
        kept == before.tempos.len() || added.first().is_some_and(|tempo| tempo.at == before.tempos[kept].at)
    );
    let slowing = added.iter().map(|tempo| (tempo.at, tempo.value.micros_per_quarter()));
    let slowing: Vec<_> = slowing.collect();
    assert!(slowing.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1), "{slowing:?}");
    assert!(added.first().is_none_or(|first| first.at >= Ticks(before.end().0 / 2)), "far from the end");
}

#[test]
fn flat_changes_unknown_velocities_alone() {
    for seed in 0..200 {
        let before = Dice(seed).score();
        let mut after = perform(&before, Performance::Flat);
        for (before, after) in before.tracks.iter().zip(&mut after.tracks) {
            for (before, after) in before.notes.iter().zip(&mut after.notes) {
                assert_eq!(after.velocity, before.velocity.or(Some(Expression::DEFAULT_VELOCITY)));
                after.velocity = before.velocity;
            }
        }
        assert_eq!(after, before, "seed {seed}");
    }
}

#[test]
fn transposed_music_is_performed_alike() {
    for seed in 0..100 {
        let mut dice = Dice(seed);
        let mut notes: Vec<_> = (0..30)
            .map(|_| (dice.below(40) * 2, dice.below(8) + 1, i64::from(dice.below(60)) + 30))
            .collect();
        notes.sort_unstable_by_key(|&(start, length, key)| (start, key, length));
        let higher: Vec<_> = notes.iter().map(|&(start, length, key)| (start, length, key + 5)).collect();
        let [low, high] = [&notes, &higher].map(|notes| perform(&score(&[notes]), Performance::default()));
        // A mean pitch is a quotient, so that a level may fall on the other side of a rounding.
        for (low, high) in velocities(&low, 0).into_iter().zip(velocities(&high, 0)) {
            assert!(low.abs_diff(high) <= 1, "seed {seed}: {low} and {high}");
        }
    }
}
