//! Writes a `SoundFont` 2.01 file: the RIFF chunks, the list of samples, and the lists of presets and instruments.
//!
//! Source: E-mu Systems, "SoundFont Technical Specification", version 2.01, chapters 5 to 8.

/// What a zone may set; the names and numbers are the format's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Gen {
    /// Cents that the vibrato's oscillator bends the pitch.
    VibLfoToPitch = 6,
    /// The low-pass filter, in cents above 8.176 Hz.
    FilterCutoff = 8,
    /// Cents that the second envelope opens the filter.
    ModEnvToFilter = 11,
    /// Tenths of a decibel that the second oscillator moves the level.
    ModLfoToVolume = 13,
    /// What goes to the chorus, in tenths of a per cent.
    Chorus = 15,
    /// The place from left (-500) to right (500).
    Pan = 17,
    /// The delay of the second oscillator in timecents.
    ModLfoDelay = 21,
    /// The speed of the second oscillator, in cents above 8.176 Hz.
    ModLfoRate = 22,
    /// The delay of the vibrato in timecents.
    VibLfoDelay = 23,
    /// The speed of the vibrato, in cents above 8.176 Hz.
    VibLfoRate = 24,
    /// The fall of the second envelope in timecents.
    ModEnvDecay = 28,
    /// How far the second envelope falls, in tenths of a per cent.
    ModEnvSustain = 29,
    /// The rise of the level in timecents.
    VolEnvAttack = 34,
    /// How long the level is held before it falls, in timecents.
    VolEnvHold = 35,
    /// The fall of the level (by 100 dB) in timecents.
    VolEnvDecay = 36,
    /// How far the level falls, in tenths of a decibel.
    VolEnvSustain = 37,
    /// The fall of the level after the key is let go, in timecents.
    VolEnvRelease = 38,
    /// The instrument that a preset's zone plays.
    Instrument = 41,
    /// The keys of a zone: low + 256 * high.
    KeyRange = 43,
    /// The velocities of a zone: low + 256 * high.
    VelRange = 44,
    /// The sample that an instrument's zone plays.
    Sample = 53,
    /// 0 plays once, 1 loops.
    SampleModes = 54,
    /// Cents a key; 0 where every key of the zone sounds alike.
    ScaleTuning = 56,
    /// Sounds of one class cut each other off.
    ExclusiveClass = 57,
}

/// One setting of a zone, in the format's own units.
pub(super) type Setting = (Gen, i16);

/// Seconds as timecents.
pub(super) fn timecents(seconds: f32) -> i16 {
    (1200.0 * seconds.max(0.001).log2()).round().clamp(-12_000.0, 8_000.0) as i16
}

/// Hertz as cents above the lowest key (8.176 Hz).
pub(super) fn pitch_cents(hertz: f32) -> i16 {
    (1200.0 * (hertz.max(0.01) / 8.176).log2()).round().clamp(-16_000.0, 13_500.0) as i16
}

/// A sample with its place on the keyboard.
#[derive(Debug)]
struct Header {
    name: String,
    start: usize,
    end: usize,
    loop_start: usize,
    root: u8,
}

/// A named list of zones: an instrument, or a preset with its program and bank.
#[derive(Debug)]
struct Group {
    name: String,
    program: u16,
    bank: u16,
    zones: Vec<Vec<Setting>>,
}

/// A `SoundFont` being made.
#[derive(Debug, Default)]
pub(super) struct SoundFontFile {
    data: Vec<i16>,
    headers: Vec<Header>,
    instruments: Vec<Group>,
    presets: Vec<Group>,
}

/// The format wants so many zero samples after each sample.
const GAP: usize = 46;

impl SoundFontFile {
    /// Adds samples that sound at the key `root`; those from `loop_start` on are the loop. Gives the sample's number.
    pub(super) fn add_sample(
        &mut self,
        name: &str,
        samples: &[f32],
        loop_start: Option<usize>,
        root: u8,
    ) -> usize {
        let start = self.data.len();
        self.data.extend(samples.iter().map(|x| (x * 32_767.0).round().clamp(-32_768.0, 32_767.0) as i16));
        let end = self.data.len();
        // Players read a little beyond the loop's end; what they find there is the loop again.
        match loop_start {
            Some(at) => self.data.extend_from_within(start + at..(start + at + GAP).min(end)),
            None => self.data.resize(end + GAP, 0),
        }
        self.data.resize(end + GAP, 0);
        let loop_start = start + loop_start.unwrap_or(0);
        self.headers.push(Header { name: name.to_owned(), start, end, loop_start, root });
        self.headers.len() - 1
    }

