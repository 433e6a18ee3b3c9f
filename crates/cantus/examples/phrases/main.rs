//! What a generator of phrases plays, held against real music that it never saw: `phrases CORPUS MODEL [keep]`.
//!
//! For each style it plays a phrase to the style, metre, mode and tracks of each test phrase, as busy as the style's own are by habit (of a validation phrase, where a
//! style has no test), two thousand or more in all, and holds the metrics of the two against each other, beside those of
//! test and training phrases. A classifier that has learnt from real phrases alone says which style it hears. Phrases are
//! played to densities and chords as well, and what was asked is compared with what is measured.
//!
//! `keep` makes the model the built-in one, with these numbers in its card.

#![allow(clippy::print_stdout, reason = "telling numbers is what it is for")]

#[path = "../card/mod.rs"]
mod card;
mod classifier;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use cantus_compose::{Course, PhraseComposer, Request, Steer as _};
use cantus_features::control::Control;
use cantus_model::controls::{MeasuredControls, scale_of};
use cantus_model::corpus::{ScanOptions, Split};
use cantus_model::encoding::Sliced;
use cantus_model::gan::{
    Condition, Distributions, Histogram, Metric, Model, Phrase, PhraseSet, Player, Role, mean_divergence,
};
use cantus_model::styles::Style;
use cantus_nn::Rng;
use classifier::Classifier;

/// Phrases of a style that are played, at least where there are as many test phrases.
const PLAYED: usize = 300;
/// Takes of which, as in pieces, the one is kept that fits the style best.
const TAKES: usize = 8;
/// Pieces that are composed to densities.
const PIECES: usize = 200;
/// Training phrases of a style that are held against.
const COMPARED: usize = 1500;

/// What the card says of what it can and cannot do.
const NOTES: [&str; 6] = [
    "Phrases are four bars on a grid of at most sixteen steps a bar: triplets and finer notes are rounded, velocities unknown.",
    "Melody and bass have one note at a time by the way they are written, harmony and drums any number.",
    "Generator and listener learned together by the preset `phrases`; what is kept is epoch 28 of 50, after which no measurement was better.",
    "Where nothing is asked of them, bars are as busy as those of training phrases; notes that its style holds and it strikes again are joined; of eight takes the one is kept that fits its style best.",
    "It is asked for style, metre, mode, tracks, chords and density of each bar, the bar before, and tracks that are given.",
    "Styles with few held-out phrases (drums of hip hop and jazz, games, quartets) are measured on those few.",
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [corpus, path, rest @ ..] = arguments.as_slice() else {
        return Err("usage: phrases CORPUS MODEL [keep]".into());
    };
    let model = Model::from_bytes(&fs::read(path)?)?;
    let chosen = (model.recipe.phrases_per_style, model.recipe.seed);
    let (set, _) = PhraseSet::read(&[PathBuf::from(corpus)], &ScanOptions::default(), chosen, &|_| {})?;
    let mut model = model.with_habits(&set, PLAYED);
    let mut trial = Trial {
        player: Player::new(model.clone(), 2),
        set,
        rng: Rng::new(1),
        numbers: BTreeMap::new(),
        means: [0; 2],
    };
    trial.run();
    trial.pieces(PhraseComposer::new(Player::new(model.clone(), 2)))?;
    if rest.first().is_some_and(|word| word == "keep") {
        model.card.numbers.extend(trial.numbers);
        "phrases".clone_into(&mut model.card.name);
        model.card.notes = NOTES.map(str::to_owned).into();
        let folder = Path::new("crates/cantus-weights/models");
        fs::write(folder.join("phrases.safetensors"), model.to_bytes())?;
        let title = "The built-in generator of phrases";
        fs::write(folder.join("phrases.md"), card::as_text(title, model.parameters(), &model.card))?;
    }
    Ok(())
}

struct Trial {
    player: Player,
    set: PhraseSet,
    rng: Rng,
    numbers: BTreeMap<String, f64>,
    /// Of the best of several takes, means that are near those of real phrases, and all.
    means: [usize; 2],
}

