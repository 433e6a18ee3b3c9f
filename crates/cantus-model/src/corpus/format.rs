//! What a file is, told from its content; its name only says where to look.

use cantus_score::npy;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A standard MIDI file.
    Midi,
    /// Tunes in ABC notation.
    Abc,
    /// A score in MusicXML, plain or packed.
    MusicXml,
    /// A score in Humdrum kern.
    Kern,
    /// Pieces on a grid of sixteenths, as JSON or as NumPy arrays.
    Steps,
    /// Arrays of numbers, as NumPy writes them: piano rolls, if they have their shape.
    Rolls,
    /// Nothing at all.
    Empty,
    /// Something else whose kind is known, with an article: "a WAV sound file".
    Other(&'static str),
    /// Nothing that is known.
    Unknown,
}

/// Beginnings that give a file's kind away, none of them music that is read yet.
const BEGINNINGS: [(&[u8], &str); 17] = [
    (b"fLaC", "a FLAC sound file"),
    (b"OggS", "an Ogg sound file"),
    (b"ID3", "an MP3 sound file"),
    (b"\xFF\xFB", "an MP3 sound file"),
    (b"\xFF\xF3", "an MP3 sound file"),
    (b"FORM", "an AIFF sound file"),
    (b"\x1F\x8B", "a gzip archive"),
    (b"7z\xBC\xAF", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xFF\xD8\xFF", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x7FELF", "a program"),
    (b"SQLite format 3", "an SQLite database"),
    (b"<!DOCTYPE html", "a web page"),
    (b"<html", "a web page"),
];

/// How far into a file its header may stand behind junk.
const JUNK: usize = 1 << 16;

impl Format {
    /// The format that a file's name promises, where it is one that is read.
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "mid" | "midi" | "kar" | "rmi" | "smf" => Some(Self::Midi),
            "abc" => Some(Self::Abc),
            "musicxml" | "mxl" => Some(Self::MusicXml),
            "krn" | "kern" => Some(Self::Kern),
            _ => None,
        }
    }

    /// The format of a file's content.
    pub fn of_content(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        if bytes.is_empty() {
            return Self::Empty;
        }
        if bytes.starts_with(b"RIFF") {
            return riff(bytes);
        }
        if bytes.starts_with(b"MThd") {
            return Self::Midi;
        }
        if let Some((_, kind)) = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning)) {
            return Self::Other(kind);
        }
        if npy::is_archive(bytes) {
            return packed(bytes);
        }
        if npy::is_array_file(bytes) {
            return Self::Rolls;
        }
        if bytes.trim_ascii_start().starts_with(b"{") {
            return Self::Steps;
        }
        if is_xml(bytes) {
            return xml(bytes);
        }
        if is_kern(bytes) {
            return Self::Kern;
        }
        let head = bytes.get(..JUNK).unwrap_or(bytes);
        if head.windows(4).any(|four| four == b"MThd" || four == b"MTrk") {
            return Self::Midi;
        }
        if is_abc(bytes) { Self::Abc } else { Self::Unknown }
    }

    /// What the file is, with an article.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Midi => "a MIDI file",
            Self::Abc => "a book of ABC tunes",
            Self::MusicXml => "a MusicXML score",
            Self::Kern => "a Humdrum score",
            Self::Steps => "an array of steps",
            Self::Rolls => "an array of numbers",
            Self::Empty => "an empty file",
            Self::Other(kind) => kind,
            Self::Unknown => "no kind of file that is known",
        }
    }
}

fn riff(bytes: &[u8]) -> Format {
    match bytes.get(8..12) {
        Some(b"WAVE") => Format::Other("a WAV sound file"),
        Some(b"sfbk") => Format::Other("a SoundFont"),
        Some(b"AVI ") => Format::Other("a video"),
        _ => Format::Midi,
    }
}

/// Packed MusicXML holds an index at a fixed place, and arrays of steps have names of their own; other archives hold
/// neither.
fn packed(bytes: &[u8]) -> Format {
    let holds = |name: &[u8]| bytes.windows(name.len()).any(|part| part == name);
    if holds(b"META-INF/container.xml") {
        Format::MusicXml
    } else if holds(b"_notes.npy") && holds(b"_len.npy") {
        Format::Steps
    } else if npy::names(bytes).is_ok_and(|names| !names.is_empty()) {
        Format::Rolls
    } else {
        Format::Other("a ZIP archive without music")
    }
}

/// MusicXML has one of two roots, whichever way its letters are written.
fn xml(bytes: &[u8]) -> Format {
    let head: Vec<u8> = bytes.iter().take(JUNK).copied().filter(|&byte| byte != 0).collect();
    let is = |root: &[u8]| head.windows(root.len()).any(|part| part == root);
    if is(b"<score-partwise") || is(b"<score-timewise") {
        Format::MusicXml
    } else {
        Format::Other("an XML document that is not MusicXML")
    }
}

/// A Humdrum file has a line that begins a spine of notes, after comments only.
fn is_kern(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|&byte| byte == b'\n' || byte == b'\r').filter(|line| !line.is_empty());
    lines.find(|line| !line.starts_with(b"!")).is_some_and(|line| line.starts_with(b"**"))
}

fn is_xml(bytes: &[u8]) -> bool {
    let utf16 = bytes.starts_with(b"\xFF\xFE<\0") || bytes.starts_with(b"\xFE\xFF\0<");
    utf16 || bytes.trim_ascii_start().starts_with(b"<?xml") || bytes.starts_with(b"<score-")
}

/// A tune begins with `X:` or, where that was forgotten, has a `K:` line.
fn is_abc(bytes: &[u8]) -> bool {
    if bytes.contains(&0) {
        return false;
    }
    let mut lines = bytes.split(|&byte| byte == b'\n' || byte == b'\r');
    lines.any(|line| line.starts_with(b"X:") || line.starts_with(b"K:"))
}
