//! Laws of the pulse, on music whose score is known.

use cantus_score::{Channel, Meter, Note, Pitch, Program, Resolution, Score, Ticks, Timed, Track, Velocity};

use super::{Listen, Written, beats, drums_on_beats, is_on_grid, notate, track, written};

/// Sixteen bars of melody and bass in 4/4.
fn song() -> Score {
    let melody: [&[(u32, u32, i64)]; 4] = [
        &[(0, 480, 72), (480, 480, 76), (960, 240, 79), (1200, 240, 81), (1440, 480, 79)],
        &[(0, 480, 77), (480, 240, 81), (720, 240, 79), (960, 480, 77), (1440, 480, 76)],
        &[(0, 240, 74), (240, 240, 76), (480, 480, 77), (960, 480, 74), (1440, 480, 67)],
        &[(0, 960, 72), (960, 480, 76), (1440, 480, 79)],
    ];
    let bass = [48, 41, 43, 48];
    let mut score = Score::new(Resolution::STANDARD);
    score.meters.push(Timed::new(Ticks::ZERO, Meter::FOUR_FOUR));
    let mut track = Track::new("", Channel::MIN, Program::PIANO);
    for bar in 0..16_u32 {
        let line = bar * 1920;
        for &(at, length, key) in melody[bar as usize % 4] {
            let note = Note::new(Ticks(line + at), Ticks(length), Pitch::saturating(key));
            track.notes.push(note.with_velocity(Velocity::saturating(80)));
        }
        let low = bass[bar as usize % 4];
        for (at, key) in [(0, low), (480, 60), (480, 64), (960, low + 7), (1440, 60), (1440, 64)] {
            let note = Note::new(Ticks(line + at), Ticks(480), Pitch::saturating(key));
            track.notes.push(note.with_velocity(Velocity::saturating(72)));
        }
    }
    track.notes.sort_unstable();
    score.tracks.push(track);
    score
}

/// The score as somebody plays it whose beats are at `time` (of a beat), each onset some milliseconds off.
fn played(score: &Score, time: impl Fn(f64) -> f64) -> Score {
    let mut played = score.clone();
    played.meters.clear();
    let mut state = 1_u32;
    let mut jitter = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 16) / 65536.0 * 0.024 - 0.012
    };
    let ticks = |seconds: f64| Ticks((seconds * 960.0).round() as u32);
    for note in &mut played.tracks[0].notes {
        let begin = time(f64::from(note.start.0) / 480.0) + jitter();
        let end = time(f64::from(note.end().0) / 480.0);
        note.start = ticks(begin);
        note.length = ticks(begin + (end - begin) * 0.85).saturating_sub(note.start);
    }
    played.tracks[0].notes.sort_unstable();
    played
}

/// Beats of 0.61 seconds after a rest.
fn steady(beat: f64) -> f64 {
    0.4 + 0.61 * beat
}

/// Beats that become longer by half.
fn slowing(beat: f64) -> f64 {
    0.4 + 0.5 * beat + 0.002 * beat * beat
}

fn plain(score: &Score) -> Vec<(u32, u32, u8)> {
    let notes = score.tracks.iter().flat_map(|track| &track.notes);
    notes.map(|note| (note.start.0, note.length.0, note.pitch.get())).collect()
}

#[test]
fn a_performance_is_written_down_as_its_score() {
    for time in [steady as fn(f64) -> f64, slowing] {
        let notation = notate(&played(&song(), time), Listen::Auto);
        let heard = notation.heard.unwrap();
        assert_eq!(heard.meter, Meter::FOUR_FOUR);
        assert_eq!((heard.key, heard.swing, heard.click), (cantus_score::Key::C_MAJOR, None, false));
        assert_eq!(plain(&notation.score), plain(&song()));
    }
}

