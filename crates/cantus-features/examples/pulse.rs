//! Judges how beats are heard: `pulse pop|pmd|groove FOLDER [first] [half]`.
//!
//! The folders are the unpacked archives of `pop/pop909`, `piano/piano_midi_de` and `drums/groove`.
//! Beats and bars are compared with the annotation (or with the file's own tempo map, which is taken away before), by the
//! F-measure with a tolerance of 70 ms, the first five seconds left out, as `mir_eval` does.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "telling numbers is what it is for")]

use std::fs;
use std::path::{Path, PathBuf};

use cantus_features::pulse::{self, track::Weights};
use cantus_score::{Beats, Note, Resolution, Score, Seconds, Strictness, Ticks, edit, kern, midi};

struct Truth {
    name: String,
    score: Score,
    beats: Vec<f64>,
    downbeats: Vec<f64>,
    own_grid: Vec<f64>,
    /// What is written, note for note, where that is known.
    written: Option<Score>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (what, folder) = (arguments[0].as_str(), PathBuf::from(&arguments[1]));
    let most: usize = arguments.get(2).and_then(|text| text.parse().ok()).unwrap_or(usize::MAX);
    let half: Option<u64> = arguments.get(3).and_then(|text| text.parse().ok());
    let mode = arguments.get(4).map_or("judge", String::as_str);
    // `both` reads the folders `pop909` and `pmd` below.
    let folders = if what == "both" {
        vec![folder.join("pop909"), folder.join("pmd"), folder.join("pmd")]
    } else {
        vec![folder]
    };
    let truths: Vec<Truth> = folders
        .iter()
        .enumerate()
        .flat_map(|(turn, folder)| {
            files(folder)
                .into_iter()
                .filter(|path| {
                    half.is_none_or(|half| hash(&path.file_name().unwrap().to_string_lossy()) % 2 == half)
                })
                .skip(if turn == 2 { most } else { 0 })
                .take(most)
                .filter_map(|path| match what {
                    "pop" => pop(&path),
                    "kern" => composed(&path),
                    "both" if turn == 0 => pop(&path),
                    _ => own(&path, what),
                })
                .collect::<Vec<_>>()
        })
        .collect();
    match mode {
        "fit" => fit(&truths),
        "fitbars" => fit_bars(&truths),
        "tune" => tune(&truths),
        "notes" => notes(&truths, false),
        "notes-each" => notes(&truths, true),
        "grid" => on_grid(&truths),
        "levels" => levels(&truths),
        _ => judge(&truths, mode == "each"),
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "mid" || end == "krn") {
            found.push(path);
        }
    }
    found
}

fn hash(text: &str) -> u64 {
    let mixed = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    mixed >> 20
}

fn pop(path: &Path) -> Option<Truth> {
    let score = midi::read(&fs::read(path).ok()?, Strictness::Tolerant).ok()?.value;
    let text = fs::read_to_string(path.with_extension("").join("beat_midi.txt")).ok()?;
    let rows: Vec<Vec<f64>> = text
        .lines()
        .map(|line| line.split_whitespace().filter_map(|number| number.parse().ok()).collect())
        .collect();
    let beats: Vec<f64> = rows.iter().map(|row| row[0]).collect();
    let downbeats = rows.iter().filter(|row| row[2] > 0.5).map(|row| row[0]).collect();
    let own_grid = grid(&score);
    Some(Truth {
        name: path.display().to_string(),
        score: stripped(&score),
        beats,
        downbeats,
        own_grid,
        written: None,
    })
}

/// The beats that a file claims.
fn grid(score: &Score) -> Vec<f64> {
    let map = score.tempo_map();
    beats_of(score).0.into_iter().map(|at| map.seconds(at).0).collect()
}

fn beats_of(score: &Score) -> (Vec<Ticks>, Vec<Ticks>) {
    let lines = score.bar_lines();
    let (mut beats, end) = (Vec::new(), score.end());
    for (index, &line) in lines.iter().enumerate() {
        let next = lines.get(index + 1).copied().unwrap_or(end);
        let beat = score.meter_at(line).beat(score.resolution);
        let mut at = line;
        while at < next {
            beats.push(at);
            at += beat;
        }
    }
    (beats, lines)
}

