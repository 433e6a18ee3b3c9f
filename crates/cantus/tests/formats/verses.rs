//! All verses go from form to form.

use cantus::model::corpus::{self, Music};
use cantus::score::sheet::{Bar, Part, Sheet, Spelled, Step, Syllable, Written};
use cantus::score::{Channel, Meter, Program, Resolution, Strictness, Ticks};
use cantus::{ConvertOptions, OutputFormat, Piece, encode_piece};

/// The forms that hold several verses and are read.
const FORMS: [OutputFormat; 3] = [OutputFormat::MusicXml, OutputFormat::Kern, OutputFormat::Abc];

/// Two singers over two bars; the second sings fewer verses, and some notes are sung in some verses only.
fn song() -> Sheet {
    let mut sheet = Sheet::new(Resolution::new(4).unwrap());
    sheet.bars = vec![Bar::new(Ticks(0), Ticks(16)), Bar::new(Ticks(16), Ticks(16))];
    sheet.bars[0].meter = Some(Meter::FOUR_FOUR);
    for (name, channel, verses) in [("Soprano", 0, 4_u8), ("Alto", 1, 2)] {
        let mut part = Part::new(name, Channel::new(channel).unwrap(), Program::saturating(52));
        for index in 0..8_u32 {
            let mut note = Written::new(Ticks(index * 4), Ticks(4), Spelled::new(Step::D, 0, 4));
            let sung = (1..=verses).filter(|verse| (index + u32::from(*verse)) % 3 > 0);
            note.syllables = sung
                .map(|verse| Syllable { verse, text: format!("v{verse}n{index}"), hyphen: index % 4 == 1 })
                .collect();
            part.notes.push(note);
        }
        sheet.parts.push(part);
    }
    sheet
}

/// What is sung: part, quarter, verse, text with its hyphen.
fn sung(sheet: &Sheet) -> Vec<(usize, u32, u8, String)> {
    let quarter = sheet.resolution.ticks_per_quarter();
    let mut sung: Vec<_> = (0..)
        .zip(&sheet.parts)
        .flat_map(|(part, of_part)| of_part.notes.iter().map(move |note| (part, note)))
        .flat_map(|(part, note)| note.syllables.iter().map(move |syllable| (part, note, syllable)))
        .map(|(part, note, syllable)| {
            let hyphen = if syllable.hyphen { "-" } else { "" };
            (part, note.start.0 / quarter, syllable.verse, format!("{}{hyphen}", syllable.text))
        })
        .collect();
    sung.sort();
    sung
}

fn in_form(sheet: &Sheet, form: OutputFormat) -> Sheet {
    let piece = Piece { tag: None, music: Music::Written(sheet.clone()) };
    let (bytes, losses) = encode_piece(&piece, form, &ConvertOptions::default()).unwrap();
    assert!(losses.iter().all(|loss| loss.what != "syllables"), "{form:?}: {losses:?}");
    match corpus::read(&bytes, Strictness::Tolerant).unwrap().pieces.remove(0).music {
        Music::Written(sheet) => sheet,
        Music::Played(_) => panic!("{form:?} is a written form"),
    }
}

#[test]
fn all_verses_go_through_every_pair_of_forms() {
    let song = song();
    let expected = sung(&song);
    assert_eq!(expected.len(), 33);
    for first in FORMS {
        let once = in_form(&song, first);
        assert_eq!(sung(&once), expected, "{first:?}");
        for second in FORMS {
            assert_eq!(sung(&in_form(&once, second)), expected, "{first:?}, {second:?}");
        }
    }
    let piece = Piece { tag: None, music: Music::Written(song) };
    let (bytes, _) = encode_piece(&piece, OutputFormat::LilyPond, &ConvertOptions::default()).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let missing = expected
        .iter()
        .find(|(.., text_of)| !text.contains(&format!("\"{}\"", text_of.trim_end_matches('-'))));
    assert_eq!((text.matches("\\new Lyrics").count(), missing), (6, None));
}
