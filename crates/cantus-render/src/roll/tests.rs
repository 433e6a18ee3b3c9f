use cantus_score::{Channel, Meter, Note, Pitch, Program, Resolution, Score, Ticks, Timed, Track, Velocity};

use super::{
    Colour, DRAWING_OPTIONS, Rows, Strip, SvgOptions, TerminalOptions, drawing_with_strips, svg,
    svg_with_strips, terminal,
};
use crate::drawing::Shape;

/// A part: its name, its channel, and its notes as `(start, length, key)`.
type Part<'a> = (&'a str, i64, &'a [(u32, u32, i64)]);

/// A score in 4 ticks a quarter.
fn score(parts: &[Part]) -> Score {
    let mut score = Score::new(Resolution::new(4).unwrap());
    for (name, channel, notes) in parts {
        let mut track = Track::new(*name, Channel::new(*channel).unwrap(), Program::PIANO);
        let notes = notes
            .iter()
            .map(|&(start, length, key)| Note::new(Ticks(start), Ticks(length), Pitch::new(key).unwrap()));
        track.notes.extend(notes);
        score.tracks.push(track);
    }
    score
}

/// The drawn row of a pitch or drum in the first system, without its name.
fn row(drawing: &str, name: &str) -> String {
    let line = drawing.lines().find(|line| line.trim_start().starts_with(&format!("{name} ")));
    line.unwrap_or_else(|| panic!("no row {name} in\n{drawing}")).trim_start()[name.len() + 1..].to_owned()
}

fn draw(score: &Score, columns: usize) -> String {
    terminal(score, &TerminalOptions { columns, ..TerminalOptions::default() })
}

#[test]
fn a_held_note_differs_from_repeated_notes() {
    let drawing = draw(&score(&[("x", 0, &[(0, 16, 60), (0, 8, 64), (8, 8, 64)])]), 60);
    assert_eq!(row(&drawing, "C4"), "│●━━━━━━━│");
    assert_eq!(row(&drawing, "E4"), "│●━━━●━━━│");
}

#[test]
fn a_note_held_over_the_bar_line_is_one_note() {
    let drawing = draw(&score(&[("x", 0, &[(12, 8, 60), (20, 12, 62)])]), 60);
    assert_eq!(row(&drawing, "C4"), "│  · · ●━━━━· · · │");
    assert_eq!(row(&drawing, "D4"), "│  · · · │  ●━━━━━│");
}

#[test]
fn parts_differ_without_colour_and_a_unison_is_marked() {
    let drawing = draw(&score(&[("one", 0, &[(0, 4, 60)]), ("two", 1, &[(0, 4, 60), (4, 12, 62)])]), 60);
    assert!(row(&drawing, "C4").starts_with("│◎"));
    assert_eq!(row(&drawing, "D4"), "│  ■═════│");
    assert!(drawing.contains("●━━ one") && drawing.contains("■══ two"));
    assert!(drawing.contains("◎ parts that begin a note together"));
}

#[test]
fn rows_are_the_scale_in_use_or_every_semitone() {
    let names = |rows| {
        let score = score(&[("x", 0, &[(0, 4, 60), (4, 4, 64), (8, 4, 62), (12, 4, 72)])]);
        let drawing = terminal(&score, &TerminalOptions { rows, ..TerminalOptions::default() });
        let lines =
            drawing.lines().skip(5).map(|line| line.split_whitespace().next().unwrap_or("").to_owned());
        lines.collect::<Vec<_>>()
    };
    assert_eq!(names(Rows::Scale), ["C5", "E4", "D4", "C4"]);
    assert_eq!(names(Rows::Every).len(), 13);
}

#[test]
fn drums_stand_in_rows_of_their_own() {
    let drawing = draw(&score(&[("bass", 0, &[(0, 16, 36)]), ("kit", 9, &[(0, 1, 36), (8, 1, 38)])]), 60);
    assert_eq!(row(&drawing, "C2"), "│●━━━━━━━│");
    assert_eq!(row(&drawing, "kick"), "│■ · · · │");
    assert_eq!(row(&drawing, "snare"), "│  · ■ · │");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let notes: Vec<(u32, u32, i64)> = (0..200).map(|note| (note * 3, 2, 40 + i64::from(note % 37))).collect();
    for columns in [40, 61, 80, 200] {
        let drawing = draw(&score(&[("a part with a very, very, very long name", 0, &notes)]), columns);
        let widest = drawing.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= columns, "{widest} of {columns} columns");
    }
}

