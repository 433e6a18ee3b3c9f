//! Which style a piece is in, as the network hears it.

use cantus_model::encoding::Sliced;
use cantus_model::styles::Style;
use cantus_model::walk::{Conditions, Question, Setup, Walker};
use cantus_nn::math;

use crate::composer::Composer;
use crate::distribution::Distribution;

/// What it counts, in nats, that a part of the piece is not in the usual setting of a style, or the other way round.
const OTHER_PART: f64 = 15.0;
/// Slices that are listened to.
const HEARD: usize = 96;

impl Composer {
    /// The number of the style in which the beginning of a piece is likeliest, of those that have drums alone or not, as the piece does;
    /// nothing where the model knows none.
    pub fn style_of(&self, piece: &Sliced) -> Option<u32> {
        let is_beaten = piece.parts.iter().all(|part| part.drums);
        let usable = |index: &usize| {
            let parts = &self.styles()[*index].parts;
            !parts.is_empty() && parts.iter().all(|part| part.part.drums) == is_beaten
        };
        let cost = |index: usize| {
            let unlike = f64::from(unlike(piece, &self.styles()[index]));
            (index as u32, self.nats(piece, Some(index as u32), HEARD) + OTHER_PART * unlike)
        };
        let all = (0..self.styles().len()).filter(usable).map(cost);
        all.min_by(|one, other| one.1.total_cmp(&other.1)).map(|(index, _)| index)
    }

    /// What so many slices of the beginning of a piece cost in a style, in nats.
    pub(crate) fn nats(&self, piece: &Sliced, style: Option<u32>, slices: usize) -> f64 {
        let drummers = self.drummers.as_ref().and_then(|drummers| drummers.of_piece(piece, style));
        if let Some((drummers, style)) = drummers {
            return drummers.nats(piece, Some(style), slices);
        }
        let setup = Setup::of_piece(piece, Conditions { style, ..Conditions::default() });
        let mut walker = Walker::new(self.spec(), Setup { dynamics: false, ..setup });
        let mut reading = self.decoder().start();
        let (mut question, mut items, mut logits) = (Question::default(), Vec::new(), Vec::new());
        let (mut offered, mut nats) = (Distribution::default(), 0.0);
        while !walker.is_done() && walker.slices().len() <= slices {
            if walker.take_fresh() {
                walker.trunk_items(&mut items);
                self.decoder().read_slice(&items, &mut reading);
            }
            walker.ask(&mut question);
            self.decoder().logits(&question, &mut reading, &mut logits);
            offered.fill(&logits, question.allowed);
            let class = walker.answer_of(piece);
            nats -= f64::from(math::ln(offered.probability(class).max(1e-30)));
            walker.answer(class);
        }
        nats
    }
}

/// How many parts only one of a piece and the usual setting of a style has; parts are alike that have one program.
fn unlike(piece: &Sliced, style: &Style) -> u32 {
    let mut usual: Vec<(u8, bool)> =
        style.parts.iter().map(|part| (part.part.program, part.part.drums)).collect();
    let mut others = 0;
    for part in &piece.parts {
        match usual.iter().position(|usual| *usual == (part.program, part.drums)) {
            Some(index) => {
                usual.swap_remove(index);
            }
            None => others += 1,
        }
    }
    others + usual.len() as u32
}
