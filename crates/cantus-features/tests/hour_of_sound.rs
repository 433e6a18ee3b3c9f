//! An hour of sound, walked through block by block: its tables are all that it takes.

use cantus_audio::SampleRate;
use cantus_audio::stft::{Framing, Stft};
use cantus_features::sound::tuning::TuningSearch;
use cantus_features::sound::{FrameFeatures, FrameTable, Spectrum};

const RATE: SampleRate = SampleRate::ANALYSIS;
const BLOCK: usize = 1 << 16;
const SAMPLES: usize = 3_600 * 22_050;
const MOST_MIB: usize = 200;

/// A tone that is struck twice a second, and noise.
struct Source {
    state: u32,
    sample: usize,
}

impl Source {
    fn new() -> Self {
        Self { state: 1, sample: 0 }
    }

    /// The next samples, as many as fit; none at the end of the hour.
    fn fill(&mut self, block: &mut Vec<f32>) -> bool {
        block.clear();
        let count = BLOCK.min(SAMPLES - self.sample);
        for _ in 0..count {
            self.state = self.state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (self.state >> 8) as f32 / (1 << 23) as f32 - 1.0;
            let since = self.sample % 11_025;
            let wave = (since % 100) as f32 / 50.0 - 1.0;
            block.push(wave * 0.5 / (1.0 + since as f32 / 1_000.0) + noise * 0.05);
            self.sample += 1;
        }
        count > 0
    }
}

/// The most memory that this process has held, in MiB; none where the system does not tell.
fn most_memory() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse::<usize>().ok().map(|kib| kib / 1024)
}

#[test]
fn an_hour_of_sound_is_measured_within_200_mib() {
    let framing = Framing::DEFAULT;
    let mut block = Vec::with_capacity(BLOCK);
    let (mut search, mut spectrum) = (TuningSearch::new(RATE, framing, 12), Spectrum::new(framing.bins()));
    let (mut source, mut stft) = (Source::new(), Stft::new(framing));
    while source.fill(&mut block) {
        stft.push(&block, |frame| {
            spectrum.set(frame.spectrum);
            search.push(spectrum.power());
        });
    }
    let mut source = Source::new();
    let mut features = FrameFeatures::new(RATE, framing, search.finish());
    while source.fill(&mut block) {
        features.push(&block);
    }
    let table = features.finish();
    assert_eq!(table.frames(), framing.frames(SAMPLES));
    assert_eq!(table.mel.len() + table.mfcc.len(), table.frames() * 148);
    let pulse = table.pulse();
    assert!((pulse.tempo - 120.0).abs() < 4.0, "{}", pulse.tempo);
    assert!((7_100..7_300).contains(&pulse.beats.len()), "{} beats", pulse.beats.len());
    match most_memory() {
        Some(most) => {
            println!("{most} MiB for {} columns of {} frames", FrameTable::COLUMNS, table.frames());
            assert!(most < MOST_MIB, "{most} MiB");
        }
        None => println!("skipped: this system does not tell how much memory was held"),
    }
}
