//! What is done with damaged sound: it is decoded block by block, and measured.

use cantus::audio::stft::Framing;
use cantus::audio::{Decoder, MOST_WARNINGS, Resampler, SampleRate, Strictness};
use cantus::features::sound::FrameFeatures;

/// The longest sound that is measured here, in seconds: what takes longer is longer, not worse.
const LONGEST: f64 = 20.0;

/// What came of decoding.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    /// Whether it was decoded to its end and not refused.
    pub(super) is_read: bool,
    /// Its beginning in one channel.
    beginning: Vec<f32>,
    rate: Option<SampleRate>,
}

/// Decodes a file; the error tells what must not be.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, String> {
    let mut decoded = Decoded::default();
    let Ok(mut decoder) = Decoder::of_bytes(bytes, Strictness::Tolerant) else { return Ok(decoded) };
    let (rate, channels) = (decoder.rate(), decoder.channels());
    let longest = (LONGEST * f64::from(rate.hertz())) as usize;
    decoded.rate = Some(rate);
    loop {
        match decoder.next_block() {
            Ok(None) => break,
            Err(_) => return Ok(decoded),
            Ok(Some(block)) => {
                let frames = block.first().map_or(0, Vec::len);
                if block.len() != channels || block.iter().any(|channel| channel.len() != frames) {
                    return Err(format!(
                        "a block of {} channels of {channels}, or of several lengths",
                        block.len()
                    ));
                }
                if block.iter().flatten().any(|sample| !sample.is_finite()) {
                    return Err("a sample is no number".to_owned());
                }
                let room = longest.saturating_sub(decoded.beginning.len());
                decoded.beginning.extend(block.iter().take(1).flatten().take(room));
            }
        }
    }
    if decoder.warnings().len() > MOST_WARNINGS {
        return Err(format!("{} warnings", decoder.warnings().len()));
    }
    decoded.is_read = true;
    Ok(decoded)
}

/// Measures the beginning as `cantus features` does.
pub(super) fn measure(decoded: &Decoded) -> Result<(), String> {
    let Some(rate) = decoded.rate else { return Ok(()) };
    let mut resampler = Resampler::new(rate, SampleRate::ANALYSIS, 1);
    let mut features = FrameFeatures::new(SampleRate::ANALYSIS, Framing::DEFAULT, 0.0);
    // At a hundred samples a second a short file lasts long.
    let most = (LONGEST * f64::from(SampleRate::ANALYSIS.hertz())) as usize;
    let mut left = most;
    for block in decoded.beginning.chunks(4096) {
        let samples = resampler.push(&[block.to_vec()]).first().map(Vec::as_slice).unwrap_or_default();
        let taken = samples.len().min(left);
        left -= taken;
        features.push(&samples[..taken]);
    }
    let table = features.finish();
    let all = [&table.rms, &table.centroid, &table.chroma, &table.mel, &table.mfcc, &table.onset_strength];
    match all.into_iter().flatten().find(|value| !value.is_finite()) {
        Some(value) => Err(format!("a feature is {value}")),
        None => Ok(()),
    }
}
