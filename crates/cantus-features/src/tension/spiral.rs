//! The spiral array: pitches as a spiral of fifths, a quarter turn and a small rise each, chords and keys inside it.

use cantus_score::{Key, Mode};

/// A place in the spiral array.
pub(super) type Place = [f64; 3];

/// The rise of a fifth, by the radius: the square root of 2/15, which makes the distances of a major third and a fifth equal
/// to those that the model wants.
const RISE: f64 = 0.365_148_371_670_110_7;
/// How much the tonic, the dominant and the third or subdominant weigh in chords and keys.
const WEIGHTS: [f64; 3] = [0.536, 0.274, 0.19];
/// How much of a minor key's dominant is major, and of its subdominant minor.
const HARMONIC: f64 = 0.75;

/// The place of a pitch so many fifths above the tonic.
fn pitch(fifths: i32) -> Place {
    let (x, y) = match fifths.rem_euclid(4) {
        0 => (0.0, 1.0),
        1 => (1.0, 0.0),
        2 => (0.0, -1.0),
        _ => (-1.0, 0.0),
    };
    [x, y, f64::from(fifths) * RISE]
}

fn sum(parts: [(f64, Place); 3]) -> Place {
    std::array::from_fn(|axis| parts.iter().map(|(weight, place)| weight * place[axis]).sum())
}

fn weighed(places: [Place; 3]) -> Place {
    let [one, two, three] = places;
    sum([(WEIGHTS[0], one), (WEIGHTS[1], two), (WEIGHTS[2], three)])
}

/// The place of a triad on a root so many fifths above the tonic.
fn triad(root: i32, mode: Mode) -> Place {
    let third = if mode == Mode::Major { 4 } else { -3 };
    weighed([pitch(root), pitch(root + 1), pitch(root + third)])
}

/// The place of a key, its tonic at zero.
pub(super) fn key(mode: Mode) -> Place {
    let mixed = |root, usual: Mode, other: Mode| {
        sum([(HARMONIC, triad(root, usual)), (1.0 - HARMONIC, triad(root, other)), (0.0, [0.0; 3])])
    };
    let (dominant, subdominant) = match mode {
        Mode::Major => (triad(1, Mode::Major), triad(-1, Mode::Major)),
        Mode::Minor => (mixed(1, Mode::Major, Mode::Minor), mixed(-1, Mode::Minor, Mode::Major)),
    };
    weighed([triad(0, mode), dominant, subdominant])
}

/// The fifths above the tonic of a pitch class, in the spelling nearest to the key: five below to six above.
fn fifths(class: usize, home: Key) -> i32 {
    let degree = (class as i32 - i32::from(home.tonic().get())).rem_euclid(12);
    let up = degree * 7 % 12;
    if up > 6 { up - 12 } else { up }
}

/// The centre of pitch classes by weight, relative to the tonic of a key; none of silence.
pub(super) fn centre(weights: &[f64; 12], home: Key) -> Option<Place> {
    let all: f64 = weights.iter().sum();
    let mut centre = [0.0; 3];
    // From the tonic up, so that transposed music has the same bits.
    for degree in 0..12 {
        let class = (degree + usize::from(home.tonic().get())) % 12;
        let place = pitch(fifths(class, home));
        for axis in 0..3 {
            centre[axis] += weights[class] * place[axis];
        }
    }
    (all > 0.0).then(|| centre.map(|sum| sum / all))
}

/// The greatest distance between two pitch classes with any weight; none of silence.
pub(super) fn diameter(weights: &[f64; 12], home: Key) -> Option<f64> {
    let sounds = (0..12).filter(|&class| weights[class] > 0.0);
    let places: Vec<Place> = sounds.map(|class| pitch(fifths(class, home))).collect();
    let of_first = |first: &Place| places.iter().map(|other| distance(*first, *other)).fold(0.0, f64::max);
    (!places.is_empty()).then(|| places.iter().map(of_first).fold(0.0, f64::max))
}

/// The Euclidean distance.
pub(super) fn distance(one: Place, other: Place) -> f64 {
    one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}
