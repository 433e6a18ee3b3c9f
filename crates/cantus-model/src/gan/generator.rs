//! The generator: from noise and what is asked of a phrase to its planes.

use cantus_nn::{Conv, Film, Parameters, Patches, Rng, Tape, Var};

use super::batch::{Asked, GIVEN_PLANES, PITCHED_PLANES, PLANES, Planes};
use super::condition::{BAR_NUMBERS, Condition};
use super::dense::{Dense, LEAK, filled};
use super::grid::{BARS, SEEN, STEPS};
use super::phrase::ROWS;
use super::roles::Role;
use crate::kit;

/// Numbers of the noise.
pub(super) const NOISE: usize = 128;
/// Numbers that the condition becomes.
const ASKED: usize = 48;
/// Channels: at bars and half-bars, at beats, of what is given, of lines and drums.
const COARSE: usize = 128;
const FINE: usize = 96;
const GIVEN: usize = 48;
const LINE: usize = 64;

/// Octaves of the rows, and patches of four steps in a phrase and in what is seen.
pub(super) const OCTAVES: usize = ROWS / 12;
pub(super) const PATCHES: usize = STEPS / 4;
pub(super) const PATCHES_SEEN: usize = SEEN / 4;

/// Planes of logits: where the three pitched tracks begin notes, and where harmony holds them.
const LOGITS: usize = 4;
/// Logits of lines: melody holds, rests; bass holds, rests.
const LINE_LOGITS: usize = 4;
/// How much the logits of single steps count: with more, every note would last one step.
const STEP_SHARE: f32 = 0.25;

/// Where in the parameters each layer lies.
#[derive(Debug, Clone)]
pub(super) struct Generator {
    asked: Dense,
    first: Dense,
    bars: Dense,
    given: Conv,
    given_drums: Conv,
    given_coarse: Conv,
    given_fine: Conv,
    half: Conv,
    beat: Conv,
    again: Conv,
    films: [Dense; 3],
    /// Logits by bar, half-bar, beat, half-beat and step.
    logits: [Conv; 5],
    line: Conv,
    /// Logits of lines by beat, half-beat and step.
    line_logits: [Conv; 3],
    /// Logits of drums by half-beat and step.
    drum_logits: [Conv; 2],
}

/// What is likely to be played, before anything is chosen: logits on a tape.
#[derive(Debug, Clone, Copy)]
pub(super) struct Likely {
    /// Of melody and bass: what begins on each row, that it is held, that it rests: `[phrases · steps, ROWS + 2]`.
    pub(super) lines: [Var; 2],
    /// Where harmony begins and is held: `[phrases · steps, ROWS]` each.
    pub(super) harmony: [Var; 2],
    /// Where drums are struck: `[phrases · steps, kit::CLASSES]`.
    pub(super) drums: Var,
}

/// What a generator made, or what is real: planes on a tape.
#[derive(Debug, Clone, Copy)]
pub(super) struct Played {
    /// `[phrases · steps · rows, PITCHED_PLANES]`
    pub(super) pitched: Var,
    /// `[phrases · steps, kit::CLASSES]`
    pub(super) drums: Var,
}

impl Played {
    /// What is known already.
    pub(super) fn constant(tape: &mut Tape, planes: &Planes, phrases: usize) -> Self {
        Self {
            pitched: tape.constant(&planes.pitched, [phrases * STEPS * ROWS, PITCHED_PLANES]),
            drums: tape.constant(&planes.drums, [phrases * STEPS, kit::CLASSES]),
        }
    }
}

/// Patches side by side, none of which overlap.
pub(super) fn plain(image: [usize; 2], channels: usize, kernel: [usize; 2]) -> Patches {
    Patches { image, channels, kernel, stride: kernel, padding: [0, 0] }
}

fn sliding(image: [usize; 2], channels: usize, kernel: [usize; 2], padding: [usize; 2]) -> Patches {
    Patches { image, channels, kernel, stride: [1, 1], padding }
}

