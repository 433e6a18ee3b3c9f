//! Laws of what steers a piece: mixtures, references, rankings, rules, sections.

use cantus_model::controls::{ControlScale, Scale};

use super::*;

#[test]
fn mixed_styles_are_mixed_whatever_their_order_and_alone_they_are_themselves() {
    let composer = composer();
    let compose = |style: &str| once(&composer, &Request::new(4).style(style).bars(6).unwrap());
    let notes =
        |style: &str| compose(style).score.tracks.into_iter().map(|track| track.notes).collect::<Vec<_>>();
    assert_eq!(notes("quartet:3"), notes("quartet"));
    assert_eq!(notes("quartet:0.7,tune:0.3"), notes(" tune : 3, quartet:7"));
    let mixed = compose("quartet:0.7,tune:0.3");
    assert_ne!(mixed.score.tracks[0].notes, compose("quartet").score.tracks[0].notes);
    // The greatest share gives parts and ranges; equal shares leave the first first.
    assert_eq!(mixed.plan.style_name, "quartet 70 %, tune 30 %");
    assert_eq!(mixed.score.tracks.len(), 4);
    assert_eq!(compose("tune,quartet").score.tracks.len(), 1);
    assert_eq!(violations(&mixed.score, &mixed.plan), []);
    // The smaller a share, the less it changes: next to nothing leaves the style as it was.
    assert_eq!(notes("quartet:1000,tune:0.0001"), notes("quartet"));
    let wrong = |style: &str| {
        let request = Request::new(1).style(style);
        composer.compose(&request).unwrap_err().to_string()
    };
    assert!(wrong("quartet:0.5,waltz:0.5").contains("waltz"));
    assert!(wrong("quartet:0,tune:1").contains("quartet:0"));
    assert!(wrong("quartet:much,tune").contains("quartet:much"));
    assert!(wrong("tune,tune").contains("differ"));
    assert!(wrong("quartet,tune,").contains("known") || wrong("quartet,tune,").contains("knows"));
}

#[test]
fn pieces_are_ranked_by_faults_and_then_by_their_places() {
    let composer = composer();
    let pieces: Vec<Composition> =
        (0..5).map(|seed| once(&composer, &Request::new(seed).style("tune").bars(4).unwrap())).collect();
    let mut faulty = pieces.clone();
    faulty[2].remarks.push("it has a fault".into());
    let order = |pieces: &[Composition]| ranked(pieces, composer.styles(), Some(&composer));
    assert_eq!(order(&faulty).last().unwrap().index, 2);
    let all = order(&pieces);
    assert!(all.windows(2).all(|pair| pair[0].mean_place <= pair[1].mean_place));
    assert!(all.iter().all(|one| one.nats.unwrap() > 0.0 && one.off.is_none()));
    // Places are shared out whole: their mean over the pieces is the middle place.
    let mean = all.iter().map(|one| one.mean_place).sum::<f64>() / 5.0;
    assert!((mean - 3.0).abs() < 1e-9);
    // What two pieces have alike is neither's own; alone, all of a piece is.
    let twins = order(&[pieces[0].clone(), pieces[0].clone()]);
    assert!(twins.iter().all(|one| one.new == 0.0 && (one.mean_place - 1.5).abs() < 1e-9));
    assert!(order(&pieces[..1])[0].new >= 1.0);
}

#[test]
fn a_request_like_a_piece_asks_for_what_is_measured_and_keeps_what_was_asked() {
    let mut style = style("tune", vec![part("", [55, 90], true, false)]);
    let scale = |values: &[f64]| Scale::of_values(values.to_vec()).unwrap();
    let density = (0..=10).map(|tenth| f64::from(tenth) * 0.5).collect::<Vec<_>>();
    style.controls.push(ControlScale {
        name: "density".into(),
        pieces: scale(&density),
        bars: scale(&density),
    });
    // Six bars of quarters, then two of eighths.
    let text = "key=G meter=3/4 tempo=132 | G4/4 A4 B4 D5 B4 A4 G4 A4 B4 D5 B4 A4 G4 A4 B4 D5 B4 A4 \
        G4/8 A4 B4 D5 B4 A4 G4/8 A4 B4 D5 B4 G4";
    let reference = cantus_model::encoding::Sliced::of_score(&cantus_score::notation::parse(text).unwrap());
    let request = Request::new(1).like(&reference, &style, &Control::ALL).unwrap();
    assert_eq!(request.asked_key().unwrap().to_string(), "G major");
    assert_eq!(request.asked_meter().unwrap().to_string(), "3/4");
    assert!((request.asked_tempo().unwrap().bpm() - 132.0).abs() < 0.01);
    assert_eq!(request.asked_length(), Some(Length::Bars(8)));
    let course = request.asked_control(Control::Density).unwrap();
    assert!((course.at(0, 8).unwrap() - 0.2).abs() < 1e-6, "one a quarter is two tenths of the way to five");
    assert!((course.at(7, 8).unwrap() - 0.4).abs() < 1e-6, "two are four");
    assert_eq!(request.asked_control(Control::Register), None, "the style does not vary in it");
    // What was asked for already stays.
    let asked = Request::new(1).bars(3).unwrap().control(Control::Density, Course::value(0.9).unwrap());
    let asked = asked.like(&reference, &style, &Control::ALL).unwrap();
    assert_eq!(asked.asked_length(), Some(Length::Bars(3)));
    assert_eq!(asked.asked_control(Control::Density).unwrap().whole(), Some(0.9));
}