#[test]
fn every_note_is_drawn_once_across_the_systems() {
    let notes: Vec<(u32, u32, i64)> = (0..64).map(|note| (note * 4, 4, 60 + i64::from(note % 5))).collect();
    let drawing = draw(&score(&[("x", 0, &notes)]), 40);
    let heads = drawing.lines().skip(3).flat_map(str::chars).filter(|&glyph| glyph == '●').count();
    assert_eq!(heads, 64);
}

#[test]
fn bars_are_numbered_as_musicians_count() {
    let mut pickup = score(&[("x", 0, &[(0, 4, 60), (4, 16, 62), (20, 16, 64)])]);
    pickup.meters =
        vec![Timed::new(Ticks(0), Meter::new(1, 4).unwrap()), Timed::new(Ticks(4), Meter::FOUR_FOUR)];
    let drawing = draw(&pickup, 60);
    assert!(drawing.contains("4/4") && drawing.contains("2 bars"), "{drawing}");
    assert_eq!(
        drawing.lines().nth(4).unwrap().split_whitespace().collect::<Vec<_>>(),
        ["0", "1", "4/4", "2"]
    );
    let second = terminal(&pickup, &TerminalOptions { bars: Some((2, 2)), ..TerminalOptions::default() });
    assert_eq!(second.lines().nth(4).unwrap().trim(), "2");
}

#[test]
fn colour_changes_nothing_but_colour() {
    let score = score(&[("x", 0, &[(0, 16, 60), (16, 8, 64)]), ("kit", 9, &[(0, 1, 36)])]);
    let coloured =
        terminal(&score, &TerminalOptions { colour: Colour::Ansi256, ..TerminalOptions::default() });
    let plain = terminal(&score, &TerminalOptions::default());
    let mut stripped = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\x1b') {
        stripped.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    stripped.push_str(rest);
    assert_eq!(stripped, plain);
    assert!(coloured.len() > plain.len());
}

#[test]
fn strange_scores_draw_something() {
    let empty = Score::new(Resolution::STANDARD);
    assert!(draw(&empty, 80).contains("no notes"));
    assert!(svg(&empty, &SvgOptions::default()).contains("no notes"));

    let mut long = score(&[("x", 0, &[(0, 0, 0), (4_000_000_000, 294_967_295, 127)])]);
    long.resolution = Resolution::new(1).unwrap();
    long.meters = vec![Timed::new(Ticks(0), Meter::new(1, 128).unwrap())];
    assert!(draw(&long, 0).contains("goes on after bar 2000"));
    svg(&long, &SvgOptions { width: f64::NAN, quarter: f64::INFINITY, row: -1.0, bars: None });

    let held = [(0, 4000 * 480, 60); 1000];
    let held = svg(&score(&[("x", 0, &held)]), &SvgOptions::default());
    assert!(held.contains("(its beginning)") && held.len() < 50_000_000);

    let mut wide = score(&[("x", 0, &[(0, 4000, 60)])]);
    wide.meters = vec![Timed::new(Ticks(0), Meter::new(255, 1).unwrap())];
    assert!(draw(&wide, 40).lines().all(|line| line.chars().count() <= 40));
}

#[test]
fn a_picture_is_valid_xml_whatever_the_texts_hold() {
    let mut score = score(&[("<b>&\"\u{1}\u{ffff}", 0, &[(0, 4, 60), (4, 4, 60)])]);
    score.title = "a < b && \u{0}c".to_owned();
    let picture = svg(&score, &SvgOptions::default());
    assert_balanced(&picture);
    assert!(picture.contains("a &lt; b &amp;&amp;  c"));
    assert!(!picture.contains('\u{1}') && !picture.contains('\u{ffff}'));
}

/// Fails unless every element that opens also closes, in order.
fn assert_balanced(xml: &str) {
    let mut open = Vec::new();
    for tag in xml.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').expect("a tag ends");
        assert!(!text.contains('>'), "a stray > after {tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap());
        }
    }
    assert!(open.is_empty(), "{open:?} stay open");
}

