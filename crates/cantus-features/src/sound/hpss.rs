//! What holds and what strikes: the harmonic and the percussive part of sound.

use std::collections::VecDeque;

use cantus_audio::stft::{Complex, Framing, InverseStft, Stft};

/// Frames, and bins, of which the median is taken.
const SPAN: usize = 31;
const HALF: usize = SPAN / 2;

/// Parts each spectrum of a stream into what holds, which is smooth in time, and what strikes, which is smooth in frequency
/// (Fitzgerald 2010): the medians over 31 frames and over 31 bins, squared, share each bin out.
///
/// A frame comes out fifteen frames after it went in.
#[derive(Debug, Clone)]
pub struct Parting {
    bins: usize,
    waiting: VecDeque<Vec<Complex<f32>>>, // from the next frame that is to come out
    spare: Vec<Complex<f32>>,
    history: VecDeque<Vec<f32>>, // magnitudes of the last SPAN + 1 frames
    seen: usize,
    given: usize,
    windows: Vec<Sorted>, // [bins]; none before the first half of a span was seen
    masks: [Vec<f32>; 2],
}

/// One frame and what of each bin is whose.
#[derive(Debug, Clone, Copy)]
pub struct Parted<'a> {
    /// Its spectrum.
    pub spectrum: &'a [Complex<f32>],
    /// The part of each bin that holds, from 0 to 1.
    pub harmonic: &'a [f32],
    /// The part of each bin that strikes: the rest.
    pub percussive: &'a [f32],
}

/// The values of a window in ascending order.
#[derive(Debug, Clone, Copy)]
struct Sorted([f32; SPAN]);

impl Sorted {
    fn of(mut values: [f32; SPAN]) -> Self {
        values.sort_unstable_by(f32::total_cmp);
        Self(values)
    }

    fn median(&self) -> f32 {
        self.0[HALF]
    }

    /// Puts a value in the place of another.
    fn exchange(&mut self, old: f32, new: f32) {
        let values = &mut self.0;
        let mut at = values.partition_point(|value| *value < old).min(SPAN - 1);
        while at + 1 < SPAN && values[at + 1] < new {
            values[at] = values[at + 1];
            at += 1;
        }
        while at > 0 && values[at - 1] > new {
            values[at] = values[at - 1];
            at -= 1;
        }
        values[at] = new;
    }
}

/// The index that an index beyond an end mirrors: the end itself comes twice.
fn mirrored(index: isize, count: usize) -> usize {
    let period = 2 * count as isize;
    let index = index.rem_euclid(period) as usize;
    if index < count { index } else { 2 * count - 1 - index }
}

impl Parting {
    /// A parting that has seen nothing.
    pub fn new(bins: usize) -> Self {
        Self {
            bins,
            waiting: VecDeque::new(),
            spare: Vec::new(),
            history: VecDeque::new(),
            seen: 0,
            given: 0,
            windows: Vec::new(),
            masks: [vec![0.0; bins], vec![0.0; bins]],
        }
    }

