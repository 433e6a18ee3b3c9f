//! The wave of a sound.

use super::{Axis, Tick, WIDTH, field, framed, inside, words};
use crate::drawing::{Anchor, Colour, Drawing, Raster, Style};

const HEIGHT: usize = 320;
const PAPER: Colour = [255; 3];
const MIDDLE: Colour = [0xbb; 3];
/// Light of what the wave reaches, dark of its mean: they differ without colour.
const PEAKS: Colour = [0x8f, 0xb8, 0xde];
const POWER: Colour = [0x1f, 0x4e, 0x8c];

/// How far a sound's wave reaches in a stretch of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reach {
    /// The least sample.
    pub lowest: f64,
    /// The greatest sample.
    pub highest: f64,
    /// The root of the mean square.
    pub rms: f64,
}

/// The wave of a sound, stretch by stretch.
#[derive(Debug, Clone, PartialEq)]
pub struct Waveform {
    /// Its stretches, all as long.
    pub reaches: Vec<Reach>,
    /// How long the sound lasts.
    pub seconds: f64,
    /// What the picture shows.
    pub title: String,
}

impl Waveform {
    /// Draws it: what its samples reach, lighter, and their root mean square, darker, above the time.
    pub fn drawing(&self) -> Drawing {
        let limit = self.limit();
        let area = inside(WIDTH, HEIGHT);
        let axes = (Axis::seconds(self.seconds), levels(limit));
        let mut drawing = framed(&self.title, area, self.raster(limit), (&axes.0, &axes.1));
        for (index, (colour, text)) in [(PEAKS, "samples"), (POWER, "their RMS")].into_iter().enumerate() {
            let (x, y) = (area.right() + 12, area.top + 4 + 20 * index);
            drawing.shapes.push(field((x, y), (10, 10), colour));
            drawing.shapes.push(words(text.to_owned(), (x + 14, y + 10), Anchor::Begin, Style::Label));
        }
        drawing
    }

    /// What the upper edge stands for: the least round number that no sample passes.
    fn limit(&self) -> f64 {
        let reach = |reach: &Reach| reach.highest.max(-reach.lowest);
        let peak = self.reaches.iter().map(reach).filter(|peak| peak.is_finite()).fold(0.0, f64::max);
        let round = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0];
        round
            .into_iter()
            .find(|limit| peak <= *limit)
            .unwrap_or_else(|| if peak.is_finite() { peak.ceil() } else { 1.0 })
    }

    fn raster(&self, limit: f64) -> Raster {
        let mut colours = vec![PAPER; WIDTH * HEIGHT];
        let line = |value: f64| {
            let share = 0.5 - 0.5 * value / limit;
            if share.is_finite() {
                (share.clamp(0.0, 1.0) * (HEIGHT - 1) as f64).round() as usize
            } else {
                HEIGHT / 2
            }
        };
        let mut stroke = |x: usize, (high, low): (f64, f64), colour: Colour| {
            for y in line(high)..=line(low) {
                colours[y * WIDTH + x] = colour;
            }
        };
        for x in 0..WIDTH {
            stroke(x, (0.0, 0.0), MIDDLE);
            if let Some(&Reach { lowest, highest, rms }) = self.reaches.get(x * self.reaches.len() / WIDTH) {
                stroke(x, (highest, lowest), PEAKS);
                let (high, low) = (rms.min(highest), (-rms).max(lowest));
                if high >= low {
                    stroke(x, (high, low), POWER);
                }
            }
        }
        Raster { columns: WIDTH, colours }
    }
}

/// The axis of samples up to a limit above and below.
fn levels(limit: f64) -> Axis {
    let tick = |share: f64| Tick { at: 0.5 - 0.5 * share, label: format!("{}", limit * share + 0.0) };
    Axis { name: "sample (full scale is 1)".to_owned(), ticks: [1.0, 0.5, 0.0, -0.5, -1.0].map(tick).into() }
}