impl Trial {
    fn run(&mut self) {
        let train: Vec<&Phrase> = self.set.of(Split::Train).iter().flatten().collect();
        println!("{} phrases to learn from", train.len());
        let classifier = Classifier::learnt(self.set.of(Split::Train));
        let (mut heard_real, mut heard_played, mut heard_best, mut all) = (0, 0, 0, 0);
        let mut distinct = BTreeSet::new();
        for style in 0..self.player.styles.len() {
            let name = self.player.styles[style].name.clone();
            let real = self.real(style);
            let played = self.played(style, &real);
            let alike = |phrases: &[Phrase]| {
                phrases.iter().filter(|phrase| classifier.hears(phrase) == style).count()
            };
            let best = self.best(style, &real);
            let (of_real, of_played, of_best) = (alike(&real), alike(&played), alike(&best));
            let share = |count: usize| 100.0 * count as f64 / real.len() as f64;
            println!(
                "\n{name}: {} phrases, heard as {name} {:.0} %, the best of {TAKES} takes {:.0} % (real {:.0} %)",
                real.len(),
                share(of_played),
                share(of_best),
                share(of_real)
            );
            self.note(&name, "style heard, %", share(of_played));
            self.note(&name, "style heard of real test phrases, %", share(of_real));
            self.note(&name, "style heard of the best of eight takes, %", share(of_best));
            self.compare(style, &real, &played);
            self.compare_best(&name, &real, &best);
            self.neighbours(style, &real, &played);
            heard_real += of_real;
            heard_played += of_played;
            heard_best += of_best;
            all += real.len();
            distinct.extend(played.iter().map(|phrase| (style, phrase.notes.clone())));
        }
        let share = |count: usize| 100.0 * count as f64 / all as f64;
        println!(
            "\nall {all} phrases: the style asked for is heard in {:.1} %, of the best of {TAKES} takes in {:.1} % (real {:.1} %, \
             chance {:.1} %); {:.2} % differ",
            share(heard_played),
            share(heard_best),
            share(heard_real),
            100.0 / self.player.styles.len() as f64,
            share(distinct.len()),
        );
        let [near, means] = self.means;
        println!("of the best of {TAKES} takes {near} of {means} means are near");
        for (what, value) in [
            (
                "means of the best of eight takes that are near test phrases\', %",
                100.0 * near as f64 / means as f64,
            ),
            ("style heard, %", share(heard_played)),
            ("style heard of the best of eight takes, %", share(heard_best)),
            ("style heard of real test phrases, %", share(heard_real)),
            ("phrases that differ, %", share(distinct.len())),
            ("phrases played", all as f64),
        ] {
            self.note("all styles", what, value);
        }
        self.controls();
    }

    fn note(&mut self, whose: &str, what: &str, value: f64) {
        self.numbers.insert(format!("{whose}: {what}"), (value * 1e4).round() / 1e4);
    }

    /// Test phrases of a style without what lies before them.
    fn real(&mut self, style: usize) -> Vec<Phrase> {
        let test = &self.set.of(Split::Test)[style];
        let held_out = if test.is_empty() { self.set.held_out(style) } else { test };
        let count = PLAYED.min(held_out.len());
        (0..count).map(|index| held_out[index * held_out.len() / count].alone()).collect()
    }

    /// What phrases like real ones are asked: their style, metre, mode and tracks, and how busy they are by habit.
    fn questions(&mut self, style: usize, real: &[Phrase]) -> Vec<(Condition, Phrase)> {
        let mut asked = |phrase: &Phrase| Condition {
            chords: Default::default(),
            density: self.player.usual_density(style, &mut self.rng),
            ..Condition::of_phrase(style, phrase)
        };
        real.iter().map(|phrase| (asked(phrase), phrase.clone())).collect()
    }

    /// A phrase for each real one: of its style, metre, mode and tracks.
    fn played(&mut self, style: usize, real: &[Phrase]) -> Vec<Phrase> {
        let noises: Vec<Vec<f32>> = real.iter().map(|_| Player::noise(&mut self.rng)).collect();
        let questions = self.questions(style, real);
        self.player.play(&questions, &noises)
    }

    /// The same, of several takes the one that fits the style best.
    fn best(&mut self, style: usize, real: &[Phrase]) -> Vec<Phrase> {
        let questions = self.questions(style, real);
        let mut best = self.played(style, real);
        let mut most = self.player.fits(&questions, &best);
        for _ in 1..TAKES {
            let takes = self.played(style, real);
            let fits = self.player.fits(&questions, &takes);
            for (index, take) in takes.into_iter().enumerate() {
                if fits[index] > most[index] {
                    (best[index], most[index]) = (take, fits[index]);
                }
            }
        }
        best
    }

