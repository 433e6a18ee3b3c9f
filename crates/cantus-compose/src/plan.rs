//! A request with everything settled.

use std::collections::BTreeMap;
use std::ops::Range;

use cantus_features::control::Control;
use cantus_model::controls::Controls;
use cantus_model::encoding::{Part, Steps};
use cantus_model::styles::{Style, StylePart};
use cantus_model::walk::{Conditions, Setup, bar_steps};
use cantus_nn::Rng;
use cantus_score::{Key, Meter, PitchClass, Tempo};

use crate::chart::Chart;
use crate::error::ComposeError;
use crate::mixture::{Mixture, mixture};
use crate::names;
use crate::player::Player;
use crate::request::{Ending, Length, Request, TEMPI};
use crate::restraint::{Restraint, Restraints};
use crate::rules::{closers, lines};
use crate::sections::{Form, Section, USUAL_BARS, cadences, contrast};
use crate::wishes::usable;

/// Most that a stated tempo bends to fit a length in seconds.
const MOST_BEND: f64 = 0.03;

/// The longest piece, in grid steps: 10,000 quarters.
const LONGEST: Steps = 10_000 * cantus_model::encoding::STEPS_PER_QUARTER;

/// The stream of chance that the key comes from; those of the drawings count from 0.
const KEY_STREAM: u64 = u64::MAX;

/// Bars that an ending other than the tonic pretends to be still to come, so that the music stays in motion.
const BARS_TO_COME: u32 = 4;

/// Everything that is settled before the first note.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The style's number in the model.
    pub style: u32,
    /// Styles beside it whose expectations are mixed with its own, and their shares of the whole.
    pub others: Vec<(u32, f32)>,
    /// Its name, or the names of all with their shares.
    pub style_name: String,
    /// The parts and their ranges.
    pub parts: Vec<StylePart>,
    /// The key, where one was asked for.
    pub key: Option<Key>,
    /// The key that the piece sets out in: the one asked for, or one drawn by the seed from the style's own. Only the
    /// first is checked in the end.
    pub home: Option<Key>,
    /// The key whose scale alone is allowed, where that was asked for.
    pub scale: Option<Key>,
    /// What the piece is to do without, or to have less of.
    pub(crate) restraints: Restraints,
    /// The tempo.
    pub tempo: Tempo,
    /// The tempo that was asked for, of which the network is told, in quarter notes a minute.
    pub asked_tempo: Option<f64>,
    /// The metre.
    pub meter: Meter,
    /// Whole bars, a pickup not counted; after a pickup the last may be shorter by as much.
    pub bars: u32,
    /// Its sections, where a form was asked for.
    pub sections: Vec<Section>,
    /// Whether the piece may begin with a pickup. One whose length is told in seconds may not.
    pub has_pickup: bool,
    /// How it ends.
    pub ending: Ending,
    /// Whether the final harmony is checked: the ending was asked for, or it is the style's habit.
    pub ending_is_checked: bool,
    /// Whether notes have velocities.
    pub dynamics: bool,
    /// What is asked of the piece and its bars.
    pub controls: Controls,
    /// How strongly controls are followed: 1 is as was learnt.
    pub strength: f32,
}

