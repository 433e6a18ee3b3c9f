//! Scores become sound as they say, and what cannot be played says why.

use cantus_score::{
    Bend, Channel, Control, Data, Note, Pitch, Program, Resolution, Score, Tempo, Ticks, Timed, Track,
    Velocity,
};
use ebur128::{EbuR128, Mode};

use super::{RenderError, SoundOptions, StereoBuffer, render, render_stems};
use crate::bank::{Needs, build, soundfont};
use crate::mix;

/// Notes of one program, each a second and a half long, two seconds apart.
pub(crate) struct Line<'a> {
    pub(crate) program: u8,
    pub(crate) keys: &'a [u8],
    pub(crate) velocity: u8,
}

impl Default for Line<'_> {
    fn default() -> Self {
        Self { program: 0, keys: &[60], velocity: 84 }
    }
}

impl Line<'_> {
    fn score(&self) -> Score {
        let mut track = Track::new("", Channel::MIN, Program::saturating(self.program.into()));
        for (i, &key) in (0_u32..).zip(self.keys) {
            let note = Note::new(Ticks(i * 1_920), Ticks(1_440), Pitch::saturating(key.into()));
            track.notes.push(note.with_velocity(Velocity::saturating(self.velocity.into())));
        }
        score(vec![track])
    }

    pub(crate) fn stereo(&self) -> StereoBuffer {
        sound(&self.score())
    }

    pub(crate) fn mono(&self) -> Vec<f32> {
        let sound = self.stereo();
        sound.left.iter().zip(&sound.right).map(|(l, r)| l + r).collect()
    }
}

/// The highest loudness of any 400 ms of the nth note of a [`Line`] (EBU momentary).
pub(crate) fn momentary(sound: &StereoBuffer, note: usize) -> f64 {
    let start = note * 2 * 44_100;
    let mut meter = EbuR128::new(2, 44_100, Mode::M).unwrap();
    let mut highest = f64::MIN;
    for step in 0..14 {
        let end = sound.left.len();
        let part = (start + step * 4_410).min(end)..(start + (step + 1) * 4_410).min(end);
        meter.add_frames_planar_f32(&[&sound.left[part.clone()], &sound.right[part]]).unwrap();
        if step >= 3 {
            highest = highest.max(meter.loudness_momentary().unwrap());
        }
    }
    highest
}

/// The centre of the spectrum in hertz, weighed by amplitude; what lies 60 dB below the strongest line is left out.
pub(crate) fn spectrum_centre(samples: &[f32]) -> f64 {
    use rustfft::num_complex::Complex;
    let count = samples.len();
    let window = |i: usize| 0.5 - 0.5 * (std::f32::consts::TAU * i as f32 / count as f32).cos();
    let mut bins: Vec<Complex<f32>> =
        samples.iter().enumerate().map(|(i, x)| Complex::new(x * window(i), 0.0)).collect();
    rustfft::FftPlanner::new().plan_fft_forward(count).process(&mut bins);
    let floor = bins.iter().take(count / 2).map(|bin| bin.norm()).fold(0.0, f32::max) * 1e-3;
    let (mut sum, mut weight) = (0.0, 0.0);
    for (line, bin) in bins.iter().take(count / 2).enumerate().filter(|(_, bin)| bin.norm() > floor) {
        sum += f64::from(bin.norm()) * line as f64 * 44_100.0 / count as f64;
        weight += f64::from(bin.norm());
    }
    sum / weight
}

fn score(tracks: Vec<Track>) -> Score {
    let mut score = Score::new(Resolution::STANDARD);
    score.tracks = tracks;
    score
}

fn sound(score: &Score) -> StereoBuffer {
    render(score, &SoundOptions::default()).unwrap()
}

fn part(channel: i64, program: i64, notes: &[(u32, u32, i64)]) -> Track {
    let mut track = Track::new("", Channel::saturating(channel), Program::saturating(program));
    track.notes = notes.iter().map(|n| Note::new(Ticks(n.0), Ticks(n.1), Pitch::saturating(n.2))).collect();
    track
}