fn own(path: &Path, what: &str) -> Option<Truth> {
    let score = midi::read(&fs::read(path).ok()?, Strictness::Tolerant).ok()?.value;
    if score.note_count() < 20 {
        return None;
    }
    if what == "groove" && !path.to_string_lossy().contains("_beat_") {
        return None;
    }
    let map = score.tempo_map();
    let first = score.tracks.iter().filter_map(|track| track.notes.first()).map(|note| note.start).min()?;
    let (beats, downbeats) = beats_of(&score);
    let heard = |all: Vec<Ticks>| -> Vec<f64> {
        all.into_iter().filter(|at| *at >= first).map(|at| map.seconds(at).0).collect()
    };
    let plain = stripped(&score);
    let own_grid = grid(&plain);
    Some(Truth {
        name: path.display().to_string(),
        score: plain,
        beats: heard(beats),
        downbeats: heard(downbeats),
        own_grid,
        written: Some(score),
    })
}

/// The same performance at 120 quarters a minute, without metre.
fn stripped(score: &Score) -> Score {
    let map = score.tempo_map();
    let mut plain = score.clone();
    plain.resolution = Resolution::STANDARD;
    let ticks = |at: Ticks| plain.resolution.ticks(Beats(map.seconds(at).0 * 2.0));
    for track in &mut plain.tracks {
        for note in &mut track.notes {
            let (start, end) = (ticks(note.start), ticks(note.end()));
            *note = Note { start, length: end.saturating_sub(start), ..*note };
        }
        for control in &mut track.controls {
            control.at = ticks(control.at);
        }
        track.texts.clear();
    }
    (plain.tempos, plain.meters, plain.keys) = (Vec::new(), Vec::new(), Vec::new());
    plain.texts.clear();
    plain
}

fn f_measure(truth: &[f64], heard: &[f64]) -> f64 {
    let cut = |all: &[f64]| -> Vec<f64> { all.iter().copied().filter(|&time| time >= 5.0).collect() };
    let (truth, heard) = (cut(truth), cut(heard));
    let (mut hits, mut at) = (0.0, 0);
    for &time in &truth {
        while at < heard.len() && heard[at] < time - 0.07 {
            at += 1;
        }
        if at < heard.len() && heard[at] <= time + 0.07 {
            hits += 1.0;
            at += 1;
        }
    }
    if truth.is_empty() || heard.is_empty() { 0.0 } else { 2.0 * hits / (truth.len() + heard.len()) as f64 }
}

fn judge(truths: &[Truth], each: bool) {
    let weights = changed(Weights::DEFAULT);
    let (mut beats, mut bars, mut plain, mut best) = (0.0, 0.0, 0.0, 0.0);
    for truth in truths {
        let heard = pulse::beats_with(&truth.score, &weights);
        let times: Vec<f64> = heard.beats.iter().map(|beat| beat.seconds.0).collect();
        let firsts: Vec<f64> =
            heard.beats.iter().filter(|beat| beat.place == 0).map(|beat| beat.seconds.0).collect();
        let f = f_measure(&truth.beats, &times);
        let f_bars = f_measure(&truth.downbeats, &firsts);
        let halves = |odd: usize| times.iter().copied().skip(odd).step_by(2).collect::<Vec<f64>>();
        let doubled: Vec<f64> =
            times.windows(2).flat_map(|pair| [pair[0], f64::midpoint(pair[0], pair[1])]).collect();
        let any = [
            f,
            f_measure(&truth.beats, &halves(0)),
            f_measure(&truth.beats, &halves(1)),
            f_measure(&truth.beats, &doubled),
        ]
        .into_iter()
        .fold(0.0, f64::max);
        beats += f;
        bars += f_bars;
        best += any;
        plain += f_measure(&truth.beats, &truth.own_grid);
        if each {
            let beat = |all: &[f64]| {
                let mut gaps: Vec<f64> = all.windows(2).map(|pair| pair[1] - pair[0]).collect();
                gaps.sort_by(f64::total_cmp);
                gaps.get(gaps.len() / 2).copied().unwrap_or(0.0)
            };
            println!(
                "{f:.3} {f_bars:.3} any {any:.3} true {:.3} heard {:.3} {}",
                beat(&truth.beats),
                beat(&times),
                truth.name
            );
        }
    }
    let count = truths.len() as f64;
    println!(
        "{} pieces: beats {:.4} (any level {:.4}), bars {:.4}; plain grid {:.4}",
        truths.len(),
        beats / count,
        best / count,
        bars / count,
        plain / count
    );
}