impl Generator {
    /// Adds its tensors, whose names begin with `g.`.
    pub(super) fn new(styles: usize, params: &mut Parameters, rng: &mut Rng) -> Self {
        let told = NOISE + ASKED;
        let doubled = |image| Patches { image, channels: 0, kernel: [4, 3], stride: [2, 1], padding: [1, 1] };
        let half = Patches { channels: COARSE, ..doubled([2 * BARS, OCTAVES]) };
        let beat = Patches { channels: FINE, ..doubled([PATCHES, OCTAVES]) };
        let films = [("g.film0", COARSE), ("g.film1", FINE), ("g.film2", FINE)]
            .map(|(name, channels)| Dense::scaled(params, name, [told, 2 * channels], 0.3, rng));
        let mut logits = |name: &str, (steps, length): (usize, usize), filters: usize| {
            let patches = plain([steps, ROWS], LOGITS, [length, 12]);
            Conv::transposed(params, &format!("g.logits.{name}"), patches, filters, rng)
        };
        let logits = [
            logits("bar", (BARS, 1), COARSE),
            logits("half", (2 * BARS, 1), COARSE),
            logits("beat", (PATCHES, 1), FINE),
            logits("half_beat", (2 * PATCHES, 2), FINE),
            logits("step", (STEPS, 4), FINE),
        ];
        // Few notes begin, most are held.
        set_bias(params, &logits[4], &[0.0, -12.0, 0.0, 8.0]);
        let mut lines = |name: &str, (steps, length): (usize, usize)| {
            let patches = plain([steps, 1], LINE_LOGITS, [length, 1]);
            Conv::transposed(params, &format!("g.lines.{name}"), patches, LINE, rng)
        };
        let line_logits =
            [lines("beat", (PATCHES, 1)), lines("half_beat", (2 * PATCHES, 2)), lines("step", (STEPS, 4))];
        set_bias(params, &line_logits[2], &[5.0, 3.0, 5.0, 3.0]);
        let mut drums = |name: &str, (steps, length): (usize, usize)| {
            let patches = plain([steps, kit::CLASSES], 1, [length, kit::CLASSES]);
            Conv::transposed(params, &format!("g.drums.{name}"), patches, LINE, rng)
        };
        let drum_logits = [drums("half_beat", (2 * PATCHES, 2)), drums("step", (STEPS, 4))];
        set_bias(params, &drum_logits[1], &[-2.0]);
        Self {
            asked: Dense::new(params, "g.asked", [Condition::numbers(styles), ASKED], rng),
            first: Dense::new(params, "g.first", [told, BARS * OCTAVES * COARSE], rng),
            bars: Dense::new(params, "g.bars", [BAR_NUMBERS, OCTAVES * COARSE], rng),
            given: Conv::new(params, "g.given", plain([SEEN, ROWS], GIVEN_PLANES, [4, 12]), GIVEN, rng),
            given_drums: Conv::new(
                params,
                "g.given_drums",
                plain([SEEN, kit::CLASSES], 1, [4, kit::CLASSES]),
                GIVEN,
                rng,
            ),
            given_coarse: Conv::new(
                params,
                "g.given_coarse",
                sliding([BARS + 1, OCTAVES], GIVEN, [2, OCTAVES], [0, 0]),
                OCTAVES * COARSE,
                rng,
            ),
            given_fine: Conv::new(
                params,
                "g.given_fine",
                sliding([PATCHES_SEEN, OCTAVES], GIVEN, [5, 3], [0, 1]),
                FINE,
                rng,
            ),
            half: Conv::transposed(params, "g.half", half, COARSE, rng),
            beat: Conv::transposed(params, "g.beat", beat, COARSE, rng),
            again: Conv::new(params, "g.again", sliding([PATCHES, OCTAVES], FINE, [3, 3], [1, 1]), FINE, rng),
            films,
            logits,
            line: Conv::new(params, "g.line", plain([PATCHES, OCTAVES], FINE, [1, OCTAVES]), LINE, rng),
            line_logits,
            drum_logits,
        }
    }