#[test]
fn a_picture_names_each_note_once_and_shows_loudness() {
    let mut score = score(&[("Solo", 0, &[(0, 4, 60), (4, 4, 61), (8, 8, 62)])]);
    score.tracks[0].notes[0].velocity = Some(Velocity::MAX);
    score.tracks[0].notes[1].velocity = Some(Velocity::MIN);
    let picture = svg(&score, &SvgOptions::default());
    assert!(picture.contains("<title>C4 · Solo · bar 1, beat 1.00, velocity 127</title>"));
    assert!(picture.contains("<title>C#4 · Solo · bar 1, beat 2.00, velocity 1</title>"));
    assert!(picture.contains("<title>D4 · Solo · bar 1, beat 3.00</title>"));
    assert!(picture.contains("fill-opacity=\"1.00\"") && picture.contains("fill-opacity=\"0.31\""));
}

/// All words of an SVG, sorted.
fn words_of_svg(picture: &str) -> Vec<String> {
    let texts =
        picture.split("<text ").skip(1).filter_map(|rest| rest.split_once('>')?.1.split_once("</text>"));
    let mut words: Vec<String> = texts.map(|(text, _)| text.replace('♩', "1/4")).collect();
    words.sort();
    words
}

#[test]
fn the_roll_of_pixels_says_and_shows_what_the_svg_does() {
    let parts: [Part; 3] = [
        ("one", 0, &[(0, 4, 60), (4, 8, 66), (16, 16, 72), (32, 4, 60)]),
        ("two", 1, &[(0, 4, 60), (4, 12, 62), (20, 12, 53)]),
        ("drums", 9, &[(0, 1, 36), (4, 1, 38), (36, 2, 42)]),
    ];
    let score = score(&parts);
    let spans = vec![(Ticks(0)..Ticks(16), "C:maj".to_owned()), (Ticks(16)..Ticks(40), "F:maj/A".to_owned())];
    let strips = [Strip { name: "chords".into(), spans }];
    // Narrow, so that there are several systems.
    let options = SvgOptions { width: 420.0, quarter: 40.0, ..DRAWING_OPTIONS };
    let picture = svg_with_strips(&score, &options, &strips);
    let drawing = drawing_with_strips(&score, &options, &strips);
    let mut words: Vec<String> = drawing
        .shapes
        .iter()
        .filter_map(|shape| match shape {
            Shape::Words(words) => Some(words.text.clone()),
            _ => None,
        })
        .collect();
    words.sort();
    assert_eq!(words, words_of_svg(&picture));
    assert!(
        picture.matches("C:maj").count() >= 1 && words.iter().filter(|word| *word == "chords").count() > 1
    );
    let fields: Vec<[usize; 2]> = drawing
        .shapes
        .iter()
        .filter_map(|shape| match shape {
            Shape::Field(area, _) => Some([area.left, area.top]),
            _ => None,
        })
        .collect();
    let number = |note: &str, name: &str| {
        let value = note.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0;
        value.parse::<f64>().ok()
    };
    let notes: Vec<&str> = picture.split("<g><title>").skip(1).collect();
    assert!(notes.len() >= 10, "{} notes", notes.len());
    for note in notes {
        let (x, y) = (number(note, "x").unwrap(), number(note, "y").unwrap());
        let is_there =
            |[left, top]: &[usize; 2]| (*left as f64 - x).abs() < 1.0 && (*top as f64 - y).abs() < 1.0;
        assert!(fields.iter().any(is_there), "no field at {x}, {y}");
    }
}

#[test]
fn a_roll_of_pixels_is_bounded_and_says_where_it_is_cut() {
    let notes: Vec<(u32, u32, i64)> = (0..8000).map(|at| (at * 4, 4, 30 + i64::from(at % 60))).collect();
    let drawing = drawing_with_strips(&score(&[("x", 0, &notes)]), &DRAWING_OPTIONS, &[]);
    assert!(drawing.height <= 16_100, "{}", drawing.height);
    let is_told =
        |shape: &Shape| matches!(shape, Shape::Words(words) if words.text.contains("(its beginning)"));
    assert!(drawing.shapes.iter().any(is_told));
    let empty = drawing_with_strips(&score(&[]), &DRAWING_OPTIONS, &[]);
    assert!(empty.png().starts_with(b"\x89PNG"));
}