    /// Adds an instrument; its first zone holds what all others share. Gives the instrument's number.
    pub(super) fn add_instrument(&mut self, name: &str, zones: Vec<Vec<Setting>>) -> usize {
        self.instruments.push(Group { name: name.to_owned(), program: 0, bank: 0, zones });
        self.instruments.len() - 1
    }

    /// Adds a preset that a score calls by program and bank (128 holds the drums).
    pub(super) fn add_preset(&mut self, name: &str, program: u16, bank: u16, zones: Vec<Vec<Setting>>) {
        self.presets.push(Group { name: name.to_owned(), program, bank, zones });
    }

    /// The bytes of the file.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.presets.sort_by_key(|preset| (preset.bank, preset.program));
        let info = list(
            *b"INFO",
            &[
                chunk(*b"ifil", &[2, 0, 1, 0]),
                chunk(*b"isng", b"EMU8000\0"),
                chunk(*b"INAM", b"Cantus procedural bank\0\0"),
            ],
        );
        let samples: Vec<u8> = self.data.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let sdta = list(*b"sdta", &[chunk(*b"smpl", &samples)]);
        let body = [b"sfbk".as_slice(), &info, &sdta, &self.hydra()].concat();
        chunk(*b"RIFF", &body)
    }

    /// The lists that tie presets, instruments and samples together.
    fn hydra(&self) -> Vec<u8> {
        let (pbag, pgen) = bags(&self.presets);
        let (ibag, igen) = bags(&self.instruments);
        list(
            *b"pdta",
            &[
                chunk(*b"phdr", &preset_headers(&self.presets)),
                chunk(*b"pbag", &pbag),
                chunk(*b"pmod", &[0; 10]),
                chunk(*b"pgen", &pgen),
                chunk(*b"inst", &instrument_headers(&self.instruments)),
                chunk(*b"ibag", &ibag),
                chunk(*b"imod", &[0; 10]),
                chunk(*b"igen", &igen),
                chunk(*b"shdr", &self.sample_headers()),
            ],
        )
    }

    fn sample_headers(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for header in &self.headers {
            bytes.extend(name20(&header.name));
            for value in [header.start, header.end, header.loop_start, header.end] {
                bytes.extend((value as u32).to_le_bytes());
            }
            bytes.extend(super::tone::RATE.to_le_bytes());
            bytes.extend([header.root, 0]);
            bytes.extend(0_u16.to_le_bytes());
            bytes.extend(1_u16.to_le_bytes());
        }
        bytes.extend(name20("EOS"));
        bytes.extend([0; 26]);
        bytes
    }
}

fn preset_headers(presets: &[Group]) -> Vec<u8> {
    let (mut bytes, mut zone) = (Vec::new(), 0_u16);
    for preset in presets {
        bytes.extend(name20(&preset.name));
        for value in [preset.program, preset.bank, zone] {
            bytes.extend(value.to_le_bytes());
        }
        bytes.extend([0; 12]);
        zone += preset.zones.len() as u16;
    }
    bytes.extend(name20("EOP"));
    bytes.extend([0; 4]);
    bytes.extend(zone.to_le_bytes());
    bytes.extend([0; 12]);
    bytes
}

fn instrument_headers(instruments: &[Group]) -> Vec<u8> {
    let (mut bytes, mut zone) = (Vec::new(), 0_u16);
    for instrument in instruments {
        bytes.extend(name20(&instrument.name));
        bytes.extend(zone.to_le_bytes());
        zone += instrument.zones.len() as u16;
    }
    bytes.extend(name20("EOI"));
    bytes.extend(zone.to_le_bytes());
    bytes
}

/// The list of zones and the list of their settings.
fn bags(groups: &[Group]) -> (Vec<u8>, Vec<u8>) {
    let (mut bag, mut settings, mut count) = (Vec::new(), Vec::new(), 0_u16);
    for zone in groups.iter().flat_map(|group| &group.zones) {
        bag.extend(count.to_le_bytes());
        bag.extend(0_u16.to_le_bytes());
        for (kind, value) in zone {
            settings.extend((*kind as u16).to_le_bytes());
            settings.extend(value.to_le_bytes());
        }
        count += zone.len() as u16;
    }
    bag.extend(count.to_le_bytes());
    bag.extend(0_u16.to_le_bytes());
    settings.extend([0; 4]);
    (bag, settings)
}

fn name20(name: &str) -> [u8; 20] {
    let mut bytes = [0; 20];
    for (place, byte) in bytes.iter_mut().zip(name.bytes().take(19)) {
        *place = byte;
    }
    bytes
}

fn chunk(id: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len() + 9);
    bytes.extend(id);
    bytes.extend((body.len() as u32).to_le_bytes());
    bytes.extend(body);
    if body.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

fn list(kind: [u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(*b"LIST", &[kind.as_slice(), &chunks.concat()].concat())
}
