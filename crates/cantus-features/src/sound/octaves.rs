//! Bands that are even in octaves, as tones are.

use cantus_audio::SampleRate;
use cantus_audio::stft::Framing;

use super::FilterBank;

/// The frequency of a place between two, from 0 to 1, even in octaves; in hertz.
pub fn frequency(place: f64, (lowest, highest): (f64, f64)) -> f64 {
    lowest * (highest / lowest).powf(place)
}

/// The place of a frequency: [`frequency`] the other way round.
pub fn place(hertz: f64, (lowest, highest): (f64, f64)) -> f64 {
    (hertz / lowest).log2() / (highest / lowest).log2()
}

/// So many bands from the lowest to the highest frequency, each the mean power of the bins within it; between bins that are
/// farther apart than a band is wide, the power goes in a straight line.
pub fn bank(bands: usize, range: (f64, f64), rate: SampleRate, framing: Framing) -> FilterBank {
    let a_bin = framing.frequency(1, rate);
    let edge = |index: f64| frequency(index / bands as f64, range) / a_bin;
    let rows: Vec<Vec<f32>> = (0..bands)
        .map(|band| {
            let band = band as f64;
            row([edge(band), edge(band + 0.5), edge(band + 1.0)], framing.bins())
        })
        .collect();
    FilterBank::of_rows(framing.bins(), rows.iter().map(Vec::as_slice))
}

/// The weights of the bins of a band, whose edges and middle are told in bins.
fn row([low, middle, high]: [f64; 3], bins: usize) -> Vec<f32> {
    let weight = |bin: usize| {
        let bin = bin as f64;
        if high - low < 1.0 {
            (1.0 - (bin - middle).abs()).max(0.0)
        } else {
            ((bin + 0.5).min(high) - (bin - 0.5).max(low)).max(0.0) / (high - low)
        }
    };
    (0..bins).map(|bin| weight(bin) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_loudest_in_its_band_and_every_band_is_a_mean() {
        let range = (40.0, 11_025.0);
        let (rate, framing) = (SampleRate::ANALYSIS, Framing::DEFAULT);
        let bank = bank(384, range, rate, framing);
        for band in 0..383 {
            let sum: f32 = bank.row(band).1.iter().sum();
            assert!((sum - 1.0).abs() < 1e-3, "band {band}: {sum}");
        }
        for bin in [10, 41, 100, 500] {
            let mut power = vec![0.0; framing.bins()];
            power[bin] = 1.0;
            let mut bands = vec![0.0; 384];
            bank.apply(&power, &mut bands);
            let loudest = bands.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1)).unwrap().0;
            let expected = place(framing.frequency(bin, rate), range) * 384.0;
            assert!((loudest as f64 + 0.5 - expected).abs() <= 1.0, "bin {bin}: {loudest}, {expected}");
        }
        assert!((place(frequency(0.3, range), range) - 0.3).abs() < 1e-12);
    }
}
