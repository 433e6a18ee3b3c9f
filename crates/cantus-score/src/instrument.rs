//! What plays a part, by the name that stands before it.
//!
//! Files of notation often name an instrument and no program. The names here are English, Italian, German and French ones,
//! their usual abbreviations, and the words of MusicXML's `instrument-sound`.

use crate::{Pitch, Program};

/// An instrument: its General MIDI program, what it can play, and whether it plays one note at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instrument {
    /// Its program.
    pub program: Program,
    /// The lowest key that it plays, as it sounds.
    pub low: Pitch,
    /// The highest that its players are usually given.
    pub high: Pitch,
    /// Whether it plays one note at a time.
    pub is_single: bool,
}

impl Instrument {
    /// The instrument of a name such as `Bassoon` or `Klarinette in B♭`; nothing where no word of it is known.
    pub fn named(name: &str) -> Option<Self> {
        program_of(name).map(Self::of)
    }

    /// The instrument of a program.
    pub fn of(program: Program) -> Self {
        let number = program.get();
        let after = RANGES.partition_point(|(first, ..)| *first <= number);
        let (_, low, high, is_single) = RANGES[after.saturating_sub(1)];
        let pitch = |key: u8| Pitch::saturating(i64::from(key));
        Self { program, low: pitch(low), high: pitch(high), is_single }
    }
}

/// The programs from which on, from 0, an instrument plays between two keys, and whether one note at a time.
const RANGES: [(u8, u8, u8, bool); 62] = [
    (0, 21, 108, false),  // pianos
    (8, 60, 108, false),  // celesta
    (9, 79, 108, false),  // glockenspiel
    (10, 60, 96, false),  // music box
    (11, 53, 89, false),  // vibraphone
    (12, 45, 96, false),  // marimba
    (13, 65, 108, false), // xylophone
    (14, 60, 77, true),   // tubular bells
    (15, 48, 84, false),  // dulcimer
    (16, 36, 96, false),  // organs
    (21, 41, 93, false),  // accordion
    (22, 60, 96, true),   // harmonica
    (23, 36, 93, false),  // bandoneon
    (24, 40, 83, false),  // guitars
    (32, 28, 60, true),   // basses
    (40, 55, 100, true),  // violin
    (41, 48, 88, true),   // viola
    (42, 36, 76, true),   // cello
    (43, 28, 60, true),   // double bass
    (44, 36, 96, false),  // strings, trembling and plucked
    (46, 24, 103, false), // harp
    (47, 40, 57, true),   // timpani
    (48, 36, 96, false),  // strings
    (52, 40, 81, false),  // choir
    (53, 48, 79, true),   // a voice
    (54, 40, 81, false),  // synthetic choir
    (55, 36, 84, false),  // orchestra hit
    (56, 54, 86, true),   // trumpet
    (57, 40, 72, true),   // trombone
    (58, 28, 58, true),   // tuba
    (59, 54, 82, true),   // muted trumpet
    (60, 41, 77, true),   // horn
    (61, 36, 84, false),  // brass
    (64, 56, 87, true),   // soprano saxophone
    (65, 49, 80, true),   // alto saxophone
    (66, 44, 75, true),   // tenor saxophone
    (67, 36, 68, true),   // baritone saxophone
    (68, 58, 91, true),   // oboe
    (69, 52, 81, true),   // English horn
    (70, 34, 72, true),   // bassoon
    (71, 50, 91, true),   // clarinet
    (72, 74, 108, true),  // piccolo
    (73, 60, 96, true),   // flute
    (74, 60, 93, true),   // recorder
    (75, 60, 96, true),   // pipes
    (80, 36, 96, true),   // synthetic leads
    (88, 36, 96, false),  // pads and effects
    (104, 48, 84, false), // sitar
    (105, 48, 84, false), // banjo
    (106, 50, 79, false), // shamisen
    (107, 38, 93, false), // koto
    (108, 60, 84, false), // kalimba
    (109, 57, 81, true),  // bagpipes
    (110, 55, 100, true), // fiddle
    (111, 58, 82, true),  // shawm
    (112, 60, 84, false), // bells
    (113, 60, 77, true),  // agogo
    (114, 52, 76, false), // steel drums
    (115, 60, 77, true),  // wood block
    (116, 40, 64, true),  // large drums
    (119, 40, 64, true),  // cymbal
    (120, 36, 96, false), // noises
];

