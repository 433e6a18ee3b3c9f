//! Who chooses among what the rules leave.

use cantus_model::encoding::Steps;
use cantus_model::walk::{Kind, Walker};
use cantus_nn::Rng;

use crate::distribution::{Distribution, softmax};

/// Where in a piece a choice is made.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// What is chosen.
    pub kind: Kind,
    /// The part that it is about, for choices about notes.
    pub part: usize,
    /// The time of the slice, in grid steps.
    pub at: Steps,
    /// Which drawing of the piece this is, from 0.
    pub attempt: u32,
    /// The piece so far, where it is written slice by slice; nothing where a choir sings it.
    pub piece: Option<&'a Walker<'a>>,
}

/// Chooses: the sampler, or what steers or marks the music by its choices.
pub trait Chooser {
    /// Takes one of the classes offered. All chance must come from `rng`, which depends on the seed and the attempt
    /// alone.
    fn choose(&mut self, offered: &Distribution, context: &Context, rng: &mut Rng) -> u32;
}

/// How much more daring rhythms are than notes: by as much the usual temperature is that of the music learned from. Drawn more timidly, long notes
/// and quick ones become rarer than in real music.
const RHYTHM: f32 = 1.0 / 0.9;
/// The part of the unlikely that is left out of rhythms, of what is left out of notes.
const RARE: f32 = 0.25;

/// Draws by probability, sharpened or flattened, the unlikely left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampler {
    temperature: f32,
    top_p: f32,
    shaped: Vec<f32>,
    order: Vec<usize>,
}

impl Sampler {
    /// What sounds best by default.
    pub const DEFAULT: Self = Self { temperature: 0.9, top_p: 0.98, shaped: Vec::new(), order: Vec::new() };

    /// Divides logits by `temperature` (0 takes the likeliest always), and leaves out the least likely classes beyond
    /// a share `top_p` of probability. Values that make no sense are drawn to the nearest that does.
    pub fn new(temperature: f32, top_p: f32) -> Self {
        let temperature = if temperature > 0.0 { temperature } else { 0.0 };
        let top_p = if top_p < 1.0 { top_p.max(0.0) } else { 1.0 };
        Self { temperature, top_p, ..Self::DEFAULT }
    }

    /// The temperature.
    pub const fn temperature(&self) -> f32 {
        self.temperature
    }

    /// The share of probability.
    pub const fn top_p(&self) -> f32 {
        self.top_p
    }

    /// The weights by which classes are drawn for a question, in the order of the offer; those left out have 0.
    pub fn shape(&mut self, offered: &Distribution, kind: Kind) -> &[f32] {
        let is_rhythm = !matches!(kind, Kind::Pitch | Kind::Drum | Kind::Velocity);
        if self.temperature > 0.0 {
            let temperature = self.temperature * if is_rhythm { RHYTHM } else { 1.0 };
            softmax(&offered.logits, temperature, &mut self.shaped);
            self.leave_out_the_unlikely(if is_rhythm { RARE } else { 1.0 });
        } else {
            let likeliest = offered.likeliest();
            self.shaped.clear();
            self.shaped.extend(offered.classes.iter().map(|&class| f32::from(u8::from(class == likeliest))));
        }
        &self.shaped
    }

    /// Leaves out classes beyond a part of what the share of probability leaves.
    fn leave_out_the_unlikely(&mut self, part: f32) {
        if self.top_p >= 1.0 {
            return;
        }
        let most = 1.0 - part * (1.0 - self.top_p);
        self.order.clear();
        self.order.extend(0..self.shaped.len());
        // The sort is stable: of classes that tie, the lowest comes first.
        self.order.sort_by(|&a, &b| self.shaped[b].total_cmp(&self.shaped[a]));
        let mut share = 0.0;
        for &index in &self.order {
            if share >= most {
                self.shaped[index] = 0.0;
            } else {
                share += self.shaped[index];
            }
        }
    }
}

impl Chooser for Sampler {
    fn choose(&mut self, offered: &Distribution, context: &Context, rng: &mut Rng) -> u32 {
        let chance = rng.uniform();
        let weights = self.shape(offered, context.kind);
        draw(&offered.classes, weights, chance)
    }
}

/// The class at which the running sum of the weights passes `chance` of the whole.
fn draw(classes: &[u32], weights: &[f32], chance: f32) -> u32 {
    let goal = chance * weights.iter().sum::<f32>();
    let (mut sum, mut last) = (0.0, 0);
    for (&class, &weight) in classes.iter().zip(weights) {
        if weight > 0.0 {
            (sum, last) = (sum + weight, class);
            if goal < sum {
                break;
            }
        }
    }
    last
}
