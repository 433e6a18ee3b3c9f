//! Lays out the corpus that the built-in model learns from: `default_corpus DATA OUT`.
//!
//! Chorales become MIDI files in the folders of their standard split, with the four voices as parts; tune books are
//! unpacked, an instrument named in each tune, and divided by [`cantus_model::corpus::scan`]. Then the corpus is scanned, and what came out
//! of it is told.

#![allow(clippy::print_stdout, reason = "telling numbers is what it is for")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use cantus_model::corpus::{self, Corpus, RIGHTS_FILE, Rights, ScanOptions, Split};
use cantus_score::{
    Channel, Meter, Note, Pitch, Program, Resolution, Score, Tempo, Ticks, Timed, Track, midi,
};

/// Ticks of a sixteenth.
const STEP: u32 = 120;
/// Sixteenths of a bar.
const BAR: usize = 16;
/// Choir aahs.
const CHOIR: i64 = 52;
/// Violin: fiddle tunes.
const VIOLIN: u8 = 40;
/// Quarters a minute at which the chorales are played; the source states none.
const CHORALE_TEMPO: f64 = 76.0;
const VOICES: [&str; 4] = ["Soprano", "Alto", "Tenor", "Bass"];

/// The pitches of the four voices at each sixteenth; -1 is silence.
type Steps = Vec<[i64; 4]>;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let (Some(data), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("usage: default_corpus DATA OUT".into());
    };
    write_chorales(&data, &out.join("chorale"))?;
    write_tune_books(&data, &out.join("folk"))?;
    let options = ScanOptions::default();
    let corpus = corpus::scan(&[out], &options, &|_| ())?;
    tell(&corpus, &options);
    Ok(())
}

fn write_chorales(data: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(data.join("jsb16/jsb16_satb.json"))?;
    let splits: BTreeMap<String, Vec<Steps>> = serde_json::from_str(&text)?;
    for (split, pieces) in splits {
        let folder = out.join(split);
        fs::create_dir_all(&folder)?;
        for (number, steps) in pieces.iter().enumerate() {
            fs::write(folder.join(format!("{number:03}.mid")), midi::write(&chorale(steps)?)?)?;
        }
    }
    let credit = "four-part chorales by J. S. Bach on a grid of sixteenths (JSB chorales, standard split)";
    write_rights(out, "none stated", "unlicensed-pd", credit)
}

fn chorale(steps: &Steps) -> Result<Score, Box<dyn Error>> {
    let mut score = Score::new(Resolution::STANDARD);
    score.meters = meters(steps.len())?;
    score.tempos.push(Timed::new(Ticks::ZERO, Tempo::from_bpm(CHORALE_TEMPO)?));
    for (voice, name) in VOICES.into_iter().enumerate() {
        let mut track = Track::new(name, Channel::new(voice as i64)?, Program::new(CHOIR)?);
        track.notes = notes(steps, voice)?;
        score.tracks.push(track);
    }
    Ok(score)
}

/// Common time; the sixteenths beyond whole bars are a pickup.
fn meters(steps: usize) -> Result<Vec<Timed<Meter>>, Box<dyn Error>> {
    let pickup = steps % BAR;
    let mut meters = Vec::new();
    if pickup > 0 {
        meters.push(Timed::new(Ticks::ZERO, Meter::new(pickup as i64 / 4, 4)?));
    }
    meters.push(Timed::new(Ticks(pickup as u32 * STEP), Meter::FOUR_FOUR));
    Ok(meters)
}

/// A pitch that stays the same from step to step is one held note.
fn notes(steps: &Steps, voice: usize) -> Result<Vec<Note>, Box<dyn Error>> {
    let mut notes = Vec::new();
    let mut at = 0;
    for held in steps.chunk_by(|step, next| step[voice] == next[voice]) {
        let length = held.len() as u32 * STEP;
        if held[0][voice] >= 0 {
            notes.push(Note::new(Ticks(at), Ticks(length), Pitch::new(held[0][voice])?));
        }
        at += length;
    }
    Ok(notes)
}

fn write_tune_books(data: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(out)?;
    let mut archive = zip::ZipArchive::new(File::open(data.join("folk/tunebooks/abc.zip"))?)?;
    for index in 0..archive.len() {
        let mut member = archive.by_index(index)?;
        let name = member.name()?.replace('/', "-");
        if member.is_file() && Path::new(&name).extension().is_some_and(|extension| extension == "abc") {
            let mut book = Vec::new();
            member.read_to_end(&mut book)?;
            fs::write(out.join(name), for_violin(&book))?;
        }
    }
    let credit = "O'Neill's Music of Ireland, Ryan's Mammoth Collection and Aird's Selection of Airs, \
                  typed in ABC by several people; from the corpus of music21";
    write_rights(out, "none named; distributed with the encoders' permission", "unlicensed-pd", credit)
}

/// Names the instrument in every tune of a book, after its number: notation in ABC leaves it open.
fn for_violin(book: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(book.len());
    for line in book.split_inclusive(|&byte| byte == b'\n') {
        out.extend_from_slice(line);
        if line.starts_with(b"X:") {
            out.extend_from_slice(format!("%%MIDI program {VIOLIN}\n").as_bytes());
        }
    }
    out
}

fn write_rights(folder: &Path, licence: &str, rights: &str, credit: &str) -> Result<(), Box<dyn Error>> {
    let [licence, rights, credit] = [licence, rights, credit].map(|text| Some(text.to_owned()));
    let text = toml::to_string(&Rights { licence, rights, credit })?;
    Ok(fs::write(folder.join(RIGHTS_FILE), text)?)
}

fn tell(corpus: &Corpus, options: &ScanOptions) {
    println!("{} pieces in {} groups", corpus.pieces.len(), corpus.groups());
    for style in corpus.styles() {
        let count = |split| corpus.of(split).filter(|piece| piece.style == style).count();
        let [train, valid, test] = Split::ALL.map(count);
        println!("{style}: train {train}, valid {valid}, test {test}");
    }
    println!("dropped as copies: {}", corpus.duplicates);
    println!("taken from training, because valid or test holds a relative: {}", corpus.straddling);
    println!("skipped: {}; faults forgiven: {}", corpus.skipped.len(), corpus.warnings);
    for skipped in &corpus.skipped {
        println!("  {}: {}", skipped.path.display(), skipped.reason);
    }
    for split in [Split::Valid, Split::Test] {
        let shared = corpus::shared_runs(corpus, split, options.run);
        println!("{} pieces that share a run of {} notes with training: {shared}", split.name(), options.run);
    }
}
