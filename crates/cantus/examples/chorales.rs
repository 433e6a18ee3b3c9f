//! Makes networks of four voices the ones that compose chorales: `chorales RUN/best.safetensors CORPUS jsb16_satb.json`; or writes the card of those
//! that are built in anew: `chorales --card jsb16_satb.json [NUMBERS.json]`, with what `benches/sampled.py --numbers` found.
//!
//! The run is one of `cantus eval RUN --benchmark jsb16 FILE --train --preset chorales`, the corpus that of the built-in model. What the
//! style avoids and its critic are learnt beside the training chorales of the corpus. What is written:
//! `crates/cantus-weights/models/chorales.safetensors` and the card as text beside it.

#![allow(clippy::print_stdout, reason = "telling numbers is what it is for")]

mod card;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use cantus::{AnyModel, BenchmarkCost, Jsb16};
use cantus_compose::{ComposeError, Composer, critic, habits};
use cantus_model::corpus::{self, ScanOptions, Split};
use cantus_model::encoding::Sliced;
use cantus_model::model::{CardSource, CardStyle, Model};
use cantus_model::voices::{self, Manner};

const USAGE: &str = "usage: chorales RUN/best.safetensors CORPUS jsb16_satb.json, or chorales --card jsb16_satb.json [NUMBERS.json]";
/// The style that they compose.
const STYLE: &str = "chorale";
/// Pieces composed in each round of measuring what the style avoids.
const HABIT_PIECES: u64 = 100;
/// Rounds in which the critic is taught, and pieces composed in each.
const CRITIC: (u64, usize) = (6, 300);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let paths: Vec<&Path> = arguments.iter().map(Path::new).collect();
    let mut model = match paths.as_slice() {
        [first, rest @ ..] if *first == Path::new("--card") => {
            let mut model = voices::Model::from_bytes(cantus_weights::CHORALES)?;
            let benchmark = rest.first().ok_or(USAGE)?;
            measure(&mut model, benchmark)?;
            rest.get(1).map_or(Ok(()), |numbers| card::add_sampled(&mut model.card, numbers))?;
            model
        }
        [run, corpus, benchmark] => {
            let mut model = voices::Model::from_bytes(&fs::read(run)?)?;
            learn(&mut model, corpus)?;
            measure(&mut model, benchmark)?;
            model
        }
        _ => return Err(USAGE.into()),
    };
    model.card.name = "built-in, plain chorales".into();
    let [train, valid, test] = [229, 76, 77];
    model.card.styles = vec![CardStyle { name: STYLE.into(), train, valid, test }];
    model.card.sources = vec![CardSource {
        credit: "jsb16".into(),
        licence: "none stated".into(),
        rights: "unlicensed-pd".into(),
        pieces: train,
        composers: vec!["Johann Sebastian Bach".into()],
    }];
    model.card.notes = NOTES.map(str::to_owned).into();
    let folder = Path::new("crates/cantus-weights/models");
    fs::write(folder.join("chorales.safetensors"), model.to_bytes())?;
    let text = card::as_text("The networks of four voices", model.parameters(), &model.card);
    Ok(fs::write(folder.join("chorales.md"), text)?)
}

/// What the style avoids, and its critic.
fn learn(model: &mut voices::Model, corpus: &Path) -> Result<(), Box<dyn Error>> {
    let built_in = Model::from_bytes(cantus_weights::DEFAULT)?;
    let corpus = corpus::scan(&[corpus.to_owned()], &ScanOptions::default(), &|_| ())?;
    let training = corpus.of(Split::Train).filter(|piece| piece.style == STYLE);
    let real: Vec<Sliced> = training.map(|piece| Sliced::of_score(&piece.score)).collect();
    model.manner = Some(Manner { style: STYLE.to_owned(), ..Manner::default() });
    let composer = |model: &voices::Model| -> Result<Composer, ComposeError> {
        Composer::new(&built_in).with_choir(model)
    };
    let avoids = habits(&composer(model)?, STYLE, &real, HABIT_PIECES)?;
    println!("avoids {avoids:?}");
    model.manner = Some(Manner { avoids, ..manner(model) });
    let critic = critic(STYLE, &real, CRITIC, |critic| {
        println!("a round of the critic");
        let mut model = model.clone();
        model.manner = Some(Manner { critic: Some(critic.clone()), ..manner(&model) });
        composer(&model)
    })?;
    // The critic has heard pieces with those habits. With it they are measured once more.
    model.manner = Some(Manner { critic, avoids: BTreeMap::new(), ..manner(model) });
    let avoids = habits(&composer(model)?, STYLE, &real, HABIT_PIECES)?;
    println!("avoids {avoids:?}");
    model.manner = Some(Manner { avoids, ..manner(model) });
    Ok(())
}

/// What held-out pieces cost.
fn measure(model: &mut voices::Model, benchmark: &Path) -> Result<(), Box<dyn Error>> {
    let benchmark = Jsb16::read(&[benchmark.to_owned()], &|_| ())?;
    let rows = benchmark.rows(&[AnyModel::Voices(Box::new(model.clone()))])?;
    model.card.numbers.retain(|name, _| name.contains(".sampled."));
    for (split, cost) in
        ["validation", "test"].into_iter().zip(rows.first().map_or([None; 2], |row| row.costs))
    {
        let Some(BenchmarkCost { pooled, per_piece, onsets_only }) = cost else { continue };
        let name = |what: &str| format!("{split}, nats a voice and sixteenth{what}");
        model.card.numbers.insert(name(""), pooled);
        model.card.numbers.extend(per_piece.map(|cost| (name(", mean of the pieces"), cost)));
        model.card.numbers.extend(onsets_only.map(|cost| (name(", where a voice begins something"), cost)));
    }
    Ok(())
}

fn manner(model: &voices::Model) -> Manner {
    model.manner.clone().unwrap_or_default()
}

const NOTES: [&str; 3] = [
    "They compose plain chorales: for four voices in 4/4, of which neither controls, chords nor a form are asked. Of others the built-in model of all styles composes.",
    "They have learnt without fermatas and without repeated notes: in the source a repeated note is a held one.",
    "Of several takes of each bar one is drawn by what a critic says, which has learnt what tells Bach's from theirs.",
];
