//! Laws of composing, over a small network that has learnt nothing: rules must hold whatever it likes.

use cantus_model::encoding::Part;
use cantus_model::model::{Card, Model};
use cantus_model::network::{Network, Shape};
use cantus_model::recipe::Recipe;
use cantus_model::styles::{KeyCount, MeterCount, Style, StylePart};
use cantus_model::walk::Kind;
use cantus_nn::{Cell, Rng};
use cantus_score::{Key, Meter, Mode, Note, Pitch, PitchClass, Tempo, Ticks};

use crate::*;

mod choral;
mod drummers;
mod judging;
mod steering;

fn part(name: &str, [low, high]: [u8; 2], monophonic: bool, drums: bool) -> StylePart {
    let part = Part { name: name.into(), program: 0, drums, monophonic };
    StylePart { part, low, high, share: 0 }
}

fn style(name: &str, parts: Vec<StylePart>) -> Style {
    let meters = vec![MeterCount { beats: 4, unit: 4, pieces: 1 }];
    let (pieces, bars, dynamics) = (1, 4, name == "band");
    let (tempo, density, tonic_endings) = (100.0, 2.0, 0.9);
    Style {
        name: name.into(),
        pieces,
        parts,
        meters,
        keys: Vec::new(),
        tempo,
        bars,
        density,
        tonic_endings,
        dynamics,
        controls: Vec::new(),
        avoids: std::collections::BTreeMap::default(),
        critic: None,
    }
}

fn model() -> Model {
    let voice = |name, range| part(name, range, true, false);
    let quartet = [("S", [60, 81]), ("A", [52, 74]), ("T", [46, 69]), ("B", [36, 62])];
    let styles = vec![
        style("quartet", quartet.into_iter().map(|(name, range)| voice(name, range)).collect()),
        style("tune", vec![voice("", [55, 90])]),
        style(
            "band",
            vec![
                part("piano", [40, 80], false, false),
                voice("bass", [28, 50]),
                part("kit", [35, 51], false, true),
            ],
        ),
    ];
    let shape = Shape {
        cell: Cell::Gru,
        embedding: 8,
        hidden: 12,
        head: 8,
        styles: 3,
        drums: true,
        dynamics: true,
        controls: true,
    };
    let (network, params) = Network::new(shape, &mut Rng::new(5));
    let (recipe, card, digest) = (Recipe::default(), Card::default(), "digest".into());
    Model { network, params, styles, recipe, card, digest }
}

pub(crate) fn composer() -> Composer {
    Composer::new(&model())
}

fn key(rng: &mut Rng) -> Key {
    let mode = if rng.below(2) == 0 { Mode::Major } else { Mode::Minor };
    Key::of_tonic(PitchClass::saturating(rng.below(12) as i64), mode)
}

/// A request of which anything may be left out.
fn random_request(seed: u64) -> Request {
    let mut rng = Rng::new(seed);
    let mut request = Request::new(seed).style(["quartet", "tune", "band"][rng.below(3)]);
    if rng.below(2) == 0 {
        request = request.key(key(&mut rng));
        request = if rng.below(2) == 0 { request.without(Restraint::Accidentals) } else { request };
    }
    let of_lines = &Restraint::ALL[1..];
    let of_lines = if request.asked_style() == Some("quartet") { of_lines } else { &of_lines[3..] };
    for restraint in of_lines {
        request = match rng.below(4) {
            0 => request.without(*restraint),
            1 => request.avoid(*restraint, 3.0).unwrap(),
            _ => request,
        };
    }
    if rng.below(3) == 0 {
        request = request.most_notes(4 + rng.below(3) as u8).unwrap();
    }
    let meters = [(4, 4), (3, 4), (6, 8), (2, 2), (5, 8), (1, 8), (7, 16), (3, 32), (12, 8), (3, 1)];
    if rng.below(2) == 0 {
        let (beats, unit) = meters[rng.below(meters.len())];
        request = request.meter(Meter::new(beats, unit).unwrap()).unwrap();
    }
    request = match rng.below(3) {
        0 => request.bars(1 + rng.below(6) as u32).unwrap(),
        1 => request.seconds(f64::from(2 + rng.below(10) as u32)).unwrap(),
        _ => request,
    };
    request = request.temperature([0.0, 0.5, 1.0, 5.0][rng.below(4)]).unwrap();
    request = request.top_p([0.01, 0.9, 1.0][rng.below(3)]).unwrap();
    match rng.below(4) {
        0 => request,
        ending => request.ending([Ending::Tonic, Ending::Open, Ending::Loop][ending - 1]),
    }
}

