//! How well a model does what its controls ask: `controls MODEL [PIECES [STRENGTH]]`, 200 pieces a control where no
//! number is given, and the usual strength.
//!
//! For each control, pieces are composed at values drawn by chance, over all pitched styles that vary in it, and what was
//! asked is compared with what is measured in the music that came: Spearman's rank correlation of places among the style's
//! own pieces, and once more over the bars of pieces composed along curves of four points. For chords, the share of
//! stretches in which the chord asked for is the one that is heard, beside that of a chart that was not asked for.
//!
//! `controls MODEL PIECES keep` makes the model the built-in one, with these numbers in its card. It must be the one that is
//! built in (`crates/cantus-weights/models/default.safetensors`), or have learnt controls alone from it (the preset `controls`): all
//! other numbers of the card stay true.

#![allow(clippy::print_stdout, reason = "telling numbers is what it is for")]

mod card;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use cantus_compose::{Chart, Composer, Composition, Control, Course, Request, Steer as _};
use cantus_model::controls::{ControlScale, MeasuredControls, scale_of};
use cantus_model::encoding::{Sliced, Steps};
use cantus_model::model::Model;
use cantus_model::styles::Style;
use cantus_nn::{Precision, Rng};

/// Pieces a control.
const PIECES: usize = 200;
/// Bars of each.
const BARS: u32 = 16;
/// Points of a curve.
const POINTS: usize = 4;

/// What the card says of how controls came into the model.
const NOTE: &str = "Controls were learnt in a stage of their own in which nothing else changed: what is composed without them \
                    is as likely as before, to the bit.";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let model = arguments.next().ok_or("usage: controls MODEL [PIECES [STRENGTH|keep]]")?;
    let pieces = arguments.next().map_or(Ok(PIECES), |text| text.parse())?;
    let mut model = Model::from_bytes(&fs::read(model)?)?;
    let last = arguments.next();
    let is_kept = last.as_deref() == Some("keep");
    let strength = last.filter(|_| !is_kept).map(|text| text.parse()).transpose()?;
    let numbers = measure(&model, pieces, strength)?;
    if is_kept {
        keep(&mut model, numbers)?;
    }
    Ok(())
}

fn keep(model: &mut Model, numbers: BTreeMap<String, f64>) -> Result<(), Box<dyn Error>> {
    let folder = Path::new("crates/cantus-weights/models");
    let file = folder.join("default.safetensors");
    let before = Model::from_bytes(&fs::read(&file)?)?;
    for (name, known) in before.params.iter() {
        let learnt = model.params.id(name).map(|id| model.params.get(id)).ok_or("a tensor is missing")?;
        let rows = learnt.data().chunks(learnt.columns()).zip(known.data().chunks(known.columns()));
        if rows.into_iter().any(|(learnt, known)| learnt[..known.len()] != *known) {
            return Err(format!("only controls may be learnt, but {name} is another").into());
        }
    }
    let is_new = !before.network.shape.controls;
    model.card = before.card;
    model.card.numbers.extend(numbers);
    model.card.notes.extend(is_new.then(|| NOTE.to_owned()));
    fs::write(file, model.to_bytes(Precision::Bf16))?;
    fs::write(
        folder.join("default.md"),
        card::as_text("The built-in model", model.params.count(), &model.card),
    )?;
    Ok(())
}