fn control(track: &mut Track, at: u32, number: i64, value: i64) {
    let control = Control::Controller(Data::saturating(number), Data::saturating(value));
    track.controls.push(Timed::new(Ticks(at), control));
}

/// The root mean square of both channels between two moments in seconds.
fn level(sound: &StereoBuffer, from: f64, to: f64) -> f64 {
    let range = (from * 44_100.0) as usize..(to * 44_100.0) as usize;
    let power = |x: &[f32]| x[range.clone()].iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
    ((power(&sound.left) + power(&sound.right)) / (2.0 * range.len() as f64)).sqrt()
}

/// Crossings of zero a second, which follow the pitch of a plain tone.
fn crossings(samples: &[f32]) -> f64 {
    let count = samples.windows(2).filter(|w| w[0] <= 0.0 && w[1] > 0.0).count();
    count as f64 * 44_100.0 / samples.len() as f64
}

#[test]
fn the_same_score_gives_the_same_sound() {
    let score = score(vec![part(0, 48, &[(0, 480, 60)]), part(1, 0, &[(0, 480, 48)])]);
    assert_eq!(sound(&score), sound(&score));
}

#[test]
fn an_empty_score_is_no_sound() {
    assert_eq!(sound(&score(Vec::new())), StereoBuffer::default());
    assert_eq!(sound(&score(vec![part(0, 0, &[])])), StereoBuffer::default());
}

#[test]
fn sound_starts_with_the_note_and_ends_in_silence() {
    let sound = sound(&score(vec![part(0, 73, &[(480, 480, 72)])]));
    assert!(level(&sound, 0.0, 0.49) < 1e-5, "silence before the note");
    assert!(level(&sound, 0.6, 0.9) > 0.03, "the note");
    let last = sound.left.len() - 1;
    assert!(sound.left[last].abs() < 1e-6 && sound.right[last].abs() < 1e-6);
    assert!(sound.seconds().0 > 1.2 && sound.seconds().0 < 5.0, "{:?}", sound.seconds());
}

#[test]
fn the_pedal_holds_notes_and_is_lifted_at_the_end() {
    let plain = part(0, 0, &[(0, 240, 60), (1_920, 240, 64)]);
    let mut held = plain.clone();
    control(&mut held, 0, 64, 127);
    let (plain, held) = (sound(&score(vec![plain])), sound(&score(vec![held])));
    let ratio = |sound: &StereoBuffer| level(sound, 1.2, 1.8) / level(sound, 0.0, 0.2);
    assert!(ratio(&held) > 10.0 * ratio(&plain), "{} and {}", ratio(&held), ratio(&plain));
    assert!(held.seconds().0 < 8.0, "{:?}", held.seconds());
}

#[test]
fn bends_and_their_range_are_heard() {
    let mut track = part(0, 79, &[(0, 3_840, 72)]);
    track.controls.push(Timed::new(Ticks(960), Control::Bend(Bend::MAX)));
    for (number, value) in [(101, 0), (100, 0), (6, 12)] {
        control(&mut track, 1_920, number, value);
    }
    let sound = sound(&score(vec![track]));
    let pitch =
        |from: f64, to: f64| crossings(&sound.left[(from * 44_100.0) as usize..(to * 44_100.0) as usize]);
    let (plain, two, octave) = (pitch(0.3, 0.9), pitch(1.2, 1.8), pitch(2.2, 2.9));
    assert!((two / plain / (2.0_f64 / 12.0).exp2() - 1.0).abs() < 0.01, "{plain} {two}");
    assert!((octave / plain / 2.0 - 1.0).abs() < 0.01, "{plain} {octave}");
}

#[test]
fn a_program_may_change_within_a_part() {
    let mut track = part(0, 0, &[(0, 960, 60), (1_920, 960, 60)]);
    track.controls.push(Timed::new(Ticks(1_920), Control::Program(Program::saturating(16))));
    let sound = sound(&score(vec![track]));
    // The piano dies while its key is held, the organ does not.
    let hold = |from: f64| level(&sound, from + 0.8, from + 0.95) / level(&sound, from + 0.1, from + 0.25);
    assert!(hold(0.0) < 0.6 && hold(2.0) > 0.7, "{} {}", hold(0.0), hold(2.0));
}