    fn compare_best(&mut self, name: &str, real: &[Phrase], best: &[Phrase]) {
        let of = |phrases: &[Phrase]| Distributions::of_phrases(phrases.iter());
        let (best, real) = (of(best), of(real));
        let divergence = mean_divergence(&best.divergences(&real));
        println!("  mean divergence of the best of {TAKES} takes {divergence:.3} bits");
        let is_near = |(key, histogram): (&(Metric, Option<Role>), &Histogram)| {
            Some(near(key.0, histogram.mean()?, mean_of(&best, *key)))
        };
        let near: Vec<bool> = real.of.iter().filter_map(is_near).collect();
        let count = near.iter().filter(|is_near| **is_near).count();
        println!("  of the best of {TAKES} takes {count} of {} means are near", near.len());
        self.means[0] += count;
        self.means[1] += near.len();
        self.note(name, "mean divergence of the best of eight takes from test phrases, bits", divergence);
    }

    /// Means and divergences of each metric.
    fn compare(&mut self, style: usize, real: &[Phrase], played: &[Phrase]) {
        let name = self.player.styles[style].name.clone();
        let of = |phrases: &[Phrase]| Distributions::of_phrases(phrases.iter());
        let train: Vec<Phrase> =
            self.set.of(Split::Train)[style].iter().take(COMPARED).map(Phrase::alone).collect();
        let (train, real, played) = (of(&train), of(real), of(played));
        let (ours, base) = (played.divergences(&real), train.divergences(&real));
        println!("  metric            track     real  played   (divergence: played, training)");
        for ((metric, role), histogram) in &real.of {
            let Some(mean) = histogram.mean() else { continue };
            let other = mean_of(&played, (*metric, *role));
            let track = role.map_or("", Role::name);
            let is_near = near(*metric, mean, other);
            println!(
                "  {:16}  {track:8}  {mean:5.2}  {other:6.2}{}",
                metric.name(),
                if is_near { "" } else { "   apart" }
            );
            if *metric != Metric::Pitch {
                self.note(&name, &format!("{}, {track}, played", metric.name()), other);
                self.note(&name, &format!("{}, {track}, real", metric.name()), mean);
            }
        }
        for (metric, divergence) in &ours {
            println!(
                "  {:16} {divergence:.3} ({:.3})",
                metric.name(),
                base.get(metric).copied().unwrap_or(0.0)
            );
        }
        let (ours, base) = (mean_divergence(&ours), mean_divergence(&base));
        println!("  mean divergence {ours:.3} bits, training from test {base:.3}");
        self.note(&name, "mean divergence from test phrases, bits", ours);
        self.note(&name, "mean divergence of training phrases from test phrases, bits", base);
    }

    /// How near the nearest training phrase is: of the notes of both, those that only one has, as a share.
    fn neighbours(&mut self, style: usize, real: &[Phrase], played: &[Phrase]) {
        let train: Vec<BTreeSet<_>> = self.set.of(Split::Train)[style]
            .iter()
            .take(COMPARED)
            .map(|phrase| notes(&phrase.alone()))
            .collect();
        let mean = |phrases: &[Phrase]| {
            let some: Vec<_> = phrases.iter().take(100).map(notes).collect();
            some.iter().map(|own| nearest(own, &train)).sum::<f64>() / some.len().max(1) as f64
        };
        let (real, played) = (mean(real), mean(played));
        println!("  nearest training phrase: {played:.3} of its notes differ (real test phrases {real:.3})");
        let name = self.player.styles[style].name.clone();
        self.note(&name, "share of notes unlike the nearest training phrase", played);
        self.note(&name, "share of notes unlike the nearest training phrase, real test phrases", real);
    }

    /// Densities asked for and measured of whole pieces, as places among the pieces of their styles.
    fn pieces(&mut self, mut composer: PhraseComposer) -> Result<(), Box<dyn Error>> {
        let styles: Vec<Style> = composer.styles().to_vec();
        let (mut asked, mut heard) = (Vec::new(), Vec::new());
        for piece in 0..PIECES {
            let style = &styles[piece % styles.len()];
            let Some(scale) = scale_of(&style.controls, Control::Density) else { continue };
            let wish = f64::from(Rng::new(piece as u64).fork(1).uniform());
            let request = Request::new(piece as u64).style(&style.name).bars(8)?;
            let request = request.control(Control::Density, Course::value(wish)?);
            let composition = composer.compose(&request, &[], &mut |_, _| {})?;
            let sliced = Sliced::of_score(&composition.score);
            let measured = MeasuredControls::of_piece(&sliced, composition.key);
            if let Some(density) = measured.piece[Control::Density.index()] {
                asked.push(wish);
                heard.push(scale.pieces.place(density));
            }
        }
        let rank = spearman(&asked, &heard);
        println!(
            "density asked and measured of {} pieces of 8 bars: rank correlation {rank:.3}",
            asked.len()
        );
        self.note("all styles", "rank correlation of density, pieces", rank);
        Ok(())
    }