/// Weights changed by `name=value` in the variable `PULSE`.
fn changed(mut weights: Weights) -> Weights {
    for change in std::env::var("PULSE").unwrap_or_default().split_whitespace() {
        let (name, value) = change.split_once('=').unwrap();
        let value: f64 = value.parse().unwrap();
        let index = |prefix: &str| name.strip_prefix(prefix).and_then(|digit| digit.parse::<usize>().ok());
        match name {
            "silent" => weights.silent = value,
            "ornament" => weights.ornament = value,
            "division" => weights.division = value,
            "bend" => weights.bend = value,
            "jitter" => weights.jitter = value,
            "stretch" => weights.stretch = value,
            "outlier" => weights.outlier = value,
            "period" => weights.period = value,
            "prior" => weights.prior = value,
            _ => {
                if let Some(kind) = index("kind") {
                    weights.kinds[kind] = value;
                } else if let Some(kind) = index("strength") {
                    weights.strength[kind] = value;
                }
            }
        }
    }
    weights
}

fn fit(truths: &[Truth]) {
    let mut rows: Vec<([f64; pulse::FEATURES], bool, bool)> = Vec::new();
    let near = |all: &[f64], time: f64| {
        let after = all.partition_point(|&beat| beat < time - 0.04);
        all.get(after).is_some_and(|&beat| beat <= time + 0.04)
    };
    for truth in truths {
        for onset in pulse::onsets_of(&truth.score) {
            let time = onset.seconds.0;
            rows.push((onset.features, near(&truth.beats, time), near(&truth.downbeats, time)));
        }
    }
    println!("beat");
    regress(&rows.iter().map(|row| (row.0, row.1)).collect::<Vec<_>>());
    println!("downbeat among beats");
    regress(&rows.iter().filter(|row| row.1).map(|row| (row.0, row.2)).collect::<Vec<_>>());
}

fn fit_bars(truths: &[Truth]) {
    let mut rows = Vec::new();
    let near = |all: &[f64], time: f64| {
        let after = all.partition_point(|&beat| beat < time - 0.05);
        all.get(after).is_some_and(|&beat| beat <= time + 0.05)
    };
    for truth in truths {
        let (times, features) = pulse::beat_features(&truth.score);
        let hits = times.iter().filter(|time| near(&truth.beats, **time)).count();
        // Only where the level is right.
        if hits * 10 < times.len() * 9 || hits * 10 < truth.beats.len() * 9 {
            continue;
        }
        for (time, features) in times.iter().zip(features) {
            if near(&truth.beats, *time) {
                rows.push((features, near(&truth.downbeats, *time)));
            }
        }
    }
    regress(&rows);
}

fn regress<const N: usize>(rows: &[([f64; N], bool)]) {
    let mut weights = vec![0.0; N + 1];
    let value = |weights: &[f64], row: &[f64; N]| -> f64 {
        weights[N] + row.iter().zip(weights).map(|(x, w)| x * w).sum::<f64>()
    };
    for epoch in 0..12 {
        let rate = 0.02 / (1.0 + epoch as f64);
        for number in 0..rows.len() {
            let row = &rows[(number * 7919) % rows.len()];
            let error = f64::from(u8::from(row.1)) - 1.0 / (1.0 + (-value(&weights, &row.0)).exp());
            for (weight, x) in weights.iter_mut().zip(row.0.iter().chain([&1.0])) {
                *weight += rate * error * x;
            }
        }
    }
    let right = rows.iter().filter(|row| (value(&weights, &row.0) > 0.0) == row.1).count();
    let yes = rows.iter().filter(|row| row.1).count() as f64 / rows.len() as f64;
    println!("  {} rows, {yes:.3} yes, {:.3} right", rows.len(), right as f64 / rows.len() as f64);
    let text: Vec<String> = weights.iter().map(|weight| format!("{weight:.3}")).collect();
    println!("  {}", text.join(", "));
}

