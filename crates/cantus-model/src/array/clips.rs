//! Sound as an array: clips, cut into pieces of equal length, each frame told by one descriptor.

use std::fs;
use std::path::{Path, PathBuf};

use cantus_audio::stft::{Framing, PhaseSearch};
use cantus_audio::{AudioBuffer, SampleRate, Strictness, decode};
use cantus_features::sound::invert::Rebuilding;
use cantus_features::sound::{FrameFeatures, mel};
use cantus_score::npy::{Array, Element};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ArrayError;
use crate::corpus::{Progress, Skipped, hex};

/// The longest piece that a clip is cut into, in seconds.
const LONGEST_SECONDS: f64 = 10.0;
/// Clips shorter than this are no music to learn from, in seconds.
const SHORTEST_SECONDS: f64 = 1.0;
/// The largest file that is read, in bytes.
const LARGEST_FILE: u64 = 1 << 30;
/// The loudest sample of sound that is made.
const PEAK: f32 = 0.97;
/// How files of sound are called.
const ENDINGS: [&str; 10] = ["wav", "wave", "aif", "aiff", "aifc", "flac", "mp3", "ogg", "oga", "m4a"];

/// What is told of each frame of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Told {
    /// The level of each of 128 mel bands, in decibels. Sound can be made of it.
    #[default]
    Mel,
    /// 20 cepstral coefficients of those levels.
    Mfcc,
    /// The strength of each pitch class.
    Chroma,
    /// How much peaks stand out from valleys in each octave, in decibels.
    Contrast,
}

impl Told {
    /// Whether sound can be made of it.
    pub const fn is_sound(self) -> bool {
        matches!(self, Self::Mel)
    }
}

/// How sound is told frame by frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telling {
    /// What is told of a frame.
    pub told: Told,
    /// Samples a second that all sound is brought to, in hertz.
    pub rate: u32,
    /// Samples of a frame.
    pub size: usize,
    /// Samples from a frame to the next.
    pub hop: usize,
}

impl Telling {
    /// The usual frames: 2048 samples, 512 apart, at 22,050 Hz.
    pub const fn of(told: Told) -> Self {
        let framing = Framing::DEFAULT;
        Self { told, rate: SampleRate::ANALYSIS.hertz(), size: framing.size(), hop: framing.hop() }
    }

    /// The rate and the frames, unless the file that they were read from is damaged.
    pub fn frames(self) -> Result<(SampleRate, Framing), ArrayError> {
        let damaged = |reason: String| ArrayError::Telling(reason);
        let rate = SampleRate::new(self.rate).map_err(|error| damaged(error.to_string()))?;
        let framing = Framing::new(self.size, self.hop).map_err(|error| damaged(error.to_string()))?;
        Ok((rate, framing))
    }

    /// Frames a second.
    pub fn frames_a_second(self) -> f64 {
        f64::from(self.rate) / self.hop.max(1) as f64
    }

    /// Tells a sound.
    ///
    /// # Shapes
    /// `[frames, features]`, and how many features
    pub fn tell(self, sound: &AudioBuffer) -> Result<(Vec<f32>, usize), ArrayError> {
        let (rate, framing) = self.frames()?;
        let mono = AudioBuffer::of_mono(sound.rate(), sound.to_mono()).resampled(rate);
        let samples = mono.channels().first().map_or(&[][..], Vec::as_slice);
        let table = FrameFeatures::of_sound(samples, rate, framing);
        let count = table.frames().max(1);
        let values = match self.told {
            Told::Mel => table.mel,
            Told::Mfcc => table.mfcc,
            Told::Chroma => table.chroma,
            Told::Contrast => table.contrast,
        };
        let features = values.len() / count;
        Ok((values, features))
    }
}

impl Telling {
    /// The sound of told frames, by a search for the phases that they lack; turned down where it would pass full scale. Fails where what is told is
    /// not enough to make sound of.
    ///
    /// # Shapes
    /// `[frames, features]` → `[samples]`
    pub fn sound(self, values: &[f64]) -> Result<AudioBuffer, ArrayError> {
        if !self.told.is_sound() {
            return Err(ArrayError::NotInvertible(format!("{:?}", self.told).to_lowercase()));
        }
        let (rate, framing) = self.frames()?;
        let levels: Vec<f32> = values.iter().map(|value| *value as f32).collect();
        let samples = (levels.len() / mel::BANDS).saturating_sub(1) * framing.hop();
        let rebuilding = Rebuilding { rate, framing, search: PhaseSearch::default() };
        let mut sound = rebuilding.sound(&levels, samples);
        let peak = sound.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        if peak > PEAK {
            for sample in &mut sound {
                *sample *= PEAK / peak;
            }
        }
        Ok(AudioBuffer::of_mono(rate, sound))
    }
}

/// Clips of sound to be learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct Clips {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// How they are told.
    pub telling: Telling,
}

/// One clip that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// Its file.
    pub path: PathBuf,
    /// SHA-256 of the file, as hexadecimal digits.
    pub hash: String,
    /// Pieces that it was cut into.
    pub pieces: usize,
}