#[test]
fn parallels_are_found_and_where_they_are_forbidden_there_are_none() {
    let composer = composer();
    let parallels = |request: &Request, plan: &Plan| {
        let score = once(&composer, request).score;
        violations(&score, plan)
            .iter()
            .filter(|(rule, _)| matches!(rule, Rule::Fifths | Rule::Octaves))
            .count()
    };
    let mut found = 0;
    for seed in 0..20 {
        let request = Request::new(seed).style("quartet").bars(8).unwrap();
        let forbidding = request.clone().without(Restraint::Fifths).without(Restraint::Octaves);
        let plan = Plan::new(&forbidding, composer.styles()).unwrap();
        found += parallels(&request, &plan);
        assert_eq!(parallels(&forbidding, &plan), 0);
    }
    assert!(found > 0, "by chance there are some");
    let steps = |text: &str| {
        let score = cantus_score::notation::parse(text).unwrap();
        let request = Request::new(1).style("quartet").bars(1).unwrap();
        let request = request.without(Restraint::Fifths).without(Restraint::Octaves);
        let plan = Plan::new(&request, composer.styles()).unwrap();
        violations(&score, &plan).iter().any(|(rule, _)| matches!(rule, Rule::Fifths | Rule::Octaves))
    };
    let of = |alto: &str, bass: &str| steps(&format!("S: C6/2 C6/2 | A: {alto} | T: r/1 | B: {bass}"));
    assert!(of("G4/2 A4/2", "C3/2 D3/2"), "fifths");
    assert!(of("C5/2 D5/2", "C3/2 D3/2"), "octaves");
    assert!(of("G4/2 A4/2", "C4/2 D3/2"), "fifths, one of them wider by an octave");
    assert!(!of("G4/2 G4/2", "C3/2 C3/2"), "what stays does not move");
    assert!(!of("E4/2 F4/2", "C3/2 D3/2"), "thirds may");
    assert!(!of("G4/2 A4/2", "C3/4 D3/4 E3/2"), "nor is it to another interval");
}

#[test]
fn what_is_forbidden_is_not_there_and_what_is_avoided_is_rarer() {
    let composer = composer();
    let plain = |seed: u64| Request::new(seed).style("quartet").bars(8).unwrap().key(Key::C_MAJOR);
    for restraints in [
        &[Restraint::Accidentals][..],
        &Restraint::PARALLELS,
        &[Restraint::Crossings],
        &[Restraint::Rests],
        &[Restraint::Repeats],
    ] {
        let without = |request: Request| restraints.iter().fold(request, |asked, of| asked.without(*of));
        let avoid = |request: Request, nats: f32| {
            restraints.iter().fold(request, |asked, of| asked.avoid(*of, nats).unwrap())
        };
        let (mut allowed, mut avoided) = (0, 0);
        for seed in 0..12 {
            let plan = Plan::new(&without(plain(seed)), composer.styles()).unwrap();
            let count = |request: &Request| {
                let composition = once(&composer, request);
                let found = violations(&composition.score, &plan);
                let is_one = |rule: Rule| restraints.iter().any(|of| Rule::against(*of) == rule);
                found.iter().filter(|(found, _)| is_one(*found)).count()
            };
            allowed += count(&plain(seed));
            avoided += count(&avoid(plain(seed), 5.0));
            assert_eq!(count(&without(plain(seed))), 0, "{restraints:?}");
            let untouched = avoid(plain(seed), 0.0);
            assert_eq!(once(&composer, &untouched).score.tracks, once(&composer, &plain(seed)).score.tracks);
        }
        assert!(4 * avoided < 3 * allowed, "{restraints:?}: {avoided} avoided, {allowed} else");
    }
    let request = plain(1).avoid(Restraint::Crossings, 2.0).unwrap().without(Restraint::Rests);
    let request = request.most_notes(5).unwrap().range("S", (Pitch::saturating(70), Pitch::saturating(75)));
    let request = request.unwrap();
    let composition = once(&composer, &request);
    assert!(composition.score.tracks[0].notes.iter().all(|note| (70..=75).contains(&note.pitch.get())));
    let trace = composition.trace.unwrap();
    let masked: Vec<Masked> =
        trace.decisions.iter().flat_map(|decision| decision.masked.iter().copied()).collect();
    let weighed = |masked: &&Masked| masked.rule == Rule::Crossing;
    assert!(masked.iter().filter(weighed).all(|masked| masked.nats == Some(2.0) && !masked.gave_way));
    assert!(masked.iter().filter(weighed).count() > 0);
    let written = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<Request>(&written).unwrap(), request);
}

