//! A model made ready to play phrases.

use cantus_nn::{Parameters, Path, Rng, Tape};

use super::batch::Question;
use super::condition::Condition;
use super::generator::Generator;
use super::habits::{Densities, Habits, join};
use super::listener::Listener;
use super::made;
use super::model::Model;
use super::phrase::Phrase;
use super::recall;
use super::roles::Role;
use crate::styles::Style;

/// A generator that answers any number of questions, with the same bits on every machine and any number of threads.
#[derive(Debug)]
pub struct Player {
    generator: Generator,
    listener: Listener,
    params: Parameters,
    tape: Tape,
    /// The styles that can be asked for.
    pub styles: Vec<Style>,
    habits: Vec<Habits>,
    /// The digest of the model's file.
    pub digest: String,
}

impl Player {
    /// Takes over a model, to play with so many threads.
    pub fn new(model: Model, threads: usize) -> Self {
        Self::on(Path::best(), model, threads)
    }

    /// Like [`Player::new`], with given instructions of the processor.
    pub fn on(path: Path, model: Model, threads: usize) -> Self {
        let Model { generator, listener, params, styles, habits, digest, .. } = model;
        Self { generator, listener, params, tape: Tape::on(path, threads), styles, habits, digest }
    }

    /// Noise for one phrase: the same noise plays alike, noise that is near plays alike nearly.
    pub fn noise(rng: &mut Rng) -> Vec<f32> {
        made::noise(rng)
    }

    /// How busy the bars of a phrase of a style are by habit, drawn by chance.
    pub fn usual_density(&self, style: usize, rng: &mut Rng) -> Densities {
        self.habits.get(style).map_or(Densities::default(), |habits| habits.density(rng))
    }

    /// Plays a phrase for each question, to noise of its own. What is given and the bar before are read from the phrase that
    /// comes with the question, and stay as they are.
    pub fn play(&mut self, asked: &[(Condition, Phrase)], noises: &[Vec<f32>]) -> Vec<Phrase> {
        let questions: Vec<Question> = asked.iter().map(|(condition, phrase)| (condition, phrase)).collect();
        let network = (&self.generator, &self.params);
        let mut phrases = made::answer(&mut self.tape, network, self.styles.len(), &questions, noises);
        for ((phrase, (condition, _)), noise) in phrases.iter_mut().zip(asked).zip(noises) {
            // The same noise joins the same notes.
            let seed = noise.first().map_or(0, |first| first.to_bits());
            join(phrase, |role| self.joined(condition, role), &mut Rng::new(u64::from(seed)));
        }
        phrases
    }

    /// The share of notes struck again that is joined in a track: none where it is given, of mixed styles their mean by their shares.
    fn joined(&self, condition: &Condition, role: Role) -> f32 {
        if condition.given[role.index()] {
            return 0.0;
        }
        let shares = self.habits.iter().enumerate();
        shares.map(|(style, habits)| condition.share(style) * habits.joined(role)).sum()
    }

    /// Noise to which each phrase, with what is asked of it, is played as nearly as can be: what is given and the bar before are
    /// as in [`Player::play`].
    pub fn recalled(&mut self, asked: &[(Condition, Phrase)], rng: &mut Rng) -> Vec<Vec<f32>> {
        let mut noises = Vec::with_capacity(asked.len());
        for asked in asked.chunks(made::SIDE_BY_SIDE) {
            let questions: Vec<Question> =
                asked.iter().map(|(condition, phrase)| (condition, phrase)).collect();
            let begin = asked.iter().flat_map(|_| made::noise(rng)).collect();
            let network = (&self.generator, &self.params);
            let noise = recall::noise(&mut self.tape, network, self.styles.len(), &questions, begin);
            noises.extend(noise.chunks_exact(noise.len() / asked.len().max(1)).map(<[f32]>::to_vec));
        }
        noises
    }

    /// How well each phrase fits the style that was asked for: twice how sure the listener is of it, from 0 to 2, less what is unusual in the style,
    /// in nats.
    pub fn fits(&mut self, asked: &[(Condition, Phrase)], played: &[Phrase]) -> Vec<f32> {
        let heard = self.heard(asked, played);
        let usual = |condition: &Condition, phrase: &Phrase| -> f32 {
            let shares =
                self.habits.iter().enumerate().map(|(style, habits)| (condition.share(style), habits));
            shares
                .filter(|(share, _)| *share > 0.0)
                .map(|(share, habits)| share * habits.how_usual(phrase))
                .sum()
        };
        let all = asked.iter().zip(played).zip(heard);
        all.map(|(((condition, _), phrase), heard)| 2.0 * heard + usual(condition, phrase)).collect()
    }

    /// How sure the listener is that each phrase has the style that was asked for: probabilities, of mixed styles their mean by their
    /// shares.
    pub fn heard(&mut self, asked: &[(Condition, Phrase)], played: &[Phrase]) -> Vec<f32> {
        let questions: Vec<Question> =
            asked.iter().zip(played).map(|((condition, _), phrase)| (condition, phrase)).collect();
        let styles = self.styles.len();
        let heard = self.listener.styles_of(&mut self.tape, &self.params, &questions);
        let own = |(row, (condition, _)): (&[f32], &(Condition, Phrase))| {
            row.iter().enumerate().map(|(style, heard)| condition.share(style) * heard).sum()
        };
        heard.chunks(styles.max(1)).zip(asked).map(own).collect()
    }
}
