//! Prints the tempo and the beats, in seconds, that are heard in raw sound: mono, 22,050 Hz, 32-bit floating point, little end
//! first. A line of JSON for each file that is named. `benches/beats.py` holds them against known beats and against librosa.

use std::error::Error;

use cantus_audio::SampleRate;
use cantus_audio::stft::Framing;
use cantus_features::sound::beat;

fn main() -> Result<(), Box<dyn Error>> {
    let (rate, framing) = (SampleRate::ANALYSIS, Framing::DEFAULT);
    for file in std::env::args().skip(1) {
        let bytes = std::fs::read(&file)?;
        let samples: Vec<f32> =
            bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        let pulse = beat::track(&samples, rate, framing);
        let seconds: Vec<f64> = pulse.beats.iter().map(|&beat| framing.seconds(beat, rate)).collect();
        print(&serde_json::json!({"file": file, "tempo": pulse.tempo, "beats": seconds}).to_string());
    }
    Ok(())
}

#[allow(clippy::print_stdout, reason = "an example prints")]
fn print(line: &str) {
    println!("{line}");
}