pub(crate) const ONCE: Policy = Policy {
    attempts: 1,
    endings: 1,
    ending_bars: 1,
    candidates: 1,
    loop_endings: 1,
    takes: 1,
    is_traced: true,
};

fn once(composer: &Composer, request: &Request) -> Composition {
    composer.compose_with(request, &mut request.sampler(), &[], ONCE).unwrap()
}

#[test]
fn every_rule_is_obeyed_and_none_gives_way() {
    let composer = composer();
    let mut composed = 0;
    for seed in 0..300 {
        let request = random_request(seed);
        // Of several rules about lines one may leave nothing: then the piece is drawn again.
        let is_simple =
            request.restraints().forbidden.iter().filter(|of| **of != Restraint::Accidentals).count() < 2;
        let policy = Policy { attempts: if is_simple { 1 } else { 100 }, ..ONCE };
        let judges: &[&dyn Judge] = if is_simple { &[] } else { &[&RuleCheck] };
        let Ok(composition) = composer.compose_with(&request, &mut request.sampler(), judges, policy) else {
            continue;
        };
        composed += 1;
        assert_eq!(violations(&composition.score, &composition.plan), [], "{request:?}");
        let trace = composition.trace.unwrap();
        let gave_way =
            trace.decisions.iter().filter(|decision| decision.masked.iter().any(|masked| masked.gave_way));
        assert_eq!(gave_way.collect::<Vec<_>>(), Vec::<&Decision>::new(), "{request:?}");
    }
    assert!(composed > 250, "{composed} of 300 requests could be met");
}

#[test]
fn extreme_requests_are_met() {
    let composer = composer();
    let meter = |beats, unit| Meter::new(beats, unit).unwrap();
    let tune = |seed| Request::new(seed).style("tune");
    let requests = [
        Request::new(1).style("band").bars(100).ok(),
        tune(2).meter(meter(4, 128)).ok().map(|request| request.bars(1).unwrap()),
        tune(3).meter(meter(1, 8)).ok().map(|request| request.bars(200).unwrap()),
        tune(4).bars(200).ok(),
        tune(5).meter(meter(255, 1)).ok().map(|request| request.bars(1).unwrap()),
        tune(6).meter(meter(255, 4)).ok().map(|request| request.bars(2).unwrap()),
        tune(7).tempo(Tempo::from_bpm(20.0).unwrap()).ok(),
        tune(8).tempo(Tempo::from_bpm(400.0).unwrap()).ok(),
        tune(9).seconds(1.0).ok(),
    ];
    for request in requests.into_iter().flatten() {
        let composition = once(&composer, &request);
        assert_eq!(violations(&composition.score, &composition.plan), [], "{request:?}");
    }
}

#[test]
fn a_seed_means_one_piece() {
    let (first, second) = (composer(), composer());
    let mut scores = Vec::new();
    for seed in 0..4 {
        let request = Request::new(seed).style("quartet").bars(3).unwrap();
        let (a, b) = (first.compose(&request).unwrap(), second.compose(&request).unwrap());
        let json = |composition: &Composition| serde_json::to_string(&composition.record()).unwrap();
        assert_eq!(json(&a), json(&b));
        assert_eq!(a, b);
        scores.push(a.score.tracks);
    }
    scores.dedup();
    assert_eq!(scores.len(), 4, "different seeds must give different pieces");
}