    /// What it plays to some noise, `[phrases, NOISE]`, with the tracks that are given put in.
    pub(super) fn play(&self, tape: &mut Tape, params: &Parameters, asked: &Asked, noise: &[f32]) -> Played {
        let noise = tape.constant(noise, [asked.phrases, NOISE]);
        let likely = self.likely(tape, params, asked, noise);
        struck(tape, asked, &likely)
    }

    /// What is likely to some noise, `[phrases, NOISE]`.
    pub(super) fn likely(&self, tape: &mut Tape, params: &Parameters, asked: &Asked, noise: Var) -> Likely {
        let phrases = asked.phrases;
        let whole = tape.constant(&asked.whole, [phrases, asked.whole.len() / phrases.max(1)]);
        let whole = self.asked.leaky(tape, params, whole); // [phrases, ASKED]
        let told = tape.beside(noise, whole); // [phrases, NOISE + ASKED]
        let (coarse, fine) = self.given(tape, params, asked);
        let mut h = self.first.leaky(tape, params, told); // [phrases, bars * octaves * COARSE]
        h = tape.reshape(h, COARSE); // [phrases * bars * octaves, COARSE]
        let bars = tape.constant(&asked.bars, [phrases * BARS, BAR_NUMBERS]);
        let bars = self.bars.forward(tape, params, bars); // [phrases * bars, octaves * COARSE]
        let bars = tape.reshape(bars, COARSE);
        h = tape.add(h, bars);
        h = tape.add(h, coarse);
        let mut logits = self.logits_of(tape, params, (h, 0), [BARS, 16]); // [phrases * steps * rows, LOGITS]
        h = tape.conv_transposed(params, h, &self.half); // [phrases * half-bars * octaves, COARSE]
        h = self.styled(tape, params, (h, told), 0);
        let of_half = self.logits_of(tape, params, (h, 1), [2 * BARS, 8]);
        logits = tape.add(logits, of_half);
        h = tape.conv_transposed(params, h, &self.beat); // [phrases * patches * octaves, FINE]
        h = tape.add(h, fine);
        h = self.styled(tape, params, (h, told), 1);
        let again = tape.conv(params, h, &self.again);
        h = tape.add(h, again);
        h = self.styled(tape, params, (h, told), 2);
        for (index, size) in [(2, [PATCHES, 4]), (3, [2 * PATCHES, 2]), (4, [STEPS, 1])] {
            let more = self.logits_of(tape, params, (h, index), size);
            let share = if index == 4 { STEP_SHARE } else { 1.0 };
            let more = tape.affine(more, share, 0.0);
            logits = tape.add(logits, more);
        }
        self.lines(tape, params, (h, logits))
    }

    /// What is given, as it bears on bars `[phrases * bars * octaves, COARSE]` and on beats
    /// `[phrases * patches * octaves, FINE]`.
    fn given(&self, tape: &mut Tape, params: &Parameters, asked: &Asked) -> (Var, Var) {
        let seen = tape.constant(&asked.seen, [asked.phrases * SEEN * ROWS, GIVEN_PLANES]);
        let seen = tape.conv(params, seen, &self.given); // [phrases * patches seen * octaves, GIVEN]
        let drums = tape.constant(&asked.seen_drums, [asked.phrases * SEEN * kit::CLASSES, 1]);
        let drums = tape.conv(params, drums, &self.given_drums); // [phrases * patches seen, GIVEN]
        let seen = tape.add_to_places(seen, drums);
        let seen = tape.leaky_relu(seen, LEAK);
        let by_bar = tape.mean_pool(seen, [PATCHES_SEEN, OCTAVES], [4, 1]); // [phrases * bars seen * octaves, GIVEN]
        let coarse = tape.conv(params, by_bar, &self.given_coarse); // [phrases * bars, octaves * COARSE]
        (tape.reshape(coarse, COARSE), tape.conv(params, seen, &self.given_fine))
    }

    fn styled(&self, tape: &mut Tape, params: &Parameters, (h, told): (Var, Var), film: usize) -> Var {
        let style = self.films[film].forward(tape, params, told);
        let h = tape.film(h, style, Film::Normed);
        tape.leaky_relu(h, LEAK)
    }

