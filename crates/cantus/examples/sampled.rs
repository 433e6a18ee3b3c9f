//! Composes pieces of each style to the frames of real ones, for measuring beside them: `sampled CORPUS OUT [COUNT] [STYLE,…] [NAME:NATS,…] [TEMPERATURE] [TOP_P]`.
//!
//! Frames (metre, tempo, number of bars, the key heard) are those of held-out pieces, over and over; of a longer piece 32
//! bars are taken, and of a composed one that is longer as many. `OUT/STYLE/real` and `OUT/STYLE/made` get MIDI files without any
//! performance, both from the same grid. Printed, one line of JSON a style: how many openings differ, how much pieces share with each other, and how
//! long the longest passage is that a piece shares with the training pieces of its style, in any key, of composed and real pieces; the same is in
//! `OUT/STYLE/told.json`. `benches/sampled.py` measures the files. `chain` among the styles composes chorales by a chain of variable order, for comparison.

#![allow(clippy::print_stdout, reason = "telling numbers is what it is for")]

use std::collections::{BTreeSet, HashSet};
use std::error::Error;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use cantus_compose::{Composer, Request, Restraint, Steer as _, excerpt, in_frame_of};
use cantus_model::corpus::{self, Corpus, ScanOptions, Split};
use cantus_model::encoding::{STEPS_PER_QUARTER, Sliced};
use cantus_model::model::Model;
use cantus_model::styles::Style;
use cantus_model::voices::{self, Markov, VoicedPiece};
use cantus_nn::Rng;
use cantus_score::midi;
use serde_json::json;

/// Notes of an opening.
const OPENING: usize = 8;
/// Notes of the passages by which pieces are compared with each other.
const PASSAGE: usize = 8;
/// Lengths of passages, in notes, that are looked for in training pieces.
const LENGTHS: [usize; 10] = [4, 6, 8, 12, 16, 24, 32, 48, 64, 96];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(corpus), Some(out)) = (arguments.next(), arguments.next().map(PathBuf::from)) else {
        return Err("usage: sampled CORPUS OUT [COUNT] [STYLE,…] [NAME:NATS,…] [TEMPERATURE] [TOP_P]".into());
    };
    let count: usize = arguments.next().map_or(Ok(200), |count| count.parse())?;
    let styles = arguments.next().filter(|styles| styles != "all");
    let avoided = arguments.next().unwrap_or_default();
    let sampler =
        [arguments.next(), arguments.next()].map(|number| number.and_then(|number| number.parse().ok()));
    let model = Model::from_bytes(cantus_weights::DEFAULT)?;
    let choir = voices::Model::from_bytes(cantus_weights::CHORALES)?;
    let drummers = Model::from_bytes(cantus_weights::DRUMMERS)?;
    let composer = Composer::new(&model).with_choir(&choir)?.with_drummers(&drummers);
    let corpus = corpus::scan(&[corpus.into()], &ScanOptions::default(), &|_| ())?;
    let is_asked = |style: &&Style| {
        styles.as_ref().is_none_or(|asked| asked.split(',').any(|asked| asked == style.name))
    };
    if styles.as_ref().is_some_and(|asked| asked.split(',').any(|asked| asked == CHAIN)) {
        of_chain(&corpus, &model, &out, count)?;
    }
    for style in model.styles.iter().filter(is_asked) {
        let training = pieces(&corpus, style, &[Split::Train]);
        let held_out = pieces(&corpus, style, &[Split::Valid, Split::Test]);
        let real: Vec<Sliced> = held_out.iter().map(excerpt).filter(|piece| piece.note_count() > 0).collect();
        let begin = Instant::now();
        let mut made = Vec::new();
        for (seed, frame) in (1..=count as u64).zip(real.iter().cycle()) {
            let request = request(frame, style, seed, (&avoided, sampler))?;
            let composition = composer.compose(&request)?;
            made.push(excerpt(&Sliced::of_score(&composition.score)));
        }
        let each = begin.elapsed().as_secs_f64() / made.len().max(1) as f64;
        tell(&out, (&style.name, each), [&made, &real], &training)?;
    }
    Ok(())
}

/// The name by which a chain of variable order is asked for in place of the model.
const CHAIN: &str = "chain";

/// Chorales by a chain of variable order that has counted the training chorales in all keys, as long as real ones.
fn of_chain(corpus: &Corpus, model: &Model, out: &Path, count: usize) -> Result<(), Box<dyn Error>> {
    let style = model.styles.iter().find(|style| style.name == "chorale").ok_or("no chorales")?;
    let training = pieces(corpus, style, &[Split::Train]);
    let voiced: Vec<VoicedPiece> =
        training.iter().filter_map(|piece| VoicedPiece::of_piece(piece).ok()).collect();
    let chain = Markov::learn(&voiced, 12);
    let real = pieces(corpus, style, &[Split::Valid, Split::Test]);
    let begin = Instant::now();
    let compose = |(seed, frame): (u64, &Sliced)| {
        let sixteenths = frame.end().div_ceil(STEPS_PER_QUARTER / 4) as usize;
        let notes = chain.compose(sixteenths, &mut Rng::new(seed)).notes();
        Sliced { pickup: 0, ..frame.clone() }.with_notes(notes)
    };
    let made: Vec<Sliced> = (1..=count as u64).zip(real.iter().cycle()).map(compose).collect();
    let each = begin.elapsed().as_secs_f64() / made.len().max(1) as f64;
    tell(out, (CHAIN, each), [&made, &real], &training)
}