#[test]
fn volume_and_pan_of_the_score_are_kept() {
    let mut track = part(0, 80, &[(0, 960, 60), (1_920, 960, 60)]);
    control(&mut track, 0, 10, 0);
    control(&mut track, 1_900, 7, 50);
    let sound = sound(&score(vec![track]));
    let left: f64 = sound.left.iter().map(|x| f64::from(*x).powi(2)).sum();
    let right: f64 = sound.right.iter().map(|x| f64::from(*x).powi(2)).sum();
    assert!(left > 8.0 * right, "{left} {right}");
    let ratio = level(&sound, 2.2, 2.8) / level(&sound, 0.2, 0.8);
    // Volume is squared: (50 / 100)² a quarter.
    assert!((ratio - 0.25).abs() < 0.05, "{ratio}");
}

#[test]
fn parts_without_a_place_are_spread_across_the_stage() {
    let tracks: Vec<Track> = (0..4)
        .map(|i| part(i, 71, &[(i as u32 * 1_920, 960, 60 + i)]))
        .chain([part(9, 0, &[(0, 100, 38)])])
        .collect();
    let stage = mix::stage(&score(tracks));
    let places = stage.iter().filter(|(_, number, _)| *number == 10);
    let places: Vec<(u8, u8)> = places.map(|(seat, _, value)| (seat.channel, *value)).collect();
    assert_eq!(places, [(0, 38), (1, 55), (2, 73), (3, 90)]);
}

#[test]
fn voices_in_unison_do_not_cut_each_other_off() {
    let sound = sound(&score(vec![part(0, 19, &[(0, 1_920, 60), (480, 240, 60)])]));
    assert!(level(&sound, 1.2, 1.8) > 0.5 * level(&sound, 0.2, 0.4), "the long note goes on");
}

#[test]
fn a_note_without_length_is_heard_and_ends() {
    let sound = sound(&score(vec![part(0, 19, &[(0, 0, 60), (960, 0, 64)])]));
    assert!(sound.seconds().0 < 4.0, "{:?}", sound.seconds());
    assert!(level(&sound, 0.0, 0.2) > 1e-3);
}

#[test]
fn ports_have_channels_of_their_own() {
    let organ = part(0, 19, &[(0, 1_920, 60)]);
    let mut other = part(0, 0, &[(0, 1_920, 72)]);
    other.controls.insert(0, Timed::new(Ticks(0), Control::Port(Data::saturating(1))));
    let sound = sound(&score(vec![organ, other]));
    assert!(level(&sound, 1.5, 1.9) > 0.5 * level(&sound, 0.3, 0.6), "the organ kept its program");
}

#[test]
fn each_drum_sounds_like_itself() {
    let stroke = |key| {
        let sound = sound(&score(vec![part(9, 0, &[(0, 240, key)])]));
        spectrum_centre(&sound.left[..sound.left.len().min(8_000)])
    };
    let (bass, snare, hat) = (stroke(36), stroke(38), stroke(42));
    assert!(bass * 2.0 < snare && snare * 1.1 < hat, "{bass} {snare} {hat}");
    for key in 35..=81 {
        let sound = sound(&score(vec![part(9, 0, &[(0, 240, key)])]));
        assert!(level(&sound, 0.0, 0.05) > 1e-3, "drum {key}");
    }
}

#[test]
fn an_open_hat_is_choked_by_a_closed_one() {
    let open = sound(&score(vec![part(9, 0, &[(0, 240, 46)])]));
    let choked = sound(&score(vec![part(9, 0, &[(0, 240, 46), (120, 240, 42)])]));
    let tail = |sound: &StereoBuffer| level(sound, 0.35, 0.45) / level(sound, 0.0, 0.1);
    assert!(tail(&choked) < 0.5 * tail(&open), "{} {}", tail(&choked), tail(&open));
}