fn measure(
    model: &Model,
    pieces: usize,
    strength: Option<f32>,
) -> Result<BTreeMap<String, f64>, Box<dyn Error>> {
    let composer = Composer::new(model);
    let mut numbers = BTreeMap::new();
    println!("| control | styles | pieces | correlation | in the mean of styles | off by | bars | of bars |");
    println!("|---|---|---|---|---|---|---|---|");
    for control in Control::ALL {
        let styles: Vec<&Style> = model.styles.iter().filter(|style| varies(style, control)).collect();
        if styles.is_empty() {
            println!("| {} | none varies in it |", control.name());
            continue;
        }
        let asked = Asked { composer: &composer, styles: &styles, control, pieces, strength };
        let (values, curves) = (asked.values()?, asked.curves()?);
        let off =
            values.iter().map(|pair| (pair.asked - pair.heard).abs()).sum::<f64>() / values.len() as f64;
        let (of_pieces, of_bars) = (spearman(&values), spearman(&curves));
        println!(
            "| {} | {} | {} | {of_pieces:.3} | {:.3} | {off:.3} | {} | {of_bars:.3} |",
            control.name(),
            styles.len(),
            values.len(),
            by_style(&values, styles.len()),
            curves.len(),
        );
        numbers.insert(format!("controls.{}.correlation", control.name()), of_pieces);
        numbers.insert(format!("controls.{}.correlation_of_bars", control.name()), of_bars);
    }
    let (root, chord, by_chance) = chords(&composer, &model.styles, pieces)?;
    println!(
        "\nchords: root as asked {root:.3}, chord as asked {chord:.3}; root of a chart not asked for {by_chance:.3}"
    );
    numbers.insert("controls.chords.root".into(), root);
    numbers.insert("controls.chords.chord".into(), chord);
    numbers.insert("controls.chords.root_by_chance".into(), by_chance);
    Ok(numbers)
}

/// Whether a pitched style has anything to choose from.
fn varies(style: &Style, control: Control) -> bool {
    let is_pitched = style.parts.iter().any(|part| !part.part.drums);
    is_pitched && scale_of(&style.controls, control).is_some_and(|scale| !scale.pieces.is_flat())
}

/// What was asked and what is heard, as places among the style's own.
#[derive(Debug, Clone, Copy)]
struct Pair {
    style: usize,
    asked: f64,
    heard: f64,
}

struct Asked<'a> {
    composer: &'a Composer,
    styles: &'a [&'a Style],
    control: Control,
    pieces: usize,
    strength: Option<f32>,
}

impl Asked<'_> {
    fn values(&self) -> Result<Vec<Pair>, Box<dyn Error>> {
        let mut pairs = Vec::new();
        for piece in 0..self.pieces {
            let asked = f64::from(Rng::new(piece as u64).fork(1).uniform());
            let (style, composition) = self.compose(piece, Course::value(asked)?)?;
            let measured = measured(&composition);
            if let Some(value) = measured.piece[self.control.index()] {
                let heard = self.scale(style)?.pieces.place(value);
                pairs.push(Pair { style, asked, heard });
            }
        }
        Ok(pairs)
    }

    /// One pair a bar.
    fn curves(&self) -> Result<Vec<Pair>, Box<dyn Error>> {
        let mut pairs = Vec::new();
        for piece in 0..self.pieces {
            let mut rng = Rng::new(piece as u64).fork(2);
            let points = (0..POINTS).map(|_| Some(f64::from(rng.uniform()))).collect();
            let course = Course::curve(points)?;
            let (style, composition) = self.compose(piece, course.clone())?;
            let bars = composition.plan.bars;
            for (bar, values) in (0..bars).zip(measured(&composition).bars) {
                if let (Some(value), Some(asked)) = (values[self.control.index()], course.at(bar, bars)) {
                    pairs.push(Pair { style, asked, heard: self.scale(style)?.bars.place(value) });
                }
            }
        }
        Ok(pairs)
    }

    fn compose(&self, piece: usize, course: Course) -> Result<(usize, Composition), Box<dyn Error>> {
        let style = piece % self.styles.len();
        let request = Request::new(piece as u64).style(&self.styles[style].name).bars(BARS)?;
        let request = match self.strength {
            Some(strength) => request.strength(strength)?,
            None => request,
        };
        Ok((style, self.composer.compose(&request.control(self.control, course))?))
    }

    fn scale(&self, style: usize) -> Result<&ControlScale, Box<dyn Error>> {
        Ok(scale_of(&self.styles[style].controls, self.control).ok_or("the style has no scale")?)
    }
}

fn measured(composition: &Composition) -> MeasuredControls {
    MeasuredControls::of_piece(&Sliced::of_score(&composition.score), composition.key)
}