#[test]
fn a_trace_is_computed_again() {
    let composer = composer();
    for seed in 0..3 {
        let request = random_request(seed).key(Key::C_MAJOR);
        let policy = Policy { is_traced: true, ..Policy::default() };
        let recorded =
            composer.compose_with(&request, &mut request.sampler(), &standard_judges(), policy).unwrap();
        let untraced = composer.compose(&request).unwrap();
        assert_eq!(recorded.score, untraced.score, "recording must not change the piece");
        let saved = serde_json::to_string(&recorded.request).unwrap();
        let read: Request = serde_json::from_str(&saved).unwrap();
        assert_eq!(read, request);
        assert_eq!(Some(composer.retrace(&read).unwrap()), recorded.trace);
    }
}

#[test]
fn a_trace_tells_the_piece() {
    let composition = once(&composer(), &Request::new(3).style("tune").bars(2).unwrap());
    let decisions = composition.trace.unwrap().decisions;
    let pitches = decisions.iter().filter(|decision| decision.kind == "pitch" && decision.chosen.class > 0);
    let told: Vec<String> = pitches.map(|decision| decision.chosen.means.clone()).collect();
    let played: Vec<String> =
        composition.score.tracks[0].notes.iter().map(|note| note.pitch.to_string()).collect();
    assert_eq!(told, played);
    assert_eq!(decisions.last().unwrap().chosen.means, "the end");
    for decision in &decisions {
        assert!(decision.likely.windows(2).all(|pair| pair[0].probability >= pair[1].probability));
        let lost: f32 = decision.masked.iter().map(|masked| masked.mass).sum();
        assert!((0.0..=1.001).contains(&lost));
    }
}

#[test]
fn lengths_in_seconds_are_met() {
    let composer = composer();
    for (seconds, bpm) in [(10.0, None), (61.5, None), (2.5, None), (9.7, Some(100.0)), (30.0, Some(63.0))] {
        let mut request = Request::new(1).style("tune").seconds(seconds).unwrap();
        if let Some(bpm) = bpm {
            request = request.tempo(Tempo::from_bpm(bpm).unwrap()).unwrap();
        }
        let composition = once(&composer, &request);
        assert!((composition.score.seconds().0 - seconds).abs() < 1e-3, "{seconds} s at {bpm:?}");
        if let Some(bpm) = bpm {
            assert!((composition.plan.tempo.bpm() / bpm - 1.0).abs() <= 0.03);
        }
    }
}

#[test]
fn what_cannot_be_met_is_said() {
    #[track_caller]
    fn check(result: Result<Request, ComposeError>, expected: &str) {
        let planned = result.and_then(|request| Plan::new(&request, composer().styles()).map(|_| ()));
        assert_eq!(planned.unwrap_err().to_string(), expected);
    }
    let request = || Request::new(1).style("tune");
    let tempo = |bpm| Tempo::from_bpm(bpm).unwrap();
    check(request().bars(0), "bars must be at least 1, but was 0");
    check(request().bars(1000), "bars must be at most 999, but was 1000");
    check(request().seconds(f64::NAN), "a length must be from 1 to 3600 seconds, but was NaN");
    check(request().temperature(-1.0), "a temperature must be from 0 to 5, but was -1");
    check(request().top_p(0.0), "a share of probability must be from 0.01 to 1, but was 0");
    check(request().tempo(tempo(10.0)), "a tempo must be from 20 to 400 quarter notes a minute, but was 10");
    check(
        request().meter(Meter::new(3, 64).unwrap()),
        "a metre must be a bar of whole 96ths of a whole note, but was 3/64",
    );
    check(
        Ok(request().style("jazz")),
        "a style must be one that the model knows (quartet, tune, band), but was jazz",
    );
    check(
        Ok(request().without(Restraint::Accidentals)),
        "a piece of scale notes only must have a key, but none was given",
    );
    check(
        request().tempo(tempo(100.0)).and_then(|request| request.seconds(3.0)),
        "a length in seconds may bend the tempo by at most 3 %, but 3 seconds at 100 quarters a minute would bend \
         it by 20.0 %, to 80.0 for 1 bar(s) of 4/4",
    );
    check(
        request().seconds(1.0).and_then(|request| request.meter(Meter::new(4, 2).unwrap())),
        "a length of 1 seconds must hold at least one bar of 4/2 at 20 to 400 quarters a minute, but it would need 480.0",
    );
    let written = r#"{"style": "tune", "length": {"bars": 0}}"#;
    let error = serde_json::from_str::<Request>(written).unwrap_err().to_string();
    assert_eq!(error, "bars must be at least 1, but was 0");
}

