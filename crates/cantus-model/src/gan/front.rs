//! The first layer of networks that hear phrases: patches of four steps and an octave.

use cantus_nn::{Conv, Parameters, Patches, Rng, Tape, Var};

use super::batch::PITCHED_PLANES;
use super::dense::LEAK;
use super::generator::{OCTAVES, Played, plain};
use super::grid::STEPS;
use super::phrase::ROWS;
use crate::kit;

/// How strongly the number of notes speaks: a mean over rows is small.
const COUNTS: f32 = 18.0;

/// Where in the parameters the layer's parts lie.
#[derive(Debug, Clone)]
pub(super) struct Front {
    patch: Conv,
    /// The same over pitch classes, whatever the octave.
    chroma: Conv,
    /// The same over how many notes there are, whatever their pitches.
    counts: Conv,
    drums: Conv,
}

/// The layer for another number of steps.
fn of_steps(conv: &Conv, steps: usize) -> Conv {
    Conv { patches: Patches { image: [steps, conv.patches.image[1]], ..conv.patches }, ..*conv }
}

/// Patches over a window of three by three, in half as many rows.
pub(super) fn halved(image: [usize; 2], channels: usize) -> Patches {
    Patches { image, channels, kernel: [3, 3], stride: [2, 1], padding: [1, 1] }
}

impl Front {
    /// Adds its tensors to those of a network, whose names begin with its letter.
    pub(super) fn new(params: &mut Parameters, network: &str, channels: usize, rng: &mut Rng) -> Self {
        let octave = plain([STEPS, ROWS], PITCHED_PLANES, [4, 12]);
        let counts = plain([STEPS, 1], PITCHED_PLANES, [4, 1]);
        let drums = plain([STEPS, kit::CLASSES], 1, [4, kit::CLASSES]);
        let mut conv =
            |name, patches| Conv::new(params, &format!("{network}.{name}"), patches, channels, rng);
        Self {
            patch: conv("patch", octave),
            chroma: conv("chroma", octave),
            counts: conv("counts", counts),
            drums: conv("drums", drums),
        }
    }

    /// From planes of so many steps to patches, `[n · patches · octaves, channels]`; `told` is what is known besides of each
    /// patch, `[n · patches, channels]`.
    pub(super) fn hear(
        &self,
        tape: &mut Tape,
        params: &Parameters,
        (played, steps): (Played, usize),
        told: Option<Var>,
    ) -> Var {
        let patch = tape.conv(params, played.pitched, &of_steps(&self.patch, steps));
        let chroma = tape.conv(params, played.pitched, &of_steps(&self.chroma, steps));
        let chroma = tape.mean_pool(chroma, [steps / 4, OCTAVES], [1, OCTAVES]); // [n * patches, channels]
        let mut rows = tape.affine(chroma, OCTAVES as f32, 0.0);
        let counts = tape.mean_pool(played.pitched, [steps, ROWS], [1, ROWS]); // [n * steps, PITCHED_PLANES]
        let counts = tape.affine(counts, COUNTS, 0.0);
        let counts = tape.conv(params, counts, &of_steps(&self.counts, steps));
        rows = tape.add(rows, counts);
        let drums = tape.reshape(played.drums, 1);
        let drums = tape.conv(params, drums, &of_steps(&self.drums, steps));
        rows = tape.add(rows, drums);
        if let Some(told) = told {
            rows = tape.add(rows, told);
        }
        let h = tape.add_to_places(patch, rows);
        tape.leaky_relu(h, LEAK)
    }
}