    /// The logits of one scale, spread over the steps.
    fn logits_of(
        &self,
        tape: &mut Tape,
        params: &Parameters,
        (h, scale): (Var, usize),
        [steps, length]: [usize; 2],
    ) -> Var {
        let logits = tape.conv_transposed(params, h, &self.logits[scale]);
        if length == 1 { logits } else { tape.upsample(logits, [steps, ROWS], [length, 1]) }
    }

    /// The logits of each track.
    fn lines(&self, tape: &mut Tape, params: &Parameters, (h, logits): (Var, Var)) -> Likely {
        let line = tape.conv(params, h, &self.line); // [phrases * patches, LINE]
        let line = tape.leaky_relu(line, LEAK);
        let [beat, half, step] = &self.line_logits;
        let beat = tape.conv_transposed(params, line, beat);
        let mut lines = tape.upsample(beat, [PATCHES, 1], [4, 1]);
        let half = tape.conv_transposed(params, line, half);
        let half = tape.upsample(half, [2 * PATCHES, 1], [2, 1]);
        lines = tape.add(lines, half);
        let step = tape.conv_transposed(params, line, step);
        lines = tape.add(lines, step); // [phrases * steps, LINE_LOGITS]
        let plane = |tape: &mut Tape, index: usize| {
            let plane = tape.columns(logits, index..index + 1);
            tape.reshape(plane, ROWS) // [phrases * steps, rows]
        };
        let single = [(Role::Melody, 0..2), (Role::Bass, 2..4)].map(|(role, others)| {
            let begins = plane(tape, role.index());
            let others = tape.columns(lines, others);
            tape.beside(begins, others)
        });
        let harmony = [Role::Harmony.index(), LOGITS - 1].map(|index| plane(tape, index));
        Likely { lines: single, harmony, drums: self.drums(tape, params, line) }
    }

    /// The logits of drums, `[phrases * steps, classes]`.
    fn drums(&self, tape: &mut Tape, params: &Parameters, line: Var) -> Var {
        let [half, step] = &self.drum_logits;
        let half = tape.conv_transposed(params, line, half);
        let half = tape.upsample(half, [2 * PATCHES, kit::CLASSES], [2, 1]);
        let step = tape.conv_transposed(params, line, step);
        let logits = tape.add(half, step); // [phrases * steps * classes, 1]
        tape.reshape(logits, kit::CLASSES)
    }
}

/// From logits to what is struck and what sounds.
fn struck(tape: &mut Tape, asked: &Asked, likely: &Likely) -> Played {
    let tracks = Role::PITCHED.map(|role| {
        let (struck, gates) = match role {
            Role::Melody | Role::Bass => {
                let one = tape.one_of(likely.lines[usize::from(role == Role::Bass)]);
                (tape.columns(one, 0..ROWS), tape.columns(one, ROWS..ROWS + 1))
            }
            _ => (tape.binary(likely.harmony[0]), tape.binary(likely.harmony[1])),
        };
        let (before, holds) = (&asked.sounding[role.index()], &asked.holds[role.index()]);
        let planes = tape.sustain(struck, gates, before, holds); // [phrases * steps, PLANES * rows]
        tape.reshape(planes, PLANES) // [phrases * steps * rows, PLANES]
    });
    let two = tape.beside(tracks[0], tracks[1]);
    let made = tape.beside(two, tracks[2]); // [phrases * steps * rows, PITCHED_PLANES]
    let given = tape.constant(&asked.given.pitched, [asked.phrases * STEPS * ROWS, PITCHED_PLANES]);
    let pitched = tape.add(made, given);
    let struck = tape.binary(likely.drums);
    let allowed = tape.constant(&asked.drums_allowed, [asked.phrases * STEPS, kit::CLASSES]);
    let struck = tape.mul(struck, allowed);
    let given = tape.constant(&asked.given.drums, [asked.phrases * STEPS, kit::CLASSES]);
    Played { pitched, drums: tape.add(struck, given) }
}

/// Sets the first bias of a layer.
fn set_bias(params: &mut Parameters, conv: &Conv, values: &[f32]) {
    if let Some(bias) = conv.bias {
        filled(params.get_mut(bias), values);
    }
}