#[test]
fn broken_rules_are_found() {
    let composer = composer();
    let request =
        Request::new(2).style("quartet").key(Key::C_MAJOR).without(Restraint::Accidentals).bars(2).unwrap();
    let good = once(&composer, &request);
    let check = |expected: Rule, change: &dyn Fn(&mut cantus_score::Score)| {
        let mut score = good.score.clone();
        change(&mut score);
        let found = violations(&score, &good.plan);
        assert!(found.iter().any(|(rule, _)| *rule == expected), "{expected:?} in {found:?}");
    };
    check(Rule::Range, &|score| score.tracks[0].notes[0].pitch = Pitch::saturating(20));
    check(Rule::Scale, &|score| score.tracks[0].notes[0].pitch = Pitch::saturating(61));
    check(Rule::Length, &|score| score.tracks[3].notes.last_mut().unwrap().length.0 += 1);
    check(Rule::Length, &|score| score.tracks.iter_mut().for_each(|track| track.notes.truncate(1)));
    check(Rule::Rhythm, &|score| {
        let first = score.tracks[1].notes[0];
        score.tracks[1]
            .notes
            .insert(0, Note::new(Ticks::ZERO, Ticks(first.length.0 + first.start.0 + 1), first.pitch));
    });
    check(Rule::Ending, &|score| score.tracks[2].notes.truncate(1));
    check(Rule::Opening, &|score| {
        for track in &mut score.tracks {
            track.notes.retain(|note| note.start > Ticks::ZERO);
        }
    });
    check(Rule::Meter, &|score| score.meters.clear());
}

#[test]
fn final_harmonies_are_told_apart() {
    let score = cantus_score::notation::parse;
    let check = |ending: Ending, text: &str, expected: bool| {
        let request = Request::new(1).style("quartet").key(Key::C_MAJOR).ending(ending);
        let plan = Plan::new(&request, composer().styles()).unwrap();
        let score = score(text).unwrap();
        let piece = cantus_model::encoding::Sliced::of_score(&score);
        let verdict = EndingCheck.judge(&Finished { piece: &piece, score: &score, plan: &plan });
        assert_eq!(verdict == Verdict::Accept, expected, "{ending:?} {text}: {verdict:?}");
    };
    check(Ending::Tonic, "key=C | G4/4 E5/4 | B3/4 C3/4", true);
    check(Ending::Tonic, "key=C | G4/4 G4/4 | B3/4 C3/4", true);
    check(Ending::Tonic, "key=C | G4/4 C5/4 | B3/4 E3/4", false);
    check(Ending::Tonic, "key=C | G4/4 D5/4 | B3/4 C3/4", false);
    check(Ending::Open, "key=C | C5/4 B4/4 | C3/4 G2/4", true);
    check(Ending::Open, "key=C | C5/4 C5/4 | C3/4 G2/4", false);
    check(Ending::Open, "key=C | C5/4 D5/4", true);
    check(Ending::Loop, "key=C | C5/4 D5/4", true);
}

#[test]
fn an_accepted_piece_is_as_asked() {
    let composer = composer();
    let mut accepted = 0;
    for seed in 0..30 {
        let ending = if seed % 2 == 0 { Ending::Tonic } else { Ending::Open };
        let asked = key(&mut Rng::new(seed));
        let request =
            Request::new(seed).style("tune").key(asked).without(Restraint::Accidentals).ending(ending);
        let composition = composer.compose(&request.bars(4).unwrap()).unwrap();
        if !composition.remarks.is_empty() {
            continue;
        }
        accepted += 1;
        let heard = composition.key.unwrap();
        assert_eq!((heard.tonic(), heard.mode()), (asked.tonic(), asked.mode()));
        assert_eq!(composition.score.keys[0].value, asked);
        let last = composition.score.tracks[0].notes.last().unwrap();
        assert_eq!(last.pitch.class() == asked.tonic(), ending == Ending::Tonic);
        assert!(last.length.0 >= 480, "the last note is held");
    }
    assert!(accepted > 20, "{accepted} of 30 were accepted");
}

