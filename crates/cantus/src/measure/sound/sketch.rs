//! Pictures of sound, drawn while it is listened to: an hour takes no more than a minute.

use std::path::Path;

use cantus_audio::SampleRate;
use cantus_audio::stft::{Complex, Framing, Stft};
use cantus_features::sound::chroma::CLASSES;
use cantus_features::sound::{FilterBank, FrameTable, Gathered, Spectrum, mel, octaves, similarity};
use cantus_render::drawing::Drawing;
use cantus_render::plot::{Axis, HEIGHT, Matrix, Reach, Tick, WIDTH, Waveform};
use cantus_score::PitchClass;

use super::walk::{Block, Heard};
use crate::Picture;
use crate::error::{Error, Kind};

/// What is this far below the loudest is the darkest, in decibels.
const RANGE: f64 = 80.0;
/// Nothing is heard of what is this far below the loudest frame, in decibels.
const QUIET: f32 = 60.0;
/// The frequencies of a spectrogram, in hertz: up to half the rate of analysis.
const FREQUENCIES: (f64, f64) = (40.0, 11_025.0);
/// Frequencies that stand at an axis.
const NAMED: [f64; 8] = [50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0];

/// A picture that is being drawn.
pub(super) struct Sketch {
    picture: Picture,
    name: String,
    seconds: f64,
    reaches: Reaches,
    spectrogram: Option<Spectrogram>,
}

impl Sketch {
    /// A picture of a file on which nothing is yet. Fails where it is one of scores.
    pub(super) fn new(picture: Picture, path: &Path, heard: &Heard) -> Result<Self, Error> {
        if picture == Picture::Roll {
            let message = "a sound has no notes to draw a roll of";
            let hint = "pictures of sound are waveform, spectrogram, mel, chroma and similarity";
            return Err(Error::new(Kind::Request, message).at(path).with_hint(hint));
        }
        Ok(Self {
            picture,
            name: path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            seconds: heard.seconds,
            reaches: Reaches::new(heard.samples),
            spectrogram: (picture == Picture::Spectrogram).then(|| Spectrogram::new(heard.frames)),
        })
    }

    /// Takes the next part of the sound.
    pub(super) fn hear(&mut self, block: Block<'_>) {
        match (self.picture, block) {
            (Picture::Waveform, Block::Channels(_, channels)) => self.reaches.hear(channels),
            (Picture::Spectrogram, Block::Mean(samples)) => {
                self.spectrogram.iter_mut().for_each(|spectrogram| spectrogram.hear(samples));
            }
            _ => {}
        }
    }

    /// The picture, for which the table of frames may be needed.
    pub(super) fn finish(self, table: &FrameTable) -> Drawing {
        let Self { picture, name, seconds, reaches, spectrogram } = self;
        if picture == Picture::Waveform {
            return Waveform { reaches: reaches.finish(), seconds, title: format!("Waveform of {name}") }
                .drawing();
        }
        let matrix = match spectrogram {
            Some(spectrogram) => spectrogram.finish(),
            None if picture == Picture::Mel => of_mel(table),
            None if picture == Picture::Chroma => of_chroma(table),
            None => of_similarity(table, seconds),
        };
        let across = if matrix.axes.0.ticks.is_empty() { Axis::seconds(seconds) } else { matrix.axes.0 };
        Matrix { title: format!("{} of {name}", matrix.title), axes: (across, matrix.axes.1), ..matrix }
            .drawing()
    }
}

/// How far the wave reaches in each column, over all channels.
struct Reaches {
    samples: u64,
    next: u64,
    columns: Vec<(f32, f32, f64, u64)>, // least, greatest, sum of squares, count
}

impl Reaches {
    fn new(samples: u64) -> Self {
        let columns = (WIDTH as u64).min(samples) as usize;
        Self { samples, next: 0, columns: vec![(f32::INFINITY, f32::NEG_INFINITY, 0.0, 0); columns] }
    }

    fn hear(&mut self, channels: &[Vec<f32>]) {
        let count = self.columns.len() as u64;
        for channel in channels {
            for (sample, at) in channel.iter().zip(self.next..) {
                let column = at * count / self.samples.max(1);
                if let Some((least, greatest, squares, count)) = self.columns.get_mut(column as usize) {
                    *least = least.min(*sample);
                    *greatest = greatest.max(*sample);
                    *squares += f64::from(*sample).powi(2);
                    *count += 1;
                }
            }
        }
        self.next += channels.first().map_or(0, Vec::len) as u64;
    }

    fn finish(self) -> Vec<Reach> {
        let reach = |(least, greatest, squares, count): (f32, f32, f64, u64)| Reach {
            lowest: f64::from(least),
            highest: f64::from(greatest),
            rms: (squares / count.max(1) as f64).sqrt(),
        };
        self.columns.into_iter().map(reach).collect()
    }
}

/// The mean power of bands that are even in octaves.
struct Spectrogram {
    stft: Stft,
    hearing: Hearing,
}

struct Hearing {
    spectrum: Spectrum,
    bank: FilterBank,
    bands: Vec<f32>,
    gathered: Gathered,
}