#[test]
fn notes_begin_and_end_without_a_click() {
    for program in [16, 19, 48, 73, 80, 89] {
        let sound = sound(&score(vec![part(0, program, &[(0, 960, 60), (960, 490, 62), (1_440, 480, 64)])]));
        // A click is a jump in the second difference beyond what the tone itself makes while it lasts.
        let bend = |x: &[f32]| x.windows(3).map(|w| (w[0] - 2.0 * w[1] + w[2]).abs()).fold(0.0, f32::max);
        let steady = bend(&sound.left[20_000..40_000]).max(bend(&sound.left[75_000..85_000]));
        let whole = bend(&sound.left);
        assert!(whole < steady * 2.5 + 2e-3, "program {program}: {whole} beside {steady}");
    }
}

#[test]
fn a_font_of_ones_own_is_played() {
    let score = score(vec![part(0, 73, &[(0, 960, 72)])]);
    let font = soundfont(&[Program::saturating(73)]);
    let own = render(&score, &SoundOptions { soundfont: Some(font), loop_length: None }).unwrap();
    let built_in = sound(&score);
    assert_eq!(own, built_in);
}

#[test]
fn what_is_no_soundfont_says_why() {
    let score = score(vec![part(0, 0, &[(0, 480, 60)])]);
    let fails = |bytes: &[u8]| {
        render(&score, &SoundOptions { soundfont: Some(bytes.to_vec()), loop_length: None }).unwrap_err()
    };
    let font = soundfont(&[Program::PIANO]);
    let message = |bytes: &[u8]| fails(bytes).to_string();
    assert!(message(b"").starts_with("a SoundFont must begin with RIFF and sfbk"));
    assert!(message(b"MThd\0\0\0\x06\0\x01\0\x01").contains("MThd"));
    assert!(matches!(fails(&font[..font.len() / 2]), RenderError::Truncated { .. }));
    assert!(matches!(fails(&font[..13]), RenderError::Truncated { .. }));
    let mut compressed = font.clone();
    let samples = find(&font, b"smpl") + 8;
    compressed[samples..samples + 4].copy_from_slice(b"OggS");
    assert_eq!(fails(&compressed), RenderError::Compressed);
}

#[test]
fn a_damaged_font_is_an_error_and_never_a_panic() {
    let score = score(vec![part(0, 73, &[(0, 120, 60)])]);
    let mut needs = Needs::default();
    needs.note(Program::saturating(73), Pitch::C4);
    let font = build(&needs);
    let lists = find(&font, b"pdta");
    let mut seed = 7_usize;
    for _ in 0..60 {
        let mut damaged = font.clone();
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let place = lists + (seed >> 16) % (font.len() - lists);
        damaged[place] = (seed >> 8) as u8;
        // Either it plays or it says why; the thread is still here to see it.
        let _ = render(&score, &SoundOptions { soundfont: Some(damaged), loop_length: None });
    }
}

fn find(bytes: &[u8], id: &[u8]) -> usize {
    bytes.windows(id.len()).position(|window| window == id).unwrap()
}

#[test]
fn a_piece_of_days_is_refused() {
    let score = score(vec![part(0, 0, &[(0, u32::MAX, 60)])]);
    let error = render(&score, &SoundOptions::default()).unwrap_err();
    assert!(error.to_string().starts_with("a piece must last at most 60 minutes"), "{error}");
}

/// Three parts that move at their own paces over two bars of 4/4 at 120.
fn three_parts(bars: u32) -> Score {
    let part = |program: i64, channel: i64, key: i64, every: u32| {
        let mut track = Track::new("", Channel::saturating(channel), Program::saturating(program));
        for (index, at) in (0..bars * 1_920).step_by(every as usize).enumerate() {
            let pitch = Pitch::saturating(key + [0, 4, 7, 2][index % 4]);
            track.notes.push(Note::new(Ticks(at), Ticks(every), pitch));
        }
        track
    };
    let mut score = score(vec![part(73, 0, 72, 240), part(0, 1, 55, 480), part(32, 2, 36, 960)]);
    // Two bars are a whole number of the blocks in which notes begin, so that all turns are alike.
    score.tempos.push(Timed::new(Ticks::ZERO, Tempo::from_bpm(60e6 / 499_955.0).unwrap()));
    score
}