#[test]
fn a_loop_takes_the_best_way_back() {
    let composer = composer();
    for seed in 0..5 {
        let request = Request::new(seed).style("quartet").ending(Ending::Loop).bars(4).unwrap();
        let points = |loop_endings| {
            let policy = Policy { loop_endings, ..Policy::default() };
            composer.compose_with(&request, &mut request.sampler(), &[], policy).unwrap().points
        };
        let of_one = points(1);
        assert!(of_one < 0.0, "a way back costs something");
        assert!(
            points(8) > of_one || points(30) > of_one,
            "one of several ways back is better than the first"
        );
    }
}

struct Wilful;

impl Chooser for Wilful {
    fn choose(&mut self, _: &Distribution, _: &Context, _: &mut Rng) -> u32 {
        1000
    }
}

#[test]
fn a_chooser_keeps_to_the_offer() {
    let error = composer().compose_with(&Request::new(1), &mut Wilful, &[], ONCE).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a chooser must choose one of the classes offered for a pickup, but chose 1000"
    );
}

fn offered(logits: &[f32]) -> Distribution {
    let mut distribution =
        Distribution { classes: (0..logits.len() as u32).collect(), ..Distribution::default() };
    distribution.logits = logits.to_vec();
    let total: f32 = logits.iter().map(|logit| logit.exp()).sum();
    distribution.probabilities = logits.iter().map(|logit| logit.exp() / total).collect();
    distribution
}

#[test]
fn the_sampler_draws_by_probability() {
    let logits: Vec<f32> = [0.5_f32, 0.3, 0.15, 0.05].iter().map(|p| p.ln()).collect();
    let close = |shaped: &[f32], expected: [f32; 4]| {
        let total: f32 = shaped.iter().sum();
        shaped.iter().zip(expected).all(|(weight, expected)| (weight / total - expected).abs() < 1e-4)
    };
    let offered = offered(&logits);
    assert!(close(Sampler::new(1.0, 1.0).shape(&offered, Kind::Pitch), [0.5, 0.3, 0.15, 0.05]));
    assert!(close(Sampler::new(0.0, 1.0).shape(&offered, Kind::Pitch), [1.0, 0.0, 0.0, 0.0]));
    assert!(close(Sampler::new(1.0, 0.6).shape(&offered, Kind::Pitch), [0.625, 0.375, 0.0, 0.0]));
    assert!(close(
        Sampler::new(0.5, 1.0).shape(&offered, Kind::Pitch),
        [0.684_93, 0.246_58, 0.061_64, 0.006_85]
    ));
    let mut counts = [0; 4];
    let (mut sampler, mut rng) = (Sampler::new(1.0, 1.0), Rng::new(9));
    let setup = cantus_model::walk::Setup {
        parts: Vec::new(),
        meters: Vec::new(),
        dynamics: false,
        controls: cantus_model::controls::Controls::default(),
        conditions: cantus_model::walk::Conditions::default(),
    };
    let spec = cantus_model::walk::Spec::new(1);
    let walker = cantus_model::walk::Walker::new(&spec, setup);
    let context = Context { kind: Kind::Gap, part: 0, at: 0, attempt: 0, piece: Some(&walker) };
    for _ in 0..10_000 {
        counts[sampler.choose(&offered, &context, &mut rng) as usize] += 1;
    }
    for (count, expected) in counts.into_iter().zip([5000, 3000, 1500, 500]) {
        // Four standard deviations of the largest.
        assert!(i32::abs(count - expected) < 200, "{counts:?}");
    }
}

