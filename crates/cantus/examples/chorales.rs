//! Makes networks of four voices the ones that compose chorales: `chorales RUN/best.safetensors CORPUS`.
//!
//! The run is one of `cantus eval RUN --benchmark jsb16 FILE --train --preset chorales`, the corpus that of the built-in model. What the
//! style avoids and its critic are learnt beside the training chorales of the corpus. What is written:
//! `crates/cantus-weights/models/chorales.safetensors` and the card as text beside it.

#![allow(clippy::print_stdout, reason = "telling numbers is what it is for")]

mod card;

use std::error::Error;
use std::fs;
use std::path::Path;

use cantus_compose::{ComposeError, Composer, critic, habits};
use cantus_model::corpus::{self, ScanOptions, Split};
use cantus_model::encoding::Sliced;
use cantus_model::model::Model;
use cantus_model::voices::{self, Manner};

/// The style that they compose.
const STYLE: &str = "chorale";
/// Pieces composed in each round of measuring what the style avoids.
const HABIT_PIECES: u64 = 100;
/// Rounds in which the critic is taught, and pieces composed in each.
const CRITIC: (u64, usize) = (6, 300);

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(run), Some(corpus)) = (arguments.next(), arguments.next()) else {
        return Err("usage: chorales RUN/best.safetensors CORPUS".into());
    };
    let built_in = Model::from_bytes(cantus_weights::DEFAULT)?;
    let mut model = voices::Model::from_bytes(&fs::read(run)?)?;
    let corpus = corpus::scan(&[corpus.into()], &ScanOptions::default(), &|_| ())?;
    let training = corpus.of(Split::Train).filter(|piece| piece.style == STYLE);
    let real: Vec<Sliced> = training.map(|piece| Sliced::of_score(&piece.score)).collect();
    model.manner = Some(Manner { style: STYLE.to_owned(), ..Manner::default() });
    let composer = |model: &voices::Model| -> Result<Composer, ComposeError> {
        Composer::new(&built_in).with_choir(model)
    };
    // Habits are measured before the critic, which hears pieces that have them, and once more with it.
    for is_last in [false, true] {
        let avoids = habits(&composer(&model)?, STYLE, &real, HABIT_PIECES)?;
        println!("avoids {avoids:?}");
        model.manner = Some(Manner { avoids, ..manner(&model) });
        if !is_last {
            let critic = critic(STYLE, &real, CRITIC, |critic| {
                println!("a round of the critic");
                let manner = Manner { critic: Some(critic.clone()), ..manner(&model) };
                let mut model = model.clone();
                model.manner = Some(manner);
                composer(&model)
            })?;
            model.manner = Some(Manner { critic, avoids: Default::default(), ..manner(&model) });
        }
    }
    model.card.name = "built-in, plain chorales".into();
    model.card.notes = NOTES.map(str::to_owned).into();
    let folder = Path::new("crates/cantus-weights/models");
    fs::write(folder.join("chorales.safetensors"), model.to_bytes())?;
    fs::write(
        folder.join("chorales.md"),
        card::as_text("The networks of four voices", model.parameters(), &model.card),
    )?;
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
