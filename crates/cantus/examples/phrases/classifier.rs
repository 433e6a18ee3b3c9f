//! Which style a phrase sounds like: a classifier that shares nothing with the networks that play, learnt from real phrases.

use cantus_model::gan::{Phrase, Role};
use cantus_nn::{AdamW, Decay, Gradients, Init, Mode, ParamId, Parameters, Rng, Tape};

/// Numbers by which a phrase is judged.
const NUMBERS: usize = 4 * 7 + 16 + 12 + 25 + 12 + 4;
const HIDDEN: usize = 64;
const STEPS: usize = 3000;
const BATCH: usize = 64;

/// Two layers over what is counted in a phrase.
pub(crate) struct Classifier {
    params: Parameters,
    layers: [ParamId; 4],
    styles: usize,
}

impl Classifier {
    /// Learns from the phrases of each style, of every style as many.
    pub(crate) fn learnt(phrases: &[Vec<Phrase>]) -> Self {
        let (mut params, mut rng) = (Parameters::new(), Rng::new(7));
        let styles = phrases.len();
        let layers = [
            params.add("one", &[NUMBERS, HIDDEN], Init::Uniform(0.1), Decay::Yes, &mut rng),
            params.add("one.bias", &[HIDDEN], Init::Zeros, Decay::No, &mut rng),
            params.add("two", &[HIDDEN, styles], Init::Uniform(0.1), Decay::Yes, &mut rng),
            params.add("two.bias", &[styles], Init::Zeros, Decay::No, &mut rng),
        ];
        let mut own = Self { params, layers, styles };
        let (mut tape, mut optimiser) = (Tape::new(2), AdamW::new(&own.params, 0.05));
        let mut gradients = Gradients::zeros_like(&own.params);
        for step in 0..STEPS {
            let mut numbers = Vec::with_capacity(BATCH * NUMBERS);
            let mut targets = Vec::with_capacity(BATCH);
            for _ in 0..BATCH {
                let style = rng.below(styles);
                let phrase = &phrases[style][rng.below(phrases[style].len())];
                numbers.extend(numbers_of(&phrase.alone()));
                targets.push(style as u32);
            }
            tape.begin(Mode::Train(rng.fork(step as u64)));
            let logits = own.logits(&mut tape, &numbers);
            let costs = tape.softmax_cross_entropy(logits, &targets, None);
            let loss = tape.weighted_sum(costs, &[1.0 / BATCH as f32; BATCH]);
            gradients.clear();
            tape.backward(&own.params, loss, &mut gradients);
            let rate = 2e-3 * (1.0 - step as f32 / STEPS as f32);
            optimiser.step(&mut own.params, &gradients, rate);
        }
        own
    }

    fn logits(&self, tape: &mut Tape, numbers: &[f32]) -> cantus_nn::Var {
        let [one, one_bias, two, two_bias] = self.layers;
        let x = tape.constant(numbers, [numbers.len() / NUMBERS, NUMBERS]);
        let x = tape.dropout(x, 0.1);
        let h = tape.linear(&self.params, x, one, Some(one_bias));
        let h = tape.relu(h);
        let h = tape.dropout(h, 0.3);
        tape.linear(&self.params, h, two, Some(two_bias))
    }

    /// The number of the style that it hears.
    pub(crate) fn hears(&self, phrase: &Phrase) -> usize {
        let mut tape = Tape::new(1);
        tape.begin(Mode::Eval);
        let logits = self.logits(&mut tape, &numbers_of(phrase));
        let told = tape.value(logits);
        (0..self.styles).fold(0, |best, style| if told[style] > told[best] { style } else { best })
    }
}

/// What is counted in a phrase, each number about 0 to 1.
fn numbers_of(phrase: &Phrase) -> Vec<f32> {
    let mut numbers = Vec::with_capacity(NUMBERS);
    for role in Role::ALL {
        let notes: Vec<_> = phrase.notes.iter().filter(|note| note.role == role).collect();
        let count = notes.len().max(1) as f32;
        let row = notes.iter().map(|note| f32::from(note.row)).sum::<f32>() / count;
        let spread = notes.iter().map(|note| (f32::from(note.row) - row).powi(2)).sum::<f32>() / count;
        let long = |least: u8| notes.iter().filter(|note| note.steps >= least).count() as f32 / count;
        numbers.extend([
            f32::from(u8::from(!notes.is_empty())),
            notes.len() as f32 / 64.0,
            row / 72.0,
            spread.sqrt() / 12.0,
            long(2),
            long(4),
            long(8),
        ]);
    }
    let all = phrase.notes.len().max(1) as f32;
    let mut onsets = [0.0; 16];
    let (mut classes, mut drums, mut leaps) = ([0.0; 12], [0.0; 12], [0.0; 25]);
    for note in &phrase.notes {
        onsets[usize::from(note.at % phrase.grid.used)] += 4.0 / all;
        if note.role == Role::Drums {
            drums[usize::from(note.row)] += 2.0 / all;
        } else {
            classes[usize::from(note.row % 12)] += 2.0 / all;
        }
    }
    let melody: Vec<i32> =
        phrase.notes.iter().filter(|note| note.role == Role::Melody).map(|note| note.row.into()).collect();
    for pair in melody.windows(2) {
        leaps[((pair[1] - pair[0]).clamp(-12, 12) + 12) as usize] += 2.0 / melody.len() as f32;
    }
    numbers.extend(onsets);
    numbers.extend(classes);
    numbers.extend(leaps);
    numbers.extend(drums);
    let grid = phrase.grid;
    let flag = |is: bool| f32::from(u8::from(is));
    numbers.extend([
        f32::from(grid.used) / 16.0,
        flag(grid.compound),
        flag(grid.step > 6),
        flag(grid.joined == 2),
    ]);
    numbers
}