/// Writes composed and real pieces, and prints what is measured of them; composing took so many seconds each.
fn tell(
    out: &Path,
    (name, each): (&str, f64),
    [made, real]: [&Vec<Sliced>; 2],
    training: &[Sliced],
) -> Result<(), Box<dyn Error>> {
    write(&out.join(name).join("made"), made)?;
    write(&out.join(name).join("real"), real)?;
    let reach = [made, real].map(|pieces| longest_shared(pieces, training));
    let told = json!({
            "style": name,
            "made": made.len(),
            "real": real.len(),
            "seconds to compose": each,
            "distinct openings": { "made": distinct_openings(made), "real": distinct_openings(real) },
            "passages shared by two pieces": { "made": overlap(made), "real": overlap(real) },
            "longest passage in training, notes": { "made": quantiles(&reach[0]), "real": quantiles(&reach[1]) },
    });
    println!("{told}");
    fs::write(out.join(name).join("told.json"), told.to_string())?;
    Ok(())
}

fn pieces(corpus: &Corpus, style: &Style, splits: &[Split]) -> Vec<Sliced> {
    let all = splits.iter().flat_map(|split| corpus.of(*split));
    all.filter(|piece| piece.style == style.name).map(|piece| Sliced::learned_from(&piece.score)).collect()
}

/// A piece in the frame of a real one.
fn request(
    frame: &Sliced,
    style: &Style,
    seed: u64,
    (avoided, [temperature, top_p]): (&str, [Option<f32>; 2]),
) -> Result<Request, Box<dyn Error>> {
    let mut request = in_frame_of(frame, &style.name, seed)?;
    if let Some(temperature) = temperature {
        request = request.temperature(temperature)?;
    }
    if let Some(top_p) = top_p {
        request = request.top_p(top_p)?;
    }
    for avoided in avoided.split(',').filter(|avoided| !avoided.is_empty()) {
        let (name, nats) = avoided.split_once(':').ok_or("NAME:NATS")?;
        let restraint = Restraint::named(name).ok_or("an unknown restraint")?;
        request = if nats == "never" {
            request.without(restraint)
        } else {
            request.avoid(restraint, nats.parse()?)?
        };
    }
    Ok(request)
}

fn write(folder: &Path, pieces: &[Sliced]) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    for (index, piece) in pieces.iter().enumerate() {
        fs::write(folder.join(format!("{:04}.mid", index + 1)), midi::write(&piece.to_score())?)?;
    }
    Ok(())
}

/// A note after another: the part, semitones from the last note of any part, and the time between them.
type Step = (u8, i16, u32);

fn steps(piece: &Sliced) -> Vec<Step> {
    let notes = piece.slices.iter().flat_map(|slice| slice.notes.iter().map(|note| (slice.at, *note)));
    let notes: Vec<_> = notes.collect();
    let step = |pair: &[(u32, cantus_model::encoding::SliceNote)]| {
        let semitones = i16::from(pair[1].1.pitch.get()) - i16::from(pair[0].1.pitch.get());
        (pair[1].1.part, semitones, pair[1].0 - pair[0].0)
    };
    notes.windows(2).map(step).collect()
}

/// Hashes of all passages of so many notes.
fn passages(piece: &Sliced, notes: usize) -> HashSet<u64> {
    let hash = |steps: &[Step]| {
        let mut hash = DefaultHasher::new();
        steps.hash(&mut hash);
        hash.finish()
    };
    steps(piece).windows(notes - 1).map(hash).collect()
}

/// The share of pieces whose first notes no other piece has, in any key.
fn distinct_openings(pieces: &[Sliced]) -> f64 {
    let openings: Vec<Vec<Step>> =
        pieces.iter().map(|piece| steps(piece).into_iter().take(OPENING - 1).collect()).collect();
    let distinct: BTreeSet<&Vec<Step>> = openings.iter().collect();
    distinct.len() as f64 / openings.len().max(1) as f64
}

/// The mean share of a piece's passages that another piece has as well, over pairs.
fn overlap(pieces: &[Sliced]) -> f64 {
    let all: Vec<HashSet<u64>> = pieces.iter().map(|piece| passages(piece, PASSAGE)).collect();
    let (mut sum, mut pairs) = (0.0, 0);
    for (index, one) in all.iter().enumerate() {
        for other in &all[index + 1..] {
            let shared = one.intersection(other).count();
            sum += shared as f64 / one.len().min(other.len()).max(1) as f64;
            pairs += 1;
        }
    }
    sum / f64::from(pairs.max(1))
}

/// Of each piece, the longest of [`LENGTHS`] such that a passage of so many notes is in a training piece; 0 where none is.
fn longest_shared(pieces: &[Sliced], training: &[Sliced]) -> Vec<usize> {
    let mut longest = vec![0; pieces.len()];
    for length in LENGTHS {
        let known: HashSet<u64> = training.iter().flat_map(|piece| passages(piece, length)).collect();
        for (longest, piece) in longest.iter_mut().zip(pieces) {
            if passages(piece, length).iter().any(|passage| known.contains(passage)) {
                *longest = length;
            }
        }
    }
    longest
}

/// The least, the middle, the ninth of ten, and the greatest.
fn quantiles(values: &[usize]) -> [usize; 4] {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let at = |share: f64| {
        sorted.get((share * sorted.len().saturating_sub(1) as f64) as usize).copied().unwrap_or(0)
    };
    [at(0.0), at(0.5), at(0.9), at(1.0)]
}