impl Plan {
    /// Settles a request by the habits of the style among `styles` that it names, or the first.
    pub fn new(request: &Request, styles: &[Style]) -> Result<Self, ComposeError> {
        let mixture = find_styles(request, styles)?;
        let (number, others) = (mixture[0].0, mixture[1..].to_vec());
        let style = &styles[number as usize];
        let restraints = request.restraints();
        if restraints.asks(Restraint::Accidentals) && request.asked_key().is_none() {
            return Err(ComposeError::ScaleWithoutKey);
        }
        let parts = parts_of(style, restraints)?;
        contradiction(request, style, &parts).map_or(Ok(()), Err)?;
        let meter = request.asked_meter().unwrap_or_else(|| style.meter());
        let (bars, tempo) = fit(request, style, meter)?;
        let scale = request.asked_key().filter(|_| restraints.forbidden.contains(&Restraint::Accidentals));
        let restraints =
            restraints.with_habits(&style.avoids, lines(&parts, scale).into_iter().flatten().count());
        let ending = request.asked_ending().unwrap_or(Ending::Tonic);
        let plan = Self {
            style: number,
            style_name: name_of(&mixture, styles),
            others,
            parts,
            key: request.asked_key(),
            home: request.asked_key().or_else(|| usual_key(style, request.asked_seed())),
            scale,
            restraints,
            tempo,
            asked_tempo: request.asked_tempo().map(Tempo::bpm),
            meter,
            bars,
            sections: request.asked_form().map_or(Ok(Vec::new()), |form| form.sections(bars))?,
            has_pickup: !matches!(request.asked_length(), Some(Length::Seconds(_))),
            ending,
            ending_is_checked: request.asked_ending().is_some() || style.ends_on_tonic(),
            dynamics: style.dynamics,
            controls: Controls::default(),
            strength: request.asked_strength(),
        };
        if plan.bar() > LONGEST / bars {
            let value = format!("{bars} bars of {meter}");
            return Err(ComposeError::Range { what: "a piece", rule: "at most 10000 quarters long", value });
        }
        let bars: Vec<Range<Steps>> =
            (0..plan.bars).map(|bar| bar * plan.bar()..(bar + 1) * plan.bar()).collect();
        let mut controls = request.wishes().settled(style, &bars)?;
        // Only a model that knows controls has scales of them, and only with one can chords be leant on.
        if let Some(home) = plan.home.filter(|_| controls.chords.is_empty() && !style.controls.is_empty()) {
            controls.chords = cadences(&plan.sections, home, plan.bar());
        }
        let is_free =
            |control: Control| request.asked_control(control).is_none() && usable(style, control).is_ok();
        contrast(&plan.sections, &mut controls.bars, is_free);
        Ok(Self { controls, ..plan })
    }

    /// The length of a bar in grid steps.
    pub fn bar(&self) -> Steps {
        bar_steps(self.meter)
    }

    /// When a piece without pickup ends, in grid steps.
    pub fn end(&self) -> Steps {
        self.bar() * self.bars
    }

    /// Whether the piece without controls must be followed as well: where they count for more or less than was learnt.
    pub(crate) fn is_guided(&self) -> bool {
        self.controls != Controls::default() && self.strength.to_bits() != 1.0_f32.to_bits()
    }

    /// What the walk through the piece starts from, in one of its styles.
    pub(crate) fn setup(&self, style: u32, dynamics: bool) -> Setup {
        let parts: Vec<Part> = self.parts.iter().map(|part| part.part.clone()).collect();
        let to_come = if self.ending == Ending::Tonic { 0 } else { BARS_TO_COME };
        let conditions = Conditions {
            style: Some(style),
            key: self.home,
            tempo: self.asked_tempo,
            density: None,
            length: Some(self.bar() * (self.bars + to_come)),
        };
        let meters = vec![cantus_model::encoding::MeterSpan { from: 0, meter: self.meter }];
        Setup {
            parts,
            meters,
            dynamics: self.dynamics && dynamics,
            conditions,
            controls: self.controls.clone(),
        }
    }
}

/// The styles asked for, at least one; the first that can be played where none is.
fn find_styles(request: &Request, styles: &[Style]) -> Result<Mixture, ComposeError> {
    if let Some(text) = request.asked_style() {
        return mixture(text, styles);
    }
    let first = styles.iter().position(|style| !style.parts.is_empty());
    first.map(|index| vec![(index as u32, 1.0)]).ok_or(ComposeError::NoStyle)
}

