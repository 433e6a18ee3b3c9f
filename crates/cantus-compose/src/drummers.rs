//! Networks of drums alone, beside a network of all styles.

use cantus_features::pulse::is_on_grid;
use cantus_model::encoding::Sliced;
use cantus_model::styles::Style;

use crate::composer::Composer;
use crate::plan::Plan;

/// A composer that knows some of the styles better: what is asked of these alone is asked of it.
#[derive(Debug)]
pub(crate) struct Drummers {
    composer: Box<Composer>,
    /// Its number of each style; nothing of those that it does not know.
    numbers: Vec<Option<u32>>,
}

impl Drummers {
    /// Puts its own styles in the place of those that have the same names.
    pub(crate) fn new(composer: Composer, styles: &mut [Style]) -> Self {
        let number = |name: &str| composer.styles().iter().position(|own| own.name == name);
        let numbers: Vec<Option<usize>> = styles.iter().map(|style| number(&style.name)).collect();
        for (style, number) in styles.iter_mut().zip(&numbers) {
            if let Some(number) = number {
                style.clone_from(&composer.styles()[*number]);
            }
        }
        let numbers = numbers.into_iter().map(|number| number.map(|number| number as u32)).collect();
        Self { composer: Box::new(composer), numbers }
    }

    /// It, and its number of a style that it knows.
    pub(crate) fn of_style(&self, style: Option<u32>) -> Option<(&Composer, u32)> {
        let number = self.numbers.get(style? as usize).copied().flatten()?;
        Some((&self.composer, number))
    }

    /// Like [`Drummers::of_style`], where it can go on with a piece. It has learnt drums on their beats only: what was played freely, and what
    /// has other parts, stays with the network that has heard such.
    pub(crate) fn of_piece(&self, piece: &Sliced, style: Option<u32>) -> Option<(&Composer, u32)> {
        let is_known = || piece.parts.iter().all(|part| part.drums) && is_on_grid(&piece.to_score());
        self.of_style(style).filter(|_| is_known())
    }

    /// It, where it knows all styles of a plan.
    pub(crate) fn of_plan(&self, plan: &Plan) -> Option<&Composer> {
        let mut styles = std::iter::once(plan.style).chain(plan.others.iter().map(|(style, _)| *style));
        styles.all(|style| self.of_style(Some(style)).is_some()).then_some(&*self.composer)
    }
}