#[test]
fn beats_lie_where_they_were_played() {
    for time in [steady as fn(f64) -> f64, slowing] {
        let heard = beats(&played(&song(), time)).beats;
        assert!(heard.len() >= 60, "{} beats", heard.len());
        for (number, beat) in heard.iter().enumerate() {
            assert!((beat.seconds.0 - time(number as f64)).abs() < 0.05, "beat {number}: {beat:?}");
            assert_eq!((beat.place, beat.of), ((number % 4) as u8, 4));
        }
    }
}

#[test]
fn what_was_written_sounds_as_it_was_played() {
    let performance = played(&song(), slowing);
    let notation = notate(&performance, Listen::Auto).score;
    let (before, after) = (performance.tempo_map(), notation.tempo_map());
    let first = performance.tracks[0].notes[0].start;
    let mut onsets: Vec<f64> = performance.tracks[0]
        .notes
        .iter()
        .map(|note| before.seconds(note.start).0 - before.seconds(first).0)
        .collect();
    let mut written: Vec<f64> =
        notation.tracks[0].notes.iter().map(|note| after.seconds(note.start).0).collect();
    onsets.sort_by(f64::total_cmp);
    written.sort_by(f64::total_cmp);
    for (played, written) in onsets.iter().zip(&written) {
        assert!((played - written).abs() < 0.05, "{played} {written}");
    }
}

#[test]
fn swung_notes_are_written_even() {
    let swing = |beat: f64| {
        let phase = beat - beat.floor();
        let swung = if phase < 0.5 { phase * 1.24 } else { 0.62 + (phase - 0.5) * 0.76 };
        steady(beat.floor() + swung)
    };
    let mut score = song();
    for note in &mut score.tracks[0].notes {
        note.length = note.length.max(Ticks(240));
    }
    let notation = notate(&played(&score, swing), Listen::Auto);
    let swing = notation.heard.unwrap().swing.unwrap();
    assert!((0.58..0.66).contains(&swing), "{swing}");
    let onsets = |score: &Score| plain(score).into_iter().map(|note| (note.0, note.2)).collect::<Vec<_>>();
    assert_eq!(onsets(&notation.score), onsets(&song()));
}

#[test]
fn what_lies_on_its_grid_stays_as_it_is() {
    let score = song();
    assert!(is_on_grid(&score));
    assert_eq!(notate(&score, Listen::Auto).score, score);
    let free = played(&score, slowing);
    assert_eq!(written(&free), Written::Free);
    assert_eq!(notate(&free, Listen::File).score, free);
    // Played to a click at the file's own 120: its beats hold.
    let click = played(&score, |beat| 0.5 * beat + 0.012);
    assert_eq!(written(&click), Written::NearGrid);
    let notation = notate(&click, Listen::Auto);
    assert!(notation.heard.unwrap().click);
    assert_eq!(plain(&notation.score), plain(&score));
}

#[test]
fn a_performance_transposed_or_later_has_the_same_beats() {
    let performance = played(&song(), slowing);
    let heard = beats(&performance);
    let higher = cantus_score::edit::transposed(&performance, 1).unwrap();
    assert_eq!(beats(&higher).beats.len(), heard.beats.len());
    let mut later = performance;
    for note in &mut later.tracks[0].notes {
        note.start += Ticks(9600);
    }
    for (a, b) in heard.beats.iter().zip(&beats(&later).beats) {
        assert!((a.seconds.0 + 10.0 - b.seconds.0).abs() < 1e-6);
    }
}

#[test]
fn long_music_is_followed_across_blocks() {
    let pulses: Vec<track::Pulse> = (0..12_000)
        .map(|number| track::Pulse {
            seconds: f64::from(number) * 0.35,
            strength: if number % 2 == 0 { 1.0 } else { -1.0 },
        })
        .collect();
    let places = track::track(&pulses, 1.0, &track::Weights::DEFAULT);
    assert_eq!(places.len(), pulses.len());
    for pair in places.windows(2) {
        assert_eq!(pair[1].parts - pair[0].parts, track::PARTS / 2);
    }
}

