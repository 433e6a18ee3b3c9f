//! Measures a trained model and makes it the built-in one: `default_model RUN/best.safetensors CORPUS [CURVE.json]`; or puts
//! a learning curve into the card of the one that is built in: `default_model --curve CURVE.json`; or measures anew what its styles avoid and
//! the ranges of their parts: `default_model --habits CORPUS`; or teaches critics of some styles:
//! `default_model --critics CORPUS STYLE,…`; or composes pieces of each style anew to measure them: `default_model --composed CORPUS`; or puts what `benches/sampled.py --numbers` found into the card: `default_model --sampled NUMBERS.json`.
//! `default_model --drummers …` does the same with the network of drums alone.
//!
//! The corpus is the one that the model was trained on: a file that `cantus corpus build` made, or folders. Held-out
//! pieces are measured, some pieces of each style are composed and compared with every training piece, and the numbers
//! go into the model's card, together with the learning curve that `cantus eval CORPUS --learning-curve --json` printed.
//! What is written: `crates/cantus-weights/models/default.safetensors` (`drummers.safetensors`) and the card as text beside it.

#![allow(clippy::print_stdout, reason = "telling numbers is what it is for")]

mod card;

use std::collections::{BTreeMap, HashSet};
use std::error::Error;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use cantus_compose::{Composer, Composition, Ending, Request, critic, habits};
use cantus_model::corpus::{self, Corpus, ScanOptions, Split};
use cantus_model::encoding::Sliced;
use cantus_model::evaluate::{Evaluation, evaluate};
use cantus_model::model::{Card, CurvePoint, Model};
use cantus_model::styles::{Style, StylePart};
use cantus_model::training::TrainingSet;
use cantus_model::walk::bar_steps;
use cantus_nn::{Precision, Tape};

/// Pieces composed of each style.
const SAMPLES: u64 = 30;
/// Most held-out pieces of a style and split that are measured.
const MOST_PIECES: usize = 100;
/// Pieces composed in each round of measuring what a style avoids.
const HABIT_PIECES: u64 = 100;
/// Most training pieces that a critic learns from.
const MOST_REAL: usize = 300;
/// Rounds in which a critic is taught, and pieces composed in each.
const CRITIC: (u64, usize) = (3, 150);
/// Bars of each.
const BARS: u32 = 16;
/// Bars in a row that no composed piece should share with a training piece.
const COPIED_BARS: u32 = 4;
/// The grid of the benchmark for chorales: four voices at each sixteenth.
const TOKENS_PER_STEP: f64 = 4.0 / 6.0;

/// A model inside the program.
struct BuiltIn {
    file: &'static str,
    /// As its card begins.
    name: &'static str,
    title: &'static str,
    notes: &'static [&'static str],
}

const DEFAULT: BuiltIn =
    BuiltIn { file: "default", name: "built-in", title: "The built-in model", notes: &NOTES };
const DRUMMERS: BuiltIn = BuiltIn {
    file: "drummers",
    name: "built-in, drums alone",
    title: "The built-in drummers",
    notes: &NOTES_OF_DRUMS,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_of_drums = arguments.first().is_some_and(|first| first == "--drummers");
    let built_in = if is_of_drums { DRUMMERS } else { DEFAULT };
    arguments.drain(..usize::from(is_of_drums));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let scanned = |corpus: &str| corpus::scan(&[corpus.into()], &ScanOptions::default(), &|_| ());
    let mut model = Model::from_bytes(&fs::read(built_in.path().with_extension("safetensors"))?)?;
    match arguments[..] {
        ["--curve", curve] => model.card.curve = curve_of(Path::new(curve))?,
        ["--habits", corpus] => learn_habits(&mut model, &scanned(corpus)?)?,
        ["--composed", corpus] => model.card.numbers.extend(composed(&model, &scanned(corpus)?)?),
        ["--sampled", numbers] => card::add_sampled(&mut model.card, Path::new(numbers))?,
        ["--critics", corpus, styles] => {
            let corpus = scanned(corpus)?;
            for style in styles.split(',') {
                learn_critic(&mut model, style, &corpus)?;
            }
        }
        [trained, corpus] => model = measured(trained, corpus)?,
        [trained, corpus, curve] => {
            model = measured(trained, corpus)?;
            model.card.curve = curve_of(Path::new(curve))?;
        }
        _ => return Err("usage: default_model [--drummers] MODEL CORPUS [CURVE.json]".into()),
    }
    built_in.name.clone_into(&mut model.card.name);
    model.card.notes = built_in.notes.iter().map(|note| (*note).to_owned()).collect();
    built_in.write(&model)
}