fn difference(one: &[f32], other: &[f32]) -> f64 {
    let power = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>();
    let apart = power(&mut one.iter().zip(other).map(|(a, b)| f64::from(a - b)));
    apart / power(&mut other.iter().map(|x| f64::from(*x))).max(1e-12)
}

#[test]
fn stems_are_of_one_length_and_their_sum_is_the_piece() {
    let piece = three_parts(2);
    let whole = sound(&piece);
    let stems = render_stems(&piece, &SoundOptions::default()).unwrap();
    assert_eq!(stems.iter().map(|(track, _)| *track).collect::<Vec<_>>(), [0, 1, 2]);
    let mut sum = vec![0.0; stems[0].1.left.len()];
    for (_, stem) in &stems {
        assert_eq!((stem.left.len(), stem.right.len()), (sum.len(), sum.len()));
        super::add(&mut sum, &stem.left);
    }
    // Alone, a part that rings on softly falls silent a little sooner.
    assert!(sum.len().abs_diff(whole.left.len()) < 4_410);
    // But for a gain, which is one for all.
    let gain = |of: &[f32]| of.iter().map(|x| f64::from(x * x)).sum::<f64>().sqrt();
    let ratio = (gain(&whole.left) / gain(&sum)) as f32;
    for x in &mut sum {
        *x *= ratio;
    }
    assert!(difference(&sum, &whole.left) < 1e-3, "{}", difference(&sum, &whole.left));
    // A part without notes has no stem.
    let mut silent = piece.clone();
    silent.tracks[1].notes.clear();
    assert_eq!(render_stems(&silent, &SoundOptions::default()).unwrap().len(), 2);
}

#[test]
fn a_loop_goes_round_as_the_music_would_go_on() {
    let length = three_parts(2).seconds();
    let options = SoundOptions { loop_length: Some(length), ..SoundOptions::default() };
    let round = render(&three_parts(2), &options).unwrap();
    let samples = 2_756 * 64;
    assert_eq!(round.left.len(), samples);
    // Of the same music played five times the fourth turn is what a loop sounds like.
    let turns = render_raw(&three_parts(10));
    let fourth = &turns.left[3 * samples..4 * samples];
    let gain = |of: &[f32]| of.iter().map(|x| f64::from(x * x)).sum::<f64>().sqrt();
    let ratio = (gain(fourth) / gain(&round.left)) as f32;
    let alike: Vec<f32> = round.left.iter().map(|x| x * ratio).collect();
    assert!(difference(&alike, fourth) < 0.01, "{}", difference(&alike, fourth));
    // No step at the seam is larger than the steps around it.
    let seam = (round.left[0] - round.left[round.left.len() - 1]).abs();
    let steps = |of: &[f32]| of.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
    let around = steps(&round.left[..2_205]).max(steps(&round.left[round.left.len() - 2_205..]));
    assert!(seam <= around, "{seam} and {around}");
    // Cut off at its end, the same music would not go round.
    let cut = sound(&three_parts(2));
    let cut: Vec<f32> = cut.left[..samples].to_vec();
    let ratio = (gain(fourth) / gain(&cut)) as f32;
    let cut: Vec<f32> = cut.iter().map(|x| x * ratio).collect();
    assert!(difference(&cut, fourth) > 2.0 * difference(&alike, fourth));
}

/// A score as it is played, before it is brought to its level.
fn render_raw(score: &Score) -> StereoBuffer {
    let options = SoundOptions::default();
    let font = super::font_for(score, &options).unwrap();
    super::play_safely(&super::events::of(score, |_| true), &font, &options).unwrap()
}