/// What is asked for that cannot be in a style, or beside something else that is asked for.
fn contradiction(request: &Request, style: &Style, parts: &[StylePart]) -> Option<ComposeError> {
    let error =
        |one: String, other: String, why: String| Some(ComposeError::Contradiction { one, other, why });
    let of_style = format!("the style {}", style.name);
    let restraints = request.restraints();
    let lines = lines(parts, None).into_iter().flatten().count();
    if style.parts.iter().all(|part| part.part.drums) {
        let key = request.asked_key().map(|key| format!("a key of {key}"));
        let chords = request.asked_chords().map(|chords| format!("chords ({chords})"));
        if let Some(pitched) = key.or(chords) {
            return error(pitched, of_style, "only drums play in it".to_owned());
        }
    }
    if let Some((restraint, why)) = unmet_by_lines(restraints, lines) {
        return error(format!("a rule against {}", restraint.name()), of_style, why.to_owned());
    }
    let ending = closers(parts, None).len();
    if let Some(most) = restraints.most_notes.filter(|most| usize::from(*most) < ending) {
        let why = format!("{ending} of its parts sound at the end");
        return error(format!("at most {most} notes at once"), of_style, why);
    }
    let is_forbidden = restraints.forbidden.contains(&Restraint::Accidentals);
    chord_beyond_scale(request.asked_key().filter(|_| is_forbidden)?, request.asked_chords()?)
}

/// What is asked of parts that play one note at a time where there are only so many, and why it cannot be.
pub(crate) fn unmet_by_lines(restraints: &Restraints, lines: usize) -> Option<(Restraint, &'static str)> {
    let mut of_lines = Restraint::OF_LINES.into_iter();
    let unmet = of_lines.find(|(restraint, needed)| restraints.asks(*restraint) && lines < *needed);
    let (restraint, needed) = unmet?;
    let why = match needed {
        1 => "none of its parts plays one note at a time",
        _ => "no two of its parts play one note at a time",
    };
    Some((restraint, why))
}

/// A chord that is asked for beside a scale alone that lacks one of its tones.
pub(crate) fn chord_beyond_scale(scale: Key, chords: &Chart) -> Option<ComposeError> {
    let (chord, tone) = chords.chords().find_map(|chord| {
        let tones = chord.quality.tones().iter();
        let mut classes =
            tones.map(|tone| PitchClass::saturating((i64::from(chord.root.get()) + *tone as i64) % 12));
        Some((chord, classes.find(|class| !scale.contains(*class))?))
    })?;
    let why = format!("{tone} of that chord is not in that scale");
    let (one, other) = (format!("notes of the scale of {scale} alone"), format!("the chord {chord}"));
    Some(ComposeError::Contradiction { one, other, why })
}

fn name_of(mixture: &[(u32, f32)], styles: &[Style]) -> String {
    let name = |number: u32| styles[number as usize].name.as_str();
    match mixture {
        [(number, _)] => name(*number).to_owned(),
        several => {
            let named =
                several.iter().map(|(number, share)| format!("{} {:.0} %", name(*number), 100.0 * share));
            named.collect::<Vec<_>>().join(", ")
        }
    }
}

/// One of the style's keys, each as likely as among its training pieces.
fn usual_key(style: &Style, seed: u64) -> Option<Key> {
    let pieces: usize = style.keys.iter().map(|key| key.pieces as usize).sum();
    if pieces == 0 {
        return None;
    }
    let mut left = Rng::new(seed).fork(KEY_STREAM).below(pieces);
    let drawn = style.keys.iter().find(|key| {
        let is_it = left < key.pieces as usize;
        left = left.saturating_sub(key.pieces as usize);
        is_it
    });
    drawn.and_then(|key| key.key())
}

/// The style's parts, with the ranges asked for.
fn parts_of(style: &Style, restraints: &Restraints) -> Result<Vec<StylePart>, ComposeError> {
    let mut parts: Vec<StylePart> =
        style.parts.iter().enumerate().map(|(index, part)| named(index, part, style)).collect();
    with_single_bows(&mut parts, restraints);
    set_ranges(&mut parts, &restraints.ranges, &format!("the style {}", style.name))?;
    Ok(parts)
}

/// Bowed strings leave double stops out where something is asked of lines.
pub(crate) fn with_single_bows(parts: &mut [StylePart], restraints: &Restraints) {
    let asks_of_lines = Restraint::OF_LINES.iter().any(|(restraint, _)| restraints.asks(*restraint));
    for part in parts {
        part.part.monophonic |= asks_of_lines && Player::of(&part.part) == Player::Bow;
    }
}

