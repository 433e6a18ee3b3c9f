//! Sound from models that learned sound, and how like it is to what they learned from.

use std::path::{Path, PathBuf};

use cantus_audio::{AudioBuffer, SampleRate};
use cantus_features::sound::{FrameFeatures, FrameTable, unlikeness};
use cantus_model::array::{ArrayError, Clips, Model, Telling};
use cantus_nn::Rng;
use cantus_score::npy::Array;

use crate::array::{self, ArrayRequest, are_clips, compose_array};
use crate::error::{Error, Kind};

/// Pieces that are compared at most.
const MOST_PIECES: usize = 8;

/// The sound of one composed piece of a model that learned sound.
pub fn sound_of(model: &Model, array: &Array, piece: usize) -> Result<AudioBuffer, Error> {
    let telling =
        model.telling.ok_or_else(|| impossible(ArrayError::NotInvertible("an array".to_owned())))?;
    telling.sound(&piece_of(array, piece)).map_err(impossible)
}

fn impossible(error: ArrayError) -> Error {
    let hint = error.hint();
    Error::of(Kind::Request, error).with_hint(hint)
}

/// The numbers of a piece, `[frames, features]`.
fn piece_of(array: &Array, piece: usize) -> Vec<f64> {
    let size = array.shape().iter().skip(1).product::<usize>();
    array.values(piece * size..(piece + 1) * size)
}

/// How unlike sounds are to clips, as [`unlikeness`] measures it: 0 is alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unlikeness {
    /// Half of the clips to the other half: what may be hoped for.
    pub among_clips: f64,
    /// What the model composes.
    pub composed: f64,
    /// The clips with their frames in any order.
    pub shuffled: f64,
    /// White noise as loud as the clips.
    pub noise: f64,
}

/// How unlike what a model composes is to clips, beside their frames in any order and noise; nothing where the model did
/// not learn sound, or something of which no sound can be made. All but the noise goes the way from levels to sound, so that its
/// marks are on all alike.
pub fn unlikeness_of(model: &Model, path: &Path) -> Result<Option<Unlikeness>, Error> {
    let Some(telling) = model.telling.filter(|telling| telling.told.is_sound() && are_clips(path)) else {
        return Ok(None);
    };
    let clips = Clips { paths: vec![PathBuf::from(path)], telling };
    let array = clips.read(&|_| ()).map_err(|error| array::unusable(error, path))?.array;
    let &[pieces, frames, features] = array.shape() else { return Ok(None) };
    let count = pieces.min(MOST_PIECES);
    // Spread evenly, so that clips of one kind in a row are not all that is compared.
    let places = (0..count).map(|index| index * pieces / count);
    let clips: Vec<Vec<f64>> = places.map(|piece| piece_of(&array, piece)).collect();
    let request = ArrayRequest { frames: Some(frames), ..ArrayRequest::new(count, 1) };
    let composed = compose_array(model, &request)?;
    let composed: Vec<Vec<f64>> = (0..count).map(|piece| piece_of(&composed, piece)).collect();
    let mut rng = Rng::new(1);
    let shuffled: Vec<Vec<f64>> = clips.iter().map(|clip| shuffled(clip, features, &mut rng)).collect();
    let heard =
        |pieces: &[Vec<f64>]| pieces.iter().map(|piece| heard(telling, piece)).collect::<Result<Vec<_>, _>>();
    let known = heard(&clips).map_err(impossible)?;
    let noise = known.iter().map(|clip| noise(clip, &mut rng)).collect::<Vec<_>>();
    let (even, odd): (Vec<_>, Vec<_>) =
        known.iter().cloned().enumerate().partition(|(index, _)| index % 2 == 0);
    let tables =
        |part: Vec<(usize, FrameTable)>| part.into_iter().map(|(_, table)| table).collect::<Vec<_>>();
    Ok(Some(Unlikeness {
        among_clips: unlikeness(&tables(even), &tables(odd)),
        composed: unlikeness(&known, &heard(&composed).map_err(impossible)?),
        shuffled: unlikeness(&known, &heard(&shuffled).map_err(impossible)?),
        noise: unlikeness(&known, &noise),
    }))
}

/// What is measured on the sound of told frames.
fn heard(telling: Telling, piece: &[f64]) -> Result<FrameTable, ArrayError> {
    let (rate, framing) = telling.frames()?;
    let sound = telling.sound(piece)?;
    Ok(FrameFeatures::of_sound(&sound.to_mono(), rate, framing))
}

/// The frames in any order.
fn shuffled(piece: &[f64], features: usize, rng: &mut Rng) -> Vec<f64> {
    let mut frames: Vec<&[f64]> = piece.chunks_exact(features).collect();
    rng.shuffle(&mut frames);
    frames.concat()
}

/// White noise as loud and as long as a sound.
fn noise(clip: &FrameTable, rng: &mut Rng) -> FrameTable {
    let frames = clip.rms.len().max(1);
    let power = clip.rms.iter().map(|rms| f64::from(rms * rms)).sum::<f64>() / frames as f64;
    let level = power.sqrt() as f32;
    let samples: Vec<f32> = (0..frames * clip.framing.hop()).map(|_| level * rng.normal()).collect();
    let rate: SampleRate = clip.rate;
    FrameFeatures::of_sound(&samples, rate, clip.framing)
}
