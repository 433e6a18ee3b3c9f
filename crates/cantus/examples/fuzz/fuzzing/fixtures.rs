//! Small files made here, with something of everything in them.

use cantus::audio::{AudioBuffer, Depth, Quality, SampleRate, encode_flac, encode_ogg, encode_wav};
use cantus::score::sheet::Sheet;
use cantus::score::{kern, midi, musicxml, notation};

use super::Format;

/// Pieces in the text notation.
const PIECES: [&str; 4] = [
    "key=G meter=3/4 tempo=90 pickup=1/4 title=Waltz | S: D4/4 G4/4. [B4 D5]/8 r/4 A4*1/12 B4 C5 | B: r/4 G2/2. D2",
    "key=F#m meter=7/8 resolution=24 | F#4/8 G#4 A4 B4/8. C#5/16 D5/4@/8 E5/8 F#5 | A: [F#3 C#4]/1 r/8",
    "meter=4/4 | C4/1 | E4/2 D4 | G3/4 A3 B3 C4 | C3/1",
    "key=Bbm tempo=200 | Bb4/32 C5 Db5 Eb5 F5 Gb5 Ab5 Bb5 r/1 Bb4/1.",
];

/// Books of tunes.
const BOOKS: [&str; 3] = [
    "%abc-2.1\nX:1\nT:The First\nC:Trad.\nM:6/8\nL:1/8\nQ:3/8=110\nK:D dorian\n|:DED FEF|1 A>B c<d (3efg:|2 {ab}A4-A2|]\n\
     w: la la la\nW: more words\n\nX:2\nT:The Second\nM:C|\nK:Am\nV:1\n[V:1] A2 \"Am\"[ce]2 z2 e'2|!f!a4 ~g4|\nV:2 clef=bass\n\
     [V:2] A,4 E,4|(A,B,) C4 z2|\n",
    "X:5\nT:Keys\nM:4/4\nL:1/16\nK:Eb\nABcd [K:G] efga|[M:3/4] b3 a/2g// f|[L:1/4] ^c _d =e|z2 Z|Z4|\nP:A\nd d d:|\n",
    "X:12\nT:Tuplets\nM:2/4\nL:1/8\nK:C\n(2ab (3:2:4 cdef (5CDEFG|C,,2 c'''2|x2 y C/|[I:volume 3] C ||:c d e f:: g a b c':|\n",
];

/// The files of a format.
pub(super) fn of(format: Format) -> Vec<Vec<u8>> {
    match format {
        Format::Midi => PIECES.iter().filter_map(|piece| midi_of(piece)).chain(made()).collect(),
        Format::Abc => BOOKS.iter().map(|book| book.as_bytes().to_vec()).collect(),
        Format::Notation => PIECES.iter().map(|piece| piece.as_bytes().to_vec()).collect(),
        Format::MusicXml => sheets().map(|sheet| musicxml::write(&sheet).into_bytes()).collect(),
        Format::Mxl => sheets().filter_map(|sheet| musicxml::write_mxl(&sheet).ok()).collect(),
        Format::Kern => sheets().map(|sheet| kern::write(&sheet).into_bytes()).collect(),
        Format::Sound => sounds(),
    }
}

/// A quarter of a second of a falling tone in two channels, in each format that is written.
fn sounds() -> Vec<Vec<u8>> {
    let wave = |index: u32| (f64::from(index) * (0.1 - f64::from(index) * 2e-6)).sin() as f32 * 0.5;
    let left: Vec<f32> = (0..11_025).map(wave).collect();
    let right = left.iter().rev().copied().collect();
    let sound = AudioBuffer::new(SampleRate::CD, vec![left, right]);
    let written = [
        encode_wav(&sound, Depth::Bits16),
        encode_wav(&sound, Depth::Float32),
        encode_flac(&sound, Depth::Bits16),
        encode_ogg(&sound, Quality::default()),
    ];
    written.into_iter().flatten().collect()
}

fn sheets() -> impl Iterator<Item = Sheet> {
    PIECES.iter().filter_map(|piece| notation::parse(piece).ok()).map(|score| Sheet::of_score(&score))
}

fn midi_of(piece: &str) -> Option<Vec<u8>> {
    midi::write(&notation::parse(piece).ok()?).ok()
}

/// Files with what the notation cannot say: running status, controllers, system messages, texts, other kinds of time.
fn made() -> Vec<Vec<u8>> {
    let track = |events: &[u8]| [b"MTrk".as_slice(), &(events.len() as u32).to_be_bytes(), events].concat();
    let song = b"\0\xFF\x03\x04Song\0\xFF\x51\x03\x07\xA1\x20\0\xFF\x58\x04\x06\x03\x24\x08\0\xFF\x59\x02\xFD\x01\x60\xFF\x06\x01A\0\xFF\x2F\0";
    let voice = b"\0\xC0\x35\0\xB0\x07\x64\0\x0A\x40\0\x90\x3C\x40\0\xFF\x05\x02La\x60\x90\x3C\0\0\x3E\x50\x81\x40\x3E\0\0\xE0\0\x50\0\xFF\x2F\0";
    let drums = b"\0\xFF\x21\x01\0\0\xF0\x05\x7E\x7F\x09\x01\xF7\0\x99\x24\x70\x30\x24\0\0\x26\x70\0\x24\x60\x30\x26\0\0\x24\0\0\xF7\x02\xF3\x01\0\xFF\x2F\0";
    let file = |head: &[u8], tracks: &[&[u8]]| {
        let tracks = tracks.iter().flat_map(|events| track(events));
        [b"MThd\0\0\0\x06", head].concat().into_iter().chain(tracks).collect()
    };
    vec![
        file(&[0, 1, 0, 3, 0, 96], &[song, voice, drums]),
        file(&[0, 0, 0, 1, 0xE7, 40], &[voice]),
        file(&[0, 2, 0, 2, 1, 0xE0], &[voice, song]),
    ]
}