    /// Densities and chords asked for against those heard.
    fn controls(&mut self) {
        let (mut rank, mut styles) = (0.0, 0);
        let (mut roots, mut chords, mut by_chance, mut asked_chords) = (0, 0, 0, 0);
        for style in 0..self.player.styles.len() {
            let real = self.real(style);
            let scale = scale_of(&self.player.styles[style].controls, Control::Density)
                .map(|scale| scale.bars.clone());
            let mut questions = Vec::new();
            for index in 0..60 {
                let phrase = real[index % real.len()].clone();
                let mut condition = Condition::of_phrase(style, &phrase);
                if let Some(scale) = &scale {
                    let density = scale.value(f64::from(self.rng.uniform())) as f32;
                    condition.density = [Some(density); 4];
                }
                questions.push((condition, phrase));
            }
            let noises: Vec<Vec<f32>> = questions.iter().map(|_| Player::noise(&mut self.rng)).collect();
            let played = self.player.play(&questions, &noises);
            let (mut asked, mut heard) = (Vec::new(), Vec::new());
            for (index, (question, phrase)) in questions.iter().zip(&played).enumerate() {
                let (heard_chords, densities) = phrase.heard();
                let mean = densities.iter().flatten().sum::<f32>() / 4.0;
                asked.push(f64::from(question.0.density[0].unwrap_or(0.0)));
                heard.push(f64::from(mean));
                let other = &questions[(index + 1) % questions.len()].0.chords;
                for ((asked, heard), other) in question.0.chords.iter().zip(heard_chords).zip(other) {
                    let (Some(asked), Some(heard), Some(other)) = (asked, heard, other) else { continue };
                    asked_chords += 1;
                    roots += usize::from(asked.root == heard.root);
                    chords += usize::from(*asked == heard);
                    by_chance += usize::from(other.root == heard.root);
                }
            }
            rank += spearman(&asked, &heard);
            styles += 1;
        }
        let density = rank / f64::from(styles);
        let share = |count: usize| 100.0 * count as f64 / asked_chords.max(1) as f64;
        println!(
            "\ndensity asked and heard: rank correlation {density:.3}, the mean of {styles} styles; chords: root {:.0} %, chord {:.0} % \
             (root of another phrase's {:.0} %)",
            share(roots),
            share(chords),
            share(by_chance),
        );
        self.note("all styles", "rank correlation of density", density);
        self.note("all styles", "root of the chord asked for is heard, %", share(roots));
        self.note("all styles", "chord asked for is heard, %", share(chords));
        self.note("all styles", "root of a chord not asked for is heard, %", share(by_chance));
    }
}

/// The mean of a metric; 0 where there was nothing to measure.
fn mean_of(all: &Distributions, key: (Metric, Option<Role>)) -> f64 {
    all.of.get(&key).and_then(Histogram::mean).unwrap_or(0.0)
}

/// Whether a mean lies within 15 % of the real one, or a point.
fn near(metric: Metric, real: f64, other: f64) -> bool {
    (other - real).abs() <= (0.15 * real.abs()).max(point(metric))
}

/// One point of a metric: of a hundred, or a note, a class or a semitone.
fn point(metric: Metric) -> f64 {
    match metric {
        Metric::QualifiedNotes | Metric::InScale | Metric::DrumPattern | Metric::TonalDistance => 0.01,
        _ => 0.04,
    }
}

fn notes(phrase: &Phrase) -> BTreeSet<cantus_model::gan::PhraseNote> {
    phrase.notes.iter().copied().collect()
}

fn nearest<T: Ord>(own: &BTreeSet<T>, others: &[BTreeSet<T>]) -> f64 {
    let apart = |other: &BTreeSet<T>| {
        let both = own.intersection(other).count();
        let all = own.len() + other.len() - both;
        (all - both) as f64 / all.max(1) as f64
    };
    others.iter().map(apart).fold(1.0, f64::min)
}

/// Spearman's rank correlation.
fn spearman(one: &[f64], other: &[f64]) -> f64 {
    let (one, other) = (ranks(one), ranks(other));
    let middle = (one.len() as f64 - 1.0) / 2.0;
    let product =
        |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum::<f64>();
    product(&one, &other) / (product(&one, &one) * product(&other, &other)).sqrt().max(1e-12)
}

/// Ranks from 0; of equals the mean.
fn ranks(values: &[f64]) -> Vec<f64> {
    let rank = |value: &f64| {
        let below = values.iter().filter(|other| *other < value).count() as f64;
        let same = values.iter().filter(|other| other.total_cmp(value).is_eq()).count() as f64;
        below + (same - 1.0) / 2.0
    };
    values.iter().map(rank).collect()
}