/// A trained model with its card: what it learned from, what it was measured to be.
fn measured(trained: &str, corpus: &str) -> Result<Model, Box<dyn Error>> {
    let mut model = Model::from_bytes(&fs::read(trained)?)?;
    let (paths, options) = ([corpus.into()], ScanOptions::default());
    let (set, _) =
        TrainingSet::read(&paths, &options, model.recipe.transposition, &std::env::temp_dir(), &|_| ())?;
    model.styles = set.styles;
    let corpus = corpus::scan(&paths, &options, &|_| ())?;
    let told = std::mem::take(&mut model.card);
    model.card = Card { epochs: told.epochs, curve: told.curve, ..Card::of_corpus("", &corpus) };
    model.card.numbers = costs(&model, &corpus);
    model.card.numbers.extend(composed(&model, &corpus)?);
    learn_habits(&mut model, &corpus)?;
    Ok(model)
}

/// The learning curve that `cantus eval CORPUS --learning-curve --json` printed.
fn curve_of(path: &Path) -> Result<Vec<CurvePoint>, Box<dyn Error>> {
    let mut told: serde_json::Value = serde_json::from_str(&fs::read_to_string(path)?)?;
    Ok(serde_json::from_value(told["points"].take())?)
}

impl BuiltIn {
    /// Its file, but for how the name ends.
    fn path(&self) -> PathBuf {
        Path::new("crates/cantus-weights/models").join(self.file)
    }

    fn write(&self, model: &Model) -> Result<(), Box<dyn Error>> {
        let file = self.path();
        fs::write(file.with_extension("safetensors"), model.to_bytes(Precision::Bf16))?;
        fs::write(file.with_extension("md"), card::as_text(self.title, model.params.count(), &model.card))?;
        Ok(())
    }
}

/// What each style avoids, and the ranges of its parts where they are those of the corpus.
fn learn_habits(model: &mut Model, corpus: &Corpus) -> Result<(), Box<dyn Error>> {
    for index in 0..model.styles.len() {
        let name = model.styles[index].name.clone();
        let training = pieces(corpus, &name, Split::Train);
        let parts = Style::of_pieces(&name, &training.iter().collect::<Vec<_>>()).parts;
        let own = &mut model.styles[index];
        let names = |parts: &[StylePart]| parts.iter().map(|part| part.part.name.clone()).collect::<Vec<_>>();
        if names(&parts) == names(&own.parts) {
            for (own, part) in own.parts.iter_mut().zip(parts) {
                (own.low, own.high) = (part.low, part.high);
            }
        }
        own.avoids.clear();
        model.styles[index].avoids = habits(&Composer::new(model), &name, &some(training), HABIT_PIECES)?;
        println!("{name} avoids {:?}", model.styles[index].avoids);
        model.card.numbers.retain(|what, _| !what.starts_with(&format!("{name}.avoids.")));
        for (what, nats) in &model.styles[index].avoids {
            model.card.numbers.insert(format!("{name}.avoids.{what}"), f64::from(*nats));
        }
    }
    Ok(())
}

/// What tells pieces of a style from those that the network makes of itself.
fn learn_critic(model: &mut Model, name: &str, corpus: &Corpus) -> Result<(), Box<dyn Error>> {
    let style = model.style(name).ok_or("no such style")? as usize;
    let real = spread(pieces(corpus, name, Split::Train), MOST_REAL);
    let learning = model.clone();
    let learnt = critic(name, &real, CRITIC, |critic| {
        println!("{name}: a round of the critic");
        let mut model = learning.clone();
        model.styles[style].critic = Some(critic.clone());
        Ok(Composer::new(&model))
    });
    model.styles[style].critic = learnt?;
    Ok(())
}

