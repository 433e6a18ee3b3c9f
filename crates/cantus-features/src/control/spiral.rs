//! The spiral array of Chew (2000): pitches as a spiral of fifths, a quarter turn and a small rise each, and keys inside it.

use cantus_score::{Key, Mode};

type Place = [f64; 3];

/// The rise of a fifth, by the radius: the square root of 2/15.
const RISE: f64 = 0.365_148_371_670_110_7;
/// How much the tonic, the dominant and the third or subdominant weigh in chords and keys.
const WEIGHTS: [f64; 3] = [0.536, 0.274, 0.19];
/// How much of a minor key's dominant is major, and of its subdominant minor.
const HARMONIC: f64 = 0.75;

/// The distance between the centre of pitch classes by weight and the centre of a key; none of silence.
pub(super) fn strain(weights: &[u64; 12], home: Key) -> Option<f64> {
    let centre = centre(weights, home)?;
    let key = key(home.mode());
    let square: f64 = centre.iter().zip(key).map(|(a, b)| (a - b) * (a - b)).sum();
    Some(square.sqrt())
}

fn centre(weights: &[u64; 12], home: Key) -> Option<Place> {
    let all: u64 = weights.iter().sum();
    let mut centre = [0.0; 3];
    // From the tonic up, so that transposed music has the same bits.
    for degree in 0..12 {
        let class = (degree + usize::from(home.tonic().get())) % 12;
        let place = pitch(fifths(degree as i32));
        for (sum, axis) in centre.iter_mut().zip(place) {
            *sum += weights[class] as f64 * axis;
        }
    }
    (all > 0).then(|| centre.map(|sum| sum / all as f64))
}

/// The fifths above the tonic of a degree, in the spelling nearest to the key: five below to six above.
fn fifths(degree: i32) -> i32 {
    let up = degree * 7 % 12;
    if up > 6 { up - 12 } else { up }
}

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

fn weighed([one, two, three]: [Place; 3]) -> Place {
    sum([(WEIGHTS[0], one), (WEIGHTS[1], two), (WEIGHTS[2], three)])
}

/// The place of a triad on a root so many fifths above the tonic.
fn triad(root: i32, mode: Mode) -> Place {
    let third = if mode == Mode::Major { 4 } else { -3 };
    weighed([pitch(root), pitch(root + 1), pitch(root + third)])
}

/// The place of a key, its tonic at zero.
fn key(mode: Mode) -> Place {
    let mixed = |root, usual: Mode, other: Mode| {
        sum([(HARMONIC, triad(root, usual)), (1.0 - HARMONIC, triad(root, other)), (0.0, [0.0; 3])])
    };
    let (dominant, subdominant) = match mode {
        Mode::Major => (triad(1, Mode::Major), triad(-1, Mode::Major)),
        Mode::Minor => (mixed(1, Mode::Major, Mode::Minor), mixed(-1, Mode::Minor, Mode::Major)),
    };
    weighed([triad(0, mode), dominant, subdominant])
}