/// Spearman's rank correlation.
fn spearman(pairs: &[Pair]) -> f64 {
    let ranks = |value: fn(&Pair) -> f64| {
        let values: Vec<f64> = pairs.iter().map(value).collect();
        let rank = |own: &f64| {
            let below = values.iter().filter(|other| *other < own).count();
            let same = values.iter().filter(|other| other.total_cmp(own).is_eq()).count();
            below as f64 + (same as f64 - 1.0) / 2.0
        };
        values.iter().map(rank).collect::<Vec<f64>>()
    };
    pearson(&ranks(|pair| pair.asked), &ranks(|pair| pair.heard))
}

fn pearson(one: &[f64], other: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (one_mean, other_mean) = (mean(one), mean(other));
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        one.iter().zip(other).map(|(a, b)| of(a - one_mean, b - other_mean)).sum()
    };
    let spread = (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt();
    if spread > 0.0 { sum(&|a, b| a * b) / spread } else { 0.0 }
}

/// The mean of the correlations within each style.
fn by_style(pairs: &[Pair], styles: usize) -> f64 {
    let of = |style: usize| {
        let own: Vec<Pair> = pairs.iter().filter(|pair| pair.style == style).copied().collect();
        spearman(&own)
    };
    (0..styles).map(of).sum::<f64>() / styles as f64
}

/// Charts that are asked for, in any key.
const CHARTS: [&[(i32, &str)]; 5] = [
    &[(0, ""), (9, "m"), (5, ""), (7, "7")],
    &[(2, "m"), (7, "7"), (0, ""), (0, "")],
    &[(0, "m"), (8, ""), (3, ""), (10, "")],
    &[(0, ""), (7, ""), (9, "m"), (4, "m"), (5, ""), (0, ""), (5, ""), (7, "")],
    &[(0, "m"), (5, "m"), (7, "7"), (0, "m")],
];

fn chart(piece: usize) -> Result<Chart, Box<dyn Error>> {
    let mut rng = Rng::new(piece as u64).fork(3);
    let tonic = rng.below(12) as i32;
    let bars = CHARTS[rng.below(CHARTS.len())].iter().map(|(above, kind)| {
        let root = cantus_score::PitchClass::saturating(i64::from((tonic + above) % 12));
        format!("{root}{kind}")
    });
    Ok(bars.collect::<Vec<_>>().join(" | ").parse()?)
}

/// The shares of stretches with the root and with the chord asked for, and with the root of another chart.
fn chords(composer: &Composer, styles: &[Style], pieces: usize) -> Result<(f64, f64, f64), Box<dyn Error>> {
    let pitched: Vec<&Style> =
        styles.iter().filter(|style| style.parts.iter().any(|part| !part.part.drums)).collect();
    let (mut counted, mut roots, mut whole, mut by_chance) = (0_u32, 0_u32, 0_u32, 0_u32);
    for piece in 0..pieces {
        let (asked, other) = (chart(piece)?, chart(piece + pieces)?);
        let request = Request::new(piece as u64).style(&pitched[piece % pitched.len()].name).bars(BARS)?;
        let composition = composer.compose(&request.chords(asked.clone()))?;
        let bar: Steps = composition.plan.bar();
        let bars: Vec<_> = (0..BARS).map(|number| number * bar..(number + 1) * bar).collect();
        let [asked, other] = [asked, other].map(|chart| chart.spans(&bars));
        for heard in measured(&composition).chords {
            let at = (heard.from / bar) as usize;
            let (Some(asked), Some(other), Some(heard)) = (
                asked.get(at).and_then(|span| span.chord),
                other.get(at).and_then(|span| span.chord),
                heard.chord,
            ) else {
                continue;
            };
            counted += 1;
            roots += u32::from(asked.root == heard.root);
            whole += u32::from(asked == heard);
            by_chance += u32::from(other.root == heard.root);
        }
    }
    let share = |count: u32| f64::from(count) / f64::from(counted.max(1));
    Ok((share(roots), share(whole), share(by_chance)))
}