/// What works in each style and what does not, as seen in pieces of twelve bars (seeds 21 and 22).
const NOTES: [&str; 15] = [
    "chorale: four voices that keep apart, quarters with passing eighths, rest every two bars or so, and a held end; no phrase answers another. Plain ones are sung by networks of their own, whose card is below.",
    "folk: bars that scan, scales and arpeggios as fiddlers play them, ends on the tonic; some tunes say two or four bars over and over.",
    "song: a voice over chords and broken chords of a piano, at rest at the end; the piano often doubles the voice or holds a chord for bars, and whole phrases may come back unchanged.",
    "piano: two hands within reach, a waltz's or a song's figure kept for some bars; other pieces wander, and the melody has no goal.",
    "motet: four voices in long notes that enter together or one after another, and cross as theirs do; at times all of them stand still for bars on one chord, and no voice imitates another.",
    "sacred: a hymn's four parts in quarters and halves with a clear bass; slower than most of its kind, and long held notes in the upper voices.",
    "ensemble: a melody of runs and held notes over a simple bass, since two parts are what most of its pieces have; parts do not talk to each other.",
    "quartet: four strings whose short figures follow one another; learnt from 116 movements, so keys wander, and a part may rest for long. Only two pieces are held out: little is known of it.",
    "game: riffs of up to a dozen tracks over drums, dense or bare by chance; drums are not a beat, and tracks play side by side. Only six pieces are held out. Its last chord is rarely the tonic's in all tracks: a piece is drawn some 34 times, which takes seconds, and one in ten does not end as asked, which is told.",
    "Drums alone are played by the drummers, whose card is below; the numbers of drums here are those of the network of all styles, which works on drums that were played freely.",
    "The chorales are learnt without fermatas and without repeated notes: in the source a repeated note is a held one.",
    "Songs have no words, and the voice is played by the instrument that its engraver chose.",
    "Only drums, and some of the game's and the musetrainer's pieces, have velocities of their own; performance rules give the others theirs.",
    "Drums are drawn to a grid of 24 to a quarter: what is finer of a drummer's timing is lost.",
    "Form beyond the phrase comes from repeating what was heard; there are no planned sections.",
];

const NOTES_OF_DRUMS: [&str; 6] = [
    "drums-rock: bass drum on one and three, snare drum on two and four as often as in real pieces, under a steady hi-hat or ride; fills are short, and a beat may go on unchanged for long.",
    "drums-funk: eighths of hi-hat, soft snare strokes around the backbeat, the bass drum on one; twice as many snare strokes on one and three as real pieces have.",
    "drums-hiphop: steady hi-hats and a backbeat that is weaker than in real pieces (snare drum on two in 58 of a hundred bars, real 86), with a bass drum too often on three.",
    "drums-jazz: the ride's figure over soft strokes in some pieces; in most the snare drum leads more than it should, and the ride is struck half as often as in real pieces.",
    "drums-latin: ride or hi-hat with the pedal and cross-sticks; on the beats the bass drum is struck half to two thirds as often as in real pieces, and patterns are less bound to a clave.",
    "Drums lie on sixteenths and triplets of their beats; loudness is all that is kept of a drummer's touch. Fills of two bars were left out of what was learnt from.",
];

/// What held-out pieces cost.
fn costs(model: &Model, corpus: &Corpus) -> BTreeMap<String, f64> {
    let mut numbers = BTreeMap::new();
    for style in &model.styles {
        for split in [Split::Valid, Split::Test] {
            let pieces = some(pieces(corpus, &style.name, split));
            let cost = cost(model, &style.name, &pieces);
            let mut tell = |what: &str, value: f64| {
                println!("{} {} {what}: {value:.4}", style.name, split.name());
                numbers.insert(format!("{}.{}.{what}", style.name, split.name()), value);
            };
            tell("nats_per_note", cost.per_note());
            tell("nats_per_slice", cost.per_slice());
            if style.name == "chorale" {
                let tokens: f64 = pieces.iter().map(|piece| f64::from(piece.end()) * TOKENS_PER_STEP).sum();
                tell("nats_per_voice_token", cost.nats() / tokens);
            }
        }
    }
    numbers
}

