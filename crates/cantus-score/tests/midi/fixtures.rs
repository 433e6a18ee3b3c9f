//! Small MIDI files made from bytes.

/// A chunk with its right length.
pub(crate) fn chunk(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    [name.as_slice(), &(body.len() as u32).to_be_bytes(), body].concat()
}

/// A track with its right length and an end.
pub(crate) fn track(events: &[u8]) -> Vec<u8> {
    chunk(*b"MTrk", &[events, &[0, 0xFF, 0x2F, 0]].concat())
}

pub(crate) fn header(format: u8, tracks: u8, division: u16) -> Vec<u8> {
    let [high, low] = division.to_be_bytes();
    chunk(*b"MThd", &[0, format, 0, tracks, high, low])
}

/// A file of format 0 at 96 ticks a quarter with one track.
pub(crate) fn file(events: &[u8]) -> Vec<u8> {
    [header(0, 1, 96), track(events)].concat()
}

/// A file of format 1 at 96 ticks a quarter.
pub(crate) fn parallel(tracks: &[&[u8]]) -> Vec<u8> {
    let chunks = tracks.iter().flat_map(|events| track(events));
    header(1, tracks.len() as u8, 96).into_iter().chain(chunks).collect()
}

/// C4 for a quarter.
pub(crate) const C4: &[u8] = &[0, 0x90, 60, 64, 96, 0x80, 60, 64];
/// E4 for a quarter in running status, released by a press without velocity.
pub(crate) const E4: &[u8] = &[0, 0x90, 64, 80, 96, 64, 0];

/// Files with something of everything, to be damaged.
pub(crate) fn rich() -> Vec<Vec<u8>> {
    let conductor: &[u8] = b"\0\xFF\x03\x05Title\0\xFF\x51\x03\x07\xA1\x20\0\xFF\x58\x04\x06\x03\x24\x08\
        \0\xFF\x59\x02\xFE\x01\0\xFF\x02\x06(c) Me\x60\xFF\x51\x03\x09\x27\xC0\0\xFF\x06\x05Verse";
    let melody: &[u8] = b"\0\xFF\x03\x05Voice\0\xC0\x35\0\xB0\x07\x64\0\x0A\x40\0\x90\x3C\x40\0\xFF\x05\x02La\
        \x60\x90\x3C\0\0\x3E\x50\x81\x40\x3E\0\0\xE0\0\x50\0\xFF\x05\x03caf\xE9\0\x90\x40\x50\x30\x43\x51\x30\x40\0\0\x43\0";
    let drums: &[u8] = b"\0\xFF\x21\x01\0\0\xF0\x05\x7E\x7F\x09\x01\xF7\0\xF0\x02\x43\x12\x60\xF7\x02\x01\xF7\
        \0\x99\x24\x70\x30\x24\0\0\x26\x70\0\x24\x60\x30\x26\0\0\x24\0\0\xD9\x40\0\xA9\x26\x10\0\xF7\x02\xF3\x01";
    let channels: Vec<u8> = (0u8..16)
        .flat_map(|channel| {
            [0, 0xC0 | channel, channel, 0, 0x90 | channel, 50, 90, 24, 0x80 | channel, 50, 10]
        })
        .collect();
    let long: Vec<u8> =
        (0u8..120).flat_map(|key| [C4, E4, &[0, 0x91, key, 70, 0x87, 0x40, 0x81, key, 9]].concat()).collect();
    let riff = [b"RIFF\x40\0\0\0RMIDdata\x22\0\0\0".as_slice(), &file(C4)].concat();
    let smpte = [header(0, 1, 0xE728), track(&[C4, E4].concat())].concat();
    let sequences =
        [header(2, 2, 480), track(&[b"\0\xFF\x51\x03\x07\xA1\x20".as_slice(), C4].concat()), track(E4)]
            .concat();
    vec![parallel(&[conductor, melody, drums]), file(&channels), file(&long), riff, smpte, sequences]
}