#[test]
fn a_style_avoids_what_its_real_pieces_have_less_of() {
    let composer = composer();
    // Four voices that hardly move neither cross nor rest; a network that knows nothing does both.
    let calm =
        "S: C5/2 D5/2 E5/2 D5/2 | A: G4/2 A4/2 G4/2 F4/2 | T: E4/2 C4/2 C4/2 B3/2 | B: C3/2 F3/2 E3/2 G3/2";
    let calm = cantus_model::encoding::Sliced::of_score(&cantus_score::notation::parse(calm).unwrap());
    let real = vec![calm; 20];
    let avoids = habits(&composer, "quartet", &real, 3).unwrap();
    assert!(avoids["crossings"] > 0.0 && avoids["rests"] > 1.0, "{avoids:?}");
    let styles = |name: &str| {
        let mut styles = composer.styles().to_vec();
        let own = styles.iter_mut().find(|style| style.name == name).unwrap();
        own.avoids = avoids.clone();
        styles
    };
    let avoided =
        |request: &Request, styles: &[Style]| Plan::new(request, styles).unwrap().restraints.avoided;
    let quartet = Request::new(1).style("quartet");
    let usual = avoided(&quartet, &styles("quartet"))[&Restraint::Crossings];
    assert_eq!(usual.to_bits(), avoids["crossings"].to_bits());
    // What is asked for comes before what is usual, and one line crosses none.
    let asked = quartet.clone().avoid(Restraint::Crossings, 0.0).unwrap();
    assert_eq!(avoided(&asked, &styles("quartet"))[&Restraint::Crossings].to_bits(), 0);
    let forbidden = quartet.without(Restraint::Crossings);
    assert!(!avoided(&forbidden, &styles("quartet")).contains_key(&Restraint::Crossings));
    let tune = avoided(&Request::new(1).style("tune"), &styles("tune"));
    assert!(!tune.contains_key(&Restraint::Crossings) && tune.contains_key(&Restraint::Rests));
    // What real pieces have more of is not avoided.
    let wild =
        "S: C4/4 r/4 C4/4 D4/4 | A: G4/4 r/4 G4/4 A4/4 | T: C5/4 r/4 C5/4 D5/4 | B: C3/4 r/4 C3/4 D3/4";
    let wild = cantus_model::encoding::Sliced::of_score(&cantus_score::notation::parse(wild).unwrap());
    let of_the_wild = habits(&composer, "quartet", &vec![wild; 20], 3).unwrap();
    assert!(of_the_wild.keys().all(|of| of == "rests"), "{of_the_wild:?}");
}

#[test]
fn a_part_without_a_note_of_the_scale_is_silent_and_breaks_no_rule() {
    let composer = composer();
    let f_sharp = Pitch::saturating(54);
    for (seed, part) in [(1, "B"), (2, "S"), (3, "T")] {
        let request = Request::new(seed).style("quartet").bars(6).unwrap().key(Key::C_MAJOR);
        let request = request.without(Restraint::Accidentals).range(part, (f_sharp, f_sharp)).unwrap();
        let composition = once(&composer, &request);
        assert_eq!(violations(&composition.score, &composition.plan), []);
        let silent = composition.score.tracks.iter().filter(|track| track.notes.is_empty());
        assert_eq!(silent.map(|track| track.name.as_str()).collect::<Vec<_>>(), [part]);
        let decisions = composition.trace.unwrap().decisions;
        assert!(decisions.iter().all(|one| one.masked.iter().all(|masked| !masked.gave_way)));
    }
}