const NAMES: [&str; 21] = [
    "silent",
    "prior",
    "period",
    "bend",
    "ornament",
    "division",
    "jitter",
    "stretch",
    "outlier",
    "kind1",
    "kind2",
    "kind3",
    "kind4",
    "kind5",
    "strength0",
    "strength1",
    "strength2",
    "strength3",
    "strength4",
    "strength5",
    "ornament",
];

fn slot<'a>(weights: &'a mut Weights, name: &str) -> &'a mut f64 {
    let index = |prefix: &str| name.strip_prefix(prefix).and_then(|digit| digit.parse::<usize>().ok());
    match name {
        "silent" => &mut weights.silent,
        "ornament" => &mut weights.ornament,
        "division" => &mut weights.division,
        "bend" => &mut weights.bend,
        "jitter" => &mut weights.jitter,
        "stretch" => &mut weights.stretch,
        "outlier" => &mut weights.outlier,
        "period" => &mut weights.period,
        "prior" => &mut weights.prior,
        _ => match index("kind") {
            Some(kind) => &mut weights.kinds[kind],
            None => &mut weights.strength[index("strength").unwrap()],
        },
    }
}

/// One weight after the other takes the value under which beats are heard best.
fn tune(truths: &[Truth]) {
    let short: Vec<(Vec<pulse::track::Pulse>, Vec<f64>)> = truths
        .iter()
        .map(|truth| {
            let mut pulses = pulse::pulses_of(&truth.score);
            pulses.retain(|pulse| pulse.seconds < 75.0);
            let beats = truth.beats.iter().copied().filter(|&beat| beat < 75.0).collect();
            (pulses, beats)
        })
        .collect();
    let one = |weights: &Weights, piece: &(Vec<pulse::track::Pulse>, Vec<f64>)| {
        let times = pulse::track::beat_times(&piece.0, &pulse::track::track(&piece.0, 1.0, weights), 1.0);
        f_measure(&piece.1, &times)
    };
    let value = |weights: &Weights| -> f64 {
        let middle = short.len() / 2;
        let (left, right) = short.split_at(middle);
        let sum = |part: &[(Vec<pulse::track::Pulse>, Vec<f64>)]| {
            part.iter().map(|piece| one(weights, piece)).sum::<f64>()
        };
        let total = std::thread::scope(|scope| {
            let other = scope.spawn(|| sum(left));
            sum(right) + other.join().unwrap()
        });
        total / short.len() as f64
    };
    let mut weights = changed(Weights::DEFAULT);
    let mut best = value(&weights);
    println!("{best:.4}");
    let mut step = 0.35;
    for _ in 0..4 {
        for name in NAMES {
            for sign in [1.0, -1.0] {
                let mut trial = weights.clone();
                let place = slot(&mut trial, name);
                *place += sign * step * place.abs().max(0.3_f64.min(place.abs() + 0.2));
                let here = value(&trial);
                if here > best + 1e-4 {
                    best = here;
                    println!("{best:.4} {name}={:.4}", slot(&mut trial, name));
                    weights = trial;
                    break;
                }
            }
        }
        step *= 0.7;
        println!("{weights:?}");
    }
}