#[test]
fn a_piece_sets_out_in_a_key_of_its_style_unless_one_is_asked_for() {
    let keys = [(2, 3), (-1, 1)].map(|(fifths, pieces)| KeyCount { fifths, minor: false, pieces });
    let styles = [Style { keys: keys.into(), ..style("tune", vec![part("Fiddle", [55, 90], true, false)]) }];
    let home = |request: &Request| Plan::new(request, &styles).unwrap().home.unwrap().fifths();
    let homes: Vec<i8> = (0..400).map(|seed| home(&Request::new(seed))).collect();
    let often = homes.iter().filter(|&&fifths| fifths == 2).count();
    assert!(homes.iter().all(|fifths| [2, -1].contains(fifths)));
    assert!((260..340).contains(&often), "three quarters of 400, but {often}");
    assert_eq!(home(&Request::new(0).key(Key::C_MAJOR)), 0);
}

/// Scales on which every control varies.
fn scales() -> Vec<cantus_model::controls::ControlScale> {
    let scale = || cantus_model::controls::Scale::of_values((0..100).map(f64::from).collect()).unwrap();
    let of = |control: Control| cantus_model::controls::ControlScale {
        name: control.name().into(),
        pieces: scale(),
        bars: scale(),
    };
    Control::ALL.into_iter().map(of).collect()
}

pub(crate) fn controlled() -> Model {
    let mut model = model();
    for style in &mut model.styles {
        style.controls = scales();
    }
    model
}