#[test]
fn singers_breathe_unless_rests_are_forbidden() {
    let composer = composer();
    let quick = format!("Voice: {}", "C5/8 D5/8 E5/8 D5/8 ".repeat(24));
    let quick = cantus_model::encoding::Sliced::of_score(&cantus_score::notation::parse(&quick).unwrap());
    let ends = |request: &Request| {
        let mut plan = Plan::new(request, composer.styles()).unwrap();
        plan.parts[0].part.program = 52;
        let judged = crate::session::judged(quick.clone(), Some(Trace::default()), (&plan, 0.0), &[]);
        let notes = &judged.score.tracks[0].notes;
        let rests = notes.windows(2).filter(|pair| pair[0].end() < pair[1].start).count();
        let told = judged.trace.unwrap().decisions.iter().filter(|one| one.kind == "breath").count();
        assert_eq!(rests, told);
        rests
    };
    let tune = Request::new(1).style("tune");
    // Twenty-nine seconds of eighths.
    assert_eq!(ends(&tune), 2);
    assert_eq!(ends(&tune.clone().avoid(Restraint::Rests, 3.0).unwrap()), 2, "to have few is to have some");
    assert_eq!(ends(&tune.without(Restraint::Rests)), 0);
}

#[test]
fn hands_can_play_what_they_are_given() {
    let composer = composer();
    let piano = &composer.styles()[2].parts[0].part;
    assert_eq!((Player::of(piano), piano.monophonic), (Player::Keys, false));
    let mut crowded = 0;
    for seed in 0..12 {
        let request = Request::new(seed).style("band").bars(8).unwrap();
        let composition = once(&composer, &request);
        assert_eq!(violations(&composition.score, &composition.plan), []);
        let masked = composition.trace.unwrap().decisions;
        crowded += masked.iter().flat_map(|one| &one.masked).filter(|m| m.rule == Rule::Playable).count();
    }
    assert!(crowded > 0, "the rule had something to do");
    // Too many and too wide are found in a score.
    let plan = Plan::new(&Request::new(1).style("band").bars(1).unwrap(), composer.styles()).unwrap();
    let finds = |text: &str| {
        let score = cantus_score::notation::parse(text).unwrap();
        violations(&score, &plan).iter().any(|(rule, _)| *rule == Rule::Playable)
    };
    assert!(!finds("piano: [C3 E4 C5 E6]/1 | bass: E2/1 | kit: r/1"));
    assert!(finds("piano: [C2 C4 C6]/1 | bass: E2/1 | kit: r/1"));
}

/// The notes of each bar of 4/4 of a score, by track, with times from the bar's beginning.
fn by_bar(score: &cantus_score::Score, bars: u32) -> Vec<Vec<(usize, u32, u8)>> {
    let (pickup, bar) = (score.pickup().0, 4 * score.resolution.ticks_per_quarter());
    let mut all = vec![Vec::new(); bars as usize];
    for (track, notes) in score.tracks.iter().map(|track| &track.notes).enumerate() {
        for note in notes {
            if let Some(since) = note.start.0.checked_sub(pickup) {
                all[(since / bar) as usize].push((track, since % bar, note.pitch.get()));
            }
        }
    }
    all
}