fn of_notes(notes: Vec<(u32, u32, i64)>, channel: Channel) -> Score {
    let mut score = Score::new(Resolution::STANDARD);
    let mut track = Track::new("", channel, Program::PIANO);
    for (start, length, key) in notes {
        track.notes.push(Note::new(Ticks(start), Ticks(length), Pitch::saturating(key)));
    }
    score.tracks.push(track);
    score
}

#[test]
fn odd_music_is_written_down_all_the_same() {
    let late = u32::MAX - 7;
    let odd: [Vec<(u32, u32, i64)>; 7] = [
        vec![],
        vec![(17, 100, 60)],
        (0..100).map(|key| (13, 50, key)).collect(),
        vec![(0, 10, 60), (late, 5, 62)],
        (0..20).map(|number| (number * 57_601, 9_000, 60)).collect(),
        (0..300).map(|number| (number * 7, 0, 60 + i64::from(number % 3))).collect(),
        vec![(0, u32::MAX, 60), (333, u32::MAX, 61), (911, 1, 62)],
    ];
    for notes in odd {
        for channel in [Channel::MIN, Channel::DRUMS] {
            let score = of_notes(notes.clone(), channel);
            for listen in [Listen::Auto, Listen::Always] {
                let notation = notate(&score, listen);
                assert_eq!(notation.score.note_count() == 0, notes.is_empty());
                assert!(beats(&score).beats.len() < 500);
                assert!(
                    notation
                        .score
                        .tracks
                        .iter()
                        .flat_map(|track| &track.notes)
                        .all(|note| note.pitch <= Pitch::MAX)
                );
            }
        }
    }
}

/// Strokes of drums at places of sixteen bars, in 24ths of a quarter, as loud as their key.
fn beat_of(places: &[(u32, i64)]) -> Score {
    let stroke = |bar: u32, (at, key): &(u32, i64)| {
        let note = Note::new(Ticks(bar * 1920 + at * 20), Ticks(120), Pitch::saturating(*key));
        note.with_velocity(Velocity::saturating(*key))
    };
    let mut score = Score::new(Resolution::STANDARD);
    score.meters.push(Timed::new(Ticks::ZERO, Meter::FOUR_FOUR));
    let mut track = Track::new("", Channel::DRUMS, Program::PIANO);
    track.notes = (0..16).flat_map(|bar| places.iter().map(move |place| stroke(bar, place))).collect();
    track.notes.sort_unstable();
    score.tracks.push(track);
    score
}

#[test]
fn drums_that_were_played_lie_on_their_beats() {
    let rock =
        [(0, 36), (0, 42), (12, 42), (24, 38), (24, 42), (36, 42), (42, 36), (48, 42), (72, 38), (84, 46)];
    let swung = [(0, 36), (0, 51), (24, 51), (40, 51), (48, 38), (48, 51), (72, 51), (88, 51), (88, 38)];
    for places in [rock.as_slice(), swung.as_slice()] {
        let score = beat_of(places);
        let mut free = played(&score, |beat| 0.5 * beat);
        free.meters.clone_from(&score.meters);
        assert_eq!(drums_on_beats(&free).as_ref().map(plain), Some(plain(&score)));
        let mut edges = free.clone();
        for note in &mut edges.tracks[0].notes {
            let key = match note.pitch.get() {
                42 => 22,
                46 => 26,
                38 => 40,
                key => key,
            };
            note.pitch = Pitch::saturating(i64::from(key));
        }
        assert_eq!(drums_on_beats(&edges), drums_on_beats(&free), "edges and rims are the same drums");
        let loud = |score: &Score| -> Vec<_> {
            let mut all: Vec<_> = score.tracks[0].notes.iter().map(|note| note.velocity).collect();
            all.sort_unstable();
            all
        };
        assert_eq!(drums_on_beats(&free).as_ref().map(loud), Some(loud(&score)));
        assert_eq!(drums_on_beats(&score), None, "what lies on its grid stays");
        let mut with_others = free.clone();
        with_others.tracks.extend(song().tracks);
        assert_eq!(drums_on_beats(&with_others), None, "music with pitches stays");
    }
    assert_eq!(drums_on_beats(&Score::new(Resolution::STANDARD)), None);
}