#[test]
fn a_request_with_controls_comes_back_from_json() {
    let mut request = Request::new(4).chords("Dm7 G7 | Cmaj7 | % | - F#/A#".parse().unwrap());
    for (control, text) in Control::ALL.into_iter().zip(["0.7", "0 1", "0.2 - 0.9", "1", "0,0.5,1", "0.25"]) {
        request = request.control(control, text.parse().unwrap());
    }
    let json = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<Request>(&json).unwrap(), request);
    assert!(json.contains(r#""density":0.7,"#) && json.contains(r#""register":[0.2,null,0.9]"#), "{json}");
    assert!(json.contains(r#""chords":"Dm7 G7 | Cmaj7 | Cmaj7 | - F#""#), "{json}");
    // What asks for no control is written as it always was.
    assert!(!serde_json::to_string(&Request::new(4)).unwrap().contains("wishes"));
}

#[test]
fn controls_out_of_range_are_refused_with_the_rule_and_the_value() {
    let error = |text: &str| text.parse::<Course>().unwrap_err().to_string();
    assert_eq!(error("1.5"), "a control must be from 0 to 1, but was 1.5");
    assert_eq!(error("0.2 nan"), "a control must be from 0 to 1, but was NaN");
    assert_eq!(
        error("loud"),
        "a control must be a number from 0 to 1, or several with spaces between them, but was loud"
    );
    assert!(error(" ").ends_with("but was nothing"));
    let chart = |text: &str| text.parse::<Chart>().unwrap_err().to_string();
    assert_eq!(
        chart("C | H7"),
        "a chord must be a root and a kind, such as C, F#m, Bb7, Cmaj7, Dm7 or Bdim, but was H7"
    );
    assert!(chart("").ends_with("but was \"\""));
    let unknown = r#"{"wishes":{"controls":{"loudness":0.5}}}"#;
    let error = serde_json::from_str::<Request>(unknown).unwrap_err().to_string();
    assert!(error.starts_with("a control must be density,"), "{error}");
    assert!(serde_json::from_str::<Request>(r#"{"wishes":{"controls":{"density":7}}}"#).is_err());
}

#[test]
fn a_curve_goes_straight_from_point_to_point() {
    let at = |text: &str, bars: u32| -> Vec<Option<f64>> {
        let course: Course = text.parse().unwrap();
        (0..bars).map(|bar| course.at(bar, bars)).collect()
    };
    assert_eq!(at("0 1", 5), [Some(0.0), Some(0.25), Some(0.5), Some(0.75), Some(1.0)]);
    assert_eq!(at("0.5", 2), [Some(0.5); 2]);
    assert_eq!(at("0 - 1", 5), [Some(0.0), None, None, Some(1.0), Some(1.0)]);
    assert_eq!(at("0.25 1", 1), [Some(0.25)]);
}

#[test]
fn chords_lie_evenly_in_their_bars_and_begin_again() {
    let chart: Chart = "C Am | G7".parse().unwrap();
    let spans = chart.spans(&[0..96, 96..192, 192..288]);
    let told: Vec<(u32, String)> =
        spans.iter().map(|span| (span.from, span.chord.unwrap().to_string())).collect();
    let expected = [(0, "C"), (48, "Am"), (96, "G7"), (192, "C"), (240, "Am")];
    assert_eq!(told, expected.map(|(from, chord)| (from, chord.to_owned())));
}

#[test]
fn controls_change_the_piece_and_break_no_rule() {
    let composer = Composer::new(&controlled());
    for seed in 0..20 {
        let plain = random_request(seed);
        let request = plain.clone().control(Control::Density, "0.9 0.1".parse().unwrap());
        let request =
            request.control(Control::Tension, Course::value(0.4).unwrap()).chords("C F | G".parse().unwrap());
        let compose = |request: &Request| composer.compose_with(request, &mut request.sampler(), &[], ONCE);
        let (Ok(one), Ok(other)) = (compose(&plain), compose(&request)) else { continue };
        assert_eq!(violations(&other.score, &other.plan), [], "{request:?}");
        assert!(one.trace != other.trace);
        assert_eq!(other.plan.controls.bars.len(), other.plan.bars as usize);
    }
}

#[test]
fn what_a_model_or_a_style_does_not_know_cannot_be_asked() {
    let density = |request: Request| request.control(Control::Density, Course::value(0.5).unwrap());
    let refused =
        |model: &Model| Composer::new(model).compose(&density(Request::new(1))).unwrap_err().to_string();
    assert_eq!(
        refused(&model()),
        "density can only be asked of a style that varies in it, but quartet is one whose pieces have none that is known"
    );
    let mut unlearnt = controlled();
    unlearnt.network.shape.controls = false;
    (unlearnt.network, unlearnt.params) = Network::new(unlearnt.network.shape, &mut Rng::new(5));
    assert_eq!(
        refused(&unlearnt),
        "density can only be asked of a model that has learnt controls, but this one has not"
    );
}

#[test]
fn strength_zero_asks_for_nothing_and_strength_one_needs_no_second_network() {
    let composer = Composer::new(&controlled());
    let plain = Request::new(3).style("band").bars(3).unwrap();
    let asked = plain.clone().control(Control::Density, "0.9 0.1".parse().unwrap());
    let tracks = |request: Request| once(&composer, &request).score.tracks;
    assert_eq!(tracks(asked.clone().strength(0.0).unwrap()), tracks(plain.clone()));
    assert_ne!(tracks(asked.clone().strength(1.0).unwrap()), tracks(plain));
    assert_ne!(tracks(asked.clone().strength(4.0).unwrap()), tracks(asked.strength(1.0).unwrap()));
    let error = Request::new(1).strength(6.0).unwrap_err().to_string();
    assert_eq!(error, "a strength must be from 0 to 5, but was 6");
}

#[test]
fn a_composition_with_controls_tells_what_was_asked_and_is_computed_again() {
    let composer = Composer::new(&controlled());
    let request = Request::new(5).style("quartet").bars(3).unwrap();
    let request = request.control(Control::Register, "0 1".parse().unwrap()).strength(2.0).unwrap();
    let policy = Policy { is_traced: true, ..Policy::default() };
    let composition =
        composer.compose_with(&request, &mut request.sampler(), &standard_judges(), policy).unwrap();
    let json = serde_json::to_value(composition.record()).unwrap();
    assert_eq!(json["told"], serde_json::json!({"register": {"bars": [0, 5, 9]}}));
    let read: Request = serde_json::from_value(json["request"].clone()).unwrap();
    assert_eq!(Some(composer.retrace(&read).unwrap()), composition.trace);
}
