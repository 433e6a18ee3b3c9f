//! Writes pieces slice by slice, with the network of all styles.

use cantus_model::controls::Controls;
use cantus_model::critic::{Critic, Heard};
use cantus_model::encoding::{Sliced, Steps};
use cantus_model::styles::Style;
use cantus_model::walk::{Kind, Walker};

use crate::aim::{Aim, NEAR};
use crate::composer::Composer;
use crate::draft::{Draft, Walkers, Writer};
use crate::error::ComposeError;
use crate::plan::Plan;
use crate::rules::Rules;
use crate::session::{Chance, Scribe, Worth};
use crate::trace::Trace;

/// Writes drafts by a plan.
pub(crate) struct Slicer<'a> {
    composer: &'a Composer,
    plan: &'a Plan,
    rules: &'a Rules,
    /// What bars are to be like, where something is asked of them.
    aim: Option<Aim<'a>>,
    /// Who tells takes apart where nothing is asked.
    critic: Option<&'a Critic>,
    writer: Writer<'a>,
    is_traced: bool,
}

impl<'a> Slicer<'a> {
    pub(crate) fn new(composer: &'a Composer, plan: &'a Plan, rules: &'a Rules, is_traced: bool) -> Self {
        let Style { controls, critic, .. } = &composer.styles()[plan.style as usize];
        Self {
            composer,
            plan,
            rules,
            aim: Aim::new(plan, controls),
            critic: critic.as_ref().filter(|_| plan.others.is_empty()),
            writer: Writer::new(composer.decoder(), rules, plan.strength),
            is_traced,
        }
    }

    fn walkers(&self, style: u32) -> Walkers<'a> {
        let dynamics = self.composer.decoder().answers(Kind::Velocity);
        let setup = self.plan.setup(style, dynamics);
        let plain = setup.clone().with_controls(Controls::default());
        let plain = self.plan.is_guided().then(|| Walker::new(self.composer.spec(), plain));
        (Walker::new(self.composer.spec(), setup), plain)
    }
}

impl<'a> Scribe for Slicer<'a> {
    type Draft = Draft<'a>;

    fn begin(&self) -> Draft<'a> {
        let others = self.plan.others.iter().map(|(style, share)| (self.walkers(*style), *share)).collect();
        let own = self.walkers(self.plan.style);
        Draft::new(own, others, self.composer.decoder(), self.rules, self.is_traced)
    }

    fn now(&self, draft: &Draft<'a>) -> Option<Steps> {
        (!draft.walker.is_done()).then(|| draft.walker.now())
    }

    fn write(
        &mut self,
        draft: &mut Draft<'a>,
        until: Option<Steps>,
        chance: Chance,
    ) -> Result<(), ComposeError> {
        self.writer.write(draft, until, chance)
    }

    fn take_end(&self, draft: &Draft<'a>) -> Option<Steps> {
        (self.aim.is_some() || self.critic.is_some()).then(|| Aim::bar_end(&draft.walker))
    }

    fn worth(&self, take: &Draft<'a>, end: Steps) -> Worth {
        match (self.aim, self.critic) {
            (None, Some(critic)) => Worth::Real(critic.nats(&Heard::draft(&take.walker), end)),
            (aim, _) => {
                let distance = aim.map_or(0.0, |aim| aim.distance(&take.walker, end));
                Worth::Apart { distance, is_near: distance < NEAR }
            }
        }
    }

    fn finished(&self, draft: Draft<'a>) -> (Sliced, Option<Trace>, f64) {
        (draft.walker.into_piece(), draft.trace, -draft.seam.unwrap_or(0.0))
    }
}