/// How pieces that are composed obey, and whether they copy.
fn composed(model: &Model, corpus: &Corpus) -> Result<BTreeMap<String, f64>, Box<dyn Error>> {
    let mut numbers = BTreeMap::new();
    let composer = Composer::new(model);
    for style in &model.styles {
        let training = windows_of_all(&pieces(corpus, &style.name, Split::Train));
        for (what, value) in sample(&composer, &style.name, &training)? {
            println!("{} composed {what}: {value:.3}", style.name);
            numbers.insert(format!("{}.composed.{what}", style.name), value);
        }
    }
    Ok(numbers)
}

fn pieces(corpus: &Corpus, style: &str, split: Split) -> Vec<Sliced> {
    let own = corpus.of(split).filter(|piece| piece.style == style);
    own.map(|piece| Sliced::learned_from(&piece.score)).collect()
}

/// Pieces for measuring: all, or as many of them, spread evenly.
fn some(pieces: Vec<Sliced>) -> Vec<Sliced> {
    spread(pieces, MOST_PIECES)
}

fn spread(pieces: Vec<Sliced>, most: usize) -> Vec<Sliced> {
    let every = pieces.len().div_ceil(most).max(1);
    pieces.into_iter().step_by(every).collect()
}

fn cost(model: &Model, style: &str, pieces: &[Sliced]) -> Evaluation {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let asked: Vec<_> = pieces.iter().map(|piece| (piece, model.style(style))).collect();
    evaluate(&mut Tape::new(threads), &model.network, &model.params, &asked)
}

/// Shares of composed pieces, from 0 to 1, and drawings a piece.
fn sample(
    composer: &Composer,
    style: &str,
    training: &HashSet<u64>,
) -> Result<Vec<(&'static str, f64)>, Box<dyn Error>> {
    let (mut obedient, mut copied, mut attempts) = (0, 0, 0);
    for seed in 1..=SAMPLES {
        let request = Request::new(seed).style(style).bars(BARS)?.ending(Ending::Tonic);
        let Composition { score, remarks, attempts: drawn, .. } = composer.compose(&request)?;
        obedient += u32::from(remarks.is_empty());
        attempts += drawn;
        let piece = Sliced::of_score(&score);
        copied += u32::from(windows(&piece).iter().any(|window| training.contains(window)));
    }
    let share = |count: u32| f64::from(count) / SAMPLES as f64;
    Ok(vec![
        ("obey_every_rule_and_end_as_asked", share(obedient)),
        ("repeat_four_bars_of_training", share(copied)),
        ("drawings_a_piece", share(attempts)),
    ])
}

fn windows_of_all(pieces: &[Sliced]) -> HashSet<u64> {
    pieces.iter().flat_map(windows).collect()
}

/// A hash of each stretch of [`COPIED_BARS`] bars: all notes that begin in it, in any key.
fn windows(piece: &Sliced) -> Vec<u64> {
    let Some(meter) = piece.meters.first() else { return Vec::new() };
    let length = COPIED_BARS * bar_steps(meter.meter);
    let end = piece.end();
    let begins = piece.slices.iter().enumerate().filter(|(_, slice)| slice.at + length <= end);
    begins.filter_map(|(index, _)| window(piece, index, length)).collect()
}

fn window(piece: &Sliced, index: usize, length: u32) -> Option<u64> {
    let begin = piece.slices[index].at;
    let first = piece.slices[index].notes.first()?.pitch.get();
    let mut hash = DefaultHasher::new();
    for slice in piece.slices[index..].iter().take_while(|slice| slice.at < begin + length) {
        for note in &slice.notes {
            let length = note.length.steps().min(begin + length - slice.at);
            (slice.at - begin, note.part, i16::from(note.pitch.get()) - i16::from(first), length)
                .hash(&mut hash);
        }
    }
    Some(hash.finish())
}
