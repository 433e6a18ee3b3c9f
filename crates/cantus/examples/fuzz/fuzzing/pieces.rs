//! Damage that knows where the words of a text format begin and end: tags of XML, tokens and lines of kern.

use std::io::{Cursor, Read as _, Write as _};

use cantus::score::midi::damage::Damage;

/// Numbers that mean something else than a musician would.
const NUMBERS: [&str; 12] = [
    "0",
    "-1",
    "1",
    "3",
    "127",
    "255",
    "4096",
    "32768",
    "999999999",
    "4294967296",
    "99999999999999999999",
    "0.3333",
];

/// Numbers made of a seed: those of `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % end.max(1) as u64) as usize
    }
}

/// A copy of a text whose pieces, which end at some bytes, were swapped, lost, doubled, moved, or have other numbers;
/// one time in three, the bytes are damaged besides.
pub(super) fn damaged(seed: u64, file: &[u8], other: &[u8], (ends, words): (&[u8], &[&str])) -> Vec<u8> {
    let mut dice = Dice(seed);
    let mut pieces: Vec<&[u8]> = file.split_inclusive(|byte| ends.contains(byte)).collect();
    let others: Vec<&[u8]> = other.split_inclusive(|byte| ends.contains(byte)).collect();
    let numbered: Vec<Vec<u8>> = (0..4)
        .map(|_| {
            let piece = pick(&mut dice, &pieces);
            renumbered(&mut dice, piece)
        })
        .collect();
    for number in 0..=dice.below(6) {
        let (a, b) = (dice.below(pieces.len()), dice.below(pieces.len()));
        match dice.below(7) {
            _ if pieces.is_empty() => {}
            0 => pieces.swap(a, b),
            1 => drop(pieces.remove(a)),
            2 => {
                let piece = pieces[a];
                let times = [1, 2, 30, 1000][dice.below(4)];
                pieces.splice(b..b, std::iter::repeat_n(piece, times));
            }
            3 => {
                let piece = pieces.remove(a);
                pieces.insert(b.min(pieces.len()), piece);
            }
            4 => {
                let from = dice.below(others.len());
                let to = (from + 1 + dice.below(40)).min(others.len());
                pieces.splice(a..a, others.get(from..to).unwrap_or_default().iter().copied());
            }
            5 => {
                // A whole stretch comes again.
                let stretch: Vec<&[u8]> = pieces.iter().skip(a).take(dice.below(60)).copied().collect();
                pieces.splice(b..b, stretch);
            }
            _ => pieces[a] = numbered.get(number % 4).map_or(&[], Vec::as_slice),
        }
    }
    let copy = pieces.concat();
    if dice.below(3) == 0 { Damage::new(seed).copy_with_words(&copy, other, words) } else { copy }
}

fn pick<'a>(dice: &mut Dice, pieces: &[&'a [u8]]) -> &'a [u8] {
    let with_digits: Vec<&&[u8]> =
        pieces.iter().filter(|piece| piece.iter().any(u8::is_ascii_digit)).collect();
    with_digits.get(dice.below(with_digits.len())).map_or(&[], |piece| **piece)
}

/// A piece with another number in the place of its first.
fn renumbered(dice: &mut Dice, piece: &[u8]) -> Vec<u8> {
    let from = piece.iter().position(u8::is_ascii_digit).unwrap_or(piece.len());
    let digits = piece[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    [&piece[..from], NUMBERS[dice.below(NUMBERS.len())].as_bytes(), &piece[from + digits..]].concat()
}

/// The score in an archive, unpacked.
pub(super) fn unpacked(archive: &[u8]) -> Option<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).ok()?;
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).ok()?;
        let is_score = file.name().is_ok_and(|name| !name.starts_with("META-INF") && name.ends_with("xml"));
        let mut bytes = Vec::new();
        if is_score && file.read_to_end(&mut bytes).is_ok() {
            return Some(bytes);
        }
    }
    None
}

/// A score in an archive that names it.
pub(super) fn packed(score: &[u8]) -> Option<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    let container: &[u8] = b"<container><rootfiles><rootfile full-path=\"a.xml\"/></rootfiles></container>";
    for (name, bytes) in [("META-INF/container.xml", container), ("a.xml", score)] {
        archive.start_file(name, options).ok()?;
        archive.write_all(bytes).ok()?;
    }
    Some(archive.finish().ok()?.into_inner())
}