/// A score in kern, played by somebody who bends the tempo and is not exact; always the same for one file.
fn composed(path: &Path) -> Option<Truth> {
    let sheet = kern::read(&fs::read(path).ok()?, Strictness::Tolerant).ok()?.value;
    let score = sheet.as_written();
    if score.note_count() < 40 || score.meters.is_empty() {
        return None;
    }
    let mut state = hash(&path.file_name()?.to_string_lossy()) | 1;
    let mut uniform = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let (beats, downbeats) = beats_of(&score);
    let base = 0.4 + 0.5 * uniform();
    // The eighths of 3/8 go faster than quarters.
    let meter = score.meter_at(score.pickup());
    let base =
        if meter.unit() >= 8 && meter.beats() % 3 == 0 && meter.beats() <= 3 { base / 2.0 } else { base };
    let depth = 0.12 * uniform();
    let (mut times, mut drift, mut now) = (Vec::new(), 0.0, 0.3);
    for number in 0..=beats.len() {
        times.push(now);
        drift = 0.8 * drift + 0.05 * (uniform() + uniform() - 1.0);
        let arch = depth * (number as f64 / 16.0 * std::f64::consts::TAU).cos();
        now += base * (1.0 + arch + drift);
    }
    let time = |at: Ticks| {
        let after = beats.partition_point(|&beat| beat <= at).clamp(1, beats.len() - 1);
        let (left, right) = (beats[after - 1].0 as f64, beats[after].0 as f64);
        let share = (at.0 as f64 - left) / (right - left);
        times[after - 1] + share * (times[after] - times[after - 1])
    };
    let first = score.tracks.iter().filter_map(|track| track.notes.first()).map(|note| note.start).min()?;
    let mut plain = stripped(&score);
    for (track, written) in plain.tracks.iter_mut().zip(&score.tracks) {
        for (note, written) in track.notes.iter_mut().zip(&written.notes) {
            let jitter = 0.02 * (uniform() + uniform() + uniform() - 1.5);
            let (begin, end) = (time(written.start), time(written.end()));
            let sounding = (end - begin) * (0.7 + 0.35 * uniform());
            note.start = plain.resolution.ticks(Beats((begin + jitter).max(0.0) * 2.0));
            note.length = plain.resolution.ticks(Beats(sounding * 2.0));
        }
    }
    let heard =
        |all: &[Ticks]| -> Vec<f64> { all.iter().filter(|at| **at >= first).map(|&at| time(at)).collect() };
    let own_grid = grid(&plain);
    Some(Truth {
        name: path.display().to_string(),
        beats: heard(&beats),
        downbeats: heard(&downbeats),
        own_grid,
        score: plain,
        written: Some(score),
    })
}

/// The share of notes whose place in the beat is right, whose value is right, and both; then the same where all values may
/// be, say, twice as long as those of the score.
fn right_notes(truth: &Truth, notated: &Score) -> [f64; 6] {
    let pairs = pairs(truth, notated);
    let strict = share(&pairs, 1.0);
    let free = [0.25, 1.0 / 3.0, 0.5, 2.0 / 3.0, 1.0, 1.5, 2.0, 3.0, 4.0].map(|factor| share(&pairs, factor));
    let best = free.into_iter().fold([0.0; 3], |best, share| if share[2] > best[2] { share } else { best });
    [strict[0], strict[1], strict[2], best[0], best[1], best[2]]
}

/// A note as it is written and as it was notated: place since the last change of metre, beat, and length, in quarters.
type Pair = [(f64, f64, f64); 2];

fn share(pairs: &[Option<Pair>], factor: f64) -> [f64; 3] {
    let mut counts = [0.0; 3];
    for [written, notated] in pairs.iter().flatten() {
        let (at, beat, length) = (notated.0 * factor, notated.1 * factor, notated.2 * factor);
        let unit = if (factor - 1.0).abs() < 1e-9 { written.1 } else { written.1.min(beat) };
        let off = ((written.0 - at) / unit).rem_euclid(1.0);
        let place = off.min(1.0 - off) < 0.035;
        let ratio = (written.2 / length).max(length / written.2);
        let value = ratio < 1.3;
        for (count, right) in counts.iter_mut().zip([place, value, place && value]) {
            *count += f64::from(u8::from(right));
        }
    }
    counts.map(|count| count / pairs.len().max(1) as f64)
}