/// The General MIDI program of a part's name such as `Violino I`, `Bassposaune`, `Clarinet in B♭`, or of a sound such as
/// `wind.reed.oboe`; nothing where no word of it is known.
///
/// The longest known name in the text holds, and of several the first. Names of five letters and more are found in compounds
/// and plurals as well; shorter ones must stand alone.
pub(crate) fn program_of(name: &str) -> Option<Program> {
    let text = plain(name);
    let found = NAMES.iter().flat_map(|(program, names)| {
        let places = names.split(", ").filter_map(|name| Some((name.len(), find(&text, name)?)));
        places.map(move |(length, at)| (std::cmp::Reverse(length), at, *program))
    });
    found.min().and_then(|(_, _, program)| Program::new(i64::from(program)).ok())
}

/// Small plain letters with a space around each word.
fn plain(name: &str) -> String {
    let mut text = String::from(" ");
    for letter in name.chars().take(MOST_LETTERS).flat_map(char::to_lowercase) {
        match letter {
            'à' | 'á' | 'â' | 'ä' | 'ã' => text.push('a'),
            'è' | 'é' | 'ê' | 'ë' => text.push('e'),
            'ì' | 'í' | 'î' | 'ï' => text.push('i'),
            'ò' | 'ó' | 'ô' | 'ö' => text.push('o'),
            'ù' | 'ú' | 'û' | 'ü' => text.push('u'),
            'ś' => text.push('s'),
            'ł' => text.push('l'),
            'a'..='z' => text.push(letter),
            // It joins what it stands in: d'amore.
            '\'' | '’' => {}
            _ if text.ends_with(' ') => {}
            _ => text.push(' '),
        }
    }
    text.push(' ');
    text
}

/// A longer name is a story.
const MOST_LETTERS: usize = 100;
/// A name of fewer letters is a word of its own.
const COMPOUND: usize = 5;

/// Where a name stands as whole words; one of some length also at the beginning or the end of a word.
fn find(text: &str, name: &str) -> Option<usize> {
    text.match_indices(name).map(|found| found.0).find(|&at| {
        let begins = text.get(..at).is_some_and(|before| before.ends_with(' '));
        let ends = text.get(at + name.len()..).is_some_and(|after| after.starts_with(' '));
        if name.len() < COMPOUND { begins && ends } else { begins || ends }
    })
}

/// Programs, counted from 0, and what they are called.
const NAMES: [(u8, &str); 61] = [
    (
        0,
        "piano, pianoforte, fortepiano, fortepian, forte piano, piano forte, klavier, clavier, keyboard, pf, pno, kl, klav, fp",
    ),
    (4, "electric piano, e piano"),
    (6, "harpsichord, cembalo, clavecin, continuo, basso continuo, hpsd, cemb"),
    (7, "clavichord, clavinet"),
    (8, "celesta, celeste"),
    (9, "glockenspiel"),
    (11, "vibraphone, vibraphon"),
    (12, "marimba"),
    (13, "xylophone, xylophon, xilofono"),
    (14, "tubular bells, campane, glocken, cloches, chimes"),
    (15, "dulcimer, hackbrett, cimbalom"),
    (19, "organ, organo, orgel, orgue, pipe organ, church organ, org"),
    (20, "harmonium, reed organ"),
    (21, "accordion, akkordeon, fisarmonica"),
    (22, "harmonica, mundharmonika"),
    (23, "bandoneon, concertina"),
    (24, "guitar, guitare, gitarre, chitarra, lute, laute, liuto, theorbo, tiorba, ukulele, gtr, git"),
    (25, "steel guitar, guitar steel, mandolin, mandolino"),
    (27, "electric guitar, guitar electric"),
    (32, "acoustic bass, pluck bass, bass acoustic"),
    (33, "bass guitar, electric bass, bass electric, bassgitarre, e bass"),
    (40, "violin, violino, violini, violine, violon, violons, geige, fiddle, vl, vln, vn, vno, viol, v l"),
    (41, "viola, viole, bratsche, alto viola, viola damore, vla, va, vle"),
    (
        42,
        "cello, celli, violoncello, violoncelli, violoncelle, viola da gamba, gamba, viol bass, vc, vlc, vcl, vcllo",
    ),
    (
        43,
        "contrabass, contrabasso, contrabassi, kontrabass, contrebasse, double bass, bassi, violone, cb, kb, db, cbs",
    ),
    (46, "harp, arpa, harfe, harpe, hp, hrf"),
    (47, "timpani, pauken, pauke, timbales, kettle drums, timp"),
    (48, "strings, string, streicher, archi, cordes, str"),
    (
        52,
        "voice, vocals, voix, voce, singstimme, gesang, stimme, canto, chant, spiew, glos, soprano, sopran, dessus, discant, diskant, cantus, mezzo, alto, alt, contralto, altus, tenor, tenore, baritone, bariton, baritono, baryton, bass, basso, basse, bassus, choir, chor, coro, choeur, chorus, women, men, superius, quintus, sextus, countertenor",
    ),
    (
        56,
        "trumpet, trumpets, tromba, trombe, trompete, trompette, clarino, clarini, cornet, kornett, tpt, trp, tpte, tr",
    ),
    (57, "trombone, trombones, tromboni, posaune, sackbut, trb, tbn, pos"),
    (58, "tuba, ophicleide, serpent, sousaphone, tba"),
    (
        60,
        "horn, horns, corno, corni, horner, cor, cors, french horn, natural horn, waldhorn, cor naturel, hn, hrn, cornu",
    ),
    (61, "brass, blechblaser, ottoni, cuivres"),
    (64, "soprano sax, saxophone soprano, sopransaxophon"),
    (65, "saxophone, saxophon, sax, alto sax, saxophone alto, altsaxophon, sassofono"),
    (66, "tenor sax, saxophone tenor, tenorsaxophon"),
    (67, "baritone sax, saxophone baritone, baritonsaxophon, bari sax"),
    (68, "oboe, oboi, oboen, hautbois, hoboe, oboe damore, ob"),
    (69, "english horn, corno inglese, cor anglais, englischhorn, oboe da caccia"),
    (
        70,
        "bassoon, bassoons, fagott, fagotti, fagotto, basson, contrabassoon, contrafagotto, kontrafagott, contrebasson, dulcian, fg, fag, bsn, bn",
    ),
    (
        71,
        "clarinet, clarinetto, clarinetti, klarinette, clarinette, basset horn, bassetthorn, bass clarinet, chalumeau, cl, clar, klar",
    ),
    (72, "piccolo, picc, ottavino, kleine flote, petite flute"),
    (73, "flute, flutes, flauto, flauti, flote, floten, traverso, traversflote, querflote, fl"),
    (74, "recorder, blockflote, flauto dolce, flute a bec"),
    (75, "pan flute, panflote, panpipes"),
    (77, "shakuhachi"),
    (78, "whistle"),
    (79, "ocarina"),
    (80, "synth, synthesizer"),
    (104, "sitar"),
    (105, "banjo"),
    (106, "shamisen"),
    (107, "koto"),
    (108, "kalimba"),
    (109, "bagpipe, bagpipes, dudelsack, cornemuse"),
    (110, "hurdy gurdy, drehleier, vielle"),
    (111, "shawm, shanai, schalmei"),
    (112, "tinkle bell"),
    (114, "steel drum, steel drums, steelpan"),
    (115, "woodblock"),
];