    /// Takes the next spectrum and hands out the one that it completes, if any.
    ///
    /// # Shapes
    /// `[bins]`
    pub fn push(&mut self, spectrum: &[Complex<f32>], mut each: impl FnMut(Parted<'_>)) {
        // What went out of use is used again: nothing is allocated once the span is full.
        let mut magnitudes =
            if self.history.len() > SPAN { self.history.pop_front() } else { None }.unwrap_or_default();
        magnitudes.clear();
        // What is not a number has no place in an order.
        let magnitude =
            |value: &Complex<f32>| Some(value.norm()).filter(|norm| norm.is_finite()).unwrap_or(0.0);
        magnitudes.extend(spectrum.iter().map(magnitude));
        magnitudes.resize(self.bins, 0.0);
        self.history.push_back(magnitudes);
        let mut kept = std::mem::take(&mut self.spare);
        kept.clear();
        kept.extend_from_slice(spectrum);
        kept.resize(self.bins, Complex::default());
        self.waiting.push_back(kept);
        self.seen += 1;
        if self.seen > HALF {
            self.give(usize::MAX, &mut each);
        }
    }

    /// Ends the sound and hands out its last frames.
    pub fn finish(mut self, mut each: impl FnMut(Parted<'_>)) {
        while self.given < self.seen {
            self.give(self.seen, &mut each);
        }
    }

    /// Hands out the next frame of so many; the end is not known before it has come.
    fn give(&mut self, count: usize, each: &mut impl FnMut(Parted<'_>)) {
        let frame = self.given as isize;
        if self.windows.is_empty() {
            let around: Vec<usize> = (frame - HALF as isize..=frame + HALF as isize)
                .map(|index| mirrored(index, count.min(self.seen)))
                .collect();
            let window = |bin| Sorted::of(std::array::from_fn(|n| self.at(around[n])[bin]));
            self.windows = (0..self.bins).map(window).collect();
        } else {
            let count = count.min(isize::MAX as usize / 4);
            let old = mirrored(frame - 1 - HALF as isize, count);
            let new = mirrored(frame + HALF as isize, count);
            let first = self.seen - self.history.len();
            let (old, new) = (&self.history[old - first], &self.history[new - first]);
            for ((window, old), new) in self.windows.iter_mut().zip(old).zip(new) {
                window.exchange(*old, *new);
            }
        }
        self.share(self.given);
        self.given += 1;
        if let Some(spectrum) = self.waiting.pop_front() {
            let [harmonic, percussive] = &self.masks;
            each(Parted { spectrum: &spectrum, harmonic, percussive });
            self.spare = spectrum;
        }
    }

    /// The magnitudes of a frame.
    fn at(&self, frame: usize) -> &[f32] {
        &self.history[frame + self.history.len() - self.seen]
    }

    /// Shares the bins of a frame out.
    fn share(&mut self, frame: usize) {
        let magnitudes = &self.history[frame + self.history.len() - self.seen];
        let around = |bin: isize| magnitudes[mirrored(bin, self.bins)];
        let mut across = Sorted::of(std::array::from_fn(|n| around(n as isize - HALF as isize)));
        let [harmonic, percussive] = &mut self.masks;
        for (bin, window) in self.windows.iter().enumerate() {
            if bin > 0 {
                let bin = bin as isize;
                across.exchange(around(bin - 1 - HALF as isize), around(bin + HALF as isize));
            }
            let part = part_of(window.median(), across.median());
            harmonic[bin] = part;
            percussive[bin] = 1.0 - part;
        }
    }
}

/// The first by both, squared; half where there is neither.
fn part_of(one: f32, other: f32) -> f32 {
    let greatest = one.max(other);
    if greatest < f32::MIN_POSITIVE {
        return 0.5;
    }
    let (one, other) = ((one / greatest).powi(2), (other / greatest).powi(2));
    one / (one + other)
}

/// The harmonic and the percussive part of a sound; their sum is the sound.
///
/// # Shapes
/// `[samples]` → twice `[samples]`
pub fn part(samples: &[f32], framing: Framing) -> (Vec<f32>, Vec<f32>) {
    let mut parting = Parting::new(framing.bins());
    let mut sides = [Side::new(framing, samples.len()), Side::new(framing, samples.len())];
    let mut take = |parted: Parted<'_>| {
        let masks = [parted.harmonic, parted.percussive];
        sides.iter_mut().zip(masks).for_each(|(side, mask)| side.push(parted.spectrum, mask));
    };
    Stft::over(samples, framing, |frame| parting.push(frame.spectrum, &mut take));
    parting.finish(take);
    let [harmonic, percussive] = sides.map(|side| side.finish(samples.len()));
    (harmonic, percussive)
}

/// The part of each frame's energy that holds, from 0 to 1; half in silence.
///
/// # Shapes
/// `[samples]` → `[frames]`
pub fn harmonic_share(samples: &[f32], framing: Framing) -> Vec<f32> {
    let mut parting = Parting::new(framing.bins());
    let mut shares = Vec::with_capacity(framing.frames(samples.len()));
    let mut measure = |parted: Parted<'_>| shares.push(share_of(&parted));
    Stft::over(samples, framing, |frame| parting.push(frame.spectrum, &mut measure));
    parting.finish(measure);
    shares
}

/// The part of a frame's energy that holds.
pub(super) fn share_of(parted: &Parted<'_>) -> f32 {
    let (mut held, mut all) = (0.0, 0.0);
    for (value, part) in parted.spectrum.iter().zip(parted.harmonic) {
        held += value.norm_sqr() * part;
        all += value.norm_sqr();
    }
    if all > 0.0 { (held / all).min(1.0) } else { 0.5 }
}

/// One of the parts on its way back to sound.
struct Side {
    inverse: InverseStft,
    masked: Vec<Complex<f32>>,
    sound: Vec<f32>,
}

impl Side {
    fn new(framing: Framing, samples: usize) -> Self {
        let sound = Vec::with_capacity(samples + framing.size());
        Self { inverse: InverseStft::new(framing), masked: Vec::with_capacity(framing.bins()), sound }
    }

    fn push(&mut self, spectrum: &[Complex<f32>], mask: &[f32]) {
        self.masked.clear();
        self.masked.extend(spectrum.iter().zip(mask).map(|(value, part)| value * part));
        self.inverse.push(&self.masked, |samples| self.sound.extend_from_slice(samples));
    }

    fn finish(mut self, samples: usize) -> Vec<f32> {
        self.inverse.finish(|rest| self.sound.extend_from_slice(rest));
        self.sound.resize(samples, 0.0);
        self.sound
    }
}