#[test]
fn sections_return_a_little_otherwise_and_end_for_themselves() {
    let composer = composer();
    let form: Form = "AABA".parse().unwrap();
    for style in ["quartet", "tune", "band"] {
        let [mut all_return, mut second_return, mut returned, mut again] = [0; 4];
        for seed in 1..5 {
            let request = Request::new(seed).style(style).bars(32).unwrap().form(form.clone());
            let composition = once(&composer, &request);
            assert_eq!(violations(&composition.score, &composition.plan), []);
            let bars = by_bar(&composition.score, 32);
            let same = |one: usize, other: usize| bars[one] == bars[other] && !bars[one].is_empty();
            let count = |first: usize| (0..8).filter(|bar| same(*bar, first + bar)).count();
            let [all, second, bridge] = [0, 8, 16].map(count);
            assert!(second < all, "{style}: all {second} bars return as they were");
            let returning: Vec<usize> = (0..6).filter(|bar| same(*bar, 8 + bar)).collect();
            again += returning.iter().filter(|bar| same(**bar, 24 + **bar)).count();
            returned += returning.len();
            (all_return, second_return) = (all_return + all, second_return + second);
            assert!(bridge <= 1, "{style}: {bridge} bars of B are those of A");
            assert_ne!(bars[7], bars[31], "the end is its own");
            // The same seed is the same piece, with its form in the request.
            assert_eq!(once(&composer, &request).score, composition.score);
            let written = serde_json::to_string(&request).unwrap();
            assert_eq!(serde_json::from_str::<Request>(&written).unwrap(), request);
        }
        assert!(2 * second_return >= all_return, "{style}: {second_return} of {all_return} bars return");
        assert!(2 * again >= returned, "{style}: {again} of {returned} return once more");
    }
    let plan =
        |bars: u32| Plan::new(&Request::new(1).bars(bars).unwrap().form(form.clone()), composer.styles());
    assert!(plan(30).unwrap_err().to_string().contains("a multiple of 4, the sections of AABA"));
    assert_eq!(plan(64).unwrap().sections[3], Section { letter: 'A', first: 48, bars: 16 });
    assert_eq!(Plan::new(&Request::new(1).form(form.clone()), composer.styles()).unwrap().bars, 32);
    // Seconds are met by as many bars as the sections can share.
    let request = Request::new(1).seconds(50.0).unwrap().form(form.clone());
    let plan = Plan::new(&request, composer.styles()).unwrap();
    assert!(plan.bars.is_multiple_of(4) && plan.sections.len() == 4, "{} bars", plan.bars);
    let seconds = f64::from(plan.bars) * 4.0 * 60.0 / plan.tempo.bpm();
    assert!((seconds - 50.0).abs() < 0.01, "{seconds}");
    for wrong in ["", "A", "aaba", "A1B", &"AB".repeat(20)] {
        assert!(wrong.parse::<Form>().is_err(), "{wrong}");
    }
}

#[test]
fn sections_end_on_cadences() {
    let form: Form = "AABA".parse().unwrap();
    let sections = form.sections(32).unwrap();
    let a_minor = Key::of_tonic(PitchClass::saturating(9), Mode::Minor);
    let in_minor = crate::sections::cadences(&sections, a_minor, 96);
    let names: Vec<String> = in_minor.iter().filter_map(|span| Some(span.chord?.to_string())).collect();
    assert_eq!(names, ["E", "Am", "E", "Am", "Dm", "E"]);
    let spans = crate::sections::cadences(&sections, Key::C_MAJOR, 96);
    let named: Vec<(u32, String)> = spans
        .iter()
        .map(|span| (span.from / 96, span.chord.map_or("-".into(), |chord| chord.to_string())))
        .collect();
    let expected =
        [(6, "G"), (7, "C"), (8, "-"), (14, "G"), (15, "C"), (16, "-"), (22, "F"), (23, "G"), (24, "-")];
    assert_eq!(named, expected.map(|(bar, name)| (bar, name.to_owned())));
}

#[test]
fn what_contradicts_names_both() {
    let mut styles = composer().styles().to_vec();
    styles.push(style("kit", vec![part("kit", [35, 51], false, true)]));
    let refused = |request: Request| Plan::new(&request, &styles).unwrap_err().to_string();
    let chords = |text: &str| text.parse::<Chart>().unwrap();
    let in_c = || Request::new(1).style("quartet").key(Key::C_MAJOR).without(Restraint::Accidentals);
    assert_eq!(
        refused(in_c().chords(chords("C | F#m"))),
        "notes of the scale of C major alone and the chord F#m contradict each other: F# of that chord is not in that scale"
    );
    assert!(Plan::new(&in_c().chords(chords("C Am | Dm G7")), &styles).is_ok());
    assert!(
        Plan::new(&Request::new(1).style("quartet").key(Key::C_MAJOR).chords(chords("F#m")), &styles).is_ok()
    );
    let kit = || Request::new(1).style("kit");
    for (request, words) in [
        (kit().key(Key::C_MAJOR), ["a key of C major", "the style kit"]),
        (kit().chords(chords("C")), ["chords (C)", "the style kit"]),
        (kit().without(Restraint::Fifths), ["fifths", "the style kit"]),
        (Request::new(1).style("tune").without(Restraint::Octaves), ["octaves", "the style tune"]),
        (Request::new(1).style("tune").avoid(Restraint::Crossings, 1.0).unwrap(), ["crossings", "tune"]),
        (kit().without(Restraint::Rests), ["rests", "the style kit"]),
        (Request::new(1).style("quartet").most_notes(3).unwrap(), ["at most 3 notes", "quartet"]),
    ] {
        let refused = refused(request);
        assert!(words.iter().all(|word| refused.contains(word)), "{refused}");
    }
}