#[cfg(test)]
mod tests {
    use super::program_of;

    #[track_caller]
    fn check(name: &str, program: Option<u8>) {
        assert_eq!(program_of(name).map(crate::Program::get), program, "{name}");
    }

    #[test]
    fn names_of_four_languages_and_their_abbreviations_are_known() {
        for (name, program) in [
            ("Violino I", 40),
            ("Vln. 2", 40),
            ("Violons", 40),
            ("Viola", 41),
            ("Bratschen", 41),
            ("Violoncello 1", 42),
            ("Viola da Gamba", 42),
            ("Contrabass", 43),
            ("Kontrabässe", 43),
            ("Traversflöte", 73),
            ("Flauto piccolo", 72),
            ("Oboe d’amore 1", 68),
            ("English Horn", 69),
            ("Cor anglais", 69),
            ("Horn in F", 60),
            ("E♭ Horn 3", 60),
            ("Corni in D.", 60),
            ("Bassoon 1", 70),
            ("Contrabassoon", 70),
            ("Basson", 70),
            ("B♭ Clarinet", 71),
            ("Klarinette in B", 71),
            ("Tenorposaune", 57),
            ("Bass Trombone", 57),
            ("Tenor Sax.", 66),
            ("Soprano II", 52),
            ("Singstimme", 52),
            ("[GŁOS.]", 52),
            ("Piano-forté.", 0),
            ("FORTEPIAN", 0),
            ("Acoustic Grand Piano", 0),
            ("Pauken", 47),
            ("Cembalo", 6),
        ] {
            check(name, Some(program));
        }
    }

    #[test]
    fn sounds_of_musicxml_are_known() {
        for (sound, program) in [
            ("keyboard.piano.grand", 0),
            ("voice.vocals", 52),
            ("strings.contrabass", 43),
            ("strings.group", 48),
            ("wind.flutes.flute.piccolo", 72),
            ("wind.reed.oboe-damore", 68),
            ("wind.reed.saxophone.tenor", 66),
            ("brass.natural-horn", 60),
            ("pluck.guitar.nylon-string", 24),
            ("drum.timpani", 47),
        ] {
            check(sound, Some(program));
        }
    }

    #[test]
    fn what_is_no_instrument_has_no_program() {
        for name in ["", "Primo", "Part 1", "Mazur", "MusicXML Part", "Introduction", "1.", "Clear", "Vivace"]
        {
            check(name, None);
        }
    }
}