impl Spectrogram {
    fn new(frames: usize) -> Self {
        let framing = Framing::DEFAULT;
        let hearing = Hearing {
            spectrum: Spectrum::new(framing.bins()),
            bank: octaves::bank(HEIGHT, FREQUENCIES, SampleRate::ANALYSIS, framing),
            bands: vec![0.0; HEIGHT],
            gathered: Gathered::new(frames, WIDTH, HEIGHT),
        };
        Self { stft: Stft::new(framing), hearing }
    }

    fn hear(&mut self, samples: &[f32]) {
        let Self { stft, hearing } = self;
        stft.push(samples, |frame| hearing.hear(frame.spectrum));
    }

    fn finish(self) -> Matrix {
        let Self { stft, mut hearing } = self;
        stft.finish(|frame| hearing.hear(frame.spectrum));
        let power = hearing.gathered.means();
        let loudest = power.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let levels = power.iter().map(|power| 10.0 * (power / loudest).max(1e-12).log10()).collect();
        let tick =
            |hertz: f64| Tick { at: 1.0 - octaves::place(hertz, FREQUENCIES), label: hertz.to_string() };
        decibels((levels, HEIGHT), "Spectrogram", NAMED.map(tick).into())
    }
}

impl Hearing {
    fn hear(&mut self, spectrum: &[Complex<f32>]) {
        self.spectrum.set(spectrum);
        self.bank.apply(self.spectrum.power(), &mut self.bands);
        self.gathered.push(&self.bands);
    }
}

/// The levels of mel bands, against the loudest.
fn of_mel(table: &FrameTable) -> Matrix {
    let levels = gathered(&table.mel, mel::BANDS);
    let loudest = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let top = mel::of_hertz(f64::from(table.rate.hertz()) / 2.0);
    let tick = |hertz: f64| {
        // The bands are triangles, one fewer than the stretches between their middles and both ends.
        let band = mel::of_hertz(hertz) / top * (mel::BANDS + 1) as f64 - 0.5;
        Tick { at: 1.0 - band / mel::BANDS as f64, label: hertz.to_string() }
    };
    let named = [100.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0];
    let levels = levels.into_iter().map(|level| level - loudest).collect();
    decibels((levels, mel::BANDS), "Mel spectrogram", named.map(tick).into())
}

/// Levels of bands, the lowest first, below the loudest.
fn decibels((levels, bands): (Vec<f64>, usize), title: &str, ticks: Vec<Tick>) -> Matrix {
    let (values, columns) = upright(&levels, bands);
    Matrix {
        values,
        columns,
        range: (-RANGE, 0.0),
        unit: "dB re max".to_owned(),
        title: title.to_owned(),
        axes: (Axis::default(), Axis { name: "frequency (Hz)".to_owned(), ticks }),
        marks: Vec::new(),
    }
}

/// The strength of the pitch classes. Frames far quieter than the loudest are dark: the strongest class of each frame is 1, also where
/// that is noise which nobody hears.
fn of_chroma(table: &FrameTable) -> Matrix {
    let loudest = table.rms.iter().copied().fold(0.0, f32::max);
    let least = loudest * 10_f32.powf(-QUIET / 20.0);
    let mut chroma = table.chroma.clone();
    for (classes, rms) in chroma.chunks_exact_mut(CLASSES).zip(&table.rms) {
        if *rms < least {
            classes.fill(0.0);
        }
    }
    let (values, columns) = upright(&gathered(&chroma, CLASSES), CLASSES);
    let names: Vec<String> =
        (0..CLASSES as i64).rev().map(|class| PitchClass::saturating(class).to_string()).collect();
    Matrix {
        values,
        columns,
        range: (0.0, 1.0),
        unit: String::new(),
        title: "Chroma".to_owned(),
        axes: (Axis::default(), Axis::named("pitch class", names.iter().map(String::as_str))),
        marks: Vec::new(),
    }
}

fn of_similarity(table: &FrameTable, seconds: f64) -> Matrix {
    let likeness = similarity::of_beats(table);
    let begins: Vec<f64> =
        likeness.begins.iter().map(|frame| table.framing.seconds(*frame, table.rate)).collect();
    let axis = Axis::beats(&begins, seconds);
    let (what, title) = match likeness.beats {
        0 => ("moments".to_owned(), "Likeness of the moments"),
        1 => ("beats".to_owned(), "Likeness of the beats"),
        count => (format!("groups of {count} beats"), "Likeness of the beats"),
    };
    let axis = Axis { name: format!("{what} at their {}", axis.name), ..axis };
    Matrix {
        columns: begins.len(),
        values: likeness.values,
        range: (0.0, 1.0),
        unit: String::new(),
        title: title.to_owned(),
        axes: (axis.clone(), axis),
        marks: Vec::new(),
    }
}

/// The means of the frames that fall into each column of a picture.
///
/// # Shapes
/// `[frames, width]` → `[columns, width]`
fn gathered(values: &[f32], width: usize) -> Vec<f64> {
    let mut gathered = Gathered::new(values.len() / width, WIDTH, width);
    values.chunks_exact(width).for_each(|row| gathered.push(row));
    gathered.means()
}

/// Columns from below as rows from above, and how many columns there are.
///
/// # Shapes
/// `[columns, height]` → `[height, columns]`
fn upright(values: &[f64], height: usize) -> (Vec<f64>, usize) {
    let columns = values.len() / height;
    let at = |index: usize| {
        let (row, column) = (index / columns, index % columns);
        values[column * height + height - 1 - row]
    };
    ((0..columns * height).map(at).collect(), columns)
}