/// Clips as an array.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipArray {
    /// `[pieces, frames, features]`
    pub array: Array,
    /// Which clip each piece is of.
    pub groups: Vec<usize>,
    /// The clips, in the order of their names.
    pub clips: Vec<Clip>,
    /// What could not be read or is too short, and why.
    pub skipped: Vec<Skipped>,
}

/// A file that was told: its hash, its numbers and how many features they are of; or why it was not.
type ToldFile = Result<(String, Vec<f32>, usize), String>;

impl Clips {
    /// Whether a path leads to sound: a file that is called so, or a folder with one in it.
    pub fn are_at(path: &Path) -> bool {
        is_sound(path)
            || path.is_dir()
                && fs::read_dir(path).is_ok_and(|mut entries| {
                    entries.any(|entry| entry.is_ok_and(|entry| is_sound(&entry.path())))
                })
    }

    /// The files of sound in a folder and its folders, by name. What is hidden is left out, and links to folders, which may lead
    /// back up, are not followed.
    pub fn below(folder: &Path) -> Vec<PathBuf> {
        let mut entries: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().collect();
        entries.retain(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
        entries.sort_by_key(fs::DirEntry::file_name);
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                files.extend(Self::below(&path));
            } else if path.is_file() && is_sound(&path) {
                files.push(path);
            }
        }
        files
    }

    /// Reads and tells every clip, and cuts them into pieces as long as the shortest one, but of ten seconds at most. What is left over of
    /// a clip is left out. `progress` is called after each file, from any thread.
    pub fn read(&self, progress: &(dyn Fn(Progress) + Sync)) -> Result<ClipArray, ArrayError> {
        let files = self.files()?;
        let done = std::sync::atomic::AtomicUsize::new(0);
        let told: Vec<ToldFile> = files
            .par_iter()
            .map(|file| {
                let told = self.file(file);
                let done = 1 + done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                progress(Progress { done, files: files.len() });
                told
            })
            .collect();
        self.cut(files, told)
    }

    /// All files of sound below the paths, in the order of their names, each once.
    fn files(&self) -> Result<Vec<PathBuf>, ArrayError> {
        let mut files = Vec::new();
        for path in &self.paths {
            if !path.exists() {
                return Err(ArrayError::MissingClip(path.clone()));
            }
            if path.is_dir() {
                files.extend(Self::below(path));
            } else {
                files.push(path.clone());
            }
        }
        files.sort();
        files.dedup();
        if files.is_empty() { Err(ArrayError::NoSound) } else { Ok(files) }
    }

    fn file(&self, path: &Path) -> ToldFile {
        let size = fs::metadata(path).map_err(|error| error.to_string())?.len();
        if size > LARGEST_FILE {
            return Err(format!(
                "a file of sound may have up to {LARGEST_FILE} bytes, but this one has {size}"
            ));
        }
        let bytes = fs::read(path).map_err(|error| error.to_string())?;
        let sound = decode(&bytes, Strictness::Tolerant).map_err(|error| error.to_string())?.value;
        if sound.seconds() < SHORTEST_SECONDS {
            let seconds = sound.seconds();
            return Err(format!("a clip must last {SHORTEST_SECONDS} s or more, but lasts {seconds:.2} s"));
        }
        let (values, features) = self.telling.tell(&sound).map_err(|error| error.to_string())?;
        Ok((hex(&Sha256::digest(&bytes)), values, features))
    }

    fn cut(&self, files: Vec<PathBuf>, told: Vec<ToldFile>) -> Result<ClipArray, ArrayError> {
        let mut skipped = Vec::new();
        let mut kept = Vec::new();
        for (path, told) in files.into_iter().zip(told) {
            match told {
                Ok(told) => kept.push((path, told)),
                Err(reason) => skipped.push(Skipped { path, reason }),
            }
        }
        let Some(features) = kept.first().map(|(_, told)| told.2) else {
            return Err(ArrayError::NoClip(
                skipped.first().map_or_else(String::new, |first| first.reason.clone()),
            ));
        };
        let most = (LONGEST_SECONDS * self.telling.frames_a_second()) as usize;
        let shortest = kept.iter().map(|(_, (_, values, _))| values.len() / features.max(1)).min();
        let frames = shortest.unwrap_or(0).clamp(1, most.max(1));
        let (mut numbers, mut groups, mut clips) = (Vec::new(), Vec::new(), Vec::new());
        for (path, (hash, values, _)) in kept {
            let before = groups.len();
            for piece in values.chunks_exact(frames * features) {
                groups.push(clips.len());
                numbers.extend(piece.iter().map(|value| f64::from(*value)));
            }
            clips.push(Clip { path, hash, pieces: groups.len() - before });
        }
        let array = Array::from_values(&[groups.len(), frames, features], Element::F32, &numbers)?;
        Ok(ClipArray { array, groups, clips, skipped })
    }
}

fn is_sound(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}