fn pairs(truth: &Truth, notated: &Score) -> Vec<Option<Pair>> {
    let written = truth.written.as_ref().unwrap();
    let (map, own) = (truth.score.tempo_map(), notated.tempo_map());
    let first = |score: &Score| {
        score
            .tracks
            .iter()
            .filter_map(|track| track.notes.first())
            .map(|note| note.start)
            .min()
            .unwrap_or_default()
    };
    let shift = own.seconds(first(notated)).0 - map.seconds(first(&truth.score)).0;
    let facts = |score: &Score, note: &Note| {
        let line = score
            .meters
            .iter()
            .rev()
            .find(|meter| meter.at <= note.start)
            .map_or(Ticks::ZERO, |meter| meter.at);
        let quarters = |ticks: Ticks| score.resolution.beats(ticks).0;
        let beat = score.meter_at(note.start).beat(score.resolution);
        (quarters(note.start) - quarters(line), quarters(beat), quarters(note.length))
    };
    let mut all = Vec::new();
    for ((track, played), found) in written.tracks.iter().zip(&truth.score.tracks).zip(&notated.tracks) {
        for (note, played) in track.notes.iter().zip(&played.notes) {
            let now = map.seconds(played.start).0 + shift;
            let near = |seconds: f64| own.ticks(Seconds(seconds.max(0.0)));
            let begin = found.notes.partition_point(|other| other.start < near(now - 0.4));
            let around = found.notes[begin..].iter().take_while(|other| other.start <= near(now + 0.4));
            let same = around.filter(|other| other.pitch == note.pitch).min_by(|a, b| {
                let off = |other: &Note| (own.seconds(other.start).0 - now).abs();
                off(a).total_cmp(&off(b))
            });
            all.push(same.map(|other| [facts(written, note), facts(notated, other)]));
        }
    }
    all
}

fn notes(truths: &[Truth], each: bool) {
    let (mut sums, mut plain) = ([0.0; 6], [0.0; 6]);
    for truth in truths {
        let notation = pulse::notate(&truth.score, pulse::Listen::Always);
        let right = right_notes(truth, &notation.score);
        let grid = right_notes(truth, &edit::quantised(&truth.score, 4));
        for index in 0..6 {
            sums[index] += right[index];
            plain[index] += grid[index];
        }
        if each {
            let heard = notation.heard.map(|heard| heard.to_string()).unwrap_or_default();
            println!(
                "{:.3?} plain {:.3?} {} {heard} (is {:?})",
                right,
                grid,
                truth.name,
                truth
                    .written
                    .as_ref()
                    .and_then(|score| score.meters.first())
                    .map(|meter| meter.value.to_string())
            );
        }
    }
    let count = truths.len() as f64;
    println!(
        "{} pieces: place, value, both; the same at any level: {:.3?}; plain grid of sixteenths {:.3?}",
        truths.len(),
        sums.map(|sum| sum / count),
        plain.map(|sum| sum / count)
    );
}

fn on_grid(truths: &[Truth]) {
    let count = |scores: &mut dyn Iterator<Item = &Score>| {
        let mut counts = [0; 3];
        for score in scores {
            counts[pulse::written(score) as usize] += 1;
        }
        counts
    };
    println!(
        "as in the file [on, near, free]: {:?}",
        count(&mut truths.iter().filter_map(|truth| truth.written.as_ref()))
    );
    println!("as played [on, near, free]: {:?}", count(&mut truths.iter().map(|truth| &truth.score)));
}

fn levels(truths: &[Truth]) {
    for truth in truths {
        let pulses = pulse::pulses_of(&truth.score);
        let places = pulse::track::track(&pulses, 1.0, &Weights::DEFAULT);
        let times = pulse::track::beat_times(&pulses, &places, 1.0);
        let gap = |all: &[f64]| {
            let mut gaps: Vec<f64> = all.windows(2).map(|pair| pair[1] - pair[0]).collect();
            gaps.sort_by(f64::total_cmp);
            gaps.get(gaps.len() / 2).copied().unwrap_or(0.5)
        };
        let mut kinds = [0.0; 6];
        for place in &places {
            let kind = match place.parts % 24 {
                0 => 0,
                12 => 1,
                6 | 18 => 2,
                8 | 16 => 4,
                4 | 20 => 5,
                _ => 3,
            };
            kinds[kind] += 1.0 / places.len() as f64;
        }
        let full = kinds[0] * places.len() as f64 / times.len() as f64;
        let heard = pulse::beats(&truth.score);
        let three = heard.beats.iter().filter(|beat| beat.of == 3).count() as f64 / heard.beats.len() as f64;
        let two = heard.beats.iter().filter(|beat| beat.of == 2).count() as f64 / heard.beats.len() as f64;
        println!(
            "{:.2} {:.3} full {full:.2} kinds {kinds:.2?} three {three:.2} two {two:.2} {}",
            gap(&truth.beats) / gap(&times),
            gap(&times),
            truth.name.rsplit('/').next().unwrap()
        );
    }
}
