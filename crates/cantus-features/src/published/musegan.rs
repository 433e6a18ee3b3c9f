//! The metrics of `MuseGAN`, by its paper. Bars are those of the score.

use cantus_score::Ticks;

use super::{pitched, share};
use crate::Window;
use crate::tension::centroid;
use crate::touch::mean;
use crate::window::{Begun, LONGEST_NOTE};

/// At most so many tracks are looked at: a broken file can claim thousands.
const MOST_TRACKS: usize = 64;
/// At most so many bars are held against each other.
const MOST_BARS: usize = 10_000;

/// The numbers of the tracks that have notes, at most [`MOST_TRACKS`]: of all, or of those that are not drums.
fn tracks<'a>(notes: impl Iterator<Item = &'a Begun>) -> Vec<u32> {
    let mut tracks: Vec<u32> = notes.map(|note| note.track).collect();
    tracks.sort_unstable();
    tracks.dedup();
    tracks.truncate(MOST_TRACKS);
    tracks
}

/// For each bar and each pitch class, for how many ticks a track sounds, its notes cut off at bar lines.
fn chroma(window: &Window, track: u32) -> Vec<[f64; 12]> {
    let mut bars = vec![[0.0; 12]; window.bars.len().min(MOST_BARS)];
    for note in pitched(window).filter(|note| note.track == track) {
        let end = note.at.saturating_add(note.length);
        let first = window.bars.partition_point(|bar| bar.end <= note.at);
        for (bar, chroma) in window.bars.iter().zip(&mut bars).skip(first).take(LONGEST_NOTE) {
            if bar.begin >= end {
                break;
            }
            let ticks = end.min(bar.end).saturating_sub(note.at.max(bar.begin));
            chroma[usize::from(note.pitch.class().get())] += f64::from(ticks.0);
        }
    }
    bars
}

/// EB: the share of bars in which a track is silent, the mean of all tracks.
pub(crate) fn empty_bars(window: &Window) -> Option<f64> {
    let silent = |track: &u32| {
        let mut sounds = vec![false; window.bars.len()];
        for note in window.begun.iter().filter(|note| note.track == *track) {
            let end = note.at.saturating_add(note.length.max(Ticks(1)));
            let first = window.bars.partition_point(|bar| bar.end <= note.at);
            let past = window.bars.partition_point(|bar| bar.begin < end);
            sounds.iter_mut().take(past).skip(first).take(LONGEST_NOTE).for_each(|sounds| *sounds = true);
        }
        share(sounds.iter().filter(|sounds| !**sounds).count() as u64, sounds.len() as u64)
    };
    mean(tracks(window.begun.iter()).iter().filter_map(silent))
}

/// UPC: pitch classes that a track uses in a bar, the mean of all bars and of the tracks that are not drums.
pub(crate) fn used_pitch_classes(window: &Window) -> Option<f64> {
    let used = |track: &u32| {
        let bars = chroma(window, *track);
        mean(bars.iter().map(|bar| bar.iter().filter(|&&ticks| ticks > 0.0).count() as f64))
    };
    mean(tracks(pitched(window)).iter().filter_map(used))
}

/// QN: the share of notes of three time steps and more, of which 24 are a quarter note; drums left out.
pub(crate) fn qualified_notes(window: &Window) -> Option<f64> {
    let quarter = u64::from(window.resolution.ticks_per_quarter());
    let qualified = pitched(window).filter(|note| u64::from(note.length.0) * 24 >= quarter * 3);
    share(qualified.count() as u64, pitched(window).count() as u64)
}

/// DP: the share of drum notes on sixteenths of a 4/4 bar, in bars of 4/4.
pub(crate) fn drum_pattern(window: &Window) -> Option<f64> {
    let (mut on, mut all) = (0, 0);
    for bar in
        window.bars.iter().filter(|bar| bar.meter.is_none_or(|meter| meter == cantus_score::Meter::FOUR_FOUR))
    {
        for note in bar.begun.iter().filter(|note| note.drum) {
            // The nearest of the 24 steps of a quarter note, as in the rolls of the paper.
            let quarter = u64::from(bar.resolution.ticks_per_quarter());
            let step = (u64::from(note.at.0 - bar.begin.0) * 48 + quarter) / (2 * quarter);
            on += u64::from(step.is_multiple_of(6));
            all += 1;
        }
    }
    share(on, all)
}

/// TD: the distance of the tonal centroids of two tracks in a bar in which both sound, the mean of all bars and pairs.
pub(crate) fn tonal_distance(window: &Window) -> Option<f64> {
    let tracks = tracks(pitched(window));
    let of_track = |track: &u32| chroma(window, *track).iter().map(centroid::of).collect::<Vec<_>>();
    let centroids: Vec<_> = tracks.iter().map(of_track).collect();
    let mut distances = Vec::new();
    for (index, one) in centroids.iter().enumerate() {
        for other in &centroids[index + 1..] {
            let both = one.iter().zip(other).filter_map(|(one, other)| one.as_ref().zip(other.as_ref()));
            distances.extend(mean(both.map(|(one, other)| centroid::distance(one, other))));
        }
    }
    mean(distances.into_iter())
}