/// Gives parts the ranges asked for by their names, or their numbers from 1; `whose` they are is told where one has none of a name.
pub(crate) fn set_ranges(
    parts: &mut [StylePart],
    ranges: &BTreeMap<String, (u8, u8)>,
    whose: &str,
) -> Result<(), ComposeError> {
    for (name, range) in ranges {
        let is_named = |part: &usize| parts[*part].part.name.eq_ignore_ascii_case(name);
        let mut own: Vec<usize> = (0..parts.len()).filter(is_named).collect();
        if own.is_empty() {
            let number = name.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            own.extend(number.filter(|part| *part < parts.len()));
        }
        for part in &own {
            (parts[*part].low, parts[*part].high) = *range;
        }
        if own.is_empty() {
            let names: Vec<&str> = parts.iter().map(|part| part.part.name.as_str()).collect();
            let rule = format!("one that {whose} has: {}", names.join(", "));
            return Err(ComposeError::Place { what: "a part", rule, value: name.clone() });
        }
    }
    Ok(())
}

/// A part must have a name for its track.
fn named(index: usize, part: &StylePart, style: &Style) -> StylePart {
    let mut part = part.clone();
    if part.part.name.trim().is_empty() {
        part.part.name = match (part.part.drums, style.parts.len()) {
            (true, _) => "Drums".into(),
            (false, 1) => "Melody".into(),
            _ => format!("Part {}", index + 1),
        };
    }
    part
}

/// Bars and tempo. A length in seconds is met exactly: whole bars, and a tempo near the one asked for or usual.
fn fit(request: &Request, style: &Style, meter: Meter) -> Result<(u32, Tempo), ComposeError> {
    let usual = request.asked_tempo().map_or(style.tempo, Tempo::bpm).clamp(*TEMPI.start(), *TEMPI.end());
    let seconds = match request.asked_length() {
        Some(Length::Seconds(seconds)) => seconds,
        Some(Length::Bars(bars)) => return Ok((bars, tempo_of(request, usual))),
        None => {
            let bars = request.asked_form().map_or(usual_bars(style), |form| form.count() * USUAL_BARS);
            return Ok((bars, tempo_of(request, usual)));
        }
    };
    let quarters = f64::from(meter.beats()) * 4.0 / f64::from(meter.unit());
    let tempo_for = |bars: u32| f64::from(bars) * quarters * 60.0 / seconds;
    // The two numbers of bars around the fitting one, of a form's sections a multiple; the nearer tempo, as a ratio, wins.
    let each = request.asked_form().map_or(1, Form::count);
    let fitting = (seconds * usual / 60.0 / quarters).floor() as u32;
    let below = (fitting / each).clamp(1, 9_998 / each) * each;
    let ratio = |bars: u32| (tempo_for(bars) / usual).max(usual / tempo_for(bars));
    let bars = if ratio(below + each) < ratio(below) { below + each } else { below };
    let needed = tempo_for(bars);
    let bend = (needed / usual - 1.0).abs();
    if let Some(asked) = request.asked_tempo().filter(|_| bend > MOST_BEND) {
        let (tempo, meter) = (names::bpm(asked), meter.to_string());
        return Err(ComposeError::TempoAgainstSeconds {
            seconds,
            tempo,
            bend: bend * 100.0,
            needed,
            bars,
            meter,
        });
    }
    let slack = 1.0 + MOST_BEND;
    let possible = (*TEMPI.start() / slack..=*TEMPI.end() * slack).contains(&needed);
    match Tempo::from_bpm(needed) {
        Ok(tempo) if possible => Ok((bars, tempo)),
        _ => Err(ComposeError::SecondsWithoutTempo { seconds, meter: meter.to_string(), needed }),
    }
}

/// The power of two nearest to the style's bars in the middle of all: phrases come in such numbers.
fn usual_bars(style: &Style) -> u32 {
    let ratio = |bars: u32| bars.max(style.bars) * 64 / bars.min(style.bars).max(1);
    [4, 8, 16, 32, 64].into_iter().min_by_key(|&bars| ratio(bars)).unwrap_or(16)
}

fn tempo_of(request: &Request, usual: f64) -> Tempo {
    request.asked_tempo().or_else(|| Tempo::from_bpm(usual).ok()).unwrap_or(Tempo::DEFAULT)
}
